"""Graphs to look at: what goes where and follows what, and which change waits for which.

Only what carries information is drawn: an order that follows from others (a waits for b, b for c, so a for c) is left
out by transitive reduction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx

from karmactl.core.model.change import Change
from karmactl.core.model.graph import DrawnGraph, Edge, Node
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Decision

__all__ = ["draw_changes", "draw_placement"]


def draw_placement(decisions: Iterable[Decision]) -> DrawnGraph:
    """Templates, grouped by namespace, with an edge to each cluster that gets them (replicas as its label).

    What follows a template (a dependency, a Namespace) has a dashed edge from it, and no edges to clusters of its own.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    nodes: dict[str, Node] = {}
    labels: dict[tuple[str, str], str] = {}
    dashed: set[tuple[str, str]] = set()
    for decision in decisions:
        if not decision.targets:
            continue
        name = _template_id(decision.ref)
        nodes[name] = Node(id=name, label=_label(decision.ref), role="template", group=decision.ref.namespace)
        if decision.required_by:
            dashed.update((_template_id(ref), name) for ref in decision.required_by)
            continue
        for target in decision.targets:
            cluster = f"cluster/{target.name}"
            nodes[cluster] = Node(id=cluster, label=target.name, role="cluster")
            labels[(name, cluster)] = str(target.replicas) if decision.has_replicas else ""
    graph.add_edges_from(dashed)
    kept = {edge for edge in _reduced(graph) if edge[0] in nodes and edge[1] in nodes}
    edges = [Edge(start=start, end=end, label=label) for (start, end), label in labels.items()]
    edges += [Edge(start=start, end=end, is_dashed=True) for start, end in kept]
    return DrawnGraph(title="placement", nodes=tuple(sorted(nodes.values())), edges=tuple(sorted(edges)))


def draw_changes(changes: Sequence[Change], requires: Mapping[str, Sequence[str]]) -> DrawnGraph:
    """Changes, grouped by cluster, with an edge from what must be done first; `requires` is the action graph's."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((before, after) for after, needed in requires.items() for before in needed)
    nodes = [
        Node(
            id=change.id,
            label=f"{change.action.value} {_label(change.resource)}",
            role="change",
            group=change.cluster,
        )
        for change in changes
    ]
    edges = [Edge(start=start, end=end) for start, end in _reduced(graph)]
    return DrawnGraph(title="changes", nodes=tuple(sorted(nodes)), edges=tuple(sorted(edges)))


def _reduced(graph: nx.DiGraph[str]) -> list[tuple[str, str]]:
    if not nx.is_directed_acyclic_graph(graph):
        return sorted(graph.edges)
    return sorted(nx.transitive_reduction(graph).edges)


def _template_id(ref: ResourceRef) -> str:
    return f"{ref.kind}.{ref.group}/{ref.namespace}/{ref.name}"


def _label(ref: ResourceRef) -> str:
    return f"{ref.kind} {ref.name}"
