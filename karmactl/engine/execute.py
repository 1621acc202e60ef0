"""Carrying out a plan: intents, sends by the action graph, waiting, withdrawals, prune, and the record.

The order that makes a killed run harmless (I7): inventory rows are written as intent before anything is created;
placements are committed to a majority of the record's holders before anything is withdrawn; a removal happens only
after every list of its member succeeded. Failures are gathered per cluster: one member's never stops another (I13).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from karmactl.core.diff import FIELD_MANAGER, live_digest, sent_digest
from karmactl.core.digest import canonical
from karmactl.core.fieldset import applied_fields
from karmactl.core.model.change import Action, ApplyReport, Change, ChangeResult, Outcome
from karmactl.core.model.events import ChangeOver, Phase, Reporter
from karmactl.core.model.manifest import Manifest, copy_manifest, metadata_of, uid_of
from karmactl.core.model.ports import APIKind, Clock, Preconditions, Writer
from karmactl.core.model.state import Holders, Inventory, InventoryRow, PendingWithdrawal, Record
from karmactl.core.order import ActionGraph
from karmactl.core.readiness import ReadyState, is_waited_for, readiness
from karmactl.core.state import MemberState
from karmactl.engine.lease import Leases
from karmactl.engine.members import MemberPorts, MemberView
from karmactl.engine.planner import CREATE_ONLY_VERSION, ClusterPlan
from karmactl.engine.store import commit_state, ensure_namespace
from karmactl.engine.wait import Awaited, WaitResult, await_ready
from karmactl.errors import ClusterError, InternalError, KarmactlError, NotFound, StateError

__all__ = ["ExecuteOptions", "Execution", "execute_plan"]

_CONCURRENCY = 4
_SETTLE_SECONDS = 30.0
_SETTLE_POLL_SECONDS = 0.1
_REMOVALS = frozenset({Action.WITHDRAW, Action.PRUNE})
_SENT = frozenset({Action.CREATE, Action.UPDATE, Action.ADOPT})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteOptions:
    """How a plan is carried out."""

    set_name: str
    set_id: str
    namespace: str
    key: bytes
    is_waiting: bool = True
    timeout_seconds: float = 600.0
    create_namespaces: bool = False


@dataclass(slots=True)
class Execution:
    """The working state of one run; `rows` is each member's inventory as it will be written."""

    members: Mapping[str, MemberPorts]
    views: Mapping[str, MemberView]
    plans: Mapping[str, ClusterPlan]
    graph: ActionGraph
    options: ExecuteOptions
    clock: Clock
    reporter: Reporter
    leases: Leases
    holders: Holders
    rows: dict[str, dict[tuple[str, str, str, str], InventoryRow]] = field(default_factory=dict)
    states: dict[str, MemberState] = field(default_factory=dict)
    results: dict[str, ChangeResult] = field(default_factory=dict)
    failed_clusters: dict[str, str] = field(default_factory=dict)
    is_stopping: bool = False


async def execute_plan(run: Execution, record: Record) -> ApplyReport:
    """Carry out the graph and write the record's next generation.

    Raises StateError before the first object is written where intents cannot be committed anywhere; afterwards
    failures are rows of the report.
    """
    run.rows = {name: dict(plan.rows) for name, plan in run.plans.items()}
    run.states = {name: view.state for name, view in run.views.items()}
    run.reporter.on_event(Phase(name="send", total=len(run.graph.changes)))
    await _commit_intents(run)
    await asyncio.gather(*(_send_cluster(run, name) for name in sorted(run.plans)))
    waited = await _wait_for_workloads(run)
    _note_readiness(run, waited)
    removals = [change for change in run.graph.changes if change.action in _REMOVALS]
    pending = _pending_of(run, removals)
    if removals:
        # Acknowledged by a majority before anything is taken away: a successor must know the new places.
        await _commit_all(run, replace(record, pending=pending))
        run.reporter.on_event(Phase(name="withdraw", total=len(removals)))
        await asyncio.gather(*(_remove_cluster(run, name) for name in sorted(run.plans)))
        pending = _pending_of(run, removals)
    generation = await _commit_all(run, replace(record, pending=pending))
    return ApplyReport(
        results=tuple(run.results[change.id] for change in run.graph.changes if change.id in run.results),
        failed_clusters=dict(sorted(run.failed_clusters.items())),
        generation=generation,
        is_interrupted=run.is_stopping,
    )


