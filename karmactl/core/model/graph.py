"""A graph to be drawn: nodes and labelled edges, in a stable order."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DrawnGraph", "Edge", "Node"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Node:
    """A node: `group` gathers nodes in a box ("" for none), `role` is template, cluster or change."""

    id: str
    label: str
    role: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Edge:
    """An edge; `is_dashed` for what follows rather than is sent."""

    start: str
    end: str
    label: str = ""
    is_dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnGraph:
    """Nodes and edges, each sorted."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
