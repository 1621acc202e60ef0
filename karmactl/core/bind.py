"""A template joined with the policy that claims it: what the scheduler decides on.

Replicas and requirements come from the interpreter; the rest is the policy's. The recorded placement is not here:
whoever has a record puts it into the Binding. Source: Karmada pkg/detector/detector.go (BuildResourceBinding,
BuildClusterResourceBinding, applyReplicaInterpretation, getWorkloadAffinityGroups).
"""

from __future__ import annotations

from dataclasses import replace

from karmactl.core.model.binding import Binding, Component, ReplicaRequirements, WorkloadAffinityGroups
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.interpreter import Interpreter, Operation
from karmactl.core.model.manifest import (
    Manifest,
    api_version_of,
    kind_of,
    labels_of,
    namespace_of,
    ref_of,
    uid_of,
)
from karmactl.core.model.policy import PropagationPolicy, PropagationSpec

__all__ = ["bind"]


def bind(
    template: Manifest,
    policy: PropagationPolicy,
    interpreter: Interpreter,
    *,
    gates: FeatureGates | None = None,
    uid: str | None = None,
) -> Binding:
    """The Binding of a template that was never scheduled.

    `uid` breaks ties in division (None: the template's own). Raises InputError `interpret-failed` where the template
    cannot be interpreted; Karmada then makes no binding.
    """
    gates = gates or FeatureGates()
    spec = policy.spec
    replicas, requirements, components = _demand(template, interpreter, gates)
    return Binding(
        resource=ref_of(template),
        resource_uid=uid_of(template) if uid is None else uid,
        replicas=replicas,
        replica_requirements=requirements,
        components=components,
        placement=spec.placement,
        propagate_deps=spec.propagate_deps,
        failover=spec.failover,
        conflict_resolution=spec.conflict_resolution,
        preserve_resources_on_deletion=spec.preserve_resources_on_deletion,
        suspension=spec.suspension,
        workload_affinity_groups=_affinity_groups(template, spec, gates),
    )


def _demand(
    template: Manifest, interpreter: Interpreter, gates: FeatureGates
) -> tuple[int, ReplicaRequirements | None, tuple[Component, ...]]:
    api_version, kind = api_version_of(template), kind_of(template)
    if gates.multiple_pod_templates_scheduling and interpreter.is_enabled(
        Operation.INTERPRET_COMPONENT, api_version, kind
    ):
        return 0, None, interpreter.interpret_component(template)
    if not interpreter.is_enabled(Operation.INTERPRET_REPLICA, api_version, kind):
        return 0, None, ()
    demand = interpreter.interpret_replica(template)
    requirements = demand.requirements
    if gates.resource_quota_estimate and requirements is not None and not requirements.namespace:
        requirements = replace(requirements, namespace=namespace_of(template))
    return demand.replicas, requirements, ()


def _affinity_groups(template: Manifest, spec: PropagationSpec, gates: FeatureGates) -> WorkloadAffinityGroups | None:
    """The groups that the template's labels put it in; cluster-scoped templates have none."""
    affinity = spec.placement.workload_affinity
    if not gates.workload_affinity or affinity is None or not namespace_of(template):
        return None
    labels = labels_of(template)
    groups = [
        f"{term.group_by_label_key}={labels[term.group_by_label_key]}"
        if term is not None and term.group_by_label_key in labels
        else ""
        for term in (affinity.affinity, affinity.anti_affinity)
    ]
    if not any(groups):
        return None
    return WorkloadAffinityGroups(affinity_group=groups[0], anti_affinity_group=groups[1])
