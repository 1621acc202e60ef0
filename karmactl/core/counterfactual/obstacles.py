"""Everything that keeps a cluster from an object now, with the values that say so."""

from __future__ import annotations

from collections.abc import Iterator

from karmactl.core.counterfactual.candidates import Case
from karmactl.core.model.binding import ClusterVerdict
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.plan import Standing
from karmactl.core.model.reason import Reason

__all__ = ["obstacles_of"]


def obstacles_of(case: Case) -> tuple[Reason, ...]:
    """The obstacles in the order in which a decision meets them."""
    return tuple(_obstacles(case))


def _obstacles(case: Case) -> Iterator[Reason]:
    decision, verdict = case.decision, case.verdict
    ref = str(decision.ref)
    if decision.standing is Standing.SKIPPED:
        yield Reason(code="reserved-namespace", subject=ref, params={"namespace": decision.ref.namespace})
    elif decision.standing is Standing.UNMATCHED and not decision.match.missing_overrides:
        policies = len(case.given.inputs.propagation_policies)
        yield Reason(code="unmatched", subject=ref, params={"policies": policies})
    elif decision.standing is Standing.ATTACHED:
        yield Reason(code="follows", subject=ref, params={"objects": [str(other) for other in decision.required_by]})
    if decision.standing in (Standing.HELD, Standing.KEPT) or decision.match.missing_overrides:
        yield from decision.notes
    if verdict is not None:
        yield from verdict.filters
        if not verdict.filters:
            yield from _after_filters(case, verdict)
    if decision.result is not None and decision.result.error is not None:
        error = decision.result.error
        yield Reason(
            code="decision-failed", subject=ref, params={"reason": error.reason.value, "message": error.message}
        )


def _after_filters(case: Case, verdict: ClusterVerdict) -> Iterator[Reason]:
    """It passed the filters, and then others were chosen or replicas ran out."""
    if case.is_failed:
        return
    figures: dict[str, JSONValue] = {"score": verdict.score, "available": verdict.available}
    if not verdict.is_selected:
        chosen = [other.cluster for other in case.verdicts if other.is_selected]
        yield Reason(code="not-chosen", subject=verdict.cluster, params={**figures, "chosen": [*chosen]})
    elif not verdict.replicas and case.decision.has_replicas:
        weights: dict[str, JSONValue] = {
            other.cluster: other.weight for other in case.verdicts if other.weight is not None
        }
        code = "no-weight" if verdict.weight is None else "no-share"
        params: dict[str, JSONValue] = {
            **figures,
            "strategy": case.strategy,
            "weight": verdict.weight,
            "weights": weights,
            "replicas": case.replicas,
        }
        yield Reason(code=code, subject=verdict.cluster, params=params)
