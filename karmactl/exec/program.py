"""Running one program to its end: an argument list, no shell, no standard input of ours, a time limit.

What it prints on stdout is data and is kept as bytes; of what it says on stderr the end is kept for an error. A program
that asks a question finds nobody: it must not wait for a key in a pipeline.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from karmactl.errors import UsageError

__all__ = ["Finished", "find_program", "run_program"]

_KEPT_STDERR = 2048
# Git asks for credentials of remote bases, and translates its messages, unless told otherwise.
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a program ended: its status, its stdout, and the end of its stderr as text."""

    status: int
    output: bytes = field(repr=False)
    said: str


def find_program(*names: str) -> str | None:
    """The path of the first of the programs that is installed, None where none is."""
    return next((path for name in names if (path := shutil.which(name))), None)


def run_program(
    command: Sequence[str],
    *,
    folder: Path,
    timeout_seconds: float,
    stdin: bytes = b"",
    variables: Mapping[str, str] | None = None,
) -> Finished:
    """Run it in a folder and wait. Raises UsageError `program-failed` where it cannot be started or does not end."""
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env={**os.environ, **_QUIET, **(variables or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A group of its own, so that it can be ended together with what it started.
            start_new_session=True,
        )
    except OSError as exc:
        raise UsageError("program-failed", f"{name} cannot be run: {exc.strerror or exc}") from exc
    with process:
        try:
            output, said = process.communicate(stdin, timeout=timeout_seconds)
        except subprocess.TimeoutExpired as exc:
            _end(process)
            raise UsageError("program-failed", f"{name} did not end within {timeout_seconds:g} s") from exc
        except BaseException:
            _end(process)
            raise
    return Finished(status=process.returncode, output=output, said=_tail(said))


def _end(process: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _tail(said: bytes) -> str:
    return said.decode("utf-8", "replace").strip()[-_KEPT_STDERR:]
