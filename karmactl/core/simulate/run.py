"""Playing a scenario: a look every ten seconds, a step of failover, and the pipeline wherever something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from karmactl.core.failover import Tick, tick
from karmactl.core.model.cluster import Cluster, Taint
from karmactl.core.model.failover import (
    FailoverState,
    Observations,
    ReadyStatus,
    Subject,
)
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.simulation import (
    Availability,
    Outage,
    Scenario,
    Simulation,
    SimulationSettings,
    TimelineEvent,
)
from karmactl.core.model.state import Record, Revision
from karmactl.core.pipeline import Decided, PipelineInput, decide, decide_failover, movable_of
from karmactl.core.quorum import choose_holders
from karmactl.core.simulate.copies import Copies
from karmactl.core.simulate.minimum import budgets_among, minimum_ready

__all__ = ["every_loss", "simulate"]

_STEP_SECONDS = 10
# Looks before the scenario starts: what watches has watched for a while.
_LOOKS_BEFORE = 6
_LONGEST_TOLERATION_SECONDS = 86_400
_SLACK_SECONDS = 60
_WITNESS = "(witness)"


def every_loss(clusters: Sequence[Cluster], *, duration_seconds: int | None = None) -> tuple[Scenario, ...]:
    """One scenario for the loss of each cluster, and one for each region of several clusters, by name."""
    scenarios = [
        Scenario(name=name, outages=(Outage(cluster=name, duration_seconds=duration_seconds),))
        for name in sorted(cluster.name for cluster in clusters)
    ]
    members_by_region: dict[str, list[str]] = {}
    for cluster in clusters:
        if cluster.region:
            members_by_region.setdefault(cluster.region, []).append(cluster.name)
    scenarios += [
        Scenario(
            name=f"region {region}",
            outages=tuple(Outage(cluster=name, duration_seconds=duration_seconds) for name in sorted(names)),
        )
        for region, names in sorted(members_by_region.items())
        if len(names) > 1
    ]
    return tuple(scenarios)


def simulate(given: PipelineInput, scenario: Scenario, settings: SimulationSettings, *, start: datetime) -> Simulation:
    """Play a scenario from `start` on: what fails, what failover does, and how many replicas are ready all the while.

    Everything runs and is ready at the start, as the plan of now places it. Raises as `pipeline.decide` does.
    """
    play = _Play(given, scenario, settings, start)
    horizon = _horizon(play.decided, scenario, settings)
    for seconds in range(-_LOOKS_BEFORE * _STEP_SECONDS, horizon + 1, _STEP_SECONDS):
        play.step(seconds)
    return Simulation(
        scenario=scenario,
        events=tuple(play.events),
        workloads=tuple(play.availability(ref) for ref in sorted(play.counts)),
        horizon_seconds=horizon,
    )


def _horizon(decided: Decided, scenario: Scenario, settings: SimulationSettings) -> int:
    """Long enough for the last outage to be noticed, tolerated and made up for, and for what returned to be cleaned."""
    failover = settings.failover
    tolerations = [
        toleration.toleration_seconds or 0
        for decision in decided.decisions
        if decision.binding is not None and decision.binding.placement is not None
        for toleration in decision.binding.placement.cluster_tolerations
    ]
    longest = min(_LONGEST_TOLERATION_SECONDS, max([failover.default_toleration_seconds or 0, *tolerations]))
    ends = [outage.start_seconds + (outage.duration_seconds or 0) for outage in scenario.outages]
    threshold = int(max(failover.failure_threshold_seconds, failover.success_threshold_seconds))
    total = max([0, *ends]) + threshold + longest + settings.ready_after_seconds + _SLACK_SECONDS
    return -(-total // _STEP_SECONDS) * _STEP_SECONDS


@dataclass(slots=True)
class _Count:
    """What is counted of one workload while the clock runs."""

    replicas: int
    minimum: int
    lowest: int
    lowest_at: int = 0
    below: int = 0
    is_below: bool = False


class _Play:
    """A scenario while it is played."""

    def __init__(self, given: PipelineInput, scenario: Scenario, settings: SimulationSettings, start: datetime) -> None:
        self._given = replace(given, explain=False)
        self._scenario = scenario
        self._settings = settings
        self._start = start
        self._state = FailoverState()
        self._down: frozenset[str] = frozenset()
        self._clusters = given.clusters
        self._holders = _holders(given.clusters, has_witness=settings.has_witness)
        self._held: dict[tuple[ResourceRef, str], str] = {}
        self._stuck: dict[ResourceRef, object] = {}
        self._moves: list[TimelineEvent] = []
        self.events: list[TimelineEvent] = []
        self.decided = decide(self._given)
        self._before = self.decided
        self._record = self._next_record(self.decided, 0)
        self._copies = Copies(settings.ready_after_seconds)
        self._copies.place(self.decided.decisions, self._record, -_LOOKS_BEFORE * _STEP_SECONDS, is_first=True)
        self.counts = self._workloads()

    def _workloads(self) -> dict[ResourceRef, _Count]:
        budgets = budgets_among(template.manifest for template in self._given.inputs.templates)
        counts = {}
        for decision in self.decided.decisions:
            binding = decision.binding
            if binding is None or not decision.has_replicas or not decision.targets or not binding.replicas:
                continue
            minimum = minimum_ready(decision.template.manifest, binding.replicas, budgets)
            ready = self._copies.ready(decision.ref, 0)
            counts[decision.ref] = _Count(replicas=binding.replicas, minimum=minimum, lowest=ready)
        return counts

    def _next_record(self, decided: Decided, seconds: int) -> Record:
        now = (self._start + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        revision = Revision(generation=0, applied_at=now, applied_by="")
        return decided.next_record(now=now, clusters=(), revision=revision)

    def step(self, seconds: int) -> None:
        """One look, and what follows from it."""
        self._happen(seconds)
        observations = Observations(
            ready={
                cluster.name: ReadyStatus.FALSE if cluster.name in self._down else ReadyStatus.TRUE
                for cluster in self._clusters
            },
            healthy=self._copies.healthy(seconds),
            has_majority=2 * len(self._holders - self._down) > len(self._holders),
        )
        seen = self._signature(self._state)
        movable = {
            ref: asked for ref, asked in movable_of(self.decided.decisions).items() if self._stuck.get(ref) != seen
        }
        step = tick(
            self._state,
            self._record,
            observations,
            self._start + timedelta(seconds=seconds),
            clusters=self._clusters,
            movable=movable,
            settings=self._settings.failover,
        )
        is_changed = any(entry.subject is not Subject.HELD for entry in step.decisions)
        if (is_changed and seconds >= 0) or seconds == 0:
            step = self._decide(step, seconds)
        self._state = step.state
        self._record = step.record
        self._tell(step, seconds)
        self._count(seconds)

    def _happen(self, seconds: int) -> None:
        down = frozenset(outage.cluster for outage in self._scenario.outages if outage.covers(seconds))
        self.events += [TimelineEvent(seconds=seconds, kind="Down", cluster=name) for name in sorted(down - self._down)]
        self.events += [TimelineEvent(seconds=seconds, kind="Up", cluster=name) for name in sorted(self._down - down)]
        self._copies.set_down(down, seconds)
        self._down = down
        if seconds == 0:
            self._clusters = tuple(_with_taints(cluster, self._scenario.taints) for cluster in self._clusters)
            self.events += [
                TimelineEvent(seconds=0, kind="Taint", cluster=name, code=f"{taint.key}:{taint.effect}")
                for name, taints in sorted(self._scenario.taints.items())
                for taint in taints
            ]

    def _signature(self, state: FailoverState) -> object:
        """What a decision that failed depended on; as long as it is the same, trying again leads nowhere."""
        return tuple((name, health.taints) for name, health in sorted(state.health.items()))

    def _decide(self, step: Tick, seconds: int) -> Tick:
        former = {decision.ref: decision.targets for decision in self.decided.decisions}
        silent = self._given.unreachable | self._down
        self.decided, step = decide_failover(self._given, self._clusters, self._record, step, silent=silent)
        evicted_to_nowhere = [
            entry.resource
            for entry in step.decisions
            if entry.subject is Subject.HELD and entry.resource is not None and entry.reason.code in _NOWHERE
        ]
        self._stuck.update(dict.fromkeys(evicted_to_nowhere, self._signature(step.state)))
        step = replace(step, record=self._next_record(self.decided, seconds))
        self._copies.place(self.decided.decisions, step.record, seconds)
        for decision in self.decided.decisions:
            before = former.get(decision.ref, ())
            if decision.targets != before:
                self._moves.append(
                    TimelineEvent(
                        seconds=seconds, kind="Moved", resource=decision.ref, before=before, after=decision.targets
                    )
                )
        return step

    def _tell(self, step: Tick, seconds: int) -> None:
        told = []
        for entry in step.decisions:
            if entry.resource is not None and entry.subject is Subject.HELD:
                key = (entry.resource, entry.cluster)
                if self._held.get(key) == entry.reason.code:
                    continue
                self._held[key] = entry.reason.code
            if seconds >= 0:
                told.append(
                    TimelineEvent(
                        seconds=seconds,
                        kind=entry.subject.value,
                        cluster=entry.cluster,
                        code=entry.reason.code,
                        resource=entry.resource,
                    )
                )
        # A move follows from what failover decided, so it is told after it.
        self.events += [*told, *self._moves]
        self._moves.clear()

    def _count(self, seconds: int) -> None:
        if seconds < 0:
            return
        ready = self._copies.ready_by_object(seconds)
        for ref, count in self.counts.items():
            now = ready.get(ref, 0)
            if now < count.lowest:
                count.lowest, count.lowest_at = now, seconds
            count.is_below = now < count.minimum
            count.below += _STEP_SECONDS if count.is_below else 0

    def availability(self, ref: ResourceRef) -> Availability:
        """What the scenario did to one workload."""
        count = self.counts[ref]
        before, after = self._before.decision(ref), self.decided.decision(ref)
        return Availability(
            resource=ref,
            replicas=count.replicas,
            minimum=count.minimum,
            lowest=count.lowest,
            lowest_at_seconds=count.lowest_at,
            below_seconds=count.below,
            is_below_at_end=count.is_below,
            before=before.targets if before is not None else (),
            after=after.targets if after is not None else (),
        )


# Reasons of the scheduler: an eviction that was taken back because no cluster takes the copies.
_NOWHERE = frozenset({"NoClusterFit", "Unschedulable", "SchedulerError"})


def _holders(clusters: Iterable[Cluster], *, has_witness: bool) -> frozenset[str]:
    """Who holds the record: the first choice, by UID; by name where UIDs are not known."""
    names = {cluster.name: cluster.uid or cluster.name for cluster in clusters}
    if has_witness:
        names[_WITNESS] = ""
    return frozenset(choose_holders(names, len(names)).uid_by_cluster)


def _with_taints(cluster: Cluster, taints: Mapping[str, tuple[Taint, ...]]) -> Cluster:
    added = taints.get(cluster.name, ())
    return replace(cluster, taints=(*cluster.taints, *added)) if added else cluster
