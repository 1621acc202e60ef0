"""JSON patch in Karmada's dialect: what applies, what it leaves alone, and what it refuses."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karmactl.core.model.manifest import JSONValue
from karmactl.core.patch import Change, PatchOperation, apply_patch, format_pointer, parse_pointer
from karmactl.errors import PolicyError


def _apply(document: JSONValue, *operations: tuple[str, str, JSONValue]) -> JSONValue:
    return apply_patch(document, [PatchOperation(operator=o, path=p, value=v) for o, p, v in operations]).document


@pytest.mark.parametrize(
    ("operator", "path", "value", "after"),
    [
        ("add", "/list/0", 9, [9, 1, 2]),
        ("add", "/list/-", 9, [1, 2, 9]),
        ("add", "/list/2", 9, [1, 2, 9]),
        ("add", "/list/-1", 9, [1, 2, 9]),
        ("add", "/list/-2", 9, [1, 9, 2]),
        ("add", "/list/01", 9, [1, 9, 2]),
        ("replace", "/list/-1", 9, [1, 9]),
        ("replace", "/list/+1", 9, [1, 9]),
        ("remove", "/list/-2", None, [2]),
    ],
)
def test_list_indexes(operator: str, path: str, value: JSONValue, after: JSONValue) -> None:
    assert _apply({"list": [1, 2]}, (operator, path, value)) == {"list": after}


@pytest.mark.parametrize(
    ("operator", "path"),
    [
        ("add", "/list/3"),
        ("add", "/list/-4"),
        ("add", "/list/x"),
        ("add", "/list/1_0"),
        ("replace", "/list/2"),
        ("replace", "/list/-"),
        ("remove", "/list/-3"),
        ("remove", "/list/ 0"),
    ],
)
def test_index_outside(operator: str, path: str) -> None:
    with pytest.raises(PolicyError) as refused:
        _apply({"list": [1, 2]}, (operator, path, 0))
    assert refused.value.code == "patch-index-invalid"
    assert path in refused.value.message


@pytest.mark.parametrize(
    ("operator", "path"),
    [
        ("add", "/absent/key"),
        ("replace", "/absent"),
        ("remove", "/absent"),
        ("remove", ""),
        ("add", "/null/key"),
        ("add", "/text/key"),
        ("replace", "map"),
        ("add", "/map//key"),
    ],
)
def test_missing_path(operator: str, path: str) -> None:
    with pytest.raises(PolicyError) as refused:
        _apply({"map": {}, "null": None, "text": "t"}, (operator, path, 0))
    assert refused.value.code == "patch-path-missing"


def test_quirks_of_paths() -> None:
    assert _apply({}, ("add", "ignored/key", 1)) == {"key": 1}
    assert _apply({"m": {}}, ("add", "/m/", 1)) == {"m": {"": 1}}
    assert _apply({"m": {}}, ("replace", "/m/", 1)) == {"m": {"": 1}}
    assert _apply({"m": {}}, ("add", "/m/a~1b~0c~01", 1)) == {"m": {"a/b~c~1": 1}}
    assert _apply({"m": {}}, ("add", "//m/x", 1)) == {"m": {}}
    assert _apply({"m": {}}, ("add", "", {"n": 1}), ("add", "/o", 2)) == {"n": 1, "o": 2}


def test_unknown_operator() -> None:
    with pytest.raises(PolicyError) as refused:
        _apply({}, ("move", "/a", None))
    assert refused.value.code == "patch-operator-unsupported"


def test_changes_name_real_places() -> None:
    operations = [
        PatchOperation(operator="add", path="/list/-", value=3),
        PatchOperation(operator="replace", path="x/list/-1", value=4),
        PatchOperation(operator="remove", path="/m/a~1b"),
    ]
    patched = apply_patch({"list": [1, 2], "m": {"a/b": 5}}, operations)
    assert patched.document == {"list": [1, 2, 4], "m": {}}
    assert patched.changes == (
        Change(path="/list/2", before=None, after=3),
        Change(path="/list/2", before=3, after=4),
        Change(path="/m/a~1b", before=5, after=None),
    )


def test_input_and_values_stay_as_they_were() -> None:
    document: JSONValue = {"a": {"b": [1]}, "shared": {"c": 1}}
    value: JSONValue = {"d": [1]}
    before, value_before = copy.deepcopy(document), copy.deepcopy(value)
    operations = [
        PatchOperation(operator="add", path="/new", value=value),
        PatchOperation(operator="add", path="/new/d/0", value=0),
        PatchOperation(operator="replace", path="/a/b/0", value=7),
    ]
    patched = apply_patch(document, operations).document
    assert patched == {"a": {"b": [7]}, "shared": {"c": 1}, "new": {"d": [0, 1]}}
    assert (document, value) == (before, value_before)
    assert isinstance(patched, dict) and isinstance(document, dict)
    assert patched["shared"] is document["shared"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab/~", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=3),
    max_leaves=8,
)
_OPERATIONS = st.builds(
    PatchOperation,
    operator=st.sampled_from(["add", "remove", "replace"]),
    path=st.lists(st.sampled_from(["a", "b", "", "0", "1", "-1", "-", "~1", "~0"]), max_size=3).map(
        lambda segments: "".join("/" + segment for segment in segments)
    ),
    value=_JSON,
)


@given(st.dictionaries(st.text("ab/~", max_size=2), _JSON, max_size=3), st.lists(_OPERATIONS, max_size=4))
def test_never_touches_its_input(document: dict[str, JSONValue], operations: list[PatchOperation]) -> None:
    before = copy.deepcopy((document, operations))
    try:
        first = apply_patch(document, operations).document
    except PolicyError:
        first = None
    assert (document, operations) == before
    if first is not None:
        assert apply_patch(document, operations).document == first


@given(st.lists(st.text("ab/~01", max_size=4)))
def test_pointer_round_trip(segments: list[str]) -> None:
    assert list(parse_pointer(format_pointer(segments))) == segments


def test_pointer_without_slash() -> None:
    with pytest.raises(PolicyError) as refused:
        parse_pointer("spec/replicas")
    assert refused.value.code == "pointer-malformed"
