"""The same object in another version of its kind.

Custom resources change their apiVersion (conversion webhooks are not run) and lose what the other version's schema
does not know. Of the built-in kinds, events and HorizontalPodAutoscalers are served in two forms.
"""

import json
from typing import Any

from karmactl.embedded.resource import Resource
from karmactl.embedded.schema.pruning import prune
from karmactl.embedded.schema.structural import settle
from karmactl.embedded.values import Object, dig


def to_version(obj: Object, api_version: str) -> Object:
    """The object in the API version; the same object when it is in it already."""
    if obj.get("apiVersion") == api_version:
        return obj
    convert = _CONVERSIONS.get((str(obj.get("kind")), str(obj.get("apiVersion")), api_version))
    out = dict(convert(obj)) if convert is not None else dict(obj)
    out["apiVersion"] = api_version
    return out


def to_storage(obj: Object, resource: Resource) -> Object:
    """The object in the version in which it is kept."""
    out = to_version(obj, resource.storage_api_version)
    if out is not obj and resource.storage_schema is not None:
        out = settle(resource.storage_schema, out)
    return out


def as_served(obj: Object, resource: Resource) -> Object:
    """A stored object in the resource's version, as the kind's definition is now; the same object where it can be."""
    if resource.definition is None or resource.schema is None or resource.storage_schema is None:
        return to_version(obj, resource.api_version)
    if resource.definition["metadata"].get("generation", 1) > 1:  # the object may be older than the schema
        obj = settle(resource.storage_schema, obj)
    out = to_version(obj, resource.api_version)
    return out if out is obj else prune(resource.schema.rules or {}, out, is_root=True)[0]


# ---- events: the two forms have other names for the same fields (pkg/apis/events/v1)

_EVENT_FIELDS = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_OLD_EVENT_FIELDS = {new: old for old, new in _EVENT_FIELDS.items()}
_ALWAYS_IN_OLD = ("reportingComponent", "reportingInstance")


def _event_to_new(obj: Object) -> Object:
    return {_EVENT_FIELDS.get(k, k): v for k, v in obj.items() if v != "" or k not in _ALWAYS_IN_OLD}


def _event_to_old(obj: Object) -> Object:
    found = {_OLD_EVENT_FIELDS.get(k, k): v for k, v in obj.items()}
    return {**dict.fromkeys(_ALWAYS_IN_OLD, ""), **found}


# ---- HorizontalPodAutoscalers: what the old form has no place for stands in annotations (pkg/apis/autoscaling/v1)

_PREFIX = "autoscaling.alpha.kubernetes.io/"
_METRICS, _STATUSES = _PREFIX + "metrics", _PREFIX + "current-metrics"
_CONDITIONS, _BEHAVIOR = _PREFIX + "conditions", _PREFIX + "behavior"
_COMMON_SPEC = ("scaleTargetRef", "minReplicas", "maxReplicas")
_COMMON_STATUS = ("observedGeneration", "lastScaleTime", "currentReplicas", "desiredReplicas")


def _with_annotations(obj: Object, added: dict[str, Any]) -> Object:
    """The object with values in the annotations of a round trip, and without those that are left from another."""
    given = (obj.get("metadata") or {}).get("annotations") or {}
    found = {k: v for k, v in given.items() if not k.startswith(_PREFIX)}
    found |= {k: json.dumps(v, separators=(",", ":")) for k, v in added.items() if v}
    meta = {k: v for k, v in (obj.get("metadata") or {}).items() if k != "annotations"}
    return {**obj, "metadata": {**meta, "annotations": found} if found else meta}


def _from_annotation(obj: Object, name: str) -> Any:
    try:
        return json.loads(((obj.get("metadata") or {}).get("annotations") or {}).get(name) or "null")
    except ValueError:
        return None


def _is_cpu(metric: Object) -> bool:
    return metric.get("type") == "Resource" and dig(metric, "resource", "name") == "cpu"


def _utilization(metric: Object) -> Any:
    return dig(metric, "resource", "target", "averageUtilization") if _is_cpu(metric) else None


def _cpu(percentage: int) -> Object:
    return {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": percentage}},
    }


def _old_metric(metric: Object) -> Object:
    """A metric in the form that annotations keep: flat, as v2beta1 had it."""
    kind = str(metric.get("type") or "")
    field = kind[:1].lower() + kind[1:]
    return {"type": kind, field: metric.get(field)}


def _autoscaler_to_v1(obj: Object) -> Object:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    metrics = spec.get("metrics") or []
    percentage = next((u for m in metrics if (u := _utilization(m)) is not None), None)
    new_spec = {k: spec[k] for k in _COMMON_SPEC if k in spec}
    new_status = {k: status[k] for k in _COMMON_STATUS if k in status}
    if percentage is not None:
        new_spec["targetCPUUtilizationPercentage"] = percentage
    for metric in status.get("currentMetrics") or ():
        used = dig(metric, "resource", "current", "averageUtilization") if _is_cpu(metric) else None
        if used is not None:
            new_status["currentCPUUtilizationPercentage"] = used
    added = {
        _METRICS: [_old_metric(m) for m in metrics if _utilization(m) is None],
        _STATUSES: status.get("currentMetrics"),
        _BEHAVIOR: spec.get("behavior"),
        _CONDITIONS: status.get("conditions"),
    }
    new_status.setdefault("currentReplicas", 0)
    return {**_with_annotations(obj, added), "spec": new_spec, **({"status": new_status} if "status" in obj else {})}


def _autoscaler_to_v2(obj: Object) -> Object:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    percentage = spec.get("targetCPUUtilizationPercentage")
    metrics = list(_from_annotation(obj, _METRICS) or [])
    if percentage is not None:
        metrics.append(_cpu(percentage))
    new_spec = {k: spec[k] for k in _COMMON_SPEC if k in spec} | {"metrics": metrics or [_cpu(80)]}
    new_status = {k: status[k] for k in _COMMON_STATUS if status.get(k)}
    new_status["currentMetrics"] = _from_annotation(obj, _STATUSES)
    new_status.setdefault("desiredReplicas", 0)
    used = status.get("currentCPUUtilizationPercentage")
    if used is not None and not new_status["currentMetrics"]:
        current = {"name": "cpu", "current": {"averageUtilization": used}}
        new_status["currentMetrics"] = [{"type": "Resource", "resource": current}]
    for place, name, key in ((new_spec, _BEHAVIOR, "behavior"), (new_status, _CONDITIONS, "conditions")):
        value = _from_annotation(obj, name)
        if value:
            place[key] = value
    return {**_with_annotations(obj, {}), "spec": new_spec, **({"status": new_status} if "status" in obj else {})}


_AUTOSCALER = "HorizontalPodAutoscaler"
_CONVERSIONS = {
    ("Event", "v1", "events.k8s.io/v1"): _event_to_new,
    ("Event", "events.k8s.io/v1", "v1"): _event_to_old,
    (_AUTOSCALER, "autoscaling/v1", "autoscaling/v2"): _autoscaler_to_v2,
    (_AUTOSCALER, "autoscaling/v2", "autoscaling/v1"): _autoscaler_to_v1,
}
