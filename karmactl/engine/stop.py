"""The wish to stop: a run that has begun to write ends softly, and leaves a state from which the next one goes on.

Soft means: no new work, requests in flight are finished, the inventory is written, Leases are given back. Before the
first write, and at the second wish, a run is simply cancelled; that is the business of who takes the signals.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from karmactl.core.model.ports import Clock

__all__ = ["StopSign"]


class StopSign:
    """Whether somebody asked a run to stop; `is_soft` while a run is able to end softly."""

    def __init__(self) -> None:
        self.is_soft = False
        self._wish = asyncio.Event()

    @property
    def is_up(self) -> bool:
        """Whether to start nothing new."""
        return self._wish.is_set()

    def put_up(self) -> None:
        """Ask the run to stop."""
        self._wish.set()

    @contextmanager
    def softly(self) -> Iterator[None]:
        """Marks the stretch of a run that can end softly."""
        self.is_soft = True
        try:
            yield
        finally:
            self.is_soft = False

    async def sleep(self, clock: Clock, seconds: float) -> None:
        """Sleep, or less where the sign goes up meanwhile."""
        sleeping = asyncio.ensure_future(clock.sleep(seconds))
        wishing = asyncio.ensure_future(self._wish.wait())
        try:
            await asyncio.wait({sleeping, wishing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sleeping, wishing):
                task.cancel()
            await asyncio.gather(sleeping, wishing, return_exceptions=True)
