"""The capacity of a cluster from its nodes and pods, in the form of Cluster.status.resourceSummary.

Karmada's own arithmetic, with its peculiarities, since placement builds on it: pkg/controllers/status/
cluster_status_controller.go (getResourceSummary, getAllocatableModelings), pkg/util/resource.go and
pkg/modeling/modeling.go. Pure: no request is made here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cmp_to_key

from karmactl.core.model.cluster import AllocatableModeling, ResourceModel, ResourceSummary
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, field, name_of
from karmactl.core.quantity import ZERO, Quantity, QuantityFormat, try_parse_quantity

__all__ = ["summarize"]

_compare = cmp_to_key(Quantity.compare)


def summarize(
    nodes: Sequence[Manifest], pods: Sequence[Manifest], resource_models: Sequence[ResourceModel]
) -> ResourceSummary:
    """What the nodes have, what pods on nodes take of it, what pods without a node ask for, and nodes by grade.

    `allocatable_modelings` is empty where there are no `resource_models`.
    """
    allocated, allocating = _Requests(), _Requests()
    by_node: dict[str, _Requests] = {}
    for pod in pods:
        node = as_str(field(pod, "spec", "nodeName"))
        if not node:
            allocating.add_pod(pod)
        elif _takes_room(pod):
            allocated.add_pod(pod)
            by_node.setdefault(node, _Requests()).add_pod(pod)
    return ResourceSummary(
        allocatable=_texts(_sum_of_allocatable(nodes)),
        allocating=_texts(allocating.quantities()),
        allocated=_texts(allocated.quantities()),
        allocatable_modelings=_modelings(nodes, by_node, resource_models),
    )


class _Requests:
    """A running sum of what pods request: cpu in thousandths, all else in whole units, each request rounded up."""

    def __init__(self) -> None:
        self._amounts: dict[str, int] = {}

    def add_pod(self, pod: Manifest) -> None:
        """Adds one pod and its requests.

        As in Karmada (Resource.AddPodRequest) the request of an init container is compared with the sum so far, of all
        pods, and not with that of its own pod.
        """
        for container in as_list(field(pod, "spec", "containers")):
            for name, amount in _amounts(field(container, "resources", "requests")):
                self._amounts[name] = self._amounts.get(name, 0) + amount
        for container in as_list(field(pod, "spec", "initContainers")):
            for name, amount in _amounts(field(container, "resources", "requests")):
                self._amounts[name] = max(self._amounts.get(name, 0), amount)
        for name, amount in _amounts(field(pod, "spec", "overhead")):
            self._amounts[name] = self._amounts.get(name, 0) + amount
        self._amounts["pods"] = self._amounts.get("pods", 0) + 1

    def quantities(self) -> dict[str, Quantity]:
        """The sums that are more than nothing, by resource name."""
        return {name: _quantity(name, amount) for name, amount in self._amounts.items() if amount > 0}


def _amounts(value: JSONValue) -> list[tuple[str, int]]:
    found = []
    for name, text in as_mapping(value).items():
        quantity = try_parse_quantity(str(text))
        if quantity is not None and _is_counted(name):
            found.append((name, quantity.milli_value() if name == "cpu" else quantity.value()))
    return found


def _is_counted(name: str) -> bool:
    """Compute resources and scalar ones (pkg/util/lifted/resourcename.go, IsScalarResourceName)."""
    if name in ("cpu", "memory", "ephemeral-storage", "pods"):
        return True
    if name.startswith(("hugepages-", "attachable-volumes-")):
        return True
    return "/" in name and ("kubernetes.io/" in name or not name.startswith("requests."))


def _quantity(name: str, amount: int) -> Quantity:
    if name == "cpu":
        return Quantity(unscaled=amount, exponent=-3)
    is_binary = name in ("memory", "ephemeral-storage") or name.startswith("hugepages-")
    return Quantity(unscaled=amount, format=QuantityFormat.BINARY_SI if is_binary else QuantityFormat.DECIMAL_SI)


def _takes_room(pod: Manifest) -> bool:
    return as_str(field(pod, "status", "phase")) not in ("Succeeded", "Failed")


def _allocatable(node: Manifest) -> dict[str, Quantity]:
    listed = as_mapping(field(node, "status", "allocatable"))
    parsed = {name: try_parse_quantity(str(text)) for name, text in listed.items()}
    return {name: quantity for name, quantity in parsed.items() if quantity is not None}


def _sum_of_allocatable(nodes: Sequence[Manifest]) -> dict[str, Quantity]:
    total: dict[str, Quantity] = {}
    for node in nodes:
        for name, quantity in _allocatable(node).items():
            total[name] = total[name] + quantity if name in total else quantity
    return total


def _modelings(
    nodes: Sequence[Manifest], by_node: Mapping[str, _Requests], resource_models: Sequence[ResourceModel]
) -> tuple[AllocatableModeling, ...]:
    """How many nodes there are of each grade, in the order of the models; empty where models disagree in resources."""
    if not resource_models:
        return ()
    names = [each.name for each in resource_models[0].ranges]
    minima = [{each.name: try_parse_quantity(each.min) or ZERO for each in model.ranges} for model in resource_models]
    steps = {name: [_compare(minimum.get(name, ZERO)) for minimum in minima] for name in names}
    counts = [0] * len(resource_models)
    for node in nodes:
        available = _available(node, by_node.get(name_of(node)))
        if available is None:
            break  # as in Karmada: a node without a free pod slot hides those after it
        grades = [bisect_right(steps[name], _compare(available.get(name, ZERO))) - 1 for name in names]
        grade = min(grades, default=-1)
        if grade >= 0:
            counts[grade] += 1
    return tuple(
        AllocatableModeling(grade=model.grade, count=count)
        for model, count in zip(resource_models, counts, strict=True)
    )


def _available(node: Manifest, requests: _Requests | None) -> dict[str, Quantity] | None:
    """What is left of a node, None if no further pod has a slot."""
    available = _allocatable(node)
    taken = requests.quantities() if requests else {}
    if not taken:
        return available
    if available.get("pods", ZERO).value() - taken.get("pods", ZERO).value() <= 0:
        return None
    return {name: quantity - taken[name] if name in taken else quantity for name, quantity in available.items()}


def _texts(quantities: Mapping[str, Quantity]) -> dict[str, str]:
    return {name: str(quantities[name]) for name in sorted(quantities)}
