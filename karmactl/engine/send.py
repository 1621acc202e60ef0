"""Sending what a plan creates, changes and adopts: cluster by cluster, wave by wave, each after what it requires.

Every request carries its own fence: a create can only create, a change carries the uid and the version of the object as
the plan saw it. Where the version moved (every status report moves it) the server is asked again, and the change is
sent only if it still does what was shown. A request whose answer was lost is looked up, never guessed at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from karmactl.core.adopt import former_managers, moved_fields
from karmactl.core.diff import live_digest
from karmactl.core.model.change import Action, Change, Outcome
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_str, labels_of, metadata_of, uid_of
from karmactl.core.model.ports import APIKind, Preconditions
from karmactl.core.readiness import ReadyState, readiness
from karmactl.core.state import PART_OF_LABEL
from karmactl.engine.compare import CREATE_ONLY_VERSION, row_of
from karmactl.engine.members import writer_of
from karmactl.engine.predict import Prediction, Wish, predict
from karmactl.engine.run import SENT, Run
from karmactl.engine.store import ensure_namespace
from karmactl.engine.wait import Awaited, Waiter
from karmactl.errors import (
    ClusterError,
    Conflict,
    GuardError,
    KarmactlError,
    NotFound,
    Rejected,
    Unauthorized,
    Unreachable,
)

__all__ = ["scale_down_cluster", "send_cluster", "waiter_of"]

_CONCURRENCY = 4
_ATTEMPTS = 8
_SETTLE_SECONDS = 30.0
_SETTLE_POLL_SECONDS = 0.1
_NEW_NAMESPACE = "namespace-not-there-yet"
_NEW_CRD = "crd-not-there-yet"
_OUTCOME_UNKNOWN = "outcome-unknown"


def waiter_of(run: Run) -> Waiter:
    """A waiter over the run's members."""
    return Waiter(
        readers={name: member.reader for name, member in run.members.items()},
        kind_of=run.kind_of,
        set_id=run.options.set_id,
        clock=run.clock,
        reporter=run.reporter,
        stop=run.stop,
    )


async def send_cluster(run: Run, name: str) -> None:
    """Send one cluster's changes but for those that wait; what happened is in the run's results."""
    waves = run.waves(name, SENT, is_late=False)
    await _make_namespaces(run, name, [change for changes in waves for change in changes])
    await _send_waves(run, waves)


async def scale_down_cluster(run: Run, name: str, not_yet: Mapping[str, str]) -> None:
    """Send one cluster's changes that waited for other places. `not_yet` maps those that still have to to why."""
    waves = run.waves(name, SENT, is_late=True)
    for changes in waves:
        for change in changes:
            if reason := not_yet.get(change.id):
                run.note(change, Outcome.PENDING, "waits", reason)
    await _send_waves(run, [[change for change in changes if change.id not in not_yet] for changes in waves])


async def _send_waves(run: Run, waves: Sequence[Sequence[Change]]) -> None:
    run.over.update({change.id: asyncio.Event() for changes in waves for change in changes})
    gate = asyncio.Semaphore(_CONCURRENCY)
    for changes in waves:
        async with asyncio.TaskGroup() as tasks:
            for change in changes:
                tasks.create_task(_send(run, change, gate))


async def _make_namespaces(run: Run, name: str, changes: list[Change]) -> None:
    """Namespaces that the user asked to be created and that no file brings."""
    if not run.options.create_namespaces:
        return
    brought = {change.resource.name for change in changes if change.resource.kind == "Namespace"}
    missing = {change.resource.namespace for change in changes if change.unverified == _NEW_NAMESPACE} - brought
    try:
        for namespace in sorted(missing):
            run.leases.require()
            await ensure_namespace(run.members[name], namespace)
    except KarmactlError as error:
        run.failures.setdefault(name, error)


async def _send(run: Run, change: Change, gate: asyncio.Semaphore) -> None:
    """Send one change once what it requires is there, and note what became of it."""
    required = [before for before in run.graph.requires.get(change.id, ()) if before in run.over]
    for before in required:
        await run.over[before].wait()
    missing = [before for before in required if run.results[before].outcome is not Outcome.DONE]
    if missing:
        what = run.results[missing[0]].change.resource
        run.note(change, Outcome.SKIPPED, "dependency-failed", f"{what} did not come about")
        return
    unready = await _unready_dependency(run, change)
    if unready:
        run.note(change, Outcome.SKIPPED, "dependency-not-ready", unready)
        return
    async with gate:
        if not _may_start(run, change):
            return
        try:
            live = await _Sending(run, change).send()
        except Unreachable as error:
            run.failures.setdefault(change.cluster, error)
            is_lost = error.code == _OUTCOME_UNKNOWN
            run.note(change, Outcome.UNKNOWN if is_lost else Outcome.FAILED, error.code, error.message)
        except KarmactlError as error:
            if isinstance(error, Unauthorized):
                run.failures.setdefault(change.cluster, error)
            run.note(change, Outcome.FAILED, error.code, error.message)
        else:
            await _settle(run, change, live)


