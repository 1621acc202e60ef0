"""Kubeconfig files: which contexts there are, and what it takes to connect to one.

Files are merged as kubectl merges them (client-go tools/clientcmd/loader.go: of a name, the first file wins, whole
entry by entry; a path in a file is relative to that file). Each file is parsed once, with libyaml, whatever the number
of contexts. Secrets stay in fields that no `repr` and no error text shows. Nothing is connected to here.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from karmactl.core.model.manifest import JSONValue, as_list, as_mapping
from karmactl.errors import Location, UsageError
from karmactl.kube.yaml_text import BrokenYAML, line_of, parse_yaml

__all__ = [
    "Connection",
    "ContextInfo",
    "ExecConfig",
    "Kubeconfig",
    "User",
    "kubeconfig_paths",
    "list_contexts",
    "load_kubeconfig",
]

# Where client-go looks for the cluster's part of an exec plug-in's configuration.
_EXEC_EXTENSION = "client.authentication.k8s.io/exec"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ContextInfo:
    """One context as `clusters list` shows it.

    `cluster_entry` and `user_entry` are names in the kubeconfig, `credentials` the kind of identity: `exec`,
    `auth-provider`, `client-certificate`, `token`, `token-file`, `basic` or `none`.
    """

    name: str
    server: str = ""
    cluster_entry: str = ""
    user_entry: str = ""
    namespace: str = ""
    credentials: str = "none"
    file: str = ""
    is_current: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A named entry and the file and list that it came from."""

    name: str
    file: Path
    section: str
    index: int
    value: Mapping[str, JSONValue] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubeconfig:
    """The merged files. Entries are by name; `current_context` is "" where no file names one."""

    paths: tuple[Path, ...]
    current_context: str
    clusters: Mapping[str, _Entry] = field(repr=False)
    users: Mapping[str, _Entry] = field(repr=False)
    entries: Mapping[str, _Entry] = field(repr=False)

    def contexts(self) -> tuple[ContextInfo, ...]:
        """Every context, sorted by name. Reads no certificate and runs no plug-in."""
        return tuple(sorted(self._info(entry) for entry in self.entries.values()))

    def connection(self, context: str) -> Connection:
        """What it takes to connect to a context.

        Raises UsageError: `context-unknown` (with the nearest name), `kubeconfig-broken` (with file and line) where
        an entry is missing, a file cannot be read, or fields contradict each other.
        """
        entry = self.entries.get(context)
        if entry is None:
            raise self._unknown(context)
        cluster = self._referenced(entry, self.clusters, "cluster")
        user = self._referenced(entry, self.users, "user") if _text(entry, "user") else None
        return _connection(context, cluster, user)

    def _info(self, entry: _Entry) -> ContextInfo:
        cluster = self.clusters.get(_text(entry, "cluster"))
        user = self.users.get(_text(entry, "user"))
        return ContextInfo(
            name=entry.name,
            server=_text(cluster, "server") if cluster else "",
            cluster_entry=_text(entry, "cluster"),
            user_entry=_text(entry, "user"),
            namespace=_text(entry, "namespace"),
            credentials=_credentials_word(user),
            file=str(entry.file),
            is_current=entry.name == self.current_context,
        )

    def _referenced(self, context: _Entry, entries: Mapping[str, _Entry], key: str) -> _Entry:
        name = _text(context, key)
        found = entries.get(name)
        if found is None:
            what = f"names {key} {name!r}, which no kubeconfig has" if name else f"names no {key}"
            _broken(context, key, f"context {context.name!r} {what}", hint=_nearest_hint(name, entries))
        return found

    def _unknown(self, context: str) -> UsageError:
        nearest = _nearest_hint(context, self.entries)
        listed = ", ".join(sorted(self.entries)[:10])
        more = len(self.entries) - 10
        if not nearest:
            nearest = f"contexts: {listed}{f' and {more} more' if more > 0 else ''}" if listed else "there are none"
        files = os.pathsep.join(str(path) for path in self.paths)
        return UsageError("context-unknown", f"no context {context!r} in {files}", hint=nearest)


