"""Reading the protobuf encoding of built-in kinds, in which typed clients (kubectl create) send their bodies.

Only reading is here: a client that sends protobuf takes JSON back. Field numbers stand in the packed schema. The
result is JSON as a client would have sent it, to be decoded on like any other.
"""

import base64
import datetime
import json
import struct
from collections.abc import Iterator
from typing import Any

from karmactl.embedded.schema.node import Field, Node
from karmactl.embedded.values import Object

MAGIC = b"k8s\x00"


class ProtobufError(ValueError):
    """The bytes are no protobuf message of the expected kind."""


def envelope(data: bytes) -> tuple[str, str, bytes]:
    """API version, kind and message of a body that begins with MAGIC; raises ProtobufError."""
    if not data.startswith(MAGIC):
        raise ProtobufError("no magic number")
    api_version = kind = ""
    raw = b""
    for number, value in _fields(data[len(MAGIC) :]):
        if number == 1:
            for inner, text in _fields(_bytes(value)):
                if inner == 1:
                    api_version = _bytes(text).decode()
                elif inner == 2:
                    kind = _bytes(text).decode()
        elif number == 2:
            raw = _bytes(value)
    return api_version, kind, raw


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise ProtobufError("a message is expected where a number stands")
    return value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ProtobufError("broken varint")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Field numbers with their raw values: integers for varints, bytes for everything else."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        value: Any
        if wire == 0:
            value, at = _varint(data, at)
        elif wire == 1:
            value, at = data[at : at + 8], at + 8
        elif wire == 2:
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
            if len(value) != length:
                raise ProtobufError("message is cut short")
        elif wire == 5:
            value, at = data[at : at + 4], at + 4
        else:
            raise ProtobufError(f"wire type {wire}")
        yield number, value


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def decode(node: Node, data: bytes) -> Object:
    """The JSON form of a message; fields that the schema does not know are passed over. Raises ProtobufError."""
    out: Object = {}
    _read(node, data, out, "")
    return out


def _read(node: Node, data: bytes, out: Object, struct_name: str) -> None:
    """Reads the fields of one struct (the node's own, or one inlined in it) into `out`."""
    nested = {number: name for name, number in (node.inlined or {}).items()} if not struct_name else {}
    by_number = {f.number: (key, f) for key, f in (node.fields or {}).items() if f.number and f.struct == struct_name}
    for number, value in _fields(data):
        if number in nested:
            _read(node, _bytes(value), out, nested[number])
        elif number in by_number:
            key, field = by_number[number]
            _put(out, key, field, value)


def _put(out: Object, key: str, field: Field, value: Any) -> None:
    node = field.node
    if node.kind == "map":
        entry = dict(_fields(_bytes(value)))
        assert node.values is not None
        name = _bytes(entry.get(1, b"")).decode()
        out.setdefault(key, {})[name] = _value(node.values, entry.get(2, b""))
    elif node.kind == "list":
        assert node.items is not None
        items: list[Any] = out.setdefault(key, [])
        if isinstance(value, bytes) and node.items.kind == "integer":  # packed numbers
            at = 0
            while at < len(value):
                number, at = _varint(value, at)
                items.append(_signed(number))
        else:
            items.append(_value(node.items, value))
    else:
        out[key] = _value(node, value)


def _value(node: Node, value: Any) -> Any:
    kind = node.kind
    if kind == "object":
        return decode(node, _bytes(value))
    if kind == "map":  # a struct that wraps a map's values, such as a user's extra attributes
        return None
    if kind == "list":  # the same for lists
        return [_value(node.items, v) for _, v in _fields(_bytes(value))] if node.items is not None else []
    if kind == "string":
        raw = _bytes(value)
        return base64.b64encode(raw).decode() if node.format == "byte" else raw.decode("utf-8", "replace")
    if kind == "boolean":
        return bool(value)
    if kind == "integer":
        return _signed(value) if isinstance(value, int) else int.from_bytes(value, "little", signed=True)
    if kind == "number":
        return struct.unpack("<d", value)[0] if isinstance(value, bytes) and len(value) == 8 else float(value)
    return _special(kind, dict(_fields(_bytes(value))))


def _special(kind: str, parts: dict[int, Any]) -> Any:
    if kind == "quantity":
        return _bytes(parts.get(1, b"0")).decode() or "0"
    if kind == "int-or-string":
        return _bytes(parts.get(3, b"")).decode() if parts.get(1) else _int32(parts.get(2, 0))
    if kind in ("time", "micro-time"):
        if 1 not in parts and 2 not in parts:
            return None
        moment = datetime.datetime.fromtimestamp(_signed(parts.get(1, 0)), datetime.UTC)
        if kind == "time":
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        micro = parts.get(2, 0) // 1000
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{micro:06d}Z"
    if kind == "duration":
        return f"{_signed(parts.get(1, 0)) / 1e9:g}s"
    return _json(parts.get(1))


def _int32(value: int) -> int:
    return _signed(value)


def _json(raw: Any) -> Any:
    return json.loads(raw) if raw else None
