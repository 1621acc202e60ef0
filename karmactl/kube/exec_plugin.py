"""Exec credential plug-ins: running one, and taking what it prints (client.authentication.k8s.io/v1 and v1beta1).

Done here and not by way of the `kubernetes` package, whose import costs more than most plug-ins. What a plug-in says
on stderr is passed on to a person at a terminal as it comes, and quoted in the error otherwise; what it says on stdout
is a credential and is never shown. Source: client-go plugin/pkg/client/auth/exec/exec.go.
"""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

import orjson

from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, as_str
from karmactl.errors import Unauthorized
from karmactl.kube.connection import Connection, ExecConfig
from karmactl.kube.text import clean_text

__all__ = ["ExecCredential", "run_plugin"]

_KEPT_STDERR_BYTES = 4096
_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecCredential:
    """What a plug-in gave; `expires` None means as long as the process lives."""

    token: str = field(default="", repr=False)
    client_certificate: bytes = field(default=b"", repr=False)
    client_key: bytes = field(default=b"", repr=False)
    expires: datetime | None = None


async def run_plugin(
    connection: Connection,
    plugin: ExecConfig,
    *,
    cluster: str,
    terminal: asyncio.Lock | None,
    timeout: float = _TIMEOUT_SECONDS,
) -> ExecCredential:
    """Runs the plug-in of a context and gives its credential.

    `terminal` is held while the plug-in may ask there, so that one asks at a time; None where there is no terminal.
    Raises Unauthorized: `credentials-need-terminal` where the plug-in must ask and nobody is there,
    `credentials-plugin-missing`, and `credentials-plugin-failed` (with the plug-in's own stderr).
    """
    if plugin.interactive_mode == "Always" and terminal is None:
        raise Unauthorized(
            "credentials-need-terminal",
            f"the credential plug-in {plugin.command!r} must ask for something, and there is no terminal",
            cluster=cluster,
            hint=f"log in to context {connection.context!r} beforehand, or give it a token or certificate",
        )
    is_interactive = terminal is not None and plugin.interactive_mode != "Never"
    info = _exec_info(connection, plugin, is_interactive)
    environment = {**os.environ, **dict(plugin.env), "KUBERNETES_EXEC_INFO": info}
    if terminal is not None and is_interactive:
        async with terminal:
            output = await _run(plugin, environment, cluster=cluster, is_interactive=True, timeout=None)
    else:
        output = await _run(plugin, environment, cluster=cluster, is_interactive=False, timeout=timeout)
    return _credential(plugin, output, cluster=cluster)


async def _run(
    plugin: ExecConfig, environment: dict[str, str], *, cluster: str, is_interactive: bool, timeout: float | None
) -> bytes:
    child = _Child(plugin, environment, is_interactive=is_interactive)
    try:
        async with asyncio.timeout(timeout):
            ended = await asyncio.to_thread(child.run)
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise _failed(plugin, f"did not end within {timeout:g} s", b"", cluster=cluster) from error
        raise Unauthorized(
            "credentials-plugin-missing",
            f"the credential plug-in {plugin.command!r} cannot be run: {error.strerror}",
            cluster=cluster,
            hint=clean_text(plugin.install_hint),
        ) from error
    finally:
        child.end()
    if ended.status != 0:
        raise _failed(plugin, f"ended with status {ended.status}", ended.said, cluster=cluster)
    return ended.output


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """How a plug-in ended: its status, what it gave on stdout, and the end of what it said on stderr."""

    status: int
    output: bytes = field(repr=False)
    said: bytes


