"""When NoExecute taints evict: at once, at a time, or never.

Source: Karmada pkg/util/helper/taint.go (GetMatchingTolerations, GetMinTolerationTime) and
pkg/controllers/cluster/taint_manager.go, v1.19; the default toleration is that of Kubernetes'
plugin/pkg/admission/defaulttolerationseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from karmactl.core.match import tolerates
from karmactl.core.model.cluster import Taint
from karmactl.core.model.failover import NOT_READY_TAINT, UNREACHABLE_TAINT
from karmactl.core.model.policy import Placement, Toleration

__all__ = ["due_time", "with_default_tolerations"]


def with_default_tolerations(placement: Placement | None, seconds: int | None) -> tuple[Toleration, ...]:
    """The placement's tolerations, with those of `seconds` for not-ready and unreachable where it has none for them.

    `seconds` None adds tolerations without an end: nothing is evicted that does not ask for it.
    """
    written = placement.cluster_tolerations if placement is not None else ()
    added = [
        Toleration(key=key, operator="Exists", effect="NoExecute", toleration_seconds=seconds)
        for key in (NOT_READY_TAINT, UNREACHABLE_TAINT)
        if not any(entry.key in ("", key) and entry.effect in ("", "NoExecute") for entry in written)
    ]
    return (*written, *added)


def due_time(taints: Sequence[Taint], tolerations: Sequence[Toleration], now: datetime) -> datetime | None:
    """When a cluster's NoExecute taints evict; `now` where one is not tolerated at all, None for never.

    The first toleration that matches a taint is the one used. Of those with seconds the earliest end counts; a taint
    without a readable time has just been added.
    """
    ends: list[datetime] = []
    for taint in taints:
        if taint.effect != "NoExecute":
            continue
        used = next((entry for entry in tolerations if tolerates(entry, taint)), None)
        if used is None:
            return now
        if used.toleration_seconds is not None:
            ends.append(_added(taint, now) + timedelta(seconds=max(0, used.toleration_seconds)))
    return min(ends, default=None)


def _added(taint: Taint, now: datetime) -> datetime:
    try:
        added = datetime.fromisoformat(taint.time_added)
    except ValueError:
        return now
    return added if added.tzinfo is not None else now
