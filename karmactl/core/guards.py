"""Guards: safety checks over a whole plan, each with what it measured, its limit, and the flag that consents.

They run before the first write and stop the run on purpose (exit 4). A guard never changes a plan.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from karmactl.core.model.change import Action, Change, ChangeSet, Guard, Verdict
from karmactl.core.model.manifest import as_list, as_str, field, labels_of
from karmactl.core.model.plan import Decision, Standing

__all__ = ["GuardLimits", "Limit", "check_guards", "is_stateful", "parse_limit"]

_REMOVALS = frozenset({Action.WITHDRAW, Action.PRUNE})
# After these the object that was there is no more.
_ENDINGS = frozenset({*_REMOVALS, Action.REPLACE})
_PROTECTED_KINDS = ("Namespace", "CustomResourceDefinition", "PersistentVolumeClaim")
# A member that loses this few objects is never in danger of a mass delete.
_SMALL_DELETE = 5
_STATEFUL_KINDS = frozenset({"StatefulSet"})
_MANY_READERS = frozenset({"ReadOnlyMany", "ReadWriteMany"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A ceiling: `count` objects, or `percent` of what is there."""

    count: int | None = None
    percent: float | None = None

    def allows(self, number: int, total: int) -> bool:
        """Whether `number` of `total` is within the ceiling."""
        if self.count is not None:
            return number <= self.count
        return number * 100 <= (self.percent or 0) * total

    def __str__(self) -> str:
        return str(self.count) if self.count is not None else f"{self.percent:g} %"


def parse_limit(text: str) -> Limit | None:
    """`5` or `20%` as a Limit; None where it is neither."""
    number = text.removesuffix("%").strip()
    if not _NUMBER.fullmatch(number):
        return None
    if text.endswith("%"):
        return Limit(percent=float(number))
    return Limit(count=int(number)) if "." not in number else None


