"""HTTP/1.1 to one server: as much of RFC 9112 as a Kubernetes API server needs, over asyncio's streams.

Written here because importing aiohttp, the client tried first, took 0.14 s of every run, near half of its start-up, and
a third to a half more CPU for each request; and because it sends some requests again by itself, where this project must
know what was sent. Left out on purpose: redirects, cookies, caches, HTTP/2. Everything a server sends has a limit.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

__all__ = ["Broken", "NotConnected", "NotHTTP", "Pool", "Response", "Route"]

_MAX_HEAD_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024
_DEFAULT_PORTS = {"https": 443, "http": 80}
# Servers close idle connections themselves; the youngest limit known is that of small load balancers.
_KEEP_ALIVE_SECONDS = 30.0


class NotConnected(Exception):
    """No connection was made, so nothing was sent; the cause is the OSError, `is_timeout` and `is_proxy` say more."""

    def __init__(self, *, is_timeout: bool = False, is_proxy: bool = False) -> None:
        super().__init__()
        self.is_timeout = is_timeout
        self.is_proxy = is_proxy


class Broken(Exception):
    """The connection ended after the request was sent; `in_answer` if part of an answer had come."""

    def __init__(self, *, in_answer: bool) -> None:
        super().__init__()
        self.in_answer = in_answer


class NotHTTP(Exception):
    """What came back is not HTTP/1.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How to reach a server: `context` None for plain HTTP, `proxy` "" for none."""

    server: str
    context: ssl.SSLContext | None
    tls_server_name: str = ""
    proxy: str = field(default="", repr=False)


class Pool:
    """Connections to one server, used again while they last. The caller limits how many are open."""

    def __init__(self, route: Route, *, connect_seconds: float) -> None:
        self._url = urlsplit(route.server)
        self._route = route
        self._connect_seconds = connect_seconds
        self._idle: list[_Wire] = []
        self._in_use: set[_Wire] = set()
        self._is_closed = False
        # In the absolute form a proxy of plain HTTP needs; through a tunnel, and without a proxy, the path alone.
        is_forwarded = bool(route.proxy) and route.context is None
        self._base = route.server if is_forwarded else self._url.path.rstrip("/")
        self._host = self._url.netloc.rpartition("@")[2]

    async def request(
        self, method: str, target: str, headers: Mapping[str, str] | list[tuple[str, str]], body: bytes | None
    ) -> Response:
        """Sends a request and gives the head of the answer; read the body, then `release` it.

        Raises NotConnected, Broken, NotHTTP; ValueError for a header that would end its line.
        """
        head = self._head(method, target, headers, body)
        wire = self._take() or await self._connect()
        self._in_use.add(wire)
        if self._is_closed:
            self.give_back(wire, is_reusable=False)
            raise NotConnected
        try:
            return await wire.exchange(head + (body or b""), pool=self)
        except BaseException:
            self.give_back(wire, is_reusable=False)
            raise

    def give_back(self, wire: _Wire, *, is_reusable: bool) -> None:
        """Keeps a connection for the next request, or ends it."""
        self._in_use.discard(wire)
        if not is_reusable or self._is_closed:
            wire.abort()
            return
        wire.idle_since = asyncio.get_running_loop().time()
        self._idle.append(wire)

    async def close(self) -> None:
        """Ends all connections, also those whose answer nobody reads to its end (an abandoned watch)."""
        self._is_closed = True
        for wire in (*self._idle, *self._in_use):
            wire.abort()
        self._idle.clear()
        self._in_use.clear()
        await asyncio.sleep(0)  # the transports close in the next turn of the loop

    def _take(self) -> _Wire | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            wire = self._idle.pop()
            if wire.is_alive() and now - wire.idle_since < _KEEP_ALIVE_SECONDS:
                return wire
            wire.abort()
        return None

    def _head(
        self, method: str, target: str, headers: Mapping[str, str] | list[tuple[str, str]], body: bytes | None
    ) -> bytes:
        listed = list(headers.items()) if isinstance(headers, Mapping) else headers
        lines = [f"{method} {self._base}{target} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in listed]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header has a line break")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")

    async def _connect(self) -> _Wire:
        try:
            async with asyncio.timeout(self._connect_seconds):
                if self._route.proxy:
                    return await self._connect_through(urlsplit(self._route.proxy))
                host, port = _address(self._url)
                name = (self._route.tls_server_name or host) if self._route.context else None
                return _Wire(*await _open(host, port, self._route.context, name))
        except TimeoutError as error:
            raise NotConnected(is_timeout=True) from error
        except OSError as error:
            raise NotConnected from error

    async def _connect_through(self, proxy: SplitResult) -> _Wire:
        """A connection by way of a proxy: CONNECT and TLS inside of it, or plain (RFC 9110 section 9.3.6)."""
        if proxy.scheme not in ("http", "https"):  # from the environment: the kubeconfig's own was checked
            raise NotConnected(is_proxy=True)
        try:
            host, port = _address(proxy)
            context = ssl.create_default_context() if proxy.scheme == "https" else None
            reader, writer = await _open(host, port, context, host if context else None)
        except OSError as error:
            raise NotConnected(is_proxy=True) from error
        if self._route.context is None:
            return _Wire(reader, writer)
        host, port = _address(self._url)
        authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
        if proxy.username:
            pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
        try:
            writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
            status, _ = await _read_head(reader)
            if status != 200:
                raise NotConnected(is_proxy=True)
            await writer.start_tls(self._route.context, server_hostname=self._route.tls_server_name or host)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, NotHTTP) as error:
            writer.transport.abort()
            raise NotConnected(is_proxy=True) from error
        except BaseException:
            writer.transport.abort()
            raise
        return _Wire(reader, writer)


class Response:
    """The head of an answer, and the way to its body; header names are in lower case."""

    def __init__(self, status: int, headers: Mapping[str, str], wire: _Wire, pool: Pool) -> None:
        self.status = status
        self.headers = headers
        self._wire = wire
        self._pool = pool
        self._is_whole = False

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, without transfer and content coding. Raises Broken, NotHTTP."""
        coding = self.headers.get("content-encoding", "identity")
        if coding not in ("identity", "gzip"):
            raise NotHTTP
        decoder = zlib.decompressobj(16 + zlib.MAX_WBITS) if coding == "gzip" else None
        try:
            async for piece in self._wire.body(self.status, self.headers):
                if decoder is None:
                    yield piece
                    continue
                rest = piece
                while rest:  # little by little: a small piece may hold gigabytes
                    yield decoder.decompress(rest, _PIECE_BYTES)
                    rest = decoder.unconsumed_tail
            if decoder is not None:
                yield decoder.flush()
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:
            raise Broken(in_answer=True) from error
        except (ValueError, zlib.error) as error:
            raise NotHTTP from error
        self._is_whole = True

    def release(self) -> None:
        """Keeps the connection if the whole body was read and both sides can go on, else ends it."""
        closes = "close" in self.headers.get("connection", "").lower() or not _has_length(self.status, self.headers)
        self._pool.give_back(self._wire, is_reusable=self._is_whole and not closes)


