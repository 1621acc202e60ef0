"""Decisions as reasons: how each cluster fared, and the steps that led to the result.

Only values are gathered here, from the attempt that decided; nothing is decided again. Each reason carries the values
that led to it: the label that an affinity misses, the scores of regions, who got which replica by which quotient.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from karmactl.core.mismatch import mismatches
from karmactl.core.model.binding import Binding, ClusterVerdict
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.policy import ClusterAffinity
from karmactl.core.model.reason import Reason
from karmactl.core.schedule.assign import Division
from karmactl.core.schedule.filter import FilterInput, Refusal, exemptions, is_unverified, refusals
from karmactl.core.schedule.outcome import Attempt
from karmactl.core.schedule.prepare import untolerated_taints
from karmactl.core.schedule.question import Question
from karmactl.core.schedule.spread import group_by_region
from karmactl.core.webster import seats_in_turn

__all__ = ["explain_steps", "explain_verdicts"]

# A division is told seat by seat where a person would still read it.
_MOST_TURNS: Final = 20
_MOST_PARTIES: Final = 12
_Values = dict[str, JSONValue]


def explain_verdicts(attempt: Attempt, binding: Binding) -> tuple[ClusterVerdict, ...]:
    """A verdict for every cluster of the fleet, in name order; a deleting one is refused by `cluster-deleting`."""
    weights: dict[int, int] = {}
    if attempt.assignment is not None:
        for division in attempt.assignment.divisions:
            weights.update(division.weights)
    selected = frozenset(attempt.selected)
    replicas = {target.name: target.replicas for target in attempt.targets}
    return tuple(
        _verdict(attempt, binding, position, position in selected, weights.get(position), replicas)
        for position in range(len(attempt.given.fleet))
    )


def _verdict(
    attempt: Attempt, binding: Binding, position: int, is_selected: bool, weight: int | None, replicas: dict[str, int]
) -> ClusterVerdict:
    given, candidates = attempt.given, attempt.candidates
    name = given.fleet.name(position)
    if position in given.fleet.deleting:
        return ClusterVerdict(cluster=name, filters=(Reason(code="cluster-deleting", subject=name),))
    refused = refusals(given, position)
    is_candidate = candidates is not None and not refused
    exempt = _as_reasons(exemptions(given, position), given, position, binding)
    if is_unverified(given, position):
        exempt += (Reason(code="APIEnablement", subject=name, params={"isUnverified": True}),)
    return ClusterVerdict(
        cluster=name,
        filters=_as_reasons(refused, given, position, binding),
        exempt_filters=exempt,
        is_selected=is_selected,
        score=candidates.score(position) if candidates is not None and is_candidate else None,
        available=_available(attempt, position) if is_candidate else None,
        weight=weight,
        previous=None if candidates is None else candidates.previous.get(position),
        replicas=replicas.get(name),
    )


def _available(attempt: Attempt, position: int) -> int | None:
    """Room; None where nobody knows it and that is told from none at all."""
    given = attempt.given
    is_unknown = given.fleet.clusters[position].resource_summary is None
    if attempt.candidates is None or (is_unknown and given.differences.unknown_capacity_is_error):
        return None
    return attempt.candidates.available(position)


def _as_reasons(refused: Iterable[Refusal], given: FilterInput, position: int, binding: Binding) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            code=refusal.plugin,
            subject=given.fleet.name(position),
            params={"text": refusal.text, **_values_behind(refusal.plugin, given, position, binding)},
        )
        for refusal in refused
    )


def _values_behind(plugin: str, given: FilterInput, position: int, binding: Binding) -> _Values:
    """What the filter looked at, beside Karmada's text."""
    cluster = given.fleet.clusters[position]
    match plugin:
        case "APIEnablement":
            return {"apiVersion": binding.resource.api_version, "kind": binding.resource.kind}
        case "TaintToleration":
            return {"taints": [*untolerated_taints(cluster, given.prepared.placement)]}
        case "ClusterAffinity":
            affinity = _affinity_of(given)
            found: Sequence[Reason] = mismatches(affinity, cluster) if affinity is not None else ()
            rows: list[JSONValue] = [
                {"code": reason.code, "subject": reason.subject, "params": dict(reason.params)} for reason in found
            ]
            return {"term": given.term.name, "mismatches": rows}
        case "SpreadConstraint":
            return {"property": given.prepared.missing_properties[position]}
        case _:
            return {}


