"""Runs that ask no cluster: settings, files and the fleet that they declare, decided.

`plan`, `diff`, `why` and `render` share this with `--dry-run=client`. No kubeconfig is read, no record is looked at,
and the facts of members are those of karmactl.yaml and Cluster files, whose `status` counts here alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from karmactl.cli.options import read_validation
from karmactl.cli.runs import Request, check_chosen, decide_run, fleet_options, read_run_inputs
from karmactl.cli.values import check_set_name, split_values
from karmactl.cli.wiring import Project, load_offline_members, load_project, system_clock
from karmactl.core.model.fleet import Member
from karmactl.core.model.input import FieldValidation, InputSet
from karmactl.core.model.plan import FleetMember, Plan
from karmactl.core.model.state import Record
from karmactl.core.pipeline import Decided
from karmactl.engine.faults import refuse_broken
from karmactl.engine.members import FleetView
from karmactl.engine.offline import offline_members, plan_offline
from karmactl.errors import PlacementError

__all__ = ["Offline", "decide_offline", "offline_plan", "open_offline", "refuse_broken_objects"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """One side's files and what was decided from them; `fleet` are its members as a plan shows them."""

    project: Project
    set_name: str
    inputs: InputSet
    members: tuple[Member, ...]
    decided: Decided
    fleet: tuple[FleetMember, ...]


def open_offline(request: Request, *, record: Record | None = None) -> Offline:
    """The work tree's side. Raises as reading does, `no-fleet`, and as `decide_offline`."""
    project = load_project()
    inputs = read_run_inputs(project, request)
    members = load_offline_members(project, inputs, fleet_options(request.fleet))
    check_chosen(request, members)
    return decide_offline(request, project, inputs, members, record=record)


def decide_offline(
    request: Request, project: Project, inputs: InputSet, members: tuple[Member, ...], *, record: Record | None = None
) -> Offline:
    """A side decided; `record` is the placement that it starts from (None: nothing was ever applied).

    Raises PlacementError `capacity-unknown` where a policy divides by room and the files do not say it.
    """
    set_name = check_set_name(request.fleet.set_name or project.settings.set)
    view = FleetView(views={}, failures={}, record=record or Record())
    try:
        decided = decide_run(project, request, inputs, members, set_name, view)
    except PlacementError as error:
        if error.code == "capacity-unknown":
            error.why = "with --dry-run=client no cluster is asked, and no Cluster file has its status"
            error.hint = "`karmactl clusters snapshot` writes Cluster files with it: read them with -f or `inputs:`"
        raise
    fleet = offline_members(members, decided.clusters, system_clock().now())
    return Offline(project=project, set_name=set_name, inputs=inputs, members=members, decided=decided, fleet=fleet)


def refuse_broken_objects(request: Request, decided: Decided) -> None:
    """Raise as `refuse_broken` does, for the members that are asked for; nothing where `--validate` is not strict."""
    if read_validation(request.inputs.validate) is not FieldValidation.STRICT:
        return
    chosen = split_values(request.fleet.cluster)
    refuse_broken(decided, [entry.name for entry in decided.clusters if not chosen or entry.name in chosen])


def offline_plan(request: Request, offline: Offline) -> Plan:
    """What would be in every cluster.

    Raises an ExceptionGroup of PolicyErrors where an override does not apply, or makes what no API server would take.
    """
    refuse_broken_objects(request, offline.decided)
    return plan_offline(
        offline.decided,
        offline.fleet,
        set_name=offline.set_name,
        files=offline.inputs.files,
        only_clusters=frozenset(split_values(request.fleet.cluster)),
        options={"reschedule": True} if request.plan.reschedule else {},
    )
