"""What is typed after a flag, as values: durations and lists.

It imports next to nothing, so that commands which need no more start fast.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from karmactl.errors import UsageError

__all__ = ["parse_duration", "split_values"]

_DURATION: Final = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")


def parse_duration(text: str, flag: str) -> float:
    """Seconds of `90`, `5m30s` or `1h`. Raises UsageError `bad-duration`."""
    if text.replace(".", "", 1).isdigit():
        return float(text)
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        raise UsageError("bad-duration", f"{flag}: {text!r} is no duration", hint="say 30s, 5m30s, 1h or plain seconds")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def split_values(values: Sequence[str] | None) -> tuple[str, ...]:
    """Repeated values, each split at commas."""
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())
