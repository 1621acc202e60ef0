"""Validation of CustomResourceDefinitions.

After k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation, in its order; the schema itself is
`schema_rules`.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from karmactl.embedded.kinds.definition_forms import divide, go_versions
from karmactl.embedded.kinds.rules import (
    Errors,
    duplicate,
    forbidden,
    immutable,
    invalid,
    label_1035_faults,
    required,
    subdomain_faults,
    unsupported,
)
from karmactl.embedded.kinds.schema_rules import schema_errors, unrecognized_formats
from karmactl.embedded.kinds.structural_rules import children
from karmactl.embedded.kinds.webhook_client import service_errors, url_errors
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.values import Object, dig, go_quote

_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_REVIEW_VERSIONS = ("v1", "v1beta1")
APPROVAL = "api-approved.kubernetes.io"
_MAX_SELECTABLE = 8
_PATH_STEP = re.compile(r"[.\[]")


def definition(obj: Object) -> Errors:
    """The faults of a new definition, but for those of metadata that every kind shares."""
    names, spec = obj["spec"].get("names") or {}, obj["spec"]
    out: Errors = []
    name = obj["metadata"].get("name") or ""
    if name and name != f"{names.get('plural', '')}.{spec.get('group', '')}":
        out.append(invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group'))
    return [*out, *_spec(spec), *_stored(obj), *_approval(obj, None), *_preserves(spec)]


def definition_update(new: Object, old: Object) -> Errors:
    """The faults of a changed definition."""
    spec, before = new["spec"], old["spec"]
    out = list(_spec(spec))
    conditions = dig(old, "status", "conditions") or ()
    if any(c["type"] == "Established" and c["status"] == "True" for c in conditions):
        out += immutable("spec.scope", spec.get("scope") or "", before.get("scope") or "")
        out += immutable("spec.names.kind", dig(spec, "names", "kind") or "", dig(before, "names", "kind") or "")
    out += immutable("spec.group", spec.get("group") or "", before.get("group") or "")
    out += immutable("spec.names.plural", dig(spec, "names", "plural") or "", dig(before, "names", "plural") or "")
    out += _stored(new)
    out += _approval(new, old)
    return out if before.get("preserveUnknownFields") else [*out, *_preserves(spec)]


def format_warnings(obj: Object) -> list[str]:
    """A warning for each format in a definition's schemas that the server will not look at."""
    parts = divide(obj["spec"])
    schemas = [parts.shared.get("schema"), *(v.get("schema") for v in parts.versions)]
    found = [s["openAPIV3Schema"] for s in schemas if s and s.get("openAPIV3Schema") is not None]
    return [f'unrecognized format "{form}"' for schema in found for form in unrecognized_formats(schema)]


def _spec(spec: Object) -> Iterator[FieldError]:
    yield from _group(spec.get("group") or "")
    scope = spec.get("scope") or ""
    if not scope:
        yield required("spec.scope")
    elif scope not in ("Cluster", "Namespaced"):
        yield unsupported("spec.scope", scope, ("Cluster", "Namespaced"))
    parts = divide(spec)
    if dig(parts.shared, "schema", "openAPIV3Schema") is None:
        for index, version in enumerate(parts.versions):
            if dig(version, "schema", "openAPIV3Schema") is None:
                yield required(f"spec.versions[{index}].schema.openAPIV3Schema")
    schemas = [dig(v, "schema", "openAPIV3Schema") for v in (parts.shared, *parts.versions)]
    if spec.get("preserveUnknownFields") and any(_has_defaults(s) for s in schemas if s is not None):
        yield invalid("spec.preserveUnknownFields", True, "must be false in order to use defaults in the schema")
    status_alike = dig(parts.shared, "subresources", "status") is not None
    for index, version in enumerate(parts.versions):
        where = f"spec.versions[{index}]"
        for fault in _joined(label_1035_faults(version.get("name") or "")):
            yield invalid(f"{where}.name", version.get("name") or "", fault)
        has_status = status_alike or dig(version, "subresources", "status") is not None
        yield from _deprecation(version, where)
        yield from _parts(version, where, "schema", has_status)
    yield from _counted(spec, parts.versions)
    yield from _named(spec.get("names") or {})
    any_status = status_alike or any(dig(v, "subresources", "status") is not None for v in parts.versions)
    yield from _parts(parts.shared, "spec", "validation", any_status)
    conversion = spec.get("conversion")
    if conversion is not None and conversion.get("strategy") != "None" and spec.get("preserveUnknownFields"):
        why = "must be None if spec.preserveUnknownFields is true"
        yield invalid("spec.conversion.strategy", conversion.get("strategy") or "", why)
    yield from _conversion(conversion)