class _Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.idle_since = 0.0

    def is_alive(self) -> bool:
        """Whether the server has not closed it, as far as is known here."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    def abort(self) -> None:
        """Ends it at once."""
        self._writer.transport.abort()

    async def exchange(self, request: bytes, *, pool: Pool) -> Response:
        """Sends a request and reads the head of the answer."""
        try:
            self._writer.write(request)
            await self._writer.drain()
            status, headers = await _read_head(self._reader)
        except asyncio.IncompleteReadError as error:
            raise Broken(in_answer=bool(error.partial)) from error
        except OSError as error:
            raise Broken(in_answer=False) from error
        except asyncio.LimitOverrunError as error:
            raise NotHTTP from error
        return Response(status, headers, self, pool)

    async def body(self, status: int, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The pieces of a body (RFC 9112 section 6)."""
        if status == 204 or status == 304:
            return
        if "chunked" in headers.get("transfer-encoding", "").lower():
            while size := int((await self._reader.readuntil(b"\r\n")).partition(b";")[0], 16):
                async for piece in self._exactly(size):
                    yield piece
                if await self._reader.readexactly(2) != b"\r\n":
                    raise ValueError("a chunk is longer than it says")
            while await self._reader.readuntil(b"\r\n") != b"\r\n":
                pass  # trailers
        elif "content-length" in headers:
            async for piece in self._exactly(int(headers["content-length"])):
                yield piece
        else:
            while piece := await self._reader.read(_PIECE_BYTES):
                yield piece

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        if size < 0:
            raise ValueError("a negative length")
        while size:
            piece = await self._reader.read(min(size, _PIECE_BYTES))
            if not piece:
                raise asyncio.IncompleteReadError(b"", size)
            size -= len(piece)
            yield piece


async def _open(
    host: str, port: int, context: ssl.SSLContext | None, name: str | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(
        host, port, ssl=context, server_hostname=name, limit=_PIECE_BYTES, happy_eyeballs_delay=0.25
    )


async def _read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers; a header that comes twice is joined by commas. Informational answers are passed over."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        if len(head) > _MAX_HEAD_BYTES:
            raise NotHTTP
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        parts = first.split(" ", 2)
        if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not (len(parts[1]) == 3 and parts[1].isdigit()):
            raise NotHTTP
        headers: dict[str, str] = {}
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise NotHTTP
            key, value = name.lower(), value.strip()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        if not parts[1].startswith("1"):
            return int(parts[1]), headers


def _has_length(status: int, headers: Mapping[str, str]) -> bool:
    return status in (204, 304) or "content-length" in headers or "transfer-encoding" in headers


def _address(url: SplitResult) -> tuple[str, int]:
    try:
        host, port = url.hostname, url.port
    except ValueError as exc:
        raise OSError(f"that is no address: {exc}") from exc
    if not host:
        raise OSError(f"no host in {url.scheme}://")
    return host, port or _DEFAULT_PORTS.get(url.scheme, 80)
