"""Native kinds as Kubernetes types them: whether an object fits its Go type, and what it looks like after a round trip.

Karmada turns objects into typed structs before it interprets them or changes their images. A field of the wrong type
(a label that is a number) makes that fail; on the way back unknown fields are gone, empty ones left out, and fields
that are never left out appear. Both follow from the table in `core.native_types`.
Source: k8s.io/apimachinery/pkg/runtime/converter.go (fromUnstructured, toUnstructured).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Final, TypeAlias

from karmactl.core.model.manifest import JSONValue, as_list, as_mapping
from karmactl.core.native_types import NATIVE_TYPES
from karmactl.core.quantity import QuantityError, parse_quantity

__all__ = ["Optional", "Shape", "Struct", "drop_unknown", "expand", "find_misshapen", "normalize", "shape_of"]


class Leaf(Enum):
    """A scalar's type, by its name in the table."""

    STRING = "string"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    QUANTITY = "quantity"
    INT_OR_STRING = "intOrString"
    TIME = "time"
    BYTES = "bytes"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items all have one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping from free keys to values of one shape."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Optional:
    """A pointer: only null counts as empty."""

    target: Shape


@dataclass(frozen=True, slots=True)
class Struct:
    """A type with fields, by its name in the table: a kind or what lies in one. Looked up late, as types may nest."""

    name: str


Shape: TypeAlias = "Leaf | ListOf | MapOf | Optional | Struct"


@dataclass(frozen=True, slots=True)
class _Field:
    shape: Shape
    omits_empty: bool
    omits_zero: bool


_LEAVES: Final = {leaf.value: leaf for leaf in Leaf}
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", re.ASCII)


@cache
def shape_of(expression: str) -> Shape:
    """The shape that an expression of the table says, such as `[]Container` or `*int`."""
    if expression.startswith("*"):
        return Optional(shape_of(expression[1:]))
    if expression.startswith("[]"):
        return ListOf(shape_of(expression[2:]))
    if expression.startswith("map["):
        return MapOf(shape_of(expression[4:-1]))
    return _LEAVES.get(expression) or Struct(expression)


@cache
def _fields_of(name: str) -> Mapping[str, _Field]:
    return {
        key.rstrip("?!"): _Field(shape_of(expression), "?" in key, "!" in key)
        for key, expression in NATIVE_TYPES[name].items()
    }


def find_misshapen(value: JSONValue, shape: Shape, path: str = "") -> str | None:
    """A sentence about the first field of another type than the shape asks for, None where all fit.

    Null fits everywhere (it becomes the zero value), a whole float fits an integer, and unknown fields are not looked
    at.
    """
    if value is None:
        return None
    match shape:
        case Leaf():
            return None if _is_leaf(value, shape) else f"{path or '/'} is {_type_name(value)}, not {shape.value}"
        case Optional(target):
            return find_misshapen(value, target, path)
        case ListOf(item):
            if not isinstance(value, list):
                return f"{path or '/'} is {_type_name(value)}, not a list"
            children = [(str(index), entry, item) for index, entry in enumerate(value)]
        case MapOf(inner):
            if not isinstance(value, dict):
                return f"{path or '/'} is {_type_name(value)}, not a mapping"
            children = [(key, entry, inner) for key, entry in value.items()]
        case Struct(name):
            if not isinstance(value, dict):
                return f"{path or '/'} is {_type_name(value)}, not a mapping"
            fields = _fields_of(name)
            children = [(key, entry, fields[key].shape) for key, entry in value.items() if key in fields]
    for key, entry, child in children:
        if fault := find_misshapen(entry, child, f"{path}/{key}"):
            return fault
    return None


def normalize(value: JSONValue, shape: Shape) -> JSONValue:
    """The value after a round trip through its Go type; it must fit the shape."""
    return _compact(expand(value, shape), shape)


def drop_unknown(value: JSONValue, shape: Shape) -> JSONValue:
    """The value without fields that its type does not know; all else stays, empty values too."""
    match shape:
        case Optional(target):
            return drop_unknown(value, target)
        case ListOf(item) if isinstance(value, list):
            return [drop_unknown(entry, item) for entry in value]
        case MapOf(inner) if isinstance(value, dict):
            return {key: drop_unknown(entry, inner) for key, entry in value.items()}
        case Struct(name) if isinstance(value, dict):
            fields = _fields_of(name)
            return {key: drop_unknown(entry, fields[key].shape) for key, entry in value.items() if key in fields}
        case _:
            return value


