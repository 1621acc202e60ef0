"""The columns of each kind's table: names, types, priorities, and the field behind each.

One line a column: `Name | type | format | priority | field`, the field as `core/v1.PodStatus.podIP`, nothing where the
cell is made of several. A column is described as its field is (`descriptions`); `¶` marks fields that are described in
several paragraphs. Columns of several fields have no description here, where upstream has a sentence of its own.
"""

import functools

from karmactl.embedded.descriptions import describe
from karmactl.embedded.jsonpath import PathError, parse
from karmactl.embedded.resource import Resource
from karmactl.embedded.values import Object, dig

_PARAGRAPHS = " ¶"
_NAME = "Name | string | name | 0 | meta/v1.ObjectMeta.name ¶"
_AGE = "Age | string | | 0 | meta/v1.ObjectMeta.creationTimestamp ¶"
_CREATED = "Created At | date | | 0 | meta/v1.ObjectMeta.creationTimestamp ¶"
_CONTAINERS = """Containers | string | | 1 |
Images | string | | 1 |"""

_COLUMNS: dict[tuple[str, str], str] = {
    ("", "pods"): f"""{_NAME}
Ready | string | | 0 |
Status | string | | 0 |
Restarts | string | | 0 |
{_AGE}
IP | string | | 1 | core/v1.PodStatus.podIP
Node | string | | 1 | core/v1.PodSpec.nodeName
Nominated Node | string | | 1 | core/v1.PodStatus.nominatedNodeName
Readiness Gates | string | | 1 | core/v1.PodSpec.readinessGates""",
    ("", "podtemplates"): f"""{_NAME}
Containers | string | | 0 |
Images | string | | 0 |
Pod Labels | string | | 0 |""",
    ("", "configmaps"): f"{_NAME}\nData | string | | 0 | core/v1.ConfigMap.data\n{_AGE}",
    ("", "secrets"): f"""{_NAME}
Type | string | | 0 | core/v1.Secret.type
Data | string | | 0 | core/v1.Secret.data
{_AGE}""",
    ("", "serviceaccounts"): f"{_NAME}\n{_AGE}",
    ("", "services"): f"""{_NAME}
Type | string | | 0 | core/v1.ServiceSpec.type
Cluster-IP | string | | 0 | core/v1.ServiceSpec.clusterIP
External-IP | string | | 0 | core/v1.ServiceSpec.externalIPs
Port(s) | string | | 0 | core/v1.ServiceSpec.ports
{_AGE}
Selector | string | | 1 | core/v1.ServiceSpec.selector""",
    ("", "endpoints"): f"{_NAME}\nEndpoints | string | | 0 | core/v1.Endpoints.subsets\n{_AGE}",
    ("", "events"): """Last Seen | string | | 0 | core/v1.Event.lastTimestamp
Type | string | | 0 | core/v1.Event.type
Reason | string | | 0 | core/v1.Event.reason
Object | string | | 0 | core/v1.Event.involvedObject
Subobject | string | | 1 | core/v1.ObjectReference.fieldPath
Source | string | | 1 | core/v1.Event.source
Message | string | | 0 | core/v1.Event.message
First Seen | string | | 1 | core/v1.Event.firstTimestamp
Count | string | | 1 | core/v1.Event.count
Name | string | name | 1 | meta/v1.ObjectMeta.name ¶""",
    ("", "namespaces"): f"{_NAME}\nStatus | string | | 0 |\n{_AGE}",
    ("", "nodes"): f"""{_NAME}
Status | string | | 0 |
Roles | string | | 0 |
{_AGE}
Version | string | | 0 | core/v1.NodeSystemInfo.kubeletVersion
Internal-IP | string | | 1 | core/v1.NodeStatus.addresses
External-IP | string | | 1 | core/v1.NodeStatus.addresses
OS-Image | string | | 1 | core/v1.NodeSystemInfo.osImage
Kernel-Version | string | | 1 | core/v1.NodeSystemInfo.kernelVersion
Container-Runtime | string | | 1 | core/v1.NodeSystemInfo.containerRuntimeVersion""",
    ("", "persistentvolumes"): f"""{_NAME}
Capacity | string | | 0 | core/v1.PersistentVolumeSpec.capacity
Access Modes | string | | 0 | core/v1.PersistentVolumeSpec.accessModes
Reclaim Policy | string | | 0 | core/v1.PersistentVolumeSpec.persistentVolumeReclaimPolicy
Status | string | | 0 | core/v1.PersistentVolumeStatus.phase
Claim | string | | 0 | core/v1.PersistentVolumeSpec.claimRef
StorageClass | string | | 0 |
VolumeAttributesClass | string | | 0 |
Reason | string | | 0 | core/v1.PersistentVolumeStatus.reason
{_AGE}
VolumeMode | string | | 1 | core/v1.PersistentVolumeSpec.volumeMode""",
    ("", "persistentvolumeclaims"): f"""{_NAME}
Status | string | | 0 | core/v1.PersistentVolumeClaimStatus.phase
Volume | string | | 0 | core/v1.PersistentVolumeClaimSpec.volumeName
Capacity | string | | 0 | core/v1.PersistentVolumeClaimStatus.capacity
Access Modes | string | | 0 | core/v1.PersistentVolumeClaimStatus.accessModes
StorageClass | string | | 0 |
VolumeAttributesClass | string | | 0 |
{_AGE}
VolumeMode | string | | 1 | core/v1.PersistentVolumeClaimSpec.volumeMode""",
    ("", "replicationcontrollers"): f"""{_NAME}
Desired | integer | | 0 | core/v1.ReplicationControllerSpec.replicas
Current | integer | | 0 | core/v1.ReplicationControllerStatus.replicas
Ready | integer | | 0 | core/v1.ReplicationControllerStatus.readyReplicas
{_AGE}
{_CONTAINERS}
Selector | string | | 1 | core/v1.ReplicationControllerSpec.selector""",
    ("", "resourcequotas"): f"""{_NAME}
Request | string | | 0 |
Limit | string | | 0 |
{_AGE}""",
    ("apps", "controllerrevisions"): f"""{_NAME}
Controller | string | | 0 |
Revision | string | | 0 | apps/v1.ControllerRevision.revision
{_AGE}""",
    ("apps", "daemonsets"): f"""{_NAME}
Desired | integer | | 0 | apps/v1.DaemonSetStatus.desiredNumberScheduled
Current | integer | | 0 | apps/v1.DaemonSetStatus.currentNumberScheduled
Ready | integer | | 0 | apps/v1.DaemonSetStatus.numberReady
Up-to-date | integer | | 0 | apps/v1.DaemonSetStatus.updatedNumberScheduled
Available | integer | | 0 | apps/v1.DaemonSetStatus.numberAvailable
Node Selector | string | | 0 | core/v1.PodSpec.nodeSelector
{_AGE}
{_CONTAINERS}
Selector | string | | 1 | apps/v1.DaemonSetSpec.selector""",
    ("apps", "deployments"): f"""{_NAME}
Ready | string | | 0 |
Up-to-date | string | | 0 | apps/v1.DeploymentStatus.updatedReplicas
Available | string | | 0 | apps/v1.DeploymentStatus.availableReplicas
{_AGE}
{_CONTAINERS}
Selector | string | | 1 | apps/v1.DeploymentSpec.selector""",
    ("apps", "replicasets"): f"""{_NAME}
Desired | integer | | 0 | apps/v1.ReplicaSetSpec.replicas
Current | integer | | 0 | apps/v1.ReplicaSetStatus.replicas
Ready | integer | | 0 | apps/v1.ReplicaSetStatus.readyReplicas
{_AGE}
{_CONTAINERS}
Selector | string | | 1 | apps/v1.ReplicaSetSpec.selector""",
    ("apps", "statefulsets"): f"""{_NAME}
Ready | string | | 0 |
{_AGE}
{_CONTAINERS}""",
    ("autoscaling", "horizontalpodautoscalers"): f"""{_NAME}
Reference | string | | 0 | autoscaling/v2.HorizontalPodAutoscalerSpec.scaleTargetRef
Targets | string | | 0 | autoscaling/v2.HorizontalPodAutoscalerSpec.metrics
MinPods | string | | 0 | autoscaling/v2.HorizontalPodAutoscalerSpec.minReplicas
MaxPods | string | | 0 | autoscaling/v2.HorizontalPodAutoscalerSpec.maxReplicas
Replicas | string | | 0 | autoscaling/v2.HorizontalPodAutoscalerStatus.currentReplicas
{_AGE}""",
    ("batch", "jobs"): f"""{_NAME}
Status | string | | 0 |
Completions | string | | 0 | batch/v1.JobStatus.succeeded
Duration | string | | 0 |
{_AGE}
{_CONTAINERS}
Selector | string | | 1 | batch/v1.JobSpec.selector""",
    ("batch", "cronjobs"): f"""{_NAME}
Schedule | string | | 0 | batch/v1.CronJobSpec.schedule
Timezone | string | | 0 | batch/v1.CronJobSpec.timeZone
Suspend | boolean | | 0 | batch/v1.CronJobSpec.suspend
Active | integer | | 0 | batch/v1.CronJobStatus.active
Last Schedule | string | | 0 | batch/v1.CronJobStatus.lastScheduleTime
{_AGE}
{_CONTAINERS}
Selector | string | | 1 | batch/v1.JobSpec.selector""",
    ("certificates.k8s.io", "certificatesigningrequests"): f"""{_NAME}
{_AGE}
SignerName | string | | 0 | certificates/v1beta1.CertificateSigningRequestSpec.signerName
Requestor | string | | 0 | certificates/v1beta1.CertificateSigningRequestSpec.request
RequestedDuration | string | | 0 | certificates/v1.CertificateSigningRequestSpec.expirationSeconds
Condition | string | | 0 | certificates/v1beta1.CertificateSigningRequestStatus.conditions""",
    ("coordination.k8s.io", "leases"): f"""{_NAME}
Holder | string | | 0 | coordination/v1.LeaseSpec.holderIdentity
{_AGE}""",
    ("discovery.k8s.io", "endpointslices"): f"""{_NAME}
AddressType | string | | 0 | discovery/v1.EndpointSlice.addressType
Ports | string | | 0 | discovery/v1.EndpointSlice.ports
Endpoints | string | | 0 | discovery/v1.EndpointSlice.endpoints
{_AGE}""",
    ("networking.k8s.io", "ingresses"): f"""{_NAME}
Class | string | | 0 |
Hosts | string | | 0 |
Address | string | | 0 |
Ports | string | | 0 |
{_AGE}""",
    ("networking.k8s.io", "ingressclasses"): f"""{_NAME}
Controller | string | | 0 |
Parameters | string | | 0 |
{_AGE}""",
    ("networking.k8s.io", "networkpolicies"): f"""{_NAME}
Pod-Selector | string | | 0 | networking/v1.NetworkPolicySpec.podSelector
{_AGE}""",
    ("node.k8s.io", "runtimeclasses"): f"{_NAME}\nHandler | string | | 0 |\n{_AGE}",
    ("policy", "poddisruptionbudgets"): f"""{_NAME}
Min Available | string | | 0 |
Max Unavailable | string | | 0 |
Allowed Disruptions | integer | | 0 |
{_AGE}""",
    ("rbac.authorization.k8s.io", "roles"): f"{_NAME}\n{_CREATED}",
    ("rbac.authorization.k8s.io", "clusterroles"): f"{_NAME}\n{_CREATED}",
    ("rbac.authorization.k8s.io", "rolebindings"): f"""{_NAME}
Role | string | | 0 | rbac/v1.RoleBinding.roleRef
{_AGE}
Users | string | | 1 |
Groups | string | | 1 |
ServiceAccounts | string | | 1 |""",
    ("rbac.authorization.k8s.io", "clusterrolebindings"): f"""{_NAME}
Role | string | | 0 | rbac/v1.ClusterRoleBinding.roleRef
{_AGE}
Users | string | | 1 |
Groups | string | | 1 |
ServiceAccounts | string | | 1 |""",
    ("scheduling.k8s.io", "priorityclasses"): f"""{_NAME}
Value | integer | | 0 | scheduling/v1.PriorityClass.value
Global-Default | boolean | | 0 | scheduling/v1.PriorityClass.globalDefault
{_AGE}
PreemptionPolicy | string | | 0 | scheduling/v1.PriorityClass.preemptionPolicy""",
    ("storage.k8s.io", "storageclasses"): f"""{_NAME}
Provisioner | string | | 0 | storage/v1.StorageClass.provisioner
ReclaimPolicy | string | | 0 | storage/v1.StorageClass.reclaimPolicy
VolumeBindingMode | string | | 0 | storage/v1.StorageClass.volumeBindingMode
AllowVolumeExpansion | string | | 0 | storage/v1.StorageClass.allowVolumeExpansion
{_AGE}""",
    ("storage.k8s.io", "csidrivers"): f"""{_NAME}
AttachRequired | boolean | | 0 | storage/v1.CSIDriverSpec.attachRequired ¶
PodInfoOnMount | boolean | | 0 | storage/v1.CSIDriverSpec.podInfoOnMount
StorageCapacity | boolean | | 0 | storage/v1.CSIDriverSpec.storageCapacity ¶
TokenRequests | string | | 0 | storage/v1.CSIDriverSpec.tokenRequests
RequiresRepublish | boolean | | 0 | storage/v1.CSIDriverSpec.requiresRepublish ¶
Modes | string | | 0 | storage/v1.CSIDriverSpec.volumeLifecycleModes ¶
{_AGE}""",
    (
        "storage.k8s.io",
        "csinodes",
    ): f"{_NAME}\nDrivers | integer | | 0 |\n{_AGE}",
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): f"""{_NAME}
Webhooks | integer | | 0 |
{_AGE}""",
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): f"""{_NAME}
Webhooks | integer | | 0 |
{_AGE}""",
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): f"""{_NAME}
Validations | integer | | 0 |
ParamKind | string | | 0 |
{_AGE}""",
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): f"""{_NAME}
PolicyName | string | | 0 |
ParamRef | string | | 0 |
{_AGE}""",
    ("apiregistration.k8s.io", "apiservices"): f"""{_NAME}
Service | string | | 0 |
Available | string | | 0 |
{_AGE}""",
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): f"""{_NAME}
Mutations | integer | | 0 |
ParamKind | string | | 0 |
{_AGE}""",
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): f"""{_NAME}
PolicyName | string | | 0 |
ParamRef | string | | 0 |
{_AGE}""",
    ("", "componentstatuses"): f"""{_NAME}
Status | string | | 0 |
Message | string | | 0 |
Error | string | | 0 |""",
    # upstream's row has an age, too, which no column names
    ("networking.k8s.io", "ipaddresses"): f"""{_NAME}
ParentRef | string | | 0 | networking/v1.IPAddressSpec.parentRef""",
    ("networking.k8s.io", "servicecidrs"): f"""{_NAME}
CIDRs | string | | 0 | networking/v1.ServiceCIDRSpec.cidrs
{_AGE}""",
    ("storage.k8s.io", "volumeattachments"): f"""{_NAME}
Attacher | string | name | 0 | storage/v1.VolumeAttachmentSpec.attacher
PV | string | | 0 | storage/v1.VolumeAttachmentSource.persistentVolumeName
Node | string | | 0 | storage/v1.VolumeAttachmentSpec.nodeName
Attached | boolean | | 0 | storage/v1.VolumeAttachmentStatus.attached
{_AGE}""",
    ("storage.k8s.io", "volumeattributesclasses"): f"""{_NAME}
DriverName | string | | 0 | storage/v1.VolumeAttributesClass.driverName
{_AGE}""",
    ("storage.k8s.io", "csistoragecapacities"): f"{_NAME}\n{_CREATED}",
    ("resource.k8s.io", "resourceclaims"): f"{_NAME}\nState | string | | 0 |\n{_AGE}",
    ("resource.k8s.io", "resourceslices"): f"""{_NAME}
Node | string | | 0 | resource/v1.ResourceSliceSpec.nodeName ¶
Driver | string | | 0 | resource/v1.ResourceSliceSpec.driver ¶
Pool | string | | 0 | resource/v1.ResourcePool.name
{_AGE}""",
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): f"""{_NAME}
PriorityLevel | string | | 0 | flowcontrol/v1.PriorityLevelConfigurationReference.name
MatchingPrecedence | string | | 0 | flowcontrol/v1.FlowSchemaSpec.matchingPrecedence
DistinguisherMethod | string | | 0 | flowcontrol/v1.FlowSchemaSpec.distinguisherMethod
{_AGE}
MissingPL | string | | 0 |""",
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): f"""{_NAME}
Type | string | | 0 | flowcontrol/v1.PriorityLevelConfigurationSpec.type
NominalConcurrencyShares | string | | 0 | flowcontrol/v1.LimitedPriorityLevelConfiguration.nominalConcurrencyShares
Queues | string | | 0 | flowcontrol/v1.QueuingConfiguration.queues
HandSize | string | | 0 | flowcontrol/v1.QueuingConfiguration.handSize
QueueLengthLimit | string | | 0 | flowcontrol/v1.QueuingConfiguration.queueLengthLimit
{_AGE}""",
    ("", "limitranges"): f"{_NAME}\n{_CREATED}",
    ("apiextensions.k8s.io", "customresourcedefinitions"): f"{_NAME}\n{_CREATED}",
}
_DEFAULT = f"{_NAME}\n{_AGE}"


