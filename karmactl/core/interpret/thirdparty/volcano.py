"""Volcano's Job and Argo's Workflow.

Source: Karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations/{batch.volcano.sh,argoproj.io}.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from karmactl.core.interpret.tables import encode_requirements, failed, template_requirements
from karmactl.core.interpret.thirdparty.kubeflow import omit_empty
from karmactl.core.interpret.thirdparty.pod_parts import volume_references
from karmactl.core.interpret.thirdparty.rules import (
    Aggregate,
    Globals,
    KindRules,
    ask_type,
    reference,
    revise_at,
    with_status,
)
from karmactl.core.interpret.thirdparty.values import at, is_less, items_of, number, statuses_of, to_number
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, as_str, field

__all__ = ["volcano_rules"]

_JOB_SUMS: Final = (
    "minAvailable",
    "pending",
    "running",
    "succeeded",
    "failed",
    "terminating",
    "unknown",
    "retryCount",
)
_FAILED_PHASES: Final = ("Failed", "Aborted", "Aborting", "Terminated", "Terminating")
_HEALTHY_PHASES: Final = (
    "Running",
    "Completed",
    "Pending",
    "Aborting",
    "Aborted",
    "Restarting",
    "Completing",
    "Terminating",
    "Terminated",
)
_DURATION: Final = re.compile(r"([0-9.]+)([hms])", re.ASCII)
_SECONDS: Final[Mapping[str, int]] = {"h": 3600, "m": 60, "s": 1}


def volcano_rules(leaked: Globals | None) -> dict[tuple[str, str], KindRules]:
    """The rules by (apiVersion, kind); `leaked` is what scripts leave behind, None where they leave nothing."""
    return {
        ("batch.volcano.sh/v1alpha1", "Job"): KindRules(
            components=_job_components,
            aggregate=_aggregate_job(leaked),
            status=_job_status(leaked),
            health=lambda manifest: field(manifest, "status", "state", "phase") in _HEALTHY_PHASES,
        ),
        ("argoproj.io/v1alpha1", "Workflow"): KindRules(
            replicas=_workflow_replicas,
            revise=revise_at("parallelism"),
            retain=_retain_workflow,
            dependencies=_workflow_references,
            health=_workflow_health,
        ),
    }


def _job_components(manifest: Manifest) -> JSONValue:
    components: list[JSONValue] = []
    for index, task in enumerate(items_of(field(manifest, "spec", "tasks") or [])):
        replicas = to_number(at(task, "minAvailable"))
        components.append(
            {
                "name": at(task, "name") or f"task-{index}",
                "replicas": 1 if replicas is None else replicas,
                "replicaRequirements": encode_requirements(template_requirements(at(task, "template"))),
            }
        )
    return components


def _job_status(leaked: Globals | None) -> Callable[[Manifest], JSONValue]:
    def reflect(manifest: Manifest) -> JSONValue:
        status = manifest.get("status")
        if status is None:
            return {}
        ask_type(leaked)
        keys = (*_JOB_SUMS, "version", "runningDuration", "taskStatusCount", "controlledResources", "state")
        conditions = at(status, "conditions")
        kept = conditions if isinstance(conditions, list) else []
        return {**{key: at(status, key) for key in keys}, "conditions": kept}

    return reflect


def _aggregate_job(leaked: Globals | None) -> Aggregate:
    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        if not items:
            return manifest
        if len(items) == 1:
            return {**manifest, "status": items[0].status}
        ask_type(leaked)
        members = statuses_of(items)
        statuses = [status for _, status in members]
        result: dict[str, JSONValue] = {
            **{key: sum(number(status.get(key) or 0) for status in statuses) for key in _JOB_SUMS},
            "version": max((number(status.get("version") or 0) for status in statuses), default=0),
            "state": _job_state(members, len(items), now),
            "taskStatusCount": _add_task_phases(statuses),
            "controlledResources": {
                key: value
                for status in statuses
                for key, value in as_mapping(status.get("controlledResources")).items()
            },
            "conditions": _job_conditions(statuses),
            "runningDuration": _longest(statuses),
        }
        return with_status(manifest, omit_empty(result))

    return aggregate


def _job_state(members: Sequence[tuple[str, Manifest]], expected: int, now: str) -> JSONValue:
    phases = [(cluster, field(status, "state", "phase")) for cluster, status in members]
    lost = [cluster for cluster, phase in phases if phase in ("Failed", "Aborted")]
    if sum(phase == "Completed" for _, phase in phases) == expected:
        state = ("Completed", "Completed", "Job completed successfully")
    elif lost:
        state = ("Failed", "VolcanoJobFailed", f"Job failed in clusters: {','.join(lost)}")
    else:
        return {}
    return {"phase": state[0], "reason": state[1], "message": state[2], "lastTransitionTime": now}


def _add_task_phases(statuses: Sequence[Manifest]) -> JSONValue:
    tasks: dict[str, dict[str, JSONValue]] = {}
    for status in statuses:
        for task, counted in as_mapping(status.get("taskStatusCount")).items():
            phases = tasks.setdefault(task, {})
            for phase, count in as_mapping(at(counted, "phase")).items():
                phases[phase] = number(phases.get(phase, 0)) + number(count)
    return {task: {"phase": phases} for task, phases in tasks.items()}


def _job_conditions(statuses: Sequence[Manifest]) -> list[JSONValue]:
    """Those of the first member that failed; without one the latest condition of each status."""
    latest: dict[str, JSONValue] = {}
    first_failed: list[JSONValue] = []
    has_failed = False
    for status in statuses:
        conditions = items_of(status.get("conditions") or [])
        is_failed = False
        for condition in conditions:
            phase = as_str(at(condition, "status"))
            is_failed = is_failed or phase in _FAILED_PHASES
            if is_failed:
                continue
            before = latest.get(phase)
            time = at(condition, "lastTransitionTime")
            if before is None or is_less(at(before, "lastTransitionTime"), time):
                if at(condition, "status") is None:
                    raise failed("table index is nil")
                latest[phase] = condition
        if is_failed:
            has_failed = True
            first_failed = first_failed or conditions
    return first_failed if has_failed else list(latest.values())


def _longest(statuses: Sequence[Manifest]) -> JSONValue:
    longest: JSONValue = "0s"
    for status in statuses:
        duration = status.get("runningDuration")
        if _seconds(duration) > _seconds(longest):
            longest = duration
    return longest


def _seconds(duration: JSONValue) -> float:
    if isinstance(duration, int | float):
        return duration
    if not isinstance(duration, str):
        return 0
    total = sum(number(amount) * _SECONDS[unit] for amount, unit in _DURATION.findall(duration))
    return total or to_number(duration) or 0


# --- Workflow ------------------------------------------------------------------------------------------------------


def _workflow_replicas(manifest: Manifest) -> tuple[JSONValue, JSONValue]:
    spec = at(manifest, "spec")
    parallelism = at(spec, "parallelism")
    pod_spec = {key: at(spec, key) for key in ("affinity", "nodeSelector", "tolerations")}
    requirements = encode_requirements(template_requirements({"spec": pod_spec}))
    return (1 if parallelism is None else parallelism), requirements


def _retain_workflow(desired: Manifest, observed: Manifest) -> Manifest:
    """The member's suspension, and its status: Argo keeps the state of the run there."""
    result = desired
    suspend = at(observed, "spec", "suspend")
    if suspend is not None:
        at(desired, "spec", "suspend")
        result = {**result, "spec": {**as_mapping(result.get("spec")), "suspend": suspend}}
    if observed.get("status") is not None:
        result = {**result, "status": observed["status"]}
    return result


def _workflow_health(manifest: Manifest) -> JSONValue:
    return field(manifest, "status", "phase") not in (None, "", "Error", "Failed")


def _workflow_references(manifest: Manifest) -> JSONValue:
    spec = at(manifest, "spec")
    if spec is None:
        raise failed("the workflow has no spec")
    names = [("ServiceAccount", as_str(field(spec, "executor", "serviceAccountName")))]
    names += [
        ("PersistentVolumeClaim", as_str(at(claim, "metadata", "name")))
        for claim in items_of(at(spec, "volumeClaimTemplates") or [])
    ]
    # The rule reads `name` where a Secret volume has `secretName`.
    names += volume_references(at(spec, "volumes"), secret_key="name")
    names += [("Secret", as_str(at(secret, "name"))) for secret in items_of(at(spec, "imagePullSecrets") or [])]
    account = as_str(at(spec, "serviceAccountName"))
    names.append(("ServiceAccount", "" if account == "default" else account))
    return [reference(kind, name, manifest) for kind, name in dict.fromkeys(names) if name]
