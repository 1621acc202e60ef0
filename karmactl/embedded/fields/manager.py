"""`metadata.managedFields`: read from an object, brought up to date by a write, and put back.

Every write goes through `track_update` or `track_apply`. The order of things is that of apimachinery's chain of
field managers: entries are found by manager, operation, subresource and (for updates) version; metadata that
nobody owns is stripped; at most ten update entries are kept; an object without entries that is applied for the
first time belongs to the manager `before-first-apply`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from karmactl.embedded.fields import last_applied, typed, updater
from karmactl.embedded.fields.paths import FieldSet, Path, show
from karmactl.embedded.fields.updater import Conflicts, Managers, Owned, Versions
from karmactl.embedded.refusals import ApiError, bad_request, plain_error
from karmactl.embedded.values import Object, equal, go_quote, now

MAX_UPDATE_MANAGERS = 10
_CURRENT = "current-operation"
_SMALL = ("apiVersion", "kind")
_NEVER_OWNED = FieldSet.of(
    ("f:apiVersion",),
    ("f:kind",),
    ("f:metadata",),
    *(
        ("f:metadata", "f:" + name)
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    ),
)

# manager, operation, subresource, version (empty for appliers, so that an applier stays one entry)
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who writes: the manager's name, and the endpoint through which it writes."""

    name: str
    version: str
    subresource: str = ""


@dataclass(slots=True)
class _Managed:
    fields: Managers = field(default_factory=dict)
    times: dict[str, str | None] = field(default_factory=dict)


def _identify(name: str, operation: str, subresource: str, version: str) -> str:
    key: _Key = (name, operation, subresource, "" if operation == "Apply" else version)
    return orjson.dumps(key).decode()


def _decode(entries: Any, *, stored: bool = True) -> _Managed:
    """Raises ValueError for entries that are not well-formed; `stored` ones were written by this module."""
    out = _Managed()
    read = FieldSet.decode_whole if stored else FieldSet.decode
    for entry in entries or ():
        operation, version = entry.get("operation"), entry.get("apiVersion") or ""
        if operation not in ("Apply", "Update") or not version or entry.get("fieldsType") != "FieldsV1":
            raise ValueError("malformed entry")
        key = _identify(entry.get("manager", ""), operation, entry.get("subresource", ""), version)
        fields = read(entry.get("fieldsV1") or {})
        out.fields[key] = Owned(fields=fields, version=version, applied=operation == "Apply")
        out.times[key] = entry.get("time")
    return out


def _encode(managed: _Managed) -> list[Object]:
    out = []
    for key, owned in managed.fields.items():
        name, operation, subresource, _ = orjson.loads(key)
        entry: Object = {
            "manager": name,
            "operation": operation,
            "apiVersion": owned.version,
        }
        if managed.times.get(key):
            entry["time"] = managed.times[key]
        entry |= {"fieldsType": "FieldsV1", "fieldsV1": owned.fields.encode_whole()}
        if subresource:
            entry["subresource"] = subresource
        out.append(entry)
    return in_order(out)


def in_order(entries: list[Object]) -> list[Object]:
    """Entries as managedFields lists them; those without a time come first."""
    return sorted(
        entries,
        key=lambda e: (
            e["operation"],
            e.get("time") or "",
            e["manager"],
            e["apiVersion"],
            e.get("subresource", ""),
        ),
    )


def _is_reset(entries: Any) -> bool:
    return bool(entries == [] or entries == [{}])


def _decode_live_or_new(live: Object, new: Object, subresource: bool) -> _Managed:
    mine = (new.get("metadata") or {}).get("managedFields")
    theirs = (live.get("metadata") or {}).get("managedFields")
    if not subresource:
        if _is_reset(mine):
            return _Managed()
        try:
            managed = _decode(mine, stored=False)
        except (ValueError, AttributeError, TypeError):
            managed = _Managed()
        if managed.fields:
            return managed
    try:
        return _decode(theirs)
    except ValueError:
        return _Managed()


