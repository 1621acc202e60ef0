"""Streams: the answer goes to stdout, everything else to stderr; colours and width as the terminal allows.

Colour: `--color` over NO_COLOR over FORCE_COLOR / CLICOLOR_FORCE over the terminal. Without a terminal nothing is cut
or wrapped. Rendering itself is `karmactl.render`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

from karmactl.errors import KarmactlError

__all__ = ["is_terminal", "print_errors"]


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at the stream."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def print_errors(errors: Sequence[KarmactlError]) -> None:
    """Errors to stderr, in file and line order."""
    for error in errors:
        where = f"{error.location}: " if error.location else ""
        sys.stderr.write(f"{where}error: {error.code}: {error.message}\n")
        if error.why:
            sys.stderr.write(f"  why   {error.why}\n")
        if error.hint:
            sys.stderr.write(f"  next  {error.hint}\n")