def _group(group: str) -> Iterator[FieldError]:
    if not group:
        yield required("spec.group")
        return
    faults = subdomain_faults(group)
    if faults:
        yield invalid("spec.group", group, ",".join(faults))
    elif "." not in group:
        yield invalid("spec.group", group, "should be a domain with at least one dot")


def _joined(faults: list[str]) -> list[str]:
    return [",".join(faults)] if faults else []


def _has_defaults(schema: Object) -> bool:
    return schema.get("default") is not None or any(_has_defaults(child) for _, child in children(schema))


def _deprecation(version: Object, where: str) -> Iterator[FieldError]:
    text = version.get("deprecationWarning")
    if text is None:
        return
    field = f"{where}.deprecationWarning"
    if not version.get("deprecated"):
        yield invalid(field, text, "can only be set for deprecated versions")
        return
    if len(text.encode()) > 256:
        yield invalid(field, text, "must be <= 256 characters long")
    if not text:
        yield invalid(field, text, "must not be an empty string")
    at = next((i for i, char in enumerate(text) if not char.isprintable()), None)
    if at is not None:
        why = "must only contain printable UTF-8 characters; non-printable character found at index "
        yield invalid(field, text, f"{why}{len(text[:at].encode())}")


def _parts(holder: Object, where: str, schema_name: str, has_status: bool) -> Iterator[FieldError]:
    """What a version says, or what all of them say alike: schema, subresources, columns, selectable fields."""
    schema = dig(holder, "schema", "openAPIV3Schema")
    if schema is not None:
        yield from schema_errors(schema, f"{where}.{schema_name}.openAPIV3Schema", has_status)
    yield from _scale(dig(holder, "subresources", "scale"), f"{where}.subresources.scale")
    for index, column in enumerate(holder.get("additionalPrinterColumns") or ()):
        yield from _column(column, f"{where}.additionalPrinterColumns[{index}]")
    yield from _selectable(holder.get("selectableFields") or [], schema, f"{where}.selectableFields")


def _counted(spec: Object, versions: list[Object]) -> Iterator[FieldError]:
    names = [v.get("name") or "" for v in versions]
    quoted = go_versions(versions) if spec.get("versions") is not None else None
    if len(set(names)) < len(names):
        yield invalid("spec.versions", quoted, "must contain unique version names")
    if sum(1 for v in versions if v.get("storage")) != 1:
        yield invalid("spec.versions", quoted, "must have exactly one version marked as storage version")
    # the server's own form names the first version once more, beside the list
    for fault in _joined(label_1035_faults(names[0])) if names and names[0] else ():
        yield invalid("spec.version", names[0], fault)


def _named(names: Object) -> Iterator[FieldError]:
    for key in ("plural", "singular", "kind", "listKind"):
        if not names.get(key):
            yield required(f"spec.names.{key}")
    for key in ("plural", "singular", "kind", "listKind"):
        value = names.get(key) or ""
        is_kind = key in ("kind", "listKind")
        for fault in _joined(label_1035_faults(value.lower() if is_kind else value)) if value else ():
            prefix = "may have mixed case, but should otherwise match: " if is_kind else ""
            yield invalid(f"spec.names.{key}", value, prefix + fault)
    yield from _labels(names, "shortNames")
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield invalid("spec.names.listKind", names["listKind"], "kind and listKind may not be the same")
    yield from _labels(names, "categories")