def expand(value: JSONValue, shape: Shape) -> JSONValue:
    """The value as its Go type holds it: every field is there, unknown ones are not; it must fit the shape.

    Null is nil. Two values are equal to Go's reflect.DeepEqual when their expanded forms are equal.
    """
    match shape:
        case Leaf():
            return _expand_leaf(value, shape)
        case Optional(target):
            return None if value is None else expand(value, target)
        case ListOf(item):
            return [expand(entry, item) for entry in value] if isinstance(value, list) else None
        case MapOf(inner):
            if not isinstance(value, dict):
                return None
            return {key: expand(entry, inner) for key, entry in value.items()}
        case Struct(name):
            fields = value if isinstance(value, dict) else {}
            return {key: expand(fields.get(key), field.shape) for key, field in _fields_of(name).items()}


def _compact(value: JSONValue, shape: Shape) -> JSONValue:
    """An expanded value without what its type leaves out."""
    if value is None:
        return None
    match shape:
        case Leaf():
            return value
        case Optional(target):
            return _compact(value, target)
        case ListOf(item):
            return [_compact(entry, item) for entry in as_list(value)]
        case MapOf(inner):
            return {key: _compact(entry, inner) for key, entry in as_mapping(value).items()}
        case Struct(name):
            fields, entries = _fields_of(name), as_mapping(value)
            return {
                key: _compact(entry, fields[key].shape)
                for key, entry in entries.items()
                if not _is_left_out(entry, fields[key])
            }


def _is_left_out(entry: JSONValue, field: _Field) -> bool:
    return (field.omits_empty and _is_empty(entry, field.shape)) or (
        field.omits_zero and entry == expand(None, field.shape)
    )


def _is_empty(entry: JSONValue, shape: Shape) -> bool:
    """Empty to Go's `omitempty`, to which a struct never is, and a pointer only when it is nil."""
    if isinstance(shape, Optional):
        return entry is None
    # Free JSON may be anything but absent; times, quantities and integer-or-text are structs in Go.
    if shape is Leaf.ANY:
        return entry is None
    if isinstance(shape, Struct) or shape in (Leaf.TIME, Leaf.QUANTITY, Leaf.INT_OR_STRING):
        return False
    return not entry


def _expand_leaf(value: JSONValue, leaf: Leaf) -> JSONValue:
    match leaf:
        case Leaf.ANY:
            return value
        case Leaf.STRING | Leaf.BYTES:
            return "" if value is None else value
        case Leaf.INT:
            return int(value) if isinstance(value, int | float) else 0
        case Leaf.FLOAT:
            return value or 0
        case Leaf.BOOL:
            return value or False
        case Leaf.INT_OR_STRING:
            return 0 if value is None else value
        case Leaf.QUANTITY:
            return "0" if value is None else str(parse_quantity(str(value)))
        case Leaf.TIME:
            return _normalize_time(value) if isinstance(value, str) and value else None


def _normalize_time(text: str) -> str:
    """RFC 3339 in UTC, to the second."""
    moment = datetime.fromisoformat(text.upper().replace(",", ".")).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_leaf(value: JSONValue, leaf: Leaf) -> bool:
    match leaf:
        case Leaf.ANY:
            return True
        case Leaf.STRING:
            return isinstance(value, str)
        case Leaf.BOOL:
            return isinstance(value, bool)
        case Leaf.INT:
            return _is_int(value) or (isinstance(value, float) and value.is_integer())
        case Leaf.FLOAT:
            return _is_int(value) or isinstance(value, float)
        case Leaf.INT_OR_STRING:
            return isinstance(value, str) or _is_int(value)
        case Leaf.QUANTITY:
            return _is_quantity(value)
        case Leaf.TIME:
            return isinstance(value, str) and (not value or _TIME.fullmatch(value) is not None)
        case Leaf.BYTES:
            return isinstance(value, str) and _BASE64.fullmatch(value.replace("\n", "").replace("\r", "")) is not None


def _is_int(value: JSONValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_quantity(value: JSONValue) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    try:
        parse_quantity(str(value).strip())
    except QuantityError:
        return False
    return True


def _type_name(value: JSONValue) -> str:
    match value:
        case bool():
            return "a boolean"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "a mapping"
