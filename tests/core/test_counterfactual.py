"""What would have to change for a cluster to get an object: each remedy is asked about again here, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from karmactl.core.counterfactual import explained, why_not
from karmactl.core.decode import decode_cluster, decode_propagation_policy
from karmactl.core.interpret import NativeInterpreter
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.counterfactual import WhyNot
from karmactl.core.model.input import InputSet, Template
from karmactl.core.model.manifest import JSONValue, Manifest, ref_of
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.state import Record, TemplateRecord
from karmactl.core.pipeline import Decided, PipelineInput, decide
from karmactl.errors import Location

APIS: JSONValue = [{"groupVersion": "apps/v1", "resources": [{"name": "deployments", "kind": "Deployment"}]}]
DUPLICATED: Manifest = {"replicaSchedulingType": "Duplicated"}
DYNAMIC: Manifest = {
    "replicaSchedulingType": "Divided",
    "replicaDivisionPreference": "Weighted",
    "weightPreference": {"dynamicWeight": "AvailableReplicas"},
}
AGGREGATED: Manifest = {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Aggregated"}


def static(**weights: int) -> Manifest:
    rules: list[JSONValue] = [
        {"targetCluster": {"clusterNames": [name]}, "weight": weight} for name, weight in weights.items()
    ]
    return {
        "replicaSchedulingType": "Divided",
        "replicaDivisionPreference": "Weighted",
        "weightPreference": {"staticWeightList": rules},
    }


def member(
    name: str, *, cpu: int = 10, labels: Mapping[str, str] | None = None, apis: JSONValue = APIS, **spec: JSONValue
) -> Cluster:
    status: Manifest = {"resourceSummary": {"allocatable": {"cpu": str(cpu), "pods": "100"}}, "apiEnablements": apis}
    metadata: Manifest = {"name": name, "labels": {**(labels or {})}}
    return decode_cluster({"kind": "Cluster", "metadata": metadata, "spec": spec, "status": status})[0]


def policy(placement: Manifest, name: str = "main", priority: int = 0, kind: str = "Deployment") -> PropagationPolicy:
    return decode_propagation_policy(
        {
            "apiVersion": "policy.karmada.io/v1alpha1",
            "kind": "PropagationPolicy",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {
                "resourceSelectors": [{"apiVersion": "apps/v1", "kind": kind}],
                "placement": placement,
                "priority": priority,
            },
        }
    )[0]


def deployment(replicas: int = 4, name: str = "web") -> Template:
    container: Manifest = {"name": "main", "image": "web", "resources": {"requests": {"cpu": "1"}}}
    manifest: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [container]}}},
    }
    return Template(manifest=manifest, ref=ref_of(manifest), location=Location(file="web.yaml", line=1, column=1))


def decided_for(
    clusters: Sequence[Cluster], *policies: PropagationPolicy, replicas: int = 4, record: Record | None = None
) -> Decided:
    return decide(
        PipelineInput(
            inputs=InputSet(templates=(deployment(replicas),), propagation_policies=policies),
            clusters=tuple(clusters),
            interpreter=NativeInterpreter(),
            record=record or Record(),
        )
    )


def ask(decided: Decided, cluster: str) -> WhyNot:
    return why_not(decided, decided.decisions[0], cluster)


def remedies(answer: WhyNot) -> list[list[str]]:
    """Each remedy as `code subject key=value ...`."""
    return [
        [
            " ".join(
                [
                    change.code,
                    *(f"{key}={value}" for key, value in change.params.items() if key in ("to", "value", "taint")),
                ]
            )
            for change in remedy.changes
        ]
        for remedy in answer.remedies
    ]


def obstacles(answer: WhyNot) -> list[str]:
    return [reason.code for reason in answer.obstacles]


EU, US = member("eu", region="eu"), member("us", region="us")
TAINT: JSONValue = [{"key": "gpu", "value": "only", "effect": "NoSchedule"}]


def test_a_cluster_that_gets_it_needs_nothing() -> None:
    answer = ask(decided_for([EU, US], policy({"replicaScheduling": DUPLICATED})), "us")
    assert answer.is_target
    assert answer.remedies == ()


def test_a_taint_is_tolerated_or_removed() -> None:
    answer = ask(decided_for([EU, member("us", taints=TAINT)], policy({"replicaScheduling": DUPLICATED})), "us")
    assert obstacles(answer) == ["TaintToleration"]
    assert remedies(answer) == [
        ["tolerate-taint taint=gpu=only:NoSchedule"],
        ["remove-taint taint=gpu=only:NoSchedule"],
    ]
    assert [{target.name: target.replicas for target in remedy.targets} for remedy in answer.remedies] == [
        {"eu": 4, "us": 4}
    ] * 2


def test_two_taints_need_two_changes() -> None:
    taints: JSONValue = [{"key": "a", "effect": "NoSchedule"}, {"key": "b", "effect": "NoExecute"}]
    answer = ask(decided_for([EU, member("us", taints=taints)], policy({"replicaScheduling": DUPLICATED})), "us")
    assert answer.size_tried == 2
    assert {tuple(remedy) for remedy in remedies(answer)} == {
        ("tolerate-taint taint=a:NoSchedule", "tolerate-taint taint=b:NoExecute"),
        ("tolerate-taint taint=a:NoSchedule", "remove-taint taint=b:NoExecute"),
        ("tolerate-taint taint=b:NoExecute", "remove-taint taint=a:NoSchedule"),
        ("remove-taint taint=a:NoSchedule", "remove-taint taint=b:NoExecute"),
    }


@pytest.mark.parametrize(
    ("affinity", "expected"),
    [
        ({"clusterNames": ["eu"]}, ["add-cluster-name"]),
        ({"exclude": ["us"]}, ["remove-exclude"]),
        ({"labelSelector": {"matchLabels": {"tier": "prod"}}}, ["set-label value=prod"]),
        (
            {"labelSelector": {"matchExpressions": [{"key": "stage", "operator": "NotIn", "values": ["test"]}]}},
            ["remove-label value=None"],
        ),
        (
            {"fieldSelector": {"matchExpressions": [{"key": "region", "operator": "In", "values": ["eu"]}]}},
            ["set-property value=eu"],
        ),
    ],
)
def test_an_affinity_says_what_it_misses(affinity: Manifest, expected: list[str]) -> None:
    us = member("us", region="us", labels={"stage": "test", "tier": "dev"})
    eu = member("eu", region="eu", labels={"stage": "prod", "tier": "prod"})
    answer = ask(decided_for([eu, us], policy({"clusterAffinity": affinity, "replicaScheduling": DUPLICATED})), "us")
    assert obstacles(answer) == ["ClusterAffinity"]
    assert remedies(answer) == [expected]


def test_three_obstacles_are_more_than_two_changes() -> None:
    affinity: Manifest = {"clusterNames": ["eu"], "exclude": ["us"]}
    placement: Manifest = {"clusterAffinity": affinity, "replicaScheduling": DUPLICATED}
    answer = ask(decided_for([EU, member("us", taints=TAINT)], policy(placement)), "us")
    assert answer.size_tried == 2
    assert answer.remedies == ()
    assert obstacles(answer) == ["TaintToleration", "ClusterAffinity"]


def test_a_missing_api_is_served() -> None:
    answer = ask(decided_for([EU, member("us", apis=[])], policy({"replicaScheduling": DUPLICATED})), "us")
    assert remedies(answer) == [["serve-api"]]


def test_the_smallest_maximum_is_found() -> None:
    clusters = [member(f"m{number}", cpu=20 - number) for number in range(8)]
    spread: JSONValue = [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 2}]
    placement: Manifest = {"replicaScheduling": DUPLICATED, "spreadConstraints": spread}
    answer = ask(decided_for(clusters, policy(placement)), "m5")
    assert obstacles(answer) == ["not-chosen"]
    assert answer.obstacles[0].params["chosen"] == ["m0", "m1"]
    # Or room for 20 as the second one has 19: ties go to names.
    assert remedies(answer) == [["raise-max-groups to=6"], ["more-room to=20"]]


def test_the_smallest_weight_is_found() -> None:
    answer = ask(decided_for([EU, US], policy({"replicaScheduling": static(eu=5)}), replicas=4), "us")
    assert obstacles(answer) == ["no-weight"]
    assert remedies(answer) == [["add-weight to=1"]]
    heavy = ask(decided_for([EU, US], policy({"replicaScheduling": static(eu=90, us=1)}), replicas=4), "us")
    assert obstacles(heavy) == ["no-share"]
    # 4 by 90:w leaves one for w as soon as w is more than 90 / 7.
    assert remedies(heavy) == [["raise-weight to=13"], ["more-replicas to=46"]]


def test_more_room_for_the_aggregated() -> None:
    answer = ask(decided_for([EU, member("us", cpu=2)], policy({"replicaScheduling": AGGREGATED})), "us")
    assert remedies(answer)[0] == ["more-room to=11"]
    assert {target.name for target in answer.remedies[0].targets} == {"us"}


def test_too_little_room_everywhere_names_what_is_missing() -> None:
    clusters = [member("eu", cpu=3), member("us", cpu=2)]
    answer = ask(decided_for(clusters, policy({"replicaScheduling": DYNAMIC}), replicas=9), "us")
    assert obstacles(answer) == ["decision-failed"]
    assert "Clusters available replicas 5 are not enough" in str(answer.obstacles[0].params["message"])
    assert remedies(answer) == [["more-room to=6"], ["fewer-replicas to=5"]]


def test_a_region_is_given() -> None:
    spread: JSONValue = [
        {"spreadByField": "region", "minGroups": 1, "maxGroups": 1},
        {"spreadByField": "cluster", "minGroups": 1, "maxGroups": 5},
    ]
    placement: Manifest = {"replicaScheduling": DUPLICATED, "spreadConstraints": spread}
    answer = ask(decided_for([EU, US, member("x")], policy(placement)), "x")
    assert obstacles(answer) == ["SpreadConstraint"]
    assert remedies(answer) == [["set-property value=eu"], ["set-property value=us"]]


def test_more_regions_than_suffice_have_to_be_asked_for() -> None:
    """A higher maximum alone does nothing: of sets that suffice the smaller one is taken."""
    spread: JSONValue = [
        {"spreadByField": "region", "minGroups": 1, "maxGroups": 3},
        {"spreadByField": "cluster", "minGroups": 1, "maxGroups": 5},
    ]
    placement: Manifest = {"replicaScheduling": DUPLICATED, "spreadConstraints": spread}
    answer = ask(decided_for([EU, member("eu-2", region="eu"), US], policy(placement)), "us")
    assert obstacles(answer) == ["not-chosen"]
    # Three clusters are as many as both regions have.
    assert remedies(answer) == [["raise-min-groups to=3"], ["raise-min-groups to=2"]]


def test_an_earlier_term_is_a_change() -> None:
    terms: JSONValue = [
        {"affinityName": "home", "clusterNames": ["eu"]},
        {"affinityName": "away", "clusterNames": ["us"]},
    ]
    answer = ask(decided_for([EU, US], policy({"clusterAffinities": terms, "replicaScheduling": DUPLICATED})), "us")
    assert remedies(answer) == [["add-cluster-name"], ["term-first"]]


def test_what_no_policy_claims_can_be_selected_and_then_tolerated() -> None:
    other = policy({"replicaScheduling": DUPLICATED}, kind="StatefulSet")
    assert remedies(ask(decided_for([EU, US], other), "us")) == [["select-template"]]
    tainted = ask(decided_for([EU, member("us", taints=TAINT)], other), "us")
    assert remedies(tainted) == [
        ["select-template", "tolerate-taint taint=gpu=only:NoSchedule"],
        ["select-template", "remove-taint taint=gpu=only:NoSchedule"],
    ]


def test_a_policy_that_lost_could_win() -> None:
    home = policy({"clusterAffinity": {"clusterNames": ["eu"]}, "replicaScheduling": DUPLICATED}, "home", 3)
    anywhere = policy({"replicaScheduling": DUPLICATED}, "anywhere")
    assert ["raise-priority to=4"] in remedies(ask(decided_for([EU, US], home, anywhere), "us"))


def test_what_is_recorded_stays_until_a_reschedule() -> None:
    placement = policy({"replicaScheduling": DYNAMIC})
    first = decided_for([EU], placement)
    recorded = TemplateRecord(
        resource=first.decisions[0].ref,
        placement=placement.spec.placement,
        clusters=first.decisions[0].targets,
        last_scheduled_time="2026-01-01T00:00:00Z",
    )
    record = Record(generation=1, templates=(recorded,))
    answer = ask(decided_for([EU, US], placement, record=record), "us")
    assert obstacles(answer)[0] == "kept-recorded"
    assert remedies(answer)[0] == ["reschedule"]
    tainted = ask(decided_for([EU, member("us", taints=TAINT)], placement, record=record), "us")
    # The changed policy is scheduled again, and what is there is enough: Karmada is steady, too.
    assert remedies(tainted)[0] == ["tolerate-taint taint=gpu=only:NoSchedule", "reschedule"]


def test_what_was_too_much_to_explain_is_explained_when_asked() -> None:
    decided = decided_for([EU, US], policy({"replicaScheduling": DYNAMIC}))
    silent = decide(replace(decided.given, explain=False))
    assert silent.decisions[0].result is not None
    assert silent.decisions[0].result.verdicts == ()
    assert explained(silent, silent.decisions[0]) == decided.decisions[0]


def test_what_follows_other_objects_is_changed_by_changing_those() -> None:
    """A Namespace follows a ConfigMap, which follows the Deployment that mounts it."""
    web = deployment()
    container: Manifest = {"name": "main", "image": "web", "envFrom": [{"configMapRef": {"name": "settings"}}]}
    manifest: Manifest = {**web.manifest, "spec": {"replicas": 4, "template": {"spec": {"containers": [container]}}}}
    settings: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
    }
    namespace: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    templates = tuple(
        replace(web, manifest=each, ref=ref_of(each), is_scope_known=True) for each in (namespace, settings, manifest)
    )
    claim = policy({"replicaScheduling": DUPLICATED})
    claim = replace(claim, spec=replace(claim.spec, propagate_deps=True))
    inputs = InputSet(templates=templates, propagation_policies=(claim,))
    clusters = (EU, member("us", taints=TAINT))
    decided = decide(PipelineInput(inputs=inputs, clusters=clusters, interpreter=NativeInterpreter()))
    for decision in decided.decisions[:2]:
        answer = why_not(decided, decision, "us")
        assert obstacles(answer) == ["follows"]
        assert remedies(answer)[0] == ["tolerate-taint taint=gpu=only:NoSchedule"]
        assert [target.name for target in answer.remedies[0].targets] == ["eu", "us"]


def test_many_clusters_take_few_questions() -> None:
    clusters = [member(f"m{number:03}", cpu=1 + number) for number in range(200)]
    spread: JSONValue = [{"spreadByField": "cluster", "minGroups": 1, "maxGroups": 2}]
    placement: Manifest = {"replicaScheduling": DUPLICATED, "spreadConstraints": spread}
    answer = ask(decided_for(clusters, policy(placement)), "m000")
    # No cluster has more than 100 pods, and m000 is the first by name.
    assert remedies(answer) == [["raise-max-groups to=200"], ["more-room to=100"]]
    assert answer.questions < 60
    assert not answer.is_cut_short
