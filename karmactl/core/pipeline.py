"""The pipeline: inputs, facts and the recorded placement in; decisions, Works and the next record out.

It joins the stages (select, bind, schedule, depend, works) and adds what karmactl decides differently from Karmada on
purpose: a placement that nothing asks to change stays, silence of a member moves nothing, a Namespace of the folder
follows its objects, and what no longer has a place is withdrawn only with a positive cause. Pure: no clock, no
network; Works are made one cluster at a time and never all held.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property

from karmactl.core.bind import bind
from karmactl.core.depend import attach, attached_binding
from karmactl.core.diff import is_sensitive_resource
from karmactl.core.digest import digest
from karmactl.core.facts import add_apis
from karmactl.core.model.binding import (
    Binding,
    PolicyMatch,
    ScheduleErrorReason,
    ScheduleResult,
    TargetCluster,
    Trigger,
)
from karmactl.core.model.change import Action, Leaver
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.differences import KARMACTL, Differences
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.input import InputSet, Template
from karmactl.core.model.interpreter import Interpreter
from karmactl.core.model.manifest import ResourceRef, as_list, as_str, uid_of
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.plan import Decision, Standing
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import ClusterRecord, Record, Revision, TemplateRecord
from karmactl.core.model.work import Work, WorkFault
from karmactl.core.override import OverrideSet
from karmactl.core.schedule import ScheduleOptions, Scheduler
from karmactl.core.select import match_policies
from karmactl.core.state import PART_OF_LABEL
from karmactl.core.works import KarmactlMarks, ObjectWorks, WorkMaker
from karmactl.core.works.maker import target_clusters

__all__ = ["Decided", "PipelineInput", "decide", "decide_removal", "stand_in_uid"]

_CRD = "CustomResourceDefinition"
_DEPENDENCY_POLICY = "(dependency)"
_NAMESPACE_POLICY = "(namespace)"
_REVISIONS_KEPT = 20
# A verdict a template and cluster: more than this is more than anybody reads, and a lot of memory.
_MOST_VERDICTS = 200_000
# Later than any time of scheduling: a rescheduling was asked for.
_FOREVER = "9999-12-31T23:59:59Z"


def stand_in_uid(ref: ResourceRef) -> str:
    """The UID that breaks ties for a template that has none: stable, and different for different templates.

    Differs from Karmada: files have no UIDs, so one is made from the template's name (design 2.5).
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"karmada.io/{ref.group}/{ref.kind}/{ref.namespace}/{ref.name}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineInput:
    """What a decision is made from.

    `inputs` have their defaults filled in. `clusters` are all members with their facts, `unreachable` the names of
    those that did not answer. `reschedule` asks for fresh placements. `prune` removes what left the files.
    `explain` None keeps every cluster's verdict as long as there are not too many of them.
    """

    inputs: InputSet
    clusters: tuple[Cluster, ...]
    interpreter: Interpreter
    record: Record = field(default_factory=Record)
    unreachable: frozenset[str] = frozenset()
    differences: Differences = KARMACTL
    gates: FeatureGates = field(default_factory=FeatureGates)
    reschedule: bool = False
    prune: bool = False
    explain: bool | None = None
    set_id: str = ""