_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_DEFAULT_MAX_DELETE = Limit(percent=20)
_DEFAULT_MAX_MOVE = Limit(percent=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardLimits:
    """Limits and consents of a run. `is_*_given` say that a limit was set for this run by a flag.

    `skip_refused`: objects that are refused are left as they are, and the rest goes on.
    """

    max_delete: Limit = _DEFAULT_MAX_DELETE
    is_max_delete_given: bool = False
    max_move: Limit = _DEFAULT_MAX_MOVE
    is_max_move_given: bool = False
    allowed_kinds: frozenset[str] = frozenset()
    protected_kinds: tuple[str, ...] = _PROTECTED_KINDS
    allow_stateful: bool = False
    allow_replace: bool = False
    allow_empty: bool = False
    skip_refused: bool = False


def check_guards(
    decisions: Sequence[Decision],
    change_sets: Sequence[ChangeSet],
    inventory_sizes: Mapping[str, int],
    limits: GuardLimits,
    *,
    is_everything_removed: bool = False,
) -> tuple[Guard, ...]:
    """Every guard's verdict, in a fixed order. `inventory_sizes` counts the rows of each member before the run.

    `is_everything_removed`: the command's wish is to remove all (delete), so the mass-delete ceiling does not speak.
    """
    guards: list[Guard | None] = [_conflicts(change_sets, limits)]
    if not is_everything_removed:
        guards += [_mass_delete(change_set, inventory_sizes, limits) for change_set in change_sets]
        guards += [_moves(decisions, limits), _stateful(decisions, limits)]
    guards.append(_replaced(change_sets, limits))
    guards += _protected(change_sets, limits)
    guards += _deletion_protected(decisions, change_sets)
    return tuple(guard for guard in guards if guard is not None)


def _changes(change_sets: Sequence[ChangeSet], *actions: Action) -> list[Change]:
    return [change for change_set in change_sets for change in change_set.changes if change.action in actions]


def _conflicts(change_sets: Sequence[ChangeSet], limits: GuardLimits) -> Guard:
    found = _changes(change_sets, Action.CONFLICT)
    return Guard(
        name="conflicts",
        verdict=Verdict.ACKNOWLEDGED if limits.skip_refused else Verdict.REFUSE if found else Verdict.PASS,
        measured=str(len(found)),
        limit="0",
        flag="--force-conflicts" if any(change.reason.code == "field-conflict" for change in found) else "",
        detail=", ".join(sorted({f"{change.cluster} {change.resource}" for change in found})[:5]),
    )


def _mass_delete(change_set: ChangeSet, sizes: Mapping[str, int], limits: GuardLimits) -> Guard | None:
    removed = sum(change.action in _REMOVALS for change in change_set.changes)
    total = sizes.get(change_set.cluster, 0)
    if not removed:
        return None
    is_all = removed == total and total > 1
    is_within = limits.max_delete.allows(removed, total) and not (is_all and not limits.is_max_delete_given)
    is_small = removed <= _SMALL_DELETE and not is_all
    return Guard(
        name="delete",
        cluster=change_set.cluster,
        verdict=Verdict.ACKNOWLEDGED
        if is_within and limits.is_max_delete_given
        else Verdict.PASS
        if is_within or is_small
        else Verdict.REFUSE,
        measured=f"{removed} of {total}",
        limit=str(limits.max_delete),
        flag=f"--max-delete {removed}",
    )


def _moves(decisions: Sequence[Decision], limits: GuardLimits) -> Guard | None:
    moved = total = 0
    for decision in decisions:
        before = {target.name: target.replicas for target in decision.previous}
        after = {target.name: target.replicas for target in decision.targets}
        if not decision.has_replicas or not before or decision.standing is Standing.UNPLACEABLE:
            continue
        total += sum(before.values())
        # What a cluster loses and another gains has moved; a plain scale-down has not.
        lost = sum(max(0, count - after.get(name, 0)) for name, count in before.items())
        gained = sum(max(0, count - before.get(name, 0)) for name, count in after.items())
        moved += min(lost, gained)
    if not moved:
        return None
    is_within = limits.max_move.allows(moved, total)
    return Guard(
        name="move",
        verdict=Verdict.REFUSE if not is_within else Verdict.ACKNOWLEDGED if limits.is_max_move_given else Verdict.PASS,
        measured=f"{moved} of {total} replicas",
        limit=str(limits.max_move),
        flag=f"--max-move {moved}",
    )


def _stateful(decisions: Sequence[Decision], limits: GuardLimits) -> Guard | None:
    moving = [
        str(decision.ref)
        for decision in decisions
        if is_stateful(decision)
        and {target.name for target in decision.previous} - {target.name for target in decision.targets}
        and decision.targets
    ]
    if not moving:
        return None
    return Guard(
        name="stateful",
        verdict=Verdict.ACKNOWLEDGED if limits.allow_stateful else Verdict.REFUSE,
        measured=str(len(moving)),
        limit="0",
        flag="--allow-stateful",
        detail=", ".join(moving[:5]),
    )


def _replaced(change_sets: Sequence[ChangeSet], limits: GuardLimits) -> Guard | None:
    """Objects that have to be deleted and made anew, because a field of theirs may not change."""
    found = _changes(change_sets, Action.REPLACE)
    if not found:
        return None
    names = sorted(
        {
            f"{change.cluster} {change.resource} ({', '.join(as_str(name) for name in as_list(fields))})"
            for change in found
            if (fields := change.reason.params.get("fields")) is not None
        }
    )
    return Guard(
        name="replace",
        verdict=Verdict.ACKNOWLEDGED if limits.allow_replace else Verdict.REFUSE,
        measured=str(len(found)),
        limit="0",
        flag="--replace",
        detail=", ".join(names[:5]),
    )


def is_stateful(decision: Decision) -> bool:
    """Whether it must not run twice or holds data: StatefulSets, Recreate, claims that one node alone may mount."""
    spec = field(decision.template.manifest, "spec")
    if decision.ref.kind == "PersistentVolumeClaim":
        return not _MANY_READERS.intersection(as_str(mode) for mode in as_list(field(spec, "accessModes")))
    return decision.ref.kind in _STATEFUL_KINDS or field(spec, "strategy", "type") == "Recreate"


def _protected(change_sets: Sequence[ChangeSet], limits: GuardLimits) -> list[Guard]:
    guards = []
    for kind in limits.protected_kinds:
        found = [change for change in _changes(change_sets, *_ENDINGS) if change.resource.kind == kind]
        if found:
            guards.append(
                Guard(
                    name=f"delete {kind}",
                    verdict=Verdict.ACKNOWLEDGED if kind in limits.allowed_kinds else Verdict.REFUSE,
                    measured=str(len(found)),
                    limit="0",
                    flag=f"--allow-delete {kind}",
                    detail=", ".join(f"{change.cluster} {change.resource}" for change in found[:5]),
                )
            )
    return guards


def _deletion_protected(decisions: Sequence[Decision], change_sets: Sequence[ChangeSet]) -> list[Guard]:
    """What is labelled so may not be removed: the template in the files, or the live object where that left them."""
    label = "resourcetemplate.karmada.io/deletion-protected"
    protected = {
        decision.ref.identity for decision in decisions if labels_of(decision.template.manifest).get(label) == "Always"
    }
    found = [
        change
        for change in _changes(change_sets, *_ENDINGS)
        if change.resource.identity in protected or change.reason.params.get("deletionProtected")
    ]
    if not found:
        return []
    return [
        Guard(
            name="deletion-protected",
            verdict=Verdict.REFUSE,
            measured=str(len(found)),
            limit="0",
            detail=", ".join(f"{change.cluster} {change.resource}" for change in found[:5]),
        )
    ]
