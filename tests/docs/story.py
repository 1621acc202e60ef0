"""Documents as stories: the commands in a page's `console` blocks, run in order in one shell.

A page says what a reader types and sees:

- ```` ```console ```` holds commands (`$ ...`) and lines of their output. A command has to succeed unless
  `$ echo $?` follows and shows another status. Lines of output may be left out, the page's have to come in that order;
  what changes from run to run (ids, times, ports) is compared by its shape.
- ```` ```yaml ```` after `<!-- file: PATH -->` is a file that the reader writes there.
- `<!-- run: COMMAND -->` is what the reader has beforehand: a cluster that is there already, for example.
- ```` ```sh ```` is shown and not run: setting up, or what needs clusters of one's own.

Each page gets a folder, a home and a sandbox of its own. The clone of karmactl lies in `karmactl` beside.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from karmactl.embedded import background

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(
    r"<!-- run: (?P<hidden>.+?) -->"
    r"|(?:<!-- file: (?P<path>\S+) -->\n)?^```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.M | re.S,
)
# What differs from run to run, and what stands for it in a comparison. A moment may have any number of digits.
_SHAPES = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "UID"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\b[Pp]lan [0-9a-f]{8}\b"), "plan ID"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b"), "ID"),
    (re.compile(r"127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r"\b\d+(?:\.\d+)? s\b"), "N s"),
    (re.compile(r"\b\d+(?:m\d+)?s\b"), "AGE"),
    (re.compile(r"\bby \S+@\S+"), "by SOMEBODY"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a page has the reader do; `line` is where it stands."""

    line: int
    command: str = ""
    shows: tuple[str, ...] = ()
    path: str = ""
    text: str = ""


def blocks_of(page: Path) -> list[tuple[str, str]]:
    """Language and body of every fenced block."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [(match["language"], match["body"]) for match in found if match["hidden"] is None]


def steps_of(page: Path) -> list[Step]:
    """What the reader of a page does, in order."""
    text = page.read_text(encoding="utf-8")
    steps: list[Step] = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["hidden"]:
            steps.append(Step(line=line, command=match["hidden"]))
        elif match["path"]:
            steps.append(Step(line=line, path=match["path"], text=match["body"]))
        elif match["language"] == "console":
            steps += _commands(match["body"], line)
    return steps


def _commands(body: str, line: int) -> Iterator[Step]:
    command, shows, begins = "", [], line
    for offset, text in enumerate(body.splitlines(), start=1):
        if not text.startswith("$ "):
            shows.append(text)
            continue
        if command:
            yield Step(line=begins, command=command, shows=tuple(shows))
        command, shows, begins = text.removeprefix("$ "), [], line + offset
    if command:
        yield Step(line=begins, command=command, shows=tuple(shows))


def shape_of(line: str) -> str:
    """A line of output without what differs from run to run."""
    for pattern, stand_in in _SHAPES:
        line = pattern.sub(stand_in, line)
    return " ".join(line.split())


def missing_line(shows: tuple[str, ...], output: str) -> str | None:
    """The first line of a page that the output does not have in that place."""
    said = iter([shape_of(line) for line in output.splitlines()])
    for line in shows:
        wanted = shape_of(line)
        if wanted and wanted != "..." and wanted not in said:
            return line
    return None


class Reader:
    """Somebody who types what a page says: a shell in a folder of its own. A context manager."""

    def __init__(self, folder: Path, seconds: float = 180) -> None:
        self.folder = folder / "work"
        self.sandbox = folder / "sandbox"
        for part in ("work", "home"):
            (folder / part).mkdir()
        (self.folder / "karmactl").symlink_to(ROOT)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KARMACTL_", "KUBE"))}
        self._shell = subprocess.Popen(
            [shutil.which("bash") or "bash", "--norc", "--noprofile"],
            cwd=self.folder,
            env={
                **kept,
                "HOME": str(folder / "home"),
                "KARMACTL_SANDBOX_DIR": str(self.sandbox),
                "PATH": os.pathsep.join(
                    (sysconfig.get_path("scripts"), str(Path(sys.executable).parent), kept["PATH"])
                ),
                "PYTHONIOENCODING": "utf-8",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._alarm = threading.Timer(seconds, self._shell.kill)
        self._status = 0

    def __enter__(self) -> Reader:
        self._alarm.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._alarm.cancel()
        self._shell.kill()
        for pipe in (self._shell.stdin, self._shell.stdout):
            if pipe is not None:
                pipe.close()
        self._shell.wait()
        background.down(self.sandbox)

    def do(self, step: Step) -> tuple[int, str]:
        """The status and the output of one step."""
        if step.path:
            path = self.folder / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
            return 0, ""
        if step.command == "echo $?":
            return 0, str(self._status)
        assert self._shell.stdin is not None and self._shell.stdout is not None
        # Commands must not read what is meant for the shell.
        self._shell.stdin.write(f"{{ {step.command}\n}} </dev/null; printf '\\n@@%d@@\\n' $?\n")
        self._shell.stdin.flush()
        said: list[str] = []
        for line in self._shell.stdout:
            ended = re.fullmatch(r"@@(\d+)@@\n", line)
            if ended:
                self._status = int(ended[1])
                return self._status, "".join(said)
            said.append(line)
        raise AssertionError(f"the shell ended in {step.command!r}:\n" + "".join(said))
