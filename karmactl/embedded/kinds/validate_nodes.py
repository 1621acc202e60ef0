"""Validation of where Pods may run: affinity, spreading, tolerations, and selectors of nodes (pkg/apis/core)."""

from karmactl.embedded.kinds.rules import (
    Errors,
    duplicate,
    forbidden,
    invalid,
    label_faults,
    label_selector,
    name_errors,
    one_of,
    operator_values,
    positive,
    required,
    subdomain_faults,
    unsupported,
)
from karmactl.embedded.selectors import key_faults, value_faults
from karmactl.embedded.values import Object

_NEEDED, _WISHED = (f"{word}DuringSchedulingIgnoredDuringExecution" for word in ("required", "preferred"))
_WEIGHT = "must be in the range 1-100"


def affinity(found: Object, field: str) -> Errors:
    """The faults in what a Pod is drawn to and kept from."""
    out: Errors = []
    nodes, where = found.get("nodeAffinity") or {}, f"{field}.nodeAffinity"
    if nodes.get(_NEEDED) is not None:
        out += node_selector(nodes[_NEEDED], f"{where}.{_NEEDED}")
    for index, term in enumerate(nodes.get(_WISHED) or ()):
        here = f"{where}.{_WISHED}[{index}]"
        if not 0 < (term.get("weight") or 0) <= 100:
            out.append(invalid(f"{here}.weight", term.get("weight") or 0, _WEIGHT))
        out += _node_term(term.get("preference") or {}, f"{here}.preference", check_values=False)
    for kind in ("podAffinity", "podAntiAffinity"):
        pods, where = found.get(kind) or {}, f"{field}.{kind}"
        for index, term in enumerate(pods.get(_NEEDED) or ()):
            out += _pod_term(term, f"{where}.{_NEEDED}[{index}]")
        for index, term in enumerate(pods.get(_WISHED) or ()):
            here = f"{where}.{_WISHED}[{index}]"
            if not 0 < (term.get("weight") or 0) <= 100:
                out.append(invalid(f"{here}.weight", term.get("weight") or 0, _WEIGHT))
            out += _pod_term(term.get("podAffinityTerm") or {}, f"{here}.podAffinityTerm")
    return out


def node_selector(selector: Object, field: str) -> Errors:
    """The faults in a selector of nodes."""
    terms = selector.get("nodeSelectorTerms") or []
    if not terms:
        return [required(f"{field}.nodeSelectorTerms", "must have at least one node selector term")]
    out: Errors = []
    for index, term in enumerate(terms):
        out += _node_term(term, f"{field}.nodeSelectorTerms[{index}]", check_values=True)
    return out


def _node_term(term: Object, field: str, check_values: bool) -> Errors:
    out: Errors = []
    for index, rule in enumerate(term.get("matchExpressions") or ()):
        out += _node_rule(rule, f"{field}.matchExpressions[{index}]", check_values)
    for index, rule in enumerate(term.get("matchFields") or ()):
        where, values = f"{field}.matchFields[{index}]", rule.get("values") or []
        if rule.get("operator") not in ("In", "NotIn"):
            out.append(invalid(f"{where}.operator", rule.get("operator") or "", "not a valid selector operator"))
        elif len(values) != 1:
            text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
            out.append(required(f"{where}.values", text))
        if rule.get("key") != "metadata.name":
            out.append(invalid(f"{where}.key", rule.get("key") or "", "not a valid field selector key"))
            continue
        for number, value in enumerate(values):
            out += name_errors(f"{where}.values[{number}]", value, subdomain_faults(value))
    return out


def _node_rule(rule: Object, where: str, check_values: bool) -> Errors:
    operator, values, key = rule.get("operator") or "", rule.get("values") or [], rule.get("key") or ""
    out: Errors = []
    if operator not in ("Gt", "Lt"):
        out += operator_values(where, rule)
    elif len(values) != 1:
        out.append(required(f"{where}.values", "must be specified single value when `operator` is 'Lt' or 'Gt'"))
    out += name_errors(f"{where}.key", key, key_faults(key))
    for number, value in enumerate(values if check_values else ()):
        out += name_errors(f"{where}.values[{number}]", value, value_faults(value))
    return out


