"""The built-in resources that a default kube-apiserver 1.36 serves: names, verbs, subresources.

One line a resource; `catalog` joins them with those of CustomResourceDefinitions. The order of groups is the one
in which a server lists them.
"""

from collections.abc import Iterator

from karmactl.embedded.resource import Resource, Subresource
from karmactl.embedded.schema import builtin

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ_WRITE = ("get", "patch", "update")
PROXY = ("create", "delete", "get", "patch", "update")
CONNECT = ("create", "get")

# group and its versions in order of preference; the first is the one in which objects are stored
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("apiregistration.k8s.io", ("v1",)),
    ("apps", ("v1",)),
    ("events.k8s.io", ("v1",)),
    ("authentication.k8s.io", ("v1",)),
    ("authorization.k8s.io", ("v1",)),
    ("autoscaling", ("v2", "v1")),
    ("batch", ("v1",)),
    ("certificates.k8s.io", ("v1",)),
    ("networking.k8s.io", ("v1",)),
    ("policy", ("v1",)),
    ("rbac.authorization.k8s.io", ("v1",)),
    ("storage.k8s.io", ("v1",)),
    ("admissionregistration.k8s.io", ("v1",)),
    ("apiextensions.k8s.io", ("v1",)),
    ("scheduling.k8s.io", ("v1",)),
    ("coordination.k8s.io", ("v1",)),
    ("node.k8s.io", ("v1",)),
    ("discovery.k8s.io", ("v1",)),
    ("resource.k8s.io", ("v1",)),
    ("flowcontrol.apiserver.k8s.io", ("v1",)),
)

# "group/plural Kind scope [short=a,b] [in=category] [sub=name,...] [verbs=...]"; scope: ns or cluster

_TABLE = """
/bindings Binding ns verbs=create
/componentstatuses ComponentStatus cluster short=cs verbs=get,list
/configmaps ConfigMap ns short=cm
/endpoints Endpoints ns short=ep
/events Event ns short=ev
/limitranges LimitRange ns short=limits
/namespaces Namespace cluster short=ns sub=finalize,status verbs=create,delete,get,list,patch,update,watch
/nodes Node cluster short=no sub=proxy,status
/persistentvolumeclaims PersistentVolumeClaim ns short=pvc sub=status
/persistentvolumes PersistentVolume cluster short=pv sub=status
/pods Pod ns short=po in=all sub=attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status
/podtemplates PodTemplate ns
/replicationcontrollers ReplicationController ns short=rc in=all sub=scale,status
/resourcequotas ResourceQuota ns short=quota sub=status
/secrets Secret ns
/serviceaccounts ServiceAccount ns short=sa sub=token
/services Service ns short=svc in=all sub=proxy,status
apiregistration.k8s.io/apiservices APIService cluster in=api-extensions sub=status
apps/controllerrevisions ControllerRevision ns
apps/daemonsets DaemonSet ns short=ds in=all sub=status
apps/deployments Deployment ns short=deploy in=all sub=scale,status
apps/replicasets ReplicaSet ns short=rs in=all sub=scale,status
apps/statefulsets StatefulSet ns short=sts in=all sub=scale,status
events.k8s.io/events Event ns short=ev
authentication.k8s.io/selfsubjectreviews SelfSubjectReview cluster verbs=create
authentication.k8s.io/tokenreviews TokenReview cluster verbs=create
authorization.k8s.io/localsubjectaccessreviews LocalSubjectAccessReview ns verbs=create
authorization.k8s.io/selfsubjectaccessreviews SelfSubjectAccessReview cluster verbs=create
authorization.k8s.io/selfsubjectrulesreviews SelfSubjectRulesReview cluster verbs=create
authorization.k8s.io/subjectaccessreviews SubjectAccessReview cluster verbs=create
autoscaling/horizontalpodautoscalers HorizontalPodAutoscaler ns short=hpa in=all sub=status
batch/cronjobs CronJob ns short=cj in=all sub=status
batch/jobs Job ns in=all sub=status
certificates.k8s.io/certificatesigningrequests CertificateSigningRequest cluster short=csr sub=approval,status
networking.k8s.io/ingressclasses IngressClass cluster
networking.k8s.io/ingresses Ingress ns short=ing sub=status
networking.k8s.io/ipaddresses IPAddress cluster short=ip
networking.k8s.io/networkpolicies NetworkPolicy ns short=netpol
networking.k8s.io/servicecidrs ServiceCIDR cluster sub=status
policy/poddisruptionbudgets PodDisruptionBudget ns short=pdb sub=status
rbac.authorization.k8s.io/clusterrolebindings ClusterRoleBinding cluster
rbac.authorization.k8s.io/clusterroles ClusterRole cluster
rbac.authorization.k8s.io/rolebindings RoleBinding ns
rbac.authorization.k8s.io/roles Role ns
storage.k8s.io/csidrivers CSIDriver cluster
storage.k8s.io/csinodes CSINode cluster
storage.k8s.io/csistoragecapacities CSIStorageCapacity ns
storage.k8s.io/storageclasses StorageClass cluster short=sc
storage.k8s.io/volumeattachments VolumeAttachment cluster sub=status
storage.k8s.io/volumeattributesclasses VolumeAttributesClass cluster short=vac
admissionregistration.k8s.io/mutatingadmissionpolicies MutatingAdmissionPolicy cluster in=api-extensions
admissionregistration.k8s.io/mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding cluster in=api-extensions
admissionregistration.k8s.io/mutatingwebhookconfigurations MutatingWebhookConfiguration cluster in=api-extensions
admissionregistration.k8s.io/validatingadmissionpolicies ValidatingAdmissionPolicy \
cluster in=api-extensions sub=status
admissionregistration.k8s.io/validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding \
cluster in=api-extensions
admissionregistration.k8s.io/validatingwebhookconfigurations ValidatingWebhookConfiguration cluster in=api-extensions
apiextensions.k8s.io/customresourcedefinitions CustomResourceDefinition \
cluster short=crd,crds in=api-extensions sub=status
scheduling.k8s.io/priorityclasses PriorityClass cluster short=pc
coordination.k8s.io/leases Lease ns
node.k8s.io/runtimeclasses RuntimeClass cluster
discovery.k8s.io/endpointslices EndpointSlice ns
flowcontrol.apiserver.k8s.io/flowschemas FlowSchema cluster sub=status
flowcontrol.apiserver.k8s.io/prioritylevelconfigurations PriorityLevelConfiguration cluster sub=status
resource.k8s.io/deviceclasses DeviceClass cluster
resource.k8s.io/resourceclaims ResourceClaim ns sub=status
resource.k8s.io/resourceclaimtemplates ResourceClaimTemplate ns
resource.k8s.io/resourceslices ResourceSlice cluster
"""

