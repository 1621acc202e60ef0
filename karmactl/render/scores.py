"""The numbers behind a decision: the figures of each cluster, the scores of regions, and each division seat by seat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from karmactl.core.model.binding import ClusterVerdict, ScheduleResult
from karmactl.core.model.manifest import as_list, as_mapping
from karmactl.core.model.reason import Reason
from karmactl.render.layout import Cell, columns, wrapped
from karmactl.render.names import cluster_list
from karmactl.render.text import Line, Page, Span, Style, line

__all__ = ["render_scores"]

_TIES: Final = {"name-ascending": "the smaller name first", "name-descending": "the larger name first (odd UID hash)"}


def render_scores(result: ScheduleResult, verdicts: Sequence[ClusterVerdict], page: Page) -> list[Line]:
    """Tables of figures; what a decision did not look at is a dash."""
    lines = [(), line("  ", Span("Numbers", Style.STRONG)), *_cluster_table(verdicts, page)]
    regions = [step for step in result.steps if step.code == "spread-region"]
    if regions:
        fleet = [verdict.cluster for verdict in result.verdicts]
        lines += [(), *_region_table(regions, fleet, page)]
    for step in result.steps:
        if step.code == "division":
            lines += [(), *_division_lines(step, page)]
    return lines


def _cluster_table(verdicts: Sequence[ClusterVerdict], page: Page) -> list[Line]:
    grid: list[list[Cell]] = [["CLUSTER", "SCORE", "ROOM", "BEFORE", "WEIGHT", "REPLICAS"]]
    for verdict in verdicts:
        figures = (verdict.score, verdict.available, verdict.previous, verdict.weight, verdict.replicas)
        grid.append([verdict.cluster, *("–" if figure is None else str(figure) for figure in figures)])
    return columns(grid, page, indent=2, right=frozenset(range(1, 6)))


def _region_table(regions: Sequence[Reason], fleet: Sequence[str], page: Page) -> list[Line]:
    """Regions, best first as the choice sees them."""
    grid: list[list[Cell]] = [["REGION", "SCORE", "CHOSEN", "CLUSTERS"]]
    for step in sorted(regions, key=lambda step: (-_number(step.params.get("score")), step.subject)):
        names = [str(name) for name in as_list(step.params.get("clusters"))]
        chosen = Span("✓", Style.GOOD) if step.params.get("isChosen") else Span("–", Style.DIM)
        grid.append([step.subject, str(step.params.get("score")), chosen, cluster_list(names, fleet, page)])
    return columns(grid, page, indent=2, right=frozenset({1}))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _division_lines(step: Reason, page: Page) -> list[Line]:
    """Who won each replica: the highest weight / (2 x replicas so far + 1)."""
    weights, turns = as_mapping(step.params.get("weights")), as_list(step.params.get("turns"))
    ties = _TIES.get(str(step.params.get("ties")), "")
    head = f"{step.params.get('replicas')} replicas over weights of {step.params.get('weightSum')} in all"
    lines = wrapped(f"{head}, by weight / (2 × replicas so far + 1); ties: {ties}", page, indent=2)
    if not turns:
        return lines
    grid: list[list[Cell]] = []
    won: Counter[str] = Counter()
    for number, entry in enumerate(turns, start=1):
        turn = as_mapping(entry)
        name, quotient = str(turn.get("cluster")), turn.get("quotient")
        text = f"{weights.get(name)} / {2 * won[name] + 1} = {quotient:.6g}" if isinstance(quotient, float) else ""
        won[name] += 1
        grid.append([str(number), name, text])
    return [*lines, *columns(grid, page, indent=4, right=frozenset({0}))]
