"""Which of the feasible clusters are used: their order, and what spread constraints take of them.

The order is overflow tier, then clusters that hold the template already, then room, then name. Without constraints (or
with static weights) every cluster is used; by cluster the first ones, exchanged for roomier ones where replicas are
divided; by region the best set of regions, one cluster of each and then the best of the rest. Constraints by zone and
provider only filter.
Source: Karmada pkg/scheduler/core/spreadconstraint/**, pkg/scheduler/core/common.go (SelectClusters), v1.19.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from karmactl.core.model.policy import SpreadConstraint
from karmactl.core.schedule.prepare import PreparedPlacement, Strategy
from karmactl.core.schedule.refused import Refused

__all__ = ["Candidates", "RegionGroup", "best_region_set", "group_by_region", "select_clusters"]

# A region's room counts before the scores of its clusters, which lie between 0 and 100.
_WEIGHT_UNIT: Final = 1000
_PLACED_SCORE: Final = 100
_UNCONSTRAINED: Final = SpreadConstraint()
# A set of regions: total score, number of clusters, and which ones it holds.
_Beginning: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The feasible clusters with the figures that choosing goes by, all by position.

    `allocatable` is the room that the estimator sees, `previous` the replicas that clusters hold already.
    """

    positions: Sequence[int]
    allocatable: Sequence[int]
    previous: Mapping[int, int]
    tiers: Sequence[int]
    has_tiers: bool

    def score(self, position: int) -> int:
        """100 for a cluster that holds the template already, else 0."""
        return _PLACED_SCORE if position in self.previous else 0

    def available(self, position: int) -> int:
        """Room, and what is there already."""
        return self.allocatable[position] + self.previous.get(position, 0)

    def in_order(self) -> list[int]:
        """All candidates, best first."""
        return self.sort(self.positions)

    def sort(self, positions: Iterable[int]) -> list[int]:
        """Some candidates, best first."""
        in_name_order = sorted(positions)
        if not self.previous and not self.has_tiers:
            # Room alone decides, and the sort keeps the order of names.
            return sorted(in_name_order, key=self.allocatable.__getitem__, reverse=True)
        return sorted(in_name_order, key=self._rank)

    def _rank(self, position: int) -> tuple[int, int, int]:
        return (self.tiers[position], -self.score(position), -self.available(position))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionGroup:
    """The candidates of one region, best first, and the score of the region."""

    name: str
    positions: tuple[int, ...]
    score: int

    @property
    def rank(self) -> tuple[int, str]:
        """Higher scores first, then names."""
        return (-self.score, self.name)


def select_clusters(
    prepared: PreparedPlacement,
    regions: Sequence[str],
    candidates: Candidates,
    *,
    replicas: int,
    needed: int,
) -> list[int]:
    """The positions that are used, in order. Raises Refused with Karmada's text where constraints cannot be met.

    `regions` has the region of every cluster of the fleet. `needed` is what a choice by cluster must have room for;
    `replicas` is the template's own number.
    """
    if prepared.ignores_spread:
        # Only Aggregated takes clusters one after the other; the other strategies see them all at once.
        is_order_seen = prepared.strategy is Strategy.AGGREGATED
        return candidates.in_order() if is_order_seen else list(candidates.positions)
    ordered = candidates.in_order()
    region = prepared.constraint_by_field.get("region")
    cluster = prepared.constraint_by_field.get("cluster")
    if region is not None:
        groups = group_by_region(prepared, regions, candidates, ordered, replicas)
        return _select_by_region(groups, region, cluster or _UNCONSTRAINED, candidates)
    if cluster is not None:
        return _select_by_cluster(ordered, cluster, candidates, None if prepared.is_duplicated else needed)
    raise Refused.in_selection("just support cluster and region spread constraint")


# --- By cluster ----------------------------------------------------------------------------------------------------


def _select_by_cluster(
    ordered: list[int], constraint: SpreadConstraint, candidates: Candidates, needed: int | None
) -> list[int]:
    """The first clusters of the order; with `needed` (None: room does not matter) exchanged until there is room."""
    if len(ordered) < constraint.min_groups:
        raise Refused.in_selection("the number of feasible clusters is less than spreadConstraint.MinGroups")
    count = max(min(len(ordered), constraint.max_groups), 0)
    chosen, rest = ordered[:count], ordered[count:]
    if needed is None:
        return chosen
    room = sum(candidates.available(position) for position in chosen)
    if room < needed > sum(sorted(map(candidates.available, ordered), reverse=True)[:count]):
        # No exchange can help; looking for one is the slow part.
        raise Refused.in_selection(f"no enough resource when selecting {count} clusters")
    for index in range(count - 1, -1, -1):
        if room >= needed:
            break
        mine = candidates.available(chosen[index])
        best = max(range(len(rest)), key=lambda i: (candidates.available(rest[i]), -i), default=None)
        if best is None or candidates.available(rest[best]) <= mine:
            continue
        chosen[index], rest[best] = rest[best], chosen[index]
        room += candidates.available(chosen[index]) - mine
    if room < needed or not chosen:
        raise Refused.in_selection(f"no enough resource when selecting {count} clusters")
    return chosen


# --- By region -----------------------------------------------------------------------------------------------------


def group_by_region(
    prepared: PreparedPlacement,
    regions: Sequence[str],
    candidates: Candidates,
    ordered: Sequence[int],
    replicas: int,
) -> list[RegionGroup]:
    """The candidates by region, in name order of the regions; clusters without a region are left out."""
    positions_by_region: dict[str, list[int]] = {}
    for position in ordered:
        region = regions[position]
        if region:
            positions_by_region.setdefault(region, []).append(position)
    return [
        RegionGroup(
            name=name, positions=tuple(positions), score=_region_score(prepared, candidates, positions, replicas)
        )
        for name, positions in sorted(positions_by_region.items())
    ]


