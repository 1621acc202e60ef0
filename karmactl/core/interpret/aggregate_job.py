"""The status of a Job from those of its members: it fails if one fails, and completes when all have.

Source: Karmada pkg/util/helper/job.go (ParsingJobStatus), default/native/aggregatestatus.go (aggregateJobStatus).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from karmactl.core.interpret.aggregate import member_statuses, with_status
from karmactl.core.interpret.form import number_at, require_form
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_str, field
from karmactl.core.shape import expand, shape_of

__all__ = ["aggregate_job"]

_FINISHED: Final = ("Complete", "Failed")


def aggregate_job(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
    """The Job with its members' sums, times and outcome; a finished one stays as it is.

    `now` (RFC 3339, UTC) is the time of conditions that begin to hold.
    """
    require_form(manifest)
    if _outcome(manifest.get("status")):
        return manifest
    members = list(member_statuses(manifest, items))
    statuses = [status for _, status in members]
    failed = [cluster for cluster, status in members if _outcome(status) == "Failed"]
    # Members without a status count, so that the Job is not done before all of them have spoken.
    is_complete = bool(items) and sum(_outcome(status) == "Complete" for status in statuses) == len(items)
    conditions: list[JSONValue] = []
    if failed:
        clusters = ",".join(failed)
        message = f"Job executed failed in member clusters {clusters}"
        conditions.append(_condition("Failed", "JobFailed", message, now))
    if is_complete:
        conditions.append(_condition("Complete", "Completed", "Job completed", now))
        if sum(map(_has_met_criteria, statuses)) == len(items):
            message = "All member clusters have met success criteria"
            conditions.append(_condition("SuccessCriteriaMet", "CompletionsReached", message, now))
    started = [_time(status, "startTime") for status in statuses if status.get("startTime")]
    completed = [_time(status, "completionTime") for status in statuses if status.get("completionTime")]
    start = field(manifest, "status", "startTime")
    if start is None and started and len(started) == len(items):
        start = min(started)
    return with_status(
        manifest,
        {
            **{key: sum(number_at(status, key) for status in statuses) for key in ("active", "succeeded", "failed")},
            "conditions": conditions or None,
            "startTime": start,
            "completionTime": max(completed) if completed and len(completed) == len(items) else None,
        },
    )


def _outcome(status: JSONValue) -> str:
    """Complete or Failed, whichever condition holds first; "" while the Job runs."""
    for condition in as_list(field(status, "conditions")):
        kind = as_str(field(condition, "type"))
        if kind in _FINISHED and field(condition, "status") == "True":
            return kind
    return ""


def _has_met_criteria(status: Manifest) -> bool:
    return any(
        field(condition, "type") == "SuccessCriteriaMet" and field(condition, "status") == "True"
        for condition in as_list(status.get("conditions"))
    )


def _condition(kind: str, reason: str, message: str, now: str) -> JSONValue:
    return {
        "type": kind,
        "status": "True",
        "lastProbeTime": now,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def _time(status: Manifest, key: str) -> str:
    """A time in the one form that sorts as text."""
    return as_str(expand(status.get(key), shape_of("time")))
