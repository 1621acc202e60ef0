"""The API without controllers: objects, locks, lists, watches, discovery, custom resources."""

import json
import threading
import time
import urllib.request
from typing import Any

import pytest

from karmactl.embedded import SandboxThread
from tests.embedded.conftest import Api
from tests.embedded.test_apply import config_map, deployment


def test_a_wrong_token_is_401_and_a_user_without_roles_403(api: Api, bare: SandboxThread) -> None:
    refused = api("GET", "/api/v1/namespaces", token="nonsense")
    assert (refused.status, refused.body["reason"]) == (401, "Unauthorized")
    visitor = api("GET", "/api/v1/namespaces", token=bare.token("bare", "visitor"))
    assert visitor.status == 403
    assert 'User "visitor" cannot list resource "namespaces"' in visitor.body["message"]


def test_a_role_allows_what_it_names(api: Api, bare: SandboxThread, namespace: str) -> None:
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"]}
    assert api("POST", rbac + "/roles", {"metadata": {"name": "r"}, "rules": [rule]}).status == 201
    binding = {
        "metadata": {"name": "r"},
        "roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"},
        "subjects": [{"kind": "Group", "name": "team"}],
    }
    assert api("POST", rbac + "/rolebindings", binding).status == 201
    token = bare.token("bare", "visitor")
    assert api("GET", f"/api/v1/namespaces/{namespace}/configmaps", token=token).status == 200
    assert api("GET", f"/api/v1/namespaces/{namespace}/secrets", token=token).status == 403
    review = {"spec": {"resourceAttributes": {"namespace": namespace, "verb": "list", "resource": "configmaps"}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert api("POST", path, review, token=token).body["status"]["allowed"]


def test_defaults_are_filled_and_generation_counts_changes_of_spec(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    made = api("POST", path, deployment())
    spec = made.body["spec"]
    assert (spec["replicas"], spec["progressDeadlineSeconds"], spec["strategy"]["type"]) == (1, 600, "RollingUpdate")
    assert spec["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"
    assert made.body["metadata"]["generation"] == 1
    labelled = api.merge(path + "/web", {"metadata": {"labels": {"a": "b"}}})
    assert labelled.body["metadata"]["generation"] == 1
    assert api.merge(path + "/web", {"spec": {"replicas": 2}}).body["metadata"]["generation"] == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"selector": None}, "spec.selector"),
        ({"replicas": -1}, "spec.replicas"),
        ({"strategy": {"type": "Sideways"}}, "spec.strategy"),
    ],
)
def test_invalid_objects_are_422_with_the_field(api: Api, namespace: str, change: Any, field: str) -> None:
    refused = api("POST", f"/apis/apps/v1/namespaces/{namespace}/deployments", deployment(**change))
    assert refused.status == 422
    assert field in [c["field"] for c in refused.body["details"]["causes"]]


def test_wrong_types_are_400_in_the_words_of_go(api: Api, namespace: str) -> None:
    refused = api("POST", f"/api/v1/namespaces/{namespace}/configmaps", {"metadata": {"name": "x"}, "data": {"a": 1}})
    assert refused.status == 400
    assert "cannot unmarshal number into Go struct field ConfigMap.data of type string" in refused.body["message"]


def test_unknown_fields_warn_or_are_refused_when_strict(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    warned = api("POST", path, {"metadata": {"name": "x"}, "bogus": 1})
    assert warned.status == 201
    assert warned.headers["Warning"] == '299 - "unknown field \\"bogus\\""'
    refused = api("POST", path + "?fieldValidation=Strict", {"metadata": {"name": "y"}, "bogus": 1})
    assert (refused.status, 'unknown field "bogus"' in refused.body["message"]) == (400, True)


def test_stale_writes_are_409(api: Api, namespace: str) -> None:
    path = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
    lease = api("POST", path, {"metadata": {"name": "l"}, "spec": {"holderIdentity": "a"}}).body
    taken = {**lease, "spec": {"holderIdentity": "b"}}
    assert api("PUT", path + "/l", taken).status == 200
    assert api("PUT", path + "/l", {**lease, "spec": {"holderIdentity": "c"}}).status == 409
    assert api("GET", path + "/l").body["spec"]["holderIdentity"] == "b"
    blind = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "d"}}
    assert api("PUT", path + "/l", blind).status == 422


