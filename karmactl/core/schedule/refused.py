"""The one way in which a step of the scheduler says no: raised inside this package, data outside of it."""

from __future__ import annotations

from karmactl.core.model.binding import ScheduleError, ScheduleErrorReason

__all__ = ["Refused"]


class Refused(Exception):
    """A step cannot go on; `error` is what the binding's condition would say, in Karmada's words."""

    def __init__(self, error: ScheduleError) -> None:
        super().__init__(error.message)
        self.error = error

    @classmethod
    def in_selection(cls, text: str) -> Refused:
        """Choosing clusters failed (generic_scheduler.go, Schedule)."""
        message = f"failed to select clusters: {text}"
        return cls(ScheduleError(reason=ScheduleErrorReason.SCHEDULER_ERROR, message=message))

    @classmethod
    def in_assignment(cls, text: str, *, is_short: bool = False) -> Refused:
        """Assigning replicas failed; `is_short`: there is too little room."""
        reason = ScheduleErrorReason.UNSCHEDULABLE if is_short else ScheduleErrorReason.SCHEDULER_ERROR
        return cls(ScheduleError(reason=reason, message=f"failed to assign replicas: {text}"))
