"""Manifests of the kinds that decisions read, as model values: policies, Clusters, bindings.

The documents below have the outer shape of each kind, down to what the model keeps; `reader` does the reading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from karmactl.core.decode.reader import Fault, decode
from karmactl.core.model.binding import (
    Binding,
    BindingSnapshot,
    Component,
    GracefulEvictionTask,
    ReplicaRequirements,
    TargetCluster,
    WorkloadAffinityGroups,
)
from karmactl.core.model.cluster import (
    OBSERVED_AT,
    APIEnablement,
    Cluster,
    ClusterCondition,
    ResourceModel,
    ResourceSummary,
    Taint,
)
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef, annotations_of, as_str, group_of, kind_of
from karmactl.core.model.policy import (
    FailoverBehavior,
    OverridePolicy,
    OverrideSpec,
    Placement,
    PropagationPolicy,
    PropagationSpec,
    SchedulePriority,
    Suspension,
)

__all__ = [
    "APPLIED_PLACEMENT_ANNOTATION",
    "decode_binding",
    "decode_cluster",
    "decode_override_policy",
    "decode_propagation_policy",
]

APPLIED_PLACEMENT_ANNOTATION: Final = "policy.karmada.io/applied-placement"


def decode_propagation_policy(
    manifest: Manifest, *, strict: bool = False
) -> tuple[PropagationPolicy, tuple[Fault, ...]]:
    """A PropagationPolicy or ClusterPropagationPolicy; without a namespace the former lies in `default`."""
    document, faults = decode(_PropagationDocument, manifest, strict=strict)
    meta = document.metadata
    policy = PropagationPolicy(
        name=meta.name,
        namespace=_policy_namespace(manifest, meta),
        uid=meta.uid,
        labels=meta.labels,
        is_deleting=bool(meta.deletion_timestamp),
        spec=document.spec,
    )
    return policy, faults


def decode_override_policy(manifest: Manifest, *, strict: bool = False) -> tuple[OverridePolicy, tuple[Fault, ...]]:
    """An OverridePolicy or ClusterOverridePolicy; without a namespace the former lies in `default`."""
    document, faults = decode(_OverrideDocument, manifest, strict=strict)
    meta = document.metadata
    return OverridePolicy(name=meta.name, namespace=_policy_namespace(manifest, meta), spec=document.spec), faults


def decode_cluster(manifest: Manifest, *, strict: bool = False) -> tuple[Cluster, tuple[Fault, ...]]:
    """A Cluster with its status; the deprecated `spec.zone` goes into `zones` where those are empty.

    A status without `apiEnablements` leaves them unknown (None).
    """
    document, faults = decode(_ClusterDocument, manifest, strict=strict)
    meta, spec, status = document.metadata, document.spec, document.status
    cluster = Cluster(
        name=meta.name,
        uid=spec.id,
        labels=meta.labels,
        provider=spec.provider,
        region=spec.region,
        zones=spec.zones or ((spec.zone,) if spec.zone else ()),
        taints=spec.taints,
        resource_models=spec.resource_models,
        sync_mode=spec.sync_mode or "Push",
        is_deleting=bool(meta.deletion_timestamp),
        api_enablements=status.api_enablements,
        conditions=status.conditions,
        resource_summary=status.resource_summary,
        kubernetes_version=status.kubernetes_version,
        observed_at=as_str(annotations_of(manifest).get(OBSERVED_AT)),
    )
    return cluster, faults


def decode_binding(manifest: Manifest, *, strict: bool = False) -> tuple[Binding, tuple[Fault, ...]]:
    """A ResourceBinding or ClusterResourceBinding, with the applied placement from its annotation."""
    document, faults = decode(_BindingDocument, manifest, strict=strict)
    spec, status = document.spec, document.status
    applied, is_unreadable = _applied_placement(manifest)
    group, version = group_of(spec.resource.api_version)
    binding = Binding(
        resource=ResourceRef(
            group=group,
            version=version,
            kind=spec.resource.kind,
            namespace=spec.resource.namespace,
            name=spec.resource.name,
        ),
        resource_uid=spec.resource.uid,
        replicas=spec.replicas,
        replica_requirements=spec.replica_requirements,
        components=spec.components,
        placement=spec.placement,
        propagate_deps=spec.propagate_deps,
        clusters=spec.clusters,
        graceful_eviction_tasks=spec.graceful_eviction_tasks,
        required_by=spec.required_by,
        failover=spec.failover,
        conflict_resolution=spec.conflict_resolution,
        preserve_resources_on_deletion=spec.preserve_resources_on_deletion,
        suspension=spec.suspension,
        workload_affinity_groups=spec.workload_affinity_groups,
        reschedule_triggered_at=spec.reschedule_triggered_at,
        last_scheduled_time=status.last_scheduled_time,
        applied_placement=applied,
        is_applied_placement_unreadable=is_unreadable,
        observed_affinity=status.scheduler_observed_affinity_name,
    )
    return binding, faults


def _policy_namespace(manifest: Manifest, meta: _ObjectMeta) -> str:
    """ "" for the kinds that have no namespace; kubectl's `default` where the others name none."""
    return "" if kind_of(manifest).startswith("Cluster") else meta.namespace or "default"


