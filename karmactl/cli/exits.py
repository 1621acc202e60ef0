"""Exit codes: the one table that maps what happened to a status (the same for all commands)."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from karmactl.errors import (
    ClusterError,
    GuardError,
    InputError,
    InternalError,
    KarmactlError,
    PlacementError,
    StateError,
    UsageError,
)

__all__ = ["Exit", "Stopped", "exit_of", "exit_of_errors"]


class Exit(IntEnum):
    """What a status means."""

    DONE = 0
    DIFFERENCES = 1
    ERROR = 2
    PARTIAL = 3
    REFUSED = 4
    NOT_READY = 5
    INTERRUPTED = 130


class Stopped(BaseException):
    """A signal ended the command: its `number`. No KeyboardInterrupt: typer makes 130 of each of those."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__()
        self.number = number


_BY_TYPE: Final[tuple[tuple[type[KarmactlError], Exit], ...]] = (
    (GuardError, Exit.REFUSED),
    (StateError, Exit.REFUSED),
    (UsageError, Exit.ERROR),
    (InputError, Exit.ERROR),
    (PlacementError, Exit.ERROR),
    (ClusterError, Exit.ERROR),
    (InternalError, Exit.ERROR),
)


def exit_of(error: KarmactlError) -> Exit:
    """The status for an error that ended a run before its first write."""
    for kind, status in _BY_TYPE:
        if isinstance(error, kind):
            return status
    return Exit.ERROR


def exit_of_errors(errors: Iterable[KarmactlError]) -> Exit:
    """Of several: an error (2) comes before a refusal (4)."""
    statuses = {exit_of(error) for error in errors}
    return Exit.ERROR if Exit.ERROR in statuses else Exit.REFUSED if statuses else Exit.DONE
