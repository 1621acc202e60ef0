"""Overrides that do not apply, as errors: they stop a run before its first write."""

from __future__ import annotations

from collections.abc import Sequence

from karmactl.core.model.work import WorkFault
from karmactl.core.pipeline import Decided
from karmactl.errors import PolicyError

__all__ = ["fault_error", "refuse_faults"]


def refuse_faults(decided: Decided, clusters: Sequence[str]) -> None:
    """Raise an ExceptionGroup of PolicyErrors where an override does not apply to an object of one of the clusters."""
    faults = [fault for cluster in clusters for fault in decided.works(cluster) if isinstance(fault, WorkFault)]
    if faults:
        raise ExceptionGroup("overrides", [fault_error(fault) for fault in faults])


def fault_error(fault: WorkFault) -> PolicyError:
    """The error of one object that could not be made for one cluster, at the place of the override rule."""
    override = fault.override
    policy = f"{override.kind} {override.name}, rule {override.rule_index + 1}" if override else ""
    return PolicyError(
        fault.code,
        fault.message,
        why=f"{policy}, on {fault.resource}" if policy else f"on {fault.resource}",
        hint="karmactl why shows which overrides an object gets",
        location=override.location if override else None,
        cluster=fault.cluster,
        resource=str(fault.resource),
    )
