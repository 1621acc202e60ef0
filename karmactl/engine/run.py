"""The working state of one run that carries out a plan, shared by sending, waiting and removing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.change import Action, Change, ChangeResult, Outcome
from karmactl.core.model.events import ChangeOver, Reporter
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.ports import APIKind, Clock
from karmactl.core.model.state import PendingWithdrawal
from karmactl.core.order import ActionGraph
from karmactl.engine.compare import ClusterPlan
from karmactl.engine.keep import StateKeeper
from karmactl.engine.lease import Leases
from karmactl.engine.members import MemberPorts, MemberView
from karmactl.engine.stop import StopSign
from karmactl.engine.wait import Awaited
from karmactl.errors import KarmactlError

__all__ = ["REMOVALS", "SENT", "ExecuteOptions", "Run"]

REMOVALS = frozenset({Action.WITHDRAW, Action.PRUNE})
SENT = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE, Action.ADOPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteOptions:
    """How a plan is carried out."""

    set_id: str
    is_waiting: bool = True
    timeout_seconds: float = 600.0
    create_namespaces: bool = False


@dataclass(slots=True, kw_only=True)
class Run:
    """One run. `places` maps what waits for other places (withdrawals, scale-downs) to where the object must be ready
    first, besides what the run sends; `held_back` is what members that the run leaves out have still to give up.

    `failures` says why a cluster gets nothing more; the keeper adds to it.
    """

    members: Mapping[str, MemberPorts]
    views: Mapping[str, MemberView]
    plans: Mapping[str, ClusterPlan]
    graph: ActionGraph
    places: Mapping[str, tuple[Awaited, ...]]
    options: ExecuteOptions
    clock: Clock
    reporter: Reporter
    leases: Leases
    keeper: StateKeeper
    stop: StopSign
    held_back: tuple[PendingWithdrawal, ...] = ()
    results: dict[str, ChangeResult] = field(default_factory=dict)
    over: dict[str, asyncio.Event] = field(default_factory=dict)

    @property
    def failures(self) -> dict[str, KarmactlError]:
        """Clusters that get nothing more, and why."""
        return self.keeper.failures

    def note(self, change: Change, outcome: Outcome, code: str = "", message: str = "") -> None:
        """Keep and report what became of a change."""
        self.results[change.id] = ChangeResult(change=change, outcome=outcome, error_code=code, error=message)
        if change.id in self.over:
            self.over[change.id].set()
        self.reporter.on_event(ChangeOver(change=change, outcome=outcome, error=message))

    def is_waiting_for_others(self, change: Change) -> bool:
        """Whether a change comes after the wait, when its new places are ready."""
        return change.id in self.places

    def waves(self, cluster: str, actions: frozenset[Action], *, is_late: bool | None = None) -> list[list[Change]]:
        """One cluster's changes of some actions, wave by wave; `is_late` picks those that come after the wait."""
        by_wave: dict[int, list[Change]] = {}
        for change in self.graph.changes:
            is_meant = is_late is None or is_late == self.is_waiting_for_others(change)
            if is_meant and change.cluster == cluster and change.action in actions:
                by_wave.setdefault(change.wave, []).append(change)
        return [changes for _, changes in sorted(by_wave.items())]

    def kind_of(self, cluster: str, ref: ResourceRef) -> APIKind | None:
        """The API kind of a resource in a cluster, None where it does not serve it."""
        plan = self.plans.get(cluster)
        found = plan.kinds.get((ref.api_version, ref.kind)) if plan is not None else None
        return found or self.views[cluster].discovery.find(ref.group, ref.version, ref.kind)
