"""Nobody hands out more than they hold: roles and bindings of users who are not in system:masters.

Who writes a role has to hold each of its rules, or the verb `escalate` on it; who writes a binding has to hold the
rules of its role, or the verb `bind` on that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from karmactl.embedded.authz import RBAC
from karmactl.embedded.call import Call
from karmactl.embedded.refusals import ApiError, aggregate, forbidden, not_found
from karmactl.embedded.values import Object, equal, go_quote

_EVERYTHING: list[Object] = [
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
]
_PARTS = (
    ("apiGroups", "APIGroups"),
    ("resources", "Resources"),
    ("nonResourceURLs", "NonResourceURLs"),
    ("resourceNames", "ResourceNames"),
    ("verbs", "Verbs"),
)


def check_grant(call: Call, obj: Object, live: Object | None = None) -> None:
    """Raises ApiError 403 for a role or binding that grants what its writer does not hold."""
    if call.resource.group != RBAC or "system:masters" in call.user.groups:
        return
    if live is not None and _same_but_for_collection(obj, live):
        return
    if call.resource.plural in ("roles", "clusterroles"):
        _check_role(call, obj, live)
    else:
        _check_binding(call, obj)


def _same_but_for_collection(new: Object, live: Object) -> bool:
    """Whether a change touches only what garbage collection needs."""
    kept = ("ownerReferences", "finalizers", "selfLink", "managedFields")
    one, other = ({**o, "metadata": {k: v for k, v in o["metadata"].items() if k not in kept}} for o in (new, live))
    return equal(one, other)


def _check_role(call: Call, role: Object, live: Object | None) -> None:
    if call.cluster.authorizer.refusal(call.user, replace(call.info, verb="escalate", subresource="")) is None:
        return
    _confirm(call, role, role.get("rules") or [])
    if not any((o.get("aggregationRule") or {}).get("clusterRoleSelectors") for o in (role, live or {})):
        return
    if _missing(call, _EVERYTHING, []):
        raise _forbidden(call, role, "must have cluster-admin privileges to use the aggregationRule")


def _check_binding(call: Call, binding: Object) -> None:
    ref = binding.get("roleRef") or {}
    kind, name = ref.get("kind") or "", ref.get("name") or ""
    plural = {"ClusterRole": "clusterroles", "Role": "roles"}.get(kind)
    if plural is None:
        raise ApiError(500, "", f"unsupported role reference kind: {go_quote(kind)}")
    authorizer = call.cluster.authorizer
    asked = replace(call.info, verb="bind", group=ref.get("apiGroup") or "", resource=plural, subresource="", name=name)
    if authorizer.refusal(call.user, asked) is None:
        return
    namespace = call.namespace if plural == "roles" else ""
    role = call.cluster.store.get((RBAC, plural), (namespace, name))
    if role is None:
        raise not_found(call.resource.group_resource, name)
    rules = authorizer.cluster_role_rules(role) if plural == "clusterroles" else role.get("rules") or []
    _confirm(call, binding, rules)


def _confirm(call: Call, obj: Object, wanted: list[Object]) -> None:
    problems: list[str] = []
    missing = _missing(call, wanted, problems)
    if not missing:
        return
    shown = "\n".join(sorted({_show(rule) for rule in _compact(missing)}))
    groups = " ".join(go_quote(g) for g in call.user.groups)
    who = f"user {go_quote(call.user.name)} (groups=[{groups}])"
    why = f"{who} is attempting to grant RBAC permissions not currently held:\n{shown}"
    if problems:
        why += f"; resolution errors: [{aggregate(problems)}]"
    raise _forbidden(call, obj, why)


def _forbidden(call: Call, obj: Object, why: str) -> ApiError:
    return forbidden(call.resource.group_resource, obj["metadata"].get("name") or "", why)


def _missing(call: Call, wanted: list[Object], problems: list[str]) -> list[Object]:
    """The atoms of the wanted rules that no rule of the user's covers."""
    held = list(call.cluster.authorizer.rules(call.user, call.namespace, problems))
    return [atom for rule in wanted for atom in _atoms(rule) if not any(_covers(own, atom) for own in held)]


def _atoms(rule: Object) -> Iterator[Object]:
    """A rule in pieces of one verb on one thing."""
    verbs = rule.get("verbs") or ()
    for group in rule.get("apiGroups") or ():
        for resource in rule.get("resources") or ():
            for verb in verbs:
                atom = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
                names = rule.get("resourceNames")
                yield from ({**atom, "resourceNames": [name]} for name in names) if names else (atom,)
    for url in rule.get("nonResourceURLs") or ():
        for verb in verbs:
            yield {"nonResourceURLs": [url], "verbs": [verb]}


def _covers(own: Object, atom: Object) -> bool:
    names, wanted = own.get("resourceNames"), atom.get("resourceNames")
    return (
        _has(own, atom, "verbs")
        and _has(own, atom, "apiGroups")
        and all(_has_resource(own.get("resources") or (), r) for r in atom.get("resources") or ())
        and all(_has_path(own.get("nonResourceURLs") or (), u) for u in atom.get("nonResourceURLs") or ())
        and (not names or bool(wanted and wanted[0] in names))
    )


def _has(own: Object, atom: Object, key: str) -> bool:
    held = own.get(key) or ()
    return "*" in held or all(value in held for value in atom.get(key) or ())


def _has_resource(held: Sequence[str], resource: str) -> bool:
    part = resource.partition("/")[2]
    return "*" in held or resource in held or bool(part and f"*/{part}" in held)


def _has_path(held: Sequence[str], path: str) -> bool:
    return any(own == path or (own.endswith("*") and path.startswith(own.rstrip("*"))) for own in held)


def _compact(atoms: list[Object]) -> list[Object]:
    """Atoms on one resource as one rule with several verbs."""
    out: list[Object] = []
    by_resource: dict[tuple[str, ...], Object] = {}
    for atom in atoms:
        if "nonResourceURLs" in atom:
            out.append(atom)
            continue
        key = (atom["apiGroups"][0], atom["resources"][0], *atom.get("resourceNames", ()))
        if key in by_resource:
            by_resource[key]["verbs"].extend(atom["verbs"])
        else:
            by_resource[key] = {**atom, "verbs": list(atom["verbs"])}
    return out + list(by_resource.values())


def _show(rule: Object) -> str:
    # Go prints a list's values with only spaces between them
    parts = [f"{go}:[{' '.join(go_quote(v) for v in rule[key])}]" for key, go in _PARTS if rule.get(key)]
    return "{" + ", ".join(parts) + "}"