def _without_entries(obj: Object) -> Object:
    if "managedFields" not in (obj.get("metadata") or {}):
        return obj
    out = dict(obj)
    out["metadata"] = {k: v for k, v in obj["metadata"].items() if k != "managedFields"}
    return out


def _put_back(obj: Object, managed: _Managed) -> Object:
    entries = _encode(managed)
    out = dict(obj)
    out["metadata"] = dict(obj.get("metadata") or {})
    out["metadata"].pop("managedFields", None)
    if entries:
        out["metadata"]["managedFields"] = entries
    return out


def track_update(versions: Versions, live: Object, new: Object, actor: Actor) -> Object:
    """The new object with managedFields as they are after the actor wrote it over the live one.

    `live` is an object of apiVersion and kind alone where nothing was there before. Both are in the actor's version.
    """
    managed = _decode_live_or_new(live, new, bool(actor.subresource))
    live, new = _without_entries(live), _without_entries(new)
    if not managed.fields and (live.get("metadata") or {}).get("uid"):
        return _put_back(new, managed)  # nobody tracks this object
    try:
        managed = _update(versions, live, new, managed, actor, actor.name)
    except typed.TypedError:
        return new
    return _put_back(new, _capped(managed))


def _update(versions: Versions, live: Object, new: Object, managed: _Managed, actor: Actor, name: str) -> _Managed:
    key = _identify(name or "unknown", "Update", actor.subresource, actor.version)
    if all(owned.version == actor.version for owned in managed.fields.values()):
        live, new = _differing(live, new)
    fields = updater.update(versions, live, new, actor.version, managed.fields, _CURRENT)
    fields = _stripped(fields, _CURRENT)
    times = dict(managed.times)
    mine = fields.pop(_CURRENT, None)
    if mine is not None:
        before = fields.get(key)
        fields[key] = mine if before is None else replace(mine, fields=mine.fields.union(before.fields))
        times[key] = now()
    return _Managed(fields, times)


def _differing(live: Object, new: Object) -> tuple[Object, Object]:
    """Two objects without the parts that are the same in both: nobody gains or loses a field there."""
    same = {key for key, part in new.items() if key not in _SMALL and key in live and equal(part, live[key])}
    if not same:
        return live, new
    return {k: v for k, v in live.items() if k not in same}, {k: v for k, v in new.items() if k not in same}


def _stripped(managers: Managers, key: str) -> Managers:
    owned = managers.get(key)
    if owned is None:
        return managers
    left = owned.fields.difference(_NEVER_OWNED)
    out = dict(managers)
    if left.empty():
        del out[key]
    else:
        out[key] = replace(owned, fields=left)
    return out


def _capped(managed: _Managed) -> _Managed:
    """At most MAX_UPDATE_MANAGERS update entries: the oldest ones are joined, version by version."""
    updaters = [key for key, owned in managed.fields.items() if not owned.applied]
    if len(updaters) <= MAX_UPDATE_MANAGERS:
        return managed
    fields, times = dict(managed.fields), dict(managed.times)
    updaters.sort(key=lambda key: (times.get(key) or "", key))
    first: dict[str, str] = {}
    left = len(updaters)
    for key in updaters:
        if left <= MAX_UPDATE_MANAGERS:
            break
        owned = fields[key]
        bucket = _identify("ancient-changes", "Update", "", owned.version)
        if owned.version not in first:
            first[owned.version] = key
            continue
        if bucket not in fields:
            fields[bucket] = fields.pop(first[owned.version])
        fields[bucket] = replace(owned, fields=owned.fields.union(fields[bucket].fields))
        del fields[key]
        left -= 1
        times[bucket] = times.get(key)
    return _Managed(fields, times)


