"""Kubeflow: PyTorchJob, TFJob, MPIJob and Notebook.

Source: Karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations/kubeflow.org.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from karmactl.core.interpret.tables import encode_requirements, template_requirements
from karmactl.core.interpret.thirdparty.rules import (
    Aggregate,
    Globals,
    KindRules,
    ask_type,
    condition_type,
    pod_references,
    with_status,
)
from karmactl.core.interpret.thirdparty.values import at, is_less, items_of, number, statuses_of, to_number
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, field

__all__ = ["has_failed_condition", "kubeflow_rules", "omit_empty"]

_COUNTS: Final = ("active", "failed", "succeeded")
_TF_TYPES: Final = ("PS", "Worker", "Chief", "Master", "Evaluator")
_PYTORCH_TYPES: Final = ("Master", "Worker")


def kubeflow_rules(leaked: Globals | None) -> dict[tuple[str, str], KindRules]:
    """The rules by (apiVersion, kind); `leaked` is what scripts leave behind, None where they leave nothing."""
    return {
        ("kubeflow.org/v1", "PyTorchJob"): KindRules(
            components=_replica_components("pytorchReplicaSpecs", _PYTORCH_TYPES),
            aggregate=_aggregate_training(_PYTORCH_TYPES, _pytorch_conditions, leaked),
            dependencies=_replica_references("pytorchReplicaSpecs", _PYTORCH_TYPES),
            health=_training_health,
        ),
        ("kubeflow.org/v1", "TFJob"): KindRules(
            components=_replica_components("tfReplicaSpecs", _TF_TYPES),
            aggregate=_aggregate_training(_TF_TYPES, _tf_conditions, leaked),
            dependencies=_replica_references("tfReplicaSpecs", _TF_TYPES),
            health=_training_health,
        ),
        ("kubeflow.org/v2beta1", "MPIJob"): KindRules(
            components=_mpi_components,
            aggregate=_aggregate_mpi(leaked),
            status=_mpi_status(leaked),
            health=lambda manifest: bool(field(manifest, "status", "conditions")) and _training_health(manifest),
        ),
        ("kubeflow.org/v1", "Notebook"): KindRules(
            replicas=lambda manifest: (1, encode_requirements(template_requirements(at(manifest, "spec", "template")))),
            aggregate=_aggregate_notebook(leaked),
            status=_notebook_status(leaked),
            health=_notebook_health,
        ),
    }


def has_failed_condition(conditions: JSONValue) -> bool:
    """Whether a condition Failed=True is among them."""
    return any(
        at(condition, "type") == "Failed" and at(condition, "status") == "True" for condition in items_of(conditions)
    )


def omit_empty(value: Mapping[str, JSONValue], *, omits_zero: bool = True) -> dict[str, JSONValue]:
    """A status without empty tables, and without 0, "" and "0s" where those are taken for empty."""
    result: dict[str, JSONValue] = {}
    for key, entry in value.items():
        kept = _omit(entry, omits_zero)
        if kept is not None:
            result[key] = kept
    return result


def _omit(entry: JSONValue, omits_zero: bool) -> JSONValue:
    if isinstance(entry, dict):
        return omit_empty(entry, omits_zero=omits_zero) or None
    if isinstance(entry, list):
        kept = [_omit(item, omits_zero) for item in entry]
        return [item for item in kept if item is not None] or None
    is_zero = not isinstance(entry, bool) and entry in (0, "", "0s")
    return None if omits_zero and is_zero else entry


def _training_health(manifest: Manifest) -> JSONValue:
    conditions = field(manifest, "status", "conditions")
    return conditions is not None and not has_failed_condition(conditions)


def _replica_components(key: str, types: Sequence[str]) -> Callable[[Manifest], JSONValue]:
    def interpret(manifest: Manifest) -> JSONValue:
        components: list[JSONValue] = []
        for kind in types:
            spec = field(manifest, "spec", key, kind)
            if spec is None:
                continue
            template = at(spec, "template")
            replicas = to_number(at(spec, "replicas"))
            requirements = None if template is None else encode_requirements(template_requirements(template))
            components.append(
                {
                    "name": kind.lower(),
                    "replicas": 1 if replicas is None else replicas,
                    "replicaRequirements": requirements,
                }
            )
        return components

    return interpret


def _replica_references(key: str, types: Sequence[str]) -> Callable[[Manifest], JSONValue]:
    def interpret(manifest: Manifest) -> JSONValue:
        found: list[JSONValue] = []
        for kind in types:
            template = field(manifest, "spec", key, kind, "template")
            if template is not None:
                found.extend(items_of(pod_references(template, manifest) or []))
        return found

    return interpret


# --- Training jobs -------------------------------------------------------------------------------------------------

# (statuses by cluster, items, start, completion, now) to conditions and whether the job is complete.
_Conditions = Callable[[Sequence[tuple[str, Manifest]], int, JSONValue, JSONValue, str], tuple[list[JSONValue], bool]]


def _aggregate_training(types: Sequence[str], conditions_of: _Conditions, leaked: Globals | None) -> Aggregate:
    """Replica statuses added up by type, the earliest start, the latest end, and conditions of the whole."""

    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        status = dict(as_mapping(manifest.get("status")))
        if not items:
            cleared: dict[str, JSONValue] = {
                "startTime": None,
                "completionTime": None,
                "replicaStatuses": {},
                "conditions": {},
            }
            return with_status(manifest, {**status, **cleared})
        members = statuses_of(items)
        start = _extreme(members, "startTime", latest=False)
        completion = _extreme(members, "completionTime", latest=True)
        conditions, is_complete = conditions_of(members, len(items), start, completion, now)
        if is_complete:
            status["completionTime"] = completion
        status |= {
            "startTime": start,
            "lastReconcileTime": _extreme(members, "lastReconcileTime", latest=True),
            "replicaStatuses": _add_replica_statuses(members, types),
            "conditions": conditions,
        }
        ask_type(leaked)
        return with_status(manifest, omit_empty(status))

    return aggregate


def _add_replica_statuses(members: Sequence[tuple[str, Manifest]], types: Sequence[str]) -> JSONValue:
    totals: dict[str, JSONValue] = {}
    for kind in types:
        counts: dict[str, JSONValue] = dict.fromkeys(_COUNTS, 0)
        for _, status in members:
            replica = field(status, "replicaStatuses", kind)
            if replica is not None:
                for key in _COUNTS:
                    counts[key] = number(counts[key]) + number(at(replica, key) or 0)
        totals[kind] = counts
    return totals


def _extreme(
    members: Sequence[tuple[str, Manifest]], key: str, *, latest: bool, skips_empty: bool = False
) -> JSONValue:
    """The earliest or latest of the members' times; RFC 3339 texts are compared as they are."""
    best: JSONValue = None
    for _, status in members:
        time = status.get(key)
        if time is None or (skips_empty and time == ""):
            continue
        if best is None or (is_less(best, time) if latest else is_less(time, best)):
            best = time
    return best


