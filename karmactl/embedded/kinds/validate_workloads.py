"""Validation of Deployments and their kin (pkg/apis/apps/validation, and ReplicationControllers of pkg/apis/core)."""

import re
from typing import Any

from karmactl.embedded.kinds.rules import (
    Errors,
    forbidden,
    immutable,
    invalid,
    label_faults,
    label_selector,
    name_errors,
    not_negative,
    required,
    unsupported,
)
from karmactl.embedded.kinds.validate_pods import validate_template
from karmactl.embedded.kinds.validate_storage import claim_spec
from karmactl.embedded.schema.internal import internal
from karmactl.embedded.selectors import matches_selector
from karmactl.embedded.values import Object, copy, dig, equal

_PERCENT = re.compile(r"[0-9]+%")
_PERCENT_RULE = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)
_MISMATCH = "`selector` does not match template `labels`"


def _selected(spec: Object, empty: str, broken: str | None) -> tuple[Errors, bool]:
    """The faults in a selector, and whether its template can be looked at; `broken` is said of one that is none."""
    selector = spec.get("selector")
    if selector is None:
        return [required("spec.selector")], True
    faults = label_selector("spec.selector", selector)
    out = list(faults)
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        out.append(invalid("spec.selector", selector, f"empty selector is invalid for {empty}"))
    if faults and broken is not None:
        out.append(invalid("spec.selector", selector, broken))
    return out, not faults


def _always(template: Object, kind: str, field: str = "spec.template") -> Errors:
    """What a template may not ask for whose Pods are replaced for ever."""
    out: Errors = []
    policy = template["spec"].get("restartPolicy") or ""
    if policy != "Always":
        out.append(unsupported(f"{field}.spec.restartPolicy", policy, ("Always",)))
    if template["spec"].get("activeDeadlineSeconds") is not None:
        where = f"{field}.spec.activeDeadlineSeconds"
        out.append(forbidden(where, f"activeDeadlineSeconds in {kind} is not Supported"))
    return out


def _matching(template: Object, selector: Object | None) -> Errors:
    labels = dig(template, "metadata", "labels")
    if matches_selector(selector, labels or {}):
        return []
    return [invalid("spec.template.metadata.labels", labels, _MISMATCH)]


# ---- counts and percentages


def validate_amount(field: str, value: Any) -> Errors:
    """A count or a percentage, not below zero."""
    if isinstance(value, str):
        return [] if _PERCENT.fullmatch(value) else [invalid(field, value, _PERCENT_RULE)]
    return not_negative(field, value)


def _number(value: Any) -> int:
    if isinstance(value, str):
        return int(value[:-1]) if _PERCENT.fullmatch(value) else 0
    return int(value or 0)


def at_most_all(field: str, value: Any) -> Errors:
    """A percentage, not above a hundred."""
    if isinstance(value, str) and _PERCENT.fullmatch(value) and int(value[:-1]) > 100:
        return [invalid(field, value, "must not be greater than 100%")]
    return []


def _counts(obj: Object, fields: tuple[str, ...], total: str, ready: str) -> Errors:
    """The faults in the counts of a status: none below zero, none of the later ones above the first."""
    status = obj.get("status") or {}
    out: Errors = []
    for field in fields:
        out += not_negative(f"status.{field}", status.get(field))
    for field in fields[1:]:
        if status.get(field, 0) > status.get(total, 0) and field not in ("unavailableReplicas", "observedGeneration"):
            text = f"cannot be greater than status.{total}"
            out.append(invalid(f"status.{field}", status.get(field, 0), text))
    if status.get("availableReplicas", 0) > status.get("readyReplicas", 0):
        out.append(invalid("status.availableReplicas", status["availableReplicas"], f"cannot be greater than {ready}"))
    return out


# ---- Deployments, ReplicaSets, ReplicationControllers


