"""Decoding what clients send into objects of a resource, and the schema view that field ownership needs.

Built-in kinds go through the Go-like codec and their defaults, custom ones through their structural schema. Strict
decoding errors become a refusal or warnings, as the request's fieldValidation says.
"""

from dataclasses import dataclass
from typing import Any

from karmactl.embedded import convert
from karmactl.embedded.body import BodyError, Parsed, parse_json
from karmactl.embedded.call import Call
from karmactl.embedded.fields.paths import FieldSet
from karmactl.embedded.http import Request
from karmactl.embedded.kinds import conversion, defaults
from karmactl.embedded.kinds.registry import strategy_of
from karmactl.embedded.negotiation import body_type
from karmactl.embedded.refusals import ApiError, bad_request
from karmactl.embedded.resource import Resource
from karmactl.embedded.schema import builtin, protobuf
from karmactl.embedded.schema.codec import DecodeError, decode, zero
from karmactl.embedded.schema.node import Node
from karmactl.embedded.schema.structural import decode_custom
from karmactl.embedded.values import Object

MAX_REQUEST = 3 * 1024 * 1024


def node_of(resource: Resource) -> Node:
    """The schema of the resource's objects."""
    if resource.schema is not None:
        return resource.schema
    return builtin.node_of(resource.type_name)


def read_body(request: Request) -> Parsed:
    """The body's value; raises BodyError, or ApiError 413 and 415."""
    check_size(request)
    media_type = body_type(request)
    if media_type == "application/yaml":
        from karmactl.embedded.yamlbody import parse_yaml

        return parse_yaml(request.body)
    if media_type == "application/vnd.kubernetes.protobuf":
        return _read_protobuf(request.body)
    return parse_json(request.body)


def _read_protobuf(body: bytes) -> Parsed:
    try:
        api_version, kind, message = protobuf.envelope(body)
        group, version = _split(api_version)
        name = builtin.type_name(group, version, kind)
        value = protobuf.decode(builtin.node_of(name), message) if name else {}
    except (protobuf.ProtobufError, UnicodeDecodeError) as exc:
        raise BodyError(
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"
        ) from exc
    return Parsed({"apiVersion": api_version, "kind": kind, **value})


def check_size(request: Request) -> None:
    """Raises ApiError 413 for a body above the limit."""
    if len(request.body) > MAX_REQUEST:
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {MAX_REQUEST}")


def _excerpt(body: bytes) -> str:
    """The body as apimachinery quotes it: text that looks like JSON, other bytes as hex, cut short."""
    looks_like_json = body.lstrip()[:1] == b"{"
    shown = body[:30].decode("utf-8", "replace") if looks_like_json else body[:30].hex()
    return shown + (" ..." if len(body) > 30 else "")


_HEADER = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
_GO_KINDS: dict[type, str] = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}


def _unrecognized(resource: Resource, request: Request, why: str) -> ApiError:
    return bad_request(
        f"the object provided is unrecognized (must be of type {resource.kind}): {why} ({_excerpt(request.body)})"
    )


def no_object(what: str) -> str:
    """Why a JSON value that Go calls so is no object of any kind."""
    return f"couldn't get version/kind; json parse error: json: cannot unmarshal {what} into Go value of type {_HEADER}"


def decode_body(call: Call, kind: str = "", node: Node | None = None, api_version: str = "") -> Object:
    """The object that the request carries, decoded and with defaults; raises ApiError.

    `kind`, `node` and `api_version` are given where the endpoint takes another kind than the resource's own.
    """
    resource = call.resource
    kind = kind or resource.kind
    api_version = api_version or resource.api_version
    try:
        parsed = read_body(call.request)
    except BodyError as exc:
        if "protobuf" in str(exc):
            raise _unrecognized(resource, call.request, str(exc)) from exc
        raise _unrecognized(resource, call.request, f"couldn't get version/kind; json parse error: {exc}") from exc
    value = parsed.value
    if value is None:
        value = {}
    if not isinstance(value, dict):
        what = next((name for t, name in _GO_KINDS.items() if isinstance(value, t)), "object")
        raise _unrecognized(resource, call.request, no_object(what))
    _check_kind(call, value, kind, api_version)
    if node is None:
        obj, unknown = decode_value(resource, value)
    else:
        try:
            obj, unknown = decode(node, value)
        except DecodeError as exc:
            raise cannot_handle(kind, api_version, kind, str(exc)) from exc
        obj = {"kind": kind, "apiVersion": api_version, **obj}
        obj["kind"], obj["apiVersion"] = kind, api_version
    complaints = [d if d.startswith("yaml:") else f'duplicate field "{d}"' for d in parsed.duplicates] + [
        f'unknown field "{u}"' for u in unknown
    ]
    apply_strictness(call, complaints, kind, api_version)
    return obj


def apply_strictness(call: Call, complaints: list[str], kind: str, api_version: str) -> None:
    """Refuses or warns of strict decoding errors, as the request asks; raises ApiError 400."""
    if not complaints or call.field_validation == "Ignore":
        return
    if call.field_validation == "Strict":
        raise cannot_handle(kind, api_version, kind, "strict decoding error: " + ", ".join(complaints))
    for text in complaints:
        for line in text.removeprefix("yaml: unmarshal errors:\n").split("\n"):
            call.warn(line.strip())


