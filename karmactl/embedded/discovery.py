"""What the server serves, told in three ways: group lists, resource lists, and aggregated discovery."""

import base64
import functools
import hashlib

from karmactl.embedded.catalog import Catalog
from karmactl.embedded.encode import dumps, respond, text
from karmactl.embedded.http import Request, Response
from karmactl.embedded.negotiation import Accepted, accept, check_produced, is_pretty, parse_accept
from karmactl.embedded.refusals import no_route
from karmactl.embedded.resource import Resource
from karmactl.embedded.schema import openapi
from karmactl.embedded.values import Object

VERSION = {
    "major": "1",
    "minor": "36",
    "emulationMajor": "1",
    "emulationMinor": "36",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35",
    "gitVersion": "v1.36.2",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "go1.26",
    "compiler": "gc",
    "platform": "linux/amd64",
}


@functools.cache
def storage_hash(group: str, version: str, kind: str) -> str:
    """The hash that tells clients in which version objects are kept (apiserver, discovery.StorageVersionHash)."""
    digest = hashlib.sha256(f"{group}/{version}/{kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


# kinds that a server still writes to its store in an older version than any that it serves
_ENCODED_AS = {
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): "v1beta1",
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): "v1beta1",
    ("apiextensions.k8s.io", "customresourcedefinitions"): "v1beta1",
}


def _resource(resource: Resource) -> list[Object]:
    """A resource and its subresources as an APIResourceList shows them."""
    main: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        main["shortNames"] = list(resource.short_names)
    if resource.categories:
        main["categories"] = list(resource.categories)
    if "list" in resource.verbs and resource.plural != "componentstatuses":
        version = _ENCODED_AS.get(resource.table, resource.storage_version)
        main["storageVersionHash"] = storage_hash(resource.table[0], version, resource.kind)
    out = [main]
    for sub in resource.subresources:
        entry: Object = {
            "name": f"{resource.plural}/{sub.name}",
            "singularName": "",
            "namespaced": resource.namespaced,
        }
        if sub.version:
            entry["group"], entry["version"] = sub.group, sub.version
        entry["kind"] = sub.kind
        entry["verbs"] = list(sub.verbs)
        out.append(entry)
    return out


def resource_list(catalog: Catalog, group: str, version: str) -> Object:
    """The APIResourceList of one group version."""
    found = [entry for r in catalog.resources(group, version) for entry in _resource(r)]
    if not catalog.is_custom(group):
        found.sort(key=lambda e: str(e["name"]))
    if not group:  # the oldest list is written without a version, for the oldest clients
        return {"kind": "APIResourceList", "groupVersion": version, "resources": found}
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{group}/{version}", "resources": found}


def _group(group: str, versions: tuple[str, ...]) -> Object:
    listed = [{"groupVersion": f"{group}/{v}", "version": v} for v in versions]
    return {"name": group, "versions": listed, "preferredVersion": listed[0]}


