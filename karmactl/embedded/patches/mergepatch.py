"""Merge patch (RFC 7386)."""

from typing import Any

from karmactl.embedded.values import copy


def apply(document: Any, patch: Any) -> Any:
    """The document with the patch laid over it; null removes a key."""
    if not isinstance(patch, dict):
        return copy(patch)
    out = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = apply(out.get(key), value)
    return out
