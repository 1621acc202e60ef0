"""Validation of LimitRanges and ResourceQuotas (pkg/apis/core/validation)."""

from decimal import Decimal

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import (
    NOT_NEGATIVE,
    Errors,
    duplicate,
    forbidden,
    immutable,
    invalid,
    name_errors,
    required,
)
from karmactl.embedded.schema.internal import internal
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object, dig

_COMPUTE = ("cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory")
_COUNTED = (
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
)
_QUOTAS = frozenset(
    (
        *_COMPUTE,
        *_COUNTED,
        "ephemeral-storage",
        "requests.storage",
        "requests.ephemeral-storage",
        "limits.ephemeral-storage",
    )
)
_STANDARD = _QUOTAS | {"storage"}
_HUGE_PAGES = ("hugepages-", "requests.hugepages-")
_PODS_ONLY = ("Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity")
_EXISTS_ONLY = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
_SCOPES = (*_PODS_ONLY, "BestEffort", "VolumeAttributesClass")


def _name(field: str, name: str) -> Errors:
    out = name_errors(field, name, key_faults(name))
    if not out and "/" not in name and name not in _STANDARD and not name.startswith(_HUGE_PAGES):
        out.append(invalid(field, name, "must be a standard resource type or fully qualified"))
    return out


def _container_name(field: str, name: str) -> Errors:
    out = _name(field, name)
    if "/" not in name and name not in ("cpu", "memory", "ephemeral-storage") and not name.startswith("hugepages-"):
        out.append(invalid(field, name, "must be a standard resource for containers"))
    return out


# ---- LimitRanges


def limit_range(obj: Object) -> Errors:
    """The faults in a LimitRange."""
    out: Errors = []
    seen: set[str] = set()
    for index, item in enumerate(obj["spec"].get("limits") or ()):
        where, kind = f"spec.limits[{index}]", item.get("type") or ""
        faults = name_errors(f"{where}.type", kind, key_faults(kind))
        if not faults and "/" not in kind and kind not in ("Pod", "Container", "PersistentVolumeClaim"):
            faults.append(invalid(f"{where}.type", kind, "must be a standard limit type or fully qualified"))
        out += faults
        if kind in seen:
            out.append(duplicate(f"{where}.type", kind))
        seen.add(kind)
        out += _limits(item, kind, where)
    return out


def _limits(item: Object, kind: str, where: str) -> Errors:
    check = _container_name if kind in ("Pod", "Container") else _name
    out: Errors = []
    parts = {k: item.get(k) or {} for k in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")}
    for part, values in parts.items():
        if kind == "Pod" and part in ("default", "defaultRequest"):
            if values:
                out.append(forbidden(f"{where}.{part}", "may not be specified when `type` is 'Pod'"))
            parts[part] = {}
            continue
        bounds = (dig(item, "min", "storage"), dig(item, "max", "storage"))
        if part == "maxLimitRequestRatio" and kind == "PersistentVolumeClaim" and bounds == (None, None):
            text = "either minimum or maximum storage value is required, but neither was provided"
            out.append(required(f"{where}.limits", text))
        for name in sorted(values):
            out += check(f"{where}.{part}[{name}]", name)
    for name in sorted({n for values in parts.values() for n in values}):
        out += _limit_values({part: values.get(name) for part, values in parts.items()}, name, where)
    return out


def _limit_values(found: dict[str, str | None], name: str, where: str) -> Errors:
    """The faults in what is said of one resource: each bound within the next."""
    least, most = found["min"], found["max"]
    default, request, ratio = found["default"], found["defaultRequest"], found["maxLimitRequestRatio"]
    out: Errors = []

    def above(a: str | None, b: str | None) -> bool:
        return a is not None and b is not None and quantity.value(a) > quantity.value(b)

    if above(least, most):
        out.append(invalid(f"{where}.min[{name}]", least, f"min value {least} is greater than max value {most}"))
    here = f"{where}.defaultRequest[{name}]"
    if above(least, request):
        out.append(invalid(here, request, f"min value {least} is greater than default request value {request}"))
    if above(request, most):
        out.append(invalid(here, request, f"default request value {request} is greater than max value {most}"))
    if above(request, default):
        text = f"default request value {request} is greater than default limit value {default}"
        out.append(invalid(here, request, text))
    if above(least, default):
        text = f"min value {least} is greater than default value {default}"
        out.append(invalid(f"{where}.default[{name}]", least, text))
    if above(default, most):
        text = f"default value {default} is greater than max value {most}"
        out.append(invalid(f"{where}.default[{name}]", most, text))
    out += _ratio(ratio, least, most, f"{where}.maxLimitRequestRatio[{name}]")
    overcommits = ("/" not in name or "kubernetes.io/" in name) and not name.startswith("hugepages-")
    if not overcommits and default and request and quantity.value(default) != quantity.value(request):
        text = f"default value {default} must equal to defaultRequest value {request} in {name}"
        out.append(invalid(here, request, text))
    return out


def _ratio(ratio: str | None, least: str | None, most: str | None, where: str) -> Errors:
    if ratio is None:
        return []
    out: Errors = []
    if quantity.value(ratio) < 1:
        out.append(invalid(where, ratio, f"ratio {ratio} is less than 1"))
    low = quantity.value(least)
    if least is not None and most is not None and low:
        limit: Decimal = quantity.value(most) / low
        if quantity.value(ratio) > limit:
            out.append(invalid(where, ratio, f"ratio {ratio} is greater than max/min = {limit:f}"))
    return out


# ---- ResourceQuotas


def _amounts(field: str, amounts: Object | None) -> Errors:
    out: Errors = []
    for name, amount in sorted((amounts or {}).items()):
        where = f"{field}[{name}]"
        out += _name(where, name)
        if "/" not in name and name not in _QUOTAS and not name.startswith(_HUGE_PAGES):
            out.append(invalid(where, name, "must be a standard resource for quota"))
        number = quantity.value(amount)
        if number < 0:
            out.append(invalid(where, amount, NOT_NEGATIVE))
        extended = "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")
        if (name in _COUNTED or extended) and number != number.to_integral_value():
            out.append(invalid(where, amount, "must be an integer"))
    return out


