"""Faults on the wire: what is sent again, what is not, and what the error says."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from karmactl.core.model.manifest import Manifest
from karmactl.core.model.ports import APIKind, Preconditions
from karmactl.errors import ClusterError, Conflict, InternalError, NotFound, Rejected, Unauthorized, Unreachable
from karmactl.kube.client import ClusterClient
from karmactl.kube.connection import User
from karmactl.kube.transport import Limits
from tests.contract.servers import certificate_chain
from tests.kube.fault_server import (
    FakeClock,
    FaultServer,
    Handler,
    answer,
    endless,
    fault_server,
    raw,
    refused,
    transport_to,
)

CONFIG_MAP = APIKind(group="", version="v1", kind="ConfigMap", resource="configmaps", is_namespaced=True)
SECRET = APIKind(group="", version="v1", kind="Secret", resource="secrets", is_namespaced=True)
BODY: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "ns"}}
VERSIONED: Manifest = {**BODY, "metadata": {"name": "a", "namespace": "ns", "resourceVersion": "1"}}
GOOD = answer(200, BODY)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
HALF = HEAD + b"Content-Length: 1000\r\n\r\n" + b'{"kind":'
UNAVAILABLE = refused(503, "ServiceUnavailable", "not now")
SERVER_FAULT = refused(500, "InternalError", "etcd is lost")
BUSY = refused(429, "TooManyRequests", "slow down", Retry_After="7")

Call = Callable[[ClusterClient], Coroutine[Any, Any, object]]
CALLS: dict[str, Call] = {
    "get": lambda client: client.get(CONFIG_MAP, "ns", "a"),
    "list": lambda client: client.list(CONFIG_MAP),
    "create": lambda client: client.create(CONFIG_MAP, BODY),
    "apply": lambda client: client.apply(CONFIG_MAP, BODY),
    "apply with version": lambda client: client.apply(CONFIG_MAP, VERSIONED),
    "replace": lambda client: client.replace(CONFIG_MAP, VERSIONED),
    "patch": lambda client: client.patch(CONFIG_MAP, "ns", "a", {}),
    "delete by uid": lambda client: client.delete(CONFIG_MAP, "ns", "a", preconditions=Preconditions(uid="u")),
    "delete by version": lambda client: client.delete(
        CONFIG_MAP, "ns", "a", preconditions=Preconditions(uid="u", resource_version="1")
    ),
    "delete": lambda client: client.delete(CONFIG_MAP, "ns", "a", preconditions=Preconditions()),
}
READS = {"get", "list"}
# Doing these twice is as good as once.
REPEATABLE = READS | {"apply", "delete by uid"}


def run(
    call: Call,
    *answers: Handler,
    clock: FakeClock | None = None,
    limits: Limits | None = None,
    user: User | None = None,
) -> tuple[object, FaultServer]:
    """What a call gives (or the ClusterError it raises) against a server with these answers."""

    async def go() -> tuple[object, FaultServer]:
        async with (
            fault_server(*answers) as server,
            transport_to(server.url, clock=clock, limits=limits, user=user) as transport,
        ):
            try:
                return await call(ClusterClient(transport)), server
            except ClusterError as error:
                return error, server

    return asyncio.run(go())


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("fault", [raw(b"", then="reset"), raw(HALF, then="reset"), raw(HALF), raw(b"")])
def test_a_broken_connection_is_retried_only_where_twice_is_as_good_as_once(name: str, fault: Handler) -> None:
    result, server = run(CALLS[name], fault, GOOD)
    if name in REPEATABLE:
        assert not isinstance(result, ClusterError)
        assert len(server.received) == 2
    else:
        assert isinstance(result, Unreachable)
        assert (result.code, result.retryable) == ("outcome-unknown", False)
        assert len(server.received) == 1


@pytest.mark.parametrize("name", CALLS)
def test_a_server_fault_is_retried_for_reads_alone(name: str) -> None:
    result, server = run(CALLS[name], SERVER_FAULT, GOOD)
    if name in READS:
        assert not isinstance(result, ClusterError)
    else:
        assert isinstance(result, Rejected)
        assert (result.code, result.status) == ("server-error", 500)
        assert len(server.received) == 1


@pytest.mark.parametrize("name", CALLS)
def test_a_busy_server_gets_the_time_it_asked_for(name: str) -> None:
    clock = FakeClock()
    result, server = run(CALLS[name], BUSY, GOOD, clock=clock)
    assert not isinstance(result, ClusterError)
    assert len(server.received) == 2
    assert clock.slept == [pytest.approx(7.1)]


def test_a_wait_longer_than_the_limit_is_left_to_the_caller() -> None:
    clock = FakeClock()
    result, server = run(CALLS["get"], refused(429, "TooManyRequests", "later", Retry_After="120"), clock=clock)
    assert isinstance(result, Rejected)
    assert (result.code, result.retryable, result.retry_after_seconds) == ("too-many-requests", True, 120.0)
    assert clock.slept == []
    assert len(server.received) == 1


def test_retries_end_and_back_off() -> None:
    clock = FakeClock()
    result, server = run(CALLS["get"], UNAVAILABLE, clock=clock)
    assert isinstance(result, Rejected)
    assert len(server.received) == 4
    assert clock.slept == [pytest.approx(0.1), pytest.approx(0.2), pytest.approx(0.4)]


def test_a_refused_connection_is_retried_even_for_a_create() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    async def go() -> tuple[Unreachable, int]:
        async with transport_to(url) as transport:
            with pytest.raises(Unreachable) as caught:
                await ClusterClient(transport).create(CONFIG_MAP, BODY)
            return caught.value, transport.requests["CREATE"]

    error, sent = asyncio.run(go())
    assert (error.code, error.cluster, sent) == ("member-unreachable", "eu-1", 4)
    assert "connection refused" in error.message
    assert error.resource == "ConfigMap ns/a"


def test_a_server_that_hangs_is_given_up_in_time() -> None:
    limits = Limits(request_seconds=0.2)
    for name in ("get", "create"):
        result, server = run(CALLS[name], raw(b"", then="hang"), limits=limits)
        assert isinstance(result, Unreachable)
        assert (result.code, result.reason) == (
            ("member-unreachable", "Timeout") if name == "get" else ("outcome-unknown", "Timeout")
        )
        assert len(server.received) == (2 if name == "get" else 1)


def test_a_server_that_hangs_in_mid_body_is_given_up_in_time() -> None:
    result, _ = run(CALLS["get"], raw(HALF, then="hang"), limits=Limits(request_seconds=0.2))
    assert isinstance(result, Unreachable)
    assert result.reason == "Timeout"


def test_an_endless_answer_is_dropped_at_the_limit() -> None:
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    result, server = run(CALLS["get"], endless(head, chunk), limits=Limits(answer_bytes=1024 * 1024))
    assert isinstance(result, Unreachable)
    assert (result.code, result.retryable) == ("answer-too-large", False)
    assert len(server.received) == 1


def test_a_web_page_is_told_as_such() -> None:
    for status in (200, 302, 403, 502):
        page = answer(status, b"<!DOCTYPE html><html>sign in</html>", content_type="text/html; charset=utf-8")
        result, _ = run(CALLS["list"], page)
        assert isinstance(result, Unreachable), status
        assert result.code == "answer-not-kubernetes"
        assert "sign in" not in result.message
        assert result.hint


def test_json_that_is_no_object_is_no_answer() -> None:
    for body in (b"[]", b"not json", b'{"items": 3}', b'{"items": [3]}', b""):
        result, _ = run(CALLS["list"], answer(200, body))
        assert isinstance(result, Unreachable), body
        assert result.code == "answer-not-kubernetes"


def test_something_that_is_not_http_is_no_answer() -> None:
    result, _ = run(CALLS["get"], raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"))
    assert isinstance(result, Unreachable)
    assert result.code == "answer-not-kubernetes"


def test_the_message_of_a_server_is_cleaned_and_cut() -> None:
    result, _ = run(CALLS["create"], refused(422, "Invalid", "bad\x1b[31m\nvalue\u202e " + "x" * 5000))
    assert isinstance(result, Rejected)
    assert "\x1b" not in result.message
    assert "\n" not in result.message
    assert "\u202e" not in result.message
    assert "bad[31m value" in result.message
    assert len(result.message.encode()) < 2200


def test_i08_of_a_refused_secret_the_words_are_not_shown() -> None:
    def create(client: ClusterClient) -> Coroutine[Any, Any, object]:
        return client.create(SECRET, {**BODY, "kind": "Secret"})

    webhook = 'admission webhook "check" denied the request: user cannot have password hunter2'
    for status, reason, message in (
        (422, "Invalid", "data: hunter2"),
        (403, "Forbidden", webhook),
        (500, "", "hunter2"),
    ):
        result, _ = run(create, refused(status, reason, message))
        assert isinstance(result, ClusterError)
        assert "hunter2" not in f"{result} {result.causes}"
        assert "not shown" in result.message
    result, _ = run(create, refused(403, "Forbidden", 'secrets is forbidden: User "x" cannot create resource'))
    assert "cannot create" in str(result)


def test_conflicts_tell_fields_and_managers() -> None:
    words = 'conflict with "hpa" using apps/v1'
    cause: Manifest = {"reason": "FieldManagerConflict", "field": ".spec.replicas", "message": words}
    body: Manifest = {
        "kind": "Status",
        "code": 409,
        "reason": "Conflict",
        "message": "Apply failed",
        "details": {"name": "a", "causes": [cause]},
    }
    result, _ = run(CALLS["apply"], answer(409, body))
    assert isinstance(result, Conflict)
    assert result.code == "field-conflict"
    assert result.causes == ((".spec.replicas", words),)


def test_a_token_file_is_read_again_once_after_a_401(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")

    def check(good: str) -> Handler:
        async def send(request: Any, writer: asyncio.StreamWriter) -> None:
            file.write_text("new\n")
            is_good = request.headers["authorization"] == f"Bearer {good}"
            await (GOOD if is_good else refused(401, "Unauthorized", "Unauthorized"))(request, writer)

        return send

    result, server = run(CALLS["create"], check("new"), user=User(token_file=str(file)))
    assert result == BODY
    assert [request.headers["authorization"] for request in server.received] == ["Bearer old", "Bearer new"]
    file.write_text("old\n")
    result, server = run(CALLS["get"], check("neither"), user=User(token_file=str(file)))
    assert isinstance(result, Unauthorized)
    assert result.hint
    assert len(server.received) == 2


def test_a_fixed_token_is_not_tried_twice() -> None:
    result, server = run(CALLS["get"], refused(401, "Unauthorized", "Unauthorized"), user=User(token="fixed"))
    assert isinstance(result, Unauthorized)
    assert (result.code, result.retryable) == ("unauthorized", False)
    assert len(server.received) == 1


def test_an_object_that_is_gone_is_no_error_and_a_kind_that_is_unknown_is() -> None:
    gone = answer(404, {"kind": "Status", "code": 404, "reason": "NotFound", "details": {"name": "a"}})
    assert run(CALLS["get"], gone)[0] is None
    assert run(CALLS["delete by uid"], gone)[0] is False
    result, _ = run(CALLS["get"], answer(404, b"404 page not found\n", content_type="text/plain"))
    assert isinstance(result, NotFound)
    assert result.code == "resource-unknown"


@pytest.mark.parametrize(
    ("namespace", "name"), [("ns", ""), ("", "a"), ("ns", ".."), ("ns", "."), ("ns", "a/b"), ("..", "a")]
)
def test_i03_a_request_for_no_single_object_is_never_sent(namespace: str, name: str) -> None:
    body: Manifest = {"kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name}}

    async def go() -> int:
        async with fault_server(GOOD) as server, transport_to(server.url) as transport:
            client = ClusterClient(transport)
            for call in (
                client.delete(CONFIG_MAP, namespace, name, preconditions=Preconditions()),
                client.get(CONFIG_MAP, namespace, name),
                client.patch(CONFIG_MAP, namespace, name, {}),
                client.apply(CONFIG_MAP, body),
                client.replace(CONFIG_MAP, body),
            ):
                with pytest.raises(InternalError):
                    await call
            return len(server.received)

    assert asyncio.run(go()) == 0


def test_i04_a_list_whose_last_page_fails_fails() -> None:
    page = answer(200, {"metadata": {"continue": "more"}, "items": [{}]})
    result, server = run(CALLS["list"], page, refused(403, "Forbidden", "no more"))
    assert isinstance(result, ClusterError)
    assert "continue=more" in server.received[1].target


def test_a_list_whose_snapshot_expired_begins_again_once() -> None:
    page = answer(200, {"metadata": {"continue": "more"}, "items": [{"metadata": {"name": "a"}}]})
    last = answer(200, {"metadata": {}, "items": [{"metadata": {"name": "b"}}]})
    expired = refused(410, "Expired", "the continue token is too old")
    result, server = run(CALLS["list"], page, expired, page, last)
    assert [item["metadata"]["name"] for item in result] == ["a", "b"]  # type: ignore[attr-defined]
    assert len(server.received) == 4
    result, server = run(CALLS["list"], page, expired, page, expired)
    assert isinstance(result, Rejected)
    assert result.code == "expired"
    assert len(server.received) == 4


def test_no_more_requests_in_flight_than_allowed() -> None:
    now = most = 0

    async def slow(request: Any, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        await GOOD(request, writer)

    async def many(client: ClusterClient) -> None:
        await asyncio.gather(*(client.get(CONFIG_MAP, "ns", str(number)) for number in range(20)))

    run(many, slow, limits=Limits(in_flight=3))
    assert most == 3


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([raw(HEAD + b'Content-Length: 99\r\n\r\n{"type":"ADDED","object":{}}\n', then="reset")], "member-unreachable"),
        ([raw(HEAD + b"Content-Length: 99\r\n\r\nrubbish\n")], "answer-not-kubernetes"),
        ([refused(410, "Expired", "too old resource version")], "expired"),
        ([answer(200, {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "old"}})], "expired"),
        ([endless(HEAD + b"Content-Length: 99999999\r\n\r\n", b"x" * 65536)], "answer-too-large"),
    ],
)
def test_a_watch_that_breaks_is_an_error_never_an_end(answers: list[Handler], code: str) -> None:
    async def watch(client: ClusterClient) -> None:
        async for _ in client.watch(CONFIG_MAP, resource_version="5"):
            pass

    result, server = run(watch, *answers, limits=Limits(event_bytes=1024 * 1024))
    assert isinstance(result, ClusterError)
    assert result.code == code
    assert len(server.received) == 1


def test_a_watch_puts_events_together_from_pieces() -> None:
    events = b'{"type":"ADDED","object":{"metadata":{"name":"\xc3\xa4"}}}\n{"type":"BOOKMARK","object":{}}\n'

    async def pieces(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for index in range(len(events)):
            writer.write(b"1\r\n" + events[index : index + 1] + b"\r\n")
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    async def watch(client: ClusterClient) -> list[tuple[str, Manifest]]:
        return [event async for event in client.watch(CONFIG_MAP)]

    result, _ = run(watch, pieces)
    assert result == [("ADDED", {"metadata": {"name": "ä"}}), ("BOOKMARK", {})]


def tls_server(folder: Path, *, ends: datetime) -> tuple[bytes, ssl.SSLContext]:
    """The authority (PEM) and the context of a server whose certificate ends then."""
    ca, certificate_file, key_file = certificate_chain(folder, ends=ends)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return ca, context


@pytest.mark.parametrize("case", ["good", "expired", "untrusted", "other name", "insecure"])
def test_server_certificates(tmp_path: Path, case: str) -> None:
    ends = datetime.now(UTC) + timedelta(days=-1 if case == "expired" else 1)
    ca, context = tls_server(tmp_path, ends=ends)
    if case == "untrusted":
        (tmp_path / "other").mkdir()
        ca, _ = tls_server(tmp_path / "other", ends=ends)

    async def go() -> str:
        async with (
            fault_server(GOOD, tls=context) as server,
            transport_to(
                server.url,
                ca=b"" if case == "insecure" else ca,
                is_insecure=case == "insecure",
                tls_server_name="another.example.com" if case == "other name" else "",
            ) as transport,
        ):
            try:
                await ClusterClient(transport).get(CONFIG_MAP, "ns", "a")
            except Unreachable as error:
                assert not error.retryable
                assert transport.requests["GET"] == 1
                return error.code
        return ""

    expected = {"expired": "certificate-expired", "untrusted": "certificate-untrusted"}
    expected["other name"] = "certificate-untrusted"
    assert asyncio.run(go()) == expected.get(case, "")


def test_an_expired_client_certificate_is_told_after_a_401(tmp_path: Path) -> None:
    ca, context = tls_server(tmp_path, ends=datetime.now(UTC) + timedelta(days=1))
    (tmp_path / "client").mkdir()
    _, certificate_file, key_file = certificate_chain(tmp_path / "client", ends=datetime(2025, 6, 1, tzinfo=UTC))
    user = User(client_certificate=certificate_file.read_bytes(), client_key=key_file.read_bytes())

    async def go() -> Unauthorized:
        async with (
            fault_server(refused(401, "Unauthorized", "Unauthorized"), tls=context) as server,
            transport_to(server.url, ca=ca, user=user) as transport,
        ):
            with pytest.raises(Unauthorized) as caught:
                await ClusterClient(transport).get(CONFIG_MAP, "ns", "a")
            return caught.value

    error = asyncio.run(go())
    assert error.why == "the client certificate ended on 2025-06-01 00:00 UTC"


def test_i08_a_key_that_openssl_refuses_is_not_quoted(tmp_path: Path) -> None:
    secret = "MIIEvQIBADANBgkqhkiG9w0"
    user = User(client_certificate=b"-----BEGIN CERTIFICATE-----", client_key=secret.encode())

    async def go() -> None:
        async with transport_to("https://127.0.0.1:1", user=user, is_insecure=True) as transport:
            with pytest.raises(Unauthorized) as caught:
                await ClusterClient(transport).get(CONFIG_MAP, "ns", "a")
            assert caught.value.code == "credentials-broken"
            assert secret not in f"{caught.value} {caught.value.__cause__} {caught.value.hint}"

    asyncio.run(go())
