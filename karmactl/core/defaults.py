"""Defaults that somebody else would fill in: for policies Karmada's schema and webhooks, for templates the API server.

karmactl has neither, so this is a named step of its own; the rest of the core takes manifests as they come. Policies
also make the round trip through Karmada's Go types that the webhooks make: unknown fields and empty lists are gone.
Source: Karmada charts/karmada/_crds/bases/policy, pkg/webhook/{propagationpolicy,clusterpropagationpolicy,
overridepolicy}/mutating.go, pkg/util/helper/policy.go; Kubernetes pkg/apis/{apps,batch}/v1/defaults.go.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Final

from karmactl.core.model.manifest import (
    JSONValue,
    Manifest,
    api_version_of,
    as_list,
    as_mapping,
    as_str,
    copy_manifest,
    field,
    kind_of,
    namespace_of,
)
from karmactl.core.shape import Struct, drop_unknown, find_misshapen, normalize

__all__ = ["DEFAULT_GRACE_PERIOD_SECONDS", "default_policy", "default_template"]

DEFAULT_GRACE_PERIOD_SECONDS: Final = 600
_TOLERATION_SECONDS: Final = 300
_SERVICE_IMPORT: Final = ("multicluster.x-k8s.io/v1alpha1", "ServiceImport")

# Defaults of the schema; each holds only where the object that it lies in is there.
_SCHEMA_DEFAULTS: Final[Mapping[tuple[str, ...], Mapping[str, JSONValue]]] = {
    ("spec",): {
        "conflictResolution": "Abort",
        "preemption": "Never",
        "priority": 0,
        "schedulerName": "default-scheduler",
    },
    ("spec", "failover", "application"): {"purgeMode": "Gracefully"},
    ("spec", "failover", "application", "decisionConditions"): {"tolerationSeconds": _TOLERATION_SECONDS},
    ("spec", "failover", "cluster"): {"purgeMode": "Gracefully"},
    ("spec", "placement", "replicaScheduling"): {"replicaSchedulingType": "Divided"},
}


def default_policy(manifest: Manifest) -> Manifest:
    """A policy as Karmada would store it; anything else, and what does not fit the policy's type, as it is.

    Labels with random ids and finalizers are left out; nothing here reads them.
    """
    rule = _POLICY_RULES.get(kind_of(manifest))
    if rule is None or find_misshapen(manifest, Struct(kind_of(manifest))):
        return manifest
    return rule(copy_manifest(manifest))


def default_template(manifest: Manifest) -> Manifest:
    """A template with the defaults that decisions read: replicas 1, a Job's parallelism and completions.

    A Secret's stringData is put into its data, as the API server stores it: sent as it is, server-side apply would own
    a field that no live object has, and an edit of the value would go unseen.
    """
    if (api_version_of(manifest), kind_of(manifest)) == ("v1", "Secret"):
        return _with_data_encoded(manifest)
    rule = _TEMPLATE_RULES.get((api_version_of(manifest), kind_of(manifest)))
    spec = manifest.get("spec")
    if rule is None or not isinstance(spec, dict):
        return manifest
    missing = rule(spec)
    return {**manifest, "spec": {**spec, **missing}} if missing else manifest


def _with_data_encoded(secret: Manifest) -> Manifest:
    """Source: Kubernetes pkg/apis/core/v1/conversion.go, Convert_v1_Secret_To_core_Secret: stringData wins."""
    texts = as_mapping(secret.get("stringData"))
    if not texts or not all(isinstance(text, str) for text in texts.values()):
        return secret
    encoded = {key: base64.b64encode(as_str(text).encode()).decode() for key, text in texts.items()}
    rest = {key: value for key, value in secret.items() if key != "stringData"}
    return {**rest, "data": {**as_mapping(secret.get("data")), **encoded}}


def _default_propagation_policy(manifest: Manifest) -> Manifest:
    for path, defaults in _SCHEMA_DEFAULTS.items():
        parent = field(manifest, *path)
        if isinstance(parent, dict):
            for key, value in defaults.items():
                # A null is dropped by the API server, and the default takes its place.
                if parent.get(key) is None:
                    parent[key] = value
    spec = as_mapping(manifest.get("spec"))
    _default_selector_namespaces(manifest)
    _default_placement(as_mapping(spec.get("placement")))
    selectors = as_list(spec.get("resourceSelectors"))
    if any((field(entry, "apiVersion"), field(entry, "kind")) == _SERVICE_IMPORT for entry in selectors):
        spec["propagateDeps"] = True
    application = field(spec, "failover", "application")
    if isinstance(application, dict):
        _default_application_failover(application)
    return _round_trip(manifest)


def _default_application_failover(application: dict[str, JSONValue]) -> None:
    if application.get("decisionConditions") is None:
        # The webhook writes an empty one, and the API server applies the schema's defaults once more to what it wrote.
        application["decisionConditions"] = {"tolerationSeconds": _TOLERATION_SECONDS}
    if application.get("purgeMode") == "Gracefully" and application.get("gracePeriodSeconds") is None:
        application["gracePeriodSeconds"] = DEFAULT_GRACE_PERIOD_SECONDS


def _default_placement(placement: dict[str, JSONValue]) -> None:
    for constraint in as_list(placement.get("spreadConstraints")):
        if isinstance(constraint, dict):
            if not constraint.get("spreadByLabel") and not constraint.get("spreadByField"):
                constraint["spreadByField"] = "cluster"
            if not constraint.get("minGroups"):
                constraint["minGroups"] = 1
    scheduling = placement.get("replicaScheduling")
    is_divided = isinstance(scheduling, dict) and scheduling.get("replicaSchedulingType") == "Divided"
    if isinstance(scheduling, dict) and is_divided and not scheduling.get("replicaDivisionPreference"):
        scheduling["replicaDivisionPreference"] = "Weighted"


def _default_override_policy(manifest: Manifest) -> Manifest:
    _default_selector_namespaces(manifest)
    return _round_trip(manifest)


def _default_cluster_override_policy(manifest: Manifest) -> Manifest:
    # No webhook changes these, so nothing but the schema's pruning happens.
    pruned = drop_unknown(manifest, Struct(kind_of(manifest)))
    return as_mapping(pruned)


def _default_selector_namespaces(manifest: Manifest) -> None:
    """A selector of a namespaced policy without a namespace means the policy's own."""
    namespace = namespace_of(manifest)
    for selector in as_list(field(manifest, "spec", "resourceSelectors")):
        if isinstance(selector, dict) and not as_str(selector.get("namespace")) and namespace:
            selector["namespace"] = namespace


