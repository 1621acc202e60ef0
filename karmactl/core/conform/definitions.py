"""CustomResourceDefinitions: what an API server surely refuses in them, and what they say of custom resources.

Source: k8s.io/apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go, pkg/apiserver/schema
(structural schemas).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from karmactl.core.conform.faults import Report, Trail, join
from karmactl.core.conform.nodes import Rule
from karmactl.core.model.manifest import (
    JSONValue,
    Manifest,
    api_version_of,
    as_list,
    as_mapping,
    as_str,
    field,
    kind_of,
)

__all__ = ["DEFINITION_RULES", "Definition", "read_definitions"]

_VERSION: Final = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_TYPES: Final = frozenset({"object", "array", "string", "integer", "number", "boolean"})
_FORBIDDEN: Final = ("$ref", "definitions", "dependencies", "additionalItems", "patternProperties", "id")
_COLUMN_TYPES: Final = frozenset({"boolean", "date", "integer", "number", "string"})
_PROTECTED: Final = ("k8s.io", "kubernetes.io")
_APPROVAL: Final = "api-approved.kubernetes.io"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a CRD says of its kind: schema by served version, and the versions whose status is a subresource."""

    schemas: Mapping[str, Mapping[str, JSONValue]]
    with_status: frozenset[str]


def read_definitions(manifests: Iterable[Manifest]) -> dict[tuple[str, str], Definition]:
    """(group, kind) of every CRD (apiextensions.k8s.io/v1) among the manifests, to what it says."""
    found: dict[tuple[str, str], Definition] = {}
    for manifest in manifests:
        if (api_version_of(manifest), kind_of(manifest)) != ("apiextensions.k8s.io/v1", "CustomResourceDefinition"):
            continue
        group, kind = as_str(field(manifest, "spec", "group")), as_str(field(manifest, "spec", "names", "kind"))
        served = [as_mapping(entry) for entry in as_list(field(manifest, "spec", "versions"))]
        served = [entry for entry in served if entry.get("served") is True]
        found[group, kind] = Definition(
            schemas={
                as_str(entry.get("name")): as_mapping(field(entry, "schema", "openAPIV3Schema")) for entry in served
            },
            with_status=frozenset(
                as_str(entry.get("name")) for entry in served if field(entry, "subresources", "status") is not None
            ),
        )
    return found


def _check_definition(manifest: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    spec = as_mapping(manifest.get("spec"))
    group, plural = as_str(spec.get("group")), as_str(field(spec.get("names"), "plural"))
    if as_str(field(manifest.get("metadata"), "name")) != f"{plural}.{group}":
        report.invalid(join(trail, "metadata", "name"), f"must be {plural}.{group}: plural and group of the kind")
    if "." not in group:
        report.invalid(join(trail, "spec", "group"), "must be a domain with a dot")
    is_protected = any(group == domain or group.endswith("." + domain) for domain in _PROTECTED)
    if is_protected and not field(manifest.get("metadata"), "annotations", _APPROVAL):
        report.missing(join(trail, "metadata", "annotations", _APPROVAL), f"{group} is a group of Kubernetes")


def _check_spec(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    versions = as_list(spec.get("versions"))
    stored = [index for index, version in enumerate(versions) if field(version, "storage") is True]
    if len(stored) != 1:
        report.invalid((trail, "versions"), f"must have exactly one version with `storage: true`, not {len(stored)}")
    names: set[str] = set()
    for index, version in enumerate(versions):
        name = as_str(field(version, "name"))
        if name in names:
            report.add("duplicate-item", join(trail, "versions", index, "name"), f"must not be {name!r} again")
        names.add(name)
    if spec.get("preserveUnknownFields") is True:
        text = "must not be true: a schema says it with x-kubernetes-preserve-unknown-fields"
        report.invalid((trail, "preserveUnknownFields"), text)


def _check_version(version: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    if not _VERSION.fullmatch(as_str(version.get("name"))):
        report.invalid((trail, "name"), "must be lower case letters, digits and '-', and begin with a letter")
    where = join(trail, "schema", "openAPIV3Schema")
    schema = field(version.get("schema"), "openAPIV3Schema")
    if schema is None:
        report.missing(where)
        return
    root = as_mapping(schema)
    if root.get("type") != "object":
        report.invalid((where, "type"), "must be object at the root")
    _check_schema(root, where, report)


def _check_schema(schema: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    """One node of a structural schema, and all below it."""
    for name in _FORBIDDEN:
        if schema.get(name):
            report.invalid((trail, name), "must not be there in a CRD's schema")
    if schema.get("uniqueItems") is True:
        report.invalid((trail, "uniqueItems"), "must not be true: say x-kubernetes-list-type: set")
    kind = schema.get("type")
    is_free = schema.get("x-kubernetes-int-or-string") is True
    if not kind and not is_free and schema.get("x-kubernetes-preserve-unknown-fields") is not True:
        report.missing((trail, "type"))
    elif kind and kind not in _TYPES:
        report.invalid((trail, "type"), f"must be one of {', '.join(sorted(_TYPES))}, not {kind!r}")
    if kind == "array" and schema.get("items") is None:
        report.missing((trail, "items"), "the type is array")
    if schema.get("properties") and schema.get("additionalProperties"):
        report.invalid((trail, "additionalProperties"), "must not be there beside properties")
    _check_list_type(schema, trail, report)
    if not is_free:
        _check_alternatives(schema, trail, report)
    for key, inner in as_mapping(schema.get("properties")).items():
        _check_schema(as_mapping(inner), join(trail, "properties", key), report)
    for key in ("items", "additionalProperties"):
        inner = schema.get(key)
        if isinstance(inner, dict):
            _check_schema(inner, (trail, key), report)


def _check_list_type(schema: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    kind = schema.get("x-kubernetes-list-type")
    if kind == "map" and not schema.get("x-kubernetes-list-map-keys"):
        report.missing((trail, "x-kubernetes-list-map-keys"), "x-kubernetes-list-type is map")
    elif kind not in (None, "atomic", "set", "map"):
        report.invalid((trail, "x-kubernetes-list-type"), "must be atomic, set or map")


def _check_alternatives(schema: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    """Alternatives may narrow values, not type them."""
    for junctor in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(as_list(schema.get(junctor))):
            if as_mapping(inner).get("type"):
                report.invalid(join(trail, junctor, index, "type"), "must not be there: the type stands above it")


def _check_column(column: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    if column.get("type") not in _COLUMN_TYPES:
        report.invalid((trail, "type"), f"must be one of {', '.join(sorted(_COLUMN_TYPES))}")


def _check_conversion(conversion: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    if conversion.get("strategy") == "Webhook" and conversion.get("webhook") is None:
        report.missing((trail, "webhook"), "the strategy is Webhook")


DEFINITION_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "apiextensions/v1.CustomResourceColumnDefinition": (_check_column,),
    "apiextensions/v1.CustomResourceConversion": (_check_conversion,),
    "apiextensions/v1.CustomResourceDefinition": (_check_definition,),
    "apiextensions/v1.CustomResourceDefinitionSpec": (_check_spec,),
    "apiextensions/v1.CustomResourceDefinitionVersion": (_check_version,),
}
