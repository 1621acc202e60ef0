"""One try with one affinity term, kept with all the figures that led to its outcome, so that it can be explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from karmactl.core.model.binding import ScheduleError, TargetCluster
from karmactl.core.schedule.assign import Assignment
from karmactl.core.schedule.filter import FilterInput
from karmactl.core.schedule.spread import Candidates

__all__ = ["Attempt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of a term: `targets` in name order, or `error`; what was not reached is empty or None.

    `diagnosis` (cluster to plugin to text) is filled where no cluster passed the filters.
    """

    given: FilterInput
    feasible: Sequence[int] = ()
    candidates: Candidates | None = None
    selected: Sequence[int] = ()
    assignment: Assignment | None = None
    targets: tuple[TargetCluster, ...] = ()
    error: ScheduleError | None = None
    diagnosis: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