class Decided:
    """All decisions of a run, and what follows from them: Works cluster by cluster, removals, the next record."""

    def __init__(self, given: PipelineInput, decisions: Sequence[Decision], *, is_removal: bool = False) -> None:
        self.decisions = tuple(decisions)
        self.clusters = given.clusters
        self.warnings = _warnings(given)
        self.given = given
        self._is_removal = is_removal
        self._by_identity = {decision.ref.identity: decision for decision in decisions}
        self._recorded = {entry.resource.identity: entry for entry in given.record.templates}
        self._maker = WorkMaker(
            interpreter=given.interpreter,
            overrides=OverrideSet(given.inputs.override_policies, given.clusters),
            marks=KarmactlMarks(labels={PART_OF_LABEL: given.set_id} if given.set_id else {}),
        )
        self._works: dict[tuple[str, str, str, str], ObjectWorks] = {}

    def works(self, cluster: str, *, kind: str = "") -> Iterator[Work | WorkFault]:
        """The objects that one cluster shall have, in the order of the decisions; of one `kind` alone if given."""
        for decision, target in self._placed(cluster):
            if not kind or decision.ref.kind == kind:
                yield self._object_works(decision).on(target)

    def resources(self, cluster: str) -> Iterator[ResourceRef]:
        """What `works` speaks of, without making it."""
        return (decision.ref for decision, _ in self._placed(cluster))

    def decision(self, ref: ResourceRef) -> Decision | None:
        """The decision about a template; None where it is not among the inputs."""
        return self._by_identity.get(ref.identity)

    def places(self, ref: ResourceRef) -> tuple[str, ...]:
        """The clusters that a template shall be in, by name."""
        decision = self._by_identity.get(ref.identity)
        if decision is None or decision.standing is Standing.UNPLACEABLE:
            return ()
        return tuple(sorted(target.name for target in decision.targets))

    def _placed(self, cluster: str) -> Iterator[tuple[Decision, TargetCluster]]:
        for decision, targets in self._targets:
            target = targets.get(cluster)
            if target is not None:
                yield decision, target

    @cached_property
    def _targets(self) -> list[tuple[Decision, Mapping[str, TargetCluster]]]:
        """The decisions that have a place, with their targets by cluster.

        Made when Works are first asked for. Decisions with one and the same value of targets share it here too.
        """
        shared: dict[int, dict[str, TargetCluster]] = {}
        placed: list[tuple[Decision, Mapping[str, TargetCluster]]] = []
        for decision in self.decisions:
            targets = decision.targets
            if decision.standing is Standing.UNPLACEABLE or not targets:
                continue
            if id(targets) not in shared:
                shared[id(targets)] = {target.name: target for target in targets}
            placed.append((decision, shared[id(targets)]))
        return placed

    def _object_works(self, decision: Decision) -> ObjectWorks:
        works = self._works.get(decision.ref.identity)
        if works is None:
            binding = decision.binding or Binding(resource=decision.ref, resource_uid=stand_in_uid(decision.ref))
            policy = decision.match.winner.policy if decision.match.winner and decision.binding else None
            works = self._maker.prepare(decision.template.manifest, replace(binding, clusters=decision.targets), policy)
            self._works[decision.ref.identity] = works
        return works

    def template(self, ref: ResourceRef) -> Template | None:
        """The template of an object; None for what is not in the files."""
        decision = self._by_identity.get(ref.identity)
        return decision.template if decision is not None else None

    def leaver(self, cluster: str, ref: ResourceRef) -> Leaver:
        """What becomes of an object that a member holds and no Work wants."""
        if self._is_removal:
            return Leaver(action=Action.PRUNE, reason=Reason(code="delete"))
        prune = Action.PRUNE if self.given.prune else None
        decision = self._by_identity.get(ref.identity)
        if decision is None:
            return Leaver(action=prune, reason=Reason(code="left-the-files"))
        recorded = self._recorded.get(ref.identity)
        if decision.standing is Standing.UNMATCHED:
            if recorded is not None and recorded.policy == _DEPENDENCY_POLICY and not self._may_be_needed(ref):
                return Leaver(action=Action.WITHDRAW, reason=Reason(code="no-longer-needed"))
            return Leaver(action=prune, reason=Reason(code="no-policy"))
        if decision.standing in (Standing.UNPLACEABLE, Standing.SKIPPED):
            return Leaver(action=None, reason=Reason(code=decision.standing.value))
        if _is_namespace(ref):
            return Leaver(action=prune, reason=Reason(code="nothing-left-in-it"))
        if decision.binding is not None and decision.binding.preserve_resources_on_deletion:
            return Leaver(action=None, reason=Reason(code="preserved"))
        if decision.standing is Standing.ATTACHED and self._may_be_needed(ref):
            return Leaver(action=prune, reason=Reason(code="no-longer-needed"))
        return Leaver(action=Action.WITHDRAW, reason=Reason(code="placement", subject=cluster))

    def _may_be_needed(self, ref: ResourceRef) -> bool:
        """Whether something that still runs, and that this run no longer places, may need a dependency."""
        return ref.namespace in self._namespaces_with_leftovers

    @cached_property
    def _namespaces_with_leftovers(self) -> frozenset[str]:
        """Namespaces of what was placed once, and stays although no policy or no file places it any more.

        What it needed is not recorded, so nothing that could be its dependency is taken from under it.
        """
        leftovers = (
            entry
            for entry in self.given.record.templates
            if entry.policy not in (_DEPENDENCY_POLICY, _NAMESPACE_POLICY)
            and (
                (decision := self._by_identity.get(entry.resource.identity)) is None
                or decision.standing in (Standing.UNMATCHED, Standing.UNPLACEABLE)
            )
        )
        return frozenset(entry.resource.namespace for entry in leftovers)

    @property
    def is_record_new(self) -> bool:
        """Whether the record would say anything else than it does (times and facts apart)."""
        return _without_times(self._template_records("")) != _without_times(self.given.record.templates)

    def next_record(self, *, now: str, clusters: Sequence[ClusterRecord], revision: Revision) -> Record:
        """The record after this run; `now` is RFC 3339. `clusters` are this run's sightings."""
        record = self.given.record
        seen = {entry.name: entry for entry in (*record.clusters, *clusters)}
        return replace(
            record,
            generation=record.generation + 1,
            templates=self._template_records(now),
            clusters=tuple(entry for _, entry in sorted(seen.items())),
            revisions=(*record.revisions, revision)[-_REVISIONS_KEPT:],
        )

    def _template_records(self, now: str) -> tuple[TemplateRecord, ...]:
        records = {identity: entry for identity, entry in self._recorded.items() if self._stays_recorded(entry)}
        for decision in self.decisions:
            if decision.standing in (Standing.PLACED, Standing.KEPT, Standing.ATTACHED):
                records[decision.ref.identity] = self._record_of(decision, now)
        return tuple(sorted(records.values(), key=lambda entry: entry.resource))

    def _stays_recorded(self, entry: TemplateRecord) -> bool:
        """What left the files is remembered as long as it runs; what is pruned is forgotten."""
        if self._is_removal:
            return False
        decision = self._by_identity.get(entry.resource.identity)
        if decision is None or decision.standing is Standing.UNMATCHED:
            return not self.given.prune
        return True

    def _record_of(self, decision: Decision, now: str) -> TemplateRecord:
        recorded = self._recorded.get(decision.ref.identity)
        is_kept = decision.standing is Standing.KEPT and recorded is not None
        policy = decision.match.winner.policy if decision.match.winner else None
        if policy is not None:
            name = _record_name(policy)
        else:
            name = _NAMESPACE_POLICY if _is_namespace(decision.ref) else _DEPENDENCY_POLICY
        return TemplateRecord(
            resource=decision.ref,
            policy=name,
            placement=recorded.placement
            if is_kept and recorded is not None
            else decision.binding.placement
            if decision.binding is not None
            else None,
            clusters=decision.targets,
            affinity=recorded.affinity
            if is_kept and recorded is not None
            else decision.result.affinity
            if decision.result is not None
            else "",
            digest="" if is_sensitive_resource(decision.ref) else digest(decision.template.manifest),
            last_scheduled_time=recorded.last_scheduled_time if is_kept and recorded is not None else now,
        )