def resource_quota(obj: Object) -> Errors:
    """The faults in a ResourceQuota."""
    spec = obj["spec"]
    out = _amounts("spec.hard", spec.get("hard"))
    scopes, hard = spec.get("scopes") or [], sorted(spec.get("hard") or ())
    for scope in scopes:
        if scope not in _SCOPES:
            out.append(invalid("spec.scopes", scopes, "unsupported scope"))
        unfit = [n for n in hard if not _fits(scope, n)]
        out += [invalid("spec.scopes", scopes, "unsupported scope applied to resource") for _ in unfit]
    out += _conflicts("spec.scopes", scopes, scopes)
    selector = spec.get("scopeSelector")
    return out if selector is None else out + _scope_selector(selector, hard, scopes)


def _fits(scope: str, name: str) -> bool:
    if name not in _QUOTAS and not name.startswith(_HUGE_PAGES):
        return True
    if scope in _PODS_ONLY:
        return name == "pods" or name in _COMPUTE
    if scope == "BestEffort":
        return name == "pods"
    return scope != "VolumeAttributesClass" or name in ("persistentvolumeclaims", "requests.storage")


def _conflicts(field: str, found: list[str], shown: list[str]) -> Errors:
    pairs = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
    return [invalid(field, shown, "conflicting scopes") for a, b in pairs if a in found and b in found]


def _scope_selector(selector: Object, hard: list[str], scopes: list[str]) -> Errors:
    field = "spec.scopeSelector.matchExpressions"
    out: Errors = []
    names = []
    for rule in selector.get("matchExpressions") or ():
        scope, operator, values = rule.get("scopeName") or "", rule.get("operator") or "", rule.get("values") or []
        names.append(scope)
        if scope not in _SCOPES:
            out.append(invalid(f"{field}.scopeName", scope, "unsupported scope"))
        shown = internal("core.ScopeSelector", selector)
        text = "unsupported scope applied to resource"
        out += [invalid(field, shown, text) for n in hard if not _fits(scope, n)]
        exists_only = scope in ("BestEffort", *_PODS_ONLY) and scope != "PriorityClass"
        if exists_only and operator != "Exists":
            out.append(invalid(f"{field}.operator", operator, _EXISTS_ONLY))
        if operator in ("In", "NotIn"):
            if not values:
                text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                out.append(required(f"{field}.values", text))
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                out.append(invalid(f"{field}.values", values, text))
        else:
            out.append(invalid(f"{field}.operator", operator, "not a valid selector operator"))
    return out + _conflicts(field, names, scopes)


def resource_quota_update(new: Object, old: Object) -> Errors:
    """The faults in a changed ResourceQuota: its scopes stay."""
    mine, theirs = new["spec"].get("scopes") or [], old["spec"].get("scopes") or []
    out = resource_quota(new)
    return out if set(mine) == set(theirs) else out + immutable("spec.scopes", mine, theirs)


def resource_quota_status(new: Object, old: Object) -> Errors:
    """The faults in the status of a ResourceQuota."""
    status = new.get("status") or {}
    return _amounts("status.hard", status.get("hard")) + _amounts("status.used", status.get("used"))
