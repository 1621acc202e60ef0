"""Rows of the core group: Pods, Services, Nodes, volumes and what is beside them."""

from collections.abc import Callable
from typing import Any

from karmactl.embedded.cells import (
    NONE,
    UNKNOWN,
    UNSET,
    access_modes,
    age,
    age_of,
    balancer_text,
    containers_of,
    labels_text,
    name_of,
)
from karmactl.embedded.values import Object, dig

__all__ = ["PRINTERS"]


def _pod(obj: Object) -> list[Any]:
    status, spec = obj.get("status") or {}, obj["spec"]
    ready, total, restarts, last, reason = _pod_state(obj, spec, status)
    shown = str(restarts)
    if restarts and last:
        shown = f"{restarts} ({age(last)} ago)"
    gates = spec.get("readinessGates") or []
    passed = sum(
        1
        for g in gates
        if any(c["type"] == g["conditionType"] and c["status"] == "True" for c in status.get("conditions") or ())
    )
    ips = status.get("podIPs") or []
    return [
        name_of(obj),
        f"{ready}/{total}",
        reason,
        shown,
        age_of(obj),
        ips[0]["ip"] if ips and ips[0].get("ip") else status.get("podIP") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        f"{passed}/{len(gates)}" if gates else NONE,
    ]


def _pod_state(obj: Object, spec: Object, status: Object) -> tuple[int, int, int, str, str]:
    reason = status.get("reason") or status.get("phase") or ""
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition.get("reason") == "SchedulingGated":
            reason = "SchedulingGated"
    sidecars = {c["name"] for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"}
    total = len(spec.get("containers") or ()) + len(sidecars)
    ready, restarts, last = 0, 0, ""
    initializing = False
    inits = status.get("initContainerStatuses") or []
    for index, container in enumerate(inits):
        restarts += container.get("restartCount", 0)
        state = container.get("state") or {}
        ended = state.get("terminated")
        if container["name"] in sidecars and (container.get("started") or container.get("ready")):
            ready += 1 if container.get("ready") else 0
            continue
        if ended is not None and ended.get("exitCode", 0) == 0:
            continue
        initializing = True
        if ended is not None:
            reason = "Init:" + _ended(ended)
        elif (state.get("waiting") or {}).get("reason") not in (None, "", "PodInitializing"):
            reason = "Init:" + state["waiting"]["reason"]
        else:
            reason = f"Init:{index}/{len(spec.get('initContainers') or ())}"
        break
    running = False
    if not initializing or any(
        c.get("type") == "Initialized" and c["status"] == "True" for c in status.get("conditions") or ()
    ):
        restarts = sum(c.get("restartCount", 0) for c in inits if c["name"] in sidecars)
        for container in reversed(status.get("containerStatuses") or []):
            restarts += container.get("restartCount", 0)
            ended = dig(container, "lastState", "terminated", "finishedAt")
            last = max(last, ended or "")
            state = container.get("state") or {}
            if (state.get("waiting") or {}).get("reason"):
                reason = state["waiting"]["reason"]
            elif state.get("terminated") is not None:
                reason = _ended(state["terminated"])
            elif container.get("ready") and state.get("running") is not None:
                running = True
                ready += 1
        if reason == "Completed" and running:
            is_ready = any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions") or ())
            reason = "Running" if is_ready else "NotReady"
    if obj["metadata"].get("deletionTimestamp"):
        reason = "Unknown" if status.get("reason") == "NodeLost" else "Terminating" if not _is_over(status) else reason
    return ready, total, restarts, last, str(reason)


def _is_over(status: Object) -> bool:
    return status.get("phase") in ("Succeeded", "Failed")


def _ended(state: Object) -> str:
    if state.get("reason"):
        return str(state["reason"])
    if state.get("signal"):
        return f"Signal:{state['signal']}"
    return f"ExitCode:{state.get('exitCode', 0)}"


def _config_map(obj: Object) -> list[Any]:
    return [name_of(obj), len(obj.get("data") or {}) + len(obj.get("binaryData") or {}), age_of(obj)]


def _secret(obj: Object) -> list[Any]:
    return [name_of(obj), obj.get("type", ""), len(obj.get("data") or {}), age_of(obj)]


def _service(obj: Object) -> list[Any]:
    spec = obj["spec"]
    ports = []
    for port in spec.get("ports") or ():
        number = f"{port['port']}:{port['nodePort']}" if port.get("nodePort") else str(port["port"])
        ports.append(f"{number}/{port.get('protocol', 'TCP')}")
    return [
        name_of(obj),
        spec.get("type", ""),
        (spec.get("clusterIPs") or [spec.get("clusterIP") or NONE])[0],
        _external(obj, spec),
        ",".join(ports) or NONE,
        age_of(obj),
        labels_text(spec.get("selector")),
    ]


def _external(obj: Object, spec: Object) -> str:
    kind, own = spec.get("type"), spec.get("externalIPs") or []
    if kind == "ExternalName":
        return str(spec.get("externalName") or "")
    if kind == "LoadBalancer":
        found = [*balancer_text(obj).split(","), *own] if balancer_text(obj) else list(own)
        return ",".join(found) or "<pending>"
    return ",".join(own) or NONE


def _endpoints(obj: Object) -> list[Any]:
    listed: list[str] = []
    count = 0
    for subset in obj.get("subsets") or ():
        ports = subset.get("ports") or []
        for address in subset.get("addresses") or ():
            for port in ports or [None]:
                count += 1
                if len(listed) < 3:
                    ip = f"[{address['ip']}]" if ":" in address["ip"] else address["ip"]
                    listed.append(f"{ip}:{port['port']}" if port else address["ip"])
    text = ",".join(listed)
    if not obj.get("subsets"):
        text = NONE
    elif count > 3:
        text = f"{text} + {count - 3} more..."
    return [name_of(obj), text, age_of(obj)]


def _event(obj: Object) -> list[Any]:
    first = obj.get("firstTimestamp") or obj.get("eventTime") or ""
    last = dig(obj, "series", "lastObservedTime") or obj.get("lastTimestamp") or first
    count = dig(obj, "series", "count") or obj.get("count") or 1
    about = obj.get("involvedObject") or {}
    target = (
        f"{(about.get('kind') or '').lower()}/{about['name']}"
        if about.get("name")
        else (about.get("kind") or "").lower()
    )
    source = obj.get("source") or {}
    component = source.get("component") or obj.get("reportingComponent") or ""
    host = source.get("host") or obj.get("reportingInstance") or ""
    return [
        age(last),
        obj.get("type", ""),
        obj.get("reason", ""),
        target,
        about.get("fieldPath", ""),
        f"{component}, {host}" if host else component,
        (obj.get("message") or "").strip(),
        age(first),
        count,
        name_of(obj),
    ]


def _namespace(obj: Object) -> list[Any]:
    return [name_of(obj), dig(obj, "status", "phase") or "", age_of(obj)]


def _node(obj: Object) -> list[Any]:
    status = obj.get("status") or {}
    ready = next((c for c in status.get("conditions") or () if c["type"] == "Ready"), None)
    shown = "Unknown" if ready is None else "Ready" if ready["status"] == "True" else "NotReady"
    if dig(obj, "spec", "unschedulable"):
        shown += ",SchedulingDisabled"
    roles = set()
    for key, value in (obj["metadata"].get("labels") or {}).items():
        if key.startswith("node-role.kubernetes.io/") and key.partition("/")[2]:
            roles.add(key.partition("/")[2])
        elif key == "kubernetes.io/role" and value:
            roles.add(value)
    info = status.get("nodeInfo") or {}

    def address(kind: str) -> str:
        found = (a["address"] for a in status.get("addresses") or () if a["type"] == kind)
        return next(found, NONE)

    return [
        name_of(obj),
        shown,
        ",".join(sorted(roles)) or NONE,
        age_of(obj),
        info.get("kubeletVersion", ""),
        address("InternalIP"),
        address("ExternalIP"),
        info.get("osImage") or UNKNOWN,
        (info.get("kernelVersion") or UNKNOWN) + (f" ({info['architecture']})" if info.get("architecture") else ""),
        info.get("containerRuntimeVersion") or UNKNOWN,
    ]


def _volume(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    claim = spec.get("claimRef")
    phase = status.get("phase", "")
    if obj["metadata"].get("deletionTimestamp"):
        phase = "Terminating"
    return [
        name_of(obj),
        dig(spec, "capacity", "storage") or "0",
        access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        phase,
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        spec.get("storageClassName", ""),
        spec.get("volumeAttributesClassName") or UNSET,
        status.get("reason", ""),
        age_of(obj),
        spec.get("volumeMode") or UNSET,
    ]


def _claim(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    phase = "Terminating" if obj["metadata"].get("deletionTimestamp") else status.get("phase", "")
    bound = bool(spec.get("volumeName"))
    return [
        name_of(obj),
        phase,
        spec.get("volumeName", ""),
        (dig(status, "capacity", "storage") or "0") if bound else "",
        access_modes(status.get("accessModes")) if bound else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or UNSET,
        age_of(obj),
        spec.get("volumeMode") or UNSET,
    ]


def _quota(obj: Object) -> list[Any]:
    hard, used = dig(obj, "status", "hard") or {}, dig(obj, "status", "used") or {}
    requests: list[str] = []
    limits: list[str] = []
    for name in sorted(hard):
        text = f"{name}: {used.get(name, '0')}/{hard[name]}"
        (limits if name.startswith("limits.") else requests).append(text)
    return [name_of(obj), ", ".join(requests), ", ".join(limits), age_of(obj)]


def _pod_template(obj: Object) -> list[Any]:
    return [name_of(obj), *containers_of(obj.get("template")), labels_text(dig(obj, "template", "metadata", "labels"))]


PRINTERS: dict[tuple[str, str], Callable[[Object], list[Any]]] = {
    ("", "pods"): _pod,
    ("", "podtemplates"): _pod_template,
    ("", "configmaps"): _config_map,
    ("", "secrets"): _secret,
    ("", "serviceaccounts"): lambda o: [name_of(o), age_of(o)],
    ("", "services"): _service,
    ("", "endpoints"): _endpoints,
    ("", "events"): _event,
    ("", "namespaces"): _namespace,
    ("", "nodes"): _node,
    ("", "persistentvolumes"): _volume,
    ("", "persistentvolumeclaims"): _claim,
    ("", "resourcequotas"): _quota,
}