def _parse(line: str) -> Object:
    name, kind, form, priority, description = (part.strip() for part in line.split("|", 4))
    return {
        "name": name,
        "type": kind,
        "format": form,
        "description": _described(description),
        "priority": int(priority),
    }


def _described(reference: str) -> str:
    """The description of the field behind a column, "" where there is none."""
    return describe(reference.removesuffix(_PARAGRAPHS), reference.endswith(_PARAGRAPHS)) if reference else ""


@functools.cache
def _builtin(table: tuple[str, str]) -> list[Object]:
    return [_parse(line) for line in _COLUMNS.get(table, _DEFAULT).splitlines()]


def has_own(resource: Resource) -> bool:
    """Whether a built-in resource has columns of its own."""
    return resource.table in _COLUMNS


def columns_of(resource: Resource) -> list[Object]:
    """The column definitions of a resource, those of its CRD for a custom one."""
    if resource.definition is None:
        return _builtin(resource.table)
    out = [_parse(_NAME)]
    for column in printer_columns(resource):
        text = f"Custom resource definition column (in JSONPath format): {column['jsonPath']}"
        out.append(
            {
                "name": column["name"],
                "type": column["type"],
                "format": column.get("format", ""),
                "description": column.get("description") or text,
                "priority": column.get("priority", 0),
            }
        )
    return out


_AGE_COLUMN: Object = {
    "name": "Age",
    "type": "date",
    "description": "",
    "jsonPath": ".metadata.creationTimestamp",
}


def printer_columns(resource: Resource) -> list[Object]:
    """The additionalPrinterColumns of a custom resource's version; age alone where there are none.

    One that cannot be read takes all of them away, as upstream does.
    """
    for version in dig(resource.definition, "spec", "versions") or ():
        if version["name"] == resource.version and version.get("additionalPrinterColumns"):
            found: list[Object] = version["additionalPrinterColumns"]
            return found if all(_is_path(c["jsonPath"]) for c in found) else []
    return [{**_AGE_COLUMN, "description": _described("meta/v1.ObjectMeta.creationTimestamp ¶")}]


def _is_path(text: str) -> bool:
    try:
        parse(text)
    except PathError:
        return False
    return True
