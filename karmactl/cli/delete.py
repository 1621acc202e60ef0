"""`karmactl delete`: remove what a set owns in every member, in reverse order."""

from __future__ import annotations

import os
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Annotated

import typer

from karmactl.cli.answers import plan_answers
from karmactl.cli.apply import carry_out_and_show
from karmactl.cli.exits import Exit
from karmactl.cli.interrupt import run_interruptible
from karmactl.cli.options import FleetFlags, GuardFlags, InputFlags, ShowFlags, WriteFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.prompt import ask
from karmactl.cli.runs import Request, confirm_fleet, open_run
from karmactl.cli.values import split_values
from karmactl.engine.access import require_access
from karmactl.engine.members import require_majority
from karmactl.engine.refuse import refuse_by_guards
from karmactl.engine.session import has_work, make_plan
from karmactl.engine.stop import StopSign
from karmactl.errors import GuardError

__all__ = ["command"]


@bundled
def command(
    fleet: FleetFlags,
    guards: GuardFlags,
    write: WriteFlags,
    show: ShowFlags,
    keep: Annotated[list[str] | None, typer.Option("--keep", help="Let objects of this KIND stay; repeatable.")] = None,
) -> int:
    """Remove everything that the set owns, in every member, in reverse order."""
    request = Request(
        fleet=fleet,
        inputs=InputFlags(),
        guards=guards,
        write=write,
        is_writing=True,
        is_removal=True,
        kept_kinds=split_values(keep),
    )
    printer = Printer(show)
    return run_interruptible(lambda stop: _delete(request, printer, stop))


async def _delete(request: Request, printer: Printer, stop: StopSign) -> int:
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            running.session = replace(running.session, stop=stop)
            planned = await make_plan(running.session)
        refuse_by_guards(planned.plan)
        require_majority(planned.view, is_allowed_without=request.guards.allow_minority)
        if not has_work(planned):
            printer.answer(plan_answers(planned.plan, "delete", Exit.DONE))
            printer.requests(running.requests())
            return Exit.DONE if planned.plan.is_complete else Exit.PARTIAL
        await require_access(running.session, planned)
        confirm_fleet(running, planned, is_confirmed=request.write.yes)
        if not request.write.yes:
            _confirm(planned.plan.set_name, sum(len(change_set.changes) for change_set in planned.plan.change_sets))
        return await carry_out_and_show(running, planned, printer)


def _confirm(set_name: str, count: int) -> None:
    """A delete of a whole set is always asked about. Raises GuardError `not-confirmed` where nobody can be asked."""
    if not sys.stdin.isatty() or os.environ.get("CI"):
        raise GuardError(
            "not-confirmed",
            f"this would delete {count} objects of set {set_name}",
            hint="say --yes if that is meant",
        )
    ask(f"Delete {count} objects of set {set_name}?")
