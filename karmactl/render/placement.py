"""Placements for people: templates by clusters, with replicas before and now, and why in short.

Only what changes is listed; the rest is counted. Where the fleet has more members than the page has room for, clusters
are grouped by equal value ("2 in 43 clusters · 1 → 2 in eu-7").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from karmactl.core.model.plan import Decision, Plan, Standing
from karmactl.render.layout import Cell, columns
from karmactl.render.names import counted, object_name
from karmactl.render.text import Line, Page, Span, Style, cells, line
from karmactl.render.words import say, say_shortly

__all__ = ["ABSENT", "PlacementRow", "grouped_text", "placement_lines", "placement_rows", "short_reason"]

ABSENT: Final = "–"
_SHOWN: Final = frozenset({Standing.PLACED, Standing.KEPT, Standing.HELD, Standing.ATTACHED})
# Without a terminal nothing limits the width; beyond this many columns a table is no longer one.
_MOST_COLUMNS: Final = 24
_REASON_ROOM: Final = 16
_MOST_NAMED: Final = 3
_STRATEGIES: Final = {
    "Duplicated": "a copy in each",
    "Aggregated": "packed into few",
    "DynamicWeight": "by free capacity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementRow:
    """One line of the table: `texts` by cluster, in fleet order."""

    name: str
    texts: tuple[str, ...]
    total: str
    why: str


def placement_lines(plan: Plan, page: Page) -> list[Line]:
    """The Placement section: heading, rows, and a count of what stays."""
    fleet = tuple(member.name for member in plan.fleet)
    rows = placement_rows(plan)
    lines: list[Line] = []
    if rows:
        lines = _table(rows, fleet, page) if _has_room(rows, fleet, page) else _grouped(rows, fleet, page)
    same = [decision for decision in _shown(plan) if not _is_changed(decision) and decision.targets]
    workloads = sum(decision.has_replicas for decision in same)
    counts = ((workloads, "workload"), (len(same) - workloads, "other template"))
    rest = " and ".join(counted(number, noun) for number, noun in counts if number)
    if rest:
        head = line("  ") if rows else line(Span("Placement", Style.STRONG), "  ")
        how = "as in the former files" if "against" in plan.options else "as recorded"
        lines.append(line(head, Span(f"{'besides, ' if rows else ''}{rest} {how}", Style.DIM)))
    return lines


def placement_rows(plan: Plan) -> list[PlacementRow]:
    """One row for each workload whose placement changes, and one for other templates of a kind that go together."""
    fleet = tuple(member.name for member in plan.fleet)
    changed = [decision for decision in _shown(plan) if _is_changed(decision)]
    rows = [_workload_row(decision, fleet) for decision in changed if decision.has_replicas]
    return rows + _other_rows([decision for decision in changed if not decision.has_replicas], fleet)


def _shown(plan: Plan) -> list[Decision]:
    return [decision for decision in plan.decisions if decision.standing in _SHOWN]


def _is_changed(decision: Decision) -> bool:
    before = {target.name: target.replicas for target in decision.previous}
    after = {target.name: target.replicas for target in decision.targets}
    # What is held, or goes nowhere without an error, would be overlooked among what stays.
    goes_nowhere = decision.standing is Standing.PLACED and not decision.targets
    # What only follows a workload carries that one's replicas: they say nothing of its own.
    is_moved = before != after if decision.has_replicas else before.keys() != after.keys()
    return is_moved or decision.standing is Standing.HELD or goes_nowhere


def _cells_of(decision: Decision, fleet: Sequence[str]) -> tuple[str, ...]:
    """What each cluster has, before and now: `3 → 4`, `2`, `new`, `–`."""
    before = {target.name: target.replicas for target in decision.previous}
    after = {target.name: target.replicas for target in decision.targets}
    is_first = not before
    return tuple(_cell(name, before, after, decision.has_replicas, is_first) for name in fleet)


def _cell(name: str, before: dict[str, int], after: dict[str, int], has_replicas: bool, is_first: bool) -> str:
    if name not in before and name not in after:
        return ABSENT
    if not has_replicas:
        return "gone" if name not in after else "✓" if name in before else "new"
    old, new = before.get(name, 0), after.get(name, 0)
    return str(new) if is_first or (old == new and name in before) else f"{old} → {new}"


def _workload_row(decision: Decision, fleet: Sequence[str]) -> PlacementRow:
    return PlacementRow(
        name=object_name(decision.ref),
        texts=_cells_of(decision, fleet),
        total=str(sum(target.replicas for target in decision.targets)),
        why=short_reason(decision),
    )


def _other_rows(decisions: Sequence[Decision], fleet: Sequence[str]) -> list[PlacementRow]:
    """Templates without replicas: those of one kind with the same clusters share a line."""
    by_key: dict[tuple[str, str, str, tuple[str, ...], str], list[Decision]] = {}
    for decision in decisions:
        ref = decision.ref
        key = (ref.namespace, ref.group, ref.kind, _cells_of(decision, fleet), short_reason(decision))
        by_key.setdefault(key, []).append(decision)
    rows = []
    for (namespace, _, kind, texts, why), found in by_key.items():
        one = object_name(found[0].ref)
        many = f"{namespace} {counted(len(found), kind.lower())}".lstrip()
        rows.append(PlacementRow(name=one if len(found) == 1 else many, texts=texts, total="", why=why))
    return rows


def short_reason(decision: Decision) -> str:
    """Why a template is where it is, in a few words: who was left out, or how replicas are divided."""
    if decision.notes:
        return say(decision.notes[0])
    if decision.standing is Standing.ATTACHED and decision.required_by:
        names = ", ".join(object_name(ref) for ref in decision.required_by[:_MOST_NAMED])
        more = len(decision.required_by) - _MOST_NAMED
        return f"goes with {names}" + (f" and {more} more" if more > 0 else "")
    result = decision.result
    if result is None:
        return ""
    if not decision.targets:
        return "it asks for no replicas, so no cluster gets it"
    kept = {target.name for target in decision.targets}
    left = [target.name for target in decision.previous if target.name not in kept]
    refused = [
        f"{verdict.cluster} {say_shortly(verdict.filters[0])}"
        for verdict in result.verdicts
        if verdict.cluster in left and verdict.filters
    ]
    if refused:
        return ", ".join(refused)
    if left:
        return f"{' '.join(left)} not chosen"
    if result.strategy == "StaticWeight":
        weights = [str(verdict.weight) for verdict in result.verdicts if verdict.weight and verdict.is_selected]
        return f"weights {':'.join(weights)}" if 1 < len(weights) <= _MOST_COLUMNS else "static weights"
    return _STRATEGIES.get(result.strategy, "")


def _has_room(rows: Sequence[PlacementRow], fleet: Sequence[str], page: Page) -> bool:
    if page.width is None:
        return page.is_wide or len(fleet) <= _MOST_COLUMNS
    widths = [max([cells(name), *(cells(row.texts[position]) for row in rows)]) for position, name in enumerate(fleet)]
    names = max([len("Placement"), *(2 + cells(row.name) for row in rows)])
    return page.is_wide or names + sum(width + 2 for width in widths) + 7 + _REASON_ROOM <= page.width


def _table(rows: Sequence[PlacementRow], fleet: Sequence[str], page: Page) -> list[Line]:
    grid: list[list[Cell]] = [[Span("Placement", Style.STRONG), *fleet, "total"]]
    for row in rows:
        grid.append([f"  {row.name}", *(_painted(text) for text in row.texts), row.total, Span(row.why, Style.DIM)])
    return columns(grid, page, right=frozenset(range(1, len(fleet) + 2)))


def _painted(text: str) -> Span:
    if text == ABSENT:
        return Span(text, Style.DIM)
    if text == "gone" or text.endswith("→ 0"):
        return Span(text, Style.WITHDRAW)
    if text == "new" or text.startswith("0 →"):
        return Span(text, Style.CREATE)
    return Span(text, Style.UPDATE if "→" in text else Style.PLAIN)


def _grouped(rows: Sequence[PlacementRow], fleet: Sequence[str], page: Page) -> list[Line]:
    head = line(Span("Placement", Style.STRONG), "  ", counted(len(fleet), "cluster"))
    grid: list[list[Cell]] = []
    for row in rows:
        why = f" ({row.why})" if row.why else ""
        grid.append([row.name, f"{grouped_text(row, fleet)}{why}"])
    return [head, *columns(grid, page, indent=2)]


def grouped_text(row: PlacementRow, fleet: Sequence[str]) -> str:
    """A row in words, clusters with the same value together: `2 in 43 clusters · 1 → 2 in eu-7`."""
    by_text: dict[str, list[str]] = {}
    for name, text in zip(fleet, row.texts, strict=True):
        by_text.setdefault(text, []).append(name)
    parts = [
        f"{'none' if text == ABSENT else text} in {_where(names)}"
        for text, names in sorted(by_text.items(), key=lambda item: (item[0] == ABSENT, -len(item[1]), item[0]))
    ]
    total = f"total {row.total}: " if row.total else ""
    return f"{total}{' · '.join(parts)}"


def _where(names: Sequence[str]) -> str:
    return " ".join(names) if len(names) <= _MOST_NAMED else counted(len(names), "cluster")
