"""Binding and scheduling of one template after another, with what karmactl decides otherwise than Karmada."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from karmactl.core.bind import bind
from karmactl.core.digest import template_digest
from karmactl.core.model.binding import (
    Binding,
    PolicyMatch,
    ScheduleErrorReason,
    ScheduleResult,
    TargetCluster,
    Trigger,
)
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.input import Template
from karmactl.core.model.manifest import uid_of
from karmactl.core.model.plan import Decision, Standing
from karmactl.core.model.policy import Placement, PropagationPolicy
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import TemplateRecord
from karmactl.core.pipeline.given import PipelineInput, record_name, stand_in_uid
from karmactl.core.schedule import ScheduleOptions, Scheduler

__all__ = ["Stage"]

# A verdict a template and cluster: more than this is more than anybody reads, and a lot of memory.
_MOST_VERDICTS = 200_000
# Later than any time of scheduling: a rescheduling was asked for.
_FOREVER = "9999-12-31T23:59:59Z"


class Stage:
    """Binding and scheduling on one state of the fleet."""

    def __init__(self, given: PipelineInput, clusters: Iterable[Cluster]) -> None:
        self._given = given
        self._recorded = {entry.resource.identity: entry for entry in given.record.templates}
        pairs = len(given.inputs.templates) * len(given.clusters)
        self._explain = pairs <= _MOST_VERDICTS if given.explain is None else given.explain
        self._names = frozenset(cluster.name for cluster in given.clusters)
        self._scheduler = Scheduler(
            clusters,
            options=ScheduleOptions(gates=given.gates, differences=given.differences),
            unreachable=given.unreachable,
        )

    def decide(self, template: Template, match: PolicyMatch) -> Decision:
        if match.is_skipped:
            return Decision(template=template, standing=Standing.SKIPPED, match=match)
        if match.winner is None or match.missing_overrides:
            notes = tuple(Reason(code="dependent-override-missing", subject=name) for name in match.missing_overrides)
            return Decision(template=template, standing=Standing.UNMATCHED, match=match, notes=notes)
        recorded = self._recorded.get(template.ref.identity)
        policy = match.winner.policy
        binding = self._bind(template, policy, recorded)
        result = self._scheduler.schedule(binding, explain=self._explain)
        decision = Decision(
            template=template,
            standing=Standing.PLACED,
            match=match,
            binding=binding,
            result=result,
            targets=result.clusters,
            previous=recorded.clusters if recorded else (),
        )
        settled = self._settle(decision, result, recorded.scheduled if recorded else ())
        former = _former_claim(match, recorded)
        lazy = Reason(code="kept-lazy", subject=policy.name) if binding.placement != policy.spec.placement else None
        return replace(settled, notes=(*settled.notes, *(note for note in (former, lazy) if note is not None)))

    def _bind(self, template: Template, policy: PropagationPolicy, recorded: TemplateRecord | None) -> Binding:
        binding = bind(
            template.manifest,
            policy,
            self._given.interpreter,
            gates=self._given.gates,
            uid=uid_of(template.manifest) or stand_in_uid(template.ref),
        )
        if recorded is None:
            return binding
        # A cluster that left the fleet cannot keep its share: its replicas are missing from the sum, so they move.
        clusters = tuple(target for target in recorded.scheduled if target.name in self._names)
        return replace(
            binding,
            placement=_placement(template, policy, recorded),
            clusters=clusters,
            applied_placement=recorded.placement,
            observed_affinity=recorded.affinity,
            last_scheduled_time=recorded.last_scheduled_time,
            reschedule_triggered_at=_FOREVER if self._given.reschedule else recorded.reschedule_triggered_at,
            graceful_eviction_tasks=recorded.eviction_tasks,
        )

    def _settle(self, decision: Decision, result: ScheduleResult, previous: tuple[TargetCluster, ...]) -> Decision:
        """karmactl's differences: what is kept, held or refused although Karmada would do otherwise.

        `previous` is what was decided before, without clusters where the object only follows others.
        """
        if previous and result.trigger is Trigger.NONE and all(target.name in self._names for target in previous):
            return replace(decision, standing=Standing.KEPT, targets=previous, notes=(Reason(code="kept-recorded"),))
        if result.error is not None:
            if previous and result.error.reason is not ScheduleErrorReason.NO_CLUSTER_FIT:
                note = Reason(code="kept-after-error", params={"message": result.error.message})
                return replace(decision, standing=Standing.KEPT, targets=previous, notes=(note,))
            return replace(decision, standing=Standing.UNPLACEABLE, targets=())
        silent = sorted(target.name for target in previous if target.name in self._given.unreachable)
        if silent and result.clusters != previous:
            notes = tuple(Reason(code="held-unreachable", subject=name) for name in silent)
            return replace(decision, standing=Standing.HELD, targets=previous, notes=notes)
        return decision


def _placement(template: Template, policy: PropagationPolicy, recorded: TemplateRecord) -> Placement:
    """The policy's placement; of a Lazy policy the recorded one as long as the template is as it was then.

    Source: Karmada docs on activationPreference, pkg/detector/policy.go. Differs from Karmada: the rest of a Lazy
    policy takes effect at once, and a template that was never placed does not wait (files have no order).
    """
    written = policy.spec.placement
    if policy.spec.activation_preference != "Lazy" or recorded.placement in (None, written) or not recorded.digest:
        return written
    is_same = recorded.digest == template_digest(template.manifest)
    return recorded.placement if is_same and recorded.placement is not None else written


def _former_claim(match: PolicyMatch, recorded: TemplateRecord | None) -> Reason | None:
    """The policy that claimed a template at the last run and lost it now, although it still matches.

    Differs from Karmada: there the claim is sticky, and the better policy would not take over (design 2.2).
    """
    if recorded is None or match.winner is None or recorded.policy == record_name(match.winner.policy):
        return None
    for loser, _ in match.losers:
        if record_name(loser.policy) == recorded.policy:
            names = {"former": loser.policy.title, "winner": match.winner.policy.title}
            return Reason(code="claim-not-sticky", subject=loser.policy.name, params={**names})
    return None
