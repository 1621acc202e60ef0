"""Validation of claims, volumes, storage classes and CSI drivers (pkg/apis/core and pkg/apis/storage)."""

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import (
    Errors,
    duplicate,
    forbidden,
    immutable,
    invalid,
    label_faults,
    label_selector,
    name_errors,
    one_of,
    required,
    subdomain_faults,
    too_long,
    unsupported,
)
from karmactl.embedded.kinds.validate_nodes import node_selector
from karmactl.embedded.kinds.validate_paths import csi_driver_name, host_path, nfs, no_backsteps
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")


def _access_modes(modes: list[str], field: str) -> Errors:
    out = [unsupported(field, mode, _MODES) for mode in modes if mode not in _MODES]
    if "ReadWriteOncePod" in modes and set(modes) & set(_MODES[:3]):
        out.append(forbidden(field, "may not use ReadWriteOncePod with other access modes"))
    return out


def claim_spec(spec: Object, field: str) -> Errors:
    """The faults in the spec of a claim or of a claim template."""
    modes, where = spec.get("accessModes") or [], f"{field}.accessModes"
    out = [] if modes else [required(where, "at least 1 access mode is required")]
    out += label_selector(f"{field}.selector", spec.get("selector"))
    out += _access_modes(modes, where)
    size, where = dig(spec, "resources", "requests", "storage"), f"{field}.resources[storage]"
    if size is None:
        out.append(required(where))
    elif quantity.value(size) <= 0:
        out.append(invalid(where, size, "must be greater than zero"))
    name = spec.get("storageClassName")
    out += name_errors(f"{field}.storageClassName", name, subdomain_faults(name)) if name else []
    if spec.get("volumeMode") is not None:
        out += one_of(f"{field}.volumeMode", spec["volumeMode"], _VOLUME_MODES)
    for kind in ("dataSource", "dataSourceRef"):
        if spec.get(kind) is not None:
            out += _data_source(spec[kind], f"{field}.{kind}")
    source, ref = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and ref is not None:
        if ref.get("namespace"):
            text = "may not be specified when dataSourceRef.namespace is specified"
            out.append(invalid(field, {}, text))
        elif any(source.get(k) != ref.get(k) for k in ("apiGroup", "kind", "name")):
            out.append(invalid(field, {}, "must match dataSourceRef"))
    name = spec.get("volumeAttributesClassName")
    return out + (name_errors(f"{field}.volumeAttributesClassName", name, subdomain_faults(name)) if name else [])


def _data_source(source: Object, field: str) -> Errors:
    out = [required(f"{field}.{f}") for f in ("name", "kind") if not source.get(f)]
    group, kind = source.get("apiGroup") or "", source.get("kind") or ""
    if not group and kind != "PersistentVolumeClaim":
        text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        out.append(invalid(field, kind, text))
    out += name_errors(f"{field}.apiGroup", group, subdomain_faults(group)) if group else []
    namespace = source.get("namespace")
    return out + (name_errors(f"{field}.namespace", namespace, label_faults(namespace)) if namespace else [])


def claim(obj: Object) -> Errors:
    """The faults in a PersistentVolumeClaim."""
    return claim_spec(obj["spec"], "spec")


# ---- volumes

# the order in which upstream looks for sources
_SOURCES = (
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "flexVolume",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "scaleIO",
    "local",
    "storageos",
    "csi",
)


def volume(obj: Object) -> Errors:
    """The faults in a PersistentVolume."""
    spec = obj["spec"]
    modes, capacity = spec.get("accessModes") or [], spec.get("capacity") or {}
    policy, name = spec.get("persistentVolumeReclaimPolicy"), spec.get("storageClassName")
    out = [] if modes else [required("spec.accessModes")]
    out += _access_modes(modes, "spec.accessModes")
    if not capacity:
        out.append(required("spec.capacity"))
    if set(capacity) != {"storage"}:
        out.append(unsupported("spec.capacity", spec.get("capacity"), ("storage",)))
    for key, size in sorted(capacity.items()):
        if quantity.value(size) <= 0:
            out.append(invalid(f"spec.capacity[{key}]", size, "must be greater than zero"))
    where = "spec.persistentVolumeReclaimPolicy"
    out += one_of(where, policy, ("Delete", "Recycle", "Retain")) if policy else []
    affinity = spec.get("nodeAffinity")
    if affinity is not None and affinity.get("required") is None:
        out.append(required("spec.nodeAffinity.required", "must specify required node constraints"))
    elif affinity is not None:
        out += node_selector(affinity["required"], "spec.nodeAffinity.required")
    out += _source(spec)
    path = (dig(spec, "hostPath", "path") or "").rstrip("/")
    if spec.get("hostPath") is not None and not path and policy == "Recycle":
        out.append(forbidden(where, "may not be 'recycle' for a hostPath mount of '/'"))
    out += name_errors("spec.storageClassName", name, subdomain_faults(name)) if name else []
    if spec.get("volumeMode") is not None:
        out += one_of("spec.volumeMode", spec["volumeMode"], _VOLUME_MODES)
    return out


