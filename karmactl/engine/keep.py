"""Keeping the state of a run: inventories in their members, the record on its holders.

What did not change is not written. A member that cannot be written to is noted and left; whether enough holders took
the record is the answer of `commit`, since nothing may be taken away before they did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from karmactl.core.model.state import Holders, Inventory, InventoryRow, Record
from karmactl.core.state import MemberState
from karmactl.engine.lease import Leases
from karmactl.engine.members import MemberPorts, writer_of
from karmactl.engine.store import commit_state, ensure_namespace
from karmactl.errors import KarmactlError

__all__ = ["StateKeeper"]

Rows = dict[tuple[str, str, str, str], InventoryRow]


@dataclass(slots=True)
class StateKeeper:
    """The state of all members as it stands there (`states`), and as it shall stand (`rows`, `holders`).

    `rows` has the members that this run may touch; the inventory of any other stays as it is. `former` are the holders
    that the record was read from; `holders` take over with the first commit of the record. `has_namespace` are members
    where the state's namespace was just made.
    """

    members: Mapping[str, MemberPorts]
    set_name: str
    namespace: str
    key: bytes
    leases: Leases
    former: Holders
    holders: Holders
    states: dict[str, MemberState]
    rows: dict[str, Rows]
    has_namespace: frozenset[str] = frozenset()
    failures: dict[str, KarmactlError] = field(default_factory=dict)

    async def commit_intents(self, intents: Mapping[str, Rows]) -> None:
        """Write rows of what is about to be created; members where that failed are in `failures` afterwards."""
        for name, rows in intents.items():
            self.rows[name].update(rows)
        await asyncio.gather(*(self._commit(name, None) for name in sorted(intents) if intents[name]))

    async def commit(self, record: Record) -> bool:
        """Write what changed, and the record on its holders; whether enough of them have it now.

        Holders that are new come first: whoever hears of them afterwards finds the record with them.
        """
        newcomers = sorted(set(self.holders.uid_by_cluster) - set(self.former.uid_by_cluster))
        committed: set[str] = set()
        for names in (newcomers, sorted(self.states.keys() - set(newcomers))):
            present = [name for name in names if name in self.states]
            done = await asyncio.gather(*(self._commit(name, record) for name in present))
            committed |= {name for name, is_done in zip(present, done, strict=True) if is_done}
        return self.leases.has_majority(committed)

    async def _commit(self, name: str, record: Record | None) -> bool:
        """Write one member's state if it is another than it should be; whether it is as it should be now."""
        state = self.states[name]
        wanted = self._wanted(name, state, record)
        if wanted == state:
            return True
        try:
            self.leases.require()
            member = self.members[name]
            if not state.resource_version and name not in self.has_namespace:
                await ensure_namespace(member, self.namespace)
            self.states[name] = await commit_state(writer_of(member), wanted, self.set_name, namespace=self.namespace)
        except KarmactlError as error:
            self.failures[name] = error
            return False
        return True

    def _wanted(self, name: str, state: MemberState, record: Record | None) -> MemberState:
        rows = self.rows.get(name)
        inventory = state.inventory
        if rows is not None:
            inventory = Inventory(rows=tuple(sorted(rows.values(), key=lambda row: row.resource)))
        is_record_due = record is not None and name in self.holders.uid_by_cluster
        if not is_record_due and inventory == state.inventory:
            return state
        return replace(
            state,
            inventory=inventory,
            holders=self.holders if record is not None else self.former,
            key=state.key or self.key,
            record=record if is_record_due else state.record,
        )
