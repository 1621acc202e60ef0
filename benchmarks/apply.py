"""Create, change and no-op of many Deployments in three clusters, beside kubectl and beside the least that can be done.

    python -m benchmarks.apply [--deployments 300] [--rounds 3] [--sandbox]

Real API servers where KUBEBUILDER_ASSETS has them, else the sandbox (and says which). The peers, in turns with
karmactl and each on objects of its own: (a) `kubectl apply --server-side` over the contexts one after another, (b) the
same at once, (c) a bare client that only sends the same PATCHes, at the best of several concurrencies: the limit.
kubectl diffs in a loop, too. Seconds of the wall are medians; CPU seconds and memory are those of the commands,
not of the servers. To reach: create within max(0.33 a, c / 0.85); no-op within 0.10 a, with LISTs alone; diff within
0.33 of kubectl's; CPU below kubectl's, memory at most twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from karmactl.core.model.manifest import Manifest
from karmactl.core.model.ports import APIKind
from karmactl.kube.client import ClusterClient
from karmactl.kube.clock import SystemClock
from karmactl.kube.config import load_kubeconfig
from karmactl.kube.credentials import PluginRuns
from karmactl.kube.transport import Transport

KARMACTL = Path(sysconfig.get_path("scripts")) / "karmactl"
MEMBERS = ("bench1", "bench2", "bench3")
CONCURRENCIES = (4, 8, 16, 32)
KIND = APIKind(group="apps", version="v1", kind="Deployment", resource="deployments", is_namespaced=True)
PHASES = ("create", "change one field", "no-op", "diff")


@dataclass(slots=True)
class Cost:
    """One action: seconds of the wall and of the processor, and the largest process in MiB."""

    wall: float
    cpu: float = 0.0
    memory: float = 0.0


@dataclass(slots=True)
class Table:
    """All costs, by peer and phase."""

    costs: dict[tuple[str, str], list[Cost]] = field(default_factory=dict)

    def add(self, peer: str, phase: str, cost: Cost) -> None:
        """One more round."""
        self.costs.setdefault((peer, phase), []).append(cost)

    def wall(self, peer: str, phase: str) -> float:
        """Median seconds."""
        return statistics.median(cost.wall for cost in self.costs[peer, phase])


def deployment(number: int, namespace: str, image: str) -> Manifest:
    """A Deployment as people write them."""
    name = f"web-{number:03}"
    labels = {"app": name, "tier": "frontend"}
    container: Manifest = {
        "name": "main",
        "image": image,
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [{"name": "MODE", "value": "production"}, {"name": "NUMBER", "value": str(number)}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels)},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": dict(labels)}, "spec": {"containers": [container]}},
        },
    }


class Bench:
    """Three members, and a folder for each peer."""

    def __init__(self, folder: Path, kubeconfig: Path, count: int) -> None:
        self.folder = folder
        self.kubeconfig = kubeconfig
        self.count = count
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("KARMACTL_")},
            "KUBECONFIG": str(kubeconfig),
            "HOME": str(folder),
        }
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def bodies(self, namespace: str, image: str) -> list[Manifest]:
        """What is sent to every member."""
        return [deployment(number, namespace, image) for number in range(self.count)]

    def write(self, namespace: str, image: str) -> Path:
        """The manifests and karmactl's project around them."""
        project = self.folder / namespace
        (project / "in").mkdir(parents=True, exist_ok=True)
        documents = self.bodies(namespace, image)
        path = project / "in" / "deployments.json"
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": documents}))
        members = "".join(f"  - {{name: {name}}}\n" for name in MEMBERS)
        (project / "karmactl.yaml").write_text(f"set: {namespace}\ninputs: [in/, policy.yaml]\nclusters:\n{members}")
        (project / "policy.yaml").write_text(
            "apiVersion: policy.karmada.io/v1alpha1\nkind: ClusterPropagationPolicy\nmetadata: {name: all}\n"
            "spec:\n  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment}]\n  placement: {}\n"
        )
        return path

    def run(self, *commands: Sequence[str], folder: Path, may_differ: bool = False) -> Cost:
        """The commands at once, each from start to exit."""
        started = time.perf_counter()
        running = [
            subprocess.Popen(
                command,
                cwd=folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for command in commands
        ]
        cost = Cost(wall=0.0)
        for process in running:
            assert process.stderr is not None
            said = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            code = process.returncode = os.waitstatus_to_exitcode(status)
            if code and not (may_differ and code == 1):
                raise SystemExit(f"{' '.join(process.args)}: exit {code}\n{said.decode()}")  # type: ignore[arg-type]
            cost.cpu += usage.ru_utime + usage.ru_stime
            cost.memory = max(cost.memory, usage.ru_maxrss / 1024)
        cost.wall = time.perf_counter() - started
        return cost

    def kubectl(self, action: Sequence[str], path: Path, *, at_once: bool = False) -> Cost:
        """One kubectl a context: one after another, or at once."""
        commands = [("kubectl", "--context", name, *action, "-f", str(path)) for name in MEMBERS]
        if at_once:
            return self.run(*commands, folder=self.folder, may_differ=True)
        costs = [self.run(command, folder=self.folder, may_differ=True) for command in commands]
        return Cost(
            wall=sum(cost.wall for cost in costs),
            cpu=sum(cost.cpu for cost in costs),
            memory=max(cost.memory for cost in costs),
        )

    def bare(self, bodies: Sequence[Manifest], concurrency: int) -> Cost:
        """Nothing but the PATCHes, so many at a time in each member."""
        started, used = time.perf_counter(), time.process_time()
        asyncio.run(self._send_all(bodies, concurrency))
        return Cost(wall=time.perf_counter() - started, cpu=time.process_time() - used)

    async def _send_all(self, bodies: Sequence[Manifest], concurrency: int) -> None:
        clock = SystemClock()
        loaded = load_kubeconfig([self.kubeconfig])

        async def send_to(name: str) -> None:
            plugins = PluginRuns(clock, is_terminal=False)
            async with Transport(loaded.connection(name), cluster=name, clock=clock, plugins=plugins) as transport:
                client = ClusterClient(transport, field_manager="bare")
                waiting = iter(bodies)

                async def work() -> None:
                    for body in waiting:
                        await client.apply(KIND, body, force=True)

                await asyncio.gather(*(work() for _ in range(concurrency)))

        await asyncio.gather(*(send_to(name) for name in MEMBERS))


def measure(bench: Bench, rounds: int) -> Table:
    """All peers in turns, every round on new objects; the order turns round."""
    table = Table()
    peers: list[tuple[str, Callable[[Table, str], None]]] = [
        ("karmactl", lambda into, name: _karmactl(bench, into, name)),
        ("kubectl, one after another", lambda into, name: _kubectl(bench, into, name, at_once=False)),
        ("kubectl, at once", lambda into, name: _kubectl(bench, into, name, at_once=True)),
        ("bare client", lambda into, name: _bare(bench, into, name)),
    ]
    for number in range(rounds):
        for index, (peer, act) in enumerate(peers if number % 2 == 0 else reversed(peers)):
            print(f"round {number + 1} of {rounds}: {peer}", file=sys.stderr)
            act(table, f"bench-{number}-{index}")
    return table


def _make_namespace(bench: Bench, namespace: str) -> None:
    for name in MEMBERS:
        bench.run(("kubectl", "--context", name, "create", "namespace", namespace), folder=bench.folder)


def _karmactl(bench: Bench, table: Table, namespace: str) -> None:
    _make_namespace(bench, namespace)
    bench.write(namespace, "registry.example.com/web:1")
    project = bench.folder / namespace
    bench.run((str(KARMACTL), "clusters", "lock"), folder=project)
    apply = (str(KARMACTL), "apply", "--yes", "--no-wait", "--max-move", "100%")
    table.add("karmactl", "create", bench.run(apply, folder=project))
    bench.write(namespace, "registry.example.com/web:2")
    diff = (str(KARMACTL), "diff")
    table.add("karmactl", "diff", bench.run(diff, folder=project, may_differ=True))
    table.add("karmactl", "change one field", bench.run(apply, folder=project))
    table.add("karmactl", "no-op", bench.run(apply, folder=project))


def _kubectl(bench: Bench, table: Table, namespace: str, *, at_once: bool) -> None:
    peer = "kubectl, at once" if at_once else "kubectl, one after another"
    _make_namespace(bench, namespace)
    path = bench.write(namespace, "registry.example.com/web:1")
    apply = ("apply", "--server-side")
    table.add(peer, "create", bench.kubectl(apply, path, at_once=at_once))
    path = bench.write(namespace, "registry.example.com/web:2")
    table.add(peer, "diff", bench.kubectl(("diff", "--server-side"), path, at_once=at_once))
    table.add(peer, "change one field", bench.kubectl(apply, path, at_once=at_once))
    table.add(peer, "no-op", bench.kubectl(apply, path, at_once=at_once))


def _bare(bench: Bench, table: Table, namespace: str) -> None:
    best: dict[str, Cost] = {}
    for concurrency in CONCURRENCIES:
        place = f"{namespace}-{concurrency}"
        _make_namespace(bench, place)
        for phase, image in (("create", "web:1"), ("change one field", "web:2"), ("no-op", "web:2")):
            cost = bench.bare(bench.bodies(place, f"registry.example.com/{image}"), concurrency)
            if phase not in best or cost.wall < best[phase].wall:
                best[phase] = cost
    for phase, cost in best.items():
        table.add("bare client", phase, cost)


def report(table: Table, kubectl_version: str) -> None:
    """The table, and what it comes to beside what is to be reached."""
    peers = list(dict.fromkeys(peer for peer, _ in table.costs))
    print(f"{'':<28}" + "".join(f"{phase:>18}" for phase in PHASES) + f"{'CPU of create':>16}{'memory':>10}")
    for peer in peers:
        cells = [f"{table.wall(peer, phase):.2f} s" if (peer, phase) in table.costs else "-" for phase in PHASES]
        created = table.costs[peer, "create"]
        cpu = statistics.median(cost.cpu for cost in created)
        memory = max(cost.memory for cost in created)
        shown = f"{memory:.0f} MiB" if memory else "-"
        print(f"{peer:<28}" + "".join(f"{cell:>18}" for cell in cells) + f"{cpu:>14.2f} s{shown:>10}")
    print(f"\nkubectl {kubectl_version}, medians of {len(table.costs['karmactl', 'create'])} rounds")
    loop, bare = "kubectl, one after another", "bare client"
    limit = max(0.33 * table.wall(loop, "create"), table.wall(bare, "create") / 0.85)
    print(f"create: {table.wall('karmactl', 'create'):.2f} s (to reach: {limit:.2f} s)")
    for phase, reach in (("create", 0.33), ("change one field", 0.33), ("no-op", 0.10), ("diff", 0.33)):
        ratio = table.wall("karmactl", phase) / table.wall(loop, phase)
        print(f"{phase}: {ratio:.3f} of kubectl one after another (to reach: {reach})")
    ratio = table.wall(bare, "create") / table.wall("karmactl", "create")
    print(f"create: {ratio:.2f} of the bare client's speed (to reach: 0.85)")
    for what in ("cpu", "memory"):
        own, theirs = (
            statistics.median(getattr(cost, what) for cost in table.costs[peer, "create"])
            for peer in ("karmactl", loop)
        )
        print(f"{what} of create: {own / theirs:.2f} of kubectl's (to reach: {'1' if what == 'cpu' else '2'})")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.apply")
    parser.add_argument("--deployments", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sandbox", action="store_true", help="the sandbox, though real API servers are there")
    options = parser.parse_args()
    if shutil.which("kubectl") is None:
        print("skipped: there is no kubectl on the PATH to compare with", file=sys.stderr)
        return 0
    said = json.loads(subprocess.run(("kubectl", "version", "--client", "-o", "json"), capture_output=True).stdout)
    is_real = bool(os.environ.get("KUBEBUILDER_ASSETS")) and not options.sandbox
    print(f"{options.deployments} Deployments, 3 {'real API servers' if is_real else 'clusters of the sandbox'}\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "KARMACTL_SANDBOX_DIR": name}
        up = [str(KARMACTL), "sandbox", "up", "--names", ",".join(MEMBERS), "--no-controllers"]
        subprocess.run([*up, *(["--real"] if is_real else [])], env=environment, check=True, stdout=subprocess.DEVNULL)
        try:
            table = measure(Bench(folder, folder / "kubeconfig", options.deployments), options.rounds)
        finally:
            subprocess.run([str(KARMACTL), "sandbox", "down"], env=environment, stdout=subprocess.DEVNULL)
    report(table, said["clientVersion"]["gitVersion"])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
