"""The cells of table rows, kind by kind, as kubectl shows them (pkg/printers/internalversion)."""

import time
from collections.abc import Callable
from typing import Any

from karmactl.embedded.columns import columns_of, has_own, printer_columns
from karmactl.embedded.encode import dumps
from karmactl.embedded.jsonpath import find
from karmactl.embedded.resource import Resource
from karmactl.embedded.values import Object, dig, parse_time

NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"


def age(text: str | None) -> str:
    """The time since a timestamp, as short as kubectl shows it."""
    moment = parse_time(text) if text else None
    if moment is None:
        return UNKNOWN
    return human_duration(time.time() - moment.timestamp())


def human_duration(seconds: float) -> str:
    """A duration with at most two units (k8s.io/apimachinery/pkg/util/duration.HumanDuration)."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 120:
        return f"{whole}s"
    minutes = whole // 60
    if minutes < 10:
        rest = whole % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = minutes // 60
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        rest = hours % 24
        return f"{hours // 24}d{rest}h" if rest else f"{hours // 24}d"
    days = hours // 24
    if days < 730:
        return f"{days}d"
    if days < 2920:
        rest = days % 365
        return f"{days // 365}y{rest}d" if rest else f"{days // 365}y"
    return f"{days // 365}y"


def row_of(resource: Resource, obj: Object) -> list[Any]:
    """The cells of one object's row."""
    if resource.definition is not None:
        return [obj["metadata"].get("name"), *(_custom_cell(c, obj) for c in printer_columns(resource))]
    printer = _PRINTERS.get(resource.table)
    if printer is not None:
        return printer(obj)
    if has_own(resource):
        return [_name(obj), obj["metadata"].get("creationTimestamp")]
    return [_name(obj), _age(obj)]


def conditions_of(resource: Resource, obj: Object) -> list[Object] | None:
    """Conditions of a row: a Pod that has run its course is completed."""
    phase = dig(obj, "status", "phase")
    if resource.table != ("", "pods") or phase not in ("Succeeded", "Failed"):
        return None
    text = "The pod has completed successfully." if phase == "Succeeded" else "The pod failed."
    return [{"type": "Completed", "status": "True", "reason": phase, "message": text}]


def _custom_cell(column: Object, obj: Object) -> Any:
    found = find(obj, column["jsonPath"])
    if not found:
        return None
    value, kind = found[0], column["type"]
    if kind == "integer":
        return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if kind == "number":
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if kind == "date":
        return age(value) if isinstance(value, str) and value else UNKNOWN if value is not None else None
    if isinstance(value, dict | list):
        return dumps(value).decode()
    return ("true" if value else "false") if isinstance(value, bool) else None if value is None else str(value)


# ---- parts


def _name(obj: Object) -> str:
    return str(obj["metadata"].get("name") or "")


def _age(obj: Object) -> str:
    return age(obj["metadata"].get("creationTimestamp"))


def _labels(labels: Object | None) -> str:
    return ",".join(f"{k}={v}" for k, v in sorted(labels.items())) if labels else NONE


def selector_text(selector: Object | None) -> str:
    """A LabelSelector as one line (metav1.FormatLabelSelector)."""
    if selector is None:
        return NONE
    parts = [(k, f"{k}={v}") for k, v in (selector.get("matchLabels") or {}).items()]
    forms = {"In": "{k} in ({v})", "NotIn": "{k} notin ({v})", "Exists": "{k}", "DoesNotExist": "!{k}"}
    for rule in selector.get("matchExpressions") or ():
        values = ",".join(sorted(rule.get("values") or ()))
        parts.append((rule["key"], forms.get(rule["operator"], "{k}").format(k=rule["key"], v=values)))
    return ",".join(text for _, text in sorted(parts)) or NONE


def _containers(template: Any) -> list[str]:
    containers = dig(template, "spec", "containers") or []
    return [",".join(c["name"] for c in containers), ",".join(c.get("image") or "" for c in containers)]


def _number(obj: Object, *path: str) -> Any:
    return dig(obj, *path) or 0


def _access_modes(modes: list[str] | None) -> str:
    short = {
        "ReadWriteOnce": "RWO",
        "ReadOnlyMany": "ROX",
        "ReadWriteMany": "RWX",
        "ReadWriteOncePod": "RWOP",
    }
    found = set(modes or ())
    return ",".join(s for m, s in short.items() if m in found)


# ---- core


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
        _name(obj),
        f"{ready}/{total}",
        reason,
        shown,
        _age(obj),
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
    return [_name(obj), len(obj.get("data") or {}) + len(obj.get("binaryData") or {}), _age(obj)]


def _secret(obj: Object) -> list[Any]:
    return [_name(obj), obj.get("type", ""), len(obj.get("data") or {}), _age(obj)]


