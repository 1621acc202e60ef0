"""Validation of Events, which are stored in their old form: lax where they come in it, strict where they are new.

The rules are those of pkg/apis/core/validation/events.go.
"""

from typing import Any

from karmactl.embedded.kinds.rules import (
    Errors,
    immutable,
    invalid,
    name_errors,
    required,
)
from karmactl.embedded.schema.internal import internal
from karmactl.embedded.selectors import key_faults
from karmactl.embedded.values import Object

_SHORT, _LONG = 128, 1024
_SYSTEM = ("default", "kube-system")


def old(obj: Object) -> Errors:
    """The faults in an Event of the old form."""
    return _legacy(obj, "reportingComponent")


def old_update(new: Object, live: Object) -> Errors:
    """The faults in a changed Event of the old form."""
    return _legacy(new, "reportingComponent")


def new(obj: Object) -> Errors:
    """The faults in a new Event of the new form, shown with the names of the old one."""
    out = _legacy(obj, "reportingController") + _series(obj)
    if obj.get("eventTime") is None:
        out.append(required("eventTime"))
    if obj.get("type") not in ("Normal", "Warning"):
        out.append(invalid("type", "", f"has invalid value: {obj.get('type') or ''}"))
    for field in ("firstTimestamp", "lastTimestamp", "count"):
        if obj.get(field):
            out.append(invalid(field, "", "needs to be unset"))
    source = obj.get("source") or {}
    if source.get("component") or source.get("host"):
        out.append(invalid("source", "", "needs to be unset"))
    return out


def new_update(new: Object, live: Object) -> Errors:
    """The faults in a changed Event of the new form: only its series moves."""
    out = _legacy(new, "reportingController")
    if new.get("series") != live.get("series"):
        out += _series(new)
    out += _kept(new, live, "involvedObject", "core.ObjectReference")
    for field in ("reason", "message"):
        out += _kept(new, live, field)
    out += _kept(new, live, "source", "core.EventSource")
    for field in ("firstTimestamp", "lastTimestamp"):
        out += immutable(field, new.get(field), live.get(field))
    if (new.get("count") or 0) != (live.get("count") or 0):
        out += immutable("count", new.get("count") or 0, live.get("count") or 0)
    for field in ("reason", "type"):
        out += _kept(new, live, field)
    out += immutable("eventTime", new.get("eventTime"), live.get("eventTime"))
    out += _kept(new, live, "action")
    out += _kept(new, live, "related", "core.ObjectReference")
    out += immutable("reportingController", new.get("reportingComponent") or "", live.get("reportingComponent") or "")
    return out + _kept(new, live, "reportingInstance")


def _kept(new: Object, live: Object, field: str, kind: str = "") -> Errors:
    mine, before = ((o.get(field) or ({} if kind else "")) for o in (new, live))
    if mine == before:
        return []
    shown: Any = internal(kind, mine) if kind else mine
    return immutable(field, shown, None)


def _series(obj: Object) -> Errors:
    series = obj.get("series")
    if series is None:
        return []
    out: Errors = []
    if (series.get("count") or 0) < 2:
        out.append(invalid("series.count", "", "should be at least 2"))
    if series.get("lastObservedTime") is None:
        out.append(required("series.lastObservedTime"))
    return out


def _legacy(obj: Object, reporter: str) -> Errors:
    about = (obj.get("involvedObject") or {}).get("namespace") or ""
    mine = obj["metadata"].get("namespace") or ""
    allowed = _SYSTEM if obj.get("eventTime") is not None else _SYSTEM[:1]
    misplaced = mine not in allowed if not about else mine != about and obj.get("eventTime") is None
    out = [invalid("involvedObject.namespace", about, "does not match event.namespace")] if misplaced else []
    return out if obj.get("eventTime") is None else out + _reporting(obj, reporter)


def _reporting(obj: Object, reporter: str) -> Errors:
    name = obj.get("reportingComponent") or ""
    out = [] if name else [required(reporter)]
    out += name_errors(reporter, name, key_faults(name))
    for field, limit in (("reportingInstance", _SHORT), ("action", _SHORT), ("reason", _SHORT), ("message", _LONG)):
        text = obj.get(field) or ""
        if not text and field != "message":
            out.append(required(field))
        if len(text.encode()) > limit:
            out.append(invalid(field, "", f"can have at most {limit} characters"))
    return out
