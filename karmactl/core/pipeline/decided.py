"""All decisions of a run, and what follows from them: Works cluster by cluster, removals, the next record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from karmactl.core.match import matches_labels
from karmactl.core.model.binding import Binding, TargetCluster
from karmactl.core.model.change import Action, Leaver
from karmactl.core.model.input import Template
from karmactl.core.model.manifest import ResourceRef, labels_of
from karmactl.core.model.plan import Decision, Standing
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import ClusterRecord, Record, Revision, TemplateRecord
from karmactl.core.model.work import Work, WorkFault
from karmactl.core.override import OverrideSet
from karmactl.core.pipeline.given import PipelineInput, is_namespace, stand_in_uid
from karmactl.core.pipeline.records import DEPENDENCY_POLICY, NAMESPACE_POLICY, record_of, without_times
from karmactl.core.pipeline.warnings import input_warnings
from karmactl.core.state import PART_OF_LABEL
from karmactl.core.works import KarmactlMarks, ObjectWorks, WorkMaker

__all__ = ["NOT_SELECTED", "Decided"]

# Why an object that is in the files is not looked at: the run was narrowed to others.
NOT_SELECTED = "not-selected"

_REVISIONS_KEPT = 20


class Decided:
    """All decisions of a run, and what follows from them: Works cluster by cluster, removals, the next record."""

    def __init__(self, given: PipelineInput, decisions: Sequence[Decision], *, is_removal: bool = False) -> None:
        self.given = given
        self.clusters = given.clusters
        self.warnings = input_warnings(given)
        self._is_removal = is_removal
        self._by_identity = {decision.ref.identity: decision for decision in decisions}
        self._selected = self._select(decisions)
        self.decisions = tuple(decision for decision in decisions if decision.ref.identity in self._selected)
        self._recorded = {entry.resource.identity: entry for entry in given.record.templates}
        self._maker = WorkMaker(
            interpreter=given.interpreter,
            overrides=OverrideSet(given.inputs.override_policies, given.clusters),
            marks=KarmactlMarks(labels={PART_OF_LABEL: given.set_id} if given.set_id else {}),
        )
        self._works: dict[tuple[str, str, str, str], ObjectWorks] = {}

    def _select(self, decisions: Sequence[Decision]) -> frozenset[tuple[str, str, str, str]]:
        """The templates that the run may touch: those that the selector names, and what they cannot do without."""
        if self.given.selector is None:
            return frozenset(self._by_identity)
        named = [decision for decision in decisions if self.selects(labels_of(decision.template.manifest))]
        chosen = {decision.ref.identity for decision in named}
        namespaces = {decision.ref.namespace for decision in named if decision.targets}
        for decision in decisions:
            is_needed = any(ref.identity in chosen for ref in decision.required_by)
            if is_needed or (is_namespace(decision.ref) and decision.ref.name in namespaces):
                chosen.add(decision.ref.identity)
        return frozenset(chosen)

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether the run may touch what has these labels."""
        return self.given.selector is None or matches_labels(self.given.selector, labels)

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
            is_kept = ref.kind in self.given.kept_kinds
            return Leaver(action=None if is_kept else Action.PRUNE, reason=Reason(code="kept" if is_kept else "delete"))
        prune = Action.PRUNE if self.given.prune else None
        decision = self._by_identity.get(ref.identity)
        if decision is None:
            return Leaver(action=prune, reason=Reason(code="left-the-files"))
        if ref.identity not in self._selected:
            return Leaver(action=None, reason=Reason(code=NOT_SELECTED))
        recorded = self._recorded.get(ref.identity)
        if decision.standing is Standing.UNMATCHED:
            if recorded is not None and recorded.policy == DEPENDENCY_POLICY and not self._may_be_needed(ref):
                return Leaver(action=Action.WITHDRAW, reason=Reason(code="no-longer-needed"))
            return Leaver(action=prune, reason=Reason(code="no-policy"))
        if decision.standing in (Standing.UNPLACEABLE, Standing.SKIPPED):
            return Leaver(action=None, reason=Reason(code=decision.standing.value))
        if is_namespace(ref):
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
            if entry.policy not in (DEPENDENCY_POLICY, NAMESPACE_POLICY)
            and (
                (decision := self._by_identity.get(entry.resource.identity)) is None
                or decision.standing in (Standing.UNMATCHED, Standing.UNPLACEABLE)
            )
        )
        return frozenset(entry.resource.namespace for entry in leftovers)

    @property
    def is_record_new(self) -> bool:
        """Whether the record would say anything else than it does (times and facts apart)."""
        return without_times(self._template_records("")) != without_times(self.given.record.templates)

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
                records[decision.ref.identity] = record_of(decision, self._recorded.get(decision.ref.identity), now)
        return tuple(sorted(records.values(), key=lambda entry: entry.resource))

    def _stays_recorded(self, entry: TemplateRecord) -> bool:
        """What left the files is remembered as long as it runs; what is pruned is forgotten."""
        if self._is_removal:
            return False
        decision = self._by_identity.get(entry.resource.identity)
        if decision is None or decision.standing is Standing.UNMATCHED:
            # With a selector nobody knows here whether it was pruned; a run without one forgets it.
            return not self.given.prune or self.given.selector is not None
        return True
