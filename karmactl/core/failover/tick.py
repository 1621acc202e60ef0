"""One step of failover: observations in, the next state, the next record and every decision out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from karmactl.core.failover.health import observe, rfc3339, with_taints
from karmactl.core.failover.limits import refusal
from karmactl.core.failover.tolerate import due_time, with_default_tolerations
from karmactl.core.model.binding import GracefulEvictionTask
from karmactl.core.model.cluster import Cluster, ClusterCondition, Taint
from karmactl.core.model.failover import (
    ClusterHealth,
    FailoverDecision,
    FailoverSettings,
    FailoverState,
    Movable,
    Observations,
    Subject,
)
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import Record, TemplateRecord

__all__ = ["Tick", "tainted", "tick"]

# Looks further apart than this say nothing about the time between them.
_LONGEST_GAP_SECONDS = 60.0
# Karmada's words: pkg/apis/work/v1alpha2/binding_types.go.
_TAINT_UNTOLERATED = "TaintUntolerated"
_PRODUCER = "TaintManager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What a step leads to: state and record to go on from, and the decisions of this step, clusters first."""

    state: FailoverState
    record: Record
    decisions: tuple[FailoverDecision, ...]


def tick(
    state: FailoverState,
    record: Record,
    observations: Observations,
    now: datetime,
    *,
    clusters: Sequence[Cluster],
    movable: Mapping[ResourceRef, Movable],
    settings: FailoverSettings,
) -> Tick:
    """One step; pure. `clusters` is the fleet with its own facts, `movable` what may be said about each template.

    Every cluster's condition and taints follow its probe. An eviction takes the cluster out of the template's recorded
    placement and leaves a graceful eviction task, so that the next plan puts the missing copies elsewhere; it happens
    only with a majority, unpaused, within the limits, and never for what must not run twice (I4, I6). Whatever stands
    in its way is a decision too (`Held`). A template in `record` that `movable` does not name is not moved.
    """
    is_gap = state.observed_at is None or not (0 <= (now - state.observed_at).total_seconds() <= _LONGEST_GAP_SECONDS)
    watched_since = now if is_gap or state.watched_since is None else state.watched_since
    watched_seconds = (now - watched_since).total_seconds()
    decisions: list[FailoverDecision] = []
    health = _observe_all(state, observations, settings, now, is_gap=is_gap, decisions=decisions)
    evicting = {name: began for name, began in state.evicting.items() if name in health and health[name].taints}
    fleet = {cluster.name: cluster for cluster in tainted(clusters, health)}
    regions = {cluster.name: cluster.region for cluster in clusters}

    templates: list[TemplateRecord] = []
    for entry in record.templates:
        kept = _settle_tasks(entry, observations, settings, now, decisions)
        for target in kept.scheduled:
            if target.name not in fleet or entry.resource not in movable:
                continue
            asked = movable[entry.resource]
            tolerations = with_default_tolerations(kept.placement, settings.default_toleration_seconds)
            due = due_time(fleet[target.name].taints, tolerations, now)
            if due is None or due > now:
                continue
            why_held = _held(asked, observations, settings, watched_seconds)
            why_held = why_held or refusal(target.name, health, regions, evicting, now)
            if why_held:
                decisions.append(_decision(Subject.HELD, target.name, why_held, resource=entry.resource))
                continue
            evicting.setdefault(target.name, now)
            kept = _evicted(kept, target.name, asked, now)
            decisions.append(_decision(Subject.EVICTED, target.name, _TAINT_UNTOLERATED, resource=entry.resource))
        templates.append(kept)
    return Tick(
        state=FailoverState(health=health, evicting=evicting, observed_at=now, watched_since=watched_since),
        record=replace(record, templates=tuple(templates)),
        decisions=tuple(decisions),
    )


def tainted(clusters: Sequence[Cluster], health: Mapping[str, ClusterHealth]) -> tuple[Cluster, ...]:
    """The fleet with the conditions and taints of failover beside its own; of one key and effect its own stays."""
    return tuple(_with_health(cluster, health.get(cluster.name)) for cluster in clusters)


def _with_health(cluster: Cluster, health: ClusterHealth | None) -> Cluster:
    if health is None or health.ready is None:
        return cluster
    own = {(taint.key, taint.effect) for taint in cluster.taints}
    added = tuple(taint for taint in health.taints if (taint.key, taint.effect) not in own)
    ready = ClusterCondition(
        type="Ready",
        status=health.ready.value,
        last_transition_time=rfc3339(health.since) if health.since is not None else "",
    )
    others = tuple(condition for condition in cluster.conditions if condition.type != "Ready")
    return replace(cluster, taints=(*cluster.taints, *added), conditions=(*others, ready))


