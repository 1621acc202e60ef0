"""How many replicas a cluster has room for, from its own figures: Karmada's general estimator.

Room is (allocatable - allocated - allocating) / request, the least over the requested resources and the free pods;
clusters that count their nodes by resource models are asked to fill those nodes instead. What depends on the fleet
alone (remaining capacity by resource) is worked out once, what depends on the requirements once for all templates
that ask the same. Positions are those of the clusters given, in their order.
Source: Karmada pkg/estimator/client/general.go, pkg/estimator/scheduling_simulator_components.go, v1.19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from karmactl.core.match import is_label_key
from karmactl.core.model.binding import Component, ReplicaRequirements
from karmactl.core.model.cluster import Cluster, ResourceSummary
from karmactl.core.model.gates import FeatureGates
from karmactl.core.quantity import ZERO, Quantity, QuantityFormat, difference, parse_quantity

__all__ = ["MAX_INT32", "Capacity", "wrap_int32"]

MAX_INT32: Final = 2**31 - 1
_CPU: Final = "cpu"
_PODS: Final = "pods"
# What a node of a resource model can hold, whatever runs on it (kubelet's default).
_PODS_PER_NODE: Final = 110
_REQUIREMENTS_KEPT: Final = 512

_Requests = tuple[tuple[str, str], ...]
_Room = dict[str, int]


def wrap_int32(number: int) -> int:
    """The number as Go's int32 conversion leaves it: estimates and their sums wrap around."""
    return number if -(2**31) <= number <= MAX_INT32 else (number + 2**31) % 2**32 - 2**31


@dataclass(frozen=True, slots=True)
class _Pods:
    """Some equal pods: how many, and what each requests (nothing that is zero)."""

    count: int
    requests: _Room


