"""One run: survey the fleet, decide, plan every cluster, check the guards, and (for a writing command) carry it out.

`plan`, `diff`, `why` and `status` stop after `make_plan`; `apply` and `delete` go on with `carry_out`, which takes the
Lease, looks at the record again, and plans anew if it moved. There is one path, so what is shown is what is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from karmactl.core.digest import plan_digest
from karmactl.core.guards import GuardLimits, check_guards
from karmactl.core.model.change import Action, ApplyReport, Change, ChangeSet, Guard, Unknown, Verdict
from karmactl.core.model.events import Phase, Reporter, Retrying
from karmactl.core.model.input import InputFile
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef
from karmactl.core.model.plan import FleetMember, Plan
from karmactl.core.model.ports import Clock
from karmactl.core.model.state import Record
from karmactl.core.model.work import Work
from karmactl.core.order import ActionGraph, order_actions, wave_name
from karmactl.core.pipeline import Decided
from karmactl.core.plan_format import plan_canonical
from karmactl.core.state import applyset_id
from karmactl.engine.execute import ExecuteOptions, Execution, execute_plan
from karmactl.engine.faults import refuse_faults
from karmactl.engine.identity import check_identities
from karmactl.engine.lease import hold_leases
from karmactl.engine.members import FactsSource, FleetView, MemberPorts, require_majority, state_version, survey_fleet
from karmactl.engine.planner import ClusterPlan, PlanOptions, plan_cluster
from karmactl.engine.store import ensure_namespace, new_key
from karmactl.errors import ClusterError, GuardError, InternalError, KarmactlError, PlacementError

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

_REMOVALS = frozenset({Action.WITHDRAW, Action.PRUNE})
_NEW_PLACES = frozenset({Action.CREATE, Action.UPDATE, Action.ADOPT})
_SENT = _NEW_PLACES | _REMOVALS


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with what carrying it out needs."""

    plan: Plan
    view: FleetView
    decided: Decided
    cluster_plans: Mapping[str, ClusterPlan]
    graph: ActionGraph
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
    graph = _order(cluster_plans, decided)
    plan = _join(session, view, decided, cluster_plans, graph, lost)
    return Planned(plan=plan, view=view, decided=decided, cluster_plans=cluster_plans, graph=graph, key=key)


async def _plan_clusters(
    session: Session, view: FleetView, decided: Decided, key: bytes
) -> tuple[dict[str, ClusterPlan], dict[str, ClusterError]]:
    options = session.options
    wanted = [
        member
        for member in session.members
        if member.name in view.views and (not options.only_clusters or member.name in options.only_clusters)
    ]
    refuse_faults(decided, [member.name for member in wanted])
    plan_options = PlanOptions(
        set_id=applyset_id(options.set_name, options.namespace) if options.set_name else "",
        key=key,
        force_conflicts=options.force_conflicts,
        create_namespaces=options.create_namespaces,
    )

    async def plan_one(member: MemberPorts) -> ClusterPlan | ClusterError:
        try:
            return await plan_cluster(
                cluster=member.name,
                reader=member.reader,
                dry_runner=member.dry_runner,
                discovery=view.views[member.name].discovery,
                inventory=view.views[member.name].state.inventory,
                works=lambda: _good_works(decided, member.name),
                leaver=lambda ref: decided.leaver(member.name, ref),
                options=plan_options,
            )
        except ClusterError as error:
            return error

    answers = await asyncio.gather(*(plan_one(member) for member in wanted))
    plans: dict[str, ClusterPlan] = {}
    lost: dict[str, ClusterError] = {}
    for member, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, ClusterPlan):
            plans[member.name] = answer
        else:
            lost[member.name] = answer
    return plans, lost


def _good_works(decided: Decided, cluster: str) -> Iterator[Work]:
    return (work for work in decided.works(cluster) if isinstance(work, Work))


def _order(cluster_plans: Mapping[str, ClusterPlan], decided: Decided) -> ActionGraph:
    """All changes in order; a withdrawal waits for the same object's new places elsewhere (make before break)."""
    changes = [change for _, plan in sorted(cluster_plans.items()) for change in plan.change_set.changes]
    new_places: dict[tuple[str, str, str, str], list[str]] = {}
    for change in changes:
        if change.action in _NEW_PLACES:
            new_places.setdefault(change.resource.identity, []).append(change.id)
    bodies: dict[tuple[str, ResourceRef], Manifest] = {
        (cluster, ref): body for cluster, plan in cluster_plans.items() for ref, body in plan.bodies.items()
    }
    return order_actions(
        [
            replace(change, after=tuple(sorted(new_places.get(change.resource.identity, ()))))
            if change.action is Action.WITHDRAW
            else change
            for change in changes
        ],
        bodies,
    )


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
        replace(plan.change_set, changes=tuple(by_cluster[name])) for name, plan in sorted(cluster_plans.items())
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
    """Whether carrying the plan out would send or record anything."""
    return any(change.action in _SENT for change in planned.graph.changes) or planned.decided.is_record_new


def has_changes(plan: Plan) -> bool:
    """Whether anything would be sent."""
    return any(change.action in _SENT for change_set in plan.change_sets for change in change_set.changes)


