"""From a path to what it means: verb, group, version, namespace, resource, name, subresource.

The rules are those of k8s.io/apiserver/pkg/endpoints/request. Authorization works on the result whether or not such
a resource exists; whether it does is asked afterwards, in `dispatch`.
"""

from dataclasses import dataclass

from karmactl.embedded.http import Request

_VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_NAMESPACE_PARTS = frozenset({"status", "finalize"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInfo:
    """What a request is about; `is_resource` is false for paths such as /version, which have only a path."""

    is_resource: bool
    verb: str
    path: str
    group: str = ""
    version: str = ""
    namespace: str = ""
    resource: str = ""
    name: str = ""
    subresource: str = ""
    rest: tuple[str, ...] = ()  # path parts after the subresource


def parse(request: Request) -> RequestInfo:
    """What the request is about."""
    verb = _VERBS.get(request.method, "")
    other = RequestInfo(is_resource=False, verb=request.method.lower(), path=request.path)
    parts = request.path.strip("/").split("/")
    if len(parts) < 3 or request.path.startswith("//") or parts[0] not in ("api", "apis"):
        return other
    group = ""
    if parts[0] == "apis":
        if len(parts) < 4:
            return other
        group = parts[1]
        parts = parts[1:]
    version, parts = parts[1], parts[2:]
    if parts and parts[0] == "watch" and len(parts) > 1 and verb == "get":
        verb, parts = "watch", parts[1:]
    namespace = ""
    if parts[0] == "namespaces":
        if len(parts) > 1:
            namespace = parts[1]
        if len(parts) > 2 and not (parts[2] in _NAMESPACE_PARTS and len(parts) == 3):
            parts = parts[2:]
    resource, name = parts[0], parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    if not name and verb in ("get", "watch"):
        verb = "watch" if verb == "watch" or _is_true(request.param("watch"), request) else "list"
    elif not name and verb == "delete":
        verb = "deletecollection"
    return RequestInfo(
        is_resource=True,
        verb=verb,
        path=request.path,
        group=group,
        version=version,
        namespace=namespace,
        resource=resource,
        name=name,
        subresource=subresource,
        rest=tuple(parts[3:]),
    )


def _is_true(value: str, request: Request) -> bool:
    """A query parameter's truth as apimachinery reads it: present, and neither `0` nor `false`."""
    return request.has_param("watch") and value.lower() not in ("0", "false")
