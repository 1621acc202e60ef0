"""Decisions as reasons: how each cluster fared, and the steps that led to the result.

Only values are gathered here, from the attempt that decided; nothing is decided again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from karmactl.core.model.binding import ClusterVerdict
from karmactl.core.model.reason import Reason
from karmactl.core.schedule.filter import FilterInput, Refusal, exemptions, is_unverified, refusals
from karmactl.core.schedule.outcome import Attempt

__all__ = ["explain_steps", "explain_verdicts"]


def explain_verdicts(attempt: Attempt) -> tuple[ClusterVerdict, ...]:
    """A verdict for every cluster of the fleet, in name order; a deleting one is refused by `cluster-deleting`."""
    weights: dict[int, int] = {}
    if attempt.assignment is not None:
        for division in attempt.assignment.divisions:
            weights.update(division.weights)
    selected = frozenset(attempt.selected)
    replicas = {target.name: target.replicas for target in attempt.targets}
    return tuple(
        _verdict(attempt, position, position in selected, weights.get(position), replicas)
        for position in range(len(attempt.given.fleet))
    )


def _verdict(
    attempt: Attempt, position: int, is_selected: bool, weight: int | None, replicas: dict[str, int]
) -> ClusterVerdict:
    given, candidates = attempt.given, attempt.candidates
    name = given.fleet.name(position)
    if position in given.fleet.deleting:
        return ClusterVerdict(cluster=name, filters=(Reason(code="cluster-deleting", subject=name),))
    refused = refusals(given, position)
    is_candidate = candidates is not None and not refused
    return ClusterVerdict(
        cluster=name,
        filters=_as_reasons(refused, name),
        exempt_filters=_exempt_reasons(given, position, name),
        is_selected=is_selected,
        score=candidates.score(position) if candidates is not None and is_candidate else None,
        available=candidates.available(position) if candidates is not None and is_candidate else None,
        weight=weight,
        previous=None if candidates is None else candidates.previous.get(position),
        replicas=replicas.get(name),
    )


def _as_reasons(refused: Iterable[Refusal], cluster: str) -> tuple[Reason, ...]:
    return tuple(Reason(code=refusal.plugin, subject=cluster, params={"text": refusal.text}) for refusal in refused)


def _exempt_reasons(given: FilterInput, position: int, cluster: str) -> tuple[Reason, ...]:
    reasons = _as_reasons(exemptions(given, position), cluster)
    if is_unverified(given, position):
        reasons += (Reason(code="APIEnablement", subject=cluster, params={"isUnverified": True}),)
    return reasons


def explain_steps(attempts: Sequence[Attempt], decided: Attempt) -> tuple[Reason, ...]:
    """The affinity terms tried, the spread constraints used or not, and each division with its figures, in order."""
    return (*_term_steps(attempts), *_spread_steps(decided), *_division_steps(decided))


def _term_steps(attempts: Sequence[Attempt]) -> list[Reason]:
    steps = []
    for attempt in attempts:
        name = attempt.given.term.name
        if name is not None:
            outcome = "used" if attempt.error is None else attempt.error.reason.value
            message = "" if attempt.error is None else attempt.error.message
            steps.append(Reason(code="affinity-term", subject=name, params={"outcome": outcome, "message": message}))
    return steps


def _spread_steps(attempt: Attempt) -> list[Reason]:
    prepared = attempt.given.prepared
    steps = []
    for by_field, constraint in prepared.constraint_by_field.items():
        is_choosing = by_field == "region" or by_field == "cluster"
        why = "static-weight" if prepared.ignores_spread else "" if is_choosing else "filters-only"
        steps.append(
            Reason(
                code="spread-constraint-unused" if why else "spread-constraint-used",
                subject=by_field or constraint.spread_by_label,
                params={"minGroups": constraint.min_groups, "maxGroups": constraint.max_groups, "why": why},
            )
        )
    return steps


def _division_steps(attempt: Attempt) -> list[Reason]:
    if attempt.assignment is None:
        return []
    fleet = attempt.given.fleet
    return [
        Reason(
            code="division",
            subject=attempt.given.prepared.strategy.value,
            params={
                "mode": division.mode,
                "replicas": division.total,
                "weightSum": sum(division.weights.values()),
                "weights": {fleet.name(position): weight for position, weight in sorted(division.weights.items())},
            },
        )
        for division in attempt.assignment.divisions
    ]
