"""The control endpoint of a background sandbox: status, faults, and its end, over loopback HTTP with a token.

This is the server half; the client half is `control_client`. The token lies in the state file, which only its owner
can read.
"""

import asyncio
import hmac
import json
import secrets
from typing import Any, Protocol

from karmactl.embedded.http import Request, Response, serve_connection
from karmactl.embedded.listener import LOOPBACK
from karmactl.embedded.spec import ClusterSpec, Fault, fault_from_json, to_json


class Clusters(Protocol):
    """What runs: `Sandbox` or `RealSandbox`."""

    @property
    def names(self) -> tuple[str, ...]:
        """The clusters' names."""
        ...

    def spec(self, name: str) -> ClusterSpec:
        """What a cluster is."""
        ...

    def url(self, name: str) -> str:
        """Where it is reached."""
        ...

    def faults(self, name: str) -> tuple[Fault, ...]:
        """The faults in force."""
        ...

    def request_counts(self, name: str) -> dict[str, int]:
        """How often it was asked, by verb."""
        ...

    async def start(self) -> None:
        """Starts all."""
        ...

    async def stop(self) -> None:
        """Ends all."""
        ...

    async def fail_async(self, name: str, fault: Fault | str) -> None:
        """Makes a cluster misbehave."""
        ...

    async def heal_async(self, name: str) -> None:
        """Ends its faults."""
        ...


class ControlServer:
    """Serves the control endpoint of one sandbox."""

    def __init__(self, sandbox: Clusters) -> None:
        """An endpoint that does not listen yet, with a token of its own."""
        self.token = secrets.token_urlsafe(24)
        self.port = 0
        self.stop_requested = asyncio.Event()
        self._sandbox = sandbox
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Ends the endpoint."""
        if self._server is not None:
            self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve_connection(reader, writer, self._handle)

    async def _handle(self, request: Request) -> Response:
        if not hmac.compare_digest(request.header("authorization"), f"Bearer {self.token}"):
            return _answer(401, {"error": "unknown token"})
        try:
            body = json.loads(request.body or b"{}")
            if request.path == "/status":
                return _answer(200, status_of(self._sandbox))
            if request.path == "/fail":
                await self._sandbox.fail_async(body["cluster"], fault_from_json(body["fault"]))
                return _answer(200, {})
            if request.path == "/heal":
                await self._sandbox.heal_async(body["cluster"])
                return _answer(200, {})
            if request.path == "/stop":
                self.stop_requested.set()
                return _answer(200, {})
        except KeyError as exc:
            return _answer(404, {"error": f"no cluster {exc}"})
        except (ValueError, TypeError, OSError) as exc:
            return _answer(400, {"error": str(exc)})
        return _answer(404, {"error": f"no path {request.path}"})


def _answer(status: int, value: dict[str, Any]) -> Response:
    return Response(status=status, body=json.dumps(value).encode())


def status_of(sandbox: Clusters) -> dict[str, Any]:
    """What a sandbox tells about itself, cluster by cluster."""
    clusters = []
    for name in sandbox.names:
        spec = sandbox.spec(name)
        clusters.append(
            {
                "name": name,
                "url": sandbox.url(name),
                "region": spec.region,
                "zones": list(spec.zones),
                "provider": spec.provider,
                "nodes": spec.nodes,
                "faults": [to_json(f) for f in sandbox.faults(name)],
                "requests": sandbox.request_counts(name),
            }
        )
    return {"clusters": clusters}
