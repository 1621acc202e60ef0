"""YAML text to data by kubectl's rules: a table of texts and what comes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from karmactl.files.yaml import MAX_DEPTH, YAMLFault, index_yaml, load_yaml

SCALARS = json.loads((Path(__file__).parent / "cases" / "scalars.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", SCALARS, ids=lambda case: case["text"])
def test_a_plain_scalar_is_read_as_kubectl_reads_it(case: dict[str, object]) -> None:
    text = case["text"]
    try:
        value: object = load_yaml(f"v: {text}\n")
    except YAMLFault as fault:
        assert case["value"] == {"refused": True}, fault
    else:
        assert json.dumps(value) == json.dumps({"v": case["value"]})


@pytest.mark.parametrize("case", [case for case in SCALARS if "key" in case], ids=lambda case: case["text"])
def test_a_plain_key_becomes_the_text_that_kubectl_makes_of_it(case: dict[str, object]) -> None:
    assert load_yaml(f"{case['text']}: x\n") == {case["key"]: "x"}


VALUES = [
    ("", None),
    ("# nothing\n", None),
    ("---\n", None),
    ("a: b\n", {"a": "b"}),
    ("a:\r\n- b\r\n", {"a": ["b"]}),
    ("- 1\n- [2, {a: 3}]\n", [1, [2, {"a": 3}]]),
    ("a: |\n  x\n   y\n", {"a": "x\n y\n"}),
    ("a: >-\n  x\n  y\n", {"a": "x y"}),
    ("a: 'on'\nb: \"1\"\n", {"a": "on", "b": "1"}),
    ("a: !!str 5\nb: !!int '7'\nc: !!float 5\nd: !x 9\ne: ! 5\n", {"a": "5", "b": 7, "c": 5, "d": "9", "e": "5"}),
    ("a: !!binary aGVsbG8=\n", {"a": "hello"}),
    ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
    ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
    # Go's merge overwrites what stands before it; YAML's own rule would keep it.
    ("a: &x {c: 2}\nd:\n  c: 3\n  <<: *x\n", {"a": {"c": 2}, "d": {"c": 2}}),
    (
        "a: &x {c: 2}\nb: &y {c: 4, e: 5}\nd: {<<: [*x, *y]}\n",
        {"a": {"c": 2}, "b": {"c": 4, "e": 5}, "d": {"c": 2, "e": 5}},
    ),
    ('"<<": x\n', {"<<": "x"}),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_values(text: str, value: object) -> None:
    assert load_yaml(text) == value


FAULTS = [
    ("a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3, 1),
    ("a: {x: 1, x: 2}\n", "yaml-duplicate-key", 1, 11),
    ("y: 1\n'true': 2\n", "yaml-duplicate-key", 2, 1),
    ("&k a: 1\n*k : 2\n", "yaml-duplicate-key", 2, 1),
    ("a: &x {c: 2}\nd:\n  <<: *x\n  e: 1\n  e: 2\n", "yaml-duplicate-key", 5, 3),
    ("a:\n\tb: 1\n", "yaml-tab", 2, 1),
    ("a: [\n", "yaml-syntax", 2, 1),
    ("a: b: c\n", "yaml-syntax", 1, 5),
    ("a: 'x\n", "yaml-syntax", 2, 1),
    ("a: \x01\n", "yaml-syntax", 1, 4),
    ("a: b\n c\n d: e\n", "yaml-syntax", 3, 3),
    ("%YAML 1.2\n", "yaml-syntax", 2, 1),
    ("a: 1\n...\nb: 2\n", "yaml-syntax", 3, 1),
    ("a: *b\n", "yaml-alias", 1, 4),
    ("a: &b [*b]\n", "yaml-alias", 1, 8),
    ("? [a]\n: b\n", "yaml-key", 1, 3),
    ("? \n: b\n", "yaml-key", 1, 2),
    ("~: b\n", "yaml-key", 1, 1),
    ("a: {<<: 3}\n", "yaml-key", 1, 9),
    ("a: 9223372036854775808\n", "number-too-large", 1, 4),
    ("a: -9223372036854775809\n", "number-too-large", 1, 4),
    ("a: .inf\n", "number-not-json", 1, 4),
    ("a: !!int x\n", "yaml-tag", 1, 4),
    ("a: !!binary '*'\n", "yaml-tag", 1, 4),
    ("a: " + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "\n", "yaml-too-deep", 1, 3 + MAX_DEPTH),
]


@pytest.mark.parametrize(
    ("text", "code", "line", "column"), FAULTS, ids=[f"{row[1]}-{n}" for n, row in enumerate(FAULTS)]
)
def test_faults_say_where(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(YAMLFault) as caught:
        load_yaml(text)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)


def test_aliases_that_explode_are_refused_without_being_expanded() -> None:
    lines = ["a0: &a0 [" + ",".join(["lol"] * 9) + "]"]
    lines += [f"a{n}: &a{n} [" + ",".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 12)]
    with pytest.raises(YAMLFault) as caught:
        load_yaml("\n".join(lines))
    assert caught.value.code == "yaml-aliases-explode"


def test_what_an_alias_stands_for_is_a_copy() -> None:
    value = load_yaml("a: &x {b: [1]}\nc: *x\n")
    assert isinstance(value, dict)
    assert value["a"] is not value["c"]
    assert value["a"]["b"] is not value["c"]["b"]  # type: ignore[index, call-overload]


def test_the_index_has_every_field_with_key_and_value() -> None:
    index = index_yaml("# x\na: 1\nb:\n- c/d: &x on\n  e~: *x\n- [2, 3]\n")
    assert index == {
        "": ((2, 1), (2, 1)),
        "/a": ((2, 1), (2, 4)),
        "/b": ((3, 1), (4, 1)),
        "/b/0": ((4, 3), (4, 3)),
        "/b/0/c~1d": ((4, 3), (4, 8)),
        "/b/0/e~0": ((5, 3), (5, 7)),
        "/b/1": ((6, 3), (6, 3)),
        "/b/1/0": ((6, 4), (6, 4)),
        "/b/1/1": ((6, 7), (6, 7)),
    }


def test_the_index_of_a_broken_text_has_what_could_be_read() -> None:
    assert index_yaml("a: 1\nb: [\n")["/a"] == ((1, 1), (1, 4))
