"""One run: survey the fleet, decide, plan every cluster, check the guards.

`plan`, `diff`, `why` and `status` end here; `apply` and `delete` go on with `engine.carry`, which carries out the very
plan that is made here. There is one path, so what is shown is what is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from karmactl.core.digest import plan_digest
from karmactl.core.guards import GuardLimits, check_guards
from karmactl.core.model.change import Action, Change, ChangeSet, Unknown
from karmactl.core.model.events import Phase, Reporter
from karmactl.core.model.input import InputFile
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef
from karmactl.core.model.plan import FleetMember, Plan
from karmactl.core.model.ports import Clock
from karmactl.core.model.settings import IgnoreRule
from karmactl.core.model.state import Record
from karmactl.core.model.work import WorkFault
from karmactl.core.order import ActionGraph, order_actions, wave_name
from karmactl.core.pipeline import Decided
from karmactl.core.plan_format import plan_canonical
from karmactl.core.retain import Retainer
from karmactl.core.state import applyset_id
from karmactl.engine.compare import INVENTORY_LOST
from karmactl.engine.faults import fault_error
from karmactl.engine.identity import check_identities
from karmactl.engine.members import FactsSource, FleetView, MemberPorts, state_version, survey_fleet
from karmactl.engine.moves import after_new_places
from karmactl.engine.origins import with_template_origins
from karmactl.engine.planner import ClusterPlan, PlanOptions, plan_cluster
from karmactl.engine.run import REMOVALS, SENT
from karmactl.engine.stop import StopSign
from karmactl.engine.store import new_key
from karmactl.engine.wait import Awaited
from karmactl.errors import ClusterError

__all__ = [
    "Planned",
    "RunOptions",
    "Session",
    "has_changes",
    "has_moved",
    "has_work",
    "look",
    "make_plan",
]

# Each of them holds the live objects of its cluster while it is compared.
_CLUSTERS_AT_ONCE = 32
# So often a plan is made again whose members were changed by another run while it looked.
_LOOKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What changes a run. `only_clusters` (`-C`) narrows what is touched, never what is decided.

    `adopts` says whose objects are taken over (codes of `compare.ADOPTABLE`).
    """

    set_name: str
    namespace: str
    force_conflicts: bool = False
    create_namespaces: bool = False
    allow_minority: bool = False
    only_clusters: frozenset[str] = frozenset()
    limits: GuardLimits = field(default_factory=GuardLimits)
    is_waiting: bool = True
    timeout_seconds: float = 600.0
    lock_timeout_seconds: float = 0.0
    is_everything_removed: bool = False
    locked_uids: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[IgnoreRule, ...] = ()
    adopts: frozenset[str] = frozenset()
    shown_options: Mapping[str, JSONValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything that a run is given: ports, contexts by cluster, and the decision as a function of the view."""

    members: Sequence[MemberPorts]
    contexts: Mapping[str, str]
    decide: Callable[[FleetView], Decided]
    facts: FactsSource
    files: tuple[InputFile, ...]
    options: RunOptions
    clock: Clock
    reporter: Reporter
    stop: StopSign = field(default_factory=StopSign)
    witness: MemberPorts | None = None

    @property
    def state_members(self) -> Sequence[MemberPorts]:
        """Everybody that may hold state: the members, and the witness."""
        return self.members if self.witness is None else [*self.members, self.witness]

    async def survey(self) -> FleetView:
        """One look at the whole fleet. Raises as `survey_fleet` does."""
        options = self.options
        return await survey_fleet(
            self.members, options.set_name, namespace=options.namespace, facts=self.facts, witness=self.witness
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what carrying it out needs.

    `places` maps a withdrawal, or a scale-down in favour of others, to where its object must be ready first and where
    this run changes nothing.
    """

    plan: Plan
    view: FleetView
    decided: Decided
    cluster_plans: Mapping[str, ClusterPlan]
    graph: ActionGraph
    places: Mapping[str, tuple[Awaited, ...]]
    key: bytes


async def look(session: Session) -> tuple[Decided, FleetView]:
    """Survey the fleet and decide: all that `why` needs.

    Raises an ExceptionGroup where no member answers or an identity changed, StateError for unreadable state.
    """
    session.reporter.on_event(Phase(name="survey", total=len(session.members)))
    options = session.options
    view = await session.survey()
    if not view.views:
        raise ExceptionGroup("no member answers", [*view.failures.values()])
    check_identities(view, options.locked_uids)
    return session.decide(view), view


async def make_plan(session: Session) -> Planned:
    """Look, decide and compare; nothing is written.

    Raises an ExceptionGroup of what cannot go on: identities that changed, overrides that do not apply, state that
    cannot be read. Members that do not answer are in the plan as unknown.

    The inventory is read before the objects. Where another run creates in between, its objects carry our label and
    are in no inventory that was read: then everything is looked at again, and its rows, written first, are there.
    """
    for _ in range(_LOOKS - 1):
        planned = await _plan_once(session)
        if not _has_objects_without_row(planned.plan) or not await has_moved(session, planned):
            return planned
    return await _plan_once(session)


async def _plan_once(session: Session) -> Planned:
    decided, view = await look(session)
    key = (
        next((member.state.key for _, member in sorted(view.state_views.items()) if member.state.key), b"") or new_key()
    )
    session.reporter.on_event(Phase(name="plan", total=len(view.views)))
    cluster_plans, lost = await _plan_clusters(session, view, decided, key)
    graph, places = _order(cluster_plans, decided)
    plan = _join(session, view, decided, cluster_plans, graph, lost)
    return Planned(
        plan=plan, view=view, decided=decided, cluster_plans=cluster_plans, graph=graph, places=places, key=key
    )


def _has_objects_without_row(plan: Plan) -> bool:
    return any(
        change.action is Action.CONFLICT and change.reason.code == INVENTORY_LOST
        for change_set in plan.change_sets
        for change in change_set.changes
    )


async def has_moved(session: Session, planned: Planned) -> bool:
    """Whether any member's state is another than the plan was made from; who does not answer has not moved."""
    options = session.options
    views = planned.view.state_views
    names = [member for member in session.state_members if member.name in views]
    versions = await asyncio.gather(
        *(state_version(member, options.set_name, namespace=options.namespace) for member in names)
    )
    return any(
        version != views[member.name].state.resource_version
        for member, version in zip(names, versions, strict=True)
        if version is not None
    )


async def _plan_clusters(
    session: Session, view: FleetView, decided: Decided, key: bytes
) -> tuple[dict[str, ClusterPlan], dict[str, ClusterError]]:
    """Plans by cluster, and the clusters that stopped answering meanwhile.

    Raises an ExceptionGroup of PolicyErrors where an override does not apply: that stops the run before its first
    write.
    """
    options = session.options
    gate = asyncio.Semaphore(_CLUSTERS_AT_ONCE)
    retainer = Retainer(decided.given.interpreter, options.ignore)

    async def plan_one(member: MemberPorts) -> tuple[ClusterPlan, tuple[WorkFault, ...]] | ClusterError:
        view_of_member = view.views[member.name]
        plan_options = PlanOptions(
            set_id=applyset_id(options.set_name, options.namespace) if options.set_name else "",
            key=view_of_member.state.key or key,
            inventory_namespace=options.namespace,
            force_conflicts=options.force_conflicts,
            create_namespaces=options.create_namespaces,
            is_key_kept=bool(view_of_member.state.key),
            retainer=retainer,
            adopts=options.adopts,
        )
        async with gate:
            try:
                return await plan_cluster(member, view_of_member, decided, plan_options)
            except ClusterError as error:
                return error

    wanted = [
        member
        for member in session.members
        if member.name in view.views and (not options.only_clusters or member.name in options.only_clusters)
    ]
    answers = await asyncio.gather(*(plan_one(member) for member in wanted))
    plans: dict[str, ClusterPlan] = {}
    lost: dict[str, ClusterError] = {}
    faults: list[WorkFault] = []
    for member, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, ClusterError):
            lost[member.name] = answer
        else:
            plans[member.name] = answer[0]
            faults += answer[1]
    if faults:
        raise ExceptionGroup("overrides", [fault_error(fault) for fault in faults])
    return plans, lost


