"""The last steps of every write: admission, preparation, validation, storage.

`create_object` and `update_object` take a decoded object of the request's version, with its managedFields up to
date, and give the stored one. Everything before (decoding, patching, ownership) is the verbs' own.
"""

import random
import string
import uuid

from karmactl.embedded import admission, convert
from karmactl.embedded.call import Call
from karmactl.embedded.escalation import check_grant
from karmactl.embedded.kinds.custom import custom, finalizer_warnings
from karmactl.embedded.kinds.metadata import validate_meta, validate_meta_update
from karmactl.embedded.kinds.registry import strategy_of
from karmactl.embedded.refusals import CHANGED, ApiError, FieldError, already_exists, conflict, invalid, not_found
from karmactl.embedded.schema import builtin, codec
from karmactl.embedded.values import Object, copy, equal, now
from karmactl.embedded.warnings import warnings_of

_RANDOM_NAME = "bcdfghjklmnpqrstvwxz2456789"
_MAX_GENERATED_BASE = 58
_SYSTEM_FIELDS = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")


def wipe_system_fields(obj: Object) -> None:
    """Takes away what only the server sets."""
    meta = obj.setdefault("metadata", {})
    for field in _SYSTEM_FIELDS:
        meta.pop(field, None)


def _generate_name(base: str) -> str:
    return base[:_MAX_GENERATED_BASE] + "".join(random.choices(_RANDOM_NAME, k=5))


