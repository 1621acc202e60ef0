"""From probes to the Ready condition and its taints.

Source: Karmada pkg/controllers/status/cluster_condition_cache.go (thresholds, first observation counts, False and
Unknown change at once) and pkg/controllers/cluster/cluster_controller.go (taints by condition), v1.19.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from karmactl.core.model.cluster import Taint
from karmactl.core.model.failover import (
    NOT_READY_TAINT,
    UNREACHABLE_TAINT,
    ClusterHealth,
    FailoverSettings,
    ReadyStatus,
)

__all__ = ["observe", "rfc3339", "with_taints"]


def rfc3339(moment: datetime) -> str:
    """A time as the record writes it: UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def observe(
    health: ClusterHealth, seen: ReadyStatus, settings: FailoverSettings, now: datetime, *, is_gap: bool
) -> ClusterHealth:
    """The condition after one probe; `is_gap`: so long since the last look that nothing is known of the time between.

    After a gap, or where the clock went back, a pending change starts to count anew: time that nobody watched is no
    evidence that a cluster was dead all along.
    """
    if health.ready is None:
        return replace(health, ready=seen, since=now, pending_since=None)
    is_up, was_up = seen is ReadyStatus.TRUE, health.ready is ReadyStatus.TRUE
    if is_up == was_up:
        since = health.since if seen is health.ready else now
        return replace(health, ready=seen, since=since, pending_since=None)
    began = health.pending_since
    if began is None or is_gap or began > now:
        began = now
    threshold = settings.success_threshold_seconds if is_up else settings.failure_threshold_seconds
    if (now - began).total_seconds() < threshold:
        return replace(health, pending_since=began)
    return replace(health, ready=seen, since=now, pending_since=None)


def with_taints(health: ClusterHealth, now: datetime) -> ClusterHealth:
    """The taints that follow from the condition; one that is there already keeps its time.

    Differs from Karmada, which stops at NoSchedule: failover adds NoExecute beside it (design 2.13).
    """
    if health.ready in (None, ReadyStatus.TRUE):
        return replace(health, taints=()) if health.taints else health
    key = NOT_READY_TAINT if health.ready is ReadyStatus.FALSE else UNREACHABLE_TAINT
    # False and Unknown replace one another's taint; the cluster has been gone since the first of them. A time that is
    # yet to come was written before the clock went back.
    began = min((taint.time_added for taint in health.taints), default=rfc3339(now))
    began = min(began, rfc3339(now))
    wanted = (
        Taint(key=key, effect="NoExecute", time_added=began),
        Taint(key=key, effect="NoSchedule", time_added=began),
    )
    return health if health.taints == wanted else replace(health, taints=wanted)
