"""A binding as the scheduler asks about it: its history by position, and what its times and UID mean."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from karmactl.core.model.binding import Binding
from karmactl.core.schedule.filter import Neighbours
from karmactl.core.schedule.fleet import Fleet
from karmactl.core.schedule.prepare import PreparedPlacement
from karmactl.core.schedule.trigger import is_reschedule_due
from karmactl.core.webster import is_descending

__all__ = ["Question", "first_term", "is_assigned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A binding as the scheduler asks about it: its history by position, and what its times and UID mean."""

    binding: Binding
    previous: Mapping[int, int]
    evicting: frozenset[int]
    neighbours: Neighbours
    is_fresh: bool
    is_name_descending: bool

    @classmethod
    def of(cls, binding: Binding, neighbours: Neighbours, fleet: Fleet) -> Question:
        previous: dict[int, int] = {}
        for target in binding.clusters:
            position = fleet.position_by_name.get(target.name)
            if position is not None:
                previous.setdefault(position, target.replicas)
        evicting = (fleet.position_by_name.get(task.from_cluster) for task in binding.graceful_eviction_tasks)
        return cls(
            binding=binding,
            previous=previous,
            evicting=frozenset(position for position in evicting if position is not None),
            neighbours=neighbours,
            is_fresh=is_reschedule_due(binding),
            is_name_descending=is_descending(binding.resource_uid),
        )

    @property
    def has_history(self) -> bool:
        """Whether anything but the placement, the kind and the requirements bears on the answer."""
        neighbours = self.neighbours
        has_neighbours = neighbours.affinity or neighbours.anti_affinity
        return bool(self.binding.clusters or self.evicting or has_neighbours or self.binding.components)

    def key(self) -> Hashable:
        """All that the answer depends on without history, besides the placement."""
        binding = self.binding
        requirements = binding.replica_requirements
        requests = None if requirements is None else tuple(sorted(requirements.resource_request.items()))
        resource = binding.resource
        kind = (resource.group, resource.version, resource.kind)
        return (kind, binding.replicas, requests, binding.observed_affinity, self.is_fresh, self.is_name_descending)


def is_assigned(binding: Binding) -> bool:
    """Whether replicas are assigned at all; what has several components goes whole."""
    has_replicas = binding.replicas > 0 or binding.replica_requirements is not None
    return has_replicas and len(binding.components) <= 1


def first_term(binding: Binding, prepared: PreparedPlacement, *, is_fresh: bool) -> int:
    """The term in use goes first, those before it are not tried again; a reschedule starts from the beginning."""
    if is_fresh or not binding.observed_affinity:
        return 0
    names = [term.name for term in prepared.terms]
    return names.index(binding.observed_affinity) if binding.observed_affinity in names else 0
