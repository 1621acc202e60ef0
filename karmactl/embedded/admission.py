"""Admission: what the server itself has to say about a write before the kind's own rules.

The built-in plugins that a default kube-apiserver runs, as far as they show: namespaces must exist and not be
going, service accounts are put into Pods, storage protection is put onto claims, and so on. Plugins are functions
in a table, by resource; each may change the object or raise ApiError 403.
"""

import random
from collections.abc import Callable

from karmactl.embedded import quantity
from karmactl.embedded.admission_limits import check_limits, check_quotas, set_default_limits
from karmactl.embedded.call import Call
from karmactl.embedded.refusals import GroupResource, forbidden, not_found
from karmactl.embedded.values import Object, dig

NAMESPACES = ("", "namespaces")
_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"


def admit_create(call: Call, obj: Object) -> None:
    """Admits a new object, changing it where a plugin does; raises ApiError 403 or 404."""
    _namespace_exists(call, obj)
    if call.resource.definition is not None and "deletionTimestamp" in call.resource.definition["metadata"]:
        why = "create not allowed while custom resource definition is terminating"
        raise forbidden(call.resource.group_resource, obj["metadata"].get("name") or "", why)
    for plugin in _ON_CREATE.get(call.resource.table, ()):
        plugin(call, obj)


def admit_update(call: Call, new: Object, live: Object) -> None:
    """Admits a changed object; raises ApiError 403."""
    if call.resource.table == ("", "persistentvolumeclaims") and call.subresource is None:
        _default_storage_class(call, new)
    if call.resource.table == ("", "pods") and call.subresource is None:
        _tolerations(call, new)


def validate_create(call: Call, obj: Object) -> None:
    """Has the last word on a valid new object; raises ApiError 403."""
    if call.namespace:
        check_limits(call, obj)
        check_quotas(call, obj)


def validate_update(call: Call, new: Object, live: Object) -> None:
    """Has the last word on a valid changed object; raises ApiError 403."""
    if call.resource.table == ("", "persistentvolumeclaims") and call.subresource is None:
        check_limits(call, new)
        _may_grow(call, new, live)


def _namespace_exists(call: Call, obj: Object) -> None:
    """The NamespaceLifecycle plugin."""
    if not call.resource.namespaced:
        return
    found = call.cluster.store.get(NAMESPACES, ("", call.namespace))
    if found is None:
        raise not_found(GroupResource(group="", resource="namespaces"), call.namespace)
    if dig(found, "status", "phase") == "Terminating":
        name = obj["metadata"].get("name") or ""
        error = forbidden(
            call.resource.group_resource,
            name,
            f"unable to create new content in namespace {call.namespace} because it is being terminated",
        )
        assert error.details is not None
        error.details["causes"] = [
            {
                "reason": "NamespaceTerminating",
                "message": f"namespace {call.namespace} is being terminated",
                "field": "metadata.namespace",
            }
        ]
        raise error


# ---- pods


def _forbid(call: Call, obj: Object, why: str) -> None:
    raise forbidden(call.resource.group_resource, obj["metadata"].get("name") or "", why)


TOKEN_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def _service_account(call: Call, pod: Object) -> None:
    """The ServiceAccount plugin: names the account, and mounts its token."""
    spec = pod["spec"]
    if (pod["metadata"].get("annotations") or {}).get("kubernetes.io/config.mirror") is not None:
        return
    if not spec.get("serviceAccountName"):
        spec["serviceAccountName"] = spec["serviceAccount"] = "default"
    name = spec["serviceAccountName"]
    account = call.cluster.store.get(("", "serviceaccounts"), (call.namespace, name))
    if account is None:
        _forbid(
            call, pod, f'error looking up service account {call.namespace}/{name}: serviceaccount "{name}" not found'
        )
        return
    if _mounts_token(account, spec):
        _mount_token(spec)
    if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
        spec["imagePullSecrets"] = [dict(s) for s in account["imagePullSecrets"]]


