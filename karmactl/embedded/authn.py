"""Who sends a request: bearer tokens, impersonation, anonymous.

A token nobody knows is 401; no credentials, or a scheme the server does not know, is the anonymous user.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from karmactl.embedded.http import Request
from karmactl.embedded.refusals import ApiError, GroupResource, bad_request, forbidden, unauthorized


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An identity: name, uid, groups and extra attributes."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, list[str]] = field(default_factory=dict, compare=False)


ANONYMOUS = User(name="system:anonymous", groups=("system:unauthenticated",))
TokenLookup = Callable[[str], User | None]
Authorizer = Callable[[User, str, str, str, str], bool]  # user, verb, group, resource, name


def authenticate(request: Request, lookup: TokenLookup) -> User:
    """The user behind the request's credentials; raises ApiError 401."""
    header = request.header("authorization").strip()
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return ANONYMOUS
    user = lookup(token.strip())
    if user is None:
        raise unauthorized()
    return user


def impersonated(request: Request, user: User, may: Authorizer) -> User:
    """The user that the request asks to be; raises ApiError 400 for half a wish and 403 without permission."""
    name = request.header("impersonate-user")
    groups = tuple(request.repeated.get("impersonate-group", ()))
    uid = request.header("impersonate-uid")
    extra = {
        unquote(key[len("impersonate-extra-") :]): values
        for key, values in request.repeated.items()
        if key.startswith("impersonate-extra-")
    }
    if not name:
        if groups or extra or uid:
            raise ApiError(
                400,
                "BadRequest",
                f"requested {_wish(groups, extra, uid)} without impersonating a user",
            )
        return user
    wishes = [("users", name)] + [("groups", g) for g in groups]
    for resource, what in wishes:
        if not may(user, "impersonate", "", resource, what):
            raise forbidden(
                GroupResource(group="", resource=resource),
                what,
                f'User "{user.name}" cannot impersonate resource "{resource}" in API group "" at the cluster scope',
            )
    if not groups and name.startswith("system:serviceaccount:"):
        namespace = name.split(":")[2] if name.count(":") == 3 else ""
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
    known = "system:unauthenticated" if name == ANONYMOUS.name else "system:authenticated"
    if known not in groups:
        groups = (*groups, known)
    return User(name=name, uid=uid, groups=groups, extra=extra)


def _wish(groups: tuple[str, ...], extra: dict[str, list[str]], uid: str) -> str:
    kinds = []
    if groups:
        kinds += [f"[{{Group    {g}  {{   }} }}]" for g in groups]
    return ", ".join(kinds) or "impersonation"


__all__ = ["ANONYMOUS", "User", "authenticate", "bad_request", "impersonated"]
