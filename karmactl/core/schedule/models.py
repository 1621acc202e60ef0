"""Resource models: the nodes that a cluster counts by grade, and how many pods they hold.

A node of a grade is taken to have the least that the grade promises, and room for 110 pods; pods are placed first-fit,
grade after grade. Node selectors and tolerations play no part, as nobody knows the nodes behind the numbers.
Source: Karmada pkg/estimator/client/general.go (buildModelNodes), scheduling_simulator_components.go, v1.19.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from karmactl.core.match import is_label_key
from karmactl.core.model.cluster import Cluster
from karmactl.core.quantity import parse_quantity

__all__ = ["Pods", "Room", "Simulation", "has_models", "model_nodes", "node_resources"]

Room: TypeAlias = dict[str, int]

_CPU: Final = "cpu"
_PODS: Final = "pods"
# What a node can hold, whatever runs on it (the kubelet's default).
_PODS_PER_NODE: Final = 110


@dataclass(frozen=True, slots=True)
class Pods:
    """Some equal pods: how many, and what each requests (nothing that is zero)."""

    count: int
    requests: Room


def has_models(cluster: Cluster) -> bool:
    """Whether a cluster counts its nodes by models."""
    summary = cluster.resource_summary
    return summary is not None and bool(summary.allocatable_modelings)


def model_nodes(cluster: Cluster) -> list[tuple[Room, int]] | None:
    """The nodes that the models stand for, as (capacity, how many), by grade; None where the models cannot be used.

    A node of a grade has the least that its grade promises.
    """
    summary = cluster.resource_summary
    if summary is None or not cluster.resource_models:
        return None
    count_by_grade: dict[int, int] = {}
    for modeling in summary.allocatable_modelings:
        if modeling.count < 0:
            return None
        count_by_grade[modeling.grade] = count_by_grade.get(modeling.grade, 0) + modeling.count
    capacity_by_grade: dict[int, Room] = {}
    for model in cluster.resource_models:
        amounts = {limit.name: limit.min for limit in model.ranges}
        capacity_by_grade[model.grade] = {**node_resources(amounts.items()), _PODS: _PODS_PER_NODE}
    return [
        (capacity, count_by_grade[grade])
        for grade, capacity in sorted(capacity_by_grade.items())
        if count_by_grade.get(grade)
    ]


def node_resources(amounts: Iterable[tuple[str, str]]) -> Room:
    """Amounts that a node accounts for: cpu in milli-units, others whole; unprefixed unknown names do not count."""
    resources: Room = {}
    for name, text in amounts:
        if name == _CPU:
            resources[name] = parse_quantity(text).milli_value()
        elif name in ("memory", "ephemeral-storage") or _is_scalar(name):
            resources[name] = parse_quantity(text).value()
    return {name: amount for name, amount in resources.items() if amount > 0}


def _is_scalar(name: str) -> bool:
    """Whether Kubernetes counts a resource of this name: extended, huge page or attachable volume resources."""
    if name.startswith(("hugepages-", "attachable-volumes-")) or "kubernetes.io/" in name:
        return True
    return "/" in name and not name.startswith("requests.") and is_label_key(f"requests.{name}")


@dataclass(slots=True)
class _NodeGroup:
    """Some equal nodes, each with this much left."""

    left: Room
    count: int


class Simulation:
    """First-fit placement of pods onto model nodes; what is placed stays."""

    def __init__(self, nodes: Sequence[tuple[Room, int]]) -> None:
        self._groups = [_NodeGroup(capacity, count) for capacity, count in nodes]

    def place_once(self, pods: Sequence[Pods]) -> None:
        """Place one set as far as it goes."""
        self._place_set(pods)

    def count_sets(self, pods: Sequence[Pods], limit: int) -> int:
        """How many sets fit after each other, at most `limit`."""
        if len(pods) == 1 and pods[0].count == 1:
            return min(limit, sum(_fitting(group.left, pods[0].requests) * group.count for group in self._groups))
        sets = 0
        while sets < limit and self._place_set(pods):
            sets += 1
        return sets

    def _place_set(self, pods: Sequence[Pods]) -> bool:
        return all(self._place(some) for some in pods)

    def _place(self, pods: Pods) -> bool:
        """Place equal pods, node after node; what found a place keeps it even if the rest does not."""
        remaining = pods.count
        index = 0
        while remaining > 0 and index < len(self._groups):
            group = self._groups[index]
            fitting = _fitting(group.left, pods.requests)
            if not fitting:
                index += 1
                continue
            full_nodes = min(remaining // fitting, group.count)
            if full_nodes:
                used = _NodeGroup(_without(group.left, pods.requests, fitting), full_nodes)
                remaining -= fitting * full_nodes
                self._replace(index, used)
                index += 1
            else:
                used = _NodeGroup(_without(group.left, pods.requests, remaining), 1)
                remaining = 0
                self._replace(index, used)
        return remaining <= 0

    def _replace(self, index: int, used: _NodeGroup) -> None:
        """Put the nodes that were used before the rest of their group, as they come first."""
        group = self._groups[index]
        if used.count == group.count:
            self._groups[index] = used
        else:
            self._groups[index : index + 1] = [used, _NodeGroup(group.left, group.count - used.count)]


def _fitting(capacity: Room, requests: Room) -> int:
    """How many pods with these requests fit a node."""
    most = capacity[_PODS]
    for name, amount in requests.items():
        most = min(most, capacity.get(name, 0) // amount)
    return most


def _without(capacity: Room, requests: Room, count: int) -> Room:
    """What is left of a node after some pods."""
    left = dict(capacity)
    left[_PODS] -= count
    for name, amount in requests.items():
        left[name] = max(left[name] - amount * count, 0)
    return left
