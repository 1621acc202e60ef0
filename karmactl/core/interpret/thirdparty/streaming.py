"""FlinkDeployment and SparkApplication: kinds whose resources are said in their own units.

Source: Karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations, flink.apache.org and
sparkoperator.k8s.io.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from karmactl.core.interpret.tables import failed, quantity_as_number
from karmactl.core.interpret.thirdparty.rules import (
    Aggregate,
    Globals,
    KindRules,
    ask_type,
    reflect_fields,
    with_status,
)
from karmactl.core.interpret.thirdparty.values import at, is_less, number, statuses_of, to_number
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, as_str, field

__all__ = ["streaming_rules"]

_FLINK_FIELDS: Final = (
    "clusterInfo",
    "error",
    "jobManagerDeploymentStatus",
    "jobStatus",
    "observedGeneration",
    "lifecycleState",
    "reconciliationStatus",
    "taskManager",
)
_SPARK_FIELDS: Final = (
    "applicationState",
    "driverInfo",
    "executorState",
    "sparkApplicationId",
    "lastSubmissionAttemptTime",
    "submissionAttempts",
    "executionAttempts",
    "submissionID",
    "terminationTime",
)


def streaming_rules(leaked: Globals | None) -> dict[tuple[str, str], KindRules]:
    """The rules by (apiVersion, kind); `leaked` is what scripts leave behind, None where they leave nothing."""
    return {
        ("flink.apache.org/v1beta1", "FlinkDeployment"): KindRules(
            replicas=_flink_replicas,
            components=_flink_components(leaked),
            aggregate=_aggregate_flink(leaked),
            status=reflect_fields(_FLINK_FIELDS, has_generations=False),
            health=_flink_health,
        ),
        ("sparkoperator.k8s.io/v1beta2", "SparkApplication"): KindRules(
            components=_spark_components(leaked),
            aggregate=_aggregate_spark,
            status=reflect_fields(_SPARK_FIELDS, has_generations=False),
            health=lambda manifest: field(manifest, "status", "applicationState", "state") not in (None, "FAILED"),
        ),
    }


def _pod_demand(
    table: dict[str, JSONValue], pod_spec: JSONValue, leaked: Globals | None, *, has_affinity: bool
) -> None:
    """Adds node claim and priority class of a pod spec to a table of requirements."""
    if pod_spec is None:
        return
    ask_type(leaked)
    claim = {"nodeSelector": at(pod_spec, "nodeSelector"), "tolerations": at(pod_spec, "tolerations")}
    if has_affinity:
        claim["hardNodeAffinity"] = field(
            pod_spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"
        )
    if any(value is not None for value in claim.values()):
        table["nodeClaim"] = claim
    if at(pod_spec, "priorityClassName"):
        table["priorityClassName"] = at(pod_spec, "priorityClassName")


# --- FlinkDeployment -----------------------------------------------------------------------------------------------


def _flink_counts(manifest: Manifest) -> tuple[int | float, int | float]:
    """Replicas of the job manager and of the task manager; the latter from parallelism and slots, if not said."""
    managers = to_number(field(manifest, "spec", "jobManager", "replicas"))
    tasks = to_number(field(manifest, "spec", "taskManager", "replicas"))
    if tasks is None:
        parallelism = to_number(field(manifest, "spec", "job", "parallelism"))
        slots = to_number(field(manifest, "spec", "flinkConfiguration", "taskmanager.numberOfTaskSlots"))
        tasks = 1 if parallelism is None or not slots else math.ceil(parallelism / slots)
    return (1 if managers is None else managers), tasks


def _flink_components(leaked: Globals | None) -> Callable[[Manifest], JSONValue]:
    def interpret(manifest: Manifest) -> JSONValue:
        managers, tasks = _flink_counts(manifest)
        pod_spec = field(manifest, "spec", "podTemplate", "spec")
        components: list[JSONValue] = []
        for key, replicas in (("jobManager", managers), ("taskManager", tasks)):
            request: dict[str, JSONValue] = {"cpu": field(manifest, "spec", key, "resource", "cpu")}
            memory = field(manifest, "spec", key, "resource", "memory")
            if memory is not None:
                request["memory"] = quantity_as_number(memory)
            table: dict[str, JSONValue] = {"resourceRequest": request}
            _pod_demand(table, pod_spec, leaked, has_affinity=False)
            components.append({"name": key.lower(), "replicas": replicas, "replicaRequirements": table})
        return components

    return interpret


def _flink_replicas(manifest: Manifest) -> tuple[JSONValue, JSONValue]:
    managers, tasks = _flink_counts(manifest)
    table: dict[str, JSONValue] = {
        "resourceRequest": {
            "cpu": _larger(manifest, "cpu", number),
            "memory": _larger(manifest, "memory", quantity_as_number),
        }
    }
    pod_spec = field(manifest, "spec", "podTemplate", "spec")
    if pod_spec is not None:
        table["nodeClaim"] = {key: at(pod_spec, key) for key in ("nodeSelector", "tolerations")}
        table["priorityClassName"] = at(pod_spec, "priorityClassName") or None
    table["namespace"] = field(manifest, "metadata", "namespace") or None
    return managers + tasks, table


def _larger(manifest: Manifest, name: str, measure: Callable[[JSONValue], float]) -> JSONValue:
    """The larger of what the two managers ask for."""
    task = field(manifest, "spec", "taskManager", "resource", name)
    job = field(manifest, "spec", "jobManager", "resource", name)
    if task is None or job is None:
        return job if task is None else task
    return job if measure(job) > measure(task) else task


def _aggregate_flink(leaked: Globals | None) -> Aggregate:
    """The status of the last member that has one."""

    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        del now
        if not items:
            return manifest
        last: dict[str, JSONValue] = {
            "error": "",
            "jobManagerDeploymentStatus": "",
            "lifecycleState": "",
            "observedGeneration": 0,
        }
        for _, status in statuses_of(items):
            last = {key: status.get(key) for key in _FLINK_FIELDS}
        if leaked is not None:
            leaked.observed_generation = last["observedGeneration"]
        unset: dict[str, JSONValue] = dict.fromkeys(_FLINK_FIELDS)
        return with_status(manifest, {**as_mapping(manifest.get("status")), **unset, **last})

    return aggregate


_SETTLED: Final = ("RUNNING", "FINISHED", "FAILED", "CANCELED", "SUSPENDED", "CANCELLING", "FAILING", "RESTARTING")
_STARTING: Final = ("CREATED", "INITIALIZING", "RECONCILING")
_USER_ERRORS: Final = ("ErrImagePull", "ImagePullBackOff", "CrashLoopBackOff")


def _flink_health(manifest: Manifest) -> JSONValue:
    """Settled jobs count as healthy whatever their outcome; a starting one only if moving it would not help."""
    status = manifest.get("status")
    state = field(status, "jobStatus", "state")
    if state is None:
        is_ready = field(status, "jobManagerDeploymentStatus") == "READY"
        return is_ready and field(status, "lifecycleState") == "STABLE"
    if state in _STARTING:
        error = as_str(field(status, "error"))
        return any(known in error for known in _USER_ERRORS)
    return state in _SETTLED


# --- SparkApplication ----------------------------------------------------------------------------------------------

_JAVA_MEMORY: Final = re.compile(r"([0-9]+\.?[0-9]*)([a-z]*)", re.ASCII)
_JAVA_UNITS: Final[Mapping[str, str]] = {
    "b": "B",
    **{prefix + suffix: f"{prefix.upper() if prefix != 'k' else 'K'}i" for prefix in "kmgtp" for suffix in ("", "b")},
}
_UNIT_POWERS: Final[Mapping[str, int]] = {"B": 0, "Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5}
_LEAST_OVERHEAD: Final = "384m"
_SPARK_STATES: Final[Mapping[str, int]] = {
    "UNKNOWN": 0,
    "": 0,
    "SUBMITTED": 1,
    "PENDING_RERUN": 1,
    "COMPLETED": 2,
    "SUSPENDING": 3,
    "SUSPENDED": 3,
    "RUNNING": 4,
    "RESUMING": 4,
    "SUCCEEDING": 4,
    "INVALIDATING": 5,
    "FAILING": 6,
    "FAILED": 6,
    "SUBMISSION_FAILED": 6,
}


def _spark_components(leaked: Globals | None) -> Callable[[Manifest], JSONValue]:
    def interpret(manifest: Manifest) -> JSONValue:
        kind = field(manifest, "spec", "type")
        if not isinstance(kind, str):
            raise failed("spec.type is missing")
        factor = to_number(field(manifest, "spec", "memoryOverheadFactor"))
        if factor is None:
            factor = 0.1 if kind.lower() in ("java", "scala") else 0.4
        return [
            {
                "name": name,
                "replicas": replicas,
                "replicaRequirements": _spark_demand(field(manifest, "spec", name), factor, leaked),
            }
            for name, replicas in (("driver", 1), ("executor", _executors(manifest)))
        ]

    return interpret


def _executors(manifest: Manifest) -> int | float:
    """The instances, or with dynamic allocation at least what it begins with."""
    instances = to_number(field(manifest, "spec", "executor", "instances"))
    counts = [1 if instances is None else instances]
    if field(manifest, "spec", "dynamicAllocation", "enabled"):
        for key in ("initialExecutors", "minExecutors"):
            executors = to_number(field(manifest, "spec", "dynamicAllocation", key))
            counts.append(1 if executors is None else executors)
    return max(counts)


def _spark_demand(part: JSONValue, factor: int | float, leaked: Globals | None) -> JSONValue:
    cores, memory = field(part, "cores"), field(part, "memory")
    total = _total_memory("1g" if memory is None else memory, field(part, "memoryOverhead"), factor)
    request: dict[str, JSONValue] = {"cpu": 1 if cores is None else cores, "memory": total}
    gpu = field(part, "gpu")
    if gpu is not None:
        name, quantity = at(gpu, "name"), to_number(at(gpu, "quantity")) or 0
        if isinstance(name, str) and name and quantity > 0:
            request[name] = quantity
    table: dict[str, JSONValue] = {"resourceRequest": request}
    _pod_demand(table, part, leaked, has_affinity=True)
    return table


def _total_memory(memory: JSONValue, overhead: JSONValue, factor: int | float) -> str:
    """Memory and overhead in the smaller unit of the two; the overhead is a share of the memory, if it is not said."""
    amount, unit = _read_java_memory(memory)
    if overhead:
        extra, extra_unit = _read_java_memory(overhead)
    else:
        least, least_unit = _read_java_memory(_LEAST_OVERHEAD)
        extra_unit = _smaller(unit, least_unit)
        extra = max(_convert(amount * factor, unit, extra_unit), _convert(least, least_unit, extra_unit))
    final = _smaller(unit, extra_unit)
    return f"{_convert(amount, unit, final) + _convert(extra, extra_unit, final):f}{final}"


def _read_java_memory(memory: JSONValue) -> tuple[float, str]:
    found = _JAVA_MEMORY.fullmatch(str(memory).lower())
    if found is None or found.group(2) not in _JAVA_UNITS:
        raise failed(f"{memory!r} is no amount of memory")
    return float(found.group(1)), _JAVA_UNITS[found.group(2)]


def _smaller(first: str, second: str) -> str:
    return first if _UNIT_POWERS[first] < _UNIT_POWERS[second] else second


def _convert(amount: float, source: str, target: str) -> float:
    if source == target:
        return amount
    return amount * 1024.0 ** (_UNIT_POWERS[source] - _UNIT_POWERS[target])


def _aggregate_spark(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """The worst state, attempts added up, the latest times, and all executors."""
    del now
    if not items:
        return manifest
    if len(items) == 1:
        return {**manifest, "status": items[0].status}
    state: JSONValue = {}
    worst = -1
    result: dict[str, JSONValue] = {"executionAttempts": 0, "submissionAttempts": 0}
    times: dict[str, JSONValue] = {"lastSubmissionAttemptTime": "", "terminationTime": ""}
    executors: dict[str, JSONValue] = {}
    for _, status in statuses_of(items):
        own = status.get("applicationState")
        if own is not None:
            rank = _SPARK_STATES.get(as_str(at(own, "state")))
            if rank is None or at(own, "state") is None:
                raise failed(f"state {at(own, 'state')!r} is unknown")
            if rank > worst:
                state, worst = own, rank
        for key, total in result.items():
            result[key] = number(total) + number(status.get(key) or 0)
        for key, latest in times.items():
            time = status.get(key)
            if time and (latest == "" or is_less(latest, time)):
                times[key] = time
        executors |= as_mapping(status.get("executorState"))
    result |= {"applicationState": state, "executorState": executors, **times}
    return with_status(manifest, {**as_mapping(manifest.get("status")), **result})
