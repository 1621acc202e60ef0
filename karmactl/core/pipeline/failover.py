"""What a step of failover leads to: the ordinary decision on the tainted fleet, from the record after evictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from karmactl.core.failover import Tick, tainted
from karmactl.core.guards import is_stateful
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.failover import FailoverDecision, Movable, Subject
from karmactl.core.model.manifest import ResourceRef, as_list, as_str, field
from karmactl.core.model.plan import Decision
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import Record
from karmactl.core.pipeline.decide import decide
from karmactl.core.pipeline.decided import Decided
from karmactl.core.pipeline.given import PipelineInput

__all__ = ["decide_failover", "movable_of"]


def movable_of(decisions: Sequence[Decision]) -> dict[ResourceRef, Movable]:
    """What policies and templates say about moving, of what is placed by a policy of its own.

    What mounts a claim that one node alone may mount is as little to be moved as the claim itself (I6).
    """
    guarded = {decision.ref for decision in decisions if is_stateful(decision)}
    claims = {(ref.namespace, ref.name) for ref in guarded if ref.kind == "PersistentVolumeClaim"}
    return {
        decision.ref: Movable(
            failover=decision.binding.failover,
            is_stateful=decision.ref in guarded or not claims.isdisjoint(_claims_of(decision)),
        )
        for decision in decisions
        if decision.binding is not None and decision.targets
    }


def _claims_of(decision: Decision) -> Iterator[tuple[str, str]]:
    for volume in as_list(field(decision.template.manifest, "spec", "template", "spec", "volumes")):
        name = as_str(field(volume, "persistentVolumeClaim", "claimName"))
        if name:
            yield decision.ref.namespace, name


def decide_failover(
    given: PipelineInput, clusters: Sequence[Cluster], before: Record, step: Tick, *, silent: frozenset[str]
) -> tuple[Decided, Tick]:
    """The decision after a step, and the step without the evictions that lead nowhere.

    `clusters` is the fleet with its own facts, `before` the record before the step, `silent` who does not answer. An
    eviction after which no cluster would take the copies is taken back and becomes `Held` with the scheduler's reason:
    what may still run is not given up for nothing (design 2.9).
    """
    fleet = tainted(clusters, step.state.health)
    decided = decide(replace(given, clusters=fleet, record=step.record, unreachable=silent))
    evicted = {entry.resource for entry in step.decisions if entry.subject is Subject.EVICTED}
    errors = {
        decision.ref: decision.result.error.reason.value
        for decision in decided.decisions
        if decision.ref in evicted and decision.result is not None and decision.result.error is not None
    }
    if not errors:
        return decided, step
    former = {entry.resource: entry for entry in before.templates}
    record = replace(
        step.record,
        templates=tuple(
            former[entry.resource] if entry.resource in errors else entry for entry in step.record.templates
        ),
    )
    decisions = tuple(_taken_back(entry, errors) for entry in step.decisions)
    decided = decide(replace(given, clusters=fleet, record=record, unreachable=silent))
    return decided, replace(step, record=record, decisions=decisions)


def _taken_back(entry: FailoverDecision, errors: dict[ResourceRef, str]) -> FailoverDecision:
    if entry.subject is not Subject.EVICTED or entry.resource not in errors:
        return entry
    return replace(entry, subject=Subject.HELD, reason=Reason(code=errors[entry.resource], subject=entry.cluster))
