"""The options of lists and watches, as they stand in the query (metav1.ListOptions): read, and checked together.

After k8s.io/apimachinery/pkg/apis/meta/{v1,internalversion/validation}. Numbers are Go's: no spaces, no underscores, 64
bits.
"""

import re
from dataclasses import dataclass

from karmactl.embedded.call import Call
from karmactl.embedded.refusals import ApiError, FieldError, bad_request, invalid

_MATCH = "resourceVersionMatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """What a list or watch asks for; texts are empty where nothing was said."""

    limit: int
    timeout: int | None  # seconds
    version: str
    match: str
    token: str  # continue
    initial_events: bool | None


def list_options(call: Call, is_watch: bool) -> ListOptions:
    """The options of the request; raises ApiError 400 for what is no number, 422 for what doesn't go together."""
    request = call.request
    initial = request.param("sendInitialEvents")
    options = ListOptions(
        limit=int_param(call, "limit") or 0,
        timeout=int_param(call, "timeoutSeconds"),
        version=request.param("resourceVersion"),
        match=request.param(_MATCH),
        token=request.param("continue"),
        initial_events=is_true(initial) if initial else None,
    )
    errors = _watch_errors(options) if is_watch else _list_errors(options)
    if not is_watch and request.has_param("sendInitialEvents"):
        errors.append(_forbidden("sendInitialEvents is forbidden for list", "sendInitialEvents"))
    if errors:
        raise invalid("ListOptions", "meta.k8s.io", "", errors)
    return options


def is_true(text: str) -> bool:
    """Whether a switch is on: it says something that is neither `0` nor `false`."""
    return bool(text) and text.lower() not in ("0", "false")


def parse_unsigned(text: str) -> int:
    """A number as strconv.ParseUint reads it; raises ValueError with its words."""
    if not re.fullmatch(r"[0-9]+", text):
        raise ValueError(f'strconv.ParseUint: parsing "{text}": invalid syntax')
    if int(text) >= 2**64:
        raise ValueError(f'strconv.ParseUint: parsing "{text}": value out of range')
    return int(text)


def int_param(call: Call, name: str) -> int | None:
    """A number of the query, None where it is not there; raises ApiError 400 for what is none."""
    if not call.request.has_param(name):
        return None
    text = call.request.param(name)
    if not re.fullmatch(r"[-+]?[0-9]+", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    if not -(2**63) <= int(text) < 2**63:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": value out of range')
    return int(text)


def _forbidden(why: str, field: str = _MATCH) -> FieldError:
    return FieldError(field=field, reason="FieldValueForbidden", text=f"Forbidden: {why}")


def _unsupported(match: str, supported: str) -> FieldError:
    text = f'Unsupported value: "{match}": supported values: {supported}'
    return FieldError(field=_MATCH, reason="FieldValueNotSupported", text=text)


def _list_errors(options: ListOptions) -> list[FieldError]:
    out: list[FieldError] = []
    if not options.match:
        return out
    if not options.version:
        out.append(_forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"))
    if options.token:
        out.append(_forbidden("resourceVersionMatch is forbidden when continue is provided"))
    if options.match not in ("Exact", "NotOlderThan"):
        out.append(_unsupported(options.match, '"Exact", "NotOlderThan", ""'))
    if options.match == "Exact" and options.version == "0":
        out.append(_forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    return out


def _watch_errors(options: ListOptions) -> list[FieldError]:
    out: list[FieldError] = []
    if options.match and options.initial_events is None:
        out.append(_forbidden("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"))
    if options.initial_events is not None and options.match != "NotOlderThan":
        out.append(_forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
    if (options.match or options.initial_events is not None) and options.match != "NotOlderThan":
        out.append(_unsupported(options.match, '"NotOlderThan"'))
    if options.token:
        out.append(_forbidden("resourceVersionMatch is forbidden when continue is provided"))
    return out


def version_error(text: str, why: Exception) -> ApiError:
    """What a resourceVersion that is no number gets."""
    return ApiError(500, "", f'resourceVersion: Invalid value: "{text}": {why}')
