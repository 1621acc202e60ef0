"""OpenKruise: CloneSet, StatefulSet, DaemonSet, UnitedDeployment, BroadcastJob, AdvancedCronJob, SidecarSet.

Source: Karmada pkg/resourceinterpreter/default/thirdparty/resourcecustomizations/apps.kruise.io.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from karmactl.core.interpret.tables import failed
from karmactl.core.interpret.thirdparty.rules import (
    Aggregate,
    Globals,
    KindRules,
    pod_references,
    reflect_fields,
    replicas_at,
    revise_at,
    rollout_health,
    rollout_status,
    template_references,
    with_status,
)
from karmactl.core.interpret.thirdparty.values import at, items_of, number, statuses_of
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, field

__all__ = ["kruise_rules"]

_GROUP: Final = "apps.kruise.io"

_CLONE_SET_SUMS: Final = (
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "updatedReadyReplicas",
    "expectedUpdatedReplicas",
)
_CLONE_SET_TEXTS: Final = ("updateRevision", "currentRevision", "labelSelector")
_STATEFUL_SET_SUMS: Final = (
    "replicas",
    "readyReplicas",
    "currentReplicas",
    "updatedReplicas",
    "availableReplicas",
    "updatedReadyReplicas",
)
_REVISIONS: Final = ("updateRevision", "currentRevision")
_DAEMON_SET_SUMS: Final = (
    "currentNumberScheduled",
    "numberMisscheduled",
    "desiredNumberScheduled",
    "numberReady",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
)
_UNITED_SUMS: Final = (
    "replicas",
    "readyReplicas",
    "updatedReplicas",
    "availableReplicas",
    "unavailableReplicas",
)
_SIDECAR_SUMS: Final = ("matchedPods", "updatedPods", "readyPods")
_BROADCAST_SUMS: Final = ("active", "succeeded", "failed", "desired")

_REPLICA_HEALTH: Final = rollout_health(wanted=None, updated="updatedReplicas", available="availableReplicas")


def kruise_rules(leaked: Globals | None) -> dict[tuple[str, str], KindRules]:
    """The rules by (apiVersion, kind); `leaked` is what scripts leave behind, None where they leave nothing."""
    return {
        (f"{_GROUP}/v1alpha1", "CloneSet"): KindRules(
            replicas=replicas_at("replicas"),
            revise=revise_at("replicas"),
            aggregate=rollout_status(_CLONE_SET_SUMS, texts=_CLONE_SET_TEXTS),
            status=reflect_fields((*_CLONE_SET_SUMS, *_CLONE_SET_TEXTS, "observedGeneration")),
            health=_REPLICA_HEALTH,
            dependencies=template_references,
        ),
        (f"{_GROUP}/v1beta1", "StatefulSet"): KindRules(
            replicas=replicas_at("replicas"),
            revise=revise_at("replicas"),
            aggregate=rollout_status(_STATEFUL_SET_SUMS, texts=_REVISIONS, unset=dict.fromkeys(_REVISIONS, "")),
            status=reflect_fields((*_STATEFUL_SET_SUMS, *_REVISIONS, "observedGeneration")),
            health=_REPLICA_HEALTH,
            dependencies=template_references,
        ),
        (f"{_GROUP}/v1alpha1", "DaemonSet"): KindRules(
            aggregate=rollout_status(_DAEMON_SET_SUMS, texts=("daemonSetHash",), unset={"daemonSetHash": 0}, initial=0),
            status=reflect_fields((*_DAEMON_SET_SUMS, "daemonSetHash", "observedGeneration")),
            health=rollout_health(
                wanted="desiredNumberScheduled", updated="updatedNumberScheduled", available="numberAvailable"
            ),
            dependencies=lambda manifest: template_references(manifest) or [],
        ),
        (f"{_GROUP}/v1alpha1", "UnitedDeployment"): KindRules(
            replicas=replicas_at("replicas"),
            revise=revise_at("replicas"),
            aggregate=rollout_status(_UNITED_SUMS, has_conditions=True),
            status=reflect_fields((*_UNITED_SUMS, "observedGeneration", "conditions")),
            health=_united_deployment_health,
            dependencies=template_references,
        ),
        (f"{_GROUP}/v1alpha1", "BroadcastJob"): KindRules(
            replicas=replicas_at("parallelism", default=1),
            revise=revise_at("parallelism"),
            retain=_retain_broadcast_job,
            aggregate=_aggregate_broadcast_job(leaked),
            status=reflect_fields(
                ("conditions", "startTime", "completionTime", *_BROADCAST_SUMS, "phase"), has_generations=False
            ),
            health=_broadcast_job_health,
            dependencies=template_references,
        ),
        (f"{_GROUP}/v1alpha1", "AdvancedCronJob"): KindRules(
            aggregate=_aggregate_advanced_cron_job(leaked), dependencies=_advanced_cron_job_references
        ),
        (f"{_GROUP}/v1alpha1", "SidecarSet"): KindRules(
            replicas=lambda manifest: (0, None),
            retain=lambda desired, observed: desired,
            aggregate=_aggregate_sidecar_set,
            status=_sidecar_set_status,
            health=_sidecar_set_health,
            dependencies=_sidecar_set_references,
        ),
    }


def _united_deployment_health(manifest: Manifest) -> JSONValue:
    if any(manifest.get(key) is None for key in ("status", "metadata", "spec")):
        return False
    return _REPLICA_HEALTH(manifest)


def _broadcast_job_health(manifest: Manifest) -> JSONValue:
    # A field that is missing is not 0, so a job that says nothing of failures counts as failed.
    if at(manifest, "status", "desired") == 0 or at(manifest, "status", "failed") != 0:
        return False
    return not (at(manifest, "status", "succeeded") == 0 and at(manifest, "status", "active") == 0)


def _retain_broadcast_job(desired: Manifest, observed: Manifest) -> Manifest:
    metadata = at(observed, "spec", "template", "metadata")
    labels = None if metadata is None else at(metadata, "labels")
    if labels is None:
        return desired
    at(desired, "spec", "template", "metadata", "labels")
    spec = as_mapping(desired.get("spec"))
    template = as_mapping(spec.get("template"))
    labelled = {**as_mapping(template.get("metadata")), "labels": labels}
    return {**desired, "spec": {**spec, "template": {**template, "metadata": labelled}}}


def _aggregate_broadcast_job(leaked: Globals | None) -> Aggregate:
    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        del now
        if not items:
            return manifest
        if leaked is not None:
            leaked.is_type_gone = True
        totals: dict[str, JSONValue] = dict.fromkeys(_BROADCAST_SUMS, 0)
        phase: JSONValue = ""
        outcome, completed = "", 0
        failed_clusters: list[JSONValue] = []
        for item in items:
            status = as_mapping(item.status)
            for key in _BROADCAST_SUMS:
                if status.get(key) is not None:
                    totals[key] = number(totals[key]) + number(status[key])
            phase = phase if status.get("phase") is None else status["phase"]
            # A member that says nothing is judged by the outcome of the one before it.
            outcome = _outcome(status) or outcome
            completed += outcome == "Complete"
            if outcome == "Failed":
                failed_clusters.append(item.cluster_name)
        conditions: list[JSONValue] = []
        if failed_clusters:
            clusters = ", ".join(map(str, failed_clusters))
            message = f"Job executed failed in member clusters: {clusters}"
            conditions.append({"type": "Failed", "status": "True", "reason": "JobFailed", "message": message})
        if completed == len(items):
            conditions.append(
                {"type": "Completed", "status": "True", "reason": "Completed", "message": "Job completed"}
            )
        status = as_mapping(manifest.get("status"))
        return with_status(manifest, {**status, **totals, "phase": phase, "conditions": conditions})

    return aggregate


def _outcome(status: Manifest) -> str:
    """Complete or Failed, whichever condition holds first."""
    for condition in items_of(status.get("conditions") or []):
        kind = at(condition, "type")
        if kind in ("Complete", "Failed") and at(condition, "status") == "True":
            return str(kind)
    return ""


def _aggregate_advanced_cron_job(leaked: Globals | None) -> Aggregate:
    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        del now
        if not items:
            return manifest
        if leaked is not None:
            leaked.is_type_gone = True
        active: list[JSONValue] = []
        last: dict[str, JSONValue] = {"type": "", "lastScheduleTime": None}
        for _, member in statuses_of(items):
            active.extend(items_of(member.get("active") or []))
            last |= {key: member[key] for key in last if member.get(key) is not None}
        return with_status(manifest, {**as_mapping(manifest.get("status")), "active": active, **last})

    return aggregate


def _advanced_cron_job_references(manifest: Manifest) -> JSONValue:
    template: JSONValue = {}
    for key in ("jobTemplate", "broadcastJobTemplate"):
        if at(manifest, "spec", "template", key) is not None:
            template = at(manifest, "spec", "template", key, "spec", "template")
    return pod_references(template, manifest)


def _sidecar_set_status(manifest: Manifest) -> JSONValue:
    status = manifest.get("status")
    return {} if status is None else {key: _or_zero(at(status, key)) for key in _SIDECAR_SUMS}


def _or_zero(value: JSONValue) -> JSONValue:
    return 0 if value is None or value is False else value


def _aggregate_sidecar_set(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """The sums alone: the spec is not given back."""
    del now
    if not items:
        raise failed("there is no status to add up")
    members = statuses_of(items)
    sums: dict[str, JSONValue] = {
        key: sum(number(_or_zero(member.get(key))) for _, member in members) for key in _SIDECAR_SUMS
    }
    return {
        "apiVersion": f"{_GROUP}/v1alpha1",
        "kind": "SidecarSet",
        "metadata": manifest.get("metadata"),
        "status": sums,
    }


def _sidecar_set_health(manifest: Manifest) -> JSONValue:
    status = manifest.get("status")
    if status is None:
        return False
    matched, updated = _or_zero(at(status, "matchedPods")), _or_zero(at(status, "updatedPods"))
    return matched == 0 or updated == matched


def _sidecar_set_references(manifest: Manifest) -> JSONValue:
    """ConfigMaps and Secrets of containers and volumes, for a cluster-scoped kind as it is."""
    spec = manifest.get("spec")
    if not spec:
        return []
    names: list[tuple[str, JSONValue]] = []
    for container in items_of(at(spec, "containers") or []):
        for variable in items_of(at(container, "env") or []):
            source = at(variable, "valueFrom")
            names += _named(source, (("ConfigMap", "configMapKeyRef", "name"), ("Secret", "secretKeyRef", "name")))
        for source in items_of(at(container, "envFrom") or []):
            names += _named(source, (("ConfigMap", "configMapRef", "name"), ("Secret", "secretRef", "name")))
    for volume in items_of(at(spec, "volumes") or []):
        names += _named(volume, (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")))
        for source in items_of(at(at(volume, "projected") or {}, "sources") or []):
            names += _named(source, (("ConfigMap", "configMap", "name"), ("Secret", "secret", "name")))
    namespace = field(manifest, "metadata", "namespace")
    return [{"apiVersion": "v1", "kind": kind, "name": name, "namespace": namespace} for kind, name in names]


def _named(source: JSONValue, places: Sequence[tuple[str, str, str]]) -> list[tuple[str, JSONValue]]:
    """(kind, name) of each of the places that the source has."""
    if not source:
        return []
    return [(kind, at(source, key, name)) for kind, key, name in places if at(source, key) is not None]
