"""GET: one object, or a list of them with selectors, pages and versions."""

import asyncio
import base64
import json
import posixpath
import re
from dataclasses import dataclass
from typing import Any

from karmactl.embedded import convert
from karmactl.embedded.body import json_fault
from karmactl.embedded.call import Call
from karmactl.embedded.encode import partial, respond
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import UNSTRUCTURED, Accepted, accept, check_form
from karmactl.embedded.refusals import ApiError, bad_request, expired, internal, not_found
from karmactl.embedded.selectors import (
    Requirement,
    Term,
    check_fields,
    matches_fields,
    matches_labels,
    parse_fields,
    parse_labels,
)
from karmactl.embedded.store import Key, TooOld
from karmactl.embedded.tables import table
from karmactl.embedded.values import Object
from karmactl.embedded.verbs.options import ListOptions, list_options, parse_unsigned, version_error

WAIT_FOR_VERSION = 3.0
# the order in which servers write the fields of metadata, and kubectl therefore shows them in diffs
METADATA_ORDER = (
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
)
OBJECT_FORMS = ("Table", "PartialObjectMetadata")
LIST_FORMS = ("Table", "PartialObjectMetadataList")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which objects of a table a request is about."""

    labels: list[Requirement]
    fields: list[Term]

    def matches(self, call: Call, obj: Object) -> bool:
        """Whether the object is among them."""
        if call.namespace and (obj["metadata"].get("namespace") or "") != call.namespace:
            return False
        return matches_labels(self.labels, obj) and matches_fields(call.resource, self.fields, obj)


def selection(call: Call) -> Selection:
    """The request's selectors; raises ApiError 400."""
    labels = parse_labels(call.request.param("labelSelector"))
    fields = parse_fields(call.request.param("fieldSelector"))
    check_fields(call.resource, fields)
    if call.info.name:
        fields = [*fields, ("metadata.name", True, call.info.name)]
    return Selection(labels=labels, fields=fields)


def shown(call: Call, obj: Object) -> Object:
    """A stored object as the request's version shows it, kind first."""
    out = convert.as_served(obj, call.resource)
    meta = out.get("metadata") or {}
    ordered = {key: meta[key] for key in METADATA_ORDER if key in meta}
    return {
        "kind": call.resource.kind,
        "apiVersion": call.resource.api_version,
        "metadata": ordered | {key: value for key, value in meta.items() if key not in ordered},
        **{key: value for key, value in out.items() if key not in ("kind", "apiVersion", "metadata")},
    }


def render(call: Call, obj: Object, status: int = 200, accepted: Accepted | None = None) -> Response:
    """The answer that shows one object in the form the client takes."""
    accepted = accepted or accept(call.request, OBJECT_FORMS)
    check_form(accepted, False, go_kind(call))
    value: Object = shown(call, obj) if obj.get("kind") in (None, call.resource.kind) else obj
    if accepted.convert == "Table":
        value = table(call, [value], accepted, value["metadata"].get("resourceVersion", ""))
    elif accepted.convert == "PartialObjectMetadata":
        value = partial(value, accepted.version)
    return respond(status, value, accepted, call.warnings)


async def get(call: Call) -> Response:
    """One object by name; raises ApiError 404."""
    accepted = accept(call.request, OBJECT_FORMS)
    if call.request.param("resourceVersion"):
        await wait_for_version(call, parse_version(call.request.param("resourceVersion")))
    found = call.cluster.store.get(call.resource.table, call.key)
    if found is None:
        raise not_found(call.resource.group_resource, call.info.name)
    return render(call, found, accepted=accepted)


def go_kind(call: Call) -> str:
    """The Go type of the resource's objects, as refusals quote it."""
    if call.resource.is_custom:
        return UNSTRUCTURED
    return f"*{call.resource.group.split('.')[0] or 'core'}.{call.resource.kind}"


def parse_version(text: str) -> int:
    """A resourceVersion as a number; raises ApiError 500 as upstream does for other texts."""
    try:
        return parse_unsigned(text) if text else 0
    except ValueError as exc:
        raise version_error(text, exc) from exc


def _list_version(text: str) -> int:
    """As parse_version, but a list refuses what is no number with 400."""
    try:
        return parse_version(text)
    except ApiError as exc:
        raise bad_request(f"invalid resource version: {exc.message}") from exc


async def wait_for_version(call: Call, version: int) -> None:
    """Waits a moment for a version that is not there yet; raises ApiError 504."""
    store = call.cluster.store
    if version <= store.revision:
        return
    deadline = asyncio.get_running_loop().time() + WAIT_FOR_VERSION
    while version > store.revision:
        if asyncio.get_running_loop().time() >= deadline:
            raise too_large(version, store.revision)
        await asyncio.sleep(0.05)


def too_large(version: int, current: int) -> ApiError:
    """504 for a version in the future."""
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    message = f"Timeout: Too large resource version: {version}, current: {current}"
    return ApiError(504, "Timeout", message, {"causes": [cause], "retryAfterSeconds": 1}, {"Retry-After": "1"})


# ---- lists


async def list_objects(call: Call) -> Response:
    """The objects of a collection, possibly one page of them."""
    accepted = accept(call.request, LIST_FORMS)
    options = list_options(call, is_watch=False)
    selected = selection(call)
    page = await page_of(call, selected, options)
    meta: Object = {"resourceVersion": str(page.version)}
    if page.token:
        meta["continue"] = page.token
    elif call.resource.is_custom and accepted.convert == "":
        meta["continue"] = ""
    if page.remaining is not None:
        meta["remainingItemCount"] = page.remaining
    return respond(200, list_value(call, page.items, meta, accepted), accepted, call.warnings)