def _labels(names: Object, key: str) -> Iterator[FieldError]:
    for index, value in enumerate(names.get(key) or ()):
        for fault in _joined(label_1035_faults(value)):
            yield invalid(f"spec.names.{key}[{index}]", value, fault)


def _scale(scale: Object | None, where: str) -> Iterator[FieldError]:
    if scale is None:
        return
    for key, under in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        path = scale.get(key) or ""
        if not path:
            yield required(f"{where}.{key}")
        elif not path.startswith("."):
            yield invalid(f"{where}.{key}", path, "must be a simple json path starting with .")
        elif not path.startswith(f"{under}."):
            yield invalid(f"{where}.{key}", path, f"should be a json path under {under}")
    path = scale.get("labelSelectorPath") or ""
    if path and not path.startswith("."):
        yield invalid(f"{where}.labelSelectorPath", path, "must be a simple json path starting with .")
    elif path and not path.startswith((".spec.", ".status.")):
        yield invalid(f"{where}.labelSelectorPath", path, "should be a json path under either .spec or .status")


def _column(column: Object, where: str) -> Iterator[FieldError]:
    if not column.get("name"):
        yield required(f"{where}.name")
    kind, form, path = column.get("type") or "", column.get("format") or "", column.get("jsonPath") or ""
    why = f"must be one of {','.join(_COLUMN_TYPES)}"
    if not kind:
        yield required(f"{where}.type", why)
    elif kind not in _COLUMN_TYPES:
        yield invalid(f"{where}.type", kind, why)
    if form and form not in _COLUMN_FORMATS:
        yield invalid(f"{where}.format", form, f"must be one of {','.join(_COLUMN_FORMATS)}")
    if not path:
        yield required(f"{where}.JSONPath")
    elif not path.startswith("."):
        yield invalid(f"{where}.JSONPath", path, "must be a simple json path starting with .")


def _selectable(fields: list[Object], schema: Object | None, where: str) -> Iterator[FieldError]:
    if fields and schema is None:
        why = "may only be set when validations.schema is included"
        if where.startswith("spec.versions"):
            why = "may only be set when `version.schema.openAPIV3Schema` is not included"
        yield invalid(where, "", why)
        return
    seen: set[str] = set()
    for index, selectable in enumerate(fields):
        path, at = selectable.get("jsonPath") or "", f"{where}[{index}].jsonPath"
        if not path:
            yield required(at)
            continue
        found, fault = _field_at(schema or {}, path)
        if fault:
            yield invalid(at, path, f"is an invalid path: {fault}")
            continue
        if path.startswith(".metadata"):
            yield invalid(at, path, "must not point to fields in metadata")
        if found.get("type") not in ("string", "boolean", "integer"):
            why = "must point to a field of type string, boolean or integer. "
            yield invalid(at, path, why + "Enum string fields and strings with formats are allowed.")
        if path in seen:
            yield duplicate(at, path)
        seen.add(path)
    if len(seen) > _MAX_SELECTABLE:
        text = f"Too many: {len(seen)}: must have at most {_MAX_SELECTABLE} items"
        yield FieldError(field=where, reason="FieldValueTooMany", text=text)


def _field_at(schema: Object, path: str) -> tuple[Object, str]:
    """The schema at a dotted path, and why there is none."""
    if not path.startswith("."):
        return {}, f"expected [ or . but got: {re.split(_PATH_STEP, path)[0]}"
    for name in path[1:].split("."):
        if not name:
            return {}, "unexpected end of JSON path"
        child = (schema.get("properties") or {}).get(name)
        if child is None and isinstance(schema.get("additionalProperties"), dict):
            child = schema["additionalProperties"]
        if child is None:
            return {}, "does not refer to a valid field"
        schema = child
    return schema, ""


