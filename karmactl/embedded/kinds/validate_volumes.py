"""Validation of the volumes of a Pod, and of how its containers mount them (pkg/apis/core/validation)."""

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import (
    Errors,
    duplicate,
    forbidden,
    invalid,
    label_faults,
    label_selector,
    name_errors,
    not_found,
    one_of,
    required,
    subdomain_faults,
    unsupported,
)
from karmactl.embedded.kinds.validate_paths import csi_driver_name, descending, host_path, nfs
from karmactl.embedded.kinds.validate_sources import field_ref, resource_field_ref
from karmactl.embedded.kinds.validate_storage import claim_spec
from karmactl.embedded.values import Object, dig

# the order in which upstream looks for sources, with the words of its paths where they are not the field's own
_SOURCES = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "flexVolume",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
]
_SHOWN = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}
_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_VOLUME_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_MIN_TOKEN, _MAX_TOKEN = 600, 1 << 32


def volumes(found: list[Object], field: str, pod: str = "") -> tuple[Errors, dict[str, Object]]:
    """The faults in volumes, and those without any, by name: only they can be mounted. `pod` is a Pod's name."""
    out: Errors = []
    sound: dict[str, Object] = {}
    made = {f"{pod}-{v.get('name')}" for v in found if pod and v.get("ephemeral") is not None}
    for index, volume in enumerate(found):
        where, name = f"{field}[{index}]", volume.get("name") or ""
        faults = _source(volume, where)
        if not name:
            faults.append(required(f"{where}.name"))
        else:
            faults += name_errors(f"{where}.name", name, label_faults(name))
        if name in sound:
            faults.append(duplicate(f"{where}.name", name))
        if not faults:
            sound[name] = volume
        out += faults
        claim = dig(volume, "persistentVolumeClaim", "claimName")
        if claim in made:
            text = "must not reference a PVC that gets created for an ephemeral volume"
            out.append(invalid(f"{where}.persistentVolumeClaim.claimName", claim, text))
    return out, sound


def _source(volume: Object, where: str) -> Errors:
    given = [s for s in _SOURCES if volume.get(s) is not None]
    if not given:
        return [required(where, "must specify a volume type")]
    out: Errors = []
    look = _CHECKS.get(given[0])
    if look is not None:
        out += look(volume[given[0]], f"{where}.{given[0]}")
    text = "may not specify more than 1 volume type"
    return out + [forbidden(f"{where}.{_SHOWN.get(s, s)}", text) for s in given[1:]]


# ---- sources


def _not_reserved(field: str, path: str) -> Errors:
    out = descending(field, path)
    if path.startswith("..") and not path.startswith("../"):
        out.append(invalid(field, path, "must not start with '..'"))
    return out


def _mode(field: str, mode: int | None) -> Errors:
    return [invalid(field, mode, _MODE)] if mode is not None and not 0 <= mode <= 0o777 else []


def _empty_dir(source: Object, where: str) -> Errors:
    if quantity.value(source.get("sizeLimit")) < 0:
        return [forbidden(f"{where}.sizeLimit", "SizeLimit field must be a valid resource quantity")]
    return []


def _git(source: Object, where: str) -> Errors:
    out = [] if source.get("repository") else [required(f"{where}.repository")]
    return out + descending(f"{where}.directory", source.get("directory") or "")


def _items(source: Object, where: str) -> Errors:
    out: Errors = []
    for index, item in enumerate(source.get("items") or ()):
        here = f"{where}.items[{index}]"
        out += [required(f"{here}.{f}") for f in ("key", "path") if not item.get(f)]
        out += _not_reserved(f"{here}.path", item.get("path") or "")
        out += _mode(f"{here}.mode", item.get("mode"))
    return out


def _config_map(source: Object, where: str) -> Errors:
    out = [] if source.get("name") else [required(f"{where}.name")]
    return out + _mode(f"{where}.defaultMode", source.get("defaultMode")) + _items(source, where)


def _secret(source: Object, where: str) -> Errors:
    out = [] if source.get("secretName") else [required(f"{where}.secretName")]
    return out + _mode(f"{where}.defaultMode", source.get("defaultMode")) + _items(source, where)


def _claim(source: Object, where: str) -> Errors:
    return [] if source.get("claimName") else [required(f"{where}.claimName")]


def _downward(source: Object, where: str) -> Errors:
    out = _mode(f"{where}.defaultMode", source.get("defaultMode"))
    for item in source.get("items") or ():
        out += _downward_file(item, where)
    return out


