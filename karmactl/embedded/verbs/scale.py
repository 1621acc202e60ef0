"""The scale subresource: the number of replicas of an object, as an object of its own.

The Scale shows those owners of the replicas field that a Scale can have, and an update of it is an update of the
field in the parent by a manager with the subresource `scale`, as in apiserver's scale handler.
"""

from typing import Any

from karmactl.embedded import convert
from karmactl.embedded.call import Call, check_write_options, ensure_name
from karmactl.embedded.encode import respond
from karmactl.embedded.fields.manager import Actor, in_order, track_apply, track_update
from karmactl.embedded.fields.paths import FieldSet
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import accept
from karmactl.embedded.objects import KindVersions, cannot_handle, decode_body
from karmactl.embedded.patches import jsonpatch, mergepatch, strategic
from karmactl.embedded.printers import selector_text
from karmactl.embedded.refusals import ApiError, FieldError, invalid
from karmactl.embedded.schema import builtin
from karmactl.embedded.schema.codec import DecodeError, decode
from karmactl.embedded.schema.node import Node
from karmactl.embedded.values import Object, copy, dig
from karmactl.embedded.verbs.patch import (
    APPLY,
    JSON,
    STRATEGIC,
    bad_patch,
    merged_strategically,
    parse_patch,
    patch_type,
    read_config,
    show_patched,
)
from karmactl.embedded.verbs.read import OBJECT_FORMS
from karmactl.embedded.verbs.write import check_version, find_live, update_object

SCALE = "io.k8s.api.autoscaling.v1.Scale"
API_VERSION = "autoscaling/v1"


def _node() -> Node:
    return builtin.node_of(SCALE)


class _ScaleVersions:
    """The Scale kind as field ownership sees it."""

    def node(self, version: str) -> Node | None:
        """The one schema there is."""
        return _node() if version == API_VERSION else None

    def convert(self, value: Object, to: str) -> Object:
        """There is nothing to convert."""
        return value

    def zero(self) -> Object:
        """A Scale of nothing."""
        return {"apiVersion": API_VERSION, "kind": "Scale", "metadata": {}}

    def ignored(self, version: str) -> FieldSet:
        """Status is never owned."""
        return FieldSet.of(("f:status",))


def _paths(call: Call) -> tuple[str, str, str]:
    """Where the parent keeps replicas, current replicas and selector, as dotted paths."""
    if call.resource.definition is not None:
        for version in call.resource.definition["spec"]["versions"]:
            if version["name"] == call.resource.version:
                scale = version["subresources"]["scale"]
                return (
                    scale["specReplicasPath"].lstrip("."),
                    scale["statusReplicasPath"].lstrip("."),
                    (scale.get("labelSelectorPath") or "").lstrip("."),
                )
    return "spec.replicas", "status.replicas", ""


def scale_of(call: Call, parent: Object) -> Object:
    """The Scale of a stored object; raises ApiError 500 where a custom resource has no replicas."""
    wanted, current, selector = _paths(call)
    replicas = dig(parent, *wanted.split("."))
    if replicas is None:
        if call.resource.is_custom:
            raise _internal(f'the spec replicas field ".{wanted}" does not exist')
        replicas = 0
    meta = parent["metadata"]
    status: Object = {"replicas": dig(parent, *current.split(".")) or 0}
    if call.resource.is_custom:
        text = dig(parent, *selector.split(".")) if selector else None
    else:
        labels = parent["spec"].get("selector")
        is_map = labels is not None and "matchLabels" not in labels and "matchExpressions" not in labels
        text = ",".join(f"{k}={v}" for k, v in sorted(labels.items())) if is_map else selector_text(labels)
    if text:
        status["selector"] = text
    spec: Object = {"replicas": replicas} if replicas else {}
    return {
        "kind": "Scale",
        "apiVersion": API_VERSION,
        "metadata": {
            k: meta[k] for k in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp") if k in meta
        },
        "spec": spec,
        "status": status,
    }


def _internal(message: str) -> ApiError:
    return ApiError(500, "InternalError", f"Internal error occurred: {message}", {"causes": [{"message": message}]})


def _owned_scale(call: Call, parent: Object) -> Object:
    """The Scale with the owners of its replicas, for changing it."""
    out = scale_of(call, parent)
    path = ["f:" + step for step in _paths(call)[0].split(".")]
    entries = []
    for entry in parent["metadata"].get("managedFields") or ():
        fields = dig(entry, "fieldsV1", *path)
        if fields is not None:
            shown = {k: v for k, v in entry.items() if k != "time" or entry.get("subresource") != "scale"}
            shown.update(apiVersion=API_VERSION, fieldsV1={"f:spec": {"f:replicas": {}}})
            entries.append(shown)
    if entries:
        out["metadata"]["managedFields"] = entries
    return out


