"""Validation of RBAC, disruption budgets, priorities and runtime classes."""

from karmactl.embedded.kinds.rules import (
    Errors,
    forbidden,
    immutable,
    invalid,
    label_faults,
    label_map,
    label_selector,
    name_errors,
    not_negative,
    one_of,
    required,
    segment_faults,
    subdomain_faults,
    unsupported,
)
from karmactl.embedded.kinds.validate_containers import resources
from karmactl.embedded.kinds.validate_nodes import validate_tolerations
from karmactl.embedded.kinds.validate_workloads import at_most_all, validate_amount
from karmactl.embedded.schema.internal import internal
from karmactl.embedded.values import Object, dig, equal

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
                out.append(invalid(f"{field}[{index}]", None, "invalid label selector."))
    return out


def _binding(obj: Object, kinds: tuple[str, ...], namespaced: bool) -> Errors:
    ref = obj.get("roleRef") or {}
    out: Errors = []
    if ref.get("apiGroup") != RBAC:
        out.append(unsupported("roleRef.apiGroup", ref.get("apiGroup") or "", (RBAC,)))
    if ref.get("kind") not in kinds:
        out.append(unsupported("roleRef.kind", ref.get("kind") or "", kinds))
    name = ref.get("name") or ""
    out += name_errors("roleRef.name", name, segment_faults(name)) if name else [required("roleRef.name")]
    for index, subject in enumerate(obj.get("subjects") or ()):
        out += _subject(subject, f"subjects[{index}]", namespaced)
    return out


def _subject(subject: Object, where: str, namespaced: bool) -> Errors:
    out: Errors = []
    if not subject.get("name"):
        out.append(required(f"{where}.name"))
    kind, group = subject.get("kind") or "", subject.get("apiGroup") or ""
    if kind == "ServiceAccount":
        out += (
            name_errors(f"{where}.name", subject["name"], subdomain_faults(subject["name"]))
            if subject.get("name")
            else []
        )
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


# ---- policy, scheduling, nodes


def disruption_budget(obj: Object) -> Errors:
    """The faults in a PodDisruptionBudget."""
    spec = obj["spec"]
    out: Errors = []
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = internal("policy.PodDisruptionBudgetSpec", spec)
        out.append(invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set"))
    for field, value in (("minAvailable", least), ("maxUnavailable", most)):
        if value is not None:
            out += validate_amount(f"spec.{field}", value) + at_most_all(f"spec.{field}", value)
    out += label_selector("spec.selector", spec.get("selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None:
        out += one_of("spec.unhealthyPodEvictionPolicy", policy, ("AlwaysAllow", "IfHealthyBudget"))
    return out


def disruption_budget_status(new: Object, old: Object) -> Errors:
    """The faults in the status of a PodDisruptionBudget."""
    fields = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    return [fault for f in fields for fault in not_negative(f"status.{f}", dig(new, "status", f))]


def runtime_class(obj: Object) -> Errors:
    """The faults in a RuntimeClass."""
    handler, scheduling = obj.get("handler") or "", obj.get("scheduling") or {}
    out = name_errors("handler", handler, label_faults(handler)) if handler else [required("handler")]
    if obj.get("overhead") is not None:
        out += resources({"limits": obj["overhead"].get("podFixed") or {}}, "overhead")
    out += label_map("scheduling.nodeSelector", scheduling.get("nodeSelector"))
    return out + validate_tolerations(scheduling.get("tolerations") or [], "scheduling.tolerations")


def runtime_class_update(new: Object, old: Object) -> Errors:
    """The faults in a changed RuntimeClass: its handler stays."""
    return immutable("handler", new.get("handler"), old.get("handler"))


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
