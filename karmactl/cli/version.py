"""`karmactl version`."""

from __future__ import annotations

import sys

from karmactl import __version__

__all__ = ["command"]


def command() -> int:
    """Print the version of karmactl."""
    sys.stdout.write(f"karmactl {__version__}\n")
    return 0
