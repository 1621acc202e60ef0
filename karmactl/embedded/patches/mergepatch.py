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


def shown(merged: Any, patch: Any) -> Any:
    """The merged document as the API server's library prints it: what the patch touched has its keys sorted."""
    if not isinstance(merged, dict):
        return merged
    inside = patch if isinstance(patch, dict) else {}
    names = sorted(merged) if isinstance(patch, dict) else list(merged)
    return {k: shown(merged[k], inside[k]) if k in inside else merged[k] for k in names}
