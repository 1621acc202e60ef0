"""What room there is on which node: kept up with every change, so that placing a Pod does not mean looking at all."""

from decimal import Decimal

from karmactl.embedded import quantity
from karmactl.embedded.store import Change, Key, Store, Table
from karmactl.embedded.values import Object, dig

PODS: Table = ("", "pods")
Amounts = dict[str, Decimal]
_NOTHING = Decimal(0)


def is_active(pod: Object) -> bool:
    """Whether the Pod counts: neither finished nor going."""
    return dig(pod, "status", "phase") not in ("Succeeded", "Failed") and "deletionTimestamp" not in pod["metadata"]


def requests_of(pod: Object) -> Amounts:
    """What a Pod asks for: the sum of its containers, or its hungriest init container where that is more."""
    out: Amounts = {}
    for container in dig(pod, "spec", "containers") or ():
        for name, text in (dig(container, "resources", "requests") or {}).items():
            out[name] = out.get(name, _NOTHING) + quantity.value(text)
    for container in dig(pod, "spec", "initContainers") or ():
        for name, text in (dig(container, "resources", "requests") or {}).items():
            out[name] = max(out.get(name, _NOTHING), quantity.value(text))
    return out


class Occupancy:
    """The Pods on each node with what they ask for, and the Pods that have no node yet."""

    def __init__(self, store: Store) -> None:
        """The occupancy of what the store holds now."""
        self.pending: set[Key] = set()
        self._pods: dict[str, dict[Key, Amounts]] = {}
        self._used: dict[str, Amounts] = {}
        for key, pod in store.tables.get(PODS, {}).items():
            self._add(key, pod)

    def note(self, change: Change) -> None:
        """Keeps up with one change of the store."""
        if change.table != PODS:
            return
        if change.old is not None:
            self.pending.discard(change.key)
            self._remove(change.key, change.old)
        if change.new is not None:
            self._add(change.key, change.new)

    def _add(self, key: Key, pod: Object) -> None:
        node = pod["spec"].get("nodeName")
        if not node:
            self.pending.add(key)
        elif is_active(pod):
            wanted = requests_of(pod)
            self._pods.setdefault(node, {})[key] = wanted
            used = self._used.setdefault(node, {})
            for name, amount in wanted.items():
                used[name] = used.get(name, _NOTHING) + amount

    def _remove(self, key: Key, pod: Object) -> None:
        node = pod["spec"].get("nodeName") or ""
        wanted = self._pods.get(node, {}).pop(key, None)
        for name, amount in (wanted or {}).items():
            self._used[node][name] -= amount

    def count(self, node: str) -> int:
        """How many Pods a node has."""
        return len(self._pods.get(node, ()))

    def pods(self, node: str) -> list[Key]:
        """The keys of a node's Pods."""
        return sorted(self._pods.get(node, ()))

    def used(self, node: str, resource: str) -> Decimal:
        """How much of a resource the Pods of a node ask for."""
        return self._used.get(node, {}).get(resource, _NOTHING)
