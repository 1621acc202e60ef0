"""PATCH: JSON, merge and strategic merge patches, and server-side apply.

A patch is applied to the object in the request's version; from there on it goes the way of an update (or, for an
apply of an object that is not there, of a create).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from karmactl.embedded import convert
from karmactl.embedded.body import BodyError, Parsed, parse_json
from karmactl.embedded.call import Call, check_write_options, ensure_name, ensure_namespace
from karmactl.embedded.encode import go_dumps
from karmactl.embedded.fields.manager import Actor, track_apply, track_update
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import accept, check_consumed
from karmactl.embedded.objects import (
    KindVersions,
    check_size,
    decode_plain,
    decode_value,
    empty,
    foreign_kind,
    no_object,
    node_of,
)
from karmactl.embedded.patches import jsonpatch, mergepatch, strategic
from karmactl.embedded.refusals import (
    ApiError,
    FieldError,
    bad_request,
    conflict,
    invalid,
    not_found,
    unsupported_media_type,
)
from karmactl.embedded.schema import builtin, unstructured
from karmactl.embedded.schema.codec import DecodeError, decode, json_type, ordered
from karmactl.embedded.schema.node import Node
from karmactl.embedded.values import Object, go_quote
from karmactl.embedded.verbs.create import dedup_owners
from karmactl.embedded.verbs.read import OBJECT_FORMS, render
from karmactl.embedded.verbs.write import check_uid, check_version, create_object, update_object

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
APPLY_CBOR = "application/apply-patch+cbor"

MAX_OPERATIONS = 10_000


def patch_type(call: Call, taken: tuple[str, ...] = ()) -> str:
    """The patch format of the body; raises ApiError 415 for one that the resource does not take."""
    found = call.request.header("content-type").split(";")[0].strip()
    if not taken:
        taken = (JSON, MERGE, APPLY) if call.resource.is_custom else (JSON, MERGE, STRATEGIC, APPLY)
    if not call.resource.is_custom:
        check_consumed(call.request, (JSON, MERGE, STRATEGIC, APPLY))
    if found not in taken:
        raise unsupported_media_type(taken)
    return found


def check_options(call: Call, form: str) -> None:
    """Raises ApiError 422 for options that do not go with the format."""
    check_write_options(call, "PatchOptions")
    errors: list[FieldError] = []
    if form == APPLY:
        if not call.request.param("fieldManager"):
            errors.append(
                FieldError(
                    field="fieldManager",
                    reason="FieldValueRequired",
                    text="Required value: is required for apply patch",
                )
            )
    elif call.request.has_param("force"):
        errors.append(
            FieldError(
                field="force", reason="FieldValueForbidden", text="Forbidden: may not be specified for non-apply patch"
            )
        )
    if errors:
        raise invalid("PatchOptions", "meta.k8s.io", "", errors)


def patch(call: Call) -> Response:
    """Applies the patch that the request carries; raises ApiError."""
    form = patch_type(call)
    accepted = accept(call.request, OBJECT_FORMS)
    check_size(call.request)
    check_options(call, form)
    if form == APPLY:
        return _apply(call)
    live = call.cluster.store.get(call.resource.table, call.key)
    if live is None:
        raise not_found(call.resource.group_resource, call.info.name)
    current = convert.as_served(live, call.resource)
    obj = patched(call, form, current)
    ensure_namespace(call, obj)
    ensure_name(call, obj)
    dedup_owners(call, obj)
    subresource = call.subresource.name if call.subresource else ""
    actor = Actor(name=call.manager, version=call.resource.api_version, subresource=subresource)
    if obj["metadata"].get("resourceVersion"):
        check_version(call, obj, live)
    obj = track_update(KindVersions(call=call, subresource=subresource), current, obj, actor)
    return render(call, update_object(call, obj, live), accepted=accepted)


def patched(call: Call, form: str, current: Object) -> Object:
    """The current object with a JSON, merge or strategic merge patch applied, decoded again; raises ApiError."""
    parsed = parse_patch(call.request.body, form)
    if form == STRATEGIC:
        return _strategic(call, current, parsed)
    # in the order of upstream's document, because unknown fields are told in it
    if form == JSON:
        value = jsonpatch.shown(_json(current, parsed.value), parsed.value)
    else:
        value = mergepatch.shown(mergepatch.apply(current, parsed.value), parsed.value)
    duplicates = [f'duplicate field "{d}"' for d in parsed.duplicates]
    if form == JSON:
        duplicates += [
            f'json patch unknown field "[{i}].{key}"'
            for i, operation in enumerate(parsed.value)
            for key in operation
            if key not in ("op", "path", "from", "value")
        ]
    node = None if call.resource.is_custom else node_of(call.resource)
    return _decoded(call, value, duplicates, lambda: show_patched(form, node, current, parsed.value))


def show_patched(form: str, node: Node | None, current: Object, patch: Any) -> str:
    """The result of a JSON or merge patch as refusals quote it; objects without a node have their keys sorted."""
    value = ordered(node, current)
    if form == JSON:
        return go_dumps(jsonpatch.shown(jsonpatch.apply(value, patch), patch))
    return go_dumps(mergepatch.shown(mergepatch.apply(value, patch), patch))


def parse_patch(body: bytes, form: str) -> Parsed:
    """The patch itself; raises ApiError 400 and 413."""
    try:
        parsed = parse_json(body)
    except BodyError as exc:
        prefix = "" if form == STRATEGIC else "error decoding patch: "
        raise bad_request(f"{prefix}{exc}") from exc
    value = parsed.value
    if form == JSON:
        if value is None:
            parsed.value = []
        elif not isinstance(value, list):
            raise bad_request(
                f"error decoding patch: json: cannot unmarshal {json_type(value)} into Go value of type "
                "[]handlers.jsonPatchOp"
            )
        elif fault := _operation_fault(value):
            raise bad_request(f"error decoding patch: json: cannot unmarshal {fault}")
        elif len(value) > MAX_OPERATIONS:
            raise ApiError(
                413,
                "RequestEntityTooLarge",
                f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(value)}",
            )
    elif value is None:
        parsed.value = {}
    elif not isinstance(value, dict):
        prefix = "" if form == STRATEGIC else "error decoding patch: "
        raise bad_request(
            f"{prefix}json: cannot unmarshal {json_type(value)} into Go value of type map[string]interface {{}}"
        )
    return parsed


def _operation_fault(operations: list[Any]) -> str:
    """Why the first operation that is none cannot be read, empty where all can. Null is an empty one."""
    for operation in operations:
        if operation is None:
            continue
        if not isinstance(operation, dict):
            return f"{json_type(operation)} into Go value of type handlers.jsonPatchOp"
        for key in ("op", "path", "from"):
            given = operation.get(key)
            if given is not None and not isinstance(given, str):
                return f"{json_type(given)} into Go struct field jsonPatchOp.{key} of type string"
    return ""


def _json(current: Object, operations: list[Any]) -> Any:
    try:
        return jsonpatch.apply(current, operations)
    except jsonpatch.PatchError as exc:
        raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {}) from exc


def merged_strategically(current: Object, patch: Any, node: Node) -> Object:
    """The current object with a strategic merge patch laid over it; raises ApiError."""
    try:
        return strategic.apply(current, patch, node)
    except strategic.StrategicError as exc:
        if exc.code == 400:
            raise bad_request(str(exc)) from exc
        raise ApiError(exc.code, "", str(exc)) from exc


def _strategic(call: Call, current: Object, parsed: Parsed) -> Object:
    value = merged_strategically(current, parsed.value, node_of(call.resource))
    duplicates = [f'duplicate field "{d}"' for d in parsed.duplicates]
    try:
        value = unstructured.restore(node_of(call.resource), ordered(node_of(call.resource), value))
    except DecodeError as exc:
        raise bad_patch(strategic.shown(current, parsed.value), str(exc)) from exc
    return _decoded(call, value, duplicates, lambda: strategic.shown(current, parsed.value), by_path=True)


def _decoded(call: Call, value: Any, duplicates: list[str], shown: Callable[[], str], by_path: bool = False) -> Object:
    """The patched value as an object again; faults in it are faults of the patch.

    Unknown fields are named in the order of the document, or sorted by path.
    """
    if not isinstance(value, dict):
        raise bad_patch(shown(), no_object(json_type(value)))
    for name, wanted in (("apiVersion", call.resource.api_version), ("kind", call.resource.kind)):
        given = value.get(name)
        if given and given != wanted:
            raise bad_patch(shown(), _mismatch(call, value))
    try:
        obj, unknown = decode_plain(call.resource, value)
    except DecodeError as exc:
        raise bad_patch(shown(), str(exc)) from exc
    complaints = duplicates + [f'unknown field "{u}"' for u in (sorted(unknown) if by_path else unknown)]
    if complaints and call.field_validation == "Strict":
        raise bad_patch(shown(), "strict decoding error: " + ", ".join(complaints))
    if call.field_validation == "Warn":
        for text in complaints:
            call.warn(text)
    return obj


def _mismatch(call: Call, value: Object) -> str:
    """Why a patched object that says to be of another kind is refused: its faults as one of that kind come first."""
    kind, api_version = str(value.get("kind") or call.resource.kind), str(value.get("apiVersion") or "")
    api_version = api_version or call.resource.api_version
    group, _, version = api_version.rpartition("/")
    name = builtin.type_name(group, version, kind)
    if name is not None:
        try:
            decode(builtin.node_of(name), value)
        except DecodeError as exc:
            return str(exc)
    return foreign_kind(call, api_version, kind)


def bad_patch(shown: str, why: str) -> ApiError:
    """422 for a patch whose result is no object of the kind."""
    return invalid(
        "",
        "",
        "",
        [FieldError(field="patch", reason="FieldValueInvalid", text=f"Invalid value: {go_quote(shown)}: {why}")],
    )


# ---- server-side apply


def read_config(call: Call) -> Object:
    """The applied configuration; raises ApiError 400 for a body that is none."""
    body = call.request.body
    parsed: Parsed
    try:
        parsed = parse_json(body)
        duplicates = [f'key "{d.rpartition(".")[2]}" already set in map' for d in parsed.duplicates]
    except BodyError:
        from karmactl.embedded.yamlbody import parse_yaml

        try:
            parsed = parse_yaml(body)
            duplicates = parsed.duplicates
        except BodyError as exc:
            raise bad_request(f"error decoding YAML: {exc}") from exc
    value = parsed.value
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise bad_request(
            "error decoding YAML: error unmarshaling JSON: json: cannot unmarshal "
            f"{json_type(value)} into Go value of type map[string]interface {{}}"
        )
    if duplicates:
        if call.field_validation == "Strict":
            raise bad_request(f"error strict decoding patch: error converting YAML to JSON: {duplicates[0]}")
        if call.field_validation == "Warn":
            call.warn(duplicates[0].removeprefix("yaml: unmarshal errors:\n  "))
    return value


def _check_kind(call: Call, config: Object) -> None:
    kind, api_version = config.get("kind") or "", config.get("apiVersion") or ""
    if kind != call.resource.kind or api_version != call.resource.api_version:
        group, _, version = str(api_version).rpartition("/")
        if not kind or not version or kind != call.resource.kind or group != call.resource.group:
            raise bad_request(f"invalid object type: {group}/{version}, Kind={kind}")
        raise bad_request(
            f"Incorrect version specified in apply patch. Specified patch version: {api_version}, "
            f"expected: {call.resource.api_version}"
        )


def _apply(call: Call) -> Response:
    accepted = accept(call.request, OBJECT_FORMS)
    config = read_config(call)
    _check_kind(call, config)
    resource = call.resource
    subresource = call.subresource.name if call.subresource else ""
    actor = Actor(name=call.request.param("fieldManager"), version=resource.api_version, subresource=subresource)
    versions = KindVersions(call=call, subresource=subresource)
    force = call.request.param("force").lower() in ("true", "1", "t")
    live = call.cluster.store.get(resource.table, call.key)
    current = empty(resource) if live is None else convert.as_served(live, resource)

    def complete(obj: Object) -> Object:
        return decode_value(resource, obj)[0]

    obj = track_apply(versions, current, config, actor, force, complete)
    if live is None:
        if (config.get("metadata") or {}).get("uid"):
            raise conflict(
                resource.group_resource,
                call.info.name,
                f"uid mismatch: the provided object specified uid {config['metadata']['uid']}, "
                "and no existing object was found",
            )
        if subresource:
            raise not_found(resource.group_resource, call.info.name)
        obj["metadata"].pop("resourceVersion", None)
    ensure_namespace(call, obj)
    ensure_name(call, obj)
    dedup_owners(call, obj)
    if live is None:
        call.cluster.authorizer.check(call.user, replace(call.info, verb="create"), call.request)
        return render(call, create_object(call, obj), status=201, accepted=accepted)
    check_uid_of_config(call, obj, live)
    return render(call, update_object(call, obj, live), accepted=accepted)


def check_uid_of_config(call: Call, obj: Object, live: Object) -> None:
    """The optimistic locks that an applied object may carry; raises ApiError 409."""
    if obj["metadata"].get("resourceVersion"):
        check_version(call, obj, live)
    if obj["metadata"].get("uid") != live["metadata"]["uid"]:
        check_uid(call, obj, live)
