"""What the result of a strategic merge patch goes through instead of a JSON decoder.

Upstream fills the Go struct from maps (k8s.io/apimachinery/pkg/runtime, the unstructured converter), which is more
lenient with numbers than JSON is and has its own words for what does not fit.
"""

from typing import Any

from karmactl.embedded.schema.codec import DecodeError
from karmactl.embedded.schema.node import Field, Node

_GO_SCALARS = {"string": "string", "boolean": "bool", "number": "float64"}


def restore(node: Node, value: Any) -> Any:
    """The value as its Go type takes it: whole floats become integers; raises DecodeError."""
    if value is None:
        return None
    kind = node.kind
    if kind == "object":
        return _struct(node, value)
    if kind == "map":
        if not isinstance(value, dict):
            raise DecodeError(f"cannot restore map from {_kind(value)}")
        assert node.values is not None
        return {k: _member(node.values, v, node.values.go) for k, v in value.items()}
    if kind == "list":
        if not isinstance(value, list):
            raise DecodeError(f"cannot restore slice from {_kind(value)}")
        assert node.items is not None
        return [_member(node.items, v, node.items.go) for v in value]
    return value


def _struct(node: Node, value: Any) -> Any:
    if not isinstance(value, dict):
        raise DecodeError(f"cannot restore struct from: {_kind(value)}")
    out = dict(value)
    for key, field in (node.fields or {}).items():  # in the order of the Go struct, which decides what is said first
        if out.get(key) is not None:
            out[key] = _member(field.node, out[key], _go(field))
    return out


def _go(field: Field) -> str:
    return field.go.lstrip("*")


def _member(node: Node, value: Any, go: str) -> Any:
    if value is None:
        return None
    kind = node.kind
    if kind == "string" and node.format == "byte":
        if isinstance(value, str):
            return value
        raise DecodeError(f"cannot restore slice from {_kind(value)}")
    if kind in ("string", "boolean", "integer", "number"):
        return _scalar(node, value, go)
    return restore(node, value)


def _scalar(node: Node, value: Any, go: str) -> Any:
    basic = node.format or "int64" if node.kind == "integer" else _GO_SCALARS[node.kind]
    given = _kind(value)
    if node.kind == "string" and given == "int64":
        raise DecodeError(f"cannot convert int64 to {go or basic}")
    if node.kind == "integer" and given == "float64":
        if not float(value).is_integer():
            raise DecodeError(f"cannot convert float64 to {go or basic}")
        return int(value)
    fits = {"string": ("string",), "boolean": ("bool",), "integer": ("int64",), "number": ("int64", "float64")}
    if given not in fits[node.kind]:
        raise DecodeError(f"unrecognized type: {basic}")
    return value


def _kind(value: Any) -> str:
    """The reflect.Kind of a value as Go's generic JSON decoding gives it."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "map"
    if isinstance(value, list):
        return "slice"
    return "float64" if isinstance(value, float) else "int64"