def _has_condition(status: Manifest, kind: str) -> bool:
    return any(
        at(condition, "type") == kind and at(condition, "status") == "True"
        for condition in items_of(status.get("conditions") or [])
    )


def _pytorch_conditions(
    members: Sequence[tuple[str, Manifest]], expected: int, start: JSONValue, completion: JSONValue, now: str
) -> tuple[list[JSONValue], bool]:
    del now
    failed = [cluster for cluster, status in members if _has_condition(status, "Failed")]
    succeeded = sum(
        _has_condition(status, "Succeeded") and not _has_condition(status, "Failed") for _, status in members
    )
    running = [
        condition
        for _, status in members
        for condition in items_of(status.get("conditions") or [])
        if at(condition, "type") == "Running"
    ]
    conditions: list[JSONValue] = []
    if any(_has_condition(status, "Created") for _, status in members):
        conditions.append(_training_condition("PyTorchJob", "Created", "is created.", (start, start)))
    if running:
        is_final = bool(failed) or succeeded == expected
        times = (at(running[-1], "lastUpdateTime"), at(running[-1], "lastTransitionTime"))
        condition = _training_condition("PyTorchJob", "Running", "is running.", times)
        conditions.append({**condition, "status": "False" if is_final else "True"})
    ended = (completion, completion)
    if failed:
        text = f"executed failed in member clusters: {', '.join(failed)}"
        conditions.append(_training_condition("PyTorchJob", "Failed", text, ended))
    elif succeeded == expected:
        conditions.append(_training_condition("PyTorchJob", "Succeeded", "is successfully completed.", ended))
        return conditions, True
    return conditions, False


