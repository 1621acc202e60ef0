"""Graphs to look at: what is drawn, what is left out, and that no name is read as syntax."""

from __future__ import annotations

from karmactl.core.graph import draw_changes, draw_placement
from karmactl.core.model.binding import Binding, PolicyMatch, TargetCluster
from karmactl.core.model.change import Action, Change
from karmactl.core.model.graph import DrawnGraph, Edge, Node
from karmactl.core.model.input import Template
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Decision, Standing
from karmactl.core.model.reason import Reason
from karmactl.errors import Location
from karmactl.render.graph import to_dot, to_mermaid


def _ref(kind: str, name: str, group: str = "") -> ResourceRef:
    return ResourceRef(group=group, version="v1", kind=kind, namespace="shop", name=name)


def _decision(ref: ResourceRef, replicas: int, *clusters: str, follows: tuple[ResourceRef, ...] = ()) -> Decision:
    return Decision(
        template=Template(manifest={}, ref=ref, location=Location(file="a.yaml")),
        standing=Standing.ATTACHED if follows else Standing.PLACED,
        match=PolicyMatch(template={}),
        binding=Binding(resource=ref, replicas=replicas),
        targets=tuple(TargetCluster(name=name, replicas=replicas) for name in clusters),
        required_by=follows,
    )


def _change(name: str) -> Change:
    return Change(
        id=name, cluster="m1", action=Action.CREATE, resource=_ref("ConfigMap", name), reason=Reason(code="new")
    )


def test_placement_has_replicas_and_what_follows() -> None:
    web, settings = _ref("Deployment", "web", "apps"), _ref("ConfigMap", "settings")
    drawn = draw_placement([_decision(web, 3, "eu", "us"), _decision(settings, 0, "eu", "us", follows=(web,))])
    web_id, settings_id = "Deployment.apps/shop/web", "ConfigMap./shop/settings"
    assert drawn.edges == (
        Edge(start=web_id, end=settings_id, is_dashed=True),
        Edge(start=web_id, end="cluster/eu", label="3"),
        Edge(start=web_id, end="cluster/us", label="3"),
    )
    assert {node.id for node in drawn.nodes} == {web_id, settings_id, "cluster/eu", "cluster/us"}


def test_what_goes_nowhere_is_not_drawn() -> None:
    assert draw_placement([_decision(_ref("Deployment", "web", "apps"), 0)]).nodes == ()


def test_an_order_that_follows_from_others_is_left_out() -> None:
    drawn = draw_changes([_change(name) for name in "abc"], {"a": (), "b": ("a",), "c": ("a", "b")})
    assert drawn.edges == (Edge(start="a", end="b"), Edge(start="b", end="c"))


def test_names_are_no_syntax() -> None:
    hostile = 'a"]; end --> b<script>'
    graph = DrawnGraph(title="x", nodes=(Node(id=hostile, label=hostile, role="template", group="g"),), edges=())
    assert '["a&quot;]; end --&gt; b&lt;script&gt;"]' in to_mermaid(graph)
    assert r'"a\"]; end --> b<script>" [label="a\"]; end --> b<script>"];' in to_dot(graph)
