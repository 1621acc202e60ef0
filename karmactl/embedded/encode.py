"""From a result to bytes: JSON or YAML, plain or pretty, as the object itself, as metadata only, or as a Table."""

from decimal import Decimal
from typing import Any

import orjson

from karmactl.embedded.http import Response
from karmactl.embedded.negotiation import Accepted
from karmactl.embedded.refusals import ApiError
from karmactl.embedded.values import Object

_PLAIN_UNTIL = 1e21


def _fallback(value: Any) -> Any:
    if isinstance(value, float):  # a number that remembers its text; Go writes whole ones without a point
        if not value.is_integer() or abs(value) >= _PLAIN_UNTIL:
            return float(value)
        # whole floats past 64 bits have as many digits as a float has, and then zeros
        return int(value) if abs(value) < 2**63 else orjson.Fragment(str(int(Decimal(repr(float(value))))))
    raise TypeError(type(value).__name__)


def dumps(value: Any, pretty: bool = False) -> bytes:
    """JSON bytes; integers beyond 64 bits become floats."""
    return orjson.dumps(value, default=_fallback, option=orjson.OPT_INDENT_2 if pretty else 0)


def go_dumps(value: Any, sort: bool = False) -> str:
    """JSON as Go's encoder writes it: what could be HTML is escaped; sorted as a Go map is, if asked for."""
    text = orjson.dumps(value, default=_fallback, option=orjson.OPT_SORT_KEYS if sort else 0).decode()
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def respond(status: int, value: Any, accepted: Accepted, warnings: list[str] | None = None) -> Response:
    """The answer that carries a value in the form that the client takes."""
    if accepted.media_type == "application/yaml":
        from karmactl.embedded.yamlbody import dump

        body = dump(value)
    else:
        body = dumps(value, accepted.pretty) + (b"" if accepted.is_raw else b"\n")
    headers = [("Warning", f"299 - {_quoted(text)}") for text in warnings or ()]
    return Response(status=status, content_type=accepted.header, body=body, headers=headers)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'


def refuse(error: ApiError, accepted: Accepted | None = None, warnings: list[str] | None = None) -> Response:
    """The answer that carries a refusal."""
    response = respond(error.code, error.body(), accepted or Accepted(), warnings)
    response.headers += list(error.headers.items())
    return response


def text(status: int, body: str) -> Response:
    """A plain text answer."""
    return Response(status=status, content_type="text/plain; charset=utf-8", body=body.encode())


def partial(obj: Object, version: str = "v1") -> Object:
    """The object's metadata alone, as a PartialObjectMetadata: as the server has it, before it is converted."""
    meta = obj.get("metadata") or {}
    added = _ADDED_BY_CONVERSION.get(obj.get("kind") or "")
    if added in (meta.get("annotations") or {}):
        annotations = {k: v for k, v in meta["annotations"].items() if k != added}
        meta = {k: v for k, v in {**meta, "annotations": annotations}.items() if k != "annotations" or v}
    return {"kind": "PartialObjectMetadata", "apiVersion": f"meta.k8s.io/{version}", "metadata": meta}


_ADDED_BY_CONVERSION = {"DaemonSet": "deprecated.daemonset.template.generation"}
