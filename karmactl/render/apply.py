"""What a run did, for people: objects with the clusters where the same became of them, then one line in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from karmactl.core.model.change import Action, ApplyReport, ChangeResult, Outcome
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Plan
from karmactl.render.layout import Cell, columns, wrapped
from karmactl.render.names import cluster_list, counted, object_name, seconds_text
from karmactl.render.plan import unknown_lines
from karmactl.render.text import Line, Page, Span, Style, line

__all__ = ["render_apply_report"]

_DONE_WORDS: Final[Mapping[Action, str]] = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.ADOPT: "taken over",
    Action.WITHDRAW: "withdrawn",
    Action.PRUNE: "pruned",
}
_BAD: Final = frozenset({Outcome.FAILED, Outcome.UNKNOWN})
# A run that made more rows of one kind than this joins those that went well.
_MOST_ROWS: Final = 40


def render_apply_report(
    report: ApplyReport, plan: Plan, page: Page, *, elapsed_seconds: float | None = None
) -> list[Line]:
    """Every object with what became of it, clusters with the same end on one line, then the sum."""
    fleet = [member.name for member in plan.fleet]
    rows = _rows(report.results)
    joined = _joined(rows) if len(rows) > _MOST_ROWS and not page.is_wide else rows
    grid: list[list[Cell]] = [
        [row.name, cluster_list(row.clusters, fleet, page), row.state, row.detail]
        if row.detail
        else [row.name, cluster_list(row.clusters, fleet, page), row.state]
        for row in joined
    ]
    lines = columns(grid, page)
    for name, why in report.failed_clusters.items():
        lines += wrapped(f"{name}: {why}", page, style=Style.BAD)
    lines += unknown_lines(plan, page)
    lines += _sum_lines(report, plan, page, elapsed_seconds)
    return lines


class _Row:
    """Results of one object that ended alike."""

    def __init__(self, ref: ResourceRef, state: Span, detail: str) -> None:
        self.ref = ref
        self.name = object_name(ref)
        self.state = state
        self.detail = detail
        self.clusters: list[str] = []
        self.ready_seconds: float | None = None


def _rows(results: Sequence[ChangeResult]) -> list[_Row]:
    rows: dict[tuple[tuple[str, str, str, str], str, str], _Row] = {}
    for result in results:
        state, detail = _state_of(result), _detail_of(result)
        row = rows.setdefault(
            (result.change.resource.identity, state.text, detail), _Row(result.change.resource, state, detail)
        )
        row.clusters.append(result.change.cluster)
        if result.ready_seconds is not None:
            row.ready_seconds = max(row.ready_seconds or 0.0, result.ready_seconds)
    for row in rows.values():
        if row.ready_seconds is not None and not row.detail:
            row.detail = f"ready in {seconds_text(row.ready_seconds)}"
    return list(rows.values())


def _state_of(result: ChangeResult) -> Span:
    action = result.change.action
    if result.outcome is Outcome.DONE:
        return Span(_DONE_WORDS.get(action, action.value), Style.GOOD)
    if result.outcome in _BAD:
        return Span(result.outcome.value.upper(), Style.BAD)
    return Span(f"{action.value} {result.outcome.value}", Style.UPDATE)


def _detail_of(result: ChangeResult) -> str:
    if result.error:
        return f"{result.error_code}: {result.error}" if result.error_code else result.error
    return "not ready" if result.is_ready is False else ""


def _joined(rows: Sequence[_Row]) -> list[_Row]:
    """Rows without anything to tell, joined by namespace, kind, clusters and end."""
    joined: dict[tuple[str, ...], list[_Row]] = {}
    for row in rows:
        key = (row.ref.namespace, row.ref.group, row.ref.kind, " ".join(row.clusters), row.state.text, row.detail)
        joined.setdefault(key, []).append(row)
    for found in joined.values():
        if len(found) > 1:
            ref = found[0].ref
            found[0].name = f"{ref.namespace} {counted(len(found), ref.kind.lower())}".lstrip()
    return [found[0] for found in joined.values()]


def _sum_lines(report: ApplyReport, plan: Plan, page: Page, elapsed_seconds: float | None) -> list[Line]:
    done = [result for result in report.results if result.outcome is Outcome.DONE]
    open_results = [result for result in report.results if result.outcome is not Outcome.DONE]
    took = f" in {seconds_text(elapsed_seconds)}" if elapsed_seconds is not None else ""
    revision = f" Revision {report.generation} of set {plan.set_name}." if report.generation and plan.set_name else ""
    unread = _unread(plan)
    if not report.results and not report.failed_clusters and not unread:
        equal = sum(change_set.unchanged for change_set in plan.change_sets)
        return [line(f"Nothing to do: {counted(equal, 'object')} as planned.{revision}")]
    clusters = len({result.change.cluster for result in done})
    applied = f"{counted(len(done), 'change')} to {counted(clusters, 'cluster')}{took}"
    not_ready = sum(result.is_ready is False for result in done)
    if report.is_interrupted:
        head = f"Interrupted after {applied}; {counted(len(open_results), 'change')} not done. Safe to repeat."
    elif open_results or report.failed_clusters or unread:
        head = f"Partial: {applied}; {_open_text(open_results, report.failed_clusters, unread)}. Safe to repeat."
    elif not_ready:
        head = f"Sent {applied}; {counted(not_ready, 'workload')} not ready."
    else:
        head = f"Applied {applied}."
    is_fine = not (open_results or report.failed_clusters or unread or report.is_interrupted or not_ready)
    return wrapped(f"{head}{revision}", page, style=Style.STRONG if is_fine else Style.UPDATE)


def _unread(plan: Plan) -> list[str]:
    """The members of which something could not be read, in the plan's order."""
    return [change_set.cluster for change_set in plan.change_sets if change_set.unknowns]


def _open_text(open_results: Sequence[ChangeResult], failed_clusters: Mapping[str, str], unread: Sequence[str]) -> str:
    parts = []
    for outcome in (Outcome.FAILED, Outcome.UNKNOWN, Outcome.PENDING, Outcome.SKIPPED):
        number = sum(result.outcome is outcome for result in open_results)
        if number:
            parts.append(f"{number} {outcome.value}")
    if failed_clusters:
        parts.append(f"{' '.join(failed_clusters)} not served")
    silent = [name for name in unread if name not in failed_clusters]
    if silent:
        parts.append(f"{' '.join(silent)} not known")
    return ", ".join(parts)
