"""The ports `Reader`, `DryRunner` and `Writer` on the Kubernetes API of one cluster.

`ReadClient` and `DryRunClient` have no method that could change anything, and their transport refuses what could
(I1); `ClusterClient` alone writes. Objects are plain manifests, as the server gave them: nothing is dropped, filled in
or decided here, but for the apiVersion and kind that a server leaves out of the items of a list.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Protocol
from urllib.parse import quote

import orjson

from karmactl.core.model.manifest import (
    Manifest,
    as_mapping,
    as_str,
    field,
    metadata_of,
    name_of,
    namespace_of,
)
from karmactl.core.model.ports import Access, APIKind, Discovery, Preconditions
from karmactl.errors import ClusterError, InternalError, NotFound, Rejected
from karmactl.kube.counts import RequestCounts, Verb
from karmactl.kube.discovery import discover
from karmactl.kube.documents import no_answer, read_object
from karmactl.kube.status import Asked, refusal
from karmactl.kube.transport import Answer, Request

__all__ = ["FIELD_MANAGER", "ClusterClient", "DryRunClient", "ReadClient", "Sender"]

FIELD_MANAGER = "karmactl"
_PAGE = 500
# The server ends a watch after this; so much longer it may be silent before it counts as lost.
_WATCH_SECONDS = 300
_WATCH_GRACE_SECONDS = 30
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
_ALL = "All"


class Sender(Protocol):
    """What a client needs of `transport.Transport`."""

    @property
    def cluster(self) -> str: ...

    @property
    def requests(self) -> RequestCounts: ...

    async def send(self, request: Request) -> Answer: ...

    def stream(self, request: Request, *, idle_seconds: float) -> AsyncGenerator[bytes, None]: ...


class _NoWrites:
    """A sender that lets reads and dry-runs through: the last line of I1, below every client that must not write."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    @property
    def cluster(self) -> str:
        return self._sender.cluster

    @property
    def requests(self) -> RequestCounts:
        return self._sender.requests

    async def send(self, request: Request) -> Answer:
        is_dry = request.query.get("dryRun") == _ALL
        if request.method != "GET" and request.verb != "REVIEW" and not is_dry:
            raise InternalError("write-refused", f"{request.method} {request.path} from a command that never writes")
        return await self._sender.send(request)

    def stream(self, request: Request, *, idle_seconds: float) -> AsyncGenerator[bytes, None]:
        return self._sender.stream(request, idle_seconds=idle_seconds)


class _Reads:
    """The methods of `Reader`, for the clients below."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    @property
    def cluster(self) -> str:
        """The cluster's name, as policies say it."""
        return self._sender.cluster

    @property
    def requests(self) -> RequestCounts:
        """How many requests of which sort were sent, also by other clients of the same transport."""
        return self._sender.requests

    async def discover(self) -> Discovery:
        """What the cluster serves, all versions. Raises ClusterError."""
        return await discover(self._sender)

    async def ready(self) -> bool:
        """Whether the API server says that it is ready (`/readyz`). Raises ClusterError where it does not answer."""
        try:
            await self._sender.send(Request(verb="GET", method="GET", path="/readyz", accept="*/*", attempts=1))
        except NotFound:  # as Karmada: servers without /readyz have /healthz
            await self._sender.send(Request(verb="GET", method="GET", path="/healthz", accept="*/*", attempts=1))
        except Rejected:
            return False
        return True

    async def get(self, kind: APIKind, namespace: str, name: str) -> Manifest | None:
        """The object, None where there is none of that name. Raises ClusterError; NotFound if the kind is unknown."""
        request = Request(
            verb="GET", method="GET", path=_object_path(kind, namespace, name), resource=_words(kind, namespace, name)
        )
        try:
            return read_object(self.cluster, (await self._sender.send(request)).body)
        except NotFound as error:
            if _is_of_object(error):
                return None
            raise

    async def list(
        self, kind: APIKind, *, namespace: str = "", label_selector: str = "", field_selector: str = ""
    ) -> Sequence[Manifest]:
        """All objects of a kind, page by page, with apiVersion and kind filled in.

        Raises ClusterError if any page failed. Pages belong to one snapshot of the server; where that is gone before
        the last page (410), the list is begun again, once.
        """
        query = _selectors(label_selector, field_selector)
        try:
            return await self._pages(kind, namespace, query)
        except Rejected as error:
            if error.status != 410:
                raise
        return await self._pages(kind, namespace, query)

    async def watch(
        self, kind: APIKind, *, namespace: str = "", label_selector: str = "", resource_version: str = ""
    ) -> AsyncIterator[tuple[str, Manifest]]:
        """Events (type, object) until the server ends the stream, BOOKMARK among them.

        Without a version it begins with one ADDED for each object that there is. Raises Rejected `expired` where the
        version is too old (list again, then watch), Unreachable where the stream breaks or falls silent.
        """
        query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
            **_selectors(label_selector, ""),
        }
        if resource_version:
            query["resourceVersion"] = resource_version
        where = _words(kind, namespace, "")
        request = Request(verb="WATCH", method="GET", path=_path(kind, namespace), query=query, resource=where)
        stream = self._sender.stream(request, idle_seconds=_WATCH_SECONDS + _WATCH_GRACE_SECONDS)
        async with aclosing(stream) as lines:
            async for line in lines:
                event = read_object(self.cluster, line)
                subject = as_mapping(event.get("object"))
                if event.get("type") == "ERROR":
                    raise self._event_error(subject, where)
                yield as_str(event.get("type")), subject

    async def can_i(self, access: Access) -> bool:
        """Whether the identity in use may do this. Raises ClusterError."""
        attributes = {
            "verb": access.verb,
            "group": access.group,
            "resource": access.resource,
            "namespace": access.namespace,
            "name": access.name,
        }
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        request = Request(
            verb="REVIEW",
            method="POST",
            path="/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            body=orjson.dumps(body),
            resource="SelfSubjectAccessReview",
        )
        return field(read_object(self.cluster, (await self._sender.send(request)).body), "status", "allowed") is True

    def _event_error(self, status: Manifest, where: str) -> ClusterError:
        """The error that a watch reports as its last event."""
        code = status.get("code")
        return refusal(
            Asked(cluster=self.cluster, resource=where, is_repeatable=True, is_read=True),
            code if isinstance(code, int) else 500,
            orjson.dumps({**status, "kind": "Status"}),
            content_type="application/json",
            retry_after_seconds=None,
        )

    async def _pages(self, kind: APIKind, namespace: str, query: dict[str, str]) -> Sequence[Manifest]:
        items: list[Manifest] = []
        page = {**query, "limit": str(_PAGE)}
        where = _words(kind, namespace, "")
        while True:
            request = Request(verb="LIST", method="GET", path=_path(kind, namespace), query=page, resource=where)
            answer = read_object(self.cluster, (await self._sender.send(request)).body)
            listed = answer.get("items")
            if listed is not None and not isinstance(listed, list):
                raise no_answer(self.cluster, "list")
            for item in listed or ():
                if not isinstance(item, dict):
                    raise no_answer(self.cluster, "list of objects")
                item.setdefault("apiVersion", kind.api_version)
                item.setdefault("kind", kind.kind)
                items.append(item)
            token = as_str(metadata_of(answer).get("continue"))
            if not token:
                return items
            page = {**query, "limit": str(_PAGE), "continue": token}


