"""What could be changed about policies so that a cluster gets an object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from karmactl.core.counterfactual.candidates import Candidate, Case, fixed
from karmactl.core.counterfactual.edits import edit_affinity, edit_placement, edit_spec, with_constraints
from karmactl.core.match import matches_cluster
from karmactl.core.model.binding import PolicyCandidate
from karmactl.core.model.cluster import Taint
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.policy import (
    ClusterAffinity,
    ClusterPreferences,
    OverridePolicy,
    Placement,
    PropagationPolicy,
    PropagationSpec,
    ResourceSelector,
    SpreadConstraint,
    StaticClusterWeight,
    Toleration,
)
from karmactl.core.model.reason import Reason
from karmactl.core.pipeline import PipelineInput

__all__ = ["policy_candidates"]

# Among many policies the first by name are asked about; the rest would say the same.
_MOST_POLICIES = 6
_SELECTING_FIELDS = ("cluster", "region")


def policy_candidates(case: Case) -> Iterator[Candidate]:
    """Changes to policies, the most likely ones first."""
    policy = case.policy
    if policy is None:
        yield from _selections(case)
        return
    yield from _missing_overrides(case, policy)
    yield from _tolerations(case, policy)
    yield from _affinity_changes(case, policy)
    yield from _spread_changes(case, policy)
    yield from _weights(case, policy)
    yield from _priorities(case)


def _name(policy: PropagationPolicy) -> str:
    return f"{policy.kind} {policy.namespace}/{policy.name}" if policy.namespace else f"{policy.kind} {policy.name}"


def _in_spec(
    slot: str, reason: Reason, policy: PropagationPolicy, change: Callable[[PropagationSpec], PropagationSpec]
) -> Candidate:
    return fixed(slot, reason, lambda given: edit_spec(given, policy, change))


# --- Who claims it --------------------------------------------------------------------------------------------------


def _selections(case: Case) -> Iterator[Candidate]:
    """No policy claims the template: each that may could select it."""
    ref = case.decision.ref
    allowed = [
        policy
        for policy in case.given.inputs.propagation_policies
        if policy.namespace in ("", ref.namespace) and not policy.is_deleting
    ]
    selector = ResourceSelector(api_version=ref.api_version, kind=ref.kind, namespace=ref.namespace, name=ref.name)
    for policy in sorted(allowed, key=lambda policy: (not policy.namespace, policy.name))[:_MOST_POLICIES]:
        yield _in_spec(
            "policy",
            Reason(code="select-template", subject=_name(policy), params={"template": str(ref)}),
            policy,
            lambda spec: replace(spec, resource_selectors=(*spec.resource_selectors, selector)),
        )


def _missing_overrides(case: Case, policy: PropagationPolicy) -> Iterator[Candidate]:
    for name in case.decision.match.missing_overrides:
        yield _with_override(OverridePolicy(name=name, namespace=policy.namespace))


def _with_override(override: OverridePolicy) -> Candidate:
    def add(given: PipelineInput) -> PipelineInput:
        overrides = (*given.inputs.override_policies, override)
        return replace(given, inputs=replace(given.inputs, override_policies=overrides))

    return fixed(
        f"override {override.name}", Reason(code="create-override", subject=f"{override.kind} {override.name}"), add
    )


def _priorities(case: Case) -> Iterator[Candidate]:
    """A policy that lost could win; a cluster-wide one never does against one of the namespace."""
    winner = case.decision.match.winner
    if winner is None:
        return
    rivals = [rival for rival, _ in case.decision.match.losers if rival.policy.kind == winner.policy.kind]
    for rival in rivals[:_MOST_POLICIES]:
        yield _preferring(rival, winner.priority + 1)


def _preferring(rival: PolicyCandidate, priority: int) -> Candidate:
    return _in_spec(
        "policy",
        Reason(code="raise-priority", subject=_name(rival.policy), params={"from": rival.priority, "to": priority}),
        rival.policy,
        lambda spec: replace(spec, priority=priority),
    )


# --- Tolerations and affinities -------------------------------------------------------------------------------------


def _tolerations(case: Case, policy: PropagationPolicy) -> Iterator[Candidate]:
    if _is_refused(case, "TaintToleration"):
        for taint in case.cluster.taints:
            if taint.effect in ("NoSchedule", "NoExecute"):
                yield _tolerating(policy, taint)


def _is_refused(case: Case, plugin: str) -> bool:
    return case.verdict is not None and any(reason.code == plugin for reason in case.verdict.filters)


def _tolerating(policy: PropagationPolicy, taint: Taint) -> Candidate:
    text = f"{taint.key}={taint.value}:{taint.effect}" if taint.value else f"{taint.key}:{taint.effect}"
    toleration = Toleration(key=taint.key, operator="Equal", value=taint.value, effect=taint.effect)

    def tolerate(placement: Placement) -> Placement:
        return replace(placement, cluster_tolerations=(*placement.cluster_tolerations, toleration))

    return _in_placement(
        f"taint {text}", Reason(code="tolerate-taint", subject=_name(policy), params={"taint": text}), policy, tolerate
    )


def _in_placement(
    slot: str, reason: Reason, policy: PropagationPolicy, change: Callable[[Placement], Placement]
) -> Candidate:
    return fixed(slot, reason, lambda given: edit_placement(given, policy, change))


def _affinity_changes(case: Case, policy: PropagationPolicy) -> Iterator[Candidate]:
    name = case.cluster.name
    term, affinity = case.affinity_in_use()
    where: dict[str, JSONValue] = {"cluster": name, **({} if term is None else {"term": term})}
    if affinity is not None and name in affinity.exclude:
        yield _in_affinity(
            "exclude",
            Reason(code="remove-exclude", subject=_name(policy), params=where),
            policy,
            term,
            lambda old: replace(old, exclude=tuple(other for other in old.exclude if other != name)),
        )
    if affinity is not None and affinity.cluster_names and name not in affinity.cluster_names:
        yield _in_affinity(
            "cluster names",
            Reason(code="add-cluster-name", subject=_name(policy), params=where),
            policy,
            term,
            lambda old: replace(old, cluster_names=(*old.cluster_names, name)),
        )
    yield from _terms(case, policy, term)


def _in_affinity(
    slot: str,
    reason: Reason,
    policy: PropagationPolicy,
    term: str | None,
    change: Callable[[ClusterAffinity], ClusterAffinity],
) -> Candidate:
    return fixed(slot, reason, lambda given: edit_affinity(given, policy, term, change))


def _terms(case: Case, policy: PropagationPolicy, used: str | None) -> Iterator[Candidate]:
    """A term that takes the cluster could be tried before the one that was used."""
    for term in policy.spec.placement.cluster_affinities or ():
        if used is not None and term.affinity_name != used and matches_cluster(term, case.cluster):
            yield _first_term(policy, term.affinity_name, used)


def _first_term(policy: PropagationPolicy, name: str, used: str) -> Candidate:
    def put_first(placement: Placement) -> Placement:
        terms = sorted(placement.cluster_affinities or (), key=lambda term: term.affinity_name != name)
        return replace(placement, cluster_affinities=tuple(terms))

    reason = Reason(code="term-first", subject=_name(policy), params={"term": name, "used": used})
    return _in_placement("terms", reason, policy, put_first)


# --- Spread constraints and weights ---------------------------------------------------------------------------------


def _spread_changes(case: Case, policy: PropagationPolicy) -> Iterator[Candidate]:
    """Limits can be raised where others were chosen; minima lowered where the choice failed."""
    constraints = {constraint.spread_by_field: constraint for constraint in policy.spec.placement.spread_constraints}
    counts = {"cluster": len(case.given.clusters), "region": len({entry.region for entry in case.given.clusters})}
    for field in _SELECTING_FIELDS:
        constraint = constraints.get(field)
        if constraint is None:
            continue
        if constraint.max_groups < counts[field]:
            yield _maximum(policy, constraint, counts[field])
        if case.is_failed and constraint.min_groups > 0:
            yield _minimum(policy, constraint, range(constraint.min_groups - 1, -1, -1))
        elif "region" in constraints and not case.is_failed:
            # Of sets of regions that suffice the smaller one is taken; a higher minimum makes it take more.
            yield _minimum(policy, constraint, range(constraint.min_groups + 1, counts[field] + 1))


def _maximum(policy: PropagationPolicy, constraint: SpreadConstraint, most: int) -> Candidate:
    field, now = constraint.spread_by_field, constraint.max_groups

    def raised(placement: Placement, amount: int) -> Placement:
        return with_constraints(placement, field, lambda other: replace(other, max_groups=amount))

    return Candidate(
        slot=f"maxGroups {field}",
        describe=lambda amount: Reason(
            code="raise-max-groups", subject=_name(policy), params={"field": field, "from": now, "to": amount}
        ),
        apply=lambda given, amount: edit_placement(given, policy, lambda placement: raised(placement, amount)),
        amounts=range(now + 1, most + 1),
    )


def _minimum(policy: PropagationPolicy, constraint: SpreadConstraint, amounts: range) -> Candidate:
    field, now = constraint.spread_by_field, constraint.min_groups
    code = "lower-min-groups" if amounts.step < 0 else "raise-min-groups"

    def changed(placement: Placement, amount: int) -> Placement:
        return with_constraints(placement, field, lambda other: replace(other, min_groups=amount))

    return Candidate(
        slot=f"minGroups {field}",
        describe=lambda amount: Reason(
            code=code, subject=_name(policy), params={"field": field, "from": now, "to": amount}
        ),
        apply=lambda given, amount: edit_placement(given, policy, lambda placement: changed(placement, amount)),
        amounts=amounts,
    )


def _weights(case: Case, policy: PropagationPolicy) -> Iterator[Candidate]:
    """A static weight for the cluster, up to one that outweighs every other; without a list all weigh the same."""
    scheduling = policy.spec.placement.replica_scheduling
    preference = scheduling.weight_preference if scheduling is not None else None
    if case.strategy != "StaticWeight" or preference is None or not preference.static_weight_list:
        return
    rules = preference.static_weight_list
    now = max((rule.weight for rule in rules if matches_cluster(rule.target_cluster, case.cluster)), default=0)
    name = case.cluster.name

    def describe(amount: int) -> Reason:
        code = "raise-weight" if now else "add-weight"
        return Reason(code=code, subject=_name(policy), params={"cluster": name, "from": now, "to": amount})

    def apply(given: PipelineInput, amount: int) -> PipelineInput:
        rule = StaticClusterWeight(target_cluster=ClusterAffinity(cluster_names=(name,)), weight=amount)
        return edit_placement(given, policy, lambda placement: _with_rule(placement, rule))

    yield Candidate(
        slot="weight",
        describe=describe,
        apply=apply,
        amounts=range(now + 1, max(now, *(rule.weight for rule in rules)) + 2),
    )


def _with_rule(placement: Placement, rule: StaticClusterWeight) -> Placement:
    scheduling = placement.replica_scheduling
    if scheduling is None:
        return placement
    preference = scheduling.weight_preference or ClusterPreferences()
    rules = (*preference.static_weight_list, rule)
    return replace(
        placement,
        replica_scheduling=replace(scheduling, weight_preference=replace(preference, static_weight_list=rules)),
    )
