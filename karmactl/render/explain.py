"""Kinds, their fields and error codes, explained as `kubectl explain` explains kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from karmactl.core.schema import Kind, SchemaField
from karmactl.render.field_texts import FIELD_TEXTS
from karmactl.render.layout import wrapped
from karmactl.render.text import Line, Page, Span, Style, line

__all__ = ["error_lines", "explain_lines"]


def explain_lines(kind: Kind, field: SchemaField | None, path: Sequence[str], page: Page, *, deep: bool) -> list[Line]:
    """A kind, or a field of it, and what lies below; with `deep` all the way down."""
    lines = [line(Span("KIND     ", Style.DIM), kind.name), line(Span("VERSION  ", Style.DIM), kind.api_version)]
    below: Sequence[SchemaField] = (kind.root,) if field is None else field.below
    if field is not None:
        shown = line(Span("FIELD    ", Style.DIM), ".".join(path), Span(f"  <{field.type_text}>", Style.DIM))
        lines += [shown, (), *wrapped(_text(field), page, indent=2)]
    if below:
        lines += [(), line(Span("FIELDS", Style.STRONG)), *_fields(below, page, indent=2, deep=deep)]
    return lines


def _fields(fields: Sequence[SchemaField], page: Page, *, indent: int, deep: bool) -> Iterator[Line]:
    for field in fields:
        yield line(" " * indent, Span(field.name, Style.STRONG), Span(f"  <{field.type_text}>", Style.DIM))
        if deep:
            yield from _fields(field.below, page, indent=indent + 2, deep=deep)
        else:
            yield from wrapped(_text(field), page, indent=indent + 4)


def _text(field: SchemaField) -> str:
    return FIELD_TEXTS.get(field.owner, {}).get(field.name, "")


def error_lines(code: str, section: str, paragraphs: Sequence[str], page: Page) -> list[Line]:
    """What an error code means and what to do."""
    lines = [line(Span(code, Style.STRONG), Span(f"  {section}", Style.DIM))]
    for paragraph in paragraphs:
        lines += [(), *wrapped(paragraph, page, indent=2)]
    return lines