def _mounts_token(account: Object, spec: Object) -> bool:
    wish = spec.get("automountServiceAccountToken")
    return bool(account.get("automountServiceAccountToken", True)) if wish is None else bool(wish)


def _mount_token(spec: Object) -> None:
    volume = "kube-api-access-" + "".join(random.choices(_SUFFIX, k=5))
    used = False
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or ():
            mounts = container.get("volumeMounts") or []
            if any(m["mountPath"] == TOKEN_MOUNT for m in mounts):
                continue
            used = True
            container["volumeMounts"] = [*mounts, {"name": volume, "readOnly": True, "mountPath": TOKEN_MOUNT}]
    if not used:
        return
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {
            "downwardAPI": {
                "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
            }
        },
    ]
    volumes = spec.get("volumes") or []
    spec["volumes"] = [*volumes, {"name": volume, "projected": {"sources": sources, "defaultMode": 0o644}}]


def _tolerations(call: Call, pod: Object) -> None:
    """The DefaultTolerationSeconds plugin."""
    given = pod["spec"].get("tolerations") or []
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        covered = any(
            (t.get("key") == key or not t.get("key")) and t.get("effect") in ("NoExecute", None, "") for t in given
        )
        if not covered:
            given = [*given, {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}]
    pod["spec"]["tolerations"] = given