async def _commit_intents(run: Execution) -> None:
    """Rows of everything that will be created, before it is (an uid of "" is the intent)."""

    async def commit(name: str) -> None:
        creates = [change for change in _of_cluster(run, name) if change.action in (Action.CREATE, Action.ADOPT)]
        missing = [change for change in creates if change.resource.identity not in run.rows[name]]
        for change in missing:
            run.rows[name][change.resource.identity] = InventoryRow(resource=change.resource)
        if missing:
            await _commit_member(run, name, record=None)

    await _gather_by_cluster(run, run.plans, commit)


async def _commit_member(run: Execution, name: str, *, record: Record | None) -> None:
    """Write one member's inventory (and its copy of the record, where it holds one)."""
    run.leases.require()
    writer = _writer(run, name)
    state = run.states[name]
    rows = tuple(sorted(run.rows.get(name, {}).values(), key=lambda row: row.resource))
    wanted = replace(
        state,
        inventory=Inventory(rows=rows),
        holders=run.holders,
        key=state.key or run.options.key,
        record=record if name in run.holders.uid_by_cluster and record is not None else state.record,
    )
    if not state.resource_version:
        await ensure_namespace(writer, run.options.namespace)
    run.states[name] = await commit_state(writer, wanted, run.options.set_name, namespace=run.options.namespace)


async def _commit_all(run: Execution, record: Record) -> int:
    """Inventories everywhere and the record on its holders; the generation that a majority now holds.

    Raises StateError `record-not-acknowledged` where fewer than a majority took it.
    """
    run.reporter.on_event(Phase(name="record"))

    async def commit(name: str) -> None:
        await _commit_member(run, name, record=record)

    committed = await _gather_by_cluster(run, run.states, commit)
    acknowledged = sum(name in committed for name in run.holders.uid_by_cluster)
    if acknowledged < run.leases.majority:
        raise StateError(
            "record-not-acknowledged",
            f"{acknowledged} of {len(run.holders.uid_by_cluster)} holders took the record, "
            f"{run.leases.majority} are needed; nothing was withdrawn or pruned",
            hint="run the command again when the members answer",
        )
    return record.generation


async def _gather_by_cluster(
    run: Execution, names: Iterable[str], action: Callable[[str], Awaitable[None]]
) -> set[str]:
    """Run an action for each cluster at once; the names where it succeeded. Failures are noted per cluster."""

    async def guarded(name: str) -> bool:
        try:
            await action(name)
        except (ClusterError, StateError) as error:
            run.failed_clusters.setdefault(name, f"{error.code}: {error.message}")
            return False
        return True

    ordered = sorted(names)
    done = await asyncio.gather(*(guarded(name) for name in ordered))
    return {name for name, is_done in zip(ordered, done, strict=True) if is_done}


async def _send_cluster(run: Execution, name: str) -> None:
    """Send one cluster's changes wave by wave, four at a time."""
    gate = asyncio.Semaphore(_CONCURRENCY)

    async def send(change: Change) -> None:
        async with gate:
            await _send(run, change)

    for changes in _waves_of(run, name, _SENT):
        await asyncio.gather(*(send(change) for change in changes))


def _waves_of(run: Execution, name: str, actions: frozenset[Action]) -> list[list[Change]]:
    by_wave: dict[int, list[Change]] = {}
    for change in _of_cluster(run, name):
        if change.action in actions:
            by_wave.setdefault(change.wave, []).append(change)
    return [changes for _, changes in sorted(by_wave.items())]