def _may_start(run: Run, change: Change) -> bool:
    """Whether to begin with a change now; where not, why is noted."""
    failure = run.failures.get(change.cluster)
    if run.stop.is_up:
        run.note(change, Outcome.SKIPPED, "interrupted", "the run was asked to stop")
        return False
    if failure is not None:
        run.note(change, Outcome.SKIPPED, failure.code, failure.message)
        return False
    try:
        run.leases.require()
    except GuardError as error:
        run.note(change, Outcome.SKIPPED, error.code, error.message)
        return False
    return True


async def _unready_dependency(run: Run, change: Change) -> str:
    """What of the change's depends-on annotation is not ready in time, "" where all is."""
    named = run.graph.awaits.get(change.id, ())
    if not named or run.stop.is_up or change.cluster in run.failures:
        return ""
    wanted = {ref.identity: ref for ref in run.plans[change.cluster].wishes}
    held = {row.resource.identity: row.resource for row in run.plans[change.cluster].rows.values()}
    targets = [
        Awaited(cluster=change.cluster, resource=ref) for key in named if (ref := wanted.get(key) or held.get(key))
    ]
    end = await waiter_of(run).wait(targets, timeout_seconds=run.options.timeout_seconds)
    for target in targets:
        if not end.is_ready(target) and not run.stop.is_up:
            return f"{target.resource}: {end.results[target].readiness.message or 'not ready'}"
    return ""


async def _settle(run: Run, change: Change, live: Manifest) -> None:
    """Keep the row; wait for what the next wave cannot do without: CRDs served, Namespaces active."""
    wish = run.plans[change.cluster].wishes[change.resource]
    run.keeper.rows[change.cluster][change.resource.identity] = row_of(wish, live)
    if (change.resource.group, change.resource.kind) in _SETTLING:
        try:
            problem = await _unsettled(run, change, wish.kind, live)
        except ClusterError as error:
            problem = error.message
        if problem:
            run.note(change, Outcome.FAILED, "not-settled", problem)
            return
    run.note(change, Outcome.DONE)


_SETTLING = frozenset({("apiextensions.k8s.io", "CustomResourceDefinition"), ("", "Namespace")})


async def _unsettled(run: Run, change: Change, kind: APIKind, live: Manifest) -> str:
    """Why objects of the next wave cannot be sent, "" as soon as they can."""
    deadline = run.clock.monotonic() + _SETTLE_SECONDS
    reader = run.members[change.cluster].reader
    while True:
        phase = as_str(_status(live).get("phase"))
        if phase == "Terminating":
            return "it is being deleted; run again when it is gone"
        if change.resource.kind == "Namespace" and not phase:
            return ""  # nobody keeps phases there
        state = readiness(live)
        if state.state is ReadyState.READY:
            return ""
        if state.state is ReadyState.FAILED or run.clock.monotonic() >= deadline:
            return f"after {_SETTLE_SECONDS:g} s: {state.message}"
        await run.clock.sleep(_SETTLE_POLL_SECONDS)
        live = await reader.get(kind, change.resource.namespace, change.resource.name) or live


def _status(live: Manifest) -> Mapping[str, JSONValue]:
    status = live.get("status")
    return status if isinstance(status, dict) else {}


