"""Plans made without asking a cluster: what their facts rest on, and how many objects of which kind go where.

Nothing was compared, so nothing is shown as a change: signs of changes here would be read as what `apply` does.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from karmactl.core.impact import changes_of
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import FleetMember, Plan
from karmactl.render.layout import Cell, columns, wrapped
from karmactl.render.names import age, cluster_list, counted, kind_name
from karmactl.render.text import Line, Page, Span, Style, line

__all__ = ["NOT_COMPARED", "is_comparison", "object_lines", "objects_text", "source_lines"]

NOT_COMPARED: Final = "not compared: no cluster was asked"


def is_comparison(plan: Plan) -> bool:
    """Whether its changes are real ones: against live clusters, or against other files."""
    return not plan.is_offline or "against" in plan.options


def source_lines(plan: Plan, page: Page) -> list[Line]:
    """Where the facts of an offline plan come from: how old the status in Cluster files is, and who has none."""
    by_text: dict[str, list[str]] = {}
    for member in plan.fleet:
        by_text.setdefault(_source_text(member), []).append(member.name)
    names = [member.name for member in plan.fleet]
    return [
        part
        for text, found in by_text.items()
        for part in wrapped(f"{cluster_list(found, names, page)}: {text}", page, indent=9, style=Style.DIM)
    ]


def _source_text(member: FleetMember) -> str:
    facts = member.facts
    if facts is None or (facts.api_enablements is None and facts.resource_summary is None):
        return "no status in the files, so APIs and capacity are unknown"
    if member.facts_age_seconds is None:
        return "status from its Cluster file, of unknown age"
    return f"status from its Cluster file, {age(member.facts_age_seconds)} old"


def _kinds_by_cluster(plan: Plan) -> dict[tuple[tuple[str, int], ...], list[str]]:
    """What is to be in each cluster, as (kind, number) in order of kind, to the clusters where it is so."""
    refs: dict[str, list[ResourceRef]] = {member.name: [] for member in plan.fleet}
    for change in changes_of(plan):
        refs.setdefault(change.cluster, []).append(change.resource)
    by_kinds: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for cluster, found in refs.items():
        numbers = Counter(kind_name(ref) for ref in sorted(found))
        by_kinds.setdefault(tuple(numbers.items()), []).append(cluster)
    return by_kinds


def object_lines(plan: Plan, page: Page) -> list[Line]:
    """The Objects section: clusters with the same numbers share a line."""
    names = [member.name for member in plan.fleet]
    rows: list[list[Cell]] = [
        [
            cluster_list(clusters, names, page),
            counted(sum(number for _, number in kinds), "object"),
            ", ".join(f"{number} {word}" for word, number in kinds),
        ]
        for kinds, clusters in _kinds_by_cluster(plan).items()
    ]
    head = line(Span("Objects", Style.STRONG), "  ", Span(NOT_COMPARED, Style.DIM))
    return [head, *columns(rows, page, indent=2)]


def objects_text(plan: Plan) -> str:
    """`12 objects in 3 clusters`."""
    changes = list(changes_of(plan))
    clusters = len({change.cluster for change in changes})
    return f"{counted(len(changes), 'object')} in {counted(clusters, 'cluster')}"
