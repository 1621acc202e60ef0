"""Which clusters a template may go to: Karmada's filters, each with the reason that it gives.

The filters are a table in a fixed order (Karmada's own order is random per process). A cluster that holds the template
already is exempt from some of them. `feasible` gives the positions that pass; `refusals` gives every filter that
refuses a cluster, where Karmada stops at the first.
Source: Karmada pkg/scheduler/framework/plugins/**, v1.19.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from karmactl.core.model.binding import Binding, WorkloadAffinityGroups
from karmactl.core.model.differences import Differences
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.schedule.fleet import Fleet
from karmactl.core.schedule.prepare import NO_TIER, PreparedPlacement, PreparedTerm

__all__ = [
    "FilterInput",
    "Neighbours",
    "Refusal",
    "exemptions",
    "feasible",
    "feasible_unplaced",
    "is_unverified",
    "neighbours_of",
    "refusals",
]

_NO_GROUPS: Final = WorkloadAffinityGroups()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A filter that refuses a cluster: the plugin's name and Karmada's text."""

    plugin: str
    text: str


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where other bindings of the same workload groups are, as sets of cluster names."""

    affinity: tuple[frozenset[str], ...] = ()
    anti_affinity: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterInput:
    """All that the filters look at, for one template and one affinity term."""

    fleet: Fleet
    prepared: PreparedPlacement
    term: PreparedTerm
    serving: tuple[bool | None, ...]
    is_workload: bool
    placed: frozenset[int]
    evicting: frozenset[int]
    differences: Differences
    neighbours: Neighbours = field(default_factory=Neighbours)


def neighbours_of(binding: Binding, others: Sequence[Binding]) -> Neighbours:
    """Where other bindings of the binding's groups are; itself, other namespaces and unscheduled ones do not count."""
    groups = binding.workload_affinity_groups or _NO_GROUPS
    own_name = _binding_name(binding.resource)
    affinity: list[frozenset[str]] = []
    anti_affinity: list[frozenset[str]] = []
    for other in others:
        theirs = other.workload_affinity_groups or _NO_GROUPS
        same_place = other.resource.namespace == binding.resource.namespace
        if not other.clusters or not same_place or _binding_name(other.resource) == own_name:
            continue
        clusters = frozenset(target.name for target in other.clusters)
        if groups.affinity_group and theirs.affinity_group == groups.affinity_group:
            affinity.append(clusters)
        if groups.anti_affinity_group and theirs.anti_affinity_group == groups.anti_affinity_group:
            anti_affinity.append(clusters)
    return Neighbours(tuple(affinity), tuple(anti_affinity))


def feasible_unplaced(given: FilterInput) -> list[int]:
    """The positions that pass for a template with no history: the same for all templates of a placement and kind."""
    unplaced = replace(given, placed=frozenset(), evicting=frozenset(), neighbours=Neighbours())
    deleting = given.fleet.deleting
    positions = [position for position in range(len(given.fleet)) if position not in deleting]
    for row in _FILTERS.values():
        if row.may_refuse(unplaced):
            positions = [position for position in positions if not row.refuse(unplaced, position)]
    return positions


def feasible(given: FilterInput, unplaced: Sequence[int]) -> list[int]:
    """The positions that pass every filter, in name order; `unplaced` are the answer of `feasible_unplaced`.

    Only clusters that history speaks of are asked again, or all where workload groups are in play.
    """
    if given.neighbours.affinity or given.neighbours.anti_affinity:
        asked = frozenset(range(len(given.fleet)))
    else:
        asked = given.placed | given.evicting
    if not asked:
        return list(unplaced)
    passing = [position for position in unplaced if position not in asked]
    again = [p for p in asked if p not in given.fleet.deleting and not _is_refused(given, p)]
    return sorted([*passing, *again])


def _is_refused(given: FilterInput, position: int) -> bool:
    is_placed = position in given.placed
    return any(row.refuse(given, position) for row in _FILTERS.values() if not (is_placed and row.exempts_placed))


def refusals(given: FilterInput, position: int) -> list[Refusal]:
    """Every filter that refuses a cluster, in the order of the table; empty where it passes."""
    is_placed = position in given.placed
    found = []
    for plugin, row in _FILTERS.items():
        if is_placed and row.exempts_placed:
            continue
        text = row.refuse(given, position)
        if text:
            found.append(Refusal(plugin, text))
    return found


