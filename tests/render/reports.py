"""Reports and states made by hand for the tests of rendering."""

from __future__ import annotations

from karmactl.core.model.change import Action, ApplyReport, ChangeResult, FieldChange, FieldHolder, Outcome, Unknown
from karmactl.core.model.plan import Plan
from karmactl.core.model.state import PendingWithdrawal
from karmactl.core.model.status import DriftSeen, FleetStatus, Health, Orphan, StatusCell, WorkloadStatus
from tests.render.world import FRONTEND, change, fleet, ref


def done_report(plan: Plan) -> ApplyReport:
    """Everything went well; workloads took 51 s."""
    return ApplyReport(
        results=tuple(
            ChangeResult(
                change=entry,
                outcome=Outcome.DONE,
                ready_seconds=51.0 if entry.resource == FRONTEND else None,
                is_ready=True if entry.resource == FRONTEND else None,
            )
            for change_set in plan.change_sets
            for entry in change_set.changes
        ),
        generation=42,
        requests={"eu-1": {"list": 3, "apply": 2}},
    )


def partial_report() -> ApplyReport:
    """One member stopped answering, one object was refused, one workload did not become ready."""
    return ApplyReport(
        results=(
            ChangeResult(
                change=change("eu-1", Action.UPDATE, FRONTEND), outcome=Outcome.DONE, ready_seconds=49.0, is_ready=True
            ),
            ChangeResult(change=change("eu-2", Action.UPDATE, FRONTEND), outcome=Outcome.DONE, is_ready=False),
            ChangeResult(
                change=change("us-1", Action.UPDATE, FRONTEND),
                outcome=Outcome.UNKNOWN,
                error_code="no-answer",
                error="sent, no answer",
            ),
            ChangeResult(
                change=change("eu-1", Action.CREATE, ref("ConfigMap", "big"), code="new"),
                outcome=Outcome.FAILED,
                error_code="server-rejected",
                error='server said: ConfigMap "big" is too large',
            ),
            ChangeResult(
                change=change("us-1", Action.PRUNE, ref("ConfigMap", "old"), code="left-the-files"),
                outcome=Outcome.SKIPPED,
            ),
        ),
        failed_clusters={"us-1": "member-unreachable: no answer within 30 s"},
        generation=43,
    )


def shop_status() -> FleetStatus:
    """Two workloads, one list refused, one drift."""
    ready, rolling = Health.READY, Health.PROGRESSING
    return FleetStatus(
        set_name="shop",
        generation=42,
        applied_at="2026-03-01T09:00:00Z",
        applied_by="ci",
        git_commit="4f2c1aa",
        fleet=fleet("eu-1", "eu-2", "us-1"),
        workloads=(
            WorkloadStatus(
                resource=FRONTEND,
                cells=(
                    StatusCell(cluster="eu-1", health=ready, ready=4, wanted=4),
                    StatusCell(cluster="eu-2", health=ready, ready=2, wanted=2),
                    StatusCell(cluster="us-1", health=rolling, ready=1, wanted=2, message="1 of 2 replicas updated"),
                ),
            ),
            WorkloadStatus(
                resource=ref("StatefulSet", "orders"),
                cells=(StatusCell(cluster="eu-2", health=Health.UNKNOWN, message="forbidden"),),
            ),
            WorkloadStatus(
                resource=ref("Deployment", "redis-cart"),
                cells=(StatusCell(cluster="eu-1", health=Health.MISSING),),
            ),
        ),
        other_objects=31,
        drift=(
            DriftSeen(
                cluster="eu-2",
                resource=ref("HorizontalPodAutoscaler", "frontend", group="autoscaling"),
                field=FieldChange(
                    path="/spec/maxReplicas",
                    keyed_path="spec.maxReplicas",
                    op="replace",
                    before=10,
                    after=6,
                    drift=FieldHolder(manager="kubectl-edit", time="2026-03-01T10:00:00Z"),
                ),
            ),
        ),
        orphans=(Orphan(cluster="us-1", resource=ref("Service", "old")),),
        pending=(PendingWithdrawal(cluster="eu-2", resource=FRONTEND, reason="timeout"),),
        unknowns=(Unknown(cluster="eu-2", code="forbidden", message="list refused", resource="StatefulSet (apps/v1)"),),
    )


def large_status(number: int = 46) -> FleetStatus:
    """More members than a terminal has room for."""
    names = [f"member-{position:02d}" for position in range(1, number + 1)]
    cells = [StatusCell(cluster=name, health=Health.READY, ready=2, wanted=2) for name in names]
    cells[6] = StatusCell(
        cluster=names[6], health=Health.PROGRESSING, ready=1, wanted=2, message="1 of 2 replicas ready"
    )
    return FleetStatus(
        set_name="large",
        generation=3,
        fleet=fleet(*names),
        workloads=(WorkloadStatus(resource=ref("Deployment", "web"), cells=tuple(cells)),),
    )
