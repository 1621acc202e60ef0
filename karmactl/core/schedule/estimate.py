"""How many replicas a cluster has room for, from its own figures: Karmada's general estimator.

Room is (allocatable - allocated - allocating) / request, the least over the requested resources and the free pods;
clusters that count their nodes by resource models are asked to fill those nodes instead (`models`). What depends on
the fleet alone (remaining capacity by resource) is worked out once, what depends on the requirements once for all
templates that ask the same. Positions are those of the clusters given, in their order.
Source: Karmada pkg/estimator/client/general.go, v1.19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from karmactl.core.model.binding import Component, ReplicaRequirements
from karmactl.core.model.cluster import Cluster, ResourceSummary
from karmactl.core.model.gates import FeatureGates
from karmactl.core.quantity import ZERO, Quantity, QuantityFormat, difference, parse_quantity
from karmactl.core.schedule.models import Pods, Simulation, has_models, model_nodes, node_resources

__all__ = ["MAX_INT32", "Capacity", "wrap_int32"]

MAX_INT32: Final = 2**31 - 1
_CPU: Final = "cpu"
_PODS: Final = "pods"
_REQUIREMENTS_KEPT: Final = 512

_Requests: TypeAlias = tuple[tuple[str, str], ...]


def wrap_int32(number: int) -> int:
    """The number as Go's int32 conversion leaves it: estimates and their sums wrap around."""
    return number if -(2**31) <= number <= MAX_INT32 else (number + 2**31) % 2**32 - 2**31


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
            position for position, cluster in enumerate(clusters) if self._uses_models and has_models(cluster)
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
                fitting = _fitting(self._remaining_of(name), amount)
                room = [min(pair) for pair in zip(room, fitting, strict=True)]
            room = self._with_models(room, requests)
        if max(room, default=0) > MAX_INT32:
            return tuple(wrap_int32(number) for number in room)
        return tuple(room)

    def _with_models(self, room: list[int], requests: _Requests) -> list[int]:
        """The same, but by filling model nodes where a cluster has models; free pods are a limit there too."""
        if not self._modelled:
            return room
        room = list(room)
        pod = Pods(1, node_resources(requests))
        for position in self._modelled:
            cluster = self._clusters[position]
            nodes = model_nodes(cluster)
            if nodes is None or not self._free_pods[position]:
                continue
            simulation = Simulation(nodes)
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
        nodes = model_nodes(cluster) if self._uses_models and has_models(cluster) else None
        if nodes is None:
            return most
        simulation = Simulation(nodes)
        simulation.place_once(_pods_of(self._assumed.get(cluster.name, ())))
        return simulation.count_sets(_pods_of(components), most)


def _fitting(remaining: Sequence[int], amount: int) -> list[int]:
    """How often an amount goes into what remains.

    Numbers that no 64-bit integer holds come wrapped around, so either may be negative, and Go divides towards 0. An
    amount of 0 is such a one too; Karmada crashes on it, and there is no room for it.
    """
    if amount == 0:
        return [0] * len(remaining)
    if amount > 0 and min(remaining, default=0) >= 0:
        return [left // amount for left in remaining]
    quotients = (abs(left) // abs(amount) for left in remaining)
    return [
        quotient if (left < 0) == (amount < 0) else -quotient
        for left, quotient in zip(remaining, quotients, strict=True)
    ]


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


def _pods_of(components: Iterable[Component]) -> tuple[Pods, ...]:
    return tuple(Pods(component.replicas, node_resources(_requests_of(component).items())) for component in components)
