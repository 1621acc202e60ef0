"""How fast clusters may be emptied, and when not at all.

Source: Kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go (ComputeZoneState, handleDisruption) with
its default flags: 0.1 nodes a second, 0.01 in large zones that are disrupted, none in small ones, and none at all when
every zone is down. Here nodes are member clusters, and zones are their regions.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from karmactl.core.model.failover import ClusterHealth, ReadyStatus

__all__ = ["refusal"]

_INTERVAL_SECONDS = 10.0
_DISRUPTED_INTERVAL_SECONDS = 100.0
_UNHEALTHY_SHARE = 0.55
_LARGE_ZONE = 50
# Fewer than this many clusters down are never a disruption of their zone.
_FEW = 2


def refusal(
    cluster: str,
    health: Mapping[str, ClusterHealth],
    regions: Mapping[str, str],
    evicting: Mapping[str, datetime],
    now: datetime,
) -> str:
    """Why the evictions of one more cluster may not begin now, as a reason code; "" where they may.

    `regions` has every cluster of the fleet ("" where it has none); one never observed counts as neither up nor down.
    """
    if cluster in evicting:
        return ""
    zones: dict[str, list[bool]] = {}
    for name, region in regions.items():
        seen = health.get(name)
        if seen is not None and seen.ready is not None:
            zones.setdefault(region, []).append(seen.ready is ReadyStatus.TRUE)
    if not any(is_up for members in zones.values() for is_up in members):
        return "all-clusters-down"
    own = zones.get(regions.get(cluster, ""), [])
    down = own.count(False)
    is_disrupted = own.count(True) > 0 and down > _FEW and down >= _UNHEALTHY_SHARE * len(own)
    if is_disrupted and len(own) <= _LARGE_ZONE:
        return "region-disrupted"
    interval = _DISRUPTED_INTERVAL_SECONDS if is_disrupted else _INTERVAL_SECONDS
    last = max((began for began in evicting.values() if began <= now), default=None)
    return "rate-limited" if last is not None and (now - last).total_seconds() < interval else ""