_SCALE = Subresource(name="scale", kind="Scale", group="autoscaling", version="v1", verbs=READ_WRITE)
_OTHER_KINDS = {
    "scale": _SCALE,
    "eviction": Subresource(name="eviction", kind="Eviction", group="policy", version="v1", verbs=("create",)),
    "token": Subresource(
        name="token", kind="TokenRequest", group="authentication.k8s.io", version="v1", verbs=("create",)
    ),
    "binding": Subresource(name="binding", kind="Binding", verbs=("create",)),
    "attach": Subresource(name="attach", kind="PodAttachOptions", verbs=CONNECT),
    "exec": Subresource(name="exec", kind="PodExecOptions", verbs=CONNECT),
    "portforward": Subresource(name="portforward", kind="PodPortForwardOptions", verbs=CONNECT),
}
_OWN_VERBS = {"log": ("get",), "finalize": ("update",), "proxy": PROXY}


def _subresource(name: str, kind: str) -> Subresource:
    if name in _OTHER_KINDS:
        return _OTHER_KINDS[name]
    if name == "proxy":
        return Subresource(name=name, kind=f"{kind}ProxyOptions", verbs=PROXY)
    return Subresource(name=name, kind=kind, verbs=_OWN_VERBS.get(name, READ_WRITE))


def _parse(line: str) -> Iterator[Resource]:
    path, kind, scope, *options = line.split()
    group, plural = path.split("/")
    given = dict(option.split("=") for option in options)
    versions = ("v1",) if not group else dict(GROUPS)[group]
    for version in versions:
        yield Resource(
            group=group,
            version=version,
            kind=kind,
            plural=plural,
            singular="endpoints" if plural == "endpoints" else kind.lower(),
            namespaced=scope == "ns",
            short_names=tuple(given["short"].split(",")) if "short" in given else (),
            categories=(given["in"],) if "in" in given else (),
            verbs=tuple(given["verbs"].split(",")) if "verbs" in given else ALL_VERBS,
            subresources=tuple(_subresource(name, kind) for name in given["sub"].split(",")) if "sub" in given else (),
            type_name=builtin.type_name(group, version, kind) or "",
            storage_group=_STORED_IN.get(path, group),
            storage_version=_STORED_AS.get(path, versions[0]),
            list_kind=f"{kind}List",
        )


# events are one resource under two names
_STORED_IN = {"events.k8s.io/events": ""}
_STORED_AS = {"events.k8s.io/events": "v1"}


def builtin_resources() -> list[Resource]:
    """All built-in resources, one entry per served version."""
    return [resource for line in _TABLE.strip().splitlines() for resource in _parse(line)]
