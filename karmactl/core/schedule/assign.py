"""How many replicas each chosen cluster gets.

Duplicated gives all of them to each; StaticWeight divides by fixed weights, whatever is there now; Aggregated and
DynamicWeight divide by room. The latter two are steady: what fits stays, scaling up places only the difference, scaling
down shrinks in proportion; a triggered reschedule starts afresh. Aggregated first narrows the clusters to the shortest
sufficient beginning of the list. With overflow tiers each tier is filled before the next gets anything.
Source: Karmada pkg/scheduler/core/{assignment,common,division_algorithm}.go, v1.19.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from karmactl.core.go_sort import MOST_INSERTED, sort_as_go
from karmactl.core.model.policy import ReplicaSchedulingStrategy
from karmactl.core.schedule.estimate import wrap_int32
from karmactl.core.schedule.prepare import PreparedPlacement, Strategy
from karmactl.core.schedule.refused import Refused
from karmactl.core.schedule.spread import Candidates
from karmactl.core.webster import divide_in_name_order

__all__ = ["AssignInput", "Assignment", "Division", "assign_replicas"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """One division: how many replicas went over which weights (position to weight), on top of what was there."""

    mode: str
    total: int
    weights: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Position to replicas (none is 0), and the divisions that led there, tier by tier."""

    replicas: Mapping[int, int]
    divisions: tuple[Division, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignInput:
    """What a strategy works on; `selected` are positions in the order of choice."""

    prepared: PreparedPlacement
    candidates: Candidates
    selected: Sequence[int]
    replicas: int
    is_fresh: bool
    is_name_descending: bool


def assign_replicas(given: AssignInput, *, has_overflow: bool) -> Assignment:
    """Replicas for the chosen clusters. Raises Refused where they do not fit, or the strategy is unknown."""
    if not has_overflow:
        return _assign(given)
    replicas: dict[int, int] = {}
    divisions: list[Division] = []
    remaining = given.replicas
    for tier in sorted({given.candidates.tiers[position] for position in given.selected}):
        members = [position for position in given.selected if given.candidates.tiers[position] == tier]
        room = sum(given.candidates.available(position) for position in members)
        share = min(remaining, room)
        part = _assign(replace(given, selected=members, replicas=share))
        replicas.update(part.replicas)
        divisions.extend(part.divisions)
        remaining -= share
        if remaining <= 0:
            break
    if remaining > 0:
        raise Refused.in_assignment("Clusters available replicas are not enough to schedule.", is_short=True)
    return Assignment(replicas=replicas, divisions=tuple(divisions))


def _assign(given: AssignInput) -> Assignment:
    """One strategy over the chosen clusters; those that get nothing are left out."""
    assignment = _STRATEGIES[given.prepared.strategy](given)
    kept = {position: replicas for position, replicas in assignment.replicas.items() if replicas > 0}
    return replace(assignment, replicas=kept)


def _duplicated(given: AssignInput) -> Assignment:
    return Assignment(replicas=dict.fromkeys(given.selected, given.replicas))


def _static_weight(given: AssignInput) -> Assignment:
    static = given.prepared.static_weights
    weights = {position: static[position] for position in given.selected if static[position] > 0}
    if not weights:
        # No rule matches any of them: all are equal.
        weights = dict.fromkeys(given.selected, 1)
    division = Division(mode="static", total=given.replicas, weights=weights)
    return Assignment(replicas=_divide(division, given), divisions=(division,))


def _by_room(given: AssignInput) -> Assignment:
    """Aggregated and DynamicWeight: afresh, or as near to what is there as the new number allows."""
    chosen = frozenset(given.selected)
    previous = {p: replicas for p, replicas in given.candidates.previous.items() if p in chosen}
    assigned = wrap_int32(sum(previous.values()))
    if given.is_fresh:
        weights = {p: wrap_int32(given.candidates.available(p)) for p in given.selected}
        return _divide_by_room(given, Division(mode="fresh", total=given.replicas, weights=weights), {})
    if assigned > given.replicas:
        return _divide_by_room(given, Division(mode="scale-down", total=given.replicas, weights=previous), {})
    if assigned < given.replicas:
        allocatable = given.candidates.allocatable
        weights = {p: allocatable[p] for p in given.selected}
        return _divide_by_room(
            given, Division(mode="scale-up", total=given.replicas - assigned, weights=weights), previous
        )
    return Assignment(replicas=previous)


_FAILURES: Final = {
    "fresh": "failed to do fresh scale",
    "scale-down": "failed to scale down",
    "scale-up": "failed to scale up",
}


def _divide_by_room(given: AssignInput, division: Division, kept: Mapping[int, int]) -> Assignment:
    """Divide over the room, and add what is kept."""
    room = wrap_int32(sum(division.weights.values()))
    if room < division.total:
        text = f"Clusters available replicas {room} are not enough to schedule."
        raise Refused.in_assignment(f"{_FAILURES[division.mode]}: {text}", is_short=True)
    if given.prepared.strategy is Strategy.AGGREGATED:
        division = replace(division, weights=_shortest_beginning(division, kept))
    replicas = _divide(division, given)
    for position, number in kept.items():
        replicas[position] = replicas.get(position, 0) + number
    return Assignment(replicas=replicas, divisions=(division,))


def _shortest_beginning(division: Division, kept: Mapping[int, int]) -> dict[int, int]:
    """The clusters in use first, then the roomier ones, until their weights suffice."""
    weights = division.weights

    def is_new(position: int) -> bool:
        return kept.get(position, 0) <= 0

    by_room = sorted(weights, key=weights.__getitem__, reverse=True)
    by_room.sort(key=is_new)
    length = total = 0
    for position in by_room:
        length += 1
        total = wrap_int32(total + weights[position])
        if total >= division.total:
            break
    ends = [(weights[position], is_new(position)) for position in by_room[length - 1 : length + 1]]
    if len(by_room) > max(length, MOST_INSERTED) and ends[0] == ends[1]:
        # The end falls between equals, and Karmada's sort is not stable.
        positions = list(weights)
        by_room = [positions[place] for place in sort_as_go([-weight for weight in weights.values()])]
        by_room.sort(key=is_new)
    return {position: weights[position] for position in by_room[:length]}


def _divide(division: Division, given: AssignInput) -> dict[int, int]:
    """Webster's method over positions, which are in the order of names."""
    positions = sorted(division.weights)
    seats = divide_in_name_order(
        division.total,
        [division.weights[position] for position in positions],
        is_name_descending=given.is_name_descending,
    )
    # Without any weight nobody gets anything.
    return dict(zip(positions, seats, strict=True)) if seats else {}


def _unsupported(given: AssignInput) -> Assignment:
    scheduling = given.prepared.placement.replica_scheduling or ReplicaSchedulingStrategy()
    raise Refused.in_assignment(
        f"unsupported replica scheduling strategy, replicaSchedulingType: {scheduling.replica_scheduling_type}, "
        f"replicaDivisionPreference: {scheduling.replica_division_preference}, please try another scheduling strategy"
    )


_STRATEGIES: Final[Mapping[Strategy, Callable[[AssignInput], Assignment]]] = {
    Strategy.DUPLICATED: _duplicated,
    Strategy.AGGREGATED: _by_room,
    Strategy.DYNAMIC_WEIGHT: _by_room,
    Strategy.STATIC_WEIGHT: _static_weight,
    Strategy.UNSUPPORTED: _unsupported,
}
