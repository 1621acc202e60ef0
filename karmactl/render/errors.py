"""Errors for people and for logs: what, where, why, and what to do next.

On a terminal an error takes a few lines, with the line of the file it is about; elsewhere its first line is one record
in the form that editors and log viewers know (`file:line:column: error: code: message`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from karmactl.errors import ClusterError, KarmactlError, Location
from karmactl.render.layout import wrapped
from karmactl.render.names import counted
from karmactl.render.text import Line, Page, Span, Style, line

__all__ = ["leaves_of", "render_errors"]

_MOST_ERRORS: Final = 20
_MOST_CAUSES: Final = 10
_NO_PLACE: Final = Location(file="")


def leaves_of(error: BaseException) -> Iterator[KarmactlError]:
    """The errors in a group, however deep, in their order; other exceptions are not among them."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from leaves_of(part)
    elif isinstance(error, KarmactlError):
        yield error


def render_errors(
    errors: Sequence[KarmactlError],
    page: Page,
    *,
    excerpts: Mapping[Location, str] | None = None,
    is_verbose: bool = False,
) -> list[Line]:
    """All errors in file and line order, at most twenty unless verbose. `excerpts`: the text of a location's line."""
    ordered = sorted(errors, key=lambda error: (error.location is None, error.location or _NO_PLACE))
    most = len(ordered) if is_verbose or len(ordered) <= _MOST_ERRORS else _MOST_ERRORS
    lines: list[Line] = []
    for error in ordered[:most]:
        if page.is_terminal:
            if lines:
                lines.append(())
            lines += _on_terminal(error, (excerpts or {}).get(error.location or _NO_PLACE), page)
        else:
            lines += _as_record(error)
    if most < len(ordered):
        lines.append(line(f"and {counted(len(ordered) - most, 'more error')}; -v shows all"))
    return lines


def _about(error: KarmactlError) -> list[str]:
    return [part for part in (error.resource, error.cluster) if part]


def _as_record(error: KarmactlError) -> list[Line]:
    place = f"{error.location}: " if error.location else ""
    about = f" ({', '.join(_about(error))})" if _about(error) else ""
    lines = [line(f"{place}error: {error.code}: {error.message}{about}")]
    lines += [line(f"  field {path}: {message}") for path, message in _causes(error)]
    if error.why:
        lines.append(line(f"  why   {error.why}"))
    if error.hint:
        lines.append(line(f"  next  {error.hint}"))
    return lines


def _on_terminal(error: KarmactlError, excerpt: str | None, page: Page) -> list[Line]:
    first, *rest = wrapped(f"{error.code}: {error.message}", page, indent=6)
    lines: list[Line] = [line(Span("error ", Style.BAD), *first[1:]), *rest]
    place = [str(error.location)] if error.location else []
    if place or _about(error):
        lines.append(line("  ", "   ".join([*place, ", ".join(_about(error))]).rstrip()))
    if excerpt is not None and error.location and error.location.line:
        lines += _excerpt(error.location, excerpt)
    lines += [part for path, message in _causes(error) for part in wrapped(f"{path}: {message}", page, indent=8)]
    for name, text in (("why", error.why), ("next", error.hint)):
        if text:
            head, *more = wrapped(text, page, indent=8)
            lines += [line("  ", Span(f"{name:<6}", Style.STRONG), *head[1:]), *more]
    return lines


def _causes(error: KarmactlError) -> tuple[tuple[str, str], ...]:
    return error.causes[:_MOST_CAUSES] if isinstance(error, ClusterError) else ()


def _excerpt(location: Location, text: str) -> list[Line]:
    number = f"{location.line:>7}"
    lines = [line(Span(f"{number} | ", Style.DIM), text.rstrip("\r\n"))]
    if location.column:
        lines.append(line(Span(f"{'':>7} | ", Style.DIM), " " * (location.column - 1), Span("^", Style.BAD)))
    return lines