async def _send(run: Execution, change: Change) -> None:
    blocked = [
        before
        for before in run.graph.requires.get(change.id, ())
        if before in run.results and run.results[before].outcome is not Outcome.DONE
    ]
    if change.cluster in run.failed_clusters or run.is_stopping:
        _note(run, change, Outcome.SKIPPED, "skipped", run.failed_clusters.get(change.cluster, "interrupted"))
        return
    if blocked:
        _note(run, change, Outcome.SKIPPED, "dependency-failed", f"{blocked[0]} did not come about")
        return
    try:
        run.leases.require()
        live = await _apply(run, change)
    except KarmactlError as error:
        _note(run, change, Outcome.FAILED, error.code, error.message)
        return
    _keep_row(run, change, live)
    _note(run, change, Outcome.DONE)


async def _apply(run: Execution, change: Change) -> Manifest:
    """Send one object; a create can only create, an update only update (I3)."""
    plan = run.plans[change.cluster]
    ref = change.resource
    kind = plan.kinds[(ref.api_version, ref.kind)]
    body = copy_manifest(plan.bodies[ref])
    if change.action is Action.CREATE:
        metadata_of(body)["resourceVersion"] = CREATE_ONLY_VERSION
        if change.unverified == "namespace-not-there-yet" and run.options.create_namespaces:
            await _create_namespace(run, change)
    else:
        metadata_of(body)["uid"] = change.live_uid
    writer = _writer(run, change.cluster)
    deadline = run.clock.monotonic() + _SETTLE_SECONDS
    while True:
        try:
            live = await writer.apply(kind, body, force=change.is_forced)
            break
        except NotFound:
            # A CRD that was just established takes a moment until its objects can be made.
            if change.unverified != "crd-not-there-yet" or run.clock.monotonic() >= deadline:
                raise
            await run.clock.sleep(_SETTLE_POLL_SECONDS)
    return await _settled(run, change, kind, live)


async def _settled(run: Execution, change: Change, kind: APIKind, live: Manifest) -> Manifest:
    """Wait for what the next wave cannot do without: CRDs served, Namespaces active."""
    if change.resource.kind not in ("CustomResourceDefinition", "Namespace"):
        return live
    deadline = run.clock.monotonic() + _SETTLE_SECONDS
    reader = run.members[change.cluster].reader
    while readiness(live).state is not ReadyState.READY and run.clock.monotonic() < deadline:
        await run.clock.sleep(_SETTLE_POLL_SECONDS)
        live = await reader.get(kind, change.resource.namespace, change.resource.name) or live
    return live


async def _create_namespace(run: Execution, change: Change) -> None:
    await ensure_namespace(_writer(run, change.cluster), change.resource.namespace)


def _keep_row(run: Execution, change: Change, live: Manifest) -> None:
    ref = change.resource
    body = run.plans[change.cluster].bodies[ref]
    fields = applied_fields(live, FIELD_MANAGER)
    run.rows[change.cluster][ref.identity] = InventoryRow(
        resource=ref,
        uid=uid_of(live),
        sent=sent_digest(body, ref, run.options.key),
        live=live_digest(live, ref, run.options.key),
        fields=canonical(dict(fields)).decode() if fields is not None else "",
    )


async def _wait_for_workloads(run: Execution) -> dict[Awaited, WaitResult]:
    done = [
        result.change
        for result in run.results.values()
        if result.outcome is Outcome.DONE and is_waited_for(result.change.resource.group, result.change.resource.kind)
    ]
    if not run.options.is_waiting or not done or run.is_stopping:
        return {}
    targets = [Awaited(cluster=change.cluster, resource=change.resource) for change in done]
    run.reporter.on_event(Phase(name="wait", total=len(targets)))
    return await await_ready(
        targets,
        readers={name: member.reader for name, member in run.members.items()},
        kinds={(name, key[0], key[1]): kind for name, plan in run.plans.items() for key, kind in plan.kinds.items()},
        set_id=run.options.set_id,
        clock=run.clock,
        timeout_seconds=run.options.timeout_seconds,
        reporter=run.reporter,
    )


