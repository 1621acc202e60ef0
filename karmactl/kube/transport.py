"""One cluster's connection: sends a request, repeats it where that is safe, and gives the answer or a ClusterError.

Limits keep one slow or broken server from holding a run: so many requests in flight, so long for a connection and for
the whole request with all its repeats, so many bytes of an answer. A request is repeated only where the server cannot
have worked on it, or where doing it twice is as good as once; a write whose answer was lost is reported as such
(`outcome-unknown`). What the requests mean is `client`'s matter.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from karmactl.core.model.ports import Clock
from karmactl.errors import ClusterError, Rejected, Unauthorized, Unreachable
from karmactl.kube.connection import Connection
from karmactl.kube.connection_failure import connection_failure
from karmactl.kube.counts import RequestCounts, Verb
from karmactl.kube.credentials import Credential, Credentials, PluginRuns
from karmactl.kube.http1 import Broken, NotConnected, NotHTTP, Pool, Response, Route
from karmactl.kube.proxy import proxy_for
from karmactl.kube.status import Asked, refusal, retry_after
from karmactl.kube.text import clean_text
from karmactl.kube.tls import TLSFault, tls_context

__all__ = ["Answer", "Limits", "Request", "Transport"]

_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one cluster may take: requests, seconds, bytes.

    `request_seconds` holds for one request with all its repeats (`--cluster-timeout`).
    """

    in_flight: int = 4
    connect_seconds: float = 5.0
    request_seconds: float = 30.0
    attempts: int = 4
    timeouts: int = 2
    answer_bytes: int = 256 * 1024 * 1024
    event_bytes: int = 16 * 1024 * 1024
    backoff_seconds: float = 0.1
    max_backoff_seconds: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request: `resource` is what it concerns, in words for people, `is_repeatable` as in `status.Asked`.

    `attempts` None means as many as the limits allow.
    """

    verb: Verb
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    content_type: str = _JSON
    accept: str = _JSON
    resource: str = ""
    is_repeatable: bool = True
    is_secret: bool = False
    attempts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A success: the body as JSON where `content_type` says so."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


class Transport:
    """The connection to one cluster; use it as an asynchronous context manager, or call `close`."""

    def __init__(
        self,
        connection: Connection,
        *,
        cluster: str,
        clock: Clock,
        plugins: PluginRuns,
        limits: Limits | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.cluster = cluster
        self.requests = RequestCounts()
        self._connection = connection
        self._clock = clock
        self._limits = limits or Limits()
        self._jitter = jitter
        self._credentials = Credentials(connection, cluster=cluster, plugins=plugins)
        self._gate = asyncio.Semaphore(self._limits.in_flight)
        self._proxy = proxy_for(connection.server, connection.proxy_url, os.environ)
        self._pool: Pool | None = None
        self._certificate: tuple[bytes, bytes] = (b"", b"")
        self._retired: list[Pool] = []
        self._is_closed = False

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all connections; a request that is still under way somewhere gets no new one."""
        self._is_closed = True
        pools = [*self._retired, *([self._pool] if self._pool else [])]
        self._retired, self._pool = [], None
        for pool in pools:
            await pool.close()

    async def send(self, request: Request) -> Answer:
        """The answer of the server. Raises ClusterError for all that is no success."""
        limits = self._limits
        attempts = request.attempts or limits.attempts
        left = limits.request_seconds
        attempt = timeouts = 0
        may_refresh = True
        while True:
            attempt += 1
            credential = await self._credentials.current()
            async with self._gate:
                # Counted from here: a long queue in front of a busy server is no fault of the server.
                started = self._clock.monotonic()
                try:
                    return await self._send_once(request, credential, seconds=left)
                except Unauthorized as error:
                    failure: ClusterError = error
                except (Unreachable, Rejected) as error:
                    failure = error
                left -= self._clock.monotonic() - started
            if isinstance(failure, Unauthorized):
                if not (may_refresh and await self._credentials.refresh(credential)):
                    raise self._explained(failure, credential)
                may_refresh = False
                continue
            timeouts += failure.reason == "Timeout"
            pause = self._pause(attempt, failure)
            left -= pause
            may_repeat = failure.retryable and attempt < attempts and timeouts < limits.timeouts
            if not may_repeat or left <= 0:
                raise failure
            await self._clock.sleep(pause)

    async def stream(self, request: Request, *, idle_seconds: float) -> AsyncGenerator[bytes, None]:
        """The lines of an answer as they come, until the server ends it; silence for `idle_seconds` is a failure."""
        credential = await self._credentials.current()
        may_refresh = True
        while True:
            try:
                async with self._exchange(request, credential, seconds=idle_seconds) as response:
                    await self._check(request, response)
                    async with aclosing(self._lines(response, idle_seconds)) as lines:
                        async for line in lines:
                            yield line
                return
            except Unauthorized as error:
                if not (may_refresh and await self._credentials.refresh(credential)):
                    raise self._explained(error, credential) from None
                may_refresh = False
                credential = await self._credentials.current()

    async def _send_once(self, request: Request, credential: Credential, *, seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds), self._exchange(request, credential, seconds=seconds) as response:
                return await self._read(request, response)
        except TimeoutError as error:
            raise connection_failure(
                error, self._asked(request), server=self._connection.server, seconds=seconds
            ) from error

    @asynccontextmanager
    async def _exchange(self, request: Request, credential: Credential, *, seconds: float) -> AsyncIterator[Response]:
        """One request on the wire; failures of the connection, also while the answer is read, become Unreachable."""
        self.requests[request.verb] += 1
        try:
            response = await self._pool_with(credential).request(
                request.method, self._target(request), self._headers(request, credential), request.body
            )
            try:
                yield response
            finally:
                response.release()
        except (NotConnected, Broken, NotHTTP, TimeoutError) as error:
            raise connection_failure(
                error, self._asked(request), server=self._connection.server, seconds=seconds
            ) from error

    async def _read(self, request: Request, response: Response) -> Answer:
        body = await self._body(response)
        self._raise_for_refusal(request, response, body)
        content_type = response.headers.get("content-type", "")
        if not content_type.startswith((_JSON, "text/plain")):
            raise self._not_kubernetes(request, response.status, content_type)
        return Answer(status=response.status, content_type=content_type, body=body)

    async def _check(self, request: Request, response: Response) -> None:
        if response.status >= 300:
            self._raise_for_refusal(request, response, await self._body(response))
        content_type = response.headers.get("content-type", "")
        if not content_type.startswith(_JSON):
            raise self._not_kubernetes(request, response.status, content_type)

    def _raise_for_refusal(self, request: Request, response: Response, body: bytes) -> None:
        if response.status < 300:
            return
        raise refusal(
            self._asked(request),
            response.status,
            body,
            content_type=response.headers.get("content-type", ""),
            retry_after_seconds=retry_after(response.headers.get("retry-after"), self._clock.now()),
        )

    async def _body(self, response: Response) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.pieces():
            size += len(chunk)
            if size > self._limits.answer_bytes:
                raise self._too_large(f"more than {self._limits.answer_bytes} bytes")
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def _lines(self, response: Response, idle_seconds: float) -> AsyncGenerator[bytes, None]:
        rest = b""
        pieces = response.pieces()
        while True:
            async with asyncio.timeout(idle_seconds):
                piece = await anext(pieces, None)
            if piece is None:
                break
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if line:
                    yield line
            if len(rest) > self._limits.event_bytes:
                raise self._too_large(f"one event of more than {self._limits.event_bytes} bytes")
        if rest:
            yield rest

    def _pool_with(self, credential: Credential) -> Pool:
        if self._is_closed:
            raise NotConnected
        certificate = (credential.client_certificate, credential.client_key)
        if self._pool is not None:
            if certificate == self._certificate:
                return self._pool
            # Requests may be under way on the old connections: they are closed at the end.
            self._retired.append(self._pool)
        self._certificate = certificate
        route = Route(
            server=self._connection.server,
            context=self._tls(credential),
            tls_server_name=self._connection.tls_server_name,
            proxy=self._proxy,
        )
        self._pool = Pool(route, connect_seconds=self._limits.connect_seconds)
        return self._pool

    def _tls(self, credential: Credential) -> ssl.SSLContext | None:
        if not self._connection.server.startswith("https://"):
            return None
        try:
            return tls_context(
                ca=self._connection.ca,
                is_insecure=self._connection.is_insecure,
                certificate=credential.client_certificate,
                key=credential.client_key,
            )
        except TLSFault as fault:
            raise Unauthorized(
                "credentials-broken", f"context {self._connection.context!r}: {fault}", cluster=self.cluster
            ) from None

    def _target(self, request: Request) -> str:
        return f"{request.path}?{urlencode(request.query, quote_via=quote)}" if request.query else request.path

    def _headers(self, request: Request, credential: Credential) -> list[tuple[str, str]]:
        headers = [
            ("User-Agent", "karmactl"),
            ("Accept", request.accept),
            ("Accept-Encoding", "identity" if self._connection.is_compression_disabled else "gzip"),
            *self._connection.user.impersonate,
        ]
        if request.body is not None:
            headers.append(("Content-Type", request.content_type))
        if credential.token:
            headers.append(("Authorization", f"Bearer {credential.token}"))
        for name, value in headers:
            if "\r" in value or "\n" in value:
                what = f"context {self._connection.context!r}: {name} of the kubeconfig has a line break"
                raise Unauthorized("credentials-broken", what, cluster=self.cluster)
        return headers

    def _asked(self, request: Request) -> Asked:
        return Asked(
            cluster=self.cluster,
            resource=request.resource,
            is_repeatable=request.is_repeatable,
            is_read=request.method == "GET",
            is_secret=request.is_secret,
        )

    def _pause(self, attempt: int, failure: ClusterError) -> float:
        step = min(self._limits.backoff_seconds * 2.0 ** (attempt - 1), self._limits.max_backoff_seconds)
        return (failure.retry_after_seconds or 0.0) + step * (0.5 + self._jitter())

    def _explained(self, failure: Unauthorized, credential: Credential) -> Unauthorized:
        """The failure with the reason that can be seen from here: a client certificate that has ended."""
        if failure.status != 401:
            return failure
        if credential.client_certificate and not credential.token:
            # Loaded by name, and only for this: the package is large.
            certificates = importlib.import_module("karmactl.kube.certificates")
            failure.why = certificates.why_refused(credential.client_certificate, self._clock.now())
        failure.hint = failure.hint or f"log in again, or renew the credentials of context {self._connection.context!r}"
        return failure

    def _not_kubernetes(self, request: Request, status: int, content_type: str) -> Unreachable:
        return Unreachable(
            "answer-not-kubernetes",
            f"{self.cluster} answered {status} with {clean_text(content_type, max_bytes=80) or 'no content type'}, "
            "not as a Kubernetes API server does",
            cluster=self.cluster,
            status=status,
            hint="is there a proxy or login page in between? see server and proxy-url in the kubeconfig",
            resource=request.resource or None,
        )

    def _too_large(self, what: str) -> Unreachable:
        return Unreachable(
            "answer-too-large",
            f"{self.cluster} sent {what}; the answer was dropped",
            cluster=self.cluster,
            hint="is this a Kubernetes API server?",
        )
