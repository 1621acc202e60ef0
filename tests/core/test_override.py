"""Overrides: order of rules, form of images, texts inside fields, origins, and faults that say where."""

from __future__ import annotations

import copy

import pytest

from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.core.model.policy import (
    ClusterAffinity,
    ImageOverrider,
    LabelAnnotationOverrider,
    OverridePolicy,
    Overriders,
    OverrideRule,
    OverrideSpec,
    PlaintextOverrider,
    ResourceSelector,
)
from karmactl.core.model.work import Overridden, WorkFault
from karmactl.core.override import OverrideSet
from karmactl.core.override.image import override_image
from karmactl.core.override.text import patch_json_text, patch_yaml_text
from karmactl.core.patch import PatchOperation
from karmactl.errors import PolicyError

_CLUSTERS = (Cluster(name="m1"), Cluster(name="m2"))


def _config_map(**labels: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "shop", "labels": dict(labels)},
        "data": {"mode": "safe"},
    }


def _set(path: str, value: JSONValue, *clusters: str) -> OverrideRule:
    affinity = ClusterAffinity(cluster_names=clusters) if clusters else None
    plaintext = PlaintextOverrider(path=path, operator="replace", value=value)
    return OverrideRule(target_cluster=affinity, overriders=Overriders(plaintext=(plaintext,)))


def _policy(name: str, *rules: OverrideRule, namespace: str = "shop", selector: str | None = None) -> OverridePolicy:
    selectors = () if selector is None else (ResourceSelector(api_version="v1", kind="ConfigMap", name=selector),)
    spec = OverrideSpec(resource_selectors=selectors, override_rules=rules)
    return OverridePolicy(name=name, namespace=namespace, spec=spec)


def _apply(manifest: Manifest, *policies: OverridePolicy, cluster: str = "m1") -> Overridden:
    result = OverrideSet(policies, _CLUSTERS).match(manifest).apply(manifest, cluster)
    assert isinstance(result, Overridden)
    return result


def test_order_is_scope_then_precision_then_name() -> None:
    policies = [
        _policy("z", _set("/data/mode", "named"), selector="c"),
        _policy("b", _set("/data/mode", "b")),
        _policy("a", _set("/data/mode", "a")),
        _policy("zz", _set("/data/mode", "cluster-wide"), namespace="", selector="c"),
        _policy("elsewhere", _set("/data/mode", "never"), namespace="other"),
    ]
    result = _apply(_config_map(), *policies)
    assert [applied.name for applied in result.applied] == ["zz", "a", "b", "z"]
    assert result.manifest["data"] == {"mode": "named"}
    assert [(origin.path, origin.source, origin.before) for origin in result.origins] == [
        ("/data/mode", "ClusterOverridePolicy zz", "safe"),
        ("/data/mode", "OverridePolicy shop/a", "cluster-wide"),
        ("/data/mode", "OverridePolicy shop/b", "a"),
        ("/data/mode", "OverridePolicy shop/z", "b"),
    ]


def test_all_rules_of_a_policy_whose_clusters_match() -> None:
    policy = _policy("p", _set("/data/mode", "1"), _set("/data/mode", "2", "m2"), _set("/data/mode", "3", "m1"))
    assert [applied.rule_index for applied in _apply(_config_map(), policy).applied] == [0, 2]
    assert [applied.rule_index for applied in _apply(_config_map(), policy, cluster="m2").applied] == [0, 1]


def test_namespaced_policies_see_what_cluster_policies_made() -> None:
    rename = _policy("rename", _set("/metadata/name", "d"), namespace="")
    follow = _policy("follow", _set("/data/mode", "d"), selector="d")
    former = _policy("former", _set("/data/mode", "c"), selector="c")
    result = _apply(_config_map(), rename, former, follow)
    assert [applied.name for applied in result.applied] == ["rename", "follow"]


def test_fault_names_path_rule_policy_object_and_leaves_the_input() -> None:
    manifest = _config_map()
    before = copy.deepcopy(manifest)
    policy = _policy("p", _set("/data/mode", "x"), _set("/data/absent", "y"))
    fault = OverrideSet([policy], _CLUSTERS).match(manifest).apply(manifest, "m1")
    assert isinstance(fault, WorkFault)
    assert fault.code == "patch-path-missing"
    assert fault.override is not None and fault.override.rule_index == 1
    for part in ("OverridePolicy shop/p", "rule 2", "ConfigMap shop/c", "cluster m1", "'/data/absent'"):
        assert part in fault.message
    assert manifest == before


def test_labels_are_made_where_there_are_none_and_skipped_where_keys_are_missing() -> None:
    def rule(operator: str) -> OverrideRule:
        overrider = LabelAnnotationOverrider(operator=operator, value={"example.com/a": "1"})
        return OverrideRule(overriders=Overriders(annotations_overrider=(overrider,)))

    manifest = _config_map()
    assert _apply(manifest, _policy("p", rule("replace"), rule("remove"))).manifest == manifest
    added = _apply(manifest, _policy("p", rule("add"))).manifest["metadata"]
    assert isinstance(added, dict)
    assert added["annotations"] == {"example.com/a": "1"}


