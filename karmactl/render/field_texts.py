"""What each field of a policy means, in a line or two: by the type that has it, then by its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FIELD_TEXTS"]

_PURGE: Final = "Directly: the old copy goes at once; Gracefully: once the new one is healthy; Never: it stays."
_AFFINITY: Final = {
    "labelSelector": "Labels of Cluster objects, or of the cluster's entry in karmactl.yaml.",
    "fieldSelector": "Expressions over provider, region and zone.",
    "clusterNames": "These clusters alone.",
    "exclude": "Never these clusters, whatever else matches.",
}
_OPERATOR: Final = "add, replace or remove."
_SELECTORS: Final = "Which templates the policy speaks of; a template matches if one of them does."

FIELD_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "PropagationPolicy": {"spec": "What goes where. Applies to templates of the policy's own namespace."},
    "ClusterPropagationPolicy": {"spec": "What goes where. Applies to all namespaces, and to cluster-scoped objects."},
    "OverridePolicy": {"spec": "What differs from cluster to cluster, for templates of the policy's own namespace."},
    "ClusterOverridePolicy": {"spec": "What differs from cluster to cluster, in all namespaces and in none."},
    "Cluster": {"spec": "A member and the facts that placement reads."},
    "ClusterSpec": {
        "syncMode": "Push or Pull.",
        "provider": "Where the cluster runs (aws, gcp, ...); spread constraints and field selectors read it.",
        "region": "The provider's region.",
        "zones": "The zones of its nodes.",
        "taints": "Keep templates away that do not tolerate them.",
    },
    "Taint": {
        "key": "The name of the taint.",
        "value": "Compared with a toleration's value.",
        "effect": "NoSchedule keeps new templates away; NoExecute moves those that are there.",
        "timeAdded": "Since when it counts (RFC 3339), for tolerationSeconds.",
    },
    "PropagationSpec": {
        "resourceSelectors": _SELECTORS,
        "association": "Deprecated by Karmada: the former name of propagateDeps.",
        "propagateDeps": "What the templates refer to (ConfigMaps, Secrets, ServiceAccounts, claims) goes along.",
        "placement": "Which clusters, and how many replicas in each.",
        "priority": "The policy with the highest number claims a template that several match. Default 0.",
        "preemption": "Always or Never: whether it takes over what a policy of lower priority has claimed.",
        "dependentOverrides": "OverridePolicies that have to be there before anything is placed.",
        "schedulerName": "default-scheduler; other schedulers are refused.",
        "failover": "What happens when a cluster or an application fails.",
        "conflictResolution": "Abort (default) leaves objects alone that a member has already; Overwrite adopts them.",
        "activationPreference": "Lazy: a changed policy takes effect when the template changes the next time.",
        "suspension": "Holds back what would be sent, everywhere or to some clusters.",
        "preserveResourcesOnDeletion": "What was placed stays in the members when the template goes.",
        "schedulePriority": "Order in Karmada's scheduling queue; karmactl decides all at once.",
    },
    "OverrideSpec": {
        "resourceSelectors": _SELECTORS,
        "overrideRules": "Rules in order; each applies to the clusters that it names.",
        "targetCluster": "Deprecated by Karmada: say overrideRules.",
        "overriders": "Deprecated by Karmada: say overrideRules.",
    },
    "ResourceSelector": {
        "apiVersion": "As in the template, such as apps/v1.",
        "kind": "As in the template, such as Deployment.",
        "namespace": "Of a ClusterPropagationPolicy: templates of this namespace alone.",
        "name": "This template alone; then the labels do not matter.",
        "labelSelector": "Templates with these labels; without name and labels, all of the kind.",
    },
    "LabelSelector": {
        "matchLabels": "All of these labels, with these values.",
        "matchExpressions": "All of these expressions.",
    },
    "SelectorRequirement": {
        "key": "A label; of a field selector: provider, region or zone.",
        "operator": "In, NotIn, Exists or DoesNotExist.",
        "values": "For In and NotIn.",
    },
    "FieldSelector": {"matchExpressions": "All of these expressions."},
    "Placement": {
        "clusterAffinity": "Which clusters may be chosen. Absent: all.",
        "clusterAffinities": "Groups of clusters by name, tried in order: the first that can take the template.",
        "clusterTolerations": "Taints that do not keep the template away.",
        "spreadConstraints": "Over how many clusters, zones, regions or providers it spreads.",
        "replicaScheduling": "How many replicas each chosen cluster gets.",
        "workloadAffinity": "Together with other workloads, or apart from them (gate WorkloadAffinity).",
    },
    "ClusterAffinity": _AFFINITY,
    "ClusterAffinityTerm": {
        **_AFFINITY,
        "affinityName": "A name for the group; it is recorded which one is in use.",
        "overflowAffinities": "Further clusters, taken in order where the group is too small for all replicas.",
    },
    "OverflowAffinity": {**_AFFINITY, "affinityName": "A name for this tier."},
    "Toleration": {
        "key": "The taint's key; empty with Exists: every taint.",
        "operator": "Equal (default) or Exists.",
        "value": "For Equal.",
        "effect": "NoSchedule, PreferNoSchedule or NoExecute; empty: all.",
        "tolerationSeconds": "How long NoExecute is tolerated; absent: for ever.",
    },
    "SpreadConstraint": {
        "spreadByField": "cluster, zone, region or provider.",
        "spreadByLabel": "A label of clusters. Karmada takes it and never can use it.",
        "minGroups": "At least so many groups, or the template is placed nowhere. Default 1.",
        "maxGroups": "At most so many groups. 0 means none at all.",
    },
    "ReplicaSchedulingStrategy": {
        "replicaSchedulingType": "Duplicated: all replicas in each cluster; Divided: the sum over all clusters.",
        "replicaDivisionPreference": "Weighted, or Aggregated: into as few clusters as have room.",
        "weightPreference": "Weights for Weighted; absent: equal ones.",
    },
    "ClusterPreferences": {
        "staticWeightList": "Weights by cluster; one that no entry matches gets nothing. Room does not matter.",
        "dynamicWeight": "AvailableReplicas: weights are what each cluster has room for.",
    },
    "StaticClusterWeight": {
        "targetCluster": "The clusters of this weight; of several entries that match one, the largest counts.",
        "weight": "1 or more.",
    },
    "WorkloadAffinity": {
        "affinity": "To clusters that have a workload of the same group.",
        "antiAffinity": "To clusters that have none.",
    },
    "WorkloadAffinityTerm": {"groupByLabelKey": "Workloads with the same value of this label are a group."},
    "FailoverBehavior": {
        "application": "When the workload itself is unhealthy in a cluster that is well.",
        "cluster": "When the cluster fails.",
    },
    "ApplicationFailoverBehavior": {
        "decisionConditions": "When it is moved.",
        "purgeMode": f"{_PURGE} Default Gracefully.",
        "gracePeriodSeconds": "With Gracefully: the longest wait for the new copy. Default 600.",
        "statePreservation": "What of the old copy's status the new one gets as labels.",
    },
    "ClusterFailoverBehavior": {
        "purgeMode": _PURGE,
        "statePreservation": "What of the old copy's status the new one gets as labels.",
    },
    "DecisionConditions": {"tolerationSeconds": "How long it may be unhealthy. Default 300."},
    "StatePreservation": {"rules": "One label each."},
    "StatePreservationRule": {
        "aliasLabelName": "The label on the new copy.",
        "jsonPath": "Where the value lies in the old copy's status.",
    },
    "Suspension": {
        "dispatching": "true: nothing is sent to any cluster.",
        "dispatchingOnClusters": "Nothing is sent to these clusters.",
    },
    "SuspendClusters": {"clusterNames": "Names of clusters."},
    "SchedulePriority": {
        "priorityClassSource": "KubePriorityClass, PodPriorityClass or FederatedPriorityClass.",
        "priorityClassName": "The name of the class.",
    },
    "OverrideRule": {
        "targetCluster": "The clusters that the rule is for. Absent: all.",
        "overriders": "What the rule changes.",
    },
    "Overriders": {
        "imageOverrider": "Registry, repository or tag of images.",
        "commandOverrider": "Items of a container's command.",
        "argsOverrider": "Items of a container's args.",
        "labelsOverrider": "Labels of the object.",
        "annotationsOverrider": "Annotations of the object.",
        "fieldOverrider": "Values inside a text field that holds JSON or YAML, such as a ConfigMap's data.",
        "plaintext": "JSON patch operations on the whole object. Applied last.",
    },
    "ImageOverrider": {
        "predicate": "The one image that is changed; absent: all images of the workload.",
        "component": "Registry, Repository or Tag.",
        "operator": _OPERATOR,
        "value": "The new component; nothing for remove.",
    },
    "ImagePredicate": {"path": "A JSON pointer to the image, such as /spec/template/spec/containers/0/image."},
    "CommandArgsOverrider": {
        "containerName": "The container.",
        "operator": "add or remove.",
        "value": "The items.",
    },
    "LabelAnnotationOverrider": {"operator": _OPERATOR, "value": "Keys and values."},
    "FieldOverrider": {
        "fieldPath": "A JSON pointer to the text field.",
        "json": "Operations where the text is JSON.",
        "yaml": "Operations where the text is YAML.",
    },
    "FieldPatchOperation": {
        "subPath": "A JSON pointer inside the text.",
        "operator": _OPERATOR,
        "value": "Any value; nothing for remove.",
    },
    "PlaintextOverrider": {
        "path": "A JSON pointer (RFC 6901), such as /spec/replicas.",
        "operator": _OPERATOR,
        "value": "Any value; nothing for remove.",
    },
}
