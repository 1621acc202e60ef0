"""A server that answers exactly what a test tells it to, byte by byte, and a clock that only tests move."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from karmactl.core.model.manifest import Manifest
from karmactl.kube.connection import Connection, User
from karmactl.kube.credentials import PluginRuns
from karmactl.kube.transport import Limits, Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request as the server read it; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Handler = Callable[[Received, asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class FaultServer:
    """Takes `answers` one by one, the last one again and again."""

    answers: list[Handler]
    received: list[Received] = field(default_factory=list)
    url: str = ""
    connections: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.connections += 1
        try:
            while (request := await read_request(reader)) is not None:
                self.received.append(request)
                await self.answers[min(len(self.received), len(self.answers)) - 1](request, writer)
                if writer.is_closing():
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self.tasks.discard(task)


@asynccontextmanager
async def fault_server(*answers: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultServer]:
    """A running server on loopback."""
    server = FaultServer(list(answers))
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    server.url = f"{scheme}://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        # asyncio leaks a connection that is accepted while its listener closes: the last one is let in first.
        await asyncio.sleep(0.01)
        listener.close()
        for task in (tasks := list(server.tasks)):
            task.cancel()
        await asyncio.gather(*tasks)


async def read_request(reader: asyncio.StreamReader) -> Received | None:
    """The next request of a connection, None at its end."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method=method, target=target, headers=headers, body=body)


def answer(status: int, body: Manifest | bytes, *, content_type: str = "application/json", **headers: str) -> Handler:
    """A whole answer."""

    async def send(_: Received, writer: asyncio.StreamWriter) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\nContent-Length: {len(content)}\r\n{more}\r\n"
        writer.write(head.encode() + content)
        await writer.drain()

    return send


def refused(status: int, reason: str, message: str, **headers: str) -> Handler:
    """A Kubernetes Status of failure."""
    body: Manifest = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status}
    return answer(status, {**body, "reason": reason, "message": message}, **headers)


def raw(content: bytes, *, then: str = "close") -> Handler:
    """Bytes as they are, and then `close`, `reset` or `hang`."""

    async def send(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        if then == "hang":
            await asyncio.sleep(3600)
        elif then == "reset":
            writer.transport.abort()
        else:
            writer.close()

    return send


def endless(head: bytes, chunk: bytes) -> Handler:
    """An answer that never ends."""

    async def send(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(chunk)
            await writer.drain()

    return send


class FakeClock:
    """Time that passes only by `sleep`; `slept` has every wait."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._start = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The time of day."""
        return self._start + timedelta(seconds=sum(self.slept))

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        """Lets the time pass at once."""
        self.slept.append(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def transport_to(
    url: str,
    *,
    clock: FakeClock | None = None,
    user: User | None = None,
    limits: Limits | None = None,
    **connection: object,
) -> AsyncIterator[Transport]:
    """A transport with a fake clock, without jitter."""
    clock = clock or FakeClock()
    target = Connection(context="ctx", server=url, user=user or User(), **connection)  # type: ignore[arg-type]
    plugins = PluginRuns(clock, is_terminal=False)
    async with Transport(
        target, cluster="eu-1", clock=clock, plugins=plugins, limits=limits or Limits(), jitter=lambda: 0.5
    ) as transport:
        yield transport
