"""Kubeconfig files: which contexts there are, and what it takes to connect to one.

Files are merged as kubectl merges them (client-go tools/clientcmd/loader.go: of a name, the first file wins, whole
entry by entry; a path in a file is relative to that file). Each file is parsed once, with libyaml, whatever the number
of contexts. What an entry means for a connection is `connection`'s matter.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from karmactl.core.model.manifest import JSONValue, as_list, as_mapping
from karmactl.errors import Location, UsageError
from karmactl.kube.connection import Connection, make_connection
from karmactl.kube.entry import Entry, broken_at
from karmactl.kube.yaml_text import BrokenYAML, line_of, parse_yaml

__all__ = [
    "ContextInfo",
    "Kubeconfig",
    "kubeconfig_paths",
    "list_contexts",
    "load_kubeconfig",
]


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
class Kubeconfig:
    """The merged files. Entries are by name; `current_context` is "" where no file names one."""

    paths: tuple[Path, ...]
    current_context: str
    clusters: Mapping[str, Entry] = field(repr=False)
    users: Mapping[str, Entry] = field(repr=False)
    entries: Mapping[str, Entry] = field(repr=False)

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
        user = self._referenced(entry, self.users, "user") if entry.text("user") else None
        return make_connection(context, cluster, user)

    def _info(self, entry: Entry) -> ContextInfo:
        cluster = self.clusters.get(entry.text("cluster"))
        user = self.users.get(entry.text("user"))
        return ContextInfo(
            name=entry.name,
            server=cluster.text("server") if cluster else "",
            cluster_entry=entry.text("cluster"),
            user_entry=entry.text("user"),
            namespace=entry.text("namespace"),
            credentials=_credentials_word(user),
            file=str(entry.file),
            is_current=entry.name == self.current_context,
        )

    def _referenced(self, context: Entry, entries: Mapping[str, Entry], key: str) -> Entry:
        name = context.text(key)
        found = entries.get(name)
        if found is None:
            what = f"names {key} {name!r}, which no kubeconfig has" if name else f"names no {key}"
            context.broken(key, f"context {context.name!r} {what}", hint=_nearest_hint(name, entries))
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
    clusters: dict[str, Entry] = {}
    users: dict[str, Entry] = {}
    contexts: dict[str, Entry] = {}
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


def _entries(path: Path, document: Mapping[str, JSONValue], section: str, key: str) -> list[Entry]:
    listed = document.get(section)
    if listed is not None and not isinstance(listed, list):
        broken_at(path, (section,), f"{section} is not a list")
    entries: list[Entry] = []
    names: set[str] = set()
    for index, item in enumerate(as_list(listed)):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(name, str) or not name:
            broken_at(path, (section, index), f"{section}[{index}] has no name")
        value = item.get(key)
        if value is not None and not isinstance(value, dict):
            broken_at(path, (section, index, key), f"{key} of {name!r} is not a mapping")
        if name in names:
            broken_at(path, (section, index), f"{section} has {name!r} twice")
        names.add(name)
        entries.append(Entry(name=name, file=path, section=section, index=index, value=as_mapping(value)))
    return entries


def _nearest_hint(name: str, entries: Mapping[str, Entry]) -> str:
    near = get_close_matches(name, list(entries), n=1)
    return f"did you mean {near[0]!r}?" if near else ""


def _credentials_word(user: Entry | None) -> str:
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
