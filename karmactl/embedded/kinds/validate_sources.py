"""Validation of where the values in a container come from: fields of the Pod, resources, ConfigMaps and Secrets."""

import re
from collections.abc import Callable

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import (
    Errors,
    config_key_faults,
    invalid,
    label_faults,
    name_errors,
    required,
    subdomain_faults,
    unsupported,
)
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object

_ENV_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
# what converts as a label of a Pod, whether it can be asked for here or not
_CONVERTS = frozenset(
    (*_ENV_FIELDS, "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName")
)
_PLURAL = ("metadata.annotations", "metadata.labels")
_SUBSCRIPT = re.compile(r"([^\[]*)\['([^']*)'\]")
_RESOURCES = tuple(
    f"{kind}.{name}" for kind in ("limits", "requests") for name in ("cpu", "ephemeral-storage", "memory")
)
_HUGE_PAGES = ("requests.hugepages-", "limits.hugepages-")
_SIZES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")


def field_ref(ref: Object, where: str, known: tuple[str, ...] = _ENV_FIELDS) -> Errors:
    """The faults in a reference to a field of the Pod."""
    if not ref.get("apiVersion"):
        return [required(f"{where}.apiVersion")]
    path = ref.get("fieldPath") or ""
    if not path:
        return [required(f"{where}.fieldPath")]
    match = _SUBSCRIPT.fullmatch(path)
    if match:
        base, subscript = match.groups()
        if base not in _PLURAL:
            text = f"error converting fieldPath: field label does not support subscript: {path}"
            return [invalid(f"{where}.fieldPath", path, text)]
        name = subscript.lower() if base == "metadata.annotations" else subscript
        return name_errors(where, name, key_faults(name))
    if path not in _CONVERTS and path != "status.phase":
        return [invalid(f"{where}.fieldPath", path, f"error converting fieldPath: field label not supported: {path}")]
    return [] if path in known else [unsupported(f"{where}.fieldPath", path, known)]


def resource_field_ref(ref: Object, where: str, in_volume: bool = False) -> Errors:
    """The faults in a reference to a container's resources."""
    name, divisor = ref.get("resource") or "", ref.get("divisor")
    out: Errors = []
    if in_volume and not ref.get("containerName"):
        out.append(required(f"{where}.containerName"))
    elif not name:
        out.append(required(f"{where}.resource"))
    elif name not in _RESOURCES and not name.startswith(_HUGE_PAGES):
        out.append(unsupported(f"{where}.resource", name, _RESOURCES))
    if divisor is None or quantity.value(divisor) == 0:
        return out
    kind = name.partition(".")[2]
    shown = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}.get(kind, "hugepages")
    if kind == "cpu" and divisor not in ("1m", "1"):
        text = "only divisor's values 1m and 1 are supported with the cpu resource"
        out.append(invalid(f"{where}.divisor", name, text))
    elif kind not in ("cpu", "") and divisor not in _SIZES:
        text = f"only divisor's values {', '.join(_SIZES)} are supported with the {shown} resource"
        out.append(invalid(f"{where}.divisor", name, text))
    return out


def _env_name(name: str) -> list[str]:
    if "=" in name or not all(" " <= c <= "~" for c in name):
        return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
    return []


def _key_ref(ref: Object, where: str) -> Errors:
    name, key = ref.get("name") or "", ref.get("key") or ""
    out = name_errors(f"{where}.name", name, subdomain_faults(name))
    return out + (name_errors(f"{where}.key", key, config_key_faults(key)) if key else [required(f"{where}.key")])


def _file_ref(ref: Object, where: str) -> Errors:
    key, volume, path = ref.get("key") or "", ref.get("volumeName") or "", ref.get("path") or ""
    out = name_errors(f"{where}.key", key, _env_name(key)) if key else [required(f"{where}.key")]
    named = name_errors(f"{where}.volumeName", volume, label_faults(volume))
    out += named if volume else [required(f"{where}.volumeName")]
    if not path:
        out.append(required(f"{where}.path"))
    elif ".." in path.split("/"):
        out.append(invalid(f"{where}.path", path, "must not contain '..'"))
    return out


_ENV_SOURCES: dict[str, Callable[[Object, str], Errors]] = {
    "fieldRef": field_ref,
    "resourceFieldRef": resource_field_ref,
    "configMapKeyRef": _key_ref,
    "secretKeyRef": _key_ref,
    "fileKeyRef": _file_ref,
}


def environment(entries: list[Object], field: str) -> Errors:
    """The faults in environment variables."""
    out: Errors = []
    for index, entry in enumerate(entries):
        where, name = f"{field}[{index}]", entry.get("name") or ""
        out += name_errors(f"{where}.name", name, _env_name(name)) if name else [required(f"{where}.name")]
        source = entry.get("valueFrom")
        if source is not None:
            out += _value_from(entry, source, f"{where}.valueFrom")
    return out


def _value_from(entry: Object, source: Object, where: str) -> Errors:
    given = [kind for kind in _ENV_SOURCES if source.get(kind) is not None]
    out = [fault for kind in given for fault in _ENV_SOURCES[kind](source[kind], f"{where}.{kind}")]
    if not given:
        names = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        out.append(invalid(where, "", f"must specify one of: {names}"))
    elif entry.get("value"):
        out.append(invalid(where, "", "may not be specified when `value` is not empty"))
    elif len(given) > 1:
        out.append(invalid(where, "", "may not have more than one field specified at a time"))
    return out


def environment_from(entries: list[Object], field: str) -> Errors:
    """The faults in whole ConfigMaps and Secrets as environment."""
    out: Errors = []
    for index, entry in enumerate(entries):
        where, prefix = f"{field}[{index}]", entry.get("prefix") or ""
        out += name_errors(f"{where}.prefix", prefix, _env_name(prefix))
        given = [kind for kind in ("configMapRef", "secretRef") if entry.get(kind) is not None]
        for kind in given:
            name = entry[kind].get("name") or ""
            here = f"{where}.{kind}.name"
            faults = subdomain_faults(name[:-1] if name.endswith("-") else name)
            out += name_errors(here, name, faults) if name else [required(here)]
        if not given:
            out.append(invalid(field, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(given) > 1:
            out.append(invalid(field, "", "may not have more than one field specified at a time"))
    return out
