"""`karmactl diff`: what differs between files and clusters, field by field; exit 1 where something does."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Annotated

import typer

from karmactl.cli.against import compare_against, is_live
from karmactl.cli.answers import comparison_answers, diff_answers, reading_status, uncompared_answers
from karmactl.cli.offline import offline_plan, open_offline
from karmactl.cli.options import AskFlags, FleetFlags, InputFlags, PlanFlags, ShowFlags, bundled
from karmactl.cli.output import Printer, print_errors
from karmactl.cli.runs import Request, open_run, run_async
from karmactl.engine.refuse import refusals
from karmactl.engine.session import make_plan
from karmactl.errors import GuardError
from karmactl.render.diff import has_differences

__all__ = ["command"]


@bundled
def command(
    inputs: InputFlags,
    fleet: FleetFlags,
    plan: PlanFlags,
    ask: AskFlags,
    show: ShowFlags,
    against: Annotated[
        str,
        typer.Option("--against", help="live (the clusters), git:REV or a folder: then files alone are compared."),
    ] = "live",
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 although something differs.")] = False,
    context_lines: Annotated[int, typer.Option("--context-lines", help="Lines around changes in long texts.")] = 3,
) -> int:
    """Show the differences between files and clusters, field by field (exit 1 where there are any)."""
    request = Request(fleet=fleet, inputs=inputs, plan=plan)
    printer = Printer(show)
    if not is_live(against):
        return _diff_files(request, printer, against, exit_zero=exit_zero, context_lines=context_lines)
    if ask.is_offline:
        return _diff_nothing(request, printer)
    return run_async(lambda: _diff(request, printer, exit_zero=exit_zero, context_lines=context_lines))


def _diff_files(request: Request, printer: Printer, against: str, *, exit_zero: bool, context_lines: int) -> int:
    plan, offline = compare_against(request, against)
    printer.warn_of_inputs(offline.inputs.warnings)
    refused = refusals(plan, skip_unplaceable=request.plan.skip_unplaceable)
    is_different = has_differences(plan)
    status = reading_status(plan, refused, is_different=is_different and not exit_zero)
    if not is_different:
        printer.note_text(f"no differences against {against}")
    printer.warn(plan)
    printer.answer(comparison_answers(plan, status, refused, context_lines=context_lines))
    print_errors(refused)
    return status


def _diff_nothing(request: Request, printer: Printer) -> int:
    """Without clusters and without other files there is nothing to differ from: what would be where, and no verdict."""
    offline = open_offline(request)
    printer.warn_of_inputs(offline.inputs.warnings)
    plan = offline_plan(request, offline)
    refused = refusals(plan, skip_unplaceable=request.plan.skip_unplaceable)
    status = reading_status(plan, refused, is_different=False)
    printer.note_text("not compared: no cluster was asked; --against git:REV compares with other files")
    printer.answer(uncompared_answers(plan, status, refused))
    print_errors(refused)
    return status


async def _diff(request: Request, printer: Printer, *, exit_zero: bool, context_lines: int) -> int:
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            printer.warn_of_inputs(running.inputs.warnings)
            planned = await make_plan(running.session)
        # What a guard would stop is for plan and apply to say; a diff shows conflicts with their fields.
        refused = [
            error
            for error in refusals(planned.plan, skip_unplaceable=request.plan.skip_unplaceable)
            if not isinstance(error, GuardError)
        ]
        is_different = has_differences(planned.plan)
        status = reading_status(planned.plan, refused, is_different=is_different and not exit_zero)
        if not is_different:
            printer.note_text("no differences" if planned.plan.is_complete else "no differences in what could be read")
        printer.answer(diff_answers(planned.plan, status, refused, context_lines=context_lines))
        printer.requests(running.requests())
        print_errors(refused)
        return status
