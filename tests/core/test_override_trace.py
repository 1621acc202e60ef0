"""What `why` tells of overrides: which rules touch a field, which contradict each other, and who has the last word."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from karmactl.core.decode import decode_cluster, decode_override_policy
from karmactl.core.model.change import Masked
from karmactl.core.model.manifest import JSONValue, Manifest, ref_of
from karmactl.core.model.policy import OverridePolicy
from karmactl.core.model.trace import OverrideTrace
from karmactl.core.model.work import Work, WorkFault
from karmactl.core.override import OverrideSet, trace_overrides
from karmactl.render.overrides import overrides_json, render_overrides
from karmactl.render.text import Page, plain

CLUSTERS = tuple(decode_cluster({"kind": "Cluster", "metadata": {"name": name}})[0] for name in ("eu", "us", "ap"))
ALL: Manifest = {"apiVersion": "apps/v1", "kind": "Deployment"}
WEB: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
    "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "main", "image": "web:1"}]}}},
}
KEYS: Manifest = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "keys", "namespace": "shop"},
    "stringData": {"token": "hunter2"},
}


def replicas(value: JSONValue, path: str = "/spec/replicas") -> Manifest:
    return {"plaintext": [{"path": path, "operator": "replace", "value": value}]}


def policy(
    name: str, *rules: Manifest, namespace: str = "", selector: Manifest | None = ALL, clusters: Sequence[str] = ()
) -> OverridePolicy:
    target: Manifest = {"targetCluster": {"clusterNames": list[JSONValue](clusters)}} if clusters else {}
    spec: Manifest = {"overrideRules": [{**target, "overriders": rule} for rule in rules]}
    if selector is not None:
        spec["resourceSelectors"] = [selector]
    metadata: Manifest = {"name": name}
    kind = "ClusterOverridePolicy"
    if namespace:
        metadata["namespace"], kind = namespace, "OverridePolicy"
    manifest: Manifest = {"apiVersion": "policy.karmada.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    return decode_override_policy(manifest)[0]


def trace(template: Manifest, *policies: OverridePolicy) -> tuple[OverrideTrace, ...]:
    overrides = OverrideSet(policies, CLUSTERS).match(template)
    works: list[Work | WorkFault] = []
    for cluster in ("eu", "us", "ap"):
        made = overrides.apply(template, cluster)
        if isinstance(made, WorkFault):
            works.append(made)
        else:
            works.append(Work(cluster=cluster, resource=ref_of(template), manifest=made.manifest, origins=made.origins))
    return trace_overrides(works, template, policies)


def codes(found: tuple[OverrideTrace, ...]) -> list[str | None]:
    return [step.overruled.code if step.overruled else None for step in found[0].fields[0].steps]


def test_clusters_with_the_same_overrides_share_a_trace_and_others_have_none() -> None:
    found = trace(WEB, policy("some", replicas(3), clusters=("eu", "ap")))
    assert [(entry.clusters, entry.fields[0].keyed_path) for entry in found] == [(("eu", "ap"), "spec.replicas")]
    assert not found[0].fields[0].is_contested


LABELLED: Manifest = {**ALL, "labelSelector": {"matchLabels": {"app": "web"}}}
NAMED: Manifest = {**ALL, "name": "web"}


@pytest.mark.parametrize(
    ("policies", "loser", "code"),
    [
        ([policy("z", replicas(2)), policy("a", replicas(3), namespace="shop")], 2, "override-namespaced-last"),
        ([policy("z", replicas(2)), policy("a", replicas(3), selector=NAMED)], 2, "override-more-precise"),
        ([policy("z", replicas(2)), policy("a", replicas(3), selector=LABELLED)], 2, "override-more-precise"),
        (
            [policy("b", replicas(2), selector=LABELLED), policy("a", replicas(3), selector=NAMED)],
            2,
            "override-more-precise",
        ),
        ([policy("a", replicas(2)), policy("b", replicas(3))], 2, "override-name-order"),
        ([policy("a", replicas(2), selector=None), policy("b", replicas(3))], 2, "override-name-order"),
        ([policy("a", replicas(2), replicas(3))], 2, "override-later-rule"),
    ],
)
def test_a_contradiction_names_the_rule_of_order(policies: list[OverridePolicy], loser: int, code: str) -> None:
    found = trace(WEB, *policies)
    assert codes(found) == [code, None]
    assert [step.after for step in found[0].fields[0].steps] == [loser, 3]


def test_the_same_value_twice_is_no_contradiction() -> None:
    assert codes(trace(WEB, policy("a", replicas(3)), policy("b", replicas(3)))) == [None, None]


def test_a_rule_that_replaces_the_parent_contradicts_unless_the_value_is_in_it() -> None:
    image = "/spec/template/spec/containers/0/image"
    first = policy("a", replicas("web:2", image))
    other: JSONValue = [{"name": "main", "image": "web:3"}]
    same: JSONValue = [{"name": "main", "image": "web:2"}]
    assert codes(trace(WEB, first, policy("b", replicas(other, "/spec/template/spec/containers")))) == [
        "override-name-order"
    ]
    assert codes(trace(WEB, first, policy("b", replicas(same, "/spec/template/spec/containers")))) == [None]


def test_an_override_that_does_not_apply_is_told() -> None:
    found = trace(WEB, policy("bad", replicas(1, "/spec/nothing/here"), clusters=("us",)))
    assert found[0].clusters == ("us",)
    assert found[0].fault is not None and found[0].fault.code == "patch-path-missing"
    assert "No override applies then" in plain(render_overrides(found, ["eu", "us", "ap"], Page()), Page())


def test_i08_values_of_secrets_are_masked() -> None:
    selector: Manifest = {"apiVersion": "v1", "kind": "Secret"}
    found = trace(KEYS, policy("a", replicas("hunter3", "/stringData/token"), selector=selector))
    step = found[0].fields[0].steps[0]
    assert isinstance(step.before, Masked) and isinstance(step.after, Masked)
    text = plain(render_overrides(found, ["eu", "us", "ap"], Page()), Page()) + str(overrides_json(found))
    assert "hunter" not in text


def test_people_see_the_values_the_rules_and_who_wins() -> None:
    found = trace(WEB, policy("z", replicas(2)), policy("a", replicas(3), namespace="shop"))
    assert plain(render_overrides(found, ["eu", "us", "ap"], Page()), Page()) == (
        "\n"
        "  Overrides in eu us ap\n"
        "    spec.replicas\n"
        "      ClusterOverridePolicy z, rule 1\n"
        "        1 → 2\n"
        "      OverridePolicy shop/a, rule 1\n"
        "        2 → 3\n"
        "      contradiction: OverridePolicy shop/a has the last word over ClusterOverridePolicy z: namespaced "
        "policies come after cluster-wide ones\n"
    )
