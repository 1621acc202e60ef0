"""Health of native kinds, from the member's own status.

Kinds without a rule here (Job, CronJob, ConfigMap, ...) have no hook, and Karmada takes them for healthy once applied.
Source: Karmada pkg/resourceinterpreter/default/native/healthy.go.
"""

from __future__ import annotations

from karmactl.core.interpret.form import number_at, require_form, whole_number
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_str, field

__all__ = [
    "is_claim_healthy",
    "is_daemon_set_healthy",
    "is_disruption_budget_healthy",
    "is_ingress_healthy",
    "is_pod_healthy",
    "is_replica_set_healthy",
    "is_rollout_healthy",
    "is_service_healthy",
]


def is_rollout_healthy(manifest: Manifest) -> bool:
    """Deployment and StatefulSet: seen, all replicas updated, and every updated one available."""
    require_form(manifest)
    replicas = whole_number(field(manifest, "spec", "replicas"))
    updated = number_at(manifest, "status", "updatedReplicas")
    return (
        _is_observed(manifest)
        and (replicas is None or updated >= replicas)
        and number_at(manifest, "status", "availableReplicas") >= updated
    )


def is_replica_set_healthy(manifest: Manifest) -> bool:
    """ReplicaSet: seen, and all replicas available."""
    require_form(manifest)
    replicas = whole_number(field(manifest, "spec", "replicas"))
    return _is_observed(manifest) and (
        replicas is None or number_at(manifest, "status", "availableReplicas") >= replicas
    )


def is_daemon_set_healthy(manifest: Manifest) -> bool:
    """DaemonSet: seen, updated wherever it should run, and every updated one available."""
    require_form(manifest)
    updated = number_at(manifest, "status", "updatedNumberScheduled")
    return (
        _is_observed(manifest)
        and updated >= number_at(manifest, "status", "desiredNumberScheduled")
        and number_at(manifest, "status", "numberAvailable") >= updated
    )


def is_service_healthy(manifest: Manifest) -> bool:
    """Service: not a LoadBalancer, or one with an address."""
    require_form(manifest)
    return as_str(field(manifest, "spec", "type")) != "LoadBalancer" or _has_address(manifest)


def is_ingress_healthy(manifest: Manifest) -> bool:
    """Ingress: it has an address."""
    require_form(manifest)
    return _has_address(manifest)


def is_claim_healthy(manifest: Manifest) -> bool:
    """PersistentVolumeClaim: bound."""
    require_form(manifest)
    return field(manifest, "status", "phase") == "Bound"


def is_pod_healthy(manifest: Manifest) -> bool:
    """Pod: succeeded, or running and ready."""
    require_form(manifest)
    phase = field(manifest, "status", "phase")
    return phase == "Succeeded" or (phase == "Running" and _condition(manifest, "Ready") == "True")


def is_disruption_budget_healthy(manifest: Manifest) -> bool:
    """PodDisruptionBudget: as many healthy pods as it wants."""
    require_form(manifest)
    return number_at(manifest, "status", "currentHealthy") >= number_at(manifest, "status", "desiredHealthy")


def _is_observed(manifest: Manifest) -> bool:
    return number_at(manifest, "status", "observedGeneration") == number_at(manifest, "metadata", "generation")


def _has_address(manifest: Manifest) -> bool:
    points = as_list(field(manifest, "status", "loadBalancer", "ingress"))
    return any(as_str(field(point, "hostname")) or as_str(field(point, "ip")) for point in points)


def _condition(manifest: Manifest, kind: str) -> JSONValue:
    """The status of the first condition of a type."""
    for condition in as_list(field(manifest, "status", "conditions")):
        if field(condition, "type") == kind:
            return field(condition, "status")
    return None