class _Child:
    """One run of a plug-in, in a thread: a subprocess of asyncio hangs in Python 3.11 when it is cancelled early."""

    def __init__(self, plugin: ExecConfig, environment: dict[str, str], *, is_interactive: bool) -> None:
        self._plugin = plugin
        self._environment = environment
        self._is_interactive = is_interactive
        self._lock = threading.Lock()
        self._is_over = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> _Ended:
        """Runs to the end. Raises OSError where the plug-in cannot be started."""
        with self._lock:
            if self._is_over:
                return _Ended(status=-1, output=b"", said=b"")
            self._process = subprocess.Popen(
                [self._plugin.command, *self._plugin.args],
                env=self._environment,
                stdin=None if self._is_interactive else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # A group of its own, to end it with its children; one that asks must stay with the terminal.
                start_new_session=not self._is_interactive,
            )
        said = bytearray()
        with self._process as process:
            listener = threading.Thread(target=self._listen, args=(process.stderr, said), daemon=True)
            listener.start()
            output = process.stdout.read() if process.stdout else b""
            listener.join()
            status = process.wait()
        return _Ended(status=status, output=output, said=bytes(said))

    def end(self) -> None:
        """Ends the plug-in if it still runs, and keeps it from being started."""
        with self._lock:
            self._is_over = True
            if self._process is None or self._process.poll() is not None:
                return
            if self._is_interactive or not hasattr(os, "killpg"):
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def _listen(self, stream: IO[bytes], said: bytearray) -> None:
        """Keeps the end of what the plug-in says, and passes it on at once where somebody is to answer it."""
        while chunk := os.read(stream.fileno(), 1024):
            said += chunk
            del said[:-_KEPT_STDERR_BYTES]
            if self._is_interactive:
                sys.stderr.write(chunk.decode("utf-8", "replace"))
                sys.stderr.flush()


def _exec_info(connection: Connection, plugin: ExecConfig, is_interactive: bool) -> str:
    spec: dict[str, JSONValue] = {"interactive": is_interactive}
    if plugin.provides_cluster_info:
        cluster: dict[str, JSONValue] = {"server": connection.server}
        if connection.tls_server_name:
            cluster["tls-server-name"] = connection.tls_server_name
        if connection.is_insecure:
            cluster["insecure-skip-tls-verify"] = True
        if connection.ca:
            cluster["certificate-authority-data"] = base64.b64encode(connection.ca).decode("ascii")
        if connection.proxy_url:
            cluster["proxy-url"] = connection.proxy_url
        if connection.is_compression_disabled:
            cluster["disable-compression"] = True
        if plugin.cluster_config is not None:
            cluster["config"] = plugin.cluster_config
        spec["cluster"] = cluster
    info: Manifest = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}
    return orjson.dumps(info).decode("utf-8")


def _credential(plugin: ExecConfig, output: bytes, *, cluster: str) -> ExecCredential:
    try:
        answer = as_mapping(orjson.loads(output))
    except orjson.JSONDecodeError:
        # Not chained: the cause holds the output, which may be a token.
        raise _failed(plugin, "printed something that is not JSON", b"", cluster=cluster) from None
    if answer.get("kind") != "ExecCredential" or answer.get("apiVersion") != plugin.api_version:
        raise _failed(plugin, f"printed no ExecCredential of {plugin.api_version}", b"", cluster=cluster)
    status = as_mapping(answer.get("status"))
    token, certificate = as_str(status.get("token")), as_str(status.get("clientCertificateData"))
    key, expires = as_str(status.get("clientKeyData")), as_str(status.get("expirationTimestamp"))
    if not token and not certificate:
        raise _failed(plugin, "gave neither a token nor a client certificate", b"", cluster=cluster)
    if bool(certificate) != bool(key):
        raise _failed(plugin, "gave a client certificate or key without the other", b"", cluster=cluster)
    try:
        expiry = datetime.fromisoformat(expires) if expires else None
    except ValueError:
        raise _failed(plugin, "gave an expirationTimestamp that is not RFC 3339", b"", cluster=cluster) from None
    return ExecCredential(token=token, client_certificate=certificate.encode(), client_key=key.encode(), expires=expiry)


def _failed(plugin: ExecConfig, what: str, said: bytes, *, cluster: str) -> Unauthorized:
    words = clean_text(said.decode("utf-8", "replace")).strip()
    return Unauthorized(
        "credentials-plugin-failed",
        f"the credential plug-in {plugin.command!r} {what}",
        cluster=cluster,
        why=f"it said: {words}" if words else "",
        hint="run the plug-in by hand, or log in again",
    )
