"""Ctrl-C and SIGTERM for commands that write: the first one lets the run end softly, the second one leaves at once.

Before the first write there is nothing to end softly: then the first one leaves, too.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine

from karmactl.cli.exits import Stopped
from karmactl.engine.stop import StopSign

__all__ = ["run_interruptible"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run_interruptible(main: Callable[[StopSign], Coroutine[None, None, int]]) -> int:
    """Run a command's coroutine; its exit status, or 128 and the number of the signal that ended it softly.

    Raises Stopped where it was left at once.
    """
    received: list[int] = []

    async def guarded() -> int:
        loop = asyncio.get_running_loop()
        stop = StopSign()
        task = asyncio.ensure_future(main(stop))

        def on_signal(number: int) -> None:
            received.append(number)
            if stop.is_soft and not stop.is_up:
                stop.put_up()
            else:
                task.cancel()

        for number in _SIGNALS:
            loop.add_signal_handler(number, on_signal, number)
        try:
            status = await task
        except asyncio.CancelledError:
            raise Stopped(*received[:1]) from None
        return 128 + received[0] if stop.is_up else status

    return asyncio.run(guarded())
