"""Changes: what a run would do to the clusters, as data, and what became of it.

A ChangeSet is one cluster's; a Plan joins all of them with the decisions behind. Unchanged objects are only counted.
No Work, live object or Secret value is held here: a plan can be saved, shown and compared (I2, I8, I9).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from karmactl.core.model.manifest import JSONValue, ResourceRef
from karmactl.core.model.reason import Reason
from karmactl.core.model.work import FieldOrigin

__all__ = [
    "Action",
    "ApplyReport",
    "Change",
    "ChangeResult",
    "ChangeSet",
    "FieldChange",
    "FieldHolder",
    "Guard",
    "Leaver",
    "Masked",
    "Outcome",
    "RetainedField",
    "Unknown",
    "Verdict",
]


class Action(Enum):
    """What happens to one object in one cluster. `held`, `conflict` and `unknown` are never sent."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    ADOPT = "adopt"
    WITHDRAW = "withdraw"
    PRUNE = "prune"
    HELD = "held"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """Stands for a sensitive value; `mark` tells equal values from different ones within one change."""

    mark: int = 1

    def __str__(self) -> str:
        return f"(masked {self.mark})" if self.mark > 1 else "(masked)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldHolder:
    """Who else holds or changed a field: the field manager, and when (RFC 3339, "" if the server did not say)."""

    manager: str
    time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that would change: `path` is a JSON pointer, `op` add, remove or replace.

    `keyed_path` is the same for people: dots, and list items by their name (`spec.containers[web].image`).

    `drift`: we applied it and somebody changed it since. `conflict`: we newly claim it and somebody else holds it.
    """

    path: str
    op: str
    keyed_path: str = ""
    before: JSONValue | Masked = None
    after: JSONValue | Masked = None
    origin: FieldOrigin | None = None
    drift: FieldHolder | None = None
    conflict: FieldHolder | None = None

    @property
    def is_sensitive(self) -> bool:
        """Whether the values are masked."""
        return isinstance(self.before, Masked) or isinstance(self.after, Masked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object in one cluster that is not as it should be.

    `id` is unique in a plan. `reason` says why (`new`, `changed`, `drift`, `placement`, `left-the-files`, ...). `after`
    lists ids of changes that must be done first, across clusters too. `unverified` says why the server could not check
    it beforehand ("" when it could). `live_uid` is the object as it was seen ("" for a create). `owned_digest` is of
    what would be sent and of what is held now, so that a plan is stale when either moves, secret values too; "" where
    the set has no key yet with which a secret value could be digested.
    """

    id: str
    cluster: str
    action: Action
    resource: ResourceRef
    reason: Reason
    fields: tuple[FieldChange, ...] = ()
    wave: int = 0
    after: tuple[str, ...] = ()
    live_uid: str = ""
    live_resource_version: str = ""
    unverified: str = ""
    is_forced: bool = False
    owned_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """Why an object of the inventory that no Work wants any more is there: what shall become of it.

    `action` is WITHDRAW, PRUNE, or None (it stays, and is shown as a leftover).
    """

    action: Action | None
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainedField:
    """A field in which a member's object keeps its own value though the files have another one.

    `path` is a JSON pointer into the live object, `keyed_path` the same for people. `rule` is `retain` (Karmada's rule
    for the kind), `autoscaler`, `ca-bundle` or `ignore`; `by` names who holds the value, "" where nobody is known to.
    `resource` None: the object that is spoken of.
    """

    path: str
    keyed_path: str
    rule: str
    by: str = ""
    resource: ResourceRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """What could not be looked at: never taken for absent (I4). `resource` "" speaks of the whole cluster."""

    cluster: str
    code: str
    message: str
    resource: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """One cluster's changes; `unchanged` counts what is as it should be, `leftovers` what left the files but stays.

    `retained` are fields that keep the member's value, each with its resource.
    """

    cluster: str
    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    leftovers: tuple[ResourceRef, ...] = ()
    unknowns: tuple[Unknown, ...] = ()
    retained: tuple[RetainedField, ...] = ()


class Verdict(Enum):
    """What a guard said."""

    PASS = "pass"
    REFUSE = "refuse"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One safety check: what it measured, its limit, and the flag that consents."""

    name: str
    verdict: Verdict
    measured: str = ""
    limit: str = ""
    flag: str = ""
    cluster: str = ""
    detail: str = ""


class Outcome(Enum):
    """What became of a change."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    PENDING = "pending"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """One change after the run; `ready_seconds`: from its start until the object was ready, None if not waited for."""

    change: Change
    outcome: Outcome
    error_code: str = ""
    error: str = ""
    ready_seconds: float | None = None
    is_ready: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """What happened, object by object; `failed_clusters` maps a cluster to why it could not be served."""

    results: tuple[ChangeResult, ...] = ()
    failed_clusters: Mapping[str, str] = field(default_factory=dict)
    requests: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    generation: int = 0
    is_interrupted: bool = False
