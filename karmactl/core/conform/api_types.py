"""The fields of every built-in kind, in all releases of Kubernetes from 1.25 to 1.37 taken together.

Written by tools/build_api_types.py from Kubernetes' OpenAPI documents; do not edit. A line is a type: its name, then
its fields, each with its type. `[]T` is a list, `[set]T` one without duplicates, `[a,b]T` one whose items are told
apart by the fields a and b, `{}T` a mapping from free keys. `KINDS` has the type of each `apiVersion Kind`.
"""

from __future__ import annotations

from typing import Final

__all__ = ["KINDS", "LAST_RELEASE", "TYPES"]

LAST_RELEASE: Final = "1.37"

KINDS: Final[dict[str, str]] = {
    "admissionregistration.k8s.io/v1 MutatingAdmissionPolicy": "admissionregistration/v1.MutatingAdmissionPolicy",
    "admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding": (
        "admissionregistration/v1.MutatingAdmissionPolicyBinding"
    ),
    "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration": (
        "admissionregistration/v1.MutatingWebhookConfiguration"
    ),
    "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy": "admissionregistration/v1.ValidatingAdmissionPolicy",
    "admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding": (
        "admissionregistration/v1.ValidatingAdmissionPolicyBinding"
    ),
    "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration": (
        "admissionregistration/v1.ValidatingWebhookConfiguration"
    ),
    "admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicy": (
        "admissionregistration/v1alpha1.MutatingAdmissionPolicy"
    ),
    "admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicyBinding": (
        "admissionregistration/v1alpha1.MutatingAdmissionPolicyBinding"
    ),
    "admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicy": (
        "admissionregistration/v1alpha1.ValidatingAdmissionPolicy"
    ),
    "admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicyBinding": (
        "admissionregistration/v1alpha1.ValidatingAdmissionPolicyBinding"
    ),
    "admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy": (
        "admissionregistration/v1beta1.MutatingAdmissionPolicy"
    ),
    "admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicyBinding": (
        "admissionregistration/v1beta1.MutatingAdmissionPolicyBinding"
    ),
    "admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy": (
        "admissionregistration/v1beta1.ValidatingAdmissionPolicy"
    ),
    "admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicyBinding": (
        "admissionregistration/v1beta1.ValidatingAdmissionPolicyBinding"
    ),
    "apiextensions.k8s.io/v1 CustomResourceDefinition": "apiextensions/v1.CustomResourceDefinition",
    "apiregistration.k8s.io/v1 APIService": "apiregistration/v1.APIService",
    "apps/v1 ControllerRevision": "apps/v1.ControllerRevision",
    "apps/v1 DaemonSet": "apps/v1.DaemonSet",
    "apps/v1 Deployment": "apps/v1.Deployment",
    "apps/v1 ReplicaSet": "apps/v1.ReplicaSet",
    "apps/v1 StatefulSet": "apps/v1.StatefulSet",
    "authentication.k8s.io/v1 SelfSubjectReview": "authentication/v1.SelfSubjectReview",
    "authentication.k8s.io/v1 TokenRequest": "authentication/v1.TokenRequest",
    "authentication.k8s.io/v1 TokenReview": "authentication/v1.TokenReview",
    "authentication.k8s.io/v1alpha1 SelfSubjectReview": "authentication/v1alpha1.SelfSubjectReview",
    "authentication.k8s.io/v1beta1 SelfSubjectReview": "authentication/v1beta1.SelfSubjectReview",
    "authorization.k8s.io/v1 LocalSubjectAccessReview": "authorization/v1.LocalSubjectAccessReview",
    "authorization.k8s.io/v1 SelfSubjectAccessReview": "authorization/v1.SelfSubjectAccessReview",
    "authorization.k8s.io/v1 SelfSubjectRulesReview": "authorization/v1.SelfSubjectRulesReview",
    "authorization.k8s.io/v1 SubjectAccessReview": "authorization/v1.SubjectAccessReview",
    "autoscaling/v1 HorizontalPodAutoscaler": "autoscaling/v1.HorizontalPodAutoscaler",
    "autoscaling/v1 Scale": "autoscaling/v1.Scale",
    "autoscaling/v2 HorizontalPodAutoscaler": "autoscaling/v2.HorizontalPodAutoscaler",
    "autoscaling/v2beta2 HorizontalPodAutoscaler": "autoscaling/v2beta2.HorizontalPodAutoscaler",
    "batch/v1 CronJob": "batch/v1.CronJob",
    "batch/v1 Job": "batch/v1.Job",
    "certificates.k8s.io/v1 CertificateSigningRequest": "certificates/v1.CertificateSigningRequest",
    "certificates.k8s.io/v1 ClusterTrustBundle": "certificates/v1.ClusterTrustBundle",
    "certificates.k8s.io/v1 PodCertificateRequest": "certificates/v1.PodCertificateRequest",
    "certificates.k8s.io/v1alpha1 ClusterTrustBundle": "certificates/v1alpha1.ClusterTrustBundle",
    "certificates.k8s.io/v1alpha1 PodCertificateRequest": "certificates/v1alpha1.PodCertificateRequest",
    "certificates.k8s.io/v1beta1 ClusterTrustBundle": "certificates/v1beta1.ClusterTrustBundle",
    "certificates.k8s.io/v1beta1 PodCertificateRequest": "certificates/v1beta1.PodCertificateRequest",
    "coordination.k8s.io/v1 Lease": "coordination/v1.Lease",
    "coordination.k8s.io/v1alpha1 LeaseCandidate": "coordination/v1alpha1.LeaseCandidate",
    "coordination.k8s.io/v1alpha2 LeaseCandidate": "coordination/v1alpha2.LeaseCandidate",
    "coordination.k8s.io/v1beta1 LeaseCandidate": "coordination/v1beta1.LeaseCandidate",
    "discovery.k8s.io/v1 EndpointSlice": "discovery/v1.EndpointSlice",
    "events.k8s.io/v1 Event": "events/v1.Event",
    "flowcontrol.apiserver.k8s.io/v1 FlowSchema": "flowcontrol/v1.FlowSchema",
    "flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration": "flowcontrol/v1.PriorityLevelConfiguration",
    "flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema": "flowcontrol/v1beta1.FlowSchema",
    "flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration": (
        "flowcontrol/v1beta1.PriorityLevelConfiguration"
    ),
    "flowcontrol.apiserver.k8s.io/v1beta2 FlowSchema": "flowcontrol/v1beta2.FlowSchema",
    "flowcontrol.apiserver.k8s.io/v1beta2 PriorityLevelConfiguration": (
        "flowcontrol/v1beta2.PriorityLevelConfiguration"
    ),
    "flowcontrol.apiserver.k8s.io/v1beta3 FlowSchema": "flowcontrol/v1beta3.FlowSchema",
    "flowcontrol.apiserver.k8s.io/v1beta3 PriorityLevelConfiguration": (
        "flowcontrol/v1beta3.PriorityLevelConfiguration"
    ),
    "internal.apiserver.k8s.io/v1alpha1 StorageVersion": "apiserverinternal/v1alpha1.StorageVersion",
    "lifecycle.k8s.io/v1alpha1 Eviction": "lifecycle/v1alpha1.Eviction",
    "lifecycle.k8s.io/v1alpha1 EvictionRequest": "lifecycle/v1alpha1.EvictionRequest",
    "networking.k8s.io/v1 IPAddress": "networking/v1.IPAddress",
    "networking.k8s.io/v1 Ingress": "networking/v1.Ingress",
    "networking.k8s.io/v1 IngressClass": "networking/v1.IngressClass",
    "networking.k8s.io/v1 NetworkPolicy": "networking/v1.NetworkPolicy",
    "networking.k8s.io/v1 ServiceCIDR": "networking/v1.ServiceCIDR",
    "networking.k8s.io/v1alpha1 ClusterCIDR": "networking/v1alpha1.ClusterCIDR",
    "networking.k8s.io/v1alpha1 IPAddress": "networking/v1alpha1.IPAddress",
    "networking.k8s.io/v1alpha1 ServiceCIDR": "networking/v1alpha1.ServiceCIDR",
    "networking.k8s.io/v1beta1 IPAddress": "networking/v1beta1.IPAddress",
    "networking.k8s.io/v1beta1 ServiceCIDR": "networking/v1beta1.ServiceCIDR",
    "node.k8s.io/v1 RuntimeClass": "node/v1.RuntimeClass",
    "policy/v1 Eviction": "policy/v1.Eviction",
    "policy/v1 PodDisruptionBudget": "policy/v1.PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1 ClusterRole": "rbac/v1.ClusterRole",
    "rbac.authorization.k8s.io/v1 ClusterRoleBinding": "rbac/v1.ClusterRoleBinding",
    "rbac.authorization.k8s.io/v1 Role": "rbac/v1.Role",
    "rbac.authorization.k8s.io/v1 RoleBinding": "rbac/v1.RoleBinding",
    "resource.k8s.io/v1 DeviceClass": "resource/v1.DeviceClass",
    "resource.k8s.io/v1 DeviceTaintRule": "resource/v1.DeviceTaintRule",
    "resource.k8s.io/v1 ResourceClaim": "resource/v1.ResourceClaim",
    "resource.k8s.io/v1 ResourceClaimTemplate": "resource/v1.ResourceClaimTemplate",
    "resource.k8s.io/v1 ResourceSlice": "resource/v1.ResourceSlice",
    "resource.k8s.io/v1alpha1 PodScheduling": "resource/v1alpha1.PodScheduling",
    "resource.k8s.io/v1alpha1 ResourceClaim": "resource/v1alpha1.ResourceClaim",
    "resource.k8s.io/v1alpha1 ResourceClaimTemplate": "resource/v1alpha1.ResourceClaimTemplate",
    "resource.k8s.io/v1alpha1 ResourceClass": "resource/v1alpha1.ResourceClass",
    "resource.k8s.io/v1alpha2 PodSchedulingContext": "resource/v1alpha2.PodSchedulingContext",
    "resource.k8s.io/v1alpha2 ResourceClaim": "resource/v1alpha2.ResourceClaim",
    "resource.k8s.io/v1alpha2 ResourceClaimParameters": "resource/v1alpha2.ResourceClaimParameters",
    "resource.k8s.io/v1alpha2 ResourceClaimTemplate": "resource/v1alpha2.ResourceClaimTemplate",
    "resource.k8s.io/v1alpha2 ResourceClass": "resource/v1alpha2.ResourceClass",
    "resource.k8s.io/v1alpha2 ResourceClassParameters": "resource/v1alpha2.ResourceClassParameters",
    "resource.k8s.io/v1alpha2 ResourceSlice": "resource/v1alpha2.ResourceSlice",
    "resource.k8s.io/v1alpha3 DeviceClass": "resource/v1alpha3.DeviceClass",
    "resource.k8s.io/v1alpha3 DeviceTaintRule": "resource/v1alpha3.DeviceTaintRule",
    "resource.k8s.io/v1alpha3 PodSchedulingContext": "resource/v1alpha3.PodSchedulingContext",
    "resource.k8s.io/v1alpha3 ResourceClaim": "resource/v1alpha3.ResourceClaim",
    "resource.k8s.io/v1alpha3 ResourceClaimTemplate": "resource/v1alpha3.ResourceClaimTemplate",
    "resource.k8s.io/v1alpha3 ResourcePoolStatusRequest": "resource/v1alpha3.ResourcePoolStatusRequest",
    "resource.k8s.io/v1alpha3 ResourceSlice": "resource/v1alpha3.ResourceSlice",
    "resource.k8s.io/v1beta1 DeviceClass": "resource/v1beta1.DeviceClass",
    "resource.k8s.io/v1beta1 ResourceClaim": "resource/v1beta1.ResourceClaim",
    "resource.k8s.io/v1beta1 ResourceClaimTemplate": "resource/v1beta1.ResourceClaimTemplate",
    "resource.k8s.io/v1beta1 ResourceSlice": "resource/v1beta1.ResourceSlice",
    "resource.k8s.io/v1beta2 DeviceClass": "resource/v1beta2.DeviceClass",
    "resource.k8s.io/v1beta2 DeviceTaintRule": "resource/v1beta2.DeviceTaintRule",
    "resource.k8s.io/v1beta2 ResourceClaim": "resource/v1beta2.ResourceClaim",
    "resource.k8s.io/v1beta2 ResourceClaimTemplate": "resource/v1beta2.ResourceClaimTemplate",
    "resource.k8s.io/v1beta2 ResourceSlice": "resource/v1beta2.ResourceSlice",
    "scheduling.k8s.io/v1 PriorityClass": "scheduling/v1.PriorityClass",
    "scheduling.k8s.io/v1alpha1 Workload": "scheduling/v1alpha1.Workload",
    "scheduling.k8s.io/v1alpha2 PodGroup": "scheduling/v1alpha2.PodGroup",
    "scheduling.k8s.io/v1alpha2 Workload": "scheduling/v1alpha2.Workload",
    "scheduling.k8s.io/v1alpha3 CompositePodGroup": "scheduling/v1alpha3.CompositePodGroup",
    "scheduling.k8s.io/v1alpha3 PodGroup": "scheduling/v1alpha3.PodGroup",
    "scheduling.k8s.io/v1alpha3 Workload": "scheduling/v1alpha3.Workload",
    "scheduling.k8s.io/v1beta1 PodGroup": "scheduling/v1beta1.PodGroup",
    "scheduling.k8s.io/v1beta1 Workload": "scheduling/v1beta1.Workload",
    "storage.k8s.io/v1 CSIDriver": "storage/v1.CSIDriver",
    "storage.k8s.io/v1 CSINode": "storage/v1.CSINode",
    "storage.k8s.io/v1 CSIStorageCapacity": "storage/v1.CSIStorageCapacity",
    "storage.k8s.io/v1 StorageClass": "storage/v1.StorageClass",
    "storage.k8s.io/v1 VolumeAttachment": "storage/v1.VolumeAttachment",
    "storage.k8s.io/v1 VolumeAttributesClass": "storage/v1.VolumeAttributesClass",
    "storage.k8s.io/v1alpha1 VolumeAttributesClass": "storage/v1alpha1.VolumeAttributesClass",
    "storage.k8s.io/v1beta1 CSIStorageCapacity": "storage/v1beta1.CSIStorageCapacity",
    "storage.k8s.io/v1beta1 VolumeAttributesClass": "storage/v1beta1.VolumeAttributesClass",
    "storagemigration.k8s.io/v1 StorageVersionMigration": "storagemigration/v1.StorageVersionMigration",
    "storagemigration.k8s.io/v1alpha1 StorageVersionMigration": "storagemigration/v1alpha1.StorageVersionMigration",
    "storagemigration.k8s.io/v1beta1 StorageVersionMigration": "storagemigration/v1beta1.StorageVersionMigration",
    "v1 Binding": "core/v1.Binding",
    "v1 ComponentStatus": "core/v1.ComponentStatus",
    "v1 ConfigMap": "core/v1.ConfigMap",
    "v1 Endpoints": "core/v1.Endpoints",
    "v1 Event": "core/v1.Event",
    "v1 LimitRange": "core/v1.LimitRange",
    "v1 Namespace": "core/v1.Namespace",
    "v1 Node": "core/v1.Node",
    "v1 PersistentVolume": "core/v1.PersistentVolume",
    "v1 PersistentVolumeClaim": "core/v1.PersistentVolumeClaim",
    "v1 Pod": "core/v1.Pod",
    "v1 PodTemplate": "core/v1.PodTemplate",
    "v1 ReplicationController": "core/v1.ReplicationController",
    "v1 ResourceQuota": "core/v1.ResourceQuota",
    "v1 Secret": "core/v1.Secret",
    "v1 Service": "core/v1.Service",
    "v1 ServiceAccount": "core/v1.ServiceAccount",
}

