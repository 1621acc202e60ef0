"""Validation of paths and of the sources of volumes that Pods and PersistentVolumes share (pkg/apis/core)."""

from karmactl.embedded.kinds.rules import (
    Errors,
    invalid,
    name_errors,
    one_of,
    required,
    subdomain_faults,
    too_long,
)
from karmactl.embedded.values import Object

_HOST_PATHS = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")


def no_backsteps(field: str, path: str) -> Errors:
    """The faults in a path that may not leave where it begins."""
    return [invalid(field, path, "must not contain '..'")] if ".." in path.split("/") else []


def descending(field: str, path: str) -> Errors:
    """The faults in a relative path."""
    out = [invalid(field, path, "must be a relative path")] if path.startswith("/") else []
    return out + no_backsteps(field, path)


def host_path(source: Object, where: str) -> Errors:
    """The faults in a path on the node."""
    path, kind = source.get("path") or "", source.get("type")
    if not path:
        return [required(f"{where}.path")]
    out = no_backsteps(f"{where}.path", path)
    return out if kind is None else out + one_of(f"{where}.type", kind, _HOST_PATHS)


def nfs(source: Object, where: str) -> Errors:
    """The faults in an NFS source."""
    out = [required(f"{where}.{f}") for f in ("server", "path") if not source.get(f)]
    path = source.get("path") or ""
    return out if path.startswith("/") else [*out, invalid(f"{where}.path", path, "must be an absolute path")]


def csi_driver_name(name: str, where: str) -> Errors:
    """The faults in the name of a CSI driver."""
    if not name:
        return [required(where)]
    out = [too_long(where, 63)] if len(name) > 63 else []
    return out + name_errors(where, name, subdomain_faults(name.lower()))
