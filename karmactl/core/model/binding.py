"""Bindings and their results: a template joined with its policy, and where the scheduler puts it.

Source: Karmada pkg/apis/work/v1alpha2/binding_types.go (ResourceBinding, ClusterResourceBinding), v1.19. A Binding is
what the scheduler gets; a ScheduleResult is what it answers, with a reason for each cluster that was left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef
from karmactl.core.model.policy import FailoverBehavior, Placement, PropagationPolicy, Suspension
from karmactl.core.model.reason import Reason

__all__ = [
    "AggregatedStatusItem",
    "Binding",
    "BindingSnapshot",
    "ClusterVerdict",
    "Component",
    "ComponentReplicas",
    "DependentObjectReference",
    "GracefulEvictionTask",
    "NodeClaim",
    "PolicyCandidate",
    "PolicyMatch",
    "ReplicaRequirements",
    "ScheduleError",
    "ScheduleErrorReason",
    "ScheduleResult",
    "TargetCluster",
    "Trigger",
    "WorkloadAffinityGroups",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentReplicas:
    """How many replicas of one component a cluster gets."""

    name: str
    replicas: int = field(default=0, metadata={"bits": 32})


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCluster:
    """A cluster that gets the template; `replicas` 0 for what has none."""

    name: str
    replicas: int = field(default=0, metadata={"bits": 32})
    components: tuple[ComponentReplicas, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeClaim:
    """What the pods ask of nodes, as JSON of core/v1 (only the accurate estimator reads inside)."""

    hard_node_affinity: JSONValue = None
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[JSONValue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaRequirements:
    """What one replica needs: resource name to quantity text, and the node claim."""

    node_claim: NodeClaim | None = None
    resource_request: Mapping[str, str] = field(default_factory=dict, metadata={"format": "quantity"})
    namespace: str = ""
    priority_class_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part of a workload with several pod templates."""

    name: str = ""
    replicas: int = field(default=0, metadata={"bits": 32})
    replica_requirements: ReplicaRequirements | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GracefulEvictionTask:
    """A copy that is being moved away from a cluster. Times are RFC 3339 texts in UTC, "" when absent."""

    from_cluster: str = ""
    purge_mode: str = ""
    replicas: int | None = field(default=None, metadata={"bits": 32})
    reason: str = ""
    message: str = ""
    producer: str = ""
    grace_period_seconds: int | None = field(default=None, metadata={"bits": 32})
    suppress_deletion: bool | None = None
    creation_timestamp: str = field(default="", metadata={"format": "time"})
    clusters_before_failover: tuple[str, ...] = ()
    preserved_label_state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingSnapshot:
    """`requiredBy`: a binding that needs this one, and where it is."""

    namespace: str = ""
    name: str = ""
    clusters: tuple[TargetCluster, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadAffinityGroups:
    """The groups that the template's labels put it in ("" for none)."""

    affinity_group: str = ""
    anti_affinity_group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentObjectReference:
    """An object that a template needs beside it: by name, or by label selector."""

    api_version: str
    kind: str
    namespace: str = ""
    name: str = ""
    label_selector: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregatedStatusItem:
    """The status of one cluster's copy."""

    cluster_name: str = ""
    status: JSONValue = None
    applied: bool = False
    applied_message: str = ""
    health: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the scheduler decides on.

    `clusters` is the previous result (the recorded placement), `applied_placement` the placement that led to it (None:
    never scheduled), `observed_affinity` the name of the affinity term then used. `resource_uid` breaks ties in
    division; "" sorts names ascending. Times are RFC 3339 texts, "" when absent.
    """

    resource: ResourceRef
    resource_uid: str = ""
    replicas: int = 0
    replica_requirements: ReplicaRequirements | None = None
    components: tuple[Component, ...] = ()
    placement: Placement | None = None
    propagate_deps: bool = False
    clusters: tuple[TargetCluster, ...] = ()
    graceful_eviction_tasks: tuple[GracefulEvictionTask, ...] = ()
    required_by: tuple[BindingSnapshot, ...] = ()
    failover: FailoverBehavior | None = None
    conflict_resolution: str = ""
    preserve_resources_on_deletion: bool | None = None
    suspension: Suspension | None = None
    workload_affinity_groups: WorkloadAffinityGroups | None = None
    reschedule_triggered_at: str = ""
    last_scheduled_time: str = ""
    applied_placement: Placement | None = None
    is_applied_placement_unreadable: bool = False
    observed_affinity: str = ""

    @property
    def is_workload(self) -> bool:
        """Replicas, requirements or components make a workload (binding_types_helper.go, IsWorkload)."""
        return self.replicas > 0 or self.replica_requirements is not None or bool(self.components)


class Trigger(Enum):
    """Why the scheduler would run (scheduler.go, doScheduleBinding); NONE: it would leave the binding alone."""

    PLACEMENT_CHANGED = "PlacementChanged"
    REPLICAS_CHANGED = "ReplicasChanged"
    RESCHEDULE_TRIGGERED = "RescheduleTriggered"
    ALWAYS_FOR_DUPLICATED = "AlwaysForDuplicated"
    TARGET_CLUSTER_TERMINATING = "TargetClusterTerminating"
    NONE = "None"


class ScheduleErrorReason(Enum):
    """The reason of a Scheduled=False condition."""

    NO_CLUSTER_FIT = "NoClusterFit"
    UNSCHEDULABLE = "Unschedulable"
    SCHEDULER_ERROR = "SchedulerError"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleError:
    """Why there is no result. `message` is Karmada's own text, word for word."""

    reason: ScheduleErrorReason
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterVerdict:
    """How the decision saw one cluster, in the affinity term that decided.

    `filters` holds a reason for every plugin that refused it (empty: it passed); each `Reason.code` is the plugin's
    name and `params["text"]` Karmada's text. `is_exempt` names plugins passed only because it was placed already.
    `score`, `available`, `weight` are None where the strategy did not look at them.
    """

    cluster: str
    filters: tuple[Reason, ...] = ()
    exempt_filters: tuple[Reason, ...] = ()
    is_selected: bool = False
    score: int | None = None
    available: int | None = None
    weight: int | None = None
    previous: int | None = None
    replicas: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleResult:
    """Clusters and replicas, or an error, with the whole way there.

    `clusters` is sorted by name; on an error it is what stays on the binding afterwards (Karmada clears it for
    NoClusterFit and keeps it otherwise). `verdicts` has every cluster, sorted by name. `strategy` is Duplicated,
    Aggregated, DynamicWeight, StaticWeight or "" for what has no replicas. `steps` are further reasons in order:
    affinity terms tried, spread constraints used or unused, division arithmetic.
    """

    clusters: tuple[TargetCluster, ...] = ()
    error: ScheduleError | None = None
    diagnosis: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    affinity: str = ""
    trigger: Trigger = Trigger.PLACEMENT_CHANGED
    strategy: str = ""
    verdicts: tuple[ClusterVerdict, ...] = ()
    steps: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCandidate:
    """A policy that matched a template: explicit priority, and how precisely it matched (1 kind, 2 labels, 3 name)."""

    policy: PropagationPolicy
    priority: int
    implicit_priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMatch:
    """Which policy claims a template, and which ones lost and why.

    `is_skipped`: the template lies in a namespace that Karmada never looks at. `missing_overrides` are names of
    dependent overrides that do not exist: the winner is then not applied. `losers` keeps rank order, each with a
    reason (`namespaced-wins`, `lower-priority`, `less-specific`, `name-order`).
    """

    template: Manifest
    winner: PolicyCandidate | None = None
    losers: tuple[tuple[PolicyCandidate, Reason], ...] = ()
    is_skipped: bool = False
    missing_overrides: tuple[str, ...] = ()
