"""The door of a real API server: bytes go through as they are, until a fault says otherwise.

What the connection shows can be made to fail (refused, hanging, cut, slow); what is inside is sealed by TLS, so that
faults of single answers are left to emulated clusters.
"""

import asyncio
import contextlib
import socket

from karmactl.embedded.listener import LOOPBACK
from karmactl.embedded.spec import Fault

KINDS = ("down", "hang", "reset", "slow", "watch-cut")
_CHUNK = 1 << 16


class Proxy:
    """Accepts connections on a port of its own and passes them on to another one of this computer."""

    def __init__(self, port: int = 0) -> None:
        """A proxy that does not listen yet; `port` is the one of an earlier life."""
        self.port = port
        self.faults: dict[str, Fault] = {}
        self._target = 0
        self._server: asyncio.Server | None = None
        self._placeholder: socket.socket | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, target: int) -> None:
        """Begins to listen, and passes on to the target port."""
        self._target = target
        await self._listen()

    async def _listen(self) -> None:
        if self._placeholder is not None:
            self._placeholder.close()
            self._placeholder = None
        try:
            self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port, reuse_address=True)
        except OSError:
            self._server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def fail(self, fault: Fault) -> None:
        """Puts a fault in force; raises ValueError for one that a connection does not show."""
        if fault.kind not in KINDS:
            raise ValueError(f"real API servers do not know {fault.kind!r}: one of {', '.join(KINDS)}")
        self.faults[fault.kind] = fault
        if fault.kind == "down":
            self._close()
            # keeps the port from being taken by others; a socket that does not listen refuses connections
            self._placeholder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._placeholder.bind((LOOPBACK, self.port))
        self._cut()

    async def heal(self) -> None:
        """Ends all faults."""
        hung = "hang" in self.faults
        self.faults.clear()
        if hung:
            self._cut()
        if self._server is None:
            await self._listen()

    async def stop(self) -> None:
        """Ends the proxy and its connections."""
        self._close()
        self._cut()
        if self._placeholder is not None:
            self._placeholder.close()

    def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _cut(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if "reset" in self.faults:
                writer.transport.abort()
            elif "hang" in self.faults:
                await reader.read(-1)
            else:
                await self._pass_on(reader, writer)
        except OSError:
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(LOOPBACK, self._target)
        cut = self.faults.get("watch-cut")
        try:
            async with asyncio.timeout(cut.seconds if cut is not None else None):
                await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        except TimeoutError:
            writer.transport.abort()
        finally:
            there_writer.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(_CHUNK):
            if slow := self.faults.get("slow"):
                await asyncio.sleep(slow.seconds)
            sink.write(chunk)
            await sink.drain()
        with contextlib.suppress(OSError, RuntimeError):
            sink.write_eof()


__all__ = ["KINDS", "Proxy"]