def _order(
    cluster_plans: Mapping[str, ClusterPlan], decided: Decided
) -> tuple[ActionGraph, dict[str, tuple[Awaited, ...]]]:
    """All changes in order, and where an object must be ready before another place gives it up (make before break)."""
    changes = [change for _, plan in sorted(cluster_plans.items()) for change in plan.change_set.changes]
    ordered, places = after_new_places(changes, decided, decided.given.record)
    bodies: dict[tuple[str, ResourceRef], Manifest] = {
        (cluster, ref): wish.body for cluster, plan in cluster_plans.items() for ref, wish in plan.wishes.items()
    }
    return order_actions(ordered, bodies), places


def _join(
    session: Session,
    view: FleetView,
    decided: Decided,
    cluster_plans: Mapping[str, ClusterPlan],
    graph: ActionGraph,
    lost: Mapping[str, ClusterError],
) -> Plan:
    by_cluster: dict[str, list[Change]] = {name: [] for name in cluster_plans}
    for change in graph.changes:
        by_cluster[change.cluster].append(change)
    change_sets = [
        replace(plan.change_set, changes=tuple(with_template_origins(change, decided) for change in by_cluster[name]))
        for name, plan in sorted(cluster_plans.items())
    ]
    failures = {**view.failures, **lost}
    change_sets += [
        ChangeSet(cluster=name, unknowns=(Unknown(cluster=name, code=failure.code, message=failure.message),))
        for name, failure in sorted(failures.items())
    ]
    guards = check_guards(
        decided.decisions,
        change_sets,
        {name: len(member.state.inventory.rows) for name, member in view.views.items()},
        session.options.limits,
        is_everything_removed=session.options.is_everything_removed,
    )
    plan = Plan(
        id="",
        set_name=session.options.set_name,
        decisions=decided.decisions,
        change_sets=tuple(change_sets),
        guards=guards,
        fleet=_fleet(session, view, decided),
        files=session.files,
        waves=tuple((wave, wave_name(wave), ids) for wave, ids in graph.waves),
        warnings=decided.warnings,
        options=session.options.shown_options,
        generation=view.record.generation,
        is_complete=not failures and not any(change_set.unknowns for change_set in change_sets),
    )
    return replace(plan, id=plan_digest(plan_canonical(plan)))


