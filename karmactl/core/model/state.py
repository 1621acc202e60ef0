"""State as values: the inventory of one member, the record of the fleet, and who holds copies of the record.

What they mean and where they lie is `docs/adr/0002-state.md`; `core.state` turns them into objects and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.binding import GracefulEvictionTask, TargetCluster
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.policy import Placement

__all__ = [
    "ClusterRecord",
    "Deletion",
    "Holders",
    "Inventory",
    "InventoryRow",
    "PendingWithdrawal",
    "Record",
    "Revision",
    "TemplateRecord",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryRow:
    """One object that karmactl put (or is about to put) into a member.

    `uid` "" marks intent: written before the create, filled in after. `sent` digests what was sent, `live` the
    object as the member then held it, seen through the fields that were sent. `fields` is the set of fields sent, as
    the server wrote it into managedFields (compact JSON). `retained` names the rules by which fields of the files were
    left to the member, comma-separated: when such a rule ends the digests alone do not tell.
    """

    resource: ResourceRef
    uid: str = ""
    sent: str = ""
    live: str = ""
    fields: str = ""
    retained: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What one member holds of a set; `rows` sorted by resource."""

    rows: tuple[InventoryRow, ...] = ()

    def by_identity(self) -> dict[tuple[str, str, str, str], InventoryRow]:
        """Rows by (group, kind, namespace, name)."""
        return {row.resource.identity: row for row in self.rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRecord:
    """What was decided for one template, and how: the previous result that the next decision starts from.

    `clusters` is where it is. `attached` names those of them where it is only because others need it there: no result
    of its own policy (Karmada keeps them apart, too: spec.clusters and spec.requiredBy of a ResourceBinding).
    """

    resource: ResourceRef
    policy: str = ""
    placement: Placement | None = None
    clusters: tuple[TargetCluster, ...] = ()
    attached: tuple[str, ...] = ()
    affinity: str = ""
    digest: str = ""
    last_scheduled_time: str = ""
    reschedule_triggered_at: str = ""
    eviction_tasks: tuple[GracefulEvictionTask, ...] = ()

    @property
    def scheduled(self) -> tuple[TargetCluster, ...]:
        """What its own policy decided."""
        return tuple(target for target in self.clusters if target.name not in self.attached)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRecord:
    """What was known of a member when it last answered; `facts` is a Cluster manifest."""

    name: str
    uid: str = ""
    facts: str = ""
    seen_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingWithdrawal:
    """An object that should have left a member and has not yet."""

    cluster: str
    resource: ResourceRef
    uid: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """One object that a run took away: which, why, when (RFC 3339) and by whom.

    `is_done` False: the run wrote down that it would, and did not come to write down that it had.
    """

    cluster: str
    resource: ResourceRef
    uid: str = ""
    reason: str = ""
    generation: int = 0
    at: str = ""
    by: str = ""
    git_commit: str = ""
    is_done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One run that changed something: who, when, from which inputs."""

    generation: int
    applied_at: str
    applied_by: str
    input_roots: tuple[str, ...] = ()
    input_digest: str = ""
    git_commit: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The fleet's memory. Generation 0: nothing was ever applied."""

    generation: int = 0
    templates: tuple[TemplateRecord, ...] = ()
    clusters: tuple[ClusterRecord, ...] = ()
    pending: tuple[PendingWithdrawal, ...] = ()
    revisions: tuple[Revision, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    is_paused: bool = False

    def template(self, identity: tuple[str, str, str, str]) -> TemplateRecord | None:
        """The record of one template by (group, kind, namespace, name)."""
        for entry in self.templates:
            if entry.resource.identity == identity:
                return entry
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """Which members hold copies of the record: cluster name to UID, and the epoch of that choice."""

    epoch: int = 0
    uid_by_cluster: Mapping[str, str] = field(default_factory=dict)

    @property
    def majority(self) -> int:
        """How many must answer."""
        return len(self.uid_by_cluster) // 2 + 1
