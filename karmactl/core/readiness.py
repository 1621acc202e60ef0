"""Readiness: whether an applied object is as its controllers should make it, judged from the object alone.

For waiting, not for placement: Karmada's health (`core.interpret`) decides failover. The rules are those of kstatus
(sigs.k8s.io/cli-utils, pkg/kstatus/status/core.go) with one difference: a Job counts when it runs or is complete,
and only workloads are waited for, since a PVC that binds on first use or a LoadBalancer would wait for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, field, group_of, kind_of

__all__ = ["Readiness", "ReadyState", "is_waited_for", "readiness", "replica_counts"]


class ReadyState(Enum):
    """What the object says of itself."""

    READY = "ready"
    PROGRESSING = "progressing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """A state with the words behind it; `ready` of `wanted` replicas where the kind has them."""

    state: ReadyState
    message: str = ""
    ready: int | None = None
    wanted: int | None = None


_READY = Readiness(state=ReadyState.READY)


def is_waited_for(group: str, kind: str) -> bool:
    """Whether a run waits for objects of this kind at its end: workloads."""
    return (group, kind) in _RULES and (group, kind) not in {("", "Namespace"), ("apiextensions.k8s.io", _CRD)}


def readiness(manifest: Manifest) -> Readiness:
    """The readiness of a live object; kinds without a rule are ready as soon as they exist."""
    group, _ = group_of(as_str(manifest.get("apiVersion")))
    if field(manifest, "metadata", "deletionTimestamp") is not None:
        return _progressing("it is being deleted")
    rule = _RULES.get((group, kind_of(manifest)))
    return rule(manifest) if rule else _READY


def replica_counts(manifest: Manifest) -> tuple[int, int] | None:
    """(ready, wanted) replicas of a live workload; None for what has none."""
    state = readiness(manifest)
    return None if state.ready is None or state.wanted is None else (state.ready, state.wanted)


def _progressing(message: str, ready: int | None = None, wanted: int | None = None) -> Readiness:
    return Readiness(state=ReadyState.PROGRESSING, message=message, ready=ready, wanted=wanted)


def _int(value: JSONValue, default: int = 0) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _condition(manifest: Manifest, kind: str) -> dict[str, JSONValue]:
    for item in as_list(field(manifest, "status", "conditions")):
        if as_mapping(item).get("type") == kind:
            return as_mapping(item)
    return {}


def _is_observed(manifest: Manifest) -> bool:
    generation = _int(field(manifest, "metadata", "generation"))
    return _int(field(manifest, "status", "observedGeneration"), generation) >= generation


def _counted(ready: int, wanted: int, *, updated: int, total: int, what: str) -> Readiness:
    """The common end of the replica kinds: enough updated, none left over, enough ready."""
    if updated < wanted:
        return _progressing(f"{updated} of {wanted} {what} updated", ready, wanted)
    if total > updated:
        return _progressing(f"{total - updated} old {what} pending termination", ready, wanted)
    if ready < wanted:
        return _progressing(f"{ready} of {wanted} {what} ready", ready, wanted)
    return Readiness(state=ReadyState.READY, ready=ready, wanted=wanted)


def _deployment(manifest: Manifest) -> Readiness:
    status = as_mapping(manifest.get("status"))
    wanted = _int(field(manifest, "spec", "replicas"), 1)
    available = _int(status.get("availableReplicas"))
    if not _is_observed(manifest) or "observedGeneration" not in status:
        return _progressing("not yet observed by its controller", available, wanted)
    if field(manifest, "spec", "paused") is True:
        # Nothing moves until a hand lets it go on: waiting would only run out of time.
        return Readiness(state=ReadyState.READY, message="the rollout is paused", ready=available, wanted=wanted)
    progressing = _condition(manifest, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return Readiness(
            state=ReadyState.FAILED, message=as_str(progressing.get("message")), ready=available, wanted=wanted
        )
    failure = _condition(manifest, "ReplicaFailure")
    if failure.get("status") == "True" and _int(status.get("updatedReplicas")) < wanted:
        return _progressing(f"its pods cannot be created: {as_str(failure.get('message'))}", available, wanted)
    return _counted(
        available,
        wanted,
        updated=_int(status.get("updatedReplicas")),
        total=_int(status.get("replicas")),
        what="replicas",
    )


def _stateful_set(manifest: Manifest) -> Readiness:
    status = as_mapping(manifest.get("status"))
    wanted = _int(field(manifest, "spec", "replicas"), 1)
    ready = _int(status.get("readyReplicas"))
    if not _is_observed(manifest) or "observedGeneration" not in status:
        return _progressing("not yet observed by its controller", ready, wanted)
    if field(manifest, "spec", "updateStrategy", "type") == "OnDelete":
        return Readiness(state=ReadyState.READY, ready=ready, wanted=wanted)
    partition = _int(field(manifest, "spec", "updateStrategy", "rollingUpdate", "partition"))
    updated = _int(status.get("updatedReplicas"))
    if updated < wanted - partition:
        return _progressing(f"{updated} of {wanted - partition} replicas updated", ready, wanted)
    if ready < wanted:
        return _progressing(f"{ready} of {wanted} replicas ready", ready, wanted)
    return Readiness(state=ReadyState.READY, ready=ready, wanted=wanted)


def _replica_set(manifest: Manifest) -> Readiness:
    status = as_mapping(manifest.get("status"))
    wanted = _int(field(manifest, "spec", "replicas"), 1)
    available = _int(status.get("availableReplicas"))
    if not _is_observed(manifest) or available < wanted:
        return _progressing(f"{available} of {wanted} replicas available", available, wanted)
    return Readiness(state=ReadyState.READY, ready=available, wanted=wanted)


def _daemon_set(manifest: Manifest) -> Readiness:
    status = as_mapping(manifest.get("status"))
    if not _is_observed(manifest) or "desiredNumberScheduled" not in status:
        return _progressing("not yet observed by its controller")
    wanted = _int(status.get("desiredNumberScheduled"))
    available = _int(status.get("numberAvailable"))
    if field(manifest, "spec", "updateStrategy", "type") == "OnDelete":
        return _counted(available, wanted, updated=wanted, total=wanted, what="pods")
    updated = _int(status.get("updatedNumberScheduled"))
    return _counted(available, wanted, updated=updated, total=updated, what="pods")


def _job(manifest: Manifest) -> Readiness:
    failed = _condition(manifest, "Failed")
    if failed.get("status") == "True":
        return Readiness(state=ReadyState.FAILED, message=as_str(failed.get("message")) or "the Job failed")
    if _condition(manifest, "Complete").get("status") == "True" or field(manifest, "spec", "suspend") is True:
        return _READY
    status = as_mapping(manifest.get("status"))
    if _int(status.get("active")) or _int(status.get("succeeded")):
        return _READY
    return _progressing("not started")


def _pod(manifest: Manifest) -> Readiness:
    phase = field(manifest, "status", "phase")
    if phase == "Succeeded" or _condition(manifest, "Ready").get("status") == "True":
        return _READY
    if phase == "Failed":
        return Readiness(state=ReadyState.FAILED, message=as_str(field(manifest, "status", "message")) or "Pod failed")
    return _progressing(f"phase {phase or 'unknown'}")


def _namespace(manifest: Manifest) -> Readiness:
    phase = as_str(field(manifest, "status", "phase"))
    return _READY if phase == "Active" else _progressing(f"phase {phase or 'unknown'}")


def _crd(manifest: Manifest) -> Readiness:
    refused = _condition(manifest, "NamesAccepted")
    if refused.get("status") == "False":
        return Readiness(state=ReadyState.FAILED, message=as_str(refused.get("message")))
    if _condition(manifest, "Established").get("status") == "True":
        return _READY
    return _progressing("not established")


_CRD = "CustomResourceDefinition"
_RULES: dict[tuple[str, str], Callable[[Manifest], Readiness]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "ReplicaSet"): _replica_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): _job,
    ("", "Pod"): _pod,
    ("", "Namespace"): _namespace,
    ("apiextensions.k8s.io", _CRD): _crd,
}
