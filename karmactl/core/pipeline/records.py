"""What the record keeps of a decision: the previous result that the next run starts from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from karmactl.core.digest import template_digest
from karmactl.core.model.plan import Decision, Standing
from karmactl.core.model.state import TemplateRecord
from karmactl.core.pipeline.given import is_namespace, record_name

__all__ = ["DEPENDENCY_POLICY", "NAMESPACE_POLICY", "record_of", "without_times"]

# What stands in a record in place of a policy's name.
DEPENDENCY_POLICY = "(dependency)"
NAMESPACE_POLICY = "(namespace)"


def record_of(decision: Decision, recorded: TemplateRecord | None, now: str) -> TemplateRecord:
    """The record of a template that is placed, kept or attached; `recorded` is the former one, `now` RFC 3339.

    The digest tells a Lazy policy whether the template changed since its placement was decided, so it stays where a
    decision was due and failed.
    """
    policy = decision.match.winner.policy if decision.match.winner else None
    if policy is not None:
        name = record_name(policy)
    else:
        name = NAMESPACE_POLICY if is_namespace(decision.ref) else DEPENDENCY_POLICY
    entry = TemplateRecord(
        resource=decision.ref,
        policy=name,
        placement=decision.binding.placement if decision.binding is not None else None,
        clusters=decision.targets,
        attached=decision.attached,
        affinity=decision.result.affinity if decision.result is not None else "",
        digest=template_digest(decision.template.manifest),
        last_scheduled_time=now,
        eviction_tasks=recorded.eviction_tasks if recorded is not None else (),
    )
    if recorded is None or decision.standing is not Standing.KEPT:
        return entry
    is_failed = decision.result is not None and decision.result.error is not None
    return replace(
        entry,
        placement=recorded.placement,
        affinity=recorded.affinity,
        digest=recorded.digest if is_failed else entry.digest,
        last_scheduled_time=recorded.last_scheduled_time,
    )


def without_times(records: Iterable[TemplateRecord]) -> list[TemplateRecord]:
    """Records as they compare: when a template was scheduled is no change by itself."""
    return [replace(record, last_scheduled_time="") for record in records]