def deployment(obj: Object) -> Errors:
    """The faults in a Deployment."""
    spec = obj["spec"]
    out = not_negative("spec.replicas", spec.get("replicas"))
    out += _replicated(spec)
    out += _strategy(spec.get("strategy") or {})
    for field in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        out += not_negative(f"spec.{field}", spec.get(field))
    deadline = spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= (spec.get("minReadySeconds") or 0):
        out.append(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
    return out


def _replicated(spec: Object) -> Errors:
    """Selector and template of Deployments and ReplicaSets, which upstream treats alike, down to the words."""
    out, looks = _selected(spec, "deployment", "invalid label selector")
    if looks:
        out += _matching(spec["template"], spec.get("selector"))
        out += validate_template(spec["template"], "spec.template")
        out += _always(spec["template"], "ReplicaSet")
    return out


def _strategy(strategy: Object) -> Errors:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            text = "may not be specified when strategy `type` is 'Recreate'"
            return [forbidden("spec.strategy.rollingUpdate", text)]
        return []
    if kind != "RollingUpdate":
        shown = internal("apps.DeploymentStrategy", strategy)
        return [unsupported("spec.strategy", shown, ("Recreate", "RollingUpdate"))]
    if rolling is None:
        return [required("spec.strategy.rollingUpdate", "this should be defaulted and never be nil")]
    field = "spec.strategy.rollingUpdate"
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    out = validate_amount(f"{field}.maxUnavailable", unavailable) + validate_amount(f"{field}.maxSurge", surge)
    if _number(unavailable) == 0 and _number(surge) == 0:
        out.append(invalid(f"{field}.maxUnavailable", unavailable, "may not be 0 when `maxSurge` is 0"))
    return out + at_most_all(f"{field}.maxUnavailable", unavailable)


def deployment_update(new: Object, old: Object) -> Errors:
    """The faults in a changed Deployment."""
    return deployment(new) + immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


def deployment_status(new: Object, old: Object) -> Errors:
    """The faults in the status of a Deployment."""
    fields = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")
    out = _counts(new, fields, "replicas", "readyReplicas")
    mine, theirs = (dig(o, "status", "collisionCount") for o in (new, old))
    if theirs is not None and (mine or 0) < theirs:
        out.append(invalid("status.collisionCount", mine or 0, "cannot be decremented"))
    return out


def replica_set(obj: Object) -> Errors:
    """The faults in a ReplicaSet."""
    spec = obj["spec"]
    out = not_negative("spec.replicas", spec.get("replicas"))
    out += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    return out + _replicated(spec)


def replica_set_update(new: Object, old: Object) -> Errors:
    """The faults in a changed ReplicaSet."""
    return replica_set(new) + immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector"))


def replica_status(new: Object, old: Object) -> Errors:
    """The faults in the status of a ReplicaSet or ReplicationController."""
    fields = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")
    return _counts(new, fields, "replicas", "readyReplicas")


def replication_controller(obj: Object) -> Errors:
    """The faults in a ReplicationController."""
    spec = obj["spec"]
    template, selector = spec.get("template"), spec.get("selector") or {}
    out = not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    if not selector:
        out.append(required("spec.selector"))
    out += not_negative("spec.replicas", spec.get("replicas"))
    if template is None:
        return [*out, required("spec.template")]
    if selector:
        out += _matching(template, {"matchLabels": selector})
    return out + validate_template(template, "spec.template") + _always(template, "ReplicationController")


# ---- StatefulSets


def stateful_set(obj: Object) -> Errors:
    """The faults in a new StatefulSet."""
    return _stateful(obj["spec"], new=True)


def _stateful(spec: Object, new: bool) -> Errors:
    policy = spec.get("podManagementPolicy") or ""
    out: Errors = []
    if not policy:
        out.append(required("spec.podManagementPolicy"))
    elif policy not in ("OrderedReady", "Parallel"):
        out.append(invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"))
    out += _stateful_strategy(spec.get("updateStrategy") or {})
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for field in ("whenDeleted", "whenScaled") if retention else ():
        value = retention.get(field) or ""
        if value not in ("Retain", "Delete"):
            where = f"spec.persistentVolumeClaimRetentionPolicy.{field}"
            out.append(unsupported(where, value, ("Retain", "Delete")))
    for index, claim in enumerate(spec.get("volumeClaimTemplates") or () if new else ()):
        out += claim_spec(claim.get("spec") or {}, f"spec.volumeClaimTemplates[{index}].spec")
    out += not_negative("spec.replicas", spec.get("replicas"))
    out += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    out += not_negative("spec.ordinals.start", dig(spec, "ordinals", "start"))
    name = spec.get("serviceName")
    if name and new:
        out += name_errors("spec.serviceName", name, label_faults(name))
    faults, looks = _selected(spec, "statefulset", "")
    out += faults
    if looks:
        out += _stateful_template(spec)
    return out + _always(spec["template"], "StatefulSet")


def _stateful_template(spec: Object) -> Errors:
    template = spec["template"]
    claims = tuple(dig(c, "metadata", "name") or "" for c in spec.get("volumeClaimTemplates") or ())
    pod = {k: v for k, v in template["spec"].items() if k not in ("hostname", "subdomain")}
    if claims:
        pod["volumes"] = [v for v in pod.get("volumes") or () if v.get("name") not in claims]
    shown = {**template, "spec": pod}
    return _matching(template, spec.get("selector")) + validate_template(shown, "spec.template", claims)


def _stateful_strategy(strategy: Object) -> Errors:
    kind, rolling, field = strategy.get("type") or "", strategy.get("rollingUpdate"), "spec.updateStrategy"
    if not kind:
        return [required(field)]
    if kind == "OnDelete":
        if rolling is None:
            return []
        shown = internal("apps.RollingUpdateStatefulSetStrategy", rolling)
        return [invalid(f"{field}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")]
    if kind != "RollingUpdate":
        shown = internal("apps.StatefulSetUpdateStrategy", strategy)
        return [invalid(field, shown, "must be 'RollingUpdate' or 'OnDelete'")]
    if rolling is None:
        return []
    out = not_negative(f"{field}.rollingUpdate.partition", rolling.get("partition"))
    unavailable, where = rolling.get("maxUnavailable"), f"{field}.rollingUpdate.maxUnavailable"
    if unavailable is not None:
        out += validate_amount(where, unavailable)
        if _number(unavailable) == 0:
            out.append(invalid(where, unavailable, "cannot be 0"))
        out += at_most_all(where, unavailable)
    return out


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
    out = _stateful(new["spec"], new=False)
    mine, theirs = copy(new["spec"]), copy(old["spec"])
    for field in _MUTABLE:
        mine.pop(field, None)
        theirs.pop(field, None)
    if not equal(mine, theirs):
        listed = ", ".join(f"'{f}'" for f in _MUTABLE[:-1])
        text = f"updates to statefulset spec for fields other than {listed} and '{_MUTABLE[-1]}' are forbidden"
        out.append(forbidden("spec", text))
    return out


def stateful_status(new: Object, old: Object) -> Errors:
    """The faults in the status of a StatefulSet."""
    fields = ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
    return _counts(new, fields, "replicas", "status.readyReplicas")


# ---- DaemonSets


def daemon_set(obj: Object) -> Errors:
    """The faults in a DaemonSet."""
    spec = obj["spec"]
    selector = spec.get("selector")
    faults = label_selector("spec.selector", selector)
    out = list(faults)
    if not faults:
        out += _matching(spec["template"], selector)
    if selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions"):
        out.append(invalid("spec.selector", selector, "empty selector is invalid for daemonset"))
    out += validate_template(spec["template"], "spec.template")
    out += _always(spec["template"], "DaemonSet")
    out += not_negative("spec.minReadySeconds", spec.get("minReadySeconds"))
    out += _daemon_strategy(spec.get("updateStrategy") or {})
    return out + not_negative("spec.revisionHistoryLimit", spec.get("revisionHistoryLimit"))


def _daemon_strategy(strategy: Object) -> Errors:
    kind, rolling, field = strategy.get("type"), strategy.get("rollingUpdate"), "spec.updateStrategy.rollingUpdate"
    if kind == "OnDelete":
        return []
    if kind != "RollingUpdate":
        shown = internal("apps.DaemonSetUpdateStrategy", strategy)
        return [unsupported("spec.updateStrategy", shown, ("RollingUpdate", "OnDelete"))]
    if rolling is None:
        return [required(field)]
    unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
    out = validate_amount(f"{field}.maxUnavailable", unavailable) + validate_amount(f"{field}.maxSurge", surge)
    out += at_most_all(f"{field}.maxUnavailable", unavailable) + at_most_all(f"{field}.maxSurge", surge)
    has_surge, has_unavailable = _number(surge) != 0, _number(unavailable) != 0
    if has_surge and has_unavailable:
        out.append(invalid(f"{field}.maxSurge", surge, "may not be set when maxUnavailable is non-zero"))
    elif not has_surge and not has_unavailable:
        out.append(required(f"{field}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return out


def daemon_set_update(new: Object, old: Object) -> Errors:
    """The faults in a changed DaemonSet."""
    return immutable("spec.selector", new["spec"].get("selector"), old["spec"].get("selector")) + daemon_set(new)


_DAEMON_COUNTS = (
    "currentNumberScheduled",
    "numberMisscheduled",
    "desiredNumberScheduled",
    "numberReady",
    "observedGeneration",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
    "collisionCount",
)


def daemon_status(new: Object, old: Object) -> Errors:
    """The faults in the status of a DaemonSet."""
    return [fault for f in _DAEMON_COUNTS for fault in not_negative(f"status.{f}", dig(new, "status", f))]


# ---- ControllerRevisions


def controller_revision(obj: Object) -> Errors:
    """The faults in a ControllerRevision."""
    return not_negative("revision", obj.get("revision"))


def controller_revision_update(new: Object, old: Object) -> Errors:
    """The faults in a changed ControllerRevision: what it recorded stays."""
    return controller_revision(new) + immutable("data", new.get("data"), old.get("data"))
