"""PUT: an object replaced, or its status."""

from karmactl.embedded import convert
from karmactl.embedded.call import Call, check_write_options, ensure_name, ensure_namespace
from karmactl.embedded.fields.manager import Actor, track_update
from karmactl.embedded.http import Response
from karmactl.embedded.kinds.registry import strategy_of
from karmactl.embedded.negotiation import accept
from karmactl.embedded.objects import KindVersions, decode_body, empty
from karmactl.embedded.refusals import not_found
from karmactl.embedded.verbs.create import dedup_owners
from karmactl.embedded.verbs.read import OBJECT_FORMS, render
from karmactl.embedded.verbs.write import (
    check_uid,
    check_version,
    create_object,
    update_object,
    wipe_system_fields,
)


def update(call: Call) -> Response:
    """Stores the object in place of the live one and shows it; raises ApiError."""
    accepted = accept(call.request, OBJECT_FORMS)
    check_write_options(call, "UpdateOptions")
    obj = decode_body(call)
    ensure_namespace(call, obj)
    ensure_name(call, obj)
    dedup_owners(call, obj)
    subresource = call.subresource.name if call.subresource else ""
    actor = Actor(name=call.manager, version=call.resource.api_version, subresource=subresource)
    versions = KindVersions(call=call, subresource=subresource)
    live = call.cluster.store.get(call.resource.table, call.key)
    if live is None:
        return _create(call, obj, actor, versions)
    check_version(call, obj, live)
    current = convert.as_served(live, call.resource)
    check_uid(call, obj, live)
    obj["metadata"].setdefault("uid", live["metadata"]["uid"])
    obj = track_update(versions, current, obj, actor)
    return render(call, update_object(call, obj, live), accepted=accepted)


def _create(call: Call, obj: dict, actor: Actor, versions: KindVersions) -> Response:  # type: ignore[type-arg]
    """PUT under a name that is free: created where the kind allows it."""
    strategy = strategy_of(call.resource)
    if call.subresource is not None or call.resource.is_custom or not strategy.create_on_update:
        raise not_found(call.resource.group_resource, call.info.name)
    wipe_system_fields(obj)
    obj = track_update(versions, empty(call.resource), obj, actor)
    return render(call, create_object(call, obj), status=201)