def _aggregated_resource(resource: Resource) -> Object:
    out: Object = {
        "resource": resource.plural,
        "responseKind": _response_kind(resource.kind, resource),
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        out["shortNames"] = list(resource.short_names)
    if resource.categories:
        out["categories"] = list(resource.categories)
    if resource.subresources:
        subs = []
        for sub in sorted(resource.subresources, key=lambda s: s.name):
            kind: Object = {"group": sub.group, "version": sub.version, "kind": sub.kind}
            if resource.is_custom and not sub.version:
                kind = _response_kind(sub.kind, resource)
            subs.append({"subresource": sub.name, "responseKind": kind, "verbs": list(sub.verbs)})
        out["subresources"] = subs
    return out


def _response_kind(kind: str, resource: Resource) -> Object:
    """Built-in kinds leave group and version to the list that they stand in."""
    if resource.is_custom:
        return {"group": resource.group, "version": resource.version, "kind": kind}
    return {"group": "", "version": "", "kind": kind}


def aggregated(catalog: Catalog, core: bool) -> Object:
    """The APIGroupDiscoveryList of /api or /apis."""
    groups = [("", ("v1",))] if core else catalog.groups()
    items = []
    for group, versions in groups:
        items.append(
            {
                "metadata": {"name": group} if group else {},
                "versions": [
                    {
                        "version": version,
                        "resources": [_aggregated_resource(r) for r in catalog.resources(group, version)],
                        "freshness": "Current",
                    }
                    for version in versions
                ],
            }
        )
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _wants_aggregated(request: Request) -> bool:
    for media_type, params in parse_accept(request.header("accept")):
        if params.get("as") == "APIGroupDiscoveryList":
            if params.get("g") == "apidiscovery.k8s.io" and params.get("v") == "v2":
                return media_type == "application/json"
            continue
        if media_type in ("application/json", "*/*", "application/yaml"):
            return False
    return False


def serve(request: Request, catalog: Catalog, address: str) -> Response | None:
    """The answer to a discovery path, or None for other paths; raises ApiError."""
    parts = [p for p in request.path.split("/") if p]
    if request.path == "/":
        return respond(200, {"paths": _paths(catalog)}, Accepted(pretty=True))
    if parts[:1] == ["api"] or (parts[:1] == ["apis"] and len(parts) == 3 and not catalog.is_custom(parts[1])):
        check_produced(request)
    if request.path in ("/api", "/apis", "/api/", "/apis/"):
        return _roots(request, catalog, parts[0] == "api", address)
    if parts[:1] == ["api"] and len(parts) == 2:
        if not catalog.resources("", parts[1]):
            raise no_route()
        return respond(200, resource_list(catalog, "", parts[1]), accept(request))
    if parts[:1] == ["apis"] and len(parts) in (2, 3):
        versions = catalog.versions(parts[1])
        if not versions:
            return None
        if len(parts) == 2:
            value = {"kind": "APIGroup", "apiVersion": "v1", **_group(parts[1], versions)}
            return respond(200, value, accept(request))
        if parts[2] not in versions:
            if catalog.is_custom(parts[1]):
                return None
            raise no_route()
        return respond(200, resource_list(catalog, parts[1], parts[2]), accept(request))
    if parts[:1] == ["openapi"] and not request.path.endswith("/"):
        return _openapi(request, parts[1:], catalog)
    if request.path in ("/version", "/version/"):
        check_produced(request, types=("application/json",))
        return respond(200, VERSION, Accepted(pretty=is_pretty(request)))
    return None


def _paths(catalog: Catalog) -> list[str]:
    """The paths that the server's root names."""
    groups = catalog.groups()
    out = {"/api", "/api/v1", "/apis", "/apis/", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version", *_HEALTH}
    out |= {f"{root}/{check}" for root in _HEALTH for check in _CHECKS}
    out |= {f"/apis/{group}" for group, _ in groups} | {f"/apis/{g}/{v}" for g, versions in groups for v in versions}
    return sorted(out)


# the least OpenAPI v2 document in protobuf: `swagger: 2.0`, and no kinds
_EMPTY_V2 = b"\x0a\x032.0"
_PROTOBUF = (
    "application/com.github.proto-openapi.spec.{}.v1.0+protobuf",
    "application/com.github.proto-openapi.spec.{}@v1.0+protobuf",
)


def _openapi(request: Request, parts: list[str], catalog: Catalog) -> Response | None:
    if parts == ["v3"]:
        body = dumps(openapi.index(catalog))
        return Response(status=200, content_type="text/plain; charset=utf-8", body=body)
    if parts[:1] not in (["v2"], ["v3"]) or (parts[0] == "v2" and len(parts) > 1):
        return None
    found = openapi.document(catalog, "/".join(parts[1:])) if parts[0] == "v3" else b""
    if found is None:
        return Response(status=404, content_type="")
    protobuf = [form.format(parts[0]) for form in _PROTOBUF]
    form = _first_form(request, ["application/json", *protobuf])
    if form == "application/json":
        response = Response(status=200, body=found or dumps(openapi.v2(catalog)))
    elif form in protobuf and parts[0] == "v2":
        # kubectl asks for this form alone, and only about kinds that the v3 documents do not have
        response = Response(status=200, content_type=protobuf[0], body=_EMPTY_V2)
    else:
        response = Response(status=406, content_type="")
    response.headers.append(("Vary", "Accept"))
    return response


def _first_form(request: Request, known: list[str]) -> str:
    """The best of the forms that the request takes, letter by letter; empty for none."""
    for wanted, _ in parse_accept(request.header("accept") or "*/*"):
        kind, _, sub = wanted.partition("/")
        for form in known:
            if kind in ("*", form.partition("/")[0]) and sub in ("*", form.partition("/")[2]):
                return form
    return ""


def _roots(request: Request, catalog: Catalog, core: bool, address: str) -> Response:
    if _wants_aggregated(request):
        header = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        response = respond(200, aggregated(catalog, core), Accepted(header=header, pretty=is_pretty(request)))
        response.headers.append(("Vary", "Accept"))
        return response
    accepted = accept(request)
    if core:
        value: Object = {
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
        }
    else:
        value = {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(g, v) for g, v in catalog.groups()]}
    return respond(200, value, accepted)


_HEALTH = ("/healthz", "/livez", "/readyz")
_CHECKS = ("ping", "log", "etcd")


def health(request: Request) -> Response | None:
    """The answer to a health path, or None for other paths."""
    for root in _HEALTH:
        if request.path.rstrip("/") == root:
            if request.has_param("verbose"):
                return text(200, f"[+]ping ok\n[+]etcd ok\n{root[1:]} check passed\n")
            return text(200, "ok")
        if request.path in [f"{root}/{check}" for check in _CHECKS]:
            return text(200, "ok")
    return None


def takes_any_method(path: str) -> bool:
    """Whether a path is served without a look at the method: health, documents, the lists of groups."""
    parts = [p for p in path.split("/") if p]
    if not parts or parts[0] == "apis":
        return len(parts) <= 2
    return parts[0] == "openapi" or f"/{parts[0]}" in _HEALTH
