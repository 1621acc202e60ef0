"""Questions to the person at the terminal; never asked without one."""

from __future__ import annotations

import sys

from karmactl.errors import GuardError

__all__ = ["ask"]


def ask(question: str) -> None:
    """Ask yes or no, on stderr. Raises GuardError `declined` unless the answer is yes."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise GuardError("declined", "nothing was sent: the answer was no")
