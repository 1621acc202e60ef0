"""The fleet as people declare it: members, their contexts, and who must be who.

What is discovered (APIs, capacity, versions) is added to `Member.cluster` by those who ask the clusters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.cluster import Cluster
from karmactl.errors import Location

__all__ = ["FleetLock", "LockedCluster", "Member"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member cluster: its name in policies, the kubeconfig context it is reached by, and its declared facts.

    `facts` says which facts of `cluster` are declared, and where: `labels/<key>`, `provider`, `region`, `zones`,
    `taints`, `syncMode`. A fact that is not there is unknown and may be discovered. `location` is None for a member
    that only a flag names.
    """

    name: str
    context: str
    cluster: Cluster
    facts: Mapping[str, Location] = field(default_factory=dict)
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedCluster:
    """Who a member is: the UID of its kube-system namespace, and the address of its API server when it was locked."""

    uid: str
    server: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetLock:
    """karmactl.lock: member name to identity."""

    clusters: Mapping[str, LockedCluster] = field(default_factory=dict)
