"""HTTP/1.1 over asyncio streams: the first and the last thing that happens to a request.

Reads requests, hands each to a handler, writes the answer; streams (watches) go out in chunks until their source
ends or the client leaves. It is small on purpose: loading a web framework would take longer than everything else
that a sandbox does to start. Malformed requests get 400, over-long ones 431 or 413; nothing raises.
"""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

MAX_HEAD = 1 << 20
MAX_BODY = 64 << 20
_GZIP_FROM = 128 * 1024


@dataclass(slots=True, kw_only=True)
class Request:
    """One request; header names are in lower case, `query` keeps order and repetition."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes = b""
    raw_path: str = ""
    repeated: dict[str, list[str]] = field(default_factory=dict)

    def param(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return next((v for k, v in self.query if k == name), default)

    def has_param(self, name: str) -> bool:
        """Whether the query names the parameter at all."""
        return any(k == name for k, _ in self.query)

    def header(self, name: str) -> str:
        """The value of a header, empty when absent."""
        return self.headers.get(name, "")


@dataclass(slots=True, kw_only=True)
class Response:
    """One answer: a body, or a stream of chunks."""

    status: int
    content_type: str = "application/json"
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)


class Abort(Exception):
    """The connection is to be cut without an answer."""


Handler = Callable[[Request], Awaitable[Response]]


class BadRequest(Exception):
    """The bytes are no HTTP request; carries the status to answer with."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


async def serve_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
    """Answers the requests of one connection until it closes."""
    try:
        while True:
            try:
                request = await _read_request(reader, writer)
            except BadRequest as exc:
                await _write_plain(writer, exc.status)
                break
            if request is None:
                break
            response = await handler(request)
            keep = request.header("connection").lower() != "close"
            await _write_response(reader, writer, request, response, keep)
            if not keep:
                break
    except (Abort, ConnectionError, asyncio.IncompleteReadError, TimeoutError):
        writer.transport.abort()
    except OSError:
        writer.transport.abort()
    finally:
        with contextlib.suppress(ConnectionError, OSError, RuntimeError):
            writer.close()


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as exc:
        if exc.partial.strip():
            raise BadRequest(400) from exc
        return None
    except asyncio.LimitOverrunError as exc:
        raise BadRequest(431) from exc
    lines = head[:-4].lstrip(b"\r\n").decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest(400)
    headers: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip() or not name:
            raise BadRequest(400)
        name, value = name.lower(), value.strip()
        repeated.setdefault(name, []).append(value)
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    if parts[2] == "HTTP/1.0":
        headers.setdefault("connection", "close")
    body = await _read_body(reader, writer, headers)
    target = parts[1]
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    raw_path, _, query = target.partition("?")
    return Request(
        method=parts[0],
        path=unquote(raw_path),
        raw_path=raw_path,
        query=parse_qsl(query, keep_blank_values=True),
        headers=headers,
        body=body,
        repeated=repeated,
    )


async def _read_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]) -> bytes:
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    length = headers.get("content-length", "0")
    if not length.isdigit():
        raise BadRequest(400)
    if int(length) > MAX_BODY:
        raise BadRequest(413)
    return await reader.readexactly(int(length)) if int(length) else b""


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    out = bytearray()
    while True:
        line = await reader.readline()
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError as exc:
            raise BadRequest(400) from exc
        if size == 0:
            while (await reader.readline()).strip():
                pass
            return bytes(out)
        if len(out) + size > MAX_BODY:
            raise BadRequest(413)
        out += await reader.readexactly(size)
        await reader.readexactly(2)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


async def _write_plain(writer: asyncio.StreamWriter, status: int) -> None:
    text = f"{status} {_reason(status)}".encode()
    writer.write(
        f"HTTP/1.1 {status} {_reason(status)}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Connection: close\r\nContent-Length: {len(text)}\r\n\r\n".encode()
        + text
    )
    await writer.drain()


async def _write_response(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: Request,
    response: Response,
    keep: bool,
) -> None:
    head = [f"HTTP/1.1 {response.status} {_reason(response.status)}"]
    if response.content_type:
        head.append(f"Content-Type: {response.content_type}")
    head += [f"{name}: {value}" for name, value in response.headers]
    if not keep:
        head.append("Connection: close")
    if response.stream is not None:
        head.append("Transfer-Encoding: chunked")
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        await _write_stream(reader, writer, response.stream)
        return
    body = response.body
    if len(body) > _GZIP_FROM and "gzip" in request.header("accept-encoding"):
        body = await asyncio.to_thread(gzip.compress, body, 1)
        head.append("Content-Encoding: gzip")
        head.append("Vary: Accept-Encoding")
    head.append(f"Content-Length: {len(body)}")
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode() + (b"" if request.method == "HEAD" else body))
    await writer.drain()


async def _write_stream(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream: AsyncIterator[bytes]
) -> None:
    """Writes chunks until the stream ends or the client hangs up, whichever comes first."""
    task = asyncio.current_task()
    assert task is not None
    gone = asyncio.ensure_future(reader.read(1))

    def interrupt(_: object) -> None:
        task.cancel()

    gone.add_done_callback(interrupt)
    try:
        await writer.drain()
        async for chunk in stream:
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    except asyncio.CancelledError:
        if not gone.done():
            raise
        task.uncancel()
        raise ConnectionResetError from None
    finally:
        gone.remove_done_callback(interrupt)
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await gone
        if hasattr(stream, "aclose"):
            await stream.aclose()
