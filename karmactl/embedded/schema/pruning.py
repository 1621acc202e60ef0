"""Custom resources without the fields that their schema does not know, and without nulls that mean nothing.

After k8s.io/apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting,objectmeta}. Only the structural part of
a schema counts, read as it is written: a schema that keeps unknown fields keeps them at its own level alone.
"""

from typing import Any

from karmactl.embedded.schema import builtin
from karmactl.embedded.schema.codec import DecodeError, decode
from karmactl.embedded.values import Object

_META_FIELDS = frozenset({"apiVersion", "kind", "metadata"})
_EMBEDDED = "x-kubernetes-embedded-resource"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"


def prune(schema: Object, value: Any, is_root: bool = False) -> tuple[Any, list[str]]:
    """A copy of a value with known fields only, and the paths of the others, sorted.

    `is_root` says that the value is a whole object: its apiVersion, kind and metadata need no schema.
    """
    unknown: list[str] = []
    if is_root and not schema.get(_EMBEDDED):
        schema = {**schema, _EMBEDDED: True}
    return _prune(schema, value, "", unknown), sorted(unknown)


def _prune(schema: Object | None, value: Any, path: str, unknown: list[str]) -> Any:
    if isinstance(value, list):
        items = (schema or {}).get("items")
        if schema is not None and schema.get(_PRESERVE) and not isinstance(items, dict):
            return value
        inner = items if isinstance(items, dict) else None
        return [_prune(inner, item, f"{path}[{i}]", unknown) for i, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    known: Object = schema or {}
    properties, extra = known.get("properties") or {}, known.get("additionalProperties")
    out: Object = {}
    for key, item in value.items():
        where = f"{path}.{key}" if path else key
        if known.get(_EMBEDDED) and key in _META_FIELDS:
            out[key] = item
        elif key in properties:
            out[key] = _prune(properties[key], item, where, unknown)
        elif extra is not None:
            out[key] = _prune(extra if isinstance(extra, dict) else None, item, where, unknown)
        elif known.get(_PRESERVE):
            out[key] = item
        else:
            unknown.append(where)
    return out


def without_nulls(schema: Object | None, value: Any) -> Any:
    """A value without nulls where its schema neither allows them nor has a default to put there."""
    if isinstance(value, list):
        items = (schema or {}).get("items")
        return [without_nulls(items if isinstance(items, dict) else None, item) for item in value]
    if not isinstance(value, dict):
        return value
    known: Object = schema or {}
    properties, extra = known.get("properties") or {}, known.get("additionalProperties")
    out: Object = {}
    for key, item in value.items():
        child = properties.get(key, extra if isinstance(extra, dict) else None)
        if item is None and child is not None and not child.get("nullable") and child.get("default") is None:
            continue
        out[key] = without_nulls(child, item)
    return out


def with_embedded_meta(schema: Object | None, value: Any, path: str, unknown: list[str], is_root: bool) -> Any:
    """A value in which the metadata of objects inside of it is decoded; unknown fields there are added to `unknown`.

    Raises DecodeError for metadata of a wrong shape.
    """
    known: Object = schema or {}
    if isinstance(value, list):
        items = known.get("items")
        if not isinstance(items, dict):
            return value
        return [with_embedded_meta(items, v, f"{path}[{i}]", unknown, False) for i, v in enumerate(value)]
    if not isinstance(value, dict):
        return value
    properties, extra = known.get("properties") or {}, known.get("additionalProperties")
    out: Object = {}
    for key, item in value.items():
        where = f"{path}.{key}" if path else key
        child = properties.get(key, extra if isinstance(extra, dict) else None)
        if (known.get(_EMBEDDED) or is_root) and key in _META_FIELDS:
            out[key] = item if is_root or key != "metadata" else _decoded(item, where, unknown)
        else:
            out[key] = item if child is None else with_embedded_meta(child, item, where, unknown, False)
    return out


def _decoded(value: Any, path: str, unknown: list[str]) -> Any:
    if not isinstance(value, dict):
        raise DecodeError(f"{path}: Invalid value: must be an object")
    out, lost = decode(builtin.node_of(builtin.META + "ObjectMeta"), value)
    unknown += [f"{path}.{name}" for name in lost]
    return out
