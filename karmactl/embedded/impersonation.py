"""Impersonation: a request of one user that is to be taken as another's.

A user may impersonate another in general (verb `impersonate`), or in one of the constrained modes: for an ordinary
user, a service account or a node (verbs `impersonate:MODE` on the wanted identity, and `impersonate-on:MODE:VERB` on
what the request itself does). Every mode that fits is tried; the refusal is that of the first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from karmactl.embedded.authn import ANONYMOUS, User
from karmactl.embedded.authz import Authorizer
from karmactl.embedded.http import Request
from karmactl.embedded.refusals import ApiError, bad_request
from karmactl.embedded.routing import RequestInfo
from karmactl.embedded.values import go_quote

_AUTHENTICATION = "authentication.k8s.io"
_EXTRA = "impersonate-extra-"
_NODE = re.compile(r"system:node:([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)")
_ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9](?:[-a-z0-9]*[a-z0-9])?):([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    name: str
    uid: str
    groups: tuple[str, ...]
    extra: dict[str, list[str]]

    @property
    def only_name(self) -> bool:
        return not (self.uid or self.groups or self.extra)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One permission that a mode asks for."""

    verb: str
    group: str
    resource: str
    name: str
    namespace: str = ""
    subresource: str = ""
    never: str = ""  # why nobody may have it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mode:
    verb: str
    on: str = field(default="")  # the prefix of the verb for what the request itself does


def impersonated(request: Request, user: User, info: RequestInfo, authorizer: Authorizer) -> User:
    """The user that the request asks to be; raises ApiError 400 for half a wish and 403 without permission."""
    extra: dict[str, list[str]] = {}
    for key, values in request.repeated.items():
        if key.startswith(_EXTRA):
            extra.setdefault(unquote(key[len(_EXTRA) :]), []).extend(values)
    wish = _Wish(
        name=request.header("impersonate-user"),
        uid=request.header("impersonate-uid"),
        groups=tuple(request.repeated.get("impersonate-group", ())),
        extra=extra,
    )
    if not wish.name:
        if wish.only_name:
            return user
        raise bad_request(f"requested {_go_value(wish)} without impersonating a user name")
    refusals: list[ApiError] = []
    for mode in _modes(wish):
        refusal = _refusal(mode, wish, user, info, authorizer)
        if refusal is None:
            return _become(wish, mode)
        refusals.append(refusal)
    raise refusals[0]


def _modes(wish: _Wish) -> Iterator[_Mode]:
    """The modes that a wish fits."""
    is_node, is_account = _NODE.fullmatch(wish.name), _ACCOUNT.fullmatch(wish.name)
    if is_node and wish.only_name:
        yield _Mode(verb="impersonate:arbitrary-node", on="impersonate-on:arbitrary-node:")
    if is_account and wish.only_name:
        yield _Mode(verb="impersonate:serviceaccount", on="impersonate-on:serviceaccount:")
    if not is_node and not is_account:
        yield _Mode(verb="impersonate:user-info", on="impersonate-on:user-info:")
    yield _Mode(verb="impersonate")


def _refusal(mode: _Mode, wish: _Wish, user: User, info: RequestInfo, authorizer: Authorizer) -> ApiError | None:
    if mode.on:
        refusal = authorizer.refusal(user, replace(info, verb=mode.on + info.verb))
        if refusal is not None:
            return refusal
    for check in _checks(mode, wish):
        asked = RequestInfo(
            is_resource=True,
            verb=check.verb,
            path="",
            group=check.group,
            resource=check.resource,
            subresource=check.subresource,
            namespace=check.namespace,
            name=check.name,
        )
        refusal = authorizer.refusal(user, asked, because=check.never)
        if refusal is not None:
            return refusal
    return None


def _checks(mode: _Mode, wish: _Wish) -> Iterator[_Check]:
    group = _AUTHENTICATION if mode.on else ""
    node, account = _NODE.fullmatch(wish.name), _ACCOUNT.fullmatch(wish.name)
    if node and mode.on:
        yield _Check(verb=mode.verb, group=group, resource="nodes", name=node[1])
    elif account:
        yield _Check(verb=mode.verb, group=group, resource="serviceaccounts", name=account[2], namespace=account[1])
    else:
        yield _Check(verb=mode.verb, group=group, resource="users", name=wish.name)
    if wish.uid:
        yield _Check(verb=mode.verb, group=_AUTHENTICATION, resource="uids", name=wish.uid)
    for name in wish.groups:
        never = ""
        if mode.on and name == "system:masters":
            never = "impersonating the system:masters group is not allowed"
        yield _Check(verb=mode.verb, group=group, resource="groups", name=name, never=never)
    for key, values in wish.extra.items():
        for value in values:
            yield _Check(verb=mode.verb, group=_AUTHENTICATION, resource="userextras", subresource=key, name=value)


def _become(wish: _Wish, mode: _Mode) -> User:
    groups = wish.groups
    account = _ACCOUNT.fullmatch(wish.name)
    if account and not groups:
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{account[1]}")
    elif mode.verb == "impersonate:arbitrary-node":
        groups = ("system:nodes",)
    known = "system:unauthenticated" if wish.name == ANONYMOUS.name else "system:authenticated"
    if known not in groups and "system:unauthenticated" not in groups:
        groups = (*groups, known)
    return User(name=wish.name, uid=wish.uid, groups=groups, extra=wish.extra)


def _go_value(wish: _Wish) -> str:
    """The wish as Go prints the value."""
    groups = f"[]string{{{_quoted(wish.groups)}}}" if wish.groups else "[]string(nil)"
    extra = "map[string][]string(nil)"
    if wish.extra:
        entries = [f"{go_quote(k)}:[]string{{{_quoted(wish.extra[k])}}}" for k in sorted(wish.extra)]
        extra = f"map[string][]string{{{', '.join(entries)}}}"
    return f"&user.DefaultInfo{{Name:{go_quote(wish.name)}, UID:{go_quote(wish.uid)}, Groups:{groups}, Extra:{extra}}}"


def _quoted(texts: tuple[str, ...] | list[str]) -> str:
    return ", ".join(go_quote(t) for t in texts)
