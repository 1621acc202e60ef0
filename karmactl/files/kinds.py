"""What is known about kinds without asking a server: whether they live in a namespace, and which are Karmada's own.

A table of facts about the kinds that Kubernetes serves; versions do not matter for scope. Kinds of CRDs among the
inputs are learned from `spec.scope`. Everything else is unknown here, and the API server has the last word.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["KARMADA_VERSION", "POLICY_GROUP", "is_karmada_group", "is_namespaced"]

POLICY_GROUP = "policy.karmada.io"
# The version of every kind of Karmada that is read here.
KARMADA_VERSION = "v1alpha1"

_NAMESPACED: Mapping[str, str] = {
    "": "Binding ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController"
    " ResourceQuota Secret Service ServiceAccount",
    "apps": "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet",
    "authorization.k8s.io": "LocalSubjectAccessReview",
    "autoscaling": "HorizontalPodAutoscaler",
    "batch": "CronJob Job",
    "coordination.k8s.io": "Lease LeaseCandidate",
    "discovery.k8s.io": "EndpointSlice",
    "events.k8s.io": "Event",
    "extensions": "DaemonSet Deployment Ingress NetworkPolicy ReplicaSet",
    "multicluster.x-k8s.io": "ServiceExport ServiceImport",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "policy": "PodDisruptionBudget",
    "rbac.authorization.k8s.io": "Role RoleBinding",
    "resource.k8s.io": "ResourceClaim ResourceClaimTemplate",
    "storage.k8s.io": "CSIStorageCapacity",
}
_CLUSTER_SCOPED: Mapping[str, str] = {
    "": "ComponentStatus Namespace Node PersistentVolume",
    "admissionregistration.k8s.io": "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding"
    " MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"
    " ValidatingWebhookConfiguration",
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "apiregistration.k8s.io": "APIService",
    "authentication.k8s.io": "SelfSubjectReview TokenReview",
    "authorization.k8s.io": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
    "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    "networking.k8s.io": "IPAddress IngressClass ServiceCIDR",
    "node.k8s.io": "RuntimeClass",
    "policy": "PodSecurityPolicy",
    "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
    "resource.k8s.io": "DeviceClass DeviceTaintRule ResourceSlice",
    "scheduling.k8s.io": "PriorityClass",
    "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
    "storagemigration.k8s.io": "StorageVersionMigration",
    "config.karmada.io": "ResourceInterpreterCustomization ResourceInterpreterWebhookConfiguration",
    "cluster.karmada.io": "Cluster",
    POLICY_GROUP: "ClusterOverridePolicy ClusterPropagationPolicy ClusterTaintPolicy",
}
_SCOPES: dict[tuple[str, str], bool] = {
    (group, kind): namespaced
    for table, namespaced in ((_NAMESPACED, True), (_CLUSTER_SCOPED, False))
    for group, kinds in table.items()
    for kind in kinds.split()
}
_SCOPES[(POLICY_GROUP, "PropagationPolicy")] = True
_SCOPES[(POLICY_GROUP, "OverridePolicy")] = True


def is_namespaced(group: str, kind: str) -> bool | None:
    """Whether objects of a built-in kind live in a namespace; None for kinds that are not in the table."""
    return _SCOPES.get((group, kind))


def is_karmada_group(group: str) -> bool:
    """Whether an API group is Karmada's own."""
    return group == "karmada.io" or group.endswith(".karmada.io")
