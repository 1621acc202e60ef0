"""What API servers ask of single fields of built-in kinds, as a table: type, field, rule.

A rule is words with spaces between them:

- `!`: the field must be there and not be empty (zero, for a number);
- `A|B`: one of these words, or nothing;
- `1..10`, `0..`: a range, ends included; `?1..` where zero counts as nothing;
- another word: a check of `conform.texts`, such as `label`;
- `[]` before a word: it holds for the items of a list, or for the values of a mapping.

Only what every server of the releases in `api_types` refuses is here. What releases do differently, what feature gates
change, and what depends on a cluster (node ports, classes, quotas) is the server's to say.
Source: Kubernetes pkg/apis/*/validation/validation.go, pkg/apis/*/v1/defaults.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["FIELD_RULES", "UNCHECKED"]

# Fields whose values are typed, but obey no rule: the labels of a CronJob's Jobs, a metric's selector and, before 1.36,
# a StatefulSet's Pods and claims are looked at only when they are used.
UNCHECKED: Final = frozenset(
    {
        "apps/v1.StatefulSetSpec.template",
        "apps/v1.StatefulSetSpec.volumeClaimTemplates",
        "autoscaling/v2.MetricIdentifier.selector",
        "batch/v1.JobTemplateSpec.metadata",
    }
)

_PULL: Final = "Always|IfNotPresent|Never"
_PROTOCOL: Final = "TCP|UDP|SCTP"
_MODE: Final = "0..511"
_ID: Final = "0..2147483647"
_ACCESS_MODES: Final = "! []ReadWriteOnce|ReadOnlyMany|ReadWriteMany|ReadWriteOncePod"
_TRAFFIC: Final = "Cluster|Local"
_HONOR: Final = "Honor|Ignore"
_RETAIN: Final = "Retain|Delete"
_PROFILE: Final = "! Localhost|RuntimeDefault|Unconfined"
_COUNTED: Final = {"minReadySeconds": "0..", "replicas": "0..", "revisionHistoryLimit": "0.."}
_CONTAINER: Final = {
    "image": "! trimmed",
    "imagePullPolicy": _PULL,
    "name": "! label",
    "terminationMessagePolicy": "File|FallbackToLogsOnError",
}
_WITH_SPEC: Final = {"spec": "!"}
_METRIC: Final = {"metric": "!", "target": "!"}
_WEBHOOK: Final = {
    "admissionReviewVersions": "!",
    "failurePolicy": "Ignore|Fail",
    "matchPolicy": "Exact|Equivalent",
    "name": "!",
    "sideEffects": "! None|NoneOnDryRun",
    "timeoutSeconds": "1..30",
}

FIELD_RULES: Final[Mapping[str, Mapping[str, str]]] = {
    "admissionregistration/v1.MutatingWebhook": {**_WEBHOOK, "reinvocationPolicy": "Never|IfNeeded"},
    "admissionregistration/v1.RuleWithOperations": {
        "apiGroups": "!",
        "apiVersions": "!",
        "operations": "! []CREATE|UPDATE|DELETE|CONNECT|*",
        "resources": "!",
        "scope": "Cluster|Namespaced|*",
    },
    "admissionregistration/v1.ServiceReference": {"name": "!", "namespace": "!"},
    "admissionregistration/v1.ValidatingWebhook": _WEBHOOK,
    "apiextensions/v1.CustomResourceColumnDefinition": {"jsonPath": "!", "name": "!", "type": "!"},
    "apiextensions/v1.CustomResourceConversion": {"strategy": "None|Webhook"},
    "apiextensions/v1.CustomResourceDefinitionNames": {"kind": "!", "plural": "!"},
    "apiextensions/v1.CustomResourceDefinitionSpec": {
        "group": "! subdomain",
        "names": "!",
        "scope": "! Cluster|Namespaced",
        "versions": "!",
    },
    "apiextensions/v1.CustomResourceDefinitionVersion": {"name": "!"},
    "apps/v1.DaemonSet": _WITH_SPEC,
    "apps/v1.DaemonSetSpec": {
        "minReadySeconds": "0..",
        "revisionHistoryLimit": "0..",
        "selector": "!",
        "template": "!",
    },
    "apps/v1.DaemonSetUpdateStrategy": {"type": "RollingUpdate|OnDelete"},
    "apps/v1.Deployment": _WITH_SPEC,
    "apps/v1.DeploymentSpec": {**_COUNTED, "progressDeadlineSeconds": "0..", "selector": "!", "template": "!"},
    "apps/v1.DeploymentStrategy": {"type": "RollingUpdate|Recreate"},
    "apps/v1.ReplicaSet": _WITH_SPEC,
    "apps/v1.ReplicaSetSpec": {"minReadySeconds": "0..", "replicas": "0..", "selector": "!", "template": "!"},
    "apps/v1.RollingUpdateDaemonSet": {"maxSurge": "amount", "maxUnavailable": "amount"},
    "apps/v1.RollingUpdateDeployment": {"maxSurge": "amount", "maxUnavailable": "amount"},
    "apps/v1.RollingUpdateStatefulSetStrategy": {"partition": "0.."},
    "apps/v1.StatefulSet": _WITH_SPEC,
    "apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy": {"whenDeleted": _RETAIN, "whenScaled": _RETAIN},
    "apps/v1.StatefulSetSpec": {
        "minReadySeconds": "0..",
        "podManagementPolicy": "OrderedReady|Parallel",
        "replicas": "0..",
        "selector": "!",
        "template": "!",
    },
    "apps/v1.StatefulSetUpdateStrategy": {"type": "RollingUpdate|OnDelete"},
    "autoscaling/v1.CrossVersionObjectReference": {"kind": "!", "name": "!"},
    "autoscaling/v1.HorizontalPodAutoscaler": _WITH_SPEC,
    "autoscaling/v1.HorizontalPodAutoscalerSpec": {
        "maxReplicas": "! 1..",
        "minReplicas": "0..",
        "scaleTargetRef": "!",
        "targetCPUUtilizationPercentage": "1..",
    },
    "autoscaling/v2.ContainerResourceMetricSource": {"container": "!", "name": "!", "target": "!"},
    "autoscaling/v2.CrossVersionObjectReference": {"kind": "!", "name": "!"},
    "autoscaling/v2.ExternalMetricSource": _METRIC,
    "autoscaling/v2.HPAScalingPolicy": {"periodSeconds": "1..1800", "type": "Pods|Percent", "value": "! 1.."},
    "autoscaling/v2.HPAScalingRules": {"selectPolicy": "Max|Min|Disabled", "stabilizationWindowSeconds": "0..3600"},
    "autoscaling/v2.HorizontalPodAutoscaler": _WITH_SPEC,
    "autoscaling/v2.HorizontalPodAutoscalerSpec": {
        "maxReplicas": "! 1..",
        "minReplicas": "0..",
        "scaleTargetRef": "!",
    },
    "autoscaling/v2.MetricIdentifier": {"name": "!"},
    "autoscaling/v2.MetricSpec": {"type": "! ContainerResource|External|Object|Pods|Resource"},
    "autoscaling/v2.MetricTarget": {"averageUtilization": "1..", "type": "! AverageValue|Utilization|Value"},
    "autoscaling/v2.ObjectMetricSource": {**_METRIC, "describedObject": "!"},
    "autoscaling/v2.PodsMetricSource": _METRIC,
    "autoscaling/v2.ResourceMetricSource": {"name": "!", "target": "!"},
    "batch/v1.CronJob": _WITH_SPEC,
    "batch/v1.CronJobSpec": {
        "concurrencyPolicy": "Allow|Forbid|Replace",
        "failedJobsHistoryLimit": "0..",
        "jobTemplate": "!",
        "schedule": "! schedule",
        "startingDeadlineSeconds": "0..",
        "successfulJobsHistoryLimit": "0..",
    },
    "batch/v1.Job": _WITH_SPEC,
    "batch/v1.JobSpec": {
        "activeDeadlineSeconds": "0..",
        "backoffLimit": "0..",
        "completionMode": "NonIndexed|Indexed",
        "completions": "0..",
        "maxFailedIndexes": "0..",
        "parallelism": "0..",
        "podReplacementPolicy": "TerminatingOrFailed|Failed",
        "template": "!",
        "ttlSecondsAfterFinished": "0..",
    },
    "batch/v1.JobTemplateSpec": {"spec": "!"},
    "batch/v1.PodFailurePolicyRule": {"action": "! FailJob|FailIndex|Ignore|Count"},
    "certificates/v1.CertificateSigningRequestSpec": {"signerName": "!", "usages": "!"},
    "coordination/v1.LeaseSpec": {"leaseDurationSeconds": "1..", "leaseTransitions": "0.."},
    "core/v1.AppArmorProfile": {"type": _PROFILE},
    "core/v1.ClientIPConfig": {"timeoutSeconds": "1..86400"},
    "core/v1.ConfigMapEnvSource": {"name": "!"},
    "core/v1.ConfigMapKeySelector": {"key": "! config-key", "name": "!"},
    "core/v1.ConfigMapProjection": {"name": "!"},
    "core/v1.ConfigMapVolumeSource": {"defaultMode": _MODE, "name": "!"},
    "core/v1.Container": _CONTAINER,
    "core/v1.ContainerPort": {
        "containerPort": "! 1..65535",
        "hostIP": "address",
        "hostPort": "0..65535",
        "name": "port-name",
        "protocol": _PROTOCOL,
    },
    "core/v1.DownwardAPIVolumeFile": {"mode": _MODE, "path": "!"},
    "core/v1.DownwardAPIVolumeSource": {"defaultMode": _MODE},
    "core/v1.EndpointAddress": {"ip": "! address"},
    "core/v1.EndpointPort": {"port": "1..65535", "protocol": _PROTOCOL},
    "core/v1.EnvVar": {"name": "! variable"},
    "core/v1.ExecAction": {"command": "!"},
    "core/v1.GRPCAction": {"port": "! 1..65535"},
    "core/v1.HTTPGetAction": {"port": "! port", "scheme": "HTTP|HTTPS"},
    "core/v1.HTTPHeader": {"name": "!"},
    "core/v1.HostAlias": {"hostnames": "[]subdomain", "ip": "! address"},
    "core/v1.HostPathVolumeSource": {
        "path": "!",
        "type": "DirectoryOrCreate|Directory|FileOrCreate|File|Socket|CharDevice|BlockDevice",
    },
    "core/v1.KeyToPath": {"key": "!", "mode": _MODE, "path": "!"},
    "core/v1.LimitRangeItem": {"type": "!"},
    "core/v1.NFSVolumeSource": {"path": "!", "server": "!"},
    "core/v1.NodeSelectorRequirement": {
        "key": "! label-key",
        "operator": "! In|NotIn|Exists|DoesNotExist|Gt|Lt",
    },
    "core/v1.ObjectFieldSelector": {"fieldPath": "!"},
    "core/v1.PersistentVolume": _WITH_SPEC,
    "core/v1.PersistentVolumeClaim": _WITH_SPEC,
    "core/v1.PersistentVolumeClaimSpec": {
        "accessModes": _ACCESS_MODES,
        "storageClassName": "subdomain",
        "volumeMode": "Block|Filesystem",
    },
    "core/v1.PersistentVolumeClaimVolumeSource": {"claimName": "!"},
    "core/v1.PersistentVolumeSpec": {
        "accessModes": _ACCESS_MODES,
        "capacity": "!",
        "persistentVolumeReclaimPolicy": "Retain|Recycle|Delete",
        "storageClassName": "subdomain",
        "volumeMode": "Block|Filesystem",
    },
    "core/v1.Pod": _WITH_SPEC,
    "core/v1.PodAffinityTerm": {"topologyKey": "! label-key"},
    "core/v1.PodOS": {"name": "! linux|windows"},
    "core/v1.PodReadinessGate": {"conditionType": "! label-key"},
    "core/v1.PodSchedulingGate": {"name": "!"},
    "core/v1.PodSecurityContext": {
        "fsGroup": _ID,
        "fsGroupChangePolicy": "OnRootMismatch|Always",
        "runAsGroup": _ID,
        "runAsUser": _ID,
        "supplementalGroups": f"[]{_ID}",
    },
    "core/v1.PodSpec": {
        "activeDeadlineSeconds": "1..2147483647",
        "containers": "!",
        "dnsPolicy": "ClusterFirst|ClusterFirstWithHostNet|Default|None",
        "hostname": "label",
        "nodeName": "subdomain",
        "preemptionPolicy": "PreemptLowerPriority|Never",
        "restartPolicy": "Always|OnFailure|Never",
        "runtimeClassName": "subdomain",
        "serviceAccountName": "subdomain",
        "subdomain": "label",
    },
    "core/v1.PodTemplateSpec": {"spec": "!"},
    "core/v1.PreferredSchedulingTerm": {"weight": "! 1..100"},
    "core/v1.Probe": {
        "failureThreshold": "0..",
        "initialDelaySeconds": "0..",
        "periodSeconds": "0..",
        "successThreshold": "0..",
        "terminationGracePeriodSeconds": "1..",
        "timeoutSeconds": "0..",
    },
    "core/v1.ProjectedVolumeSource": {"defaultMode": _MODE},
    "core/v1.ReplicationControllerSpec": {"minReadySeconds": "0..", "replicas": "0..", "template": "!"},
    "core/v1.ResourceFieldSelector": {"resource": "!"},
    "core/v1.ResourceRequirements": {"limits": "[]quantity", "requests": "[]quantity"},
    "core/v1.SeccompProfile": {"type": _PROFILE},
    "core/v1.SecretEnvSource": {"name": "!"},
    "core/v1.SecretKeySelector": {"key": "! config-key", "name": "!"},
    "core/v1.SecretProjection": {"name": "!"},
    "core/v1.SecretVolumeSource": {"defaultMode": _MODE, "secretName": "!"},
    "core/v1.SecurityContext": {"procMount": "Default|Unmasked", "runAsGroup": _ID, "runAsUser": _ID},
    "core/v1.Service": _WITH_SPEC,
    "core/v1.ServicePort": {
        "appProtocol": "label-key",
        "name": "label",
        "nodePort": "0..65535",
        "port": "! 1..65535",
        "protocol": _PROTOCOL,
        "targetPort": "?port",
    },
    "core/v1.ServiceSpec": {
        "externalTrafficPolicy": _TRAFFIC,
        "internalTrafficPolicy": _TRAFFIC,
        "ipFamilies": "[]IPv4|IPv6",
        "ipFamilyPolicy": "SingleStack|PreferDualStack|RequireDualStack",
        "loadBalancerSourceRanges": "[]network",
        "sessionAffinity": "None|ClientIP",
        "type": "ClusterIP|NodePort|LoadBalancer|ExternalName",
    },
    "core/v1.TCPSocketAction": {"port": "! port"},
    "core/v1.Taint": {"effect": "! NoSchedule|PreferNoSchedule|NoExecute", "key": "! label-key"},
    "core/v1.Toleration": {
        "effect": "NoSchedule|PreferNoSchedule|NoExecute",
        "key": "label-key",
        "operator": "Exists|Equal|Lt|Gt",
    },
    "core/v1.TopologySpreadConstraint": {
        "maxSkew": "! 1..",
        "minDomains": "1..",
        "nodeAffinityPolicy": _HONOR,
        "nodeTaintsPolicy": _HONOR,
        "topologyKey": "! label-key",
        "whenUnsatisfiable": "! DoNotSchedule|ScheduleAnyway",
    },
    "core/v1.Volume": {"name": "! label"},
    "core/v1.VolumeDevice": {"devicePath": "!", "name": "!"},
    "core/v1.VolumeMount": {
        "mountPath": "!",
        "mountPropagation": "None|HostToContainer|Bidirectional",
        "name": "!",
    },
    "core/v1.WeightedPodAffinityTerm": {"podAffinityTerm": "!", "weight": "! 1..100"},
    "discovery/v1.Endpoint": {"addresses": "!"},
    "discovery/v1.EndpointPort": {"protocol": _PROTOCOL},
    "discovery/v1.EndpointSlice": {"addressType": "! IPv4|IPv6|FQDN"},
    "meta/v1.LabelSelectorRequirement": {
        "key": "! label-key",
        "operator": "! In|NotIn|Exists|DoesNotExist",
        "values": "[]label-value",
    },
    "meta/v1.OwnerReference": {"apiVersion": "!", "kind": "!", "name": "!", "uid": "!"},
    "networking/v1.HTTPIngressPath": {"backend": "!", "pathType": "! Exact|Prefix|ImplementationSpecific"},
    "networking/v1.HTTPIngressRuleValue": {"paths": "!"},
    "networking/v1.IPBlock": {"cidr": "! network", "except": "[]network"},
    "networking/v1.Ingress": _WITH_SPEC,
    "networking/v1.IngressRule": {"host": "host"},
    "networking/v1.IngressServiceBackend": {"name": "!", "port": "!"},
    "networking/v1.IngressSpec": {"ingressClassName": "subdomain"},
    "networking/v1.NetworkPolicyPort": {"port": "port", "protocol": _PROTOCOL},
    "networking/v1.NetworkPolicySpec": {"policyTypes": "[]Ingress|Egress"},
    "networking/v1.ServiceBackendPort": {"name": "port-name", "number": "0..65535"},
    "node/v1.RuntimeClass": {"handler": "! label"},
    "policy/v1.PodDisruptionBudgetSpec": {
        "maxUnavailable": "amount",
        "minAvailable": "amount",
        "unhealthyPodEvictionPolicy": "IfHealthyBudget|AlwaysAllow",
    },
    "rbac/v1.ClusterRoleBinding": {"roleRef": "!"},
    "rbac/v1.PolicyRule": {"verbs": "!"},
    "rbac/v1.RoleBinding": {"roleRef": "!"},
    "rbac/v1.RoleRef": {"kind": "!", "name": "!"},
    "rbac/v1.Subject": {"kind": "! User|Group|ServiceAccount", "name": "!"},
    "scheduling/v1.PriorityClass": {"preemptionPolicy": "PreemptLowerPriority|Never"},
    "storage/v1.StorageClass": {
        "provisioner": "!",
        "reclaimPolicy": "Delete|Retain",
        "volumeBindingMode": "Immediate|WaitForFirstConsumer",
    },
}
