"""The error tree: everything that karmactl raises for a user to read.

    KarmactlError
    ├── UsageError         wrong flags or settings                              exit 2
    ├── InputError         a file that cannot be taken as it is                 exit 2
    │   └── PolicyError    a policy that Karmada would refuse                   exit 2
    ├── PlacementError     a decision that cannot be made (nothing fits)        exit 2
    ├── GuardError         a guard refused: identity, limits, conflicts, locks  exit 4
    ├── ClusterError       one member cluster, as seen by a request
    │   ├── Unreachable    no answer
    │   ├── Unauthorized   401: credentials refused or expired
    │   ├── Forbidden      403: the identity may not do this
    │   ├── NotFound       404
    │   ├── Conflict       409: version, uid or field ownership
    │   └── Rejected       any other refusal by the server
    ├── StateError         the recorded state cannot be read or trusted         exit 4
    └── InternalError      a fault in karmactl itself                           exit 2

An error is raised when the run cannot go on; "no" as an answer is data. Each carries a stable kebab-case `code`; the
exit status is chosen in one table in `karmactl.cli`. This module imports nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ClusterError",
    "Conflict",
    "Forbidden",
    "GuardError",
    "InputError",
    "InternalError",
    "KarmactlError",
    "Location",
    "NotFound",
    "PlacementError",
    "PolicyError",
    "Rejected",
    "StateError",
    "Unauthorized",
    "Unreachable",
    "UsageError",
]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Location:
    """A place in an input: `file` as the user named it, `line` and `column` from 1 (0: the whole file)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"


class KarmactlError(Exception):
    """Base of all errors for users.

    `code` is stable and kebab-case (or Karmada's or Kubernetes' own word), `message` says what is wrong with the
    value that is wrong, `why` the cause behind it, `hint` what to do next. `location`, `cluster` and `resource` say
    where.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        hint: str = "",
        why: str = "",
        location: Location | None = None,
        cluster: str | None = None,
        resource: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.why = why
        self.location = location
        self.cluster = cluster
        self.resource = resource


class UsageError(KarmactlError):
    """A flag, setting or combination of them that cannot work."""


class InputError(KarmactlError):
    """A file or document that cannot be taken as it is."""


class PolicyError(InputError):
    """A policy that Karmada's schema or webhooks would refuse."""


class PlacementError(KarmactlError):
    """A decision that cannot be made: nothing fits, capacity unknown."""


class GuardError(KarmactlError):
    """A guard refused before the first write."""


class StateError(KarmactlError):
    """The inventory or record in the members cannot be read or trusted."""


class InternalError(KarmactlError):
    """A fault in karmactl itself."""


class ClusterError(KarmactlError):
    """A request to one cluster failed.

    `status` is the HTTP status (0 without one). `retryable` says whether sending the same request again is safe and
    may help; `retry_after_seconds` is the server's own wish, if it had one. `causes` are (field, message) pairs of the
    server's Status: for a Conflict of server-side apply the fields, in the server's own path form.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        cluster: str,
        status: int = 0,
        reason: str = "",
        retryable: bool = False,
        retry_after_seconds: float | None = None,
        hint: str = "",
        why: str = "",
        resource: str | None = None,
        causes: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(code, message, hint=hint, why=why, cluster=cluster, resource=resource)
        self.causes = causes
        self.status = status
        self.reason = reason
        self.retryable = retryable
        self.retry_after_seconds = retry_after_seconds


class Unreachable(ClusterError):
    """No answer: refused, timed out, reset, TLS or name failure."""


class Unauthorized(ClusterError):
    """401: the credentials were refused or have expired."""


class Forbidden(ClusterError):
    """403: the identity may not do this."""


class NotFound(ClusterError):
    """404: no such object, namespace or resource."""


class Conflict(ClusterError):
    """409: the version, uid or field ownership is not as expected."""


class Rejected(ClusterError):
    """Any other answer that is not a success (400, 422, 429, 5xx)."""
