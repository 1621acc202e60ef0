"""What is wrong with a policy, as data: where, of which sort, and in Karmada's words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Problem", "Stage"]


class Stage(Enum):
    """Who refuses: the decoder, the schema of the CRD, or the webhook."""

    DECODE = "decode"
    SCHEMA = "schema"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault: `field` as in `spec.placement.spreadConstraints[0]`, "" for the whole; `type` is Kubernetes' word."""

    stage: Stage
    field: str
    type: str
    detail: str

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}" if self.field else self.detail
