"""Waiting for objects to be ready, all clusters at once, by one LIST per kind and look.

Fails fast where waiting does not help: a rollout past its progress deadline, or one that has not moved for two
minutes while a pod reports what time does not cure (image not found, crash loop, bad configuration). A member that
stops answering is given up after a few looks; the others are waited for (I13).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from karmactl.core.model.events import Heartbeat, Reporter, WorkloadSeen
from karmactl.core.model.manifest import Manifest, ResourceRef, ref_of
from karmactl.core.model.ports import APIKind, Clock, Reader
from karmactl.core.readiness import Readiness, ReadyState, is_waited_for, readiness
from karmactl.engine.listing import list_owned
from karmactl.engine.pods import pod_news
from karmactl.engine.stop import StopSign
from karmactl.errors import ClusterError

__all__ = ["Awaited", "WaitEnd", "WaitResult", "Waiter"]

_FIRST_POLL_SECONDS = 0.1
_LONGEST_POLL_SECONDS = 2.0
_STUCK_SECONDS = 120.0
# So many looks in a row may fail before a member is given up; each has had its own retries.
_FAILED_LOOKS = 3
# Pods of so many workloads are asked for their words when the time is over.
_MOST_ASKED = 20


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Awaited:
    """One object in one cluster."""

    cluster: str
    resource: ResourceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitResult:
    """How the wait for one object ended: READY after `seconds`, FAILED, or PROGRESSING (time ran out)."""

    readiness: Readiness
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitEnd:
    """How all ended; `lost` are clusters that stopped answering."""

    results: Mapping[Awaited, WaitResult] = field(default_factory=dict)
    lost: Mapping[str, ClusterError] = field(default_factory=dict)

    def is_ready(self, target: Awaited) -> bool:
        """Whether a target was seen ready."""
        result = self.results.get(target)
        return result is not None and result.readiness.state is ReadyState.READY


@dataclass(slots=True)
class _Progress:
    """What was last seen of one object, and when it last moved."""

    seen: Readiness
    moved_at: float
    live: Manifest


@dataclass(slots=True, kw_only=True)
class Waiter:
    """Waits: readers by cluster, and how to find the kind of a resource there."""

    readers: Mapping[str, Reader]
    kind_of: Callable[[str, ResourceRef], APIKind | None]
    set_id: str
    clock: Clock
    reporter: Reporter
    stop: StopSign

    async def wait(self, targets: Sequence[Awaited], *, timeout_seconds: float) -> WaitEnd:
        """How each target ended. Looks once even with a time-out of 0; ends early where the run is asked to stop."""
        return await _Wait(self, sorted(set(targets)), timeout_seconds).run()


class _Wait:
    """One wait."""

    def __init__(self, waiter: Waiter, targets: Sequence[Awaited], timeout_seconds: float) -> None:
        self._waiter = waiter
        self._targets = targets
        self._timeout_seconds = timeout_seconds
        self._started = waiter.clock.monotonic()
        self._results: dict[Awaited, WaitResult] = {}
        self._progress: dict[Awaited, _Progress] = {}
        self._failed_looks: dict[str, int] = {}
        self._lost: dict[str, ClusterError] = {}

    async def run(self) -> WaitEnd:
        open_targets = list(self._targets)
        pause = _FIRST_POLL_SECONDS
        while open_targets:
            await self._look(open_targets)
            open_targets = [
                target for target in open_targets if target not in self._results and target.cluster not in self._lost
            ]
            elapsed = self._elapsed()
            if not open_targets or elapsed >= self._timeout_seconds or self._waiter.stop.is_up:
                break
            self._report(open_targets, elapsed)
            await self._waiter.stop.sleep(self._waiter.clock, min(pause, self._timeout_seconds - elapsed))
            pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)
        await self._give_up()
        return WaitEnd(results=self._results, lost=self._lost)

    def _elapsed(self) -> float:
        return self._waiter.clock.monotonic() - self._started

    def _report(self, open_targets: Sequence[Awaited], elapsed: float) -> None:
        ready = sum(result.readiness.state is ReadyState.READY for result in self._results.values())
        self._waiter.reporter.on_event(
            Heartbeat(
                ready=ready,
                total=len(self._targets),
                seconds=elapsed,
                waiting_for=tuple(f"{target.cluster} {target.resource}" for target in open_targets[:5]),
            )
        )

    async def _look(self, targets: Sequence[Awaited]) -> None:
        """One look at all open targets: one LIST per cluster and kind."""
        groups: dict[tuple[str, str, str], list[Awaited]] = {}
        for target in targets:
            groups.setdefault((target.cluster, target.resource.api_version, target.resource.kind), []).append(target)
        await asyncio.gather(*(self._look_at_kind(key[0], group) for key, group in groups.items()))

    async def _look_at_kind(self, cluster: str, targets: Sequence[Awaited]) -> None:
        reader = self._waiter.readers[cluster]
        kind = self._waiter.kind_of(cluster, targets[0].resource)
        if kind is None:
            return
        try:
            found = await list_owned(reader, kind, [target.resource for target in targets], self._waiter.set_id)
        except ClusterError as error:
            self._failed_looks[cluster] = self._failed_looks.get(cluster, 0) + 1
            if self._failed_looks[cluster] >= _FAILED_LOOKS:
                self._lost[cluster] = error
            return
        self._failed_looks[cluster] = 0
        by_identity = {ref_of(item).identity: item for item in found}
        for target in targets:
            live = by_identity.get(target.resource.identity)
            if live is not None:
                await self._judge(reader, target, live)

    async def _judge(self, reader: Reader, target: Awaited, live: Manifest) -> None:
        state = readiness(live)
        now = self._waiter.clock.monotonic()
        last = self._progress.get(target)
        if last is None or last.seen != state:
            last = self._progress[target] = _Progress(seen=state, moved_at=now, live=live)
            self._report_state(target, state)
        if state.state is ReadyState.READY:
            self._settle(target, state)
        elif state.state is ReadyState.FAILED:
            self._settle(target, await _with_pod_words(reader, state, live))
        elif now - last.moved_at >= _STUCK_SECONDS:
            news = await pod_news(reader, live)
            if news.is_incurable:
                self._settle(target, replace(state, state=ReadyState.FAILED, message=news.message))

    def _report_state(self, target: Awaited, state: Readiness) -> None:
        if is_waited_for(target.resource.group, target.resource.kind):
            self._waiter.reporter.on_event(
                WorkloadSeen(
                    cluster=target.cluster,
                    resource=str(target.resource),
                    state=state.state.value,
                    message=state.message,
                    ready=state.ready,
                    wanted=state.wanted,
                )
            )

    def _settle(self, target: Awaited, state: Readiness) -> None:
        self._results[target] = WaitResult(readiness=state, seconds=self._elapsed())

    async def _give_up(self) -> None:
        """Targets that are still open stay as they were last seen, with their pods' own words."""
        asked = 0
        for target in self._targets:
            if target in self._results:
                continue
            last = self._progress.get(target)
            state = last.seen if last else Readiness(state=ReadyState.PROGRESSING, message="it is not there")
            lost = self._lost.get(target.cluster)
            if lost is not None:
                state = replace(state, message=f"{target.cluster} stopped answering: {lost.message}")
            elif last is not None and asked < _MOST_ASKED and not self._waiter.stop.is_up:
                asked += 1
                state = await _with_pod_words(self._waiter.readers[target.cluster], state, last.live)
            self._settle(target, state)


async def _with_pod_words(reader: Reader, state: Readiness, live: Manifest) -> Readiness:
    news = await pod_news(reader, live)
    return replace(state, message="; ".join(filter(None, (state.message, news.message))))
