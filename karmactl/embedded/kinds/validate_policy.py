"""Validation of RBAC, autoscaling, disruption budgets and priorities."""

from typing import Any

from karmactl.embedded.kinds.rules import (
    Errors,
    forbidden,
    immutable,
    invalid,
    label_selector,
    one_of,
    required,
    unsupported,
)
from karmactl.embedded.kinds.validate_workloads import validate_amount
from karmactl.embedded.values import Object, equal

RBAC = "rbac.authorization.k8s.io"


def _rules(rules: list[Object], namespaced: bool) -> Errors:
    out: Errors = []
    for index, rule in enumerate(rules):
        where = f"rules[{index}]"
        if not rule.get("verbs"):
            out.append(required(f"{where}.verbs", "verbs must contain at least one value"))
        urls = rule.get("nonResourceURLs") or []
        if urls:
            if namespaced:
                text = "namespaced rules cannot apply to non-resource URLs"
                out.append(invalid(f"{where}.nonResourceURLs", urls, text))
            if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
                text = "rules cannot apply to both regular resources and non-resource URLs"
                out.append(invalid(f"{where}.nonResourceURLs", urls, text))
            continue
        if not rule.get("apiGroups"):
            out.append(required(f"{where}.apiGroups", "resource rules must supply at least one api group"))
        if not rule.get("resources"):
            out.append(required(f"{where}.resources", "resource rules must supply at least one resource"))
    return out


def role(obj: Object) -> Errors:
    """The faults in a Role."""
    return _rules(obj.get("rules") or [], namespaced=True)


def cluster_role(obj: Object) -> Errors:
    """The faults in a ClusterRole."""
    out = _rules(obj.get("rules") or [], namespaced=False)
    aggregation = obj.get("aggregationRule")
    if aggregation is not None:
        field = "aggregationRule.clusterRoleSelectors"
        selectors = aggregation.get("clusterRoleSelectors") or []
        if not selectors:
            text = "at least one clusterRoleSelector required if aggregationRule is non-nil"
            out.append(required(field, text))
        for index, selector in enumerate(selectors):
            faults = label_selector(f"{field}[{index}]", selector)
            out += faults
            if faults:
                out.append(invalid(f"{field}[{index}]", _go_selector(selector), "invalid label selector."))
    return out


def _go_selector(selector: Object) -> Any:
    return {"MatchLabels": selector.get("matchLabels"), "MatchExpressions": selector.get("matchExpressions")}


def _binding(obj: Object, kinds: tuple[str, ...], namespaced: bool) -> Errors:
    ref = obj.get("roleRef") or {}
    out: Errors = []
    if ref.get("apiGroup") != RBAC:
        out.append(unsupported("roleRef.apiGroup", ref.get("apiGroup") or "", (RBAC,)))
    if ref.get("kind") not in kinds:
        out.append(unsupported("roleRef.kind", ref.get("kind") or "", kinds))
    if not ref.get("name"):
        out.append(required("roleRef.name"))
    for index, subject in enumerate(obj.get("subjects") or ()):
        out += _subject(subject, f"subjects[{index}]", namespaced)
    return out


def _subject(subject: Object, where: str, namespaced: bool) -> Errors:
    out: Errors = []
    if not subject.get("name"):
        out.append(required(f"{where}.name"))
    kind, group = subject.get("kind") or "", subject.get("apiGroup") or ""
    if kind == "ServiceAccount":
        if group:
            out.append(unsupported(f"{where}.apiGroup", group, ("",)))
        if not namespaced and not subject.get("namespace"):
            out.append(required(f"{where}.namespace"))
    elif kind in ("User", "Group"):
        if group != RBAC:
            out.append(unsupported(f"{where}.apiGroup", group, (RBAC,)))
    else:
        out.append(unsupported(f"{where}.kind", kind, ("ServiceAccount", "User", "Group")))
    return out


def role_binding(obj: Object) -> Errors:
    """The faults in a RoleBinding."""
    return _binding(obj, ("Role", "ClusterRole"), namespaced=True)


