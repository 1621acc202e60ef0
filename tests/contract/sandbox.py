"""The sandbox's API server, for the contract suite.

Its workloads and namespaces are simulated, so that it counts as a server with controllers. It has no known gaps: what
it does otherwise than a real server is a bug.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from karmactl.embedded import ClusterSpec, SandboxThread
from karmactl.kube.config import load_kubeconfig
from karmactl.kube.connection import User
from tests.contract.servers import Server


@contextlib.contextmanager
def sandbox_server(folder: Path) -> Iterator[Server]:
    """One embedded API server on loopback."""
    spec = ClusterSpec(name="member", ready_after=0.0, nodes=2, users=(("nobody", ()),))
    with SandboxThread([spec], folder) as sandbox:
        admin = load_kubeconfig([sandbox.kubeconfig_path]).connection("member")
        nobody = replace(admin, user=User(token=sandbox.token("member", "nobody")))
        yield Server(name="sandbox", admin=admin, nobody=nobody, has_controllers=True)
