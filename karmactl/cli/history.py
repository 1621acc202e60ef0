"""`karmactl history`: what was applied when and by whom, and what runs took away."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Annotated

import typer

from karmactl.cli.answers import deletion_answers, history_answers
from karmactl.cli.exits import Exit
from karmactl.cli.options import FleetFlags, ShowFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.runs import Request, open_run, run_async, survey_set

__all__ = ["command"]


@bundled
def command(
    fleet: FleetFlags,
    show: ShowFlags,
    deletes: Annotated[bool, typer.Option("--deletes", help="What runs took away: when, why and by whom.")] = False,
) -> int:
    """Show the revisions of a set, newest first, or what its runs deleted (from the record; no files are read)."""
    printer = Printer(show)
    return run_async(lambda: _history(Request(fleet=fleet, is_removal=True), printer, deletes=deletes))


async def _history(request: Request, printer: Printer, *, deletes: bool) -> int:
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            view = await survey_set(running.session)
        code = Exit.DONE if view.has_majority else Exit.PARTIAL
        answers = deletion_answers if deletes else history_answers
        printer.answer(answers(running.session.options.set_name, view.record, code))
        if not view.has_majority:
            printer.note_text("too few members answer to know whether this is the newest record")
        return code