def _applied_placement(manifest: Manifest) -> tuple[Placement | None, bool]:
    """The placement in the annotation, and whether there is one that cannot be read."""
    text = annotations_of(manifest).get(APPLIED_PLACEMENT_ANNOTATION)
    if not text or not isinstance(text, str):
        return None, False
    try:
        value = cast("JSONValue", json.loads(text))
    except ValueError:
        return None, True
    placement, faults = decode(Placement, value)
    return (None, True) if faults else (placement, False)


# --- Documents: the outer shape of the kinds, down to what the model keeps ------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _ObjectMeta:
    """metav1.ObjectMeta: the fields that it has, and types for those that are read."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    self_link: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str = field(default="", metadata={"format": "time"})
    deletion_timestamp: str = field(default="", metadata={"format": "time"})
    deletion_grace_period_seconds: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    owner_references: JSONValue = None
    finalizers: tuple[str, ...] = ()
    managed_fields: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """What every object has."""

    api_version: str = ""
    kind: str = ""
    metadata: _ObjectMeta = field(default_factory=_ObjectMeta)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PropagationDocument(_Document):
    """PropagationPolicy, ClusterPropagationPolicy."""

    spec: PropagationSpec = field(default_factory=PropagationSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OverrideDocument(_Document):
    """OverridePolicy, ClusterOverridePolicy."""

    spec: OverrideSpec = field(default_factory=OverrideSpec)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClusterSpec:
    """Cluster.spec; how Karmada connects is known, so that it is no unknown field, and not read."""

    id: str = ""
    sync_mode: str = ""
    api_endpoint: str = ""
    secret_ref: JSONValue = None
    impersonator_secret_ref: JSONValue = None
    insecure_skip_tls_verification: bool = field(default=False, metadata={"key": "insecureSkipTLSVerification"})
    proxy_url: str = field(default="", metadata={"key": "proxyURL"})
    proxy_header: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    region: str = ""
    zone: str = ""
    zones: tuple[str, ...] = ()
    taints: tuple[Taint, ...] = ()
    resource_models: tuple[ResourceModel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClusterStatus:
    """Cluster.status."""

    kubernetes_version: str = ""
    api_enablements: tuple[APIEnablement, ...] | None = None
    conditions: tuple[ClusterCondition, ...] = ()
    node_summary: JSONValue = None
    resource_summary: ResourceSummary | None = None
    remedy_actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClusterDocument(_Document):
    """Cluster."""

    spec: _ClusterSpec = field(default_factory=_ClusterSpec)
    status: _ClusterStatus = field(default_factory=_ClusterStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ObjectReference:
    """`spec.resource` of a binding."""

    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    resource_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _BindingSpec:
    """ResourceBinding.spec."""

    resource: _ObjectReference = field(default_factory=_ObjectReference)
    propagate_deps: bool = False
    replica_requirements: ReplicaRequirements | None = None
    replicas: int = field(default=0, metadata={"bits": 32})
    components: tuple[Component, ...] = ()
    clusters: tuple[TargetCluster, ...] = ()
    placement: Placement | None = None
    graceful_eviction_tasks: tuple[GracefulEvictionTask, ...] = ()
    required_by: tuple[BindingSnapshot, ...] = ()
    scheduler_name: str = ""
    failover: FailoverBehavior | None = None
    conflict_resolution: str = ""
    reschedule_triggered_at: str = field(default="", metadata={"format": "time"})
    suspension: Suspension | None = None
    preserve_resources_on_deletion: bool | None = None
    schedule_priority: SchedulePriority | None = None
    workload_affinity_groups: WorkloadAffinityGroups | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _BindingStatus:
    """ResourceBinding.status; the affinity's key is spelt otherwise than its Go name."""

    scheduler_observed_generation: int = 0
    scheduler_observed_affinity_name: str = field(default="", metadata={"key": "schedulerObservingAffinityName"})
    last_scheduled_time: str = field(default="", metadata={"format": "time"})
    conditions: JSONValue = None
    aggregated_status: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _BindingDocument(_Document):
    """ResourceBinding, ClusterResourceBinding."""

    spec: _BindingSpec = field(default_factory=_BindingSpec)
    status: _BindingStatus = field(default_factory=_BindingStatus)