def _round_trip(manifest: Manifest) -> Manifest:
    """As the webhook's Go types write it, but for nulls: they stand for fields that nobody gave."""
    return as_mapping(_without_nulls(normalize(manifest, Struct(kind_of(manifest)))))


def _without_nulls(value: JSONValue) -> JSONValue:
    if isinstance(value, dict):
        # What an overrider writes is free JSON, in which a null is a value like any other.
        return {
            key: entry if key == "value" else _without_nulls(entry) for key, entry in value.items() if entry is not None
        }
    return [_without_nulls(entry) for entry in value] if isinstance(value, list) else value


def _default_replicas(spec: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    return {"replicas": 1} if spec.get("replicas") is None else {}


def _default_job(spec: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    if spec.get("parallelism") is not None:
        return {}
    return {"parallelism": 1} if spec.get("completions") is not None else {"parallelism": 1, "completions": 1}


_POLICY_RULES: Final[Mapping[str, Callable[[Manifest], Manifest]]] = {
    "PropagationPolicy": _default_propagation_policy,
    "ClusterPropagationPolicy": _default_propagation_policy,
    "OverridePolicy": _default_override_policy,
    "ClusterOverridePolicy": _default_cluster_override_policy,
}

_TEMPLATE_RULES: Final[Mapping[tuple[str, str], Callable[[Mapping[str, JSONValue]], dict[str, JSONValue]]]] = {
    ("apps/v1", "Deployment"): _default_replicas,
    ("apps/v1", "ReplicaSet"): _default_replicas,
    ("apps/v1", "StatefulSet"): _default_replicas,
    ("batch/v1", "Job"): _default_job,
}
