"""Changes for people: what is equal in several clusters is shown once, with the clusters beside it.

`plan` shows a change in as few lines as it can; `render.diff` builds on the same groups and shows values in full.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from karmactl.core.digest import digest
from karmactl.core.encode import encode
from karmactl.core.model.change import Action, Change, FieldChange, Masked
from karmactl.core.model.manifest import JSONValue, ResourceRef
from karmactl.render.layout import columns, right_aligned
from karmactl.render.names import cluster_list, counted, object_name, value_text
from karmactl.render.text import Line, Page, Span, Style, cells, line, line_cells, shown
from karmactl.render.words import say, say_code

__all__ = [
    "SIGNS",
    "ChangeGroup",
    "FieldVariant",
    "change_lines",
    "field_variants",
    "group_changes",
    "sign_of",
    "unverified_lines",
    "values_line",
    "words_of",
]

SIGNS: Final[Mapping[Action, Span]] = {
    Action.CREATE: Span("+", Style.CREATE),
    Action.UPDATE: Span("~", Style.UPDATE),
    Action.REPLACE: Span("±", Style.REPLACE),
    Action.ADOPT: Span("~", Style.UPDATE),
    Action.WITHDRAW: Span("<", Style.WITHDRAW),
    Action.PRUNE: Span("-", Style.REMOVE),
    Action.HELD: Span("=", Style.DIM),
    Action.CONFLICT: Span("×", Style.CONFLICT),
    Action.UNKNOWN: Span("?", Style.UNKNOWN),
}
_DRIFT_SIGN: Final = Span("!", Style.DRIFT)
# Reasons that the sign already tells.
_PLAIN_REASONS: Final = frozenset({"new", "changed"})
_RIGHT_COLUMN: Final = 56
_USUAL_WIDTH: Final = 80
_MOST_FIELDS: Final = 12
# More bare lines of one action than this are joined by kind.
_MOST_BARE: Final = 30
_LONGEST_ON_PATH_LINE: Final = 50
# Value, arrow, value: the spans of a replacement.
_PAIR: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGroup:
    """One object's changes of one action, in all clusters that have it; `changes` sorted by cluster."""

    action: Action
    resource: ResourceRef
    changes: tuple[Change, ...]

    @property
    def clusters(self) -> tuple[str, ...]:
        """Where."""
        return tuple(change.cluster for change in self.changes)

    @property
    def is_drift(self) -> bool:
        """Whether somebody changed in a member what we had applied."""
        return any(entry.drift is not None for change in self.changes for entry in change.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldVariant:
    """One field with one pair of values, and the clusters where it is so."""

    field: FieldChange
    clusters: tuple[str, ...]

    @property
    def name(self) -> str:
        """The field as people read it."""
        return self.field.keyed_path or self.field.path


def group_changes(changes: Iterable[Change]) -> list[ChangeGroup]:
    """Changes grouped by action, object and reason, in the order of the waves, then by object."""
    by_key: dict[tuple[str, tuple[str, str, str, str], str], list[Change]] = {}
    for change in changes:
        by_key.setdefault((change.action.value, change.resource.identity, change.reason.code), []).append(change)
    groups = [
        ChangeGroup(
            action=found[0].action,
            resource=found[0].resource,
            changes=tuple(sorted(found, key=lambda change: change.cluster)),
        )
        for found in by_key.values()
    ]
    return sorted(groups, key=_group_order)


def _group_order(group: ChangeGroup) -> tuple[int, str, str, str, str, str]:
    ref = group.resource
    wave = min(change.wave for change in group.changes)
    return (wave, ref.namespace, ref.kind, ref.name, group.action.value, group.changes[0].reason.code)


def field_variants(group: ChangeGroup) -> list[list[FieldVariant]]:
    """For each field that changes in any cluster, in order, its variants: equal values in several clusters are one."""
    by_name: dict[str, dict[str, tuple[FieldChange, list[str]]]] = {}
    for change in group.changes:
        for entry in change.fields:
            variants = by_name.setdefault(entry.keyed_path or entry.path, {})
            variants.setdefault(_content_of(entry), (entry, []))[1].append(change.cluster)
    return [
        [FieldVariant(field=entry, clusters=tuple(clusters)) for entry, clusters in variants.values()]
        for variants in by_name.values()
    ]


def _content_of(entry: FieldChange) -> str:
    return digest(
        [
            entry.op,
            encode(entry.before),
            encode(entry.after),
            isinstance(entry.before, Masked),
            isinstance(entry.after, Masked),
            entry.drift.manager if entry.drift else None,
            entry.conflict.manager if entry.conflict else None,
        ]
    )


def sign_of(group: ChangeGroup) -> Span:
    """The sign that starts a group's line."""
    if group.action is Action.UPDATE and group.is_drift:
        return _DRIFT_SIGN
    return SIGNS[group.action]


def words_of(group: ChangeGroup, others: Mapping[str, Change]) -> str:
    """What the sign does not tell. `others` has all changes by id, for what a removal waits for."""
    first = group.changes[0]
    is_plain = first.reason.code in _PLAIN_REASONS or group.is_drift
    text = "" if is_plain else say(first.reason)
    clusters = sorted(
        {others[name].cluster for change in group.changes for name in change.after if name in others}
        - set(group.clusters)
    )
    if group.action is Action.WITHDRAW:
        text = f"withdraw, after {' '.join(clusters)} ready" if clusters else "withdraw"
    elif group.action is Action.UPDATE and (waits := _scale_downs(group, others)):
        text = f"{text}, {waits}".removeprefix(", ")
    elif group.action in (Action.PRUNE, Action.HELD, Action.REPLACE):
        text = f"{group.action.value}: {text}" if text else group.action.value
    return text


def _scale_downs(group: ChangeGroup, others: Mapping[str, Change]) -> str:
    """Which of a group's changes wait for which clusters, "" where none does."""
    first = {
        change.cluster: {others[name].cluster for name in change.after if name in others} - {change.cluster}
        for change in group.changes
    }
    late = sorted(cluster for cluster, before in first.items() if before)
    return f"{' '.join(late)} after {' '.join(sorted(set().union(*first.values())))} ready" if late else ""


def change_lines(groups: Sequence[ChangeGroup], fleet: Collection[str], page: Page) -> list[Line]:
    """The lines of the Changes section."""
    others = {change.id: change for group in groups for change in group.changes}
    lines: list[Line] = []
    bare = [group for group in groups if not any(change.fields for change in group.changes)]
    joined = _joined_by_kind(bare, others, fleet, page) if len(bare) > _MOST_BARE and not page.is_wide else {}
    for group in groups:
        key = (group.action, group.resource.identity)
        if key in joined:
            lines.extend(joined[key])
            continue
        lines.extend(_heading(group, words_of(group, others), fleet, page))
        lines.extend(_field_lines(group, fleet, page))
    return lines


def _heading(group: ChangeGroup, words: str, fleet: Collection[str], page: Page) -> list[Line]:
    left = line("  ", sign_of(group), " ", object_name(group.resource))
    clusters = line(cluster_list(group.clusters, fleet, page))
    beside = line(left, "     ", words) if words else left
    if line_cells(beside, page) + 2 + line_cells(clusters, page) <= (page.width or _USUAL_WIDTH):
        return [right_aligned(beside, clusters, page, at=_RIGHT_COLUMN)]
    head = right_aligned(left, clusters, page, at=_RIGHT_COLUMN)
    return [head, *columns([[words]], page, indent=6)] if words else [head]


_GroupKey = tuple[Action, tuple[str, str, str, str]]


def _joined_by_kind(
    bare: Sequence[ChangeGroup], others: Mapping[str, Change], fleet: Collection[str], page: Page
) -> dict[_GroupKey, list[Line]]:
    """Many lines without fields as one line a kind, at the place of the first; the rest have none."""
    by_kind: dict[tuple[str, str, str, str, tuple[str, ...], str], list[ChangeGroup]] = {}
    for group in bare:
        ref = group.resource
        words = words_of(group, others)
        key = (group.action.value, ref.group, ref.kind, ref.namespace, group.clusters, words)
        by_kind.setdefault(key, []).append(group)
    lines: dict[_GroupKey, list[Line]] = {}
    for key, found in by_kind.items():
        if len(found) == 1:
            continue
        ref = found[0].resource
        name = f"{ref.namespace} {counted(len(found), ref.kind.lower())}".lstrip()
        left = line("  ", sign_of(found[0]), " ", name, f"     {key[-1]}" if key[-1] else "")
        clusters = line(cluster_list(found[0].clusters, fleet, page))
        for group in found:
            lines[group.action, group.resource.identity] = []
        lines[found[0].action, ref.identity] = [right_aligned(left, clusters, page, at=_RIGHT_COLUMN)]
    return lines


def _field_lines(group: ChangeGroup, fleet: Collection[str], page: Page) -> list[Line]:
    fields = field_variants(group)
    most = len(fields) if page.is_wide or len(fields) <= _MOST_FIELDS + 2 else _MOST_FIELDS
    lines: list[Line] = []
    for variants in fields[:most]:
        lines.extend(_one_field(variants, group.clusters, fleet, page))
    if most < len(fields):
        lines.append(line("      ", Span(f"and {len(fields) - most} more fields; diff shows all", Style.DIM)))
    return lines


def _one_field(
    variants: Sequence[FieldVariant], everywhere: tuple[str, ...], fleet: Collection[str], page: Page
) -> list[Line]:
    origin = line(Span(_origin_text(variants[0].field), Style.DIM)) if _origin_text(variants[0].field) else ()
    name = variants[0].name
    if len(variants) == 1 and variants[0].clusters == everywhere:
        values = values_line(variants[0].field)
    else:
        pieces = [line(cluster_list(v.clusters, fleet, page), " ", values_line(v.field)) for v in variants]
        values = line(*[part for piece in pieces for part in (piece, "   ")][:-1])
        if line_cells(values, page) > _LONGEST_ON_PATH_LINE:
            head = right_aligned(line("      ", name), origin, page, at=_RIGHT_COLUMN)
            return [head, *(line("        ", piece) for piece in pieces)]
    if len(name) + 4 + line_cells(values, page) <= _LONGEST_ON_PATH_LINE:
        return [right_aligned(line("      ", name, "    ", values), origin, page, at=_RIGHT_COLUMN)]
    second = line("        ", values)
    first = line("      ", name)
    if line_cells(second, page) + 2 + line_cells(origin, page) <= (page.width or _USUAL_WIDTH):
        return [first, right_aligned(second, origin, page, at=_RIGHT_COLUMN)]
    head = right_aligned(first, origin, page, at=_RIGHT_COLUMN)
    if line_cells(second, page) <= (page.width or _USUAL_WIDTH) or len(variants) > 1 or len(values) != _PAIR:
        return [head, second]
    # Long images and URLs: one below the other, so that the eye finds what differs.
    return [head, line("        ", values[0]), line("      → ", values[2])]


def _origin_text(entry: FieldChange) -> str:
    if entry.drift is not None:
        return f"drift by {entry.drift.manager}"
    if entry.conflict is not None:
        return f"held by {entry.conflict.manager}"
    if entry.origin is None:
        return ""
    location = entry.origin.location
    if location is not None:
        return f"{location.file}:{location.line}" if location.line else location.file
    return entry.origin.source


def values_line(entry: FieldChange) -> Line:
    """`before → after` on one line; texts of several lines are counted."""
    if entry.conflict is not None and entry.before is None and entry.after is None:
        return line("in conflict")
    if isinstance(entry.before, Masked) and isinstance(entry.after, Masked):
        return line("(masked) → (masked, differs)" if entry.before != entry.after else "(masked)")
    if entry.op == "add":
        return line(Span("new  ", Style.DIM), Span(_short(entry.after), Style.CREATE))
    if entry.op == "remove":
        return line(Span("gone  ", Style.DIM), Span(_short(entry.before), Style.REMOVE))
    return line(_short(entry.before), " → ", Span(_short(entry.after), Style.STRONG))


def _short(value: JSONValue | Masked) -> str:
    """A value on one line; what would not fit is counted, never cut."""
    if isinstance(value, str) and "\n" in value.rstrip("\n"):
        return counted(len(value.splitlines()), "line")
    text = value_text(value)
    if cells(text) > 2 * _RIGHT_COLUMN and isinstance(value, dict | list):
        return counted(len(value), "item")
    return text


def unverified_lines(changes: Iterable[Change], page: Page) -> list[Line]:
    """How many changes the server could not check beforehand, by cause."""
    numbers: dict[str, int] = {}
    for change in changes:
        if change.unverified:
            numbers[change.unverified] = numbers.get(change.unverified, 0) + 1
    return [
        line("  ", Span(f"{counted(number, 'change')} unverified: {shown(say_code(code), page)}", Style.DIM))
        for code, number in sorted(numbers.items())
    ]