def create_object(call: Call, obj: Object) -> Object:
    """Admits, prepares, validates and stores a new object; raises ApiError."""
    resource, store = call.resource, call.cluster.store
    strategy = strategy_of(resource)
    meta = obj["metadata"]
    admission.admit_create(call, obj)
    check_grant(call, obj)
    if meta.get("resourceVersion") not in (None, "", "0"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    meta.pop("resourceVersion", None)
    generated = not meta.get("name") and meta.get("generateName")
    if generated:
        meta["name"] = _generate_name(meta["generateName"])
    meta["creationTimestamp"] = now()
    meta["uid"] = str(uuid.uuid4())
    for field in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
        meta.pop(field, None)
    # custom resources are looked at in the request's version, and converted when they are stored
    stored = obj if resource.is_custom else convert.to_storage(obj, resource)
    if resource.subresource("status") is not None:
        _reset_status(call, stored)
    meta.pop("generation", None)
    if strategy.generation or resource.is_custom:
        meta["generation"] = 1
    strategy.prepare_create(call, stored)
    errors = validate_meta(resource, stored) + custom(resource, stored) + strategy.validate(stored)
    if errors:
        raise _invalid(call, stored, errors)
    admission.validate_create(call, stored)
    for text in _warnings(call, stored):
        call.warn(text)
    key = (call.namespace, meta["name"])
    if (live := store.get(resource.table, key)) is not None:
        is_going = "deletionTimestamp" in live["metadata"]
        raise already_exists(resource.group_resource, meta["name"], is_going=is_going)
    stored = _settled(call, stored)
    if call.dry_run:
        return stored
    return store.put(resource.table, key, stored)


def _settled(call: Call, obj: Object) -> Object:
    """The object as storage gives it back."""
    resource = call.resource
    if resource.is_custom:
        return convert.to_storage(obj, resource)
    group, _, version = resource.storage_api_version.rpartition("/")
    name = builtin.type_name(group, version, resource.kind)
    if name is None:
        return obj
    settled: Object = codec.settle(builtin.node_of(name), obj)
    settled["kind"], settled["apiVersion"] = obj["kind"], obj["apiVersion"]
    return settled


def _warnings(call: Call, obj: Object, old: Object | None = None) -> list[str]:
    if call.resource.is_custom:
        return finalizer_warnings(obj, old)
    return warnings_of(call.resource.table, obj, old)


def _reset_status(call: Call, stored: Object) -> None:
    """A create never sets status: it becomes the kind's zero value."""
    from karmactl.embedded.objects import empty

    zero = convert.to_storage(empty(call.resource), call.resource)
    if "status" in zero:
        stored["status"] = zero["status"]
    else:
        stored.pop("status", None)


def _invalid(call: Call, obj: Object, errors: list[FieldError]) -> ApiError:
    name = obj["metadata"].get("name") or ""
    return invalid(call.resource.kind, call.resource.table[0], name, errors)


def check_version(call: Call, new: Object, live: Object) -> None:
    """The optimistic lock: raises ApiError 409 for a version that is not the live one, 422 where one must be given."""
    given = new["metadata"].get("resourceVersion") or ""
    if given in ("", "0"):
        strategy = strategy_of(call.resource)
        if not strategy.unconditional_update or call.resource.is_custom:
            raise invalid_version_missing(call)
        return
    if not given.isdigit():
        raise ApiError(500, "", f'strconv.ParseUint: parsing "{given}": invalid syntax')
    if given != live["metadata"]["resourceVersion"]:
        raise conflict(call.resource.group_resource, call.info.name, CHANGED)


def invalid_version_missing(call: Call) -> ApiError:
    """422 for an update without resourceVersion of a kind that needs one."""
    return invalid(
        call.resource.plural,
        call.resource.group,
        call.info.name,
        [
            FieldError(
                field="metadata.resourceVersion",
                reason="FieldValueInvalid",
                text="Invalid value: 0: must be specified for an update",
            )
        ],
    )


def check_uid(call: Call, new: Object, live: Object) -> None:
    """Raises ApiError 409 for an object that names another uid than the live one."""
    given = new["metadata"].get("uid")
    if given and given != live["metadata"]["uid"]:
        raise conflict(
            call.resource.group_resource,
            call.info.name,
            f"Precondition failed: UID in precondition: {given}, UID in object meta: {live['metadata']['uid']}",
        )


def update_object(call: Call, new: Object, live: Object) -> Object:
    """Prepares, validates and stores a changed object over the live one; raises ApiError.

    `new` is in the request's version, `live` as stored. A change that changes nothing stores nothing.
    """
    resource = call.resource
    strategy = strategy_of(resource)
    endpoint = call.subresource.name if call.subresource is not None else ""
    status_only, part = endpoint in ("status", "approval"), strategy.parts.get(endpoint)
    was = live
    if resource.is_custom:
        live = convert.as_served(live, resource)
    stored = dict(new if resource.is_custom else convert.to_storage(new, resource))
    stored["metadata"] = dict(stored["metadata"])
    admission.admit_update(call, stored, live)
    check_grant(call, stored, live)
    _keep_system_fields(stored, live)
    if status_only:
        stored = _only_status(stored, live, strategy.status_resets)
        strategy.prepare_status(call, stored, live)
    elif part is not None:
        stored = part.only(stored, live)
        _count_generation(call, stored, live)
    else:
        if resource.subresource("status") is not None:
            _keep(stored, live, "status")
        strategy.prepare_update(call, stored, live)
        _count_generation(call, stored, live)
    errors = validate_meta_update(resource, stored, live)
    errors += custom(resource, stored, live, status_only)
    if endpoint == "approval":
        errors += strategy.validate_approval(stored, live)
    elif part is not None:
        errors += part.validate(stored, live)
    else:
        errors += strategy.validate_status(stored, live) if status_only else strategy.validate_update(stored, live)
    if errors:
        raise _invalid(call, stored, errors)
    admission.validate_update(call, stored, live)
    if not status_only and part is None:
        for text in _warnings(call, stored, live):
            call.warn(text)
    return store_update(call, _settled(call, stored), was)


def _keep(new: Object, live: Object, key: str) -> None:
    if key in live:
        new[key] = live[key]
    else:
        new.pop(key, None)


def _keep_system_fields(new: Object, live: Object) -> None:
    meta, old = new["metadata"], live["metadata"]
    meta["resourceVersion"] = old["resourceVersion"]
    meta.setdefault("uid", old["uid"])
    for field in ("creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds"):
        _keep(meta, old, field)


def _only_status(new: Object, live: Object, resets: tuple[tuple[str, ...], ...]) -> Object:
    """What an update through /status changes: status and such metadata as upstream lets through."""
    out: Object = copy(live)
    _keep(out, new, "status")
    out["metadata"] = new["metadata"]
    for path in resets:
        if path[:1] == ("f:metadata",) and len(path) > 1:
            _keep(out["metadata"], live["metadata"], path[1][2:])
    return out


def _count_generation(call: Call, new: Object, live: Object) -> None:
    """Counts up the generation where something changed that the kind's controllers have to look at."""
    strategy = strategy_of(call.resource)
    counts = strategy.generation if strategy.counts_generation is None else strategy.counts_generation
    if not (counts or call.resource.is_custom):
        return
    has_status = call.resource.subresource("status") is not None
    skip = {"metadata", "apiVersion", "kind"} | ({"status"} if has_status else set())
    before = {k: v for k, v in live.items() if k not in skip and v not in (None, [], {})}
    after = {k: v for k, v in new.items() if k not in skip and v not in (None, [], {})}
    extra = strategy.generation_with
    if extra:
        before[""], after[""] = live["metadata"].get(extra) or {}, new["metadata"].get(extra) or {}
    if not equal(before, after):
        new["metadata"]["generation"] = live["metadata"].get("generation", 0) + 1


def store_update(call: Call, new: Object, live: Object) -> Object:
    """Stores a finished object over the live one, unless nothing changed; removes it when it was only waiting to go."""
    store, table = call.cluster.store, call.resource.table
    key = (live["metadata"].get("namespace") or "", live["metadata"]["name"])
    meta = new["metadata"]
    gone = (
        "deletionTimestamp" in meta
        and not meta.get("finalizers")
        and not meta.get("deletionGracePeriodSeconds")
        and not (table == ("", "namespaces") and (new.get("spec") or {}).get("finalizers"))
    )
    if gone:
        if call.dry_run:
            return new
        return _remove_changed(call, key, new)
    if equal(new, live):
        return live
    if call.dry_run:
        return new
    return store.put(table, key, new)


def _remove_changed(call: Call, key: tuple[str, str], new: Object) -> Object:
    """Removes an object with its last change; the answer shows the change under the version before it."""
    call.cluster.store.remove(call.resource.table, key)
    return new


def find_live(call: Call) -> Object:
    """The stored object that the path names; raises ApiError 404."""
    found = call.cluster.store.get(call.resource.table, call.key)
    if found is None:
        raise not_found(call.resource.group_resource, call.info.name)
    return found


__all__ = ["create_object", "find_live", "store_update", "string", "update_object"]
