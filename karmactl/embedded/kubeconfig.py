"""The kubeconfig of a sandbox: one context per cluster, named as the cluster, and one user per token."""

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One cluster's place in the file: where it listens, and its tokens by user name (`admin` is the context's)."""

    name: str
    url: str
    tokens: Mapping[str, str]


def render(entries: Sequence[Entry], ca_pem: bytes) -> bytes:
    """The kubeconfig as JSON, which is YAML too; the first cluster's context is the current one."""
    clusters, contexts, users = [], [], []
    for entry in entries:
        ca = base64.b64encode(ca_pem).decode()
        clusters.append({"name": entry.name, "cluster": {"server": entry.url, "certificate-authority-data": ca}})
        for user, token in entry.tokens.items():
            name = f"{entry.name}-{user}"
            users.append({"name": name, "user": {"token": token}})
            context = entry.name if user == "admin" else f"{entry.name}-{user}"
            contexts.append({"name": context, "context": {"cluster": entry.name, "user": name}})
    value = {
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "clusters": clusters,
        "contexts": contexts,
        "users": users,
        "current-context": entries[0].name if entries else "",
    }
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def write(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read, at once: readers see the old file or the whole new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)