def decide(given: PipelineInput) -> Decided:
    """Every template's decision. CRDs go first: what they define is served wherever they are placed.

    Raises PlacementError `capacity-unknown` where capacity decides and nobody knows it.
    """
    matches = match_policies(
        [template.manifest for template in given.inputs.templates],
        given.inputs.propagation_policies,
        override_policies=given.inputs.override_policies,
    )
    pairs = list(zip(given.inputs.templates, matches, strict=True))
    definitions = [pair for pair in pairs if pair[0].ref.kind == _CRD]
    stage = _Stage(given, given.clusters)
    decided = {template.ref.identity: stage.decide(template, match) for template, match in definitions}
    if definitions:
        stage = _Stage(given, add_apis(given.clusters, _kinds_by_cluster(decided.values())))
    for template, match in pairs:
        if template.ref.identity not in decided:
            decided[template.ref.identity] = stage.decide(template, match)
    decisions = _attach_dependencies(given, [decided[template.ref.identity] for template, _ in pairs])
    return Decided(given, _with_previous(given.record, _attach_namespaces(given, decisions)))


def decide_removal(given: PipelineInput) -> Decided:
    """The decision of `delete`: nothing is wanted any more, everything that the set holds goes."""
    return Decided(given, (), is_removal=True)


class _Stage:
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
        binding = self._bind(template, match.winner.policy, recorded)
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
        settled = self._settle(decision, result)
        former = _former_claim(match, recorded)
        return settled if former is None else replace(settled, notes=(*settled.notes, former))

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
        clusters = tuple(target for target in recorded.clusters if target.name in self._names)
        return replace(
            binding,
            clusters=clusters,
            applied_placement=recorded.placement,
            observed_affinity=recorded.affinity,
            last_scheduled_time=recorded.last_scheduled_time,
            reschedule_triggered_at=_FOREVER if self._given.reschedule else recorded.reschedule_triggered_at,
            graceful_eviction_tasks=recorded.eviction_tasks,
        )

    def _settle(self, decision: Decision, result: ScheduleResult) -> Decision:
        """karmactl's differences: what is kept, held or refused although Karmada would do otherwise."""
        previous = decision.previous
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


