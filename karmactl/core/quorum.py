"""Which copy of the record counts, who holds copies, and who shall hold them from now on.

Every generation is claimed by one run alone (under the Lease), so the newest copy that anybody has is the one to go
on from; it is believed only where a majority of the holders spoke. A holder without a parent Secret has not spoken: it
may never have been written to, or may have lost what it had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from karmactl.core.model.state import Holders, Record
from karmactl.core.state import MemberState

__all__ = ["HeldState", "RecordReading", "choose_holders", "next_holders", "read_record"]

_MOST_HOLDERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldState:
    """What one member that answered said: its UID and its state."""

    uid: str
    state: MemberState


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReading:
    """The record as the members tell it.

    `has_majority` says whether to believe it. `is_stale_somewhere`: a holder that answered has an older copy.
    """

    record: Record = field(default_factory=Record)
    holders: Holders = field(default_factory=Holders)
    has_majority: bool = False
    is_stale_somewhere: bool = False


def read_record(members: Mapping[str, HeldState], fleet_size: int) -> RecordReading:
    """The newest record, and whether a majority of its holders answered.

    `members` are those that answered, by name. Where nobody knows of holders yet, those who did not answer must be too
    few to hold a record that a majority once acknowledged.
    """
    known = [member.state.holders for member in members.values() if member.state.holders.uid_by_cluster]
    if not known:
        return RecordReading(
            holders=choose_holders({name: member.uid for name, member in members.items()}, fleet_size),
            has_majority=_may_be_first(len(members), fleet_size),
        )
    holders = max(known, key=lambda entry: entry.epoch)
    # A holder is who it is by UID: names are the fleet file's, and may have changed.
    wanted = set(holders.uid_by_cluster.values())
    answering = [member.state for member in members.values() if member.uid in wanted]
    spoke = [state for state in answering if state.resource_version]
    copies = [member.state.record for member in members.values() if member.state.record is not None]
    newest = max(copies, key=lambda record: record.generation, default=Record())
    return RecordReading(
        record=newest,
        holders=holders,
        has_majority=len(spoke) >= holders.majority or len(answering) == len(wanted),
        is_stale_somewhere=any(
            state.holders.epoch < holders.epoch or (state.record or Record()).generation < newest.generation
            for state in answering
        ),
    )


def choose_holders(uids: Mapping[str, str], fleet_size: int, *, epoch: int = 1) -> Holders:
    """The first choice among members (name to UID): the lowest UIDs, at most five, never more than the fleet has."""
    chosen = sorted(uids.items(), key=lambda item: (item[1], item[0]))[: min(_MOST_HOLDERS, fleet_size)]
    return Holders(epoch=epoch, uid_by_cluster=dict(sorted(chosen)))


def next_holders(current: Holders, members: Mapping[str, str], fleet: Sequence[str], *, epoch: int) -> Holders:
    """Who shall hold the record after this run: who holds it and is still in the fleet, filled up with newcomers.

    `members` are those that answered (name to UID), `fleet` the names of all. A holder that is merely silent stays
    one: silence is not a fact.
    """
    staying = {name: uid for name, uid in current.uid_by_cluster.items() if name in fleet}
    newcomers = {name: uid for name, uid in members.items() if name not in staying}
    missing = min(_MOST_HOLDERS, len(fleet)) - len(staying)
    added = choose_holders(newcomers, max(0, missing)).uid_by_cluster
    wanted = dict(sorted({**staying, **added}.items()))
    if not wanted or wanted == current.uid_by_cluster:
        return current
    return Holders(epoch=epoch, uid_by_cluster=wanted)


def _may_be_first(answered: int, fleet_size: int) -> bool:
    majority = min(_MOST_HOLDERS, fleet_size) // 2 + 1
    return answered > 0 and fleet_size - answered < majority