@pytest.mark.parametrize(
    ("image", "component", "operator", "value", "after"),
    [
        ("nginx", "Registry", "replace", "r.io", "r.io/nginx"),
        ("nginx", "Registry", "add", ".cn", ".cn/nginx"),
        ("a.b/c:1", "Registry", "remove", "", "c:1"),
        ("a.b:5/c/d:1", "Repository", "add", "/e", "a.b:5/c/d/e:1"),
        ("library/nginx:1", "Tag", "replace", "2", "library/nginx:2"),
        ("nginx:1", "Tag", "add", "-x", "nginx:1-x"),
        ("nginx:1", "Tag", "replace", "@no", "nginx:1"),
        ("nginx:1", "Tag", "replace", "sha256:" + "a" * 32, "nginx@sha256:" + "a" * 32),
        ("nginx:1@sha256:" + "a" * 64, "Registry", "replace", "r.io", "r.io/nginx:1"),
        ("nginx@sha256:" + "a" * 64, "Tag", "remove", "", "nginx"),
    ],
)
def test_images(image: str, component: str, operator: str, value: str, after: str) -> None:
    assert override_image(image, ImageOverrider(component=component, operator=operator, value=value)) == after


@pytest.mark.parametrize("image", ["", "Nginx", "a:b:c", "host.io/", ".cn/x", "nginx@sha256:" + "a" * 63])
def test_malformed_images(image: str) -> None:
    with pytest.raises(PolicyError) as refused:
        override_image(image, ImageOverrider(component="Tag", operator="remove"))
    assert refused.value.code == "image-malformed"


def _operation(operator: str, path: str, value: JSONValue = None) -> PatchOperation:
    return PatchOperation(operator=operator, path=path, value=value)


def test_json_keeps_key_order_and_numbers() -> None:
    text = '{ "z": 1.50, "a": [1e3, "<&>"], "b": null }'
    changed = patch_json_text(text, [_operation("add", "/new", 1.5), _operation("remove", "/b")])
    assert changed == '{"z":1.50,"a":[1e3,"\\u003c\\u0026\\u003e"],"new":1.5}'


def test_json_keeps_the_escapes_of_texts() -> None:
    text = r'{"a":"\u00e9\/\ud83d\ude00","b":["\u003c","<"],"\u0063":"x\"y","d":""}'
    changed = patch_json_text(text, [_operation("add", "/b/-", "é"), _operation("replace", "/d", "\n")])
    assert changed == r'{"a":"\u00e9\/\ud83d\ude00","b":["\u003c","\u003c","é"],"c":"x\"y","d":"\n"}'


@pytest.mark.parametrize("text", [r'{"a":"\x"}', '{"a":"b\n"}', r'{"a":"\u12"}', '{"a":"b}'])
def test_json_with_broken_texts_is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        patch_json_text(text, [_operation("add", "/z", 1)])


def test_yaml_is_written_as_go_writes_it() -> None:
    text = "# gone\nb: yes\na10: 'on'\na9: 1.0\nlist:\n  - 0o17\n  - 08\nday: 2026-01-02\n"
    changed = patch_yaml_text(text, [_operation("add", "/s", "y"), _operation("add", "/m", "line1\nline2")])
    assert changed == (
        'a9: 1\na10: "on"\nb: true\nday: "2026-01-02"\nlist:\n- 15\n- 8\nm: |-\n  line1\n  line2\ns: "y"\n'
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a: 1234567.5\n", "a: 1.2345675e+06\n"),
        ("a: 123456.5\n", "a: 123456.5\n"),
        ("a: 1e6\n", "a: 1000000\n"),
        ("a: 100000000000000000000\n", "a: 1e+20\n"),
        ("a: 0.00001\n", "a: 1e-05\n"),
        ("a: -0.5\n", "a: -0.5\n"),
        ("a: 1e400\n", 'a: "1e400"\n'),
        ('"": x\n', '"": x\n'),
        ("2.5: x\n", '"2.5": x\n'),
        ("a: é\n", "a: é\n"),
        ("a: x \U0001f600\n", 'a: "x \\U0001F600"\n'),
        ("a: |\n  x\n  \U0001f600\n", 'a: "x\\n\\U0001F600\\n"\n'),
        ("a: <<\n", "a: <<\n"),
        ("'<<': x\n", "<<: x\n"),
    ],
)
def test_yaml_numbers_and_keys_as_go_writes_them(text: str, written: str) -> None:
    assert patch_yaml_text(text, [_operation("add", "/z", 1)]) == f"{written}z: 1\n"


@pytest.mark.parametrize("text", ["hello", "", "5"])
def test_fields_that_hold_no_structure(text: str) -> None:
    with pytest.raises(PolicyError):
        patch_yaml_text(text, [_operation("add", "/a", 1)])
    if text:
        with pytest.raises(PolicyError):
            patch_json_text(text, [_operation("add", "/a", 1)])


def test_an_empty_text_that_shall_hold_json_stays_empty() -> None:
    assert patch_json_text("", [_operation("remove", "/missing")]) == ""


def test_binary_values_become_their_text() -> None:
    assert patch_yaml_text("a: !!binary aGVsbG8=\n", [_operation("add", "/b", 1)]) == "a: hello\nb: 1\n"


def test_clusters_with_the_same_rules_share_their_object_and_others_do_not() -> None:
    silent = LabelAnnotationOverrider(operator="remove", value={"absent": ""})
    here = ClusterAffinity(cluster_names=("m1",))
    cluster_wide = OverrideRule(target_cluster=here, overriders=Overriders(labels_overrider=(silent,)))
    policies = [_policy("silent", cluster_wide, namespace=""), _policy("p", _set("/data/mode", "x"))]
    manifest = _config_map()
    overrides = OverrideSet(policies, (*_CLUSTERS, Cluster(name="m3"))).match(manifest)
    first, second, third = (overrides.apply(manifest, cluster) for cluster in ("m1", "m2", "m3"))
    assert isinstance(first, Overridden) and isinstance(second, Overridden) and isinstance(third, Overridden)
    assert [applied.name for applied in first.applied] == ["silent", "p"]
    assert [applied.name for applied in second.applied] == ["p"]
    assert third.manifest is second.manifest
