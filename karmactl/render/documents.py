"""Documents for programs: one versioned envelope around every answer, in the shapes of docs/schemas.

`formatVersion`: a new minor only adds, and readers ignore keys that they do not know; a new major may break. The text
is plain ASCII, so that no locale can spoil it, and its keys have a fixed order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from karmactl import __version__
from karmactl.core.model.change import ApplyReport, ChangeResult, Outcome
from karmactl.core.model.counterfactual import WhyNot
from karmactl.core.model.manifest import JSONValue, ResourceRef
from karmactl.core.model.plan import Decision, FleetMember, Plan
from karmactl.core.model.reason import Reason
from karmactl.core.model.simulation import Simulation
from karmactl.core.model.state import Record
from karmactl.core.model.status import FleetStatus, StatusCell, WorkloadStatus
from karmactl.core.model.trace import OverrideTrace
from karmactl.core.plan_format import (
    change_json,
    changes_json,
    field_json,
    group_ids,
    location_json,
    placement_json,
    plan_body,
    ref_json,
    summary_of,
    unknown_json,
    why_not_json,
)
from karmactl.errors import KarmactlError
from karmactl.render.overrides import overrides_json
from karmactl.render.simulate import simulation_json, simulation_summary
from karmactl.render.words import say

__all__ = [
    "FORMAT_VERSION",
    "Run",
    "apply_document",
    "diff_document",
    "error_document",
    "history_document",
    "leases_document",
    "plan_document",
    "simulation_document",
    "status_document",
    "to_json",
    "why_document",
]

FORMAT_VERSION: Final = "1.0"
_JSON = dict[str, JSONValue]
_NOT_ASCII: Final = re.compile("[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The run around an answer. Times are RFC 3339; `git` is the commit, with `is_git_dirty` for changed files."""

    command: str
    started_at: str
    finished_at: str
    exit_code: int
    git: str = ""
    is_git_dirty: bool = False
    errors: tuple[KarmactlError, ...] = ()


def to_json(document: JSONValue) -> str:
    """The document as text, with a newline at the end."""
    try:
        text = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    except TypeError:
        # A lone surrogate or an integer beyond 64 bits: rare, and the standard encoder takes them.
        return json.dumps(document, indent=2) + "\n"
    return _NOT_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], text)


def plan_document(plan: Plan, run: Run) -> _JSON:
    """kind Plan."""
    body = plan_body(plan)
    git: JSONValue = {"commit": run.git, "dirty": run.is_git_dirty} if run.git else None
    return {**_envelope("Plan", run, plan), "git": git, **body}


def diff_document(plan: Plan, run: Run) -> _JSON:
    """kind Diff: the changes and unknowns of a plan, so that one reader serves both."""
    return {
        **_envelope("Diff", run, plan),
        "set": plan.set_name,
        "changes": [*changes_json(plan)],
        "unknowns": [unknown_json(entry) for change_set in plan.change_sets for entry in change_set.unknowns],
    }


def apply_document(report: ApplyReport, plan: Plan, run: Run) -> _JSON:
    """kind ApplyResult: what became of every change, with the id of the plan that was carried out."""
    groups = group_ids(plan)
    outcomes: _JSON = {}
    for outcome in Outcome:
        number = sum(result.outcome is outcome for result in report.results)
        if number:
            outcomes[outcome.value] = number
    is_done = not report.failed_clusters and not report.is_interrupted
    envelope = _envelope("ApplyResult", run, plan)
    envelope["complete"] = envelope["complete"] is True and is_done
    envelope["summary"] = {"results": outcomes, **summary_of(plan)}
    return {
        **envelope,
        "id": plan.id,
        "set": plan.set_name,
        "revision": report.generation,
        "interrupted": report.is_interrupted,
        "changes": [_result_json(result, groups.get(result.change.id, "")) for result in report.results],
        "failedClusters": [{"name": name, "message": why} for name, why in sorted(report.failed_clusters.items())],
        "requests": {name: dict(sorted(counts.items())) for name, counts in sorted(report.requests.items())},
    }


def _result_json(result: ChangeResult, group: str) -> _JSON:
    return {
        **change_json(result.change, group),
        "result": result.outcome.value,
        "error": {"code": result.error_code, "message": result.error} if result.error or result.error_code else None,
        "ready": result.is_ready,
        "readySeconds": result.ready_seconds,
    }


def status_document(status: FleetStatus, run: Run) -> _JSON:
    """kind Status."""
    envelope = _base("Status", run, status.fleet, is_complete=status.is_complete)
    envelope["summary"] = {
        "inSync": status.is_in_sync,
        "workloads": len(status.workloads),
        "otherObjects": status.other_objects,
        "drift": len(status.drift),
        "orphans": len(status.orphans),
        "pending": len(status.pending),
        "unknowns": len(status.unknowns),
    }
    return {
        **envelope,
        "set": status.set_name,
        "revision": status.generation,
        "appliedAt": status.applied_at or None,
        "appliedBy": status.applied_by or None,
        "git": status.git_commit or None,
        "paused": status.is_paused,
        "workloads": [_workload_json(workload) for workload in status.workloads],
        "drift": [
            {"cluster": seen.cluster, "resource": ref_json(seen.resource), "field": field_json(seen.field)}
            for seen in status.drift
        ],
        "orphans": [{"cluster": orphan.cluster, "resource": ref_json(orphan.resource)} for orphan in status.orphans],
        "pending": [
            {"cluster": entry.cluster, "resource": ref_json(entry.resource), "reason": entry.reason}
            for entry in status.pending
        ],
        "unknowns": [unknown_json(entry) for entry in status.unknowns],
    }


