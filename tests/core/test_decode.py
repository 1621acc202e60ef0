"""Decoding manifests: what becomes of each shape, and which faults are told."""

from __future__ import annotations

import pytest

from karmactl.core.decode import (
    APPLIED_PLACEMENT_ANNOTATION,
    Fault,
    decode,
    decode_binding,
    decode_cluster,
    decode_override_policy,
    decode_propagation_policy,
)
from karmactl.core.model.cluster import Taint
from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.core.model.policy import ClusterAffinity, Placement, PropagationSpec, SpreadConstraint


def policy(spec: JSONValue, kind: str = "PropagationPolicy", **meta: JSONValue) -> Manifest:
    return {"apiVersion": "policy.karmada.io/v1alpha1", "kind": kind, "metadata": {"name": "p", **meta}, "spec": spec}


def only(faults: tuple[Fault, ...]) -> Fault:
    (fault,) = faults
    return fault


def test_keys_are_camel_case_and_null_is_absent() -> None:
    spec, faults = decode(
        PropagationSpec,
        {
            "resourceSelectors": [{"apiVersion": "apps/v1", "kind": "Deployment", "labelSelector": {}}],
            "placement": {"clusterAffinity": {"clusterNames": ["a"]}, "clusterAffinities": None},
            "preserveResourcesOnDeletion": None,
        },
        strict=True,
    )
    assert faults == ()
    assert spec.resource_selectors[0].api_version == "apps/v1"
    assert spec.resource_selectors[0].label_selector is not None
    assert spec.placement == Placement(cluster_affinity=ClusterAffinity(cluster_names=("a",)))
    assert spec.preserve_resources_on_deletion is None


def test_an_empty_list_is_not_an_absent_one() -> None:
    assert decode(Placement, {"clusterAffinities": []})[0].cluster_affinities == ()
    assert decode(Placement, {})[0].cluster_affinities is None


@pytest.mark.parametrize(
    ("spec", "path", "code"),
    [
        ({"priority": "high"}, ("spec", "priority"), "wrong-type"),
        ({"priority": True}, ("spec", "priority"), "wrong-type"),
        ({"priority": 2**31}, ("spec", "priority"), "out-of-range"),
        ({"priority": 1.5}, ("spec", "priority"), "wrong-type"),
        ({"placement": []}, ("spec", "placement"), "wrong-type"),
        ({"propagateDeps": "true"}, ("spec", "propagateDeps"), "wrong-type"),
        ({"schedulerName": True}, ("spec", "schedulerName"), "wrong-type"),
        ({"dependentOverrides": {"a": 1}}, ("spec", "dependentOverrides"), "wrong-type"),
        ({"dependentOverrides": ["a", 1]}, ("spec", "dependentOverrides", 1), "wrong-type"),
    ],
)
def test_wrong_types_are_faults_with_their_path(spec: JSONValue, path: tuple[str | int, ...], code: str) -> None:
    _, faults = decode_propagation_policy(policy(spec))
    fault = only(faults)
    assert (fault.path, fault.code) == (path, code)


def test_a_whole_float_is_an_integer() -> None:
    assert decode_propagation_policy(policy({"priority": 3.0}))[0].spec.priority == 3


def test_a_message_says_where_what_and_how() -> None:
    _, faults = decode_propagation_policy(policy({"placement": {"spreadConstraints": [{"minGroups": "2"}]}}))
    assert only(faults).message == "spec.placement.spreadConstraints[0].minGroups must be an integer, not the text '2'"


def test_all_faults_are_found_in_one_go() -> None:
    _, faults = decode_propagation_policy(policy({"priority": "x", "placement": {"clusterTolerations": 1}}, labels=[]))
    assert [fault.path for fault in faults] == [
        ("metadata", "labels"),
        ("spec", "priority"),
        ("spec", "placement", "clusterTolerations"),
    ]


def test_unknown_fields_are_faults_in_strict_mode_alone() -> None:
    manifest = policy({"placment": {}, "zzzz": 1})
    assert decode_propagation_policy(manifest)[1] == ()
    first, second = decode_propagation_policy(manifest, strict=True)[1]
    assert (first.path, first.code, first.suggestion) == (("spec", "placment"), "unknown-field", "placement")
    assert second.suggestion == ""


def test_keys_differ_by_case() -> None:
    fault = only(decode_propagation_policy(policy({"Placement": {}}), strict=True)[1])
    assert fault.suggestion == "placement"


