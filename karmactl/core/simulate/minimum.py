"""How many replicas of a workload must stay ready (I6): its PodDisruptionBudget, else what a rollout leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from karmactl.core.decode import decode
from karmactl.core.match import matches_labels
from karmactl.core.model.manifest import JSONValue, Manifest, field, kind_of, labels_of, namespace_of
from karmactl.core.model.selector import LabelSelector

__all__ = ["budgets_among", "minimum_ready"]

_MAX_UNAVAILABLE = (
    ("strategy", "rollingUpdate", "maxUnavailable"),
    ("updateStrategy", "rollingUpdate", "maxUnavailable"),
    ("updateStrategy", "maxUnavailable"),
)


def budgets_among(manifests: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """The PodDisruptionBudgets."""
    return tuple(manifest for manifest in manifests if kind_of(manifest) == "PodDisruptionBudget")


def minimum_ready(manifest: Manifest, replicas: int, budgets: Sequence[Manifest]) -> int:
    """The fewest replicas that may be ready, between 0 and `replicas`; a Job or what is recreated has none to keep.

    Of several budgets the strictest counts. Source: Kubernetes pkg/controller/disruption/disruption.go (percentages of
    a budget round up) and pkg/controller/deployment/util (of a rollout down; 25 % where a Deployment says nothing).
    """
    pod = field(manifest, "spec", "template")
    labels = labels_of(pod if isinstance(pod, dict) else {})
    found = [
        _of_budget(budget, replicas)
        for budget in budgets
        if namespace_of(budget) == namespace_of(manifest) and _selects(budget, labels)
    ]
    if found:
        return min(replicas, max(0, *found))
    kind = kind_of(manifest)
    if kind == "Job" or field(manifest, "spec", "strategy", "type") == "Recreate":
        return 0
    written = next(
        (value for path in _MAX_UNAVAILABLE if (value := field(manifest, "spec", *path)) is not None),
        "25%" if kind == "Deployment" else 1,
    )
    return min(replicas, max(0, replicas - _scaled(written, replicas, is_up=False)))


def _selects(budget: Manifest, labels: Mapping[str, str]) -> bool:
    selector, faults = decode(LabelSelector, field(budget, "spec", "selector") or {})
    return not faults and matches_labels(selector, labels)


def _of_budget(budget: Manifest, replicas: int) -> int:
    least = field(budget, "spec", "minAvailable")
    if least is not None:
        return _scaled(least, replicas, is_up=True)
    most = field(budget, "spec", "maxUnavailable")
    return 0 if most is None else replicas - _scaled(most, replicas, is_up=True)


def _scaled(value: JSONValue, total: int, *, is_up: bool) -> int:
    """An int-or-percent of a total; what is neither counts as 0."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.removesuffix("%") if isinstance(value, str) else ""
    if not text.isdecimal():
        return 0
    percent = int(text) * total
    return -(-percent // 100) if is_up else percent // 100