def cannot_handle(kind: str, api_version: str, wanted: str, why: str) -> ApiError:
    version = api_version.rpartition("/")[2]
    return bad_request(f'{kind} in version "{version}" cannot be handled as a {wanted}: {why}')


def _check_kind(call: Call, value: Object, kind: str, api_version: str) -> None:
    """Raises ApiError 400 unless apiVersion and kind, where given, are those of the endpoint."""
    given_kind, given_version = value.get("kind") or "", value.get("apiVersion") or ""
    if not isinstance(given_kind, str) or not isinstance(given_version, str):
        return
    if call.resource.is_custom and (not given_kind or not given_version):
        missing = "kind" if not given_kind else "apiVersion"
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind}): "
            f"Object '{missing.capitalize() if missing == 'kind' else missing}' is missing in "
            f"'{call.request.body.decode('utf-8', 'replace')}' ({_excerpt(call.request.body)})"
        )
    given_kind, given_version = given_kind or kind, given_version or api_version
    if (given_kind, given_version) == (kind, api_version):
        return
    known = call.cluster.catalog.by_kind(*_split(given_version), given_kind)
    if given_kind == kind and known is not None:
        raise bad_request(
            f"the API version in the data ({given_version}) does not match the expected API version ({api_version})"
        )
    why = foreign_kind(call, given_version, given_kind)
    raise cannot_handle(given_kind, given_version, kind, why)


def foreign_kind(call: Call, api_version: str, kind: str) -> str:
    """Why an object of another kind than the resource's is none of the resource."""
    group, version = _split(api_version)
    known = builtin.type_name(group, version, kind) or call.cluster.catalog.by_kind(group, version, kind)
    if known or kind in ("List", "Status"):
        own = f"{_internal(call.resource)}.{call.resource.kind}"
        return f"converting ({version}.{kind}) to ({own}): unknown conversion"
    scheme = _SCHEMES.get(call.resource.group, "pkg/api/legacyscheme/scheme.go:30")
    return f'no kind "{kind}" is registered for version "{api_version}" in scheme "{scheme}"'


# Where upstream's servers make their registries of types; texts name the place.
_SCHEMES = {
    "apiregistration.k8s.io": "k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28",
    "apiextensions.k8s.io": "k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55",
}


def _internal(resource: Resource) -> str:
    return resource.group.split(".")[0] or "core"


def _split(api_version: str) -> tuple[str, str]:
    group, _, version = api_version.rpartition("/")
    return group, version


def decode_value(resource: Resource, value: Object) -> tuple[Object, list[str]]:
    """An object of the resource from plain JSON, with defaults, and its unknown fields; raises ApiError 400."""
    try:
        return decode_plain(resource, value)
    except DecodeError as exc:
        raise cannot_handle(resource.kind, resource.api_version, resource.kind, str(exc)) from exc


def decode_plain(resource: Resource, value: Object) -> tuple[Object, list[str]]:
    """As decode_value; raises DecodeError."""
    if resource.schema is not None:
        obj, unknown = decode_custom(resource.schema, value)
    else:
        obj, unknown = decode(node_of(resource), value)
        fill_defaults(resource, obj)
        conversion.settle(resource.table, obj)
    obj["kind"], obj["apiVersion"] = resource.kind, resource.api_version
    return obj, unknown


def fill_defaults(resource: Resource, obj: Object) -> None:
    """Puts the kind's defaults into an object, in place."""
    defaults.fill(node_of(resource), obj)


def empty(resource: Resource) -> Object:
    """The object that a create starts from: a zero value of the kind."""
    if resource.is_custom:
        return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": {}}
    out = zero(node_of(resource))
    out["apiVersion"], out["kind"] = resource.api_version, resource.kind
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class KindVersions:
    """The versions of a resource's kind as field ownership sees them, from one endpoint of it."""

    call: Call
    subresource: str = ""

    def node(self, version: str) -> Node | None:
        """The schema of the kind in an API version."""
        resource = self.call.resource
        if version == resource.api_version:
            return node_of(resource)
        group, short = _split(version)
        found = self.call.cluster.catalog.by_kind(group, short, resource.kind)
        return node_of(found) if found is not None else None

    def convert(self, value: Any, to: str) -> Any:
        """The object in another API version."""
        return convert.to_version(value, to) if isinstance(value, dict) else value

    def zero(self) -> Object:
        """The zero value of the kind."""
        return empty(self.call.resource)

    def ignored(self, version: str) -> FieldSet:
        """What the endpoint resets: status through the object, the rest through /status."""
        strategy = strategy_of(self.call.resource)
        has_status = self.call.resource.subresource("status") is not None
        if self.subresource in ("status", "approval"):
            return FieldSet.of(*strategy.status_resets)
        return FieldSet.of(*strategy.main_resets) if has_status else FieldSet()
