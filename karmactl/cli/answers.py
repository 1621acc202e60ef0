"""The answers of commands in every form, and the exit status of those that only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from karmactl.cli.exits import Exit, exit_of_errors
from karmactl.core.model.change import ApplyReport
from karmactl.core.model.plan import Plan
from karmactl.errors import KarmactlError
from karmactl.render.apply import render_apply_report
from karmactl.render.diff import render_diff
from karmactl.render.plan import render_plan
from karmactl.render.text import Line, Page

__all__ = ["apply_answers", "diff_answers", "plan_answers", "reading_status", "save_plan"]

Answers = Mapping[str, Callable[[Page], str | Sequence[Line]]]


def reading_status(plan: Plan, refused: Sequence[KarmactlError], *, is_different: bool) -> Exit:
    """Errors, then what could not be read, then differences: 3 beats 1."""
    if refused:
        return exit_of_errors(refused)
    if not plan.is_complete:
        return Exit.PARTIAL
    return Exit.DIFFERENCES if is_different else Exit.DONE


def plan_answers(plan: Plan, command: str, status: Exit, *, saved_to: str = "") -> Answers:
    """A plan, as plan and apply show it."""
    return {"human": lambda page: render_plan(plan, page, saved_to=saved_to)}


def diff_answers(plan: Plan, status: Exit, *, context_lines: int) -> Answers:
    """The changes of a plan, field by field."""
    return {"human": lambda page: render_diff(plan, page, context_lines=context_lines)}


def apply_answers(report: ApplyReport, plan: Plan, status: Exit, *, elapsed_seconds: float) -> Answers:
    """What a run did."""
    return {"human": lambda page: render_apply_report(report, plan, page, elapsed_seconds=elapsed_seconds)}


def save_plan(path: str, plan: Plan, status: Exit) -> None:
    """Write the plan for `apply --plan`."""
    raise NotImplementedError
