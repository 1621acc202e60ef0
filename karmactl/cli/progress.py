"""Progress on stderr while a run works: a quiet reporter here; boards and plain lines are `karmactl.render`'s."""

from __future__ import annotations

from karmactl.core.model.events import Reporter, Silent

__all__ = ["quiet_reporter"]


def quiet_reporter() -> Reporter:
    """A reporter that says nothing."""
    return Silent()
