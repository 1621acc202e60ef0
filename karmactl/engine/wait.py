"""Waiting for workloads to be ready, all clusters at once, by one LIST per kind and look.

Fails fast where waiting does not help: a rollout past its progress deadline, or one that has not moved for two
minutes while a pod reports what time does not cure (image not found, crash loop, bad configuration).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from karmactl.core.model.events import Heartbeat, Reporter, WorkloadSeen
from karmactl.core.model.manifest import Manifest, ResourceRef, as_list, as_mapping, as_str, ref_of
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.ports import APIKind, Clock, Reader
from karmactl.core.readiness import Readiness, ReadyState, readiness
from karmactl.core.state import PART_OF_LABEL
from karmactl.errors import ClusterError

__all__ = ["Awaited", "WaitResult", "await_ready"]

_FIRST_POLL_SECONDS = 0.1
_LONGEST_POLL_SECONDS = 2.0
_STUCK_SECONDS = 120.0
_POD_KIND = APIKind(group="", version="v1", kind="Pod", resource="pods", is_namespaced=True)
_INCURABLE = frozenset(
    {
        "ImagePullBackOff",
        "ErrImagePull",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CrashLoopBackOff",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Awaited:
    """One workload in one cluster."""

    cluster: str
    resource: ResourceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitResult:
    """How the wait for one workload ended: READY after `seconds`, FAILED, or PROGRESSING (time ran out)."""

    readiness: Readiness
    seconds: float


@dataclass(slots=True)
class _Progress:
    """What was last seen of one workload, and when it last moved."""

    seen: Readiness
    moved_at: float


@dataclass(slots=True)
class _Wait:
    readers: Mapping[str, Reader]
    kinds: Mapping[tuple[str, str, str], APIKind]
    set_id: str
    clock: Clock
    reporter: Reporter
    started: float
    results: dict[Awaited, WaitResult] = field(default_factory=dict)
    progress: dict[Awaited, _Progress] = field(default_factory=dict)


async def await_ready(
    targets: Sequence[Awaited],
    *,
    readers: Mapping[str, Reader],
    kinds: Mapping[tuple[str, str, str], APIKind],
    set_id: str,
    clock: Clock,
    timeout_seconds: float,
    reporter: Reporter,
) -> dict[Awaited, WaitResult]:
    """How each target ended. `kinds` maps (cluster, apiVersion, kind). Looks once even with a time-out of 0.

    A member that stops answering leaves its targets as they were last seen.
    """
    wait = _Wait(readers=readers, kinds=kinds, set_id=set_id, clock=clock, reporter=reporter, started=clock.monotonic())
    open_targets = sorted(targets)
    pause = _FIRST_POLL_SECONDS
    while open_targets:
        await _look(wait, open_targets)
        open_targets = [target for target in open_targets if target not in wait.results]
        elapsed = clock.monotonic() - wait.started
        if not open_targets or elapsed >= timeout_seconds:
            break
        reporter.on_event(
            Heartbeat(
                ready=sum(1 for result in wait.results.values() if result.readiness.state is ReadyState.READY),
                total=len(targets),
                seconds=elapsed,
                waiting_for=tuple(f"{target.cluster} {target.resource}" for target in open_targets[:5]),
            )
        )
        await clock.sleep(min(pause, timeout_seconds - elapsed))
        pause = min(pause * 1.5, _LONGEST_POLL_SECONDS)
    for target in open_targets:
        last = wait.progress.get(target)
        seen = last.seen if last else Readiness(state=ReadyState.PROGRESSING, message="not seen")
        wait.results[target] = WaitResult(readiness=seen, seconds=clock.monotonic() - wait.started)
    return wait.results


async def _look(wait: _Wait, targets: Sequence[Awaited]) -> None:
    """One look at all open targets: one LIST per cluster and kind."""
    groups: dict[tuple[str, str, str], list[Awaited]] = {}
    for target in targets:
        groups.setdefault((target.cluster, target.resource.api_version, target.resource.kind), []).append(target)
    await asyncio.gather(*(_look_at_kind(wait, key, group) for key, group in groups.items()))


async def _look_at_kind(wait: _Wait, key: tuple[str, str, str], targets: Sequence[Awaited]) -> None:
    reader = wait.readers[key[0]]
    try:
        found = await reader.list(wait.kinds[key], label_selector=f"{PART_OF_LABEL}={wait.set_id}")
    except ClusterError:
        return
    by_identity = {ref_of(item).identity: item for item in found}
    for target in targets:
        live = by_identity.get(target.resource.identity)
        if live is not None:
            await _judge(wait, reader, target, live)


async def _judge(wait: _Wait, reader: Reader, target: Awaited, live: Manifest) -> None:
    state = readiness(live)
    now = wait.clock.monotonic()
    last = wait.progress.get(target)
    if last is None or last.seen != state:
        wait.progress[target] = _Progress(seen=state, moved_at=now)
        wait.reporter.on_event(
            WorkloadSeen(
                cluster=target.cluster,
                resource=str(target.resource),
                state=state.state.value,
                message=state.message,
                ready=state.ready,
                wanted=state.wanted,
            )
        )
    if state.state is not ReadyState.PROGRESSING:
        wait.results[target] = WaitResult(readiness=state, seconds=now - wait.started)
    elif last is not None and now - last.moved_at >= _STUCK_SECONDS:
        message = await _incurable_message(reader, target, live)
        if message:
            failed = Readiness(state=ReadyState.FAILED, message=message, ready=state.ready, wanted=state.wanted)
            wait.results[target] = WaitResult(readiness=failed, seconds=now - wait.started)


async def _incurable_message(reader: Reader, target: Awaited, live: Manifest) -> str:
    """What a pod of the workload reports that waiting does not cure, "" where nothing does."""
    labels = as_mapping(field_at(live, "spec", "selector", "matchLabels"))
    selector = ",".join(f"{key}={as_str(value)}" for key, value in sorted(labels.items()))
    if not selector:
        return ""
    try:
        pods = await reader.list(_POD_KIND, namespace=target.resource.namespace, label_selector=selector)
    except ClusterError:
        return ""
    for pod in pods:
        for status in as_list(field_at(pod, "status", "containerStatuses")):
            waiting = as_mapping(field_at(status, "state", "waiting"))
            if waiting.get("reason") in _INCURABLE:
                return f"{waiting['reason']}: {as_str(waiting.get('message'))}".rstrip(": ")
    return ""
