"""`karmactl sandbox`: emulated Kubernetes clusters in the background on this computer.

They have a kubeconfig of their own and never touch the user's. Where they live: KARMACTL_SANDBOX_DIR, else the user's
state folder.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from karmactl.cli.exits import Exit
from karmactl.cli.values import parse_duration, split_values
from karmactl.embedded import FAULT_KINDS, ClusterSpec, Fault, SandboxError, Status, background
from karmactl.embedded.assets import Assets, AssetsError, find_assets
from karmactl.errors import UsageError

__all__ = ["app", "sandbox_kubeconfig"]

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help="Run emulated Kubernetes clusters on this computer (workloads are simulated; no containers run).",
)
DEFAULT_CLUSTERS = 3
_Name = Annotated[str, typer.Argument(help="The member.")]


def sandbox_folder() -> Path:
    """Where the sandbox of this user lives."""
    explicit = os.environ.get("KARMACTL_SANDBOX_DIR")
    if explicit:
        return Path(explicit).expanduser()
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "karmactl" / "sandbox"


def sandbox_kubeconfig() -> Path:
    """The kubeconfig of the running sandbox. Raises UsageError `sandbox-down`."""
    path = sandbox_folder() / "kubeconfig"
    if not path.exists():
        raise UsageError("sandbox-down", "no sandbox runs", hint="start one: karmactl sandbox up")
    return path


@app.command("up")
def up_command(
    clusters: Annotated[
        int | None, typer.Option("--clusters", help="How many; default: 3.", min=1, max=1000, show_default=False)
    ] = None,
    names: Annotated[list[str] | None, typer.Option("--names", help="Names; default: member1, member2, ...")] = None,
    regions: Annotated[list[str] | None, typer.Option("--regions", help="A region each: eu,us,ap.")] = None,
    zones: Annotated[list[str] | None, typer.Option("--zones", help="Zones each, joined by +: a+b,c.")] = None,
    providers: Annotated[list[str] | None, typer.Option("--providers", help="A provider each: aws,gcp,azure.")] = None,
    nodes: Annotated[int, typer.Option("--nodes", help="Nodes of each cluster.", min=0, max=1000)] = 2,
    ready_after: Annotated[str, typer.Option("--ready-after", help="Until a simulated pod is ready.")] = "0.3",
    controllers: Annotated[
        bool,
        typer.Option("--controllers/--no-controllers", help="Without: bare API servers; nothing happens by itself."),
    ] = True,
    real: Annotated[
        bool, typer.Option("--real", help="Real API servers: etcd and kube-apiserver from KUBEBUILDER_ASSETS.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Keep the clusters in this folder; those that it has come back.", file_okay=False),
    ] = None,
) -> int:
    """Start emulated clusters in the background; finds a sandbox that runs already."""
    named = split_values(names)
    if not named and (clusters is not None or data is None or not _kept(data)):
        named = tuple(f"member{number}" for number in range(1, (clusters or DEFAULT_CLUSTERS) + 1))
    assets = _assets() if real else None
    specs = _specs(
        named,
        split_values(regions),
        split_values(zones),
        split_values(providers),
        nodes=nodes,
        ready_after=parse_duration(ready_after, "--ready-after"),
        controllers=controllers,
    )
    started = time.monotonic()
    with _sandbox_errors():
        found = background.up(sandbox_folder(), specs, data=data, assets=assets)
    if found.was_running:
        sys.stderr.write(f"a sandbox of {len(found.clusters)} clusters runs already; `karmactl sandbox down` ends it\n")
    _tell_members(found, time.monotonic() - started)
    if real and not found.was_running:
        told = "real API servers up. No scheduler and no kubelets run: Pods stay Pending."
    else:
        told = "emulated clusters up. Workloads are simulated; no containers run."
    sys.stdout.write(f"{len(found.clusters)} {told}\n")
    if sys.stdout.isatty():
        sys.stderr.write('next  eval "$(karmactl sandbox env)"   then kubectl sees them, too\n')
    return Exit.DONE


@app.command("status")
def status_command() -> int:
    """Show the members, their places, faults and how often each was asked."""
    with _sandbox_errors():
        found = background.status(sandbox_folder())
    if not found.running:
        sys.stdout.write("no sandbox runs\n")
        return Exit.DONE
    for cluster in found.clusters:
        faults = ", ".join(fault.kind for fault in cluster.faults) or "well"
        requests = " ".join(f"{verb} {count}" for verb, count in cluster.requests)
        where = " ".join(part for part in (cluster.provider, cluster.region, "+".join(cluster.zones)) if part)
        sys.stdout.write(f"{cluster.name}  {faults}  {cluster.url}  {where or '-'}  {requests or 'no requests'}\n")
    return Exit.DONE


@app.command("env")
def env_command() -> int:
    """Print what a shell needs to see the sandbox: eval "$(karmactl sandbox env)"."""
    sys.stdout.write(f"export KUBECONFIG={shlex.quote(str(sandbox_kubeconfig()))}\n")
    sys.stdout.write("export KARMACTL_SANDBOX=true\n")
    return Exit.DONE


@app.command("fail")
def fail_command(
    name: _Name,
    kind: Annotated[str, typer.Option("--kind", help=f"One of {', '.join(FAULT_KINDS)}.")] = "down",
    seconds: Annotated[float, typer.Option("--seconds", help="For slow, watch-cut and clock-skew.")] = 1.0,
    rate: Annotated[float, typer.Option("--rate", help="Share of requests, for error.", min=0, max=1)] = 1.0,
    status: Annotated[int, typer.Option("--status", help="HTTP status, for error.")] = 500,
    api: Annotated[str, typer.Option("--api", help="group/version, for api-removed.")] = "",
) -> int:
    """Make a member misbehave until it is healed."""
    try:
        fault = Fault(kind=kind, seconds=seconds, rate=rate, status=status, api=api)
    except ValueError as error:
        raise UsageError("bad-fault", str(error), hint="karmactl sandbox fail --help lists the kinds") from error
    with _sandbox_errors():
        background.fail(sandbox_folder(), name, fault)
    sys.stdout.write(f"{name}  {FAULT_KINDS[kind]}\n")
    return Exit.DONE


@app.command("heal")
def heal_command(name: _Name) -> int:
    """End a member's faults."""
    with _sandbox_errors():
        background.heal(sandbox_folder(), name)
    sys.stdout.write(f"{name}  well\n")
    return Exit.DONE


