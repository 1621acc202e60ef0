"""A plan carried out: take the Lease, look whether it still holds, and do it.

Between the plan and the Lease another run may have changed something: then the plan is made again, or refused where it
has to be the one that was saved. Everything after the first write is `engine.execute`'s matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from karmactl.core.model.change import ApplyReport
from karmactl.core.model.events import Phase, Retrying
from karmactl.core.model.state import Holders, Record
from karmactl.core.quorum import next_holders
from karmactl.core.state import applyset_id
from karmactl.engine.execute import ExecuteOptions, Run, execute_plan
from karmactl.engine.keep import StateKeeper
from karmactl.engine.lease import Leases, hold_leases
from karmactl.engine.members import FleetView, MemberPorts, require_majority
from karmactl.engine.moves import held_back
from karmactl.engine.refuse import refuse_by_guards
from karmactl.engine.session import Planned, Session, has_moved, has_work, make_plan
from karmactl.engine.store import ensure_namespace
from karmactl.errors import GuardError

__all__ = ["carry_out"]


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
    views = planned.view.state_views
    members = {member.name: member for member in session.state_members if member.name in views}
    session.reporter.on_event(Phase(name="lock"))
    holders = _next_holders(session, planned.view)
    quorums = (planned.view.holders,) if holders == planned.view.holders else (planned.view.holders, holders)
    for name in sorted({name for quorum in quorums for name in quorum.uid_by_cluster}):
        if name in members and not views[name].state.resource_version:
            await ensure_namespace(members[name], options.namespace)
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
        {name: member.uid for name, member in view.state_views.items()},
        [member.name for member in session.state_members],
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
        states={name: view.state for name, view in planned.view.state_views.items()},
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
        held_back=held_back(planned.decided, planned.cluster_plans),
    )


async def _plan_under_lease(
    session: Session, planned: Planned, leases: Leases, *, is_plan_fixed: bool, skip_unplaceable: bool
) -> Planned:
    """The plan as it holds under the Lease: the same, or made anew where another run came in between.

    Raises GuardError `plan-moved` where it must be the same, or other members hold the record now.
    """
    if not await has_moved(session, planned):
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