def _service(obj: Object) -> list[Any]:
    spec = obj["spec"]
    ports = []
    for port in spec.get("ports") or ():
        number = f"{port['port']}:{port['nodePort']}" if port.get("nodePort") else str(port["port"])
        ports.append(f"{number}/{port.get('protocol', 'TCP')}")
    return [
        _name(obj),
        spec.get("type", ""),
        (spec.get("clusterIPs") or [spec.get("clusterIP") or NONE])[0],
        _external(obj, spec),
        ",".join(ports) or NONE,
        _age(obj),
        _labels(spec.get("selector")),
    ]


def _external(obj: Object, spec: Object) -> str:
    kind, own = spec.get("type"), spec.get("externalIPs") or []
    if kind == "ExternalName":
        return str(spec.get("externalName") or "")
    if kind == "LoadBalancer":
        found = [*_balancer(obj).split(","), *own] if _balancer(obj) else list(own)
        return ",".join(found) or "<pending>"
    return ",".join(own) or NONE


def _balancer(obj: Object) -> str:
    found = {i.get("ip") or i.get("hostname") or "" for i in dig(obj, "status", "loadBalancer", "ingress") or ()}
    return ",".join(sorted(found - {""}))


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
    return [_name(obj), text, _age(obj)]


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
        _name(obj),
    ]


def _namespace(obj: Object) -> list[Any]:
    return [_name(obj), dig(obj, "status", "phase") or "", _age(obj)]


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
        _name(obj),
        shown,
        ",".join(sorted(roles)) or NONE,
        _age(obj),
        info.get("kubeletVersion", ""),
        address("InternalIP"),
        address("ExternalIP"),
        info.get("osImage") or UNKNOWN,
        info.get("kernelVersion") or UNKNOWN,
        info.get("containerRuntimeVersion") or UNKNOWN,
    ]