@app.command("down")
def down_command() -> int:
    """End the sandbox; nothing of it is kept but what `up --data` was told to keep."""
    with _sandbox_errors():
        ran = background.down(sandbox_folder())
    sys.stdout.write("sandbox down\n" if ran else "no sandbox ran\n")
    return Exit.DONE


def _assets() -> Assets:
    """The programs of real API servers. Raises UsageError `assets-missing`."""
    try:
        return find_assets(os.environ)
    except AssetsError as error:
        hint = "setup-envtest fetches them; KUBEBUILDER_ASSETS names the folder"
        raise UsageError("assets-missing", str(error), hint=hint) from error


def _kept(data: Path) -> tuple[str, ...]:
    """The names of the clusters that the folder keeps. Raises UsageError `sandbox-failed`."""
    with _sandbox_errors():
        return background.kept(data)


@contextmanager
def _sandbox_errors() -> Iterator[None]:
    try:
        yield
    except SandboxError as error:
        raise UsageError("sandbox-failed", str(error), hint="karmactl sandbox status shows what runs") from error


def _specs(
    names: tuple[str, ...],
    regions: tuple[str, ...],
    zones: tuple[str, ...],
    providers: tuple[str, ...],
    *,
    nodes: int,
    ready_after: float,
    controllers: bool,
) -> list[ClusterSpec]:
    """One spec a name; lists that are shorter begin again. Raises UsageError `bad-usage` for a name that cannot be."""
    specs = []
    for index, name in enumerate(names):
        region = _nth(regions, index)
        try:
            specs.append(
                ClusterSpec(
                    name=name,
                    region=region,
                    zones=tuple(_nth(zones, index).split("+")) if zones else (f"{region}-a",) if region else (),
                    provider=_nth(providers, index),
                    nodes=nodes,
                    ready_after=ready_after,
                    controllers=controllers,
                )
            )
        except ValueError as error:
            raise UsageError("bad-usage", str(error), hint="see karmactl sandbox up --help") from error
    return specs


def _nth(values: tuple[str, ...], index: int) -> str:
    return values[index % len(values)] if values else ""


def _tell_members(found: Status, seconds: float) -> None:
    width = max(len(cluster.name) for cluster in found.clusters)
    for cluster in found.clusters:
        places = "  ".join(part for part in (cluster.provider, cluster.region) if part)
        nodes = f"{cluster.nodes} node{'s' if cluster.nodes != 1 else ''}"
        sys.stderr.write(f"· {cluster.name:<{width}}  ready  {seconds:.1f} s  {nodes}  {places}".rstrip() + "\n")