def test_kind_and_namespace() -> None:
    assert decode_propagation_policy(policy({}))[0].namespace == "default"
    assert decode_propagation_policy(policy({}, namespace="shop"))[0].namespace == "shop"
    assert decode_propagation_policy(policy({}, "ClusterPropagationPolicy"))[0].kind == "ClusterPropagationPolicy"
    assert decode_override_policy(policy({}, "ClusterOverridePolicy"))[0].namespace == ""


def test_deletion_timestamp_makes_deleting() -> None:
    assert decode_propagation_policy(policy({}, deletionTimestamp="2026-01-31T12:00:00Z"))[0].is_deleting
    assert only(decode_propagation_policy(policy({}, deletionTimestamp="yesterday"))[1]).code == "invalid-time"


def test_values_of_overriders_stay_as_they_are() -> None:
    value: JSONValue = {"a": [1, None, {"b": True}]}
    spec: JSONValue = {
        "overrideRules": [{"overriders": {"plaintext": [{"path": "/x", "operator": "add", "value": value}]}}]
    }
    decoded, faults = decode_override_policy(policy(spec, "OverridePolicy"), strict=True)
    assert faults == ()
    assert decoded.spec.override_rules[0].overriders.plaintext[0].value == value


def test_cluster_with_status() -> None:
    cluster, faults = decode_cluster(
        {
            "apiVersion": "cluster.karmada.io/v1alpha1",
            "kind": "Cluster",
            "metadata": {"name": "m1", "labels": {"a": "b", "empty": None}},
            "spec": {
                "syncMode": "Push",
                "zone": "z1",
                "taints": [{"key": "k", "effect": "NoSchedule"}],
                "insecureSkipTLSVerification": True,
                "proxyURL": "http://proxy",
            },
            "status": {
                "apiEnablements": [{"groupVersion": "v1", "resources": [{"name": "pods", "kind": "Pod"}]}],
                "resourceSummary": {"allocatable": {"cpu": 4, "memory": "2Gi", "pods": None}},
            },
        },
        strict=True,
    )
    assert faults == ()
    assert cluster.zones == ("z1",)
    assert cluster.taints == (Taint(key="k", effect="NoSchedule"),)
    assert cluster.labels == {"a": "b", "empty": ""}
    assert cluster.resource_summary is not None
    assert cluster.resource_summary.allocatable == {"cpu": "4", "memory": "2Gi", "pods": "0"}
    assert cluster.api_enablements is not None


def test_unknown_apis_are_not_an_empty_list() -> None:
    assert decode_cluster({"metadata": {"name": "m1"}})[0].api_enablements is None
    assert decode_cluster({"metadata": {"name": "m1"}, "status": {"apiEnablements": []}})[0].api_enablements == ()


def test_a_bad_quantity_is_a_fault() -> None:
    manifest: Manifest = {"status": {"resourceSummary": {"allocatable": {"cpu": "four"}}}}
    fault = only(decode_cluster(manifest)[1])
    assert (fault.code, fault.path[-1]) == ("invalid-quantity", "cpu")


def test_binding_with_applied_placement() -> None:
    applied = '{"spreadConstraints":[{"spreadByField":"cluster","maxGroups":2}],"anotherField":1}'
    binding, faults = decode_binding(
        {
            "metadata": {"annotations": {APPLIED_PLACEMENT_ANNOTATION: applied}},
            "spec": {
                "resource": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": "u"},
                "clusters": [{"name": "m1", "replicas": 2}],
            },
            "status": {"schedulerObservingAffinityName": "first"},
        }
    )
    assert faults == ()
    assert binding.resource.api_version == "apps/v1"
    assert binding.resource_uid == "u"
    assert binding.observed_affinity == "first"
    assert binding.applied_placement == Placement(
        spread_constraints=(SpreadConstraint(spread_by_field="cluster", max_groups=2),)
    )


@pytest.mark.parametrize(("text", "is_unreadable"), [("", False), ("{", True), ('{"clusterAffinity": 1}', True)])
def test_applied_placement_that_is_not_there_or_not_readable(text: str, is_unreadable: bool) -> None:
    binding, _ = decode_binding({"metadata": {"annotations": {APPLIED_PLACEMENT_ANNOTATION: text}}, "spec": {}})
    assert binding.applied_placement is None
    assert binding.is_applied_placement_unreadable is is_unreadable
