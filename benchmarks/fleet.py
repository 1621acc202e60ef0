"""How long a fleet of many members takes to be named: `clusters list --dry-run=client`, beyond start-up.

    python -m benchmarks.fleet [--members 200] [--rounds 10]

Whole processes. Start-up is `clusters list --help`, which loads the same command and reads nothing; the two take turns,
and the figure is the median of the differences. Three shapes: members in karmactl.yaml, the same with as many Cluster
files with their status beside a thousand manifests, and the kubeconfig of the fleet read as a live run reads it. To
reach: 0.3 s for 200 members.
"""

from __future__ import annotations

import argparse
import base64
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from karmactl.core.encode import encode_cluster
from karmactl.core.model.cluster import APIEnablement, APIResource, Cluster, ResourceSummary
from karmactl.files.dump import dump_yaml
from karmactl.kube.config import load_kubeconfig

REACH_SECONDS = 0.3
KARMACTL = Path(sysconfig.get_path("scripts")) / "karmactl"
# As many kinds as a cluster with a few operators serves.
KINDS = 120


def write_settings(folder: Path, members: int, inputs: str) -> None:
    """A karmactl.yaml with that many members."""
    rows = [
        f"  - {{name: m{number:03}, context: prod-m{number:03}, region: r{number % 7}, labels: {{tier: prod}}}}\n"
        for number in range(members)
    ]
    (folder / "karmactl.yaml").write_text(f"set: bench\ninputs: [{inputs}]\nclusters:\n{''.join(rows)}")


def write_inputs(folder: Path, members: int) -> None:
    """A Cluster file a member, as `clusters snapshot` writes them, and a thousand ConfigMaps."""
    inputs = folder / "in"
    inputs.mkdir()
    apis = tuple(
        APIEnablement(
            group_version=f"g{number // 10}.example.com/v1",
            resources=(APIResource(name=f"kinds{number}", kind=f"Kind{number}"),),
        )
        for number in range(KINDS)
    )
    room = {"cpu": "64", "memory": "256Gi", "pods": "440"}
    for number in range(members):
        cluster = Cluster(
            name=f"m{number:03}",
            uid=f"uid-{number}",
            api_enablements=apis,
            resource_summary=ResourceSummary(allocatable=room, allocated={"cpu": "12"}),
            kubernetes_version="v1.36.2",
            observed_at="2026-01-01T00:00:00Z",
        )
        (inputs / f"{cluster.name}.yaml").write_text(dump_yaml(encode_cluster(cluster)))
    for number in range(1000):
        name = f"cm-{number}"
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{key: value}}\n"
        (inputs / f"{name}.yaml").write_text(text)


def write_kubeconfig(path: Path, members: int) -> None:
    """A kubeconfig with a context, a certificate authority and a token a member."""
    ca = base64.b64encode(b"-----BEGIN CERTIFICATE-----\n" + b"A" * 1500 + b"\n-----END CERTIFICATE-----\n").decode()
    names = [f"prod-m{number:03}" for number in range(members)]
    parts = ["apiVersion: v1\nkind: Config\nclusters:\n"]
    parts += [
        f"- name: {name}\n  cluster:\n    server: https://{name}.example.com\n    certificate-authority-data: {ca}\n"
        for name in names
    ]
    parts += ["users:\n", *(f"- name: {name}\n  user: {{token: t}}\n" for name in names)]
    parts += ["contexts:\n", *(f"- name: {name}\n  context: {{cluster: {name}, user: {name}}}\n" for name in names)]
    path.write_text("".join(parts))


def seconds_of(words: Sequence[str], folder: Path) -> float:
    """How long one process lives."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KARMACTL_")}
    started = time.perf_counter()
    subprocess.run((str(KARMACTL), *words), cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def beyond_start(folder: Path, rounds: int) -> float:
    """The median of what listing takes more than loading the command; the first round warms the caches."""
    command = ("clusters", "list", "--dry-run=client")
    extra = [
        seconds_of(command, folder) - seconds_of(("clusters", "list", "--help"), folder) for _ in range(rounds + 1)
    ]
    return statistics.median(extra[1:])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    if not KARMACTL.exists():
        print(f"skipped: karmactl is not installed beside {sys.executable}; run make setup", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary).resolve()
        (folder / ".git").mkdir()
        write_settings(folder, options.members, "")
        bare = beyond_start(folder, options.rounds)
        print(f"{options.members} members in karmactl.yaml                      {bare * 1000:7.1f} ms beyond start-up")
        write_inputs(folder, options.members)
        write_settings(folder, options.members, "in")
        full = beyond_start(folder, options.rounds)
        print(f"the same, with Cluster files and 1000 manifests  {full * 1000:7.1f} ms beyond start-up")
        write_kubeconfig(folder / "kubeconfig", options.members)
        figures = []
        for _ in range(options.rounds):
            started = time.perf_counter()
            load_kubeconfig([folder / "kubeconfig"]).contexts()
            figures.append(time.perf_counter() - started)
        read = statistics.median(figures) * 1000
        print(f"a kubeconfig of {options.members} contexts                      {read:7.1f} ms")
    print(f"to reach: {REACH_SECONDS * 1000:.0f} ms for 200 members in karmactl.yaml")
    return 0 if bare <= REACH_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
