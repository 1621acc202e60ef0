"""Streams: the answer goes to stdout, everything else to stderr; colours and width as the terminal allows.

Colour: `--color` over NO_COLOR over FORCE_COLOR / CLICOLOR_FORCE over the terminal. Without a terminal nothing is cut
or wrapped, and a stream that is not UTF-8 gets ASCII stand-ins. What the text says is `karmactl.render`'s.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from karmactl.cli.options import ShowFlags
from karmactl.cli.values import split_values
from karmactl.core.model.events import Reporter, Silent
from karmactl.core.model.input import InputWarning
from karmactl.core.model.plan import Plan
from karmactl.errors import KarmactlError, UsageError
from karmactl.files.excerpts import read_excerpts
from karmactl.files.write import write_file
from karmactl.render.errors import render_errors
from karmactl.render.plan import render_warnings
from karmactl.render.progress import PlainReporter
from karmactl.render.text import Line, Page, line, plain, to_ansi

__all__ = ["Format", "Printer", "has_color", "is_terminal", "page_of", "print_errors", "write_lines"]

Format = str
FORMATS: Final = ("human", "wide", "json", "yaml", "name", "markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """One wish of `-o`: a format, and the file that it goes to ("" for stdout)."""

    format: Format
    path: str = ""


class Printer:
    """Where one command's answer goes, and in which forms.

    Raises UsageError `unknown-format` for a format that no command has.
    """

    def __init__(self, show: ShowFlags) -> None:
        self.is_quiet = show.quiet
        self.is_verbose = show.verbose
        self._color = show.color
        self._targets = _parse_targets(split_values(show.output))

    @property
    def is_human(self) -> bool:
        """Whether a person reads stdout."""
        return any(target.format in ("human", "wide") and not target.path for target in self._targets)

    def answer(self, renderers: Mapping[Format, Callable[[Page], str | Sequence[Line]]]) -> None:
        """Write the answer in every form that was asked for.

        Raises UsageError `unknown-format` for a form that this command does not have.
        """
        for target in self._targets:
            renderer = renderers.get("human" if target.format == "wide" else target.format)
            if renderer is None:
                known = ", ".join(sorted(renderers))
                raise UsageError(
                    "unknown-format", f"-o {target.format}: this command does not have it", hint=f"it has: {known}"
                )
            page = page_of(sys.stdout, is_wide=target.format == "wide") if not target.path else Page()
            rendered = renderer(page)
            if target.path:
                write_file(Path(target.path), rendered if isinstance(rendered, str) else plain(rendered, page))
            elif isinstance(rendered, str):
                _write(sys.stdout, rendered)
            else:
                write_lines(sys.stdout, rendered, page, self._color)

    def note_text(self, text: str) -> None:
        """A line beside the answer, to stderr; nothing with --quiet."""
        if not self.is_quiet:
            write_lines(sys.stderr, [line(text)], page_of(sys.stderr), self._color)

    def warn_of_inputs(self, warnings: Sequence[InputWarning]) -> None:
        """What was left out or changed while reading, to stderr."""
        for warning in warnings:
            hint = f" ({warning.hint})" if warning.hint else ""
            text = f"{warning.location}: warning: {warning.code}: {warning.message}{hint}"
            write_lines(sys.stderr, [line(text)], page_of(sys.stderr), self._color)

    def requests(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        """How many requests of which sort went to each member, to stderr; only with --verbose."""
        if not self.is_verbose:
            return
        for name, by_verb in sorted(counts.items()):
            told = "  ".join(f"{verb} {count}" for verb, count in sorted(by_verb.items()) if count)
            write_lines(sys.stderr, [line(f"requests  {name}  {told or 'none'}")], page_of(sys.stderr), self._color)

    def next(self, text: str) -> None:
        """The one hint that may end a command: on a terminal alone."""
        if self.is_human and is_terminal(sys.stdout):
            self.note_text(f"next  {text}")

    def warn(self, plan: Plan) -> None:
        """A plan's warnings, to stderr; --quiet does not silence them."""
        page = page_of(sys.stderr)
        write_lines(sys.stderr, render_warnings(plan, page), page, self._color)

    @contextmanager
    def progress(self) -> Iterator[Reporter]:
        """A reporter for a run: a board on a terminal, plain lines elsewhere, nothing with --quiet."""
        page = page_of(sys.stderr)
        if self.is_quiet:
            yield Silent()
        elif page.is_terminal and not os.environ.get("CI"):
            # The terminal library is for people alone: a pipeline does not pay for it.
            from karmactl.render.board import Board

            with Board(sys.stderr, page, time.monotonic, has_color=has_color(sys.stderr, self._color)) as board:
                yield board
        else:
            yield PlainReporter(lambda text: _write(sys.stderr, text), time.monotonic, page)


def _parse_targets(values: Iterable[str]) -> tuple[_Target, ...]:
    targets = []
    for value in values:
        name, _, path = value.partition("=")
        if name not in FORMATS:
            raise UsageError("unknown-format", f"-o {name}: no such format", hint=f"formats: {', '.join(FORMATS)}")
        targets.append(_Target(format=name, path=path))
    if not any(not target.path for target in targets):
        targets.append(_Target(format="human"))
    return tuple(targets)


def page_of(stream: TextIO, *, is_wide: bool = False) -> Page:
    """The page that a stream is."""
    is_person = is_terminal(stream)
    width = int(os.environ["COLUMNS"]) if os.environ.get("COLUMNS", "").isdigit() else None
    if width is None and is_person:
        width = shutil.get_terminal_size().columns
    return Page(
        width=width if is_person else None,
        is_ascii=not _speaks_utf8(stream),
        is_wide=is_wide,
        is_terminal=is_person,
        now=datetime.now(UTC) if is_person else None,
    )


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at the stream."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _speaks_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") in ("utf8", "utf8sig")


def has_color(stream: TextIO, wish: str) -> bool:
    """Whether colours may be written. Raises UsageError `bad-color`."""
    if wish not in ("auto", "always", "never"):
        raise UsageError("bad-color", f"--color {wish}: no such choice", hint="say auto, always or never")
    if wish != "auto":
        return wish == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE"):
        return True
    return is_terminal(stream)


def write_lines(stream: TextIO, lines: Iterable[Line], page: Page, color: str = "auto") -> None:
    """Write styled lines."""
    _write(stream, to_ansi(lines, page) if has_color(stream, color) else plain(lines, page))


def _write(stream: TextIO, text: str) -> None:
    stream.write(text if _speaks_utf8(stream) else text.encode("ascii", "backslashreplace").decode())
    stream.flush()


def print_errors(errors: Sequence[KarmactlError]) -> None:
    """Errors to stderr, in file and line order."""
    page = page_of(sys.stderr)
    excerpts = read_excerpts(errors, base=Path.cwd()) if page.is_terminal else {}
    write_lines(sys.stderr, render_errors(errors, page, excerpts=excerpts), page)
