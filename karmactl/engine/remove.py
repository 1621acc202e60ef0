"""Taking away: withdrawals and prunes, in reverse order, each wave gone before the next one goes.

The last step of a run. Nothing goes before the record's majority knows the new places, before those are ready, or out
of a member where something could not be listed or failed. A row leaves the inventory only when its object is gone, so
that a delete which waits for finalizers is still ours in the next run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from karmactl.core.model.change import Action, Change, Outcome
from karmactl.core.model.manifest import Manifest, as_list, as_str, metadata_of, uid_of
from karmactl.core.model.ports import Preconditions
from karmactl.engine.foreign import foreign_objects
from karmactl.engine.listing import list_owned
from karmactl.engine.members import writer_of
from karmactl.engine.run import REMOVALS, Run
from karmactl.errors import ClusterError, Conflict, KarmactlError, NotFound, Unauthorized, Unreachable

__all__ = ["remove_cluster"]

_FIRST_POLL_SECONDS = 0.05
_LONGEST_POLL_SECONDS = 2.0


async def remove_cluster(run: Run, name: str, not_yet: dict[str, str]) -> None:
    """Remove one cluster's objects. `not_yet` maps changes that have to stay for now to why; more are added."""
    deadline = run.clock.monotonic() + (run.options.timeout_seconds if run.options.is_waiting else 0.0)
    blocked = ""
    for changes in run.waves(name, REMOVALS):
        for change in changes:
            reason = not_yet.get(change.id) or blocked or _why_not(run, change)
            if reason:
                run.note(change, Outcome.PENDING, "waits", reason)
        due = [change for change in changes if change.id not in run.results]
        begun = await asyncio.gather(*(_delete(run, change) for change in due))
        going = [change for change, is_begun in zip(due, begun, strict=True) if is_begun]
        await _await_gone(run, going, deadline)
        left = [change for change in changes if run.results[change.id].outcome is not Outcome.DONE]
        if left and not blocked:
            # What is left may need what comes next (a finalizer its controller, an object its Namespace).
            blocked = f"{left[0].resource} is not gone yet"


def _why_not(run: Run, change: Change) -> str:
    """Why an object may not be removed now, "" where it may."""
    failure = run.failures.get(change.cluster)
    if run.stop.is_up:
        return "the run was asked to stop"
    if failure is not None:
        return f"{failure.code}: {failure.message}"
    if change.action is not Action.PRUNE:
        return ""
    if not run.plans[change.cluster].is_listed_completely:
        return "not everything in this member could be listed"
    undone = [
        result.change.resource
        for result in run.results.values()
        if result.change.cluster == change.cluster
        and result.change.action not in REMOVALS
        and result.outcome is not Outcome.DONE
    ]
    return f"{undone[0]} was not done" if undone else ""


async def _delete(run: Run, change: Change) -> bool:
    """Begin to delete an object; whether it has begun. What went wrong is noted."""
    ref = change.resource
    member = run.members[change.cluster]
    kind = run.plans[change.cluster].kinds[(ref.api_version, ref.kind)]
    try:
        foreign = await _foreign_in(run, change)
        if foreign:
            listed = ", ".join(foreign[:5]) + (", ..." if len(foreign) > 5 else "")
            run.note(change, Outcome.PENDING, "holds-foreign-objects", f"it holds what this set did not make: {listed}")
            return False
        run.leases.require()
        await writer_of(member).delete(kind, ref.namespace, ref.name, preconditions=Preconditions(uid=change.live_uid))
    except Conflict as error:
        run.note(change, Outcome.FAILED, "changed-since-plan", error.message)
        return False
    except KarmactlError as error:
        if isinstance(error, Unreachable | Unauthorized):
            run.failures.setdefault(change.cluster, error)
        run.note(change, Outcome.FAILED, error.code, error.message)
        return False
    return True


async def _foreign_in(run: Run, change: Change) -> list[str]:
    discovery = run.views[change.cluster].discovery
    ref = change.resource
    if (ref.group, ref.kind) == ("", "Namespace") and discovery.failed_groups:
        return [f"(unknown: {group} could not be listed)" for group in discovery.failed_groups]
    return await foreign_objects(run.members[change.cluster].reader, discovery, ref, run.options.set_id)


async def _await_gone(run: Run, changes: Sequence[Change], deadline: float) -> None:
    """Wait until objects whose deletion began are gone, and take their rows out of the inventory."""
    going = list(changes)
    pause = _FIRST_POLL_SECONDS
    while going:
        left = await _what_is_left(run, going)
        for change in going:
            if change.id not in left:
                run.keeper.rows[change.cluster].pop(change.resource.identity, None)
                run.note(change, Outcome.DONE)
        going = [change for change in going if change.id in left]
        if run.clock.monotonic() >= deadline or run.stop.is_up:
            for change in going:
                run.note(change, Outcome.PENDING, "being-deleted", left[change.id])
            return
        if going:
            await run.stop.sleep(run.clock, min(pause, max(0.0, deadline - run.clock.monotonic())))
            pause = min(pause * 2, _LONGEST_POLL_SECONDS)


async def _what_is_left(run: Run, changes: Sequence[Change]) -> dict[str, str]:
    """Which objects are still there, by change id, and why in words; by one LIST per kind."""
    by_kind: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        by_kind.setdefault((change.resource.api_version, change.resource.kind), []).append(change)
    left: dict[str, str] = {}
    for key, group in by_kind.items():
        cluster = group[0].cluster
        kind = run.plans[cluster].kinds[key]
        refs = [change.resource for change in group]
        try:
            found = await list_owned(run.members[cluster].reader, kind, refs, run.options.set_id)
        except NotFound:
            continue  # the kind itself is gone, and everything of it
        except ClusterError as error:
            left.update({change.id: error.message for change in group})
            continue
        by_uid = {uid_of(item): item for item in found}
        left.update({change.id: _words(by_uid[change.live_uid]) for change in group if change.live_uid in by_uid})
    return left


def _words(live: Manifest) -> str:
    finalizers = ", ".join(as_str(entry) for entry in as_list(metadata_of(live).get("finalizers")))
    return f"it is being deleted, and waits for {finalizers}" if finalizers else "it is being deleted"
