"""Where a cluster's objects lie, under one counter of versions as in etcd.

Objects are kept in the storage version of their kind and never changed in place. Every write appends to a bounded
log, from which watches are served and older states are rebuilt (a list continued by token shows the state of its
first page). The store knows no rules of any kind; those are the verbs'.
"""

import asyncio
import bisect
from collections.abc import Callable
from dataclasses import dataclass

from karmactl.embedded.values import Object

Table = tuple[str, str]  # group, plural
Key = tuple[str, str]  # namespace ("" for cluster-scoped objects), name

LOG_LIMIT = 20_000


class TooOld(Exception):
    """The version asked for is no longer in the log; `oldest` is the first one that is."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"oldest is {oldest}")
        self.oldest = oldest


@dataclass(frozen=True, slots=True)
class Change:
    """One write: the object before (None for a create) and after (None for a removal)."""

    revision: int
    table: Table
    key: Key
    old: Object | None
    new: Object | None


class Store:
    """The objects of one cluster."""

    def __init__(self) -> None:
        """An empty store; versions start high enough that no client takes one for special."""
        self.revision = 100
        self.tables: dict[Table, dict[Key, Object]] = {}
        self._sorted: dict[Table, list[Key]] = {}
        self._log: list[Change] = []
        self._dropped = self.revision  # the version of the newest change that the log forgot
        self._waiting: dict[Table, set[asyncio.Event]] = {}
        self.listeners: list[Callable[[Change], None]] = []

    # ---- reading

    def get(self, table: Table, key: Key) -> Object | None:
        """The object, or None."""
        return self.tables.get(table, {}).get(key)

    def keys(self, table: Table) -> list[Key]:
        """The keys of a table in the order in which lists show them."""
        known = self._sorted.get(table)
        if known is None:
            known = self._sorted[table] = sorted(self.tables.get(table, {}))
        return known

    def objects(self, table: Table, namespace: str = "") -> list[Object]:
        """The objects of a table (of one namespace, if named), by namespace and name."""
        rows = self.tables.get(table, {})
        keys = self.keys(table)
        if not namespace:
            return [rows[k] for k in keys]
        start = bisect.bisect_left(keys, (namespace, ""))
        end = bisect.bisect_left(keys, (namespace + "\0", ""))
        return [rows[k] for k in keys[start:end]]

    def at(self, table: Table, revision: int) -> dict[Key, Object]:
        """The table as it was at a version; raises TooOld."""
        if revision < self._dropped:
            raise TooOld(self._dropped + 1)
        rows = dict(self.tables.get(table, {}))
        for change in reversed(self._log):
            if change.revision <= revision:
                break
            if change.table == table:
                if change.old is None:
                    rows.pop(change.key, None)
                else:
                    rows[change.key] = change.old
        return rows

    def changes(self, table: Table, after: int) -> list[Change]:
        """The changes of a table after a version, oldest first; raises TooOld."""
        if after < self._dropped:
            raise TooOld(self._dropped + 1)
        start = bisect.bisect_right(self._log, after, key=lambda change: change.revision)
        return [change for change in self._log[start:] if change.table == table]

    # ---- writing

    def put(self, table: Table, key: Key, obj: Object) -> Object:
        """Stores an object under the next version, written into it; gives the stored object."""
        self.revision += 1
        new = dict(obj)
        new["metadata"] = {**obj["metadata"], "resourceVersion": str(self.revision)}
        rows = self.tables.setdefault(table, {})
        old = rows.get(key)
        if old is None and table in self._sorted:
            bisect.insort(self._sorted[table], key)
        rows[key] = new
        self._record(Change(self.revision, table, key, old, new))
        return new

    def remove(self, table: Table, key: Key) -> Object:
        """Removes an object; gives it with the version of its removal."""
        self.revision += 1
        rows = self.tables[table]
        old = rows.pop(key)
        known = self._sorted.get(table)
        if known is not None:
            del known[bisect.bisect_left(known, key)]
        self._record(Change(self.revision, table, key, old, None))
        return {**old, "metadata": {**old["metadata"], "resourceVersion": str(self.revision)}}

    def _record(self, change: Change) -> None:
        self._log.append(change)
        if len(self._log) > LOG_LIMIT:
            self.compact(self._log[LOG_LIMIT // 2].revision)
        for event in self._waiting.get(change.table, ()):
            event.set()
        for listener in self.listeners:
            listener(change)

    def compact(self, revision: int) -> None:
        """Forgets the changes up to a version, as etcd's compaction does."""
        start = bisect.bisect_right(self._log, revision, key=lambda change: change.revision)
        del self._log[:start]
        self._dropped = max(self._dropped, revision)

    # ---- restoring

    def begin(self, revision: int) -> None:
        """Goes to a version before which nothing is known."""
        self.revision = self._dropped = revision

    def replay(self, revision: int, table: Table, key: Key, new: Object | None) -> None:
        """Repeats a write of an earlier life (None: a removal) under its own version, without a word to listeners."""
        rows = self.tables.setdefault(table, {})
        old = rows.get(key)
        if new is None:
            rows.pop(key, None)
        else:
            rows[key] = new
        self._sorted.pop(table, None)
        if revision > self.revision:
            self.revision = revision
            self._log.append(Change(revision, table, key, old, new))
            if len(self._log) > LOG_LIMIT:
                self.compact(self._log[LOG_LIMIT // 2].revision)

    # ---- waiting

    def subscribe(self, table: Table) -> asyncio.Event:
        """An event that is set at every change of the table, until `unsubscribe`."""
        event = asyncio.Event()
        self._waiting.setdefault(table, set()).add(event)
        return event

    def unsubscribe(self, table: Table, event: asyncio.Event) -> None:
        """Ends a subscription."""
        self._waiting.get(table, set()).discard(event)

    def wake_all(self) -> None:
        """Sets every subscriber's event, so that streams notice that the cluster changed its mood."""
        for events in self._waiting.values():
            for event in events:
                event.set()