class ReadClient(_Reads):
    """`Reader` of one cluster, and nothing more."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(_NoWrites(sender))


class DryRunClient(ReadClient):
    """`Reader` and `DryRunner` of one cluster: says what a write would give, and has no method with which to write."""

    def __init__(self, sender: Sender, *, field_manager: str = FIELD_MANAGER) -> None:
        super().__init__(sender)
        self._options = {"dryRun": _ALL, **_write_options(field_manager)}

    async def apply(self, kind: APIKind, body: Manifest, *, force: bool = False) -> Manifest:
        """The object as server-side apply would leave it. Raises Conflict, Rejected, NotFound and so on."""
        request = _apply(kind, body, force=force, options=self._options, is_dry=True)
        return read_object(self.cluster, (await self._sender.send(request)).body)

    async def create(self, kind: APIKind, body: Manifest) -> Manifest:
        """The object as create would leave it. Raises Conflict (`already-exists`) and so on."""
        request = _create(kind, body, options=self._options, is_dry=True)
        return read_object(self.cluster, (await self._sender.send(request)).body)

    async def replace(self, kind: APIKind, body: Manifest) -> Manifest:
        """The object as PUT would leave it. Raises Conflict (`version-conflict`), Rejected and so on."""
        namespace, name = namespace_of(body), name_of(body)
        request = _write(kind, namespace, name, verb="DRY_RUN", method="PUT", body=body, query=self._options)
        return read_object(self.cluster, (await self._sender.send(request)).body)


class ClusterClient(_Reads):
    """`Reader` and `Writer` of one cluster."""

    def __init__(self, sender: Sender, *, field_manager: str = FIELD_MANAGER) -> None:
        super().__init__(sender)
        self._options = _write_options(field_manager)

    async def create(self, kind: APIKind, body: Manifest) -> Manifest:
        """POST: the created object. Raises Conflict (`already-exists`) where it exists."""
        request = _create(kind, body, options=self._options, is_dry=False)
        return read_object(self.cluster, (await self._sender.send(request)).body)

    async def apply(self, kind: APIKind, body: Manifest, *, force: bool = False) -> Manifest:
        """Server-side apply; `metadata.uid` and `metadata.resourceVersion` of the body are preconditions.

        Raises Conflict: `field-conflict` (with causes: field and manager), `version-conflict`.
        """
        request = _apply(kind, body, force=force, options=self._options, is_dry=False)
        return read_object(self.cluster, (await self._sender.send(request)).body)

    async def replace(self, kind: APIKind, body: Manifest) -> Manifest:
        """PUT with the body's resourceVersion as the precondition. Raises Conflict (`version-conflict`)."""
        namespace, name = namespace_of(body), name_of(body)
        request = _write(kind, namespace, name, verb="REPLACE", method="PUT", body=body, query=self._options)
        return read_object(self.cluster, (await self._sender.send(request)).body)

    async def patch(self, kind: APIKind, namespace: str, name: str, merge: Manifest) -> Manifest:
        """JSON merge patch (RFC 7386); a resourceVersion in it is a precondition."""
        request = _write(
            kind, namespace, name, verb="PATCH", method="PATCH", body=merge, query=self._options, content_type=_MERGE
        )
        return read_object(self.cluster, (await self._sender.send(request)).body)

    async def delete(
        self,
        kind: APIKind,
        namespace: str,
        name: str,
        *,
        preconditions: Preconditions,
        propagation: str = "Background",
        grace_period_seconds: int | None = None,
    ) -> bool:
        """Delete; False where it was gone already. Raises Conflict where the preconditions do not hold."""
        required = {"uid": preconditions.uid, "resourceVersion": preconditions.resource_version}
        options: Manifest = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if grace_period_seconds is not None:
            options["gracePeriodSeconds"] = grace_period_seconds
        if any(required.values()):
            options["preconditions"] = {key: value for key, value in required.items() if value}
        # By uid a second delete can hit nothing else; a version moves when the first one only began (finalizers).
        is_repeatable = bool(preconditions.uid) and not preconditions.resource_version
        request = _write(
            kind, namespace, name, verb="DELETE", method="DELETE", body=options, is_repeatable=is_repeatable
        )
        try:
            await self._sender.send(request)
        except NotFound as error:
            if _is_of_object(error):
                return False
            raise
        return True


