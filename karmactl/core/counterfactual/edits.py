"""Changes to the inputs of a decision, each on a copy: a cluster's facts, a policy's placement, the template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from karmactl.core.model.cluster import Cluster, ResourceSummary
from karmactl.core.model.manifest import Manifest, ResourceRef
from karmactl.core.model.policy import (
    ClusterAffinity,
    ClusterAffinityTerm,
    Placement,
    PropagationPolicy,
    PropagationSpec,
    SpreadConstraint,
)
from karmactl.core.pipeline import PipelineInput
from karmactl.core.quantity import parse_quantity

__all__ = [
    "edit_affinity",
    "edit_cluster",
    "edit_placement",
    "edit_spec",
    "edit_template",
    "with_constraints",
    "with_room",
]


def edit_cluster(given: PipelineInput, name: str, change: Callable[[Cluster], Cluster]) -> PipelineInput:
    """One cluster changed."""
    clusters = tuple(change(cluster) if cluster.name == name else cluster for cluster in given.clusters)
    return replace(given, clusters=clusters)


def edit_spec(
    given: PipelineInput, policy: PropagationPolicy, change: Callable[[PropagationSpec], PropagationSpec]
) -> PipelineInput:
    """One policy's spec changed."""
    policies = tuple(
        replace(other, spec=change(other.spec))
        if (other.namespace, other.name) == (policy.namespace, policy.name)
        else other
        for other in given.inputs.propagation_policies
    )
    return replace(given, inputs=replace(given.inputs, propagation_policies=policies))


def edit_placement(
    given: PipelineInput, policy: PropagationPolicy, change: Callable[[Placement], Placement]
) -> PipelineInput:
    """One policy's placement changed."""
    return edit_spec(given, policy, lambda spec: replace(spec, placement=change(spec.placement)))


def edit_affinity(
    given: PipelineInput,
    policy: PropagationPolicy,
    term: str | None,
    change: Callable[[ClusterAffinity], ClusterAffinity],
) -> PipelineInput:
    """The single affinity of a policy changed (`term` None), or the term of that name."""

    def edit(placement: Placement) -> Placement:
        if term is None or placement.cluster_affinities is None:
            return replace(placement, cluster_affinity=change(placement.cluster_affinity or ClusterAffinity()))
        terms = tuple(
            _as_term(change(other), other) if other.affinity_name == term else other
            for other in placement.cluster_affinities
        )
        return replace(placement, cluster_affinities=terms)

    return edit_placement(given, policy, edit)


def _as_term(affinity: ClusterAffinity, term: ClusterAffinityTerm) -> ClusterAffinityTerm:
    return replace(
        term,
        label_selector=affinity.label_selector,
        field_selector=affinity.field_selector,
        cluster_names=affinity.cluster_names,
        exclude=affinity.exclude,
    )


def with_constraints(
    placement: Placement, field: str, change: Callable[[SpreadConstraint], SpreadConstraint]
) -> Placement:
    """The placement with its spread constraints of one field changed."""
    constraints = tuple(
        change(other) if other.spread_by_field == field else other for other in placement.spread_constraints
    )
    return replace(placement, spread_constraints=constraints)


def edit_template(given: PipelineInput, ref: ResourceRef, change: Callable[[Manifest], Manifest]) -> PipelineInput:
    """One template changed."""
    templates = tuple(
        replace(template, manifest=change(template.manifest)) if template.ref.identity == ref.identity else template
        for template in given.inputs.templates
    )
    return replace(given, inputs=replace(given.inputs, templates=templates))


def with_room(cluster: Cluster, requests: Mapping[str, str], replicas: int) -> Cluster:
    """The cluster with room for exactly so many replicas of what requests this, on top of what it runs."""
    summary = cluster.resource_summary or ResourceSummary()
    allocatable = dict(summary.allocatable)
    for resource, text in {**requests, "pods": "1"}.items():
        used = [amounts[resource] for amounts in (summary.allocated, summary.allocating) if resource in amounts]
        if resource == "cpu":
            taken = sum(parse_quantity(amount).milli_value() for amount in used)
            allocatable[resource] = f"{taken + parse_quantity(text).milli_value() * replicas}m"
        elif parse_quantity(text).value() > 0:
            taken = sum(parse_quantity(amount).value() for amount in used)
            allocatable[resource] = str(taken + parse_quantity(text).value() * replicas)
    # Nodes counted by grade would be asked instead of the sums.
    return replace(cluster, resource_summary=replace(summary, allocatable=allocatable, allocatable_modelings=()))
