"""What is in a cluster from the start: namespaces, nodes, system roles, priority classes, the API's own Service."""

import uuid

from karmactl.embedded.resource import Resource
from karmactl.embedded.spec import ClusterSpec
from karmactl.embedded.store import Store
from karmactl.embedded.user_roles import USER_ROLES
from karmactl.embedded.values import Object, copy, dig, now, now_micro

_NAMESPACE = uuid.UUID("8f6f2d0c-6a59-4b3e-9d34-5b8b0b6a6c11")
SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_BOOTSTRAPPED = {"kubernetes.io/bootstrapping": "rbac-defaults"}
RBAC = "rbac.authorization.k8s.io"


def stable_uid(cluster: str, seed: str, *path: str) -> str:
    """A UID that the same cluster of the same sandbox always has."""
    return str(uuid.uuid5(_NAMESPACE, "/".join((seed, cluster, *path))))


def populate(store: Store, spec: ClusterSpec, seed: str) -> None:
    """Puts the first objects into a store."""
    for name in SYSTEM_NAMESPACES:
        store.put(
            ("", "namespaces"),
            ("", name),
            {
                "kind": "Namespace",
                "apiVersion": "v1",
                "metadata": {
                    "name": name,
                    "uid": stable_uid(spec.name, seed, "namespaces", name),
                    "creationTimestamp": now(),
                    "labels": {"kubernetes.io/metadata.name": name},
                },
                "spec": {"finalizers": ["kubernetes"]},
                "status": {"phase": "Active"},
            },
        )
    _roles(store)
    _priority_classes(store)
    _own_service(store)
    for index in range(spec.nodes):
        found = node(spec, seed, index)
        store.put(("", "nodes"), ("", found["metadata"]["name"]), found)


def _put(store: Store, table: tuple[str, str], api_version: str, kind: str, name: str, body: Object) -> None:
    meta = {"name": name, "uid": str(uuid.uuid4()), "creationTimestamp": now(), **body.pop("metadata", {})}
    store.put(table, ("", name), {"kind": kind, "apiVersion": api_version, "metadata": meta, **body})


def _rule(verbs: list[str], groups: list[str], resources: list[str]) -> Object:
    return {"verbs": verbs, "apiGroups": groups, "resources": resources}


_PUBLIC = ["/healthz", "/livez", "/readyz", "/version", "/version/"]
_DISCOVERY = ["/api", "/api/*", "/apis", "/apis/*", *_PUBLIC[:1], *_PUBLIC[1:3], "/openapi", "/openapi/*", *_PUBLIC[3:]]
_ROLES: dict[str, Object] = {
    "cluster-admin": {
        "rules": [
            {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
            {"verbs": ["*"], "nonResourceURLs": ["*"]},
        ]
    },
    "system:discovery": {"rules": [{"verbs": ["get"], "nonResourceURLs": sorted(_DISCOVERY)}]},
    "system:public-info-viewer": {"rules": [{"verbs": ["get"], "nonResourceURLs": _PUBLIC}]},
    "system:basic-user": {
        "rules": [
            _rule(
                ["create"],
                ["authorization.k8s.io"],
                ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
            ),
            _rule(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"]),
        ]
    },
    **USER_ROLES,
}
_BINDINGS = {
    "cluster-admin": ("cluster-admin", ["system:masters"]),
    "system:discovery": ("system:discovery", ["system:authenticated"]),
    "system:basic-user": ("system:basic-user", ["system:authenticated"]),
    "system:public-info-viewer": (
        "system:public-info-viewer",
        ["system:authenticated", "system:unauthenticated"],
    ),
}


def _roles(store: Store) -> None:
    meta = {
        "labels": _BOOTSTRAPPED,
        "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
    }
    for name, body in _ROLES.items():
        labels = {**_BOOTSTRAPPED, **(dig(body, "metadata", "labels") or {})}
        about = {"metadata": {**meta, "labels": labels}}
        _put(store, (RBAC, "clusterroles"), f"{RBAC}/v1", "ClusterRole", name, {**copy(body), **about})
    for name, (role, groups) in _BINDINGS.items():
        body = {
            "metadata": meta,
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "Group", "apiGroup": RBAC, "name": g} for g in groups],
        }
        _put(store, (RBAC, "clusterrolebindings"), f"{RBAC}/v1", "ClusterRoleBinding", name, body)