def _downward_file(item: Object, where: str) -> Errors:
    out = [] if item.get("path") else [required(f"{where}.path")]
    out += _not_reserved(f"{where}.path", item.get("path") or "")
    if item.get("fieldRef") is not None:
        out += field_ref(item["fieldRef"], f"{where}.fieldRef", _VOLUME_FIELDS)
        if item.get("resourceFieldRef") is not None:
            text = "fieldRef and resourceFieldRef can not be specified simultaneously"
            out.append(invalid(where, "resource", text))
    elif item.get("resourceFieldRef") is not None:
        out += resource_field_ref(item["resourceFieldRef"], f"{where}.resourceFieldRef", in_volume=True)
    else:
        out.append(required(where, "one of fieldRef and resourceFieldRef is required"))
    return out + _mode(f"{where}.mode", item.get("mode"))


def _csi(source: Object, where: str) -> Errors:
    out = csi_driver_name(source.get("driver") or "", f"{where}.driver")
    secret = source.get("nodePublishSecretRef")
    if secret is not None and not secret.get("name"):
        out.append(required(f"{where}.nodePublishSecretRef.name"))
    elif secret is not None:
        out += name_errors(f"{where}.name", secret["name"], subdomain_faults(secret["name"]))
    return out


def _ephemeral(source: Object, where: str) -> Errors:
    template = source.get("volumeClaimTemplate")
    if template is None:
        return [required(f"{where}.volumeClaimTemplate")]
    return claim_spec(template.get("spec") or {}, f"{where}.volumeClaimTemplate.spec")


def _image(source: Object, where: str) -> Errors:
    policy = source.get("pullPolicy") or ""
    if not policy:
        return [required(f"{where}.pullPolicy")]
    return one_of(f"{where}.pullPolicy", policy, ("Always", "IfNotPresent", "Never"))


def _projected(source: Object, where: str) -> Errors:
    out = _mode(f"{where}.defaultMode", source.get("defaultMode"))
    paths: set[str] = set()
    for index, part in enumerate(source.get("sources") or ()):
        here = f"{where}.sources[{index}]"
        given = [k for k in _PROJECTIONS if part.get(k) is not None]
        for kind in given:
            faults, placed = _PROJECTIONS[kind](part[kind], f"{here}.{kind}", where)
            out += faults
            for path, shown in placed:
                if path in paths:
                    out.append(invalid(where, shown, "conflicting duplicate paths"))
                paths.add(path)
        if len(given) > 1:
            out.append(forbidden(here, "may not specify more than 1 volume type per source"))
    return out


_Placed = list[tuple[str, str]]  # paths, and what a clash is blamed on


def _projected_items(source: Object, here: str, where: str) -> tuple[Errors, _Placed]:
    name = source.get("name") or ""
    out = [] if name else [required(f"{here}.name")]
    placed = [(i["path"], name) for i in source.get("items") or () if i.get("path")]
    return out + _items(source, here), placed


def _projected_downward(source: Object, here: str, where: str) -> tuple[Errors, _Placed]:
    items = source.get("items") or []
    out = [fault for item in items for fault in _downward_file(item, here)]
    return out, [(i["path"], i["path"]) for i in items if i.get("path")]


def _projected_token(source: Object, here: str, where: str) -> tuple[Errors, _Placed]:
    seconds, path = source.get("expirationSeconds") or 0, source.get("path") or ""
    out: Errors = []
    if seconds < _MIN_TOKEN:
        text = "may not specify a duration less than 10 minutes"
        out.append(invalid(f"{here}.expirationSeconds", seconds, text))
    if seconds > _MAX_TOKEN:
        text = "may not specify a duration larger than 2^32 seconds"
        out.append(invalid(f"{here}.expirationSeconds", seconds, text))
    return out + (_not_reserved(f"{where}.path", path) if path else [required(f"{where}.path")]), []


def _projected_bundle(source: Object, here: str, where: str) -> tuple[Errors, _Placed]:
    path = source.get("path") or ""
    out: Errors = []
    if source.get("name") is None and source.get("signerName") is None:
        out.append(required(here, "either name or signerName must be specified"))
    elif source.get("signerName") is not None:
        out += label_selector(f"{here}.labelSelector", source.get("labelSelector"))
    if not path:
        out.append(required(f"{here}.path"))
    return out + _not_reserved(f"{here}.path", path), [(path, path)]


