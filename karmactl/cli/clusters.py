"""`karmactl clusters`: the members, what is known of them and from where, and the lock on who they are."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from karmactl.cli.check import check
from karmactl.cli.exits import Exit
from karmactl.cli.members import Seen, ask_members, declared_members
from karmactl.cli.options import AskFlags, FleetFlags, InputFlags, bundled
from karmactl.cli.output import page_of
from karmactl.cli.runs import run_async
from karmactl.cli.snapshot import snapshot
from karmactl.cli.values import split_values
from karmactl.cli.wiring import load_project, lock_path, read_project_lock, system_clock
from karmactl.core.facts import FactsNeeded, facts_age_seconds
from karmactl.core.model.fleet import FleetLock, LockedCluster, Member
from karmactl.errors import GuardError
from karmactl.files.lock import write_lock
from karmactl.render.fleet import MemberRow, render_members
from karmactl.render.text import plain

__all__ = ["app"]

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, help="List, check and describe the members, and lock who they are."
)
_Files = Annotated[
    list[str] | None, typer.Option("--filename", "-f", help="Cluster files, besides karmactl.yaml; repeatable.")
]


@app.command("list")
@bundled
def list_command(fleet: FleetFlags, ask: AskFlags, filename: _Files = None) -> int:
    """List the members with what is known of each: reach, version, region, provider, zones."""
    if ask.is_offline:
        return _list_declared(fleet, split_values(filename))
    return run_async(lambda: _list(fleet, split_values(filename)))


@app.command("check")
@bundled
def check_command(fleet: FleetFlags, inputs: InputFlags) -> int:
    """Check reach, version, identity, and permissions for what a run of the inputs would do (exit 1 if any lacks)."""
    return run_async(lambda: check(fleet, inputs))


@app.command("snapshot")
@bundled
def snapshot_command(
    fleet: FleetFlags,
    out_dir: Annotated[str, typer.Option("--out-dir", help="A file a member in this folder; else stdout.")] = "",
    filename: _Files = None,
) -> int:
    """Write Cluster files with what every member says of itself, for plan --dry-run=client."""
    return run_async(lambda: snapshot(fleet, split_values(filename), out_dir))


@app.command("lock")
@bundled
def lock_command(
    fleet: FleetFlags,
    relock: Annotated[
        list[str] | None, typer.Option("--relock", help="This member was rebuilt: take its new identity; repeatable.")
    ] = None,
    filename: _Files = None,
) -> int:
    """Write karmactl.lock: which cluster each context points at, so that a swapped one is refused."""
    return run_async(lambda: _lock(fleet, split_values(relock), split_values(filename)))


def _list_declared(fleet: FleetFlags, filenames: tuple[str, ...]) -> int:
    now = system_clock().now()
    locked = read_project_lock(load_project()).clusters
    rows = [_declared_row(member, locked.get(member.name), now) for member in declared_members(fleet, filenames)]
    page = page_of(sys.stdout)
    sys.stdout.write(plain(render_members(rows, page), page))
    return Exit.DONE


def _declared_row(member: Member, locked: LockedCluster | None, now: datetime) -> MemberRow:
    return MemberRow(
        name=member.name,
        context=member.context,
        declared=member.cluster,
        declared_facts=frozenset(member.facts),
        observed=member.cluster,
        facts_age_seconds=facts_age_seconds(member.cluster, now),
        is_asked=False,
        is_locked=locked is not None and locked.uid == member.cluster.uid,
    )


async def _list(fleet: FleetFlags, filenames: tuple[str, ...]) -> int:
    project, seen = await ask_members(fleet, filenames, FactsNeeded(nodes=True))
    locked = read_project_lock(project).clusters
    rows = [_row(entry, locked.get(entry.member.name)) for entry in seen]
    page = page_of(sys.stdout)
    sys.stdout.write(plain(render_members(rows, page), page))
    silent = sum(bool(row.error) for row in rows)
    return Exit.ERROR if silent == len(rows) else Exit.PARTIAL if silent else Exit.DONE


def _row(entry: Seen, locked: LockedCluster | None) -> MemberRow:
    member, error = entry.member, entry.error
    return MemberRow(
        name=member.name,
        context=member.context,
        declared=member.cluster,
        declared_facts=frozenset(member.facts),
        observed=entry.facts,
        error=f"{error.code}: {error.message}" if error is not None else "",
        is_locked=locked is not None and entry.facts is not None and locked.uid == entry.facts.uid,
    )


async def _lock(fleet: FleetFlags, relock: tuple[str, ...], filenames: tuple[str, ...]) -> int:
    project, seen = await ask_members(fleet, filenames, FactsNeeded())
    known = dict(read_project_lock(project).clusters)
    silent = []
    for entry in seen:
        member, answer = entry.member, entry.facts
        if answer is None:
            silent.append(f"{member.name}: {entry.error.message if entry.error else 'no answer'}")
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
    return Exit.ERROR if len(silent) == len(seen) else Exit.PARTIAL if silent else Exit.DONE
