"""What the `clusters` commands share: the fleet as files and flags declare it, and one look at every member."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from karmactl.cli.options import FleetFlags
from karmactl.cli.runs import fleet_options
from karmactl.cli.values import split_values
from karmactl.cli.wiring import (
    Project,
    connect,
    facts_source,
    load_members,
    load_offline_members,
    load_project,
    system_clock,
)
from karmactl.core.facts import FactsNeeded
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.fleet import Member
from karmactl.core.model.input import InputSet
from karmactl.core.model.reason import Reason
from karmactl.errors import ClusterError, UsageError
from karmactl.files.fleet_files import read_cluster_files

__all__ = ["Seen", "ask_members", "declared_clusters", "declared_members"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one member answered: its facts and what is missing in them, or why it did not answer."""

    member: Member
    facts: Cluster | None = None
    warnings: tuple[Reason, ...] = ()
    error: ClusterError | None = None


def declared_clusters(project: Project, filenames: Sequence[str]) -> InputSet:
    """The Cluster files among what `-f` names, else among the inputs of karmactl.yaml; nothing else is read."""
    base = Path.cwd() if filenames else project.folder
    clusters, facts = read_cluster_files(filenames or project.settings.inputs, base=base)
    return InputSet(clusters=clusters, cluster_facts=facts)


def declared_members(flags: FleetFlags, filenames: Sequence[str]) -> tuple[Member, ...]:
    """The fleet as files and flags declare it; no kubeconfig is read. Raises GuardError `no-fleet`."""
    project = load_project()
    members = load_offline_members(project, declared_clusters(project, filenames), fleet_options(flags))
    return _chosen(flags, members)


def _chosen(flags: FleetFlags, members: tuple[Member, ...]) -> tuple[Member, ...]:
    """The members that -C names, all without it. Raises UsageError `unknown-member`."""
    wanted = split_values(flags.cluster)
    unknown = set(wanted) - {member.name for member in members}
    if unknown:
        known = ", ".join(member.name for member in members)
        raise UsageError("unknown-member", f"-C {min(unknown)}: there is no such member", hint=f"members: {known}")
    return tuple(member for member in members if not wanted or member.name in wanted)


async def ask_members(flags: FleetFlags, filenames: Sequence[str], needed: FactsNeeded) -> tuple[Project, list[Seen]]:
    """Every member's live facts, or why it did not answer, in order of name. Raises GuardError `no-fleet`."""
    project = load_project()
    options = fleet_options(flags)
    members, kubeconfig = load_members(project, declared_clusters(project, filenames), options)
    members = _chosen(flags, members)
    async with AsyncExitStack() as stack:
        clients = await connect(stack, members, kubeconfig, options, system_clock())
        facts = facts_source(clients, members, needed, project.inventory_namespace)

        async def ask(member: Member) -> Seen:
            try:
                cluster, _, warnings = await facts(clients.reader(member.name))
            except ClusterError as error:
                return Seen(member=member, error=error)
            return Seen(member=member, facts=cluster, warnings=warnings)

        seen = await asyncio.gather(*(ask(member) for member in members))
    return project, list(seen)
