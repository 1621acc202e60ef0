"""Graphs as text that other programs draw: mermaid (in Markdown of most git hosts) and DOT (graphviz)."""

from __future__ import annotations

from collections.abc import Iterable

from karmactl.core.model.graph import DrawnGraph, Node

__all__ = ["to_dot", "to_mermaid"]


def to_mermaid(graph: DrawnGraph) -> str:
    """A mermaid flowchart; labels are quoted, so that no name is read as syntax."""
    names = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for group, nodes in _groups(graph.nodes):
        indent = "  "
        if group:
            lines.append(f'  subgraph {_quoted_mermaid(group)}["{_quoted_mermaid(group)}"]')
            indent = "    "
        for node in nodes:
            start, end = ("([", "])") if node.role == "cluster" else ("[", "]")
            lines.append(f'{indent}{names[node.id]}{start}"{_quoted_mermaid(node.label)}"{end}')
        if group:
            lines.append("  end")
    for edge in graph.edges:
        arrow = "-.->" if edge.is_dashed else "-->"
        label = f'|"{_quoted_mermaid(edge.label)}"|' if edge.label else ""
        lines.append(f"  {names[edge.start]} {arrow}{label} {names[edge.end]}")
    return "\n".join(lines) + "\n"


def to_dot(graph: DrawnGraph) -> str:
    """A graphviz digraph."""
    lines = [f"digraph {_quoted_dot(graph.title)} {{", "  rankdir=LR;", "  node [shape=box];"]
    for number, (group, nodes) in enumerate(_groups(graph.nodes)):
        if group:
            lines.append(f"  subgraph cluster_{number} {{ label={_quoted_dot(group)};")
        for node in nodes:
            shape = " shape=ellipse" if node.role == "cluster" else ""
            lines.append(f"    {_quoted_dot(node.id)} [label={_quoted_dot(node.label)}{shape}];")
        if group:
            lines.append("  }")
    for edge in graph.edges:
        style = " style=dashed" if edge.is_dashed else ""
        lines.append(
            f"  {_quoted_dot(edge.start)} -> {_quoted_dot(edge.end)} [label={_quoted_dot(edge.label)}{style}];"
        )
    return "\n".join([*lines, "}"]) + "\n"


def _groups(nodes: Iterable[Node]) -> list[tuple[str, list[Node]]]:
    by_group: dict[str, list[Node]] = {}
    for node in nodes:
        by_group.setdefault(node.group, []).append(node)
    return sorted(by_group.items())


def _quoted_mermaid(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted_dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