def _own_service(store: Store) -> None:
    """The Service under which Pods would reach the API server."""
    store.put(
        ("", "services"),
        ("default", "kubernetes"),
        {
            "kind": "Service",
            "apiVersion": "v1",
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "uid": str(uuid.uuid4()),
                "creationTimestamp": now(),
                "labels": {"component": "apiserver", "provider": "kubernetes"},
            },
            "spec": {
                "clusterIP": "10.96.0.1",
                "clusterIPs": ["10.96.0.1"],
                "internalTrafficPolicy": "Cluster",
                "ipFamilies": ["IPv4"],
                "ipFamilyPolicy": "SingleStack",
                "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}],
                "sessionAffinity": "None",
                "type": "ClusterIP",
            },
            "status": {"loadBalancer": {}},
        },
    )


def _priority_classes(store: Store) -> None:
    for name, value, what in (
        ("system-cluster-critical", 2000000000, "cluster"),
        ("system-node-critical", 2000001000, "node"),
    ):
        body = {
            "metadata": {"generation": 1},
            "value": value,
            "preemptionPolicy": "PreemptLowerPriority",
            "description": f"Pods that the {what} cannot do without.",
        }
        table = ("scheduling.k8s.io", "priorityclasses")
        _put(store, table, "scheduling.k8s.io/v1", "PriorityClass", name, body)


def node(spec: ClusterSpec, seed: str, index: int) -> Object:
    """The n-th Node of a cluster, as its kubelet would have registered it."""
    name = f"{spec.name}-node-{index + 1}"
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
    }
    if spec.region:
        labels["topology.kubernetes.io/region"] = spec.region
    if spec.zones:
        labels["topology.kubernetes.io/zone"] = spec.zones[index % len(spec.zones)]
    labels.update(spec.node_labels)
    capacity = {
        "cpu": spec.node_cpu,
        "ephemeral-storage": "100Gi",
        "memory": spec.node_memory,
        "pods": str(spec.node_pods),
    }
    body: Object = {"podCIDR": f"10.244.{index % 256}.0/24", "podCIDRs": [f"10.244.{index % 256}.0/24"]}
    if spec.provider:
        body["providerID"] = f"{spec.provider}:///{labels.get('topology.kubernetes.io/zone', '')}/{name}"
    if spec.node_taints:
        body["taints"] = [{"key": k, "value": v, "effect": e} for k, v, e in spec.node_taints]
    moment = now()
    return {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {
            "name": name,
            "uid": stable_uid(spec.name, seed, "nodes", name),
            "creationTimestamp": moment,
            "labels": labels,
        },
        "spec": body,
        "status": {
            "capacity": capacity,
            "allocatable": dict(capacity),
            "conditions": [_condition(*c, moment) for c in _NODE_CONDITIONS],
            "addresses": [
                {"type": "InternalIP", "address": f"172.18.{index // 250}.{index % 250 + 2}"},
                {"type": "Hostname", "address": name},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "machineID": stable_uid(spec.name, seed, "machines", name).replace("-", ""),
                "systemUUID": stable_uid(spec.name, seed, "systems", name),
                "bootID": stable_uid(spec.name, seed, "boots", name),
                "kernelVersion": "6.12.0",
                "osImage": "karmactl sandbox",
                "containerRuntimeVersion": "containerd://2.1.0",
                "kubeletVersion": "v1.36.2",
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
        },
    }


_NODE_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def _condition(kind: str, status: str, reason: str, message: str, moment: str) -> Object:
    return {
        "type": kind,
        "status": status,
        "lastHeartbeatTime": moment,
        "lastTransitionTime": moment,
        "reason": reason,
        "message": message,
    }


__all__ = ["Resource", "node", "now_micro", "populate", "stable_uid"]
