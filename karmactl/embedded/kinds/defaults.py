"""Defaults of built-in types, and the walk that puts them wherever a type occurs.

A default belongs to a type, not to a kind: a Container gets its pull policy in a Pod as in a CronJob's template.
`fill` walks an object along its schema, outside in, as the generated defaulters of Kubernetes do. Sources:
pkg/apis/*/v*/defaults.go, and the `+default` markers, which stand in the schema.
"""

from collections.abc import Callable
from typing import Any

from karmactl.embedded.kinds.defaults_system import DEFAULTS as SYSTEM
from karmactl.embedded.quantity import canonical, parse, show
from karmactl.embedded.schema.node import Node
from karmactl.embedded.values import Object, copy, dig

_API = "io.k8s.api."


def fill(node: Node, value: Object) -> None:
    """Puts defaults into a value of the node's type, in place."""
    function = _DEFAULTS.get(node.ref.removeprefix(_API))
    if function is not None:
        function(value)
    for name, field in (node.fields or {}).items():
        if value.get(name) is None:
            if field.default is not None and not (field.default in ("", False, 0) and not field.pointer):
                value[name] = field.default
            continue
        if _may_matter(field.node):
            _descend(field.node, value[name])


def _descend(node: Node, value: Any) -> None:
    if value is None:
        return
    if node.kind == "object":
        fill(node, value)
    elif node.kind == "list" and node.items is not None and node.items.kind in ("object", "list", "map"):
        for item in value:
            _descend(node.items, item)
    elif node.kind == "map" and node.values is not None and node.values.kind in ("object", "list"):
        for item in value.values():
            _descend(node.values, item)
    elif node.kind == "map" and node.values is not None and node.values.kind == "quantity":
        _round_up(value)


_matters: dict[str, bool] = {}


def _may_matter(node: Node) -> bool:
    """Whether anything below a node has defaults; types without any are not walked."""
    if node.kind == "list":
        return node.items is not None and _may_matter(node.items)
    if node.kind == "map":
        return node.values is not None and (node.values.kind == "quantity" or _may_matter(node.values))
    if node.kind != "object":
        return False
    known = _matters.get(node.ref)
    if known is None:
        _matters[node.ref] = False  # breaks cycles
        known = node.ref.removeprefix(_API) in _DEFAULTS or any(
            f.default is not None or _may_matter(f.node) for f in (node.fields or {}).values()
        )
        _matters[node.ref] = known
    return known


def _round_up(resources: Object) -> None:
    """Resource lists keep nothing finer than a thousandth."""
    for name, text in resources.items():
        if text.endswith(("n", "u")):
            number, notation = parse(text)
            scaled = number.scaleb(3)
            whole = scaled.to_integral_value(rounding="ROUND_CEILING")
            resources[name] = canonical(show(whole.scaleb(-3), notation))


def _set(obj: Object, **values: Any) -> None:
    for key, value in values.items():
        if obj.get(key) in (None, ""):
            obj[key] = value


# ---- pods

_CONTAINERS = ("containers", "initContainers")


def image_tag(image: str) -> str:
    """The tag of an image reference, `latest` where none is named (and none for a digest)."""
    name, _, digest = image.partition("@")
    last = name.rpartition("/")[2]
    _, colon, tag = last.partition(":")
    return tag if colon else "" if digest else "latest"


