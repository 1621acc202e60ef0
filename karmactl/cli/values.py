"""What is typed after a flag, as values: names of sets, durations and lists.

It imports next to nothing, so that commands which need no more start fast.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from karmactl.errors import UsageError

__all__ = ["check_set_name", "parse_duration", "split_values"]

_DURATION: Final = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")

# Part of the names of Secrets and Leases, and a label's value: the stricter of the three rules, part by part.
_SET_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")


def check_set_name(name: str) -> str:
    """The name of a set, as it came; "" is none. Raises UsageError `bad-set` where no member could hold its record."""
    if name and not _SET_NAME.fullmatch(name):
        raise UsageError(
            "bad-set",
            f"{name[:80]!r} cannot be the name of a set",
            hint="lower case letters, digits, '-' and '.', at most 63, a letter or digit at both ends",
        )
    return name


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