def get(call: Call) -> Response:
    """Shows the Scale of the object that the path names."""
    return respond(200, scale_of(call, find_live(call)), accept(call.request, OBJECT_FORMS), call.warnings)


def update(call: Call) -> Response:
    """Takes a whole Scale."""
    accepted = accept(call.request, OBJECT_FORMS)
    check_write_options(call, "UpdateOptions")
    given = decode_body(call, kind="Scale", node=_node(), api_version=API_VERSION)
    ensure_name(call, given)
    live = find_live(call)
    if given["metadata"].get("resourceVersion"):
        check_version(call, given, live)
    return respond(200, _change(call, live, given), accepted, call.warnings)


def patch(call: Call) -> Response:
    """Takes a patch of the Scale, server-side apply included."""
    form = patch_type(call, (JSON, "application/merge-patch+json", STRATEGIC, APPLY))
    accepted = accept(call.request, OBJECT_FORMS)
    check_write_options(call, "PatchOptions")
    live = find_live(call)
    current = _owned_scale(call, live)
    if form == APPLY:
        config = read_config(call)
        actor = Actor(name=call.request.param("fieldManager"), version=API_VERSION, subresource="scale")
        force = call.request.param("force").lower() in ("true", "1")
        new = track_apply(_ScaleVersions(), current, config, actor, force, _decoded)
        return respond(200, _change(call, live, new, applied_by=actor.name), accepted, call.warnings)
    parsed = parse_patch(call.request.body, form)
    if form == JSON:
        try:
            value = jsonpatch.apply(current, parsed.value)
        except jsonpatch.PatchError as exc:
            raise ApiError(
                422, "Invalid", "the server rejected our request due to an error in our request", {}
            ) from exc
    elif form == STRATEGIC:
        value = merged_strategically(current, parsed.value, _node())
    else:
        value = mergepatch.apply(current, parsed.value)
    try:
        new, unknown = decode(_node(), value)
    except DecodeError as exc:
        raise bad_patch(_shown(form, current, parsed.value), str(exc)) from exc
    if unknown and call.field_validation == "Strict":
        fields = ", ".join(f'unknown field "{u}"' for u in unknown)
        raise bad_patch(_shown(form, current, parsed.value), f"strict decoding error: {fields}")
    if unknown and call.field_validation == "Warn":
        for field in unknown:
            call.warn(f'unknown field "{field}"')
    if dig(value, "metadata", "resourceVersion") not in (None, current["metadata"]["resourceVersion"]):
        check_version(call, new, live)
    return respond(200, _change(call, live, new), accepted, call.warnings)


def _decoded(value: Object) -> Object:
    try:
        return decode(_node(), value)[0]
    except DecodeError as exc:
        raise cannot_handle("Scale", API_VERSION, "Scale", str(exc)) from exc


def _shown(form: str, current: Object, patch: Any) -> str:
    return strategic.go_show(patch) if form == STRATEGIC else show_patched(form, _node(), current, patch)


def _change(call: Call, live: Object, scale: Object, applied_by: str = "") -> Object:
    """Puts the Scale's replicas into the parent; gives the Scale of the result."""
    replicas = dig(scale, "spec", "replicas") or 0
    wanted = _paths(call)[0].split(".")
    if replicas < 0:
        raise _negative(call, replicas)
    current = convert.as_served(live, call.resource)
    new = copy(current)
    node = new
    for step in wanted[:-1]:
        node = node.setdefault(step, {})
    node[wanted[-1]] = replicas
    if not applied_by and "managedFields" not in _owned_scale(call, live)["metadata"]:
        # as for whole objects: where nobody owns anything yet, an update does not begin with it
        return scale_of(call, update_object(call, new, live))
    actor = Actor(name=applied_by or call.manager, version=call.resource.api_version, subresource="scale")
    new = track_update(KindVersions(call=call), current, new, actor)
    entries = []
    for entry in new["metadata"].get("managedFields") or ():
        if entry.get("subresource") == "scale" and entry.get("manager") == actor.name:
            if not replicas and not applied_by:
                # a Scale leaves 0 out, so that nobody has set anything
                continue
            entry.pop("time", None)
            if applied_by:
                entry["operation"] = "Apply"
        entries.append(entry)
    new["metadata"]["managedFields"] = in_order(entries)
    return scale_of(call, update_object(call, new, live))


def _negative(call: Call, replicas: int) -> ApiError:
    if call.resource.is_custom:
        error = FieldError(
            field="." + _paths(call)[0],
            reason="FieldValueInvalid",
            text=f"Invalid value: {replicas}: should be a non-negative integer",
        )
        return invalid(call.resource.kind, call.resource.group, call.info.name, [error])
    error = FieldError(
        field="spec.replicas",
        reason="FieldValueInvalid",
        text=f"Invalid value: {replicas}: must be greater than or equal to 0",
    )
    return invalid("Scale", "autoscaling", call.info.name, [error])


__all__ = ["get", "patch", "scale_of", "update"]
