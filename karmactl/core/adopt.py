"""Taking an object over from former managers: their ownership becomes ours, so that what leaves the files can go.

Server-side apply removes a field when the last manager that applied it stops doing so. An object that kubectl, Helm or
a Karmada made would keep their entries in managedFields for ever, and with them every field that they once set. So
adoption moves these entries into ours; what of them the files do not say goes with the apply that follows, as with
`kubectl apply`, and what others hold besides stays. Controllers (autoscalers, meshes) are no former managers.
Source: client-go util/csaupgrade (UpgradeManagedFields); structured-merge-diff merge/update.go (prune).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from karmactl.core.diff import FIELD_MANAGER
from karmactl.core.fieldset import item_at
from karmactl.core.model.manifest import (
    JSONValue,
    Manifest,
    api_version_of,
    as_list,
    as_mapping,
    as_str,
    copy_manifest,
    metadata_of,
)

__all__ = ["former_managers", "moved_fields", "without_moved"]

# By the name of the program: kubectl's subcommands (kubectl-edit, kubectl-client-side-apply, ...), Helm, Karmada.
_FORMER: Final = ("kubectl", "helm", "karmada-")
# What an object was made by before the server kept managedFields.
_BEFORE_FIRST_APPLY: Final = "before-first-apply"


def former_managers(live: Manifest) -> tuple[str, ...]:
    """The managers whose fields an adoption takes over, sorted."""
    return tuple(sorted({as_str(entry.get("manager")) for entry in _entries(live) if _is_former(entry)}))


def moved_fields(live: Manifest) -> list[JSONValue]:
    """The managedFields of `live` once former managers' fields are ours.

    Entries in another version of the API only lose their owner: their paths may be called otherwise in ours.
    """
    version = api_version_of(live)
    entries = _entries(live)
    ours = next((entry for entry in entries if _is_ours(entry)), None)
    fields: dict[str, JSONValue] = dict(as_mapping(ours.get("fieldsV1"))) if ours is not None else {}
    time = as_str(ours.get("time")) if ours is not None else ""
    for entry in entries:
        if _is_former(entry) and entry.get("apiVersion") == version:
            fields = _joined(fields, as_mapping(entry.get("fieldsV1")))
            time = max(time, as_str(entry.get("time")))
    kept: list[JSONValue] = [{**entry} for entry in entries if not _is_former(entry) and not _is_ours(entry)]
    if not fields:
        return kept
    taken: dict[str, JSONValue] = {
        "manager": FIELD_MANAGER,
        "operation": "Apply",
        "apiVersion": version,
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    return [{key: value for key, value in taken.items() if value}, *kept]


def without_moved(after: Manifest, moved: Sequence[JSONValue]) -> Manifest:
    """`after` without what is ours by `moved` alone: neither our apply, which gave `after`, nor anybody else holds it.

    `after` itself where nothing of that kind is there.
    """
    taken = next((as_mapping(entry) for entry in moved if _is_ours(as_mapping(entry))), None)
    if taken is None:
        return after
    applied = [as_mapping(entry.get("fieldsV1")) for entry in _entries(after) if _is_ours(entry)]
    others = [as_mapping(as_mapping(entry).get("fieldsV1")) for entry in moved if not _is_ours(as_mapping(entry))]
    result = copy_manifest(after)
    _remove(result, as_mapping(taken.get("fieldsV1")), [*applied, *others])
    return after if result == after else result


def _entries(live: Manifest) -> list[dict[str, JSONValue]]:
    return [as_mapping(entry) for entry in as_list(metadata_of(live).get("managedFields"))]


def _is_ours(entry: Mapping[str, JSONValue]) -> bool:
    return entry.get("manager") == FIELD_MANAGER and entry.get("operation") == "Apply" and not entry.get("subresource")


def _is_former(entry: Mapping[str, JSONValue]) -> bool:
    manager = as_str(entry.get("manager"))
    # `kubectl scale` writes through the subresource; what it set is in the object itself.
    is_whole = as_str(entry.get("subresource")) in ("", "scale")
    return is_whole and (manager.startswith(_FORMER) or manager == _BEFORE_FIRST_APPLY)


def _joined(ours: dict[str, JSONValue], theirs: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    """Both field sets in one."""
    joined = dict(ours)
    for key, child in theirs.items():
        joined[key] = _joined(as_mapping(joined.get(key)), as_mapping(child))
    return joined


def _remove(value: JSONValue, taken: Mapping[str, JSONValue], keep: Sequence[Mapping[str, JSONValue]]) -> None:
    """Take out of `value`, in place, what `taken` has and none of `keep` does."""
    for key, child in taken.items():
        children = as_mapping(child)
        keepers = [as_mapping(fields[key]) for fields in keep if key in fields]
        if key == ".":
            continue
        if not keepers and (not children or "." in children):
            _drop(value, key)
        elif not any(not fields for fields in keepers):
            _remove(item_at(value, key), children, keepers)


def _drop(value: JSONValue, key: str) -> None:
    if isinstance(value, dict):
        value.pop(key.partition(":")[2], None)
    elif isinstance(value, list) and (item := item_at(value, key)) is not None:
        value.remove(item)
