"""`karmactl graph`: placement, or the order of changes, as mermaid or DOT."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack
from typing import Annotated

import typer

from karmactl.cli.exits import Exit
from karmactl.cli.options import FleetFlags, InputFlags, PlanFlags, ShowFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.runs import Request, open_run, run_async
from karmactl.core.graph import draw_changes, draw_placement
from karmactl.core.model.graph import DrawnGraph
from karmactl.engine.session import look, make_plan
from karmactl.errors import UsageError
from karmactl.render.graph import to_dot, to_mermaid

__all__ = ["command"]

_FORMATS = {"mermaid": to_mermaid, "dot": to_dot}
_SUBJECTS = ("placement", "changes")


@bundled
def command(
    inputs: InputFlags,
    fleet: FleetFlags,
    plan: PlanFlags,
    subject: Annotated[str, typer.Option("--of", help="placement, or changes in their order.")] = "placement",
    form: Annotated[str, typer.Option("--format", help="mermaid or dot.")] = "mermaid",
) -> int:
    """Draw what goes where, or which change waits for which, as mermaid or DOT."""
    if form not in _FORMATS or subject not in _SUBJECTS:
        raise UsageError(
            "bad-usage", f"--of {subject} --format {form}", hint="--of placement|changes, --format mermaid|dot"
        )
    request = Request(fleet=fleet, inputs=inputs, plan=plan)
    return run_async(lambda: _graph(request, subject, form))


async def _graph(request: Request, subject: str, form: str) -> int:
    printer = Printer(ShowFlags(quiet=True))
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            drawn: DrawnGraph
            if subject == "placement":
                decided, view = await look(running.session)
                drawn, is_complete = draw_placement(decided.decisions), not view.failures
            else:
                planned = await make_plan(running.session)
                drawn = draw_changes(planned.graph.changes, planned.graph.requires)
                is_complete = planned.plan.is_complete
    sys.stdout.write(_FORMATS[form](drawn))
    return Exit.DONE if is_complete else Exit.PARTIAL
