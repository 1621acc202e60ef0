"""Foreign text made fit to show: without control characters and cut to size."""

from __future__ import annotations

import re

__all__ = ["clean_text"]

_MAX_BYTES = 2048
# C0 and C1 controls, and the marks that turn the direction of text around. Line ends become spaces first.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str, *, max_bytes: int = _MAX_BYTES) -> str:
    """The text on one line, with no control character, in at most `max_bytes` of UTF-8."""
    # Cut first as well: an answer may be megabytes long.
    cleaned = _CONTROL.sub("", re.sub(r"[\r\n\t]+", " ", text[: 2 * max_bytes])).strip()
    encoded = cleaned.encode("utf-8", "replace")
    if len(encoded) <= max_bytes:
        return cleaned
    return encoded[: max_bytes - 3].decode("utf-8", "ignore") + "…"