def test_delete_preconditions_hold_or_refuse(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    made = api.apply(path, config_map("x", a="1")).body["metadata"]
    assert api("DELETE", path, {"preconditions": {"uid": "other"}}).status == 409
    assert api("DELETE", path, {"preconditions": {"resourceVersion": "1"}}).status == 409
    exact = {"uid": made["uid"], "resourceVersion": made["resourceVersion"]}
    assert api("DELETE", path + "?dryRun=All", {"preconditions": exact}).status == 200
    assert api("DELETE", path, {"preconditions": exact}).body["status"] == "Success"
    assert api("GET", path).status == 404


def test_finalizers_keep_an_object_until_they_are_gone(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/x"
    body = config_map("x")
    body["metadata"]["finalizers"] = ["test.example/hold"]
    api.apply(path, body)
    assert "deletionTimestamp" in api("DELETE", path).body["metadata"]
    assert api("GET", path).status == 200
    api.merge(path, {"metadata": {"finalizers": None}})
    assert api("GET", path).status == 404


def test_lists_select_and_page(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for index in range(5):
        body = config_map(f"c{index}")
        body["metadata"]["labels"] = {"parity": "odd" if index % 2 else "even"}
        api("POST", path, body)
    names = [i["metadata"]["name"] for i in api("GET", path + "?labelSelector=parity%20in%20(odd)").body["items"]]
    assert names == ["c1", "c3"]
    found = api("GET", path + "?fieldSelector=metadata.name%3Dc2").body["items"]
    assert [i["metadata"]["name"] for i in found] == ["c2"]
    page = api("GET", path + "?limit=2").body
    assert page["metadata"]["remainingItemCount"] == 3
    api("DELETE", path + "/c3")
    rest = api("GET", f"{path}?limit=9&continue={page['metadata']['continue']}").body
    assert [i["metadata"]["name"] for i in rest["items"]] == ["c2", "c3", "c4"]  # the state of the first page


def test_watch_shows_changes_after_a_version(api: Api, bare: SandboxThread, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    version = api("GET", path).body["metadata"]["resourceVersion"]
    lines: list[dict[str, Any]] = []

    def watch() -> None:
        url = f"{bare.url('bare')}{path}?watch=true&resourceVersion={version}&timeoutSeconds=2"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {bare.token('bare')}"})
        with urllib.request.urlopen(request, context=api._context, timeout=10) as response:
            for line in response:
                lines.append(json.loads(line))
                if len(lines) == 3:
                    return

    thread = threading.Thread(target=watch)
    thread.start()
    api("POST", path, config_map("x", a="1"))
    api.merge(path + "/x", {"data": {"a": "2"}})
    api("DELETE", path + "/x")
    thread.join(10)
    assert [event["type"] for event in lines] == ["ADDED", "MODIFIED", "DELETED"]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in lines]
    assert versions == sorted(versions)


def test_discovery_aggregated_and_plain_agree(api: Api) -> None:
    form = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    aggregated = api("GET", "/apis", Accept=form).body
    assert aggregated["kind"] == "APIGroupDiscoveryList"
    apps = next(g for g in aggregated["items"] if g["metadata"]["name"] == "apps")
    names = {r["resource"] for r in apps["versions"][0]["resources"]}
    plain = {r["name"] for r in api("GET", "/apis/apps/v1").body["resources"] if "/" not in r["name"]}
    assert names == plain == {"controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"}


def widgets(group: str) -> dict[str, Any]:
    spec = {
        "type": "object",
        "properties": {
            "size": {"type": "integer", "minimum": 1},
            "color": {"type": "string", "default": "red"},
        },
    }
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema, "subresources": {"status": {}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": [version],
        },
    }


def test_custom_resources_are_served_pruned_defaulted_and_validated(api: Api, namespace: str) -> None:
    group = f"{namespace}.example.test"
    root = f"/apis/{group}/v1/namespaces/{namespace}/widgets"
    assert api("GET", root).status == 404
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert api("POST", crds, widgets(group)).status == 201
    deadline = time.monotonic() + 5
    while api("GET", root).status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    body = {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "w"}}
    made = api("POST", root, {**body, "spec": {"size": 3, "bogus": True}, "status": {"x": 1}}).body
    assert made["spec"] == {"size": 3, "color": "red"}
    assert "status" not in made
    refused = api("POST", root, {**body, "metadata": {"name": "v"}, "spec": {"size": 0}})
    assert refused.status == 422
    assert "spec.size in body should be greater than or equal to 1" in refused.body["message"]
    conditions = api("GET", f"{crds}/widgets.{group}").body["status"]["conditions"]
    assert {c["type"]: c["status"] for c in conditions} == {"NamesAccepted": "True", "Established": "True"}
    assert api("DELETE", f"{crds}/widgets.{group}").status == 200


def test_tables_have_the_columns_that_kubectl_prints(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    api("POST", path, deployment(replicas=3))
    table = api("GET", path, Accept="application/json;as=Table;v=v1;g=meta.k8s.io").body
    names = [c["name"] for c in table["columnDefinitions"] if c["priority"] == 0]
    assert names == ["Name", "Ready", "Up-to-date", "Available", "Age"]
    assert table["rows"][0]["cells"][:4] == ["web", "0/3", 0, 0]


def test_services_get_an_address_and_keep_it(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/services"
    body = {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}], "type": "NodePort"}}
    spec = api("POST", path, body).body["spec"]
    assert spec["clusterIP"].startswith("10.96.")
    assert 30000 <= spec["ports"][0]["nodePort"] <= 32767
    kept = api("PUT", path + "/s", body).body["spec"]
    assert (kept["clusterIP"], kept["ports"]) == (spec["clusterIP"], spec["ports"])


def test_strategic_merge_patches_lists_by_key(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    api("POST", path, deployment())
    change = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "s:1"}]}}}}
    merged = api("PATCH", path + "/web", change, Content_Type="application/strategic-merge-patch+json").body
    names = [c["name"] for c in merged["spec"]["template"]["spec"]["containers"]]
    assert sorted(names) == ["main", "side"]
    gone = {"spec": {"template": {"spec": {"containers": [{"name": "side", "$patch": "delete"}]}}}}
    merged = api("PATCH", path + "/web", gone, Content_Type="application/strategic-merge-patch+json").body
    assert [c["name"] for c in merged["spec"]["template"]["spec"]["containers"]] == ["main"]


@pytest.mark.parametrize("body", [b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"{}" * 3, b"\x00"])
def test_any_body_gets_a_status_and_never_a_broken_connection(api: Api, namespace: str, body: bytes) -> None:
    answer = api("POST", f"/api/v1/namespaces/{namespace}/configmaps", body)
    assert answer.status in (400, 422)
    assert answer.body["kind"] == "Status"


def test_openapi_says_that_the_server_validates_fields(api: Api) -> None:
    document = api("GET", "/openapi/v3/apis/apps/v1").body
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert "fieldValidation" in [p["name"] for p in patch["parameters"]]
    ports = document["components"]["schemas"]["io.k8s.api.core.v1.Container"]["properties"]["ports"]
    assert ports["x-kubernetes-list-map-keys"] == ["containerPort", "protocol"]
