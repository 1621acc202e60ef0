"""A plan as markdown for a review comment: a table, one fold for each group of changes, and a line of figures.

Hosts refuse comments near 65,536 characters: blocks are added until the budget is spent, and what was left out is said.
Data stands in code spans and fenced blocks, so that no name or value is ever read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from karmactl.core.impact import changes_of, impact_of
from karmactl.core.model.change import Action, Guard, Verdict
from karmactl.core.model.plan import Plan, Standing
from karmactl.render.changes import ChangeGroup, group_changes, words_of
from karmactl.render.diff import group_field_lines
from karmactl.render.names import cluster_list, counted, object_name
from karmactl.render.offline import NOT_COMPARED, is_comparison, objects_text
from karmactl.render.placement import ABSENT, PlacementRow, grouped_text, placement_rows
from karmactl.render.text import Page, clean, plain

__all__ = ["LIMIT", "plan_markdown"]

LIMIT: Final = 60_000
_FOOT_ROOM: Final = 1_000
# Tables take at most this share of the budget, so that changes are seen too.
_TABLE_SHARE: Final = 0.4
# The same for the list of one action.
_LIST_SHARE: Final = 0.5
# What a fold needs beside its lines.
_FOLD_ROOM: Final = 120
_MOST_COLUMNS: Final = 12
_ID_LENGTH: Final = 8
_PAGE: Final = Page()
_REMOVALS: Final = frozenset({Action.WITHDRAW, Action.PRUNE, Action.REPLACE})


def plan_markdown(plan: Plan, *, limit: int = LIMIT) -> str:
    """The plan in at most `limit` characters."""
    fleet = [member.name for member in plan.fleet]
    groups = group_changes(changes_of(plan))
    parts = [_title(plan), *_alarms(plan)]
    used = sum(len(part) + 1 for part in parts) + _FOOT_ROOM
    rows = placement_rows(plan)
    table, rows_left = _table(rows, fleet, int((limit - used) * _TABLE_SHARE))
    parts += table
    used += sum(len(part) + 1 for part in table)
    folds, groups_left = _folds(groups, fleet, limit - used)
    parts += folds
    parts.append(_foot(plan, rows_left, groups_left))
    return "\n".join(parts) + "\n"


def _title(plan: Plan) -> str:
    counts = []
    for action in Action:
        number = sum(change.action is action for change in changes_of(plan))
        if number:
            text = f"{number} {action.value}"
            counts.append(f"**{text}**" if action in _REMOVALS else text)
    text = ", ".join(counts) or "no changes"
    if not is_comparison(plan):
        text = f"{objects_text(plan)}, {NOT_COMPARED}"
    return f"### karmactl {_subject(plan)}: {text}\n"


def _subject(plan: Plan) -> str:
    against = plan.options.get("against")
    if isinstance(against, str):
        return f"diff against {_code(against)}"
    return f"plan {plan.id[:_ID_LENGTH]}".rstrip()


def _alarms(plan: Plan) -> list[str]:
    """What must be seen first: guards that refuse, what fits nowhere, members that do not answer."""
    lines = [f"- ❌ {_guard_text(guard)}" for guard in plan.guards if guard.verdict is Verdict.REFUSE]
    for decision in plan.decisions:
        if decision.standing is Standing.UNPLACEABLE:
            error = decision.result.error if decision.result else None
            why = f": {_code(error.message)}" if error else ""
            lines.append(f"- ❌ {_code(object_name(decision.ref))} fits nowhere{why}")
    lines += [
        f"- ❔ {_code(member.name)} does not answer: {_code(member.error or member.error_code)}"
        for member in plan.fleet
        if member.is_reachable is False
    ]
    return [*lines[:_MOST_COLUMNS], *_more(len(lines) - _MOST_COLUMNS), ""] if lines else []


def _more(number: int) -> list[str]:
    return [f"- and {number} more"] if number > 0 else []


def _guard_text(guard: Guard) -> str:
    where = f" {_code(guard.cluster)}" if guard.cluster else ""
    limit = f", limit {guard.limit}" if guard.limit else ""
    flag = f"; {_code(guard.flag)} consents" if guard.flag else ""
    return f"guard {_code(guard.name)}{where}: {_code(guard.measured)}{limit}{flag}"


def _table(rows: Sequence[PlacementRow], fleet: Sequence[str], budget: int) -> tuple[list[str], int]:
    """The placement table as far as the budget goes, and how many rows were left out."""
    if not rows:
        return [], 0
    is_matrix = len(fleet) <= _MOST_COLUMNS
    names = [_cell_code(name) for name in fleet] if is_matrix else ["where"]
    lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    used = sum(len(text) + 1 for text in lines)
    for position, row in enumerate(rows):
        values = [_value(text) for text in row.texts] if is_matrix else [_cell_code(grouped_text(row, fleet))]
        text = f"| {_cell_code(row.name)} | {' | '.join(values)} |"
        used += len(text) + 1
        if used > budget:
            return [*lines, ""], len(rows) - position
        lines.append(text)
    return [*lines, ""], 0


def _value(text: str) -> str:
    before, arrow, after = text.partition(" → ")
    if arrow:
        return f"{before} → **{after}**"
    return "" if text == ABSENT else f"**{text}**" if text in ("new", "gone") else text


def _folds(groups: Sequence[ChangeGroup], fleet: Sequence[str], budget: int) -> tuple[list[str], int]:
    """A fold for each group as far as the budget goes, and how many groups were left out.

    A fold that alone is too long is left out, and smaller ones may follow. Groups without fields make one list for each
    action, which comes first: it is short, and removals are in it.
    """
    others = {change.id: change for group in groups for change in group.changes}
    bare: dict[Action, list[ChangeGroup]] = {}
    for group in groups:
        if not any(change.fields for change in group.changes):
            bare.setdefault(group.action, []).append(group)
    kept: list[str] = []
    left = 0
    for action, found in bare.items():
        items = [_bare_item(group, words_of(group, others), fleet) for group in found]
        fitting = _fitting(items, int(budget * _LIST_SHARE))
        left += len(items) - fitting
        if fitting:
            text = _details(f"{action.value}: {counted(len(items), 'object')}", "\n".join(items[:fitting]), "text")
            kept.append(text)
            budget -= len(text) + 1
    for group in groups:
        if not any(change.fields for change in group.changes):
            continue
        text = _fold(group, fleet)
        if len(text) + 1 > budget:
            left += 1
            continue
        kept.append(text)
        budget -= len(text) + 1
    return kept, left


def _fitting(items: Sequence[str], budget: int) -> int:
    """How many items a list fold has room for."""
    used = _FOLD_ROOM
    for position, item in enumerate(items):
        used += len(item) + 1
        if used > budget:
            return position
    return len(items)


def _fold(group: ChangeGroup, fleet: Sequence[str]) -> str:
    # Members are counted in the summary and named inside.
    where = counted(len(group.clusters), "member")
    summary = f"{group.action.value} <code>{_html(object_name(group.resource))}</code> in {where}"
    body = plain(group_field_lines(group, fleet, _PAGE), _PAGE)
    lines = [cluster_list(group.clusters, fleet, _PAGE), *(_dedented(text) for text in body.splitlines())]
    return _details(summary, "\n".join(lines), "diff")


def _dedented(text: str) -> str:
    """Signs of a diff block count in the first column alone."""
    return text[6:] if text.startswith("      ") else f"  {text.strip()}"


def _bare_item(group: ChangeGroup, words: str, fleet: Sequence[str]) -> str:
    tail = f"  {words}" if words else ""
    return clean(f"{object_name(group.resource)}  {cluster_list(group.clusters, fleet, _PAGE)}{tail}")


def _details(summary: str, body: str, language: str) -> str:
    fence = "`" * max(3, 1 + _longest_run(body))
    return f"<details><summary>{summary}</summary>\n\n{fence}{language}\n{body}\n{fence}\n\n</details>\n"


def _foot(plan: Plan, rows_left: int, groups_left: int) -> str:
    impact = impact_of(plan)
    refused = sum(guard.verdict is Verdict.REFUSE for guard in plan.guards)
    unknowns = sum(len(change_set.unknowns) for change_set in plan.change_sets)
    leftovers = sum(len(change_set.leftovers) for change_set in plan.change_sets)
    pieces = [f"{counted(impact.objects, 'object')} in {counted(impact.clusters, 'cluster')}"]
    if impact.pods_restarted:
        pieces.append(f"{counted(impact.pods_restarted, 'pod')} to restart")
    if impact.replicas_moved:
        pieces.append(f"{counted(impact.replicas_moved, 'replica')} moved")
    if leftovers:
        pieces.append(counted(leftovers, "leftover"))
    if plan.guards:
        pieces.append(f"{counted(refused, 'guard')} refused" if refused else "guards passed")
    pieces.append(f"{unknowns} unknown")
    foot = " · ".join(pieces)
    if rows_left or groups_left:
        left = [
            text
            for number, text in (
                (rows_left, counted(rows_left, "placement")),
                (groups_left, counted(groups_left, "changed object")),
            )
            if number
        ]
        foot += f"\n\n**Left out for length:** {' and '.join(left)}; `karmactl plan -o json` has all."
    return foot


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _code(text: str) -> str:
    """A code span that holds the text, whatever is in it."""
    text = clean(text)
    if not text:
        return ""
    marks = "`" * (1 + _longest_run(text))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{marks}{pad}{text}{pad}{marks}"


def _cell_code(text: str) -> str:
    """The same inside a table, where a bar ends a cell even within code."""
    return _code(text).replace("|", "\\|")


def _html(text: str) -> str:
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
