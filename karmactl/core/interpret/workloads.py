"""Native workloads: where their replicas and pod templates stand, read and written.

Deployment, ReplicaSet, StatefulSet, Job and Pod are workloads to Karmada; DaemonSet and CronJob have pods, but no
replicas to divide. Source: Karmada pkg/resourceinterpreter/default/native/{replica,revisereplica,dependencies}.go.
"""

from __future__ import annotations

from karmactl.core.interpret.form import require_form, set_field, whole_number
from karmactl.core.interpret.pods import pod_dependencies, pod_requirements, sorted_dependencies
from karmactl.core.model.binding import DependentObjectReference
from karmactl.core.model.interpreter import ReplicaDemand
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_str, field, name_of, namespace_of

__all__ = [
    "cron_job_dependencies",
    "ingress_dependencies",
    "job_replicas",
    "pod_object_dependencies",
    "pod_replicas",
    "revise_parallelism",
    "revise_replicas",
    "service_import_dependencies",
    "stateful_set_dependencies",
    "template_dependencies",
    "template_replicas",
]


def template_replicas(manifest: Manifest) -> ReplicaDemand:
    """`spec.replicas` (absent: 0, the API server's default is for `core.defaults` to set)."""
    require_form(manifest)
    replicas = whole_number(field(manifest, "spec", "replicas"))
    return ReplicaDemand(replicas=replicas or 0, requirements=pod_requirements(_template_spec(manifest)))


def job_replicas(manifest: Manifest) -> ReplicaDemand:
    """`spec.parallelism`, but never more than the completions that are wanted."""
    require_form(manifest)
    parallelism = whole_number(field(manifest, "spec", "parallelism")) or 0
    completions = whole_number(field(manifest, "spec", "completions"))
    replicas = parallelism if completions is None else min(parallelism, completions)
    return ReplicaDemand(replicas=replicas, requirements=pod_requirements(_template_spec(manifest)))


def pod_replicas(manifest: Manifest) -> ReplicaDemand:
    """A Pod is one replica."""
    require_form(manifest)
    return ReplicaDemand(replicas=1, requirements=pod_requirements(field(manifest, "spec")))


def revise_replicas(manifest: Manifest, replicas: int) -> Manifest:
    """`spec.replicas` set, only where it stands already."""
    return _revise(manifest, "replicas", replicas)


def revise_parallelism(manifest: Manifest, replicas: int) -> Manifest:
    """`spec.parallelism` set, only where it stands already."""
    return _revise(manifest, "parallelism", replicas)


def template_dependencies(manifest: Manifest) -> tuple[DependentObjectReference, ...]:
    """What the pods of `spec.template` need."""
    require_form(manifest)
    return pod_dependencies(_template_spec(manifest), namespace_of(manifest))


def stateful_set_dependencies(manifest: Manifest) -> tuple[DependentObjectReference, ...]:
    """What the pods need, without the claims that the set makes itself."""
    templates = as_list(field(manifest, "spec", "volumeClaimTemplates"))
    own_claims = {as_str(field(template, "metadata", "name")) for template in templates}
    return tuple(
        reference
        for reference in template_dependencies(manifest)
        if reference.kind != "PersistentVolumeClaim" or reference.name not in own_claims
    )


def cron_job_dependencies(manifest: Manifest) -> tuple[DependentObjectReference, ...]:
    """What the pods of the job template need."""
    require_form(manifest)
    pod_spec = field(manifest, "spec", "jobTemplate", "spec", "template", "spec")
    return pod_dependencies(pod_spec, namespace_of(manifest))


def pod_object_dependencies(manifest: Manifest) -> tuple[DependentObjectReference, ...]:
    """What a Pod needs."""
    require_form(manifest)
    return pod_dependencies(field(manifest, "spec"), namespace_of(manifest))


def ingress_dependencies(manifest: Manifest) -> tuple[DependentObjectReference, ...]:
    """The Secrets of `spec.tls`, one an entry."""
    require_form(manifest)
    return sorted_dependencies(
        DependentObjectReference(
            api_version="v1", kind="Secret", namespace=namespace_of(manifest), name=as_str(field(tls, "secretName"))
        )
        for tls in as_list(field(manifest, "spec", "tls"))
    )


def service_import_dependencies(manifest: Manifest) -> tuple[DependentObjectReference, ...]:
    """The derived Service and its EndpointSlices."""
    derived = f"derived-{name_of(manifest)}"
    namespace = namespace_of(manifest)
    labels: JSONValue = {"matchLabels": {"kubernetes.io/service-name": derived}}
    return (
        DependentObjectReference(
            api_version="discovery.k8s.io/v1", kind="EndpointSlice", namespace=namespace, label_selector=labels
        ),
        DependentObjectReference(api_version="v1", kind="Service", namespace=namespace, name=derived),
    )


def _template_spec(manifest: Manifest) -> JSONValue:
    return field(manifest, "spec", "template", "spec")


def _revise(manifest: Manifest, key: str, replicas: int) -> Manifest:
    current = field(manifest, "spec", key)
    if whole_number(current, f"/spec/{key}") is None:
        return manifest
    return set_field(manifest, replicas, "spec", key)
