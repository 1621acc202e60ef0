"""Member clusters as the scheduler sees them: cluster.karmada.io/v1alpha1 Cluster, decoded.

Only what decisions read is here. Quantities stay texts in Kubernetes notation; `core.quantity` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = [
    "OBSERVED_AT",
    "APIEnablement",
    "APIResource",
    "AllocatableModeling",
    "Cluster",
    "ClusterCondition",
    "ResourceModel",
    "ResourceModelRange",
    "ResourceSummary",
    "Taint",
]

# The annotation of a Cluster file that `clusters snapshot` wrote: when it looked, RFC 3339.
OBSERVED_AT: Final = "karmactl.io/observed-at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taint:
    """A taint of a cluster; `time_added` is RFC 3339 or ""."""

    key: str = ""
    value: str = ""
    effect: str = ""
    time_added: str = field(default="", metadata={"format": "time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class APIResource:
    """One kind that a cluster serves: `name` is the plural."""

    name: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class APIEnablement:
    """The kinds that a cluster serves in one group version."""

    group_version: str = ""
    resources: tuple[APIResource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterCondition:
    """A condition of `status.conditions`."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: str = field(default="", metadata={"format": "time"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceModelRange:
    """One resource of a grade: [min, max)."""

    name: str = ""
    min: str = field(default="0", metadata={"format": "quantity"})
    max: str = field(default="0", metadata={"format": "quantity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceModel:
    """A grade of nodes."""

    grade: int = field(default=0, metadata={"unsigned": True})
    ranges: tuple[ResourceModelRange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatableModeling:
    """How many nodes of a grade a cluster has."""

    grade: int = field(default=0, metadata={"unsigned": True})
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSummary:
    """Capacity of a cluster: resource name to quantity."""

    allocatable: Mapping[str, str] = field(default_factory=dict, metadata={"format": "quantity"})
    allocating: Mapping[str, str] = field(default_factory=dict, metadata={"format": "quantity"})
    allocated: Mapping[str, str] = field(default_factory=dict, metadata={"format": "quantity"})
    allocatable_modelings: tuple[AllocatableModeling, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A member cluster with the facts that placement reads.

    `api_enablements` None means that nobody knows them (then the filter passes, marked unverified, where the
    caller's `Differences` say so); an empty tuple means a cluster that is known to serve nothing. `observed_at` (RFC
    3339) stands in Cluster files that `clusters snapshot` wrote: then all facts of the file are observations.
    """

    name: str
    uid: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    region: str = ""
    zones: tuple[str, ...] = ()
    taints: tuple[Taint, ...] = ()
    resource_models: tuple[ResourceModel, ...] = ()
    sync_mode: str = "Push"
    is_deleting: bool = False
    api_enablements: tuple[APIEnablement, ...] | None = None
    conditions: tuple[ClusterCondition, ...] = ()
    resource_summary: ResourceSummary | None = None
    kubernetes_version: str = ""
    observed_at: str = ""
