"""`karmactl apply`: bring the clusters to the plan, in order, and wait until what was sent is ready."""

from __future__ import annotations

import os
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from karmactl.cli.answers import apply_answers, plan_answers, writing_status
from karmactl.cli.exits import Exit
from karmactl.cli.interrupt import run_interruptible
from karmactl.cli.options import FleetFlags, GuardFlags, InputFlags, PlanFlags, ShowFlags, WriteFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.prompt import ask
from karmactl.cli.runs import (
    Request,
    Running,
    as_saved,
    confirm_fleet,
    keep_identities,
    open_run,
    require_same_roots,
)
from karmactl.cli.wiring import run_identity
from karmactl.core.model.change import Action, ApplyReport
from karmactl.core.model.manifest import Manifest
from karmactl.core.model.plan import Plan
from karmactl.engine.access import require_access
from karmactl.engine.carry import carry_out
from karmactl.engine.members import require_majority
from karmactl.engine.refuse import refuse_by_guards
from karmactl.engine.session import Planned, has_work, make_plan
from karmactl.engine.stop import StopSign
from karmactl.errors import GuardError
from karmactl.files.plans import read_plan_file
from karmactl.render.moved import moved_lines

__all__ = ["carry_out_and_show", "command", "run_apply"]

_MOST_MOVED = 6
_ASKED = (Action.WITHDRAW, Action.PRUNE, Action.ADOPT, Action.REPLACE)


@bundled
def command(
    inputs: InputFlags,
    fleet: FleetFlags,
    plan: PlanFlags,
    guards: GuardFlags,
    write: WriteFlags,
    show: ShowFlags,
    saved: Annotated[str, typer.Option("--plan", help="Carry out this saved plan, or refuse if it moved.")] = "",
) -> int:
    """Bring the clusters to the plan, in order, and wait until workloads are ready."""
    request = Request(fleet=fleet, inputs=inputs, plan=plan, guards=guards, write=write, is_writing=True)
    document = read_plan_file(Path(saved)) if saved else None
    if document is not None:
        request = as_saved(request, document)
    printer = Printer(show)
    return run_interruptible(lambda stop: run_apply(request, printer, stop, saved=document))


async def run_apply(request: Request, printer: Printer, stop: StopSign, *, saved: Manifest | None = None) -> int:
    """A whole writing run, from the survey to the last line; `saved` is the document of the plan that it has to be."""
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            running.session = replace(running.session, stop=stop)
            printer.warn_of_inputs(running.inputs.warnings)
            planned = await make_plan(running.session)
        printer.warn(planned.plan)
        if saved is not None:
            _require_same_plan(planned.plan, saved)
        refuse_by_guards(planned.plan, skip_unplaceable=request.plan.skip_unplaceable)
        require_same_roots(running, planned)
        require_majority(planned.view, is_allowed_without=request.guards.allow_minority)
        if not has_work(planned):
            status = writing_status(ApplyReport(), planned.plan)
            printer.answer(plan_answers(planned.plan, "apply", status))
            printer.requests(running.requests())
            return status
        await require_access(running.session, planned)
        confirm_fleet(running, planned, is_confirmed=request.write.yes or saved is not None)
        _confirm(planned.plan, is_confirmed=request.write.yes or saved is not None)
        return await carry_out_and_show(
            running, planned, printer, is_plan_fixed=saved is not None, skip_unplaceable=request.plan.skip_unplaceable
        )


async def carry_out_and_show(
    running: Running,
    planned: Planned,
    printer: Printer,
    *,
    is_plan_fixed: bool = False,
    skip_unplaceable: bool = False,
) -> int:
    """Carry out a plan that passed its guards, and show what happened; the exit status.

    `is_plan_fixed`: it must still be the same once the Lease is held.
    """
    started = time.monotonic()
    with printer.progress() as reporter:
        running.session = running.with_reporter(reporter)
        planned, report = await carry_out(
            running.session,
            planned,
            identity=run_identity(os.environ),
            stamp=running.stamp,
            is_plan_fixed=is_plan_fixed,
            skip_unplaceable=skip_unplaceable,
        )
    keep_identities(running, planned)
    report = replace(report, requests=running.requests())
    status = writing_status(report, planned.plan)
    printer.answer(apply_answers(report, planned.plan, status, elapsed_seconds=time.monotonic() - started))
    printer.requests(report.requests)
    if report.is_interrupted:
        printer.note_text("interrupted: what is under way is recorded; the same command goes on from here")
    if status is Exit.DONE:
        printer.next("karmactl status")
    return status


def _require_same_plan(plan: Plan, document: Manifest) -> None:
    """Refuse a saved plan that is not what would happen now, and say what moved (I2)."""
    if document.get("id") == plan.id:
        return
    moved = moved_lines(document, plan)
    rest = f", and {len(moved) - _MOST_MOVED} more" if len(moved) > _MOST_MOVED else ""
    raise GuardError(
        "plan-stale",
        f"the saved plan {str(document.get('id'))[:8]} is no longer what would happen (now {plan.id[:8]})",
        why=f"moved since it was made: {'; '.join(moved[:_MOST_MOVED])}{rest}",
        hint="look at it anew: karmactl plan --out FILE",
    )


def _confirm(plan: Plan, *, is_confirmed: bool) -> None:
    """Ask before anything is removed or taken over, on a terminal alone."""
    counts = {
        action: sum(change.action is action for change_set in plan.change_sets for change in change_set.changes)
        for action in _ASKED
    }
    asked = [f"{count} to {action.value}" for action, count in counts.items() if count]
    if asked and not is_confirmed and sys.stdin.isatty() and not os.environ.get("CI"):
        ask(f"This has {', '.join(asked)}. Go on?")
