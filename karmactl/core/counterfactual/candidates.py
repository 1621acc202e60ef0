"""What could be changed so that a cluster gets an object: the cases, and changes to the template and to the run.

Only what the decision gives a reason for is offered: a taint that nobody tolerates, a maximum that was reached, a
weight that is missing. Whether it helps is for `search` to find out. Changes of the policy are in `of_policy`, those
of the cluster in `of_cluster`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from karmactl.core.counterfactual.edits import edit_template
from karmactl.core.model.binding import ClusterVerdict
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.interpreter import Operation
from karmactl.core.model.manifest import Manifest
from karmactl.core.model.plan import Decision
from karmactl.core.model.policy import ClusterAffinity, PropagationPolicy
from karmactl.core.model.reason import Reason
from karmactl.core.pipeline import PipelineInput

__all__ = ["Candidate", "Case", "fixed", "run_candidates", "template_candidates"]

_ONCE = range(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The decision that is asked about, made with all its reasons, and the cluster that did not get the object."""

    given: PipelineInput
    decision: Decision
    cluster: Cluster

    @property
    def policy(self) -> PropagationPolicy | None:
        """The policy that claims the object."""
        winner = self.decision.match.winner
        return winner.policy if winner is not None else None

    @property
    def verdict(self) -> ClusterVerdict | None:
        """How the decision saw the cluster; None where it was not made."""
        return next((verdict for verdict in self.verdicts if verdict.cluster == self.cluster.name), None)

    @property
    def verdicts(self) -> Sequence[ClusterVerdict]:
        """How the decision saw each cluster."""
        return self.decision.result.verdicts if self.decision.result is not None else ()

    @property
    def replicas(self) -> int:
        """The template's replicas."""
        return self.decision.binding.replicas if self.decision.binding is not None else 0

    @property
    def strategy(self) -> str:
        """The strategy that divides replicas, "" where there is nothing to divide."""
        return self.decision.result.strategy if self.decision.result is not None else ""

    @property
    def is_failed(self) -> bool:
        """Whether the decision ended in an error."""
        return self.decision.result is not None and self.decision.result.error is not None

    def affinity_in_use(self) -> tuple[str | None, ClusterAffinity | None]:
        """The affinity that was asked last, with its name if it is a term."""
        if self.policy is None:
            return None, None
        placement = self.policy.spec.placement
        if placement.cluster_affinities is None or placement.cluster_affinity is not None:
            return None, placement.cluster_affinity
        result = self.decision.result
        tried = [step.subject for step in result.steps if step.code == "affinity-term"] if result else []
        # Where all terms failed the first one is what the user is told about.
        name = (tried[0] if self.is_failed else tried[-1]) if tried else ""
        terms = placement.cluster_affinities
        term = next((term for term in terms if term.affinity_name == name), terms[0] if terms else None)
        return (term.affinity_name, term) if term is not None else (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A change that may help. Of one `slot` only one is made at a time.

    `amounts` are the sizes it can have, the smallest change first; `describe` and `apply` take one of them. What has
    no size has the one amount 0.
    """

    slot: str
    describe: Callable[[int], Reason]
    apply: Callable[[PipelineInput, int], PipelineInput]
    amounts: Sequence[int] = _ONCE


def fixed(slot: str, reason: Reason, apply: Callable[[PipelineInput], PipelineInput]) -> Candidate:
    """A change that has no size."""
    return Candidate(slot=slot, describe=lambda _: reason, apply=lambda given, _: apply(given))


def run_candidates(case: Case) -> Iterator[Candidate]:
    """Changes to the run: a fresh placement, members that answer again, an eviction that ended."""
    recorded = case.given.record.template(case.decision.ref.identity)
    if case.decision.previous and not case.given.reschedule:
        yield fixed(
            "reschedule",
            Reason(code="reschedule", params={"recorded": [target.name for target in case.decision.previous]}),
            lambda given: replace(given, reschedule=True),
        )
    silent = {note.subject for note in case.decision.notes if note.code == "held-unreachable"}
    if case.cluster.name in case.given.unreachable:
        silent.add(case.cluster.name)
    for name in sorted(silent):
        yield _answering(name)
    if recorded is not None and any(task.from_cluster == case.cluster.name for task in recorded.eviction_tasks):
        yield fixed(
            "eviction",
            Reason(code="end-eviction", subject=case.cluster.name),
            lambda given: _without_eviction(case, given),
        )


def _answering(name: str) -> Candidate:
    return fixed(
        f"reach {name}",
        Reason(code="let-answer", subject=name),
        lambda given: replace(given, unreachable=given.unreachable - {name}),
    )


def _without_eviction(case: Case, given: PipelineInput) -> PipelineInput:
    identity = case.decision.ref.identity
    templates = tuple(
        replace(
            entry,
            eviction_tasks=tuple(task for task in entry.eviction_tasks if task.from_cluster != case.cluster.name),
        )
        if entry.resource.identity == identity
        else entry
        for entry in given.record.templates
    )
    return replace(given, record=replace(given.record, templates=templates))


def template_candidates(case: Case) -> Iterator[Candidate]:
    """Changes to the template: more replicas, so that one is left for the cluster; fewer, so that they fit at all."""
    ref, interpreter = case.decision.ref, case.given.interpreter
    is_divided = case.strategy not in ("", "Duplicated")
    if not is_divided or not interpreter.is_enabled(Operation.REVISE_REPLICA, ref.api_version, ref.kind):
        return
    now = case.replicas
    if case.is_failed:
        amounts, code = range(now - 1, 0, -1), "fewer-replicas"
    else:
        # Where room divides there is no sense in more than fits; elsewhere every cluster has its turn before long.
        amounts, code = range(now + 1, 64 * (now + len(case.given.clusters))), "more-replicas"

    def revise(manifest: Manifest, replicas: int) -> Manifest:
        return interpreter.revise_replica(manifest, replicas)

    yield Candidate(
        slot="replicas",
        describe=lambda amount: Reason(code=code, subject=str(ref), params={"from": now, "to": amount}),
        apply=lambda given, amount: edit_template(given, ref, lambda manifest: revise(manifest, amount)),
        amounts=amounts,
    )