def _conversion(conversion: Object | None) -> Iterator[FieldError]:
    if conversion is None:
        return
    strategy, field = conversion.get("strategy") or "", "spec.conversion"
    client, versions = (
        dig(conversion, "webhook", "clientConfig"),
        dig(conversion, "webhook", "conversionReviewVersions"),
    )
    if not strategy:
        yield required(f"{field}.strategy")
    elif strategy not in ("None", "Webhook"):
        yield unsupported(f"{field}.strategy", strategy, ("None", "Webhook"))
    if strategy != "Webhook":
        why = "should not be set when strategy is not set to Webhook"
        if client is not None:
            yield forbidden(f"{field}.webhookClientConfig", why)
        if versions:
            yield forbidden(f"{field}.conversionReviewVersions", why)
        return
    at = f"{field}.webhookClientConfig"
    if client is None:
        yield required(at, "required when strategy is set to Webhook")
    elif (client.get("url") is None) == (client.get("service") is None):
        yield required(at, "exactly one of url or service is required")
    elif client.get("url") is not None:
        yield from url_errors(f"{at}.url", client["url"])
    else:
        # upstream hands name and namespace over in each other's place
        service = client["service"]
        swapped = {"name": service.get("namespace"), "namespace": service.get("name")}
        yield from service_errors(f"{at}.service", {**service, **swapped})
    yield from _review_versions(versions or [], f"{field}.conversionReviewVersions")


def _review_versions(versions: list[str], field: str) -> Iterator[FieldError]:
    if not versions:
        yield required(field)
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield invalid(f"{field}[{index}]", version, "duplicate version")
            continue
        for fault in label_1035_faults(version):
            yield invalid(f"{field}[{index}]", version, fault)
    if not set(versions) & set(_REVIEW_VERSIONS):
        yield invalid(field, versions, f"must include at least one of {', '.join(_REVIEW_VERSIONS)}")


def _stored(obj: Object) -> Iterator[FieldError]:
    stored, field = dig(obj, "status", "storedVersions"), "status.storedVersions"
    if not stored:
        yield invalid(field, stored, "must have at least one stored version")
        return
    versions = obj["spec"].get("versions") or ()
    for version in versions:
        if version.get("storage") and version.get("name") not in stored:
            yield invalid(field, stored, f"must have the storage version {version.get('name')}")
    named = {v.get("name") for v in versions}
    for index, name in enumerate(stored):
        if name not in named:
            why = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from status.storedVersions"
            )
            yield invalid(f"{field}[{index}]", name, why)


def is_protected(group: str) -> bool:
    """Whether a group is one of the Kubernetes community's, whose definitions say how they were approved."""
    return any(group == g or group.endswith(f".{g}") for g in ("k8s.io", "kubernetes.io"))


def approval(obj: Object) -> tuple[str, str]:
    """How a definition was approved: Approved, Unapproved, Invalid or Missing, and that in words."""
    text = (obj["metadata"].get("annotations") or {}).get(APPROVAL) or ""
    start = f'protected groups must have approval annotation "{APPROVAL}"'
    see = "see https://github.com/kubernetes/enhancements/pull/1111"
    if not text:
        return "Missing", f"{start}, {see}"
    if text.startswith("unapproved"):
        return "Unapproved", f"not approved: {go_quote(text)}"
    parts = urlsplit(text)
    if parts.scheme and parts.netloc:
        return "Approved", f"approved in {text}"
    return "Invalid", f'{start} with either a URL or a reason starting with "unapproved", {see}'


def _approval(new: Object, old: Object | None) -> Iterator[FieldError]:
    """Groups of the Kubernetes community need a link to their approval, or to say that they have none."""
    if not is_protected(new["spec"].get("group") or ""):
        return
    state, why = approval(new)
    if old is not None and approval(old)[0] == state:
        return
    field = f"metadata.annotations[{APPROVAL}]"
    if state == "Missing":
        yield required(field, why)
    elif state == "Invalid":
        yield invalid(field, new["metadata"]["annotations"][APPROVAL], why)


def _preserves(spec: Object) -> Iterator[FieldError]:
    if spec.get("preserveUnknownFields"):
        why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        yield invalid("spec.preserveUnknownFields", True, why)
