"""One run: survey the fleet, decide, plan every cluster, check the guards, and (for a writing command) carry it out.

`plan`, `diff`, `why` and `status` stop after `make_plan`; `apply` and `delete` go on with `carry_out`, which takes the
Lease, looks at the record again, and plans anew if it moved. There is one path, so what is shown is what is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from karmactl.core.digest import plan_digest
from karmactl.core.guards import GuardLimits, check_guards
from karmactl.core.model.change import Action, ApplyReport, Change, ChangeSet, Unknown
from karmactl.core.model.events import Phase, Reporter, Retrying
from karmactl.core.model.input import InputFile
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef
from karmactl.core.model.plan import FleetMember, Plan
from karmactl.core.model.ports import Clock
from karmactl.core.model.state import Holders, Record
from karmactl.core.model.work import WorkFault
from karmactl.core.order import ActionGraph, order_actions, wave_name
from karmactl.core.pipeline import Decided
from karmactl.core.plan_format import plan_canonical
from karmactl.core.quorum import next_holders
from karmactl.core.state import applyset_id
from karmactl.engine.execute import ExecuteOptions, Run, execute_plan
from karmactl.engine.faults import fault_error
from karmactl.engine.identity import check_identities
from karmactl.engine.keep import StateKeeper, writer_of
from karmactl.engine.lease import Leases, hold_leases
from karmactl.engine.members import FactsSource, FleetView, MemberPorts, require_majority, state_version, survey_fleet
from karmactl.engine.origins import with_template_origins
from karmactl.engine.planner import ClusterPlan, PlanOptions, plan_cluster
from karmactl.engine.refuse import refusals, refuse_by_guards
from karmactl.engine.run import REMOVALS, SENT
from karmactl.engine.stop import StopSign
from karmactl.engine.store import ensure_namespace, new_key
from karmactl.engine.wait import Awaited
from karmactl.errors import ClusterError, GuardError

__all__ = [
    "Planned",
    "RunOptions",
    "Session",
    "carry_out",
    "has_changes",
    "has_work",
    "look",
    "make_plan",
    "refusals",
    "refuse_by_guards",
]

# Each of them holds the live objects of its cluster while it is compared.
_CLUSTERS_AT_ONCE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What changes a run. `only_clusters` (`-C`) narrows what is touched, never what is decided."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what carrying it out needs.

    `places` maps a withdrawal to where its object must be ready first and where this run changes nothing.
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
    view = await survey_fleet(session.members, options.set_name, namespace=options.namespace, facts=session.facts)
    if not view.views:
        raise ExceptionGroup("no member answers", [*view.failures.values()])
    check_identities(view, options.locked_uids)
    return session.decide(view), view


async def make_plan(session: Session) -> Planned:
    """Look, decide and compare; nothing is written.

    Raises an ExceptionGroup of what cannot go on: identities that changed, overrides that do not apply, state that
    cannot be read. Members that do not answer are in the plan as unknown.
    """
    decided, view = await look(session)
    key = next((member.state.key for _, member in sorted(view.views.items()) if member.state.key), b"") or new_key()
    session.reporter.on_event(Phase(name="plan", total=len(view.views)))
    cluster_plans, lost = await _plan_clusters(session, view, decided, key)
    graph, places = _order(cluster_plans, decided)
    plan = _join(session, view, decided, cluster_plans, graph, lost)
    return Planned(
        plan=plan, view=view, decided=decided, cluster_plans=cluster_plans, graph=graph, places=places, key=key
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

    async def plan_one(member: MemberPorts) -> tuple[ClusterPlan, tuple[WorkFault, ...]] | ClusterError:
        view_of_member = view.views[member.name]
        plan_options = PlanOptions(
            set_id=applyset_id(options.set_name, options.namespace) if options.set_name else "",
            key=view_of_member.state.key or key,
            inventory_namespace=options.namespace,
            force_conflicts=options.force_conflicts,
            create_namespaces=options.create_namespaces,
            is_key_kept=bool(view_of_member.state.key),
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
    """All changes in order, and where each withdrawal's object must be ready besides (make before break)."""
    changes = [change for _, plan in sorted(cluster_plans.items()) for change in plan.change_set.changes]
    by_target = {(change.cluster, change.resource.identity): change for change in changes}
    places: dict[str, tuple[Awaited, ...]] = {}
    ordered: list[Change] = []
    for change in changes:
        if change.action is not Action.WITHDRAW:
            ordered.append(change)
            continue
        names = decided.places(change.resource)
        touched = [other.id for name in names if (other := by_target.get((name, change.resource.identity)))]
        ordered.append(replace(change, after=tuple(sorted(touched))))
        places[change.id] = tuple(
            Awaited(cluster=name, resource=change.resource)
            for name in names
            if (name, change.resource.identity) not in by_target
        )
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


