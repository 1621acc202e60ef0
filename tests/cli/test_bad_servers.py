"""Servers and credentials that are not as they should be, through the whole command: code, member, hint and status."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from karmactl.core.model.manifest import Manifest
from tests.cli.conftest import Karmactl, Ran
from tests.cli.shop import POLICY, WEB, write
from tests.contract.servers import certificate_chain
from tests.kube.fault_server import Handler, answer, endless, fault_server, raw, refused

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def serving(*answers: Handler, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of a server that runs beside the command, in a thread of its own."""
    started: threading.Event = threading.Event()
    found: list[str] = []
    loop = asyncio.new_event_loop()
    ended = asyncio.Event()

    async def serve() -> None:
        async with fault_server(*answers, tls=tls) as server:
            found.append(server.url)
            started.set()
            await ended.wait()
        await asyncio.sleep(0)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(10)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()


def write_fleet(folder: Path, url: str, *, user: Manifest | None = None, **cluster: str) -> None:
    """A project with one member `eu`, and its kubeconfig."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url, **cluster}}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
        "contexts": [{"name": "eu", "context": {"cluster": "c", "user": "u"}}],
    }
    (folder / "kubeconfig").write_text(json.dumps(document))
    write(Path(), karmactl="set: shop\ninputs: [in]\nclusters: [{name: eu}]\n", in__web=WEB, in__p=POLICY)


def expect(ran: Ran, code: str, *words: str) -> None:
    """An error of one member, before anything was written: status 2, code, member, what to do."""
    assert (ran.status, ran.out) == (2, ""), ran.err
    assert f"error: {code}: " in ran.err
    assert "eu" in ran.err
    for word in words:
        assert word in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (answer(200, b"<html>", content_type="text/html"), "answer-not-kubernetes", ("proxy or login page",)),
        (raw(b"", then="hang"), "member-unreachable", ("within 0.5 s", "--cluster-timeout")),
        (raw(HEAD + b"Content-Length: 9\r\n\r\n{", then="hang"), "member-unreachable", ("within 0.5 s",)),
        # Small pieces: on a fast machine large ones reach the limit of bytes before that of time.
        (endless(HEAD + b"\r\n", b" " * 64), "member-unreachable", ("within 0.5 s",)),
        (endless(b"HTTP/1.1 200 OK\r\n", b"X-More: yes\r\n" * 500), "answer-not-kubernetes", ("not HTTP",)),
        (raw(b"SSH-2.0-OpenSSH_9.9\r\n", then="hang"), "member-unreachable", ("within 0.5 s",)),
        (refused(401, "Unauthorized", "Unauthorized"), "unauthorized", ("log in again",)),
        (refused(403, "Forbidden", "namespaces is forbidden"), "forbidden", ("clusters check",)),
    ],
    ids=["html", "silent", "half", "endless-body", "endless-head", "no-http", "401", "403"],
)
@pytest.mark.parametrize("command", ["plan", "diff", "clusters check"])
def test_servers(
    karmactl: Karmactl, tmp_path: Path, command: str, fault: Handler, code: str, words: tuple[str, ...]
) -> None:
    started = time.monotonic()
    with serving(fault) as url:
        write_fleet(tmp_path, url)
        ran = karmactl(*command.split(), "--cluster-timeout", "0.5")
    expect(ran, code, *words)
    assert time.monotonic() - started < 10


def test_clusters_list_shows_who_is_silent(karmactl: Karmactl, tmp_path: Path) -> None:
    with serving(raw(b"", then="hang")) as url:
        write_fleet(tmp_path, url)
        ran = karmactl("clusters", "list", "--cluster-timeout", "0.2")
    assert ran.status == 2
    assert "silent" in ran.out
    assert "member-unreachable" in ran.out


def test_a_port_where_nobody_listens(karmactl: Karmactl, tmp_path: Path) -> None:
    write_fleet(tmp_path, "http://127.0.0.1:1")
    expect(karmactl("plan"), "member-unreachable", "connection refused", "address in the kubeconfig")


@pytest.mark.parametrize(
    ("ends", "is_trusted", "code", "hint"),
    [
        (datetime(2026, 1, 2, tzinfo=UTC), True, "certificate-expired", "clock"),
        (None, False, "certificate-untrusted", "certificate-authority"),
    ],
)
def test_certificates_of_servers(
    karmactl: Karmactl, tmp_path: Path, ends: datetime | None, is_trusted: bool, code: str, hint: str
) -> None:
    ca, certificate, key = certificate_chain(tmp_path, ends=ends)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    trusted = {"certificate-authority-data": b64encode(ca).decode()} if is_trusted else {}
    with serving(refused(401, "Unauthorized", "no"), tls=tls) as url:
        write_fleet(tmp_path, url, **trusted)
        expect(karmactl("plan"), code, hint)


def test_an_expired_client_certificate(karmactl: Karmactl, tmp_path: Path) -> None:
    """An API server takes the connection and answers 401: the certificate itself says why."""
    ca, server_certificate, server_key = certificate_chain(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server_certificate, server_key)
    folder = tmp_path / "client"
    folder.mkdir()
    _, certificate, key = certificate_chain(folder, ends=datetime(2026, 1, 2, tzinfo=UTC))
    user: Manifest = {"client-certificate": str(certificate), "client-key": str(key)}
    with serving(refused(401, "Unauthorized", "Unauthorized"), tls=tls) as url:
        write_fleet(tmp_path, url, user=user, **{"certificate-authority-data": b64encode(ca).decode()})
        expect(
            karmactl("plan", "-q"),
            "unauthorized",
            "the client certificate ended on 2026-01-02",
            "renew the credentials",
        )


def plugin(folder: Path, script: str, *, mode: str = "IfAvailable") -> Manifest:
    """A user whose credentials a shell script gives."""
    path = folder / "plugin.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(path),
            "interactiveMode": mode,
            "installHint": "get it from your administrator",
        }
    }


@pytest.mark.parametrize(
    ("script", "mode", "code", "words"),
    [
        ("read answer", "Always", "credentials-need-terminal", ("no terminal", "log in to context 'eu'")),
        (
            "echo 'Password:' >&2; read answer || { echo 'nobody answers' >&2; exit 7; }",
            "IfAvailable",
            "credentials-plugin-failed",
            ("status 7", "nobody answers"),
        ),
        ("echo not json", "Never", "credentials-plugin-failed", ("not JSON",)),
        ("echo token-4711; exit 1", "Never", "credentials-plugin-failed", ("status 1",)),
    ],
    ids=["must-ask", "asks", "no-json", "fails"],
)
def test_plugins(karmactl: Karmactl, tmp_path: Path, script: str, mode: str, code: str, words: tuple[str, ...]) -> None:
    write_fleet(tmp_path, "http://127.0.0.1:1", user=plugin(tmp_path, script, mode=mode))
    ran = karmactl("plan")
    expect(ran, code, *words)
    assert "token-4711" not in ran.err


def test_a_plugin_that_is_not_installed(karmactl: Karmactl, tmp_path: Path) -> None:
    user = plugin(tmp_path, "exit 0")
    (tmp_path / "plugin.sh").unlink()
    write_fleet(tmp_path, "http://127.0.0.1:1", user=user)
    expect(karmactl("plan"), "credentials-plugin-missing", "get it from your administrator")
