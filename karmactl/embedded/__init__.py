"""Small Kubernetes API servers inside the package: for `karmactl sandbox`, the demo and all tests.

They read in the order of a request: `http` and `listener`, `cluster` (the way through), `faults`, `authn`, `routing`,
`authz`, `discovery`, `dispatch`, `verbs`, `fields` and `patches`, `admission`, `kinds`, `store`, `encode`. Nothing here
is shared with the rest of the package, so that one bug cannot hide on both sides.

In a process: `run_clusters` (asynchronous) and `SandboxThread`. In the background: `up`, `status`, `fail`, `heal`,
`down`, each with the directory in which the sandbox lives.
"""

from typing import TYPE_CHECKING, Any

from karmactl.embedded.background import ClusterStatus, SandboxError, Status, down, fail, heal, status, up
from karmactl.embedded.spec import FAULT_KINDS, ClusterSpec, Fault

if TYPE_CHECKING:
    from karmactl.embedded.sandbox import Sandbox, SandboxThread, run_clusters

__all__ = [
    "FAULT_KINDS",
    "ClusterSpec",
    "ClusterStatus",
    "Fault",
    "Sandbox",
    "SandboxError",
    "SandboxThread",
    "Status",
    "down",
    "fail",
    "heal",
    "run_clusters",
    "status",
    "up",
]


def __getattr__(name: str) -> Any:
    """The servers, loaded when they are first asked for: commands that only start or ask a sandbox do without."""
    if name in ("Sandbox", "SandboxThread", "run_clusters"):
        from karmactl.embedded import sandbox

        return getattr(sandbox, name)
    raise AttributeError(name)
