"""Facts of members: which ones a run needs, and how declared, observed and recorded ones join.

Of what people declare (labels, provider, region, zones, taints) the file wins over what was discovered; of what is
observed (conditions, capacity, APIs, version) the live answer wins. A member that does not answer keeps its recorded
facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from karmactl.core.decode import decode
from karmactl.core.model.cluster import APIEnablement, APIResource, Cluster
from karmactl.core.model.input import InputSet
from karmactl.core.model.policy import ClusterAffinity, Placement
from karmactl.core.model.state import Record

__all__ = [
    "FactsNeeded",
    "add_apis",
    "declared_part",
    "facts_age_seconds",
    "facts_needed",
    "join_facts",
    "recorded_facts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsNeeded:
    """What beyond APIs and identity a run looks at: `nodes` for provider, region, zones; `capacity`; `readiness`."""

    nodes: bool = False
    capacity: bool = False
    readiness: bool = False


def facts_needed(inputs: InputSet) -> FactsNeeded:
    """What the policies of a run ask of clusters: nothing more is requested."""
    placements = [policy.spec.placement for policy in inputs.propagation_policies]
    affinities = [affinity for placement in placements for affinity in _affinities_of(placement)]
    affinities += [
        rule.target_cluster
        for policy in inputs.override_policies
        for rule in policy.spec.override_rules
        if rule.target_cluster is not None
    ]
    affinities += [policy.spec.target_cluster for policy in inputs.override_policies if policy.spec.target_cluster]
    has_fields = any(affinity.field_selector is not None for affinity in affinities)
    has_spread = any(
        constraint.spread_by_field not in ("", "cluster")
        for placement in placements
        for constraint in placement.spread_constraints
    )
    return FactsNeeded(
        nodes=has_fields or has_spread, capacity=any(_needs_capacity(placement) for placement in placements)
    )


def _affinities_of(placement: Placement) -> Iterator[ClusterAffinity]:
    if placement.cluster_affinity is not None:
        yield placement.cluster_affinity
    for term in placement.cluster_affinities or ():
        yield term
        yield from term.overflow_affinities
    scheduling = placement.replica_scheduling
    if scheduling is not None and scheduling.weight_preference is not None:
        for weight in scheduling.weight_preference.static_weight_list:
            yield weight.target_cluster


def _needs_capacity(placement: Placement) -> bool:
    """Dynamic weights and Aggregated divide by capacity; spread constraints over Divided select by it."""
    scheduling = placement.replica_scheduling
    if scheduling is None or scheduling.replica_scheduling_type == "Duplicated":
        return any(constraint.spread_by_field == "region" for constraint in placement.spread_constraints)
    if scheduling.replica_division_preference == "Aggregated":
        return True
    preference = scheduling.weight_preference
    if preference is None:
        return False
    return bool(preference.dynamic_weight) or (not preference.static_weight_list and bool(placement.spread_constraints))


def declared_part(cluster: Cluster) -> Cluster:
    """What a Cluster file says where its cluster is asked itself: what people declare, and nothing observed.

    A file that `clusters snapshot` wrote then names a member and its resource models, no more.
    """
    if cluster.observed_at:
        return Cluster(name=cluster.name, resource_models=cluster.resource_models, observed_at=cluster.observed_at)
    return replace(cluster, api_enablements=None, conditions=(), resource_summary=None, kubernetes_version="")


def facts_age_seconds(cluster: Cluster, now: datetime) -> float | None:
    """How old the facts of a Cluster file are; None where it does not say when they were seen."""
    try:
        return max(0.0, (now - datetime.fromisoformat(cluster.observed_at)).total_seconds())
    except (ValueError, TypeError):
        # No time at all, or one without a zone.
        return None


def join_facts(declared: Cluster, observed: Cluster | None, recorded: Cluster | None) -> Cluster:
    """One member's facts; `observed` None where it did not answer, `recorded` None where nothing is recorded."""
    seen = observed or recorded
    if seen is None:
        return declared
    return replace(
        declared,
        uid=seen.uid or declared.uid,
        labels={**seen.labels, **declared.labels},
        provider=declared.provider or seen.provider,
        region=declared.region or seen.region,
        zones=declared.zones or seen.zones,
        taints=declared.taints or seen.taints,
        api_enablements=seen.api_enablements if seen.api_enablements is not None else declared.api_enablements,
        conditions=seen.conditions or declared.conditions,
        resource_summary=seen.resource_summary or declared.resource_summary,
        kubernetes_version=seen.kubernetes_version or declared.kubernetes_version,
    )


def add_apis(clusters: Sequence[Cluster], kinds_by_cluster: Mapping[str, Iterable[tuple[str, str]]]) -> list[Cluster]:
    """The clusters with the (apiVersion, kind) pairs added that CRDs placed there will serve."""
    extended = []
    for cluster in clusters:
        kinds = sorted(kinds_by_cluster.get(cluster.name, ()))
        if cluster.api_enablements is None or not kinds:
            extended.append(cluster)
            continue
        added = tuple(
            APIEnablement(group_version=api_version, resources=(APIResource(kind=kind),)) for api_version, kind in kinds
        )
        extended.append(replace(cluster, api_enablements=_merge(cluster.api_enablements, added)))
    return extended


def _merge(present: tuple[APIEnablement, ...], added: tuple[APIEnablement, ...]) -> tuple[APIEnablement, ...]:
    by_version: dict[str, list[APIResource]] = {item.group_version: list(item.resources) for item in present}
    for item in added:
        resources = by_version.setdefault(item.group_version, [])
        resources += [entry for entry in item.resources if entry.kind not in {known.kind for known in resources}]
    return tuple(
        APIEnablement(group_version=group_version, resources=tuple(resources))
        for group_version, resources in sorted(by_version.items())
    )


def recorded_facts(record: Record, name: str) -> Cluster | None:
    """The facts of a member when it last answered; None where nothing readable is recorded."""
    for entry in record.clusters:
        if entry.name == name and entry.facts:
            try:
                value = orjson.loads(entry.facts)
            except orjson.JSONDecodeError:
                return None
            cluster, faults = decode(Cluster, value)
            return None if faults else cluster
    return None
