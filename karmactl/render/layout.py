"""Layout: rows to aligned columns, and long texts to several lines where a page is too narrow.

Columns are two spaces apart. Cells are never cut: where a table is wider than its page, only the last column (free
text) wraps, at words.
"""

from __future__ import annotations

from collections.abc import Sequence

from karmactl.render.text import Line, Page, Span, Style, cells, line, line_cells, shown

__all__ = ["Cell", "columns", "packed", "right_aligned", "to_line", "wrapped"]

Cell = str | Span | Line
_GAP = "  "
# A last column narrower than this is not worth keeping beside the others.
_NARROWEST = 24


def to_line(cell: Cell) -> Line:
    """A cell as a line."""
    return cell if isinstance(cell, tuple) else line(cell)


def columns(
    rows: Sequence[Sequence[Cell]], page: Page, *, indent: int = 0, right: frozenset[int] = frozenset()
) -> list[Line]:
    """The rows as aligned lines. `right` are the positions of columns that align right. A row may be short.

    Where the page is too narrow the last column wraps below itself, unless it aligns right.
    """
    count = max((len(row) for row in rows), default=0)
    grid = [[to_line(cell) for cell in row] for row in rows]
    widths = [
        max((line_cells(row[position], page) for row in grid if position < len(row)), default=0)
        for position in range(count)
    ]
    start = indent + sum(width + len(_GAP) for width in widths[:-1])
    lines: list[Line] = []
    for row in grid:
        if (
            len(row) < count
            or count - 1 in right
            or page.width is None
            or start + line_cells(row[-1], page) <= page.width
        ):
            lines.append(_joined(row, widths, page, indent, right))
            continue
        head = _joined(row[:-1], widths, page, indent, right)
        lines.extend(_with_tail(head, row[-1], start, page))
    return lines


def _joined(row: Sequence[Line], widths: Sequence[int], page: Page, indent: int, right: frozenset[int]) -> Line:
    spans: list[Span] = [Span(" " * indent)] if indent else []
    for position, cell in enumerate(row):
        padding = " " * (widths[position] - line_cells(cell, page))
        gap = _GAP if position + 1 < len(row) else ""
        spans += [Span(padding), *cell, Span(gap)] if position in right else [*cell, Span(padding + gap)]
    return tuple(span for span in spans if span.text)


def _with_tail(head: Line, tail: Line, start: int, page: Page) -> list[Line]:
    width = page.width or 0
    style = tail[0].style if tail else Style.PLAIN
    text = "".join(span.text for span in tail)
    if width - start < _NARROWEST:
        return [head, *wrapped(text, page, indent=6, style=style)]
    parts = wrapped(text, page, indent=start, style=style)
    return [line(head, " " * (start - line_cells(head, page)), *parts[0][1:]), *parts[1:]]


def wrapped(text: str, page: Page, *, indent: int = 0, style: Style = Style.PLAIN) -> list[Line]:
    """A text as lines, wrapped at words; a word longer than the line stays whole."""
    pad = Span(" " * indent)
    if page.width is None:
        return [(pad, Span(text, style))]
    room = max(_NARROWEST, page.width - indent)
    lines: list[Line] = []
    current, used = "", 0
    for word in text.split(" "):
        size = cells(shown(word, page))
        if current and used + 1 + size > room:
            lines.append((pad, Span(current, style)))
            current, used = word, size
        else:
            current, used = (f"{current} {word}", used + 1 + size) if current else (word, size)
    lines.append((pad, Span(current, style)))
    return lines


def packed(pieces: Sequence[Cell], page: Page, *, head: Line, gap: str = "   ") -> list[Line]:
    """Pieces one after the other behind `head`, on as many lines as they need; further lines are indented like it."""
    indent = line_cells(head, page)
    lines: list[Line] = []
    current, used = head, indent
    for position, piece in enumerate(pieces):
        spans = to_line(piece)
        size = line_cells(spans, page)
        is_first = position == 0
        if not is_first and page.width is not None and used + len(gap) + size > page.width:
            lines.append(current)
            current, used, is_first = line(" " * indent), indent, True
        current = line(current, spans) if is_first else line(current, gap, spans)
        used += size if is_first else size + len(gap)
    return [*lines, current]


def right_aligned(left: Line, right: Line, page: Page, *, at: int) -> Line:
    """`right` at a column; two spaces behind `left` where that is longer."""
    if not right:
        return left
    return line(left, " " * max(len(_GAP), at - line_cells(left, page)), right)
