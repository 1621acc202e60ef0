"""HTTP/1.1 on the wire: framing, compression, connections that last, proxies."""

from __future__ import annotations

import asyncio
import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from karmactl.core.model.manifest import Manifest
from karmactl.core.model.ports import APIKind
from karmactl.errors import ClusterError, Unauthorized, Unreachable
from karmactl.kube.client import ClusterClient
from karmactl.kube.connection import User
from karmactl.kube.http1 import _address
from karmactl.kube.transport import Limits
from tests.kube.fault_server import (
    FaultServer,
    Handler,
    Received,
    answer,
    fault_server,
    raw,
    read_request,
    refused,
    transport_to,
)
from tests.kube.test_transport import tls_server

KIND = APIKind(group="", version="v1", kind="ConfigMap", resource="configmaps", is_namespaced=True)
BODY: Manifest = {"kind": "ConfigMap", "data": {"text": "grüße " * 50}}
TEXT = json.dumps(BODY).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def chunked(text: bytes, size: int, *, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    """The chunked coding."""
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    coded = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + coded + b"0\r\n" + trailers + b"\r\n"


def stay(content: bytes) -> Handler:
    """An answer after which the connection stays."""

    async def send(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return send


async def get(client: ClusterClient) -> Manifest | None:
    """A request."""
    return await client.get(KIND, "ns", "a")


def ask(
    *answers: Handler,
    times: int = 1,
    limits: Limits | None = None,
    user: User | None = None,
    is_compression_disabled: bool = False,
) -> tuple[object, FaultServer]:
    """The last of some results one after another (or the error), and the server."""

    async def go() -> tuple[object, FaultServer]:
        async with (
            fault_server(*answers) as server,
            transport_to(
                server.url, limits=limits, user=user, is_compression_disabled=is_compression_disabled
            ) as transport,
        ):
            client = ClusterClient(transport)
            result: object = None
            for _ in range(times):
                try:
                    result = await get(client)
                except ClusterError as error:
                    result = error
            return result, server

    return asyncio.run(go())


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_chunks_are_put_together(size: int) -> None:
    plain = chunked(TEXT, size, extension=b";x=y", trailers=b"A: b\r\nC: d\r\n")
    assert ask(stay(plain), times=2)[0] == BODY
    coded = chunked(gzip.compress(TEXT), size).replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1)
    result, server = ask(stay(coded), times=2)
    assert result == BODY
    assert server.connections == 1


def test_what_is_asked_for() -> None:
    _, server = ask(answer(200, TEXT), user=User(token="t", impersonate=(("Impersonate-User", "jane"),)))
    (request,) = server.received
    assert (request.method, request.target) == ("GET", "/api/v1/namespaces/ns/configmaps/a")
    assert request.headers == {
        "host": server.url.removeprefix("http://"),
        "user-agent": "karmactl",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "authorization": "Bearer t",
        "impersonate-user": "jane",
    }
    assert ask(answer(200, TEXT), is_compression_disabled=True)[1].received[0].headers["accept-encoding"] == "identity"


def test_a_connection_serves_many_requests_and_a_closed_one_is_not_used() -> None:
    assert ask(answer(200, TEXT), times=5)[1].connections == 1
    result, server = ask(answer(200, TEXT, Connection="close"), times=3)
    assert (result, server.connections, len(server.received)) == (BODY, 3, 3)
    until_end = raw(HEAD + b"\r\n" + TEXT)
    assert ask(until_end, times=2)[0] == BODY


def test_a_connection_that_the_server_closed_meanwhile_is_not_used_for_a_write() -> None:
    async def go() -> int:
        async with fault_server(answer(200, TEXT)) as server, transport_to(server.url) as transport:
            client = ClusterClient(transport)
            await get(client)
            for task in list(server.tasks):
                task.cancel()  # the server ends the connection
            await asyncio.sleep(0.05)
            await client.create(KIND, {"metadata": {"name": "a", "namespace": "ns"}})
            return server.connections

    assert asyncio.run(go()) == 2


def test_an_error_leaves_the_connection_usable() -> None:
    _, server = ask(refused(403, "Forbidden", "no"), answer(200, TEXT), times=2)
    assert server.connections == 1


def test_a_prefix_in_the_server_address_is_kept() -> None:
    async def go() -> str:
        async with fault_server(answer(200, TEXT)) as server:
            async with transport_to(f"{server.url}/k8s/clusters/c-1") as transport:
                await get(ClusterClient(transport))
            return server.received[0].target

    assert asyncio.run(go()) == "/k8s/clusters/c-1/api/v1/namespaces/ns/configmaps/a"


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
        HEAD + b"Content-Length: twelve\r\n\r\n{}",
        HEAD + b"Content-Length: -1\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!",
        HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_what_is_not_http_is_told_as_such(content: bytes) -> None:
    result, server = ask(raw(content, then="hang"))
    assert isinstance(result, Unreachable)
    assert result.code == "answer-not-kubernetes"
    assert len(server.received) == 1


def test_informational_answers_are_passed_over() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert ask(stay(early + HEAD + b"Content-Length: %d\r\n\r\n" % len(TEXT) + TEXT))[0] == BODY


def test_a_small_answer_that_unpacks_to_gigabytes_is_dropped_at_the_limit() -> None:
    bomb = gzip.compress(b" " * 64 * 1024 * 1024)
    content = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    result, _ = ask(raw(content, then="hang"), limits=Limits(answer_bytes=4 * 1024 * 1024))
    assert isinstance(result, Unreachable)
    assert result.code == "answer-too-large"


def test_a_token_with_a_line_break_is_refused() -> None:
    result, server = ask(answer(200, TEXT), user=User(token="t\r\nX: y"))
    assert isinstance(result, Unauthorized)
    assert (result.code, server.received) == ("credentials-broken", [])
    assert "X: y" not in str(result)


def test_a_cancelled_request_does_not_hand_its_answer_to_the_next() -> None:
    async def slow(_: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        await answer(200, {"late": True})(_, writer)

    async def go() -> object:
        async with fault_server(slow, answer(200, TEXT)) as server, transport_to(server.url) as transport:
            client = ClusterClient(transport)
            first = asyncio.create_task(get(client))
            await asyncio.sleep(0.03)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            return await get(client)

    assert asyncio.run(go()) == BODY


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes from one side to the other."""
    while piece := await reader.read(65536):
        writer.write(piece)
    writer.close()


def through_proxy(tmp_path: Path, first: bytes, *, is_tls: bool) -> tuple[object, list[Received]]:
    """A request through a proxy that answers CONNECT with `first`."""
    asked: list[Received] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        assert request is not None
        asked.append(request)
        if request.method != "CONNECT":
            await answer(200, TEXT)(request, writer)
            writer.close()
            return
        writer.write(first)
        if not first.startswith(b"HTTP/1.1 200"):
            writer.close()
            return
        host, _, port = request.target.rpartition(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(relay(reader, far_writer), relay(far_reader, writer), return_exceptions=True)

    async def go() -> object:
        ca, context = tls_server(tmp_path, ends=datetime.now(UTC) + timedelta(days=1))
        listener = await asyncio.start_server(proxy, "127.0.0.1", 0)
        url = f"http://us%40er:pw@127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        limits = Limits(attempts=1)
        async with (
            fault_server(answer(200, TEXT), tls=context if is_tls else None) as server,
            transport_to(server.url, ca=ca, proxy_url=url, limits=limits) as transport,
        ):
            try:
                return await get(ClusterClient(transport))
            except ClusterError as error:
                return error
            finally:
                listener.close()
                await transport.close()
                await asyncio.sleep(0.05)  # the relay sees the end of both sides

    return asyncio.run(go()), asked


def test_a_tunnel_through_a_proxy(tmp_path: Path) -> None:
    result, (request,) = through_proxy(tmp_path, b"HTTP/1.1 200 Connection established\r\n\r\n", is_tls=True)
    assert result == BODY
    assert (request.method, request.headers["proxy-authorization"]) == ("CONNECT", "Basic dXNAZXI6cHc=")
    assert "authorization" not in request.headers


def test_a_proxy_of_plain_http_gets_the_whole_address(tmp_path: Path) -> None:
    result, (request,) = through_proxy(tmp_path, b"", is_tls=False)
    assert result == BODY
    assert request.target.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("first", [b"HTTP/1.1 407 Who are you\r\n\r\n", b"SSH-2.0\r\n\r\n", b""])
def test_a_proxy_that_refuses_is_named_as_the_cause(tmp_path: Path, first: bytes) -> None:
    result, _ = through_proxy(tmp_path, first, is_tls=True)
    assert isinstance(result, Unreachable)
    assert result.code == "proxy-unreachable"
    assert "pw" not in str(result)


@pytest.mark.parametrize("netloc", ["127.0.0.1:99999", "user:word@127.0.0.1:x", ":1"])
def test_an_address_that_cannot_be_is_unreachable_and_shows_no_password(netloc: str) -> None:
    with pytest.raises(OSError, match=r"no address|no host") as caught:
        _address(urlsplit(f"https://{netloc}"))
    assert "word" not in str(caught.value)
