"""Selectors: labels as Kubernetes matches them, clusters and resources as Karmada does."""

from __future__ import annotations

import pytest

from karmactl.core.match import (
    Precision,
    is_label_key,
    is_label_value,
    matches_cluster,
    matches_labels,
    parse_selector,
    selector_precision,
    selectors_precision,
)
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import JSONValue, Manifest, labels_of
from karmactl.core.model.policy import ClusterAffinity, FieldSelector, ResourceSelector
from karmactl.core.model.selector import LabelSelector, SelectorRequirement

LABELS = {"env": "prod", "tier": "gold"}


def requirement(key: str, operator: str, *values: str) -> SelectorRequirement:
    return SelectorRequirement(key=key, operator=operator, values=values)


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        (requirement("env", "In", "prod", "test"), True),
        (requirement("env", "In", "test"), False),
        (requirement("missing", "In", "x"), False),
        (requirement("missing", "NotIn", "x"), True),
        (requirement("env", "NotIn", "prod"), False),
        (requirement("env", "Exists"), True),
        (requirement("missing", "DoesNotExist"), True),
        # Malformed: matches nothing.
        (requirement("env", "In"), False),
        (requirement("missing", "NotIn"), False),
        (requirement("env", "Exists", "prod"), False),
        (requirement("env", "Gt", "1"), False),
        (requirement("env", "is", "prod"), False),
        (requirement("bad key", "DoesNotExist"), False),
        (requirement("missing", "NotIn", "bad value"), False),
    ],
)
def test_expressions(expression: SelectorRequirement, matches: bool) -> None:
    assert matches_labels(LabelSelector(match_expressions=(expression,)), LABELS) is matches


def test_labels_and_expressions_must_all_hold() -> None:
    selector = LabelSelector(match_labels={"env": "prod"}, match_expressions=(requirement("tier", "NotIn", "gold"),))
    assert not matches_labels(selector, LABELS)
    assert matches_labels(selector, {"env": "prod"})
    assert matches_labels(LabelSelector(), {})


def test_label_syntax() -> None:
    assert is_label_key("example.com/app")
    assert is_label_key("a" * 63)
    assert not any(map(is_label_key, ["", "/a", "Example.com/a", "a/b/c", "a" * 64, "-a", "a/"]))
    assert is_label_value("")
    assert not any(map(is_label_value, ["a b", "-a", "a" * 64, "ä"]))


CLUSTER = Cluster(name="m1", labels=LABELS, provider="aws", zones=("z1", "z2"))


def by_field(*expressions: SelectorRequirement) -> ClusterAffinity:
    return ClusterAffinity(field_selector=FieldSelector(match_expressions=expressions))


@pytest.mark.parametrize(
    ("affinity", "matches"),
    [
        (ClusterAffinity(), True),
        (ClusterAffinity(exclude=("m1",)), False),
        (ClusterAffinity(cluster_names=("m2", "m1")), True),
        (ClusterAffinity(cluster_names=("m2",)), False),
        (ClusterAffinity(cluster_names=("m1",), exclude=("m1",)), False),
        (ClusterAffinity(label_selector=LabelSelector(match_labels={"env": "test"})), False),
        (by_field(requirement("provider", "In", "aws")), True),
        (by_field(requirement("region", "NotIn", "eu")), True),
        (by_field(requirement("region", "In", "eu")), False),
        (by_field(requirement("zone", "In", "z2", "z9")), True),
        (by_field(requirement("zone", "NotIn", "z2")), False),
        (by_field(requirement("zone", "NotIn", "z3")), True),
        (by_field(requirement("zone", "Exists")), True),
        (by_field(requirement("zone", "DoesNotExist")), False),
        (by_field(requirement("zone", "Gt", "1")), False),
        (by_field(requirement("provider", "In", "aws"), requirement("zone", "In", "z9")), False),
        (by_field(), True),
    ],
)
def test_cluster_affinity(affinity: ClusterAffinity, matches: bool) -> None:
    assert matches_cluster(affinity, CLUSTER) is matches


def test_no_zone_is_in_no_set() -> None:
    bare = Cluster(name="m1")
    assert matches_cluster(by_field(requirement("zone", "NotIn", "z1")), bare)
    assert not matches_cluster(by_field(requirement("zone", "In", "z1")), bare)


OBJECT: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
}


def select(**parts: object) -> ResourceSelector:
    return ResourceSelector(**{"api_version": "apps/v1", "kind": "Deployment", **parts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("selector", "precision"),
    [
        (select(), Precision.KIND),
        (select(api_version="apps/v1beta1"), Precision.NONE),
        (select(kind="StatefulSet"), Precision.NONE),
        (select(namespace="shop"), Precision.KIND),
        (select(namespace="other"), Precision.NONE),
        (select(name="web"), Precision.NAME),
        (select(name="api"), Precision.NONE),
        (select(label_selector=LabelSelector()), Precision.LABELS),
        (select(label_selector=LabelSelector(match_labels={"app": "api"})), Precision.NONE),
        (select(name="web", label_selector=LabelSelector(match_labels={"app": "api"})), Precision.NAME),
        (select(label_selector=LabelSelector(match_expressions=(requirement("app", "In"),))), Precision.NONE),
    ],
)
def test_precision(selector: ResourceSelector, precision: Precision) -> None:
    assert selector_precision(selector, OBJECT) is precision


def test_the_best_selector_counts() -> None:
    assert selectors_precision([select(), select(name="web"), select(name="x")], OBJECT) is Precision.NAME
    assert selectors_precision([], OBJECT) is Precision.NONE


@pytest.mark.parametrize(
    ("labels", "read"),
    [
        ({"a": "x", "b": None}, {"a": "x", "b": ""}),
        ({"a": "x", "b": 1}, {}),
        (["a"], {}),
        (None, {}),
    ],
)
def test_labels_as_kubernetes_reads_them(labels: JSONValue, read: dict[str, str]) -> None:
    """Null is an empty text; with anything else in it the map cannot be read at all."""
    assert labels_of({"metadata": {"labels": labels}}) == read


@pytest.mark.parametrize(
    ("text", "labels", "is_match"),
    [
        ("app=web", {"app": "web"}, True),
        ("app==web", {"app": "db"}, False),
        ("app!=web", {"app": "db"}, True),
        ("app!=web", {}, True),
        ("tier in (a, b),!beta", {"tier": "b"}, True),
        ("tier in (a,b),!beta", {"tier": "b", "beta": ""}, False),
        ("tier notin (a)", {"tier": "a"}, False),
        ("example.com/x", {"example.com/x": "1"}, True),
        ("app=", {"app": ""}, True),
        ("a=b=c", {}, None),
        ("!a=b", {}, None),
        ("a in b", {}, None),
        ("-a", {}, None),
    ],
)
def test_selectors_in_the_words_of_kubectl(text: str, labels: dict[str, str], is_match: bool | None) -> None:
    selector = parse_selector(text)
    assert (None if selector is None else matches_labels(selector, labels)) is is_match
