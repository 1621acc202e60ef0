"""From a routed request to the verb that serves it, and to 404 or 405 where there is none."""

from collections.abc import Awaitable, Callable

from karmactl.embedded.call import Call
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import check_produced
from karmactl.embedded.refusals import ApiError, no_route, not_found
from karmactl.embedded.resource import Resource
from karmactl.embedded.resources import CONNECT, PROXY
from karmactl.embedded.verbs import (
    connect,
    create,
    delete,
    patch,
    read,
    reviews,
    scale,
    subresources,
    token,
    update,
    watch,
)
from karmactl.embedded.verbs.write import find_live
from karmactl.embedded.warnings import DEPRECATED

Serve = Callable[[Call], Awaitable[Response]]


async def _create(call: Call) -> Response:
    return create.create(call)


async def _update(call: Call) -> Response:
    return update.update(call)


async def _patch(call: Call) -> Response:
    return patch.patch(call)


async def _delete(call: Call) -> Response:
    return delete.delete(call)


_OBJECT_VERBS: dict[str, Serve] = {
    "get": read.get,
    "list": read.list_objects,
    "watch": watch.watch,
    "create": _create,
    "update": _update,
    "patch": _patch,
    "delete": _delete,
    "deletecollection": delete.delete_collection,
}
_STATUS_VERBS: dict[str, Serve] = {"get": read.get, "update": _update, "patch": _patch}


def _sync(function: Callable[[Call], Response]) -> Serve:
    async def serve(call: Call) -> Response:
        return function(call)

    return serve


# parts of an object that are written like the object itself go with `status`
_SUBRESOURCES: dict[str, dict[str, Serve]] = {
    "status": _STATUS_VERBS,
    "approval": _STATUS_VERBS,
    "ephemeralcontainers": _STATUS_VERBS,
    "resize": _STATUS_VERBS,
    "scale": {"get": _sync(scale.get), "update": _sync(scale.update), "patch": _sync(scale.patch)},
    "binding": {"create": _sync(subresources.bind)},
    "eviction": {"create": _sync(subresources.evict)},
    "token": {"create": _sync(token.token)},
    "finalize": {"update": _sync(subresources.finalize)},
    "log": {"get": _sync(connect.log)},
    "exec": dict.fromkeys(CONNECT, _sync(connect.stream)),
    "attach": dict.fromkeys(CONNECT, _sync(connect.stream)),
    "portforward": dict.fromkeys(CONNECT, _sync(connect.stream)),
    "proxy": dict.fromkeys(PROXY, _sync(connect.proxy)),
}


def method_not_allowed() -> ApiError:
    """405 for a method that a known path does not take."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def method_not_supported(resource: Resource, verb: str) -> ApiError:
    """405 for a verb that a custom resource does not take."""
    group_resource = resource.group_resource
    return ApiError(
        405,
        "MethodNotAllowed",
        f'{verb} is not supported on resources of kind "{group_resource}"',
        {"group": resource.group, "kind": resource.plural},
    )


async def dispatch(call: Call) -> Response:
    """Serves a request to a known resource; raises ApiError."""
    info, resource = call.info, call.resource
    deprecated = DEPRECATED.get((resource.group, resource.version, resource.plural)) or resource.deprecation
    if deprecated:
        call.warn(deprecated)
    if info.subresource:
        sub = resource.subresource(info.subresource)
        if sub is None:
            if resource.is_custom:
                raise not_found(resource.group_resource, info.name)
            raise no_route()
        call.subresource = sub
        if call.request.method == "HEAD" or info.verb not in sub.verbs:
            raise method_not_supported(resource, info.verb) if resource.is_custom else method_not_allowed()
        if not resource.is_custom:
            check_produced(call.request)
        serve = _SUBRESOURCES.get(sub.name, {}).get(info.verb)
        if serve is None:
            find_live(call)
            raise no_route()
        return await serve(call)
    _check_scope(call)
    if info.verb not in resource.verbs or call.request.method == "HEAD":
        raise method_not_allowed()
    if not resource.is_custom:
        check_produced(call.request, is_collection=info.verb in ("list", "watch") and not info.name)
    if info.verb == "create" and resource.group in _REVIEWS and reviews.is_review(resource.plural):
        return reviews.create(call)
    return await _OBJECT_VERBS[info.verb](call)


_REVIEWS = ("authorization.k8s.io", "authentication.k8s.io")


def _check_scope(call: Call) -> None:
    """Paths that mix up scopes: a namespaced object without namespace, or the other way round."""
    info, resource = call.info, call.resource
    is_namespace = resource.table == ("", "namespaces")
    if resource.namespaced and not info.namespace:
        if info.name:
            raise no_route()
        if info.verb not in ("list", "watch"):
            raise method_not_allowed() if "list" in resource.verbs else no_route()
    if not resource.namespaced and info.namespace and not is_namespace:
        raise no_route()
    if info.verb in ("update", "patch", "delete") and not info.name:
        raise method_not_allowed()
    if info.verb == "create" and info.name:
        raise method_not_allowed()
