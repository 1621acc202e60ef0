"""Differences: one object's live state against what the server says it would become, field by field.

Whether an object needs a look at all is told by two digests (`classify`); only where they differ is the server asked
for a dry run, and `diff_objects` compares its answer with the live object. Both sides come from the server, so
defaulting and webhooks are in the answer and noise is not. Sensitive values are masked here, before anything shows
them (I8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from karmactl.core.digest import digest
from karmactl.core.fieldpath import dotted, item_key, item_name
from karmactl.core.fieldset import applied_fields, project
from karmactl.core.model.change import FieldChange, Masked
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef, metadata_of, uid_of
from karmactl.core.model.state import InventoryRow
from karmactl.core.model.work import FieldOrigin

__all__ = [
    "FIELD_MANAGER",
    "Standing",
    "classify",
    "diff_objects",
    "is_sensitive_resource",
    "live_digest",
    "sent_digest",
]

FIELD_MANAGER = "karmactl"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# What every server sets by itself, and what no manifest of ours ever sends.
_NOISE = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink")


class Standing(Enum):
    """How a wanted object stands to what the member holds."""

    UNCHANGED = "unchanged"
    ABSENT = "absent"
    VANISHED = "vanished"
    DIFFERS = "differs"
    FOREIGN = "foreign"


def is_sensitive_resource(ref: ResourceRef) -> bool:
    """Whether digests and values of the object are secret: core/v1 Secret."""
    return ref.kind == "Secret" and ref.group == ""


def sent_digest(body: Manifest, ref: ResourceRef, key: bytes) -> str:
    """The digest of what is sent; an HMAC for Secrets."""
    return digest(body, key=key if is_sensitive_resource(ref) else b"")


def live_digest(live: Manifest, ref: ResourceRef, key: bytes) -> str:
    """The digest of the live object seen through the fields that we hold by apply; "" where we hold none.

    The field set is part of it: a field that another manager took over changes the digest though its value may not.
    """
    fields = applied_fields(live, FIELD_MANAGER)
    if fields is None:
        return ""
    return digest([fields, project(live, fields)], key=key if is_sensitive_resource(ref) else b"")


def classify(body: Manifest, ref: ResourceRef, row: InventoryRow | None, live: Manifest | None, key: bytes) -> Standing:
    """How the wanted object stands, from the inventory row and the live object (None: not there)."""
    if live is None:
        return Standing.VANISHED if row is not None and row.uid else Standing.ABSENT
    if row is None or (row.uid and row.uid != uid_of(live)):
        return Standing.FOREIGN
    if row.uid and row.sent == sent_digest(body, ref, key) and row.live == live_digest(live, ref, key):
        return Standing.UNCHANGED
    return Standing.DIFFERS


@dataclass(slots=True)
class _Differ:
    """Collects field changes of one object."""

    origins: Mapping[str, FieldOrigin]
    sensitive: bool
    changes: list[FieldChange] = field(default_factory=list)
    marks: dict[bytes, int] = field(default_factory=dict)

    def compare(self, before: JSONValue, after: JSONValue, path: str, keyed: str) -> None:
        if before == after and type(before) is type(after):
            return
        if isinstance(before, dict) and isinstance(after, dict):
            for key in sorted({*before, *after}):
                self._member(before, after, key, f"{path}/{_escape(key)}", dotted(keyed, key))
        elif isinstance(before, list) and isinstance(after, list):
            self._lists(before, after, path, keyed)
        else:
            self._add(path, keyed, "replace", before, after)

    def _member(
        self, before: dict[str, JSONValue], after: dict[str, JSONValue], key: str, path: str, keyed: str
    ) -> None:
        if key not in after:
            self._add(path, keyed, "remove", before[key], None)
        elif key not in before:
            self._add(path, keyed, "add", None, after[key])
        else:
            self.compare(before[key], after[key], path, keyed)

    def _lists(self, before: list[JSONValue], after: list[JSONValue], path: str, keyed: str) -> None:
        by = item_key(before, after)
        if by is None:
            self._add(path, keyed, "replace", before, after)
            return
        old = {item_name(item, by): item for item in before}
        new = {item_name(item, by): item for item in after}
        if list(old) != list(new) and sorted(old) == sorted(new):
            self._add(path, keyed, "replace", before, after)
            return
        for index, (name, item) in enumerate(new.items()):
            here, keyed_here = f"{path}/{index}", f"{keyed}[{name}]"
            if name in old:
                self.compare(old[name], item, here, keyed_here)
            else:
                self._add(here, keyed_here, "add", None, item)
        for index, (name, item) in enumerate(old.items()):
            if name not in new:
                self._add(f"{path}/{index}", f"{keyed}[{name}]", "remove", item, None)

    def _add(self, path: str, keyed: str, op: str, before: JSONValue, after: JSONValue) -> None:
        masked = (self.sensitive and path.startswith(("/data", "/stringData"))) or _escape(_LAST_APPLIED) in path
        self.changes.append(
            FieldChange(
                path=path,
                keyed_path=keyed,
                op=op,
                before=self._mask(before) if masked and op != "add" else before,
                after=self._mask(after) if masked and op != "remove" else after,
                origin=_origin_of(self.origins, path),
            )
        )

    def _mask(self, value: JSONValue) -> Masked:
        # Only equality within this one change shows: the mark is a running number, not a hash of the value.
        return Masked(mark=self.marks.setdefault(digest(value).encode(), len(self.marks) + 1))


def diff_objects(
    before: Manifest | None, after: Manifest, ref: ResourceRef, origins: Sequence[FieldOrigin] = ()
) -> tuple[FieldChange, ...]:
    """The fields that differ between the live object (None: it is new) and the object to be, sorted by path.

    `status` and what the server keeps for itself are left out. Lists whose items have names are compared item by
    item; other lists change as a whole. Values of Secrets are masked.
    """
    differ = _Differ(origins={origin.path: origin for origin in origins}, sensitive=is_sensitive_resource(ref))
    if before is None:
        return ()
    differ.compare(_quiet(before), _quiet(after), "", "")
    return tuple(differ.changes)


def _quiet(manifest: Manifest) -> Manifest:
    quiet = {key: value for key, value in manifest.items() if key != "status"}
    quiet["metadata"] = {key: value for key, value in metadata_of(manifest).items() if key not in _NOISE}
    return quiet


def _origin_of(origins: Mapping[str, FieldOrigin], path: str) -> FieldOrigin | None:
    """The origin of the field or of the nearest field above it."""
    while path:
        if path in origins:
            return origins[path]
        path = path.rpartition("/")[0]
    return None


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
