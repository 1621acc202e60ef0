"""Validation of the other core kinds: configuration, storage, namespaces, nodes, limits."""

import base64
import ipaddress
from dataclasses import replace

from karmactl.embedded.kinds.rules import (
    CIDR_RULE,
    Errors,
    config_key_faults,
    duplicate,
    forbidden,
    immutable,
    invalid,
    is_cidr,
    name_errors,
    one_of,
    qualified_finalizers,
    required,
    too_long,
)
from karmactl.embedded.schema.internal import internal
from karmactl.embedded.selectors import key_faults, value_faults
from karmactl.embedded.values import Object, equal

_MAX_DATA = 1024 * 1024
_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def config_map(obj: Object) -> Errors:
    """The faults in a ConfigMap."""
    out: Errors = []
    total = 0
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    for key, value in sorted(data.items()):
        out += name_errors(f"data[{key}]", key, config_key_faults(key))
        if key in binary:
            out.append(invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
        total += len(value.encode())
    for key, value in sorted(binary.items()):
        out += name_errors(f"binaryData[{key}]", key, config_key_faults(key))
        total += len(base64.b64decode(value))
    if total > _MAX_DATA:
        out.append(too_long("[]", _MAX_DATA))
    return out


def _frozen(new: Object, old: Object, fields: tuple[str, ...]) -> Errors:
    """What may not change once `immutable` is set."""
    if not old.get("immutable"):
        return []
    text = "field is immutable when `immutable` is set"
    out = [] if new.get("immutable") else [forbidden("immutable", text)]
    for field in fields:
        if not equal(new.get(field) or {}, old.get(field) or {}):
            out.append(forbidden(field, text))
    return out


def config_map_update(new: Object, old: Object) -> Errors:
    """The faults in a changed ConfigMap."""
    return _frozen(new, old, ("data", "binaryData")) + config_map(new)


_NEEDED = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def secret(obj: Object) -> Errors:
    """The faults in a Secret."""
    out: Errors = []
    data, kind = obj.get("data") or {}, obj.get("type")
    total = 0
    for key, value in sorted(data.items()):
        out += name_errors(f"data[{key}]", key, config_key_faults(key))
        total += len(value) * 3 // 4 - value.count("=")
    if total > _MAX_DATA:
        out.append(too_long("data", _MAX_DATA))
    for key in _NEEDED.get(kind or "", ()):
        if key not in data:
            out.append(required(f"data[{key}]"))
    if kind == "kubernetes.io/basic-auth" and "username" not in data and "password" not in data:
        out += [required("data[username]"), required("data[password]")]
    if kind == "kubernetes.io/service-account-token":
        name = "kubernetes.io/service-account.name"
        if not (obj["metadata"].get("annotations") or {}).get(name):
            out.append(required(f"metadata.annotations[{name}]"))
    return out


def secret_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Secret: its type stays."""
    return immutable("type", new.get("type"), old.get("type")) + _frozen(new, old, ("data",)) + secret(new)


# ---- namespaces, nodes, limits


def namespace(obj: Object) -> Errors:
    """The faults in a Namespace."""
    return qualified_finalizers("spec.finalizers", obj["spec"].get("finalizers") or [])


def lease(obj: Object) -> Errors:
    """The faults in a Lease."""
    spec = obj.get("spec") or {}
    out: Errors = []
    if spec.get("leaseDurationSeconds") is not None and spec["leaseDurationSeconds"] <= 0:
        out.append(invalid("spec.leaseDurationSeconds", spec["leaseDurationSeconds"], "must be greater than 0"))
    if spec.get("leaseTransitions") is not None and spec["leaseTransitions"] < 0:
        text = "must be greater than or equal to 0"
        out.append(invalid("spec.leaseTransitions", spec["leaseTransitions"], text))
    return out


def node(obj: Object) -> Errors:
    """The faults in a new Node."""
    out = _taints(obj["spec"].get("taints") or [])
    cidrs = obj["spec"].get("podCIDRs") or []
    for index, cidr in enumerate(cidrs):
        if not is_cidr(cidr):
            out.append(invalid(f"spec.podCIDRs[{index}]", cidr, CIDR_RULE))
    families = [ipaddress.ip_network(c, strict=False).version for c in cidrs if is_cidr(c)]
    if len(families) != len(set(families)):
        out.append(invalid("spec.podCIDRs", cidrs, "may specify no more than one CIDR for each IP family"))
    return out


def _taints(taints: list[Object]) -> Errors:
    out: Errors = []
    seen: list[tuple[str, str]] = []
    effects = ("NoSchedule", "PreferNoSchedule", "NoExecute")
    for index, taint in enumerate(taints):
        where = f"metadata.taints[{index}]"  # upstream's path
        key, value, effect = (taint.get(f) or "" for f in ("key", "value", "effect"))
        out += name_errors(f"{where}.key", key, key_faults(key))
        faults = value_faults(value)
        if faults:
            out.append(invalid(f"{where}.value", value, ";".join(faults)))
        out += one_of(f"{where}.effect", effect, effects) if effect else [required(f"{where}.effect")]
        if (effect, key) in seen:
            fault = duplicate(where, internal("core.Taint", taint))
            out.append(replace(fault, text=f"{fault.text}: taints must be unique by key and effect pair"))
        seen.append((effect, key))
    return out


def node_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Node: what it was given once stays."""
    out: Errors = []
    mine, theirs = new["spec"], old["spec"]
    before, after = theirs.get("podCIDRs") or [], mine.get("podCIDRs") or []
    text = 'node updates may not change podCIDR except from "" to valid'
    if before and len(before) != len(after):
        out.append(forbidden("spec.podCIDRs", text))
    elif before:
        out += [forbidden("spec.podCIDRs", text) for a, b in zip(before, after, strict=True) if a != b]
    if theirs.get("providerID") and theirs["providerID"] != mine.get("providerID"):
        text = 'node updates may not change providerID except from "" to valid'
        out.append(forbidden("spec.providerID", text))
    out += _taints(mine.get("taints") or [])
    if (mine.get("externalID") or "") != (theirs.get("externalID") or ""):
        out.append(forbidden("spec.externalID", "may not be updated"))
    return out
