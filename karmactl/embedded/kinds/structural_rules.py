"""When an openAPIV3Schema is structural: the faults of one that is not.

After k8s.io/apiextensions-apiserver/pkg/apiserver/schema, ValidateStructural: types are given outside of value
validation, what a value validation names is defined outside of it too, metadata is left alone.
"""

from collections.abc import Iterator
from typing import Any

from karmactl.embedded.kinds.rules import Errors, forbidden, invalid, required
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.schema.gopattern import pattern_fault
from karmactl.embedded.values import Object

_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
_JUNCTORS = ("anyOf", "allOf", "oneOf")
_UNSUPPORTED = ("id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions")
_NO_TYPE = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}
# what a value validation may not say, and how its absence is called
_OUTSIDE_ONLY = {
    "default": "must be undefined to be structural",
    "title": "must be empty to be structural",
    "description": "must be empty to be structural",
    "nullable": "must be false to be structural",
    "x-kubernetes-preserve-unknown-fields": "must be false to be structural",
    "x-kubernetes-embedded-resource": "must be false to be structural",
    "x-kubernetes-int-or-string": "must be false to be structural",
    "x-kubernetes-list-map-keys": "must be empty to be structural",
    "x-kubernetes-list-type": "must be undefined to be structural",
    "x-kubernetes-map-type": "must be undefined to be structural",
    "x-kubernetes-validations": "must be empty to be structural",
}


def children(schema: Object) -> Iterator[tuple[str, Any]]:
    """The schemas directly inside a schema, each with its path from there."""
    for name, child in sorted((schema.get("properties") or {}).items()):
        yield f"properties[{name}]", child
    for key in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(key), dict):
            yield key, schema[key]
    for key in _JUNCTORS:
        for index, child in enumerate(schema.get(key) or ()):
            yield f"{key}[{index}]", child


def unconvertible(schema: Object) -> str:
    """Why a schema has no structural form at all, "" where it has one."""
    for key in _UNSUPPORTED:
        if schema.get(key):
            return f"OpenAPIV3Schema '{key.removeprefix('$') if key == '$schema' else key}' is not supported"
    if isinstance(schema.get("items"), list):
        return "OpenAPIV3Schema 'items' must be a schema, but is an array"
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
    return next((why for _, child in children(schema) if (why := unconvertible(child))), "")


def structural_errors(schema: Object, where: str) -> Errors:
    """The faults of a schema that has a structural form, sorted by their text as upstream does."""
    return sorted([*_invariants(schema, "root", where), *_complete(schema, schema, where, where)], key=_message)


def _message(error: FieldError) -> str:
    return error.message


def _invariants(schema: Object, level: str, where: str) -> Iterator[FieldError]:
    kind = schema.get("type") or ""
    items, extra = schema.get("items"), schema.get("additionalProperties")
    if kind == "array" and items is None:
        yield required(f"{where}.items", "must be specified")
    if isinstance(items, dict):
        yield from _invariants(items, "item", f"{where}.items")
    for name, child in (schema.get("properties") or {}).items():
        yield from _invariants(child, "field", f"{where}.properties[{name}]")
    if extra is not None and level == "root":
        yield forbidden(f"{where}.additionalProperties", "must not be used at the root")
    if isinstance(extra, dict):
        yield from _invariants(extra, "field", f"{where}.additionalProperties")
    yield from _extensions(schema, where)
    all_of = schema.get("allOf") or []
    yield from _values(
        schema,
        where,
        skip_any=schema.get("anyOf") == _INT_OR_STRING,
        skip_first_all=bool(all_of) and all_of[0].get("anyOf") == _INT_OR_STRING,
    )
    yield from _types(schema, level, where)
    yield from _metadata(schema, level, where)


def _extensions(schema: Object, where: str) -> Iterator[FieldError]:
    if schema.get("x-kubernetes-int-or-string"):
        for key in ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"):
            if schema.get(key):
                yield invalid(f"{where}.{key}", True, "must be false if x-kubernetes-int-or-string is true")


