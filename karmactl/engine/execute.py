"""Carrying out a plan: intents, sends, waiting, the record, removals, and the record again.

The order makes a killed run harmless (I7): inventory rows are written as intent before anything is created; a
majority of the record's holders knows the new places before anything is taken away. Failures are gathered per
cluster: one member's never stops another (I13). From the first write on nothing is raised: it is in the report.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace

from karmactl.core.model.change import Action, ApplyReport, Change, Outcome
from karmactl.core.model.events import Phase
from karmactl.core.model.state import InventoryRow, PendingWithdrawal, Record
from karmactl.core.readiness import ReadyState, is_waited_for
from karmactl.engine.deletions import ENDINGS, with_deletions
from karmactl.engine.moves import SCALE_DOWN
from karmactl.engine.remove import remove_cluster
from karmactl.engine.run import REMOVALS, SENT, ExecuteOptions, Run
from karmactl.engine.send import scale_down_cluster, send_cluster, waiter_of
from karmactl.engine.wait import Awaited, WaitEnd

__all__ = ["ExecuteOptions", "Run", "execute_plan"]


async def execute_plan(run: Run, record: Record) -> ApplyReport:
    """Carry out the graph and write the record's next generation; what happened, object by object."""
    names = sorted(run.plans)
    late = [change for change in run.graph.changes if change.action in REMOVALS or run.is_waiting_for_others(change)]
    sends = [change for change in run.graph.changes if change.action in SENT and not run.is_waiting_for_others(change)]
    if any(change.action in SENT for change in run.graph.changes):
        run.reporter.on_event(Phase(name="send", total=len(sends)))
        await run.keeper.commit_intents({name: _intents(run, name) for name in names})
        await _each(send_cluster(run, name) for name in names)
    end = await _wait(run, late)
    if late:
        await _finish_late(run, record, late, end)
    run.reporter.on_event(Phase(name="record"))
    gone = [
        change
        for change in run.graph.changes
        if change.action in ENDINGS and (change.id in run.results) and run.results[change.id].outcome is Outcome.DONE
    ]
    await run.keeper.commit(with_deletions(replace(record, pending=_pending(run, record, late)), gone, is_done=True))
    return ApplyReport(
        results=tuple(run.results[change.id] for change in run.graph.changes if change.id in run.results),
        failed_clusters={name: f"{error.code}: {error.message}" for name, error in sorted(run.failures.items())},
        generation=record.generation,
        is_interrupted=run.stop.is_up,
    )


async def _finish_late(run: Run, record: Record, late: Sequence[Change], end: WaitEnd) -> None:
    """What comes after the new places are ready: scale-downs in their favour, then withdrawals and prunes."""
    names = sorted(run.plans)
    not_yet = {change.id: reason for change in late if (reason := _why_not_ready(run, change, end))}
    # Acknowledged by a majority before anything is taken away: a successor must know the new places.
    due = [change for change in late if change.action in REMOVALS and change.id not in not_yet]
    known = with_deletions(replace(record, pending=_pending(run, record, late)), due, is_done=False)
    is_known = await run.keeper.commit(known)
    if not is_known:
        not_yet = {change.id: "too few holders took the record" for change in late}
    if any(change.action in SENT for change in late):
        await _each(scale_down_cluster(run, name, not_yet) for name in names)
        await _wait(run, [], only=frozenset(change.id for change in late))
    removals = [change for change in late if change.action in REMOVALS]
    if removals:
        run.reporter.on_event(Phase(name="withdraw", total=len(removals)))
        await _each(remove_cluster(run, name, not_yet) for name in names)
    _note_unready_places(run, late, end)


async def _each(tasks: Iterable[Coroutine[None, None, None]]) -> None:
    """All at once; a fault of our own in one ends the others before anybody lets go of the Lease."""
    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(task)


def _intents(run: Run, name: str) -> dict[tuple[str, str, str, str], InventoryRow]:
    """Rows of everything that will be created and has none, or one of an object that is gone or goes."""
    rows = run.plans[name].rows
    refs = [
        change.resource
        for change in run.graph.changes
        if change.cluster == name and change.action in (Action.CREATE, Action.REPLACE, Action.ADOPT)
    ]
    intents = {ref.identity: InventoryRow(resource=ref) for ref in refs}
    return {key: row for key, row in intents.items() if rows.get(key) != row}


