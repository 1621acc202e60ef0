"""karmactl.lock: which cluster each member's name means. Read and written here; compared elsewhere.

The file is meant for git: sorted, one member a line, and an empty change writes the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from karmactl.core.model.fleet import FleetLock, LockedCluster
from karmactl.core.model.manifest import JSONValue, as_str
from karmactl.errors import InputError, Location
from karmactl.files.documents import Document, read_documents
from karmactl.files.dump import dump_yaml
from karmactl.files.faults import fault_group
from karmactl.files.write import write_file
from karmactl.files.yaml import pointer_step

__all__ = ["LOCK_NAME", "read_lock", "write_lock"]

LOCK_NAME = "karmactl.lock"
_VERSION = 1
_HEAD = "# Which cluster each member's name means. Written by karmactl; keep it in version control.\n"


def read_lock(path: Path, *, name: str = "") -> FleetLock | None:
    """What the file says, None where there is none.

    Raises an ExceptionGroup of InputError: `lock-invalid`, `lock-too-new`, the codes of reading YAML.
    """
    name = name or str(path)
    faults: list[InputError] = []
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as exc:
        fault = InputError("input-unreadable", exc.strerror or str(exc), location=Location(file=name))
        raise fault_group([fault]) from exc
    documents = read_documents(raw, name, faults)
    clusters: dict[str, LockedCluster] = {}
    if not faults and len(documents) == 1:
        clusters = _read(documents[0], faults)
    elif not faults:
        faults.append(InputError("lock-invalid", "not a lock file", location=Location(file=name)))
    if faults:
        raise fault_group(faults)
    return FleetLock(clusters=clusters)


def _read(document: Document, faults: list[InputError]) -> dict[str, LockedCluster]:
    def refuse(pointer: str, message: str, code: str = "lock-invalid") -> None:
        hint = "`karmactl clusters lock` writes the file anew"
        faults.append(InputError(code, message, hint=hint, location=document.locate(pointer)))

    value = document.value
    entries = value.get("clusters") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(entries, dict):
        refuse("", "not a lock file: clusters must be a mapping")
        return {}
    version = value.get("version")
    if version != _VERSION:
        is_newer = isinstance(version, int) and version > _VERSION
        refuse("/version", f"version {version!r} is not {_VERSION}", "lock-too-new" if is_newer else "lock-invalid")
        return {}
    clusters = {}
    for name, entry in sorted(entries.items()):
        pointer = "/clusters" + pointer_step(name)
        uid = as_str(entry.get("uid")) if isinstance(entry, dict) else ""
        if not isinstance(entry, dict) or not uid:
            refuse(pointer, f"{name} has no uid")
        else:
            clusters[name] = LockedCluster(uid=uid, server=as_str(entry.get("server")))
    return clusters


def write_lock(path: Path, lock: FleetLock) -> None:
    """Write the file whole. Raises UsageError `file-not-written`."""
    clusters: dict[str, JSONValue] = {
        name: {"uid": entry.uid, "server": entry.server} for name, entry in lock.clusters.items()
    }
    write_file(path, _HEAD + dump_yaml({"version": _VERSION, "clusters": clusters}))
