"""POST to a collection."""

from karmactl.embedded.call import Call, check_write_options, ensure_namespace
from karmactl.embedded.fields.manager import Actor, track_update
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import accept
from karmactl.embedded.objects import KindVersions, decode_body, empty
from karmactl.embedded.verbs.read import OBJECT_FORMS, render
from karmactl.embedded.verbs.write import create_object, wipe_system_fields


def create(call: Call) -> Response:
    """Stores a new object and shows it; raises ApiError."""
    accepted = accept(call.request, OBJECT_FORMS)
    check_write_options(call, "CreateOptions")
    obj = decode_body(call)
    wipe_system_fields(obj)
    ensure_namespace(call, obj)
    dedup_owners(call, obj)
    actor = Actor(name=call.manager, version=call.resource.api_version)
    obj = track_update(KindVersions(call=call), empty(call.resource), obj, actor)
    return render(call, create_object(call, obj), status=201, accepted=accepted)


def dedup_owners(call: Call, obj: dict) -> None:  # type: ignore[type-arg]
    """Drops owner references that are given twice, with a warning."""
    owners = obj["metadata"].get("ownerReferences")
    if not owners:
        return
    unique: list[dict[str, object]] = []
    for owner in owners:
        if owner in unique:
            call.warn(
                ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, "
                "and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
                f"{owner.get('uid')}"
            )
        else:
            unique.append(owner)
    obj["metadata"]["ownerReferences"] = unique


__all__ = ["create", "dedup_owners"]