TYPES: Final[dict[str, str]] = {
    "admissionregistration/v1.ApplyConfiguration": "expression:string",
    "admissionregistration/v1.AuditAnnotation": "key:string valueExpression:string",
    "admissionregistration/v1.ExpressionWarning": "fieldRef:string warning:string",
    "admissionregistration/v1.JSONPatch": "expression:string",
    "admissionregistration/v1.MatchCondition": "expression:string name:string",
    "admissionregistration/v1.MatchResources": (
        "excludeResourceRules:[]admissionregistration/v1.NamedRuleWithOperations matchPolicy:string "
        "namespaceSelector:meta/v1.LabelSelector objectSelector:meta/v1.LabelSelector "
        "resourceRules:[]admissionregistration/v1.NamedRuleWithOperations"
    ),
    "admissionregistration/v1.MutatingAdmissionPolicy": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1.MutatingAdmissionPolicySpec"
    ),
    "admissionregistration/v1.MutatingAdmissionPolicyBinding": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1.MutatingAdmissionPolicyBindingSpec"
    ),
    "admissionregistration/v1.MutatingAdmissionPolicyBindingSpec": (
        "matchResources:admissionregistration/v1.MatchResources paramRef:admissionregistration/v1.ParamRef "
        "policyName:string"
    ),
    "admissionregistration/v1.MutatingAdmissionPolicySpec": (
        "failurePolicy:string matchConditions:[name]admissionregistration/v1.MatchCondition "
        "matchConstraints:admissionregistration/v1.MatchResources mutations:[]admissionregistration/v1.Mutation "
        "paramKind:admissionregistration/v1.ParamKind reinvocationPolicy:string "
        "variables:[]admissionregistration/v1.Variable"
    ),
    "admissionregistration/v1.MutatingWebhook": (
        "admissionReviewVersions:[]string clientConfig:admissionregistration/v1.WebhookClientConfig "
        "failurePolicy:string matchConditions:[name]admissionregistration/v1.MatchCondition matchPolicy:string "
        "name:string namespaceSelector:meta/v1.LabelSelector objectSelector:meta/v1.LabelSelector "
        "reinvocationPolicy:string rules:[]admissionregistration/v1.RuleWithOperations sideEffects:string "
        "timeoutSeconds:int32"
    ),
    "admissionregistration/v1.MutatingWebhookConfiguration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "webhooks:[name]admissionregistration/v1.MutatingWebhook"
    ),
    "admissionregistration/v1.Mutation": (
        "applyConfiguration:admissionregistration/v1.ApplyConfiguration "
        "jsonPatch:admissionregistration/v1.JSONPatch patchType:string"
    ),
    "admissionregistration/v1.NamedRuleWithOperations": (
        "apiGroups:[]string apiVersions:[]string operations:[]string resourceNames:[]string resources:[]string "
        "scope:string"
    ),
    "admissionregistration/v1.ParamKind": "apiVersion:string kind:string",
    "admissionregistration/v1.ParamRef": (
        "name:string namespace:string parameterNotFoundAction:string selector:meta/v1.LabelSelector"
    ),
    "admissionregistration/v1.RuleWithOperations": (
        "apiGroups:[]string apiVersions:[]string operations:[]string resources:[]string scope:string"
    ),
    "admissionregistration/v1.ServiceReference": "name:string namespace:string path:string port:int32",
    "admissionregistration/v1.TypeChecking": "expressionWarnings:[]admissionregistration/v1.ExpressionWarning",
    "admissionregistration/v1.ValidatingAdmissionPolicy": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1.ValidatingAdmissionPolicySpec "
        "status:admissionregistration/v1.ValidatingAdmissionPolicyStatus"
    ),
    "admissionregistration/v1.ValidatingAdmissionPolicyBinding": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1.ValidatingAdmissionPolicyBindingSpec"
    ),
    "admissionregistration/v1.ValidatingAdmissionPolicyBindingSpec": (
        "matchResources:admissionregistration/v1.MatchResources paramRef:admissionregistration/v1.ParamRef "
        "policyName:string validationActions:[set]string"
    ),
    "admissionregistration/v1.ValidatingAdmissionPolicySpec": (
        "auditAnnotations:[]admissionregistration/v1.AuditAnnotation failurePolicy:string "
        "matchConditions:[name]admissionregistration/v1.MatchCondition "
        "matchConstraints:admissionregistration/v1.MatchResources paramKind:admissionregistration/v1.ParamKind "
        "validations:[]admissionregistration/v1.Validation variables:[name]admissionregistration/v1.Variable"
    ),
    "admissionregistration/v1.ValidatingAdmissionPolicyStatus": (
        "conditions:[type]meta/v1.Condition observedGeneration:int64 typeChecking:admissionregistration/v1.TypeChecking"
    ),
    "admissionregistration/v1.ValidatingWebhook": (
        "admissionReviewVersions:[]string clientConfig:admissionregistration/v1.WebhookClientConfig "
        "failurePolicy:string matchConditions:[name]admissionregistration/v1.MatchCondition matchPolicy:string "
        "name:string namespaceSelector:meta/v1.LabelSelector objectSelector:meta/v1.LabelSelector "
        "rules:[]admissionregistration/v1.RuleWithOperations sideEffects:string timeoutSeconds:int32"
    ),
    "admissionregistration/v1.ValidatingWebhookConfiguration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "webhooks:[name]admissionregistration/v1.ValidatingWebhook"
    ),
    "admissionregistration/v1.Validation": "expression:string message:string messageExpression:string reason:string",
    "admissionregistration/v1.Variable": "expression:string name:string",
    "admissionregistration/v1.WebhookClientConfig": (
        "caBundle:bytes service:admissionregistration/v1.ServiceReference url:string"
    ),
    "admissionregistration/v1alpha1.ApplyConfiguration": "expression:string",
    "admissionregistration/v1alpha1.AuditAnnotation": "key:string valueExpression:string",
    "admissionregistration/v1alpha1.ExpressionWarning": "fieldRef:string warning:string",
    "admissionregistration/v1alpha1.JSONPatch": "expression:string",
    "admissionregistration/v1alpha1.MatchCondition": "expression:string name:string",
    "admissionregistration/v1alpha1.MatchResources": (
        "excludeResourceRules:[]admissionregistration/v1alpha1.NamedRuleWithOperations matchPolicy:string "
        "namespaceSelector:meta/v1.LabelSelector objectSelector:meta/v1.LabelSelector "
        "resourceRules:[]admissionregistration/v1alpha1.NamedRuleWithOperations"
    ),
    "admissionregistration/v1alpha1.MutatingAdmissionPolicy": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1alpha1.MutatingAdmissionPolicySpec"
    ),
    "admissionregistration/v1alpha1.MutatingAdmissionPolicyBinding": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1alpha1.MutatingAdmissionPolicyBindingSpec"
    ),
    "admissionregistration/v1alpha1.MutatingAdmissionPolicyBindingSpec": (
        "matchResources:admissionregistration/v1alpha1.MatchResources "
        "paramRef:admissionregistration/v1alpha1.ParamRef policyName:string"
    ),
    "admissionregistration/v1alpha1.MutatingAdmissionPolicySpec": (
        "failurePolicy:string matchConditions:[name]admissionregistration/v1alpha1.MatchCondition "
        "matchConstraints:admissionregistration/v1alpha1.MatchResources "
        "mutations:[]admissionregistration/v1alpha1.Mutation paramKind:admissionregistration/v1alpha1.ParamKind "
        "reinvocationPolicy:string variables:[]admissionregistration/v1alpha1.Variable"
    ),
    "admissionregistration/v1alpha1.Mutation": (
        "applyConfiguration:admissionregistration/v1alpha1.ApplyConfiguration "
        "jsonPatch:admissionregistration/v1alpha1.JSONPatch patchType:string"
    ),
    "admissionregistration/v1alpha1.NamedRuleWithOperations": (
        "apiGroups:[]string apiVersions:[]string operations:[]string resourceNames:[]string resources:[]string "
        "scope:string"
    ),
    "admissionregistration/v1alpha1.ParamKind": "apiVersion:string kind:string",
    "admissionregistration/v1alpha1.ParamRef": (
        "name:string namespace:string parameterNotFoundAction:string selector:meta/v1.LabelSelector"
    ),
    "admissionregistration/v1alpha1.TypeChecking": (
        "expressionWarnings:[]admissionregistration/v1alpha1.ExpressionWarning"
    ),
    "admissionregistration/v1alpha1.ValidatingAdmissionPolicy": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1alpha1.ValidatingAdmissionPolicySpec "
        "status:admissionregistration/v1alpha1.ValidatingAdmissionPolicyStatus"
    ),
    "admissionregistration/v1alpha1.ValidatingAdmissionPolicyBinding": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1alpha1.ValidatingAdmissionPolicyBindingSpec"
    ),
    "admissionregistration/v1alpha1.ValidatingAdmissionPolicyBindingSpec": (
        "matchResources:admissionregistration/v1alpha1.MatchResources "
        "paramRef:admissionregistration/v1alpha1.ParamRef policyName:string validationActions:[set]string"
    ),
    "admissionregistration/v1alpha1.ValidatingAdmissionPolicySpec": (
        "auditAnnotations:[]admissionregistration/v1alpha1.AuditAnnotation failurePolicy:string "
        "matchConditions:[name]admissionregistration/v1alpha1.MatchCondition "
        "matchConstraints:admissionregistration/v1alpha1.MatchResources "
        "paramKind:admissionregistration/v1alpha1.ParamKind "
        "validations:[]admissionregistration/v1alpha1.Validation "
        "variables:[name]admissionregistration/v1alpha1.Variable"
    ),
    "admissionregistration/v1alpha1.ValidatingAdmissionPolicyStatus": (
        "conditions:[type]meta/v1.Condition observedGeneration:int64 "
        "typeChecking:admissionregistration/v1alpha1.TypeChecking"
    ),
    "admissionregistration/v1alpha1.Validation": (
        "expression:string message:string messageExpression:string reason:string"
    ),
    "admissionregistration/v1alpha1.Variable": "expression:string name:string",
    "admissionregistration/v1beta1.ApplyConfiguration": "expression:string",
    "admissionregistration/v1beta1.AuditAnnotation": "key:string valueExpression:string",
    "admissionregistration/v1beta1.ExpressionWarning": "fieldRef:string warning:string",
    "admissionregistration/v1beta1.JSONPatch": "expression:string",
    "admissionregistration/v1beta1.MatchCondition": "expression:string name:string",
    "admissionregistration/v1beta1.MatchResources": (
        "excludeResourceRules:[]admissionregistration/v1beta1.NamedRuleWithOperations matchPolicy:string "
        "namespaceSelector:meta/v1.LabelSelector objectSelector:meta/v1.LabelSelector "
        "resourceRules:[]admissionregistration/v1beta1.NamedRuleWithOperations"
    ),
    "admissionregistration/v1beta1.MutatingAdmissionPolicy": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1beta1.MutatingAdmissionPolicySpec"
    ),
    "admissionregistration/v1beta1.MutatingAdmissionPolicyBinding": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1beta1.MutatingAdmissionPolicyBindingSpec"
    ),
    "admissionregistration/v1beta1.MutatingAdmissionPolicyBindingSpec": (
        "matchResources:admissionregistration/v1beta1.MatchResources "
        "paramRef:admissionregistration/v1beta1.ParamRef policyName:string"
    ),
    "admissionregistration/v1beta1.MutatingAdmissionPolicySpec": (
        "failurePolicy:string matchConditions:[name]admissionregistration/v1beta1.MatchCondition "
        "matchConstraints:admissionregistration/v1beta1.MatchResources "
        "mutations:[]admissionregistration/v1beta1.Mutation paramKind:admissionregistration/v1beta1.ParamKind "
        "reinvocationPolicy:string variables:[]admissionregistration/v1beta1.Variable"
    ),
    "admissionregistration/v1beta1.Mutation": (
        "applyConfiguration:admissionregistration/v1beta1.ApplyConfiguration "
        "jsonPatch:admissionregistration/v1beta1.JSONPatch patchType:string"
    ),
    "admissionregistration/v1beta1.NamedRuleWithOperations": (
        "apiGroups:[]string apiVersions:[]string operations:[]string resourceNames:[]string resources:[]string "
        "scope:string"
    ),
    "admissionregistration/v1beta1.ParamKind": "apiVersion:string kind:string",
    "admissionregistration/v1beta1.ParamRef": (
        "name:string namespace:string parameterNotFoundAction:string selector:meta/v1.LabelSelector"
    ),
    "admissionregistration/v1beta1.TypeChecking": (
        "expressionWarnings:[]admissionregistration/v1beta1.ExpressionWarning"
    ),
    "admissionregistration/v1beta1.ValidatingAdmissionPolicy": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1beta1.ValidatingAdmissionPolicySpec "
        "status:admissionregistration/v1beta1.ValidatingAdmissionPolicyStatus"
    ),
    "admissionregistration/v1beta1.ValidatingAdmissionPolicyBinding": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:admissionregistration/v1beta1.ValidatingAdmissionPolicyBindingSpec"
    ),
    "admissionregistration/v1beta1.ValidatingAdmissionPolicyBindingSpec": (
        "matchResources:admissionregistration/v1beta1.MatchResources "
        "paramRef:admissionregistration/v1beta1.ParamRef policyName:string validationActions:[set]string"
    ),
    "admissionregistration/v1beta1.ValidatingAdmissionPolicySpec": (
        "auditAnnotations:[]admissionregistration/v1beta1.AuditAnnotation failurePolicy:string "
        "matchConditions:[name]admissionregistration/v1beta1.MatchCondition "
        "matchConstraints:admissionregistration/v1beta1.MatchResources "
        "paramKind:admissionregistration/v1beta1.ParamKind validations:[]admissionregistration/v1beta1.Validation "
        "variables:[name]admissionregistration/v1beta1.Variable"
    ),
    "admissionregistration/v1beta1.ValidatingAdmissionPolicyStatus": (
        "conditions:[type]meta/v1.Condition observedGeneration:int64 "
        "typeChecking:admissionregistration/v1beta1.TypeChecking"
    ),
    "admissionregistration/v1beta1.Validation": (
        "expression:string message:string messageExpression:string reason:string"
    ),
    "admissionregistration/v1beta1.Variable": "expression:string name:string",
    "apiextensions/v1.CustomResourceColumnDefinition": (
        "description:string format:string jsonPath:string name:string priority:int32 type:string"
    ),
    "apiextensions/v1.CustomResourceConversion": "strategy:string webhook:apiextensions/v1.WebhookConversion",
    "apiextensions/v1.CustomResourceDefinition": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:apiextensions/v1.CustomResourceDefinitionSpec status:apiextensions/v1.CustomResourceDefinitionStatus"
    ),
    "apiextensions/v1.CustomResourceDefinitionCondition": (
        "lastTransitionTime:time message:string observedGeneration:int64 reason:string status:string type:string"
    ),
    "apiextensions/v1.CustomResourceDefinitionNames": (
        "categories:[]string kind:string listKind:string plural:string shortNames:[]string singular:string"
    ),
    "apiextensions/v1.CustomResourceDefinitionSpec": (
        "conversion:apiextensions/v1.CustomResourceConversion group:string "
        "names:apiextensions/v1.CustomResourceDefinitionNames preserveUnknownFields:bool scope:string "
        "versions:[]apiextensions/v1.CustomResourceDefinitionVersion"
    ),
    "apiextensions/v1.CustomResourceDefinitionStatus": (
        "acceptedNames:apiextensions/v1.CustomResourceDefinitionNames "
        "conditions:[type]apiextensions/v1.CustomResourceDefinitionCondition observedGeneration:int64 "
        "storedVersions:[]string"
    ),
    "apiextensions/v1.CustomResourceDefinitionVersion": (
        "additionalPrinterColumns:[]apiextensions/v1.CustomResourceColumnDefinition deprecated:bool "
        "deprecationWarning:string name:string schema:apiextensions/v1.CustomResourceValidation "
        "selectableFields:[]apiextensions/v1.SelectableField served:bool storage:bool "
        "subresources:apiextensions/v1.CustomResourceSubresources"
    ),
    "apiextensions/v1.CustomResourceSubresourceScale": (
        "labelSelectorPath:string specReplicasPath:string statusReplicasPath:string"
    ),
    "apiextensions/v1.CustomResourceSubresources": (
        "scale:apiextensions/v1.CustomResourceSubresourceScale status:{}any"
    ),
    "apiextensions/v1.CustomResourceValidation": "openAPIV3Schema:apiextensions/v1.JSONSchemaProps",
    "apiextensions/v1.ExternalDocumentation": "description:string url:string",
    "apiextensions/v1.JSONSchemaProps": (
        "$ref:string $schema:string additionalItems:any additionalProperties:any "
        "allOf:[]apiextensions/v1.JSONSchemaProps anyOf:[]apiextensions/v1.JSONSchemaProps default:any "
        "definitions:{}apiextensions/v1.JSONSchemaProps dependencies:{}any description:string enum:[]any "
        "example:any exclusiveMaximum:bool exclusiveMinimum:bool "
        "externalDocs:apiextensions/v1.ExternalDocumentation format:string id:string items:any maxItems:int64 "
        "maxLength:int64 maxProperties:int64 maximum:number minItems:int64 minLength:int64 minProperties:int64 "
        "minimum:number multipleOf:number not:apiextensions/v1.JSONSchemaProps nullable:bool "
        "oneOf:[]apiextensions/v1.JSONSchemaProps pattern:string "
        "patternProperties:{}apiextensions/v1.JSONSchemaProps properties:{}apiextensions/v1.JSONSchemaProps "
        "required:[]string title:string type:string uniqueItems:bool x-kubernetes-embedded-resource:bool "
        "x-kubernetes-int-or-string:bool x-kubernetes-list-map-keys:[]string x-kubernetes-list-type:string "
        "x-kubernetes-map-type:string x-kubernetes-preserve-unknown-fields:bool "
        "x-kubernetes-validations:[rule]apiextensions/v1.ValidationRule"
    ),
    "apiextensions/v1.SelectableField": "jsonPath:string",
    "apiextensions/v1.ServiceReference": "name:string namespace:string path:string port:int32",
    "apiextensions/v1.ValidationRule": (
        "fieldPath:string message:string messageExpression:string optionalOldSelf:bool reason:string rule:string"
    ),
    "apiextensions/v1.WebhookClientConfig": "caBundle:bytes service:apiextensions/v1.ServiceReference url:string",
    "apiextensions/v1.WebhookConversion": (
        "clientConfig:apiextensions/v1.WebhookClientConfig conversionReviewVersions:[]string"
    ),
    "apiregistration/v1.APIService": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:apiregistration/v1.APIServiceSpec "
        "status:apiregistration/v1.APIServiceStatus"
    ),
    "apiregistration/v1.APIServiceCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "apiregistration/v1.APIServiceSpec": (
        "caBundle:bytes group:string groupPriorityMinimum:int32 insecureSkipTLSVerify:bool "
        "service:apiregistration/v1.ServiceReference version:string versionPriority:int32"
    ),
    "apiregistration/v1.APIServiceStatus": "conditions:[type]apiregistration/v1.APIServiceCondition",
    "apiregistration/v1.ServiceReference": "name:string namespace:string port:int32",
    "apiserverinternal/v1alpha1.ServerStorageVersion": (
        "apiServerID:string decodableVersions:[set]string encodingVersion:string servedVersions:[set]string"
    ),
    "apiserverinternal/v1alpha1.StorageVersion": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:{}any "
        "status:apiserverinternal/v1alpha1.StorageVersionStatus"
    ),
    "apiserverinternal/v1alpha1.StorageVersionCondition": (
        "lastTransitionTime:time message:string observedGeneration:int64 reason:string status:string type:string"
    ),
    "apiserverinternal/v1alpha1.StorageVersionStatus": (
        "commonEncodingVersion:string conditions:[type]apiserverinternal/v1alpha1.StorageVersionCondition "
        "storageVersions:[apiServerID]apiserverinternal/v1alpha1.ServerStorageVersion"
    ),
    "apps/v1.ControllerRevision": "apiVersion:string data:any kind:string metadata:meta/v1.ObjectMeta revision:int64",
    "apps/v1.DaemonSet": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:apps/v1.DaemonSetSpec "
        "status:apps/v1.DaemonSetStatus"
    ),
    "apps/v1.DaemonSetCondition": "lastTransitionTime:time message:string reason:string status:string type:string",
    "apps/v1.DaemonSetSpec": (
        "minReadySeconds:int32 revisionHistoryLimit:int32 selector:meta/v1.LabelSelector "
        "template:core/v1.PodTemplateSpec updateStrategy:apps/v1.DaemonSetUpdateStrategy"
    ),
    "apps/v1.DaemonSetStatus": (
        "collisionCount:int32 conditions:[type]apps/v1.DaemonSetCondition currentNumberScheduled:int32 "
        "desiredNumberScheduled:int32 numberAvailable:int32 numberMisscheduled:int32 numberReady:int32 "
        "numberUnavailable:int32 observedGeneration:int64 updatedNumberScheduled:int32"
    ),
    "apps/v1.DaemonSetUpdateStrategy": "rollingUpdate:apps/v1.RollingUpdateDaemonSet type:string",
    "apps/v1.Deployment": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:apps/v1.DeploymentSpec "
        "status:apps/v1.DeploymentStatus"
    ),
    "apps/v1.DeploymentCondition": (
        "lastTransitionTime:time lastUpdateTime:time message:string reason:string status:string type:string"
    ),
    "apps/v1.DeploymentSpec": (
        "minReadySeconds:int32 paused:bool progressDeadlineSeconds:int32 replicas:int32 revisionHistoryLimit:int32 "
        "selector:meta/v1.LabelSelector strategy:apps/v1.DeploymentStrategy template:core/v1.PodTemplateSpec"
    ),
    "apps/v1.DeploymentStatus": (
        "availableReplicas:int32 collisionCount:int32 conditions:[type]apps/v1.DeploymentCondition "
        "observedGeneration:int64 readyReplicas:int32 replicas:int32 terminatingReplicas:int32 "
        "unavailableReplicas:int32 updatedReplicas:int32"
    ),
    "apps/v1.DeploymentStrategy": "rollingUpdate:apps/v1.RollingUpdateDeployment type:string",
    "apps/v1.ReplicaSet": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:apps/v1.ReplicaSetSpec "
        "status:apps/v1.ReplicaSetStatus"
    ),
    "apps/v1.ReplicaSetCondition": "lastTransitionTime:time message:string reason:string status:string type:string",
    "apps/v1.ReplicaSetSpec": (
        "minReadySeconds:int32 replicas:int32 selector:meta/v1.LabelSelector template:core/v1.PodTemplateSpec"
    ),
    "apps/v1.ReplicaSetStatus": (
        "availableReplicas:int32 conditions:[type]apps/v1.ReplicaSetCondition fullyLabeledReplicas:int32 "
        "observedGeneration:int64 readyReplicas:int32 replicas:int32 terminatingReplicas:int32"
    ),
    "apps/v1.RollingUpdateDaemonSet": "maxSurge:intOrString maxUnavailable:intOrString",
    "apps/v1.RollingUpdateDeployment": "maxSurge:intOrString maxUnavailable:intOrString",
    "apps/v1.RollingUpdateStatefulSetStrategy": "maxUnavailable:intOrString partition:int32",
    "apps/v1.StatefulSet": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:apps/v1.StatefulSetSpec "
        "status:apps/v1.StatefulSetStatus"
    ),
    "apps/v1.StatefulSetCondition": "lastTransitionTime:time message:string reason:string status:string type:string",
    "apps/v1.StatefulSetOrdinals": "start:int32",
    "apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy": "whenDeleted:string whenScaled:string",
    "apps/v1.StatefulSetSpec": (
        "minReadySeconds:int32 ordinals:apps/v1.StatefulSetOrdinals "
        "persistentVolumeClaimRetentionPolicy:apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy "
        "podManagementPolicy:string replicas:int32 revisionHistoryLimit:int32 selector:meta/v1.LabelSelector "
        "serviceName:string template:core/v1.PodTemplateSpec updateStrategy:apps/v1.StatefulSetUpdateStrategy "
        "volumeClaimTemplates:[]core/v1.PersistentVolumeClaim"
    ),
    "apps/v1.StatefulSetStatus": (
        "availableReplicas:int32 collisionCount:int32 conditions:[type]apps/v1.StatefulSetCondition "
        "currentReplicas:int32 currentRevision:string observedGeneration:int64 readyReplicas:int32 replicas:int32 "
        "updateRevision:string updatedReplicas:int32"
    ),
    "apps/v1.StatefulSetUpdateStrategy": "rollingUpdate:apps/v1.RollingUpdateStatefulSetStrategy type:string",
    "authentication/v1.BoundObjectReference": "apiVersion:string kind:string name:string uid:string",
    "authentication/v1.SelfSubjectReview": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta status:authentication/v1.SelfSubjectReviewStatus"
    ),
    "authentication/v1.SelfSubjectReviewStatus": "userInfo:authentication/v1.UserInfo",
    "authentication/v1.TokenRequest": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:authentication/v1.TokenRequestSpec "
        "status:authentication/v1.TokenRequestStatus"
    ),
    "authentication/v1.TokenRequestSpec": (
        "attestations:{}[]string audiences:[]string boundObjectRef:authentication/v1.BoundObjectReference "
        "expirationSeconds:int64"
    ),
    "authentication/v1.TokenRequestStatus": "expirationTimestamp:time token:string",
    "authentication/v1.TokenReview": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:authentication/v1.TokenReviewSpec "
        "status:authentication/v1.TokenReviewStatus"
    ),
    "authentication/v1.TokenReviewSpec": "audiences:[]string token:string",
    "authentication/v1.TokenReviewStatus": (
        "audiences:[]string authenticated:bool error:string user:authentication/v1.UserInfo"
    ),
    "authentication/v1.UserInfo": "extra:{}[]string groups:[]string uid:string username:string",
    "authentication/v1alpha1.SelfSubjectReview": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "status:authentication/v1alpha1.SelfSubjectReviewStatus"
    ),
    "authentication/v1alpha1.SelfSubjectReviewStatus": "userInfo:authentication/v1.UserInfo",
    "authentication/v1beta1.SelfSubjectReview": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "status:authentication/v1beta1.SelfSubjectReviewStatus"
    ),
    "authentication/v1beta1.SelfSubjectReviewStatus": "userInfo:authentication/v1.UserInfo",
    "authorization/v1.FieldSelectorAttributes": "rawSelector:string requirements:[]meta/v1.FieldSelectorRequirement",
    "authorization/v1.LabelSelectorAttributes": "rawSelector:string requirements:[]meta/v1.LabelSelectorRequirement",
    "authorization/v1.LocalSubjectAccessReview": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:authorization/v1.SubjectAccessReviewSpec "
        "status:authorization/v1.SubjectAccessReviewStatus"
    ),
    "authorization/v1.NonResourceAttributes": "path:string verb:string",
    "authorization/v1.NonResourceRule": "nonResourceURLs:[]string verbs:[]string",
    "authorization/v1.ResourceAttributes": (
        "fieldSelector:authorization/v1.FieldSelectorAttributes group:string "
        "labelSelector:authorization/v1.LabelSelectorAttributes name:string namespace:string resource:string "
        "subresource:string verb:string version:string"
    ),
    "authorization/v1.ResourceRule": "apiGroups:[]string resourceNames:[]string resources:[]string verbs:[]string",
    "authorization/v1.SelfSubjectAccessReview": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:authorization/v1.SelfSubjectAccessReviewSpec status:authorization/v1.SubjectAccessReviewStatus"
    ),
    "authorization/v1.SelfSubjectAccessReviewSpec": (
        "nonResourceAttributes:authorization/v1.NonResourceAttributes "
        "resourceAttributes:authorization/v1.ResourceAttributes"
    ),
    "authorization/v1.SelfSubjectRulesReview": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:authorization/v1.SelfSubjectRulesReviewSpec status:authorization/v1.SubjectRulesReviewStatus"
    ),
    "authorization/v1.SelfSubjectRulesReviewSpec": "namespace:string",
    "authorization/v1.SubjectAccessReview": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:authorization/v1.SubjectAccessReviewSpec "
        "status:authorization/v1.SubjectAccessReviewStatus"
    ),
    "authorization/v1.SubjectAccessReviewSpec": (
        "extra:{}[]string groups:[]string nonResourceAttributes:authorization/v1.NonResourceAttributes "
        "resourceAttributes:authorization/v1.ResourceAttributes uid:string user:string"
    ),
    "authorization/v1.SubjectAccessReviewStatus": "allowed:bool denied:bool evaluationError:string reason:string",
    "authorization/v1.SubjectRulesReviewStatus": (
        "evaluationError:string incomplete:bool nonResourceRules:[]authorization/v1.NonResourceRule "
        "resourceRules:[]authorization/v1.ResourceRule"
    ),
    "autoscaling/v1.CrossVersionObjectReference": "apiVersion:string kind:string name:string",
    "autoscaling/v1.HorizontalPodAutoscaler": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:autoscaling/v1.HorizontalPodAutoscalerSpec "
        "status:autoscaling/v1.HorizontalPodAutoscalerStatus"
    ),
    "autoscaling/v1.HorizontalPodAutoscalerSpec": (
        "maxReplicas:int32 minReplicas:int32 scaleTargetRef:autoscaling/v1.CrossVersionObjectReference "
        "targetCPUUtilizationPercentage:int32"
    ),
    "autoscaling/v1.HorizontalPodAutoscalerStatus": (
        "currentCPUUtilizationPercentage:int32 currentReplicas:int32 desiredReplicas:int32 lastScaleTime:time "
        "observedGeneration:int64"
    ),
    "autoscaling/v1.Scale": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:autoscaling/v1.ScaleSpec "
        "status:autoscaling/v1.ScaleStatus"
    ),
    "autoscaling/v1.ScaleSpec": "replicas:int32",
    "autoscaling/v1.ScaleStatus": "replicas:int32 selector:string",
    "autoscaling/v2.ContainerResourceMetricSource": "container:string name:string target:autoscaling/v2.MetricTarget",
    "autoscaling/v2.ContainerResourceMetricStatus": (
        "container:string current:autoscaling/v2.MetricValueStatus name:string"
    ),
    "autoscaling/v2.CrossVersionObjectReference": "apiVersion:string kind:string name:string",
    "autoscaling/v2.ExternalMetricSource": (
        "metric:autoscaling/v2.MetricIdentifier target:autoscaling/v2.MetricTarget"
    ),
    "autoscaling/v2.ExternalMetricStatus": (
        "current:autoscaling/v2.MetricValueStatus metric:autoscaling/v2.MetricIdentifier"
    ),
    "autoscaling/v2.HPAScalingPolicy": "periodSeconds:int32 type:string value:int32",
    "autoscaling/v2.HPAScalingRules": (
        "policies:[]autoscaling/v2.HPAScalingPolicy selectPolicy:string stabilizationWindowSeconds:int32 "
        "tolerance:quantity"
    ),
    "autoscaling/v2.HorizontalPodAutoscaler": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:autoscaling/v2.HorizontalPodAutoscalerSpec "
        "status:autoscaling/v2.HorizontalPodAutoscalerStatus"
    ),
    "autoscaling/v2.HorizontalPodAutoscalerBehavior": (
        "scaleDown:autoscaling/v2.HPAScalingRules scaleUp:autoscaling/v2.HPAScalingRules"
    ),
    "autoscaling/v2.HorizontalPodAutoscalerCondition": (
        "lastTransitionTime:time message:string observedGeneration:int64 reason:string status:string type:string"
    ),
    "autoscaling/v2.HorizontalPodAutoscalerSpec": (
        "behavior:autoscaling/v2.HorizontalPodAutoscalerBehavior maxReplicas:int32 "
        "metrics:[]autoscaling/v2.MetricSpec minReplicas:int32 "
        "scaleTargetRef:autoscaling/v2.CrossVersionObjectReference"
    ),
    "autoscaling/v2.HorizontalPodAutoscalerStatus": (
        "conditions:[type]autoscaling/v2.HorizontalPodAutoscalerCondition "
        "currentMetrics:[]autoscaling/v2.MetricStatus currentReplicas:int32 desiredReplicas:int32 "
        "lastScaleTime:time observedGeneration:int64"
    ),
    "autoscaling/v2.MetricIdentifier": "name:string selector:meta/v1.LabelSelector",
    "autoscaling/v2.MetricSpec": (
        "containerResource:autoscaling/v2.ContainerResourceMetricSource "
        "external:autoscaling/v2.ExternalMetricSource object:autoscaling/v2.ObjectMetricSource "
        "pods:autoscaling/v2.PodsMetricSource resource:autoscaling/v2.ResourceMetricSource type:string"
    ),
    "autoscaling/v2.MetricStatus": (
        "containerResource:autoscaling/v2.ContainerResourceMetricStatus "
        "external:autoscaling/v2.ExternalMetricStatus object:autoscaling/v2.ObjectMetricStatus "
        "pods:autoscaling/v2.PodsMetricStatus resource:autoscaling/v2.ResourceMetricStatus type:string"
    ),
    "autoscaling/v2.MetricTarget": "averageUtilization:int32 averageValue:quantity type:string value:quantity",
    "autoscaling/v2.MetricValueStatus": "averageUtilization:int32 averageValue:quantity value:quantity",
    "autoscaling/v2.ObjectMetricSource": (
        "describedObject:autoscaling/v2.CrossVersionObjectReference metric:autoscaling/v2.MetricIdentifier "
        "target:autoscaling/v2.MetricTarget"
    ),
    "autoscaling/v2.ObjectMetricStatus": (
        "current:autoscaling/v2.MetricValueStatus describedObject:autoscaling/v2.CrossVersionObjectReference "
        "metric:autoscaling/v2.MetricIdentifier"
    ),
    "autoscaling/v2.PodsMetricSource": "metric:autoscaling/v2.MetricIdentifier target:autoscaling/v2.MetricTarget",
    "autoscaling/v2.PodsMetricStatus": (
        "current:autoscaling/v2.MetricValueStatus metric:autoscaling/v2.MetricIdentifier"
    ),
    "autoscaling/v2.ResourceMetricSource": "name:string target:autoscaling/v2.MetricTarget",
    "autoscaling/v2.ResourceMetricStatus": "current:autoscaling/v2.MetricValueStatus name:string",
    "autoscaling/v2beta2.ContainerResourceMetricSource": (
        "container:string name:string target:autoscaling/v2beta2.MetricTarget"
    ),
    "autoscaling/v2beta2.ContainerResourceMetricStatus": (
        "container:string current:autoscaling/v2beta2.MetricValueStatus name:string"
    ),
    "autoscaling/v2beta2.CrossVersionObjectReference": "apiVersion:string kind:string name:string",
    "autoscaling/v2beta2.ExternalMetricSource": (
        "metric:autoscaling/v2beta2.MetricIdentifier target:autoscaling/v2beta2.MetricTarget"
    ),
    "autoscaling/v2beta2.ExternalMetricStatus": (
        "current:autoscaling/v2beta2.MetricValueStatus metric:autoscaling/v2beta2.MetricIdentifier"
    ),
    "autoscaling/v2beta2.HPAScalingPolicy": "periodSeconds:int32 type:string value:int32",
    "autoscaling/v2beta2.HPAScalingRules": (
        "policies:[]autoscaling/v2beta2.HPAScalingPolicy selectPolicy:string stabilizationWindowSeconds:int32"
    ),
    "autoscaling/v2beta2.HorizontalPodAutoscaler": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:autoscaling/v2beta2.HorizontalPodAutoscalerSpec "
        "status:autoscaling/v2beta2.HorizontalPodAutoscalerStatus"
    ),
    "autoscaling/v2beta2.HorizontalPodAutoscalerBehavior": (
        "scaleDown:autoscaling/v2beta2.HPAScalingRules scaleUp:autoscaling/v2beta2.HPAScalingRules"
    ),
    "autoscaling/v2beta2.HorizontalPodAutoscalerCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "autoscaling/v2beta2.HorizontalPodAutoscalerSpec": (
        "behavior:autoscaling/v2beta2.HorizontalPodAutoscalerBehavior maxReplicas:int32 "
        "metrics:[]autoscaling/v2beta2.MetricSpec minReplicas:int32 "
        "scaleTargetRef:autoscaling/v2beta2.CrossVersionObjectReference"
    ),
    "autoscaling/v2beta2.HorizontalPodAutoscalerStatus": (
        "conditions:[]autoscaling/v2beta2.HorizontalPodAutoscalerCondition "
        "currentMetrics:[]autoscaling/v2beta2.MetricStatus currentReplicas:int32 desiredReplicas:int32 "
        "lastScaleTime:time observedGeneration:int64"
    ),
    "autoscaling/v2beta2.MetricIdentifier": "name:string selector:meta/v1.LabelSelector",
    "autoscaling/v2beta2.MetricSpec": (
        "containerResource:autoscaling/v2beta2.ContainerResourceMetricSource "
        "external:autoscaling/v2beta2.ExternalMetricSource object:autoscaling/v2beta2.ObjectMetricSource "
        "pods:autoscaling/v2beta2.PodsMetricSource resource:autoscaling/v2beta2.ResourceMetricSource type:string"
    ),
    "autoscaling/v2beta2.MetricStatus": (
        "containerResource:autoscaling/v2beta2.ContainerResourceMetricStatus "
        "external:autoscaling/v2beta2.ExternalMetricStatus object:autoscaling/v2beta2.ObjectMetricStatus "
        "pods:autoscaling/v2beta2.PodsMetricStatus resource:autoscaling/v2beta2.ResourceMetricStatus type:string"
    ),
    "autoscaling/v2beta2.MetricTarget": "averageUtilization:int32 averageValue:quantity type:string value:quantity",
    "autoscaling/v2beta2.MetricValueStatus": "averageUtilization:int32 averageValue:quantity value:quantity",
    "autoscaling/v2beta2.ObjectMetricSource": (
        "describedObject:autoscaling/v2beta2.CrossVersionObjectReference "
        "metric:autoscaling/v2beta2.MetricIdentifier target:autoscaling/v2beta2.MetricTarget"
    ),
    "autoscaling/v2beta2.ObjectMetricStatus": (
        "current:autoscaling/v2beta2.MetricValueStatus "
        "describedObject:autoscaling/v2beta2.CrossVersionObjectReference "
        "metric:autoscaling/v2beta2.MetricIdentifier"
    ),
    "autoscaling/v2beta2.PodsMetricSource": (
        "metric:autoscaling/v2beta2.MetricIdentifier target:autoscaling/v2beta2.MetricTarget"
    ),
    "autoscaling/v2beta2.PodsMetricStatus": (
        "current:autoscaling/v2beta2.MetricValueStatus metric:autoscaling/v2beta2.MetricIdentifier"
    ),
    "autoscaling/v2beta2.ResourceMetricSource": "name:string target:autoscaling/v2beta2.MetricTarget",
    "autoscaling/v2beta2.ResourceMetricStatus": "current:autoscaling/v2beta2.MetricValueStatus name:string",
    "batch/v1.CronJob": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:batch/v1.CronJobSpec "
        "status:batch/v1.CronJobStatus"
    ),
    "batch/v1.CronJobSpec": (
        "concurrencyPolicy:string failedJobsHistoryLimit:int32 jobTemplate:batch/v1.JobTemplateSpec "
        "schedule:string startingDeadlineSeconds:int64 successfulJobsHistoryLimit:int32 suspend:bool "
        "timeZone:string"
    ),
    "batch/v1.CronJobStatus": "active:[]core/v1.ObjectReference lastScheduleTime:time lastSuccessfulTime:time",
    "batch/v1.Job": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:batch/v1.JobSpec status:batch/v1.JobStatus"
    ),
    "batch/v1.JobCondition": (
        "lastProbeTime:time lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "batch/v1.JobSchedulingConfiguration": (
        "disruptionMode:scheduling/v1alpha3.WorkloadPodGroupDisruptionMode "
        "resourceClaims:[name]scheduling/v1alpha3.WorkloadPodGroupResourceClaim "
        "schedulingConstraints:scheduling/v1alpha3.WorkloadPodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1alpha3.WorkloadPodGroupSchedulingPolicy"
    ),
    "batch/v1.JobSpec": (
        "activeDeadlineSeconds:int64 backoffLimit:int32 backoffLimitPerIndex:int32 completionMode:string "
        "completions:int32 managedBy:string manualSelector:bool maxFailedIndexes:int32 parallelism:int32 "
        "podFailurePolicy:batch/v1.PodFailurePolicy podReplacementPolicy:string "
        "scheduling:batch/v1.JobSchedulingConfiguration selector:meta/v1.LabelSelector "
        "successPolicy:batch/v1.SuccessPolicy suspend:bool template:core/v1.PodTemplateSpec "
        "ttlSecondsAfterFinished:int32"
    ),
    "batch/v1.JobStatus": (
        "active:int32 completedIndexes:string completionTime:time conditions:[]batch/v1.JobCondition failed:int32 "
        "failedIndexes:string ready:int32 startTime:time succeeded:int32 terminating:int32 "
        "uncountedTerminatedPods:batch/v1.UncountedTerminatedPods"
    ),
    "batch/v1.JobTemplateSpec": "metadata:meta/v1.ObjectMeta spec:batch/v1.JobSpec",
    "batch/v1.PodFailurePolicy": "rules:[]batch/v1.PodFailurePolicyRule",
    "batch/v1.PodFailurePolicyOnExitCodesRequirement": "containerName:string operator:string values:[set]int32",
    "batch/v1.PodFailurePolicyOnPodConditionsPattern": "status:string type:string",
    "batch/v1.PodFailurePolicyRule": (
        "action:string onExitCodes:batch/v1.PodFailurePolicyOnExitCodesRequirement "
        "onPodConditions:[]batch/v1.PodFailurePolicyOnPodConditionsPattern"
    ),
    "batch/v1.SuccessPolicy": "rules:[]batch/v1.SuccessPolicyRule",
    "batch/v1.SuccessPolicyRule": "succeededCount:int32 succeededIndexes:string",
    "batch/v1.UncountedTerminatedPods": "failed:[set]string succeeded:[set]string",
    "certificates/v1.CertificateSigningRequest": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:certificates/v1.CertificateSigningRequestSpec status:certificates/v1.CertificateSigningRequestStatus"
    ),
    "certificates/v1.CertificateSigningRequestCondition": (
        "lastTransitionTime:time lastUpdateTime:time message:string reason:string status:string type:string"
    ),
    "certificates/v1.CertificateSigningRequestSpec": (
        "expirationSeconds:int32 extra:{}[]string groups:[]string request:bytes signerName:string uid:string "
        "usages:[]string username:string"
    ),
    "certificates/v1.CertificateSigningRequestStatus": (
        "certificate:bytes conditions:[type]certificates/v1.CertificateSigningRequestCondition"
    ),
    "certificates/v1.ClusterTrustBundle": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:certificates/v1.ClusterTrustBundleSpec"
    ),
    "certificates/v1.ClusterTrustBundleSpec": "signerName:string trustBundle:string",
    "certificates/v1.PodCertificateRequest": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:certificates/v1.PodCertificateRequestSpec "
        "status:certificates/v1.PodCertificateRequestStatus"
    ),
    "certificates/v1.PodCertificateRequestSpec": (
        "maxExpirationSeconds:int32 nodeName:string nodeUID:string podName:string podUID:string "
        "serviceAccountName:string serviceAccountUID:string signerName:string stubPKCS10Request:bytes "
        "unverifiedUserAnnotations:{}string"
    ),
    "certificates/v1.PodCertificateRequestStatus": (
        "beginRefreshAt:time certificateChain:string conditions:[type]meta/v1.Condition notAfter:time notBefore:time"
    ),
    "certificates/v1alpha1.ClusterTrustBundle": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:certificates/v1alpha1.ClusterTrustBundleSpec"
    ),
    "certificates/v1alpha1.ClusterTrustBundleSpec": "signerName:string trustBundle:string",
    "certificates/v1alpha1.PodCertificateRequest": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:certificates/v1alpha1.PodCertificateRequestSpec "
        "status:certificates/v1alpha1.PodCertificateRequestStatus"
    ),
    "certificates/v1alpha1.PodCertificateRequestSpec": (
        "maxExpirationSeconds:int32 nodeName:string nodeUID:string pkixPublicKey:bytes podName:string "
        "podUID:string proofOfPossession:bytes serviceAccountName:string serviceAccountUID:string "
        "signerName:string"
    ),
    "certificates/v1alpha1.PodCertificateRequestStatus": (
        "beginRefreshAt:time certificateChain:string conditions:[type]meta/v1.Condition notAfter:time notBefore:time"
    ),
    "certificates/v1beta1.ClusterTrustBundle": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:certificates/v1beta1.ClusterTrustBundleSpec"
    ),
    "certificates/v1beta1.ClusterTrustBundleSpec": "signerName:string trustBundle:string",
    "certificates/v1beta1.PodCertificateRequest": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:certificates/v1beta1.PodCertificateRequestSpec "
        "status:certificates/v1beta1.PodCertificateRequestStatus"
    ),
    "certificates/v1beta1.PodCertificateRequestSpec": (
        "maxExpirationSeconds:int32 nodeName:string nodeUID:string pkixPublicKey:bytes podName:string "
        "podUID:string proofOfPossession:bytes serviceAccountName:string serviceAccountUID:string "
        "signerName:string stubPKCS10Request:bytes unverifiedUserAnnotations:{}string"
    ),
    "certificates/v1beta1.PodCertificateRequestStatus": (
        "beginRefreshAt:time certificateChain:string conditions:[type]meta/v1.Condition notAfter:time notBefore:time"
    ),
    "coordination/v1.Lease": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:coordination/v1.LeaseSpec"
    ),
    "coordination/v1.LeaseSpec": (
        "acquireTime:microTime holderIdentity:string leaseDurationSeconds:int32 leaseTransitions:int32 "
        "preferredHolder:string renewTime:microTime strategy:string"
    ),
    "coordination/v1alpha1.LeaseCandidate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:coordination/v1alpha1.LeaseCandidateSpec"
    ),
    "coordination/v1alpha1.LeaseCandidateSpec": (
        "binaryVersion:string emulationVersion:string leaseName:string pingTime:microTime "
        "preferredStrategies:[]string renewTime:microTime"
    ),
    "coordination/v1alpha2.LeaseCandidate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:coordination/v1alpha2.LeaseCandidateSpec"
    ),
    "coordination/v1alpha2.LeaseCandidateSpec": (
        "binaryVersion:string emulationVersion:string leaseName:string pingTime:microTime renewTime:microTime "
        "strategy:string"
    ),
    "coordination/v1beta1.LeaseCandidate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:coordination/v1beta1.LeaseCandidateSpec"
    ),
    "coordination/v1beta1.LeaseCandidateSpec": (
        "binaryVersion:string emulationVersion:string leaseName:string pingTime:microTime renewTime:microTime "
        "strategy:string"
    ),
    "core/v1.AWSElasticBlockStoreVolumeSource": "fsType:string partition:int32 readOnly:bool volumeID:string",
    "core/v1.Affinity": (
        "nodeAffinity:core/v1.NodeAffinity podAffinity:core/v1.PodAffinity podAntiAffinity:core/v1.PodAntiAffinity"
    ),
    "core/v1.AppArmorProfile": "localhostProfile:string type:string",
    "core/v1.AttachedVolume": "devicePath:string name:string",
    "core/v1.AzureDiskVolumeSource": (
        "cachingMode:string diskName:string diskURI:string fsType:string kind:string readOnly:bool"
    ),
    "core/v1.AzureFilePersistentVolumeSource": (
        "readOnly:bool secretName:string secretNamespace:string shareName:string"
    ),
    "core/v1.AzureFileVolumeSource": "readOnly:bool secretName:string shareName:string",
    "core/v1.Binding": "apiVersion:string kind:string metadata:meta/v1.ObjectMeta target:core/v1.ObjectReference",
    "core/v1.CSIPersistentVolumeSource": (
        "controllerExpandSecretRef:core/v1.SecretReference controllerPublishSecretRef:core/v1.SecretReference "
        "driver:string fsType:string nodeExpandSecretRef:core/v1.SecretReference "
        "nodePublishSecretRef:core/v1.SecretReference nodeStageSecretRef:core/v1.SecretReference readOnly:bool "
        "volumeAttributes:{}string volumeHandle:string"
    ),
    "core/v1.CSIVolumeSource": (
        "driver:string fsType:string nodePublishSecretRef:core/v1.LocalObjectReference readOnly:bool "
        "volumeAttributes:{}string"
    ),
    "core/v1.Capabilities": "add:[]string drop:[]string",
    "core/v1.CephFSPersistentVolumeSource": (
        "monitors:[]string path:string readOnly:bool secretFile:string secretRef:core/v1.SecretReference user:string"
    ),
    "core/v1.CephFSVolumeSource": (
        "monitors:[]string path:string readOnly:bool secretFile:string secretRef:core/v1.LocalObjectReference "
        "user:string"
    ),
    "core/v1.CinderPersistentVolumeSource": (
        "fsType:string readOnly:bool secretRef:core/v1.SecretReference volumeID:string"
    ),
    "core/v1.CinderVolumeSource": (
        "fsType:string readOnly:bool secretRef:core/v1.LocalObjectReference volumeID:string"
    ),
    "core/v1.ClaimSource": "resourceClaimName:string resourceClaimTemplateName:string",
    "core/v1.ClientIPConfig": "timeoutSeconds:int32",
    "core/v1.ClusterTrustBundleProjection": (
        "labelSelector:meta/v1.LabelSelector name:string optional:bool path:string signerName:string user:int64"
    ),
    "core/v1.ComponentCondition": "error:string message:string status:string type:string",
    "core/v1.ComponentStatus": (
        "apiVersion:string conditions:[type]core/v1.ComponentCondition kind:string metadata:meta/v1.ObjectMeta"
    ),
    "core/v1.ConfigMap": (
        "apiVersion:string binaryData:{}bytes data:{}string immutable:bool kind:string metadata:meta/v1.ObjectMeta"
    ),
    "core/v1.ConfigMapEnvSource": "name:string optional:bool",
    "core/v1.ConfigMapKeySelector": "key:string name:string optional:bool",
    "core/v1.ConfigMapNodeConfigSource": (
        "kubeletConfigKey:string name:string namespace:string resourceVersion:string uid:string"
    ),
    "core/v1.ConfigMapProjection": "items:[]core/v1.KeyToPath name:string optional:bool",
    "core/v1.ConfigMapVolumeSource": (
        "defaultMode:int32 defaultUser:int64 items:[]core/v1.KeyToPath name:string optional:bool"
    ),
    "core/v1.Container": (
        "args:[]string command:[]string env:[name]core/v1.EnvVar envFrom:[]core/v1.EnvFromSource image:string "
        "imagePullPolicy:string lifecycle:core/v1.Lifecycle livenessProbe:core/v1.Probe name:string "
        "ports:[containerPort,protocol]core/v1.ContainerPort readinessProbe:core/v1.Probe "
        "resizePolicy:[]core/v1.ContainerResizePolicy resources:core/v1.ResourceRequirements restartPolicy:string "
        "restartPolicyRules:[]core/v1.ContainerRestartRule securityContext:core/v1.SecurityContext "
        "startupProbe:core/v1.Probe stdin:bool stdinOnce:bool terminationMessagePath:string "
        "terminationMessagePolicy:string tty:bool volumeDevices:[devicePath]core/v1.VolumeDevice "
        "volumeMounts:[mountPath]core/v1.VolumeMount workingDir:string"
    ),
    "core/v1.ContainerExtendedResourceRequest": "containerName:string requestName:string resourceName:string",
    "core/v1.ContainerImage": "names:[]string sizeBytes:int64",
    "core/v1.ContainerPort": "containerPort:int32 hostIP:string hostPort:int32 name:string protocol:string",
    "core/v1.ContainerResizePolicy": "resourceName:string restartPolicy:string",
    "core/v1.ContainerRestartRule": "action:string exitCodes:core/v1.ContainerRestartRuleOnExitCodes",
    "core/v1.ContainerRestartRuleOnExitCodes": "operator:string values:[set]int32",
    "core/v1.ContainerState": (
        "running:core/v1.ContainerStateRunning terminated:core/v1.ContainerStateTerminated "
        "waiting:core/v1.ContainerStateWaiting"
    ),
    "core/v1.ContainerStateRunning": "startedAt:time",
    "core/v1.ContainerStateTerminated": (
        "containerID:string exitCode:int32 finishedAt:time message:string reason:string signal:int32 startedAt:time"
    ),
    "core/v1.ContainerStateWaiting": "message:string reason:string",
    "core/v1.ContainerStatus": (
        "allocatedResources:{}quantity allocatedResourcesStatus:[name]core/v1.ResourceStatus containerID:string "
        "image:string imageID:string lastState:core/v1.ContainerState name:string ready:bool "
        "resources:core/v1.ResourceRequirements restartCount:int32 started:bool state:core/v1.ContainerState "
        "stopSignal:string user:core/v1.ContainerUser volumeMounts:[mountPath]core/v1.VolumeMountStatus"
    ),
    "core/v1.ContainerUser": "linux:core/v1.LinuxContainerUser",
    "core/v1.DaemonEndpoint": "Port:int32",
    "core/v1.DownwardAPIProjection": "items:[]core/v1.DownwardAPIVolumeFile",
    "core/v1.DownwardAPIVolumeFile": (
        "fieldRef:core/v1.ObjectFieldSelector mode:int32 path:string "
        "resourceFieldRef:core/v1.ResourceFieldSelector user:int64"
    ),
    "core/v1.DownwardAPIVolumeSource": "defaultMode:int32 defaultUser:int64 items:[]core/v1.DownwardAPIVolumeFile",
    "core/v1.EmptyDirVolumeSource": "medium:string mode:int32 sizeLimit:quantity",
    "core/v1.EndpointAddress": "hostname:string ip:string nodeName:string targetRef:core/v1.ObjectReference",
    "core/v1.EndpointPort": "appProtocol:string name:string port:int32 protocol:string",
    "core/v1.EndpointSubset": (
        "addresses:[]core/v1.EndpointAddress notReadyAddresses:[]core/v1.EndpointAddress ports:[]core/v1.EndpointPort"
    ),
    "core/v1.Endpoints": "apiVersion:string kind:string metadata:meta/v1.ObjectMeta subsets:[]core/v1.EndpointSubset",
    "core/v1.EnvFromSource": (
        "configMapRef:core/v1.ConfigMapEnvSource prefix:string secretRef:core/v1.SecretEnvSource"
    ),
    "core/v1.EnvVar": "name:string value:string valueFrom:core/v1.EnvVarSource",
    "core/v1.EnvVarSource": (
        "configMapKeyRef:core/v1.ConfigMapKeySelector fieldRef:core/v1.ObjectFieldSelector "
        "fileKeyRef:core/v1.FileKeySelector resourceFieldRef:core/v1.ResourceFieldSelector "
        "secretKeyRef:core/v1.SecretKeySelector"
    ),
    "core/v1.EphemeralContainer": (
        "args:[]string command:[]string env:[name]core/v1.EnvVar envFrom:[]core/v1.EnvFromSource image:string "
        "imagePullPolicy:string lifecycle:core/v1.Lifecycle livenessProbe:core/v1.Probe name:string "
        "ports:[containerPort,protocol]core/v1.ContainerPort readinessProbe:core/v1.Probe "
        "resizePolicy:[]core/v1.ContainerResizePolicy resources:core/v1.ResourceRequirements restartPolicy:string "
        "restartPolicyRules:[]core/v1.ContainerRestartRule securityContext:core/v1.SecurityContext "
        "startupProbe:core/v1.Probe stdin:bool stdinOnce:bool targetContainerName:string "
        "terminationMessagePath:string terminationMessagePolicy:string tty:bool "
        "volumeDevices:[devicePath]core/v1.VolumeDevice volumeMounts:[mountPath]core/v1.VolumeMount "
        "workingDir:string"
    ),
    "core/v1.EphemeralVolumeSource": "volumeClaimTemplate:core/v1.PersistentVolumeClaimTemplate",
    "core/v1.Event": (
        "action:string apiVersion:string count:int32 eventTime:microTime firstTimestamp:time "
        "involvedObject:core/v1.ObjectReference kind:string lastTimestamp:time message:string "
        "metadata:meta/v1.ObjectMeta reason:string related:core/v1.ObjectReference reportingComponent:string "
        "reportingInstance:string series:core/v1.EventSeries source:core/v1.EventSource type:string"
    ),
    "core/v1.EventSeries": "count:int32 lastObservedTime:microTime",
    "core/v1.EventSource": "component:string host:string",
    "core/v1.EvictionResponder": "name:string priority:int32",
    "core/v1.ExecAction": "command:[]string",
    "core/v1.FCVolumeSource": "fsType:string lun:int32 readOnly:bool targetWWNs:[]string wwids:[]string",
    "core/v1.FileKeySelector": "key:string optional:bool path:string volumeName:string",
    "core/v1.FlexPersistentVolumeSource": (
        "driver:string fsType:string options:{}string readOnly:bool secretRef:core/v1.SecretReference"
    ),
    "core/v1.FlexVolumeSource": (
        "driver:string fsType:string options:{}string readOnly:bool secretRef:core/v1.LocalObjectReference"
    ),
    "core/v1.FlockerVolumeSource": "datasetName:string datasetUUID:string",
    "core/v1.GCEPersistentDiskVolumeSource": "fsType:string partition:int32 pdName:string readOnly:bool",
    "core/v1.GRPCAction": "mode:string port:int32 service:string",
    "core/v1.GitRepoVolumeSource": "directory:string repository:string revision:string",
    "core/v1.GlusterfsPersistentVolumeSource": "endpoints:string endpointsNamespace:string path:string readOnly:bool",
    "core/v1.GlusterfsVolumeSource": "endpoints:string path:string readOnly:bool",
    "core/v1.HTTPGetAction": (
        "host:string httpHeaders:[]core/v1.HTTPHeader path:string port:intOrString protocol:string scheme:string"
    ),
    "core/v1.HTTPHeader": "name:string value:string",
    "core/v1.HostAlias": "hostnames:[]string ip:string",
    "core/v1.HostIP": "ip:string",
    "core/v1.HostPathVolumeSource": "path:string type:string",
    "core/v1.ISCSIPersistentVolumeSource": (
        "chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName:string iqn:string "
        "iscsiInterface:string lun:int32 portals:[]string readOnly:bool secretRef:core/v1.SecretReference "
        "targetPortal:string"
    ),
    "core/v1.ISCSIVolumeSource": (
        "chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName:string iqn:string "
        "iscsiInterface:string lun:int32 portals:[]string readOnly:bool secretRef:core/v1.LocalObjectReference "
        "targetPortal:string"
    ),
    "core/v1.ImageVolumeSource": "pullPolicy:string reference:string",
    "core/v1.ImageVolumeStatus": "imageRef:string",
    "core/v1.KeyToPath": "key:string mode:int32 path:string user:int64",
    "core/v1.Lifecycle": "postStart:core/v1.LifecycleHandler preStop:core/v1.LifecycleHandler stopSignal:string",
    "core/v1.LifecycleHandler": (
        "exec:core/v1.ExecAction httpGet:core/v1.HTTPGetAction sleep:core/v1.SleepAction "
        "tcpSocket:core/v1.TCPSocketAction"
    ),
    "core/v1.LimitRange": "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.LimitRangeSpec",
    "core/v1.LimitRangeItem": (
        "default:{}quantity defaultRequest:{}quantity max:{}quantity maxLimitRequestRatio:{}quantity "
        "min:{}quantity type:string"
    ),
    "core/v1.LimitRangeSpec": "limits:[]core/v1.LimitRangeItem",
    "core/v1.LinuxContainerUser": "gid:int64 supplementalGroups:[]int64 uid:int64",
    "core/v1.LoadBalancerIngress": "hostname:string ip:string ipMode:string ports:[]core/v1.PortStatus",
    "core/v1.LoadBalancerStatus": "ingress:[]core/v1.LoadBalancerIngress",
    "core/v1.LocalObjectReference": "name:string",
    "core/v1.LocalVolumeSource": "fsType:string path:string",
    "core/v1.ModifyVolumeStatus": "status:string targetVolumeAttributesClassName:string",
    "core/v1.NFSVolumeSource": "path:string readOnly:bool server:string",
    "core/v1.Namespace": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.NamespaceSpec "
        "status:core/v1.NamespaceStatus"
    ),
    "core/v1.NamespaceCondition": "lastTransitionTime:time message:string reason:string status:string type:string",
    "core/v1.NamespaceSpec": "finalizers:[]string",
    "core/v1.NamespaceStatus": "conditions:[type]core/v1.NamespaceCondition phase:string",
    "core/v1.Node": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.NodeSpec status:core/v1.NodeStatus"
    ),
    "core/v1.NodeAddress": "address:string type:string",
    "core/v1.NodeAffinity": (
        "preferredDuringSchedulingIgnoredDuringExecution:[]core/v1.PreferredSchedulingTerm "
        "requiredDuringSchedulingIgnoredDuringExecution:core/v1.NodeSelector"
    ),
    "core/v1.NodeAllocatableMappedResources": "name:string quantity:quantity",
    "core/v1.NodeAllocatableOverheadResources": "name:string perContainer:quantity perPod:quantity",
    "core/v1.NodeAllocatableResourceClaimStatus": (
        "containers:[set]string mapping:[name]core/v1.NodeAllocatableMappedResources "
        "overhead:[name]core/v1.NodeAllocatableOverheadResources resourceClaimName:string resources:{}quantity"
    ),
    "core/v1.NodeCondition": (
        "lastHeartbeatTime:time lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "core/v1.NodeConfigSource": "configMap:core/v1.ConfigMapNodeConfigSource",
    "core/v1.NodeConfigStatus": (
        "active:core/v1.NodeConfigSource assigned:core/v1.NodeConfigSource error:string "
        "lastKnownGood:core/v1.NodeConfigSource"
    ),
    "core/v1.NodeDaemonEndpoints": "kubeletEndpoint:core/v1.DaemonEndpoint",
    "core/v1.NodeFeatures": "supplementalGroupsPolicy:bool",
    "core/v1.NodePodPreemptionPolicy": "disableResizePreemption:[set]string",
    "core/v1.NodeRuntimeHandler": "features:core/v1.NodeRuntimeHandlerFeatures name:string",
    "core/v1.NodeRuntimeHandlerFeatures": "recursiveReadOnlyMounts:bool userNamespaces:bool",
    "core/v1.NodeSelector": "nodeSelectorTerms:[]core/v1.NodeSelectorTerm",
    "core/v1.NodeSelectorRequirement": "key:string operator:string values:[]string",
    "core/v1.NodeSelectorTerm": (
        "matchExpressions:[]core/v1.NodeSelectorRequirement matchFields:[]core/v1.NodeSelectorRequirement"
    ),
    "core/v1.NodeSpec": (
        "configSource:core/v1.NodeConfigSource externalID:string podCIDR:string podCIDRs:[set]string "
        "podPreemptionPolicy:core/v1.NodePodPreemptionPolicy providerID:string taints:[]core/v1.Taint "
        "unschedulable:bool"
    ),
    "core/v1.NodeStatus": (
        "addresses:[type]core/v1.NodeAddress allocatable:{}quantity capacity:{}quantity "
        "conditions:[type]core/v1.NodeCondition config:core/v1.NodeConfigStatus "
        "daemonEndpoints:core/v1.NodeDaemonEndpoints declaredFeatures:[]string features:core/v1.NodeFeatures "
        "images:[]core/v1.ContainerImage nodeInfo:core/v1.NodeSystemInfo phase:string "
        "runtimeHandlers:[]core/v1.NodeRuntimeHandler volumesAttached:[]core/v1.AttachedVolume "
        "volumesInUse:[]string"
    ),
    "core/v1.NodeSwapStatus": "capacity:int64",
    "core/v1.NodeSystemInfo": (
        "architecture:string bootID:string containerRuntimeVersion:string kernelVersion:string "
        "kubeProxyVersion:string kubeletVersion:string machineID:string operatingSystem:string osImage:string "
        "runningInUserNamespace:bool swap:core/v1.NodeSwapStatus systemUUID:string"
    ),
    "core/v1.ObjectFieldSelector": "apiVersion:string fieldPath:string",
    "core/v1.ObjectReference": (
        "apiVersion:string fieldPath:string kind:string name:string namespace:string resourceVersion:string uid:string"
    ),
    "core/v1.PersistentVolume": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.PersistentVolumeSpec "
        "status:core/v1.PersistentVolumeStatus"
    ),
    "core/v1.PersistentVolumeClaim": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.PersistentVolumeClaimSpec "
        "status:core/v1.PersistentVolumeClaimStatus"
    ),
    "core/v1.PersistentVolumeClaimCondition": (
        "lastProbeTime:time lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "core/v1.PersistentVolumeClaimSpec": (
        "accessModes:[]string dataSource:core/v1.TypedLocalObjectReference "
        "dataSourceRef:core/v1.TypedObjectReference resources:core/v1.VolumeResourceRequirements "
        "selector:meta/v1.LabelSelector storageClassName:string volumeAttributesClassName:string volumeMode:string "
        "volumeName:string"
    ),
    "core/v1.PersistentVolumeClaimStatus": (
        "accessModes:[]string allocatedResourceStatuses:{}string allocatedResources:{}quantity capacity:{}quantity "
        "conditions:[type]core/v1.PersistentVolumeClaimCondition currentVolumeAttributesClassName:string "
        "healthStatus:core/v1.VolumeHealthStatus modifyVolumeStatus:core/v1.ModifyVolumeStatus phase:string "
        "resizeStatus:string"
    ),
    "core/v1.PersistentVolumeClaimTemplate": "metadata:meta/v1.ObjectMeta spec:core/v1.PersistentVolumeClaimSpec",
    "core/v1.PersistentVolumeClaimVolumeSource": "claimName:string readOnly:bool",
    "core/v1.PersistentVolumeSpec": (
        "accessModes:[]string awsElasticBlockStore:core/v1.AWSElasticBlockStoreVolumeSource "
        "azureDisk:core/v1.AzureDiskVolumeSource azureFile:core/v1.AzureFilePersistentVolumeSource "
        "capacity:{}quantity cephfs:core/v1.CephFSPersistentVolumeSource "
        "cinder:core/v1.CinderPersistentVolumeSource claimRef:core/v1.ObjectReference "
        "csi:core/v1.CSIPersistentVolumeSource fc:core/v1.FCVolumeSource "
        "flexVolume:core/v1.FlexPersistentVolumeSource flocker:core/v1.FlockerVolumeSource "
        "gcePersistentDisk:core/v1.GCEPersistentDiskVolumeSource glusterfs:core/v1.GlusterfsPersistentVolumeSource "
        "hostPath:core/v1.HostPathVolumeSource iscsi:core/v1.ISCSIPersistentVolumeSource "
        "local:core/v1.LocalVolumeSource mountOptions:[]string nfs:core/v1.NFSVolumeSource "
        "nodeAffinity:core/v1.VolumeNodeAffinity persistentVolumeReclaimPolicy:string "
        "photonPersistentDisk:core/v1.PhotonPersistentDiskVolumeSource portworxVolume:core/v1.PortworxVolumeSource "
        "quobyte:core/v1.QuobyteVolumeSource rbd:core/v1.RBDPersistentVolumeSource "
        "scaleIO:core/v1.ScaleIOPersistentVolumeSource storageClassName:string "
        "storageos:core/v1.StorageOSPersistentVolumeSource volumeAttributesClassName:string volumeMode:string "
        "vsphereVolume:core/v1.VsphereVirtualDiskVolumeSource"
    ),
    "core/v1.PersistentVolumeStatus": "lastPhaseTransitionTime:time message:string phase:string reason:string",
    "core/v1.PhotonPersistentDiskVolumeSource": "fsType:string pdID:string",
    "core/v1.Pod": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.PodSpec status:core/v1.PodStatus"
    ),
    "core/v1.PodAffinity": (
        "preferredDuringSchedulingIgnoredDuringExecution:[]core/v1.WeightedPodAffinityTerm "
        "requiredDuringSchedulingIgnoredDuringExecution:[]core/v1.PodAffinityTerm"
    ),
    "core/v1.PodAffinityTerm": (
        "labelSelector:meta/v1.LabelSelector matchLabelKeys:[]string mismatchLabelKeys:[]string "
        "namespaceSelector:meta/v1.LabelSelector namespaces:[]string topologyKey:string"
    ),
    "core/v1.PodAntiAffinity": (
        "preferredDuringSchedulingIgnoredDuringExecution:[]core/v1.WeightedPodAffinityTerm "
        "requiredDuringSchedulingIgnoredDuringExecution:[]core/v1.PodAffinityTerm"
    ),
    "core/v1.PodCertificateProjection": (
        "certificateChainPath:string credentialBundlePath:string keyPath:string keyType:string "
        "maxExpirationSeconds:int32 signerName:string user:int64 userAnnotations:{}string"
    ),
    "core/v1.PodCondition": (
        "lastProbeTime:time lastTransitionTime:time message:string observedGeneration:int64 reason:string "
        "status:string type:string"
    ),
    "core/v1.PodDNSConfig": "nameservers:[]string options:[]core/v1.PodDNSConfigOption searches:[]string",
    "core/v1.PodDNSConfigOption": "name:string value:string",
    "core/v1.PodExtendedResourceClaimStatus": (
        "requestMappings:[]core/v1.ContainerExtendedResourceRequest resourceClaimName:string"
    ),
    "core/v1.PodIP": "ip:string",
    "core/v1.PodOS": "name:string",
    "core/v1.PodReadinessGate": "conditionType:string",
    "core/v1.PodResourceClaim": (
        "name:string resourceClaimName:string resourceClaimTemplateName:string source:core/v1.ClaimSource"
    ),
    "core/v1.PodResourceClaimStatus": "name:string resourceClaimName:string",
    "core/v1.PodSchedulingGate": "name:string",
    "core/v1.PodSchedulingGroup": "podGroupName:string",
    "core/v1.PodSecurityContext": (
        "appArmorProfile:core/v1.AppArmorProfile fsGroup:int64 fsGroupChangePolicy:string runAsGroup:int64 "
        "runAsNonRoot:bool runAsUser:int64 seLinuxChangePolicy:string seLinuxOptions:core/v1.SELinuxOptions "
        "seccompProfile:core/v1.SeccompProfile supplementalGroups:[]int64 supplementalGroupsPolicy:string "
        "sysctls:[]core/v1.Sysctl windowsOptions:core/v1.WindowsSecurityContextOptions"
    ),
    "core/v1.PodSpec": (
        "activeDeadlineSeconds:int64 affinity:core/v1.Affinity automountServiceAccountToken:bool "
        "containers:[name]core/v1.Container dnsConfig:core/v1.PodDNSConfig dnsPolicy:string "
        "enableServiceLinks:bool ephemeralContainers:[name]core/v1.EphemeralContainer "
        "evictionResponders:[name]core/v1.EvictionResponder hostAliases:[ip]core/v1.HostAlias hostIPC:bool "
        "hostNetwork:bool hostPID:bool hostUsers:bool hostname:string hostnameOverride:string "
        "imagePullSecrets:[name]core/v1.LocalObjectReference initContainers:[name]core/v1.Container "
        "nodeName:string nodeSelector:{}string os:core/v1.PodOS overhead:{}quantity preemptionPolicy:string "
        "priority:int32 priorityClassName:string readinessGates:[]core/v1.PodReadinessGate "
        "resourceClaims:[name]core/v1.PodResourceClaim resources:core/v1.ResourceRequirements restartPolicy:string "
        "runtimeClassName:string schedulerName:string schedulingGates:[name]core/v1.PodSchedulingGate "
        "schedulingGroup:core/v1.PodSchedulingGroup securityContext:core/v1.PodSecurityContext "
        "serviceAccount:string serviceAccountName:string setHostnameAsFQDN:bool shareProcessNamespace:bool "
        "subdomain:string terminationGracePeriodSeconds:int64 tolerations:[]core/v1.Toleration "
        "topologySpreadConstraints:[topologyKey,whenUnsatisfiable]core/v1.TopologySpreadConstraint "
        "volumes:[name]core/v1.Volume workloadRef:core/v1.WorkloadReference"
    ),
    "core/v1.PodStatus": (
        "allocatedResources:{}quantity conditions:[type]core/v1.PodCondition "
        "containerStatuses:[]core/v1.ContainerStatus ephemeralContainerStatuses:[]core/v1.ContainerStatus "
        "extendedResourceClaimStatus:core/v1.PodExtendedResourceClaimStatus hostIP:string hostIPs:[]core/v1.HostIP "
        "initContainerStatuses:[]core/v1.ContainerStatus message:string "
        "nodeAllocatableResourceClaimStatuses:[resourceClaimName]core/v1.NodeAllocatableResourceClaimStatus "
        "nominatedNodeName:string observedGeneration:int64 phase:string podIP:string podIPs:[ip]core/v1.PodIP "
        "qosClass:string reason:string resize:string resourceClaimStatuses:[name]core/v1.PodResourceClaimStatus "
        "resources:core/v1.ResourceRequirements startTime:time volumeHealth:[name]core/v1.PodVolumeHealth"
    ),
    "core/v1.PodTemplate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta template:core/v1.PodTemplateSpec"
    ),
    "core/v1.PodTemplateSpec": "metadata:meta/v1.ObjectMeta spec:core/v1.PodSpec",
    "core/v1.PodVolumeHealth": (
        "healthConditions:[status,reason]core/v1.VolumeHealthCondition lastTransitionTime:time name:string"
    ),
    "core/v1.PortStatus": "error:string port:int32 protocol:string",
    "core/v1.PortworxVolumeSource": "fsType:string readOnly:bool volumeID:string",
    "core/v1.PreferredSchedulingTerm": "preference:core/v1.NodeSelectorTerm weight:int32",
    "core/v1.Probe": (
        "exec:core/v1.ExecAction failureThreshold:int32 grpc:core/v1.GRPCAction httpGet:core/v1.HTTPGetAction "
        "initialDelaySeconds:int32 periodSeconds:int32 successThreshold:int32 tcpSocket:core/v1.TCPSocketAction "
        "terminationGracePeriodSeconds:int64 timeoutSeconds:int32"
    ),
    "core/v1.ProjectedVolumeSource": "defaultMode:int32 defaultUser:int64 sources:[]core/v1.VolumeProjection",
    "core/v1.QuobyteVolumeSource": (
        "group:string readOnly:bool registry:string tenant:string user:string volume:string"
    ),
    "core/v1.RBDPersistentVolumeSource": (
        "fsType:string image:string keyring:string monitors:[]string pool:string readOnly:bool "
        "secretRef:core/v1.SecretReference user:string"
    ),
    "core/v1.RBDVolumeSource": (
        "fsType:string image:string keyring:string monitors:[]string pool:string readOnly:bool "
        "secretRef:core/v1.LocalObjectReference user:string"
    ),
    "core/v1.ReplicationController": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.ReplicationControllerSpec "
        "status:core/v1.ReplicationControllerStatus"
    ),
    "core/v1.ReplicationControllerCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "core/v1.ReplicationControllerSpec": (
        "minReadySeconds:int32 replicas:int32 selector:{}string template:core/v1.PodTemplateSpec"
    ),
    "core/v1.ReplicationControllerStatus": (
        "availableReplicas:int32 conditions:[type]core/v1.ReplicationControllerCondition "
        "fullyLabeledReplicas:int32 observedGeneration:int64 readyReplicas:int32 replicas:int32"
    ),
    "core/v1.ResourceClaim": "name:string request:string",
    "core/v1.ResourceFieldSelector": "containerName:string divisor:quantity resource:string",
    "core/v1.ResourceHealth": "health:string message:string resourceID:string",
    "core/v1.ResourceQuota": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.ResourceQuotaSpec "
        "status:core/v1.ResourceQuotaStatus"
    ),
    "core/v1.ResourceQuotaSpec": "hard:{}quantity scopeSelector:core/v1.ScopeSelector scopes:[]string",
    "core/v1.ResourceQuotaStatus": "hard:{}quantity used:{}quantity",
    "core/v1.ResourceRequirements": "claims:[name]core/v1.ResourceClaim limits:{}quantity requests:{}quantity",
    "core/v1.ResourceStatus": "name:string resources:[resourceID]core/v1.ResourceHealth",
    "core/v1.SELinuxOptions": "level:string role:string type:string user:string",
    "core/v1.ScaleIOPersistentVolumeSource": (
        "fsType:string gateway:string protectionDomain:string readOnly:bool secretRef:core/v1.SecretReference "
        "sslEnabled:bool storageMode:string storagePool:string system:string volumeName:string"
    ),
    "core/v1.ScaleIOVolumeSource": (
        "fsType:string gateway:string protectionDomain:string readOnly:bool secretRef:core/v1.LocalObjectReference "
        "sslEnabled:bool storageMode:string storagePool:string system:string volumeName:string"
    ),
    "core/v1.ScopeSelector": "matchExpressions:[]core/v1.ScopedResourceSelectorRequirement",
    "core/v1.ScopedResourceSelectorRequirement": "operator:string scopeName:string values:[]string",
    "core/v1.SeccompProfile": "localhostProfile:string type:string",
    "core/v1.Secret": (
        "apiVersion:string data:{}bytes immutable:bool kind:string metadata:meta/v1.ObjectMeta stringData:{}string "
        "type:string"
    ),
    "core/v1.SecretEnvSource": "name:string optional:bool",
    "core/v1.SecretKeySelector": "key:string name:string optional:bool",
    "core/v1.SecretProjection": "items:[]core/v1.KeyToPath name:string optional:bool",
    "core/v1.SecretReference": "name:string namespace:string",
    "core/v1.SecretVolumeSource": (
        "defaultMode:int32 defaultUser:int64 items:[]core/v1.KeyToPath optional:bool secretName:string"
    ),
    "core/v1.SecurityContext": (
        "allowPrivilegeEscalation:bool appArmorProfile:core/v1.AppArmorProfile capabilities:core/v1.Capabilities "
        "privileged:bool procMount:string readOnlyRootFilesystem:bool runAsGroup:int64 runAsNonRoot:bool "
        "runAsUser:int64 seLinuxOptions:core/v1.SELinuxOptions seccompProfile:core/v1.SeccompProfile "
        "windowsOptions:core/v1.WindowsSecurityContextOptions"
    ),
    "core/v1.Service": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:core/v1.ServiceSpec "
        "status:core/v1.ServiceStatus"
    ),
    "core/v1.ServiceAccount": (
        "apiVersion:string automountServiceAccountToken:bool imagePullSecrets:[]core/v1.LocalObjectReference "
        "kind:string metadata:meta/v1.ObjectMeta secrets:[name]core/v1.ObjectReference"
    ),
    "core/v1.ServiceAccountTokenProjection": "audience:string expirationSeconds:int64 path:string user:int64",
    "core/v1.ServicePort": (
        "appProtocol:string name:string nodePort:int32 port:int32 protocol:string targetPort:intOrString"
    ),
    "core/v1.ServiceSpec": (
        "allocateLoadBalancerNodePorts:bool clusterIP:string clusterIPs:[]string externalIPs:[]string "
        "externalName:string externalTrafficPolicy:string healthCheckNodePort:int32 internalTrafficPolicy:string "
        "ipFamilies:[]string ipFamilyPolicy:string loadBalancerClass:string loadBalancerIP:string "
        "loadBalancerSourceRanges:[]string ports:[port,protocol]core/v1.ServicePort publishNotReadyAddresses:bool "
        "selector:{}string sessionAffinity:string sessionAffinityConfig:core/v1.SessionAffinityConfig "
        "trafficDistribution:string type:string"
    ),
    "core/v1.ServiceStatus": "conditions:[type]meta/v1.Condition loadBalancer:core/v1.LoadBalancerStatus",
    "core/v1.SessionAffinityConfig": "clientIP:core/v1.ClientIPConfig",
    "core/v1.SleepAction": "seconds:int64",
    "core/v1.StorageOSPersistentVolumeSource": (
        "fsType:string readOnly:bool secretRef:core/v1.ObjectReference volumeName:string volumeNamespace:string"
    ),
    "core/v1.StorageOSVolumeSource": (
        "fsType:string readOnly:bool secretRef:core/v1.LocalObjectReference volumeName:string volumeNamespace:string"
    ),
    "core/v1.Sysctl": "name:string value:string",
    "core/v1.TCPSocketAction": "host:string port:intOrString",
    "core/v1.Taint": "effect:string key:string timeAdded:time value:string",
    "core/v1.Toleration": "effect:string key:string operator:string tolerationSeconds:int64 value:string",
    "core/v1.TopologySelectorLabelRequirement": "key:string values:[]string",
    "core/v1.TopologySelectorTerm": "matchLabelExpressions:[]core/v1.TopologySelectorLabelRequirement",
    "core/v1.TopologySpreadConstraint": (
        "labelSelector:meta/v1.LabelSelector matchLabelKeys:[]string maxSkew:int32 minDomains:int32 "
        "nodeAffinityPolicy:string nodeTaintsPolicy:string topologyKey:string whenUnsatisfiable:string"
    ),
    "core/v1.TypedLocalObjectReference": "apiGroup:string kind:string name:string",
    "core/v1.TypedObjectReference": "apiGroup:string kind:string name:string namespace:string",
    "core/v1.Volume": (
        "awsElasticBlockStore:core/v1.AWSElasticBlockStoreVolumeSource azureDisk:core/v1.AzureDiskVolumeSource "
        "azureFile:core/v1.AzureFileVolumeSource cephfs:core/v1.CephFSVolumeSource "
        "cinder:core/v1.CinderVolumeSource configMap:core/v1.ConfigMapVolumeSource csi:core/v1.CSIVolumeSource "
        "downwardAPI:core/v1.DownwardAPIVolumeSource emptyDir:core/v1.EmptyDirVolumeSource "
        "ephemeral:core/v1.EphemeralVolumeSource fc:core/v1.FCVolumeSource flexVolume:core/v1.FlexVolumeSource "
        "flocker:core/v1.FlockerVolumeSource gcePersistentDisk:core/v1.GCEPersistentDiskVolumeSource "
        "gitRepo:core/v1.GitRepoVolumeSource glusterfs:core/v1.GlusterfsVolumeSource "
        "hostPath:core/v1.HostPathVolumeSource image:core/v1.ImageVolumeSource iscsi:core/v1.ISCSIVolumeSource "
        "name:string nfs:core/v1.NFSVolumeSource persistentVolumeClaim:core/v1.PersistentVolumeClaimVolumeSource "
        "photonPersistentDisk:core/v1.PhotonPersistentDiskVolumeSource portworxVolume:core/v1.PortworxVolumeSource "
        "projected:core/v1.ProjectedVolumeSource quobyte:core/v1.QuobyteVolumeSource rbd:core/v1.RBDVolumeSource "
        "scaleIO:core/v1.ScaleIOVolumeSource secret:core/v1.SecretVolumeSource "
        "storageos:core/v1.StorageOSVolumeSource vsphereVolume:core/v1.VsphereVirtualDiskVolumeSource"
    ),
    "core/v1.VolumeDevice": "devicePath:string name:string",
    "core/v1.VolumeHealthCondition": "message:string reason:string status:string",
    "core/v1.VolumeHealthStatus": (
        "healthConditions:[status,reason]core/v1.VolumeHealthCondition lastTransitionTime:time"
    ),
    "core/v1.VolumeMount": (
        "bindMountOptions:[set]string mountPath:string mountPropagation:string name:string readOnly:bool "
        "recursiveReadOnly:string subPath:string subPathExpr:string"
    ),
    "core/v1.VolumeMountStatus": (
        "mountPath:string name:string readOnly:bool recursiveReadOnly:string volumeStatus:core/v1.VolumeStatus"
    ),
    "core/v1.VolumeNodeAffinity": "required:core/v1.NodeSelector",
    "core/v1.VolumeProjection": (
        "clusterTrustBundle:core/v1.ClusterTrustBundleProjection configMap:core/v1.ConfigMapProjection "
        "downwardAPI:core/v1.DownwardAPIProjection podCertificate:core/v1.PodCertificateProjection "
        "secret:core/v1.SecretProjection serviceAccountToken:core/v1.ServiceAccountTokenProjection"
    ),
    "core/v1.VolumeResourceRequirements": "limits:{}quantity requests:{}quantity",
    "core/v1.VolumeStatus": "image:core/v1.ImageVolumeStatus",
    "core/v1.VsphereVirtualDiskVolumeSource": (
        "fsType:string storagePolicyID:string storagePolicyName:string volumePath:string"
    ),
    "core/v1.WeightedPodAffinityTerm": "podAffinityTerm:core/v1.PodAffinityTerm weight:int32",
    "core/v1.WindowsSecurityContextOptions": (
        "gmsaCredentialSpec:string gmsaCredentialSpecName:string hostProcess:bool runAsUserName:string"
    ),
    "core/v1.WorkloadReference": "name:string podGroup:string podGroupReplicaKey:string",
    "discovery/v1.Endpoint": (
        "addresses:[set]string conditions:discovery/v1.EndpointConditions deprecatedTopology:{}string "
        "hints:discovery/v1.EndpointHints hostname:string nodeName:string targetRef:core/v1.ObjectReference "
        "zone:string"
    ),
    "discovery/v1.EndpointConditions": "ready:bool serving:bool terminating:bool",
    "discovery/v1.EndpointHints": "forNodes:[]discovery/v1.ForNode forZones:[]discovery/v1.ForZone",
    "discovery/v1.EndpointPort": "appProtocol:string name:string port:int32 protocol:string",
    "discovery/v1.EndpointSlice": (
        "addressType:string apiVersion:string endpoints:[]discovery/v1.Endpoint kind:string "
        "metadata:meta/v1.ObjectMeta ports:[]discovery/v1.EndpointPort"
    ),
    "discovery/v1.ForNode": "name:string",
    "discovery/v1.ForZone": "name:string",
    "events/v1.Event": (
        "action:string apiVersion:string deprecatedCount:int32 deprecatedFirstTimestamp:time "
        "deprecatedLastTimestamp:time deprecatedSource:core/v1.EventSource eventTime:microTime kind:string "
        "metadata:meta/v1.ObjectMeta note:string reason:string regarding:core/v1.ObjectReference "
        "related:core/v1.ObjectReference reportingController:string reportingInstance:string "
        "series:events/v1.EventSeries type:string"
    ),
    "events/v1.EventSeries": "count:int32 lastObservedTime:microTime",
    "flowcontrol/v1.ExemptPriorityLevelConfiguration": "lendablePercent:int32 nominalConcurrencyShares:int32",
    "flowcontrol/v1.FlowDistinguisherMethod": "type:string",
    "flowcontrol/v1.FlowSchema": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:flowcontrol/v1.FlowSchemaSpec "
        "status:flowcontrol/v1.FlowSchemaStatus"
    ),
    "flowcontrol/v1.FlowSchemaCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "flowcontrol/v1.FlowSchemaSpec": (
        "distinguisherMethod:flowcontrol/v1.FlowDistinguisherMethod matchingPrecedence:int32 "
        "priorityLevelConfiguration:flowcontrol/v1.PriorityLevelConfigurationReference "
        "rules:[]flowcontrol/v1.PolicyRulesWithSubjects"
    ),
    "flowcontrol/v1.FlowSchemaStatus": "conditions:[type]flowcontrol/v1.FlowSchemaCondition",
    "flowcontrol/v1.GroupSubject": "name:string",
    "flowcontrol/v1.LimitResponse": "queuing:flowcontrol/v1.QueuingConfiguration type:string",
    "flowcontrol/v1.LimitedPriorityLevelConfiguration": (
        "borrowingLimitPercent:int32 lendablePercent:int32 limitResponse:flowcontrol/v1.LimitResponse "
        "nominalConcurrencyShares:int32"
    ),
    "flowcontrol/v1.NonResourcePolicyRule": "nonResourceURLs:[set]string verbs:[set]string",
    "flowcontrol/v1.PolicyRulesWithSubjects": (
        "nonResourceRules:[]flowcontrol/v1.NonResourcePolicyRule resourceRules:[]flowcontrol/v1.ResourcePolicyRule "
        "subjects:[]flowcontrol/v1.Subject"
    ),
    "flowcontrol/v1.PriorityLevelConfiguration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:flowcontrol/v1.PriorityLevelConfigurationSpec status:flowcontrol/v1.PriorityLevelConfigurationStatus"
    ),
    "flowcontrol/v1.PriorityLevelConfigurationCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "flowcontrol/v1.PriorityLevelConfigurationReference": "name:string",
    "flowcontrol/v1.PriorityLevelConfigurationSpec": (
        "exempt:flowcontrol/v1.ExemptPriorityLevelConfiguration "
        "limited:flowcontrol/v1.LimitedPriorityLevelConfiguration type:string"
    ),
    "flowcontrol/v1.PriorityLevelConfigurationStatus": (
        "conditions:[type]flowcontrol/v1.PriorityLevelConfigurationCondition"
    ),
    "flowcontrol/v1.QueuingConfiguration": "handSize:int32 queueLengthLimit:int32 queues:int32",
    "flowcontrol/v1.ResourcePolicyRule": (
        "apiGroups:[set]string clusterScope:bool namespaces:[set]string resources:[set]string verbs:[set]string"
    ),
    "flowcontrol/v1.ServiceAccountSubject": "name:string namespace:string",
    "flowcontrol/v1.Subject": (
        "group:flowcontrol/v1.GroupSubject kind:string serviceAccount:flowcontrol/v1.ServiceAccountSubject "
        "user:flowcontrol/v1.UserSubject"
    ),
    "flowcontrol/v1.UserSubject": "name:string",
    "flowcontrol/v1beta1.FlowDistinguisherMethod": "type:string",
    "flowcontrol/v1beta1.FlowSchema": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:flowcontrol/v1beta1.FlowSchemaSpec "
        "status:flowcontrol/v1beta1.FlowSchemaStatus"
    ),
    "flowcontrol/v1beta1.FlowSchemaCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "flowcontrol/v1beta1.FlowSchemaSpec": (
        "distinguisherMethod:flowcontrol/v1beta1.FlowDistinguisherMethod matchingPrecedence:int32 "
        "priorityLevelConfiguration:flowcontrol/v1beta1.PriorityLevelConfigurationReference "
        "rules:[]flowcontrol/v1beta1.PolicyRulesWithSubjects"
    ),
    "flowcontrol/v1beta1.FlowSchemaStatus": "conditions:[type]flowcontrol/v1beta1.FlowSchemaCondition",
    "flowcontrol/v1beta1.GroupSubject": "name:string",
    "flowcontrol/v1beta1.LimitResponse": "queuing:flowcontrol/v1beta1.QueuingConfiguration type:string",
    "flowcontrol/v1beta1.LimitedPriorityLevelConfiguration": (
        "assuredConcurrencyShares:int32 limitResponse:flowcontrol/v1beta1.LimitResponse"
    ),
    "flowcontrol/v1beta1.NonResourcePolicyRule": "nonResourceURLs:[set]string verbs:[set]string",
    "flowcontrol/v1beta1.PolicyRulesWithSubjects": (
        "nonResourceRules:[]flowcontrol/v1beta1.NonResourcePolicyRule "
        "resourceRules:[]flowcontrol/v1beta1.ResourcePolicyRule subjects:[]flowcontrol/v1beta1.Subject"
    ),
    "flowcontrol/v1beta1.PriorityLevelConfiguration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:flowcontrol/v1beta1.PriorityLevelConfigurationSpec "
        "status:flowcontrol/v1beta1.PriorityLevelConfigurationStatus"
    ),
    "flowcontrol/v1beta1.PriorityLevelConfigurationCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "flowcontrol/v1beta1.PriorityLevelConfigurationReference": "name:string",
    "flowcontrol/v1beta1.PriorityLevelConfigurationSpec": (
        "limited:flowcontrol/v1beta1.LimitedPriorityLevelConfiguration type:string"
    ),
    "flowcontrol/v1beta1.PriorityLevelConfigurationStatus": (
        "conditions:[type]flowcontrol/v1beta1.PriorityLevelConfigurationCondition"
    ),
    "flowcontrol/v1beta1.QueuingConfiguration": "handSize:int32 queueLengthLimit:int32 queues:int32",
    "flowcontrol/v1beta1.ResourcePolicyRule": (
        "apiGroups:[set]string clusterScope:bool namespaces:[set]string resources:[set]string verbs:[set]string"
    ),
    "flowcontrol/v1beta1.ServiceAccountSubject": "name:string namespace:string",
    "flowcontrol/v1beta1.Subject": (
        "group:flowcontrol/v1beta1.GroupSubject kind:string "
        "serviceAccount:flowcontrol/v1beta1.ServiceAccountSubject user:flowcontrol/v1beta1.UserSubject"
    ),
    "flowcontrol/v1beta1.UserSubject": "name:string",
    "flowcontrol/v1beta2.ExemptPriorityLevelConfiguration": "lendablePercent:int32 nominalConcurrencyShares:int32",
    "flowcontrol/v1beta2.FlowDistinguisherMethod": "type:string",
    "flowcontrol/v1beta2.FlowSchema": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:flowcontrol/v1beta2.FlowSchemaSpec "
        "status:flowcontrol/v1beta2.FlowSchemaStatus"
    ),
    "flowcontrol/v1beta2.FlowSchemaCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "flowcontrol/v1beta2.FlowSchemaSpec": (
        "distinguisherMethod:flowcontrol/v1beta2.FlowDistinguisherMethod matchingPrecedence:int32 "
        "priorityLevelConfiguration:flowcontrol/v1beta2.PriorityLevelConfigurationReference "
        "rules:[]flowcontrol/v1beta2.PolicyRulesWithSubjects"
    ),
    "flowcontrol/v1beta2.FlowSchemaStatus": "conditions:[type]flowcontrol/v1beta2.FlowSchemaCondition",
    "flowcontrol/v1beta2.GroupSubject": "name:string",
    "flowcontrol/v1beta2.LimitResponse": "queuing:flowcontrol/v1beta2.QueuingConfiguration type:string",
    "flowcontrol/v1beta2.LimitedPriorityLevelConfiguration": (
        "assuredConcurrencyShares:int32 borrowingLimitPercent:int32 lendablePercent:int32 "
        "limitResponse:flowcontrol/v1beta2.LimitResponse"
    ),
    "flowcontrol/v1beta2.NonResourcePolicyRule": "nonResourceURLs:[set]string verbs:[set]string",
    "flowcontrol/v1beta2.PolicyRulesWithSubjects": (
        "nonResourceRules:[]flowcontrol/v1beta2.NonResourcePolicyRule "
        "resourceRules:[]flowcontrol/v1beta2.ResourcePolicyRule subjects:[]flowcontrol/v1beta2.Subject"
    ),
    "flowcontrol/v1beta2.PriorityLevelConfiguration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:flowcontrol/v1beta2.PriorityLevelConfigurationSpec "
        "status:flowcontrol/v1beta2.PriorityLevelConfigurationStatus"
    ),
    "flowcontrol/v1beta2.PriorityLevelConfigurationCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "flowcontrol/v1beta2.PriorityLevelConfigurationReference": "name:string",
    "flowcontrol/v1beta2.PriorityLevelConfigurationSpec": (
        "exempt:flowcontrol/v1beta2.ExemptPriorityLevelConfiguration "
        "limited:flowcontrol/v1beta2.LimitedPriorityLevelConfiguration type:string"
    ),
    "flowcontrol/v1beta2.PriorityLevelConfigurationStatus": (
        "conditions:[type]flowcontrol/v1beta2.PriorityLevelConfigurationCondition"
    ),
    "flowcontrol/v1beta2.QueuingConfiguration": "handSize:int32 queueLengthLimit:int32 queues:int32",
    "flowcontrol/v1beta2.ResourcePolicyRule": (
        "apiGroups:[set]string clusterScope:bool namespaces:[set]string resources:[set]string verbs:[set]string"
    ),
    "flowcontrol/v1beta2.ServiceAccountSubject": "name:string namespace:string",
    "flowcontrol/v1beta2.Subject": (
        "group:flowcontrol/v1beta2.GroupSubject kind:string "
        "serviceAccount:flowcontrol/v1beta2.ServiceAccountSubject user:flowcontrol/v1beta2.UserSubject"
    ),
    "flowcontrol/v1beta2.UserSubject": "name:string",
    "flowcontrol/v1beta3.ExemptPriorityLevelConfiguration": "lendablePercent:int32 nominalConcurrencyShares:int32",
    "flowcontrol/v1beta3.FlowDistinguisherMethod": "type:string",
    "flowcontrol/v1beta3.FlowSchema": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:flowcontrol/v1beta3.FlowSchemaSpec "
        "status:flowcontrol/v1beta3.FlowSchemaStatus"
    ),
    "flowcontrol/v1beta3.FlowSchemaCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "flowcontrol/v1beta3.FlowSchemaSpec": (
        "distinguisherMethod:flowcontrol/v1beta3.FlowDistinguisherMethod matchingPrecedence:int32 "
        "priorityLevelConfiguration:flowcontrol/v1beta3.PriorityLevelConfigurationReference "
        "rules:[]flowcontrol/v1beta3.PolicyRulesWithSubjects"
    ),
    "flowcontrol/v1beta3.FlowSchemaStatus": "conditions:[type]flowcontrol/v1beta3.FlowSchemaCondition",
    "flowcontrol/v1beta3.GroupSubject": "name:string",
    "flowcontrol/v1beta3.LimitResponse": "queuing:flowcontrol/v1beta3.QueuingConfiguration type:string",
    "flowcontrol/v1beta3.LimitedPriorityLevelConfiguration": (
        "borrowingLimitPercent:int32 lendablePercent:int32 limitResponse:flowcontrol/v1beta3.LimitResponse "
        "nominalConcurrencyShares:int32"
    ),
    "flowcontrol/v1beta3.NonResourcePolicyRule": "nonResourceURLs:[set]string verbs:[set]string",
    "flowcontrol/v1beta3.PolicyRulesWithSubjects": (
        "nonResourceRules:[]flowcontrol/v1beta3.NonResourcePolicyRule "
        "resourceRules:[]flowcontrol/v1beta3.ResourcePolicyRule subjects:[]flowcontrol/v1beta3.Subject"
    ),
    "flowcontrol/v1beta3.PriorityLevelConfiguration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:flowcontrol/v1beta3.PriorityLevelConfigurationSpec "
        "status:flowcontrol/v1beta3.PriorityLevelConfigurationStatus"
    ),
    "flowcontrol/v1beta3.PriorityLevelConfigurationCondition": (
        "lastTransitionTime:time message:string reason:string status:string type:string"
    ),
    "flowcontrol/v1beta3.PriorityLevelConfigurationReference": "name:string",
    "flowcontrol/v1beta3.PriorityLevelConfigurationSpec": (
        "exempt:flowcontrol/v1beta3.ExemptPriorityLevelConfiguration "
        "limited:flowcontrol/v1beta3.LimitedPriorityLevelConfiguration type:string"
    ),
    "flowcontrol/v1beta3.PriorityLevelConfigurationStatus": (
        "conditions:[type]flowcontrol/v1beta3.PriorityLevelConfigurationCondition"
    ),
    "flowcontrol/v1beta3.QueuingConfiguration": "handSize:int32 queueLengthLimit:int32 queues:int32",
    "flowcontrol/v1beta3.ResourcePolicyRule": (
        "apiGroups:[set]string clusterScope:bool namespaces:[set]string resources:[set]string verbs:[set]string"
    ),
    "flowcontrol/v1beta3.ServiceAccountSubject": "name:string namespace:string",
    "flowcontrol/v1beta3.Subject": (
        "group:flowcontrol/v1beta3.GroupSubject kind:string "
        "serviceAccount:flowcontrol/v1beta3.ServiceAccountSubject user:flowcontrol/v1beta3.UserSubject"
    ),
    "flowcontrol/v1beta3.UserSubject": "name:string",
    "lifecycle/v1alpha1.Eviction": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:lifecycle/v1alpha1.EvictionSpec "
        "status:lifecycle/v1alpha1.EvictionStatus"
    ),
    "lifecycle/v1alpha1.EvictionPodReference": "name:string uid:string",
    "lifecycle/v1alpha1.EvictionRequest": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:lifecycle/v1alpha1.EvictionRequestSpec "
        "status:lifecycle/v1alpha1.EvictionRequestStatus"
    ),
    "lifecycle/v1alpha1.EvictionRequestPodReference": "name:string uid:string",
    "lifecycle/v1alpha1.EvictionRequestSpec": (
        "intent:string requester:string target:lifecycle/v1alpha1.EvictionRequestTarget"
    ),
    "lifecycle/v1alpha1.EvictionRequestStatus": "conditions:[type]meta/v1.Condition observedGeneration:int64",
    "lifecycle/v1alpha1.EvictionRequestTarget": "pod:lifecycle/v1alpha1.EvictionRequestPodReference",
    "lifecycle/v1alpha1.EvictionSpec": "target:lifecycle/v1alpha1.EvictionTarget",
    "lifecycle/v1alpha1.EvictionStatus": (
        "conditions:[type]meta/v1.Condition observedGeneration:int64 requesters:[name]lifecycle/v1alpha1.Requester "
        "responders:[name]lifecycle/v1alpha1.ResponderStatus "
        "targetResponders:[name]lifecycle/v1alpha1.TargetResponder"
    ),
    "lifecycle/v1alpha1.EvictionTarget": "pod:lifecycle/v1alpha1.EvictionPodReference",
    "lifecycle/v1alpha1.Requester": "intent:string name:string",
    "lifecycle/v1alpha1.ResponderStatus": (
        "completionTime:time expectedCompletionTime:time heartbeatTime:time message:string name:string startTime:time"
    ),
    "lifecycle/v1alpha1.TargetResponder": "name:string priority:int32 state:string",
    "meta/v1.Condition": (
        "lastTransitionTime:time message:string observedGeneration:int64 reason:string status:string type:string"
    ),
    "meta/v1.DeleteOptions": (
        "apiVersion:string dryRun:[]string gracePeriodSeconds:int64 "
        "ignoreStoreReadErrorWithClusterBreakingPotential:bool kind:string orphanDependents:bool "
        "preconditions:meta/v1.Preconditions propagationPolicy:string"
    ),
    "meta/v1.FieldSelectorRequirement": "key:string operator:string values:[]string",
    "meta/v1.GroupResource": "group:string resource:string",
    "meta/v1.LabelSelector": "matchExpressions:[]meta/v1.LabelSelectorRequirement matchLabels:{}string",
    "meta/v1.LabelSelectorRequirement": "key:string operator:string values:[]string",
    "meta/v1.ManagedFieldsEntry": (
        "apiVersion:string fieldsType:string fieldsV1:any manager:string operation:string subresource:string time:time"
    ),
    "meta/v1.ObjectMeta": (
        "annotations:{}string creationTimestamp:time deletionGracePeriodSeconds:int64 deletionTimestamp:time "
        "finalizers:[set]string generateName:string generation:int64 labels:{}string "
        "managedFields:[]meta/v1.ManagedFieldsEntry name:string namespace:string "
        "ownerReferences:[uid]meta/v1.OwnerReference resourceVersion:string selfLink:string uid:string"
    ),
    "meta/v1.OwnerReference": (
        "apiVersion:string blockOwnerDeletion:bool controller:bool kind:string name:string uid:string"
    ),
    "meta/v1.Preconditions": "resourceVersion:string uid:string",
    "networking/v1.HTTPIngressPath": "backend:networking/v1.IngressBackend path:string pathType:string",
    "networking/v1.HTTPIngressRuleValue": "paths:[]networking/v1.HTTPIngressPath",
    "networking/v1.IPAddress": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1.IPAddressSpec"
    ),
    "networking/v1.IPAddressSpec": "parentRef:networking/v1.ParentReference",
    "networking/v1.IPBlock": "cidr:string except:[]string",
    "networking/v1.Ingress": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1.IngressSpec "
        "status:networking/v1.IngressStatus"
    ),
    "networking/v1.IngressBackend": (
        "resource:core/v1.TypedLocalObjectReference service:networking/v1.IngressServiceBackend"
    ),
    "networking/v1.IngressClass": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1.IngressClassSpec"
    ),
    "networking/v1.IngressClassParametersReference": (
        "apiGroup:string kind:string name:string namespace:string scope:string"
    ),
    "networking/v1.IngressClassSpec": "controller:string parameters:networking/v1.IngressClassParametersReference",
    "networking/v1.IngressLoadBalancerIngress": "hostname:string ip:string ports:[]networking/v1.IngressPortStatus",
    "networking/v1.IngressLoadBalancerStatus": "ingress:[]networking/v1.IngressLoadBalancerIngress",
    "networking/v1.IngressPortStatus": "error:string port:int32 protocol:string",
    "networking/v1.IngressRule": "host:string http:networking/v1.HTTPIngressRuleValue",
    "networking/v1.IngressServiceBackend": "name:string port:networking/v1.ServiceBackendPort",
    "networking/v1.IngressSpec": (
        "defaultBackend:networking/v1.IngressBackend ingressClassName:string rules:[]networking/v1.IngressRule "
        "tls:[]networking/v1.IngressTLS"
    ),
    "networking/v1.IngressStatus": "loadBalancer:networking/v1.IngressLoadBalancerStatus",
    "networking/v1.IngressTLS": "hosts:[]string secretName:string",
    "networking/v1.NetworkPolicy": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1.NetworkPolicySpec "
        "status:networking/v1.NetworkPolicyStatus"
    ),
    "networking/v1.NetworkPolicyEgressRule": (
        "ports:[]networking/v1.NetworkPolicyPort to:[]networking/v1.NetworkPolicyPeer"
    ),
    "networking/v1.NetworkPolicyIngressRule": (
        "from:[]networking/v1.NetworkPolicyPeer ports:[]networking/v1.NetworkPolicyPort"
    ),
    "networking/v1.NetworkPolicyPeer": (
        "ipBlock:networking/v1.IPBlock namespaceSelector:meta/v1.LabelSelector podSelector:meta/v1.LabelSelector"
    ),
    "networking/v1.NetworkPolicyPort": "endPort:int32 port:intOrString protocol:string",
    "networking/v1.NetworkPolicySpec": (
        "egress:[]networking/v1.NetworkPolicyEgressRule ingress:[]networking/v1.NetworkPolicyIngressRule "
        "podSelector:meta/v1.LabelSelector policyTypes:[]string"
    ),
    "networking/v1.NetworkPolicyStatus": "conditions:[type]meta/v1.Condition",
    "networking/v1.ParentReference": "group:string name:string namespace:string resource:string",
    "networking/v1.ServiceBackendPort": "name:string number:int32",
    "networking/v1.ServiceCIDR": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1.ServiceCIDRSpec "
        "status:networking/v1.ServiceCIDRStatus"
    ),
    "networking/v1.ServiceCIDRSpec": "cidrs:[]string",
    "networking/v1.ServiceCIDRStatus": "conditions:[type]meta/v1.Condition",
    "networking/v1alpha1.ClusterCIDR": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1alpha1.ClusterCIDRSpec"
    ),
    "networking/v1alpha1.ClusterCIDRSpec": (
        "ipv4:string ipv6:string nodeSelector:core/v1.NodeSelector perNodeHostBits:int32"
    ),
    "networking/v1alpha1.IPAddress": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1alpha1.IPAddressSpec"
    ),
    "networking/v1alpha1.IPAddressSpec": "parentRef:networking/v1alpha1.ParentReference",
    "networking/v1alpha1.ParentReference": "group:string name:string namespace:string resource:string uid:string",
    "networking/v1alpha1.ServiceCIDR": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1alpha1.ServiceCIDRSpec "
        "status:networking/v1alpha1.ServiceCIDRStatus"
    ),
    "networking/v1alpha1.ServiceCIDRSpec": "cidrs:[]string",
    "networking/v1alpha1.ServiceCIDRStatus": "conditions:[type]meta/v1.Condition",
    "networking/v1beta1.IPAddress": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1beta1.IPAddressSpec"
    ),
    "networking/v1beta1.IPAddressSpec": "parentRef:networking/v1beta1.ParentReference",
    "networking/v1beta1.ParentReference": "group:string name:string namespace:string resource:string",
    "networking/v1beta1.ServiceCIDR": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:networking/v1beta1.ServiceCIDRSpec "
        "status:networking/v1beta1.ServiceCIDRStatus"
    ),
    "networking/v1beta1.ServiceCIDRSpec": "cidrs:[]string",
    "networking/v1beta1.ServiceCIDRStatus": "conditions:[type]meta/v1.Condition",
    "node/v1.Overhead": "podFixed:{}quantity",
    "node/v1.RuntimeClass": (
        "apiVersion:string handler:string kind:string metadata:meta/v1.ObjectMeta overhead:node/v1.Overhead "
        "scheduling:node/v1.Scheduling"
    ),
    "node/v1.Scheduling": "nodeSelector:{}string tolerations:[]core/v1.Toleration",
    "policy/v1.Eviction": (
        "apiVersion:string deleteOptions:meta/v1.DeleteOptions kind:string metadata:meta/v1.ObjectMeta"
    ),
    "policy/v1.PodDisruptionBudget": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:policy/v1.PodDisruptionBudgetSpec "
        "status:policy/v1.PodDisruptionBudgetStatus"
    ),
    "policy/v1.PodDisruptionBudgetSpec": (
        "maxUnavailable:intOrString minAvailable:intOrString selector:meta/v1.LabelSelector "
        "unhealthyPodEvictionPolicy:string"
    ),
    "policy/v1.PodDisruptionBudgetStatus": (
        "conditions:[type]meta/v1.Condition currentHealthy:int32 desiredHealthy:int32 disruptedPods:{}time "
        "disruptionsAllowed:int32 expectedPods:int32 observedGeneration:int64"
    ),
    "rbac/v1.AggregationRule": "clusterRoleSelectors:[]meta/v1.LabelSelector",
    "rbac/v1.ClusterRole": (
        "aggregationRule:rbac/v1.AggregationRule apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "rules:[]rbac/v1.PolicyRule"
    ),
    "rbac/v1.ClusterRoleBinding": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta roleRef:rbac/v1.RoleRef subjects:[]rbac/v1.Subject"
    ),
    "rbac/v1.PolicyRule": (
        "apiGroups:[]string nonResourceURLs:[]string resourceNames:[]string resources:[]string verbs:[]string"
    ),
    "rbac/v1.Role": "apiVersion:string kind:string metadata:meta/v1.ObjectMeta rules:[]rbac/v1.PolicyRule",
    "rbac/v1.RoleBinding": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta roleRef:rbac/v1.RoleRef subjects:[]rbac/v1.Subject"
    ),
    "rbac/v1.RoleRef": "apiGroup:string kind:string name:string",
    "rbac/v1.Subject": "apiGroup:string kind:string name:string namespace:string",
    "resource/v1.AllocatedDeviceStatus": (
        "conditions:[type]meta/v1.Condition data:any device:string driver:string "
        "networkData:resource/v1.NetworkDeviceData pool:string shareID:string"
    ),
    "resource/v1.AllocationResult": (
        "allocationTimestamp:time devices:resource/v1.DeviceAllocationResult nodeSelector:core/v1.NodeSelector"
    ),
    "resource/v1.CELDeviceSelector": "expression:string",
    "resource/v1.CapacityRequestPolicy": (
        "default:quantity validRange:resource/v1.CapacityRequestPolicyRange validValues:[]quantity"
    ),
    "resource/v1.CapacityRequestPolicyRange": "max:quantity min:quantity step:quantity",
    "resource/v1.CapacityRequirements": "requests:{}quantity",
    "resource/v1.Counter": "value:quantity",
    "resource/v1.CounterSet": "counters:{}resource/v1.Counter name:string",
    "resource/v1.Device": (
        "allNodes:bool allowMultipleAllocations:bool attributes:{}resource/v1.DeviceAttribute "
        "bindingConditions:[]string bindingFailureConditions:[]string bindsToNode:bool "
        "capacity:{}resource/v1.DeviceCapacity consumesCounters:[]resource/v1.DeviceCounterConsumption name:string "
        "nodeAllocatableResourceMappings:{}resource/v1.NodeAllocatableResourceMapping "
        "nodeAllocatableResources:{}resource/v1.NodeAllocatableResource nodeName:string "
        "nodeSelector:core/v1.NodeSelector taints:[]resource/v1.DeviceTaint"
    ),
    "resource/v1.DeviceAllocationConfiguration": (
        "opaque:resource/v1.OpaqueDeviceConfiguration requests:[]string source:string"
    ),
    "resource/v1.DeviceAllocationResult": (
        "config:[]resource/v1.DeviceAllocationConfiguration results:[]resource/v1.DeviceRequestAllocationResult"
    ),
    "resource/v1.DeviceAttribute": (
        "bool:bool bools:[]bool int:int64 ints:[]int64 string:string strings:[]string version:string versions:[]string"
    ),
    "resource/v1.DeviceCapacity": "requestPolicy:resource/v1.CapacityRequestPolicy value:quantity",
    "resource/v1.DeviceClaim": (
        "config:[]resource/v1.DeviceClaimConfiguration constraints:[]resource/v1.DeviceConstraint "
        "requests:[]resource/v1.DeviceRequest"
    ),
    "resource/v1.DeviceClaimConfiguration": "opaque:resource/v1.OpaqueDeviceConfiguration requests:[]string",
    "resource/v1.DeviceClass": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1.DeviceClassSpec"
    ),
    "resource/v1.DeviceClassConfiguration": "opaque:resource/v1.OpaqueDeviceConfiguration",
    "resource/v1.DeviceClassSpec": (
        "config:[]resource/v1.DeviceClassConfiguration extendedResourceName:string "
        "selectors:[]resource/v1.DeviceSelector"
    ),
    "resource/v1.DeviceConstraint": "distinctAttribute:string matchAttribute:string requests:[]string",
    "resource/v1.DeviceCounterConsumption": (
        "compatibilityGroups:[]string counterSet:string counters:{}resource/v1.Counter"
    ),
    "resource/v1.DeviceDerivedAttribute": "expression:string name:string",
    "resource/v1.DeviceRequest": (
        "exactly:resource/v1.ExactDeviceRequest firstAvailable:[]resource/v1.DeviceSubRequest name:string"
    ),
    "resource/v1.DeviceRequestAllocationResult": (
        "adminAccess:bool bindingConditions:[]string bindingFailureConditions:[]string consumedCapacity:{}quantity "
        "device:string driver:string pool:string request:string shareID:string skipNodeOperations:[set]string "
        "tolerations:[]resource/v1.DeviceToleration"
    ),
    "resource/v1.DeviceSelector": "cel:resource/v1.CELDeviceSelector",
    "resource/v1.DeviceSubRequest": (
        "allocationMode:string capacity:resource/v1.CapacityRequirements count:int64 "
        "derivedAttributes:[]resource/v1.DeviceDerivedAttribute deviceClassName:string name:string "
        "selectors:[]resource/v1.DeviceSelector tolerations:[]resource/v1.DeviceToleration"
    ),
    "resource/v1.DeviceTaint": "effect:string key:string timeAdded:time value:string",
    "resource/v1.DeviceTaintRule": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1.DeviceTaintRuleSpec "
        "status:resource/v1.DeviceTaintRuleStatus"
    ),
    "resource/v1.DeviceTaintRuleSpec": "deviceSelector:resource/v1.DeviceTaintSelector taint:resource/v1.DeviceTaint",
    "resource/v1.DeviceTaintRuleStatus": "conditions:[type]meta/v1.Condition",
    "resource/v1.DeviceTaintSelector": "device:string driver:string pool:string",
    "resource/v1.DeviceToleration": "effect:string key:string operator:string tolerationSeconds:int64 value:string",
    "resource/v1.ExactDeviceRequest": (
        "adminAccess:bool allocationMode:string capacity:resource/v1.CapacityRequirements count:int64 "
        "derivedAttributes:[]resource/v1.DeviceDerivedAttribute deviceClassName:string "
        "selectors:[]resource/v1.DeviceSelector tolerations:[]resource/v1.DeviceToleration"
    ),
    "resource/v1.NetworkDeviceData": "hardwareAddress:string interfaceName:string ips:[]string",
    "resource/v1.NodeAllocatableMapping": "capacityKey:string capacityMultiplier:quantity deviceMultiplier:quantity",
    "resource/v1.NodeAllocatableOverhead": "perContainer:quantity perPod:quantity",
    "resource/v1.NodeAllocatableResource": (
        "mapping:resource/v1.NodeAllocatableMapping overhead:resource/v1.NodeAllocatableOverhead"
    ),
    "resource/v1.NodeAllocatableResourceMapping": "allocationMultiplier:quantity capacityKey:string",
    "resource/v1.OpaqueDeviceConfiguration": "driver:string parameters:any",
    "resource/v1.ResourceClaim": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1.ResourceClaimSpec "
        "status:resource/v1.ResourceClaimStatus"
    ),
    "resource/v1.ResourceClaimConsumerReference": "apiGroup:string name:string resource:string uid:string",
    "resource/v1.ResourceClaimSpec": "devices:resource/v1.DeviceClaim",
    "resource/v1.ResourceClaimStatus": (
        "allocation:resource/v1.AllocationResult "
        "devices:[driver,device,pool,shareID]resource/v1.AllocatedDeviceStatus "
        "reservedFor:[uid]resource/v1.ResourceClaimConsumerReference"
    ),
    "resource/v1.ResourceClaimTemplate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1.ResourceClaimTemplateSpec"
    ),
    "resource/v1.ResourceClaimTemplateSpec": "metadata:meta/v1.ObjectMeta spec:resource/v1.ResourceClaimSpec",
    "resource/v1.ResourcePool": "generation:int64 name:string resourceSliceCount:int64",
    "resource/v1.ResourceSlice": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1.ResourceSliceSpec"
    ),
    "resource/v1.ResourceSliceSpec": (
        "allNodes:bool devices:[]resource/v1.Device driver:string nodeName:string "
        "nodeSelector:core/v1.NodeSelector partitionTypeAttribute:string perDeviceNodeSelection:bool "
        "pool:resource/v1.ResourcePool sharedCounters:[]resource/v1.CounterSet skipNodeOperations:[set]string"
    ),
    "resource/v1alpha1.AllocationResult": (
        "availableOnNodes:core/v1.NodeSelector resourceHandle:string shareable:bool"
    ),
    "resource/v1alpha1.PodScheduling": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha1.PodSchedulingSpec "
        "status:resource/v1alpha1.PodSchedulingStatus"
    ),
    "resource/v1alpha1.PodSchedulingSpec": "potentialNodes:[set]string selectedNode:string",
    "resource/v1alpha1.PodSchedulingStatus": "resourceClaims:[name]resource/v1alpha1.ResourceClaimSchedulingStatus",
    "resource/v1alpha1.ResourceClaim": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha1.ResourceClaimSpec "
        "status:resource/v1alpha1.ResourceClaimStatus"
    ),
    "resource/v1alpha1.ResourceClaimConsumerReference": "apiGroup:string name:string resource:string uid:string",
    "resource/v1alpha1.ResourceClaimParametersReference": "apiGroup:string kind:string name:string",
    "resource/v1alpha1.ResourceClaimSchedulingStatus": "name:string unsuitableNodes:[set]string",
    "resource/v1alpha1.ResourceClaimSpec": (
        "allocationMode:string parametersRef:resource/v1alpha1.ResourceClaimParametersReference "
        "resourceClassName:string"
    ),
    "resource/v1alpha1.ResourceClaimStatus": (
        "allocation:resource/v1alpha1.AllocationResult deallocationRequested:bool driverName:string "
        "reservedFor:[set]resource/v1alpha1.ResourceClaimConsumerReference"
    ),
    "resource/v1alpha1.ResourceClaimTemplate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha1.ResourceClaimTemplateSpec"
    ),
    "resource/v1alpha1.ResourceClaimTemplateSpec": (
        "metadata:meta/v1.ObjectMeta spec:resource/v1alpha1.ResourceClaimSpec"
    ),
    "resource/v1alpha1.ResourceClass": (
        "apiVersion:string driverName:string kind:string metadata:meta/v1.ObjectMeta "
        "parametersRef:resource/v1alpha1.ResourceClassParametersReference suitableNodes:core/v1.NodeSelector"
    ),
    "resource/v1alpha1.ResourceClassParametersReference": "apiGroup:string kind:string name:string namespace:string",
    "resource/v1alpha2.AllocationResult": (
        "availableOnNodes:core/v1.NodeSelector resourceHandles:[]resource/v1alpha2.ResourceHandle shareable:bool"
    ),
    "resource/v1alpha2.DriverAllocationResult": (
        "namedResources:resource/v1alpha2.NamedResourcesAllocationResult vendorRequestParameters:any"
    ),
    "resource/v1alpha2.DriverRequests": (
        "driverName:string requests:[]resource/v1alpha2.ResourceRequest vendorParameters:any"
    ),
    "resource/v1alpha2.NamedResourcesAllocationResult": "name:string",
    "resource/v1alpha2.NamedResourcesAttribute": (
        "bool:bool int:int64 intSlice:resource/v1alpha2.NamedResourcesIntSlice name:string quantity:quantity "
        "string:string stringSlice:resource/v1alpha2.NamedResourcesStringSlice version:string"
    ),
    "resource/v1alpha2.NamedResourcesFilter": "selector:string",
    "resource/v1alpha2.NamedResourcesInstance": "attributes:[]resource/v1alpha2.NamedResourcesAttribute name:string",
    "resource/v1alpha2.NamedResourcesIntSlice": "ints:[]int64",
    "resource/v1alpha2.NamedResourcesRequest": "selector:string",
    "resource/v1alpha2.NamedResourcesResources": "instances:[]resource/v1alpha2.NamedResourcesInstance",
    "resource/v1alpha2.NamedResourcesStringSlice": "strings:[]string",
    "resource/v1alpha2.PodSchedulingContext": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha2.PodSchedulingContextSpec "
        "status:resource/v1alpha2.PodSchedulingContextStatus"
    ),
    "resource/v1alpha2.PodSchedulingContextSpec": "potentialNodes:[]string selectedNode:string",
    "resource/v1alpha2.PodSchedulingContextStatus": (
        "resourceClaims:[name]resource/v1alpha2.ResourceClaimSchedulingStatus"
    ),
    "resource/v1alpha2.ResourceClaim": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha2.ResourceClaimSpec "
        "status:resource/v1alpha2.ResourceClaimStatus"
    ),
    "resource/v1alpha2.ResourceClaimConsumerReference": "apiGroup:string name:string resource:string uid:string",
    "resource/v1alpha2.ResourceClaimParameters": (
        "apiVersion:string driverRequests:[]resource/v1alpha2.DriverRequests "
        "generatedFrom:resource/v1alpha2.ResourceClaimParametersReference kind:string metadata:meta/v1.ObjectMeta "
        "shareable:bool"
    ),
    "resource/v1alpha2.ResourceClaimParametersReference": "apiGroup:string kind:string name:string",
    "resource/v1alpha2.ResourceClaimSchedulingStatus": "name:string unsuitableNodes:[]string",
    "resource/v1alpha2.ResourceClaimSpec": (
        "allocationMode:string parametersRef:resource/v1alpha2.ResourceClaimParametersReference "
        "resourceClassName:string"
    ),
    "resource/v1alpha2.ResourceClaimStatus": (
        "allocation:resource/v1alpha2.AllocationResult deallocationRequested:bool driverName:string "
        "reservedFor:[uid]resource/v1alpha2.ResourceClaimConsumerReference"
    ),
    "resource/v1alpha2.ResourceClaimTemplate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha2.ResourceClaimTemplateSpec"
    ),
    "resource/v1alpha2.ResourceClaimTemplateSpec": (
        "metadata:meta/v1.ObjectMeta spec:resource/v1alpha2.ResourceClaimSpec"
    ),
    "resource/v1alpha2.ResourceClass": (
        "apiVersion:string driverName:string kind:string metadata:meta/v1.ObjectMeta "
        "parametersRef:resource/v1alpha2.ResourceClassParametersReference structuredParameters:bool "
        "suitableNodes:core/v1.NodeSelector"
    ),
    "resource/v1alpha2.ResourceClassParameters": (
        "apiVersion:string filters:[]resource/v1alpha2.ResourceFilter "
        "generatedFrom:resource/v1alpha2.ResourceClassParametersReference kind:string metadata:meta/v1.ObjectMeta "
        "vendorParameters:[]resource/v1alpha2.VendorParameters"
    ),
    "resource/v1alpha2.ResourceClassParametersReference": "apiGroup:string kind:string name:string namespace:string",
    "resource/v1alpha2.ResourceFilter": "driverName:string namedResources:resource/v1alpha2.NamedResourcesFilter",
    "resource/v1alpha2.ResourceHandle": (
        "data:string driverName:string structuredData:resource/v1alpha2.StructuredResourceHandle"
    ),
    "resource/v1alpha2.ResourceRequest": (
        "namedResources:resource/v1alpha2.NamedResourcesRequest vendorParameters:any"
    ),
    "resource/v1alpha2.ResourceSlice": (
        "apiVersion:string driverName:string kind:string metadata:meta/v1.ObjectMeta "
        "namedResources:resource/v1alpha2.NamedResourcesResources nodeName:string"
    ),
    "resource/v1alpha2.StructuredResourceHandle": (
        "nodeName:string results:[]resource/v1alpha2.DriverAllocationResult vendorClaimParameters:any "
        "vendorClassParameters:any"
    ),
    "resource/v1alpha2.VendorParameters": "driverName:string parameters:any",
    "resource/v1alpha3.AllocatedDeviceStatus": (
        "conditions:[type]meta/v1.Condition data:any device:string driver:string "
        "networkData:resource/v1alpha3.NetworkDeviceData pool:string"
    ),
    "resource/v1alpha3.AllocationResult": (
        "controller:string devices:resource/v1alpha3.DeviceAllocationResult nodeSelector:core/v1.NodeSelector"
    ),
    "resource/v1alpha3.BasicDevice": (
        "allNodes:bool attributes:{}resource/v1alpha3.DeviceAttribute capacity:{}quantity "
        "consumesCounters:[]resource/v1alpha3.DeviceCounterConsumption nodeName:string "
        "nodeSelector:core/v1.NodeSelector taints:[]resource/v1alpha3.DeviceTaint"
    ),
    "resource/v1alpha3.CELDeviceSelector": "expression:string",
    "resource/v1alpha3.Counter": "value:quantity",
    "resource/v1alpha3.CounterSet": "counters:{}resource/v1alpha3.Counter name:string",
    "resource/v1alpha3.Device": "basic:resource/v1alpha3.BasicDevice name:string",
    "resource/v1alpha3.DeviceAllocationConfiguration": (
        "opaque:resource/v1alpha3.OpaqueDeviceConfiguration requests:[]string source:string"
    ),
    "resource/v1alpha3.DeviceAllocationResult": (
        "config:[]resource/v1alpha3.DeviceAllocationConfiguration "
        "results:[]resource/v1alpha3.DeviceRequestAllocationResult"
    ),
    "resource/v1alpha3.DeviceAttribute": "bool:bool int:int64 string:string version:string",
    "resource/v1alpha3.DeviceClaim": (
        "config:[]resource/v1alpha3.DeviceClaimConfiguration constraints:[]resource/v1alpha3.DeviceConstraint "
        "requests:[]resource/v1alpha3.DeviceRequest"
    ),
    "resource/v1alpha3.DeviceClaimConfiguration": (
        "opaque:resource/v1alpha3.OpaqueDeviceConfiguration requests:[]string"
    ),
    "resource/v1alpha3.DeviceClass": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha3.DeviceClassSpec"
    ),
    "resource/v1alpha3.DeviceClassConfiguration": "opaque:resource/v1alpha3.OpaqueDeviceConfiguration",
    "resource/v1alpha3.DeviceClassSpec": (
        "config:[]resource/v1alpha3.DeviceClassConfiguration selectors:[]resource/v1alpha3.DeviceSelector "
        "suitableNodes:core/v1.NodeSelector"
    ),
    "resource/v1alpha3.DeviceConstraint": "matchAttribute:string requests:[]string",
    "resource/v1alpha3.DeviceCounterConsumption": "counterSet:string counters:{}resource/v1alpha3.Counter",
    "resource/v1alpha3.DeviceRequest": (
        "adminAccess:bool allocationMode:string count:int64 deviceClassName:string "
        "firstAvailable:[]resource/v1alpha3.DeviceSubRequest name:string "
        "selectors:[]resource/v1alpha3.DeviceSelector tolerations:[]resource/v1alpha3.DeviceToleration"
    ),
    "resource/v1alpha3.DeviceRequestAllocationResult": (
        "adminAccess:bool device:string driver:string pool:string request:string "
        "tolerations:[]resource/v1alpha3.DeviceToleration"
    ),
    "resource/v1alpha3.DeviceSelector": "cel:resource/v1alpha3.CELDeviceSelector",
    "resource/v1alpha3.DeviceSubRequest": (
        "allocationMode:string count:int64 deviceClassName:string name:string "
        "selectors:[]resource/v1alpha3.DeviceSelector tolerations:[]resource/v1alpha3.DeviceToleration"
    ),
    "resource/v1alpha3.DeviceTaint": "effect:string key:string timeAdded:time value:string",
    "resource/v1alpha3.DeviceTaintRule": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha3.DeviceTaintRuleSpec "
        "status:resource/v1alpha3.DeviceTaintRuleStatus"
    ),
    "resource/v1alpha3.DeviceTaintRuleSpec": (
        "deviceSelector:resource/v1alpha3.DeviceTaintSelector taint:resource/v1alpha3.DeviceTaint"
    ),
    "resource/v1alpha3.DeviceTaintRuleStatus": "conditions:[type]meta/v1.Condition",
    "resource/v1alpha3.DeviceTaintSelector": (
        "device:string deviceClassName:string driver:string pool:string selectors:[]resource/v1alpha3.DeviceSelector"
    ),
    "resource/v1alpha3.DeviceToleration": (
        "effect:string key:string operator:string tolerationSeconds:int64 value:string"
    ),
    "resource/v1alpha3.NetworkDeviceData": "hardwareAddress:string interfaceName:string ips:[]string",
    "resource/v1alpha3.OpaqueDeviceConfiguration": "driver:string parameters:any",
    "resource/v1alpha3.PartitionTypeStatus": "allocatable:int32 attribute:string total:int32 type:string",
    "resource/v1alpha3.PodSchedulingContext": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha3.PodSchedulingContextSpec "
        "status:resource/v1alpha3.PodSchedulingContextStatus"
    ),
    "resource/v1alpha3.PodSchedulingContextSpec": "potentialNodes:[]string selectedNode:string",
    "resource/v1alpha3.PodSchedulingContextStatus": (
        "resourceClaims:[name]resource/v1alpha3.ResourceClaimSchedulingStatus"
    ),
    "resource/v1alpha3.PoolStatus": (
        "allocatedDevices:int32 availableDevices:int32 driver:string generation:int64 nodeName:string "
        "partitionSummary:[]resource/v1alpha3.PartitionTypeStatus poolName:string resourceSliceCount:int32 "
        "shareableSummary:resource/v1alpha3.ShareableSummaryStatus totalDevices:int32 unavailableDevices:int32 "
        "validationError:string"
    ),
    "resource/v1alpha3.ResourceClaim": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha3.ResourceClaimSpec "
        "status:resource/v1alpha3.ResourceClaimStatus"
    ),
    "resource/v1alpha3.ResourceClaimConsumerReference": "apiGroup:string name:string resource:string uid:string",
    "resource/v1alpha3.ResourceClaimSchedulingStatus": "name:string unsuitableNodes:[]string",
    "resource/v1alpha3.ResourceClaimSpec": "controller:string devices:resource/v1alpha3.DeviceClaim",
    "resource/v1alpha3.ResourceClaimStatus": (
        "allocation:resource/v1alpha3.AllocationResult deallocationRequested:bool "
        "devices:[driver,device,pool]resource/v1alpha3.AllocatedDeviceStatus "
        "reservedFor:[uid]resource/v1alpha3.ResourceClaimConsumerReference"
    ),
    "resource/v1alpha3.ResourceClaimTemplate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha3.ResourceClaimTemplateSpec"
    ),
    "resource/v1alpha3.ResourceClaimTemplateSpec": (
        "metadata:meta/v1.ObjectMeta spec:resource/v1alpha3.ResourceClaimSpec"
    ),
    "resource/v1alpha3.ResourcePool": "generation:int64 name:string resourceSliceCount:int64",
    "resource/v1alpha3.ResourcePoolStatusRequest": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:resource/v1alpha3.ResourcePoolStatusRequestSpec "
        "status:resource/v1alpha3.ResourcePoolStatusRequestStatus"
    ),
    "resource/v1alpha3.ResourcePoolStatusRequestSpec": (
        "defaultPartitionTypeAttribute:string driver:string limit:int32 poolName:string"
    ),
    "resource/v1alpha3.ResourcePoolStatusRequestStatus": (
        "conditions:[type]meta/v1.Condition poolCount:int32 pools:[]resource/v1alpha3.PoolStatus"
    ),
    "resource/v1alpha3.ResourceSlice": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1alpha3.ResourceSliceSpec"
    ),
    "resource/v1alpha3.ResourceSliceSpec": (
        "allNodes:bool devices:[]resource/v1alpha3.Device driver:string nodeName:string "
        "nodeSelector:core/v1.NodeSelector perDeviceNodeSelection:bool pool:resource/v1alpha3.ResourcePool "
        "sharedCounters:[]resource/v1alpha3.CounterSet"
    ),
    "resource/v1alpha3.ShareableCapacityStatus": "available:quantity consumed:quantity name:string total:quantity",
    "resource/v1alpha3.ShareableSummaryStatus": (
        "capacity:[]resource/v1alpha3.ShareableCapacityStatus fullyAvailableDevices:int32 "
        "partiallyAvailableDevices:int32"
    ),
    "resource/v1beta1.AllocatedDeviceStatus": (
        "conditions:[type]meta/v1.Condition data:any device:string driver:string "
        "networkData:resource/v1beta1.NetworkDeviceData pool:string shareID:string"
    ),
    "resource/v1beta1.AllocationResult": (
        "allocationTimestamp:time devices:resource/v1beta1.DeviceAllocationResult nodeSelector:core/v1.NodeSelector"
    ),
    "resource/v1beta1.BasicDevice": (
        "allNodes:bool allowMultipleAllocations:bool attributes:{}resource/v1beta1.DeviceAttribute "
        "bindingConditions:[]string bindingFailureConditions:[]string bindsToNode:bool "
        "capacity:{}resource/v1beta1.DeviceCapacity consumesCounters:[]resource/v1beta1.DeviceCounterConsumption "
        "nodeAllocatableResourceMappings:{}resource/v1beta1.NodeAllocatableResourceMapping "
        "nodeAllocatableResources:{}resource/v1beta1.NodeAllocatableResource nodeName:string "
        "nodeSelector:core/v1.NodeSelector taints:[]resource/v1beta1.DeviceTaint"
    ),
    "resource/v1beta1.CELDeviceSelector": "expression:string",
    "resource/v1beta1.CapacityRequestPolicy": (
        "default:quantity validRange:resource/v1beta1.CapacityRequestPolicyRange validValues:[]quantity"
    ),
    "resource/v1beta1.CapacityRequestPolicyRange": "max:quantity min:quantity step:quantity",
    "resource/v1beta1.CapacityRequirements": "requests:{}quantity",
    "resource/v1beta1.Counter": "value:quantity",
    "resource/v1beta1.CounterSet": "counters:{}resource/v1beta1.Counter name:string",
    "resource/v1beta1.Device": "basic:resource/v1beta1.BasicDevice name:string",
    "resource/v1beta1.DeviceAllocationConfiguration": (
        "opaque:resource/v1beta1.OpaqueDeviceConfiguration requests:[]string source:string"
    ),
    "resource/v1beta1.DeviceAllocationResult": (
        "config:[]resource/v1beta1.DeviceAllocationConfiguration "
        "results:[]resource/v1beta1.DeviceRequestAllocationResult"
    ),
    "resource/v1beta1.DeviceAttribute": (
        "bool:bool bools:[]bool int:int64 ints:[]int64 string:string strings:[]string version:string versions:[]string"
    ),
    "resource/v1beta1.DeviceCapacity": "requestPolicy:resource/v1beta1.CapacityRequestPolicy value:quantity",
    "resource/v1beta1.DeviceClaim": (
        "config:[]resource/v1beta1.DeviceClaimConfiguration constraints:[]resource/v1beta1.DeviceConstraint "
        "requests:[]resource/v1beta1.DeviceRequest"
    ),
    "resource/v1beta1.DeviceClaimConfiguration": (
        "opaque:resource/v1beta1.OpaqueDeviceConfiguration requests:[]string"
    ),
    "resource/v1beta1.DeviceClass": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta1.DeviceClassSpec"
    ),
    "resource/v1beta1.DeviceClassConfiguration": "opaque:resource/v1beta1.OpaqueDeviceConfiguration",
    "resource/v1beta1.DeviceClassSpec": (
        "config:[]resource/v1beta1.DeviceClassConfiguration extendedResourceName:string "
        "selectors:[]resource/v1beta1.DeviceSelector"
    ),
    "resource/v1beta1.DeviceConstraint": "distinctAttribute:string matchAttribute:string requests:[]string",
    "resource/v1beta1.DeviceCounterConsumption": (
        "compatibilityGroups:[]string counterSet:string counters:{}resource/v1beta1.Counter"
    ),
    "resource/v1beta1.DeviceDerivedAttribute": "expression:string name:string",
    "resource/v1beta1.DeviceRequest": (
        "adminAccess:bool allocationMode:string capacity:resource/v1beta1.CapacityRequirements count:int64 "
        "derivedAttributes:[]resource/v1beta1.DeviceDerivedAttribute deviceClassName:string "
        "firstAvailable:[]resource/v1beta1.DeviceSubRequest name:string "
        "selectors:[]resource/v1beta1.DeviceSelector tolerations:[]resource/v1beta1.DeviceToleration"
    ),
    "resource/v1beta1.DeviceRequestAllocationResult": (
        "adminAccess:bool bindingConditions:[]string bindingFailureConditions:[]string consumedCapacity:{}quantity "
        "device:string driver:string pool:string request:string shareID:string skipNodeOperations:[set]string "
        "tolerations:[]resource/v1beta1.DeviceToleration"
    ),
    "resource/v1beta1.DeviceSelector": "cel:resource/v1beta1.CELDeviceSelector",
    "resource/v1beta1.DeviceSubRequest": (
        "allocationMode:string capacity:resource/v1beta1.CapacityRequirements count:int64 "
        "derivedAttributes:[]resource/v1beta1.DeviceDerivedAttribute deviceClassName:string name:string "
        "selectors:[]resource/v1beta1.DeviceSelector tolerations:[]resource/v1beta1.DeviceToleration"
    ),
    "resource/v1beta1.DeviceTaint": "effect:string key:string timeAdded:time value:string",
    "resource/v1beta1.DeviceToleration": (
        "effect:string key:string operator:string tolerationSeconds:int64 value:string"
    ),
    "resource/v1beta1.NetworkDeviceData": "hardwareAddress:string interfaceName:string ips:[]string",
    "resource/v1beta1.NodeAllocatableMapping": (
        "capacityKey:string capacityMultiplier:quantity deviceMultiplier:quantity"
    ),
    "resource/v1beta1.NodeAllocatableOverhead": "perContainer:quantity perPod:quantity",
    "resource/v1beta1.NodeAllocatableResource": (
        "mapping:resource/v1beta1.NodeAllocatableMapping overhead:resource/v1beta1.NodeAllocatableOverhead"
    ),
    "resource/v1beta1.NodeAllocatableResourceMapping": "allocationMultiplier:quantity capacityKey:string",
    "resource/v1beta1.OpaqueDeviceConfiguration": "driver:string parameters:any",
    "resource/v1beta1.ResourceClaim": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta1.ResourceClaimSpec "
        "status:resource/v1beta1.ResourceClaimStatus"
    ),
    "resource/v1beta1.ResourceClaimConsumerReference": "apiGroup:string name:string resource:string uid:string",
    "resource/v1beta1.ResourceClaimSpec": "devices:resource/v1beta1.DeviceClaim",
    "resource/v1beta1.ResourceClaimStatus": (
        "allocation:resource/v1beta1.AllocationResult "
        "devices:[driver,device,pool,shareID]resource/v1beta1.AllocatedDeviceStatus "
        "reservedFor:[uid]resource/v1beta1.ResourceClaimConsumerReference"
    ),
    "resource/v1beta1.ResourceClaimTemplate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta1.ResourceClaimTemplateSpec"
    ),
    "resource/v1beta1.ResourceClaimTemplateSpec": (
        "metadata:meta/v1.ObjectMeta spec:resource/v1beta1.ResourceClaimSpec"
    ),
    "resource/v1beta1.ResourcePool": "generation:int64 name:string resourceSliceCount:int64",
    "resource/v1beta1.ResourceSlice": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta1.ResourceSliceSpec"
    ),
    "resource/v1beta1.ResourceSliceSpec": (
        "allNodes:bool devices:[]resource/v1beta1.Device driver:string nodeName:string "
        "nodeSelector:core/v1.NodeSelector partitionTypeAttribute:string perDeviceNodeSelection:bool "
        "pool:resource/v1beta1.ResourcePool sharedCounters:[]resource/v1beta1.CounterSet "
        "skipNodeOperations:[set]string"
    ),
    "resource/v1beta2.AllocatedDeviceStatus": (
        "conditions:[type]meta/v1.Condition data:any device:string driver:string "
        "networkData:resource/v1beta2.NetworkDeviceData pool:string shareID:string"
    ),
    "resource/v1beta2.AllocationResult": (
        "allocationTimestamp:time devices:resource/v1beta2.DeviceAllocationResult nodeSelector:core/v1.NodeSelector"
    ),
    "resource/v1beta2.CELDeviceSelector": "expression:string",
    "resource/v1beta2.CapacityRequestPolicy": (
        "default:quantity validRange:resource/v1beta2.CapacityRequestPolicyRange validValues:[]quantity"
    ),
    "resource/v1beta2.CapacityRequestPolicyRange": "max:quantity min:quantity step:quantity",
    "resource/v1beta2.CapacityRequirements": "requests:{}quantity",
    "resource/v1beta2.Counter": "value:quantity",
    "resource/v1beta2.CounterSet": "counters:{}resource/v1beta2.Counter name:string",
    "resource/v1beta2.Device": (
        "allNodes:bool allowMultipleAllocations:bool attributes:{}resource/v1beta2.DeviceAttribute "
        "bindingConditions:[]string bindingFailureConditions:[]string bindsToNode:bool "
        "capacity:{}resource/v1beta2.DeviceCapacity consumesCounters:[]resource/v1beta2.DeviceCounterConsumption "
        "name:string nodeAllocatableResourceMappings:{}resource/v1beta2.NodeAllocatableResourceMapping "
        "nodeAllocatableResources:{}resource/v1beta2.NodeAllocatableResource nodeName:string "
        "nodeSelector:core/v1.NodeSelector taints:[]resource/v1beta2.DeviceTaint"
    ),
    "resource/v1beta2.DeviceAllocationConfiguration": (
        "opaque:resource/v1beta2.OpaqueDeviceConfiguration requests:[]string source:string"
    ),
    "resource/v1beta2.DeviceAllocationResult": (
        "config:[]resource/v1beta2.DeviceAllocationConfiguration "
        "results:[]resource/v1beta2.DeviceRequestAllocationResult"
    ),
    "resource/v1beta2.DeviceAttribute": (
        "bool:bool bools:[]bool int:int64 ints:[]int64 string:string strings:[]string version:string versions:[]string"
    ),
    "resource/v1beta2.DeviceCapacity": "requestPolicy:resource/v1beta2.CapacityRequestPolicy value:quantity",
    "resource/v1beta2.DeviceClaim": (
        "config:[]resource/v1beta2.DeviceClaimConfiguration constraints:[]resource/v1beta2.DeviceConstraint "
        "requests:[]resource/v1beta2.DeviceRequest"
    ),
    "resource/v1beta2.DeviceClaimConfiguration": (
        "opaque:resource/v1beta2.OpaqueDeviceConfiguration requests:[]string"
    ),
    "resource/v1beta2.DeviceClass": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta2.DeviceClassSpec"
    ),
    "resource/v1beta2.DeviceClassConfiguration": "opaque:resource/v1beta2.OpaqueDeviceConfiguration",
    "resource/v1beta2.DeviceClassSpec": (
        "config:[]resource/v1beta2.DeviceClassConfiguration extendedResourceName:string "
        "selectors:[]resource/v1beta2.DeviceSelector"
    ),
    "resource/v1beta2.DeviceConstraint": "distinctAttribute:string matchAttribute:string requests:[]string",
    "resource/v1beta2.DeviceCounterConsumption": (
        "compatibilityGroups:[]string counterSet:string counters:{}resource/v1beta2.Counter"
    ),
    "resource/v1beta2.DeviceDerivedAttribute": "expression:string name:string",
    "resource/v1beta2.DeviceRequest": (
        "exactly:resource/v1beta2.ExactDeviceRequest firstAvailable:[]resource/v1beta2.DeviceSubRequest name:string"
    ),
    "resource/v1beta2.DeviceRequestAllocationResult": (
        "adminAccess:bool bindingConditions:[]string bindingFailureConditions:[]string consumedCapacity:{}quantity "
        "device:string driver:string pool:string request:string shareID:string skipNodeOperations:[set]string "
        "tolerations:[]resource/v1beta2.DeviceToleration"
    ),
    "resource/v1beta2.DeviceSelector": "cel:resource/v1beta2.CELDeviceSelector",
    "resource/v1beta2.DeviceSubRequest": (
        "allocationMode:string capacity:resource/v1beta2.CapacityRequirements count:int64 "
        "derivedAttributes:[]resource/v1beta2.DeviceDerivedAttribute deviceClassName:string name:string "
        "selectors:[]resource/v1beta2.DeviceSelector tolerations:[]resource/v1beta2.DeviceToleration"
    ),
    "resource/v1beta2.DeviceTaint": "effect:string key:string timeAdded:time value:string",
    "resource/v1beta2.DeviceTaintRule": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta2.DeviceTaintRuleSpec "
        "status:resource/v1beta2.DeviceTaintRuleStatus"
    ),
    "resource/v1beta2.DeviceTaintRuleSpec": (
        "deviceSelector:resource/v1beta2.DeviceTaintSelector taint:resource/v1beta2.DeviceTaint"
    ),
    "resource/v1beta2.DeviceTaintRuleStatus": "conditions:[type]meta/v1.Condition",
    "resource/v1beta2.DeviceTaintSelector": "device:string driver:string pool:string",
    "resource/v1beta2.DeviceToleration": (
        "effect:string key:string operator:string tolerationSeconds:int64 value:string"
    ),
    "resource/v1beta2.ExactDeviceRequest": (
        "adminAccess:bool allocationMode:string capacity:resource/v1beta2.CapacityRequirements count:int64 "
        "derivedAttributes:[]resource/v1beta2.DeviceDerivedAttribute deviceClassName:string "
        "selectors:[]resource/v1beta2.DeviceSelector tolerations:[]resource/v1beta2.DeviceToleration"
    ),
    "resource/v1beta2.NetworkDeviceData": "hardwareAddress:string interfaceName:string ips:[]string",
    "resource/v1beta2.NodeAllocatableMapping": (
        "capacityKey:string capacityMultiplier:quantity deviceMultiplier:quantity"
    ),
    "resource/v1beta2.NodeAllocatableOverhead": "perContainer:quantity perPod:quantity",
    "resource/v1beta2.NodeAllocatableResource": (
        "mapping:resource/v1beta2.NodeAllocatableMapping overhead:resource/v1beta2.NodeAllocatableOverhead"
    ),
    "resource/v1beta2.NodeAllocatableResourceMapping": "allocationMultiplier:quantity capacityKey:string",
    "resource/v1beta2.OpaqueDeviceConfiguration": "driver:string parameters:any",
    "resource/v1beta2.ResourceClaim": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta2.ResourceClaimSpec "
        "status:resource/v1beta2.ResourceClaimStatus"
    ),
    "resource/v1beta2.ResourceClaimConsumerReference": "apiGroup:string name:string resource:string uid:string",
    "resource/v1beta2.ResourceClaimSpec": "devices:resource/v1beta2.DeviceClaim",
    "resource/v1beta2.ResourceClaimStatus": (
        "allocation:resource/v1beta2.AllocationResult "
        "devices:[driver,device,pool,shareID]resource/v1beta2.AllocatedDeviceStatus "
        "reservedFor:[uid]resource/v1beta2.ResourceClaimConsumerReference"
    ),
    "resource/v1beta2.ResourceClaimTemplate": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta2.ResourceClaimTemplateSpec"
    ),
    "resource/v1beta2.ResourceClaimTemplateSpec": (
        "metadata:meta/v1.ObjectMeta spec:resource/v1beta2.ResourceClaimSpec"
    ),
    "resource/v1beta2.ResourcePool": "generation:int64 name:string resourceSliceCount:int64",
    "resource/v1beta2.ResourceSlice": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:resource/v1beta2.ResourceSliceSpec"
    ),
    "resource/v1beta2.ResourceSliceSpec": (
        "allNodes:bool devices:[]resource/v1beta2.Device driver:string nodeName:string "
        "nodeSelector:core/v1.NodeSelector partitionTypeAttribute:string perDeviceNodeSelection:bool "
        "pool:resource/v1beta2.ResourcePool sharedCounters:[]resource/v1beta2.CounterSet "
        "skipNodeOperations:[set]string"
    ),
    "scheduling/v1.PriorityClass": (
        "apiVersion:string description:string globalDefault:bool kind:string metadata:meta/v1.ObjectMeta "
        "preemptionPolicy:string value:int32"
    ),
    "scheduling/v1alpha1.GangSchedulingPolicy": "minCount:int32",
    "scheduling/v1alpha1.PodGroup": "name:string policy:scheduling/v1alpha1.PodGroupPolicy",
    "scheduling/v1alpha1.PodGroupPolicy": "basic:{}any gang:scheduling/v1alpha1.GangSchedulingPolicy",
    "scheduling/v1alpha1.TypedLocalObjectReference": "apiGroup:string kind:string name:string",
    "scheduling/v1alpha1.Workload": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:scheduling/v1alpha1.WorkloadSpec"
    ),
    "scheduling/v1alpha1.WorkloadSpec": (
        "controllerRef:scheduling/v1alpha1.TypedLocalObjectReference podGroups:[name]scheduling/v1alpha1.PodGroup"
    ),
    "scheduling/v1alpha2.GangSchedulingPolicy": "minCount:int32",
    "scheduling/v1alpha2.PodGroup": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:scheduling/v1alpha2.PodGroupSpec "
        "status:scheduling/v1alpha2.PodGroupStatus"
    ),
    "scheduling/v1alpha2.PodGroupResourceClaim": (
        "name:string resourceClaimName:string resourceClaimTemplateName:string"
    ),
    "scheduling/v1alpha2.PodGroupResourceClaimStatus": "name:string resourceClaimName:string",
    "scheduling/v1alpha2.PodGroupSchedulingConstraints": "topology:[]scheduling/v1alpha2.TopologyConstraint",
    "scheduling/v1alpha2.PodGroupSchedulingPolicy": "basic:{}any gang:scheduling/v1alpha2.GangSchedulingPolicy",
    "scheduling/v1alpha2.PodGroupSpec": (
        "disruptionMode:string podGroupTemplateRef:scheduling/v1alpha2.PodGroupTemplateReference priority:int32 "
        "priorityClassName:string resourceClaims:[name]scheduling/v1alpha2.PodGroupResourceClaim "
        "schedulingConstraints:scheduling/v1alpha2.PodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1alpha2.PodGroupSchedulingPolicy"
    ),
    "scheduling/v1alpha2.PodGroupStatus": (
        "conditions:[type]meta/v1.Condition resourceClaimStatuses:[name]scheduling/v1alpha2.PodGroupResourceClaimStatus"
    ),
    "scheduling/v1alpha2.PodGroupTemplate": (
        "disruptionMode:string name:string priority:int32 priorityClassName:string "
        "resourceClaims:[name]scheduling/v1alpha2.PodGroupResourceClaim "
        "schedulingConstraints:scheduling/v1alpha2.PodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1alpha2.PodGroupSchedulingPolicy"
    ),
    "scheduling/v1alpha2.PodGroupTemplateReference": "workload:scheduling/v1alpha2.WorkloadPodGroupTemplateReference",
    "scheduling/v1alpha2.TopologyConstraint": "key:string",
    "scheduling/v1alpha2.TypedLocalObjectReference": "apiGroup:string kind:string name:string",
    "scheduling/v1alpha2.Workload": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:scheduling/v1alpha2.WorkloadSpec"
    ),
    "scheduling/v1alpha2.WorkloadPodGroupTemplateReference": "podGroupTemplateName:string workloadName:string",
    "scheduling/v1alpha2.WorkloadSpec": (
        "controllerRef:scheduling/v1alpha2.TypedLocalObjectReference "
        "podGroupTemplates:[name]scheduling/v1alpha2.PodGroupTemplate"
    ),
    "scheduling/v1alpha3.CompositeDisruptionMode": "all:{}any single:{}any",
    "scheduling/v1alpha3.CompositeGangSchedulingPolicy": "minGroupCount:int32",
    "scheduling/v1alpha3.CompositePodGroup": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:scheduling/v1alpha3.CompositePodGroupSpec "
        "status:scheduling/v1alpha3.CompositePodGroupStatus"
    ),
    "scheduling/v1alpha3.CompositePodGroupSchedulingConstraints": "topology:[]scheduling/v1alpha3.TopologyConstraint",
    "scheduling/v1alpha3.CompositePodGroupSchedulingPolicy": (
        "basic:{}any gang:scheduling/v1alpha3.CompositeGangSchedulingPolicy"
    ),
    "scheduling/v1alpha3.CompositePodGroupSpec": (
        "disruptionMode:scheduling/v1alpha3.CompositeDisruptionMode parentCompositePodGroupName:string "
        "preemptionPolicy:string priority:int32 priorityClassName:string "
        "schedulingConstraints:scheduling/v1alpha3.CompositePodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1alpha3.CompositePodGroupSchedulingPolicy "
        "workloadRef:scheduling/v1alpha3.WorkloadReference"
    ),
    "scheduling/v1alpha3.CompositePodGroupStatus": "conditions:[type]meta/v1.Condition",
    "scheduling/v1alpha3.CompositePodGroupTemplate": (
        "compositePodGroupTemplates:[name]scheduling/v1alpha3.CompositePodGroupTemplate "
        "disruptionMode:scheduling/v1alpha3.CompositeDisruptionMode name:string "
        "podGroupTemplates:[name]scheduling/v1alpha3.PodGroupTemplate preemptionPolicy:string priority:int32 "
        "priorityClassName:string schedulingConstraints:scheduling/v1alpha3.CompositePodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1alpha3.CompositePodGroupSchedulingPolicy"
    ),
    "scheduling/v1alpha3.DisruptionMode": "all:{}any single:{}any",
    "scheduling/v1alpha3.GangSchedulingPolicy": "minCount:int32",
    "scheduling/v1alpha3.PodGroup": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:scheduling/v1alpha3.PodGroupSpec "
        "status:scheduling/v1alpha3.PodGroupStatus"
    ),
    "scheduling/v1alpha3.PodGroupResourceClaim": (
        "name:string resourceClaimName:string resourceClaimTemplateName:string"
    ),
    "scheduling/v1alpha3.PodGroupResourceClaimStatus": "name:string resourceClaimName:string",
    "scheduling/v1alpha3.PodGroupSchedulingConstraints": "topology:[]scheduling/v1alpha3.TopologyConstraint",
    "scheduling/v1alpha3.PodGroupSchedulingPolicy": "basic:{}any gang:scheduling/v1alpha3.GangSchedulingPolicy",
    "scheduling/v1alpha3.PodGroupSpec": (
        "disruptionMode:scheduling/v1alpha3.DisruptionMode parentCompositePodGroupName:string "
        "preemptionPolicy:string priority:int32 priorityClassName:string "
        "resourceClaims:[name]scheduling/v1alpha3.PodGroupResourceClaim "
        "schedulingConstraints:scheduling/v1alpha3.PodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1alpha3.PodGroupSchedulingPolicy "
        "workloadRef:scheduling/v1alpha3.WorkloadReference"
    ),
    "scheduling/v1alpha3.PodGroupStatus": (
        "conditions:[type]meta/v1.Condition resourceClaimStatuses:[name]scheduling/v1alpha3.PodGroupResourceClaimStatus"
    ),
    "scheduling/v1alpha3.PodGroupTemplate": (
        "disruptionMode:scheduling/v1alpha3.DisruptionMode name:string preemptionPolicy:string priority:int32 "
        "priorityClassName:string resourceClaims:[name]scheduling/v1alpha3.PodGroupResourceClaim "
        "schedulingConstraints:scheduling/v1alpha3.PodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1alpha3.PodGroupSchedulingPolicy"
    ),
    "scheduling/v1alpha3.TopologyConstraint": "key:string",
    "scheduling/v1alpha3.TypedLocalObjectReference": "apiGroup:string kind:string name:string",
    "scheduling/v1alpha3.Workload": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:scheduling/v1alpha3.WorkloadSpec"
    ),
    "scheduling/v1alpha3.WorkloadPodGroupDisruptionMode": "all:{}any single:{}any",
    "scheduling/v1alpha3.WorkloadPodGroupGangSchedulingPolicy": "minCount:int32",
    "scheduling/v1alpha3.WorkloadPodGroupResourceClaim": (
        "name:string resourceClaimName:string resourceClaimTemplateName:string"
    ),
    "scheduling/v1alpha3.WorkloadPodGroupSchedulingConstraints": "topology:[]scheduling/v1alpha3.TopologyConstraint",
    "scheduling/v1alpha3.WorkloadPodGroupSchedulingPolicy": (
        "basic:{}any gang:scheduling/v1alpha3.WorkloadPodGroupGangSchedulingPolicy"
    ),
    "scheduling/v1alpha3.WorkloadReference": "templateName:string workloadName:string",
    "scheduling/v1alpha3.WorkloadSpec": (
        "compositePodGroupTemplates:[name]scheduling/v1alpha3.CompositePodGroupTemplate "
        "controllerRef:scheduling/v1alpha3.TypedLocalObjectReference "
        "podGroupTemplates:[name]scheduling/v1alpha3.PodGroupTemplate"
    ),
    "scheduling/v1beta1.CompositeDisruptionMode": "all:{}any single:{}any",
    "scheduling/v1beta1.CompositeGangSchedulingPolicy": "minGroupCount:int32",
    "scheduling/v1beta1.CompositePodGroupSchedulingConstraints": "topology:[]scheduling/v1beta1.TopologyConstraint",
    "scheduling/v1beta1.CompositePodGroupSchedulingPolicy": (
        "basic:{}any gang:scheduling/v1beta1.CompositeGangSchedulingPolicy"
    ),
    "scheduling/v1beta1.CompositePodGroupTemplate": (
        "compositePodGroupTemplates:[name]scheduling/v1beta1.CompositePodGroupTemplate "
        "disruptionMode:scheduling/v1beta1.CompositeDisruptionMode name:string "
        "podGroupTemplates:[name]scheduling/v1beta1.PodGroupTemplate preemptionPolicy:string priority:int32 "
        "priorityClassName:string schedulingConstraints:scheduling/v1beta1.CompositePodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1beta1.CompositePodGroupSchedulingPolicy"
    ),
    "scheduling/v1beta1.DisruptionMode": "all:{}any single:{}any",
    "scheduling/v1beta1.GangSchedulingPolicy": "minCount:int32",
    "scheduling/v1beta1.PodGroup": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:scheduling/v1beta1.PodGroupSpec "
        "status:scheduling/v1beta1.PodGroupStatus"
    ),
    "scheduling/v1beta1.PodGroupResourceClaim": (
        "name:string resourceClaimName:string resourceClaimTemplateName:string"
    ),
    "scheduling/v1beta1.PodGroupResourceClaimStatus": "name:string resourceClaimName:string",
    "scheduling/v1beta1.PodGroupSchedulingConstraints": "topology:[]scheduling/v1beta1.TopologyConstraint",
    "scheduling/v1beta1.PodGroupSchedulingPolicy": "basic:{}any gang:scheduling/v1beta1.GangSchedulingPolicy",
    "scheduling/v1beta1.PodGroupSpec": (
        "disruptionMode:scheduling/v1beta1.DisruptionMode parentCompositePodGroupName:string "
        "preemptionPolicy:string priority:int32 priorityClassName:string "
        "resourceClaims:[name]scheduling/v1beta1.PodGroupResourceClaim "
        "schedulingConstraints:scheduling/v1beta1.PodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1beta1.PodGroupSchedulingPolicy "
        "workloadRef:scheduling/v1beta1.WorkloadReference"
    ),
    "scheduling/v1beta1.PodGroupStatus": (
        "conditions:[type]meta/v1.Condition resourceClaimStatuses:[name]scheduling/v1beta1.PodGroupResourceClaimStatus"
    ),
    "scheduling/v1beta1.PodGroupTemplate": (
        "disruptionMode:scheduling/v1beta1.DisruptionMode name:string preemptionPolicy:string priority:int32 "
        "priorityClassName:string resourceClaims:[name]scheduling/v1beta1.PodGroupResourceClaim "
        "schedulingConstraints:scheduling/v1beta1.PodGroupSchedulingConstraints "
        "schedulingPolicy:scheduling/v1beta1.PodGroupSchedulingPolicy"
    ),
    "scheduling/v1beta1.TopologyConstraint": "key:string",
    "scheduling/v1beta1.TypedLocalObjectReference": "apiGroup:string kind:string name:string",
    "scheduling/v1beta1.Workload": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:scheduling/v1beta1.WorkloadSpec"
    ),
    "scheduling/v1beta1.WorkloadReference": "templateName:string workloadName:string",
    "scheduling/v1beta1.WorkloadSpec": (
        "compositePodGroupTemplates:[name]scheduling/v1beta1.CompositePodGroupTemplate "
        "controllerRef:scheduling/v1beta1.TypedLocalObjectReference "
        "podGroupTemplates:[name]scheduling/v1beta1.PodGroupTemplate"
    ),
    "storage/v1.CSIDriver": "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:storage/v1.CSIDriverSpec",
    "storage/v1.CSIDriverSpec": (
        "attachRequired:bool fsGroupPolicy:string nodeAllocatableUpdatePeriodSeconds:int64 podInfoOnMount:bool "
        "preventPodSchedulingIfMissing:bool requiresRepublish:bool seLinuxMount:bool "
        "serviceAccountTokenInSecrets:bool storageCapacity:bool tokenRequests:[]storage/v1.TokenRequest "
        "volumeLifecycleModes:[set]string"
    ),
    "storage/v1.CSINode": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:storage/v1.CSINodeSpec "
        "status:storage/v1.CSINodeStatus"
    ),
    "storage/v1.CSINodeDriver": (
        "allocatable:storage/v1.VolumeNodeResources name:string nodeID:string topologyKeys:[]string"
    ),
    "storage/v1.CSINodeSpec": "drivers:[name]storage/v1.CSINodeDriver",
    "storage/v1.CSINodeStatus": "storageHealth:[name]storage/v1.StorageHealth",
    "storage/v1.CSIStorageCapacity": (
        "apiVersion:string capacity:quantity kind:string maximumVolumeSize:quantity metadata:meta/v1.ObjectMeta "
        "nodeTopology:meta/v1.LabelSelector storageClassName:string"
    ),
    "storage/v1.StorageClass": (
        "allowVolumeExpansion:bool allowedTopologies:[]core/v1.TopologySelectorTerm apiVersion:string kind:string "
        "metadata:meta/v1.ObjectMeta mountOptions:[]string parameters:{}string provisioner:string "
        "reclaimPolicy:string volumeBindingMode:string"
    ),
    "storage/v1.StorageHealth": "healthConditions:[]storage/v1.StorageHealthCondition name:string",
    "storage/v1.StorageHealthCondition": (
        "accessMode:string lastTransitionTime:time message:string reason:string status:string volumeMode:string"
    ),
    "storage/v1.TokenRequest": "audience:string expirationSeconds:int64",
    "storage/v1.VolumeAttachment": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta spec:storage/v1.VolumeAttachmentSpec "
        "status:storage/v1.VolumeAttachmentStatus"
    ),
    "storage/v1.VolumeAttachmentSource": "inlineVolumeSpec:core/v1.PersistentVolumeSpec persistentVolumeName:string",
    "storage/v1.VolumeAttachmentSpec": "attacher:string nodeName:string source:storage/v1.VolumeAttachmentSource",
    "storage/v1.VolumeAttachmentStatus": (
        "attachError:storage/v1.VolumeError attached:bool attachmentMetadata:{}string "
        "detachError:storage/v1.VolumeError"
    ),
    "storage/v1.VolumeAttributesClass": (
        "apiVersion:string driverName:string kind:string metadata:meta/v1.ObjectMeta parameters:{}string"
    ),
    "storage/v1.VolumeError": "errorCode:int32 message:string time:time",
    "storage/v1.VolumeNodeResources": "count:int32",
    "storage/v1alpha1.VolumeAttributesClass": (
        "apiVersion:string driverName:string kind:string metadata:meta/v1.ObjectMeta parameters:{}string"
    ),
    "storage/v1beta1.CSIStorageCapacity": (
        "apiVersion:string capacity:quantity kind:string maximumVolumeSize:quantity metadata:meta/v1.ObjectMeta "
        "nodeTopology:meta/v1.LabelSelector storageClassName:string"
    ),
    "storage/v1beta1.VolumeAttributesClass": (
        "apiVersion:string driverName:string kind:string metadata:meta/v1.ObjectMeta parameters:{}string"
    ),
    "storagemigration/v1.StorageVersionMigration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:storagemigration/v1.StorageVersionMigrationSpec "
        "status:storagemigration/v1.StorageVersionMigrationStatus"
    ),
    "storagemigration/v1.StorageVersionMigrationSpec": "resource:meta/v1.GroupResource",
    "storagemigration/v1.StorageVersionMigrationStatus": "conditions:[type]meta/v1.Condition resourceVersion:string",
    "storagemigration/v1alpha1.GroupVersionResource": "group:string resource:string version:string",
    "storagemigration/v1alpha1.MigrationCondition": (
        "lastUpdateTime:time message:string reason:string status:string type:string"
    ),
    "storagemigration/v1alpha1.StorageVersionMigration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:storagemigration/v1alpha1.StorageVersionMigrationSpec "
        "status:storagemigration/v1alpha1.StorageVersionMigrationStatus"
    ),
    "storagemigration/v1alpha1.StorageVersionMigrationSpec": (
        "continueToken:string resource:storagemigration/v1alpha1.GroupVersionResource"
    ),
    "storagemigration/v1alpha1.StorageVersionMigrationStatus": (
        "conditions:[type]storagemigration/v1alpha1.MigrationCondition resourceVersion:string"
    ),
    "storagemigration/v1beta1.StorageVersionMigration": (
        "apiVersion:string kind:string metadata:meta/v1.ObjectMeta "
        "spec:storagemigration/v1beta1.StorageVersionMigrationSpec "
        "status:storagemigration/v1beta1.StorageVersionMigrationStatus"
    ),
    "storagemigration/v1beta1.StorageVersionMigrationSpec": "resource:meta/v1.GroupResource",
    "storagemigration/v1beta1.StorageVersionMigrationStatus": (
        "conditions:[type]meta/v1.Condition resourceVersion:string"
    ),
}