def _types(schema: Object, level: str, where: str) -> Iterator[FieldError]:
    kind = schema.get("type") or ""
    embedded = schema.get("x-kubernetes-embedded-resource")
    open_ended = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if embedded and kind != "object":
        why = "must be object if x-kubernetes-embedded-resource is true"
        yield invalid(f"{where}.type", kind, why) if kind else required(f"{where}.type", why)
    elif not kind and not open_ended:
        yield required(f"{where}.type", _NO_TYPE[level])
    if embedded and schema.get("additionalProperties") is not None:
        why = "must not be used if x-kubernetes-embedded-resource is set"
        yield forbidden(f"{where}.additionalProperties", why)
    if level == "root" and kind and kind != "object":
        yield invalid(f"{where}.type", kind, "must be object at the root")
    if embedded and not schema.get("x-kubernetes-preserve-unknown-fields") and not schema.get("properties"):
        yield required(
            f"{where}.properties",
            "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
        )


def _metadata(schema: Object, level: str, where: str) -> Iterator[FieldError]:
    """Of metadata a root schema may restrict name and generateName, and nothing else."""
    is_object = level == "root" or schema.get("x-kubernetes-embedded-resource")
    properties = schema.get("properties") or {}
    for name, kind in (("kind", "string"), ("apiVersion", "string"), ("metadata", "object")):
        if is_object and name in properties and properties[name].get("type") != kind:
            found = properties[name].get("type") or ""
            yield invalid(f"{where}.properties[{name}].type", found, f"must be {kind}")
    if level != "root" or "metadata" not in properties:
        return
    said = {k: v for k, v in properties["metadata"].items() if k not in ("type", "default") and v not in (None, {})}
    if set(said.get("properties") or {"": 0}) <= {"name", "generateName"}:
        said.pop("properties")
    if any(said.values()):
        yield forbidden(
            f"{where}.properties[metadata]",
            "must not specify anything other than name and generateName, but metadata is implicitly specified",
        )


def _values(schema: Object, where: str, skip_any: bool = False, skip_first_all: bool = False) -> Iterator[FieldError]:
    """The faults of the value validations of a schema; the two forms of an int-or-string are let through."""
    for key in _JUNCTORS:
        for index, part in enumerate(schema.get(key) or ()):
            if key == "anyOf" and skip_any:
                continue
            first = key == "allOf" and skip_first_all and index == 0
            yield from _nested(part, f"{where}.{key}[{index}]", skip_any=first)
    if isinstance(schema.get("not"), dict):
        yield from _nested(schema["not"], f"{where}.not")
    pattern = schema.get("pattern")
    fault = pattern_fault(pattern) if pattern else ""
    if fault:
        yield invalid(f"{where}.pattern", pattern, f"must be a valid regular expression, but isn't: {fault}")


def _nested(schema: Object, where: str, skip_any: bool = False) -> Iterator[FieldError]:
    yield from _values(schema, where, skip_any=skip_any)
    if isinstance(schema.get("items"), dict):
        yield from _nested(schema["items"], f"{where}.items")
    properties = schema.get("properties") or {}
    for name, child in properties.items():
        yield from _nested(child, f"{where}.properties[{name}]")
    if schema.get("type"):
        yield forbidden(f"{where}.type", "must be empty to be structural")
    if schema.get("additionalProperties") not in (None, False):
        yield forbidden(f"{where}.additionalProperties", "must be undefined to be structural")
    for key, why in _OUTSIDE_ONLY.items():
        if schema.get(key) not in (None, False, "", [], ()):
            yield forbidden(f"{where}.{key}", why)
    if "metadata" in properties:
        yield forbidden(f"{where}.properties[metadata]", "must not be specified in a nested context")


def _complete(values: Object, schema: Any, at: str, where: str) -> Iterator[FieldError]:
    """What value validations name and nothing defines; `at` is the place of the definition, `where` the naming one."""
    if isinstance(values.get("not"), dict):
        yield from _complete_nested(values["not"], schema, at, f"{where}.not")
    for key in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(values.get(key) or ()):
            yield from _complete_nested(part, schema, at, f"{where}.{key}[{index}]")


def _complete_nested(values: Object, schema: Any, at: str, where: str) -> Iterator[FieldError]:
    if not isinstance(schema, dict):
        yield required(at, f"because it is defined in {where}")
        return
    yield from _complete(values, schema, at, where)
    if isinstance(values.get("items"), dict):
        yield from _complete_nested(values["items"], schema.get("items"), f"{at}.items", f"{where}.items")
    defined = schema.get("properties") or {}
    for name, child in (values.get("properties") or {}).items():
        place = f"properties[{name}]"
        yield from _complete_nested(child, defined.get(name), f"{at}.{place}", f"{where}.{place}")
