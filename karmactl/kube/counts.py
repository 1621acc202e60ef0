"""How many requests of which sort went to one cluster: what a no-op run promises (LISTs alone) is shown from here."""

from __future__ import annotations

from collections import Counter
from typing import Literal

__all__ = ["RequestCounts", "Verb"]

Verb = Literal["DISCOVER", "GET", "LIST", "WATCH", "REVIEW", "DRY_RUN", "CREATE", "APPLY", "REPLACE", "PATCH", "DELETE"]
_WRITES: tuple[Verb, ...] = ("CREATE", "APPLY", "REPLACE", "PATCH", "DELETE")


class RequestCounts(Counter[Verb]):
    """Requests by verb, every attempt counted. A dry-run and a review of permissions are not writes."""

    @property
    def writes(self) -> int:
        """Requests that could have changed something."""
        return sum(self[verb] for verb in _WRITES)

    @property
    def reads(self) -> int:
        """All the others."""
        return self.total() - self.writes
