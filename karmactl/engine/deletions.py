"""What runs took away, in the record: written down before it goes, and again when it is gone.

Between the two a killed run may have deleted something, so the first entry stands until a later run writes the record:
better one line too many than a deletion without a trace.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from karmactl.core.model.change import Action, Change
from karmactl.core.model.state import Deletion, Record

__all__ = ["ENDINGS", "with_deletions"]

# After these the object that was there is no more.
ENDINGS: Final = frozenset({Action.WITHDRAW, Action.PRUNE, Action.REPLACE})
# So many are remembered, the newest; each takes about 40 bytes of the record.
_KEPT: Final = 500


def with_deletions(record: Record, changes: Iterable[Change], *, is_done: bool) -> Record:
    """The record with an entry for each object that this run, its last revision, takes away."""
    run = record.revisions[-1] if record.revisions else None
    entries = [
        Deletion(
            cluster=change.cluster,
            resource=change.resource,
            uid=change.live_uid,
            reason=change.reason.code,
            generation=record.generation,
            at=run.applied_at if run else "",
            by=run.applied_by if run else "",
            git_commit=run.git_commit if run else "",
            is_done=is_done,
        )
        for change in changes
    ]
    return replace(record, deletions=(*record.deletions, *entries)[-_KEPT:]) if entries else record
