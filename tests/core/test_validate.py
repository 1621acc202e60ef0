"""Policies: the defaults that Karmada would fill in, and what it would refuse, by field."""

from __future__ import annotations

import copy

import pytest

from karmactl.core.defaults import default_policy, default_template
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping
from karmactl.core.validate import Stage, validate_policy

_NAMED: dict[str, JSONValue] = {"affinityName": "a", "clusterNames": ["m"]}


def _policy(kind: str = "PropagationPolicy", **spec: JSONValue) -> Manifest:
    selectors: JSONValue = [{"apiVersion": "apps/v1", "kind": "Deployment"}]
    metadata: JSONValue = {"name": "p"} if kind.startswith("Cluster") else {"name": "p", "namespace": "shop"}
    return {
        "apiVersion": "policy.karmada.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": {"resourceSelectors": selectors, **spec},
    }


def _placed(**placement: JSONValue) -> Manifest:
    return _policy(placement=dict(placement))


def _fields(manifest: Manifest, old: Manifest | None = None) -> list[tuple[Stage, str]]:
    return [(problem.stage, problem.field) for problem in validate_policy(manifest, old)]


def test_defaults_of_schema_and_webhook() -> None:
    manifest = _policy(
        placement={"replicaScheduling": {}, "spreadConstraints": [{}]},
        failover={"application": {"decisionConditions": {}}},
        propagateDeps=True,
        unknown=1,
    )
    before = copy.deepcopy(manifest)
    spec = as_mapping(default_policy(manifest)["spec"])
    assert manifest == before
    assert spec["placement"] == {
        "replicaScheduling": {"replicaSchedulingType": "Divided", "replicaDivisionPreference": "Weighted"},
        "spreadConstraints": [{"spreadByField": "cluster", "minGroups": 1}],
    }
    assert spec["failover"] == {
        "application": {
            "decisionConditions": {"tolerationSeconds": 300},
            "purgeMode": "Gracefully",
            "gracePeriodSeconds": 600,
        }
    }
    assert (spec["priority"], spec["preemption"], spec["schedulerName"]) == (0, "Never", "default-scheduler")
    assert spec["resourceSelectors"] == [{"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop"}]
    assert "unknown" not in spec
    assert default_policy(default_policy(manifest)) == default_policy(manifest)


def test_a_failover_without_conditions_gets_those_of_the_schema() -> None:
    """The webhook writes empty ones, and the API server applies its defaults to what a webhook wrote."""
    spec = as_mapping(default_policy(_policy(failover={"application": {"purgeMode": "Directly"}}))["spec"])
    assert spec["failover"] == {
        "application": {"decisionConditions": {"tolerationSeconds": 300}, "purgeMode": "Directly"}
    }


def test_a_null_that_an_overrider_writes_stays() -> None:
    rule: JSONValue = {"plaintext": [{"path": "/a", "operator": "add", "value": {"b": None}}]}
    assert as_mapping(default_policy(_policy("OverridePolicy", overriders=rule))["spec"])["overriders"] == rule


