"""What it takes to connect to one cluster: the entries of a kubeconfig, read and checked.

Secrets stay in fields that no `repr` and no error text shows. Files are read here, plug-ins are not run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.manifest import JSONValue, as_list, as_mapping
from karmactl.kube.entry import Entry

__all__ = ["Connection", "ExecConfig", "User", "make_connection"]

# Where client-go looks for the cluster's part of an exec plug-in's configuration.
_EXEC_EXTENSION = "client.authentication.k8s.io/exec"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecConfig:
    """An exec credential plug-in (client.authentication.k8s.io), as the kubeconfig has it."""

    command: str
    api_version: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    interactive_mode: str = "IfAvailable"
    provides_cluster_info: bool = False
    install_hint: str = ""
    cluster_config: JSONValue = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The identity of one context; `client_certificate` and `client_key` are PEM."""

    client_certificate: bytes = field(default=b"", repr=False)
    client_key: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    token_file: str = ""
    exec: ExecConfig | None = None
    auth_provider: Mapping[str, JSONValue] | None = field(default=None, repr=False)
    impersonate: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """All that it takes to connect to the cluster of one context; `ca` is PEM, empty for the system's own CAs."""

    context: str
    server: str
    ca: bytes = field(default=b"", repr=False)
    is_insecure: bool = False
    tls_server_name: str = ""
    proxy_url: str = field(default="", repr=False)
    is_compression_disabled: bool = False
    user: User = User()


def make_connection(context: str, cluster: Entry, user: Entry | None) -> Connection:
    """The connection of a context. Raises UsageError `kubeconfig-broken` where the entries do not make one."""
    server = cluster.text("server")
    if not server:
        cluster.broken("server", f"cluster {cluster.name!r} has no server")
    if "://" not in server:
        server = f"http://{server}"
    if not server.startswith(("https://", "http://")):
        cluster.broken("server", f"server {server!r} is neither https:// nor http://")
    ca = cluster.pem("certificate-authority")
    is_insecure = cluster.flag("insecure-skip-tls-verify")
    if ca and is_insecure:
        cluster.broken(
            "insecure-skip-tls-verify",
            f"cluster {cluster.name!r} has both a certificate authority and insecure-skip-tls-verify",
        )
    proxy_url = cluster.text("proxy-url")
    if proxy_url and not proxy_url.startswith(("http://", "https://")):
        scheme = proxy_url.partition("://")[0] if "://" in proxy_url else ""
        message = (
            f"proxy-url of {cluster.name!r} is {scheme or 'of no scheme'}, where http:// and https:// are understood"
        )
        cluster.broken("proxy-url", message)
    return Connection(
        context=context,
        server=server.rstrip("/"),
        ca=ca,
        is_insecure=is_insecure,
        tls_server_name=cluster.text("tls-server-name"),
        proxy_url=proxy_url,
        is_compression_disabled=cluster.flag("disable-compression"),
        user=_user(user, cluster) if user else User(),
    )


def _user(entry: Entry, cluster: Entry) -> User:
    if entry.value.get("username"):
        entry.broken(
            "username",
            f"user {entry.name!r} has a user name and password, which Kubernetes no longer takes",
            hint="use a client certificate, a token or an exec plug-in",
        )
    certificate, key = entry.pem("client-certificate"), entry.pem("client-key")
    if bool(certificate) != bool(key):
        has, lacks = ("client-certificate", "client-key") if certificate else ("client-key", "client-certificate")
        entry.broken(has, f"user {entry.name!r} has a {has} without a {lacks}")
    token_file = entry.text("tokenFile")
    provider = entry.value.get("auth-provider")
    plugin = _exec(entry, cluster)
    if plugin and provider:
        entry.broken("auth-provider", f"user {entry.name!r} has both exec and auth-provider")
    return User(
        client_certificate=certificate,
        client_key=key,
        token=entry.text("token"),
        token_file=str(entry.path(token_file)) if token_file else "",
        exec=plugin,
        auth_provider=as_mapping(provider) if provider else None,
        impersonate=_impersonation(entry),
    )


def _exec(entry: Entry, cluster: Entry) -> ExecConfig | None:
    value = entry.value.get("exec")
    if value is None:
        return None
    plugin = as_mapping(value)
    command, api_version = plugin.get("command"), plugin.get("apiVersion")
    mode = plugin.get("interactiveMode") or ""
    if not isinstance(command, str) or not command:
        entry.broken("exec", f"exec of user {entry.name!r} has no command")
    if not isinstance(api_version, str) or api_version not in (
        "client.authentication.k8s.io/v1",
        "client.authentication.k8s.io/v1beta1",
    ):
        entry.broken(
            "exec",
            f"exec of user {entry.name!r} has apiVersion {api_version!r}",
            hint="client.authentication.k8s.io/v1 and v1beta1 are understood",
        )
    if not mode and api_version.endswith("/v1"):
        entry.broken("exec", f"exec of user {entry.name!r} has no interactiveMode, which v1 asks for")
    if mode not in ("", "Never", "IfAvailable", "Always"):
        entry.broken("exec", f"interactiveMode {mode!r} is not one of Never, IfAvailable, Always")
    if os.sep in command:
        command = str(entry.path(command))
    env = [as_mapping(item) for item in as_list(plugin.get("env"))]
    return ExecConfig(
        command=command,
        api_version=api_version,
        args=tuple(str(argument) for argument in as_list(plugin.get("args"))),
        env=tuple((str(item.get("name", "")), str(item.get("value") or "")) for item in env),
        interactive_mode=str(mode) or "IfAvailable",
        provides_cluster_info=plugin.get("provideClusterInfo") is True,
        install_hint=str(plugin.get("installHint") or ""),
        cluster_config=_exec_extension(cluster),
    )


def _exec_extension(cluster: Entry) -> JSONValue:
    for item in as_list(cluster.value.get("extensions")):
        extension = as_mapping(item)
        if extension.get("name") == _EXEC_EXTENSION:
            return extension.get("extension")
    return None


def _impersonation(entry: Entry) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    if name := entry.text("as"):
        headers.append(("Impersonate-User", name))
    if uid := entry.text("as-uid"):
        headers.append(("Impersonate-Uid", uid))
    headers += [("Impersonate-Group", str(group)) for group in as_list(entry.value.get("as-groups"))]
    for key, values in as_mapping(entry.value.get("as-user-extra")).items():
        headers += [(f"Impersonate-Extra-{key}", str(value)) for value in as_list(values)]
    return tuple(headers)