async def carry_out(
    session: Session,
    planned: Planned,
    *,
    identity: str,
    stamp: Callable[[Planned], Record],
    is_plan_fixed: bool = False,
    skip_unplaceable: bool = False,
) -> tuple[Planned, ApplyReport]:
    """Take the Lease, look again, and do it; the plan that was done, and the report.

    `identity` names this run in the Lease; `stamp` makes the record's next generation from a plan; `is_plan_fixed`
    refuses where the plan is another under the Lease. Raises GuardError or StateError before the first write of an
    object; afterwards failures are rows of the report.
    """
    options = session.options
    require_majority(planned.view, is_allowed_without=options.allow_minority)
    members = {member.name: member for member in session.members if member.name in planned.view.views}
    session.reporter.on_event(Phase(name="lock"))
    holders = _next_holders(session, planned.view)
    quorums = (planned.view.holders,) if holders == planned.view.holders else (planned.view.holders, holders)
    for name in sorted({name for quorum in quorums for name in quorum.uid_by_cluster}):
        if name in members and not planned.view.views[name].state.resource_version:
            await ensure_namespace(writer_of(members, name), options.namespace)
    async with hold_leases(
        members,
        quorums,
        name=options.set_name,
        namespace=options.namespace,
        identity=identity,
        generation=planned.view.record.generation,
        clock=session.clock,
        timeout_seconds=options.lock_timeout_seconds,
        reporter=session.reporter,
        is_minority_allowed=options.allow_minority,
    ) as leases:
        planned = await _plan_under_lease(
            session, planned, leases, is_plan_fixed=is_plan_fixed, skip_unplaceable=skip_unplaceable
        )
        if not has_work(planned):
            return planned, ApplyReport(generation=planned.view.record.generation)
        record = _with_generation(stamp(planned), leases.generation)
        run = _open_run(session, planned, members, leases, holders)
        with session.stop.softly():
            report = await execute_plan(run, record)
    return planned, report


def _next_holders(session: Session, view: FleetView) -> Holders:
    return next_holders(
        view.holders,
        {name: member.uid for name, member in view.views.items()},
        [member.name for member in session.members],
        epoch=view.holders.epoch + 1,
    )


def _open_run(
    session: Session, planned: Planned, members: Mapping[str, MemberPorts], leases: Leases, holders: Holders
) -> Run:
    options = session.options
    former = planned.view.holders
    keeper = StateKeeper(
        members=members,
        set_name=options.set_name,
        namespace=options.namespace,
        key=planned.key,
        leases=leases,
        former=former,
        # The generation is this run's alone, so no other run can have made the same choice of holders.
        holders=former if holders == former else replace(holders, epoch=max(leases.generation, former.epoch + 1)),
        states={name: view.state for name, view in planned.view.views.items()},
        rows={name: dict(plan.rows) for name, plan in planned.cluster_plans.items()},
        has_namespace=frozenset(former.uid_by_cluster) | frozenset(holders.uid_by_cluster),
    )
    return Run(
        members=members,
        views=planned.view.views,
        plans=planned.cluster_plans,
        graph=planned.graph,
        places=planned.places,
        options=ExecuteOptions(
            set_id=applyset_id(options.set_name, options.namespace),
            is_waiting=options.is_waiting,
            timeout_seconds=options.timeout_seconds,
            create_namespaces=options.create_namespaces,
        ),
        clock=session.clock,
        reporter=session.reporter,
        leases=leases,
        keeper=keeper,
        stop=session.stop,
    )


async def _plan_under_lease(
    session: Session, planned: Planned, leases: Leases, *, is_plan_fixed: bool, skip_unplaceable: bool
) -> Planned:
    """The plan as it holds under the Lease: the same, or made anew where another run came in between.

    Raises GuardError `plan-moved` where it must be the same, or other members hold the record now.
    """
    if not await _has_moved(session, planned):
        return planned
    session.reporter.on_event(Retrying(why="another run changed something while this one waited for the Lease"))
    renewed = await make_plan(session)
    if renewed.view.holders != planned.view.holders or (is_plan_fixed and renewed.plan.id != planned.plan.id):
        raise GuardError(
            "plan-moved",
            f"another run changed the fleet in the meantime: plan {planned.plan.id[:8]} no longer holds",
            hint="look at it anew: karmactl plan",
        )
    refuse_by_guards(renewed.plan, skip_unplaceable=skip_unplaceable)
    require_majority(renewed.view, is_allowed_without=session.options.allow_minority)
    leases.generation = max(leases.generation, renewed.view.record.generation + 1)
    return renewed


def _with_generation(record: Record, generation: int) -> Record:
    """The record under the generation that the Leases gave."""
    *earlier, last = record.revisions
    return replace(record, generation=generation, revisions=(*earlier, replace(last, generation=generation)))


async def _has_moved(session: Session, planned: Planned) -> bool:
    """Whether any member's state is another than the plan was made from."""
    options = session.options
    names = [member for member in session.members if member.name in planned.view.views]
    versions = await asyncio.gather(
        *(state_version(member, options.set_name, namespace=options.namespace) for member in names)
    )
    return any(
        version != planned.view.views[member.name].state.resource_version
        for member, version in zip(names, versions, strict=True)
        if version is not None
    )
