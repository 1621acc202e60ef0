"""Status: where the objects of a set run and how they are, as one value.

A cell that could not be read is unknown, never missing (I4); `is_complete` says whether there is any.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from karmactl.core.model.change import FieldChange, Unknown
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import FleetMember
from karmactl.core.model.state import PendingWithdrawal

__all__ = ["DriftSeen", "FleetStatus", "Health", "Orphan", "StatusCell", "WorkloadStatus"]


class Health(Enum):
    """How one object in one cluster is."""

    READY = "ready"
    PROGRESSING = "progressing"
    FAILED = "failed"
    MISSING = "missing"
    """It should be there and is not."""
    UNKNOWN = "unknown"
    """It could not be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCell:
    """One object in one cluster; `ready` of `wanted` replicas, None for what has none or is unknown.

    `message` says why it is not ready, or why it is unknown.
    """

    cluster: str
    health: Health
    ready: int | None = None
    wanted: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadStatus:
    """One object and its cells, in the order of the fleet; clusters without it have none."""

    resource: ResourceRef
    cells: tuple[StatusCell, ...] = ()
    policy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftSeen:
    """A field that we applied and somebody changed since: `field.drift` says who and when."""

    cluster: str
    resource: ResourceRef
    field: FieldChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """An object in a member that is in the inventory and that no recorded placement wants."""

    cluster: str
    resource: ResourceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStatus:
    """All of a set. `generation` 0: nothing was ever applied. Times are RFC 3339, "" when absent.

    `workloads` are objects with replicas or a readiness of their own; `other_objects` counts the rest, in all clusters.
    """

    set_name: str
    generation: int = 0
    applied_at: str = ""
    applied_by: str = ""
    git_commit: str = ""
    fleet: tuple[FleetMember, ...] = ()
    workloads: tuple[WorkloadStatus, ...] = ()
    other_objects: int = 0
    drift: tuple[DriftSeen, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    pending: tuple[PendingWithdrawal, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    is_paused: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every member and every list could be read."""
        return (
            not self.unknowns
            and all(member.is_reachable for member in self.fleet)
            and all(cell.health is not Health.UNKNOWN for workload in self.workloads for cell in workload.cells)
        )

    @property
    def is_in_sync(self) -> bool:
        """Whether everything is known, ready, as applied, and nothing is left to do."""
        is_ready = all(cell.health is Health.READY for workload in self.workloads for cell in workload.cells)
        return self.is_complete and is_ready and not (self.drift or self.orphans or self.pending)
