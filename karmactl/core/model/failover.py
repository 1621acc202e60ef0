"""Failover as values: what was observed of clusters, what is remembered between looks, and what was decided.

Failover places nothing itself. It turns observations into what every plan understands anyway: conditions and taints of
clusters, and graceful eviction tasks of templates. The ordinary pipeline then decides where the work goes.
Source of the terms: Karmada pkg/controllers/{status,cluster,taint,gracefuleviction}, v1.19; Kubernetes
pkg/controller/nodelifecycle for limits on evictions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from karmactl.core.model.cluster import Taint
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.policy import FailoverBehavior
from karmactl.core.model.reason import Reason

__all__ = [
    "NOT_READY_TAINT",
    "UNREACHABLE_TAINT",
    "ClusterHealth",
    "FailoverDecision",
    "FailoverSettings",
    "FailoverState",
    "Movable",
    "Observations",
    "ReadyStatus",
    "Subject",
]

NOT_READY_TAINT: Final = "cluster.karmada.io/not-ready"
UNREACHABLE_TAINT: Final = "cluster.karmada.io/unreachable"


class ReadyStatus(Enum):
    """The status of a cluster's Ready condition (metav1.ConditionStatus)."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHealth:
    """What is remembered of one cluster's Ready condition.

    `ready` None: never observed. `since` is when the shown status began. `pending_since` is when observations began to
    differ from it: a change between True and not-True is shown only after it lasted. `taints` are those that failover
    added; those of people are facts of the cluster.
    """

    ready: ReadyStatus | None = None
    since: datetime | None = None
    pending_since: datetime | None = None
    taints: tuple[Taint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverState:
    """All that failover remembers from one look to the next.

    `evicting` names the clusters whose evictions have begun, with when: the rate limit is one of clusters, and what it
    let pass goes on. `observed_at` is the last look, `watched_since` the first of those that followed one another
    without a gap.
    """

    health: Mapping[str, ClusterHealth] = field(default_factory=dict)
    evicting: Mapping[str, datetime] = field(default_factory=dict)
    observed_at: datetime | None = None
    watched_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """What one look saw.

    `ready` has the clusters that were probed (one that was not probed is not in it, and stays as it was).
    `healthy` are the (template, cluster) pairs whose object is known healthy. `has_majority`: a majority of those that
    hold the record answered; without it the observer itself may be the one that is cut off.
    """

    ready: Mapping[str, ReadyStatus]
    healthy: frozenset[tuple[ResourceRef, str]] = frozenset()
    has_majority: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Movable:
    """What a policy and a template say about moving: `failover` of the policy, and whether it may not run twice."""

    failover: FailoverBehavior | None = None
    is_stateful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverSettings:
    """Thresholds and limits, in seconds.

    `default_toleration_seconds` None: NoExecute taints of failover evict only what tolerates them for a time.
    """

    failure_threshold_seconds: float = 30
    success_threshold_seconds: float = 30
    default_toleration_seconds: int | None = 300
    graceful_eviction_timeout_seconds: int = 600
    is_paused: bool = False
    allow_minority: bool = False
    allow_stateful: bool = False


class Subject(Enum):
    """What a decision is about."""

    READY = "Ready"
    TAINTED = "Tainted"
    UNTAINTED = "Untainted"
    EVICTED = "Evicted"
    HELD = "Held"
    EVICTION_DONE = "EvictionDone"


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverDecision:
    """One decision with its reason; `resource` None where it is about the cluster."""

    subject: Subject
    cluster: str
    reason: Reason
    resource: ResourceRef | None = None
