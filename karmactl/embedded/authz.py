"""Who may do what: RBAC from the roles and bindings in the store.

Members of system:masters may do everything. A refusal says what upstream says, including what kept a rule from
being found.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from karmactl.embedded.authn import User
from karmactl.embedded.http import Request
from karmactl.embedded.refusals import ApiError, GroupResource, aggregate, forbidden
from karmactl.embedded.routing import RequestInfo
from karmactl.embedded.selectors import matches_selector
from karmactl.embedded.store import Store
from karmactl.embedded.values import Object

RBAC = "rbac.authorization.k8s.io"


class Authorizer:
    """Decisions of one cluster."""

    def __init__(self, store: Store) -> None:
        """An authorizer that reads roles and bindings from the store at each decision."""
        self._store = store

    def check(self, user: User, info: RequestInfo, request: Request) -> None:
        """Raises ApiError 403 unless the user may do what the request asks."""
        if info.is_resource and not info.name and info.verb in ("list", "watch", "deletecollection"):
            info = replace(info, name=_selected_name(request))
        refusal = self.refusal(user, info)
        if refusal is not None:
            raise refusal

    def refusal(self, user: User, info: RequestInfo, because: str = "") -> ApiError | None:
        """The 403 for what a user may not do; `because` says why nobody may."""
        resource = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
        if because:
            return _refusal(user, info, resource, because)
        if info.is_resource:
            allowed, reason = self.allows(user, info.verb, info.group, resource, info.namespace, info.name)
        else:
            allowed, reason = self.allows_path(user, info.verb, info.path)
        return None if allowed else _refusal(user, info, resource, reason)

    def allows(self, user: User, verb: str, group: str, resource: str, namespace: str, name: str) -> tuple[bool, str]:
        """Whether the user may, and why: the binding that says so, or what was wrong with bindings on the way."""

        def fits(rule: Object) -> bool:
            return _rule_allows(rule, verb, group, resource, name)

        return self._decide(user, namespace, fits)

    def allows_path(self, user: User, verb: str, path: str) -> tuple[bool, str]:
        """Whether the user may reach a path that is no resource, and why."""

        def fits(rule: Object) -> bool:
            urls = rule.get("nonResourceURLs") or ()
            is_there = any(u == path or u == "*" or (u.endswith("*") and path.startswith(u[:-1])) for u in urls)
            return is_there and bool({verb, "*"} & set(rule.get("verbs") or ()))

        return self._decide(user, "", fits)

    def _decide(self, user: User, namespace: str, fits: Callable[[Object], bool]) -> tuple[bool, str]:
        if "system:masters" in user.groups:
            return True, ""
        problems: list[str] = []
        for binding, subject, rule in self._bound_rules(user, namespace, problems):
            if fits(rule):
                return True, f"RBAC: allowed by {_described(binding, subject)}"
        return False, f"RBAC: {aggregate(problems)}" if problems else ""

    def rules(self, user: User, namespace: str, problems: list[str]) -> Iterator[Object]:
        """The rules that apply to the user, cluster-wide ones first; `problems` gets what kept one from being found."""
        return (rule for _, _, rule in self._bound_rules(user, namespace, problems))

    def _bound_rules(self, user: User, namespace: str, problems: list[str]) -> Iterator[tuple[Object, Object, Object]]:
        """Bindings that apply to the user, each with the subject that it applies by, and a rule of its role."""
        tables = [("clusterrolebindings", "")] + ([("rolebindings", namespace)] if namespace else [])
        for plural, within in tables:
            for binding in self._store.objects((RBAC, plural), within):
                subject = _subject(binding, user, within)
                if subject is not None:
                    for rule in self._role_rules(binding["roleRef"], within, problems):
                        yield binding, subject, rule

    def _role_rules(self, ref: Object, namespace: str, problems: list[str]) -> list[Object]:
        if ref.get("kind") == "ClusterRole":
            role = self._store.get((RBAC, "clusterroles"), ("", ref["name"]))
            if role is None:
                problems.append(f'clusterrole.{RBAC} "{ref["name"]}" not found')
                return []
            return self.cluster_role_rules(role)
        role = self._store.get((RBAC, "roles"), (namespace, ref.get("name", "")))
        if role is None:
            problems.append(f'role.{RBAC} "{ref.get("name", "")}" not found')
            return []
        return role.get("rules") or []

    def cluster_role_rules(self, role: Object) -> list[Object]:
        """The rules of a ClusterRole, with those that an aggregation rule gathers."""
        rules = list(role.get("rules") or ())
        for selector in (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ():
            for other in self._store.objects((RBAC, "clusterroles")):
                if other is not role and matches_selector(selector, other["metadata"].get("labels") or {}):
                    rules += other.get("rules") or ()
        return rules


def _selected_name(request: Request) -> str:
    """The one name that a field selector asks for, which counts as the request's name."""
    for term in request.param("fieldSelector").split(","):
        field, sign, value = term.partition("=")
        if field == "metadata.name" and sign:
            return value.lstrip("=")
    return ""


def _subject(binding: Object, user: User, namespace: str) -> Object | None:
    """The first of a binding's subjects that is the user."""
    for subject in binding.get("subjects") or ():
        kind, name = subject.get("kind"), subject.get("name")
        owner = subject.get("namespace") or namespace
        if (
            (kind == "User" and name == user.name)
            or (kind == "Group" and name in user.groups)
            or (kind == "ServiceAccount" and owner and user.name == f"system:serviceaccount:{owner}:{name}")
        ):
            return dict(subject)
    return None


def _described(binding: Object, subject: Object) -> str:
    """A binding as a decision names it."""
    meta, ref = binding["metadata"], binding["roleRef"]
    within = meta.get("namespace") or ""
    kind, name = ("RoleBinding", f"{meta['name']}/{within}") if within else ("ClusterRoleBinding", meta["name"])
    who = subject["name"]
    if subject["kind"] == "ServiceAccount":
        who = f"{who}/{subject.get('namespace') or within}"
    return f'{kind} "{name}" of {ref["kind"]} "{ref["name"]}" to {subject["kind"]} "{who}"'


def _rule_allows(rule: Object, verb: str, group: str, resource: str, name: str) -> bool:
    if not {verb, "*"} & set(rule.get("verbs") or ()):
        return False
    if not {group, "*"} & set(rule.get("apiGroups") or ()):
        return False
    wanted = {resource, "*"}
    if "/" in resource:
        wanted.add("*/" + resource.split("/", 1)[1])
    if not wanted & set(rule.get("resources") or ()):
        return False
    names = rule.get("resourceNames")
    return not names or name in names


def _refusal(user: User, info: RequestInfo, resource: str, because: str) -> ApiError:
    because = f": {because}" if because else ""
    if not info.is_resource:
        what = _escaped(f'User "{user.name}" cannot {info.verb} path "{info.path}"')
        return ApiError(403, "Forbidden", f"forbidden: {what}{because}", {})
    where = f' in the namespace "{info.namespace}"' if info.namespace else " at the cluster scope"
    what = f'User "{user.name}" cannot {info.verb} resource "{resource}" in API group "{info.group}"{where}'
    return forbidden(GroupResource(group=info.group, resource=info.resource), info.name, _escaped(what) + because)


def _escaped(message: str) -> str:
    """A message that is safe where somebody shows it as HTML."""
    return message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