def _source(spec: Object) -> Errors:
    given = [s for s in _SOURCES if spec.get(s) is not None]
    if not given:
        return [required("spec", "must specify a volume type")]
    kind, found = given[0], spec[given[0]]
    out: Errors = []
    if kind == "hostPath":
        out += host_path(found, "spec.hostPath")
    elif kind == "nfs":
        out += nfs(found, "spec.nfs")
    elif kind == "local":
        path = found.get("path") or ""
        out += no_backsteps("spec.local.path", path) if path else [required("spec.local.path")]
        if spec.get("nodeAffinity") is None:
            out.append(required("spec.nodeAffinity", "Local volume requires node affinity"))
    elif kind == "csi":
        out += csi_driver_name(found.get("driver") or "", "spec.csi.driver")
        out += [] if found.get("volumeHandle") else [required("spec.csi.volumeHandle")]
        for ref in ("controllerPublish", "controllerExpand", "nodePublish", "nodeExpand"):
            secret = found.get(f"{ref}SecretRef")
            if secret is not None:
                out += [required(f"spec.csi.{ref}SecretRef.{f}") for f in ("name", "namespace") if not secret.get(f)]
    return out + [forbidden(f"spec.{s}", "may not specify more than 1 volume type") for s in given[1:]]


# ---- classes and drivers

_FROZEN = ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode")


def storage_class(obj: Object) -> Errors:
    """The faults in a StorageClass."""
    name, parameters = obj.get("provisioner") or "", obj.get("parameters") or {}
    out = name_errors("provisioner", name, key_faults(name.lower())) if name else [required("provisioner")]
    if len(parameters) > 512:
        out.append(too_long("parameters", 512))
    out += [invalid("parameters", "", "field can not be empty.") for key in parameters if not key]
    if sum(len(k) + len(v) for k, v in parameters.items()) > 256 * 1024:
        out.append(too_long("parameters", 256 * 1024))
    if obj.get("reclaimPolicy"):
        out += one_of("reclaimPolicy", obj["reclaimPolicy"], ("Delete", "Retain"))
    mode = obj.get("volumeBindingMode")
    known = one_of("volumeBindingMode", mode, ("Immediate", "WaitForFirstConsumer"))
    out += [required("volumeBindingMode")] if mode is None else known
    return out + _topologies(obj.get("allowedTopologies") or [])


def _topologies(terms: list[Object]) -> Errors:
    out: Errors = []
    for index, term in enumerate(terms):
        keys: set[str] = set()
        for number, rule in enumerate(term.get("matchLabelExpressions") or ()):
            where = f"allowedTopologies[{index}].matchLabelExpressions[{number}]"
            key, values = rule.get("key") or "", rule.get("values") or []
            out += [] if values else [required(f"{where}.values")]
            out += [duplicate(f"{where}.values[{i}]", v) for i, v in enumerate(values) if v in values[:i]]
            out += name_errors(f"{where}.key", key, key_faults(key))
            if key in keys:
                out.append(duplicate(f"{where}.key", key))
            keys.add(key)
    return out


def storage_class_update(new: Object, old: Object) -> Errors:
    """The faults in a changed StorageClass: most of it stays."""
    out: Errors = []
    for field in _FROZEN:
        if (new.get(field) or {}) != (old.get(field) or {}):
            out.append(invalid(field, new.get(field) or "", "field is immutable"))
    return out


def csi_driver(obj: Object) -> Errors:
    """The faults in a CSIDriver."""
    spec = obj.get("spec") or {}
    out: Errors = []
    for field, shown in (
        ("attachRequired", "attachedRequired"),
        ("podInfoOnMount", "podInfoOnMount"),
        ("storageCapacity", "storageCapacity"),
    ):
        if spec.get(field) is None:
            out.append(required(f"spec.{shown}"))
    if spec.get("fsGroupPolicy") is not None:
        out += one_of("spec.fsGroupPolicy", spec["fsGroupPolicy"], ("File", "None", "ReadWriteOnceWithFSType"))
    audiences: set[str] = set()
    for index, token in enumerate(spec.get("tokenRequests") or ()):
        where, audience, seconds = (
            f"spec.tokenRequests[{index}]",
            token.get("audience") or "",
            token.get("expirationSeconds"),
        )
        if audience in audiences:
            out.append(duplicate(f"{where}.audience", audience))
            continue
        audiences.add(audience)
        if seconds is not None and seconds < 600:
            text = "may not specify a duration less than 10 minutes"
            out.append(invalid(f"{where}.expirationSeconds", seconds, text))
        if seconds is not None and seconds > 1 << 32:
            text = "may not specify a duration larger than 2^32 seconds"
            out.append(invalid(f"{where}.expirationSeconds", seconds, text))
    for mode in spec.get("volumeLifecycleModes") or ():
        out += one_of("spec.volumeLifecycleModes", mode, ("Persistent", "Ephemeral"))
    return out


def csi_driver_update(new: Object, old: Object) -> Errors:
    """The faults in a changed CSIDriver: how it attaches stays."""
    mine, theirs = new.get("spec") or {}, old.get("spec") or {}
    out = csi_driver(new)
    out += immutable("spec.attachedRequired", mine.get("attachRequired"), theirs.get("attachRequired"))
    modes = mine.get("volumeLifecycleModes"), theirs.get("volumeLifecycleModes")
    return out + immutable("spec.volumeLifecycleModes", *modes)