def _affinity_of(given: FilterInput) -> ClusterAffinity | None:
    placement = given.prepared.placement
    if placement.cluster_affinity is not None or given.term.name is None:
        return placement.cluster_affinity
    terms = placement.cluster_affinities or ()
    return next((term for term in terms if term.affinity_name == given.term.name), None)


def explain_steps(attempts: Sequence[Attempt], decided: Attempt, question: Question) -> tuple[Reason, ...]:
    """The affinity terms tried, the spread constraints used or not, and each division with its figures, in order."""
    return (*_term_steps(attempts), *_spread_steps(decided, question), *_division_steps(decided, question))


def _term_steps(attempts: Sequence[Attempt]) -> list[Reason]:
    steps = []
    for attempt in attempts:
        name = attempt.given.term.name
        if name is not None:
            outcome = "used" if attempt.error is None else attempt.error.reason.value
            message = "" if attempt.error is None else attempt.error.message
            steps.append(Reason(code="affinity-term", subject=name, params={"outcome": outcome, "message": message}))
    return steps


def _spread_steps(attempt: Attempt, question: Question) -> list[Reason]:
    prepared, regions = attempt.given.prepared, attempt.given.fleet.regions
    counts = {
        "cluster": (len(attempt.feasible), len(attempt.selected)),
        "region": (
            len({regions[position] for position in attempt.feasible}),
            len({regions[position] for position in attempt.selected}),
        ),
    }
    steps = []
    for by_field, constraint in prepared.constraint_by_field.items():
        why = "static-weight" if prepared.ignores_spread else "" if by_field in counts else "filters-only"
        params: _Values = {"minGroups": constraint.min_groups, "maxGroups": constraint.max_groups, "why": why}
        if not why:
            params["feasible"], params["chosen"] = counts[by_field]
        steps.append(
            Reason(
                code="spread-constraint-unused" if why else "spread-constraint-used",
                subject=by_field or constraint.spread_by_label,
                params=params,
            )
        )
    if "region" in prepared.constraint_by_field and not prepared.ignores_spread:
        steps += _region_steps(attempt, question)
    return steps


def _region_steps(attempt: Attempt, question: Question) -> list[Reason]:
    """The regions with the scores that the choice among them went by, in the order of names."""
    fleet, candidates = attempt.given.fleet, attempt.candidates
    if candidates is None:
        return []
    chosen = {fleet.regions[position] for position in attempt.selected}
    groups = group_by_region(
        attempt.given.prepared, fleet.regions, candidates, candidates.in_order(), question.binding.replicas
    )
    return [
        Reason(
            code="spread-region",
            subject=group.name,
            params={
                "score": group.score,
                "clusters": [fleet.name(position) for position in group.positions],
                "isChosen": group.name in chosen,
            },
        )
        for group in groups
    ]


def _division_steps(attempt: Attempt, question: Question) -> list[Reason]:
    if attempt.assignment is None:
        return []
    fleet = attempt.given.fleet
    strategy = attempt.given.prepared.strategy.value
    steps = []
    for division in attempt.assignment.divisions:
        params: _Values = {
            "mode": division.mode,
            "replicas": division.total,
            "weightSum": sum(division.weights.values()),
            "weights": {fleet.name(position): weight for position, weight in sorted(division.weights.items())},
            "ties": "name-descending" if question.is_name_descending else "name-ascending",
        }
        if division.mode == "scale-up" and question.previous:
            params["kept"] = {fleet.name(position): number for position, number in sorted(question.previous.items())}
        if division.total <= _MOST_TURNS and len(division.weights) <= _MOST_PARTIES:
            params["turns"] = _turns(attempt, division, question)
        steps.append(Reason(code="division", subject=strategy, params=params))
    return steps


def _turns(attempt: Attempt, division: Division, question: Question) -> list[JSONValue]:
    """Who got each replica, and by which quotient: weight / (2 x replicas so far + 1)."""
    positions = sorted(division.weights)
    turns = seats_in_turn(
        division.total,
        [division.weights[position] for position in positions],
        is_name_descending=question.is_name_descending,
    )
    return [
        {"cluster": attempt.given.fleet.name(positions[winner]), "quotient": quotient} for winner, quotient in turns
    ]
