"""The published OpenAPI documents, made from the same structure that the server works with.

Types carry what clients act on (properties, required fields, list and map types, patch strategies) and no
descriptions, which are upstream's text. Paths carry the operations with their kind and their query parameters,
because kubectl asks them whether the server validates fields itself.
"""

import functools
import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from karmactl.embedded.catalog import Catalog
from karmactl.embedded.resource import Resource
from karmactl.embedded.schema import builtin
from karmactl.embedded.values import Object, copy, dig

_INFO = {"title": "Kubernetes", "version": "1.36"}
_EXTENSIONS = {
    "listType": "x-kubernetes-list-type",
    "keys": "x-kubernetes-list-map-keys",
    "mapType": "x-kubernetes-map-type",
    "patchStrategy": "x-kubernetes-patch-strategy",
    "patchKey": "x-kubernetes-patch-merge-key",
}
_SPECIAL: dict[str, tuple[Object, Object]] = {  # OpenAPI v3 and v2 forms
    "quantity": ({"oneOf": [{"type": "string"}, {"type": "number"}]}, {"type": "string"}),
    "int-or-string": (
        {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
        {"type": "string", "format": "int-or-string"},
    ),
    "time": ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
    "micro-time": ({"type": "string", "format": "date-time"}, {"type": "string", "format": "date-time"}),
    "duration": ({"type": "string"}, {"type": "string"}),
    "raw": ({"type": "object"}, {"type": "object"}),
    "fields": ({"type": "object"}, {"type": "object"}),
    "json": ({}, {}),
}
_WRITES = {"create": "post", "update": "put", "patch": "patch", "delete": "delete", "deletecollection": "delete"}
_ACTIONS = {
    "create": "post",
    "update": "put",
    "patch": "patch",
    "delete": "delete",
    "deletecollection": "deletecollection",
    "get": "get",
    "list": "list",
}
_PATCH_TYPES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)


def _definition(name: str, prefix: str) -> Object:
    """A packed type as a schema of the published form; `prefix` is where references point."""
    version = 0 if prefix.startswith("#/components") else 1
    special = builtin.packed()["special"].get(name)
    if special is not None:
        return dict(copy(_SPECIAL[special][version]))
    packed = builtin.packed()["types"][name]
    out: Object = {"type": "object"}
    if packed["fields"]:
        out["properties"] = {key: _property(field, prefix) for key, field in packed["fields"].items()}
    if "required" in packed:
        out["required"] = packed["required"]
    if "mapType" in packed:
        out["x-kubernetes-map-type"] = packed["mapType"]
    if "gvks" in packed:
        out["x-kubernetes-group-version-kind"] = [{"group": g, "kind": k, "version": v} for g, v, k in packed["gvks"]]
    return out


def _property(field: Object, prefix: str) -> Object:
    version = 0 if prefix.startswith("#/components") else 1
    out: Object
    if "ref" in field:
        ref = {"$ref": prefix + field["ref"]}
        out = {"allOf": [ref]} if version == 0 else ref
        if version == 0 and field["type"] == "object" and not field.get("ptr"):
            out["default"] = {}
    elif field["type"] == "array":
        out = {"type": "array", "items": _property(field["items"], prefix)}
    elif field["type"] == "object":
        out = {"type": "object", "additionalProperties": _property(field["values"], prefix)}
    elif field["type"] in _SPECIAL:
        out = copy(_SPECIAL[field["type"]][version])
    else:
        out = {"type": field["type"]}
        if field.get("format"):
            out["format"] = field["format"]
    if field.get("default") is not None:
        out["default"] = field["default"]
    for key, name in _EXTENSIONS.items():
        if key in field:
            out[name] = field[key]
    return out


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "ref":
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _closure(names: list[str]) -> list[str]:
    """The types that the named ones refer to, themselves included."""
    types = builtin.packed()["types"]
    seen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += _references(types.get(name, {}).get("fields"))
    return sorted(seen)


# ---- paths


def _parameter(name: str, kind: str, version: int) -> Object:
    if version == 0:
        return {"name": name, "in": "query", "schema": {"type": kind, "uniqueItems": True}}
    return {"name": name, "in": "query", "type": kind, "uniqueItems": True}


def _operation(resource: Resource, verb: str, kind: Object, version: int) -> Object:
    out: Object = {
        "tags": [_tag(resource)],
        "operationId": f"{verb}{resource.version}{resource.kind}{kind['kind']}",
        "x-kubernetes-action": _ACTIONS[verb],
        "x-kubernetes-group-version-kind": kind,
        "responses": {"200": {"description": "OK"}, "401": {"description": "Unauthorized"}},
    }
    if verb in ("create", "update", "patch"):
        names = [("dryRun", "string"), ("fieldManager", "string"), ("fieldValidation", "string")]
        if verb == "patch":
            names.append(("force", "boolean"))
        out["parameters"] = [_parameter(n, k, version) for n, k in names]
        if verb == "patch":
            types = [t for t in _PATCH_TYPES if not (resource.is_custom and "strategic" in t)]
            if version == 0:
                out["requestBody"] = {"content": {t: {"schema": {"type": "object"}} for t in types}}
            else:
                out["consumes"] = types
    elif verb == "delete":
        out["parameters"] = [_parameter("dryRun", "string", version)]
    return out


def _tag(resource: Resource) -> str:
    group = resource.group.split(".")[0] or "core"
    return f"{group}_{resource.version}"


