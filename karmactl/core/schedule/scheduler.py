"""The decision for one template: filter, choose clusters, assign replicas; one affinity term after the other.

A Scheduler is prepared for a fleet and then asked for each binding. It keeps what does not depend on the template
(placements joined with the fleet, capacity by requirements, whole decisions for equal questions), so that a policy's
second template costs little; it is pure: the answers depend on its arguments alone.
Source: Karmada pkg/scheduler/core/generic_scheduler.go (Schedule), core/{common,util,estimation}.go, v1.19.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from karmactl.core.model.binding import (
    Binding,
    Component,
    ComponentReplicas,
    ScheduleResult,
    TargetCluster,
)
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.differences import NONE, Differences
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.policy import Placement
from karmactl.core.schedule.assign import AssignInput, Assignment, assign_replicas
from karmactl.core.schedule.estimate import MAX_INT32, Capacity
from karmactl.core.schedule.explain import explain_steps, explain_verdicts
from karmactl.core.schedule.filter import (
    FilterInput,
    Neighbours,
    feasible,
    feasible_unplaced,
    neighbours_of,
)
from karmactl.core.schedule.fleet import Fleet
from karmactl.core.schedule.outcome import Attempt, Decision, nothing_fits, result_of, without_placement
from karmactl.core.schedule.prepare import PreparedPlacement, PreparedTerm, Strategy
from karmactl.core.schedule.question import Question, first_term, is_assigned
from karmactl.core.schedule.refused import Refused
from karmactl.core.schedule.spread import Candidates, select_clusters
from karmactl.core.schedule.trigger import trigger_of
from karmactl.errors import PlacementError

__all__ = ["ScheduleOptions", "Scheduler", "schedule"]

# Kept answers are thrown away together when there are this many; no run asks more different questions of one policy.
_DECISIONS_KEPT: Final = 4096
_UNAUTHENTIC: Final = -1
_DIVIDES_BY_ROOM: Final = frozenset({Strategy.AGGREGATED, Strategy.DYNAMIC_WEIGHT})


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleOptions:
    """How to decide: gates, deliberate differences, and the scheduler's --enable-empty-workload-propagation."""

    gates: FeatureGates = field(default_factory=FeatureGates)
    differences: Differences = NONE
    enable_empty_workload_propagation: bool = False


def schedule(
    binding: Binding,
    clusters: Iterable[Cluster],
    *,
    options: ScheduleOptions | None = None,
    other_bindings: Sequence[Binding] = (),
) -> ScheduleResult:
    """The decision for one binding alone; for many, prepare a Scheduler once."""
    return Scheduler(clusters, options=options).schedule(binding, other_bindings=other_bindings)


