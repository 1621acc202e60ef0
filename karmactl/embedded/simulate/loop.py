"""The loop of the simulated controllers: changes become keys, keys become reconciliations, one at a time."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from karmactl.embedded.simulate.dependents import Dependents
from karmactl.embedded.simulate.events import Recorder
from karmactl.embedded.simulate.occupancy import Occupancy
from karmactl.embedded.store import Change, Key, Table
from karmactl.embedded.values import SKEW, Object

if TYPE_CHECKING:
    from karmactl.embedded.cluster import Cluster

log = logging.getLogger(__name__)
# so many reconciliations take some milliseconds; then requests have their turn
SLICE = 16


class Controller(Protocol):
    """Brings objects to the state that their spec asks for."""

    def concerns(self, change: Change) -> Iterable[Key]:
        """The keys to look at after a change."""
        ...

    def reconcile(self, key: Key) -> None:
        """Brings one object closer to its wished state; called again when something changes."""
        ...


class Controllers:
    """All controllers of one cluster."""

    def __init__(self, cluster: "Cluster", build: "Callable[[Controllers], list[Controller]]") -> None:
        """Builds the controllers and begins to listen to the store."""
        self.cluster = cluster
        self.dependents = Dependents(cluster.store)
        self.occupancy = Occupancy(cluster.store)
        self.events = Recorder(cluster)
        self._waiting: set[tuple[int, Key]] = set()
        self._queue: deque[tuple[int, Key]] = deque()
        self._controllers = build(self)
        cluster.store.listeners.append(self._changed)

    def look_at_all(self) -> None:
        """Takes up everything that there is, as a controller does that was away for a while."""
        store = self.cluster.store
        for table, rows in list(store.tables.items()):
            for key, obj in list(rows.items()):
                change = Change(store.revision, table, key, None, obj)
                for index, controller in enumerate(self._controllers):
                    for found in controller.concerns(change):
                        self._enqueue(index, found)

    def _changed(self, change: Change) -> None:
        self.dependents.note(change)
        self.occupancy.note(change)
        for index, controller in enumerate(self._controllers):
            for key in controller.concerns(change):
                self._enqueue(index, key)

    def _enqueue(self, index: int, key: Key) -> None:
        if (index, key) in self._waiting:
            return
        self._waiting.add((index, key))
        self._queue.append((index, key))
        if len(self._queue) == 1:
            asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        """Reconciles what waits, in the order of its coming."""
        SKEW.set(self.cluster.faults.skew)
        for _ in range(min(SLICE, len(self._queue))):
            if self.cluster.stopping:
                return
            # stays at the head until it is done, so that what it brings about finds the drain running
            index, key = self._queue[0]
            self._run(index, key)
            self._queue.popleft()
        if self._queue:
            asyncio.get_running_loop().call_soon(self._drain)

    def again(self, controller: Controller, key: Key, seconds: float) -> None:
        """Looks at a key again after a delay."""
        index = self._controllers.index(controller)
        self.cluster.later(seconds, self._enqueue, index, key)

    def _run(self, index: int, key: Key) -> None:
        self._waiting.discard((index, key))
        try:
            self._controllers[index].reconcile(key)
        except Exception:
            # one object that a controller cannot handle must not stop the cluster
            log.exception("reconciliation failed", extra={"controller": index, "key": key})


def owner_of(obj: Object, kind: str) -> str | None:
    """The name of the controlling owner of a kind, or None."""
    for owner in obj["metadata"].get("ownerReferences") or ():
        if owner.get("controller") and owner["kind"] == kind:
            return str(owner["name"])
    return None


def owner_uid(obj: Object) -> str | None:
    """The UID of the controlling owner, or None."""
    for owner in obj["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            return str(owner["uid"])
    return None


def controller_reference(owner: Object, api_version: str, kind: str) -> Object:
    """The owner reference that a controller puts on what it creates."""
    return {
        "apiVersion": api_version,
        "kind": kind,
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def of_table(change: Change, table: Table) -> list[Key]:
    """The changed object's key, if it lies in the table."""
    return [change.key] if change.table == table else []


def owners_in(change: Change, table: Table, kind: str) -> list[Key]:
    """The key of the owner of a changed object of a table."""
    if change.table != table:
        return []
    obj = change.new or change.old
    assert obj is not None
    name = owner_of(obj, kind)
    return [(change.key[0], name)] if name else []
