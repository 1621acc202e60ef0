"""karmactl.yaml: finding it, and reading it strictly, with a place for every fault.

The file that counts is the nearest one from the working folder up to the root of the git repository; outside of a
repository it is the one in the working folder, so that nobody else's file in a parent folder can name clusters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from karmactl.core.decode import decode
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.manifest import JSONValue, as_mapping
from karmactl.core.model.settings import Settings
from karmactl.errors import InputError, Location
from karmactl.files.documents import Document, read_documents
from karmactl.files.faults import fault_group
from karmactl.files.yaml import pointer_step

__all__ = ["SETTINGS_NAME", "SettingsFile", "find_settings", "read_settings"]

SETTINGS_NAME = "karmactl.yaml"
# The set's name becomes part of object names and the value of a label.
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?\Z")
_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_LIMIT = re.compile(r"[0-9]+\Z|(?:[0-9]|[1-9][0-9]|100)%\Z")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "effect": ("NoSchedule", "PreferNoSchedule", "NoExecute"),
    "syncMode": ("Push", "Pull"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """Settings with their origin: the file as named, its folder, and JSON pointer to place for every key."""

    path: str
    folder: Path
    settings: Settings
    places: Mapping[str, Location] = field(default_factory=dict)

    def place(self, pointer: str) -> Location:
        """Where a key stands; the file itself where it is not written."""
        return self.places.get(pointer, Location(file=self.path))


def find_settings(start: Path) -> Path | None:
    """The nearest karmactl.yaml from a folder up to the git root, or None."""
    start = start.resolve()
    parents = (start, *start.parents)
    root = next((folder for folder in parents if (folder / ".git").exists()), start)
    for folder in parents:
        if (folder / SETTINGS_NAME).is_file():
            return folder / SETTINGS_NAME
        if folder == root:
            return None
    return None


def read_settings(path: Path, *, name: str = "") -> SettingsFile:
    """The settings of one file; `name` is what errors call it (default: the path).

    Raises an ExceptionGroup of InputError with every fault: the codes of reading YAML and of core.decode,
    `settings-documents`, `settings-invalid`, `settings-cluster-twice`, `settings-unknown-gate`; `input-unreadable`.
    """
    name = name or str(path)
    faults: list[InputError] = []
    try:
        raw = path.read_bytes()
    except OSError as exc:
        fault = InputError("input-unreadable", exc.strerror or str(exc), location=Location(file=name))
        raise fault_group([fault]) from exc
    documents = read_documents(raw, name, faults)
    if len(documents) > 1:
        message = "settings are a single document"
        faults.append(InputError("settings-documents", message, location=documents[1].location))
    if faults:
        raise fault_group(faults)
    if not documents:
        return SettingsFile(path=name, folder=path.parent, settings=Settings())
    document = documents[0]
    _limits_as_texts(document.value)
    settings, found = decode(Settings, document.value, strict=True)
    for entry in found:
        pointer = "".join(pointer_step(step) for step in entry.path)
        where = document.locate(pointer, key=entry.code == "unknown-field")
        faults.append(InputError(entry.code, entry.message, hint=entry.hint, location=where))
    faults += _check(settings, document)
    if faults:
        raise fault_group(faults)
    return SettingsFile(path=name, folder=path.parent, settings=settings, places=document.all_places())


def _limits_as_texts(value: JSONValue) -> None:
    """A limit may be a bare number."""
    guards = as_mapping(as_mapping(value).get("guards"))
    for key in ("maxDelete", "maxMove"):
        limit = guards.get(key)
        if isinstance(limit, int) and not isinstance(limit, bool):
            guards[key] = str(limit)


def _paths(settings: Settings) -> Iterator[tuple[str, str]]:
    """The inputs, with their places."""
    return ((f"/inputs/{index}", path) for index, path in enumerate(settings.inputs))


def _check(settings: Settings, document: Document) -> list[InputError]:
    """What the types cannot say."""
    faults: list[InputError] = []

    def refuse(
        pointer: str, message: str, *, code: str = "settings-invalid", hint: str = "", key: bool = False
    ) -> None:
        faults.append(InputError(code, message, hint=hint, location=document.locate(pointer, key=key)))

    lower = "lower case letters, digits and - only"
    if settings.set and not _NAME.match(settings.set):
        refuse("/set", f"{settings.set!r} cannot be the name of a set", hint=f"{lower}, at most 40")
    for pointer, text in (("/inventoryNamespace", settings.inventory_namespace), ("/namespace", settings.namespace)):
        if text and not _LABEL.match(text):
            refuse(pointer, f"{text!r} cannot be the name of a namespace", hint=lower)
    for pointer, text in (("/kubeconfig", settings.kubeconfig), *_paths(settings)):
        if "\0" in text:
            refuse(pointer, f"{text!r} is no path: it holds a NUL character")
    for key, limit in (("maxDelete", settings.guards.max_delete), ("maxMove", settings.guards.max_move)):
        if limit and not _LIMIT.match(limit):
            refuse(f"/guards/{key}", f"{limit!r} is neither a number nor a percentage", hint="12 or 20%")
    for gate in settings.feature_gates:
        if gate not in FeatureGates.names():
            near = get_close_matches(gate, FeatureGates.names(), n=1)
            hint = f"did you mean {near[0]!r}?" if near else ""
            pointer = "/featureGates" + pointer_step(gate)
            refuse(pointer, f"{gate!r} is no feature gate", code="settings-unknown-gate", hint=hint, key=True)
    for index, rule in enumerate(settings.ignore):
        if not rule.path.startswith("/"):
            refuse(f"/ignore/{index}/path", f"{rule.path!r} is not a JSON pointer", hint="/spec/replicas")
    if settings.witness is not None and not settings.witness.context:
        refuse("/witness", "the witness has no context", key=True)
    faults += _check_clusters(settings, document)
    return faults


def _check_clusters(settings: Settings, document: Document) -> list[InputError]:
    faults: list[InputError] = []
    first: dict[str, str] = {}
    for index, cluster in enumerate(settings.clusters):
        pointer = f"/clusters/{index}"
        if not cluster.name:
            faults.append(InputError("field-missing", "a cluster without a name", location=document.locate(pointer)))
        elif cluster.name in first:
            message = f"the cluster {cluster.name!r} is already in {document.locate(first[cluster.name])}"
            where = document.locate(f"{pointer}/name")
            faults.append(InputError("settings-cluster-twice", message, location=where))
        first.setdefault(cluster.name, f"{pointer}/name")
        if cluster.zone and cluster.zones and cluster.zones != (cluster.zone,):
            message = f"the cluster {cluster.name!r} has both zone and zones"
            faults.append(
                InputError("settings-invalid", message, location=document.locate(f"{pointer}/zone", key=True))
            )
        faults += _check_choice(document, f"{pointer}/syncMode", "syncMode", cluster.sync_mode)
        for number, taint in enumerate(cluster.taints):
            inside = f"{pointer}/taints/{number}"
            if not taint.key:
                faults.append(InputError("field-missing", "a taint without a key", location=document.locate(inside)))
            faults += _check_choice(document, f"{inside}/effect", "effect", taint.effect or "(none)")
    return faults


def _check_choice(document: Document, pointer: str, key: str, value: str) -> list[InputError]:
    choices = _CHOICES[key]
    if not value or value in choices:
        return []
    hint = "one of " + ", ".join(choices)
    message = f"{value!r} is no {key}"
    return [InputError("settings-invalid", message, hint=hint, location=document.locate(pointer))]
