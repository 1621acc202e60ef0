"""The text model: lines of styled spans, and the page on which they are shown.

Data is never markup: a span carries its text as it is, and control characters in it are made visible, so that no object
can steer a terminal. Meaning is never in colour alone; where the encoding is not UTF-8, signs have ASCII stand-ins.
No terminal library is needed here; `render.board` alone loads one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

__all__ = [
    "Line",
    "Page",
    "Span",
    "Style",
    "cells",
    "clean",
    "line",
    "line_cells",
    "plain",
    "shown",
    "to_ansi",
]


class Style(Enum):
    """What a span means; colours follow from it."""

    PLAIN = "plain"
    STRONG = "strong"
    DIM = "dim"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    WITHDRAW = "withdraw"
    REMOVE = "remove"
    DRIFT = "drift"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    GOOD = "good"
    BAD = "bad"


# Parameters of the escape sequence that sets colour and weight (ECMA-48, SGR).
_SGR: Final = {
    Style.STRONG: "1",
    Style.DIM: "2",
    Style.CREATE: "32",
    Style.UPDATE: "33",
    Style.REPLACE: "35",
    Style.WITHDRAW: "36",
    Style.REMOVE: "31",
    Style.DRIFT: "1;33",
    Style.CONFLICT: "1;31",
    Style.UNKNOWN: "1;35",
    Style.GOOD: "32",
    Style.BAD: "1;31",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line."""

    text: str
    style: Style = Style.PLAIN


Line = tuple[Span, ...]

# What stands for a sign where the encoding cannot say it. Each keeps its meaning apart from the others.
_STAND_INS: Final = {
    "→": "->",
    "×": "x",
    "±": "%",
    "✓": "ok",
    "✗": "x",
    "–": "-",
    "·": "|",
    "●": "*",
    "◐": "o",
    "○": "o",
    "█": "#",
    "░": ".",
    "≥": ">=",
    "≤": "<=",
}
_STAND_IN_TABLE: Final = str.maketrans(_STAND_INS)
# C0 and C1 controls, and the marks that turn the direction of text around.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHORT_ESCAPES: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where lines are shown.

    `width` in columns; None has no limit: nothing is wrapped. `is_ascii`: signs have stand-ins. `is_wide` lists what
    would be summarised. `now` turns times into ages ("3m ago"); None leaves them as RFC 3339. `is_terminal`: a person
    looks at it.
    """

    width: int | None = None
    is_ascii: bool = False
    is_wide: bool = False
    is_terminal: bool = False
    now: datetime | None = None


def line(*parts: str | Span | Line) -> Line:
    """A line of texts, spans and other lines, one after the other."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        else:
            spans.extend(part)
    return tuple(spans)


def clean(text: str) -> str:
    """The text with control characters made visible."""
    if text.isprintable():
        return text
    return _CONTROL.sub(lambda match: _SHORT_ESCAPES.get(match[0]) or _escaped(match[0]), text)


def _escaped(character: str) -> str:
    return f"\\x{ord(character):02x}" if ord(character) < 0x100 else f"\\u{ord(character):04x}"


def shown(text: str, page: Page) -> str:
    """The text as the page can show it: without controls and, where it must be, in ASCII."""
    text = clean(text)
    if not page.is_ascii or text.isascii():
        return text
    return text.translate(_STAND_IN_TABLE).encode("ascii", "backslashreplace").decode()


def cells(text: str) -> int:
    """How many columns a terminal needs for a text."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def line_cells(spans: Line, page: Page) -> int:
    """How many columns a line needs on the page."""
    return sum(cells(shown(span.text, page)) for span in spans)


def plain(lines: Iterable[Line], page: Page) -> str:
    """The lines as text without colours, with a newline after each; nothing is cut."""
    return "".join("".join(shown(span.text, page) for span in spans).rstrip() + "\n" for spans in lines)


def to_ansi(lines: Iterable[Line], page: Page) -> str:
    """The lines as text with colours for a terminal."""
    return "".join("".join(_painted(span, page) for span in _trimmed(spans)) + "\n" for spans in lines)


def _painted(span: Span, page: Page) -> str:
    text, code = shown(span.text, page), _SGR.get(span.style)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text


def _trimmed(spans: Line) -> Line:
    kept = list(spans)
    while kept:
        last = kept.pop()
        text = last.text.rstrip(" ")
        if text:
            return (*kept, Span(text, last.style))
    return ()
