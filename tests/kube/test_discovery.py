"""Discovery in both forms; a group that fails is unknown, never empty (I4)."""

from __future__ import annotations

import asyncio

import pytest

from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.core.model.ports import Discovery
from karmactl.errors import ClusterError, Forbidden
from karmactl.kube.client import ReadClient
from tests.kube.fault_server import Handler, answer, fault_server, raw, refused, transport_to

VERBS = ["get", "list"]
VERSION = answer(200, {"gitVersion": "v1.36.0"})


def resource(kind: str, plural: str, scope: str = "Namespaced") -> Manifest:
    """A resource of aggregated discovery."""
    found: Manifest = {"resource": plural, "responseKind": {"kind": kind}, "scope": scope}
    return {**found, "verbs": ["list", "get"], "subresources": [{"subresource": "status"}]}


def aggregated(**versions: list[Manifest]) -> Handler:
    """An answer of aggregated discovery: group to versions."""
    items: list[JSONValue] = [
        {"metadata": {"name": name.replace("_", ".")}, "versions": list[JSONValue](entries)}
        for name, entries in versions.items()
    ]
    return answer(200, {"kind": "APIGroupDiscoveryList", "items": items})


def discover(paths: dict[str, Handler]) -> tuple[Discovery, list[str]]:
    """What is discovered on a server with these answers, and the paths that were asked for."""

    async def route(request, writer):  # type: ignore[no-untyped-def]
        await paths.get(request.target, refused(404, "NotFound", "no"))(request, writer)

    async def go() -> tuple[Discovery, list[str]]:
        async with fault_server(route) as server, transport_to(server.url) as transport:
            found = await ReadClient(transport).discover()
            return found, sorted({request.target for request in server.received})

    return asyncio.run(go())


RESOURCES: list[JSONValue] = [resource("Pod", "pods"), resource("Node", "nodes", "Cluster")]
PODS_AND_NODES: Manifest = {"version": "v1", "resources": RESOURCES}
CORE = aggregated(**{"": [PODS_AND_NODES]})


def test_two_requests_and_the_version_where_the_server_can() -> None:
    apps: Manifest = {"version": "v1", "resources": [resource("Deployment", "deployments")], "freshness": "Current"}
    beta: Manifest = {"version": "v1beta1", "resources": [resource("Deployment", "deployments")]}
    found, asked = discover({"/api": CORE, "/apis": aggregated(apps=[apps, beta]), "/version": VERSION})
    assert asked == ["/api", "/apis", "/version"]
    assert [(each.api_version, each.kind, each.is_namespaced, each.verbs) for each in found.kinds] == [
        ("v1", "Node", False, ("get", "list")),
        ("v1", "Pod", True, ("get", "list")),
        ("apps/v1", "Deployment", True, ("get", "list")),
        ("apps/v1beta1", "Deployment", True, ("get", "list")),
    ]
    assert (found.version, found.failed_groups) == ("v1.36.0", ())


def test_i04_a_stale_group_is_unknown() -> None:
    stale: Manifest = {"version": "v1", "resources": [], "freshness": "Stale"}
    found, _ = discover({"/api": CORE, "/apis": aggregated(metrics_k8s_io=[stale]), "/version": VERSION})
    assert found.failed_groups == ("metrics.k8s.io",)


def test_i04_an_old_server_is_asked_group_by_group_and_what_fails_is_unknown() -> None:
    def listed(*resources: Manifest) -> Handler:
        return answer(200, {"kind": "APIResourceList", "resources": list(resources)})

    pods: Manifest = {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": list(VERBS)}
    status: Manifest = {"name": "pods/status", "kind": "Pod", "namespaced": True, "verbs": ["get"]}
    groups: Manifest = {
        "kind": "APIGroupList",
        "groups": [
            {"name": "apps", "versions": [{"groupVersion": "apps/v1"}]},
            {"name": "gone.example.com", "versions": [{"groupVersion": "gone.example.com/v1"}]},
            {"name": "odd.example.com", "versions": [{"groupVersion": "odd.example.com/v1"}]},
            {"name": "torn.example.com", "versions": [{"groupVersion": "torn.example.com/v1"}]},
        ],
    }
    found, _ = discover(
        {
            "/api": answer(200, {"kind": "APIVersions", "versions": ["v1"]}),
            "/api/v1": listed(pods, status),
            "/apis": answer(200, groups),
            "/apis/apps/v1": listed({"name": "deployments", "kind": "Deployment", "namespaced": True, "verbs": []}),
            "/apis/gone.example.com/v1": refused(503, "ServiceUnavailable", "no endpoints"),
            "/apis/odd.example.com/v1": answer(200, b"{}"),
            "/apis/torn.example.com/v1": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"),
            "/version": refused(403, "Forbidden", "no"),
        }
    )
    assert [each.kind for each in found.kinds] == ["Pod", "Deployment"]
    assert found.failed_groups == ("gone.example.com", "odd.example.com", "torn.example.com")
    assert found.version == ""


@pytest.mark.parametrize("path", ["/api", "/apis"])
def test_i04_without_the_list_of_groups_nothing_is_known(path: str) -> None:
    answers = {"/api": CORE, "/apis": aggregated(), "/version": VERSION}
    with pytest.raises(Forbidden):
        discover({**answers, path: refused(403, "Forbidden", "no")})
    with pytest.raises(ClusterError):
        discover({**answers, path: answer(200, b"[1]")})