def exemptions(given: FilterInput, position: int) -> list[Refusal]:
    """The filters that would refuse a cluster if it did not hold the template already."""
    if position not in given.placed:
        return []
    found = []
    for plugin, row in _FILTERS.items():
        text = row.refuse(given, position) if row.exempts_placed else ""
        if text:
            found.append(Refusal(plugin, text))
    return found


def is_unverified(given: FilterInput, position: int) -> bool:
    """Whether nobody knows if the cluster serves the kind, and it passed for that."""
    return given.serving[position] is None and given.differences.unknown_apis_pass


# --- The filters: each gives Karmada's text, or "" to pass -----------------------------------------------------------


def _api_enablement(given: FilterInput, position: int) -> str:
    is_served = given.serving[position]
    if is_served or (is_served is None and given.differences.unknown_apis_pass):
        return ""
    return "cluster(s) did not have the API resource"


def _taint_toleration(given: FilterInput, position: int) -> str:
    taint = given.prepared.untolerated_taints[position]
    return f"cluster(s) had untolerated taint {{{taint}}}" if taint else ""


def _cluster_affinity(given: FilterInput, position: int) -> str:
    tier = given.term.tiers[position]
    # Overflow tiers are for workloads alone.
    if tier == 0 or (tier != NO_TIER and given.is_workload):
        return ""
    return "cluster(s) did not match the placement cluster affinity constraint"


def _spread_constraint(given: FilterInput, position: int) -> str:
    missing = given.prepared.missing_properties[position]
    return f"cluster(s) did not have {missing} property" if missing else ""


def _cluster_eviction(given: FilterInput, position: int) -> str:
    return "cluster(s) is in the process of eviction" if position in given.evicting else ""


def _workload_anti_affinity(given: FilterInput, position: int) -> str:
    name = given.fleet.name(position)
    if any(name in clusters for clusters in given.neighbours.anti_affinity):
        return "cluster already has workload with the same anti-affinity group"
    return ""


def _workload_affinity(given: FilterInput, position: int) -> str:
    name = given.fleet.name(position)
    if all(name in clusters for clusters in given.neighbours.affinity):
        return ""
    return "ResourceBinding with the same affinity group does not target this cluster"


def _member_unreachable(given: FilterInput, position: int) -> str:
    # Differs from Karmada: a member that does not answer takes no new template, and keeps what it has.
    if given.differences.unreachable_is_filtered and given.fleet.name(position) in given.fleet.unreachable:
        return "cluster(s) did not answer"
    return ""


@dataclass(frozen=True, slots=True)
class _Filter:
    """A row of the table; `may_refuse` says at a glance whether it can refuse any cluster."""

    refuse: Callable[[FilterInput, int], str]
    exempts_placed: bool
    may_refuse: Callable[[FilterInput], bool]


_FILTERS: Final[Mapping[str, _Filter]] = {
    "APIEnablement": _Filter(_api_enablement, True, lambda given: not all(given.serving)),
    "TaintToleration": _Filter(_taint_toleration, True, lambda given: any(given.prepared.untolerated_taints)),
    "ClusterAffinity": _Filter(_cluster_affinity, False, lambda given: any(given.term.tiers)),
    "SpreadConstraint": _Filter(_spread_constraint, False, lambda given: any(given.prepared.missing_properties)),
    "ClusterEviction": _Filter(_cluster_eviction, False, lambda given: bool(given.evicting)),
    "WorkloadAntiAffinity": _Filter(_workload_anti_affinity, True, lambda given: bool(given.neighbours.anti_affinity)),
    "WorkloadAffinity": _Filter(_workload_affinity, True, lambda given: bool(given.neighbours.affinity)),
    "member-unreachable": _Filter(_member_unreachable, True, lambda given: bool(given.fleet.unreachable)),
}


def _binding_name(resource: ResourceRef) -> str:
    """The name that a template's binding has (pkg/util/names/names.go, GenerateBindingName)."""
    return f"{resource.name}-{resource.kind}".replace(":", ".").lower()