class Scheduler:
    """Decides for bindings on one fleet.

    `unreachable` names members that do not answer, `assumed` the components of workloads that were just placed (cluster
    name to components; gate SchedulingOvercommitProtection). Placements are told apart by identity: bindings of one
    policy should share theirs.
    """

    def __init__(
        self,
        clusters: Iterable[Cluster],
        *,
        options: ScheduleOptions | None = None,
        unreachable: Iterable[str] = (),
        assumed: Mapping[str, Sequence[Component]] | None = None,
    ) -> None:
        self.options = options or ScheduleOptions()
        self.fleet = Fleet(clusters, unreachable=unreachable)
        self._capacity = Capacity(self.fleet.clusters, gates=self.options.gates, assumed=assumed)
        self._no_room = (0,) * len(self.fleet)
        self._boundless = (MAX_INT32,) * len(self.fleet)
        self._prepared: dict[int, PreparedPlacement] = {}
        self._unplaced: dict[Hashable, list[int]] = {}
        self._decisions: dict[Hashable, Decision] = {}

    def schedule(
        self, binding: Binding, *, other_bindings: Sequence[Binding] = (), explain: bool = True
    ) -> ScheduleResult:
        """Clusters and replicas, or the error that Karmada would report.

        The answer is that of a forced pass; `trigger` says whether Karmada would make one. With `explain` it carries a
        verdict for every cluster and the steps; the decision is the same without.
        Raises PlacementError `capacity-unknown` (with that difference on).
        """
        placement = binding.placement
        if placement is None:
            return without_placement(binding)
        prepared = self._prepare(placement)
        trigger = trigger_of(binding, placement, self.fleet, self.options.gates)
        question = Question.of(binding, self._neighbours(binding, other_bindings), self.fleet)
        decision = self._decide(question, prepared, explain=explain)
        result = result_of(decision, binding)
        strategy = prepared.strategy.value if is_assigned(binding) else ""
        result = replace(result, trigger=trigger, strategy=strategy)
        if not explain or not decision.attempts:
            return result
        decided = decision.attempts[-1] if result.error is None else decision.attempts[0]
        return replace(
            result,
            verdicts=explain_verdicts(decided, binding),
            steps=explain_steps(decision.attempts, decided, question),
        )

    def _prepare(self, placement: Placement) -> PreparedPlacement:
        # The prepared value holds the placement, so its identity cannot be given to another one meanwhile.
        prepared = self._prepared.get(id(placement))
        if prepared is None:
            prepared = self._prepared[id(placement)] = PreparedPlacement(placement, self.fleet)
        return prepared

    def _decide(self, question: Question, prepared: PreparedPlacement, *, explain: bool) -> Decision:
        key = None if explain or question.has_history else (id(prepared), question.key())
        known = None if key is None else self._decisions.get(key)
        if known is not None:
            return known
        attempts: list[Attempt] = []
        for term in prepared.terms[first_term(question.binding, prepared, is_fresh=question.is_fresh) :]:
            attempts.append(self._attempt(question, prepared, term, explain=explain))
            if attempts[-1].error is None:
                break
        decision = Decision(attempts=tuple(attempts))
        if key is not None:
            if len(self._decisions) >= _DECISIONS_KEPT:
                self._decisions.clear()
            self._decisions[key] = decision
        return decision

    def _neighbours(self, binding: Binding, others: Sequence[Binding]) -> Neighbours:
        is_on = self.options.gates.workload_affinity and binding.workload_affinity_groups is not None
        return neighbours_of(binding, others) if is_on else Neighbours()

    def _attempt(
        self, question: Question, prepared: PreparedPlacement, term: PreparedTerm, *, explain: bool
    ) -> Attempt:
        """One pass with one term."""
        binding = question.binding
        given = FilterInput(
            fleet=self.fleet,
            prepared=prepared,
            term=term,
            serving=self.fleet.serving(binding.resource.api_version, binding.resource.kind),
            is_workload=binding.is_workload,
            placed=frozenset(question.previous),
            evicting=question.evicting,
            differences=self.options.differences,
            neighbours=question.neighbours,
        )
        positions = feasible(given, self._feasible_unplaced(given, binding))
        if not positions:
            return nothing_fits(given)
        candidates: Candidates | None = None
        selected: list[int] = []
        try:
            candidates = self._candidates(question, given, positions, explain=explain)
            selected = self._select(question, given, candidates)
            assignment, targets = self._assign(question, given, candidates, selected)
        except Refused as refused:
            return Attempt(
                given=given, feasible=positions, candidates=candidates, selected=selected, error=refused.error
            )
        return Attempt(
            given=given,
            feasible=positions,
            candidates=candidates,
            selected=selected,
            assignment=assignment,
            targets=targets,
        )

    def _feasible_unplaced(self, given: FilterInput, binding: Binding) -> list[int]:
        """What passes without history, once for each placement, term and kind."""
        resource = binding.resource
        key = (id(given.prepared), given.term.name, resource.api_version, resource.kind, given.is_workload)
        positions = self._unplaced.get(key)
        if positions is None:
            positions = self._unplaced[key] = feasible_unplaced(given)
        return positions

    def _candidates(
        self, question: Question, given: FilterInput, positions: Sequence[int], *, explain: bool
    ) -> Candidates:
        """The feasible clusters with their room; room is not looked up where nothing asks for it."""
        prepared, binding = given.prepared, question.binding
        by_room = prepared.strategy in _DIVIDES_BY_ROOM and is_assigned(binding)
        if by_room:
            self._check_capacity_known(question, positions)
        tiers: Sequence[int] = given.term.tiers if given.is_workload else self._no_room
        is_room_used = by_room or not prepared.ignores_spread or given.term.has_overflow
        allocatable = self._room(binding, prepared) if is_room_used or explain else self._no_room
        return Candidates(
            positions=positions,
            allocatable=allocatable,
            previous=question.previous,
            tiers=tiers,
            has_tiers=given.term.has_overflow and given.is_workload,
        )

    def _room(self, binding: Binding, prepared: PreparedPlacement) -> Sequence[int]:
        """Room by the estimator (core/util.go, calAvailableReplicas); what has no replicas fits everywhere."""
        if binding.replicas == 0 and not binding.components:
            return self._boundless
        if self._is_scheduled_in_sets(binding, prepared):
            room = self._capacity.sets(binding.components)
        else:
            room = self._capacity.replicas(binding.replica_requirements)
        if MAX_INT32 in room or _UNAUTHENTIC in room:
            # An estimate that says nothing is taken for just enough.
            return tuple(binding.replicas if number in (MAX_INT32, _UNAUTHENTIC) else number for number in room)
        return room

    def _is_scheduled_in_sets(self, binding: Binding, prepared: PreparedPlacement) -> bool:
        """Whether a whole set of components goes to exactly one cluster (gate MultiplePodTemplatesScheduling)."""
        return (
            self.options.gates.multiple_pod_templates_scheduling
            and bool(binding.components)
            and any(
                (constraint.spread_by_field, constraint.min_groups, constraint.max_groups) == ("cluster", 1, 1)
                for constraint in prepared.placement.spread_constraints
            )
        )

    def _select(self, question: Question, given: FilterInput, candidates: Candidates) -> list[int]:
        binding = question.binding
        in_sets = self._is_scheduled_in_sets(binding, given.prepared)
        selected = select_clusters(
            given.prepared,
            self.fleet.regions,
            candidates,
            replicas=binding.replicas,
            needed=1 if in_sets else binding.replicas,
        )
        if not selected:
            raise Refused.in_assignment("no clusters available to schedule")
        return selected

    def _assign(
        self, question: Question, given: FilterInput, candidates: Candidates, selected: Sequence[int]
    ) -> tuple[Assignment | None, tuple[TargetCluster, ...]]:
        binding = question.binding
        if not is_assigned(binding):
            return None, self._whole_targets(binding, given.prepared, selected)
        assignment = assign_replicas(
            AssignInput(
                prepared=given.prepared,
                candidates=candidates,
                selected=selected,
                replicas=binding.replicas,
                is_fresh=question.is_fresh,
                is_name_descending=question.is_name_descending,
            ),
            has_overflow=given.term.has_overflow,
        )
        replicas = assignment.replicas
        positions = sorted({*replicas, *selected} if self.options.enable_empty_workload_propagation else replicas)
        return assignment, self.fleet.targets(positions, replicas)

    def _whole_targets(
        self, binding: Binding, prepared: PreparedPlacement, selected: Sequence[int]
    ) -> tuple[TargetCluster, ...]:
        """Every chosen cluster, without replicas: what has none, or has several pod templates."""
        positions = sorted(selected)
        if len(binding.components) > 1 and self._is_scheduled_in_sets(binding, prepared):
            parts = tuple(ComponentReplicas(name=part.name, replicas=part.replicas) for part in binding.components)
            return tuple(TargetCluster(name=self.fleet.name(position), components=parts) for position in positions)
        return self.fleet.targets(positions, {})

    def _check_capacity_known(self, question: Question, positions: Sequence[int]) -> None:
        """Differs from Karmada: room that nobody knows is an error, not 0, where replicas are to be placed by it."""
        if not self.options.differences.unknown_capacity_is_error or not self._capacity.unknown:
            return
        kept = sum(question.previous.get(position, 0) for position in positions)
        unknown = [self.fleet.name(position) for position in positions if position in self._capacity.unknown]
        if unknown and (question.is_fresh or kept < question.binding.replicas):
            raise PlacementError(
                "capacity-unknown",
                f"{question.binding.resource} is divided by room, and nobody knows that of {', '.join(unknown)}",
                hint="let the clusters answer, give them a status.resourceSummary, or divide by static weights",
                cluster=unknown[0],
                resource=str(question.binding.resource),
            )
