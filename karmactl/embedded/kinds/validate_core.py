"""Validation of the other core kinds: configuration, storage, namespaces, nodes, limits."""

import base64

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import (
    Errors,
    config_key_faults,
    duplicate,
    forbidden,
    immutable,
    invalid,
    label_selector,
    name_errors,
    one_of,
    qualified_finalizers,
    required,
    subdomain_faults,
    too_long,
    unsupported,
)
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig, equal

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


# ---- storage


def claim_spec(spec: Object, field: str) -> Errors:
    """The faults in the spec of a claim or of a claim template."""
    out: Errors = []
    modes = spec.get("accessModes") or []
    if not modes:
        out.append(required(f"{field}.accessModes", "at least 1 access mode is required"))
    out += label_selector(f"{field}.selector", spec.get("selector"))
    for mode in modes:
        if mode not in _MODES:
            out.append(unsupported(f"{field}.accessModes", mode, _MODES))
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        out.append(forbidden(f"{field}.accessModes", "may not use ReadWriteOncePod with other access modes"))
    size = dig(spec, "resources", "requests", "storage")
    where = f"{field}.resources[storage]"
    if size is None:
        out.append(required(where))
    elif quantity.value(size) <= 0:
        out.append(invalid(where, size, "must be greater than zero"))
    if spec.get("storageClassName"):
        name = spec["storageClassName"]
        out += name_errors(f"{field}.storageClassName", name, subdomain_faults(name))
    if spec.get("volumeMode") is not None:
        out += one_of(f"{field}.volumeMode", spec["volumeMode"], ("Block", "Filesystem"))
    return out


def claim(obj: Object) -> Errors:
    """The faults in a PersistentVolumeClaim."""
    return claim_spec(obj["spec"], "spec")


def volume(obj: Object) -> Errors:
    """The faults in a PersistentVolume."""
    spec = obj["spec"]
    out: Errors = []
    if not spec.get("accessModes"):
        out.append(required("spec.accessModes"))
    for mode in spec.get("accessModes") or ():
        if mode not in _MODES:
            out.append(unsupported("spec.accessModes", mode, _MODES))
    if not spec.get("capacity"):
        out.append(required("spec.capacity"))
    policies = ("Delete", "Recycle", "Retain")
    out += one_of("spec.persistentVolumeReclaimPolicy", spec.get("persistentVolumeReclaimPolicy"), policies)
    return out


def storage_class(obj: Object) -> Errors:
    """The faults in a StorageClass."""
    out: Errors = []
    name = obj.get("provisioner") or ""
    if not name:
        out.append(required("provisioner"))
    else:
        out += name_errors("provisioner", name, key_faults(name.lower()))
    out += one_of("reclaimPolicy", obj.get("reclaimPolicy"), ("Delete", "Retain"))
    modes = ("Immediate", "WaitForFirstConsumer")
    return out + one_of("volumeBindingMode", obj.get("volumeBindingMode"), modes)


def storage_class_update(new: Object, old: Object) -> Errors:
    """The faults in a changed StorageClass: most of it stays."""
    out = storage_class(new)
    for field in ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"):
        if not equal(new.get(field) or {}, old.get(field) or {}):
            out.append(invalid(field, new.get(field) or "", "field is immutable"))
    return out


# ---- namespaces, nodes, limits


def namespace(obj: Object) -> Errors:
    """The faults in a Namespace."""
    return qualified_finalizers("spec.finalizers", obj["spec"].get("finalizers") or [])


def limit_range(obj: Object) -> Errors:
    """The faults in a LimitRange."""
    out: Errors = []
    seen: list[str] = []
    for index, item in enumerate(obj["spec"].get("limits") or ()):
        where = f"spec.limits[{index}]"
        kind = item.get("type") or ""
        if kind in seen:
            out.append(duplicate(f"{where}.type", kind))
        seen.append(kind)
        if kind == "PersistentVolumeClaim":
            sizes = [dig(item, "min", "storage"), dig(item, "max", "storage")]
            if sizes == [None, None]:
                text = "either minimum or maximum storage value is required, but neither was provided"
                out.append(required(f"{where}.limits", text))
        out += _limit_values(item, where)
    return out


def _limit_values(item: Object, where: str) -> Errors:
    out: Errors = []
    parts = {k: item.get(k) or {} for k in ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")}
    names = sorted({n for part in parts.values() for n in part})

    def above(a: str | None, b: str | None) -> bool:
        return a is not None and b is not None and quantity.value(a) > quantity.value(b)

    for name in names:
        least, most = parts["min"].get(name), parts["max"].get(name)
        default, request = parts["default"].get(name), parts["defaultRequest"].get(name)
        ratio = parts["maxLimitRequestRatio"].get(name)
        if above(least, most):
            out.append(invalid(f"{where}.min[{name}]", least, f"min value {least} is greater than max value {most}"))
        if above(least, request):
            text = f"min value {least} is greater than default request value {request}"
            out.append(invalid(f"{where}.defaultRequest[{name}]", request, text))
        if above(request, most):
            text = f"default request value {request} is greater than max value {most}"
            out.append(invalid(f"{where}.defaultRequest[{name}]", request, text))
        if above(request, default):
            text = f"default request value {request} is greater than default limit value {default}"
            out.append(invalid(f"{where}.defaultRequest[{name}]", request, text))
        if above(least, default):
            text = f"min value {least} is greater than default value {default}"
            out.append(invalid(f"{where}.default[{name}]", least, text))
        if above(default, most):
            text = f"default value {default} is greater than max value {most}"
            out.append(invalid(f"{where}.default[{name}]", default, text))
        if ratio is not None and quantity.value(ratio) < 1:
            out.append(invalid(f"{where}.maxLimitRequestRatio[{name}]", ratio, f"ratio {ratio} is less than 1"))
    return out


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


def event(obj: Object) -> Errors:
    """The faults in an Event: it lies in the namespace of what it is about."""
    about = obj.get("involvedObject") or {}
    where = about.get("namespace") or ""
    mine = obj["metadata"].get("namespace") or ""
    if where != mine and (where or mine != "default"):
        return [invalid("involvedObject.namespace", where, "does not match event.namespace")]
    return []


def node_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Node: what it was given once stays."""
    out: Errors = []
    for field, shown in (("podCIDRs", "podCIDR"), ("providerID", "providerID")):
        before, after = old["spec"].get(field), new["spec"].get(field)
        if before and before != after:
            text = f'node updates may not change {shown} except from "" to valid'
            out.append(forbidden(f"spec.{field}", text))
    return out
