"""Decoding JSON into built-in kinds the way Go does, and what of it comes back out.

`decode` takes what a client sent (or what a patch made) and gives the object as the server's own types would
encode it again: unknown fields gone and reported, values of wrong types refused in Go's words, quantities and times
in canonical form, zero values left out or put in as the fields' tags say.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any

from karmactl.embedded import quantity
from karmactl.embedded.schema.builtin import node_of
from karmactl.embedded.schema.node import Field, Node
from karmactl.embedded.values import Float, Object, go_quote, parse_time

_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
_ABSENT: Any = object()


class DecodeError(Exception):
    """A value does not fit its Go type; the message is Go's."""


@dataclass(slots=True)
class _Walk:
    unknown: list[str] = field(default_factory=list)


def decode(node: Node, value: Object) -> tuple[Object, list[str]]:
    """The object as it would be encoded again, and the paths of fields that the kind does not have.

    Raises DecodeError for the first value of a wrong type.
    """
    walk = _Walk()
    return _object(node, value, "", (), walk), walk.unknown


def settle(node: Node, value: Object) -> Object:
    """The object after a round through storage, which does not tell an empty list from none."""
    out: Object = {}
    for key, item in value.items():
        declared = (node.fields or {}).get(key)
        if declared is None or item is None:
            out[key] = item
        elif declared.node.kind in ("list", "map") and not item and not declared.pointer:
            if declared.omit == "":
                out[key] = None
        elif declared.node.kind == "object":
            out[key] = settle(declared.node, item)
        elif declared.node.kind == "list" and declared.node.items is not None and declared.node.items.kind == "object":
            out[key] = [settle(declared.node.items, i) for i in item]
        else:
            out[key] = item
    return out