def _training_condition(kind: str, type_: str, text: str, times: tuple[JSONValue, JSONValue]) -> dict[str, JSONValue]:
    return {
        "type": type_,
        "status": "True",
        "lastUpdateTime": times[0],
        "lastTransitionTime": times[1],
        "reason": f"{kind}{type_}",
        "message": f"{kind} {text}",
    }


def _tf_conditions(
    members: Sequence[tuple[str, Manifest]], expected: int, start: JSONValue, completion: JSONValue, now: str
) -> tuple[list[JSONValue], bool]:
    del start, completion
    outcomes = [(cluster, _last_outcome(status)) for cluster, status in members]
    failed = [cluster for cluster, outcome in outcomes if outcome == "Failed"]
    is_complete = bool(expected) and sum(outcome == "Succeeded" for _, outcome in outcomes) == expected
    conditions: list[JSONValue] = []
    if failed:
        text = f"TFJob executed failed in member clusters: {', '.join(failed)}"
        conditions.append(_condition("Failed", "TFJobFailed", text, now))
    if is_complete:
        conditions.append(_condition("Succeeded", "Completed", "TFJob completed successfully", now))
    return conditions, is_complete


def _last_outcome(status: Manifest) -> JSONValue:
    outcome: JSONValue = None
    for condition in items_of(status.get("conditions") or []):
        if at(condition, "type") in ("Succeeded", "Failed") and at(condition, "status") == "True":
            outcome = at(condition, "type")
    return outcome


