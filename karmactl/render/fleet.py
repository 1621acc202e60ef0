"""The members, for people: who answers, and what is known of each, with where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from karmactl.core.model.cluster import Cluster
from karmactl.render.layout import columns
from karmactl.render.names import age
from karmactl.render.text import Line, Page, Span, Style, line

__all__ = ["MemberRow", "render_members"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member: declared facts (and which of them files declare), observed ones, or why it did not answer.

    `is_asked` False: nobody asked it, and what was observed stands in its Cluster file, as old as it is.
    """

    name: str
    context: str
    declared: Cluster
    declared_facts: frozenset[str]
    observed: Cluster | None
    error: str = ""
    is_locked: bool = False
    is_asked: bool = True
    facts_age_seconds: float | None = None


def render_members(rows: Sequence[MemberRow], page: Page) -> list[Line]:
    """A table of the members; a fact that a file declares has a `*`, the others are what the cluster says."""
    grid: list[list[Line]] = [
        [line(name) for name in ("NAME", "CONTEXT", "VERSION", "PROVIDER", "REGION", "ZONES", "IDENTITY")]
    ]
    for row in rows:
        seen = row.observed
        identity = (seen.uid[:8] if seen else "") or "?"
        grid.append(
            [
                line(Span(row.name, Style.STRONG)),
                line(row.context),
                line(_version(row)),
                line(_fact(row, "provider", row.declared.provider, seen.provider if seen else "")),
                line(_fact(row, "region", row.declared.region, seen.region if seen else "")),
                line(_fact(row, "zones", ",".join(row.declared.zones), ",".join(seen.zones) if seen else "")),
                line(f"{identity} locked" if row.is_locked else identity),
            ]
        )
    lines = columns(grid, page)
    if any(row.declared_facts for row in rows):
        lines += [(), line(Span(f"* declared in the files; {_rest_text(rows)}", Style.DIM))]
    lines += [line(Span(f"{row.name}: {row.error}", Style.BAD)) for row in rows if row.error]
    return lines


def _version(row: MemberRow) -> str | Span:
    if row.observed is None:
        return Span("silent", Style.BAD)
    version = row.observed.kubernetes_version or "?"
    return f"{version} ({age(row.facts_age_seconds)} old)" if row.facts_age_seconds is not None else version


def _rest_text(rows: Sequence[MemberRow]) -> str:
    if all(row.is_asked for row in rows):
        return "the rest is what the cluster says"
    return "the rest is what a snapshot saw: no cluster was asked"


def _fact(row: MemberRow, name: str, declared: str, observed: str) -> str:
    if name in row.declared_facts and declared:
        return f"{declared}*"
    return observed or "-"
