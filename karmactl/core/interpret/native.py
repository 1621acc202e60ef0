"""The interpreter of native kinds: one table a question, from (apiVersion, kind) to the rule that answers it.

Karmada answers for exactly these; a DaemonSet has no replicas to divide, a Job no health, and a Deployment of another
group or version is none. Source: Karmada pkg/resourceinterpreter/default/native/default.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from karmactl.core.interpret import health, retain, workloads
from karmactl.core.interpret.aggregate import (
    Aggregator,
    aggregate_claim,
    aggregate_cron_job,
    aggregate_disruption_budget,
    aggregate_load_balancer,
    aggregate_pod,
    aggregate_service,
    aggregate_sums,
    aggregate_volume,
    aggregate_workload,
)
from karmactl.core.interpret.aggregate_job import aggregate_job
from karmactl.core.interpret.references import verify_dependencies
from karmactl.core.interpret.status import reflect_load_balancer, reflect_selected, reflect_whole, reflect_workload
from karmactl.core.model.binding import AggregatedStatusItem, Component, DependentObjectReference
from karmactl.core.model.interpreter import Operation, ReplicaDemand
from karmactl.core.model.manifest import JSONValue, Manifest, api_version_of, kind_of, ref_of
from karmactl.errors import InternalError

__all__ = ["NativeInterpreter"]

_Key = tuple[str, str]
_Rule = TypeVar("_Rule")

_DEPLOYMENT: Final[_Key] = ("apps/v1", "Deployment")
_REPLICA_SET: Final[_Key] = ("apps/v1", "ReplicaSet")
_STATEFUL_SET: Final[_Key] = ("apps/v1", "StatefulSet")
_DAEMON_SET: Final[_Key] = ("apps/v1", "DaemonSet")
_JOB: Final[_Key] = ("batch/v1", "Job")
_CRON_JOB: Final[_Key] = ("batch/v1", "CronJob")
_POD: Final[_Key] = ("v1", "Pod")
_SERVICE: Final[_Key] = ("v1", "Service")
_SERVICE_ACCOUNT: Final[_Key] = ("v1", "ServiceAccount")
_SECRET: Final[_Key] = ("v1", "Secret")
_CLAIM: Final[_Key] = ("v1", "PersistentVolumeClaim")
_VOLUME: Final[_Key] = ("v1", "PersistentVolume")
_INGRESS: Final[_Key] = ("networking.k8s.io/v1", "Ingress")
_BUDGET: Final[_Key] = ("policy/v1", "PodDisruptionBudget")
_AUTOSCALER: Final[_Key] = ("autoscaling/v2", "HorizontalPodAutoscaler")
_SERVICE_IMPORT: Final[_Key] = ("multicluster.x-k8s.io/v1alpha1", "ServiceImport")

_REPLICAS: Final[Mapping[_Key, Callable[[Manifest], ReplicaDemand]]] = {
    _DEPLOYMENT: workloads.template_replicas,
    _REPLICA_SET: workloads.template_replicas,
    _STATEFUL_SET: workloads.template_replicas,
    _JOB: workloads.job_replicas,
    _POD: workloads.pod_replicas,
}

_REVISE: Final[Mapping[_Key, Callable[[Manifest, int], Manifest]]] = {
    _DEPLOYMENT: workloads.revise_replicas,
    _REPLICA_SET: workloads.revise_replicas,
    _STATEFUL_SET: workloads.revise_replicas,
    _JOB: workloads.revise_parallelism,
}

_RETAIN: Final[Mapping[_Key, Callable[[Manifest, Manifest], Manifest]]] = {
    _DEPLOYMENT: retain.retain_replicas,
    _POD: retain.retain_pod,
    _SERVICE: retain.retain_service,
    _SERVICE_ACCOUNT: retain.retain_service_account,
    _CLAIM: retain.retain_claim,
    _VOLUME: retain.retain_volume,
    _JOB: retain.retain_job,
    _SECRET: retain.retain_secret,
}

_DEPENDENCIES: Final[Mapping[_Key, Callable[[Manifest], tuple[DependentObjectReference, ...]]]] = {
    _DEPLOYMENT: workloads.template_dependencies,
    _REPLICA_SET: workloads.template_dependencies,
    _DAEMON_SET: workloads.template_dependencies,
    _JOB: workloads.template_dependencies,
    _STATEFUL_SET: workloads.stateful_set_dependencies,
    _CRON_JOB: workloads.cron_job_dependencies,
    _POD: workloads.pod_object_dependencies,
    _INGRESS: workloads.ingress_dependencies,
    _SERVICE_IMPORT: workloads.service_import_dependencies,
}

_HEALTH: Final[Mapping[_Key, Callable[[Manifest], bool]]] = {
    _DEPLOYMENT: health.is_rollout_healthy,
    _STATEFUL_SET: health.is_rollout_healthy,
    _REPLICA_SET: health.is_replica_set_healthy,
    _DAEMON_SET: health.is_daemon_set_healthy,
    _SERVICE: health.is_service_healthy,
    _INGRESS: health.is_ingress_healthy,
    _CLAIM: health.is_claim_healthy,
    _POD: health.is_pod_healthy,
    _BUDGET: health.is_disruption_budget_healthy,
}

_DEPLOYMENT_NUMBERS: Final = (
    "replicas",
    "readyReplicas",
    "updatedReplicas",
    "availableReplicas",
    "unavailableReplicas",
)
_REPLICA_SET_NUMBERS: Final = ("replicas", "readyReplicas", "availableReplicas")
_STATEFUL_SET_NUMBERS: Final = (
    "availableReplicas",
    "currentReplicas",
    "readyReplicas",
    "replicas",
    "updatedReplicas",
)
_DAEMON_SET_NUMBERS: Final = (
    "currentNumberScheduled",
    "desiredNumberScheduled",
    "numberAvailable",
    "numberMisscheduled",
    "numberReady",
    "updatedNumberScheduled",
    "numberUnavailable",
)
_BUDGET_NUMBERS: Final = ("disruptionsAllowed", "expectedPods", "desiredHealthy", "currentHealthy")
_AUTOSCALER_NUMBERS: Final = ("currentReplicas", "desiredReplicas")

_STATUS: Final[Mapping[_Key, Callable[[Manifest], JSONValue]]] = {
    _DEPLOYMENT: reflect_workload((*_DEPLOYMENT_NUMBERS, "observedGeneration")),
    _REPLICA_SET: reflect_workload((*_REPLICA_SET_NUMBERS, "observedGeneration")),
    _DAEMON_SET: reflect_workload((*_DAEMON_SET_NUMBERS, "observedGeneration")),
    _STATEFUL_SET: reflect_workload(_STATEFUL_SET_NUMBERS),
    _SERVICE: reflect_load_balancer,
    _JOB: reflect_selected(("active", "succeeded", "failed", "conditions", "startTime", "completionTime")),
    _BUDGET: reflect_selected((*_BUDGET_NUMBERS, "disruptedPods")),
    _AUTOSCALER: reflect_selected(_AUTOSCALER_NUMBERS),
}

_AGGREGATE: Final[Mapping[_Key, Aggregator]] = {
    _DEPLOYMENT: aggregate_workload(_DEPLOYMENT_NUMBERS),
    _REPLICA_SET: aggregate_workload(_REPLICA_SET_NUMBERS),
    _DAEMON_SET: aggregate_workload(_DAEMON_SET_NUMBERS),
    _STATEFUL_SET: aggregate_workload(_STATEFUL_SET_NUMBERS, compares_own_generation=True),
    _SERVICE: aggregate_service,
    _INGRESS: aggregate_load_balancer,
    _JOB: aggregate_job,
    _CRON_JOB: aggregate_cron_job,
    _POD: aggregate_pod,
    _VOLUME: aggregate_volume,
    _CLAIM: aggregate_claim,
    _BUDGET: aggregate_disruption_budget,
    _AUTOSCALER: aggregate_sums(_AUTOSCALER_NUMBERS),
}

_TABLES: Final[Mapping[Operation, Mapping[_Key, object]]] = {
    Operation.INTERPRET_REPLICA: _REPLICAS,
    Operation.INTERPRET_COMPONENT: {},
    Operation.REVISE_REPLICA: _REVISE,
    Operation.RETAIN: _RETAIN,
    Operation.AGGREGATE_STATUS: _AGGREGATE,
    Operation.INTERPRET_DEPENDENCY: _DEPENDENCIES,
    Operation.INTERPRET_HEALTH: _HEALTH,
}


class NativeInterpreter:
    """The Interpreter of Kubernetes' own kinds; every kind has a status, which is taken whole without a rule."""

    def is_enabled(self, operation: Operation, api_version: str, kind: str) -> bool:
        if operation is Operation.INTERPRET_STATUS:
            return True
        return (api_version, kind) in _TABLES[operation]

    def interpret_replica(self, manifest: Manifest) -> ReplicaDemand:
        return _rule(_REPLICAS, manifest)(manifest)

    def interpret_component(self, manifest: Manifest) -> tuple[Component, ...]:
        raise InternalError("interpreter-missing", f"native kinds have no components: {ref_of(manifest)}")

    def revise_replica(self, manifest: Manifest, replicas: int) -> Manifest:
        return _rule(_REVISE, manifest)(manifest, replicas)

    def retain(self, desired: Manifest, observed: Manifest) -> Manifest:
        return _rule(_RETAIN, desired)(desired, observed)

    def aggregate_status(self, manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        return _rule(_AGGREGATE, manifest)(manifest, items, now)

    def interpret_dependency(self, manifest: Manifest) -> tuple[DependentObjectReference, ...]:
        return verify_dependencies(manifest, _rule(_DEPENDENCIES, manifest)(manifest))

    def interpret_status(self, manifest: Manifest) -> JSONValue:
        return _STATUS.get((api_version_of(manifest), kind_of(manifest)), reflect_whole)(manifest)

    def interpret_health(self, manifest: Manifest) -> bool:
        return _rule(_HEALTH, manifest)(manifest)


def _rule(table: Mapping[_Key, _Rule], manifest: Manifest) -> _Rule:
    rule = table.get((api_version_of(manifest), kind_of(manifest)))
    if rule is None:
        raise InternalError("interpreter-missing", f"no native rule for {ref_of(manifest)}")
    return rule
