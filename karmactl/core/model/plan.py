"""Plans: every decision with its reasons, and every change, as one value.

`karmactl plan` shows it, `diff` shows its changes, `why` its decisions, `apply` carries it out. The id is a digest of
the canonical form (`docs/adr/0004-plan-format.md`): the same inputs, record and live state give the same id (I9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from karmactl.core.model.binding import Binding, PolicyMatch, ScheduleResult, TargetCluster
from karmactl.core.model.change import ChangeSet, Guard
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.input import InputFile, Template
from karmactl.core.model.manifest import JSONValue, ResourceRef
from karmactl.core.model.reason import Reason

__all__ = ["Decision", "FleetMember", "Plan", "Standing"]


class Standing(Enum):
    """What the pipeline made of a template."""

    PLACED = "placed"
    """Scheduled in this run."""
    KEPT = "kept"
    """Stays as recorded: nothing asks for a new decision."""
    HELD = "held"
    """Stays as recorded although a decision is due: a member with a share does not answer."""
    ATTACHED = "attached"
    """Follows what needs it: a dependency, or a Namespace."""
    UNPLACEABLE = "unplaceable"
    """No cluster fits, or the decision failed, and nothing is recorded."""
    UNMATCHED = "unmatched"
    """No policy claims it."""
    SKIPPED = "skipped"
    """Lies in a namespace that Karmada never looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One template's way to its clusters.

    `targets` is what applies, after karmactl's differences from Karmada; `result.clusters` is what Karmada would say.
    `previous` is the recorded placement. `required_by` names what an attached template follows, `attached` the clusters
    where it is for that reason alone. `notes` are reasons beyond match and result (`kept-recorded`, `held-unreachable`,
    `kept-after-error`, `follows`, ...).
    """

    template: Template
    standing: Standing
    match: PolicyMatch
    binding: Binding | None = None
    result: ScheduleResult | None = None
    targets: tuple[TargetCluster, ...] = ()
    previous: tuple[TargetCluster, ...] = ()
    required_by: tuple[ResourceRef, ...] = ()
    attached: tuple[str, ...] = ()
    notes: tuple[Reason, ...] = ()

    @property
    def ref(self) -> ResourceRef:
        """The template's reference."""
        return self.template.ref

    @property
    def has_replicas(self) -> bool:
        """Whether replicas mean something for it."""
        return self.binding is not None and self.binding.is_workload


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetMember:
    """One member as the plan saw it: `error` is a code and message where it did not answer, "" where it did.

    `is_reachable` None: it was not asked. `facts_age_seconds` is the age of facts from a file or the record, where it
    is known.
    """

    name: str
    context: str = ""
    uid: str = ""
    version: str = ""
    is_reachable: bool | None = True
    error_code: str = ""
    error: str = ""
    facts: Cluster | None = None
    facts_age_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All of it. `is_complete` is False where a member or a list could not be read.

    `waves` are (number, name, change ids) in order. `generation` is the record's before the run.
    """

    id: str
    set_name: str
    decisions: tuple[Decision, ...] = ()
    change_sets: tuple[ChangeSet, ...] = ()
    guards: tuple[Guard, ...] = ()
    fleet: tuple[FleetMember, ...] = ()
    files: tuple[InputFile, ...] = ()
    waves: tuple[tuple[int, str, tuple[str, ...]], ...] = ()
    warnings: tuple[Reason, ...] = ()
    options: Mapping[str, JSONValue] = field(default_factory=dict)
    generation: int = 0
    is_complete: bool = True

    @property
    def is_offline(self) -> bool:
        """Whether no cluster was asked: the plan was made from files alone."""
        return bool(self.fleet) and all(member.is_reachable is None for member in self.fleet)
