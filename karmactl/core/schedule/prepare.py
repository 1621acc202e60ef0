"""What a placement means for a fleet, worked out once for all templates of a policy.

A PreparedPlacement holds, cluster by cluster in name order, what does not depend on the template: which affinity term
and overflow tier takes it, the taint that keeps it out, the spread property that it lacks, its static weight; and what
the placement asks for: strategy and spread constraints. Positions are those of the fleet.
Source: Karmada pkg/scheduler/core/{assignment,division_algorithm}.go, framework/plugins/{clusteraffinity,
tainttoleration,spreadconstraint}, core/spreadconstraint/select_clusters.go, v1.19.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final

from karmactl.core.match import cluster_matcher, tolerates
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.policy import (
    ClusterAffinity,
    ClusterAffinityTerm,
    Placement,
    ReplicaSchedulingStrategy,
    SpreadConstraint,
)
from karmactl.core.schedule.fleet import Fleet

__all__ = ["NO_TIER", "PreparedPlacement", "PreparedTerm", "Strategy", "strategy_of", "untolerated_taints"]

# The tier of a cluster that a term does not take.
NO_TIER: Final = -1
_KEEPING_OUT: Final = frozenset({"NoSchedule", "NoExecute"})


class Strategy(Enum):
    """How replicas are assigned; UNSUPPORTED is Divided with no preference, which only an undefaulted policy has."""

    DUPLICATED = "Duplicated"
    AGGREGATED = "Aggregated"
    DYNAMIC_WEIGHT = "DynamicWeight"
    STATIC_WEIGHT = "StaticWeight"
    UNSUPPORTED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedTerm:
    """One affinity term: `tiers` has for each cluster 0 (the term itself), an overflow tier from 1, or NO_TIER.

    `name` is None for a placement without clusterAffinities. `has_overflow` says that replicas go tier by tier.
    """

    name: str | None
    tiers: tuple[int, ...]
    has_overflow: bool


class PreparedPlacement:
    """A placement joined with a fleet."""

    def __init__(self, placement: Placement, fleet: Fleet) -> None:
        self.placement = placement
        self.strategy = strategy_of(placement.replica_scheduling)
        # The last constraint of a field stands for it.
        self.constraint_by_field = {
            constraint.spread_by_field: constraint for constraint in placement.spread_constraints
        }
        self.ignores_spread = not placement.spread_constraints or _is_static(placement.replica_scheduling)
        self.is_duplicated = (
            placement.replica_scheduling is None or placement.replica_scheduling.replica_scheduling_type == "Duplicated"
        )
        self._fleet = fleet

    @cached_property
    def untolerated_taints(self) -> tuple[str, ...]:
        """For each cluster the first taint that keeps new copies out, as Karmada prints it; "" for none."""
        return tuple(
            next(untolerated_taints(cluster, self.placement), "") if cluster.taints else "" for cluster in self._fleet
        )

    @cached_property
    def missing_properties(self) -> tuple[str, ...]:
        """For each cluster the first property that a spread constraint wants and that it lacks; "" for none."""
        constraints = [
            constraint
            for constraint in self.placement.spread_constraints
            if constraint.spread_by_field in _PROPERTY_NAMES
        ]
        if not constraints:
            return ("",) * len(self._fleet)
        return tuple(_missing_property(cluster, constraints) for cluster in self._fleet)

    @cached_property
    def static_weights(self) -> tuple[int, ...]:
        """For each cluster the largest weight of the rules that match it, 0 for none."""
        strategy = self.placement.replica_scheduling
        preference = strategy.weight_preference if strategy else None
        if preference is None:
            return (1,) * len(self._fleet)
        weights = [0] * len(self._fleet)
        for rule in preference.static_weight_list:
            for position in self._matching(rule.target_cluster):
                weights[position] = max(weights[position], rule.weight)
        return tuple(weights)

    @cached_property
    def terms(self) -> tuple[PreparedTerm, ...]:
        """The affinity terms in order; one without a name where the placement has no clusterAffinities."""
        placement = self.placement
        if placement.cluster_affinities is None:
            return (PreparedTerm(name=None, tiers=self._tiers(placement.cluster_affinity), has_overflow=False),)
        return tuple(self._prepare_term(term) for term in placement.cluster_affinities)

    def _prepare_term(self, term: ClusterAffinityTerm) -> PreparedTerm:
        alone = self.placement.cluster_affinity
        if alone is not None:
            # Not valid together, but where both are there Karmada filters by the single affinity.
            return PreparedTerm(name=term.affinity_name, tiers=self._tiers(alone), has_overflow=False)
        # Terms are told apart by name: of two with one name the first is meant.
        first = next(other for other in self.placement.cluster_affinities or () if _same_name(other, term))
        return PreparedTerm(
            name=term.affinity_name,
            tiers=self._tiers(first, *first.overflow_affinities),
            has_overflow=bool(first.overflow_affinities),
        )

    def _tiers(self, *affinities: ClusterAffinity | None) -> tuple[int, ...]:
        """The index of the first affinity that matches, for each cluster; None matches all."""
        tiers = [NO_TIER] * len(self._fleet)
        for tier in range(len(affinities) - 1, -1, -1):
            affinity = affinities[tier]
            for position in range(len(self._fleet)) if affinity is None else self._matching(affinity):
                tiers[position] = tier
        return tuple(tiers)

    def _matching(self, affinity: ClusterAffinity) -> list[int]:
        """The positions of the clusters that match; only the named ones are looked at where there are names."""
        fleet = self._fleet
        positions: Sequence[int] = range(len(fleet))
        if affinity.cluster_names:
            positions = [fleet.position_by_name[name] for name in affinity.cluster_names if name in fleet]
        matches = cluster_matcher(affinity)
        return [position for position in positions if matches(fleet.clusters[position])]


def strategy_of(scheduling: ReplicaSchedulingStrategy | None) -> Strategy:
    """The strategy that a placement's `replicaScheduling` means; none at all is Duplicated."""
    if scheduling is None or scheduling.replica_scheduling_type == "Duplicated":
        return Strategy.DUPLICATED
    if scheduling.replica_scheduling_type == "Divided":
        if scheduling.replica_division_preference == "Aggregated":
            return Strategy.AGGREGATED
        if scheduling.replica_division_preference == "Weighted":
            preference = scheduling.weight_preference
            is_dynamic = preference is not None and preference.dynamic_weight
            return Strategy.DYNAMIC_WEIGHT if is_dynamic else Strategy.STATIC_WEIGHT
    return Strategy.UNSUPPORTED


