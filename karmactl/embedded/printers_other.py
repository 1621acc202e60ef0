"""Rows of all other groups: scaling, networking, policy, storage, admission and certificates."""

from collections.abc import Callable
from typing import Any

from karmactl.embedded.cells import (
    NONE,
    UNKNOWN,
    UNSET,
    age_of,
    balancer_text,
    human_duration,
    name_of,
    number_at,
    selector_text,
)
from karmactl.embedded.values import Object, dig

__all__ = ["PRINTERS"]


def _autoscaler(obj: Object) -> list[Any]:
    spec = obj["spec"]
    target = spec["scaleTargetRef"]
    return [
        name_of(obj),
        f"{target['kind']}/{target['name']}",
        _metrics(obj),
        str(spec["minReplicas"]) if spec.get("minReplicas") is not None else UNSET,
        spec.get("maxReplicas", 0),
        number_at(obj, "status", "currentReplicas"),
        age_of(obj),
    ]


def _metrics(obj: Object) -> str:
    if "targetCPUUtilizationPercentage" in obj["spec"]:
        current = dig(obj, "status", "currentCPUUtilizationPercentage")
        shown = f"{current}%" if current is not None else UNKNOWN
        return f"cpu: {shown}/{obj['spec']['targetCPUUtilizationPercentage']}%"
    listed = []
    current = dig(obj, "status", "currentMetrics") or []
    specs = obj["spec"].get("metrics") or []
    for index, metric in enumerate(specs):
        listed.append(_metric(metric, current[index] if index < len(current) else {}))
        if len(listed) == 2:
            break
    text = ", ".join(listed)
    if len(specs) > 2:
        text = f"{text} + {len(specs) - 2} more..."
    return text or NONE


def _metric(metric: Object, current: Object) -> str:
    kind = metric["type"]
    field = {
        "ContainerResource": "containerResource",
        "External": "external",
        "Object": "object",
        "Pods": "pods",
        "Resource": "resource",
    }[kind]
    body, live = metric.get(field) or {}, dig(current, field, "current") or {}
    target = body.get("target") or {}
    if kind in ("Resource", "ContainerResource"):
        name = body.get("name", "")
        if target.get("averageValue") is not None:
            return f"{name}: {live.get('averageValue') or UNKNOWN}/{target['averageValue']}"
        now = f"{live['averageUtilization']}%" if live.get("averageUtilization") is not None else UNKNOWN
        wanted = f"{target['averageUtilization']}%" if target.get("averageUtilization") is not None else "<auto>"
        return f"{name}: {now}/{wanted}"
    if target.get("averageValue") is not None:
        suffix = " (avg)" if kind in ("External", "Object") else ""
        return f"{live.get('averageValue') or UNKNOWN}/{target['averageValue']}{suffix}"
    return f"{live.get('value') or UNKNOWN}/{target.get('value')}"


def _signing_request(obj: Object) -> list[Any]:
    spec = obj["spec"]
    seconds = spec.get("expirationSeconds")
    kinds = [c["type"] for c in dig(obj, "status", "conditions") or ()]
    shown = "Denied" if "Denied" in kinds else "Approved" if "Approved" in kinds else ""
    if "Failed" in kinds:
        shown = f"{shown},Failed" if shown else "Failed"
    if dig(obj, "status", "certificate"):
        shown += ",Issued"
    return [
        name_of(obj),
        age_of(obj),
        spec.get("signerName") or NONE,
        spec.get("username", ""),
        human_duration(seconds) if seconds is not None else NONE,
        shown or "Pending",
    ]


def _lease(obj: Object) -> list[Any]:
    return [name_of(obj), dig(obj, "spec", "holderIdentity") or "", age_of(obj)]


def _slice(obj: Object) -> list[Any]:
    ports = [str(p["port"]) if p.get("port") is not None else "*" for p in obj.get("ports") or ()]
    addresses = [a for e in obj.get("endpoints") or () for a in e.get("addresses") or ()]
    return [name_of(obj), obj.get("addressType", ""), _more(ports), _more(addresses), age_of(obj)]


def _more(items: list[str]) -> str:
    if not items:
        return UNSET
    return ",".join(items[:3]) + (f" + {len(items) - 3} more..." if len(items) > 3 else "")


def _ingress(obj: Object) -> list[Any]:
    spec = obj["spec"]
    hosts = [r["host"] for r in spec.get("rules") or () if r.get("host")]
    shown = ",".join(hosts[:3]) or "*"
    if len(spec.get("rules") or ()) > 3:
        shown = f"{shown} + {len(spec['rules']) - 3} more..."
    name = spec.get("ingressClassName") or NONE
    return [name_of(obj), name, shown, balancer_text(obj), "80, 443" if spec.get("tls") else "80", age_of(obj)]