def _fleet(session: Session, view: FleetView, decided: Decided) -> tuple[FleetMember, ...]:
    facts = {cluster.name: cluster for cluster in decided.clusters}
    members = []
    for member in session.members:
        seen = view.views.get(member.name)
        failure = view.failures.get(member.name)
        members.append(
            FleetMember(
                name=member.name,
                context=session.contexts.get(member.name, ""),
                uid=seen.uid if seen else _recorded_uid(view.record, member.name),
                version=seen.discovery.version if seen else "",
                is_reachable=seen is not None,
                error_code=failure.code if failure else "",
                error=failure.message if failure else "",
                facts=facts.get(member.name),
            )
        )
    return tuple(members)


def _recorded_uid(record: Record, name: str) -> str:
    return next((entry.uid for entry in record.clusters if entry.name == name), "")


def has_work(planned: Planned) -> bool:
    """Whether carrying the plan out would send or record anything.

    What a killed run or a lost member left behind is mended even where no object changes.
    """
    is_state_behind = planned.view.is_stale_somewhere or any(
        plan.rows != planned.view.views[name].state.inventory.by_identity()
        for name, plan in planned.cluster_plans.items()
    )
    return has_changes(planned.plan) or planned.decided.is_record_new or is_state_behind


def has_changes(plan: Plan) -> bool:
    """Whether anything would be sent."""
    return any(change.action in SENT | REMOVALS for change_set in plan.change_sets for change in change_set.changes)