def _is_static(scheduling: ReplicaSchedulingStrategy | None) -> bool:
    """Whether weights are fixed, so that spread constraints are ignored; an empty weightPreference does not count."""
    if strategy_of(scheduling) is not Strategy.STATIC_WEIGHT or scheduling is None:
        return False
    preference = scheduling.weight_preference
    return preference is None or bool(preference.static_weight_list)


def _same_name(one: ClusterAffinityTerm, other: ClusterAffinityTerm) -> bool:
    return one.affinity_name == other.affinity_name


def untolerated_taints(cluster: Cluster, placement: Placement) -> Iterator[str]:
    """The taints of a cluster that keep new copies out, as Karmada prints them."""
    for taint in cluster.taints:
        is_tolerated = any(tolerates(toleration, taint) for toleration in placement.cluster_tolerations)
        if taint.effect in _KEEPING_OUT and not is_tolerated:
            yield f"{taint.key}={taint.value}:{taint.effect}" if taint.value else f"{taint.key}:{taint.effect}"


_PROPERTY_NAMES: Final = {"provider": "provider", "region": "region", "zone": "zones"}


def _missing_property(cluster: Cluster, constraints: Sequence[SpreadConstraint]) -> str:
    value_by_field = {"provider": cluster.provider, "region": cluster.region, "zone": cluster.zones}
    for constraint in constraints:
        if not value_by_field[constraint.spread_by_field]:
            return _PROPERTY_NAMES[constraint.spread_by_field]
    return ""
