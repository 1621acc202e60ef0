"""Who depends on whom: an index over owner references, kept up with every change.

Controllers ask for the Pods of one ReplicaSet or the ReplicaSets of one Deployment many times a second; going through a
whole namespace for each would make a cluster of thousands of workloads slower with every one of them.
"""

from karmactl.embedded.store import Change, Key, Store, Table
from karmactl.embedded.values import Object


class Dependents:
    """The objects that name an owner, by the owner's UID; and where each living object is."""

    def __init__(self, store: Store) -> None:
        """An index over what the store holds now."""
        self._store = store
        self._places: dict[str, dict[Table, set[Key]]] = {}
        self._alive: dict[str, tuple[Table, Key]] = {}
        for table, rows in store.tables.items():
            for key, obj in rows.items():
                self._add(table, key, obj)

    def note(self, change: Change) -> None:
        """Keeps up with one change of the store."""
        if change.old is not None and change.new is not None and owners(change.old) == owners(change.new):
            self._alive[change.new["metadata"]["uid"]] = (change.table, change.key)
            return
        if change.old is not None:
            for owner in owners(change.old):
                self._drop(owner, change.table, change.key)
            if change.new is None:
                self._alive.pop(change.old["metadata"]["uid"], None)
        if change.new is not None:
            self._add(change.table, change.key, change.new)

    def _add(self, table: Table, key: Key, obj: Object) -> None:
        self._alive[obj["metadata"]["uid"]] = (table, key)
        for owner in owners(obj):
            self._places.setdefault(owner, {}).setdefault(table, set()).add(key)

    def _drop(self, owner: str, table: Table, key: Key) -> None:
        tables = self._places.get(owner)
        if tables is None:
            return
        keys = tables.get(table, set())
        keys.discard(key)
        if not keys:
            tables.pop(table, None)
        if not tables:
            del self._places[owner]

    def place(self, uid: str) -> tuple[Table, Key] | None:
        """Where the living object of a UID is, or None."""
        return self._alive.get(uid)

    def has(self, uid: str) -> bool:
        """Whether any object names the owner."""
        return uid in self._places

    def of(self, uid: str, table: Table) -> list[Object]:
        """The objects of one table that name the owner, by namespace and name."""
        rows = self._store.tables.get(table, {})
        return [rows[key] for key in sorted(self._places.get(uid, {}).get(table, ())) if key in rows]

    def all_of(self, uid: str) -> list[tuple[Table, Key, Object]]:
        """The objects of all tables that name the owner, by table and key."""
        tables = self._places.get(uid, {})
        found = []
        for table in sorted(tables):
            rows = self._store.tables.get(table, {})
            found += [(table, key, rows[key]) for key in sorted(tables[table]) if key in rows]
        return found


def owners(obj: Object) -> list[str]:
    """The UIDs that an object names as its owners."""
    references = obj["metadata"].get("ownerReferences")
    return [o["uid"] for o in references] if references else []
