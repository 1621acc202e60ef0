"""The search for the smallest change after which a cluster gets an object: one change, then two.

Each question is a whole decision about the object on changed inputs, so what is found is what would happen. Inputs
are cut down to what the object's decision depends on: its own template, those that it follows, and the CRDs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from karmactl.core.counterfactual.candidates import Candidate, Case, run_candidates, template_candidates
from karmactl.core.counterfactual.obstacles import obstacles_of
from karmactl.core.counterfactual.of_cluster import cluster_candidates
from karmactl.core.counterfactual.of_policy import policy_candidates
from karmactl.core.model.counterfactual import Remedy, WhyNot
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Decision
from karmactl.core.pipeline import Decided, PipelineInput, decide
from karmactl.errors import KarmactlError

__all__ = ["explained", "why_not"]

_CRD = "CustomResourceDefinition"
# A thousand clusters take some milliseconds a question: this is a matter of seconds at most.
_MOST_QUESTIONS = 600
_MOST_REMEDIES = 6
_MOST_LEADERS = 4


def explained(decided: Decided, decision: Decision) -> Decision:
    """The same decision with a verdict for every cluster, also where the run was too large to keep them."""
    if decision.result is None or decision.result.verdicts:
        return decision
    return _decision_of(_narrowed(decided, [decision, *_leaders(decided, decision)]), decision.ref) or decision


def why_not(decided: Decided, decision: Decision, cluster: str) -> WhyNot:
    """What keeps a cluster of the fleet from getting an object, and the smallest changes that would cure it.

    Raises KeyError for a cluster that is not in the fleet.
    """
    facts = {entry.name: entry for entry in decided.clusters}[cluster]
    if _is_target(decision, cluster):
        return WhyNot(cluster=cluster, is_target=True)
    leaders = _leaders(decided, decision)
    given = _narrowed(decided, [decision, *leaders])
    case = Case(given=given, decision=_decision_of(given, decision.ref) or decision, cluster=facts)
    search = _Search(case, [leader.ref for leader in leaders if leader.result is not None][:_MOST_LEADERS])
    size, remedies = 1, search.single_changes()
    if not remedies:
        size, remedies = 2, search.pairs()
    return WhyNot(
        cluster=cluster,
        is_target=False,
        obstacles=obstacles_of(case),
        remedies=tuple(remedies[:_MOST_REMEDIES]),
        size_tried=size,
        questions=search.questions,
        is_cut_short=search.questions >= _MOST_QUESTIONS,
    )


def _is_target(decision: Decision | None, cluster: str) -> bool:
    return decision is not None and any(target.name == cluster for target in decision.targets)


def _leaders(decided: Decided, decision: Decision) -> list[Decision]:
    """What a template follows, and what that follows in turn."""
    found: dict[ResourceRef, Decision] = {}
    waiting = [*decision.required_by]
    while waiting:
        leader = decided.decision(waiting.pop(0))
        if leader is not None and leader.ref not in found:
            found[leader.ref] = leader
            waiting += leader.required_by
    return list(found.values())


def _narrowed(decided: Decided, decisions: Sequence[Decision]) -> PipelineInput:
    """The inputs that some decisions depend on, with all reasons kept."""
    given = decided.given
    wanted = {decision.ref.identity for decision in decisions}
    templates = tuple(
        template for template in given.inputs.templates if template.ref.kind == _CRD or template.ref.identity in wanted
    )
    return replace(given, inputs=replace(given.inputs, templates=templates), explain=True)


def _decision_of(given: PipelineInput, ref: ResourceRef) -> Decision | None:
    """The decision about one object; None where it cannot be made."""
    try:
        decisions = decide(given).decisions
    except (KarmactlError, ExceptionGroup):
        return None
    return next((entry for entry in decisions if entry.ref.identity == ref.identity), None)


def _candidates_of(case: Case, leaders: Sequence[ResourceRef]) -> list[Candidate]:
    """All that could be changed about an object, and about those that it follows."""
    cases = [case]
    for ref in leaders:
        leader = _decision_of(case.given, ref)
        if leader is not None:
            cases.append(replace(case, decision=leader))
    found: list[Candidate] = []
    for each in cases:
        found += policy_candidates(each)
        found += cluster_candidates(each)
        found += run_candidates(each)
        found += template_candidates(each)
    unique = {_key(candidate): candidate for candidate in reversed(found) if candidate.amounts}
    return list(reversed(unique.values()))


def _key(candidate: Candidate) -> tuple[str, str, str]:
    """What tells candidates apart, whoever offers them."""
    reason = candidate.describe(candidate.amounts[0])
    return (candidate.slot, reason.code, f"{reason.subject} {sorted(reason.params.items())}")


_Sized = tuple[Candidate, int]


class _Search:
    """Asks the pipeline about changes to one case."""

    def __init__(self, case: Case, leaders: Sequence[ResourceRef]) -> None:
        self.questions = 0
        self._case = case
        self._leaders = leaders
        self._candidates = _candidates_of(case, leaders)
        # What the decision is after each single change that did not help: it may show the next obstacle.
        self._after: list[tuple[Candidate, PipelineInput, Decision | None]] = []

    def single_changes(self) -> list[Remedy]:
        """Every change that helps alone, in the smallest size that does."""
        remedies = []
        for candidate in self._candidates:
            found = self._smallest(candidate, ())
            if found is not None:
                remedies.append(found[1])
            else:
                changed = candidate.apply(self._case.given, candidate.amounts[-1])
                self._after.append((candidate, changed, _decision_of(changed, self._case.decision.ref)))
        return remedies

    def pairs(self) -> list[Remedy]:
        """Every two changes that help together, where none helped alone."""
        pairs = list(combinations(self._candidates, 2))
        known = {_key(candidate) for candidate in self._candidates}
        for candidate, changed, decision in self._after:
            if decision is not None:
                pairs += [(candidate, other) for other in self._next(changed, decision) if _key(other) not in known]
        remedies = []
        for first, second in pairs:
            remedy = self._pair(first, second) if first.slot != second.slot else None
            if remedy is not None:
                remedies.append(remedy)
            if len(remedies) >= _MOST_REMEDIES:
                break
        return remedies

    def _next(self, given: PipelineInput, decision: Decision) -> list[Candidate]:
        """What could be changed after a first change."""
        cluster = next(entry for entry in given.clusters if entry.name == self._case.cluster.name)
        return _candidates_of(Case(given=given, decision=decision, cluster=cluster), self._leaders)

    def _pair(self, first: Candidate, second: Candidate) -> Remedy | None:
        """The second change with the first one as large as can be, and then the first one no larger than needed."""
        found = self._smallest(second, ((first, first.amounts[-1]),))
        if found is None:
            return None
        amount, remedy = found
        if len(first.amounts) > 1:
            smaller = self._smallest(first, ((second, amount),))
            if smaller is not None:
                remedy = replace(smaller[1], changes=smaller[1].changes[::-1])
        return remedy

    def _smallest(self, candidate: Candidate, others: Sequence[_Sized]) -> tuple[int, Remedy] | None:
        """The smallest size of a change that helps on top of others: in growing steps, then by halves."""
        amounts = candidate.amounts
        failed, index = -1, 0
        while (found := self._ask((*others, (candidate, amounts[index])))) is None:
            if index == len(amounts) - 1:
                return None
            failed, index = index, min(2 * index + 1, len(amounts) - 1)
        while index - failed > 1:
            middle = (failed + index) // 2
            smaller = self._ask((*others, (candidate, amounts[middle])))
            if smaller is None:
                failed = middle
            else:
                index, found = middle, smaller
        return amounts[index], found

    def _ask(self, changes: Sequence[_Sized]) -> Remedy | None:
        """Whether the cluster gets the object after these changes."""
        if self.questions >= _MOST_QUESTIONS:
            return None
        self.questions += 1
        given = self._case.given
        for candidate, amount in changes:
            given = candidate.apply(given, amount)
        # Only where it goes is looked at, not why.
        decision = _decision_of(replace(given, explain=False), self._case.decision.ref)
        if decision is None or not _is_target(decision, self._case.cluster.name):
            return None
        return Remedy(
            changes=tuple(candidate.describe(amount) for candidate, amount in changes), targets=decision.targets
        )