class Capacity:
    """The room of each cluster of a fleet. Answers are worked out when first asked for and kept.

    `assumed` are components of workloads that were just placed in a cluster (by name) and are not in its figures yet;
    they count with gate SchedulingOvercommitProtection alone.
    """

    def __init__(
        self,
        clusters: Sequence[Cluster],
        *,
        gates: FeatureGates,
        assumed: Mapping[str, Sequence[Component]] | None = None,
    ) -> None:
        self._clusters = clusters
        self._uses_models = gates.customized_cluster_resource_modeling
        self._assumed = dict(assumed or {}) if gates.scheduling_overcommit_protection else {}
        self._remaining: dict[str, list[int]] = {}
        self._free_pods = [self._count_free_pods(cluster) for cluster in clusters]
        self._modelled = [
            position for position, cluster in enumerate(clusters) if self._uses_models and _has_models(cluster)
        ]
        self._replicas = lru_cache(_REQUIREMENTS_KEPT)(self._estimate_replicas)
        self.unknown = frozenset(
            position for position, cluster in enumerate(clusters) if cluster.resource_summary is None
        )

    def replicas(self, requirements: ReplicaRequirements | None) -> tuple[int, ...]:
        """How many replicas each cluster has room for; 0 where its figures are missing."""
        return self._replicas(None if requirements is None else tuple(sorted(requirements.resource_request.items())))

    def sets(self, components: Sequence[Component]) -> tuple[int, ...]:
        """How many complete sets of components each cluster has room for."""
        return tuple(self._estimate_sets(cluster, components) for cluster in self._clusters)

    def _estimate_replicas(self, requests: _Requests | None) -> tuple[int, ...]:
        room = self._free_pods
        if requests is not None:
            for name, text in requests:
                request = parse_quantity(text)
                if request.value() <= 0:
                    continue
                amount = request.milli_value() if name == _CPU else request.value()
                room = [min(most, left // amount) for most, left in zip(room, self._remaining_of(name), strict=True)]
            room = self._with_models(room, requests)
        if max(room, default=0) > MAX_INT32:
            return tuple(wrap_int32(number) for number in room)
        return tuple(room)

    def _with_models(self, room: list[int], requests: _Requests) -> list[int]:
        """The same, but by filling model nodes where a cluster has models; free pods are a limit there too."""
        if not self._modelled:
            return room
        room = list(room)
        pod = _Pods(1, _node_resources(requests))
        for position in self._modelled:
            cluster = self._clusters[position]
            nodes = _model_nodes(cluster)
            if nodes is None or not self._free_pods[position]:
                continue
            simulation = _Simulation(nodes)
            simulation.place_once(_pods_of(self._assumed.get(cluster.name, ())))
            room[position] = min(self._free_pods[position], simulation.count_sets((pod,), MAX_INT32))
        return room

    def _remaining_of(self, resource: str) -> list[int]:
        """What is left of a resource in each cluster, in milli-units for cpu, else in whole units; never negative."""
        remaining = self._remaining.get(resource)
        if remaining is None:
            remaining = [self._remaining_in(cluster, resource) for cluster in self._clusters]
            self._remaining[resource] = remaining
        return remaining

    def _remaining_in(self, cluster: Cluster, resource: str) -> int:
        summary = cluster.resource_summary
        if summary is None or resource not in summary.allocatable:
            return 0
        left = _left(summary, resource)
        if self._assumed:
            left = left - self._assumed_demand(cluster.name, resource)
        # Karmada looks at whole units first, so a remainder is rounded up before it is judged.
        whole = left.value()
        if whole <= 0:
            return 0
        return left.milli_value() if resource == _CPU else whole

    def _assumed_demand(self, cluster: str, resource: str) -> Quantity:
        demand = ZERO
        for component in self._assumed.get(cluster, ()):
            text = _requests_of(component).get(resource)
            if text is not None and component.replicas > 0:
                request = parse_quantity(text)
                unit = -3 if resource == _CPU else 0
                amount = request.scaled_value(unit) * component.replicas
                demand = demand + Quantity(unscaled=amount, exponent=unit, format=request.format)
        return demand

    def _count_free_pods(self, cluster: Cluster) -> int:
        summary = cluster.resource_summary
        if summary is None:
            return 0
        free = _pods_in(summary.allocatable) - _pods_in(summary.allocated) - _pods_in(summary.allocating)
        if self._assumed:
            free -= sum(max(component.replicas, 0) for component in self._assumed.get(cluster.name, ()))
        return max(free, 0)

    def _estimate_sets(self, cluster: Cluster, components: Sequence[Component]) -> int:
        summary = cluster.resource_summary
        free_pods = self._count_free_pods(cluster)
        if summary is None or free_pods <= 0:
            return 0
        pods_per_set = sum(component.replicas for component in components)
        if pods_per_set <= 0:
            return wrap_int32(free_pods)
        most = wrap_int32(free_pods // pods_per_set)
        assumed = _demand_of(self._assumed.get(cluster.name, ()))
        for resource, amount in _demand_of(components).items():
            if amount <= 0:
                continue
            left = _in_own_units(_left(summary, resource)) if resource in summary.allocatable else 0
            left -= assumed.get(resource, 0)
            if left <= 0:
                return 0
            most = min(most, wrap_int32(left // amount))
        nodes = _model_nodes(cluster) if self._uses_models and _has_models(cluster) else None
        if nodes is None:
            return most
        simulation = _Simulation(nodes)
        simulation.place_once(_pods_of(self._assumed.get(cluster.name, ())))
        return simulation.count_sets(_pods_of(components), most)


def _left(summary: ResourceSummary, resource: str) -> Quantity:
    """allocatable - allocated - allocating."""
    used = (summary.allocated.get(resource), summary.allocating.get(resource))
    taken = (parse_quantity(text) for text in used if text is not None)
    return difference(parse_quantity(summary.allocatable[resource]), *taken)


def _pods_in(amounts: Mapping[str, str]) -> int:
    text = amounts.get(_PODS)
    return 0 if text is None else parse_quantity(text).value()


def _requests_of(component: Component) -> Mapping[str, str]:
    return {} if component.replica_requirements is None else component.replica_requirements.resource_request


def _demand_of(components: Iterable[Component]) -> dict[str, int]:
    """What a whole set requests, resource to amount in the unit of each quantity's own notation."""
    demand: dict[str, int] = {}
    for component in components:
        for resource, text in _requests_of(component).items():
            amount = _in_own_units(parse_quantity(text)) * component.replicas
            demand[resource] = demand.get(resource, 0) + amount
    return demand


def _in_own_units(quantity: Quantity) -> int:
    """Milli-units for decimal notation, whole units for binary; Karmada compares the two as they are."""
    return quantity.value() if quantity.format is QuantityFormat.BINARY_SI else quantity.milli_value()


# --- Resource models -----------------------------------------------------------------------------------------------


def _has_models(cluster: Cluster) -> bool:
    summary = cluster.resource_summary
    return summary is not None and bool(summary.allocatable_modelings)


def _model_nodes(cluster: Cluster) -> list[tuple[_Room, int]] | None:
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
    capacity_by_grade: dict[int, _Room] = {}
    for model in cluster.resource_models:
        amounts = {limit.name: limit.min for limit in model.ranges}
        capacity_by_grade[model.grade] = {**_node_resources(amounts.items()), _PODS: _PODS_PER_NODE}
    return [
        (capacity, count_by_grade[grade])
        for grade, capacity in sorted(capacity_by_grade.items())
        if count_by_grade.get(grade)
    ]


def _node_resources(amounts: Iterable[tuple[str, str]]) -> _Room:
    """Amounts that a node accounts for: cpu in milli-units, others whole; unprefixed unknown names do not count."""
    resources: _Room = {}
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


def _pods_of(components: Iterable[Component]) -> tuple[_Pods, ...]:
    return tuple(
        _Pods(component.replicas, _node_resources(_requests_of(component).items())) for component in components
    )


@dataclass(slots=True)
class _NodeGroup:
    """Some equal nodes, each with this much left."""

    left: _Room
    count: int


class _Simulation:
    """First-fit placement of pods onto model nodes; what is placed stays."""

    def __init__(self, nodes: Sequence[tuple[_Room, int]]) -> None:
        self._groups = [_NodeGroup(capacity, count) for capacity, count in nodes]

    def place_once(self, pods: Sequence[_Pods]) -> None:
        """Place one set as far as it goes."""
        self._place_set(pods)

    def count_sets(self, pods: Sequence[_Pods], limit: int) -> int:
        """How many sets fit after each other, at most `limit`."""
        if len(pods) == 1 and pods[0].count == 1:
            return min(limit, sum(_fitting(group.left, pods[0].requests) * group.count for group in self._groups))
        sets = 0
        while sets < limit and self._place_set(pods):
            sets += 1
        return sets

    def _place_set(self, pods: Sequence[_Pods]) -> bool:
        return all(self._place(some) for some in pods)

    def _place(self, pods: _Pods) -> bool:
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


def _fitting(capacity: _Room, requests: _Room) -> int:
    """How many pods with these requests fit a node."""
    most = capacity[_PODS]
    for name, amount in requests.items():
        most = min(most, capacity.get(name, 0) // amount)
    return most


def _without(capacity: _Room, requests: _Room, count: int) -> _Room:
    """What is left of a node after some pods."""
    left = dict(capacity)
    left[_PODS] -= count
    for name, amount in requests.items():
        left[name] = max(left[name] - amount * count, 0)
    return left