def test_a_cluster_policy_keeps_empty_namespaces_and_service_imports_bring_their_dependencies() -> None:
    selectors: JSONValue = [{"apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "ServiceImport"}]
    spec = as_mapping(default_policy(_policy("ClusterPropagationPolicy", resourceSelectors=selectors))["spec"])
    assert spec["resourceSelectors"] == selectors
    assert spec["propagateDeps"] is True


@pytest.mark.parametrize(
    ("api_version", "kind", "spec", "after"),
    [
        ("apps/v1", "Deployment", {}, {"replicas": 1}),
        ("apps/v1", "StatefulSet", {"replicas": 0}, {"replicas": 0}),
        ("batch/v1", "Job", {}, {"parallelism": 1, "completions": 1}),
        ("batch/v1", "Job", {"completions": 4}, {"parallelism": 1, "completions": 4}),
        ("batch/v1", "Job", {"parallelism": 4}, {"parallelism": 4}),
        ("apps/v1", "DaemonSet", {}, {}),
    ],
)
def test_template_defaults(api_version: str, kind: str, spec: JSONValue, after: JSONValue) -> None:
    assert default_template({"apiVersion": api_version, "kind": kind, "spec": spec})["spec"] == after


@pytest.mark.parametrize(
    ("placement", "field"),
    [
        ({"clusterAffinity": {}, "clusterAffinities": [{"affinityName": "a"}]}, "spec.placement"),
        (
            {"clusterAffinity": {"fieldSelector": {"matchExpressions": [{"key": "x", "operator": "In"}]}}},
            "spec.placement.clusterAffinity.fieldSelector",
        ),
        ({"clusterAffinities": [{"affinityName": "a"}, {"affinityName": "a"}]}, "spec.placement.clusterAffinities"),
        (
            {
                "clusterAffinities": [
                    {"affinityName": "a", "clusterNames": ["m"], "overflowAffinities": [{"affinityName": "b"}]}
                ]
            },
            "spec.placement.clusterAffinities[0].overflowAffinities",
        ),
        ({"spreadConstraints": [{"spreadByField": "region"}]}, "spec.placement.spreadConstraints"),
        (
            {"spreadConstraints": [{"spreadByField": "cluster", "minGroups": 3, "maxGroups": 2}]},
            "spec.placement.spreadConstraints[0]",
        ),
        ({"clusterTolerations": [{"operator": "Gt"}]}, "spec.placement.clusterTolerations[0].operator"),
        (
            {"workloadAffinity": {"affinity": {"groupByLabelKey": "g"}, "antiAffinity": {"groupByLabelKey": "g"}}},
            "spec.placement.workloadAffinity",
        ),
    ],
)
def test_placements_that_the_webhook_refuses(placement: dict[str, JSONValue], field: str) -> None:
    assert _fields(_placed(**placement)) == [(Stage.WEBHOOK, field)]


@pytest.mark.parametrize(
    ("manifest", "stage", "field"),
    [
        (_policy(priority="high"), Stage.DECODE, "spec.priority"),
        (_policy(resourceSelectors=[]), Stage.SCHEMA, "spec.resourceSelectors"),
        (_policy(conflictResolution="Maybe"), Stage.SCHEMA, "spec.conflictResolution"),
        (
            _policy(failover={"cluster": {"statePreservation": {}}}),
            Stage.SCHEMA,
            "spec.failover.cluster.statePreservation.rules",
        ),
        (
            _policy("OverridePolicy", overriders={"labelsOverrider": [{"operator": "remove"}]}),
            Stage.SCHEMA,
            "spec.overriders.labelsOverrider[0].value",
        ),
        (_policy(preemption="Always"), Stage.WEBHOOK, "spec.resourceSelectors[0].name"),
        (
            _policy(failover={"application": {"decisionConditions": {}}}),
            Stage.WEBHOOK,
            "spec.propagateDeps",
        ),
        (
            _policy("OverridePolicy", overrideRules=[{"overriders": {}}], targetCluster={}),
            Stage.WEBHOOK,
            "spec.targetCluster",
        ),
        (
            _policy(
                "ClusterOverridePolicy",
                overrideRules=[{"overriders": {"fieldOverrider": [{"fieldPath": "/data/a"}]}}],
            ),
            Stage.WEBHOOK,
            "spec.overrideRules[0].overriders.fieldOverrider[0]",
        ),
    ],
)
def test_policies_that_are_refused(manifest: Manifest, stage: Stage, field: str) -> None:
    assert _fields(manifest) == [(stage, field)]


def test_all_faults_are_told_at_once() -> None:
    manifest = _policy(preemption="Always", placement={"spreadConstraints": [{"spreadByField": "zone"}]})
    assert [field for _, field in _fields(manifest)] == [
        "spec.placement.spreadConstraints",
        "spec.resourceSelectors[0].name",
    ]


def test_the_scheduler_name_does_not_change() -> None:
    assert _fields(_policy(), _policy()) == []
    assert _fields(_policy(schedulerName="other"), _policy()) == [(Stage.WEBHOOK, "")]