def _condition(kind: str, reason: str, message: str, now: str) -> dict[str, JSONValue]:
    return {
        "type": kind,
        "status": "True",
        "lastProbeTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


# --- MPIJob --------------------------------------------------------------------------------------------------------


def _mpi_components(manifest: Manifest) -> JSONValue:
    components: list[JSONValue] = []
    # Karmada's order is random; the names' order is as good.
    for name, spec in sorted(as_mapping(field(manifest, "spec", "mpiReplicaSpecs")).items()):
        template = at(spec, "template")
        if template is None:
            continue
        replicas = to_number(at(spec, "replicas"))
        default = 0 if name.lower() == "worker" else 1
        requirements = encode_requirements(template_requirements(template))
        components.append(
            {"name": name, "replicas": default if replicas is None else replicas, "replicaRequirements": requirements}
        )
    return components


def _aggregate_mpi(leaked: Globals | None) -> Aggregate:
    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        del now
        if not items:
            return manifest
        if len(items) == 1:
            return {**manifest, "status": items[0].status}
        members = statuses_of(items)
        replica_types = dict.fromkeys(
            kind for _, status in members for kind in as_mapping(status.get("replicaStatuses"))
        )
        status: dict[str, JSONValue] = {
            "replicaStatuses": _add_replica_statuses(members, tuple(replica_types)),
            "conditions": _latest_by_type(members),
            "startTime": _extreme(members, "startTime", latest=False, skips_empty=True),
            "completionTime": _extreme(members, "completionTime", latest=True, skips_empty=True),
            "lastReconcileTime": _extreme(members, "lastReconcileTime", latest=True, skips_empty=True),
        }
        ask_type(leaked)
        return with_status(manifest, omit_empty(status, omits_zero=False))

    return aggregate


def _latest_by_type(members: Sequence[tuple[str, Manifest]]) -> list[JSONValue]:
    latest: dict[str, JSONValue] = {}
    for _, status in members:
        for condition in items_of(status.get("conditions") or []):
            time = _condition_time(condition)
            if time in (None, ""):
                continue
            kind = condition_type(condition)
            if kind not in latest or is_less(_condition_time(latest[kind]), time):
                latest[kind] = condition
    return list(latest.values())


def _condition_time(condition: JSONValue) -> JSONValue:
    return at(condition, "lastUpdateTime") or at(condition, "lastTransitionTime")


def _mpi_status(leaked: Globals | None) -> Callable[[Manifest], JSONValue]:
    def reflect(manifest: Manifest) -> JSONValue:
        status = manifest.get("status")
        if status is None:
            return {}
        ask_type(leaked)
        keys = (*_COUNTS, "selector")
        replica_statuses: dict[str, JSONValue] = {
            kind: {key: at(entry, key) for key in keys}
            for kind, entry in as_mapping(at(status, "replicaStatuses")).items()
        }
        times = {key: at(status, key) for key in ("startTime", "completionTime", "lastReconcileTime")}
        conditions = at(status, "conditions")
        kept = conditions if isinstance(conditions, list) else []
        return {"replicaStatuses": replica_statuses, "conditions": kept, **times}

    return reflect


# --- Notebook ------------------------------------------------------------------------------------------------------


def _notebook_status(leaked: Globals | None) -> Callable[[Manifest], JSONValue]:
    def reflect(manifest: Manifest) -> JSONValue:
        status = manifest.get("status")
        if status is None:
            return {}
        ask_type(leaked)
        conditions = at(status, "conditions")
        return {
            "readyReplicas": at(status, "readyReplicas") or 0,
            "containerState": at(status, "containerState"),
            "conditions": conditions if isinstance(conditions, list | dict) else [],
        }

    return reflect


def _notebook_health(manifest: Manifest) -> JSONValue:
    state = field(manifest, "status", "containerState")
    if state is None:
        return False
    if at(state, "running") is not None:
        return True
    if at(state, "waiting") is not None:
        return at(state, "waiting", "reason") == "ContainerCreating"
    if at(state, "terminated") is None:
        return False
    reason, code = at(state, "terminated", "reason"), at(state, "terminated", "exitCode") or 0
    return reason not in ("Error", "OOMKilled", "ContainerCannotRun") and code == 0


def _aggregate_notebook(leaked: Globals | None) -> Aggregate:
    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        if not items:
            return manifest
        if len(items) == 1:
            return {**manifest, "status": items[0].status}
        failed: list[str] = []
        running = 0
        ready: int | float = 0
        state: JSONValue = None
        for cluster, status in statuses_of(items):
            ready += number(status.get("readyReplicas") or 0)
            own = status.get("containerState")
            if own is not None:
                ask_type(leaked)
            if not own or at(own, "terminated") is not None or at(own, "waiting") is not None:
                failed.append(cluster)
                state = own or {"waiting": {"reason": "Unschedulable"}}
            elif at(own, "running") is not None and not failed:
                running += 1
                state = _later_start(state, at(own, "running", "startedAt"))
        conditions: list[JSONValue] = []
        if failed:
            text = f"Notebook executed failed in member clusters: {', '.join(failed)}"
            conditions.append(_condition("Failed", "NotebookFailed", text, now))
        if running == len(items):
            conditions.append(_condition("Ready", "Ready", "All notebooks are ready", now))
        return with_status(manifest, {"readyReplicas": ready, "containerState": state, "conditions": conditions})

    return aggregate


def _later_start(state: JSONValue, started: JSONValue) -> JSONValue:
    """The running state with the latest start so far."""
    if state is None:
        return {"running": {"startedAt": started}}
    before = field(state, "running", "startedAt")
    if started is None or (before is not None and not is_less(before, started)):
        return state
    return {**as_mapping(state), "running": {"startedAt": started}}
