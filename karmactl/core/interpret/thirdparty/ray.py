"""Ray: RayCluster, RayJob and RayService.

Source: Karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations/ray.io.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from karmactl.core.interpret.tables import encode_requirements, failed, read_quantity, template_requirements
from karmactl.core.interpret.thirdparty.pod_parts import environment_references, volume_references
from karmactl.core.interpret.thirdparty.rules import KindRules, reference, with_status
from karmactl.core.interpret.thirdparty.values import at, is_less, items_of, number, statuses_of
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, field
from karmactl.core.quantity import ZERO, parse_quantity

__all__ = ["RAY_RULES"]

_WORKER_SUMS: Final = (
    "readyWorkerReplicas",
    "availableWorkerReplicas",
    "maxWorkerReplicas",
    "minWorkerReplicas",
    "desiredWorkerReplicas",
)
_DEPLOYMENT_STATUS: Final[Mapping[str, int]] = {
    "": 0,
    "Initializing": 1,
    "Waiting": 2,
    "Suspending": 3,
    "Suspended": 3,
    "Retrying": 4,
    "Running": 5,
    "Complete": 6,
    "ValidationFailed": 7,
    "Failed": 8,
}
_JOB_STATUS: Final[Mapping[str, int]] = {
    "": 0,
    "PENDING": 1,
    "RUNNING": 2,
    "SUCCEEDED": 3,
    "STOPPED": 4,
    "FAILED": 5,
}
_APPLICATION_STATUS: Final[Mapping[str, int]] = {
    "RUNNING": 0,
    "NOT_STARTED": 1,
    "DEPLOYING": 2,
    "DELETING": 3,
    "UNHEALTHY": 4,
    "DEPLOY_FAILED": 5,
}


# --- Parts ---------------------------------------------------------------------------------------------------------


def _components(*path: str) -> Callable[[Manifest], JSONValue]:
    """The head and each worker group of the cluster spec at a path."""

    def interpret(manifest: Manifest) -> JSONValue:
        spec = field(manifest, *path)
        components: list[JSONValue] = []
        head = field(spec, "headGroupSpec", "template")
        if head is not None:
            components.append(_component("ray-head", 1, head))
        groups = field(spec, "workerGroupSpecs")
        for index, group in enumerate(items_of(groups or []), 1):
            name = at(group, "groupName") or f"worker-{index}"
            components.append(_component(name, at(group, "replicas") or 0, at(group, "template")))
        return components

    return interpret


def _component(name: JSONValue, replicas: JSONValue, template: JSONValue) -> JSONValue:
    requirements = None if template is None else encode_requirements(template_requirements(template))
    return {"name": name, "replicas": replicas, "replicaRequirements": requirements}


def _references(*paths: str, has_submitter: bool = False) -> Callable[[Manifest], JSONValue]:
    """What the pods of head and workers need, each once."""

    def interpret(manifest: Manifest) -> JSONValue:
        spec = field(manifest, *paths)
        pod_specs = [field(spec, "headGroupSpec", "template", "spec")]
        pod_specs += [field(group, "template", "spec") for group in as_list(field(spec, "workerGroupSpecs"))]
        if has_submitter:
            pod_specs.append(field(manifest, "spec", "submitterPodTemplate", "spec"))
        names: dict[tuple[str, str], None] = {}
        for pod_spec in pod_specs:
            if pod_spec is not None:
                names |= dict.fromkeys(_pod_names(pod_spec))
        return [reference(kind, name, manifest) for kind, name in names if name]

    return interpret


def _pod_names(pod_spec: JSONValue) -> list[tuple[str, str]]:
    account = as_str(at(pod_spec, "serviceAccountName"))
    names = [("ServiceAccount", "" if account == "default" else account)]
    names += [("Secret", as_str(at(secret, "name"))) for secret in items_of(at(pod_spec, "imagePullSecrets") or [])]
    names += volume_references(at(pod_spec, "volumes"), secret_key="secretName")
    names += environment_references(pod_spec)
    return names


# --- RayCluster ----------------------------------------------------------------------------------------------------


def _cluster_health(manifest: Manifest) -> JSONValue:
    conditions = field(manifest, "status", "conditions")
    if conditions is None:
        return False
    true = [at(entry, "type") for entry in items_of(conditions) if at(entry, "status") == "True"]
    return "HeadPodReady" in true and "RayClusterProvisioned" in true and "RayClusterReplicaFailure" not in true


def _single(manifest: Manifest, items: Sequence[AggregatedStatusItem]) -> Manifest | None:
    """With one member its status is taken over; the spec is not given back. None where there are more."""
    if not items:
        return manifest
    if len(items) == 1:
        return {**manifest, "spec": None, "status": items[0].status}
    return None


def _aggregate_cluster(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    del now
    if (single := _single(manifest, items)) is not None:
        return single
    members = [status for _, status in statuses_of(items)]
    result: dict[str, JSONValue] = {
        "conditions": [entry for status in members for entry in items_of(status.get("conditions") or [])],
        **{key: sum(number(status.get(key) or 0) for status in members) for key in _WORKER_SUMS},
        **{key: _add_quantities(members, key) for key in ("desiredCPU", "desiredMemory")},
        **{key: str(sum(_read_count(status.get(key)) for status in members)) for key in ("desiredGPU", "desiredTPU")},
        "lastUpdateTime": _latest(members, "lastUpdateTime"),
        "endpoints": _first(members, "endpoints"),
        "head": _first(members, "head"),
    }
    stated = next((status for status in members if status.get("state") is not None), {})
    result |= {key: stated.get(key) for key in ("state", "stateTransitionTimes")}
    return {**with_status(manifest, {**as_mapping(manifest.get("status")), **result}), "spec": None}


def _add_quantities(members: Sequence[Manifest], key: str) -> str:
    """Sum after sum as a text, as the script has it: a binary amount that is no whole Ki goes on in decimal."""
    total = str(ZERO)
    for status in members:
        text = status.get(key)
        if text in (None, ""):
            continue
        if not isinstance(text, str):
            raise failed(f"{key} is {text!r}, not a text")
        total = str(parse_quantity(total) + parse_quantity(read_quantity(text)))
    return total


def _read_count(value: JSONValue) -> int | float:
    return 0 if value in (None, "") else number(value)


def _latest(members: Sequence[Manifest], key: str) -> JSONValue:
    latest: JSONValue = None
    for status in members:
        time = status.get(key)
        if time is not None and (latest is None or is_less(latest, time)):
            latest = time
    return latest


def _first(members: Sequence[Manifest], key: str) -> JSONValue:
    return next((status[key] for status in members if status.get(key) is not None), None)


# --- RayJob --------------------------------------------------------------------------------------------------------


def _job_health(manifest: Manifest) -> JSONValue:
    status = manifest.get("status")
    if status is None:
        return False
    deployment = at(status, "jobDeploymentStatus")
    return deployment == "Running" or (deployment == "Complete" and at(status, "jobStatus") == "SUCCEEDED")


def _aggregate_job(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """The worst deployment status with its reason, and the worst job status."""
    del now
    if (single := _single(manifest, items)) is not None:
        return single
    result: dict[str, JSONValue] = dict.fromkeys(("jobStatus", "jobDeploymentStatus", "reason", "message"))
    worst_deployment, worst_job = -1, -1
    for _, status in statuses_of(items):
        deployment, job = status.get("jobDeploymentStatus"), status.get("jobStatus")
        if deployment is not None and (rank := _DEPLOYMENT_STATUS.get(as_str(deployment), 0)) > worst_deployment:
            worst_deployment = rank
            result |= {key: status.get(key) for key in ("jobDeploymentStatus", "reason", "message")}
        if job not in (None, "") and (rank := _JOB_STATUS.get(as_str(job), 0)) > worst_job:
            worst_job = rank
            result["jobStatus"] = job
    return {**with_status(manifest, {**as_mapping(manifest.get("status")), **result}), "spec": None}


# --- RayService ----------------------------------------------------------------------------------------------------


def _service_replicas(manifest: Manifest) -> tuple[JSONValue, JSONValue]:
    """The head and all workers; requests of cpu and memory are the largest of any."""
    config = field(manifest, "spec", "rayClusterConfig")
    head = field(config, "headGroupSpec", "template")
    if head is None:
        return 0, None
    requirements = encode_requirements(template_requirements(head))
    requests = [as_mapping(field(requirements, "resourceRequest"))]
    total: int | float = 1
    for group in items_of(at(config, "workerGroupSpecs") or []):
        total += number(at(group, "replicas") or 0)
        template = at(group, "template")
        if template is not None:
            request = field(encode_requirements(template_requirements(template)), "resourceRequest")
            requests.append(as_mapping(request))
    if requirements is None:
        return total, None
    largest = {name: _largest(requests, name) for name in ("cpu", "memory")}
    merged = {**requests[0], **{name: text for name, text in largest.items() if text}}
    return total, {**as_mapping(requirements), "resourceRequest": merged}


def _largest(requests: Sequence[Mapping[str, JSONValue]], name: str) -> str:
    texts = [as_str(request[name]) for request in requests if name in request]
    best = ""
    for text in texts:
        if not best or parse_quantity(text).compare(parse_quantity(best)) > 0:
            best = text
    return best


def _revise_service(manifest: Manifest, replicas: int) -> Manifest:
    """Workers divided over the groups as they are now; the last group takes what rounding leaves."""
    groups = field(manifest, "spec", "rayClusterConfig", "workerGroupSpecs")
    if not isinstance(groups, list) or not groups:
        return manifest
    workers = max(0, replicas - 1)
    current = [number(at(group, "replicas") or 0) for group in groups]
    shares = _divide_workers(workers, current)
    revised: JSONValue = [{**as_mapping(group), "replicas": share} for group, share in zip(groups, shares, strict=True)]
    spec = as_mapping(manifest.get("spec"))
    config = {**as_mapping(spec.get("rayClusterConfig")), "workerGroupSpecs": revised}
    return {**manifest, "spec": {**spec, "rayClusterConfig": config}}


def _divide_workers(workers: int, current: Sequence[int | float]) -> list[int]:
    if len(current) == 1 or workers == 0:
        return [workers] * len(current)
    total = sum(current)
    shares: list[int] = []
    for index, share in enumerate(current[:-1]):
        if total == 0:
            shares.append(workers // len(current) + (index + 1 <= workers % len(current)))
        else:
            shares.append(math.floor(workers * (share / total) + 0.5))
    return [*shares, workers - sum(shares)]


def _service_health(manifest: Manifest) -> JSONValue:
    conditions = field(manifest, "status", "conditions")
    return conditions is not None and any(
        at(entry, "type") == "Ready" and at(entry, "status") == "True" for entry in items_of(conditions)
    )


def _aggregate_service(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    del now
    if (single := _single(manifest, items)) is not None:
        return single
    members = [status for _, status in statuses_of(items)]
    observed: JSONValue = 0
    for status in members:
        if status.get("observedGeneration") is not None and is_less(observed, status["observedGeneration"]):
            observed = status["observedGeneration"]
    result: dict[str, JSONValue] = {
        "conditions": [entry for status in members for entry in items_of(status.get("conditions") or [])],
        "numServeEndpoints": sum(number(status.get("numServeEndpoints") or 0) for status in members),
        "lastUpdateTime": _latest(members, "lastUpdateTime"),
        "observedGeneration": observed,
        "serviceStatus": "" if any(status.get("serviceStatus") == "" for status in members) else "Running",
    }
    active = _first(members, "activeServiceStatus")
    if active is not None:
        result["activeServiceStatus"] = {**as_mapping(active), "applicationStatuses": _worst_applications(members)}
    pending = _first(members, "pendingServiceStatus")
    if pending is not None:
        result["pendingServiceStatus"] = pending
    return {**with_status(manifest, {**as_mapping(manifest.get("status")), **result}), "spec": None}


def _worst_applications(members: Sequence[Manifest]) -> JSONValue:
    worst: dict[str, JSONValue] = {}
    for status in members:
        applications = field(status, "activeServiceStatus", "applicationStatuses")
        for name, application in as_mapping(applications).items():
            if name not in worst or _application_rank(application) > _application_rank(worst[name]):
                worst[name] = application
    return worst


def _application_rank(application: JSONValue) -> int:
    return _APPLICATION_STATUS.get(as_str(at(application, "status")), 0)


RAY_RULES: Final[Mapping[tuple[str, str], KindRules]] = {
    ("ray.io/v1", "RayCluster"): KindRules(
        components=_components("spec"), aggregate=_aggregate_cluster, health=_cluster_health
    ),
    ("ray.io/v1", "RayJob"): KindRules(
        components=_components("spec", "rayClusterSpec"),
        aggregate=_aggregate_job,
        dependencies=_references("spec", "rayClusterSpec", has_submitter=True),
        health=_job_health,
    ),
    ("ray.io/v1", "RayService"): KindRules(
        replicas=_service_replicas,
        revise=_revise_service,
        aggregate=_aggregate_service,
        dependencies=_references("spec", "rayClusterConfig"),
        health=_service_health,
    ),
}
