"""Validation of HorizontalPodAutoscalers (pkg/apis/autoscaling/validation)."""

from collections.abc import Callable
from typing import Any

from karmactl.embedded import quantity
from karmactl.embedded.kinds.rules import (
    NOT_NEGATIVE,
    Errors,
    forbidden,
    invalid,
    label_faults,
    name_errors,
    not_negative,
    one_of,
    required,
    segment_faults,
    unsupported,
)
from karmactl.embedded.values import Object, dig

_SOURCES = ("ContainerResource", "External", "Object", "Pods", "Resource")
_MAX_WINDOW, _MAX_PERIOD = 3600, 1800


def autoscaler(obj: Object) -> Errors:
    """The faults in a HorizontalPodAutoscaler."""
    spec = obj["spec"]
    out: Errors = []
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and least < 1:
        out.append(invalid("spec.minReplicas", least, "must be greater than or equal to 1"))
    if most == 0:
        out.append(required("spec.maxReplicas", "must be set and greater than 0"))
    elif most < 0:
        out.append(invalid("spec.maxReplicas", most, "must be greater than or equal to 1"))
    if least is not None and most < least:
        out.append(invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    out += _target(spec.get("scaleTargetRef") or {}, "spec.scaleTargetRef")
    kinds = []
    for index, metric in enumerate(spec.get("metrics") or ()):
        out += _metric(metric, f"spec.metrics[{index}]")
        kinds.append(metric.get("type"))
    if least == 0 and not {"Object", "External"} & set(kinds):
        text = "must specify at least one Object or External metric to support scaling to zero replicas"
        out.append(forbidden("spec.metrics", text))
    for direction in ("scaleUp", "scaleDown"):
        rules = dig(spec, "behavior", direction)
        if rules is not None:
            out += _rules(rules, f"spec.behavior.{direction}")
    return out


def _named(field: str, name: str, why: str = "") -> Errors:
    return name_errors(field, name, segment_faults(name)) if name else [required(field, why)]


def _target(target: Object, where: str, needs_group: bool = True) -> Errors:
    out = _named(f"{where}.kind", target.get("kind") or "") + _named(f"{where}.name", target.get("name") or "")
    version = target.get("apiVersion") or ""
    if needs_group and "/" not in version and target.get("kind") != "ReplicationController":
        out.append(invalid(f"{where}.apiVersion", version, "apiVersion must specify API group"))
    return out


def _metric(metric: Object, where: str) -> Errors:
    kind = metric.get("type") or ""
    out = [] if kind else [required(f"{where}.type", "must specify a metric source type")]
    out += one_of(f"{where}.type", kind, _SOURCES)
    given = [f for f in _LOOKS if metric.get(f) is not None]
    if given:
        out += _LOOKS[given[0]](metric[given[0]], f"{where}.{given[0]}")
    expected = kind[:1].lower() + kind[1:]
    if kind not in _SOURCES:
        out.append(unsupported(f"{where}.type", kind, _SOURCES))
    elif expected not in given:
        out.append(required(f"{where}.{expected}", "must populate information for the given metric source"))
    others = [f for f in given if f != expected] if len(given) != 1 else []
    return out + [forbidden(f"{where}.{f}", "must populate the given metric source only") for f in others]


def _amount(target: Object, where: str) -> Errors:
    kind = target.get("type") or ""
    out = [] if kind else [required(f"{where}.type", "must specify a metric target type")]
    if kind not in ("Utilization", "Value", "AverageValue"):
        out.append(invalid(f"{where}.type", kind, "must be either Utilization, Value, or AverageValue"))
    for field in ("value", "averageValue"):
        if target.get(field) is not None and quantity.value(target[field]) <= 0:
            out.append(invalid(f"{where}.{field}", target[field], "must be positive"))
    used = target.get("averageUtilization")
    if used is not None and used < 1:
        out.append(invalid(f"{where}.averageUtilization", used, "must be greater than 0"))
    return out


def _identified(source: Object, where: str) -> Errors:
    name = dig(source, "metric", "name") or ""
    out = _named(f"{where}.metric.name", name, "must specify a metric name")
    return out + _amount(source.get("target") or {}, f"{where}.target")


def _object(source: Object, where: str) -> Errors:
    out = _target(source.get("describedObject") or {}, f"{where}.describedObject", needs_group=False) + _identified(
        source, where
    )
    target = source.get("target") or {}
    if target.get("value") is None and target.get("averageValue") is None:
        out.append(required(f"{where}.target.averageValue", "must set either a target value or averageValue"))
    return out


def _external(source: Object, where: str) -> Errors:
    out, target = _identified(source, where), source.get("target") or {}
    given = [f for f in ("value", "averageValue") if target.get(f) is not None]
    if not given:
        text = "must set either a target value for metric or a per-pod target"
        out.append(required(f"{where}.target.averageValue", text))
    if len(given) == 2:
        text = "may not set both a target value for metric and a per-pod target"
        out.append(forbidden(f"{where}.target.value", text))
    return out


def _pods(source: Object, where: str) -> Errors:
    out = _identified(source, where)
    if dig(source, "target", "averageValue") is None:
        out.append(required(f"{where}.target.averageValue", "must specify a positive target averageValue"))
    return out


def _resource(source: Object, where: str) -> Errors:
    out = [] if source.get("name") else [required(f"{where}.name", "must specify a resource name")]
    return out + _used(source, where)


def _container_resource(source: Object, where: str) -> Errors:
    out = [] if source.get("name") else [required(f"{where}.name", "must specify a resource name")]
    name, here = source.get("container") or "", f"{where}.container"
    out += name_errors(here, name, label_faults(name)) if name else [required(here, "must specify a container")]
    return out + _used(source, where)


def _used(source: Object, where: str) -> Errors:
    target = source.get("target") or {}
    out = _amount(target, f"{where}.target")
    given = [f for f in ("averageUtilization", "averageValue") if target.get(f) is not None]
    if not given:
        text = "must set either a target raw value or a target utilization"
        out.append(required(f"{where}.target.averageUtilization", text))
    if len(given) == 2:
        text = "may not set both a target raw value and a target utilization"
        out.append(forbidden(f"{where}.target.averageValue", text))
    return out


_LOOKS: dict[str, Callable[[Object, str], Errors]] = {
    "object": _object,
    "external": _external,
    "pods": _pods,
    "resource": _resource,
    "containerResource": _container_resource,
}


def _rules(rules: Object, where: str) -> Errors:
    out: Errors = []
    window, policies = rules.get("stabilizationWindowSeconds"), rules.get("policies") or []
    field = f"{where}.stabilizationWindowSeconds"
    if window is not None and window < 0:
        out.append(invalid(field, window, "must be greater than or equal to zero"))
    out += _at_most(field, window, _MAX_WINDOW)
    if rules.get("selectPolicy") is not None:
        out += one_of(f"{where}.selectPolicy", rules["selectPolicy"], ("Disabled", "Max", "Min"))
    if not policies:
        out.append(required(f"{where}.policies", "must specify at least one Policy"))
    for index, policy in enumerate(policies):
        here = f"{where}.policies[{index}]"
        out += one_of(f"{here}.type", policy.get("type") or "", ("Percent", "Pods"))
        for name in ("value", "periodSeconds"):
            if (policy.get(name) or 0) <= 0:
                out.append(invalid(f"{here}.{name}", policy.get(name) or 0, "must be greater than zero"))
        out += _at_most(f"{here}.periodSeconds", policy.get("periodSeconds"), _MAX_PERIOD)
    if quantity.value(rules.get("tolerance")) < 0:
        out.append(invalid(f"{where}.tolerance", rules["tolerance"], NOT_NEGATIVE))
    return out


def _at_most(field: str, value: Any, most: int) -> Errors:
    over = value is not None and value > most
    return [invalid(field, value, f"must be less than or equal to {most}")] if over else []


def autoscaler_status(new: Object, old: Object) -> Errors:
    """The faults in the status of a HorizontalPodAutoscaler."""
    fields = ("currentReplicas", "desiredReplicas")
    return [fault for f in fields for fault in not_negative(f"status.{f}", dig(new, "status", f))]
