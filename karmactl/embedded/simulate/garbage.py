"""Garbage collection: dependents follow their owners, in the background, in the foreground, or not at all."""

from collections.abc import Iterable

from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.dependents import owners
from karmactl.embedded.simulate.loop import Controllers
from karmactl.embedded.store import Change, Key, Table
from karmactl.embedded.values import Object, copy

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class Garbage:
    """The garbage collector; its keys are (UID of an owner, "")."""

    def __init__(self, controllers: Controllers) -> None:
        """A collector over all tables of the cluster."""
        self._controllers = controllers
        self._client = Client(controllers.cluster)
        self._dependents = controllers.dependents

    def concerns(self, change: Change) -> Iterable[Key]:
        """Owners that are gone or going, and owners of what is gone."""
        if change.new is None:
            assert change.old is not None
            uid = change.old["metadata"]["uid"]
            keys = [(owner, "") for owner in owners(change.old) if self._is_going(owner)]
            return [*keys, (uid, "")] if self._dependents.has(uid) else keys
        before = owners(change.old) if change.old is not None else []
        new = [uid for uid in owners(change.new) if uid not in before]
        keys = [(uid, "") for uid in new if self._dependents.place(uid) is None]
        if "deletionTimestamp" in change.new["metadata"]:
            keys.append((change.new["metadata"]["uid"], ""))
        return keys

    def _is_going(self, uid: str) -> bool:
        where = self._dependents.place(uid)
        owner = self._controllers.cluster.store.get(*where) if where is not None else None
        return owner is not None and "deletionTimestamp" in owner["metadata"]

    def reconcile(self, key: Key) -> None:
        """Settles what depends on one owner."""
        uid = key[0]
        where = self._dependents.place(uid)
        if where is None:
            self._collect(uid)
            return
        owner = self._controllers.cluster.store.get(*where)
        if owner is None or "deletionTimestamp" not in owner["metadata"]:
            return
        finalizers = owner["metadata"].get("finalizers") or ()
        if ORPHAN in finalizers:
            self._orphan(uid)
            self._release(where, owner, ORPHAN)
        elif FOREGROUND in finalizers:
            self._foreground(uid, where, owner)

    def _collect(self, uid: str) -> None:
        """Deletes dependents none of whose owners exists any more; of the others, drops the dead owner."""
        for table, key, obj in self._dependents.all_of(uid):
            if any(self._dependents.place(owner) is not None for owner in owners(obj)):
                self._drop_owner(table, key, obj, uid)
            elif "deletionTimestamp" not in obj["metadata"]:
                self._client.delete(table, key[0], key[1])

    def _orphan(self, uid: str) -> None:
        for table, key, obj in self._dependents.all_of(uid):
            self._drop_owner(table, key, obj, uid)

    def _drop_owner(self, table: Table, key: Key, obj: Object, uid: str) -> None:
        new = copy(obj)
        left = [o for o in new["metadata"]["ownerReferences"] if o["uid"] != uid]
        if left:
            new["metadata"]["ownerReferences"] = left
        else:
            del new["metadata"]["ownerReferences"]
        self._controllers.cluster.store.put(table, key, new)

    def _foreground(self, uid: str, where: tuple[Table, Key], owner: Object) -> None:
        blocking = False
        for table, key, obj in self._dependents.all_of(uid):
            if "deletionTimestamp" not in obj["metadata"]:
                self._client.delete(table, key[0], key[1], "Foreground")
            if self._controllers.cluster.store.get(table, key) is not None and _blocks(obj, uid):
                blocking = True
        if not blocking:
            fresh = self._controllers.cluster.store.get(*where)
            if fresh is not None:
                self._release(where, fresh, FOREGROUND)

    def _release(self, where: tuple[Table, Key], owner: Object, finalizer: str) -> None:
        store = self._controllers.cluster.store
        new = copy(owner)
        new["metadata"]["finalizers"] = [f for f in new["metadata"].get("finalizers") or () if f != finalizer]
        if new["metadata"]["finalizers"]:
            store.put(*where, new)
        else:
            store.remove(*where)


def _blocks(obj: Object, uid: str) -> bool:
    return any(o["uid"] == uid and o.get("blockOwnerDeletion") for o in obj["metadata"].get("ownerReferences") or ())
