"""The sandbox's API server, for the contract suite.

Known gaps of the sandbox are listed in SANDBOX_GAPS by the name of the check, with the reason, and skipped by it. Its
workloads and namespaces are simulated, so that it counts as a server with controllers.
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

SANDBOX_GAPS = {
    "test_can_i": "asks for a name in a SelfSubjectAccessReview",
    "test_an_invalid_object_is_refused_with_its_fields": "does not validate built-in kinds",
    "test_i08_a_refused_secret_shows_no_value": "takes Secrets whose data is not base64",
}


@contextlib.contextmanager
def sandbox_server(folder: Path) -> Iterator[Server]:
    """One embedded API server on loopback."""
    spec = ClusterSpec(name="member", ready_after=0.0, users=(("nobody", ()),))
    with SandboxThread([spec], folder) as sandbox:
        admin = load_kubeconfig([sandbox.kubeconfig_path]).connection("member")
        nobody = replace(admin, user=User(token=sandbox.token("member", "nobody")))
        yield Server(name="sandbox", admin=admin, nobody=nobody, has_controllers=True)
