"""From a placed template to the Work of one cluster, step by step in Karmada's order.

Revise replicas, divide a Job's completions, override (so an override beats the scheduler's number), mark, prune. A
step that fails leaves the other clusters alone: it is a WorkFault in the place of a Work. Source: Karmada
pkg/controllers/binding/common.go (ensureWork, needReviseJobCompletions, shouldSuspendDispatching).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from karmactl.core.interpret.form import set_field, whole_number
from karmactl.core.interpret.prune import prune
from karmactl.core.model.binding import Binding, TargetCluster
from karmactl.core.model.interpreter import Interpreter, Operation
from karmactl.core.model.manifest import Manifest, api_version_of, field, kind_of
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.work import FieldOrigin, Overridden, Work, WorkEnvelope, WorkFault
from karmactl.core.override import OverrideSet
from karmactl.core.webster import divide
from karmactl.core.works.marks import Marks, conflict_resolution, record_managed_keys
from karmactl.errors import InputError

__all__ = ["ObjectWorks", "WorkMaker", "target_clusters"]

# How many variants of one object are remembered; clusters with the same replicas and rules share one.
_REMEMBERED: Final = 32


class WorkMaker:
    """Makes Works: holds the interpreter, the prepared overrides and the way to mark objects."""

    def __init__(self, *, interpreter: Interpreter, overrides: OverrideSet, marks: Marks) -> None:
        self.interpreter = interpreter
        self.overrides = overrides
        self.marks = marks

    def prepare(self, template: Manifest, binding: Binding, policy: PropagationPolicy | None) -> ObjectWorks:
        """The Works of one template: `binding` has its clusters and who needs it, `policy` claims it (None: nobody)."""
        return ObjectWorks(self, template, binding, policy)


class ObjectWorks:
    """The Works of one template, made one cluster at a time."""

    def __init__(
        self, maker: WorkMaker, template: Manifest, binding: Binding, policy: PropagationPolicy | None
    ) -> None:
        self.binding = binding
        self.targets = target_clusters(binding)
        self._maker = maker
        self._policy = policy
        self._template = maker.marks.claim(template, policy)
        self._overrides = maker.overrides.match(self._template)
        self._fault: InputError | None = None
        self._placed: dict[tuple[int, int | None], tuple[Manifest, tuple[FieldOrigin, ...]]] = {}
        self._finished: dict[int, tuple[Overridden, Manifest]] = {}
        self._completions: Mapping[str, int] = {}
        try:
            self._completions = _divide_completions(template, binding, self.targets)
        except InputError as exc:
            self._fault = exc

    def __iter__(self) -> Iterator[Work | WorkFault]:
        return (self.on(target) for target in self.targets)

    def on(self, target: TargetCluster) -> Work | WorkFault:
        """The Work for one of `targets`, or why there is none."""
        try:
            if self._fault is not None:
                raise self._fault
            return self._make(target)
        except InputError as exc:
            return WorkFault(cluster=target.name, resource=self.binding.resource, code=exc.code, message=exc.message)

    def _make(self, target: TargetCluster) -> Work | WorkFault:
        binding = self.binding
        placed, origins = self._place(target)
        overridden = self._overrides.apply(placed, target.name)
        if isinstance(overridden, WorkFault):
            return overridden
        manifest, envelope = self._finish(overridden, target.name)
        return Work(
            cluster=target.name,
            resource=binding.resource,
            manifest=manifest,
            replicas=target.replicas if binding.is_workload else None,
            overrides=overridden.applied,
            origins=(*origins, *overridden.origins) if overridden.origins else origins,
            conflict_resolution=conflict_resolution(overridden.manifest, binding),
            is_suspended=_is_suspended(binding, target.name),
            preserve_resources_on_deletion=bool(binding.preserve_resources_on_deletion),
            envelope=envelope,
        )

    def _finish(self, overridden: Overridden, cluster: str) -> tuple[Manifest, WorkEnvelope | None]:
        """The marked and pruned object; clusters whose object is the same up to here share it, if marks allow it."""
        marks = self._maker.marks
        known = self._finished.get(id(overridden.manifest))
        if known is not None:
            return known[1], None
        marked, envelope = marks.mark(overridden, self.binding, self._policy, cluster)
        manifest = record_managed_keys(prune(marked))
        if envelope is None:
            if len(self._finished) >= _REMEMBERED:
                self._finished.clear()
            # Kept together, so that the id stays that of this object.
            self._finished[id(overridden.manifest)] = (overridden, manifest)
        return manifest, envelope

    def _place(self, target: TargetCluster) -> tuple[Manifest, tuple[FieldOrigin, ...]]:
        """The template with the cluster's replicas and completions, and where those fields come from."""
        key = (target.replicas, self._completions.get(target.name))
        if key not in self._placed:
            if len(self._placed) >= _REMEMBERED:
                self._placed.clear()
            self._placed[key] = self._place_anew(target)
        return self._placed[key]

    def _place_anew(self, target: TargetCluster) -> tuple[Manifest, tuple[FieldOrigin, ...]]:
        before, interpreter = self._template, self._maker.interpreter
        manifest = before
        kind = (api_version_of(before), kind_of(before))
        if self.binding.is_workload and interpreter.is_enabled(Operation.REVISE_REPLICA, *kind):
            manifest = interpreter.revise_replica(manifest, target.replicas)
        if self._completions and whole_number(field(manifest, "spec", "completions")) is not None:
            manifest = set_field(manifest, self._completions[target.name], "spec", "completions")
        source = f"{self._policy.kind} {self._policy.name}" if self._policy else ""
        origins = tuple(
            FieldOrigin(
                path=f"/spec/{key}",
                type="placement",
                source=source,
                location=self._policy.location if self._policy else None,
                before=field(before, "spec", key),
            )
            for key in ("replicas", "parallelism", "completions")
            if manifest is not before and field(manifest, "spec", key) != field(before, "spec", key)
        )
        return manifest, origins


def target_clusters(binding: Binding) -> tuple[TargetCluster, ...]:
    """Where the object goes: its own clusters, then those of the bindings that need it and that are not among them.

    Source: Karmada pkg/controllers/binding/common.go, mergeTargetClusters.
    """
    targets = {target.name: target for target in binding.clusters}
    for snapshot in binding.required_by:
        for target in snapshot.clusters:
            targets.setdefault(target.name, target)
    return tuple(targets.values())


def _divide_completions(template: Manifest, binding: Binding, targets: tuple[TargetCluster, ...]) -> Mapping[str, int]:
    """A Job's completions by cluster, weighted by the replicas there; empty where they are not divided."""
    scheduling = binding.placement.replica_scheduling if binding.placement else None
    is_divided = scheduling is not None and scheduling.replica_scheduling_type == "Divided"
    if kind_of(template) != "Job" or binding.replicas <= 0 or not is_divided:
        return {}
    completions = whole_number(field(template, "spec", "completions"), "/spec/completions")
    if not completions:
        return {}
    return divide(completions, {target.name: target.replicas for target in targets}, uid=binding.resource_uid)


def _is_suspended(binding: Binding, cluster: str) -> bool:
    suspension = binding.suspension
    if suspension is None:
        return False
    on_clusters = suspension.dispatching_on_clusters
    return bool(suspension.dispatching) or (on_clusters is not None and cluster in on_clusters.cluster_names)