def _container(obj: Object) -> None:
    if not obj.get("imagePullPolicy"):
        obj["imagePullPolicy"] = "Always" if image_tag(obj.get("image") or "") == "latest" else "IfNotPresent"
    _set(obj, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")


def _pod(obj: Object) -> None:
    spec = obj["spec"]
    for name in _CONTAINERS:
        for container in spec.get(name) or ():
            resources = container.get("resources") or {}
            if resources.get("limits"):
                requests = resources.setdefault("requests", {})
                for key, value in resources["limits"].items():
                    requests.setdefault(key, value)
    _pod_level(spec)
    if "enableServiceLinks" not in spec:
        spec["enableServiceLinks"] = True
    if spec.get("hostNetwork"):
        _host_ports(spec)


def _pod_level(spec: Object) -> None:
    """Pod-level requests default to what the containers ask for, or to the pod-level limits."""
    resources = spec.get("resources")
    if not resources or not resources.get("limits"):
        return
    requests = dict(resources.get("requests") or {})
    for key, limit in resources["limits"].items():
        if key in requests or not (key in ("cpu", "memory") or key.startswith("hugepages-")):
            continue
        asked = [dig(c, "resources", "requests", key) for c in spec.get("containers") or ()]
        numbers = [parse(a) for a in asked if a]
        requests[key] = show(sum((n for n, _ in numbers), start=numbers[0][0] * 0), numbers[0][1]) if numbers else limit
    resources["requests"] = requests


def _host_ports(spec: Object) -> None:
    for name in _CONTAINERS:
        for container in spec.get(name) or ():
            for port in container.get("ports") or ():
                if not port.get("hostPort"):
                    port["hostPort"] = port["containerPort"]


def _pod_spec(obj: Object) -> None:
    _set(obj, dnsPolicy="ClusterFirst", restartPolicy="Always", schedulerName="default-scheduler")
    obj.setdefault("securityContext", {})
    obj.setdefault("terminationGracePeriodSeconds", 30)


def _probe(obj: Object) -> None:
    for key, value in (("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)):
        if not obj.get(key):
            obj[key] = value


_VOLUME_OWN = frozenset({"name"})


def _volume(obj: Object) -> None:
    if not set(obj) - _VOLUME_OWN:
        obj["emptyDir"] = {}
    image = obj.get("image")
    if image is not None and not image.get("pullPolicy"):
        image["pullPolicy"] = "Always" if image_tag(image.get("reference") or "") == "latest" else "IfNotPresent"


def _mode(obj: Object) -> None:
    obj.setdefault("defaultMode", 0o644)


def _azure_disk(obj: Object) -> None:
    obj.setdefault("cachingMode", "ReadWrite")
    obj.setdefault("kind", "Shared")


def _http_get(obj: Object) -> None:
    _set(obj, path="/", scheme="HTTP")


# ---- core


def _service(obj: Object) -> None:
    spec = obj["spec"]
    _set(spec, sessionAffinity="None", type="ClusterIP")
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif (
        spec["sessionAffinity"] == "ClientIP"
        and dig(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds") is None
    ):
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": 10800}}
    for port in spec.get("ports") or ():
        _set(port, protocol="TCP")
        if port.get("targetPort") in (0, "", None):
            port["targetPort"] = port["port"]
    external = spec["type"] in ("LoadBalancer", "NodePort") or (spec["type"] == "ClusterIP" and spec.get("externalIPs"))
    if external:
        _set(spec, externalTrafficPolicy="Cluster")
    if spec["type"] in ("NodePort", "LoadBalancer", "ClusterIP"):
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for ingress in dig(obj, "status", "loadBalancer", "ingress") or ():
            if ingress.get("ip"):
                ingress.setdefault("ipMode", "VIP")


def _namespace(obj: Object) -> None:
    name = obj["metadata"].get("name")
    if name:
        obj["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = name


def _replication_controller(obj: Object) -> None:
    labels = dig(obj, "spec", "template", "metadata", "labels")
    if labels:
        if not obj["spec"].get("selector"):
            obj["spec"]["selector"] = dict(labels)
        if not obj["metadata"].get("labels"):
            obj["metadata"]["labels"] = dict(labels)


def _persistent_volume(obj: Object) -> None:
    _set(obj.setdefault("status", {}), phase="Pending")
    _set(obj["spec"], persistentVolumeReclaimPolicy="Retain", volumeMode="Filesystem")


def _claim(obj: Object) -> None:
    _set(obj.setdefault("status", {}), phase="Pending")


def _limit_range_item(obj: Object) -> None:
    if obj.get("type") != "Container":
        return
    default, request = dict(obj.get("default") or {}), dict(obj.get("defaultRequest") or {})
    for key, value in (obj.get("max") or {}).items():
        default.setdefault(key, value)
    for key, value in default.items():
        request.setdefault(key, value)
    for key, value in (obj.get("min") or {}).items():
        request.setdefault(key, value)
    if default:
        obj["default"] = default
    if request:
        obj["defaultRequest"] = request


def _node_status(obj: Object) -> None:
    if "allocatable" not in obj and "capacity" in obj:
        obj["allocatable"] = copy(obj["capacity"])


def _ports_tcp(obj: Object) -> None:
    for port in obj.get("ports") or ():
        _set(port, protocol="TCP")


# ---- apps


def _deployment(obj: Object) -> None:
    spec = obj["spec"]
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)


def _daemon_set(obj: Object) -> None:
    spec = obj["spec"]
    strategy = spec.setdefault("updateStrategy", {})
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)


def _stateful_set(obj: Object) -> None:
    spec = obj["spec"]
    _set(spec, podManagementPolicy="OrderedReady")
    strategy = spec.setdefault("updateStrategy", {})
    _set(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("partition", 0)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    _set(retention, whenDeleted="Retain", whenScaled="Retain")
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)


def _replica_set(obj: Object) -> None:
    obj["spec"].setdefault("replicas", 1)


# ---- batch


def _job_spec_defaults(obj: Object) -> None:
    """Defaults of a Job itself; those of a template are left for when a Job is made of it."""
    spec = obj["spec"]
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = spec["parallelism"] = 1
    spec.setdefault("parallelism", 1)
    if spec.get("backoffLimitPerIndex") is not None:
        spec.setdefault("backoffLimit", 2147483647)
    spec.setdefault("backoffLimit", 6)
    _set(spec, completionMode="NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    labels = dig(spec, "template", "metadata", "labels")
    if labels and not obj["metadata"].get("labels"):
        obj["metadata"]["labels"] = dict(labels)
    if "podReplacementPolicy" not in spec:
        spec["podReplacementPolicy"] = "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed"
    for rule in dig(spec, "podFailurePolicy", "rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            _set(pattern, status="True")


def _cron_job(obj: Object) -> None:
    spec = obj["spec"]
    _set(spec, concurrencyPolicy="Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)


# ---- the rest


def _network_policy(obj: Object) -> None:
    spec = obj["spec"]
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def _storage_class(obj: Object) -> None:
    _set(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _csi_driver(obj: Object) -> None:
    spec = obj["spec"]
    for key, value in (
        ("attachRequired", True),
        ("podInfoOnMount", False),
        ("storageCapacity", False),
        ("fsGroupPolicy", "ReadWriteOnceWithFSType"),
        ("requiresRepublish", False),
        ("seLinuxMount", False),
    ):
        spec.setdefault(key, value)
    if not spec.get("volumeLifecycleModes"):
        spec["volumeLifecycleModes"] = ["Persistent"]


def _webhook(obj: Object) -> None:
    _set(obj, failurePolicy="Fail", matchPolicy="Equivalent")
    obj.setdefault("namespaceSelector", {})
    obj.setdefault("objectSelector", {})
    obj.setdefault("timeoutSeconds", 10)


def _mutating_webhook(obj: Object) -> None:
    _webhook(obj)
    _set(obj, reinvocationPolicy="Never")


def _scope(obj: Object) -> None:
    _set(obj, scope="*")


def _service_reference(obj: Object) -> None:
    obj.setdefault("port", 443)


def _admission_policy(obj: Object) -> None:
    _set(obj, failurePolicy="Fail")


def _match_resources(obj: Object) -> None:
    obj.setdefault("namespaceSelector", {})
    obj.setdefault("objectSelector", {})
    _set(obj, matchPolicy="Equivalent")


def _priority_class(obj: Object) -> None:
    _set(obj, preemptionPolicy="PreemptLowerPriority")


def _autoscaler(obj: Object) -> None:
    spec = obj["spec"]
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        spec["metrics"] = [
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
            }
        ]
    behavior = spec.get("behavior")
    if behavior is not None:
        _scaling_rules(behavior, "scaleUp", {"stabilizationWindowSeconds": 0}, _UP)
        _scaling_rules(behavior, "scaleDown", {}, _DOWN)


_UP = [
    {"type": "Pods", "value": 4, "periodSeconds": 15},
    {"type": "Percent", "value": 100, "periodSeconds": 15},
]
_DOWN = [{"type": "Percent", "value": 100, "periodSeconds": 15}]


def _scaling_rules(behavior: Object, direction: str, own: Object, policies: list[Object]) -> None:
    rules = behavior.setdefault(direction, {})
    for key, value in own.items():
        rules.setdefault(key, value)
    _set(rules, selectPolicy="Max")
    if rules.get("policies") is None:
        rules["policies"] = copy(policies)


def _autoscaler_v1(obj: Object) -> None:
    obj["spec"].setdefault("minReplicas", 1)
    obj["spec"].setdefault("targetCPUUtilizationPercentage", 80)


def _subject(obj: Object) -> None:
    if not obj.get("apiGroup"):
        group = {"User": "rbac.authorization.k8s.io", "Group": "rbac.authorization.k8s.io"}.get(obj.get("kind", ""))
        if group:
            obj["apiGroup"] = group


def _binding(obj: Object) -> None:
    _set(obj["roleRef"], apiGroup="rbac.authorization.k8s.io")


def _endpoint_slice(obj: Object) -> None:
    for port in obj.get("ports") or ():
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")


def _signing_request(obj: Object) -> None:
    spec = obj["spec"]
    if not spec.get("usages"):
        spec["usages"] = ["digital signature", "key encipherment"]


def _crd(obj: Object) -> None:
    spec = obj["spec"]
    names = spec.setdefault("names", {})
    if not names.get("singular") and names.get("kind"):
        names["singular"] = names["kind"].lower()
    if not names.get("listKind") and names.get("kind"):
        names["listKind"] = names["kind"] + "List"
    if spec.get("conversion") is None:
        spec["conversion"] = {"strategy": "None"}
    service = dig(spec, "conversion", "webhook", "clientConfig", "service")
    if service is not None:
        service.setdefault("port", 443)


def _api_service(obj: Object) -> None:
    service = dig(obj, "spec", "service")
    if service is not None:
        service.setdefault("port", 443)


_DEFAULTS: dict[str, Callable[[Object], None]] = {
    "core.v1.Pod": _pod,
    "core.v1.PodSpec": _pod_spec,
    "core.v1.Container": _container,
    "core.v1.EphemeralContainer": _container,
    "core.v1.Probe": _probe,
    "core.v1.Volume": _volume,
    "core.v1.SecretVolumeSource": _mode,
    "core.v1.ConfigMapVolumeSource": _mode,
    "core.v1.DownwardAPIVolumeSource": _mode,
    "core.v1.ProjectedVolumeSource": _mode,
    "core.v1.ServiceAccountTokenProjection": lambda o: o.setdefault("expirationSeconds", 3600),
    "core.v1.HTTPGetAction": _http_get,
    "core.v1.ObjectFieldSelector": lambda o: _set(o, apiVersion="v1"),
    "core.v1.HostPathVolumeSource": lambda o: o.setdefault("type", ""),
    "core.v1.AzureDiskVolumeSource": _azure_disk,
    "core.v1.Secret": lambda o: _set(o, type="Opaque"),
    "core.v1.Service": _service,
    "core.v1.Namespace": _namespace,
    "core.v1.NamespaceStatus": lambda o: _set(o, phase="Active"),
    "core.v1.ReplicationController": _replication_controller,
    "core.v1.PersistentVolume": _persistent_volume,
    "core.v1.PersistentVolumeClaim": _claim,
    "core.v1.PersistentVolumeClaimSpec": lambda o: o.setdefault("volumeMode", "Filesystem"),
    "core.v1.LimitRangeItem": _limit_range_item,
    "core.v1.NodeStatus": _node_status,
    "core.v1.EndpointSubset": _ports_tcp,
    "apps.v1.Deployment": _deployment,
    "apps.v1.DaemonSet": _daemon_set,
    "apps.v1.StatefulSet": _stateful_set,
    "apps.v1.ReplicaSet": _replica_set,
    "batch.v1.Job": _job_spec_defaults,
    "batch.v1.CronJob": _cron_job,
    "networking.v1.NetworkPolicy": _network_policy,
    "networking.v1.NetworkPolicyPort": lambda o: o.setdefault("protocol", "TCP"),
    "storage.v1.StorageClass": _storage_class,
    "storage.v1.CSIDriver": _csi_driver,
    "admissionregistration.v1.ValidatingWebhook": _webhook,
    "admissionregistration.v1.MutatingWebhook": _mutating_webhook,
    "admissionregistration.v1.RuleWithOperations": _scope,
    "admissionregistration.v1.NamedRuleWithOperations": _scope,
    "admissionregistration.v1.ServiceReference": _service_reference,
    "admissionregistration.v1.ValidatingAdmissionPolicySpec": _admission_policy,
    "admissionregistration.v1.MutatingAdmissionPolicySpec": _admission_policy,
    "admissionregistration.v1.MatchResources": _match_resources,
    "scheduling.v1.PriorityClass": _priority_class,
    "autoscaling.v2.HorizontalPodAutoscaler": _autoscaler,
    "autoscaling.v1.HorizontalPodAutoscaler": _autoscaler_v1,
    "rbac.v1.Subject": _subject,
    "rbac.v1.RoleBinding": _binding,
    "rbac.v1.ClusterRoleBinding": _binding,
    "discovery.v1.EndpointSlice": _endpoint_slice,
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition": _crd,
    "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService": _api_service,
    **SYSTEM,
}
