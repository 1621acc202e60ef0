"""The answers of commands in every form, and the exit status of those that only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from karmactl.cli.exits import Exit, exit_of_errors
from karmactl.core.impact import changes_of
from karmactl.core.model.change import Action, ApplyReport, Outcome
from karmactl.core.model.counterfactual import WhyNot
from karmactl.core.model.manifest import JSONValue, ResourceRef
from karmactl.core.model.plan import Decision, Plan, Standing
from karmactl.core.model.simulation import Simulation
from karmactl.core.model.state import Record
from karmactl.core.model.status import FleetStatus
from karmactl.core.model.trace import OverrideTrace
from karmactl.engine.unlock import SeenLease
from karmactl.errors import KarmactlError
from karmactl.files.dump import dump_yaml
from karmactl.files.plans import write_plan_file
from karmactl.render.apply import render_apply_report
from karmactl.render.diff import render_diff
from karmactl.render.documents import (
    Run,
    apply_document,
    diff_document,
    error_document,
    history_document,
    leases_document,
    plan_document,
    simulation_document,
    status_document,
    to_json,
    why_document,
)
from karmactl.render.history import render_deletions, render_leases, render_revisions
from karmactl.render.listing import change_names, deletion_names, placement_names, status_names
from karmactl.render.markdown import plan_markdown
from karmactl.render.offline import object_lines
from karmactl.render.placement import placement_lines, placement_rows
from karmactl.render.plan import render_plan
from karmactl.render.simulate import render_simulations
from karmactl.render.status import render_status
from karmactl.render.text import Line, Page

__all__ = [
    "Answers",
    "apply_answers",
    "comparison_answers",
    "deletion_answers",
    "diff_answers",
    "error_text",
    "history_answers",
    "lease_answers",
    "patch_answers",
    "plan_answers",
    "reading_status",
    "save_plan",
    "simulation_answers",
    "status_answers",
    "uncompared_answers",
    "value_answers",
    "why_answers",
    "writing_status",
]

Answers = Mapping[str, Callable[[Page], str | Sequence[Line]]]
_STARTED: Final = datetime.now(UTC)


def reading_status(plan: Plan, refused: Sequence[KarmactlError], *, is_different: bool) -> Exit:
    """Errors, then what could not be read, then differences: 3 beats 1."""
    if refused:
        return exit_of_errors(refused)
    if not plan.is_complete:
        return Exit.PARTIAL
    return Exit.DIFFERENCES if is_different else Exit.DONE


def writing_status(report: ApplyReport, plan: Plan) -> Exit:
    """The status of a run that wrote: interrupted, in part, not ready in time, or done."""
    if report.is_interrupted:
        return Exit.INTERRUPTED
    is_skipping = any(decision.standing is Standing.UNPLACEABLE for decision in plan.decisions) or any(
        change.action in (Action.CONFLICT, Action.UNKNOWN) for change in changes_of(plan)
    )
    if report.failed_clusters or not plan.is_complete or is_skipping:
        return Exit.PARTIAL
    if any(result.outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.UNKNOWN) for result in report.results):
        return Exit.PARTIAL
    if any(result.is_ready is False for result in report.results):
        return Exit.NOT_READY
    # What waits for its turn is as asked; what a Namespace holds of others' does not go away by itself.
    if any(result.error_code == "holds-foreign-objects" for result in report.results):
        return Exit.PARTIAL
    return Exit.DONE


def _with_documents(human: Callable[[Page], Sequence[Line]], document: Callable[[], JSONValue]) -> Answers:
    return {
        "human": human,
        "json": lambda page: to_json(document()),
        "yaml": lambda page: dump_yaml(document()),
    }


def run_of(command: str, status: Exit, errors: Sequence[KarmactlError] = ()) -> Run:
    """The run around a document."""
    return Run(
        command=command,
        started_at=_STARTED.strftime("%Y-%m-%dT%H:%M:%SZ"),
        finished_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        exit_code=status,
        errors=tuple(errors),
    )


def plan_answers(
    plan: Plan, command: str, status: Exit, errors: Sequence[KarmactlError] = (), *, saved_to: str = ""
) -> Answers:
    """A plan, as plan and apply show it."""
    return {
        **_with_documents(
            lambda page: render_plan(plan, page, saved_to=saved_to),
            lambda: plan_document(plan, run_of(command, status, errors)),
        ),
        "name": lambda page: placement_names(plan.decisions),
        "markdown": lambda page: plan_markdown(plan),
    }


def diff_answers(plan: Plan, status: Exit, errors: Sequence[KarmactlError] = (), *, context_lines: int) -> Answers:
    """The changes of a plan, field by field."""
    return {
        **_with_documents(
            lambda page: render_diff(plan, page, context_lines=context_lines),
            lambda: diff_document(plan, run_of("diff", status, errors)),
        ),
        "name": lambda page: change_names(plan),
        "markdown": lambda page: plan_markdown(plan),
    }


def comparison_answers(
    plan: Plan, status: Exit, errors: Sequence[KarmactlError] = (), *, context_lines: int
) -> Answers:
    """A diff between files: where objects go, too, since no plan shows it."""

    def human(page: Page) -> Sequence[Line]:
        placements = placement_lines(plan, page) if placement_rows(plan) else []
        differences = render_diff(plan, page, context_lines=context_lines)
        return [*placements, (), *differences] if placements and differences else differences

    return {**diff_answers(plan, status, errors, context_lines=context_lines), "human": human}


def uncompared_answers(plan: Plan, status: Exit, errors: Sequence[KarmactlError] = ()) -> Answers:
    """A diff that had nothing to compare with: what would be in each cluster."""
    return {**diff_answers(plan, status, errors, context_lines=0), "human": lambda page: object_lines(plan, page)}


def apply_answers(report: ApplyReport, plan: Plan, status: Exit, *, elapsed_seconds: float) -> Answers:
    """What a run did."""
    return {
        **_with_documents(
            lambda page: render_apply_report(report, plan, page, elapsed_seconds=elapsed_seconds),
            lambda: apply_document(report, plan, run_of("apply", status)),
        ),
        "name": lambda page: change_names(plan),
    }


def status_answers(status: FleetStatus, code: Exit) -> Answers:
    """The status of a set."""
    return {
        **_with_documents(
            lambda page: render_status(status, page), lambda: status_document(status, run_of("status", code))
        ),
        "name": lambda page: status_names(status),
    }


def history_answers(set_name: str, record: Record, code: Exit) -> Answers:
    """The revisions of a set."""
    return _with_documents(
        lambda page: render_revisions(record, page),
        lambda: history_document(set_name, record, run_of("history", code)),
    )


def deletion_answers(set_name: str, record: Record, code: Exit) -> Answers:
    """What runs over a set took away."""
    return {
        **history_answers(set_name, record, code),
        "human": lambda page: render_deletions(record.deletions, page),
        "name": lambda page: deletion_names(record.deletions),
    }


def lease_answers(set_name: str, seen: Sequence[SeenLease], code: Exit) -> Answers:
    """Who holds the Leases of a set, and where."""
    leases: list[JSONValue] = [
        {
            "cluster": entry.cluster,
            "holder": entry.holder or None,
            "since": entry.since or None,
            "renewedAt": entry.renewed_at or None,
            "alive": entry.is_alive,
            "error": entry.error or None,
        }
        for entry in seen
    ]
    return _with_documents(
        lambda page: render_leases(leases, page),
        lambda: leases_document(set_name, leases, run_of("unlock", code)),
    )


def why_answers(
    human: Callable[[Page], Sequence[Line]],
    decisions: Sequence[Decision],
    code: Exit,
    why_nots: Sequence[tuple[Decision, WhyNot]] = (),
    overrides: Mapping[ResourceRef, Sequence[OverrideTrace]] | None = None,
) -> Answers:
    """Decisions in full."""
    return {
        **_with_documents(
            human,
            lambda: why_document(
                decisions, run_of("why", code), is_complete=code is Exit.DONE, why_nots=why_nots, overrides=overrides
            ),
        ),
        "name": lambda page: placement_names(decisions),
    }


def simulation_answers(simulations: Sequence[Simulation], code: Exit) -> Answers:
    """Simulated failovers."""
    return _with_documents(
        lambda page: render_simulations(simulations, page),
        lambda: simulation_document(simulations, run_of("simulate", code), is_complete=code is not Exit.PARTIAL),
    )


def patch_answers(patches: Mapping[str, Mapping[str, Sequence[JSONValue]]]) -> Answers:
    """JSON Patches by object and cluster."""
    return value_answers(
        {name: {cluster: list(patch) for cluster, patch in by_cluster.items()} for name, by_cluster in patches.items()}
    )


def value_answers(value: JSONValue) -> Answers:
    """Data that is itself the answer: YAML for people, without an envelope."""
    return {
        "human": lambda page: dump_yaml(value),
        "yaml": lambda page: dump_yaml(value),
        "json": lambda page: to_json(value),
    }


def save_plan(path: str, plan: Plan, status: Exit) -> None:
    """Write the plan for `apply --plan`. Raises UsageError `file-not-written`."""
    write_plan_file(Path(path), plan_document(plan, run_of("plan", status)))


def error_text(command: str, status: int, errors: Sequence[KarmactlError]) -> str:
    """The JSON of a run that ended before it had an answer."""
    return to_json(error_document("Error", run_of(command, Exit(status), errors)))
