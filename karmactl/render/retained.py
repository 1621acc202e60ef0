"""Fields that keep the members' values, for people: whose they are, and where."""

from __future__ import annotations

from typing import Final

from karmactl.core.model.change import RetainedField
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Plan
from karmactl.render.layout import Cell, columns
from karmactl.render.names import cluster_list, object_name
from karmactl.render.text import Line, Page, Span, Style, line

__all__ = ["retained_lines"]

_MOST_LISTED: Final = 8


def retained_lines(plan: Plan, page: Page) -> list[Line]:
    """A line for each field that is not set to what the files say, with the clusters where it is so."""
    clusters_by_field: dict[tuple[ResourceRef, str, str], list[str]] = {}
    for change_set in plan.change_sets:
        for entry in change_set.retained:
            if entry.resource is not None:
                key = (entry.resource, entry.keyed_path, _why(entry))
                clusters_by_field.setdefault(key, []).append(change_set.cluster)
    if not clusters_by_field:
        return []
    fleet = [member.name for member in plan.fleet]
    rows: list[list[Cell]] = [
        [object_name(ref), path, why, cluster_list(clusters, fleet, page)]
        for (ref, path, why), clusters in clusters_by_field.items()
    ]
    most = len(rows) if page.is_wide or len(rows) <= _MOST_LISTED + 1 else _MOST_LISTED
    more = [line("  ", Span(f"and {len(rows) - most} more; -o wide lists all", Style.DIM))] if most < len(rows) else []
    return [line(Span("Left to the members", Style.STRONG)), *columns(rows[:most], page, indent=2), *more]


def _why(entry: RetainedField) -> str:
    holder = f" ({entry.by})" if entry.by else ""
    match entry.rule:
        case "autoscaler":
            return f"owned by {entry.by}"
        case "ca-bundle":
            return f"injected{holder}"
        case "ignore":
            return f"ignored by karmactl.yaml{holder}"
        case _:
            return f"kept by the rule of its kind{holder}"
