"""policy.karmada.io/v1alpha1 as values: propagation and override policies, field by field as Karmada defines them.

Attribute names are the YAML keys in snake_case. Absent is None where Karmada tells absent from empty (a nil pointer
or list), else the zero value. Defaults of the schema and the webhook are *not* applied here: `core.defaults` does.
Source: Karmada pkg/apis/policy/v1alpha1/{propagation,override}_types.go, v1.19.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.selector import LabelSelector, SelectorRequirement
from karmactl.errors import Location

__all__ = [
    "ApplicationFailoverBehavior",
    "ClusterAffinity",
    "ClusterAffinityTerm",
    "ClusterFailoverBehavior",
    "ClusterPreferences",
    "CommandArgsOverrider",
    "DecisionConditions",
    "FailoverBehavior",
    "FieldOverrider",
    "FieldPatchOperation",
    "FieldSelector",
    "ImageOverrider",
    "ImagePredicate",
    "LabelAnnotationOverrider",
    "OverflowAffinity",
    "OverridePolicy",
    "OverrideRule",
    "OverrideSpec",
    "Overriders",
    "Placement",
    "PlaintextOverrider",
    "PropagationPolicy",
    "PropagationSpec",
    "ReplicaSchedulingStrategy",
    "ResourceSelector",
    "SchedulePriority",
    "SpreadConstraint",
    "StatePreservation",
    "StatePreservationRule",
    "StaticClusterWeight",
    "SuspendClusters",
    "Suspension",
    "Toleration",
    "WorkloadAffinity",
    "WorkloadAffinityTerm",
    "policy_title",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSelector:
    """Which templates a policy speaks of; `name` makes the label selector irrelevant."""

    api_version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    label_selector: LabelSelector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSelector:
    """Expressions over provider, region and zone."""

    match_expressions: tuple[SelectorRequirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAffinity:
    """Which clusters: all given parts are AND-ed; the empty one matches every cluster."""

    label_selector: LabelSelector | None = None
    field_selector: FieldSelector | None = None
    cluster_names: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverflowAffinity(ClusterAffinity):
    """A further tier of clusters, used when the term's own are short."""

    affinity_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAffinityTerm(ClusterAffinity):
    """A named affinity; terms are tried in order."""

    affinity_name: str = ""
    overflow_affinities: tuple[OverflowAffinity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Toleration:
    """core/v1 Toleration, for taints of clusters."""

    key: str = ""
    operator: str = ""
    value: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadConstraint:
    """How many groups of clusters; `max_groups` 0 is taken literally."""

    spread_by_field: str = ""
    spread_by_label: str = ""
    min_groups: int = 0
    max_groups: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticClusterWeight:
    """A weight for the clusters that an affinity matches."""

    target_cluster: ClusterAffinity = field(default_factory=ClusterAffinity)
    weight: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterPreferences:
    """`weightPreference`."""

    static_weight_list: tuple[StaticClusterWeight, ...] = ()
    dynamic_weight: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaSchedulingStrategy:
    """`replicaScheduling`: Duplicated or Divided, and how divided."""

    replica_scheduling_type: str = ""
    replica_division_preference: str = ""
    weight_preference: ClusterPreferences | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadAffinityTerm:
    """Groups workloads by the value of one of their labels."""

    group_by_label_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadAffinity:
    """`workloadAffinity` (gate WorkloadAffinity)."""

    affinity: WorkloadAffinityTerm | None = None
    anti_affinity: WorkloadAffinityTerm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where templates of a policy go."""

    cluster_affinity: ClusterAffinity | None = None
    cluster_affinities: tuple[ClusterAffinityTerm, ...] | None = None
    cluster_tolerations: tuple[Toleration, ...] = ()
    spread_constraints: tuple[SpreadConstraint, ...] = ()
    replica_scheduling: ReplicaSchedulingStrategy | None = None
    workload_affinity: WorkloadAffinity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionConditions:
    """When an unhealthy application is moved."""

    toleration_seconds: int | None = field(default=None, metadata={"bits": 32})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePreservationRule:
    """A JSONPath over the status of the member's object, kept as a label."""

    alias_label_name: str = ""
    json_path: str = field(default="", metadata={"key": "jsonPath"})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePreservation:
    """What of the state moves along."""

    rules: tuple[StatePreservationRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFailoverBehavior:
    """`failover.application`."""

    decision_conditions: DecisionConditions = field(default_factory=DecisionConditions)
    purge_mode: str = ""
    grace_period_seconds: int | None = field(default=None, metadata={"bits": 32})
    state_preservation: StatePreservation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFailoverBehavior:
    """`failover.cluster`."""

    purge_mode: str = ""
    state_preservation: StatePreservation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverBehavior:
    """`failover`."""

    application: ApplicationFailoverBehavior | None = None
    cluster: ClusterFailoverBehavior | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendClusters:
    """`suspension.dispatchingOnClusters`."""

    cluster_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Which targets are held."""

    dispatching: bool | None = None
    dispatching_on_clusters: SuspendClusters | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePriority:
    """`schedulePriority`."""

    priority_class_source: str = ""
    priority_class_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropagationSpec:
    """`spec` of PropagationPolicy and ClusterPropagationPolicy."""

    resource_selectors: tuple[ResourceSelector, ...] = ()
    association: bool = False
    propagate_deps: bool = False
    placement: Placement = field(default_factory=Placement)
    priority: int | None = field(default=None, metadata={"bits": 32})
    preemption: str = ""
    dependent_overrides: tuple[str, ...] = ()
    scheduler_name: str = ""
    failover: FailoverBehavior | None = None
    conflict_resolution: str = ""
    activation_preference: str = ""
    suspension: Suspension | None = None
    preserve_resources_on_deletion: bool | None = None
    schedule_priority: SchedulePriority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PropagationPolicy:
    """A PropagationPolicy, or with namespace "" a ClusterPropagationPolicy."""

    name: str
    namespace: str = ""
    uid: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    is_deleting: bool = False
    spec: PropagationSpec = field(default_factory=PropagationSpec)
    location: Location | None = None

    @property
    def kind(self) -> str:
        """The kind that the namespace tells."""
        return "PropagationPolicy" if self.namespace else "ClusterPropagationPolicy"

    @property
    def title(self) -> str:
        """`PropagationPolicy shop/web`, as texts and origins name it."""
        return policy_title(self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePredicate:
    """The one path whose image is changed."""

    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOverrider:
    """Changes one component of images."""

    predicate: ImagePredicate | None = None
    component: str = ""
    operator: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandArgsOverrider:
    """Adds or removes items of a container's command or args."""

    container_name: str = ""
    operator: str = ""
    value: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAnnotationOverrider:
    """Adds, replaces or removes labels or annotations."""

    operator: str = ""
    value: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPatchOperation:
    """One operation inside a text field that holds JSON or YAML."""

    sub_path: str = ""
    operator: str = ""
    value: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOverrider:
    """Changes a text field that holds JSON or YAML."""

    field_path: str = ""
    json: tuple[FieldPatchOperation, ...] = ()
    yaml: tuple[FieldPatchOperation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaintextOverrider:
    """One operation of a JSON patch on the whole object."""

    path: str = ""
    operator: str = ""
    value: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overriders:
    """What a rule changes, in Karmada's fixed order of application (not the order in the file)."""

    image_overrider: tuple[ImageOverrider, ...] = ()
    command_overrider: tuple[CommandArgsOverrider, ...] = ()
    args_overrider: tuple[CommandArgsOverrider, ...] = ()
    labels_overrider: tuple[LabelAnnotationOverrider, ...] = ()
    annotations_overrider: tuple[LabelAnnotationOverrider, ...] = ()
    field_overrider: tuple[FieldOverrider, ...] = ()
    plaintext: tuple[PlaintextOverrider, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRule:
    """Overriders for the clusters that `target_cluster` matches (None: all)."""

    target_cluster: ClusterAffinity | None = None
    overriders: Overriders = field(default_factory=Overriders)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideSpec:
    """`spec` of OverridePolicy and ClusterOverridePolicy, with the deprecated pair."""

    resource_selectors: tuple[ResourceSelector, ...] = ()
    override_rules: tuple[OverrideRule, ...] = ()
    target_cluster: ClusterAffinity | None = None
    overriders: Overriders = field(default_factory=Overriders)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverridePolicy:
    """An OverridePolicy, or with namespace "" a ClusterOverridePolicy; `rule_locations` go with the rules."""

    name: str
    namespace: str = ""
    spec: OverrideSpec = field(default_factory=OverrideSpec)
    location: Location | None = None
    rule_locations: tuple[Location | None, ...] = ()

    @property
    def kind(self) -> str:
        """The kind that the namespace tells."""
        return "OverridePolicy" if self.namespace else "ClusterOverridePolicy"

    @property
    def title(self) -> str:
        """`OverridePolicy shop/web`, as texts and origins name it."""
        return policy_title(self.kind, self.namespace, self.name)


def policy_title(kind: str, namespace: str, name: str) -> str:
    """A policy in texts: kind, then namespace and name, or the name alone."""
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
