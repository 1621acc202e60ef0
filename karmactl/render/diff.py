"""Differences for people: field by field, what is equal in several clusters once, values in full.

Texts of several lines are compared line by line with a few lines around each change; nothing else is shortened.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from typing import Final

from karmactl.core.impact import changes_of
from karmactl.core.model.change import Action, FieldChange, Masked
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.plan import Plan
from karmactl.render.changes import (
    ChangeGroup,
    FieldVariant,
    field_variants,
    group_changes,
    sign_of,
    unverified_lines,
    values_line,
    words_of,
)
from karmactl.render.layout import Cell, columns, wrapped
from karmactl.render.names import cluster_list, counted, object_name, value_text, when
from karmactl.render.retained import retained_lines
from karmactl.render.text import Line, Page, Span, Style, cells, line

__all__ = ["group_field_lines", "has_differences", "render_diff"]

_NOT_DIFFERENT: Final = frozenset({Action.UNKNOWN})
_LONGEST_ON_ONE_LINE: Final = 40
_PATH_COLUMN: Final = 24
_WIDEST_NAME: Final = 44


def has_differences(plan: Plan) -> bool:
    """Whether anything would change (exit 1); what is unknown is no difference."""
    return any(change.action not in _NOT_DIFFERENT for change in changes_of(plan))


def render_diff(plan: Plan, page: Page, *, context_lines: int = 3) -> list[Line]:
    """The differences, and one line that counts them; no line at all where there are none and all is known."""
    fleet = [member.name for member in plan.fleet]
    groups = group_changes(changes_of(plan))
    others = {change.id: change for group in groups for change in group.changes}
    lines: list[Line] = []
    width = min(_WIDEST_NAME, max([_PATH_COLUMN, *(cells(object_name(group.resource)) for group in groups)]))
    for group in groups:
        lines += _heading(group, words_of(group, others), width, fleet, page)
        lines += group_field_lines(group, fleet, page, context_lines=context_lines)
    unknowns = [entry for change_set in plan.change_sets for entry in change_set.unknowns]
    rows: list[list[Cell]] = [
        [
            line(Span("? ", Style.UNKNOWN), entry.cluster),
            entry.resource or "all of it",
            f"{entry.code}: {entry.message}",
        ]
        for entry in unknowns
    ]
    lines += columns(rows, page)
    lines += unverified_lines(changes_of(plan), page)
    if lines:
        lines += [*retained_lines(plan, page), _summary(plan, groups, len(unknowns))]
    return lines


def group_field_lines(group: ChangeGroup, fleet: Collection[str], page: Page, *, context_lines: int = 3) -> list[Line]:
    """Every field of a group in full."""
    return [
        part
        for variants in field_variants(group)
        for part in _field(variants, group.clusters, fleet, page, context_lines)
    ]


def _heading(group: ChangeGroup, words: str, width: int, fleet: Collection[str], page: Page) -> list[Line]:
    same = "same in " if len(group.clusters) > 1 and _is_same_everywhere(group) and group.changes[0].fields else ""
    name = object_name(group.resource)
    clusters = f"{same}{cluster_list(group.clusters, fleet, page)}"
    head = line(sign_of(group), f" {name:<{width}}  ", clusters)
    return [head, *wrapped(words, page, indent=6)] if words else [head]


def _is_same_everywhere(group: ChangeGroup) -> bool:
    return any(len(variants) == 1 and variants[0].clusters == group.clusters for variants in field_variants(group))


def _field(
    variants: Sequence[FieldVariant],
    everywhere: tuple[str, ...],
    fleet: Collection[str],
    page: Page,
    context_lines: int,
) -> list[Line]:
    name = variants[0].name
    texts = [_one_line(variant.field) for variant in variants]
    short = [text for text in texts if text is not None]
    if len(short) == len(variants) and len(name) <= _PATH_COLUMN:
        places = [
            "" if variant.clusters == everywhere else f"{cluster_list(variant.clusters, fleet, page)}  "
            for variant in variants
        ]
        pieces = [line(place, text) for place, text in zip(places, short, strict=True)]
        first = line(f"    {name:<{_PATH_COLUMN}}", *[part for piece in pieces for part in (piece, "     ")][:-1])
        return [first, *_notes(variants, page)]
    lines = [line("    ", name)]
    for variant in variants:
        if variant.clusters != everywhere:
            lines.append(line("      ", Span(f"in {cluster_list(variant.clusters, fleet, page)}", Style.DIM)))
        lines += _full(variant.field, page, context_lines)
    return [*lines, *_notes(variants, page)]


def _one_line(entry: FieldChange) -> Line | None:
    """Both values on one line where they are short; None where they need lines of their own."""
    if entry.drift is not None and entry.op == "replace":
        values = f"{value_text(entry.before)} live, {value_text(entry.after)} in files"
        return line(values) if cells(values) <= _LONGEST_ON_ONE_LINE else None
    if _is_text_block(entry.before) or _is_text_block(entry.after):
        return None
    values = "".join(span.text for span in values_line(entry))
    is_short = cells(values) <= _LONGEST_ON_ONE_LINE or (entry.conflict is not None and entry.before is None)
    return values_line(entry) if is_short else None


def _is_text_block(value: JSONValue | Masked) -> bool:
    return isinstance(value, str) and "\n" in value.rstrip("\n")


def _full(entry: FieldChange, page: Page, context_lines: int) -> list[Line]:
    if isinstance(entry.before, str) and isinstance(entry.after, str) and _is_text_block(entry.before + entry.after):
        return _text_diff(entry.before, entry.after, context_lines)
    lines: list[Line] = []
    if entry.op != "add":
        lines += [line("      ", Span(f"- {text}", Style.REMOVE)) for text in _value_lines(entry.before)]
    if entry.op != "remove":
        lines += [line("      ", Span(f"+ {text}", Style.CREATE)) for text in _value_lines(entry.after)]
    return lines


def _value_lines(value: JSONValue | Masked) -> list[str]:
    if isinstance(value, str) and _is_text_block(value):
        return value.splitlines()
    return [value_text(value)]


def _text_diff(before: str, after: str, context_lines: int) -> list[Line]:
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return [line("      only the line ends differ")]
    lines: list[Line] = []
    for hunk in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(context_lines):
        lines.append(line("      ", Span(f"@ line {hunk[0][1] + 1}", Style.DIM)))
        for tag, old_from, old_to, new_from, new_to in hunk:
            if tag == "equal":
                lines += [line("        ", text) for text in old[old_from:old_to]]
                continue
            lines += [line("      ", Span(f"- {text}", Style.REMOVE)) for text in old[old_from:old_to]]
            lines += [line("      ", Span(f"+ {text}", Style.CREATE)) for text in new[new_from:new_to]]
    return lines


def _notes(variants: Sequence[FieldVariant], page: Page) -> list[Line]:
    """Who else changed or holds the field."""
    lines: list[Line] = []
    for variant in variants:
        drift, conflict = variant.field.drift, variant.field.conflict
        if drift is not None:
            ago = f" {when(drift.time, page)}" if drift.time else ""
            text = f"drift: {drift.manager} changed it{ago}; it is ours, apply puts it back"
            lines += wrapped(text, page, indent=6, style=Style.DRIFT)
        if conflict is not None:
            ago = f" ({when(conflict.time, page)})" if conflict.time else ""
            text = f"conflict: new in the files, held by {conflict.manager}{ago}; apply would exit 4"
            lines += wrapped(text, page, indent=6, style=Style.CONFLICT)
    return lines


def _summary(plan: Plan, groups: Sequence[ChangeGroup], unknowns: int) -> Line:
    differing = [group for group in groups if group.action not in _NOT_DIFFERENT]
    objects = len({group.resource.identity for group in differing})
    clusters = len({name for group in differing for name in group.clusters})
    kinds = [
        text
        for number, text in (
            (sum(group.is_drift for group in differing), "drift"),
            (sum(group.action is Action.CONFLICT for group in differing), "conflict"),
        )
        if number
        for text in [f"{number} {text}"]
    ]
    inside = f" ({', '.join(kinds)})" if kinds else ""
    verb = "differs" if objects == 1 else "differ"
    where = f" in {counted(clusters, 'cluster')}" if clusters else ""
    unknown = unknowns + sum(change.action is Action.UNKNOWN for change in changes_of(plan))
    equal = sum(change_set.unchanged for change_set in plan.change_sets)
    return line(f"{counted(objects, 'object')} {verb}{where}{inside} · {equal} equal · {unknown} unknown")