def cluster_role_binding(obj: Object) -> Errors:
    """The faults in a ClusterRoleBinding."""
    return _binding(obj, ("ClusterRole",), namespaced=False)


def _role_ref(new: Object, old: Object) -> Errors:
    if equal(new.get("roleRef"), old.get("roleRef")):
        return []
    ref = new.get("roleRef") or {}
    shown = {"APIGroup": ref.get("apiGroup"), "Kind": ref.get("kind"), "Name": ref.get("name")}
    return [invalid("roleRef", shown, "cannot change roleRef")]


def role_binding_update(new: Object, old: Object) -> Errors:
    """The faults in a changed RoleBinding: its role stays."""
    return role_binding(new) + _role_ref(new, old)


def cluster_role_binding_update(new: Object, old: Object) -> Errors:
    """The faults in a changed ClusterRoleBinding: its role stays."""
    return cluster_role_binding(new) + _role_ref(new, old)


# ---- autoscaling, policy, scheduling


def autoscaler(obj: Object) -> Errors:
    """The faults in a HorizontalPodAutoscaler."""
    spec = obj["spec"]
    out: Errors = []
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and least < 1:
        out.append(invalid("spec.minReplicas", least, "must be greater than or equal to 1"))
    if most < 1:
        out.append(required("spec.maxReplicas", "must be set and greater than 0"))
    if least is not None and most < least:
        out.append(invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`"))
    target = spec.get("scaleTargetRef") or {}
    for field in ("kind", "name"):
        if not target.get(field):
            out.append(required(f"spec.scaleTargetRef.{field}"))
    if "/" not in (target.get("apiVersion") or "") and target.get("kind") != "ReplicationController":
        text = "apiVersion must specify API group"
        out.append(invalid("spec.scaleTargetRef.apiVersion", target.get("apiVersion") or "", text))
    kinds = ("ContainerResource", "External", "Object", "Pods", "Resource")
    for index, metric in enumerate(spec.get("metrics") or ()):
        where = f"spec.metrics[{index}].type"
        kind = metric.get("type") or ""
        if not kind:
            out.append(required(where, "must specify a metric source type"))
        elif kind not in kinds:
            out.append(unsupported(where, kind, kinds))
    return out


def disruption_budget(obj: Object) -> Errors:
    """The faults in a PodDisruptionBudget."""
    spec = obj["spec"]
    out: Errors = []
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = {
            "MinAvailable": least,
            "Selector": spec.get("selector"),
            "MaxUnavailable": most,
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        out.append(invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"))
    for field, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            out += validate_amount(f"spec.{field}", value)
    out += label_selector("spec.selector", spec.get("selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None:
        out += one_of("spec.unhealthyPodEvictionPolicy", policy, ("AlwaysAllow", "IfHealthyBudget"))
    return out


def priority_class(obj: Object) -> Errors:
    """The faults in a PriorityClass."""
    out: Errors = []
    name, value = obj["metadata"].get("name") or "", obj.get("value") or 0
    if name.startswith("system-") and name not in ("system-node-critical", "system-cluster-critical"):
        text = "priority class names with 'system-' prefix are reserved for system use only"
        out.append(forbidden("metadata.name", f"{text}. error: {name} is not a known system priority class"))
    elif value > 1000000000 and not name.startswith("system-"):
        text = "maximum allowed value of a user defined priority is 1000000000"
        out.append(forbidden("value", text))
    policies = ("PreemptLowerPriority", "Never")
    return out + one_of("preemptionPolicy", obj.get("preemptionPolicy"), policies)


def priority_class_update(new: Object, old: Object) -> Errors:
    """The faults in a changed PriorityClass: its value stays."""
    out: Errors = []
    if new.get("value") != old.get("value"):
        out.append(forbidden("value", "may not be changed in an update."))
    mine, theirs = new.get("preemptionPolicy"), old.get("preemptionPolicy")
    return out + immutable("preemptionPolicy", mine, theirs)
