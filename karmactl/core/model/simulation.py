"""A simulated failover as values: the scenario, the timeline, and what it does to each workload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.binding import TargetCluster
from karmactl.core.model.cluster import Taint
from karmactl.core.model.failover import FailoverSettings
from karmactl.core.model.manifest import ResourceRef

__all__ = [
    "Availability",
    "Outage",
    "Scenario",
    "Simulation",
    "SimulationSettings",
    "TimelineEvent",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A cluster that stops answering at `start_seconds`; `duration_seconds` None: for good."""

    cluster: str
    start_seconds: int = 0
    duration_seconds: int | None = None

    def covers(self, seconds: int) -> bool:
        """Whether the cluster is down at that time."""
        end = None if self.duration_seconds is None else self.start_seconds + self.duration_seconds
        return self.start_seconds <= seconds and (end is None or seconds < end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens: outages, and taints by cluster that somebody sets at 0 seconds."""

    name: str
    outages: tuple[Outage, ...] = ()
    taints: Mapping[str, tuple[Taint, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationSettings:
    """`ready_after_seconds`: how long a new copy takes to be ready. `has_witness`: a witness always answers."""

    failover: FailoverSettings = field(default_factory=FailoverSettings)
    ready_after_seconds: int = 30
    has_witness: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One thing that happens, `seconds` after the start.

    `kind` is Down, Up, Tainted by somebody (`Taint`), or the Subject of a failover decision, or Moved; `code` its
    reason. Moved has the placement `before` and `after`.
    """

    seconds: int
    kind: str
    cluster: str = ""
    code: str = ""
    resource: ResourceRef | None = None
    before: tuple[TargetCluster, ...] = ()
    after: tuple[TargetCluster, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What a scenario does to one workload.

    `replicas` is the template's, `minimum` how many must be ready (I6), `lowest` the fewest that were, first
    `lowest_at_seconds` after the start; `below_seconds` how long fewer than `minimum` were ready, and
    `is_below_at_end` whether they still are. `before` and `after` are its placements.
    """

    resource: ResourceRef
    replicas: int
    minimum: int
    lowest: int
    lowest_at_seconds: int
    below_seconds: int
    is_below_at_end: bool
    before: tuple[TargetCluster, ...]
    after: tuple[TargetCluster, ...]

    @property
    def is_below(self) -> bool:
        """Whether it ever was below its minimum."""
        return self.lowest < self.minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A scenario played through: `events` by time, `workloads` by resource, over `horizon_seconds`."""

    scenario: Scenario
    events: tuple[TimelineEvent, ...]
    workloads: tuple[Availability, ...]
    horizon_seconds: int

    @property
    def below(self) -> tuple[Availability, ...]:
        """The workloads that fall below their minimum."""
        return tuple(workload for workload in self.workloads if workload.is_below)