def _volume(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    claim = spec.get("claimRef")
    phase = status.get("phase", "")
    if obj["metadata"].get("deletionTimestamp"):
        phase = "Terminating"
    return [
        _name(obj),
        dig(spec, "capacity", "storage") or "0",
        _access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        phase,
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        spec.get("storageClassName", ""),
        spec.get("volumeAttributesClassName") or UNSET,
        status.get("reason", ""),
        _age(obj),
        spec.get("volumeMode") or UNSET,
    ]


def _claim(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    phase = "Terminating" if obj["metadata"].get("deletionTimestamp") else status.get("phase", "")
    bound = bool(spec.get("volumeName"))
    return [
        _name(obj),
        phase,
        spec.get("volumeName", ""),
        dig(status, "capacity", "storage") or ("0" if bound else ""),
        _access_modes(status.get("accessModes")) if bound else "",
        spec.get("storageClassName") or "",
        spec.get("volumeAttributesClassName") or UNSET,
        _age(obj),
        spec.get("volumeMode") or UNSET,
    ]


def _quota(obj: Object) -> list[Any]:
    hard, used = dig(obj, "status", "hard") or {}, dig(obj, "status", "used") or {}
    requests: list[str] = []
    limits: list[str] = []
    for name in sorted(hard):
        text = f"{name}: {used.get(name, '0')}/{hard[name]}"
        (limits if name.startswith("limits.") else requests).append(text)
    return [_name(obj), ", ".join(requests), ", ".join(limits), _age(obj)]


def _pod_template(obj: Object) -> list[Any]:
    return [_name(obj), *_containers(obj.get("template")), _labels(dig(obj, "template", "metadata", "labels"))]


# ---- apps, batch


def _replicas(obj: Object) -> list[Any]:
    selector = obj["spec"].get("selector")
    is_map = selector is not None and "matchLabels" not in selector and "matchExpressions" not in selector
    return [
        _name(obj),
        _number(obj, "spec", "replicas"),
        _number(obj, "status", "replicas"),
        _number(obj, "status", "readyReplicas"),
        _age(obj),
        *_containers(obj["spec"].get("template")),
        _labels(selector) if is_map else selector_text(selector),
    ]


def _deployment(obj: Object) -> list[Any]:
    return [
        _name(obj),
        f"{_number(obj, 'status', 'readyReplicas')}/{_number(obj, 'spec', 'replicas')}",
        _number(obj, "status", "updatedReplicas"),
        _number(obj, "status", "availableReplicas"),
        _age(obj),
        *_containers(obj["spec"].get("template")),
        selector_text(obj["spec"].get("selector")),
    ]


def _stateful_set(obj: Object) -> list[Any]:
    ready = f"{_number(obj, 'status', 'readyReplicas')}/{_number(obj, 'spec', 'replicas')}"
    return [_name(obj), ready, _age(obj), *_containers(obj["spec"].get("template"))]


def _daemon_set(obj: Object) -> list[Any]:
    counts = (
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    )
    return [
        _name(obj),
        *(_number(obj, "status", c) for c in counts),
        _labels(dig(obj, "spec", "template", "spec", "nodeSelector")),
        _age(obj),
        *_containers(obj["spec"].get("template")),
        selector_text(obj["spec"].get("selector")),
    ]


def _revision(obj: Object) -> list[Any]:
    owner = next((o for o in obj["metadata"].get("ownerReferences") or () if o.get("controller")), None)
    text = NONE
    if owner is not None:
        group = owner["apiVersion"].rpartition("/")[0]
        kind = owner["kind"].lower()
        text = f"{kind}.{group}/{owner['name']}" if group else f"{kind}/{owner['name']}"
    return [_name(obj), text, obj.get("revision", 0), _age(obj)]


def _job(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    done = status.get("succeeded", 0)
    if spec.get("completions") is not None:
        completions = f"{done}/{spec['completions']}"
    elif (spec.get("parallelism") or 0) > 1:
        completions = f"{done}/1 of {spec['parallelism']}"
    else:
        completions = f"{done}/1"
    took = ""
    start, end = parse_time(status.get("startTime") or ""), parse_time(status.get("completionTime") or "")
    if start is not None:
        took = human_duration((end.timestamp() if end is not None else time.time()) - start.timestamp())
    return [
        _name(obj),
        _job_status(obj),
        completions,
        took,
        _age(obj),
        *_containers(spec.get("template")),
        selector_text(spec.get("selector")),
    ]


def _job_status(obj: Object) -> str:
    true = {c["type"] for c in dig(obj, "status", "conditions") or () if c["status"] == "True"}
    for kind, text in (
        ("Complete", "Complete"),
        ("Failed", "Failed"),
    ):
        if kind in true:
            return text
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    for kind, text in (
        ("Suspended", "Suspended"),
        ("FailureTarget", "FailureTarget"),
        ("SuccessCriteriaMet", "SuccessCriteriaMet"),
    ):
        if kind in true:
            return text
    return "Running"


def _cron_job(obj: Object) -> list[Any]:
    spec, status = obj["spec"], obj.get("status") or {}
    template = dig(spec, "jobTemplate", "spec") or {}
    return [
        _name(obj),
        spec.get("schedule", ""),
        spec.get("timeZone") or NONE,
        "True" if spec.get("suspend") else "False",
        len(status.get("active") or ()),
        age(status["lastScheduleTime"]) if status.get("lastScheduleTime") else NONE,
        _age(obj),
        *_containers(template.get("template")),
        selector_text(template.get("selector")),
    ]


# ---- the rest


def _autoscaler(obj: Object) -> list[Any]:
    spec = obj["spec"]
    target = spec["scaleTargetRef"]
    return [
        _name(obj),
        f"{target['kind']}/{target['name']}",
        _metrics(obj),
        str(spec["minReplicas"]) if spec.get("minReplicas") is not None else UNSET,
        spec.get("maxReplicas", 0),
        _number(obj, "status", "currentReplicas"),
        _age(obj),
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
        _name(obj),
        _age(obj),
        spec.get("signerName") or NONE,
        spec.get("username", ""),
        human_duration(seconds) if seconds is not None else NONE,
        shown or "Pending",
    ]


def _lease(obj: Object) -> list[Any]:
    return [_name(obj), dig(obj, "spec", "holderIdentity") or "", _age(obj)]


def _slice(obj: Object) -> list[Any]:
    ports = [str(p["port"]) if p.get("port") is not None else "*" for p in obj.get("ports") or ()]
    addresses = [a for e in obj.get("endpoints") or () for a in e.get("addresses") or ()]
    return [_name(obj), obj.get("addressType", ""), _more(ports), _more(addresses), _age(obj)]


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
    return [_name(obj), name, shown, _balancer(obj), "80, 443" if spec.get("tls") else "80", _age(obj)]


def _ingress_class(obj: Object) -> list[Any]:
    parameters = dig(obj, "spec", "parameters")
    text = NONE
    if parameters:
        kind = parameters["kind"]
        if parameters.get("apiGroup"):
            kind = f"{kind}.{parameters['apiGroup']}"
        text = f"{kind}/{parameters['name']}"
    return [_name(obj), dig(obj, "spec", "controller") or "", text, _age(obj)]


def _network_policy(obj: Object) -> list[Any]:
    return [_name(obj), selector_text(dig(obj, "spec", "podSelector") or {}), _age(obj)]


def _budget(obj: Object) -> list[Any]:
    spec = obj["spec"]
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    return [
        _name(obj),
        "N/A" if least is None else str(least),
        "N/A" if most is None else str(most),
        _number(obj, "status", "disruptionsAllowed"),
        _age(obj),
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
        _name(obj),
        f"{ref['kind']}/{ref['name']}",
        _age(obj),
        named("User"),
        named("Group"),
        named("ServiceAccount"),
    ]


def _priority_class(obj: Object) -> list[Any]:
    policy = obj.get("preemptionPolicy") or "PreemptLowerPriority"
    return [_name(obj), obj.get("value", 0), bool(obj.get("globalDefault")), _age(obj), policy]


def _storage_class(obj: Object) -> list[Any]:
    mark = (obj["metadata"].get("annotations") or {}).get("storageclass.kubernetes.io/is-default-class")
    name = f"{_name(obj)} (default)" if mark == "true" else _name(obj)
    return [
        name,
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        _age(obj),
    ]


def _csi_driver(obj: Object) -> list[Any]:
    spec = obj["spec"]
    tokens = ",".join(t.get("audience", "") for t in spec.get("tokenRequests") or ())
    return [
        _name(obj),
        bool(spec.get("attachRequired", True)),
        bool(spec.get("podInfoOnMount")),
        bool(spec.get("storageCapacity")),
        tokens or UNSET,
        bool(spec.get("requiresRepublish")),
        ",".join(spec.get("volumeLifecycleModes") or ()) or NONE,
        _age(obj),
    ]


def _webhooks(obj: Object) -> list[Any]:
    return [_name(obj), len(obj.get("webhooks") or ()), _age(obj)]


def _admission_policy(obj: Object) -> list[Any]:
    kind = dig(obj, "spec", "paramKind")
    text = f"{kind['apiVersion']}/{kind['kind']}" if kind else UNSET
    return [_name(obj), len(dig(obj, "spec", "validations") or ()), text, _age(obj)]


def _admission_binding(obj: Object) -> list[Any]:
    ref = dig(obj, "spec", "paramRef")
    text = UNSET
    if ref:
        text = f"{ref['namespace']}/{ref['name']}" if ref.get("namespace") else ref.get("name", "")
    return [_name(obj), dig(obj, "spec", "policyName") or "", text, _age(obj)]


def _api_service(obj: Object) -> list[Any]:
    service = dig(obj, "spec", "service")
    where = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"
    found = next((c for c in dig(obj, "status", "conditions") or () if c["type"] == "Available"), None)
    shown = "Unknown" if found is None else found["status"]
    if found is not None and shown != "True" and found.get("reason"):
        shown = f"{shown} ({found['reason']})"
    return [_name(obj), where, shown, _age(obj)]


_PRINTERS: dict[tuple[str, str], Callable[[Object], list[Any]]] = {
    ("", "pods"): _pod,
    ("", "podtemplates"): _pod_template,
    ("", "configmaps"): _config_map,
    ("", "secrets"): _secret,
    ("", "serviceaccounts"): lambda o: [_name(o), _age(o)],
    ("", "services"): _service,
    ("", "endpoints"): _endpoints,
    ("", "events"): _event,
    ("", "namespaces"): _namespace,
    ("", "nodes"): _node,
    ("", "persistentvolumes"): _volume,
    ("", "persistentvolumeclaims"): _claim,
    ("", "replicationcontrollers"): _replicas,
    ("", "resourcequotas"): _quota,
    ("apps", "controllerrevisions"): _revision,
    ("apps", "daemonsets"): _daemon_set,
    ("apps", "deployments"): _deployment,
    ("apps", "replicasets"): _replicas,
    ("apps", "statefulsets"): _stateful_set,
    ("autoscaling", "horizontalpodautoscalers"): _autoscaler,
    ("batch", "jobs"): _job,
    ("batch", "cronjobs"): _cron_job,
    ("certificates.k8s.io", "certificatesigningrequests"): _signing_request,
    ("coordination.k8s.io", "leases"): _lease,
    ("discovery.k8s.io", "endpointslices"): _slice,
    ("networking.k8s.io", "ingresses"): _ingress,
    ("networking.k8s.io", "ingressclasses"): _ingress_class,
    ("networking.k8s.io", "networkpolicies"): _network_policy,
    ("node.k8s.io", "runtimeclasses"): lambda o: [_name(o), o.get("handler", ""), _age(o)],
    ("policy", "poddisruptionbudgets"): _budget,
    ("rbac.authorization.k8s.io", "rolebindings"): _binding,
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _binding,
    ("scheduling.k8s.io", "priorityclasses"): _priority_class,
    ("storage.k8s.io", "storageclasses"): _storage_class,
    ("storage.k8s.io", "csidrivers"): _csi_driver,
    ("storage.k8s.io", "csinodes"): lambda o: [_name(o), len(dig(o, "spec", "drivers") or ()), _age(o)],
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _webhooks,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _webhooks,
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): _admission_policy,
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): _admission_binding,
    ("apiregistration.k8s.io", "apiservices"): _api_service,
}

__all__ = ["age", "columns_of", "conditions_of", "human_duration", "row_of", "selector_text"]