def _note_readiness(run: Execution, waited: Mapping[Awaited, WaitResult]) -> None:
    by_target = {(target.cluster, target.resource): result for target, result in waited.items()}
    for change_id, result in list(run.results.items()):
        end = by_target.get((result.change.cluster, result.change.resource))
        if end is None:
            continue
        is_ready = end.readiness.state is ReadyState.READY
        run.results[change_id] = replace(
            result,
            is_ready=is_ready,
            ready_seconds=end.seconds if is_ready else None,
            error_code="" if is_ready else "not-ready",
            error="" if is_ready else end.readiness.message,
        )


def _pending_of(run: Execution, removals: Sequence[Change]) -> tuple[PendingWithdrawal, ...]:
    """Withdrawals that have not happened (yet): the next run finishes them."""
    return tuple(
        PendingWithdrawal(
            cluster=change.cluster, resource=change.resource, uid=change.live_uid, reason=change.reason.code
        )
        for change in removals
        if change.action is Action.WITHDRAW
        and (change.id not in run.results or run.results[change.id].outcome is not Outcome.DONE)
    )


async def _remove_cluster(run: Execution, name: str) -> None:
    """Withdraw, then prune, in reverse order, one wave after another."""
    for changes in _waves_of(run, name, _REMOVALS):
        await asyncio.gather(*(_remove(run, change) for change in changes))


async def _remove(run: Execution, change: Change) -> None:
    reason = _why_not_yet(run, change)
    if reason:
        _note(run, change, Outcome.PENDING, "waits", reason)
        return
    ref = change.resource
    kind = run.plans[change.cluster].kinds[(ref.api_version, ref.kind)]
    try:
        run.leases.require()
        await _writer(run, change.cluster).delete(
            kind, ref.namespace, ref.name, preconditions=Preconditions(uid=change.live_uid)
        )
    except KarmactlError as error:
        _note(run, change, Outcome.FAILED, error.code, error.message)
        return
    run.rows[change.cluster].pop(ref.identity, None)
    _note(run, change, Outcome.DONE)


def _why_not_yet(run: Execution, change: Change) -> str:
    """Why an object may not be removed now, "" where it may."""
    if run.is_stopping:
        return "interrupted"
    if change.cluster in run.failed_clusters:
        return run.failed_clusters[change.cluster]
    for before in change.after:
        result = run.results.get(before)
        if result is None or result.outcome is not Outcome.DONE or result.is_ready is False:
            return f"{before} is not ready"
        if result.is_ready is None and is_waited_for(result.change.resource.group, result.change.resource.kind):
            return f"{before} was not waited for"
    if change.action is not Action.PRUNE:
        return ""
    if not run.plans[change.cluster].is_listed_completely:
        return "not everything in this member could be listed"
    failed = [
        result for result in run.results.values()
        if result.change.cluster == change.cluster and result.outcome is Outcome.FAILED
    ]  # fmt: skip
    return f"{failed[0].change.resource} failed" if failed else ""


def _note(run: Execution, change: Change, outcome: Outcome, code: str = "", message: str = "") -> None:
    run.results[change.id] = ChangeResult(change=change, outcome=outcome, error_code=code, error=message)
    run.reporter.on_event(ChangeOver(change=change, outcome=outcome, error=message))


def _of_cluster(run: Execution, name: str) -> list[Change]:
    return [change for change in run.graph.changes if change.cluster == name]


def _writer(run: Execution, name: str) -> Writer:
    writer = run.members[name].writer
    if writer is None:
        raise InternalError("no-writer", f"a plan is carried out without a writer for {name}", cluster=name)
    return writer
