"""CustomResourceDefinitions in the server's own form, which errors quote.

The server keeps what all versions say alike once, beside the versions, and errors name it there: the schema of a
definition with one version is `spec.validation`. In k8s.io/apiextensions-apiserver/pkg/apis/apiextensions.
"""

from dataclasses import dataclass
from typing import Any

from karmactl.embedded.values import Object, equal

_SHARED = ("subresources", "schema", "additionalPrinterColumns", "selectableFields")
# Go's fields of a schema in their order, by JSON name, with the value of one that is not set
_SCHEMA_FIELDS: tuple[tuple[str, str, Any], ...] = (
    ("id", "ID", ""),
    ("$schema", "Schema", ""),
    ("$ref", "Ref", None),
    ("description", "Description", ""),
    ("type", "Type", ""),
    ("nullable", "Nullable", False),
    ("format", "Format", ""),
    ("title", "Title", ""),
    ("default", "Default", None),
    ("maximum", "Maximum", None),
    ("exclusiveMaximum", "ExclusiveMaximum", False),
    ("minimum", "Minimum", None),
    ("exclusiveMinimum", "ExclusiveMinimum", False),
    ("maxLength", "MaxLength", None),
    ("minLength", "MinLength", None),
    ("pattern", "Pattern", ""),
    ("maxItems", "MaxItems", None),
    ("minItems", "MinItems", None),
    ("uniqueItems", "UniqueItems", False),
    ("multipleOf", "MultipleOf", None),
    ("enum", "Enum", None),
    ("maxProperties", "MaxProperties", None),
    ("minProperties", "MinProperties", None),
    ("required", "Required", None),
    ("items", "Items", None),
    ("allOf", "AllOf", None),
    ("oneOf", "OneOf", None),
    ("anyOf", "AnyOf", None),
    ("not", "Not", None),
    ("properties", "Properties", None),
    ("additionalProperties", "AdditionalProperties", None),
    ("patternProperties", "PatternProperties", None),
    ("dependencies", "Dependencies", None),
    ("additionalItems", "AdditionalItems", None),
    ("definitions", "Definitions", None),
    ("externalDocs", "ExternalDocs", None),
    ("example", "Example", None),
    ("x-kubernetes-preserve-unknown-fields", "XPreserveUnknownFields", None),
    ("x-kubernetes-embedded-resource", "XEmbeddedResource", False),
    ("x-kubernetes-int-or-string", "XIntOrString", False),
    ("x-kubernetes-list-map-keys", "XListMapKeys", None),
    ("x-kubernetes-list-type", "XListType", None),
    ("x-kubernetes-map-type", "XMapType", None),
    ("x-kubernetes-validations", "XValidations", None),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """A spec's versions: what they all say alike (`shared`, by its name in v1), and what is left to each."""

    shared: Object
    versions: list[Object]


def divide(spec: Object) -> Divided:
    """A spec's versions with what all of them say alike taken out of them."""
    versions = [dict(version) for version in spec.get("versions") or ()]
    shared: Object = {}
    for key in _SHARED:
        if versions and all(equal(v.get(key) or None, versions[0].get(key) or None) for v in versions):
            shared[key] = versions[0].get(key)
            for version in versions:
                version.pop(key, None)
    return Divided(shared=shared, versions=versions)


def go_versions(versions: list[Object]) -> list[Object]:
    """Versions as errors quote them."""
    return [
        {
            "Name": version.get("name") or "",
            "Served": version.get("served") is True,
            "Storage": version.get("storage") is True,
            "Deprecated": version.get("deprecated") is True,
            "DeprecationWarning": version.get("deprecationWarning"),
            "Schema": _go_validation(version.get("schema")),
            "Subresources": _go_subresources(version.get("subresources")),
            "AdditionalPrinterColumns": [_go_column(c) for c in version.get("additionalPrinterColumns") or ()] or None,
            "SelectableFields": [{"JSONPath": f.get("jsonPath", "")} for f in version.get("selectableFields") or ()]
            or None,
        }
        for version in versions
    ]


def _go_validation(value: Object | None) -> Object | None:
    if value is None:
        return None
    schema = value.get("openAPIV3Schema")
    return {"OpenAPIV3Schema": None if schema is None else go_schema(schema)}


def _go_subresources(value: Object | None) -> Object | None:
    if value is None:
        return None
    scale = value.get("scale")
    return {
        "Status": value.get("status"),
        "Scale": None
        if scale is None
        else {
            "SpecReplicasPath": scale.get("specReplicasPath") or "",
            "StatusReplicasPath": scale.get("statusReplicasPath") or "",
            "LabelSelectorPath": scale.get("labelSelectorPath"),
        },
    }


def _go_column(column: Object) -> Object:
    keys = (("Name", "name"), ("Type", "type"), ("Format", "format"), ("Description", "description"))
    out: Object = {go: column.get(key) or "" for go, key in keys}
    return {**out, "Priority": column.get("priority") or 0, "JSONPath": column.get("jsonPath") or ""}


def go_schema(schema: Object) -> Object:
    """A schema as errors quote it: every field, whether set or not, by Go's names."""
    return {go: unset if schema.get(key) is None else _go_value(key, schema[key]) for key, go, unset in _SCHEMA_FIELDS}


def _go_value(key: str, value: Any) -> Any:
    if key in ("properties", "patternProperties", "definitions"):
        return {name: go_schema(child) for name, child in value.items()}
    if key in ("allOf", "anyOf", "oneOf"):
        return [go_schema(child) for child in value]
    if key == "not":
        return go_schema(value)
    if key == "items":
        many = [go_schema(child) for child in value] if isinstance(value, list) else None
        return {"Schema": go_schema(value) if isinstance(value, dict) else None, "JSONSchemas": many}
    if key in ("additionalProperties", "additionalItems"):
        if isinstance(value, dict):
            return {"Allows": True, "Schema": go_schema(value)}
        return {"Allows": value, "Schema": None}
    if key == "x-kubernetes-validations":
        return [go_rule(rule) for rule in value]
    return value


def go_rule(rule: Object) -> Object:
    """A CEL rule as errors quote it."""
    return {
        "Rule": rule.get("rule") or "",
        "Message": rule.get("message") or "",
        "MessageExpression": rule.get("messageExpression") or "",
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath") or "",
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }
