"""Which form an answer takes (Accept) and which form a body has (Content-Type).

JSON and YAML are spoken; protobuf is offered by upstream and not here, and clients that prefer it list JSON as
well. `as=Table` and `as=PartialObjectMetadata[List]` ask for a different object in place of the real one.
"""

from dataclasses import dataclass

from karmactl.embedded.http import Request
from karmactl.embedded.refusals import bad_request, not_acceptable, unsupported_media_type

OBJECT_TYPES = ("application/json", "application/yaml", "application/vnd.kubernetes.protobuf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The form of the answer: media type, the kind asked for with `as`, and its version."""

    media_type: str = "application/json"
    convert: str = ""  # Table, PartialObjectMetadata, PartialObjectMetadataList, APIGroupDiscoveryList
    version: str = ""
    group: str = ""
    pretty: bool = False
    header: str = "application/json"  # content type of the answer


def parse_accept(header: str) -> list[tuple[str, dict[str, str]]]:
    """Media types with their parameters, in order of preference."""
    found = []
    for index, part in enumerate(header.split(",")):
        media_type, *params = [p.strip() for p in part.split(";")]
        given = {k.strip(): v.strip() for k, _, v in (p.partition("=") for p in params)}
        try:
            quality = float(given.pop("q", "1"))
        except ValueError:
            quality = 1.0
        found.append((-quality, index, media_type.lower(), given))
    found.sort(key=lambda f: (f[0], f[1]))
    return [(media_type, given) for _, _, media_type, given in found if media_type]


def _is_browser(request: Request) -> bool:
    agent = request.header("user-agent")
    return agent.startswith(("curl", "Wget", "Mozilla/5.0"))


def is_pretty(request: Request) -> bool:
    """Whether the answer is to be indented: asked for, or for a person at a terminal."""
    if request.has_param("pretty"):
        return request.param("pretty") not in ("0", "false")
    return _is_browser(request)


_WRONG_FORM = {
    ("PartialObjectMetadata", "PartialObjectMetadataList"): (
        "you requested PartialObjectMetadata, but the requested object is a list ({kind}List)"
    ),
    ("PartialObjectMetadataList", "PartialObjectMetadata"): (
        "you requested PartialObjectMetadataList, but the requested object is not a list ({kind})"
    ),
}


def accept(request: Request, convertible: tuple[str, ...] = (), kind: str = "") -> Accepted:
    """The form of the answer; raises ApiError 406 where nothing that the client takes is on offer.

    `kind` is the Go name of the object's type, which the refusal of a form for lists quotes.
    """
    pretty = is_pretty(request)
    for media_type, params in parse_accept(request.header("accept")) or [("*/*", {})]:
        base = _base(media_type)
        if base is None:
            continue
        convert = params.get("as", "")
        if convert:
            wrong = _WRONG_FORM.get((convert, convertible[-1] if convertible else ""))
            if wrong is not None:
                raise bad_request(wrong.format(kind=kind))
            if convert not in convertible or params.get("v") not in ("v1", "v1beta1"):
                continue
            if params.get("g", "meta.k8s.io") != "meta.k8s.io":
                continue
        return Accepted(
            media_type=base,
            convert=convert,
            version=params.get("v", ""),
            group=params.get("g", ""),
            pretty=pretty,
            header=base,
        )
    raise not_acceptable(OBJECT_TYPES)


def _base(media_type: str) -> str | None:
    if media_type in ("*/*", "application/*", "application/json"):
        return "application/json"
    if media_type in ("application/yaml", "application/x-yaml"):
        return "application/yaml"
    return None


def body_type(request: Request) -> str:
    """The media type of an object's body: JSON where none is named; raises ApiError 415."""
    found = request.header("content-type").split(";")[0].strip().lower()
    if not found:
        return "application/json"
    if found in OBJECT_TYPES:
        return found
    raise unsupported_media_type(OBJECT_TYPES)
