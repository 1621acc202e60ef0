"""A member without a network: the real client on the sandbox's API server, one function call apart.

Everything is as over the wire (paths, bodies, refusals) but for the connection, so that a test can run a thousand
requests in a second and make any one of them fail: refused before it is served, or done and its answer lost.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from urllib.parse import unquote

from karmactl.core.model.ports import Clock
from karmactl.embedded import ClusterSpec
from karmactl.embedded.cluster import Cluster
from karmactl.embedded.http import Request as ServerRequest
from karmactl.errors import Unreachable
from karmactl.kube.counts import RequestCounts
from karmactl.kube.status import Asked, refusal
from karmactl.kube.transport import Answer, Request

Hook = Callable[[str, Request], None]


class ProcessDeath(BaseException):
    """The process was killed here: nothing after this point happens."""


class DirectSender:
    """Sends to a `Cluster` in the same process.

    `before` and `after` are called around every request with the cluster's name; what they raise is what the client
    sees, so an error from `after` is an answer that got lost.
    """

    def __init__(self, cluster: Cluster, *, before: Hook | None = None, after: Hook | None = None) -> None:
        self.cluster = cluster.spec.name
        self.requests = RequestCounts()
        self.log: list[Request] = []
        self._cluster = cluster
        self._before = before
        self._after = after

    async def send(self, request: Request) -> Answer:
        """The server's answer, refusals as ClusterErrors."""
        if self._before is not None:
            self._before(self.cluster, request)
        self.requests[request.verb] += 1
        self.log.append(request)
        response = await self._cluster.handle(
            ServerRequest(
                method=request.method,
                path=unquote(request.path),
                raw_path=request.path,
                query=list(request.query.items()),
                headers={
                    "authorization": f"Bearer {self._cluster.tokens['admin']}",
                    "content-type": request.content_type,
                    "accept": request.accept,
                },
                body=request.body or b"",
            )
        )
        body = response.body
        if response.stream is not None:
            body = b"".join([chunk async for chunk in response.stream])
        if self._after is not None:
            self._after(self.cluster, request)
        if response.status >= 300:
            asked = Asked(
                cluster=self.cluster,
                resource=request.resource,
                is_repeatable=request.is_repeatable,
                is_read=request.method == "GET",
                is_secret=request.is_secret,
            )
            raise refusal(asked, response.status, body, content_type=response.content_type, retry_after_seconds=None)
        return Answer(status=response.status, content_type=response.content_type, body=body)

    def stream(self, request: Request, *, idle_seconds: float) -> AsyncGenerator[bytes, None]:
        """Watches are not needed here."""
        raise NotImplementedError


def lost_answer(cluster: str, request: Request) -> Unreachable:
    """What the transport says when a request went out and nothing came back."""
    code = "member-unreachable" if request.is_repeatable else "outcome-unknown"
    return Unreachable(code, f"{cluster}: closed the connection", cluster=cluster, resource=request.resource)


def new_cluster(name: str, *, controllers: bool = True) -> Cluster:
    """A cluster whose workloads are ready at once; call it inside the event loop."""
    cluster = Cluster(ClusterSpec(name=name, ready_after=0.0, controllers=controllers))
    cluster.start()
    return cluster


def is_write(request: Request) -> bool:
    """Whether a request may change something."""
    return request.verb in ("CREATE", "APPLY", "REPLACE", "PATCH", "DELETE")


__all__ = ["Clock", "DirectSender", "Hook", "ProcessDeath", "is_write", "lost_answer", "new_cluster"]
