"""The sockets of a cluster: TLS on loopback, and a port that can be dead for a while and come back."""

import asyncio
import contextlib
import socket
import ssl

from karmactl.embedded.cluster import Cluster
from karmactl.embedded.http import MAX_HEAD, serve_connection
from karmactl.embedded.spec import Fault

LOOPBACK = "127.0.0.1"


class Listener:
    """Accepts a cluster's connections; `fail` and `heal` change how."""

    def __init__(self, cluster: Cluster, context: ssl.SSLContext, port: int = 0) -> None:
        """A listener that does not listen yet; `port` is the one of an earlier life."""
        self.cluster = cluster
        self.port = cluster.spec.port or port
        self._context = context
        self._server: asyncio.Server | None = None
        self._placeholder: socket.socket | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where the cluster is reached."""
        return f"https://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Begins to listen, on the same port as before if there was one."""
        self._release()
        try:
            await self._listen()
        except OSError:
            if self.port == self.cluster.spec.port:
                raise
            # the port of an earlier life, which somebody else has taken since
            self.port = 0
            await self._listen()
        assert self._server is not None
        self.port = self._server.sockets[0].getsockname()[1]
        self.cluster.address = f"{LOOPBACK}:{self.port}"

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._accept,
            LOOPBACK,
            self.port,
            ssl=self._context,
            limit=MAX_HEAD,
            reuse_address=True,
            ssl_handshake_timeout=30,
            ssl_shutdown_timeout=1,
        )

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            await serve_connection(reader, writer, self.cluster.handle)
        finally:
            self._connections.discard(writer)

    async def fail(self, fault: Fault) -> None:
        """Puts a fault in force."""
        self.cluster.faults.set(fault)
        if fault.kind in ("down", "reset", "watch-cut"):
            self._cut()
        if fault.kind == "down":
            await self._close()
            # keeps the port from being taken by others; a socket that does not listen refuses connections
            self._placeholder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._placeholder.bind((LOOPBACK, self.port))
        if fault.kind == "api-removed":
            group, _, version = fault.api.rpartition("/")
            self.cluster.catalog.removed.add((group, version))

    async def heal(self) -> None:
        """Ends all faults."""
        self.cluster.faults.clear()
        self.cluster.catalog.removed.clear()
        if self._server is None:
            await self.start()

    def _cut(self) -> None:
        for writer in list(self._connections):
            writer.transport.abort()

    def _release(self) -> None:
        if self._placeholder is not None:
            self._placeholder.close()
            self._placeholder = None

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def stop(self) -> None:
        """Ends the listener and its connections."""
        self.cluster.stop()
        await self._close()
        self._release()
        self._cut()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
