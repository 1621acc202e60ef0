"""`karmactl clusters check`: reach, version, identity and permissions of every member, before a run needs them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

from karmactl.cli.exits import Exit, exit_of_errors
from karmactl.cli.members import declared_clusters
from karmactl.cli.options import FleetFlags, InputFlags
from karmactl.cli.output import page_of, print_errors
from karmactl.cli.runs import Request, decide_run, fleet_options, read_run_inputs
from karmactl.cli.wiring import (
    Project,
    connect,
    facts_source,
    load_members,
    load_project,
    read_project_lock,
    system_clock,
)
from karmactl.core.facts import FactsNeeded, facts_needed
from karmactl.core.model.fleet import Member
from karmactl.core.model.input import InputSet
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Standing
from karmactl.core.model.ports import Access, Reader
from karmactl.core.state import MemberState
from karmactl.engine.access import denied, is_namespace_there, needs_of
from karmactl.engine.identity import check_identities
from karmactl.engine.members import FactsSource, FleetView, MemberView
from karmactl.errors import ClusterError, KarmactlError
from karmactl.render.check import CheckedMember, render_check
from karmactl.render.text import plain

__all__ = ["check"]


async def check(fleet: FleetFlags, inputs: InputFlags) -> int:
    """Show the members; 1 where permissions are missing, 3 where some do not answer, 4 for a wrong identity."""
    project = load_project()
    request = Request(fleet=fleet, inputs=inputs)
    given = _read(project, request)
    options = fleet_options(fleet)
    members, kubeconfig = load_members(project, given, options)
    needed = facts_needed(given)
    locked = {name: entry.uid for name, entry in read_project_lock(project).clusters.items()}
    async with AsyncExitStack() as stack:
        clients = await connect(stack, members, kubeconfig, options, system_clock())
        facts = facts_source(clients, members, needed, project.inventory_namespace)
        readers: dict[str, Reader] = {member.name: clients.reader(member.name) for member in members}
        view = await _look(readers, facts)
        if not view.views:
            raise ExceptionGroup("no member answers", [*view.failures.values()])
        refs = _objects(project, request, given, members, view)
        missing, lost = await _missing(readers, view, refs, needed, project.inventory_namespace)
    failures: dict[str, KarmactlError] = {**view.failures, **lost}
    faults = _identity_faults(view, locked)
    rows = [_row(member, view, failures, missing, refs, locked, faults) for member in members]
    page = page_of(sys.stdout)
    sys.stdout.write(plain(render_check(rows, page), page))
    print_errors(faults)
    if faults:
        return exit_of_errors(faults)
    if failures:
        return Exit.PARTIAL
    return Exit.DIFFERENCES if any(row.denied or row.not_served for row in rows) else Exit.DONE


def _read(project: Project, request: Request) -> InputSet:
    """The inputs where there are any: without them state and facts are checked, and no kind."""
    if request.inputs.filename or request.inputs.kustomize or project.settings.inputs:
        return read_run_inputs(project, request)
    return declared_clusters(project, ())


async def _look(readers: Mapping[str, Reader], facts: FactsSource) -> FleetView:
    """Every member's facts; its state is left aside, since reading it is one of the things that may be missing."""

    async def ask(name: str) -> MemberView | ClusterError:
        try:
            cluster, discovery, warnings = await facts(readers[name])
        except ClusterError as error:
            return error
        return MemberView(
            name=name, uid=cluster.uid, discovery=discovery, facts=cluster, state=MemberState(), warnings=warnings
        )

    answers = dict(zip(readers, await asyncio.gather(*(ask(name) for name in readers)), strict=True))
    return FleetView(
        views={name: answer for name, answer in answers.items() if isinstance(answer, MemberView)},
        failures={name: answer for name, answer in answers.items() if isinstance(answer, ClusterError)},
    )


def _objects(
    project: Project, request: Request, given: InputSet, members: tuple[Member, ...], view: FleetView
) -> dict[str, list[ResourceRef]]:
    """What a run would put into each member; every template for all where that cannot be decided."""
    set_name = request.fleet.set_name or project.settings.set
    everything = [template.ref for template in given.templates]
    try:
        decided = decide_run(project, request, given, members, set_name, view)
    except KarmactlError as error:
        sys.stderr.write(f"placement is not known ({error.code}): every template is checked in every member\n")
        return {member.name: everything for member in members}
    refs: dict[str, list[ResourceRef]] = {member.name: [] for member in members}
    for decision in decided.decisions:
        # What fits nowhere is looked at everywhere: a kind that is not served may be why.
        is_nowhere = decision.standing is Standing.UNPLACEABLE
        for name in refs if is_nowhere else [target.name for target in decision.targets if target.name in refs]:
            refs[name].append(decision.ref)
    return refs


async def _missing(
    readers: Mapping[str, Reader],
    view: FleetView,
    refs: Mapping[str, Sequence[ResourceRef]],
    needed: FactsNeeded,
    namespace: str,
) -> tuple[dict[str, tuple[Access, ...]], dict[str, ClusterError]]:
    """What is not allowed in each member that answers, and those that stopped answering."""

    async def ask(name: str) -> tuple[Access, ...] | ClusterError:
        try:
            is_there = await is_namespace_there(readers[name], namespace)
            discovery = view.views[name].discovery
            needs = needs_of(
                refs[name], discovery, inventory_namespace=namespace, facts=needed, is_namespace_there=is_there
            )
            return await denied(readers[name], needs)
        except ClusterError as error:
            return error

    names = sorted(view.views)
    answers = dict(zip(names, await asyncio.gather(*(ask(name) for name in names)), strict=True))
    return (
        {name: answer for name, answer in answers.items() if isinstance(answer, tuple)},
        {name: answer for name, answer in answers.items() if isinstance(answer, ClusterError)},
    )


def _identity_faults(view: FleetView, locked: Mapping[str, str]) -> list[KarmactlError]:
    try:
        check_identities(view, locked)
    except ExceptionGroup as group:
        return [error for error in group.exceptions if isinstance(error, KarmactlError)]
    return []


def _row(
    member: Member,
    view: FleetView,
    failures: Mapping[str, KarmactlError],
    missing: Mapping[str, tuple[Access, ...]],
    refs: Mapping[str, Sequence[ResourceRef]],
    locked: Mapping[str, str],
    faults: Sequence[KarmactlError],
) -> CheckedMember:
    seen = view.views.get(member.name)
    error = failures.get(member.name)
    served = seen.discovery if seen else None
    coming = {ref.name.partition(".")[2] for ref in refs[member.name] if ref.kind == "CustomResourceDefinition"}
    return CheckedMember(
        name=member.name,
        version=seen.facts.kubernetes_version if seen else "",
        uid=seen.uid if seen else "",
        is_locked=member.name in locked,
        is_wrong=any(fault.cluster == member.name for fault in faults),
        error=f"{error.code}: {error.message}" if error else "",
        denied=missing.get(member.name, ()),
        not_served=tuple(
            sorted(
                {
                    f"{ref.api_version} {ref.kind}"
                    for ref in refs[member.name]
                    if served and served.find(ref.group, ref.version, ref.kind) is None and ref.group not in coming
                }
            )
        ),
        warnings=seen.warnings if seen else (),
    )
