"""Who may do what: RBAC from the roles and bindings in the store.

Members of system:masters may do everything. A refusal says what upstream says, including what kept a rule from
being found.
"""

from collections.abc import Iterator

from karmactl.embedded.authn import User
from karmactl.embedded.http import Request
from karmactl.embedded.refusals import ApiError, GroupResource, forbidden
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
        names = info.name
        if info.is_resource and not names and info.verb in ("list", "watch", "deletecollection"):
            names = _selected_name(request)
        resource = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
        if info.is_resource:
            allowed, problems = self.allows(user, info.verb, info.group, resource, info.namespace, names)
        else:
            allowed, problems = self.allows_path(user, info.verb, info.path)
        if allowed:
            return
        raise _refusal(user, info, resource, problems)

    def may(self, user: User, verb: str, group: str, resource: str, name: str) -> bool:
        """Whether the user may do a cluster-wide thing."""
        return self.allows(user, verb, group, resource, "", name)[0]

    def allows(
        self, user: User, verb: str, group: str, resource: str, namespace: str, name: str
    ) -> tuple[bool, list[str]]:
        """Whether the user may, and what was wrong with bindings on the way."""
        if "system:masters" in user.groups:
            return True, []
        problems: list[str] = []
        for rule in self.rules(user, namespace, problems):
            if _rule_allows(rule, verb, group, resource, name):
                return True, []
        return False, problems

    def allows_path(self, user: User, verb: str, path: str) -> tuple[bool, list[str]]:
        """Whether the user may reach a path that is no resource."""
        if "system:masters" in user.groups:
            return True, []
        problems: list[str] = []
        for rule in self.rules(user, "", problems):
            urls = rule.get("nonResourceURLs") or ()
            if any(u == path or u == "*" or (u.endswith("*") and path.startswith(u[:-1])) for u in urls) and (
                {verb, "*"} & set(rule.get("verbs") or ())
            ):
                return True, []
        return False, problems

    def rules(self, user: User, namespace: str, problems: list[str]) -> Iterator[Object]:
        """The rules that apply to the user, cluster-wide ones first."""
        for binding in self._store.objects((RBAC, "clusterrolebindings")):
            if _binds(binding, user, ""):
                yield from self._role_rules(binding["roleRef"], "", problems)
        if namespace:
            for binding in self._store.objects((RBAC, "rolebindings"), namespace):
                if _binds(binding, user, namespace):
                    yield from self._role_rules(binding["roleRef"], namespace, problems)

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


def _binds(binding: Object, user: User, namespace: str) -> bool:
    for subject in binding.get("subjects") or ():
        kind, name = subject.get("kind"), subject.get("name")
        if kind == "User" and name == user.name:
            return True
        if kind == "Group" and name in user.groups:
            return True
        if kind == "ServiceAccount":
            owner = subject.get("namespace") or namespace
            if user.name == f"system:serviceaccount:{owner}:{name}":
                return True
    return False


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


def _refusal(user: User, info: RequestInfo, resource: str, problems: list[str]) -> ApiError:
    because = f": RBAC: {_joined(problems)}" if problems else ""
    if not info.is_resource:
        return ApiError(
            403, "Forbidden", f'forbidden: User "{user.name}" cannot {info.verb} path "{info.path}"{because}', {}
        )
    where = f' in the namespace "{info.namespace}"' if info.namespace else " at the cluster scope"
    return forbidden(
        GroupResource(group=info.group, resource=info.resource),
        info.name,
        f'User "{user.name}" cannot {info.verb} resource "{resource}" in API group "{info.group}"{where}{because}',
    )


def _joined(problems: list[str]) -> str:
    unique = list(dict.fromkeys(problems))
    return unique[0] if len(unique) == 1 else "[" + ", ".join(unique) + "]"
