"""Status for people: workloads by clusters with ready and wanted replicas, then what is not as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from karmactl.core.model.change import FieldChange, Masked
from karmactl.core.model.status import FleetStatus, Health, StatusCell, WorkloadStatus
from karmactl.render.changes import values_line
from karmactl.render.layout import Cell, columns, packed, wrapped
from karmactl.render.names import counted, object_name, value_text, when
from karmactl.render.text import Line, Page, Span, Style, cells, line

__all__ = ["render_status"]

_SIGNS: Final = {
    Health.READY: Span("●", Style.GOOD),
    Health.PROGRESSING: Span("◐", Style.UPDATE),
    Health.FAILED: Span("✗", Style.BAD),
    Health.MISSING: Span("✗", Style.BAD),
    Health.UNKNOWN: Span("?", Style.UNKNOWN),
}
_ABSENT: Final = Span("–", Style.DIM)
_MOST_COLUMNS: Final = 24
_NOTES_ROOM: Final = 8
_MOST_NAMED: Final = 3
_MOST_LISTED: Final = 10
_UNDONE: Final = {"add": "remove", "remove": "add", "replace": "replace"}


def render_status(status: FleetStatus, page: Page) -> list[Line]:
    """Who applied what and when, the table, drift, orphans, pending withdrawals, and which members answered."""
    fleet = [member.name for member in status.fleet]
    lines = [*_title(status, page)]
    if status.workloads:
        lines.append(())
        fits = page.is_wide or _has_room(status.workloads, fleet, page)
        lines += _table(status.workloads, fleet, page) if fits else _grouped(status.workloads, page)
    if status.other_objects:
        lines.append(
            line(Span(f"and {counted(status.other_objects, 'object')} without a readiness of their own", Style.DIM))
        )
    lines.append(())
    return [*lines, *_rest(status, page)]


def _title(status: FleetStatus, page: Page) -> list[Line]:
    if not status.generation:
        return [line(Span(f"SET {status.set_name}", Style.STRONG), "  nothing was ever applied")]
    pieces = [f"revision {status.generation}"]
    if status.applied_at or status.applied_by:
        by = f"by {status.applied_by}" if status.applied_by else ""
        pieces.append(" ".join(part for part in ("applied", when(status.applied_at, page), by) if part))
    if status.git_commit:
        pieces.append(f"git {status.git_commit}")
    if status.is_paused:
        pieces.append("PAUSED")
    return packed(pieces, page, head=line(Span(f"SET {status.set_name}", Style.STRONG), "  "), gap="  ")


def _cell_text(cell: StatusCell) -> str:
    if cell.health is Health.UNKNOWN:
        return "?"
    if cell.health is Health.MISSING:
        return "missing"
    return cell.health.value if cell.ready is None or cell.wanted is None else f"{cell.ready}/{cell.wanted}"


def _cell(cell: StatusCell | None) -> Line:
    if cell is None:
        return line(_ABSENT)
    if cell.health is Health.UNKNOWN:
        return line(_SIGNS[Health.UNKNOWN])
    return line(f"{_cell_text(cell)} ", _SIGNS[cell.health])


def _ready_text(workload: WorkloadStatus) -> str:
    """The sum over clusters; unknown as soon as one part is (unknown is never zero)."""
    if any(cell.health is Health.UNKNOWN for cell in workload.cells):
        return "?"
    if all(cell.wanted is None for cell in workload.cells):
        return "" if all(cell.health is Health.READY for cell in workload.cells) else "no"
    return f"{sum(cell.ready or 0 for cell in workload.cells)}/{sum(cell.wanted or 0 for cell in workload.cells)}"


def _notes(workload: WorkloadStatus) -> str:
    names_by_text: dict[str, list[str]] = {}
    for cell in workload.cells:
        if cell.message and cell.health is not Health.READY:
            names_by_text.setdefault(cell.message, []).append(cell.cluster)
    return "; ".join(f"{_where(names)}: {text}" for text, names in names_by_text.items())


def _where(names: Sequence[str]) -> str:
    return " ".join(names) if len(names) <= _MOST_NAMED else counted(len(names), "cluster")


def _table(workloads: Sequence[WorkloadStatus], fleet: Sequence[str], page: Page) -> list[Line]:
    grid: list[list[Cell]] = [["WORKLOAD", *fleet, "READY"]]
    for workload in workloads:
        by_cluster = {cell.cluster: cell for cell in workload.cells}
        row: list[Cell] = [object_name(workload.resource), *(_cell(by_cluster.get(name)) for name in fleet)]
        row.append(_ready_text(workload))
        notes = _notes(workload)
        grid.append([*row, notes] if notes else row)
    return columns(grid, page)


def _has_room(workloads: Sequence[WorkloadStatus], fleet: Sequence[str], page: Page) -> bool:
    if page.width is None:
        return len(fleet) <= _MOST_COLUMNS
    names = max(cells(object_name(workload.resource)) for workload in workloads)
    widest = max((len(_cell_text(cell)) + 2 for workload in workloads for cell in workload.cells), default=0)
    return names + sum(max(cells(name), widest) + 2 for name in fleet) + 7 + _NOTES_ROOM <= page.width


def _grouped(workloads: Sequence[WorkloadStatus], page: Page) -> list[Line]:
    """Clusters grouped by equal value: `2/2 in 46 clusters · 1/2 in eu-7`."""
    grid: list[list[Cell]] = [["WORKLOAD", "READY", "WHERE"]]
    for workload in workloads:
        by_text: dict[str, list[str]] = {}
        for cell in workload.cells:
            by_text.setdefault(_cell_text(cell), []).append(cell.cluster)
        ordered = sorted(by_text.items(), key=lambda item: (-len(item[1]), item[0]))
        where = " · ".join(f"{text} in {_where(names)}" for text, names in ordered)
        notes = _notes(workload)
        row: list[Cell] = [object_name(workload.resource), _ready_text(workload)]
        grid.append([*row, f"{where}; {notes}" if notes else where])
    return columns(grid, page)


def _drifted(field: FieldChange) -> Line:
    """A change leads from the live value to ours; drift is told the other way round: what we applied became this.

    The inventory knows which fields were sent, not their values, so what was there before may be unknown.
    """
    if field.op == "replace" and field.after is None and not isinstance(field.before, Masked):
        return line("gone" if field.before is None else f"now {value_text(field.before)}")
    return values_line(replace(field, before=field.after, after=field.before, op=_UNDONE[field.op]))


def _rest(status: FleetStatus, page: Page) -> list[Line]:
    lines: list[Line] = []
    for drift in status.drift:
        holder = drift.field.drift
        by = "" if holder is None or not holder.manager else f", {holder.manager}"
        at = f", {when(holder.time, page)}" if holder is not None and holder.time else ""
        where = f"{drift.cluster} {object_name(drift.resource)} {drift.field.keyed_path or drift.field.path}"
        values = "".join(span.text for span in _drifted(drift.field))
        first, *more = wrapped(f"{where}  {values}{by}{at}", page, indent=9)
        lines += [line(Span("Drift    ", Style.DRIFT), *first[1:]), *more]
    lines += _listed("Orphans", [f"{orphan.cluster} {object_name(orphan.resource)}" for orphan in status.orphans], page)
    lines += _listed("Pending", [f"{entry.cluster} {object_name(entry.resource)}" for entry in status.pending], page)
    rows: list[list[Cell]] = [
        [
            line(Span("? ", Style.UNKNOWN), entry.cluster),
            entry.resource or "all of it",
            f"{entry.code}: {entry.message}",
        ]
        for entry in status.unknowns
    ]
    lines += columns(rows, page)
    silent = [member for member in status.fleet if not member.is_reachable]
    answered = f"{len(status.fleet) - len(silent)} of {len(status.fleet)} reachable"
    failed = f", {counted(len(status.unknowns), 'list')} failed" if status.unknowns else ""
    names = f": no answer from {' '.join(member.name for member in silent)}" if silent else ""
    lines.append(line(Span("Clusters ", Style.STRONG), f"{answered}{failed}{names}"))
    return lines


def _listed(name: str, texts: Sequence[str], page: Page) -> list[Line]:
    head = line(Span(f"{name:<9}", Style.STRONG))
    if not texts:
        return [line(head, "none")]
    most = len(texts) if page.is_wide or len(texts) <= _MOST_LISTED else _MOST_LISTED
    rest = [f"and {len(texts) - most} more; -o wide lists all"] if most < len(texts) else []
    return packed([*texts[:most], *rest], page, head=head)
