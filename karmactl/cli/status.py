"""`karmactl status`: where things run, how they are, what drifted, and what is left over."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Annotated

import typer

from karmactl.cli.answers import status_answers
from karmactl.cli.exits import Exit
from karmactl.cli.options import FleetFlags, ShowFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.runs import Request, open_run, run_async, survey_set
from karmactl.engine.status import read_status

__all__ = ["command"]


@bundled
def command(
    fleet: FleetFlags,
    show: ShowFlags,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 unless everything is ready and as applied.")
    ] = False,
) -> int:
    """Show where things run, their health, drift and leftovers (from the record; no files are read)."""
    printer = Printer(show)
    request = Request(fleet=fleet, is_removal=True)
    return run_async(lambda: _status(request, printer, has_exit_code=exit_code))


async def _status(request: Request, printer: Printer, *, has_exit_code: bool) -> int:
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            session = running.session
            options = session.options
            view = await survey_set(session)
            status = await read_status(
                session.members,
                view,
                set_name=options.set_name,
                namespace=options.namespace,
                contexts=session.contexts,
            )
        code = Exit.DONE
        if not status.is_complete:
            code = Exit.PARTIAL
        elif has_exit_code and not status.is_in_sync:
            code = Exit.DIFFERENCES
        printer.answer(status_answers(status, code))
        printer.requests(running.requests())
        return code