def _observe_all(
    state: FailoverState,
    observations: Observations,
    settings: FailoverSettings,
    now: datetime,
    *,
    is_gap: bool,
    decisions: list[FailoverDecision],
) -> dict[str, ClusterHealth]:
    health = dict(state.health)
    for name, seen in sorted(observations.ready.items()):
        before = health.get(name, ClusterHealth())
        after = with_taints(observe(before, seen, settings, now, is_gap=is_gap), now)
        health[name] = after
        if after.ready is not before.ready and after.ready is not None:
            decisions.append(_decision(Subject.READY, name, after.ready.value))
        decisions += [
            _decision(Subject.UNTAINTED, name, _shown(taint)) for taint in before.taints if taint not in after.taints
        ]
        decisions += [
            _decision(Subject.TAINTED, name, _shown(taint)) for taint in after.taints if taint not in before.taints
        ]
    return health


def _held(asked: Movable, observations: Observations, settings: FailoverSettings, watched_seconds: float) -> str:
    if settings.is_paused:
        return "paused"
    # After a pause, or a jump of the clock, the times on taints are no evidence by themselves.
    if watched_seconds < settings.failure_threshold_seconds:
        return "just-resumed"
    if not observations.has_majority and not settings.allow_minority:
        return "record-no-majority"
    if asked.is_stateful and not settings.allow_stateful:
        return "stateful"
    return ""


def _evicted(entry: TemplateRecord, cluster: str, asked: Movable, now: datetime) -> TemplateRecord:
    """The template without the cluster, and a task for what is still there.

    Source: Karmada pkg/apis/work/v1alpha2/binding_types_helper.go (GracefulEvictCluster), v1.19.
    """
    before = entry.scheduled
    replicas = next(target.replicas for target in before if target.name == cluster)
    behavior = asked.failover.cluster if asked.failover is not None else None
    purge_mode = (behavior.purge_mode if behavior is not None else "") or "Gracefully"
    task = GracefulEvictionTask(
        from_cluster=cluster,
        purge_mode=purge_mode,
        replicas=replicas or None,
        reason=_TAINT_UNTOLERATED,
        producer=_PRODUCER,
        suppress_deletion=True if purge_mode == "Never" else None,
        creation_timestamp=rfc3339(now),
        clusters_before_failover=tuple(target.name for target in before),
    )
    tasks = entry.eviction_tasks
    if all(known.from_cluster != cluster for known in tasks):
        tasks = (*tasks, task)
    return replace(
        entry,
        clusters=tuple(target for target in entry.clusters if target.name != cluster),
        eviction_tasks=tasks,
    )


def _settle_tasks(
    entry: TemplateRecord,
    observations: Observations,
    settings: FailoverSettings,
    now: datetime,
    decisions: list[FailoverDecision],
) -> TemplateRecord:
    """Drop the tasks that are done.

    Source: Karmada pkg/controllers/gracefuleviction/evictiontask.go (assessSingleTask), v1.19, in its order of checks.
    Differs: where the template is nowhere, nothing counts as healthy.
    """
    if not entry.eviction_tasks:
        return entry
    is_healthy = bool(entry.clusters) and all(
        (entry.resource, target.name) in observations.healthy for target in entry.clusters
    )
    kept = []
    for task in entry.eviction_tasks:
        if not task.creation_timestamp:
            kept.append(replace(task, creation_timestamp=rfc3339(now)))
            continue
        if task.suppress_deletion is True:
            kept.append(task)
            continue
        seconds = task.grace_period_seconds or settings.graceful_eviction_timeout_seconds
        age = (now - datetime.fromisoformat(task.creation_timestamp)).total_seconds()
        ended = "suppression-ended" if task.suppress_deletion is False else "timed-out" if age > seconds else ""
        ended = ended or ("healthy-elsewhere" if is_healthy else "")
        if ended:
            decisions.append(_decision(Subject.EVICTION_DONE, task.from_cluster, ended, resource=entry.resource))
        else:
            kept.append(task)
    return replace(entry, eviction_tasks=tuple(kept))


def _shown(taint: Taint) -> str:
    return f"{taint.key}:{taint.effect}"


def _decision(subject: Subject, cluster: str, code: str, *, resource: ResourceRef | None = None) -> FailoverDecision:
    return FailoverDecision(
        subject=subject, cluster=cluster, reason=Reason(code=code, subject=cluster), resource=resource
    )
