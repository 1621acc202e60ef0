"""Exec credential plug-ins: running one, and taking what it prints (client.authentication.k8s.io/v1 and v1beta1).

Done here and not by way of the `kubernetes` package, whose import costs more than most plug-ins. What a plug-in says
on stderr is passed on to a person at a terminal as it comes, and quoted in the error otherwise; what it says on stdout
is a credential and is never shown. Source: client-go plugin/pkg/client/auth/exec/exec.go.
"""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, as_str
from karmactl.errors import Unauthorized
from karmactl.kube.config import Connection, ExecConfig
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
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command,
            *plugin.args,
            env=environment,
            stdin=None if is_interactive else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise Unauthorized(
            "credentials-plugin-missing",
            f"the credential plug-in {plugin.command!r} cannot be run: {error.strerror}",
            cluster=cluster,
            hint=clean_text(plugin.install_hint),
        ) from error
    try:
        async with asyncio.timeout(timeout):
            output, said = await asyncio.gather(_read_all(process.stdout), _read_stderr(process.stderr, is_interactive))
            status = await process.wait()
    except TimeoutError as error:
        raise _failed(plugin, f"did not end within {timeout:g} s", b"", cluster=cluster) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if status != 0:
        raise _failed(plugin, f"ended with status {status}", said, cluster=cluster)
    return output


async def _read_all(stream: asyncio.StreamReader | None) -> bytes:
    return await stream.read() if stream else b""


async def _read_stderr(stream: asyncio.StreamReader | None, is_interactive: bool) -> bytes:
    """The end of what the plug-in says, passed on while it comes where somebody is to answer it."""
    kept = b""
    while stream and (chunk := await stream.read(1024)):
        kept = (kept + chunk)[-_KEPT_STDERR_BYTES:]
        if is_interactive:
            sys.stderr.write(chunk.decode("utf-8", "replace"))
            sys.stderr.flush()
    return kept


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