def _kinds_by_cluster(decisions: Iterable[Decision]) -> dict[str, list[tuple[str, str]]]:
    """(apiVersion, kind) pairs that the CRDs placed in each cluster will serve."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for decision in decisions:
        spec = field_at(decision.template.manifest, "spec")
        group, kind = as_str(field_at(spec, "group")), as_str(field_at(spec, "names", "kind"))
        served = [
            (f"{group}/{as_str(field_at(version, 'name'))}", kind)
            for version in as_list(field_at(spec, "versions"))
            if field_at(version, "served") is True
        ]
        for target in decision.targets:
            kinds.setdefault(target.name, []).extend(served)
    return kinds


def _attach_dependencies(given: PipelineInput, decisions: Sequence[Decision]) -> list[Decision]:
    """Dependencies (propagateDeps) follow what needs them, wherever that goes."""
    scheduled = [
        (decision.template.manifest, replace(decision.binding, clusters=decision.targets))
        for decision in decisions
        if decision.binding is not None and decision.binding.propagate_deps and decision.targets
    ]
    if not scheduled:
        return list(decisions)
    attachments = attach(scheduled, [decision.template.manifest for decision in decisions], given.interpreter)
    if attachments.faults:
        raise ExceptionGroup("dependencies", list(attachments.faults.values()))
    attached = []
    for decision in decisions:
        needed_by = attachments.needed_by.get(decision.ref.identity, ())
        if not needed_by:
            attached.append(decision)
            continue
        own = replace(decision.binding, clusters=decision.targets) if decision.binding is not None else None
        binding = attached_binding(decision.template.manifest, own, needed_by)
        attached.append(
            replace(
                decision,
                standing=decision.standing if own is not None else Standing.ATTACHED,
                binding=binding,
                targets=_in_name_order(target_clusters(binding)),
                required_by=tuple(other.resource for other in needed_by),
            )
        )
    return attached


def _attach_namespaces(given: PipelineInput, decisions: Sequence[Decision]) -> list[Decision]:
    """A Namespace of the folder that no policy claims goes where something in it goes.

    Differs from Karmada: it copies every Namespace to every cluster (design 2.6).
    """
    first_by_namespace: dict[str, dict[str, ResourceRef]] = {
        decision.ref.name: {} for decision in decisions if _is_following_namespace(decision)
    }
    inside = [decision for decision in decisions if decision.ref.namespace in first_by_namespace]
    # By name, so that the order of files has no say in which object is named as the cause.
    for decision in sorted(inside, key=lambda decision: decision.ref.identity):
        first = first_by_namespace[decision.ref.namespace]
        if len(first) < len(given.clusters):
            for target in decision.targets:
                first.setdefault(target.name, decision.ref)
    attached = []
    for decision in decisions:
        first = first_by_namespace.get(decision.ref.name, {}) if _is_following_namespace(decision) else {}
        if not first:
            attached.append(decision)
            continue
        attached.append(
            replace(
                decision,
                standing=Standing.ATTACHED,
                targets=tuple(TargetCluster(name=name) for name in sorted(first)),
                required_by=tuple(sorted(set(first.values()))),
                notes=(Reason(code="namespace-follows"),),
            )
        )
    return attached


def _with_previous(record: Record, decisions: Sequence[Decision]) -> list[Decision]:
    """What is attached has a recorded place, too."""
    recorded = {entry.resource.identity: entry.clusters for entry in record.templates}
    return [
        replace(decision, previous=recorded.get(decision.ref.identity, ()))
        if decision.standing is Standing.ATTACHED
        else decision
        for decision in decisions
    ]


def _in_name_order(targets: Iterable[TargetCluster]) -> tuple[TargetCluster, ...]:
    return tuple(sorted(targets, key=lambda target: target.name))


def _is_namespace(ref: ResourceRef) -> bool:
    return (ref.group, ref.kind) == ("", "Namespace")


def _record_name(policy: PropagationPolicy) -> str:
    return f"{policy.kind}/{policy.namespace}/{policy.name}"


def _former_claim(match: PolicyMatch, recorded: TemplateRecord | None) -> Reason | None:
    """The policy that claimed a template at the last run and lost it now, although it still matches.

    Differs from Karmada: there the claim is sticky, and the better policy would not take over (design 2.2).
    """
    if recorded is None or match.winner is None or recorded.policy == _record_name(match.winner.policy):
        return None
    for loser, _ in match.losers:
        if _record_name(loser.policy) == recorded.policy:
            names = {"former": _said_name(loser.policy), "winner": _said_name(match.winner.policy)}
            return Reason(code="claim-not-sticky", subject=loser.policy.name, params={**names})
    return None


def _said_name(policy: PropagationPolicy) -> str:
    return f"{policy.kind} {policy.namespace}/{policy.name}" if policy.namespace else f"{policy.kind} {policy.name}"


def _is_following_namespace(decision: Decision) -> bool:
    return _is_namespace(decision.ref) and decision.standing is Standing.UNMATCHED


def _without_times(records: Iterable[TemplateRecord]) -> list[TemplateRecord]:
    return [replace(record, last_scheduled_time="") for record in records]


def _warnings(given: PipelineInput) -> tuple[Reason, ...]:
    """Names in policies that are no member: most often a slip of the pen."""
    known = {cluster.name for cluster in given.clusters}
    unknown: dict[str, str] = {}
    for policy in given.inputs.propagation_policies:
        for name in _names_in(policy):
            if name not in known:
                unknown.setdefault(name, f"{policy.kind}/{policy.name}")
    shrunk = {target.name for entry in given.record.templates for target in entry.clusters} - known
    warnings = [
        Reason(
            code="unknown-cluster",
            subject=name,
            params={"policy": policy, "nearest": next(iter(get_close_matches(name, sorted(known), n=1)), "")},
        )
        for name, policy in sorted(unknown.items())
    ]
    return (*warnings, *(Reason(code="fleet-shrank", subject=name) for name in sorted(shrunk)))


def _names_in(policy: PropagationPolicy) -> Iterator[str]:
    placement = policy.spec.placement
    if placement.cluster_affinity is not None:
        yield from placement.cluster_affinity.cluster_names
    for term in placement.cluster_affinities or ():
        yield from term.cluster_names
