"""Watches: the changes of a collection as they happen, from a version on or from its present state."""

import asyncio
from collections.abc import AsyncIterator

from karmactl.embedded.call import Call
from karmactl.embedded.encode import dumps, partial
from karmactl.embedded.http import Abort, Response
from karmactl.embedded.negotiation import Accepted, accept, accept_stream
from karmactl.embedded.refusals import expired
from karmactl.embedded.store import Change, TooOld
from karmactl.embedded.tables import table
from karmactl.embedded.values import Object
from karmactl.embedded.verbs.options import is_true, list_options
from karmactl.embedded.verbs.read import (
    LIST_FORMS,
    OBJECT_FORMS,
    Selection,
    parse_version,
    selection,
    shown,
)

BOOKMARK_EVERY = 60.0
DEFAULT_TIMEOUT = 1800.0


async def watch(call: Call) -> Response:
    """Starts the stream; raises ApiError for bad parameters."""
    accepted = accept(call.request, (*LIST_FORMS, *OBJECT_FORMS))
    accept_stream(accepted)
    options = list_options(call, is_watch=True)
    selected = selection(call)
    version = parse_version(options.version)
    send_state = options.version in ("", "0") if options.initial_events is None else options.initial_events
    timeout = float(options.timeout) if options.timeout and options.timeout > 0 else DEFAULT_TIMEOUT
    stream = _Stream(call, selected, accepted)
    content_type = accepted.header if accepted.media_type != "application/json" else "application/json"
    return Response(
        status=200,
        content_type=content_type,
        stream=stream.run(version, send_state, options.initial_events is True, timeout),
    )


class _Stream:
    """One watch: what it selects, how it shows events, and where it stands."""

    def __init__(self, call: Call, selected: Selection, accepted: Accepted) -> None:
        self.call, self.selected, self.accepted = call, selected, accepted
        self.bookmarks = is_true(call.request.param("allowWatchBookmarks"))
        self.first_row = True
        # no event is a list: a stream that was asked for lists ends with its first event
        self.has_no_form = accepted.convert == "PartialObjectMetadataList"

    def line(self, kind: str, obj: Object) -> bytes:
        return dumps({"type": kind, "object": obj}) + b"\n"

    def event(self, kind: str, obj: Object) -> bytes:
        value = shown(self.call, obj)
        if self.accepted.convert == "Table":
            value = table(self.call, [value], self.accepted, value["metadata"]["resourceVersion"])
            if not self.first_row:
                value["columnDefinitions"] = None
            self.first_row = False
        elif self.accepted.convert.startswith("PartialObjectMetadata"):
            value = partial(value, self.accepted.version)
        return self.line(kind, value)

    def change(self, change: Change) -> bytes:
        """The event that a change is to this watch: entering a selector is ADDED, leaving it DELETED."""
        was = change.old is not None and self.selected.matches(self.call, change.old)
        now = change.new is not None and self.selected.matches(self.call, change.new)
        if now and change.new is not None:
            return self.event("MODIFIED" if was else "ADDED", change.new)
        if was and change.old is not None:
            meta = {**change.old["metadata"], "resourceVersion": str(change.revision)}
            return self.event("DELETED", {**change.old, "metadata": meta})
        return b""

    def bookmark(self, version: int, initial: bool = False) -> bytes:
        meta: Object = {"resourceVersion": str(version), "creationTimestamp": None}
        del meta["creationTimestamp"]
        if initial:
            meta["annotations"] = {"k8s.io/initial-events-end": "true"}
        resource = self.call.resource
        obj: Object = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": meta}
        if self.accepted.convert.startswith("PartialObjectMetadata"):
            obj = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
        return self.line("BOOKMARK", obj)

    async def run(self, version: int, send_state: bool, initial: bool, timeout: float) -> AsyncIterator[bytes]:
        loop, store, name = asyncio.get_running_loop(), self.call.cluster.store, self.call.resource.table
        deadline = loop.time() + timeout
        cut = self.call.cluster.faults.watch_cut()
        if cut is not None:
            deadline = min(deadline, loop.time() + cut)
        changed = store.subscribe(name)
        try:
            at = store.revision if version == 0 or send_state else version
            if send_state:
                for obj in store.objects(name, self.call.namespace):
                    if self.selected.matches(self.call, obj):
                        if self.has_no_form:
                            return
                        yield self.event("ADDED", obj)
                if initial and self.bookmarks:
                    yield self.bookmark(at, initial=True)
            while not self.call.cluster.stopping:
                changed.clear()
                try:
                    changes = store.changes(name, at)
                except TooOld as exc:
                    error = expired(f"too old resource version: {at} ({exc.oldest})")
                    yield self.line("ERROR", error.body())
                    return
                at = max(at, store.revision)
                lines = b"".join(self.change(c) for c in changes)
                if lines and self.has_no_form:
                    return
                if lines:
                    yield lines
                    continue
                left = deadline - loop.time()
                if left <= 0 and cut is not None:
                    raise Abort
                if left <= 0:
                    return
                try:
                    async with asyncio.timeout(min(left, BOOKMARK_EVERY)):
                        await changed.wait()
                except TimeoutError:
                    if self.bookmarks and deadline > loop.time():
                        yield self.bookmark(at)
        finally:
            store.unsubscribe(name, changed)
