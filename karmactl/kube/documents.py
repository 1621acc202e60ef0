"""The JSON objects that servers send, read so that anything else is an error and never an empty object (I4)."""

from __future__ import annotations

import orjson

from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.errors import Unreachable

__all__ = ["no_answer", "read_object"]


def read_object(cluster: str, body: bytes) -> Manifest:
    """The object that a body holds. Raises Unreachable `answer-not-kubernetes`."""
    try:
        document: JSONValue = orjson.loads(body)
    except orjson.JSONDecodeError:
        # Not chained: the cause holds the whole answer.
        raise no_answer(cluster, "JSON object") from None
    if not isinstance(document, dict):
        raise no_answer(cluster, "JSON object")
    return document


def no_answer(cluster: str, what: str) -> Unreachable:
    """The error for an answer that is not what a Kubernetes API server sends."""
    return Unreachable("answer-not-kubernetes", f"{cluster} sent something that is no {what}", cluster=cluster)
