"""`karmactl import`: take over what runs already, so that the set owns it from now on.

`--from live` speaks of objects that hands, kubectl or Helm made and that the files describe; `--from karmada` also of
those that a Karmada control plane placed. Without `--adopt` it is a plan, with it an apply that may take over: there
is one path for all of them.
"""

from __future__ import annotations

from typing import Annotated, Final

import typer

from karmactl.cli.apply import run_apply
from karmactl.cli.interrupt import run_interruptible
from karmactl.cli.options import FleetFlags, GuardFlags, InputFlags, PlanFlags, ShowFlags, WriteFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.plan import run_plan
from karmactl.cli.runs import Request, run_async
from karmactl.errors import UsageError

__all__ = ["command"]

_SOURCES: Final = {
    "live": frozenset({"foreign-object", "inventory-lost"}),
    "karmada": frozenset({"foreign-object", "inventory-lost", "live-karmada"}),
}


@bundled
def command(
    inputs: InputFlags,
    fleet: FleetFlags,
    plan: PlanFlags,
    guards: GuardFlags,
    write: WriteFlags,
    show: ShowFlags,
    source: Annotated[str, typer.Option("--from", help="live: what hands, kubectl or Helm made; karmada.")] = "",
    adopt: Annotated[bool, typer.Option("--adopt", help="Take it over; without it, only show.")] = False,
) -> int:
    """Take over running objects that the files describe, with the fields of those who made them."""
    if source not in _SOURCES:
        raise UsageError(
            "bad-source",
            f"--from {source}: there is nothing to import from there" if source else "import from where?",
            hint=f"say --from {' or --from '.join(_SOURCES)}",
        )
    request = Request(
        fleet=fleet, inputs=inputs, plan=plan, guards=guards, write=write, is_writing=adopt, adopts=_SOURCES[source]
    )
    printer = Printer(show)
    if adopt:
        return run_interruptible(lambda stop: run_apply(request, printer, stop))
    return run_async(lambda: run_plan(request, printer, next_step=f"karmactl import --from {source} --adopt"))