def kubeconfig_paths(explicit: str | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files to read: `--kubeconfig` alone, else the list in KUBECONFIG, else ~/.kube/config.

    Source: client-go tools/clientcmd/loader.go, NewDefaultClientConfigLoadingRules.
    """
    if explicit:
        return (Path(explicit).expanduser(),)
    listed = [name for name in environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    if listed:
        return tuple(Path(name) for name in dict.fromkeys(listed))
    home = environ.get("HOME") or environ.get("USERPROFILE")
    return ((Path(home) if home else Path.home()) / ".kube" / "config",)


def load_kubeconfig(paths: Sequence[Path]) -> Kubeconfig:
    """The files merged into one.

    A file of a list that is not there is skipped, as kubectl does. Raises UsageError: `kubeconfig-missing` where none
    is there, `kubeconfig-broken` where one cannot be read.
    """
    clusters: dict[str, _Entry] = {}
    users: dict[str, _Entry] = {}
    contexts: dict[str, _Entry] = {}
    current = ""
    found = False
    for path in paths:
        document = _read(path)
        if document is None:
            continue
        found = True
        for section, key, merged in (
            ("clusters", "cluster", clusters),
            ("users", "user", users),
            ("contexts", "context", contexts),
        ):
            for entry in _entries(path, document, section, key):
                merged.setdefault(entry.name, entry)
        value = document.get("current-context")
        current = current or (value if isinstance(value, str) else "")
    if not found:
        listed = os.pathsep.join(str(path) for path in paths)
        raise UsageError(
            "kubeconfig-missing",
            f"no kubeconfig at {listed}",
            hint="name one with --kubeconfig or KUBECONFIG, or try `karmactl sandbox up` first",
        )
    return Kubeconfig(paths=tuple(paths), current_context=current, clusters=clusters, users=users, entries=contexts)


def list_contexts(paths: Sequence[Path]) -> tuple[ContextInfo, ...]:
    """Every context of the merged files, sorted by name. Raises as `load_kubeconfig` does."""
    return load_kubeconfig(paths).contexts()


def _read(path: Path) -> Mapping[str, JSONValue] | None:
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(
            "kubeconfig-broken", f"cannot read {path}: {error.strerror}", location=Location(file=str(path))
        ) from error
    try:
        document = parse_yaml(text)
    except BrokenYAML as error:
        location = Location(file=str(path), line=error.line, column=error.column)
        raise UsageError(
            "kubeconfig-broken", f"the kubeconfig is not YAML: {error.problem}", location=location
        ) from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UsageError(
            "kubeconfig-broken", "a kubeconfig is a mapping, this is not", location=Location(file=str(path), line=1)
        )
    kind = document.get("kind", "Config")
    if kind not in ("Config", "", None):
        raise UsageError(
            "kubeconfig-broken",
            f"kind is {kind!r}, where a kubeconfig has Config",
            location=Location(file=str(path), line=line_of(text, ("kind",))),
        )
    return document


def _entries(path: Path, document: Mapping[str, JSONValue], section: str, key: str) -> list[_Entry]:
    listed = document.get(section)
    if listed is not None and not isinstance(listed, list):
        _broken_at(path, (section,), f"{section} is not a list")
    entries: list[_Entry] = []
    names: set[str] = set()
    for index, item in enumerate(as_list(listed)):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(name, str) or not name:
            _broken_at(path, (section, index), f"{section}[{index}] has no name")
        value = item.get(key)
        if value is not None and not isinstance(value, dict):
            _broken_at(path, (section, index, key), f"{key} of {name!r} is not a mapping")
        if name in names:
            _broken_at(path, (section, index), f"{section} has {name!r} twice")
        names.add(name)
        entries.append(_Entry(name=name, file=path, section=section, index=index, value=as_mapping(value)))
    return entries


def _connection(context: str, cluster: _Entry, user: _Entry | None) -> Connection:
    server = _text(cluster, "server")
    if not server:
        _broken(cluster, "server", f"cluster {cluster.name!r} has no server")
    if "://" not in server:
        server = f"http://{server}"
    if not server.startswith(("https://", "http://")):
        _broken(cluster, "server", f"server {server!r} is neither https:// nor http://")
    ca = _pem(cluster, "certificate-authority")
    is_insecure = _flag(cluster, "insecure-skip-tls-verify")
    if ca and is_insecure:
        _broken(
            cluster,
            "insecure-skip-tls-verify",
            f"cluster {cluster.name!r} has both a certificate authority and insecure-skip-tls-verify",
        )
    return Connection(
        context=context,
        server=server.rstrip("/"),
        ca=ca,
        is_insecure=is_insecure,
        tls_server_name=_text(cluster, "tls-server-name"),
        proxy_url=_text(cluster, "proxy-url"),
        is_compression_disabled=_flag(cluster, "disable-compression"),
        user=_user(user, cluster) if user else User(),
    )


def _user(entry: _Entry, cluster: _Entry) -> User:
    if entry.value.get("username"):
        _broken(
            entry,
            "username",
            f"user {entry.name!r} has a user name and password, which Kubernetes no longer takes",
            hint="use a client certificate, a token or an exec plug-in",
        )
    certificate, key = _pem(entry, "client-certificate"), _pem(entry, "client-key")
    if bool(certificate) != bool(key):
        has, lacks = ("client-certificate", "client-key") if certificate else ("client-key", "client-certificate")
        _broken(entry, has, f"user {entry.name!r} has a {has} without a {lacks}")
    token_file = _text(entry, "tokenFile")
    provider = entry.value.get("auth-provider")
    plugin = _exec(entry, cluster)
    if plugin and provider:
        _broken(entry, "auth-provider", f"user {entry.name!r} has both exec and auth-provider")
    return User(
        client_certificate=certificate,
        client_key=key,
        token=_text(entry, "token"),
        token_file=str(_path(entry, token_file)) if token_file else "",
        exec=plugin,
        auth_provider=as_mapping(provider) if provider else None,
        impersonate=_impersonation(entry),
    )


def _exec(entry: _Entry, cluster: _Entry) -> ExecConfig | None:
    value = entry.value.get("exec")
    if value is None:
        return None
    plugin = as_mapping(value)
    command, api_version = plugin.get("command"), plugin.get("apiVersion")
    mode = plugin.get("interactiveMode") or ""
    if not isinstance(command, str) or not command:
        _broken(entry, "exec", f"exec of user {entry.name!r} has no command")
    if not isinstance(api_version, str) or api_version not in (
        "client.authentication.k8s.io/v1",
        "client.authentication.k8s.io/v1beta1",
    ):
        _broken(
            entry,
            "exec",
            f"exec of user {entry.name!r} has apiVersion {api_version!r}",
            hint="client.authentication.k8s.io/v1 and v1beta1 are understood",
        )
    if not mode and api_version.endswith("/v1"):
        _broken(entry, "exec", f"exec of user {entry.name!r} has no interactiveMode, which v1 asks for")
    if mode not in ("", "Never", "IfAvailable", "Always"):
        _broken(entry, "exec", f"interactiveMode {mode!r} is not one of Never, IfAvailable, Always")
    if os.sep in command:
        command = str(_path(entry, command))
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


def _exec_extension(cluster: _Entry) -> JSONValue:
    for item in as_list(cluster.value.get("extensions")):
        extension = as_mapping(item)
        if extension.get("name") == _EXEC_EXTENSION:
            return extension.get("extension")
    return None


def _impersonation(entry: _Entry) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    if name := _text(entry, "as"):
        headers.append(("Impersonate-User", name))
    if uid := _text(entry, "as-uid"):
        headers.append(("Impersonate-Uid", uid))
    headers += [("Impersonate-Group", str(group)) for group in as_list(entry.value.get("as-groups"))]
    for key, values in as_mapping(entry.value.get("as-user-extra")).items():
        headers += [(f"Impersonate-Extra-{key}", str(value)) for value in as_list(values)]
    return tuple(headers)


def _credentials_word(user: _Entry | None) -> str:
    if user is None:
        return "none"
    for word, keys in (
        ("exec", ("exec",)),
        ("auth-provider", ("auth-provider",)),
        ("token-file", ("tokenFile",)),
        ("token", ("token",)),
        ("client-certificate", ("client-certificate-data", "client-certificate")),
        ("basic", ("username",)),
    ):
        if any(user.value.get(key) for key in keys):
            return word
    return "none"


def _pem(entry: _Entry, key: str) -> bytes:
    """The bytes of `<key>-data`, else of the file that `<key>` names, else nothing (data wins, as in client-go)."""
    if data := _text(entry, f"{key}-data"):
        try:
            return base64.b64decode(data, validate=False)
        except (binascii.Error, ValueError):
            # Not chained: the value may be a private key, and must stay out of a traceback.
            _broken(entry, f"{key}-data", f"{key}-data of {entry.name!r} is not base64")
    name = _text(entry, key)
    if not name:
        return b""
    path = _path(entry, name)
    try:
        return path.read_bytes()
    except OSError as error:
        _broken(entry, key, f"{key} of {entry.name!r}: cannot read {path}: {error.strerror}")


def _path(entry: _Entry, name: str) -> Path:
    return entry.file.parent / name


def _text(entry: _Entry, key: str) -> str:
    value = entry.value.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        _broken(entry, key, f"{key} of {entry.name!r} is not a text")
    return value


def _flag(entry: _Entry, key: str) -> bool:
    value = entry.value.get(key)
    if value is not None and not isinstance(value, bool):
        _broken(entry, key, f"{key} of {entry.name!r} is neither true nor false")
    return value is True


def _broken(entry: _Entry, key: str, message: str, *, hint: str = "") -> NoReturn:
    _broken_at(entry.file, (entry.section, entry.index, entry.section[:-1], key), message, hint=hint)


def _broken_at(path: Path, where: tuple[str | int, ...], message: str, *, hint: str = "") -> NoReturn:
    # `from None`: a cause could quote the value, and values here are keys and tokens.
    raise UsageError(
        "kubeconfig-broken",
        message,
        hint=hint,
        location=Location(file=str(path), line=line_of(path.read_bytes(), where)),
    ) from None


def _nearest_hint(name: str, entries: Mapping[str, _Entry]) -> str:
    near = get_close_matches(name, list(entries), n=1)
    return f"did you mean {near[0]!r}?" if near else ""
