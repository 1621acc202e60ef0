"""The command line over three members, and what they then hold."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from karmactl.cli.app import run
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, metadata_of
from karmactl.core.model.ports import APIKind
from karmactl.embedded import SandboxThread
from karmactl.errors import ClusterError
from karmactl.kube.client import ClusterClient
from karmactl.kube.clock import SystemClock
from karmactl.kube.config import load_kubeconfig
from karmactl.kube.credentials import PluginRuns
from karmactl.kube.transport import Transport

MEMBERS = ("member1", "member2", "member3")
WRITES = frozenset({"CREATE", "APPLY", "REPLACE", "PATCH", "DELETE"})
DEPLOYMENT = APIKind(group="apps", version="v1", kind="Deployment", resource="deployments", is_namespaced=True)
CONFIG_MAP = APIKind(group="", version="v1", kind="ConfigMap", resource="configmaps", is_namespaced=True)
SERVICE = APIKind(group="", version="v1", kind="Service", resource="services", is_namespaced=True)
NAMESPACE = APIKind(group="", version="v1", kind="Namespace", resource="namespaces", is_namespaced=False)
SECRET = APIKind(group="", version="v1", kind="Secret", resource="secrets", is_namespaced=True)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one command did."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, JSONValue]:
        """stdout as JSON."""
        found: dict[str, JSONValue] = json.loads(self.out)
        return found

    def requests(self) -> dict[str, dict[str, int]]:
        """Requests by member and verb, as --verbose tells them on stderr."""
        found: dict[str, dict[str, int]] = {}
        for text in self.err.splitlines():
            word, _, rest = text.partition("  ")
            if word == "requests":
                name, *counts = rest.split("  ")
                found[name] = {
                    verb: int(count) for verb, _, count in (entry.partition(" ") for entry in counts) if count
                }
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A project over three members; `sandbox` None where they are real."""

    project: Path
    kubeconfig: Path
    sandbox: SandboxThread | None = None

    @property
    def wait(self) -> tuple[str, ...]:
        """Real servers here run no pods, so nothing is ever ready there."""
        return () if self.sandbox is not None else ("--no-wait",)

    def settle(self, set_name: str, *, inputs: str = "[files]", extra: str = "") -> None:
        """Write karmactl.yaml, and lock the members' identities."""
        members = "".join(f"  - {{name: {name}, context: {name}}}\n" for name in MEMBERS)
        (self.project / "karmactl.yaml").write_text(
            f"set: {set_name}\nkubeconfig: {self.kubeconfig}\ninputs: {inputs}\nclusters:\n{members}{extra}"
        )
        locked = self.run("clusters", "lock")
        assert locked.status == 0, locked.err

    def write(self, name: str, text: str) -> None:
        """A file of the project."""
        path = self.project / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *words: str) -> Ran:
        """One command line."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = run(list(words))
        return Ran(status=status, out=out.getvalue(), err=err.getvalue())

    def start(self, *words: str) -> subprocess.Popen[str]:
        """One command line in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "karmactl", *words],
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def apply(self, *words: str) -> Ran:
        """`karmactl apply`, which has to succeed."""
        ran = self.run("apply", "--verbose", *self.wait, *words)
        assert ran.status == 0, ran.out + ran.err
        return ran

    def ask(self, member: str, question: Callable[[ClusterClient], Awaitable[T]], *, manager: str = "tester") -> T:
        """Do something in a member, as somebody else."""

        async def work() -> T:
            clock = SystemClock()
            connection = load_kubeconfig([self.kubeconfig]).connection(member)
            plugins = PluginRuns(clock, is_terminal=False)
            async with Transport(connection, cluster=member, clock=clock, plugins=plugins) as transport:
                return await question(ClusterClient(transport, field_manager=manager))

        return asyncio.run(work())

    def objects(self, member: str, kind: APIKind, namespace: str = "") -> dict[str, Manifest]:
        """Live objects by name."""
        found = self.ask(member, lambda client: client.list(kind, namespace=namespace))
        return {str(metadata_of(item)["name"]): item for item in found}

    def replicas(self, namespace: str) -> dict[str, dict[str, object]]:
        """Replicas of every Deployment, by name and member."""
        counts: dict[str, dict[str, object]] = {}
        for member in MEMBERS:
            for name, item in self.objects(member, DEPLOYMENT, namespace).items():
                counts.setdefault(name, {})[member] = as_mapping(item["spec"])["replicas"]
        return counts


def footprint(fleet: Fleet) -> dict[str, JSONValue]:
    """ConfigMaps, Secrets, Deployments and Namespaces of the members that answer, with what karmactl did to them."""
    found: dict[str, JSONValue] = {}
    for member in MEMBERS:
        for kind in (CONFIG_MAP, SECRET, DEPLOYMENT, NAMESPACE):
            with contextlib.suppress(ClusterError):
                for item in fleet.ask(member, lambda client, kind=kind: client.list(kind)):  # type: ignore[misc]
                    metadata = metadata_of(item)
                    ours = [
                        entry
                        for entry in as_list(metadata.get("managedFields"))
                        if as_mapping(entry).get("manager") == "karmactl"
                    ]
                    name = f"{member} {kind.kind} {metadata.get('namespace')}/{metadata['name']}"
                    found[name] = [metadata["uid"], *ours]
    return found


def writes_of(ran: Ran) -> dict[str, int]:
    """Writes by verb over all members; the run must have told its requests."""
    counts = ran.requests()
    assert counts, ran.err
    total: dict[str, int] = {}
    for by_verb in counts.values():
        for verb, count in by_verb.items():
            if verb in WRITES:
                total[verb] = total.get(verb, 0) + count
    return total