def _region_score(prepared: PreparedPlacement, candidates: Candidates, positions: Sequence[int], replicas: int) -> int:
    """How good a region is: the room that counts in thousands, plus the mean score of its clusters."""
    if prepared.is_duplicated:
        scores = [candidates.score(position) for position in positions if candidates.available(position) >= replicas]
        return len(scores) * _WEIGHT_UNIT + sum(scores) // len(scores) if scores else 0
    region_minimum = prepared.constraint_by_field["region"].min_groups
    cluster_minimum = prepared.constraint_by_field.get("cluster", _UNCONSTRAINED).min_groups
    # A share of the replicas for each region; 0 regions would be no share at all.
    target = -(-replicas // region_minimum) if region_minimum > 0 else 0
    room = score = taken = 0
    for position in positions:
        room += candidates.available(position)
        score += candidates.score(position)
        taken += 1
        if taken >= max(cluster_minimum, region_minimum) and room >= target:
            break
    if room < target:
        return room * _WEIGHT_UNIT + score // len(positions)
    return target * _WEIGHT_UNIT + score // taken


def _select_by_region(
    groups: Sequence[RegionGroup], region: SpreadConstraint, cluster: SpreadConstraint, candidates: Candidates
) -> list[int]:
    if len(groups) < region.min_groups:
        raise Refused.in_selection("the number of feasible region is less than spreadConstraint.MinGroups")
    chosen_groups = best_region_set(groups, region, cluster.min_groups)
    if not chosen_groups:
        raise Refused.in_selection("the number of clusters is less than the cluster spreadConstraint.MinGroups")
    # One of each region stays even where that is more than the cluster constraint's maximum.
    chosen = [group.positions[0] for group in chosen_groups]
    others = [position for group in chosen_groups for position in group.positions[1:]]
    wanted = min(len(chosen) + len(others), cluster.max_groups)
    if wanted > len(chosen):
        chosen += candidates.sort(others)[: wanted - len(chosen)]
    return chosen


def best_region_set(
    groups: Sequence[RegionGroup], region: SpreadConstraint, cluster_minimum: int
) -> tuple[RegionGroup, ...]:
    """The set of regions with the highest total score, then the most clusters, then the one found first.

    A set that is the beginning of the best one is preferred to it: fewer regions with the same head do.
    """
    search = _RegionSearch(groups, region, cluster_minimum)
    best = tuple(sorted(search.best(), key=lambda group: group.rank))
    for size in range(1, len(best)):
        if search.finds(best[:size]):
            return best[:size]
    return best


class _RegionSearch:
    """Sets of regions that are just large enough, as a depth-first search from the smallest region on finds them.

    Karmada lists them all and sorts the list; their number doubles with every region. Here only the best beginning of
    each kind is carried on: of two with as many regions and clusters, the one behind can never come to lead.
    """

    def __init__(self, groups: Sequence[RegionGroup], region: SpreadConstraint, cluster_minimum: int) -> None:
        self._groups = sorted(groups, key=lambda group: (len(group.positions), *group.rank))
        self._minimum, self._maximum = region.min_groups, region.max_groups
        self._cluster_minimum = cluster_minimum

    def best(self) -> tuple[RegionGroup, ...]:
        """The set with the highest score, then the most clusters, then the first; empty where there is none."""
        groups = self._groups
        if len(groups) == self._minimum:
            # All regions are wanted: there is one set, if it is allowed.
            return tuple(groups) if self._is_enough(groups) else ()
        best: _Beginning | None = None
        # By number of regions and of clusters; what is enough is no beginning of anything.
        is_begun = self._maximum > 0 and not self._is_enough(())
        beginnings: dict[tuple[int, int], _Beginning] = {(0, 0): (0, 0, 0)} if is_begun else {}
        for index, group in enumerate(groups):
            size = len(group.positions)
            # Reading a set as a number with a digit for each region, the first one found is the largest.
            mark = 1 << (len(groups) - 1 - index)
            longer: dict[tuple[int, int], _Beginning] = {}
            for (taken, count), (score, clusters, marks) in beginnings.items():
                found = (score + group.score, clusters + size, marks | mark)
                if self._minimum <= taken + 1 and count + size >= self._cluster_minimum:
                    best = found if best is None else max(best, found)
                elif taken + 1 < self._maximum:
                    key = (self._counted(taken + 1), min(count + size, self._cluster_minimum))
                    longer[key] = max(found, longer.get(key, found))
            for key, found in longer.items():
                beginnings[key] = max(found, beginnings.get(key, found))
        marks = best[2] if best is not None else 0
        return tuple(group for index, group in enumerate(groups) if marks >> (len(groups) - 1 - index) & 1)

    def _counted(self, taken: int) -> int:
        """The number of regions as far as it matters: not beyond the minimum where the maximum cannot be reached."""
        is_maximum_reached = self._maximum < min(len(self._groups), max(self._minimum, self._cluster_minimum))
        return taken if is_maximum_reached else min(taken, self._minimum)

    def finds(self, chosen: Sequence[RegionGroup]) -> bool:
        """Whether the search ends at this set: it is enough, and no part of it on the way there was."""
        if len(self._groups) == self._minimum:
            return False
        path = [group for group in self._groups if group in chosen]
        return self._is_enough(path) and not any(self._is_enough(path[:size]) for size in range(len(path)))

    def _is_enough(self, chosen: Sequence[RegionGroup]) -> bool:
        count = sum(len(group.positions) for group in chosen)
        return count >= self._cluster_minimum and self._minimum <= len(chosen) <= self._maximum
