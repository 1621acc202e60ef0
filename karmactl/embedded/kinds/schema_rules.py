"""What else a schema of a CustomResourceDefinition has to keep to: keywords, list and map types, defaults.

After k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation. CEL rules (x-kubernetes-validations) are
looked at from outside, and whether they parse and have types that fit; what they cost is not estimated.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from karmactl.embedded import cel
from karmactl.embedded.kinds.definition_forms import go_rule, go_schema
from karmactl.embedded.kinds.rules import Errors, forbidden, invalid, required, unsupported
from karmactl.embedded.kinds.structural_rules import children, structural_errors, unconvertible
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.schema import formats, jsonschema
from karmactl.embedded.schema.pruning import prune
from karmactl.embedded.values import Object, equal

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_META_FIELDS = ("metadata", "kind", "apiVersion")
_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
# keywords that may stand at the root beside properties where status is a subresource, by Go's names
_ROOT_KEYS = {
    "description": "Description",
    "type": "Type",
    "format": "Format",
    "title": "Title",
    "maximum": "Maximum",
    "exclusiveMaximum": "ExclusiveMaximum",
    "minimum": "Minimum",
    "exclusiveMinimum": "ExclusiveMinimum",
    "maxLength": "MaxLength",
    "minLength": "MinLength",
    "pattern": "Pattern",
    "maxItems": "MaxItems",
    "minItems": "MinItems",
    "uniqueItems": "UniqueItems",
    "multipleOf": "MultipleOf",
    "required": "Required",
    "items": "Items",
    "properties": "Properties",
    "externalDocs": "ExternalDocs",
    "example": "Example",
    "x-kubernetes-preserve-unknown-fields": "XPreserveUnknownFields",
    "x-kubernetes-validations": "XValidations",
}


def schema_errors(schema: Object, where: str, has_status: bool) -> Errors:
    """The faults of a version's schema; `has_status` says whether status is a subresource there."""
    out = list(_root(schema, where, has_status))
    why = unconvertible(schema)
    if not why:
        found = structural_errors(schema, where)
        out += found or _defaults(schema, where)
    out += _walk(schema, where, _Place(is_root=True))
    if not why:
        out += _compiled(schema, where, True)
    if not out and why:
        out.append(FieldError(field=where, reason="FieldValueInvalid", text=f'Invalid value: "": {why}'))
    return out


def _root(schema: Object, where: str, has_status: bool) -> Iterator[FieldError]:
    if has_status:
        for key, value in schema.items():
            if value in (None, False, "") or value in ([], {}):
                continue
            if key == "type" and value != "object":
                why = (
                    'only "object" is allowed as the type at the root of the schema if the status subresource '
                    "is enabled"
                )
                yield invalid(f"{where}.type", value, why)
                break
            if key not in _ROOT_KEYS:
                why = f"only [{' '.join(_ROOT_KEYS.values())}] fields are allowed at the root of the schema if the "
                yield invalid(where, go_schema(schema), why + "status subresource is enabled")
                break
    if schema.get("nullable"):
        yield forbidden(f"{where}.nullable", "nullable cannot be true at the root")