def _ingress_class(obj: Object) -> list[Any]:
    parameters = dig(obj, "spec", "parameters")
    text = NONE
    if parameters:
        kind = parameters["kind"]
        if parameters.get("apiGroup"):
            kind = f"{kind}.{parameters['apiGroup']}"
        text = f"{kind}/{parameters['name']}"
    return [name_of(obj), dig(obj, "spec", "controller") or "", text, age_of(obj)]


def _network_policy(obj: Object) -> list[Any]:
    return [name_of(obj), selector_text(dig(obj, "spec", "podSelector") or {}), age_of(obj)]


def _budget(obj: Object) -> list[Any]:
    spec = obj["spec"]
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    return [
        name_of(obj),
        "N/A" if least is None else str(least),
        "N/A" if most is None else str(most),
        number_at(obj, "status", "disruptionsAllowed"),
        age_of(obj),
    ]


def _binding(obj: Object) -> list[Any]:
    subjects = obj.get("subjects") or []

    def named(kind: str) -> str:
        found = [s for s in subjects if s["kind"] == kind]
        if kind == "ServiceAccount":
            return ", ".join(f"{s.get('namespace', '')}/{s['name']}" for s in found)
        return ", ".join(s["name"] for s in found)

    ref = obj["roleRef"]
    return [
        name_of(obj),
        f"{ref['kind']}/{ref['name']}",
        age_of(obj),
        named("User"),
        named("Group"),
        named("ServiceAccount"),
    ]


def _priority_class(obj: Object) -> list[Any]:
    policy = obj.get("preemptionPolicy") or "PreemptLowerPriority"
    return [name_of(obj), obj.get("value", 0), bool(obj.get("globalDefault")), age_of(obj), policy]


def _storage_class(obj: Object) -> list[Any]:
    mark = (obj["metadata"].get("annotations") or {}).get("storageclass.kubernetes.io/is-default-class")
    name = f"{name_of(obj)} (default)" if mark == "true" else name_of(obj)
    return [
        name,
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age_of(obj),
    ]


def _csi_driver(obj: Object) -> list[Any]:
    spec = obj["spec"]
    tokens = ",".join(t.get("audience", "") for t in spec.get("tokenRequests") or ())
    return [
        name_of(obj),
        bool(spec.get("attachRequired", True)),
        bool(spec.get("podInfoOnMount")),
        bool(spec.get("storageCapacity")),
        tokens or UNSET,
        bool(spec.get("requiresRepublish")),
        ",".join(spec.get("volumeLifecycleModes") or ()) or NONE,
        age_of(obj),
    ]


def _webhooks(obj: Object) -> list[Any]:
    return [name_of(obj), len(obj.get("webhooks") or ()), age_of(obj)]


def _api_service(obj: Object) -> list[Any]:
    service = dig(obj, "spec", "service")
    where = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"
    found = next((c for c in dig(obj, "status", "conditions") or () if c["type"] == "Available"), None)
    shown = "Unknown" if found is None else found["status"]
    if found is not None and shown != "True" and found.get("reason"):
        shown = f"{shown} ({found['reason']})"
    return [name_of(obj), where, shown, age_of(obj)]


PRINTERS: dict[tuple[str, str], Callable[[Object], list[Any]]] = {
    ("autoscaling", "horizontalpodautoscalers"): _autoscaler,
    ("certificates.k8s.io", "certificatesigningrequests"): _signing_request,
    ("coordination.k8s.io", "leases"): _lease,
    ("discovery.k8s.io", "endpointslices"): _slice,
    ("networking.k8s.io", "ingresses"): _ingress,
    ("networking.k8s.io", "ingressclasses"): _ingress_class,
    ("networking.k8s.io", "networkpolicies"): _network_policy,
    ("node.k8s.io", "runtimeclasses"): lambda o: [name_of(o), o.get("handler", ""), age_of(o)],
    ("policy", "poddisruptionbudgets"): _budget,
    ("rbac.authorization.k8s.io", "rolebindings"): _binding,
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _binding,
    ("scheduling.k8s.io", "priorityclasses"): _priority_class,
    ("storage.k8s.io", "storageclasses"): _storage_class,
    ("storage.k8s.io", "csidrivers"): _csi_driver,
    ("storage.k8s.io", "csinodes"): lambda o: [name_of(o), len(dig(o, "spec", "drivers") or ()), age_of(o)],
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _webhooks,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _webhooks,
    ("apiregistration.k8s.io", "apiservices"): _api_service,
}
