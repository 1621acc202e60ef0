"""Events: what a run tells while it works, as small values handed to a Reporter, which shows them or not.

Nothing here writes to a stream. A Reporter must return at once; it sees the events of one run in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from karmactl.core.model.change import Change, Outcome

__all__ = ["ChangeOver", "Event", "Heartbeat", "LockWait", "Phase", "Reporter", "Retrying", "Silent", "WorkloadSeen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A step of the run began: survey, plan, lock, send, wait, withdraw, prune, record."""

    name: str
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOver:
    """One change was sent, failed or skipped."""

    change: Change
    outcome: Outcome
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSeen:
    """A workload's state changed while waiting for it."""

    cluster: str
    resource: str
    state: str
    message: str = ""
    ready: int | None = None
    wanted: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Still waiting: how many of how many are ready, after how many seconds, and for what."""

    ready: int
    total: int
    seconds: float
    waiting_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LockWait:
    """Another run holds the Lease."""

    holder: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """The world moved under the lock: the run plans again."""

    why: str


Event = Phase | ChangeOver | WorkloadSeen | Heartbeat | LockWait | Retrying


class Reporter(Protocol):
    """Takes events."""

    def on_event(self, event: Event) -> None:
        """Show or note one event."""
        ...


class Silent:
    """A Reporter that says nothing."""

    def on_event(self, event: Event) -> None:
        """Ignore it."""
