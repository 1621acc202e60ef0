"""Would the scheduler run for a binding at all, and why.

Where the answer is NONE Karmada leaves the recorded placement alone, however good another one would be.
Source: Karmada pkg/scheduler/scheduler.go (doScheduleBinding), helper.go (placementChanged), pkg/util/binding.go.
"""

from __future__ import annotations

from datetime import datetime

from karmactl.core.model.binding import Binding, Trigger
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.policy import ClusterAffinityTerm, Placement
from karmactl.core.schedule.fleet import Fleet

__all__ = ["is_reschedule_due", "trigger_of"]


def trigger_of(binding: Binding, placement: Placement, fleet: Fleet, gates: FeatureGates) -> Trigger:
    """The first cause that holds, in Karmada's order."""
    if _is_placement_changed(binding, placement):
        return Trigger.PLACEMENT_CHANGED
    if _is_replicas_changed(binding, placement, gates):
        return Trigger.REPLICAS_CHANGED
    if is_reschedule_due(binding):
        return Trigger.RESCHEDULE_TRIGGERED
    scheduling = placement.replica_scheduling
    if not binding.is_workload or scheduling is None or scheduling.replica_scheduling_type == "Duplicated":
        return Trigger.ALWAYS_FOR_DUPLICATED
    if any(fleet.position_by_name.get(target.name) in fleet.deleting for target in binding.clusters):
        return Trigger.TARGET_CLUSTER_TERMINATING
    return Trigger.NONE


def is_reschedule_due(binding: Binding) -> bool:
    """Whether a rescheduling was asked for after the last scheduling; then placement starts afresh."""
    if not binding.reschedule_triggered_at or not binding.last_scheduled_time:
        return False
    triggered = datetime.fromisoformat(binding.reschedule_triggered_at)
    return triggered > datetime.fromisoformat(binding.last_scheduled_time)


def _is_placement_changed(binding: Binding, placement: Placement) -> bool:
    applied = binding.applied_placement
    if binding.is_applied_placement_unreadable:
        return False
    if applied is None:
        return True
    if placement == applied:
        return False
    if (
        placement.cluster_affinity != applied.cluster_affinity
        or placement.cluster_tolerations != applied.cluster_tolerations
        or placement.spread_constraints != applied.spread_constraints
        or placement.replica_scheduling != applied.replica_scheduling
    ):
        return True
    # What is left are the affinity terms, of which only the one in use counts.
    if not binding.observed_affinity:
        return True
    now = _term_named(placement.cluster_affinities, binding.observed_affinity)
    then = _term_named(applied.cluster_affinities, binding.observed_affinity)
    return now is None or now != then


def _term_named(terms: tuple[ClusterAffinityTerm, ...] | None, name: str) -> ClusterAffinityTerm | None:
    return next((term for term in terms or () if term.affinity_name == name), None)


def _is_replicas_changed(binding: Binding, placement: Placement, gates: FeatureGates) -> bool:
    scheduling = placement.replica_scheduling
    if scheduling is None:
        return False
    if gates.multiple_pod_templates_scheduling and binding.components and not binding.clusters:
        return True
    if scheduling.replica_scheduling_type == "Duplicated":
        return any(target.replicas != binding.replicas for target in binding.clusters)
    if scheduling.replica_scheduling_type == "Divided":
        return sum(target.replicas for target in binding.clusters) != binding.replicas
    return False
