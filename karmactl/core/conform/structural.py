"""Structural schemas of CRDs, made ready for walking: the types and limits that custom resources have.

As an API server does, in this order: nulls are dropped, unknown fields refused (what `--validate=strict` makes of
pruning), defaults filled in, then values checked. Not looked at: CEL rules (`x-kubernetes-validations`), formats but
those of numbers and addresses, and patterns that Python reads differently or cannot run in bounded time; where such a
check decides whether an alternative holds, it counts as maybe.
Source: k8s.io/apiextensions-apiserver pkg/apiserver/schema (pruning, defaulting, listtype, validation).
"""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from karmactl.core.conform.faults import Report, Trail, describe
from karmactl.core.conform.nodes import nearest
from karmactl.core.conform.texts import CHECKS
from karmactl.core.model.manifest import JSONValue, as_list, as_mapping, as_str

__all__ = ["check_custom"]

Schema = Mapping[str, JSONValue]

_NO_SCHEMA: Final[Schema] = {}
# What every object has at its root, and embedded resources too.
_HEAD: Final = frozenset({"apiVersion", "kind", "metadata"})
_WORDS: Final[Mapping[str, str]] = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
}
# Longer texts are not matched: Python, unlike Go, may take quadratic time.
_LONGEST_MATCHED: Final = 4096
_JUNCTORS: Final = ("allOf", "anyOf", "oneOf", "not")


class _Checked(Report):
    """Faults, and whether some check was left out: then no fault does not mean that all is right."""

    __slots__ = ("is_unsure",)

    def __init__(self) -> None:
        super().__init__()
        self.is_unsure = False


def check_custom(manifest: Mapping[str, JSONValue], schema: Schema, *, has_status: bool, report: Report) -> None:
    """A custom resource against the schema of its version; `has_status`: a status is dropped, so it is not looked at.

    Its metadata is left to those who look at that of every kind.
    """
    body = {key: value for key, value in manifest.items() if key not in _HEAD and not (has_status and key == "status")}
    checked = _Checked()
    _check_unknown(body, schema, None, checked)
    body = as_mapping(_with_defaults(body, schema))
    # At the root the fields of every object count as there.
    _check_value(
        {**dict.fromkeys(_HEAD - {"metadata"}, ""), "metadata": {}, **body}, _without_head(schema), None, checked
    )
    report.faults += checked.faults


def _without_head(schema: Schema) -> Schema:
    properties = {key: value for key, value in as_mapping(schema.get("properties")).items() if key not in _HEAD}
    return {**schema, "properties": properties}


def _check_unknown(value: JSONValue, schema: Schema, trail: Trail, report: Report, *, is_kept: bool = False) -> None:
    """Fields that pruning would take away, at any depth; `is_kept`: an item of a list that keeps what it has."""
    is_kept = is_kept or schema.get("x-kubernetes-preserve-unknown-fields") is True
    if isinstance(value, list):
        items = as_mapping(schema.get("items"))
        for index, item in enumerate(value):
            _check_unknown(item, items, (trail, index), report, is_kept=is_kept)
        return
    if not isinstance(value, dict):
        return
    properties, others = as_mapping(schema.get("properties")), schema.get("additionalProperties")
    is_open = is_kept or others is True
    is_resource = schema.get("x-kubernetes-embedded-resource") is True
    for key, item in value.items():
        inner = properties.get(key)
        if isinstance(inner, dict):
            _check_unknown(item, inner, (trail, key), report)
        elif isinstance(others, dict):
            _check_unknown(item, others, (trail, key), report)
        elif not is_open and not (is_resource and key in _HEAD):
            near = nearest(key, properties)
            report.add("unknown-field", (trail, key), "is no field", f"did you mean {near!r}?" if near else "")


def _with_defaults(value: JSONValue, schema: Schema) -> JSONValue:
    """The value as a server stores it: without nulls that may not be, with defaults."""
    if isinstance(value, list):
        items = as_mapping(schema.get("items"))
        return [_with_defaults(item, items) for item in value]
    if not isinstance(value, dict):
        return value
    properties, others = as_mapping(schema.get("properties")), as_mapping(schema.get("additionalProperties"))
    filled: dict[str, JSONValue] = {}
    inner: JSONValue
    for key, item in value.items():
        inner = as_mapping(properties.get(key)) or others
        if item is None and inner and inner.get("nullable") is not True:
            continue
        filled[key] = _with_defaults(item, inner)
    for key, inner in properties.items():
        if key not in filled and as_mapping(inner).get("default") is not None:
            filled[key] = _with_defaults(copy.deepcopy(as_mapping(inner)["default"]), as_mapping(inner))
    return filled


