"""`karmactl unlock`: who holds the Leases of a set, since when and where; breaks them when told to."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack

from karmactl.cli.answers import lease_answers
from karmactl.cli.exits import Exit
from karmactl.cli.options import FleetFlags, ShowFlags, WriteFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.prompt import ask
from karmactl.cli.runs import Request, Running, open_run, run_async
from karmactl.engine.unlock import SeenLease, break_lease, read_leases
from karmactl.errors import ClusterError

__all__ = ["command"]


@bundled
def command(fleet: FleetFlags, write: WriteFlags, show: ShowFlags) -> int:
    """Show who holds the set's Leases, since when and where, and break them (-y, or when asked)."""
    printer = Printer(show)
    request = Request(fleet=fleet, write=write, is_removal=True, is_writing=True)
    return run_async(lambda: _unlock(request, printer))


async def _unlock(request: Request, printer: Printer) -> int:
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            session = running.session
            seen = await read_leases(
                session.state_members,
                session.options.set_name,
                namespace=session.options.namespace,
                now=session.clock.now(),
            )
        held = [entry for entry in seen if entry.holder]
        code = Exit.PARTIAL if any(entry.error for entry in seen) else Exit.DONE
        printer.answer(lease_answers(session.options.set_name, seen, code))
        if not held:
            printer.note_text("nobody holds it")
            return code
        if not _is_wanted(held, is_confirmed=request.write.yes):
            printer.next("karmactl unlock --yes   if that run is dead")
            return code
        return max(code, await _break(running, held, printer))


def _is_wanted(held: Sequence[SeenLease], *, is_confirmed: bool) -> bool:
    """Whether to break them: said by flag, or answered on a terminal. Raises GuardError `declined` for a no."""
    if is_confirmed:
        return True
    if not sys.stdin.isatty() or os.environ.get("CI"):
        return False
    alive = "The run is alive. " if any(entry.is_alive for entry in held) else ""
    ask(f"{alive}Break the Lease in {', '.join(entry.cluster for entry in held)}?")
    return True


async def _break(running: Running, held: Sequence[SeenLease], printer: Printer) -> Exit:
    session = running.session
    members = {member.name: member for member in session.state_members}
    status = Exit.DONE
    for entry in held:
        try:
            is_broken = await break_lease(
                members[entry.cluster],
                session.options.set_name,
                namespace=session.options.namespace,
                holder=entry.holder,
            )
        except ClusterError as error:
            status = Exit.PARTIAL
            printer.note_text(f"{entry.cluster}: {error.message}")
            continue
        printer.note_text(f"{entry.cluster}: {'broken' if is_broken else 'another holds it by now, or nobody'}")
    return status
