"""The history of a set for people: its revisions, or what its runs took away, newest first."""

from __future__ import annotations

from collections.abc import Sequence

from karmactl.core.model.manifest import JSONValue, as_mapping, as_str
from karmactl.core.model.state import Deletion, Record
from karmactl.render.layout import Cell, columns
from karmactl.render.names import object_name, when
from karmactl.render.text import Line, Page, Span, Style, line
from karmactl.render.words import say_code

__all__ = ["render_deletions", "render_leases", "render_revisions"]


def render_revisions(record: Record, page: Page) -> list[Line]:
    """A line a revision: number, when, by whom, from which commit and inputs, and the plan."""
    if not record.revisions:
        return [line("nothing was ever applied")]
    rows: list[list[Cell]] = [_head("REVISION", "APPLIED", "BY", "GIT", "INPUTS", "PLAN")]
    for revision in reversed(record.revisions):
        rows.append(
            [
                str(revision.generation),
                when(revision.applied_at, page),
                revision.applied_by,
                revision.git_commit or "-",
                ", ".join(revision.input_roots) or "-",
                revision.summary or "-",
            ]
        )
    return columns(rows, page)


def render_deletions(deletions: Sequence[Deletion], page: Page) -> list[Line]:
    """A line an object: when, where, what, why, by whom, in which revision and from which commit."""
    if not deletions:
        return [line("nothing was ever deleted, as far as the record goes back")]
    rows: list[list[Cell]] = [_head("DELETED", "CLUSTER", "OBJECT", "WHY", "BY", "REVISION", "GIT")]
    for entry in reversed(deletions):
        why = say_code(entry.reason)
        rows.append(
            [
                when(entry.at, page),
                entry.cluster,
                object_name(entry.resource),
                why if entry.is_done else f"{why}; the run did not come to say whether it is done",
                entry.by,
                str(entry.generation),
                entry.git_commit or "-",
            ]
        )
    return columns(rows, page)


def render_leases(leases: Sequence[JSONValue], page: Page) -> list[Line]:
    """A line a member that has the set's Lease: who holds it, since when, and whether that run is alive."""
    if not leases:
        return [line("no member has a Lease of this set")]
    rows: list[list[Cell]] = [_head("CLUSTER", "HOLDER", "SINCE", "LAST SIGN OF LIFE")]
    for lease in map(as_mapping, leases):
        renewed = when(as_str(lease.get("renewedAt")), page)
        alive = "" if not lease.get("holder") else ", alive" if lease.get("alive") else ", runs out"
        rows.append(
            [
                as_str(lease.get("cluster")),
                as_str(lease.get("error")) or as_str(lease.get("holder")) or "-",
                when(as_str(lease.get("since")), page) if lease.get("holder") else "-",
                f"{renewed}{alive}" if renewed else "-",
            ]
        )
    return columns(rows, page)


def _head(*names: str) -> list[Cell]:
    return [line(Span(name, Style.STRONG)) for name in names]
