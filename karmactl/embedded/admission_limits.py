"""The LimitRanger and ResourceQuota plugins: what Pods and claims may ask for, and how many objects there may be.

Limits are filled in before an object is validated and checked after; quotas come last, and count what they let in.
"""

from karmactl.embedded import quantity
from karmactl.embedded.call import Call
from karmactl.embedded.refusals import forbidden
from karmactl.embedded.values import Object, copy, dig

_RANGES, _QUOTAS = ("", "limitranges"), ("", "resourcequotas")
_PODS, _CLAIMS, _SERVICES = ("", "pods"), ("", "persistentvolumeclaims"), ("", "services")
_KINDS = (("containers", "container"), ("initContainers", "init container"))


def _forbid(call: Call, obj: Object, why: str) -> None:
    raise forbidden(call.resource.group_resource, obj["metadata"].get("name") or "", why)


# ---- limits


def set_default_limits(call: Call, pod: Object) -> None:
    """Gives a Pod's containers what the LimitRanges of its namespace say by default."""
    for each in call.cluster.store.objects(_RANGES, call.namespace):
        said: list[str] = []
        items = [i for i in each["spec"].get("limits") or () if i.get("type") == "Container"]
        limits = {k: v for item in items for k, v in (item.get("default") or {}).items()}
        requests = {k: v for item in items for k, v in (item.get("defaultRequest") or {}).items()}
        for field, words in _KINDS:
            for container in pod["spec"].get(field) or ():
                for kind, values in (("requests", requests), ("limits", limits)):
                    missing = _fill(container, kind, values)
                    if missing:
                        said.append(f"{', '.join(sorted(missing))} {kind[:-1]} for {words} {container['name']}")
        if said:
            annotations = pod["metadata"].setdefault("annotations", {})
            annotations["kubernetes.io/limit-ranger"] = "LimitRanger plugin set: " + "; ".join(said)


def _fill(container: Object, kind: str, values: Object) -> Object:
    resources = container.setdefault("resources", {})
    missing = {k: v for k, v in values.items() if k not in (resources.get(kind) or {})}
    if missing:
        resources[kind] = {**(resources.get(kind) or {}), **missing}
    return missing


def check_limits(call: Call, obj: Object) -> None:
    """Raises ApiError 403 for a Pod or claim outside the bounds of a LimitRange of its namespace."""
    table = call.resource.table
    if table not in (_PODS, _CLAIMS):
        return
    for each in call.cluster.store.objects(_RANGES, call.namespace):
        faults: list[str] = []
        for item in each["spec"].get("limits") or ():
            faults += _pod_faults(item, obj) if table == _PODS else _claim_faults(item, obj)
        if faults:
            _forbid(call, obj, faults[0] if len(faults) == 1 else "[" + ", ".join(faults) + "]")


def _pod_faults(item: Object, pod: Object) -> list[str]:
    kind = item.get("type")
    if kind == "Pod":
        return _bounds(item, _totals(pod), "Pod")
    if kind != "Container":
        return []
    found = [c for field, _ in _KINDS for c in pod["spec"].get(field) or ()]
    return [fault for container in found for fault in _bounds(item, container.get("resources") or {}, "Container")]


def _totals(pod: Object) -> Object:
    """What all containers of a Pod ask for together, and are limited to together."""
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
        out += _least(f"minimum {name} usage per {kind} is {least}", least, requests.get(name), limits.get(name))
    for name, most in (item.get("max") or {}).items():
        where = f"maximum {name} usage per {kind} is {most}"
        given = ((w, v) for w, v in (("limit", limits.get(name)), ("request", requests.get(name))) if v is not None)
        if name not in limits:
            out.append(f"{where}.  No limit is specified")
        else:
            over = [f"{where}, but {w} is {v}" for w, v in given if quantity.value(v) > quantity.value(most)]
            out += over[:1]
    for name, ratio in (item.get("maxLimitRequestRatio") or {}).items():
        where = f"{name} max limit to request ratio per {kind} is {ratio}"
        out += _ratio(where, ratio, requests.get(name), limits.get(name))
    return out


def _least(where: str, least: str, request: str | None, limit: str | None) -> list[str]:
    if request is None:
        return [f"{where}.  No request is specified"]
    if quantity.value(request) < quantity.value(least):
        return [f"{where}, but request is {request}"]
    if limit is not None and quantity.value(limit) < quantity.value(least):
        return [f"{where}, but limit is {limit}"]
    return []


def _ratio(where: str, ratio: str, request: str | None, limit: str | None) -> list[str]:
    asked, most = quantity.value(request), quantity.value(limit)
    if not asked:
        return [f"{where}, but no request is specified or request is 0"]
    if not most:
        return [f"{where}, but no limit is specified or limit is 0"]
    return [f"{where}, but provided ratio is {most / asked:f}"] if most / asked > quantity.value(ratio) else []


