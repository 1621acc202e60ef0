"""Differences: two digests that settle most objects, fields for the rest, and masks for what is secret."""

from __future__ import annotations

import copy

from karmactl.core.diff import Standing, classify, diff_objects, live_digest, sent_digest
from karmactl.core.model.change import Masked
from karmactl.core.model.manifest import JSONValue, Manifest, ref_of
from karmactl.core.model.state import InventoryRow

KEY = b"k" * 32
BODY: Manifest = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "a", "namespace": "shop"},
    "data": {"color": "blue"},
}
REF = ref_of(BODY)


def live_of(body: Manifest, **changes: JSONValue) -> Manifest:
    fields: JSONValue = {"f:data": {"f:color": {}}}
    live = copy.deepcopy({**body, **changes})
    live["metadata"] = {
        "name": "a",
        "namespace": "shop",
        "uid": "u1",
        "resourceVersion": "7",
        "managedFields": [{"manager": "karmactl", "operation": "Apply", "fieldsV1": fields}],
    }
    return live


def row(**changes: str) -> InventoryRow:
    live = live_of(BODY)
    known = {"uid": "u1", "sent": sent_digest(BODY, REF, KEY), "live": live_digest(live, REF, KEY)}
    return InventoryRow(resource=REF, **{**known, **changes})


def test_standings() -> None:
    live = live_of(BODY)
    assert classify(BODY, REF, row(), live, KEY) is Standing.UNCHANGED
    assert classify(BODY, REF, None, None, KEY) is Standing.ABSENT
    assert classify(BODY, REF, row(), None, KEY) is Standing.VANISHED
    assert classify(BODY, REF, row(uid=""), None, KEY) is Standing.ABSENT, "an intent that never was carried out"
    assert classify(BODY, REF, None, live, KEY) is Standing.FOREIGN
    assert classify(BODY, REF, row(uid="another"), live, KEY) is Standing.FOREIGN
    assert classify(BODY, REF, row(uid=""), live, KEY) is Standing.DIFFERS, "an intent is looked at again"
    assert classify({**BODY, "data": {"color": "red"}}, REF, row(), live, KEY) is Standing.DIFFERS
    assert classify(BODY, REF, row(), live_of(BODY, data={"color": "red"}), KEY) is Standing.DIFFERS
    assert classify(BODY, REF, row(), live_of(BODY, data={"color": "blue", "x": "y"}), KEY) is Standing.UNCHANGED


def test_what_the_server_keeps_for_itself_is_no_difference() -> None:
    before, after = live_of(BODY, status={"a": 1}), live_of(BODY, status={"a": 2})
    assert isinstance(after["metadata"], dict)
    after["metadata"] = {**after["metadata"], "resourceVersion": "9", "generation": 5, "managedFields": []}
    assert diff_objects(before, after, REF) == ()


def test_items_with_names_are_compared_one_by_one() -> None:
    def pod(*containers: tuple[str, str]) -> Manifest:
        return {"spec": {"containers": [{"name": name, "image": image} for name, image in containers]}}

    fields = diff_objects(pod(("a", "1"), ("b", "1")), pod(("a", "1"), ("b", "2"), ("c", "1")), REF)
    assert [(field.op, field.keyed_path) for field in fields] == [
        ("replace", "spec.containers[b].image"),
        ("add", "spec.containers[c]"),
    ]
    (turned,) = diff_objects(pod(("a", "1"), ("b", "1")), pod(("b", "1"), ("a", "1")), REF)
    assert turned.keyed_path == "spec.containers", "another order is another list"


def test_true_is_not_one_and_absent_is_not_null() -> None:
    fields = diff_objects({"spec": {"a": 1, "b": None}}, {"spec": {"a": True}}, REF)
    assert [(field.path, field.op) for field in fields] == [("/spec/a", "replace"), ("/spec/b", "remove")]


def test_i08_values_of_secrets_are_masked_on_both_sides() -> None:
    secret: Manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "a"},
        "data": {"x": "AAAA", "y": "AAAA"},
    }
    after = {**secret, "data": {"x": "BBBB", "z": "AAAA"}}
    fields = diff_objects(secret, after, ref_of(secret))
    shown = {field.path: (field.before, field.after) for field in fields}
    assert shown["/data/x"] == (Masked(mark=1), Masked(mark=2))
    assert shown["/data/y"] == (Masked(mark=1), None)
    assert shown["/data/z"] == (None, Masked(mark=1)), "equal values get equal marks"
    assert "AAAA" not in repr(fields)


def test_i08_a_last_applied_annotation_is_masked_whatever_the_kind() -> None:
    def noted(text: str) -> Manifest:
        return {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": text}}}

    (field,) = diff_objects(noted("hidden-one"), noted("hidden-two"), REF)
    assert field.is_sensitive
    assert "hidden" not in repr(field)
