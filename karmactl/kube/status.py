"""A server's refusal, as an error of karmactl: one table from HTTP status to class and code.

Of what a server says only the `message` of a Kubernetes Status is shown, cleaned and cut; of a refusal that concerns a
Secret not even that, unless it is of a sort that cannot quote values. Whether a request may be sent again is decided
here, from the status and from what the request was, never from words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import orjson

from karmactl.core.model.manifest import Manifest, as_list, as_mapping, as_str
from karmactl.errors import ClusterError, Conflict, Forbidden, NotFound, Rejected, Unauthorized, Unreachable
from karmactl.kube.text import clean_text

__all__ = ["Asked", "refusal", "retry_after"]

# These come before a request is worked on, so it may be sent again whatever it was.
_NOT_WORKED_ON = (429, 503)
# Something in between gave up: the request may have got through.
_GATEWAY_FAULTS = (502, 504)
# Refusals whose words name objects, users and fields, and never values.
_QUOTES_NO_VALUES = (401, 404, 409, 429, 503, 504)
_MAX_CAUSES = 100
_HINTS: Final = {
    "forbidden": "`karmactl clusters check` lists what the identity in use may not do",
    "resource-unknown": "is its CustomResourceDefinition installed there?",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a refusal must know of its request: `is_repeatable` where doing it twice is as good as once.

    `is_read` where it changes nothing and checks nothing: a 500 may pass then. For a write it is mostly the answer to
    what was sent (an unknown field in server-side apply is a 500).
    """

    cluster: str
    resource: str
    is_repeatable: bool
    is_read: bool
    is_secret: bool = False


def refusal(
    asked: Asked, status: int, body: bytes, *, content_type: str, retry_after_seconds: float | None
) -> ClusterError:
    """The error for an answer that is no success.

    Codes: `unauthorized`, `forbidden`, `not-found`, `resource-unknown`, `already-exists`, `field-conflict`,
    `version-conflict`, `invalid`, `too-many-requests`, `expired`, `server-error`, `rejected`;
    `answer-not-kubernetes` where something else answered.
    """
    answer = _status(body)
    if answer is None and _is_page(body, content_type):
        return Unreachable(
            "answer-not-kubernetes",
            f"{asked.cluster} answered {status} with a web page, not as a Kubernetes API server does",
            cluster=asked.cluster,
            status=status,
            retryable=_may_be_sent_again(asked, status),
            retry_after_seconds=retry_after_seconds,
            hint="is there a proxy or login page in between? see server and proxy-url in the kubeconfig",
            resource=asked.resource or None,
        )
    answer = answer or {}
    details = as_mapping(answer.get("details"))
    reason = clean_text(as_str(answer.get("reason")), max_bytes=128)
    causes = _causes(asked, details)
    kind, code = _leaf(status, reason, causes)
    if code == "not-found" and not details.get("name"):
        code = "resource-unknown"  # no object is named: it is the path that the server does not know
    if retry_after_seconds is None and isinstance(seconds := details.get("retryAfterSeconds"), int):
        retry_after_seconds = float(seconds)
    return kind(
        code,
        _message(asked, status, reason, answer),
        cluster=asked.cluster,
        status=status,
        reason=reason,
        retryable=_may_be_sent_again(asked, status),
        retry_after_seconds=retry_after_seconds,
        hint=_HINTS.get(code, ""),
        resource=asked.resource or None,
        causes=causes,
    )


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (a number or a date, RFC 9110 section 10.2.3), None without one."""
    if not header:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds()) if until.tzinfo else None


def _may_be_sent_again(asked: Asked, status: int) -> bool:
    if status in _NOT_WORKED_ON:
        return True
    return (status in _GATEWAY_FAULTS and asked.is_repeatable) or (status == 500 and asked.is_read)


def _leaf(status: int, reason: str, causes: tuple[tuple[str, str], ...]) -> tuple[type[ClusterError], str]:
    match status:
        case 401:
            return Unauthorized, "unauthorized"
        case 403:
            return Forbidden, "forbidden"
        case 404:
            return NotFound, "not-found"
        case 409 if reason == "AlreadyExists":
            return Conflict, "already-exists"
        case 409:
            return Conflict, "field-conflict" if causes else "version-conflict"
        case 410:
            return Rejected, "expired"
        case 422:
            return Rejected, "invalid"
        case 429:
            return Rejected, "too-many-requests"
        case _:
            return Rejected, "server-error" if status >= 500 else "rejected"


def _message(asked: Asked, status: int, reason: str, answer: Manifest) -> str:
    said = clean_text(as_str(answer.get("message")))
    what = f"{asked.cluster} answered {status}{f' {reason}' if reason else ''}"
    if not said:
        return what
    # A 403 may come from an admission webhook, which may quote what it likes; one by RBAC names user and verb.
    is_by_rbac = status == 403 and "cannot" in said and "denied the request" not in said
    if asked.is_secret and status not in _QUOTES_NO_VALUES and not is_by_rbac:
        return f"{what}; its words are not shown, since they may quote the Secret's values"
    return f"{what}: {said}"


def _causes(asked: Asked, details: Manifest) -> tuple[tuple[str, str], ...]:
    causes = []
    for item in as_list(details.get("causes"))[:_MAX_CAUSES]:
        cause = as_mapping(item)
        message = clean_text(as_str(cause.get("message")))
        if asked.is_secret and as_str(cause.get("reason")) != "FieldManagerConflict":
            message = clean_text(as_str(cause.get("reason")))
        causes.append((clean_text(as_str(cause.get("field"))), message))
    return tuple(causes)


def _status(body: bytes) -> Manifest | None:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) and answer.get("kind") == "Status" else None


def _is_page(body: bytes, content_type: str) -> bool:
    return content_type.startswith("text/html") or body[:512].lstrip().lower().startswith((b"<!doctype", b"<html"))