class _Sending:
    """One object on its way."""

    def __init__(self, run: Run, change: Change) -> None:
        self._run = run
        self._change = change
        self._member = run.members[change.cluster]
        self._wish: Wish = run.plans[change.cluster].wishes[change.resource]
        self._fitted = self._wish.fitted or self._wish.body
        self._is_create = change.action in (Action.CREATE, Action.REPLACE)
        self._version = CREATE_ONLY_VERSION if self._is_create else change.live_resource_version

    async def send(self) -> Manifest:
        """The object as it is afterwards. Raises ClusterError; `outcome-unknown` where even a look did not tell."""
        if self._wish.adopts:
            await self._take_over()
        elif self._change.action is Action.REPLACE:
            await self._remove()
        writer = writer_of(self._member)
        deadline = self._run.clock.monotonic() + _SETTLE_SECONDS
        attempt = 0
        while True:
            attempt += 1
            try:
                return await writer.apply(self._wish.kind, self._body(), force=self._change.is_forced)
            except NotFound:
                # A CRD that was just established takes a moment until its objects can be made.
                if self._change.unverified != _NEW_CRD or self._run.clock.monotonic() >= deadline:
                    raise
                await self._run.clock.sleep(_SETTLE_POLL_SECONDS)
                continue
            except Conflict as error:
                if self._is_create or error.causes or attempt >= _ATTEMPTS:
                    raise
                done = await self._after_conflict(error)
            except Unreachable as error:
                if error.code != _OUTCOME_UNKNOWN or attempt >= _ATTEMPTS:
                    raise
                done = await self._after_silence(error)
            if done is not None:
                return done
            self._run.leases.require()

    async def _take_over(self) -> None:
        """Make the fields of former managers ours, if adopting still does what was shown.

        The apply that follows takes away what of them is not wanted. Killed in between, the object is still nobody's
        by our inventory, and the next adoption goes on from there.
        """
        ref, writer = self._change.resource, writer_of(self._member)
        for attempt in range(1, _ATTEMPTS + 1):
            live = await self._get()
            if live is None or uid_of(live) != self._change.live_uid:
                raise self._moved("it was deleted or made anew")
            if metadata_of(live).get("resourceVersion") != self._change.live_resource_version:
                live = (await self._as_shown(live)).live
            self._version = as_str(metadata_of(live).get("resourceVersion"))
            if not former_managers(live):
                return
            self._run.leases.require()
            fence: dict[str, JSONValue] = {"resourceVersion": self._version, "uid": self._change.live_uid}
            try:
                taken = await writer.patch(
                    self._wish.kind,
                    ref.namespace,
                    ref.name,
                    {"metadata": {**fence, "managedFields": moved_fields(live)}},
                )
            except (Conflict, Unreachable) as error:
                is_over = error.code != _OUTCOME_UNKNOWN and not isinstance(error, Conflict)
                if is_over or attempt == _ATTEMPTS:
                    raise
                continue
            self._version = as_str(metadata_of(taken).get("resourceVersion"))
            return

    async def _remove(self) -> None:
        """Delete the object as it was shown, and wait until it is gone.

        Raises Conflict `changed-since-plan` where what is ours of it moved, Rejected `being-deleted` where something
        holds it.
        """
        ref, clock = self._change.resource, self._run.clock
        live = await self._get()
        if live is not None:
            if uid_of(live) != self._change.live_uid or live_digest(live, ref, self._wish.key) != self._wish.seen:
                raise self._moved("it was changed or made anew")
            await writer_of(self._member).delete(
                self._wish.kind, ref.namespace, ref.name, preconditions=Preconditions(uid=self._change.live_uid)
            )
        deadline = clock.monotonic() + self._run.options.timeout_seconds
        while (live := await self._get()) is not None:
            if clock.monotonic() >= deadline or self._run.stop.is_up:
                held_by = ", ".join(as_str(entry) for entry in as_list(metadata_of(live).get("finalizers")))
                raise Rejected(
                    "being-deleted",
                    f"{ref} is still being deleted{f', and waits for {held_by}' if held_by else ''}",
                    cluster=self._change.cluster,
                    hint="run the command again once it is gone: it makes it anew",
                    resource=str(ref),
                )
            await clock.sleep(_SETTLE_POLL_SECONDS)
        self._run.leases.require()

    async def _as_shown(self, live: Manifest) -> Prediction:
        """What the change does to the object as it is now, if that is what was shown, or nothing.

        Raises Conflict `changed-since-plan`.
        """
        found = await predict(self._member, self._wish, live)
        if not isinstance(found, Prediction):
            raise self._moved(found.message)
        if not found.is_nothing and not found.is_same_as(self._change.fields, is_forced=self._change.is_forced):
            raise self._moved("the change would now do something else than was shown")
        self._fitted = found.body
        return found

    def _body(self) -> Manifest:
        body = self._fitted
        fence: dict[str, JSONValue] = {"resourceVersion": self._version}
        if not self._is_create:
            fence["uid"] = self._change.live_uid
        return {**body, "metadata": {**metadata_of(body), **fence}}

    async def _after_conflict(self, conflict: Conflict) -> Manifest | None:
        """The version moved: go on with the new one (None) if the change still does what was shown.

        The live object where it already is as it should be. Raises Conflict `changed-since-plan`.
        """
        live = await self._get()
        if live is None or uid_of(live) != self._change.live_uid:
            raise self._moved("it was deleted or made anew") from conflict
        is_as_seen = live_digest(live, self._wish.ref, self._wish.key) == self._wish.seen
        if not self._change.is_forced and is_as_seen and self._wish.fit(live).body == self._fitted:
            # What is ours is as it was; what others did since, a request without force cannot touch.
            self._version = as_str(metadata_of(live).get("resourceVersion"))
            return None
        found = await self._as_shown(live)
        if found.is_nothing:
            return found.live
        self._version = as_str(metadata_of(found.live).get("resourceVersion"))
        return None

    async def _after_silence(self, lost: Unreachable) -> Manifest | None:
        """The answer was lost: the live object if the request was done, None to send it (again).

        Raises the failure itself where that cannot be told.
        """
        try:
            live = await self._get()
            if live is None:
                if self._is_create:
                    return None
                raise lost
            if labels_of(live).get(PART_OF_LABEL) == self._run.options.set_id:
                found = await predict(self._member, self._wish, live)
                if isinstance(found, Prediction) and found.is_nothing:
                    return found.live
        except ClusterError:
            raise lost from None
        return None

    async def _get(self) -> Manifest | None:
        ref = self._change.resource
        return await self._member.reader.get(self._wish.kind, ref.namespace, ref.name)

    def _moved(self, what: str) -> Conflict:
        return Conflict(
            "changed-since-plan",
            f"{self._change.resource} is not as the plan saw it: {what}",
            cluster=self._change.cluster,
            status=409,
            hint="run the command again: it looks at it anew",
            resource=str(self._change.resource),
        )