_PROJECTIONS = {
    "secret": _projected_items,
    "configMap": _projected_items,
    "downwardAPI": _projected_downward,
    "serviceAccountToken": _projected_token,
    "clusterTrustBundle": _projected_bundle,
}
_CHECKS = {
    "emptyDir": _empty_dir,
    "hostPath": host_path,
    "gitRepo": _git,
    "secret": _secret,
    "nfs": nfs,
    "persistentVolumeClaim": _claim,
    "downwardAPI": _downward,
    "configMap": _config_map,
    "projected": _projected,
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}


# ---- mounts


def mounts(container: Object, where: str, known: dict[str, Object]) -> Errors:
    """The faults in what a container mounts; `known` are the Pod's sound volumes."""
    out: Errors = []
    paths: set[str] = set()
    devices = container.get("volumeDevices") or []
    field = f"{where}.volumeMounts"
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        here = f"{field}[{index}]"
        name, path = mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            out.append(required(f"{here}.name"))
        if name not in known:
            out.append(not_found(f"{here}.name", name))
        if not path:
            out.append(required(f"{here}.mountPath"))
        if path in paths:
            out.append(invalid(f"{here}.mountPath", path, "must be unique"))
        paths.add(path)
        if any(d.get("name") == name for d in devices):
            out.append(invalid(f"{here}.name", name, "must not already exist in volumeDevices"))
        if any(d.get("devicePath") == path for d in devices):
            out.append(invalid(f"{here}.mountPath", path, "must not already exist as a path in volumeDevices"))
        out += _sub_paths(mount, here, field)
        out += _propagation(mount, container, field)
    return out


def _sub_paths(mount: Object, here: str, field: str) -> Errors:
    plain, expression = mount.get("subPath") or "", mount.get("subPathExpr") or ""
    out = descending(f"{field}.subPath", plain) if plain else []
    if expression and plain:
        out.append(invalid(f"{here}.subPathExpr", expression, "subPathExpr and subPath are mutually exclusive"))
    return out + (descending(f"{field}.subPathExpr", expression) if expression else [])


def _propagation(mount: Object, container: Object, field: str) -> Errors:
    mode, recursive = mount.get("mountPropagation"), mount.get("recursiveReadOnly")
    out: Errors = []
    if mode is not None:
        where = f"{field}.mountPropagation"
        out += one_of(where, mode, ("Bidirectional", "HostToContainer", "None"))
        if mode == "Bidirectional" and not dig(container, "securityContext", "privileged"):
            out.append(forbidden(where, "Bidirectional mount propagation is available only to privileged containers"))
    where = f"{field}.recursiveReadOnly"
    if recursive in ("Enabled", "IfPossible"):
        if not mount.get("readOnly"):
            out.append(forbidden(where, "may only be specified when readOnly is true"))
        if mode not in (None, "None"):
            text = "may only be specified when mountPropagation is None or not specified"
            out.append(forbidden(where, text))
    elif recursive not in (None, "Disabled"):
        out.append(unsupported(where, recursive, ("Disabled", "Enabled", "IfPossible")))
    return out


def devices(container: Object, where: str, known: dict[str, Object]) -> Errors:
    """The faults in the raw block devices of a container."""
    out: Errors = []
    names: set[str] = set()
    paths: set[str] = set()
    mounted = container.get("volumeMounts") or []
    for index, device in enumerate(container.get("volumeDevices") or ()):
        here = f"{where}.volumeDevices[{index}]"
        name, path = device.get("name") or "", device.get("devicePath") or ""
        if not name:
            out.append(required(f"{here}.name"))
        if name in names:
            out.append(invalid(f"{here}.name", name, "must be unique"))
        if name not in known:
            out.append(not_found(f"{here}.name", name))
        elif not {"persistentVolumeClaim", "ephemeral"} & set(known[name]):
            text = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            out.append(invalid(f"{here}.name", name, text))
        if not path:
            out.append(required(f"{here}.devicePath"))
        if path in paths:
            out.append(invalid(f"{here}.devicePath", path, "must be unique"))
        if ".." in path.split("/"):
            out.append(invalid(f"{here}.devicePath", path, "can not contain backsteps ('..')"))
        if any(m.get("name") == name for m in mounted):
            out.append(invalid(f"{here}.name", name, "must not already exist in volumeMounts"))
        if any(m.get("mountPath") == path for m in mounted):
            out.append(invalid(f"{here}.devicePath", path, "must not already exist as a path in volumeMounts"))
        names.add(name)
        paths.add(path)
    return out