def _claim_faults(item: Object, claim: Object) -> list[str]:
    if item.get("type") != "PersistentVolumeClaim":
        return []
    requests = dig(claim, "spec", "resources", "requests") or {}
    out: list[str] = []
    for name, least in (item.get("min") or {}).items():
        where = f"minimum {name} usage per PersistentVolumeClaim is {least}"
        out += _least(where, least, requests.get(name), None)
    for name, most in (item.get("max") or {}).items():
        where = f"maximum {name} usage per PersistentVolumeClaim is {most}"
        if name not in requests:
            out.append(f"{where}.  No request is specified")
        elif quantity.value(requests[name]) > quantity.value(most):
            out.append(f"{where}, but request is {requests[name]}")
    return out


# ---- quotas

_COMPUTE = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")


def check_quotas(call: Call, obj: Object) -> None:
    """Raises ApiError 403 for an object past a quota that has a status, and counts it in those that let it in."""
    passed: list[tuple[Object, Object]] = []
    for quota in call.cluster.store.objects(_QUOTAS, call.namespace):
        hard, used = dig(quota, "status", "hard") or {}, dig(quota, "status", "used") or {}
        if not hard or (call.resource.table == _PODS and not _in_scopes(quota, obj)):
            continue
        if call.resource.table == _PODS:
            _named(call, quota, obj, hard)
        asked = _usage(call, obj, hard)
        if unknown := sorted(n for n in asked if n not in used):
            _forbid(call, obj, f"status unknown for quota: {quota['metadata']['name']}, resources: {','.join(unknown)}")
        totals = {n: _add(used[n], amount) for n, amount in asked.items()}
        over = sorted(n for n, total in totals.items() if quantity.value(total) > quantity.value(hard[n]))
        if over:
            shown = (",".join(f"{n}={values[n]}" for n in over) for values in (asked, used, hard))
            text = "exceeded quota: {}, requested: {}, used: {}, limited: {}"
            _forbid(call, obj, text.format(quota["metadata"]["name"], *shown))
        if totals:
            passed.append((quota, {**used, **totals}))
    for quota, used in () if call.dry_run else passed:
        counted = copy(quota)
        counted["status"]["used"] = used
        call.cluster.store.put(_QUOTAS, (call.namespace, quota["metadata"]["name"]), counted)


def _add(amount: str, more: str) -> str:
    number, notation = quantity.parse(more)
    return quantity.show(quantity.value(amount) + number, notation)


def _in_scopes(quota: Object, pod: Object) -> bool:
    """Whether a quota is about such Pods."""
    spec = pod["spec"]
    asks = any(_totals(pod).values())
    facts = {
        "Terminating": spec.get("activeDeadlineSeconds") is not None,
        "NotTerminating": spec.get("activeDeadlineSeconds") is None,
        "BestEffort": not asks,
        "NotBestEffort": asks,
    }
    return all(facts.get(scope, True) for scope in quota["spec"].get("scopes") or ())


def _named(call: Call, quota: Object, pod: Object, hard: Object) -> None:
    """Where processors or memory are counted, each container has to say what it takes."""
    missing: dict[str, list[str]] = {}
    for field, _ in _KINDS:
        for container in pod["spec"].get(field) or ():
            resources = container.get("resources") or {}
            for name in _COMPUTE:
                kind, _, resource = name.rpartition(".")
                if name in hard and resource not in (resources.get(kind or "requests") or {}):
                    missing.setdefault(name, []).append(container.get("name") or "")
    if missing:
        listed = "; ".join(f"{name} for: {','.join(missing[name])}" for name in sorted(missing))
        _forbid(call, pod, f"failed quota: {quota['metadata']['name']}: must specify {listed}")


def _usage(call: Call, obj: Object, hard: Object) -> dict[str, str]:
    group, plural = call.resource.table
    out: dict[str, str] = {f"count/{plural}.{group}" if group else f"count/{plural}": "1"}
    if not group:
        out[plural] = "1"
    if call.resource.table == _PODS:
        totals = _totals(obj)
        for kind in ("requests", "limits"):
            for name, amount in totals[kind].items():
                out[f"{kind}.{name}"] = amount
                if kind == "requests":
                    out[name] = amount
    elif call.resource.table == _CLAIMS:
        size = dig(obj, "spec", "resources", "requests", "storage")
        if size is not None:
            out["requests.storage"] = size
    elif call.resource.table == _SERVICES:
        balanced = obj["spec"].get("type") == "LoadBalancer"
        ports = sum(1 for p in obj["spec"].get("ports") or () if p.get("nodePort"))
        out |= {"services.loadbalancers": "1"} if balanced else {}
        out |= {"services.nodeports": str(ports)} if ports else {}
    return {name: amount for name, amount in out.items() if name in hard}
