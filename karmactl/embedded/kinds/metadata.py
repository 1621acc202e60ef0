"""Validation of metadata, the same for all kinds: names, labels, annotations, finalizers, owners."""

from karmactl.embedded.resource import Resource
from karmactl.embedded.selectors import key_faults, value_faults
from karmactl.embedded.status import FieldError
from karmactl.embedded.values import Object, go_quote


def _required(field: str, text: str) -> FieldError:
    return FieldError(field=field, reason="FieldValueRequired", text=f"Required value: {text}")


def _invalid(field: str, value: str, text: str) -> FieldError:
    return FieldError(field=field, reason="FieldValueInvalid", text=f"Invalid value: {go_quote(value)}: {text}")


def validate_meta(resource: Resource, obj: Object) -> list[FieldError]:
    """The faults in a new object's metadata."""
    meta = obj["metadata"]
    out: list[FieldError] = []
    if not meta.get("name"):
        out.append(_required("metadata.name", "name or generateName is required"))
    return out + _validate_maps(meta)


def _validate_maps(meta: Object) -> list[FieldError]:
    out: list[FieldError] = []
    for key, value in (meta.get("labels") or {}).items():
        out += [_invalid("metadata.labels", key, fault) for fault in key_faults(key)]
        out += [_invalid("metadata.labels", value, fault) for fault in value_faults(value)]
    for key in meta.get("annotations") or {}:
        out += [_invalid("metadata.annotations", key, fault) for fault in key_faults(key.lower())]
    return out


def validate_meta_update(resource: Resource, new: Object, old: Object) -> list[FieldError]:
    """The faults in a changed object's metadata."""
    out: list[FieldError] = []
    for field in ("name", "namespace", "uid"):
        if new["metadata"].get(field) != old["metadata"].get(field):
            out.append(
                _invalid(f"metadata.{field}", new["metadata"].get(field) or "", "field is immutable")
            )
    return out + _validate_maps(new["metadata"])
