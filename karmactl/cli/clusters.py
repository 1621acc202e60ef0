"""`karmactl clusters`: the members, what is known of them and from where, and the lock on who they are."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from karmactl.cli.exits import Exit
from karmactl.cli.options import FleetFlags, bundled, parse_duration, split_values
from karmactl.cli.output import page_of
from karmactl.cli.runs import run_async
from karmactl.cli.wiring import (
    FleetOptions,
    Project,
    connect,
    facts_source,
    load_members,
    load_project,
    lock_path,
    open_ports,
    read_project_lock,
    system_clock,
)
from karmactl.core.facts import FactsNeeded
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.fleet import FleetLock, LockedCluster, Member
from karmactl.errors import ClusterError, GuardError
from karmactl.files.lock import write_lock
from karmactl.render.fleet import MemberRow, render_members
from karmactl.render.text import plain

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode=None, help="List the members, and lock who they are.")


@app.command("list")
@bundled
def list_command(fleet: FleetFlags) -> int:
    """List the members with what is known of each: reach, version, region, provider, zones."""
    return run_async(lambda: _list(fleet))


@app.command("lock")
@bundled
def lock_command(
    fleet: FleetFlags,
    relock: Annotated[
        list[str] | None, typer.Option("--relock", help="This member was rebuilt: take its new identity; repeatable.")
    ] = None,
) -> int:
    """Write karmactl.lock: which cluster each context points at, so that a swapped one is refused."""
    return run_async(lambda: _lock(fleet, split_values(relock)))


async def _list(fleet: FleetFlags) -> int:
    project, members, answers = await _ask(fleet)
    locked = read_project_lock(project).clusters
    rows = []
    for member in members:
        answer = answers[member.name]
        seen = answer if isinstance(answer, Cluster) else None
        rows.append(
            MemberRow(
                name=member.name,
                context=member.context,
                declared=member.cluster,
                declared_facts=frozenset(member.facts),
                observed=seen,
                error=f"{answer.code}: {answer.message}" if isinstance(answer, ClusterError) else "",
                is_locked=member.name in locked and seen is not None and locked[member.name].uid == seen.uid,
            )
        )
    page = page_of(sys.stdout)
    sys.stdout.write(plain(render_members(rows, page), page))
    return Exit.PARTIAL if any(row.error for row in rows) else Exit.DONE


async def _lock(fleet: FleetFlags, relock: tuple[str, ...]) -> int:
    project, members, answers = await _ask(fleet)
    known = dict(read_project_lock(project).clusters)
    silent = []
    for member in members:
        answer = answers[member.name]
        if isinstance(answer, ClusterError):
            silent.append(f"{member.name}: {answer.message}")
            continue
        former = known.get(member.name)
        if former is not None and former.uid != answer.uid and member.name not in relock:
            raise GuardError(
                "identity-changed",
                f"karmactl.lock knows {former.uid}, the cluster says {answer.uid}",
                why="the context now points at another cluster, or the cluster was rebuilt",
                hint=f"if it was rebuilt on purpose: karmactl clusters lock --relock {member.name}",
                cluster=member.name,
            )
        known[member.name] = LockedCluster(uid=answer.uid, server=former.server if former else "")
        sys.stdout.write(f"{member.name}  {answer.uid}\n")
    write_lock(lock_path(project), FleetLock(clusters=dict(sorted(known.items()))))
    for line in silent:
        sys.stderr.write(f"not locked  {line}\n")
    return Exit.PARTIAL if silent else Exit.DONE


async def _ask(fleet: FleetFlags) -> tuple[Project, tuple[Member, ...], dict[str, Cluster | ClusterError]]:
    """Every member's live facts, or why it did not answer."""
    project = load_project()
    where = FleetOptions(
        contexts=split_values(fleet.context),
        kubeconfig=fleet.kubeconfig,
        sandbox=fleet.sandbox,
        cluster_timeout_seconds=parse_duration(fleet.cluster_timeout, "--cluster-timeout"),
    )
    members, kubeconfig = load_members(project, None, where)
    async with AsyncExitStack() as stack:
        clients = await connect(stack, members, kubeconfig, where, system_clock())
        facts = facts_source(clients, members, FactsNeeded(nodes=True), project.inventory_namespace)

        async def ask(name: str) -> Cluster | ClusterError:
            try:
                cluster, _, _ = await facts(clients.reader(name))
            except ClusterError as error:
                return error
            return cluster

        names = [ports.name for ports in open_ports(clients, writable=False)]
        answers = dict(zip(names, await asyncio.gather(*(ask(name) for name in names)), strict=True))
    return project, members, answers
