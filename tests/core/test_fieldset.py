"""Field sets as server-side apply records them: projections that tell drift, and who holds what."""

from __future__ import annotations

from karmactl.core.fieldset import applied_fields, holder_at, holders_of, project, server_paths, value_at
from karmactl.core.model.manifest import JSONValue, Manifest

FIELDS: JSONValue = {
    "f:metadata": {"f:labels": {"f:example.com/tier": {}}},
    "f:spec": {
        "f:replicas": {},
        "f:template": {
            "f:spec": {
                "f:containers": {
                    'k:{"name":"web"}': {
                        ".": {},
                        "f:image": {},
                        "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}},
                    }
                }
            }
        },
    },
}


def live(**spec: JSONValue) -> Manifest:
    return {
        "metadata": {
            "labels": {"example.com/tier": "front"},
            "managedFields": [
                {"manager": "karmactl", "operation": "Apply", "time": "2026-01-01T00:00:00Z", "fieldsV1": FIELDS},
                {
                    "manager": "kubectl-edit",
                    "operation": "Update",
                    "time": "2026-01-02T00:00:00Z",
                    "fieldsV1": {
                        "f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"web"}': {"f:image": {}}}}}}
                    },
                },
                {
                    "manager": "kube-controller-manager",
                    "operation": "Update",
                    "subresource": "status",
                    "time": "2026-01-03T00:00:00Z",
                    "fieldsV1": {"f:status": {}},
                },
            ],
        },
        "spec": {
            "replicas": 2,
            "template": {
                "spec": {
                    "containers": [
                        {"name": "side", "image": "side:1"},
                        {"name": "web", "image": "web:1", "ports": [{"containerPort": 80, "protocol": "TCP"}]},
                    ]
                }
            },
            **spec,
        },
    }


def test_what_others_change_does_not_show_and_what_is_ours_does() -> None:
    seen = project(live(), FIELDS)
    assert project(live(minReadySeconds=5), FIELDS) == seen
    assert project(live(replicas=3), FIELDS) != seen


def test_the_order_of_keyed_items_makes_no_difference_but_their_absence_does() -> None:
    turned = live()
    containers = turned["spec"]["template"]["spec"]["containers"]  # type: ignore[index,call-overload]
    assert isinstance(containers, list)
    containers.reverse()
    assert project(turned, FIELDS) == project(live(), FIELDS)
    containers.pop(0)
    assert project(turned, FIELDS) != project(live(), FIELDS)


def test_a_field_that_is_gone_differs_from_one_that_is_null() -> None:
    fields: JSONValue = {"f:data": {"f:a": {}}}
    assert project({"data": {}}, fields) != project({"data": {"a": None}}, fields)


def test_sets_and_indexes() -> None:
    fields: JSONValue = {"f:finalizers": {'v:"a"': {}}, "f:args": {"i:1": {}}}
    assert project({"finalizers": ["b", "a"], "args": ["x", "y"]}, fields) == project(
        {"finalizers": ["a"], "args": ["z", "y"]}, fields
    )


def test_paths_are_the_servers() -> None:
    paths = set(server_paths(FIELDS))
    assert ".spec.replicas" in paths
    assert ".metadata.labels.example.com/tier" in paths
    assert '.spec.template.spec.containers[name="web"].image' in paths
    assert '.spec.template.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].containerPort' in paths
    assert value_at(live(), '.spec.template.spec.containers[name="web"].image') == "web:1"


def test_who_holds_a_field() -> None:
    path = '.spec.template.spec.containers[name="web"].image'
    holder = holders_of(live(), path, besides="karmactl")
    assert holder is not None
    assert (holder.manager, holder.time) == ("kubectl-edit", "2026-01-02T00:00:00Z")
    assert holders_of(live(), ".spec.replicas", besides="karmactl") is None
    pointed = holder_at(live(), "/spec/template/spec/containers/1/image", besides="karmactl")
    assert pointed == holder


def test_a_field_that_was_taken_away_points_at_the_last_hand_and_never_at_a_status() -> None:
    holder = holder_at(live(), "/metadata/labels/example.com~1gone", besides="karmactl")
    assert holder is not None
    assert holder.manager == "kubectl-edit"


def test_only_our_own_apply_on_the_object_counts_as_ours() -> None:
    assert applied_fields(live(), "karmactl") == FIELDS
    assert applied_fields(live(), "kubectl-edit") is None
    assert applied_fields({}, "karmactl") is None