async def _wait(run: Run, late: Iterable[Change], *, only: frozenset[str] = frozenset()) -> WaitEnd:
    """Wait for the workloads that were sent (`only` some, by id), and for the places that late changes wait for."""
    sent = [
        Awaited(cluster=result.change.cluster, resource=result.change.resource)
        for result in run.results.values()
        if result.outcome is Outcome.DONE
        and (not only or result.change.id in only)
        and is_waited_for(result.change.resource.group, result.change.resource.kind)
    ]
    places = [place for change in late for place in run.places.get(change.id, ()) if place.cluster in run.members]
    is_waiting = run.options.is_waiting
    targets = [*(sent if is_waiting else ()), *places]
    if not targets or run.stop.is_up:
        return WaitEnd()
    if is_waiting:
        run.reporter.on_event(Phase(name="wait", total=len(set(targets))))
    end = await waiter_of(run).wait(targets, timeout_seconds=run.options.timeout_seconds if is_waiting else 0.0)
    for name, error in end.lost.items():
        run.failures.setdefault(name, error)
    _note_readiness(run, end)
    return end


def _note_readiness(run: Run, end: WaitEnd) -> None:
    for change_id, result in list(run.results.items()):
        found = end.results.get(Awaited(cluster=result.change.cluster, resource=result.change.resource))
        if found is None or run.stop.is_up:
            continue
        is_ready = found.readiness.state is ReadyState.READY
        run.results[change_id] = replace(
            result,
            is_ready=is_ready,
            ready_seconds=found.seconds if is_ready else None,
            error_code="" if is_ready else "not-ready",
            error="" if is_ready else found.readiness.message,
        )


def _why_not_ready(run: Run, change: Change, end: WaitEnd) -> str:
    """Why a change has to wait for the new places, "" where they are ready."""
    for before in change.after:
        result = run.results.get(before)
        if result is None or result.outcome is not Outcome.DONE:
            return f"{before} was not done"
        if result.is_ready is False:
            return f"{before} is not ready: {result.error}"
        if result.is_ready is None and is_waited_for(change.resource.group, change.resource.kind):
            return f"{before} was not waited for"
    for place in run.places.get(change.id, ()):
        if place.cluster not in run.plans and change.action in SENT:
            # What is there may be ready, and is not what it shall be yet.
            return f"{place.cluster} is not part of this run"
        if not end.is_ready(place):
            found = end.results.get(place)
            why = f": {found.readiness.message}" if found is not None and found.readiness.message else ""
            return f"{place.cluster} {place.resource} is not known to be ready{why}"
    return ""


def _note_unready_places(run: Run, late: Iterable[Change], end: WaitEnd) -> None:
    """A change that waited in vain for a place which this run did not touch was not in time, either."""
    if not run.options.is_waiting or run.stop.is_up:
        return
    for change in late:
        result = run.results[change.id]
        if result.outcome is Outcome.PENDING and any(
            not end.is_ready(place) for place in run.places.get(change.id, ())
        ):
            run.results[change.id] = replace(result, is_ready=False)


def _pending(run: Run, record: Record, late: Iterable[Change]) -> tuple[PendingWithdrawal, ...]:
    """What should have gone and has not (yet), that of members that this run did not touch included."""
    waiting = [
        PendingWithdrawal(
            cluster=change.cluster,
            resource=change.resource,
            uid=change.live_uid,
            reason=SCALE_DOWN if change.action in SENT else change.reason.code,
        )
        for change in late
        if change.action is not Action.PRUNE
        and (change.id not in run.results or run.results[change.id].outcome is not Outcome.DONE)
    ]
    untouched = [entry for entry in record.pending if entry.cluster not in run.plans]
    known = {(entry.cluster, entry.resource) for entry in untouched}
    untouched += [entry for entry in run.held_back if (entry.cluster, entry.resource) not in known]
    return tuple(sorted([*untouched, *waiting], key=lambda entry: (entry.cluster, entry.resource)))
