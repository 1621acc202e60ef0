"""Server-side apply: values, ownership, conflicts, removal."""

from typing import Any

from tests.embedded.conftest import Api


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def owners(obj: dict[str, Any]) -> dict[str, Any]:
    """What each manager owns, by name and operation."""
    return {f"{e['manager']}/{e['operation']}": e["fieldsV1"] for e in obj["metadata"].get("managedFields", [])}


def deployment(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "main", "image": "web:1"}]},
            },
            **spec,
        },
    }


def test_apply_creates_and_owns_exactly_what_was_applied(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    made = api.apply(path, config_map("x", a="1"))
    assert made.status == 201
    assert owners(made.body) == {"alpha/Apply": {"f:data": {"f:a": {}}}}
    assert api("GET", path).body["data"] == {"a": "1"}


def test_conflict_names_manager_and_field_and_force_takes_over(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    api.apply(path, config_map("x", a="1"))
    refused = api.apply(path, config_map("x", a="2"), "beta")
    assert refused.status == 409
    assert refused.body["message"] == 'Apply failed with 1 conflict: conflict with "alpha": .data.a'
    assert refused.body["details"]["causes"][0]["field"] == ".data.a"
    assert api("GET", path).body["data"] == {"a": "1"}
    forced = api.apply(path, config_map("x", a="2"), "beta", force="true")
    assert forced.body["data"] == {"a": "2"}
    assert owners(forced.body) == {"beta/Apply": {"f:data": {"f:a": {}}}}


def test_equal_values_are_owned_together_and_stay_until_the_last_owner_leaves(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    api.apply(path, config_map("x", a="1", b="1"))
    api.apply(path, config_map("x", a="1"), "beta")
    assert api.apply(path, config_map("x"), "alpha").body["data"] == {"a": "1"}
    assert "data" not in api.apply(path, config_map("x"), "beta").body


def test_dropped_replicas_fall_back_to_the_default(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    assert api.apply(path, deployment(replicas=5)).body["spec"]["replicas"] == 5
    assert api.apply(path, deployment()).body["spec"]["replicas"] == 1


def test_dropped_replicas_stay_when_the_scale_subresource_owns_them(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    api.apply(path, deployment(replicas=2))
    scaled = api.merge(path + "/scale", {"spec": {"replicas": 7}})
    assert scaled.body["kind"] == "Scale"
    assert scaled.body["spec"] == {"replicas": 7}
    assert api.apply(path, deployment()).body["spec"]["replicas"] == 7
    refused = api.apply(path, deployment(replicas=3))
    assert 'conflict with "tests" with subresource "scale" using apps/v1' in refused.body["message"]


def test_lists_with_keys_merge_item_by_item(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    api.apply(path, deployment())
    side = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": [{"name": "side", "image": "side:1"}]}}},
    }
    merged = api.apply(path, side, "injector")
    assert [c["name"] for c in merged.body["spec"]["template"]["spec"]["containers"]] == ["main", "side"]
    back = api.apply(path, deployment())
    assert [c["name"] for c in back.body["spec"]["template"]["spec"]["containers"]] == ["main", "side"]


def test_ports_are_keyed_by_number_and_protocol_with_its_default(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/services/dns"

    def service(*ports: dict[str, Any]) -> dict[str, Any]:
        meta = {"name": "dns"}
        return {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": list(ports)}}

    made = api.apply(path, service({"name": "a", "port": 53, "protocol": "UDP"}, {"name": "b", "port": 53}))
    assert made.status == 201
    fields = owners(made.body)["alpha/Apply"]["f:spec"]["f:ports"]
    assert set(fields) == {'k:{"port":53,"protocol":"TCP"}', 'k:{"port":53,"protocol":"UDP"}'}


def test_resource_version_one_makes_an_apply_create_only(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    body = config_map("x", a="1")
    body["metadata"]["resourceVersion"] = "1"
    assert api.apply(path, body).status == 201
    again = api.apply(path, {**body, "data": {"a": "2"}}, force="true")
    assert (again.status, again.body["reason"]) == (409, "Conflict")
    assert api.apply(path, {**body, "data": {"a": "2"}}, dryRun="All").status == 409
    assert api("GET", path).body["data"] == {"a": "1"}


def test_uid_makes_an_apply_update_only(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    body = config_map("x", a="1")
    body["metadata"]["uid"] = "00000000-0000-4000-8000-000000000001"
    refused = api.apply(path, body)
    assert refused.status == 409
    assert "no existing object was found" in refused.body["message"]


def test_an_apply_without_change_keeps_the_version(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/web"
    first = api.apply(path, deployment())
    again = api.apply(path, deployment())
    assert again.body["metadata"]["resourceVersion"] == first.body["metadata"]["resourceVersion"]


def test_dry_run_shows_the_result_and_stores_nothing(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    api.apply(path, config_map("x", a="1"))
    shown = api.apply(path, config_map("x", a="2"), dryRun="All")
    assert shown.body["data"] == {"a": "2"}
    assert api("GET", path).body["data"] == {"a": "1"}


def test_unknown_field_is_refused_with_its_path(api: Api, namespace: str) -> None:
    refused = api.apply(f"/apis/apps/v1/namespaces/{namespace}/deployments/web", deployment(bogus=1))
    assert refused.status == 500
    assert refused.body["message"].endswith(".spec.bogus: field not declared in schema")


def test_update_takes_fields_from_appliers(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    api.apply(path, config_map("x", a="1", b="1"))
    changed = api.merge(path, {"data": {"a": "2"}})
    assert owners(changed.body) == {
        "alpha/Apply": {"f:data": {"f:b": {}}},
        "tests/Update": {"f:data": {"f:a": {}}},
    }
