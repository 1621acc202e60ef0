"""Which copies are where, and ready since when: a model of members that start what they are sent after a fixed time."""

from __future__ import annotations

from collections.abc import Iterable

from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Decision
from karmactl.core.model.state import Record

__all__ = ["Copies"]

# Replicas, and the second from which they are ready.
_Batch = tuple[int, int]


class Copies:
    """Replicas by object and cluster, in the batches in which they were started."""

    def __init__(self, ready_after_seconds: int) -> None:
        self._ready_after = ready_after_seconds
        self._batches: dict[tuple[ResourceRef, str], list[_Batch]] = {}
        self._down: frozenset[str] = frozenset()

    def set_down(self, down: frozenset[str], seconds: int) -> None:
        """Who is down now. What comes back starts its copies anew."""
        for (ref, cluster), batches in self._batches.items():
            if cluster in self._down and cluster not in down:
                self._batches[ref, cluster] = [(count, seconds + self._ready_after) for count, _ in batches]
        self._down = down

    def place(self, decisions: Iterable[Decision], record: Record, seconds: int, *, is_first: bool = False) -> None:
        """Bring the copies to the decisions; at first (`is_first`) everything runs already.

        A cluster that is down keeps what it had. So does one with a graceful eviction task, until the task is gone;
        purge mode Directly waits for nothing.
        """
        leaving = {
            (entry.resource, task.from_cluster)
            for entry in record.templates
            for task in entry.eviction_tasks
            if task.purge_mode != "Directly"
        }
        wanted: dict[tuple[ResourceRef, str], int] = {}
        for decision in decisions:
            for target in decision.targets:
                wanted[decision.ref, target.name] = target.replicas
        ready_at = seconds if is_first else seconds + self._ready_after
        for key in [*self._batches]:
            if key not in wanted and key not in leaving and key[1] not in self._down:
                del self._batches[key]
        for key, replicas in wanted.items():
            if key[1] not in self._down:
                self._batches[key] = _brought_to(self._batches.get(key, []), replicas, ready_at)

    def ready(self, ref: ResourceRef, seconds: int) -> int:
        """How many replicas of an object are ready over all clusters."""
        return sum(
            count
            for (other, cluster), batches in self._batches.items()
            if other == ref and cluster not in self._down
            for count, ready_at in batches
            if ready_at <= seconds
        )

    def ready_by_object(self, seconds: int) -> dict[ResourceRef, int]:
        """The same for all objects at once."""
        counts: dict[ResourceRef, int] = {}
        for (ref, cluster), batches in self._batches.items():
            counts.setdefault(ref, 0)
            if cluster not in self._down:
                counts[ref] += sum(count for count, ready_at in batches if ready_at <= seconds)
        return counts

    def healthy(self, seconds: int) -> frozenset[tuple[ResourceRef, str]]:
        """The objects that are wholly ready where they are, by cluster."""
        return frozenset(
            key
            for key, batches in self._batches.items()
            if key[1] not in self._down and all(ready_at <= seconds for _, ready_at in batches)
        )


def _brought_to(batches: list[_Batch], replicas: int, ready_at: int) -> list[_Batch]:
    """More replicas are a new batch; fewer take the newest away first. What has no replicas is one empty batch."""
    missing = replicas - sum(count for count, _ in batches)
    if missing > 0 or not batches:
        return [*batches, (max(0, missing), ready_at)]
    kept: list[_Batch] = []
    for count, since in batches:
        taken = min(count, replicas - sum(number for number, _ in kept))
        kept.append((taken, since))
    return kept
