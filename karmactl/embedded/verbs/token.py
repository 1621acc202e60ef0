"""Tokens of service accounts."""

from dataclasses import dataclass
from typing import Any

from karmactl.embedded.authn import User
from karmactl.embedded.call import Call, check_write_options
from karmactl.embedded.encode import respond
from karmactl.embedded.fields.manager import Actor, track_update
from karmactl.embedded.fields.paths import FieldSet
from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import accept
from karmactl.embedded.objects import decode_body
from karmactl.embedded.refusals import FieldError, GroupResource, bad_request, conflict, invalid, not_found
from karmactl.embedded.schema import builtin, codec
from karmactl.embedded.schema.codec import decode
from karmactl.embedded.schema.node import Node
from karmactl.embedded.values import Object, dig, go_quote, later, now
from karmactl.embedded.verbs.write import find_live

_VERSION = "authentication.k8s.io/v1"
_MIN_SECONDS = 600
_MAX_SECONDS = 1 << 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _OneVersion:
    """Field ownership of a kind with one version and no endpoint of its own."""

    schema: Node

    def node(self, version: str) -> Node | None:
        return self.schema

    def convert(self, value: Any, to: str) -> Any:
        return value

    def zero(self) -> Any:
        return codec.zero(self.schema)

    def ignored(self, version: str) -> FieldSet:
        return FieldSet()


def token(call: Call) -> Response:
    """A token for a service account, which the server then knows; raises ApiError."""
    check_write_options(call, "CreateOptions")
    name = builtin.type_name("authentication.k8s.io", "v1", "TokenRequest") or ""
    node = builtin.node_of(name)
    request = decode_body(call, "TokenRequest", node, _VERSION)
    if request["spec"].get("expirationSeconds") is None:
        request["spec"]["expirationSeconds"] = 3600
    # tracked like an object, though nobody stores it
    zero = {"apiVersion": _VERSION, "kind": "TokenRequest", **decode(node, {})[0]}
    zero["spec"].pop("expirationSeconds", None)
    actor = Actor(name=call.manager, version=_VERSION, subresource="token")
    request = track_update(_OneVersion(schema=node), zero, request, actor)
    account = find_live(call)
    meta = account["metadata"]
    _check_owner(call, request, meta)
    spec = request["spec"]
    seconds = spec["expirationSeconds"]
    spec["audiences"] = spec.get("audiences") or ["https://kubernetes.default.svc.cluster.local"]
    spec.setdefault("boundObjectRef", None)
    if not _MIN_SECONDS <= seconds <= _MAX_SECONDS:
        limit = "less than 10 minutes" if seconds < _MIN_SECONDS else "larger than 2^32 seconds"
        text = f"Invalid value: {seconds}: may not specify a duration {limit}"
        errors = [FieldError(field="spec.expirationSeconds", reason="FieldValueInvalid", text=text)]
        raise invalid("TokenRequest", "authentication.k8s.io", "", errors)
    if spec["boundObjectRef"]:
        _check_bound(call, spec["boundObjectRef"])
    user = User(
        name=f"system:serviceaccount:{meta['namespace']}:{meta['name']}",
        uid=meta["uid"],
        groups=("system:serviceaccounts", f"system:serviceaccounts:{meta['namespace']}", "system:authenticated"),
    )
    expires = later(seconds)
    request["metadata"] |= {
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
        "creationTimestamp": now(),
    }
    request["status"] = {"token": call.cluster.issue_token(user), "expirationTimestamp": expires}
    return respond(201, request, accept(call.request), call.warnings)


def _check_owner(call: Call, request: Object, owner: Object) -> None:
    """Raises ApiError for a request that says it is about another account."""
    given = request["metadata"]
    for field in ("name", "namespace"):
        if given.get(field) and given[field] != owner[field]:
            text = f"Invalid value: {go_quote(given[field])}: must match the service account {field} if specified"
            errors = [FieldError(field=f"metadata.{field}", reason="FieldValueInvalid", text=text)]
            raise invalid("TokenRequest", "authentication.k8s.io", call.info.name, errors)
    if given.get("uid") and given["uid"] != owner["uid"]:
        why = (
            f"the UID in the token request ({given['uid']}) does not match the UID of the service account "
            f"({owner['uid']})"
        )
        resource = GroupResource(group="authentication.k8s.io", resource="TokenRequest")
        raise conflict(resource, call.info.name, why)


def _check_bound(call: Call, ref: Object) -> None:
    """Raises ApiError for an object that a token cannot be bound to."""
    kind, version = ref.get("kind") or "", ref.get("apiVersion") or ""
    group, _, short = version.rpartition("/")
    plural = {"Pod": "pods", "Node": "nodes", "Secret": "secrets"}.get(kind) if not group else None
    if plural is None:
        raise bad_request(f"cannot bind token to object of type {group}/{short}, Kind={kind}")
    name = ref.get("name") or ""
    found = call.cluster.store.get(("", plural), ("" if plural == "nodes" else call.namespace, name))
    if found is None:
        raise not_found(GroupResource(group="", resource=plural), name)
    if plural == "pods" and dig(found, "spec", "serviceAccountName") != call.info.name:
        owner = f"cannot bind token for serviceaccount {go_quote(call.info.name)}"
        raise bad_request(f"{owner} to pod running with different serviceaccount name.")
    if ref.get("uid") and ref["uid"] != found["metadata"]["uid"]:
        why = (
            f"the UID in the bound object reference ({ref['uid']}) does not match the UID in record. The object might "
            "have been deleted and then recreated"
        )
        raise conflict(GroupResource(group=group, resource=kind), name, why)
