"""Make before break: which changes of a plan wait until objects elsewhere are ready (I6).

A withdrawal waits for all places that the object has from now on. So does a scale-down by which replicas move: they
come first where they go to. A plain scale-down, of which nobody gets anything, does not wait. What did not come about
(no waiting, time-out) is recorded as pending, for by then the placement in the record is the new one.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from typing import Final

from karmactl.core.model.change import Action, Change
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.state import PendingWithdrawal, Record
from karmactl.core.pipeline import Decided
from karmactl.engine.wait import Awaited

__all__ = ["SCALE_DOWN", "after_new_places", "held_back"]

# The reason of a pending entry of the record whose object stays, with fewer replicas.
SCALE_DOWN: Final = "scale-down"
_CHANGED: Final = frozenset({Action.UPDATE, Action.REPLACE})


def after_new_places(
    changes: Sequence[Change], decided: Decided, record: Record
) -> tuple[list[Change], dict[str, tuple[Awaited, ...]]]:
    """The changes with those in `after` that have to be done and ready first, and where else an object must be ready.

    The second value has an entry for every change that waits; its places are such that this run does not change.
    """
    by_target = {(change.cluster, change.resource.identity): change for change in changes}
    pending = {(entry.cluster, entry.resource.identity) for entry in record.pending if entry.reason == SCALE_DOWN}
    places: dict[str, tuple[Awaited, ...]] = {}
    ordered: list[Change] = []
    for change in changes:
        names = _first(change, decided, pending)
        if names is None:
            ordered.append(change)
            continue
        touched = [other.id for name in names if (other := by_target.get((name, change.resource.identity)))]
        ordered.append(replace(change, after=tuple(sorted(touched))))
        places[change.id] = tuple(
            Awaited(cluster=name, resource=change.resource)
            for name in names
            if (name, change.resource.identity) not in by_target
        )
    return ordered, places


def held_back(decided: Decided, planned: Container[str]) -> tuple[PendingWithdrawal, ...]:
    """Scale-downs of a move in members that this run leaves out (`-C`): the record must not make plain ones of them.

    `planned` are the members of the run.
    """
    found = []
    for decision in decided.decisions:
        lost, gained = _moved(decision.ref, decided)
        kept = {target.name for target in decision.targets}
        found += [
            PendingWithdrawal(cluster=name, resource=decision.ref, reason=SCALE_DOWN)
            for name in lost
            if gained and name in kept and name not in planned
        ]
    return tuple(found)


def _first(
    change: Change, decided: Decided, pending: Iterable[tuple[str, tuple[str, str, str, str]]]
) -> list[str] | None:
    """The clusters that come before a change; None where it waits for nobody."""
    if change.action is Action.WITHDRAW:
        return [*decided.places(change.resource)]
    if change.action not in _CHANGED:
        return None
    if (change.cluster, change.resource.identity) in pending:
        return [name for name in decided.places(change.resource) if name != change.cluster] or None
    lost, gained = _moved(change.resource, decided)
    return gained if change.cluster in lost and gained else None


def _moved(ref: ResourceRef, decided: Decided) -> tuple[list[str], list[str]]:
    """The clusters that lose replicas of a workload, and those that get more, against the recorded placement."""
    decision = decided.decision(ref)
    if decision is None or not decision.has_replicas or not decision.previous:
        return [], []
    before = {target.name: target.replicas for target in decision.previous}
    after = {target.name: target.replicas for target in decision.targets}
    lost = [name for name, count in before.items() if after.get(name, 0) < count]
    gained = [name for name, count in after.items() if before.get(name, 0) < count]
    return sorted(lost), sorted(gained)
