"""Impact: what a plan does to what runs, in figures, as far as the plan alone tells.

Endpoints of Services and disruption budgets are not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from karmactl.core.model.change import Action, Change
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Decision, Plan, Standing

__all__ = ["Impact", "LargestDrop", "Move", "changes_of", "impact_of"]

_NEVER_SENT: Final = frozenset({Action.HELD, Action.CONFLICT, Action.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A workload that leaves clusters (`left`) while others get more of it (`gained`)."""

    resource: ResourceRef
    left: tuple[str, ...]
    gained: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestDrop:
    """The workload and the cluster where most replicas go."""

    resource: ResourceRef
    cluster: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Figures of a plan; `objects` counts what would be sent or removed, object by object and cluster by cluster."""

    objects: int = 0
    clusters: int = 0
    namespaces: int = 0
    workloads_restarted: int = 0
    pods_restarted: int = 0
    replicas_moved: int = 0
    moves: tuple[Move, ...] = ()
    largest_drop: LargestDrop | None = None


def changes_of(plan: Plan) -> Iterator[Change]:
    """All changes of all clusters, cluster by cluster."""
    for change_set in plan.change_sets:
        yield from change_set.changes


def impact_of(plan: Plan) -> Impact:
    """The impact of a plan."""
    changes = [change for change in changes_of(plan) if change.action not in _NEVER_SENT]
    replicas = {
        (decision.ref.identity, target.name): target.replicas
        for decision in plan.decisions
        for target in decision.targets
    }
    restarted = [
        change
        for change in changes
        if change.action is Action.UPDATE and any(entry.path.startswith("/spec/template/") for entry in change.fields)
    ]
    shifts = [_Shift(decision) for decision in plan.decisions if _may_shift(decision)]
    drops = [drop for shift in shifts for drop in shift.drops()]
    return Impact(
        objects=len(changes),
        clusters=len({change.cluster for change in changes}),
        namespaces=len({change.resource.namespace for change in changes if change.resource.namespace}),
        workloads_restarted=len({change.resource.identity for change in restarted}),
        pods_restarted=sum(replicas.get((change.resource.identity, change.cluster), 0) for change in restarted),
        replicas_moved=sum(min(sum(shift.lost.values()), sum(shift.gained.values())) for shift in shifts),
        moves=tuple(move for shift in shifts if (move := shift.move()) is not None),
        largest_drop=max(drops, key=lambda drop: drop.before - drop.after, default=None),
    )


def _may_shift(decision: Decision) -> bool:
    return bool(decision.previous) and decision.has_replicas and decision.standing is not Standing.UNPLACEABLE


class _Shift:
    """How the replicas of one workload go from its recorded placement to the new one."""

    def __init__(self, decision: Decision) -> None:
        self.resource = decision.ref
        self.before = {target.name: target.replicas for target in decision.previous}
        self.after = {target.name: target.replicas for target in decision.targets}
        self.lost = _decrease(self.before, self.after)
        self.gained = _decrease(self.after, self.before)

    def drops(self) -> list[LargestDrop]:
        return [
            LargestDrop(resource=self.resource, cluster=name, before=self.before[name], after=self.after.get(name, 0))
            for name in self.lost
        ]

    def move(self) -> Move | None:
        left = tuple(sorted(name for name in self.before if name not in self.after))
        return Move(resource=self.resource, left=left, gained=tuple(self.gained)) if left and self.gained else None


def _decrease(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What each cluster has less afterwards, by name."""
    return {name: count - after.get(name, 0) for name, count in sorted(before.items()) if count > after.get(name, 0)}