def _paths(resource: Resource, version: int) -> Iterator[tuple[str, Object]]:
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    if resource.namespaced:
        root += "/namespaces/{namespace}"
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    collection = {
        _method(verb): _operation(resource, verb, kind, version)
        for verb in ("list", "create", "deletecollection")
        if verb in resource.verbs
    }
    single = {
        _method(verb): _operation(resource, verb, kind, version)
        for verb in ("get", "update", "patch", "delete")
        if verb in resource.verbs
    }
    if collection:
        yield f"{root}/{resource.plural}", collection
    if single:
        yield f"{root}/{resource.plural}/{{name}}", single
    for sub in resource.subresources:
        sub_kind = {"group": sub.group or resource.group, "version": sub.version or resource.version, "kind": sub.kind}
        methods = {
            _method(verb): _operation(resource, verb, sub_kind, version)
            for verb in sub.verbs
            if verb in ("get", "update", "patch", "create")
        }
        if methods:
            yield f"{root}/{resource.plural}/{{name}}/{sub.name}", methods


def _method(verb: str) -> str:
    return _WRITES.get(verb, "get")


# ---- custom resources


def _custom_name(resource: Resource) -> str:
    return ".".join([*reversed(resource.group.split(".")), resource.version, resource.kind])


def _custom_schema(resource: Resource, prefix: str) -> Object:
    """The schema of a custom resource with the parts that every object has."""
    source: Object = {}
    for version in dig(resource.definition, "spec", "versions") or ():
        if version["name"] == resource.version:
            source = dig(version, "schema", "openAPIV3Schema") or {}
    out: Object = {k: v for k, v in source.items() if k != "properties"} or {"type": "object"}
    properties = dict(source.get("properties") or {})
    properties["apiVersion"] = properties["kind"] = {"type": "string"}
    ref = {"$ref": prefix + builtin.META + "ObjectMeta"}
    properties["metadata"] = {"allOf": [ref]} if prefix.startswith("#/components") else ref
    out["properties"] = properties
    out["x-kubernetes-group-version-kind"] = [
        {"group": resource.group, "kind": resource.kind, "version": resource.version}
    ]
    return out


# ---- documents


def group_document(catalog: Catalog, group: str, version: str) -> Object | None:
    """The OpenAPI v3 document of one group version, or None where it is not served."""
    resources = catalog.resources(group, version)
    if not resources:
        return None
    prefix = "#/components/schemas/"
    names = [r.type_name for r in resources if r.type_name]
    names += [builtin.META + "DeleteOptions", builtin.META + "Status", builtin.META + "ObjectMeta"]
    for resource in resources:
        for sub in resource.subresources:
            found = builtin.type_name(sub.group or group, sub.version or version, sub.kind)
            if found:
                names.append(found)
    schemas = {name: _definition(name, prefix) for name in _closure(names)}
    for resource in resources:
        if resource.is_custom:
            schemas[_custom_name(resource)] = _custom_schema(resource, prefix)
    return {
        "openapi": "3.0.0",
        "info": _INFO,
        "paths": {path: item for r in resources for path, item in _paths(r, 0)},
        "components": {"schemas": schemas},
    }


def _empty_document() -> Object:
    return {"openapi": "3.0.0", "info": _INFO, "paths": {}, "components": {"schemas": {}}}


@functools.lru_cache(maxsize=64)
def _builtin_bytes(group: str, version: str) -> bytes:
    """The document of a built-in group version, the same in all clusters."""
    return orjson.dumps(group_document(Catalog(), group, version))


def _bytes(catalog: Catalog, group: str, version: str) -> bytes | None:
    if not catalog.resources(group, version):
        return None
    if any(r.is_custom for r in catalog.resources(group, version)):
        return orjson.dumps(group_document(catalog, group, version))
    return _builtin_bytes(group, version)


def document(catalog: Catalog, path: str) -> bytes | None:
    """The v3 document behind a path such as `apis/apps/v1`, or None."""
    parts = path.split("/")
    if parts == ["api", "v1"]:
        return _bytes(catalog, "", "v1")
    if parts[0] == "apis" and len(parts) == 3:
        return _bytes(catalog, parts[1], parts[2])
    if path in ("api", "apis", "version") or (parts[0] == "apis" and len(parts) == 2 and catalog.versions(parts[1])):
        return orjson.dumps(_empty_document())
    return None


def index(catalog: Catalog) -> Object:
    """The index of the v3 documents, with hashes that change when a document does."""
    paths = ["api", "api/v1", "apis", "version"]
    for group, versions in catalog.groups():
        if not catalog.is_custom(group):
            paths.append(f"apis/{group}")
        paths += [f"apis/{group}/{version}" for version in versions]
    return {"paths": {p: {"serverRelativeURL": f"/openapi/v3/{p}?hash={_hash(catalog, p)}"} for p in sorted(paths)}}


def _hash(catalog: Catalog, path: str) -> str:
    """Built-in documents change with this package only; the others with the CRDs behind them."""
    parts = path.split("/")
    seed = path
    if len(parts) == 3:
        for resource in catalog.resources(parts[1], parts[2]):
            if resource.definition is not None:
                seed += resource.definition["metadata"]["uid"] + str(resource.definition["metadata"].get("generation"))
    return hashlib.sha256(seed.encode()).hexdigest().upper()


def v2(catalog: Catalog) -> Object:
    """The OpenAPI v2 document of everything that is served."""
    prefix = "#/definitions/"
    groups = [("", ("v1",)), *catalog.groups()]
    resources = [r for group, versions in groups for v in versions for r in catalog.resources(group, v)]
    names = [r.type_name for r in resources if r.type_name] + [builtin.META + "DeleteOptions", builtin.META + "Status"]
    definitions = {name: _definition(name, prefix) for name in _closure(names)}
    for resource in resources:
        if resource.is_custom:
            definitions[_custom_name(resource)] = _custom_schema(resource, prefix)
    return {
        "swagger": "2.0",
        "info": _INFO,
        "paths": {path: item for r in resources for path, item in _paths(r, 1)},
        "definitions": definitions,
    }
