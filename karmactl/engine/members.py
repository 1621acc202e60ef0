"""Members at run time: the ports of each cluster, and what one look at all of them found.

`survey_fleet` asks every member at once for its identity, APIs, facts and state; who does not answer is kept as
Unknown, never as empty (I4, I13). Which copy of the record counts is decided here: the newest one, and only if a
majority of its holders answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import Manifest, as_str, metadata_of
from karmactl.core.model.ports import APIKind, Discovery, DryRunner, Reader, Writer
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import Holders, Record
from karmactl.core.state import SET_LABEL, MemberState, decode_member_state, parent_name
from karmactl.errors import ClusterError, KarmactlError, StateError

__all__ = [
    "LEASE_KIND",
    "NAMESPACE_KIND",
    "SECRET_KIND",
    "FactsSource",
    "FleetView",
    "MemberPorts",
    "MemberView",
    "choose_holders",
    "require_majority",
    "state_version",
    "survey_fleet",
]

NAMESPACE_KIND = APIKind(group="", version="v1", kind="Namespace", resource="namespaces", is_namespaced=False)
SECRET_KIND = APIKind(group="", version="v1", kind="Secret", resource="secrets", is_namespaced=True)
LEASE_KIND = APIKind(group="coordination.k8s.io", version="v1", kind="Lease", resource="leases", is_namespaced=True)
_MOST_HOLDERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPorts:
    """The ports of one member. Commands that promise not to write are built without a Writer (I1)."""

    name: str
    reader: Reader
    dry_runner: DryRunner
    writer: Writer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """What one member answered."""

    name: str
    uid: str
    discovery: Discovery
    facts: Cluster
    state: MemberState
    warnings: tuple[Reason, ...] = ()


# Reads a member's facts (identity and version in them), what it serves, and warnings; handed in by the wiring.
FactsSource = Callable[[Reader], Awaitable[tuple[Cluster, Discovery, tuple[Reason, ...]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetView:
    """What all members answered: views and failures by name, and the record with who holds it.

    `holders` are those of the newest epoch; for a set that was never applied they are chosen from who answered.
    `has_majority` says whether enough of them answered to believe `record`.
    """

    views: Mapping[str, MemberView]
    failures: Mapping[str, KarmactlError]
    record: Record = field(default_factory=Record)
    holders: Holders = field(default_factory=Holders)
    has_majority: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every member answered."""
        return not self.failures


async def survey_fleet(
    members: Sequence[MemberPorts], set_name: str, *, namespace: str, facts: FactsSource
) -> FleetView:
    """One look at every member, all at once.

    Raises StateError where a member's state is unreadable: a wrong guess there could delete.
    """
    answers = await asyncio.gather(*(_survey_member(member, set_name, namespace, facts) for member in members))
    views: dict[str, MemberView] = {}
    failures: dict[str, KarmactlError] = {}
    for member, answer in zip(members, answers, strict=True):
        if isinstance(answer, MemberView):
            views[member.name] = answer
        else:
            failures[member.name] = answer
    record, holders, has_majority = _read_record(views, len(members))
    return FleetView(views=views, failures=failures, record=record, holders=holders, has_majority=has_majority)


async def _survey_member(
    member: MemberPorts, set_name: str, namespace: str, facts: FactsSource
) -> MemberView | ClusterError:
    try:
        (cluster, discovery, warnings), secrets = await asyncio.gather(
            facts(member.reader), _state_objects(member, set_name, namespace)
        )
    except ClusterError as error:
        return error
    return MemberView(
        name=member.name,
        uid=cluster.uid,
        discovery=discovery,
        facts=cluster,
        state=decode_member_state(secrets, set_name, cluster=member.name),
        warnings=warnings,
    )


async def _state_objects(member: MemberPorts, set_name: str, namespace: str) -> Sequence[Manifest]:
    if not set_name:
        return ()
    return await member.reader.list(SECRET_KIND, namespace=namespace, label_selector=f"{SET_LABEL}={set_name}")


async def state_version(member: MemberPorts, set_name: str, *, namespace: str) -> str | None:
    """The version of a member's parent Secret, "" where there is none; None where the member does not answer."""
    try:
        found = await member.reader.get(SECRET_KIND, namespace, parent_name(set_name))
    except ClusterError:
        return None
    return as_str(metadata_of(found).get("resourceVersion")) if found else ""


def _read_record(views: Mapping[str, MemberView], fleet_size: int) -> tuple[Record, Holders, bool]:
    known = [view.state.holders for view in views.values() if view.state.holders.uid_by_cluster]
    if not known:
        return Record(), choose_holders(views), _may_be_first(len(views), fleet_size)
    holders = max(known, key=lambda entry: entry.epoch)
    # A holder is who it is by UID: names are the fleet file's, and may have changed.
    wanted = set(holders.uid_by_cluster.values())
    answering = [view for view in views.values() if view.uid in wanted]
    copies = [view.state.record for view in answering if view.state.record is not None]
    newest = max(copies, key=lambda record: record.generation, default=Record())
    return newest, holders, len(answering) >= holders.majority


def choose_holders(views: Mapping[str, MemberView]) -> Holders:
    """The first choice: the (at most five) members with the lowest UIDs."""
    chosen = sorted(views.values(), key=lambda view: (view.uid, view.name))[:_MOST_HOLDERS]
    return Holders(epoch=1, uid_by_cluster={view.name: view.uid for view in sorted(chosen, key=lambda v: v.name)})


def _may_be_first(answered: int, fleet_size: int) -> bool:
    """Whether those who did not answer are too few to hold a record that a majority once acknowledged."""
    majority = min(_MOST_HOLDERS, fleet_size) // 2 + 1
    return answered > 0 and fleet_size - answered < majority


def require_majority(view: FleetView, *, is_allowed_without: bool) -> None:
    """Refuse to write where too few holders of the record answered (I13).

    Raises StateError `record-no-majority` unless the user said `--allow-minority`.
    """
    if view.has_majority or is_allowed_without:
        return
    silent = ", ".join(sorted(view.failures)) or "none"
    raise StateError(
        "record-no-majority",
        f"{len(view.views)} of {len(view.views) + len(view.failures)} members answer, which is no majority of those "
        f"that hold the record; silent: {silent}",
        why="without a majority the placement is unknown, and a guess could run work twice or delete it",
        hint="bring a silent member back, or act on what answers with --allow-minority",
    )