def list_value(call: Call, items: list[Object], meta: Object, accepted: Accepted) -> Object:
    """The list of objects in the form the client takes; raises ApiError 406 for the form of an object."""
    check_form(accepted, True, go_kind(call))
    if accepted.convert == "Table":
        value = table(call, [shown(call, o) for o in items], accepted, meta["resourceVersion"])
        value["metadata"] = {k: v for k, v in meta.items() if v != ""}
        return value
    if accepted.convert == "PartialObjectMetadataList":
        found = [partial(shown(call, o), accepted.version) for o in items]
        return {
            "kind": "PartialObjectMetadataList",
            "apiVersion": f"meta.k8s.io/{accepted.version}",
            "metadata": {k: v for k, v in meta.items() if v != ""},
            "items": found or None,
        }
    if call.resource.is_custom:
        rows: list[Any] = [shown(call, o) for o in items]
    else:
        rows = [
            {
                k: v
                for k, v in convert.to_version(o, call.resource.api_version).items()
                if k not in ("kind", "apiVersion")
            }
            for o in items
        ]
    return {
        "kind": call.resource.list_kind,
        "apiVersion": call.resource.api_version,
        "metadata": meta,
        "items": rows,
    }


@dataclass(slots=True, kw_only=True)
class _Page:
    items: list[Object]
    version: int
    token: str = ""
    remaining: int | None = None


async def page_of(call: Call, selected: Selection, options: ListOptions) -> _Page:
    """The page of a collection that the options name; raises ApiError."""
    store, limit, token = call.cluster.store, options.limit, options.token
    wanted = options.version
    start: Key | None = None
    version = store.revision
    rows = store.tables.get(call.resource.table, {})
    keys = store.keys(call.resource.table)
    if token:
        version, start = _decode_token(token)
        if wanted and wanted != "0":
            raise bad_request("specifying resource version is not allowed when using continue")
        if version < 0:
            version = store.revision
        else:
            rows = _state_at(call, version, start)
            keys = sorted(rows)
    elif wanted:
        number = _list_version(wanted)
        is_exact = number > 0 and (options.match == "Exact" or (limit > 0 and not options.match))
        await wait_for_version(call, number)
        version, rows = store.revision, store.tables.get(call.resource.table, {})
        if is_exact:
            rows, version = _state_at(call, number, None), number
        keys = sorted(rows)
    found: list[Object] = []
    for index, key in enumerate(keys):
        if (start is not None and key < start) or (call.namespace and key[0] != call.namespace):
            continue
        obj = rows[key]
        if not selected.matches(call, obj):
            continue
        if limit > 0 and len(found) == limit and not (wanted == "0" and not token):
            last = keys[index - 1]
            plain = not selected.labels and not selected.fields
            rest = sum(1 for k in keys[index:] if not call.namespace or k[0] == call.namespace)
            return _Page(
                items=found, version=version, token=_encode_token(version, last), remaining=rest if plain else None
            )
        found.append(obj)
    return _Page(items=found, version=version)


def _state_at(call: Call, version: int, start: Key | None) -> dict[Key, Object]:
    try:
        return call.cluster.store.at(call.resource.table, version)
    except TooOld as exc:
        if start is None:
            raise expired("The resourceVersion for the provided list is too old.") from exc
        error = expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new "
            "list without the continue parameter, or use the continue token in this response to retrieve the "
            "remainder of the results. Continuing with the provided token results in an inconsistent list - objects "
            "that were created, modified, or deleted between the time the first chunk was returned and now may show "
            "up in the list."
        )
        error.metadata = {"continue": _encode_token(-1, (start[0], start[1].rstrip("\0")))}
        raise error from exc


def _encode_token(version: int, last: Key) -> str:
    body = json.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": f"{last[0]}/{last[1]}\0"}, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


_GO_KINDS = {list: "array", dict: "object", str: "string", int: "number", float: "number", bool: "bool"}


def _decode_token(token: str) -> tuple[int, Key]:
    """Version and last key of a token (k8s.io/apiserver, storage/continue.go); raises ApiError 400."""
    bad = re.search(r"[^A-Za-z0-9_-]", token)
    if bad is not None or len(token) % 4 == 1:
        raise _bad_token(f"illegal base64 data at input byte {bad.start() if bad is not None else len(token) - 1}")
    body = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    try:
        value = json.loads(body)
    except ValueError as exc:
        raise _bad_token(json_fault(body)) from exc
    value = {} if value is None else value
    if not isinstance(value, dict):
        raise _bad_token(f"json: cannot unmarshal {_GO_KINDS[type(value)]} into Go value of type storage.continueToken")
    for key, kind in (("v", str), ("rv", int), ("start", str)):
        found = value.get(key)
        if found is not None and type(found) is not kind:
            wanted = f"continueToken.{key} of type {'int64' if kind is int else 'string'}"
            raise _bad_token(f"json: cannot unmarshal {_GO_KINDS[type(found)]} into Go struct field {wanted}")
    form, version, start = (value.get(k) or "" for k in ("v", "rv", "start"))
    if form != "meta.k8s.io/v1":
        raise _bad_token(f"server does not recognize this encoded version {form}")
    if not version:
        raise _bad_token("incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not start:
        raise _bad_token("encoded start key empty (version meta.k8s.io/v1)")
    if posixpath.normpath("/" + start.lstrip("/")) != "/" + start.lstrip("/"):
        raise _bad_token(start)
    namespace, _, name = str(start).partition("/")
    return int(version), (namespace, name)


def _bad_token(why: str) -> ApiError:
    return bad_request(f"invalid continue token: continue key is not valid: {why}")


__all__ = ["get", "internal", "list_objects", "list_value", "page_of", "parse_version", "render", "selection", "shown"]
