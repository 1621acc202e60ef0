"""The `name` form for shell loops: three columns, `CLUSTER NAMESPACE kind.group/name`, `-` for no namespace."""

from __future__ import annotations

from collections.abc import Iterable

from karmactl.core.impact import changes_of
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Decision, Plan
from karmactl.core.model.state import Deletion
from karmactl.core.model.status import FleetStatus
from karmactl.render.names import qualified_name
from karmactl.render.text import clean

__all__ = ["change_names", "deletion_names", "placement_names", "status_names"]


def change_names(plan: Plan) -> str:
    """The objects that a plan changes."""
    return _listed((change.cluster, change.resource) for change in changes_of(plan))


def placement_names(decisions: Iterable[Decision]) -> str:
    """The objects of decisions, in the clusters where they go."""
    return _listed((target.name, decision.ref) for decision in decisions for target in decision.targets)


def status_names(status: FleetStatus) -> str:
    """The workloads, in the clusters where they are."""
    return _listed((cell.cluster, workload.resource) for workload in status.workloads for cell in workload.cells)


def deletion_names(deletions: Iterable[Deletion]) -> str:
    """The objects that were taken away, in the clusters where they were."""
    return _listed((entry.cluster, entry.resource) for entry in deletions)


def _listed(rows: Iterable[tuple[str, ResourceRef]]) -> str:
    texts = (f"{cluster} {ref.namespace or '-'} {qualified_name(ref)}" for cluster, ref in rows)
    return "".join(f"{clean(text)}\n" for text in texts)