def track_apply(
    versions: Versions,
    live: Object,
    config: Object,
    actor: Actor,
    force: bool,
    complete: Callable[[Object], Object],
) -> Object:
    """The object after the actor applied the config to the live one, with its managedFields.

    `complete` fills defaults into the merged object. Raises ApiError: 400 for managedFields in the config, 409 for
    conflicts, 500 for a config that does not fit the schema.
    """
    try:
        managed = _decode((live.get("metadata") or {}).get("managedFields"))
    except ValueError as exc:
        raise plain_error(f"failed to decode managed fields: {exc}") from exc
    live = _without_entries(live)
    # An object that is not there yet holds nothing that anybody could have set before.
    if not managed.fields and (live.get("metadata") or {}).get("uid"):
        managed = _update(versions, versions.zero(), live, managed, actor, "before-first-apply")
    if _meta(config).get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    _check_config(versions, config, actor)
    key = _identify(actor.name or "unknown", "Apply", actor.subresource, actor.version)
    merged, fields = _applied(versions, live, config, actor, managed.fields, key, force)
    fields = _stripped(fields, key)
    times = dict(managed.times)
    if equal(merged, live):
        return _put_back(live, _Managed(fields, times))
    times[key] = now()
    merged = complete(merged)
    annotations = (merged.get("metadata") or {}).get("annotations") or {}
    if actor.name == last_applied.MANAGER and annotations.get(last_applied.ANNOTATION):
        text = last_applied.annotation_of(config)
        merged["metadata"]["annotations"] = {**annotations, last_applied.ANNOTATION: text}
    return _put_back(merged, _Managed(fields, times))


def _applied(
    versions: Versions, live: Object, config: Object, actor: Actor, managers: Managers, key: str, force: bool
) -> tuple[Object, Managers]:
    """The merged object and who owns what then; raises ApiError 409 and 500."""
    try:
        return updater.apply(versions, live, config, actor.version, managers, key, force)
    except Conflicts as exc:
        if actor.name != last_applied.MANAGER:
            raise _conflict(exc) from exc
        own = set(last_applied.allowed(versions, live, actor.version).paths())
        left = [(manager, path) for manager, path in exc.found if path not in own]
        if left:
            raise _conflict(Conflicts(left)) from exc
        return updater.apply(versions, live, config, actor.version, managers, key, True)
    except typed.TypedError as exc:
        raise plain_error(f"failed to merge config: {exc}") from exc


def _check_config(versions: Versions, config: Object, actor: Actor) -> None:
    node = versions.node(actor.version)
    assert node is not None
    try:
        typed.validate(node, config)
    except typed.TypedError as exc:
        raise plain_error(f"failed to create typed patch object ({describe(config)}): {exc}") from exc


def _meta(config: Object) -> Object:
    """The metadata of what a client sent, which may be anything."""
    found = config.get("metadata")
    return found if isinstance(found, dict) else {}


def describe(obj: Object) -> str:
    """`namespace/name; group/version, Kind=Kind`, as apimachinery's field manager names an object."""
    found = _meta(obj)
    return (
        f"{found.get('namespace') or ''}/{found.get('name') or ''}; "
        f"{_gvk(*(v if isinstance(v := obj.get(k), str) else '' for k in ('apiVersion', 'kind')))}"
    )


def _gvk(api_version: str, kind: str) -> str:
    group_version = api_version if "/" in api_version else f"/{api_version}"
    return f"{group_version}, Kind={kind}"


def _show_manager(key: str) -> str:
    name, operation, subresource, version = orjson.loads(key)
    text = go_quote(name)
    if subresource:
        text += f" with subresource {go_quote(subresource)}"
    return f"{text} using {version}" if operation == "Update" else text


def _conflict(exc: Conflicts) -> ApiError:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {_show_manager(manager)}",
            "field": show(path),
        }
        for manager, path in exc.found
    ]
    return ApiError(409, "Conflict", _conflict_message(exc.found), {"causes": causes})


def _conflict_message(found: list[tuple[str, Path]]) -> str:
    if len(found) == 1:
        manager, path = found[0]
        return f"Apply failed with 1 conflict: conflict with {_show_manager(manager)}: {show(path)}"
    by_manager: dict[str, list[Path]] = {}
    for manager, path in found:
        by_manager.setdefault(manager, []).append(path)
    lines = []
    for manager in sorted(by_manager):
        lines.append(f"conflicts with {_show_manager(manager)}:")
        lines += [f"- {show(path)}" for path in by_manager[manager]]
    return f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)
