"""Refusals: the Status bodies that a Kubernetes API server answers with, one constructor per reason.

Wording and details follow k8s.io/apimachinery/pkg/api/errors, because clients show the message and decide by
reason and code. `ApiError` is the one exception that verbs raise; the listener turns it into an answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from karmactl.embedded.values import Object, go_quote


class ApiError(Exception):
    """A request was refused: `code` is the HTTP status, `body` the Status object."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: Object | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Builds the Status; an empty reason is left out, as upstream does."""
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers = headers or {}
        self.metadata: Object = {}

    def body(self) -> Object:
        """The Status object."""
        out: Object = {"kind": "Status", "apiVersion": "v1", "metadata": self.metadata, "status": "Failure"}
        if self.message:
            out["message"] = self.message
        if self.reason:
            out["reason"] = self.reason
        if self.details is not None:
            out["details"] = self.details
        out["code"] = self.code
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupResource:
    """A resource without its version, as messages name it: `deployments.apps`."""

    group: str
    resource: str

    def __str__(self) -> str:
        return f"{self.resource}.{self.group}" if self.group else self.resource


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One fault in one field; `text` is the message without the field's path."""

    field: str
    reason: str
    text: str

    @property
    def message(self) -> str:
        """The fault as lists of faults show it."""
        return f"{self.field}: {self.text}"


def _details(kind: str, group: str, name: str, **more: Any) -> Object:
    out: Object = {}
    if name:
        out["name"] = name
    if group:
        out["group"] = group
    if kind:
        out["kind"] = kind
    out.update({k: v for k, v in more.items() if v})
    return out


def not_found(resource: GroupResource, name: str) -> ApiError:
    """404 for an object that does not exist."""
    return ApiError(
        404,
        "NotFound",
        f"{resource} {go_quote(name)} not found",
        _details(resource.resource, resource.group, name),
    )


def already_exists(resource: GroupResource, name: str, *, is_going: bool = False) -> ApiError:
    """409 for a create under a name that is taken, perhaps by an object that is on its way out."""
    prefix = "object is being deleted: " if is_going else ""
    return ApiError(
        409,
        "AlreadyExists",
        f"{prefix}{resource} {go_quote(name)} already exists",
        _details(resource.resource, resource.group, name),
    )


def conflict(resource: GroupResource, name: str, why: str) -> ApiError:
    """409 for a precondition or an optimistic lock that does not hold."""
    return ApiError(
        409,
        "Conflict",
        f"Operation cannot be fulfilled on {resource} {go_quote(name)}: {why}",
        _details(resource.resource, resource.group, name),
    )


CHANGED = "the object has been modified; please apply your changes to the latest version and try again"


def forbidden(resource: GroupResource, name: str, why: str) -> ApiError:
    """403 of admission and authorization, for a known resource."""
    subject = f"{resource} {go_quote(name)}" if name else f"{resource}"
    return ApiError(
        403, "Forbidden", f"{subject} is forbidden: {why}", _details(resource.resource, resource.group, name)
    )


def unauthorized() -> ApiError:
    """401 for a credential that nobody knows."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def bad_request(message: str) -> ApiError:
    """400 for a request that cannot be understood."""
    return ApiError(400, "BadRequest", message)


def invalid(kind: str, group: str, name: str, errors: Sequence[FieldError]) -> ApiError:
    """422 with one cause per fault, in the order in which the faults were found."""
    qualified = f"{kind}.{group}" if group else kind
    causes = [{"reason": e.reason, "message": e.text, "field": e.field} for e in errors]
    return ApiError(
        422,
        "Invalid",
        f"{qualified} {go_quote(name)} is invalid: {aggregate([e.message for e in errors])}",
        _details(kind, group, name, causes=causes),
    )


def aggregate(messages: Sequence[str]) -> str:
    """Several messages as one, each once, in the form of apimachinery's error aggregates."""
    unique = list(dict.fromkeys(messages))
    return unique[0] if len(unique) == 1 else "[" + ", ".join(unique) + "]"


def no_route() -> ApiError:
    """404 for a resource or subresource that a known version does not have."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def internal(message: str) -> ApiError:
    """500 with the reason that upstream gives to faults it wraps itself."""
    return ApiError(
        500,
        "InternalError",
        f"Internal error occurred: {message}",
        {"causes": [{"message": message}]},
    )


def plain_error(message: str) -> ApiError:
    """500 without a reason: what upstream answers when an error is of no known type."""
    return ApiError(500, "", message)


def expired(message: str) -> ApiError:
    """410 for a version that is no longer kept."""
    return ApiError(410, "Expired", message)


def unsupported_media_type(accepted: Sequence[str]) -> ApiError:
    """415 naming the body types that the server takes."""
    return ApiError(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: " + ", ".join(accepted),
    )


def not_acceptable(accepted: Sequence[str]) -> ApiError:
    """406 naming the answer types that the server gives."""
    return ApiError(
        406,
        "NotAcceptable",
        "only the following media types are accepted: " + ", ".join(accepted),
    )


def success(details: Object | None = None) -> Object:
    """The Status that tells of a success."""
    out: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
    if details is not None:
        out["details"] = details
    return out
