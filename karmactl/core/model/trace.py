"""What overrides do to one object, field by field: which rules touch it in which order, and who has the last word."""

from __future__ import annotations

from dataclasses import dataclass

from karmactl.core.model.change import Masked
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.reason import Reason
from karmactl.core.model.work import WorkFault
from karmactl.errors import Location

__all__ = ["OverriddenField", "OverrideStep", "OverrideTrace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideStep:
    """What one rule did to a field. `overruled` says why a later rule had the last word; None: this one has it."""

    source: str
    rule_index: int
    location: Location | None = None
    before: JSONValue | Masked = None
    after: JSONValue | Masked = None
    overruled: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverriddenField:
    """One field that overrides change: `path` is a JSON pointer, `keyed_path` the same for people; steps in order."""

    path: str
    keyed_path: str
    steps: tuple[OverrideStep, ...]

    @property
    def is_contested(self) -> bool:
        """Whether rules contradict each other about it."""
        return any(step.overruled is not None for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideTrace:
    """What overrides do to one object in `clusters` (all alike); `fault` where one of them does not apply."""

    clusters: tuple[str, ...]
    fields: tuple[OverriddenField, ...] = ()
    fault: WorkFault | None = None