def _runtime_class(call: Call, pod: Object) -> None:
    """The RuntimeClass plugin: what the class costs and where it runs becomes the Pod's."""
    spec = pod["spec"]
    name = spec.get("runtimeClassName")
    if name is None:
        return
    found = call.cluster.store.get(("node.k8s.io", "runtimeclasses"), ("", name))
    if found is None:
        _forbid(call, pod, f'pod rejected: RuntimeClass "{name}" not found')
        return
    overhead = (found.get("overhead") or {}).get("podFixed")
    if overhead is not None:
        if spec.get("overhead") and spec["overhead"] != overhead:
            _forbid(call, pod, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
        spec["overhead"] = dict(overhead)
    scheduling, labels = found.get("scheduling") or {}, dict(spec.get("nodeSelector") or {})
    for key, value in (scheduling.get("nodeSelector") or {}).items():
        if labels.get(key, value) != value:
            text = f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; pod.spec.nodeSelector[{key}] = "
            _forbid(call, pod, text + labels[key])
        labels[key] = value
    if labels:
        spec["nodeSelector"] = labels
    given = spec.get("tolerations") or []
    extra = [t for t in scheduling.get("tolerations") or () if t not in given]
    if extra:
        spec["tolerations"] = [*given, *extra]


def _may_grow(call: Call, new: Object, live: Object) -> None:
    """The PersistentVolumeClaimResize plugin: only claims of classes that say so may ask for more."""
    asked, had = (dig(o, "spec", "resources", "requests", "storage") for o in (new, live))
    if quantity.value(asked) <= quantity.value(had):
        return
    if dig(live, "status", "phase") != "Bound":
        _forbid(call, new, "Only bound persistent volume claims can be expanded")
    name = new["spec"].get("storageClassName") or ""
    found = call.cluster.store.get(("storage.k8s.io", "storageclasses"), ("", name))
    if not (found or {}).get("allowVolumeExpansion"):
        text = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc"
        _forbid(call, new, f"{text} must support resize")


def _priority(call: Call, pod: Object) -> None:
    """The Priority plugin."""
    spec = pod["spec"]
    table = ("scheduling.k8s.io", "priorityclasses")
    name = spec.get("priorityClassName")
    if name:
        found = call.cluster.store.get(table, ("", name))
        if found is None:
            _forbid(call, pod, f"no PriorityClass with name {name} was found")
            return
    else:
        default = (c for c in call.cluster.store.objects(table) if c.get("globalDefault"))
        found = max(default, key=lambda c: int(c["value"]), default=None)
        if found is not None:
            spec["priorityClassName"] = found["metadata"]["name"]
    value = found["value"] if found is not None else 0
    if spec.get("priority") not in (None, value):
        _forbid(
            call,
            pod,
            f"the integer value of priority ({spec['priority']}) must not be provided in pod spec; priority "
            f"admission controller computed {value} from the given PriorityClass name",
        )
    spec["priority"] = value
    spec["preemptionPolicy"] = (found or {}).get("preemptionPolicy") or "PreemptLowerPriority"


# ---- storage, nodes, namespaces


def _claim_protection(call: Call, claim: Object) -> None:
    """The StorageObjectInUseProtection plugin."""
    _add_finalizer(claim, "kubernetes.io/pvc-protection")


def _volume_protection(call: Call, volume: Object) -> None:
    _add_finalizer(volume, "kubernetes.io/pv-protection")


def _attributes_protection(call: Call, attributes_class: Object) -> None:
    _add_finalizer(attributes_class, "kubernetes.io/vac-protection")


def _add_finalizer(obj: Object, name: str) -> None:
    finalizers = obj["metadata"].get("finalizers") or []
    if name not in finalizers:
        obj["metadata"]["finalizers"] = [*finalizers, name]


def _default_storage_class(call: Call, claim: Object) -> None:
    """The DefaultStorageClass plugin."""
    if claim["spec"].get("storageClassName") is not None:
        return
    mark = "storageclass.kubernetes.io/is-default-class"
    defaults = [
        c
        for c in call.cluster.store.objects(("storage.k8s.io", "storageclasses"))
        if (c["metadata"].get("annotations") or {}).get(mark) == "true"
    ]
    if defaults:
        newest = max(defaults, key=lambda c: (c["metadata"]["creationTimestamp"], c["metadata"]["name"]))
        claim["spec"]["storageClassName"] = newest["metadata"]["name"]


def _not_ready(call: Call, node: Object) -> None:
    """The TaintNodesByCondition plugin."""
    taint = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
    taints = node["spec"].get("taints") or []
    if not any(t.get("key") == taint["key"] and t.get("effect") == taint["effect"] for t in taints):
        node["spec"]["taints"] = [*taints, taint]


def _ingress_class(call: Call, ingress: Object) -> None:
    """The DefaultIngressClass plugin."""
    if ingress["spec"].get("ingressClassName") or "kubernetes.io/ingress.class" in (
        ingress["metadata"].get("annotations") or {}
    ):
        return
    mark = "ingressclass.kubernetes.io/is-default-class"
    defaults = [
        c
        for c in call.cluster.store.objects(("networking.k8s.io", "ingressclasses"))
        if (c["metadata"].get("annotations") or {}).get(mark) == "true"
    ]
    if defaults:
        newest = max(defaults, key=lambda c: (c["metadata"]["creationTimestamp"], c["metadata"]["name"]))
        ingress["spec"]["ingressClassName"] = newest["metadata"]["name"]


def _signer(call: Call, request: Object) -> None:
    """The CertificateSubjectRestriction plugin's companion: the requester is who asks."""
    spec = request["spec"]
    spec["username"] = call.user.name
    if call.user.uid:
        spec["uid"] = call.user.uid
    spec["groups"] = list(call.user.groups)


Plugin = Callable[[Call, Object], None]
_ON_CREATE: dict[tuple[str, str], tuple[Plugin, ...]] = {
    ("", "pods"): (set_default_limits, _service_account, _runtime_class, _tolerations, _priority),
    ("", "persistentvolumeclaims"): (_claim_protection, _default_storage_class),
    ("", "persistentvolumes"): (_volume_protection,),
    ("storage.k8s.io", "volumeattributesclasses"): (_attributes_protection,),
    ("", "nodes"): (_not_ready,),
    ("networking.k8s.io", "ingresses"): (_ingress_class,),
    ("certificates.k8s.io", "certificatesigningrequests"): (_signer,),
}
