"""Members at run time: the ports of each cluster, and what one look at all of them found.

`survey_fleet` asks every member at once for its identity, APIs, facts and state; who does not answer is kept as
Unknown, never as empty (I4, I13). Which copy of the record counts is `core.quorum`'s matter.
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
from karmactl.core.quorum import HeldState, read_record
from karmactl.core.state import SET_LABEL, MemberState, decode_member_state, parent_name
from karmactl.errors import ClusterError, InternalError, KarmactlError, StateError

__all__ = [
    "LEASE_KIND",
    "NAMESPACE_KIND",
    "SECRET_KIND",
    "WITNESS",
    "FactsSource",
    "FleetView",
    "MemberPorts",
    "MemberView",
    "require_majority",
    "state_version",
    "survey_fleet",
    "writer_of",
]

NAMESPACE_KIND = APIKind(group="", version="v1", kind="Namespace", resource="namespaces", is_namespaced=False)
SECRET_KIND = APIKind(group="", version="v1", kind="Secret", resource="secrets", is_namespaced=True)
# What the API server of `witness:` is called beside the members; no cluster can have such a name.
WITNESS = "(witness)"
LEASE_KIND = APIKind(group="coordination.k8s.io", version="v1", kind="Lease", resource="leases", is_namespaced=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPorts:
    """The ports of one member. Commands that promise not to write are built without a Writer (I1)."""

    name: str
    reader: Reader
    dry_runner: DryRunner
    writer: Writer | None = None


def writer_of(member: MemberPorts) -> Writer:
    """The writer of a member. Raises InternalError where a reading command got this far."""
    if member.writer is None:
        raise InternalError("no-writer", f"something is to be written without a writer for {member.name}")
    return member.writer


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
    `has_majority` says whether enough of them answered to believe `record`. `is_stale_somewhere`: a holder has an older
    copy of it, which the next write mends. `witness` holds a copy of the record, and is no member: nothing is placed
    there; None where there is none, or it does not answer.
    """

    views: Mapping[str, MemberView]
    failures: Mapping[str, KarmactlError]
    record: Record = field(default_factory=Record)
    holders: Holders = field(default_factory=Holders)
    has_majority: bool = False
    is_stale_somewhere: bool = False
    witness: MemberView | None = None

    @property
    def state_views(self) -> Mapping[str, MemberView]:
        """Everybody that may hold state: the members that answered, and the witness."""
        return {**self.views, WITNESS: self.witness} if self.witness is not None else self.views

    @property
    def is_complete(self) -> bool:
        """Whether every member answered."""
        return not self.failures


async def survey_fleet(
    members: Sequence[MemberPorts],
    set_name: str,
    *,
    namespace: str,
    facts: FactsSource,
    witness: MemberPorts | None = None,
) -> FleetView:
    """One look at every member and the witness, all at once.

    Raises an ExceptionGroup of StateErrors where members' state is unreadable: a wrong guess there could delete.
    """
    asked = [*members, *([witness] if witness is not None else [])]
    answers = await asyncio.gather(*(_survey_member(member, set_name, namespace, facts) for member in asked))
    views: dict[str, MemberView] = {}
    failures: dict[str, KarmactlError] = {}
    unreadable: list[StateError] = []
    for member, answer in zip(asked, answers, strict=True):
        if isinstance(answer, MemberView):
            views[member.name] = answer
        elif isinstance(answer, StateError):
            unreadable.append(answer)
        else:
            failures[member.name] = answer
    if unreadable:
        raise ExceptionGroup("state", unreadable)
    reading = read_record({name: HeldState(uid=view.uid, state=view.state) for name, view in views.items()}, len(asked))
    seen_witness = views.pop(WITNESS, None)
    failures.pop(WITNESS, None)
    return FleetView(
        views=views,
        failures=failures,
        record=reading.record,
        holders=reading.holders,
        has_majority=reading.has_majority,
        is_stale_somewhere=reading.is_stale_somewhere,
        witness=seen_witness,
    )


async def _survey_member(
    member: MemberPorts, set_name: str, namespace: str, facts: FactsSource
) -> MemberView | ClusterError | StateError:
    async def ask() -> tuple[Cluster, Discovery, tuple[Reason, ...]]:
        return await facts(member.reader)

    try:
        # Where one fails the other is ended, too: nothing goes on behind the back of a run that is over.
        async with asyncio.TaskGroup() as tasks:
            asked_facts = tasks.create_task(ask())
            asked_state = tasks.create_task(_state_objects(member, set_name, namespace))
        state = decode_member_state(asked_state.result(), set_name, cluster=member.name)
    except StateError as error:
        return error
    except ExceptionGroup as group:
        first = group.exceptions[0]
        if isinstance(first, ClusterError):
            return first
        raise
    cluster, discovery, warnings = asked_facts.result()
    return MemberView(
        name=member.name, uid=cluster.uid, discovery=discovery, facts=cluster, state=state, warnings=warnings
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
