"""Which form an answer takes (Accept) and which form a body has (Content-Type).

JSON and YAML are spoken; protobuf is offered by upstream and not here, and clients that prefer it list JSON as
well. `as=Table` and `as=PartialObjectMetadata[List]` ask for a different object in place of the real one.
"""

from dataclasses import dataclass

from karmactl.embedded.http import Request
from karmactl.embedded.refusals import ApiError, not_acceptable, plain_error, unsupported_media_type

UNSTRUCTURED = "*unstructured.Unstructured"  # the Go type of all custom resources
OBJECT_TYPES = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")
_STREAM_TYPES = ("application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The form of the answer: media type, the kind asked for with `as`, and its version."""

    media_type: str = "application/json"
    convert: str = ""  # Table, PartialObjectMetadata, PartialObjectMetadataList, APIGroupDiscoveryList
    version: str = ""
    group: str = ""
    pretty: bool = False
    header: str = "application/json"  # content type of the answer
    is_raw: bool = False  # without a newline at its end: how refusals are written when nothing fits


def parse_accept(header: str) -> list[tuple[str, dict[str, str]]]:
    """Media types with their parameters, the preferred first, wildcards last (goautoneg.ParseAccept)."""
    found = []
    for part in header.split(","):
        media_type, *params = [p.strip() for p in part.split(";")]
        if media_type == "*":
            media_type = "*/*"
        if media_type.count("/") != 1:
            continue
        given = {k.strip(): v.strip() for k, eq, v in (p.partition("=") for p in params) if eq and v and "=" not in v}
        try:
            quality = float(given.pop("q", "1"))
        except ValueError:
            quality = 0.0
        kind, _, sub = media_type.partition("/")
        found.append(((-quality, kind == "*", sub == "*"), media_type, given))
    found.sort(key=lambda f: f[0])
    return [(media_type, given) for _, media_type, given in found]


def check_produced(request: Request, is_collection: bool = False, types: tuple[str, ...] = OBJECT_TYPES) -> None:
    """Raises ApiError 406 unless the route itself has one of the types in Accept, letter by letter (go-restful)."""
    named = [part.split(";")[0].strip(" ") for part in (request.header("accept") or "*/*").split(",")]
    if "*/*" in named or any(name in types for name in named):
        return
    streams = _STREAM_TYPES if is_collection else ()
    offered = ", ".join((*types, *streams))
    raise ApiError(406, "NotAcceptable", f"406: Not Acceptable\n\nAvailable representations: {offered}", {})


def check_consumed(request: Request, types: tuple[str, ...]) -> None:
    """Raises ApiError 415 unless the route itself takes the body's type, letter by letter (go-restful)."""
    if request.header("content-type").split(";")[0].strip(" ") not in types:
        raise ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def _is_browser(request: Request) -> bool:
    agent = request.header("user-agent")
    return agent.startswith(("curl", "Wget", "Mozilla/5.0"))


def is_pretty(request: Request) -> bool:
    """Whether the answer is to be indented: asked for, or for a person at a terminal."""
    if request.has_param("pretty"):
        return request.param("pretty") not in ("0", "false")
    return _is_browser(request)


_FORMS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


def accept(request: Request, convertible: tuple[str, ...] = ()) -> Accepted:
    """The form of the answer; raises ApiError 406 where nothing that the client takes is on offer.

    `convertible` are the forms that the endpoint has beside the object's own.
    """
    pretty = is_pretty(request)
    for media_type, params in parse_accept(request.header("accept") or "*/*"):
        base = _base(media_type)
        if base is None or params.get("stream", "watch") != "watch":
            continue
        if ("as" in params or "g" in params or "v" in params) and not _is_offered(params, convertible):
            continue
        return Accepted(
            media_type=base,
            convert=params.get("as", ""),
            version=params.get("v", ""),
            group=params.get("g", ""),
            pretty=pretty or params.get("pretty") == "1",
            header=base,
        )
    raise not_acceptable(OBJECT_TYPES)


def accept_stream(accepted: Accepted) -> None:
    """Raises ApiError 406 where the form of the answer is none for streams: watches are JSON."""
    if accepted.media_type != "application/json":
        raise not_acceptable(_STREAM_TYPES)


def _is_offered(params: dict[str, str], convertible: tuple[str, ...]) -> bool:
    """Whether the form that `as` asks for is one of the endpoint's; objects and lists offer each other's too."""
    form = params.get("as", "")
    if form not in _FORMS or "Table" not in convertible:
        return form in convertible
    return params.get("v") in ("v1", "v1beta1") and params.get("g") == "meta.k8s.io"


def check_form(accepted: Accepted, is_list: bool, kind: str) -> None:
    """Raises ApiError 406 for the metadata of a list where an object is at hand, and the other way round.

    Upstream sees this when it writes the answer: what was asked for has been done. `kind` is the object's Go type.
    """
    if accepted.convert == "PartialObjectMetadata" and is_list:
        why = f"you requested PartialObjectMetadata, but the requested object is a list ({kind}List)"
    elif accepted.convert == "PartialObjectMetadataList" and not is_list:
        why = f"you requested PartialObjectMetadataList, but the requested object is not a list ({kind})"
    else:
        return
    if kind == UNSTRUCTURED and not is_list:
        raise plain_error("content is not a list")
    raise ApiError(406, "NotAcceptable", why)


def _base(media_type: str) -> str | None:
    if media_type in ("*/*", "application/*", "application/json"):
        return "application/json"
    return media_type if media_type == "application/yaml" else None


def body_type(request: Request) -> str:
    """The media type of an object's body: JSON where none is named; raises ApiError 415."""
    given = request.header("content-type")
    if not given:
        return "application/json"
    found = given.split(";")[0].strip().lower()
    if found in OBJECT_TYPES:
        return found
    raise unsupported_media_type(OBJECT_TYPES)
