"""Admission: what the server itself has to say about a write before the kind's own rules.

The built-in plugins that a default kube-apiserver runs, as far as they show: namespaces must exist and not be
going, service accounts are put into Pods, storage protection is put onto claims, and so on. Plugins are functions
in a table, by resource; each may change the object or raise ApiError 403.
"""

import random
from collections.abc import Callable

from karmactl.embedded import quantity
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
        _within_quota(call, obj)


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


def _limit_ranger(call: Call, pod: Object) -> None:
    """The LimitRanger plugin: defaults from the namespace's LimitRanges, then their bounds."""
    ranges = call.cluster.store.objects(("", "limitranges"), call.namespace)
    for each in ranges:
        _limit_defaults(each, pod)
    faults: list[str] = []
    for each in ranges:
        faults += _limit_faults(each, pod)
    if faults:
        _forbid(call, pod, faults[0] if len(faults) == 1 else "[" + ", ".join(faults) + "]")


def _limit_defaults(limit_range: Object, pod: Object) -> None:
    said: dict[str, list[str]] = {}
    for item in limit_range["spec"].get("limits") or ():
        if item.get("type") != "Container":
            continue
        for field in ("containers", "initContainers"):
            for container in pod["spec"].get(field) or ():
                where = "container" if field == "containers" else "init container"
                _default_into(container, "limits", item.get("default") or {}, where, said)
                _default_into(container, "requests", item.get("defaultRequest") or {}, where, said)
    if said:
        parts = []
        for subject, names in said.items():
            parts.append(f"{', '.join(sorted(names))} {subject}")
        annotations = pod["metadata"].setdefault("annotations", {})
        annotations["kubernetes.io/limit-ranger"] = "LimitRanger plugin set: " + "; ".join(parts)


def _default_into(container: Object, kind: str, values: Object, where: str, said: dict[str, list[str]]) -> None:
    resources = container.setdefault("resources", {})
    missing = {k: v for k, v in values.items() if k not in (resources.get(kind) or {})}
    if missing:
        resources[kind] = {**(resources.get(kind) or {}), **missing}
        singular = "limit" if kind == "limits" else "request"
        said.setdefault(f"{singular} for {where} {container['name']}", []).extend(missing)


def _limit_faults(limit_range: Object, pod: Object) -> list[str]:
    out: list[str] = []
    for item in limit_range["spec"].get("limits") or ():
        kind = item.get("type")
        if kind == "Container":
            for container in pod["spec"].get("containers") or ():
                out += _bounds(item, container.get("resources") or {}, "Container")
        elif kind == "Pod":
            out += _bounds(item, _pod_resources(pod), "Pod")
    return out


def _pod_resources(pod: Object) -> Object:
    out: dict[str, dict[str, str]] = {"requests": {}, "limits": {}}
    for kind, totals in out.items():
        for container in pod["spec"].get("containers") or ():
            for name, text in (dig(container, "resources", kind) or {}).items():
                number, notation = quantity.parse(text)
                totals[name] = quantity.show(quantity.value(totals.get(name)) + number, notation)
    return out


def _bounds(item: Object, resources: Object, kind: str) -> list[str]:
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    out: list[str] = []
    for name, least in (item.get("min") or {}).items():
        if name not in requests:
            out.append(f"minimum {name} usage per {kind} is {least}.  No request is specified")
        elif quantity.value(requests[name]) < quantity.value(least):
            out.append(f"minimum {name} usage per {kind} is {least}, but request is {requests[name]}")
    for name, most in (item.get("max") or {}).items():
        if name not in limits:
            out.append(f"maximum {name} usage per {kind} is {most}.  No limit is specified")
        elif quantity.value(limits[name]) > quantity.value(most):
            out.append(f"maximum {name} usage per {kind} is {most}, but limit is {limits[name]}")
    return out


# ---- storage, nodes, namespaces


def _claim_protection(call: Call, claim: Object) -> None:
    """The StorageObjectInUseProtection plugin."""
    _add_finalizer(claim, "kubernetes.io/pvc-protection")


def _volume_protection(call: Call, volume: Object) -> None:
    _add_finalizer(volume, "kubernetes.io/pv-protection")


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


# ---- quota


def _within_quota(call: Call, obj: Object) -> None:
    """The ResourceQuota plugin: counts of objects, and of requests in Pods, against quotas with a status."""
    for quota in call.cluster.store.objects(("", "resourcequotas"), call.namespace):
        hard, used = dig(quota, "status", "hard") or {}, dig(quota, "status", "used") or {}
        asked = _usage(call, obj, hard)
        over = [
            name
            for name, amount in asked.items()
            if name in used and quantity.value(used[name]) + quantity.value(amount) > quantity.value(hard[name])
        ]
        if over:
            requested = ",".join(f"{n}={asked[n]}" for n in sorted(over))
            taken = ",".join(f"{n}={used[n]}" for n in sorted(over))
            limited = ",".join(f"{n}={hard[n]}" for n in sorted(over))
            _forbid(
                call,
                obj,
                f"exceeded quota: {quota['metadata']['name']}, requested: {requested}, "
                f"used: {taken}, limited: {limited}",
            )


def _usage(call: Call, obj: Object, hard: Object) -> dict[str, str]:
    group, plural = call.resource.table
    out = {}
    for name in (f"count/{plural}.{group}" if group else f"count/{plural}", plural if not group else ""):
        if name in hard:
            out[name] = "1"
    if (group, plural) == ("", "pods"):
        totals = _pod_resources(obj)
        for kind in ("requests", "limits"):
            for name, amount in totals[kind].items():
                for key in (f"{kind}.{name}", name if kind == "requests" else ""):
                    if key in hard:
                        out[key] = amount
    return out


Plugin = Callable[[Call, Object], None]
_ON_CREATE: dict[tuple[str, str], tuple[Plugin, ...]] = {
    ("", "pods"): (_limit_ranger, _service_account, _tolerations, _priority),
    ("", "persistentvolumeclaims"): (_claim_protection, _default_storage_class),
    ("", "persistentvolumes"): (_volume_protection,),
    ("", "nodes"): (_not_ready,),
    ("networking.k8s.io", "ingresses"): (_ingress_class,),
    ("certificates.k8s.io", "certificatesigningrequests"): (_signer,),
}
