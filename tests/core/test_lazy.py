"""Lazy policies: the placement that was decided counts until the template itself changes (design 2.11)."""

from __future__ import annotations

from dataclasses import replace

from karmactl.core.decode import decode_cluster, decode_propagation_policy
from karmactl.core.interpret import NativeInterpreter
from karmactl.core.model.input import InputSet, Template
from karmactl.core.model.manifest import JSONValue, Manifest, ref_of
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.state import Record, Revision
from karmactl.core.pipeline import Decided, PipelineInput, decide
from karmactl.errors import Location

CLUSTERS = tuple(
    decode_cluster(
        {
            "kind": "Cluster",
            "metadata": {"name": name},
            "status": {
                "resourceSummary": {"allocatable": {"pods": "2"}},
                "apiEnablements": [
                    {"groupVersion": "apps/v1", "resources": [{"kind": "Deployment"}]},
                    {"groupVersion": "v1", "resources": [{"kind": "Secret"}]},
                ],
            },
        }
    )[0]
    for name in ("eu", "us", "ap")
)


def policy(
    *names: str, activation: str = "Lazy", name: str = "p", priority: int = 0, preference: str = "Weighted"
) -> PropagationPolicy:
    spec: Manifest = {
        "resourceSelectors": [
            {"apiVersion": "apps/v1", "kind": "Deployment"},
            {"apiVersion": "v1", "kind": "Secret"},
        ],
        "priority": priority,
        "placement": {
            "clusterAffinity": {"clusterNames": list[JSONValue](names)},
            "replicaScheduling": {"replicaSchedulingType": "Divided", "replicaDivisionPreference": preference},
        },
    }
    if activation:
        spec["activationPreference"] = activation
    return decode_propagation_policy(
        {
            "apiVersion": "policy.karmada.io/v1alpha1",
            "kind": "PropagationPolicy",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": spec,
        }
    )[0]


def deployment(replicas: int = 4, image: str = "web:1") -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "web", "image": image}]}}},
    }


def secret(value: str, key: str = "token") -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "keys", "namespace": "shop"},
        "stringData": {key: value},
    }


def run(template: Manifest, *policies: PropagationPolicy, record: Record | None = None, **more: bool) -> Decided:
    where = Location(file="x.yaml")
    return decide(
        PipelineInput(
            inputs=InputSet(
                templates=(Template(manifest=template, ref=ref_of(template), location=where),),
                propagation_policies=policies,
            ),
            clusters=CLUSTERS,
            interpreter=NativeInterpreter(),
            record=record or Record(),
            reschedule=more.get("reschedule", False),
        )
    )


def kept(decided: Decided) -> Record:
    return decided.next_record(
        now="2026-01-02T03:04:05Z", clusters=(), revision=Revision(generation=1, applied_at="", applied_by="")
    )


def places(decided: Decided) -> dict[str, int]:
    return {target.name: target.replicas for target in decided.decisions[0].targets}


def notes(decided: Decided) -> list[str]:
    return [note.code for note in decided.decisions[0].notes]


def test_a_new_template_of_a_lazy_policy_is_placed_at_once() -> None:
    first = run(deployment(), policy("eu", "us"))
    assert places(first) == {"eu": 2, "us": 2}
    assert notes(first) == []


def test_a_changed_placement_waits_and_why_says_so() -> None:
    record = kept(run(deployment(), policy("eu", "us")))
    second = run(deployment(), policy("ap"), record=record)
    assert places(second) == {"eu": 2, "us": 2}
    assert notes(second) == ["kept-recorded", "kept-lazy"]
    # And it goes on waiting: what was not carried out is not recorded as decided.
    third = run(deployment(), policy("ap"), record=kept(second))
    assert places(third) == {"eu": 2, "us": 2}
    assert not third.is_record_new


def test_a_policy_that_is_not_lazy_takes_effect_at_once() -> None:
    record = kept(run(deployment(), policy("eu", "us", activation="")))
    assert places(run(deployment(), policy("ap", activation=""), record=record)) == {"ap": 4}
    assert places(run(deployment(), policy("ap", activation=""), record=kept(run(deployment(), policy("eu"))))) == {
        "ap": 4
    }


def test_a_change_of_the_template_lets_the_new_placement_in() -> None:
    record = kept(run(deployment(), policy("eu", "us")))
    changed = run(deployment(image="web:2"), policy("ap"), record=record)
    assert places(changed) == {"ap": 4}
    assert notes(changed) == []
    assert places(run(deployment(image="web:2"), policy("ap"), record=kept(changed))) == {"ap": 4}


def test_rescheduling_starts_afresh_from_the_recorded_placement() -> None:
    record = kept(run(deployment(), policy("eu", "us")))
    again = run(deployment(), policy("ap"), record=record, reschedule=True)
    assert places(again) == {"eu": 2, "us": 2}


def test_another_lazy_policy_that_wins_waits_too() -> None:
    record = kept(run(deployment(), policy("eu", "us")))
    second = run(deployment(), policy("eu", "us"), policy("ap", name="q", priority=5), record=record)
    assert places(second) == {"eu": 2, "us": 2}
    assert notes(second) == ["kept-recorded", "claim-not-sticky", "kept-lazy"]


def test_of_a_secret_everything_but_its_values_counts() -> None:
    record = kept(run(secret("a"), policy("eu", activation="Lazy")))
    assert list(places(run(secret("b"), policy("ap"), record=record))) == ["eu"]
    assert list(places(run(secret("b", key="other"), policy("ap"), record=record))) == ["ap"]


def test_a_record_without_a_digest_cannot_hold_a_placement_back() -> None:
    record = kept(run(deployment(), policy("eu", "us")))
    bare = replace(record, templates=tuple(replace(entry, digest="") for entry in record.templates))
    assert places(run(deployment(), policy("ap"), record=bare)) == {"ap": 4}


def test_a_decision_that_failed_is_due_again_in_the_next_run() -> None:
    record = kept(run(deployment(), policy("eu", "us")))
    # Two pods fit into each, so four do not fit into one by room.
    failed = run(deployment(image="web:2"), policy("ap", preference="Aggregated"), record=record)
    assert notes(failed) == ["kept-after-error"]
    assert places(failed) == {"eu": 2, "us": 2}
    assert places(run(deployment(image="web:2"), policy("ap"), record=kept(failed))) == {"ap": 4}