def _check_value(value: JSONValue, schema: Schema, trail: Trail, report: _Checked) -> None:
    if value is None:
        # Nulls that remain are in lists, in free parts, or nullable.
        return
    count = len(report.faults)
    _check_type(value, schema, trail, report)
    if len(report.faults) != count:
        return
    _check_enum(value, schema, trail, report)
    if isinstance(value, str):
        _check_text(value, schema, trail, report)
    elif isinstance(value, list):
        _check_list(value, schema, trail, report)
    elif isinstance(value, dict):
        _check_mapping(value, schema, trail, report)
    elif not isinstance(value, bool):
        _check_number(value, schema, trail, report)
    for junctor in _JUNCTORS:
        if junctor in schema:
            _JUNCTOR_CHECKS[junctor](value, schema[junctor], trail, report)


def _check_type(value: JSONValue, schema: Schema, trail: Trail, report: Report) -> None:
    if schema.get("x-kubernetes-int-or-string") is True:
        if not isinstance(value, str) and not _is_type(value, "integer"):
            report.wrong_type(trail, "an integer or a text", value)
        return
    kind = as_str(schema.get("type"))
    if kind in _WORDS and not _is_type(value, kind):
        report.wrong_type(trail, _WORDS[kind], value)


def _is_type(value: JSONValue, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return type(value) is int or (type(value) is float and value.is_integer())
        case _:
            return type(value) in (int, float)


def _check_enum(value: JSONValue, schema: Schema, trail: Trail, report: Report) -> None:
    choices = schema.get("enum")
    if not isinstance(choices, list) or any(_is_equal(value, choice) for choice in choices):
        return
    listed = ", ".join(str(choice) for choice in choices[:12]) + (", ..." if len(choices) > 12 else "")
    report.invalid(trail, f"must be one of {listed}, not {describe(value)}")


def _is_equal(one: JSONValue, other: JSONValue) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _check_text(value: str, schema: Schema, trail: Trail, report: _Checked) -> None:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(value) < least:
        report.invalid(trail, f"must be at least {least} characters")
    if isinstance(most, int) and len(value) > most:
        report.invalid(trail, f"must be at most {most} characters")
    text = as_str(schema.get("pattern"))
    if text:
        pattern = _pattern(text) if len(value) <= _LONGEST_MATCHED else None
        if pattern is None:
            report.is_unsure = True
        elif not pattern.search(value):
            report.invalid(trail, f"must match {text}")
    format_name = as_str(schema.get("format"))
    if format_name in ("ipv4", "ipv6"):
        is_address = not CHECKS["address"](value) and (":" in value) == (format_name == "ipv6")
        if value and not is_address:
            report.invalid(trail, f"must be an address ({format_name})")
    elif format_name:
        report.is_unsure = True


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str] | None:
    """The pattern as Go reads it; None where Python would read it differently, or might take too long."""
    if "[[:" in text or "\\p" in text or "\\z" in text.lower() or _has_nested_repetition(text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(text, re.ASCII)
    except (re.error, FutureWarning, OverflowError):
        return None


_TOKEN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]|[*+]|\{\d*,\}|[^\\()*+{]|\{", re.DOTALL)
# Nothing that begins with one of these can be read in two ways, as long as the rest of the group has none of them.
_SEPARATORS: Final = frozenset({"\\.", ",", "/", "-", ":", ";", "_", "@", " "})


def _has_nested_repetition(text: str) -> bool:
    """Whether a group that is repeated without end holds a repetition without end: exponential time for Python.

    A group whose items begin with a separator is none: each item can be found in one way alone.
    """
    groups: list[tuple[int, bool]] = []
    tokens = list(_TOKEN.finditer(text))
    for index, token in enumerate(tokens):
        is_repetition = token.group() in ("*", "+") or token.group().endswith(",}")
        if token.group() == "(":
            groups.append((token.end(), False))
        elif token.group() == ")" and groups:
            begin, is_repeating = groups.pop()
            is_repeated = index + 1 < len(tokens) and tokens[index + 1].group()[0] in "*+{"
            if is_repeated and is_repeating and not _is_separated(text[begin : token.start()]):
                return True
            if groups and (is_repeating or is_repeated):
                groups[-1] = (groups[-1][0], True)
        elif is_repetition and groups:
            groups[-1] = (groups[-1][0], True)
    return False


def _is_separated(group: str) -> bool:
    group = group.removeprefix("?:")
    separator = next((mark for mark in _SEPARATORS if group.startswith(mark)), "")
    rest = group[len(separator) :]
    return bool(separator) and separator[-1] not in rest and "[^" not in rest and "." not in rest and "\\" not in rest


def _check_number(value: float | int, schema: Schema, trail: Trail, report: Report) -> None:
    least, most, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf")
    if isinstance(least, int | float):
        is_open = schema.get("exclusiveMinimum") is True
        if value < least or (is_open and value == least):
            report.invalid(trail, f"must be {'more than ' if is_open else ''}{least}{'' if is_open else ' or more'}")
    if isinstance(most, int | float):
        is_open = schema.get("exclusiveMaximum") is True
        if value > most or (is_open and value == most):
            report.invalid(trail, f"must be {'less than' if is_open else 'at most'} {most}")
    if isinstance(step, int) and isinstance(value, int) and step > 0 and value % step:
        report.invalid(trail, f"must be a multiple of {step}")
    if schema.get("format") == "int32" and not -(2**31) <= value < 2**31:
        report.invalid(trail, "must be an integer of 32 bits")


def _check_list(value: list[JSONValue], schema: Schema, trail: Trail, report: _Checked) -> None:
    _check_count(len(value), schema, "Items", "items", trail, report)
    items = as_mapping(schema.get("items"))
    for index, item in enumerate(value):
        _check_value(item, items, (trail, index), report)
    kind = schema.get("x-kubernetes-list-type")
    if kind not in ("set", "map"):
        return
    keys = [as_str(key) for key in as_list(schema.get("x-kubernetes-list-map-keys"))]
    seen: list[JSONValue] = []
    for index, item in enumerate(value):
        identity = item if kind == "set" else [as_mapping(item).get(key) for key in keys]
        if identity in seen:
            report.add("duplicate-item", (trail, index), "is there twice")
        seen.append(identity)


def _check_mapping(value: dict[str, JSONValue], schema: Schema, trail: Trail, report: _Checked) -> None:
    _check_count(len(value), schema, "Properties", "fields", trail, report)
    for key in as_list(schema.get("required")):
        if isinstance(key, str) and key not in value:
            report.missing((trail, key))
    properties, others = as_mapping(schema.get("properties")), as_mapping(schema.get("additionalProperties"))
    for key, item in value.items():
        inner = as_mapping(properties.get(key)) or others
        if inner:
            _check_value(item, inner, (trail, key), report)


def _check_count(count: int, schema: Schema, suffix: str, what: str, trail: Trail, report: Report) -> None:
    least, most = schema.get("min" + suffix), schema.get("max" + suffix)
    if isinstance(least, int) and count < least:
        report.invalid(trail, f"must have at least {least} {what}")
    if isinstance(most, int) and count > most:
        report.invalid(trail, f"must have at most {most} {what}")


def _alone(value: JSONValue, schema: JSONValue, trail: Trail) -> _Checked:
    checked = _Checked()
    _check_value(value, as_mapping(schema), trail, checked)
    return checked


def _check_all(value: JSONValue, schemas: JSONValue, trail: Trail, report: _Checked) -> None:
    for schema in as_list(schemas):
        _check_value(value, as_mapping(schema), trail, report)


def _check_any(value: JSONValue, schemas: JSONValue, trail: Trail, report: _Checked) -> None:
    results = [_alone(value, schema, trail) for schema in as_list(schemas)]
    report.is_unsure |= any(result.is_unsure for result in results)
    if results and all(result.faults for result in results):
        report.invalid(trail, "must fit one of the alternatives of its schema (anyOf)")


def _check_one(value: JSONValue, schemas: JSONValue, trail: Trail, report: _Checked) -> None:
    results = [_alone(value, schema, trail) for schema in as_list(schemas)]
    fitting = [result for result in results if not result.faults]
    sure = [result for result in fitting if not result.is_unsure]
    report.is_unsure |= len(sure) != len(fitting)
    if results and (not fitting or len(sure) > 1):
        report.invalid(trail, f"must fit exactly one of the alternatives of its schema (oneOf), not {len(sure)}")


def _check_not(value: JSONValue, schema: JSONValue, trail: Trail, report: _Checked) -> None:
    result = _alone(value, schema, trail)
    report.is_unsure |= result.is_unsure
    if not result.faults and not result.is_unsure:
        report.invalid(trail, "must not fit what its schema forbids (not)")


_JUNCTOR_CHECKS: Final[Mapping[str, Callable[[JSONValue, JSONValue, Trail, _Checked], None]]] = {
    "allOf": _check_all,
    "anyOf": _check_any,
    "oneOf": _check_one,
    "not": _check_not,
}
