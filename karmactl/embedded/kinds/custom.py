"""What a custom resource has to be like, beside its metadata: schema, scale, objects inside of it, sets and maps.

After k8s.io/apiextensions-apiserver/pkg/registry/customresource, in its order.
"""

import json
from collections.abc import Iterator
from typing import Any

from karmactl.embedded.cel.rules import broken_rules
from karmactl.embedded.kinds.rules import Errors, duplicate, invalid, label_1035_faults, required
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.resource import Resource
from karmactl.embedded.schema import jsonschema
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig

_STANDARD_FINALIZERS = ("orphan", "foregroundDeletion", "kubernetes")


def custom(resource: Resource, obj: Object, old: Object | None = None, status_only: bool = False) -> Errors:
    """The faults of a custom resource in its request's version; `old` is what it was, in the same version."""
    if resource.schema is None or resource.schema.rules is None:
        return []
    schema, scale = resource.schema.rules, _scale_paths(resource)
    if status_only:
        out = _status(schema, obj, old or {})
    else:
        out = jsonschema.validate(schema, obj, jsonschema.NOTHING if old is None else old)
        out += _replicas(obj, scale.get("specReplicasPath"))
    out += _replicas(obj, scale.get("statusReplicasPath"))
    out += _selector(obj, scale.get("labelSelectorPath"))
    out += _embedded(schema, obj, "")
    if old is None or not list(_unique(schema, old, "")):
        out += _unique(schema, obj, "")
    return out + broken_rules(schema, obj, old, out)


def finalizer_warnings(obj: Object, old: Object | None) -> list[str]:
    """Warnings for new finalizers that another writer could mean differently."""
    out: list[str] = []
    known = (old or {}).get("metadata", {}).get("finalizers") or ()
    for name in sorted(set(obj["metadata"].get("finalizers") or ()) - set(known)):
        start = f'metadata.finalizers: "{name}": '
        out += [start + fault for fault in key_faults(name)]
        if "/" not in name and name not in _STANDARD_FINALIZERS:
            path = " including a path (/)" if "." in name else ""
            out.append(
                f"{start}prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other "
                "finalizer writers"
            )
    return out


def _scale_paths(resource: Resource) -> Object:
    for version in dig(resource.definition, "spec", "versions") or ():
        if version["name"] == resource.version:
            found: Object = dig(version, "subresources", "scale") or {}
            return found
    return {}


def _status(schema: Object, obj: Object, old: Object) -> Errors:
    rules = (schema.get("properties") or {}).get("status")
    if rules is None or "status" not in obj:
        return []
    found = jsonschema.validate(rules, obj["status"], old.get("status", jsonschema.NOTHING))
    return [
        FieldError(
            field="status" if error.field == "<nil>" else f"status.{error.field}", reason=error.reason, text=error.text
        )
        for error in found
    ]


_GO_TYPES: dict[type, str] = {str: "string", bool: "bool", int: "int64", float: "float64", list: "[]interface {}"}


def _nested(obj: Object, path: str, wanted: type, zero: Any) -> tuple[Any, str]:
    """The value at a dotted path, and why there is none of the wanted type."""
    value: Any = obj
    steps = path.removeprefix(".").split(".")
    for index, step in enumerate(steps):
        if not isinstance(value, dict):
            return zero, _accessor(steps[:index], value, "map[string]interface{}")
        if step not in value:
            return zero, ""
        value = value[step]
    if isinstance(value, wanted) and not isinstance(value, bool):
        return value, ""
    return zero, _accessor(steps, value, _GO_TYPES[wanted])


def _accessor(steps: list[str], value: Any, wanted: str) -> str:
    shown = "<nil>" if value is None else jsonschema.value_text(value).strip('"')
    kind = "<nil>" if value is None else _GO_TYPES.get(type(value), "map[string]interface {}")
    return f".{'.'.join(steps)} accessor error: {shown} is of the type {kind}, expected {wanted}"


def _replicas(obj: Object, path: str | None) -> Errors:
    if not path:
        return []
    count, why = _nested(obj, path, int, 0)
    if not why and count < 0:
        why = "should be a non-negative integer"
    elif not why and count >= 2**31:
        why = f"should be less than or equal to {2**31 - 1}"
    return [invalid(path, count, why)] if why else []


def _selector(obj: Object, path: str | None) -> Errors:
    if not path:
        return []
    text, why = _nested(obj, path, str, "")
    return [invalid(path, text, why)] if why else []


def _embedded(schema: Any, value: Any, path: str) -> Iterator[FieldError]:
    """Objects inside of the object have an apiVersion and a kind."""
    if not isinstance(schema, dict):
        return
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _embedded(schema.get("items"), item, f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    if schema.get("x-kubernetes-embedded-resource"):
        yield from _type_meta(value, path)
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    for key, item in value.items():
        if key in properties:
            yield from _embedded(properties[key], item, f"{path}.{key}" if path else key)
        elif isinstance(extra, dict):
            yield from _embedded(extra, item, f"{path}[{key}]")


def _type_meta(value: Object, path: str) -> Iterator[FieldError]:
    for key in ("apiVersion", "kind"):
        if key not in value:
            yield required(f"{path}.{key}")
    for key in ("apiVersion", "kind"):
        found = value.get(key)
        if key not in value:
            continue
        if not isinstance(found, str):
            yield invalid(f"{path}.{key}", found, "must be a string")
        elif not found:
            yield invalid(f"{path}.{key}", found, "must not be empty")
        elif key == "apiVersion" and found.count("/") > 1:
            yield invalid(f"{path}.{key}", found, f"unexpected GroupVersion string: {found}")
        elif key == "kind" and label_1035_faults(found.lower()):
            faults = ",".join(label_1035_faults(found.lower()))
            yield invalid(f"{path}.{key}", found, f"may have mixed case, but should otherwise match: {faults}")


def _unique(schema: Any, value: Any, path: str) -> Iterator[FieldError]:
    """Sets hold a value once, maps a key."""
    if not isinstance(schema, dict):
        return
    if isinstance(value, list):
        yield from _unique_items(schema, value, path)
        for index, item in enumerate(value):
            yield from _unique(schema.get("items"), item, f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    properties, extra = schema.get("properties") or {}, schema.get("additionalProperties")
    for key, item in value.items():
        if key in properties:
            yield from _unique(properties[key], item, f"{path}.{key}" if path else key)
        if isinstance(extra, dict):
            yield from _unique(extra, item, f"{path}[{key}]")


def _unique_items(schema: Object, value: list[Any], path: str) -> Iterator[FieldError]:
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys") or ()
    if kind not in ("set", "map"):
        return
    seen: dict[str, int] = {}
    for index, item in enumerate(value):
        shown = {k: item[k] for k in keys if k in item} if kind == "map" and isinstance(item, dict) else item
        text = json.dumps(shown, sort_keys=True)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:  # the second of its kind is reported, later ones are not
            yield duplicate(f"{path}[{index}]", shown)
