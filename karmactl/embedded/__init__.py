"""Small Kubernetes API servers inside the package: for `karmactl sandbox`, the demo and all tests.

They read in the order of a request: `http` and `listener`, `cluster` (the way through), `faults`, `authn`, `routing`,
`authz`, `discovery`, `dispatch`, `verbs`, `fields` and `patches`, `admission`, `kinds`, `store`, `encode`. Nothing here
is shared with the rest of the package, so that one bug cannot hide on both sides.
"""

from karmactl.embedded.sandbox import Sandbox, SandboxThread, run_clusters
from karmactl.embedded.spec import FAULT_KINDS, ClusterSpec, Fault

__all__ = ["FAULT_KINDS", "ClusterSpec", "Fault", "Sandbox", "SandboxThread", "run_clusters"]
