"""What comes of trying affinity terms: attempts with all their figures, and the binding afterwards.

Source: Karmada pkg/scheduler/framework/types.go (FitError), pkg/scheduler/helper.go (getConditionByError),
pkg/scheduler/scheduler.go (scheduleResourceBindingWithClusterAffinities), v1.19.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from karmactl.core.model.binding import Binding, ScheduleError, ScheduleErrorReason, ScheduleResult, TargetCluster
from karmactl.core.schedule.assign import Assignment
from karmactl.core.schedule.filter import FilterInput, refusals
from karmactl.core.schedule.spread import Candidates

__all__ = ["Attempt", "Decision", "nothing_fits", "result_of", "without_placement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try with one affinity term: `targets` in name order, or `error`; what was not reached is empty or None.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The attempts in the order of their terms; the last one succeeded, or all failed."""

    attempts: tuple[Attempt, ...]


def nothing_fits(given: FilterInput) -> Attempt:
    """No cluster passed: every reason of every cluster, and Karmada's summary, which counts one reason a cluster."""
    diagnosis: dict[str, dict[str, str]] = {}
    first_texts: Counter[str] = Counter()
    for position in range(len(given.fleet)):
        if position in given.fleet.deleting:
            continue
        refused = refusals(given, position)
        diagnosis[given.fleet.name(position)] = {refusal.plugin: refusal.text for refusal in refused}
        first_texts[refused[0].text] += 1
    counts = ", ".join(sorted(f"{count} {text}" for text, count in first_texts.items()))
    message = f"0/{len(given.fleet)} clusters are available: {counts or 'no cluster exists'}."
    error = ScheduleError(reason=ScheduleErrorReason.NO_CLUSTER_FIT, message=message)
    return Attempt(given=given, error=error, diagnosis=diagnosis)


def result_of(decision: Decision, binding: Binding) -> ScheduleResult:
    """The binding afterwards. Where all terms failed, the first one decides."""
    if not decision.attempts:
        # An empty list of terms leaves everything as it is.
        return ScheduleResult(clusters=_in_name_order(binding.clusters), affinity=binding.observed_affinity)
    last, first = decision.attempts[-1], decision.attempts[0]
    if last.error is None:
        name = last.given.term.name
        affinity = binding.observed_affinity if name is None else name
        return ScheduleResult(clusters=last.targets, affinity=affinity)
    error = first.error
    is_cleared = error is not None and error.reason is ScheduleErrorReason.NO_CLUSTER_FIT
    return ScheduleResult(
        clusters=() if is_cleared else _in_name_order(binding.clusters),
        error=error,
        diagnosis=first.diagnosis,
        affinity=binding.observed_affinity,
    )


def without_placement(binding: Binding) -> ScheduleResult:
    resource = binding.resource
    name = f"{resource.namespace}/{resource.name}" if resource.namespace else resource.name
    message = f"failed to get placement from resourceBinding({name})"
    return ScheduleResult(
        clusters=_in_name_order(binding.clusters),
        error=ScheduleError(reason=ScheduleErrorReason.SCHEDULER_ERROR, message=message),
        affinity=binding.observed_affinity,
    )


def _in_name_order(targets: Iterable[TargetCluster]) -> tuple[TargetCluster, ...]:
    return tuple(sorted(targets, key=lambda target: target.name))
