"""Validation of Deployments and their kin (pkg/apis/apps)."""

import re
from typing import Any

from karmactl.embedded.kinds.rules import (
    Errors,
    forbidden,
    immutable,
    invalid,
    label_selector,
    not_negative,
    one_of,
    required,
    unsupported,
)
from karmactl.embedded.kinds.validate_pods import validate_template
from karmactl.embedded.selectors import matches_selector
from karmactl.embedded.values import Object, copy, dig, equal

_PERCENT = re.compile(r"[0-9]+%")
_PERCENT_RULE = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)


def _selector(spec: Object) -> Errors:
    out: Errors = []
    selector = spec.get("selector")
    if selector is None:
        out.append(required("spec.selector"))
        return out
    out += label_selector("spec.selector", selector)
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        out.append(invalid("spec.selector", selector, "empty selector is invalid for deployment"))
    return out


def _template(spec: Object, kind: str, restart: tuple[str, ...] = ("Always",)) -> Errors:
    """The faults in a workload's template: labels that the selector misses, and the Pod itself."""
    out: Errors = []
    template, selector = spec["template"], spec.get("selector")
    labels = dig(template, "metadata", "labels")
    if not matches_selector(selector, labels or {}):
        out.append(invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"))
    claims = tuple(dig(c, "metadata", "name") or "" for c in spec.get("volumeClaimTemplates") or ())
    out += validate_template(template, "spec.template", claims)
    policy = template["spec"].get("restartPolicy")
    if policy in ("Always", "OnFailure", "Never") and policy not in restart:
        out.append(unsupported("spec.template.spec.restartPolicy", policy, restart))
    if template["spec"].get("activeDeadlineSeconds") is not None and kind != "Job":
        where = "spec.template.spec.activeDeadlineSeconds"
        out.append(forbidden(where, f"activeDeadlineSeconds in {kind} is not Supported"))
    return out


def validate_amount(field: str, value: Any) -> Errors:
    """A count or a percentage, not below zero."""
    if isinstance(value, str):
        return [] if _PERCENT.fullmatch(value) else [invalid(field, value, _PERCENT_RULE)]
    return not_negative(field, value)


def _number(value: Any) -> int:
    if isinstance(value, str):
        return int(value[:-1]) if _PERCENT.fullmatch(value) else 0
    return int(value or 0)


def _at_most_all(field: str, value: Any) -> Errors:
    if isinstance(value, str) and _PERCENT.fullmatch(value) and int(value[:-1]) > 100:
        return [invalid(field, value, "must not be greater than 100%")]
    return []


def deployment(obj: Object) -> Errors:
    """The faults in a Deployment."""
    spec = obj["spec"]
    out = not_negative("spec.replicas", spec.get("replicas"))
    out += _selector(spec)
    out += _template(spec, "Deployment")
    out += _strategy(spec.get("strategy") or {})
    for field in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        out += not_negative(f"spec.{field}", spec.get(field))
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        out.append(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
    return out


def _strategy(strategy: Object) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            text = "may not be specified when strategy `type` is 'Recreate'"
            return [forbidden("spec.strategy.rollingUpdate", text)]
        return []
    if kind != "RollingUpdate":
        return [unsupported("spec.strategy.type", kind or "", ("Recreate", "RollingUpdate"))]
    if rolling is None:
        return [required("spec.strategy.rollingUpdate", "this should be defaulted and never be nil")]
    field = "spec.strategy.rollingUpdate"
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    out = validate_amount(f"{field}.maxUnavailable", unavailable) + validate_amount(f"{field}.maxSurge", surge)
    if not out and _number(unavailable) == 0 and _number(surge) == 0:
        out.append(invalid(f"{field}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"))
    return out + _at_most_all(f"{field}.maxUnavailable", unavailable)


def deployment_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Deployment."""
    return deployment(new) + immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


def replica_counts(new: Object, old: Object) -> Errors:
    """The faults in the counts of a status."""
    status = new.get("status") or {}
    out: Errors = []
    fields = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")
    for field in fields:
        out += not_negative(f"status.{field}", status.get(field))
    total, text = status.get("replicas", 0), "cannot be greater than status.replicas"
    for field in ("updatedReplicas", "readyReplicas", "availableReplicas"):
        if status.get(field, 0) > total:
            out.append(invalid(f"status.{field}", status.get(field, 0), text))
    if status.get("availableReplicas", 0) > status.get("readyReplicas", 0):
        text = "cannot be greater than readyReplicas"
        out.append(invalid("status.availableReplicas", status.get("availableReplicas", 0), text))
    return out


def replica_set(obj: Object) -> Errors:
    """The faults in a ReplicaSet."""
    spec = obj["spec"]
    out = not_negative("spec.replicas", spec.get("replicas"))
    out += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    return out + _selector(spec) + _template(spec, "ReplicaSet")


def replica_set_update(new: Object, old: Object) -> Errors:
    """The faults in a changed ReplicaSet."""
    return replica_set(new) + immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


def stateful_set(obj: Object) -> Errors:
    """The faults in a StatefulSet."""
    spec = obj["spec"]
    out = one_of("spec.podManagementPolicy", spec.get("podManagementPolicy"), ("OrderedReady", "Parallel"))
    strategy = spec.get("updateStrategy") or {}
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "OnDelete" and rolling is not None:
        text = "only allowed for updateStrategy 'RollingUpdate'"
        out.append(invalid("spec.updateStrategy.rollingUpdate", rolling, text))
    elif kind == "RollingUpdate" and rolling is not None:
        out += not_negative("spec.updateStrategy.rollingUpdate.partition", rolling.get("partition"))
    elif kind not in ("OnDelete", "RollingUpdate"):
        out.append(unsupported("spec.updateStrategy", kind or "", ("RollingUpdate", "OnDelete")))
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for field in ("whenDeleted", "whenScaled"):
        where = f"spec.persistentVolumeClaimRetentionPolicy.{field}"
        out += one_of(where, retention.get(field), ("Retain", "Delete"))
    out += not_negative("spec.replicas", spec.get("replicas"))
    out += _selector(spec)
    return out + _template(spec, "StatefulSet")


_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)


def stateful_set_update(new: Object, old: Object) -> Errors:
    """The faults in a changed StatefulSet: only some fields may change."""
    out = stateful_set(new)
    mine, theirs = copy(new["spec"]), copy(old["spec"])
    for field in _MUTABLE:
        mine.pop(field, None)
        theirs.pop(field, None)
    if not equal(mine, theirs):
        listed = ", ".join(f"'{f}'" for f in _MUTABLE[:-1])
        text = f"updates to statefulset spec for fields other than {listed} and '{_MUTABLE[-1]}' are forbidden"
        out.append(forbidden("spec", text))
    return out


def daemon_set(obj: Object) -> Errors:
    """The faults in a DaemonSet."""
    spec = obj["spec"]
    out = _selector(spec) + _template(spec, "DaemonSet")
    out += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    strategy = spec.get("updateStrategy") or {}
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate") or {}
    field = "spec.updateStrategy.rollingUpdate"
    if kind == "RollingUpdate":
        unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
        out += validate_amount(f"{field}.maxUnavailable", unavailable) + validate_amount(f"{field}.maxSurge", surge)
        has_surge, has_unavailable = _number(surge) > 0, _number(unavailable) > 0
        if has_surge and has_unavailable:
            text = "may not be set when maxUnavailable is non-zero"
            out.append(invalid(f"{field}.maxSurge", surge, text))
        elif not has_surge and not has_unavailable:
            out.append(required(f"{field}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    elif kind != "OnDelete":
        out.append(unsupported("spec.updateStrategy", kind or "", ("RollingUpdate", "OnDelete")))
    return out + not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def daemon_set_update(new: Object, old: Object) -> Errors:
    """The faults in a changed DaemonSet."""
    return daemon_set(new) + immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))