def _defaults(schema: Object, where: str) -> Iterator[FieldError]:
    """Defaults that the schema itself would refuse or prune."""
    default = schema.get("default")
    if default is not None:
        if not equal(prune(schema, default)[0], default):
            yield invalid(f"{where}.default", default, "must not have unknown fields")
        for error in jsonschema.validate(schema, default):
            inside = "" if error.field in ("", "<nil>") else f".{error.field}"
            yield replace(error, field=f"{where}.default{inside}")
    if isinstance(schema.get("items"), dict):
        yield from _defaults(schema["items"], f"{where}.items")
    for name, child in sorted((schema.get("properties") or {}).items()):
        yield from _defaults(child, f"{where}.properties[{name}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where in a schema the walk is; `no_defaults` is why defaults are forbidden there, None where they are not."""

    is_root: bool = False
    in_meta: bool = False
    no_defaults: str | None = None


def _walk(schema: Object, where: str, place: _Place) -> Iterator[FieldError]:
    yield from _keywords(schema, where, place)
    if schema.get("uniqueItems"):
        why = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(f"{where}.uniqueItems", why)
    extra = schema.get("additionalProperties")
    if schema.get("properties") and extra is not None and extra is not True:
        yield forbidden(f"{where}.additionalProperties", "additionalProperties and properties are mutual exclusive")
    for path, child in children(schema):
        yield from _walk(child, f"{where}.{path}", _inside(schema, path, place))
    yield from _lists(schema, where)
    yield from _rules(schema, where)


def _inside(schema: Object, path: str, place: _Place) -> _Place:
    inner = replace(place, is_root=False)
    if path == "additionalProperties" and place.in_meta:
        return replace(inner, no_defaults="inside additionalProperties applying to object metadata")
    name = path.removeprefix("properties[").removesuffix("]")
    if path.startswith("properties[") and name in _META_FIELDS:
        if place.is_root:
            return replace(inner, in_meta=True, no_defaults=f"in top-level {name}")
        if schema.get("x-kubernetes-embedded-resource"):
            return replace(inner, in_meta=True)
    return inner


def _keywords(schema: Object, where: str, place: _Place) -> Iterator[FieldError]:
    kind = schema.get("type") or ""
    if kind and kind not in _TYPES:
        yield unsupported(f"{where}.type", kind, _TYPES)
    if schema.get("default") is not None and place.no_defaults is not None:
        yield forbidden(f"{where}.default", f"must not be set {place.no_defaults}")
    for key in ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"):
        if schema.get(key) is not None and schema[key] not in ("", {}):
            yield forbidden(f"{where}.{key}", f"{key} is not supported")
    if kind == "null":
        yield forbidden(f"{where}.type", "type cannot be set to null, use nullable as an alternative")
    if isinstance(schema.get("items"), list) and schema["items"]:
        yield forbidden(f"{where}.items", "items must be a schema object and not an array")
    if place.in_meta and schema.get("x-kubernetes-embedded-resource"):
        yield forbidden(f"{where}.x-kubernetes-embedded-resource", "must not be used inside of resource meta")


def _typed(schema: Object, where: str, kind: str, key: str) -> Iterator[FieldError]:
    """A list or map type stands at a schema of that type only."""
    found, why = schema.get("type") or "", f"must be {kind} if {key} is specified"
    if found != kind:
        yield invalid(f"{where}.type", found, why) if found else required(f"{where}.type", why)


def _lists(schema: Object, where: str) -> Iterator[FieldError]:
    if schema.get("x-kubernetes-preserve-unknown-fields") is False:
        yield invalid(f"{where}.x-kubernetes-preserve-unknown-fields", False, "must be true or undefined")
    map_type, list_type = schema.get("x-kubernetes-map-type"), schema.get("x-kubernetes-list-type")
    if map_type is not None:
        yield from _typed(schema, where, "object", "x-kubernetes-map-type")
        if map_type not in ("atomic", "granular"):
            yield unsupported(f"{where}.x-kubernetes-map-type", map_type, ("atomic", "granular"))
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    if list_type is not None:
        wrong = list(_typed(schema, where, "array", "x-kubernetes-list-type"))
        yield from wrong or _set_items(schema, where)
        if list_type not in ("atomic", "set", "map"):
            yield unsupported(f"{where}.x-kubernetes-list-type", list_type, ("atomic", "set", "map"))
    if keys and list_type != "map":
        why = "must be map if x-kubernetes-list-map-keys is non-empty"
        field = f"{where}.x-kubernetes-list-type"
        yield required(field, why) if list_type is None else invalid(field, list_type, why)
    if list_type == "map":
        yield from _map_items(schema, where)
    if list_type in ("set", "map") and isinstance(schema.get("items"), dict):
        yield from _not_null(schema, where, list_type)


def _set_items(schema: Object, where: str) -> Iterator[FieldError]:
    items = schema.get("items")
    if schema.get("x-kubernetes-list-type") != "set" or not isinstance(items, dict):
        return
    list_type, map_type = items.get("x-kubernetes-list-type"), items.get("x-kubernetes-map-type")
    why = "must be atomic as item of a list with x-kubernetes-list-type=set"
    if items.get("type") == "array" and list_type not in (None, "atomic"):
        yield invalid(f"{where}.items.x-kubernetes-list-type", list_type, why)
    if items.get("type") == "object" and map_type != "atomic":
        # upstream quotes the list type here too
        yield invalid(f"{where}.items.x-kubernetes-map-type", list_type, why)


def _map_items(schema: Object, where: str) -> Iterator[FieldError]:
    keys, items = schema.get("x-kubernetes-list-map-keys") or [], schema.get("items")
    at = f"{where}.x-kubernetes-list-map-keys"
    if not keys:
        yield required(at, "must not be empty if x-kubernetes-list-type is map")
    if items is None:
        yield required(f"{where}.items", "must have a schema if x-kubernetes-list-type is map")
    if not isinstance(items, dict):
        return
    if items.get("type") != "object":
        why = "must be object if parent array's x-kubernetes-list-type is map"
        yield invalid(f"{where}.items.type", items.get("type") or "", why)
        return
    properties = items.get("properties") or {}
    for index, key in enumerate(keys):
        if key not in properties:
            yield invalid(at, keys, "entries must all be names of item properties")
        elif properties[key].get("type") in ("array", "object"):
            why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
            yield invalid(f"{where}.items.properties[{key}].type", items["type"], why)
        if key in keys[:index]:
            yield invalid(at, keys, "must not contain duplicate entries")


def _not_null(schema: Object, where: str, list_type: str) -> Iterator[FieldError]:
    """Items of sets and maps, and the keys of maps, always have a value."""
    items = schema["items"]
    if items.get("nullable"):
        yield forbidden(f"{where}.items.nullable", f"cannot be nullable when x-kubernetes-list-type is {list_type}")
    if list_type == "set":
        return
    properties = items.get("properties") or {}
    for key in schema.get("x-kubernetes-list-map-keys") or ():
        if key not in properties:
            continue
        at, why = f"{where}.items.properties[{key}]", "this property is in x-kubernetes-list-map-keys, so it "
        if key not in (items.get("required") or ()) and properties[key].get("default") is None:
            yield required(f"{at}.default", f"{why}must have a default or be a required property")
        if properties[key].get("nullable"):
            yield forbidden(f"{at}.nullable", f"{why}cannot be nullable")


def _rules(schema: Object, where: str) -> Iterator[FieldError]:
    """CEL rules from outside: what has to be said, and on one line."""
    for index, rule in enumerate(schema.get("x-kubernetes-validations") or ()):
        at = f"{where}.x-kubernetes-validations[{index}]"
        text, message = (rule.get("rule") or "").strip(), rule.get("message") or ""
        if not text:
            yield required(f"{at}.rule", "rule is not specified")
        elif message and not message.strip():
            yield invalid(f"{at}.message", message, "must be non-empty if specified")
        elif _has_newlines(message.strip()):
            yield invalid(f"{at}.message", message, "must not contain line breaks")
        elif _has_newlines(text) and not message:
            yield required(f"{at}.message", "message must be specified if rule contains line breaks")
        expression, path = rule.get("messageExpression") or "", rule.get("fieldPath") or ""
        if expression and not expression.strip():
            yield required(f"{at}.messageExpression", "messageExpression must be non-empty if specified")
        if rule.get("reason") is not None and rule["reason"] not in _REASONS:
            yield unsupported(f"{at}.reason", rule["reason"], _REASONS)
        if path and not path.strip():
            yield invalid(f"{at}.fieldPath", path, "must be non-empty if specified")
        if _has_newlines(path):
            yield invalid(f"{at}.fieldPath", path, "must not contain line breaks")


def _compiled(schema: Object, where: str, is_root: bool = False) -> Iterator[FieldError]:
    """What the expressions of rules say that cannot be."""
    for path, child in children(schema):
        yield from _compiled(child, f"{where}.{path}")
    for index, rule in enumerate(schema.get("x-kubernetes-validations") or ()):
        at, mine = f"{where}.x-kubernetes-validations[{index}]", cel.of_schema(schema, is_root)
        names = {"self": mine, "oldSelf": cel.DYN if rule.get("optionalOldSelf") else mine}
        if not (rule.get("rule") or "").strip():
            continue
        fault = cel.fault_of(rule["rule"], names, cel.BOOL, "cel expression must evaluate to a bool")
        if fault:
            yield invalid(f"{at}.rule", go_rule(rule), fault)
            continue
        text = rule.get("messageExpression") or ""
        fault = cel.fault_of(text, names, cel.STRING, "messageExpression must evaluate to a string") if text else ""
        if fault:
            told = "messageExpression " if fault.startswith("compilation") else ""
            yield invalid(f"{at}.messageExpression", go_rule(rule), told + fault)


def _has_newlines(text: str) -> bool:
    return "\n" in text or "\r" in text


def unrecognized_formats(schema: Object) -> list[str]:
    """The formats that a schema names and the server does not know, in the order in which they stand."""
    form, kind = schema.get("format") or "", schema.get("type") or ""
    out = [form] if form and not formats.is_known(kind, form) else []
    for _, child in children(schema):
        out += unrecognized_formats(child)
    return out