def _pod_term(term: Object, field: str) -> Errors:
    out = label_selector(f"{field}.labelSelector", term.get("labelSelector"))
    out += label_selector(f"{field}.namespaceSelector", term.get("namespaceSelector"))
    for name in term.get("namespaces") or ():
        out += name_errors(f"{field}.namespace", name, label_faults(name))
    out += _label_keys(term, field)
    key = term.get("topologyKey") or ""
    if not key:
        out.append(required(f"{field}.topologyKey", "can not be empty"))
    return out + name_errors(f"{field}.topologyKey", key, key_faults(key))


def _label_keys(term: Object, field: str) -> Errors:
    out: Errors = []
    selector = term.get("labelSelector")
    for kind in ("matchLabelKeys", "mismatchLabelKeys"):
        keys = term.get(kind) or []
        if keys and selector is None:
            out.append(forbidden(f"{field}.{kind}", "must not be specified when labelSelector is not set"))
            continue
        for index, key in enumerate(keys):
            out += name_errors(f"{field}.{kind}[{index}]", key, key_faults(key))
    matched, mismatched = term.get("matchLabelKeys") or [], term.get("mismatchLabelKeys") or []
    seen = set((selector or {}).get("matchLabels") or ())
    for rule in (selector or {}).get("matchExpressions") or ():
        key = rule.get("key") or ""
        if key in matched and key in seen:
            text = "exists in both matchLabelKeys and labelSelector"
            out.append(invalid(f"{field}[{matched.index(key)}]", key, text))
        seen.add(key)
    for index, key in enumerate(matched):
        if key in mismatched:
            text = "exists in both matchLabelKeys and mismatchLabelKeys"
            out.append(invalid(f"{field}.matchLabelKeys[{index}]", key, text))
    return out


def spreading(constraints: list[Object], field: str) -> Errors:
    """The faults in how Pods are spread."""
    out: Errors = []
    pairs = [(c.get("topologyKey") or "", c.get("whenUnsatisfiable") or "") for c in constraints]
    for index, constraint in enumerate(constraints):
        where, (key, action) = f"{field}[{index}]", pairs[index]
        out += positive(f"{where}.maxSkew", constraint.get("maxSkew") or 0)
        if not key:
            out.append(required(f"{where}.topologyKey", "can not be empty"))
        out += one_of(f"{where}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway"))
        if pairs[index] in pairs[index + 1 :]:
            out.append(duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}"))
        domains = constraint.get("minDomains")
        if domains is not None:
            out += positive(f"{where}.minDomains", domains)
            if action != "DoNotSchedule":
                text = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
                out.append(invalid(f"{where}.minDomains", domains, text))
        for policy in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            if constraint.get(policy) is not None:
                out += one_of(f"{where}.{policy}", constraint[policy], ("Honor", "Ignore"))
        out += _label_keys(constraint, where)
        out += label_selector(f"{where}.labelSelector", constraint.get("labelSelector"))
    return out


def scheduling_gates(gates: list[Object], field: str) -> Errors:
    """The faults in what holds a Pod back from being scheduled."""
    out: Errors = []
    names = [g.get("name") or "" for g in gates]
    for index, name in enumerate(names):
        out += name_errors(f"{field}[{index}]", name, key_faults(name))
        if name in names[:index]:
            out.append(duplicate(f"{field}[{index}]", name))
    return out


_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def validate_tolerations(tolerations: list[Object], field: str) -> Errors:
    """The faults in a list of tolerations."""
    out: Errors = []
    for index, toleration in enumerate(tolerations):
        where = f"{field}[{index}]"
        key, operator = toleration.get("key") or "", toleration.get("operator") or ""
        value, effect = toleration.get("value") or "", toleration.get("effect") or ""
        if key:
            out += name_errors(f"{where}.key", key, key_faults(key))
        elif operator != "Exists":
            text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            out.append(invalid(f"{where}.operator", operator, text))
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            text = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            out.append(invalid(f"{where}.effect", effect, text))
        if operator in ("", "Equal"):
            faults = value_faults(value)
            if faults:
                out.append(invalid(f"{where}.operator", value, ";".join(faults)))
        elif operator == "Exists":
            if value:
                out.append(invalid(f"{where}.operator", value, "value must be empty when `operator` is 'Exists'"))
        elif operator in ("Lt", "Gt"):
            out.append(unsupported(f"{where}.operator", operator, ("Equal", "Exists", "Lt", "Gt")))
        else:
            out.append(unsupported(f"{where}.operator", operator, ("Equal", "Exists")))
        if effect:
            out += one_of(f"{where}.effect", effect, _EFFECTS)
    return out
