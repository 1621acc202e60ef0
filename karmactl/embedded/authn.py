"""Who sends a request: bearer tokens, and the anonymous user.

A token nobody knows is 401; no credentials, or a scheme the server does not know, is the anonymous user.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from karmactl.embedded.http import Request
from karmactl.embedded.refusals import unauthorized


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An identity: name, uid, groups and extra attributes."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, list[str]] = field(default_factory=dict, compare=False)


ANONYMOUS = User(name="system:anonymous", groups=("system:unauthenticated",))
TokenLookup = Callable[[str], User | None]
EXTRA_SPACE = "the provided Authorization header contains extra space before the bearer token, and is ignored"


def authenticate(request: Request, lookup: TokenLookup) -> User:
    """The user behind the request's credentials; raises ApiError 401."""
    token = _bearer(request)[0]
    if not token:
        return ANONYMOUS
    user = lookup(token)
    if user is None:
        raise unauthorized()
    return user


def credential_warnings(request: Request) -> list[str]:
    """What is said about credentials that are overlooked."""
    token, rest = _bearer(request)
    return [EXTRA_SPACE] if rest and not token else []


def _bearer(request: Request) -> tuple[str, str]:
    """The bearer token, and what stands behind it; both are empty for every other scheme."""
    scheme, _, value = request.header("authorization").strip().partition(" ")
    if scheme.lower() != "bearer":
        return "", ""
    token, _, rest = value.partition(" ")
    return token, rest


__all__ = ["ANONYMOUS", "User", "authenticate", "credential_warnings"]
