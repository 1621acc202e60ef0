"""YAML that is written reads back as the same data, here and in kubectl."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karmactl.core.model.manifest import JSONValue
from karmactl.files.dump import dump_documents, dump_yaml
from karmactl.files.scalars import narrow_float
from karmactl.files.yaml import load_yaml

WORDS = [
    case["text"] for case in json.loads((Path(__file__).parent / "cases/scalars.json").read_text(encoding="utf-8"))
]
TRICKY = [
    "", " ", " a", "a ", "a: b", "a:", ":a", "a #b", "#a", "- a", "-", "--- a", "---", "...", "? a", "[a", "{a", "a]",
    "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a'", '"a"', "a\nb", "a\nb\n", "a\nb\n\n", "\na", " a\nb", "\ta\nb",
    "a\n\tb", "a\n \nb", "a\n  b\n", "\n", "\n\n", "a\r\nb", "a\x00b", "a\x7fb", "a\x85b", "a\u2028b", "\ufeffa",
    "\U0001f600", "é", "a\tb", "\\", 'a"b', "a\\nb", "$(A)", "~", "~/x", "<<", "=", "=x", "<a>", "x" * 2000, "a,b",
    "a, b", "0x10", "1e3", "12:30", "1_0",
]  # fmt: skip
TEXTS = [*WORDS, *TRICKY]

texts = st.one_of(
    st.sampled_from(TEXTS),
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.text(alphabet=" \n\t-:#ab'\"?|>[]{},&*!%@", max_size=12),
)
numbers = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False).map(narrow_float)
)
values: st.SearchStrategy[JSONValue] = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_texts_come_back_as_values_and_as_keys(text: str) -> None:
    value: JSONValue = {"value": text, "list": [text, [text]], "map": {text: {text: text}}}
    assert load_yaml(dump_yaml(value)) == value


@settings(max_examples=400, deadline=None)
@given(values)
def test_what_is_written_comes_back(value: JSONValue) -> None:
    assert load_yaml(dump_yaml(value)) == value


def test_the_style_is_that_of_kubectl() -> None:
    value: JSONValue = {
        "b": [1, {"x": "y", "w": "on"}, [], ["n"]],
        "a": {"text": "two\nlines\n", "cut": "two\nlines", "empty": {}, "nothing": None, "float": 1.5},
    }
    assert dump_yaml(value) == (
        "a:\n  cut: |-\n    two\n    lines\n  empty: {}\n  float: 1.5\n  nothing: null\n  text: |\n    two\n    lines\n"
        'b:\n- 1\n- w: "on"\n  x: "y"\n- []\n- - "n"\n'
    )


def test_documents_are_separated() -> None:
    assert dump_documents([{"a": 1}, {"b": "x\n\n"}, 3]) == "a: 1\n---\nb: |+\n  x\n\n---\n3\n"


def test_numbers_without_a_form_in_json_are_refused() -> None:
    with pytest.raises(ValueError, match="no form in JSON"):
        dump_yaml({"a": float("nan")})


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on this machine: not compared with it")
def test_kubectl_reads_back_every_text() -> None:
    data: JSONValue = {f"k{number}": text for number, text in enumerate(TEXTS)}
    keys: JSONValue = dict.fromkeys(TEXTS, "x")
    manifest: JSONValue = {"apiVersion": "x/v1", "kind": "X", "metadata": {"name": "x"}, "data": data, "keys": keys}
    result = subprocess.run(
        ["kubectl", "annotate", "--local", "-f", "-", "-o", "json", "a=b"],
        input=dump_yaml(manifest).encode(),
        capture_output=True,
        check=True,
    )
    read = json.loads(result.stdout)
    assert read["data"] == data
    assert read["keys"] == keys