def _write_options(field_manager: str) -> dict[str, str]:
    return {"fieldManager": field_manager, "fieldValidation": "Strict"}


def _apply(kind: APIKind, body: Manifest, *, force: bool, options: dict[str, str], is_dry: bool) -> Request:
    # Without a version the second of two equal applies changes nothing; with one it meets its own first (409).
    is_repeatable = is_dry or not metadata_of(body).get("resourceVersion")
    return _write(
        kind,
        namespace_of(body),
        name_of(body),
        verb="DRY_RUN" if is_dry else "APPLY",
        method="PATCH",
        body=body,
        query={**options, "force": "true" if force else "false"},
        content_type=_APPLY,
        is_repeatable=is_repeatable,
    )


def _create(kind: APIKind, body: Manifest, *, options: dict[str, str], is_dry: bool) -> Request:
    namespace, name = namespace_of(body), name_of(body)
    return Request(
        verb="DRY_RUN" if is_dry else "CREATE",
        method="POST",
        path=_path(kind, namespace),
        query=options,
        body=orjson.dumps(body),
        resource=_words(kind, namespace, name),
        is_repeatable=is_dry,
        is_secret=_is_secret(kind),
    )


def _write(
    kind: APIKind,
    namespace: str,
    name: str,
    *,
    verb: Verb,
    method: str,
    body: Manifest,
    query: dict[str, str] | None = None,
    content_type: str = "application/json",
    is_repeatable: bool = False,
) -> Request:
    return Request(
        verb=verb,
        method=method,
        path=_object_path(kind, namespace, name),
        query=query or {},
        body=orjson.dumps(body),
        content_type=content_type,
        resource=_words(kind, namespace, name),
        is_repeatable=is_repeatable,
        is_secret=_is_secret(kind),
    )


def _object_path(kind: APIKind, namespace: str, name: str) -> str:
    """The path of one object.

    Raises InternalError where a part is missing or would lead elsewhere: a DELETE with an empty name would be one of
    the whole collection.
    """
    for part, is_needed in ((name, True), (namespace, kind.is_namespaced)):
        if (is_needed and not part) or part in (".", "..") or "/" in part:
            raise InternalError("object-path-broken", f"{kind.kind} {namespace!r}/{name!r} names no single object")
    return f"{_path(kind, namespace)}/{quote(name, safe='')}"


def _path(kind: APIKind, namespace: str) -> str:
    parts = ["/apis", kind.group, kind.version] if kind.group else ["/api", kind.version]
    if kind.is_namespaced and namespace:
        parts += ["namespaces", quote(namespace, safe="")]
    parts.append(kind.resource)
    return "/".join(parts)


def _words(kind: APIKind, namespace: str, name: str) -> str:
    where = "/".join(part for part in (namespace if kind.is_namespaced else "", name) if part)
    return f"{kind.kind} {where}".strip()


def _selectors(label_selector: str, field_selector: str) -> dict[str, str]:
    selectors = {"labelSelector": label_selector, "fieldSelector": field_selector}
    return {key: value for key, value in selectors.items() if value}


def _is_secret(kind: APIKind) -> bool:
    return (kind.group, kind.resource) == ("", "secrets")


def _is_of_object(error: NotFound) -> bool:
    return error.code == "not-found"