def ordered(node: Node | None, value: Any) -> Any:
    """The value with the keys of each struct in the order in which Go encodes them, and those of maps sorted."""
    if isinstance(value, list):
        return [ordered(node.items if node is not None else None, item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = (node.fields if node is not None else None) or {}
    names = [*(k for k in fields if k in value), *sorted(k for k in value if k not in fields)]
    return {k: ordered(node.child(k) if node is not None else None, value[k]) for k in names}


def zero(node: Node) -> Object:
    """The encoding of an empty struct: only what its tags never leave out."""
    return _object(node, {}, "", (), _Walk())


def json_type(value: Any) -> str:
    """What Go's encoding/json calls the type of a value in its errors."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "number"


def _mismatch(value: Any, go: str, struct: str, names: tuple[str, ...], literal: bool = False) -> DecodeError:
    what = json_type(value)
    if literal:
        what = f"number {value.text if isinstance(value, Float) else value}"
    if not names:
        return DecodeError(f"json: cannot unmarshal {what} into Go value of type {go}")
    where = f"{struct}.{'.'.join(names)}"
    return DecodeError(f"json: cannot unmarshal {what} into Go struct field {where} of type {go}")


def _object(node: Node, value: Any, path: str, names: tuple[str, ...], walk: _Walk) -> Object:
    out: Object = {}
    fields = node.fields or {}
    for key, given in value.items():
        declared = fields.get(key)
        if declared is None:
            walk.unknown.append(f"{path}.{key}" if path else key)
            continue
        owner = declared.struct or node.name
        if given is None:
            continue
        decoded = _field(declared, given, owner, f"{path}.{key}" if path else key, (*names, key), walk)
        if not _is_left_out(declared, decoded):
            out[key] = decoded
    for key, declared in fields.items():
        if key not in out:
            filler = _filler(declared)
            if filler is not _ABSENT:
                out[key] = filler
    return out


def _is_left_out(declared: Field, value: Any) -> bool:
    """Whether Go's encoder (after a round through storage, which forgets empty lists) leaves the value out."""
    kind = declared.node.kind
    if declared.pointer:
        return False
    if kind in ("list", "map") and not value:
        return declared.omit != ""
    if kind == "object":
        return declared.omit == "zero" and not value
    return declared.omit != "" and (value in ("", 0) and kind in ("string", "integer", "number", "boolean"))


def _filler(declared: Field) -> Any:
    """What stands in the encoding for a field that is not set."""
    node, kind = declared.node, declared.node.kind
    if declared.omit == "zero":
        return _ABSENT
    if not declared.pointer:
        if kind == "object":
            return zero(node)
        if kind in ("time", "micro-time"):
            return None
        if kind == "int-or-string":
            return 0
        if kind == "quantity":
            return "0"
        if kind == "duration":
            return "0s"
        if kind == "raw" and not declared.go.startswith(("[]", "map[")):
            return None
    if declared.omit == "empty":
        return _ABSENT
    if declared.pointer or kind in ("list", "map", "raw", "any"):
        return None
    return {"string": "", "integer": 0, "number": 0, "boolean": False}.get(kind)


def _field(declared: Field, value: Any, struct: str, path: str, names: tuple[str, ...], walk: _Walk) -> Any:
    return _value(declared.node, value, declared.go.lstrip("*"), struct, path, names, walk)


def _qualified(node: Node) -> str:
    package = node.ref.rsplit(".", 2)[1] if node.ref.count(".") > 1 else "v1"
    return f"{package}.{node.name}"


def _value(node: Node, value: Any, go: str, struct: str, path: str, names: tuple[str, ...], walk: _Walk) -> Any:
    kind = node.kind
    if kind == "object":
        if not isinstance(value, dict):
            raise _mismatch(value, _qualified(node), struct, names)
        return _object(node, value, path, names, walk)
    if kind == "map":
        return _map(node, value, go, struct, path, names, walk)
    if kind == "list":
        return _list(node, value, go, struct, path, names, walk)
    if node.ref in _SCHEMA_OR:
        return _schema_or(_SCHEMA_OR[node.ref], value)
    if kind in ("raw", "any", "json"):
        return value
    return _SCALARS[kind](node, value, go, struct, names)


_SCHEMA = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
_SCHEMA_OR = {f"{_SCHEMA}Or{other}": other for other in ("Array", "Bool", "StringArray")}


def _schema_or(other: str, value: Any) -> Any:
    """A schema where something else may stand: it has a decoder of its own, which reports no unknown fields."""
    props = node_of(_SCHEMA)
    if isinstance(value, dict):
        return _object(props, value, "", (), _Walk())
    if other == "Bool":
        if not isinstance(value, bool):
            raise DecodeError("boolean or JSON schema expected")
        return value
    if not isinstance(value, list) or not value:
        return None
    items = props if other == "Array" else Node(kind="string", go="string")
    return _list(Node(kind="list", items=items), value, "[]v1.JSONSchemaProps", "", "", (), _Walk())


def _element_go(node: Node, go: str) -> str:
    if node.kind == "object":
        return _qualified(node)
    return node.go or go


def _list_go(node: Node, go: str) -> str:
    """A slice type as Go names it, element packages included."""
    element = go[2:] if go.startswith("[]") else go
    if "." in element or element in ("string", "byte", "int32", "int64", "bool"):
        return go
    return "[]v1." + element


def _map(node: Node, value: Any, go: str, struct: str, path: str, names: tuple[str, ...], walk: _Walk) -> Any:
    if not isinstance(value, dict):
        # Go has a second name for bytes, and its errors know no other
        raise _mismatch(value, go.replace("[]byte", "[]uint8"), struct, names)
    assert node.values is not None
    inner = go[go.index("]") + 1 :] if go.startswith("map[") else node.values.go
    out = {}
    for key, item in value.items():
        if item is None:
            out[key] = _null_item(node.values)
        else:
            out[key] = _value(node.values, item, _element_go(node.values, inner), struct, f"{path}.{key}", names, walk)
    return out


def _null_item(node: Node) -> Any:
    """What a null in a list or map of values becomes: Go leaves the element at its zero value."""
    if node.kind == "object":
        return zero(node)
    return {"string": "", "integer": 0, "number": 0, "boolean": False, "quantity": "0"}.get(node.kind)


def _list(node: Node, value: Any, go: str, struct: str, path: str, names: tuple[str, ...], walk: _Walk) -> Any:
    if not isinstance(value, list):
        raise _mismatch(value, _list_go(node, go), struct, names)
    assert node.items is not None
    inner = go[2:] if go.startswith("[]") else node.items.go
    out = []
    for index, item in enumerate(value):
        if item is None:
            out.append(_null_item(node.items))
        else:
            element = _element_go(node.items, inner)
            out.append(_value(node.items, item, element, struct, f"{path}[{index}]", names, walk))
    return out


def _string(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    if not isinstance(value, str):
        raise _mismatch(value, "[]uint8" if node.format == "byte" else go or "string", struct, names)
    if node.format == "byte":
        cleaned = value.replace("\n", "").replace("\r", "").encode()
        try:
            return base64.b64encode(base64.b64decode(cleaned, validate=True)).decode()
        except binascii.Error as exc:
            bad = re.search(rb"[^A-Za-z0-9+/]", cleaned)
            at = bad.start() if bad and bad[0] != b"=" else len(cleaned) // 4 * 4
            raise DecodeError(f"illegal base64 data at input byte {at}") from exc
    return value


def _integer(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    go = go or node.format or "int64"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _mismatch(value, go, struct, names)
    low, high = _RANGES.get(node.format or go, _RANGES["int64"])
    if isinstance(value, float) or not low <= value <= high:
        raise _mismatch(value, go, struct, names, literal=True)
    return value


def _number(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _mismatch(value, go or "float64", struct, names)
    return value


def _boolean(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    if not isinstance(value, bool):
        raise _mismatch(value, go or "bool", struct, names)
    return value


def _int_or_string(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        literal = isinstance(value, float)
        raise _mismatch(value, "int32", "", (), literal=literal)
    return value


def _quantity(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    if isinstance(value, bool | dict | list):
        raise DecodeError(f"quantities must match the regular expression '{quantity.PATTERN}'")
    text = value.text if isinstance(value, Float) else str(value)
    try:
        return quantity.canonical(text)
    except quantity.QuantityError as exc:
        raise DecodeError(str(exc)) from exc


_SECONDS_LAYOUT = "2006-01-02T15:04:05Z07:00"
_MICRO_LAYOUT = "2006-01-02T15:04:05.000000Z07:00"


def _bad_time(value: str, layout: str) -> DecodeError:
    """Go's complaint about a text that does not follow a layout: the rest that it could not read, and as what."""
    parts = [("\\d{4}", "2006"), ("-", "-"), ("\\d\\d", "01"), ("-", "-"), ("\\d\\d", "02"), ("T", "T")]
    parts += [("\\d\\d", "15"), (":", ":"), ("\\d\\d", "04"), (":", ":"), ("\\d\\d", "05")]
    if layout == _MICRO_LAYOUT:
        parts.append(("\\.\\d{6}(?!\\d)", ".000000"))
    else:
        parts.append(("(?:[.,]\\d+)?", ""))
    parts.append(("Z|[+-]\\d\\d:\\d\\d", "Z07:00"))
    rest = value
    for form, name in parts:
        match = re.match(form, rest)
        if not match:
            return DecodeError(
                f"parsing time {go_quote(value)} as {go_quote(layout)}: "
                f"cannot parse {go_quote(rest)} as {go_quote(name)}"
            )
        rest = rest[match.end() :]
    if rest:
        return DecodeError(f"parsing time {go_quote(value)}: extra text: {go_quote(rest)}")
    return DecodeError(f"parsing time {go_quote(value)}: day out of range")


def _time(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    if not isinstance(value, str):
        raise _mismatch(value, "string", "", ())
    moment = parse_time(value)
    if moment is None:
        raise _bad_time(value, _SECONDS_LAYOUT)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


_MICRO = re.compile(r".*\.\d{6}(Z|[+-]\d\d:\d\d)", re.ASCII)


def _micro_time(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    if not isinstance(value, str):
        raise _mismatch(value, "string", "", ())
    moment = parse_time(value)
    if moment is None or not _MICRO.fullmatch(value):
        raise _bad_time(value, _MICRO_LAYOUT)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_DURATION = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+|0")


def _duration(node: Node, value: Any, go: str, struct: str, names: tuple[str, ...]) -> Any:
    if not isinstance(value, str):
        raise _mismatch(value, "string", "", ())
    if not _DURATION.fullmatch(value):
        raise DecodeError(f"time: invalid duration {go_quote(value)}")
    return value


_SCALARS = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "int-or-string": _int_or_string,
    "quantity": _quantity,
    "time": _time,
    "micro-time": _micro_time,
    "duration": _duration,
}
