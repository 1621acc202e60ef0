"""`karmactl plan`: compute everything, show it, change nothing."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Annotated

import typer

from karmactl.cli.answers import plan_answers, reading_status, save_plan
from karmactl.cli.exits import Exit
from karmactl.cli.offline import offline_plan, open_offline
from karmactl.cli.options import AskFlags, FleetFlags, GuardFlags, InputFlags, PlanFlags, ShowFlags, bundled
from karmactl.cli.output import Printer, print_errors
from karmactl.cli.runs import Request, open_run, run_async
from karmactl.core.model.plan import Plan
from karmactl.engine.refuse import refusals
from karmactl.engine.session import has_changes, make_plan
from karmactl.errors import UsageError

__all__ = ["command", "run_plan"]


@bundled
def command(
    inputs: InputFlags,
    fleet: FleetFlags,
    plan: PlanFlags,
    guards: GuardFlags,
    ask: AskFlags,
    show: ShowFlags,
    out: Annotated[str, typer.Option("--out", help="Save the plan for `apply --plan`.")] = "",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 where something would change.")] = False,
) -> int:
    """Compute every decision and change, show them, and change nothing."""
    request = Request(fleet=fleet, inputs=inputs, plan=plan, guards=guards)
    printer = Printer(show)
    if ask.is_offline:
        return _plan_offline(request, printer, out=out, has_exit_code=exit_code)
    return run_async(lambda: run_plan(request, printer, out=out, has_exit_code=exit_code))


def _plan_offline(request: Request, printer: Printer, *, out: str, has_exit_code: bool) -> int:
    if has_exit_code:
        raise UsageError(
            "nothing-compared",
            "--exit-code with --dry-run=client: no cluster is asked, so nothing is known to differ",
            hint="`karmactl diff --against git:REV` compares with other files",
        )
    offline = open_offline(request)
    printer.warn_of_inputs(offline.inputs.warnings)
    return _show(offline_plan(request, offline), request, printer, out=out)


def _show(plan: Plan, request: Request, printer: Printer, *, out: str, is_different: bool = False) -> Exit:
    """Save the plan where that was asked for, show it and what stops it; the exit status."""
    refused = refusals(plan, skip_unplaceable=request.plan.skip_unplaceable)
    status = reading_status(plan, refused, is_different=is_different)
    if out:
        save_plan(out, plan, status)
    printer.warn(plan)
    printer.answer(plan_answers(plan, "plan", status, refused, saved_to=out))
    print_errors(refused)
    return status


async def run_plan(
    request: Request, printer: Printer, *, out: str = "", has_exit_code: bool = False, next_step: str = "karmactl apply"
) -> int:
    """A whole reading run, from the survey to the last line, which names the next step; the plan is saved to `out`."""
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            printer.warn_of_inputs(running.inputs.warnings)
            planned = await make_plan(running.session)
        is_different = has_exit_code and has_changes(planned.plan)
        status = _show(planned.plan, request, printer, out=out, is_different=is_different)
        printer.requests(running.requests())
        if status is Exit.DONE and has_changes(planned.plan):
            printer.next(f"karmactl apply --plan {out}" if out else next_step)
        return status