def history_document(set_name: str, record: Record, run: Run) -> _JSON:
    """kind History: the revisions of a set and what its runs took away, oldest first."""
    envelope = _base("History", run, (), is_complete=run.exit_code == 0)
    envelope["summary"] = {"revisions": len(record.revisions), "deletions": len(record.deletions)}
    return {
        **envelope,
        "set": set_name,
        "revision": record.generation,
        "revisions": [
            {
                "revision": entry.generation,
                "appliedAt": entry.applied_at,
                "appliedBy": entry.applied_by,
                "git": entry.git_commit or None,
                "inputs": list(entry.input_roots),
                "plan": entry.summary,
            }
            for entry in record.revisions
        ],
        "deletions": [
            {
                "cluster": entry.cluster,
                "resource": ref_json(entry.resource),
                "uid": entry.uid,
                "reason": entry.reason,
                "revision": entry.generation,
                "deletedAt": entry.at,
                "deletedBy": entry.by,
                "git": entry.git_commit or None,
                "done": entry.is_done,
            }
            for entry in record.deletions
        ],
    }


def leases_document(set_name: str, leases: Sequence[JSONValue], run: Run) -> _JSON:
    """kind Leases: who holds the write Lease of a set in which member."""
    envelope = _base("Leases", run, (), is_complete=run.exit_code == 0)
    return {**envelope, "set": set_name, "leases": [*leases]}


def _workload_json(workload: WorkloadStatus) -> _JSON:
    return {
        "resource": ref_json(workload.resource),
        "policy": workload.policy or None,
        "clusters": [_cell_json(cell) for cell in workload.cells],
    }


def _cell_json(cell: StatusCell) -> _JSON:
    return {
        "name": cell.cluster,
        "health": cell.health.value,
        "ready": cell.ready,
        "wanted": cell.wanted,
        "message": cell.message,
    }


def why_document(
    decisions: Sequence[Decision],
    run: Run,
    *,
    fleet: Sequence[FleetMember] = (),
    is_complete: bool = True,
    why_nots: Sequence[tuple[Decision, WhyNot]] = (),
    overrides: Mapping[ResourceRef, Sequence[OverrideTrace]] | None = None,
) -> _JSON:
    """kind Placement: the decisions that were asked about, what overrides make of each object, and what would change
    the decisions for the clusters asked about."""
    envelope = _base("Placement", run, fleet, is_complete=is_complete)
    envelope["summary"] = {"placements": len(decisions)}
    return {
        **envelope,
        "placements": [
            {**placement_json(decision), "overrides": overrides_json((overrides or {}).get(decision.ref, ()))}
            for decision in decisions
        ],
        "whyNot": [why_not_json(decision, answer) for decision, answer in why_nots],
    }


def simulation_document(simulations: Sequence[Simulation], run: Run, *, is_complete: bool) -> _JSON:
    """kind Simulation: every scenario with its timeline and workloads."""
    envelope = _base("Simulation", run, (), is_complete=is_complete)
    envelope["summary"] = simulation_summary(simulations)
    return {**envelope, "scenarios": [simulation_json(simulation) for simulation in simulations]}


def error_document(kind: str, run: Run) -> _JSON:
    """The envelope alone, where a run ended before it had an answer; `run.errors` says why."""
    return _base(kind, run, (), is_complete=False)


def _envelope(kind: str, run: Run, plan: Plan) -> _JSON:
    envelope = _base(kind, run, plan.fleet, is_complete=plan.is_complete)
    envelope["summary"] = summary_of(plan)
    envelope["warnings"] = [_warning_json(reason) for reason in plan.warnings]
    return envelope


def _base(kind: str, run: Run, fleet: Sequence[FleetMember], *, is_complete: bool) -> _JSON:
    silent = [member for member in fleet if member.is_reachable is False]
    return {
        "formatVersion": FORMAT_VERSION,
        "kind": kind,
        "producer": {"name": "karmactl", "version": __version__},
        "command": run.command,
        "startedAt": run.started_at,
        "finishedAt": run.finished_at,
        "complete": is_complete,
        "exitCode": run.exit_code,
        "summary": {},
        "clusters": [{"name": member.name, "reachable": member.is_reachable} for member in fleet],
        "warnings": [],
        "errors": [*(_error_json(error) for error in run.errors), *(_silence_json(member) for member in silent)],
    }


def _error_json(error: KarmactlError) -> _JSON:
    return {
        "code": error.code,
        "severity": "error",
        "message": error.message,
        "why": error.why,
        "hint": error.hint,
        "location": location_json(error.location),
        "cluster": error.cluster,
        "resource": error.resource,
    }


def _silence_json(member: FleetMember) -> _JSON:
    code = member.error_code or "member-unreachable"
    error = KarmactlError(code, member.error or "the member does not answer", cluster=member.name)
    return _error_json(error)


def _warning_json(reason: Reason) -> _JSON:
    warning = _error_json(KarmactlError(reason.code, say(reason)))
    return {**warning, "severity": "warning"}