def refusals(plan: Plan, *, skip_unplaceable: bool = False) -> list[KarmactlError]:
    """What stops a run before its first write.

    PlacementErrors for templates that fit nowhere and objects that no server takes (exit 2), then GuardErrors (exit 4).
    """
    errors: list[KarmactlError] = [] if skip_unplaceable else [*_placement_errors(plan)]
    errors += [
        _unsendable(change)
        for change_set in plan.change_sets
        for change in change_set.changes
        if change.action is Action.UNKNOWN and change.reason.code != "list-failed"
    ]
    errors += [_guard_error(plan, guard) for guard in plan.guards if guard.verdict is Verdict.REFUSE]
    return errors


def refuse_by_guards(plan: Plan, *, skip_unplaceable: bool = False) -> None:
    """Raise an ExceptionGroup of what `refusals` found, if anything."""
    errors = refusals(plan, skip_unplaceable=skip_unplaceable)
    if errors:
        raise ExceptionGroup("refused", errors)


def _placement_errors(plan: Plan) -> list[PlacementError]:
    errors = []
    for decision in plan.decisions:
        if decision.standing.value != "unplaceable":
            continue
        error = decision.result.error if decision.result else None
        refused = decision.result.diagnosis if decision.result else {}
        errors.append(
            PlacementError(
                error.reason.value if error else "unplaceable",
                f"{decision.ref}: {error.message if error else 'no decision could be made'}",
                why="; ".join(f"{name}: {', '.join(texts.values())}" for name, texts in sorted(refused.items())),
                hint=f"karmactl why {decision.ref.kind.lower()}/{decision.ref.name} shows every cluster; "
                "--skip-unplaceable goes on without it",
                location=decision.template.location,
                resource=str(decision.ref),
            )
        )
    return errors


_UNSENDABLE_HINTS = {
    "kind-not-served": "apply its CustomResourceDefinition with it, or check the apiVersion",
    "namespace-missing": "add the Namespace to the files, or create it with --create-namespace",
    "server-rejected": "mend the object; `karmactl why` shows which overrides changed it",
}


def _unsendable(change: Change) -> PlacementError:
    params = change.reason.params
    what = {
        "kind-not-served": f"the cluster does not serve {params.get('apiVersion')} {change.resource.kind}",
        "namespace-missing": f"namespace {params.get('namespace')!r} is neither in the files nor in the cluster",
        "server-rejected": f"the server refuses it: {params.get('message')}",
    }
    return PlacementError(
        change.reason.code,
        f"{change.resource}: {what.get(change.reason.code, change.reason.code)}",
        hint=_UNSENDABLE_HINTS.get(change.reason.code, ""),
        cluster=change.cluster,
        resource=str(change.resource),
    )


def _guard_error(plan: Plan, guard: Guard) -> GuardError:
    where = f" in {guard.cluster}" if guard.cluster else ""
    codes = sorted(
        {
            change.reason.code
            for change_set in plan.change_sets
            for change in change_set.changes
            if change.action is Action.CONFLICT
        }
    )
    code = codes[0] if guard.name == "conflicts" and codes else f"guard-{guard.name.replace(' ', '-').lower()}"
    return GuardError(
        code,
        f"{guard.name}{where}: {guard.measured}, the limit is {guard.limit}",
        why=guard.detail,
        hint=f"if that is what you want: {guard.flag}" if guard.flag else "",
        cluster=guard.cluster or None,
    )


async def carry_out(
    session: Session, planned: Planned, *, identity: str, stamp: Callable[[Planned], Record]
) -> tuple[Planned, ApplyReport]:
    """Take the Lease, look again, and do it; the plan that was done, and the report.

    `identity` names this run in the Lease; `stamp` makes the record's next generation from a plan. Raises GuardError
    or StateError before the first write; afterwards failures are rows of the report.
    """
    options = session.options
    require_majority(planned.view, is_allowed_without=options.allow_minority)
    members = {member.name: member for member in session.members if member.name in planned.view.views}
    session.reporter.on_event(Phase(name="lock"))
    for name in planned.view.holders.uid_by_cluster:
        member = members.get(name)
        if member is not None and not planned.view.views[name].state.resource_version:
            if member.writer is None:
                raise InternalError("no-writer", "a run that writes is built with writers", cluster=name)
            await ensure_namespace(member.writer, options.namespace)
    async with hold_leases(
        members,
        planned.view.holders,
        name=options.set_name,
        namespace=options.namespace,
        identity=identity,
        clock=session.clock,
        timeout_seconds=options.lock_timeout_seconds,
        reporter=session.reporter,
        is_minority_allowed=options.allow_minority,
    ) as leases:
        if await _has_moved(session, planned):
            session.reporter.on_event(Retrying(why="the record moved while this run waited for the Lease"))
            planned = await make_plan(session)
            refuse_by_guards(planned.plan)
        run = Execution(
            members=members,
            views=planned.view.views,
            plans=planned.cluster_plans,
            graph=planned.graph,
            options=ExecuteOptions(
                set_name=options.set_name,
                set_id=applyset_id(options.set_name, options.namespace),
                namespace=options.namespace,
                key=planned.key,
                is_waiting=options.is_waiting,
                timeout_seconds=options.timeout_seconds,
                create_namespaces=options.create_namespaces,
            ),
            clock=session.clock,
            reporter=session.reporter,
            leases=leases,
            holders=planned.view.holders,
        )
        report = await execute_plan(run, stamp(planned))
    return planned, report


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
