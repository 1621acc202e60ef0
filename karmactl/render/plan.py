"""A plan for people: inputs, fleet, placements, changes, impact, guards, what is not known, and one line at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from karmactl.core.impact import Impact, changes_of, impact_of
from karmactl.core.model.change import Action, Guard, Verdict
from karmactl.core.model.plan import Decision, Plan, Standing
from karmactl.render.changes import change_lines, group_changes, unverified_lines
from karmactl.render.layout import Cell, columns, packed, wrapped
from karmactl.render.names import cluster_list, counted, object_name
from karmactl.render.offline import NOT_COMPARED, is_comparison, object_lines, objects_text, source_lines
from karmactl.render.placement import placement_lines
from karmactl.render.retained import retained_lines
from karmactl.render.text import Line, Page, Span, Style, line
from karmactl.render.words import say

__all__ = [
    "counts_text",
    "fleet_lines",
    "guard_lines",
    "inputs_line",
    "refusal_lines",
    "render_plan",
    "render_warnings",
    "unknown_lines",
]

_PLACEMENT_POLICIES: Final = ("PropagationPolicy", "ClusterPropagationPolicy")
_OVERRIDE_POLICIES: Final = ("OverridePolicy", "ClusterOverridePolicy")
_ID_LENGTH: Final = 8
_MOST_LISTED: Final = 8


def render_plan(plan: Plan, page: Page, *, git: str = "", saved_to: str = "") -> list[Line]:
    """The whole plan. `git` is the commit shown beside the inputs, `saved_to` the file it was written to."""
    fleet = [member.name for member in plan.fleet]
    groups = group_changes(changes_of(plan))
    sections: list[list[Line]] = [
        [*inputs_line(plan, page, git), *fleet_lines(plan, page)],
        placement_lines(plan, page),
        _unplaceable_lines(plan, page),
    ]
    if not is_comparison(plan):
        sections.append(object_lines(plan, page))
    elif groups:
        head = line(Span("Changes", Style.STRONG))
        sections.append([head, *change_lines(groups, fleet, page), *unverified_lines(changes_of(plan), page)])
    sections.append(retained_lines(plan, page))
    sections.append(_left_alone_lines(plan, page))
    sections.append(unknown_lines(plan, page))
    last = [*_impact_lines(impact_of(plan), page)] if is_comparison(plan) else []
    last += guard_lines(plan.guards, page)
    last += _summary_lines(plan, page, saved_to)
    sections.append(last)
    lines: list[Line] = []
    for section in sections:
        if section:
            lines += [(), *section] if lines else section
    return lines


def _head(name: str) -> Line:
    return line(Span(f"{name:<7}", Style.STRONG), "  ")


def inputs_line(plan: Plan, page: Page, git: str = "") -> list[Line]:
    """How many templates and policies were read."""
    kinds: dict[str, int] = {}
    for entry in plan.files:
        for kind, number in entry.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + number
    pieces = [counted(len(plan.decisions), "template")]
    for names, noun in ((_PLACEMENT_POLICIES, "placement policy"), (_OVERRIDE_POLICIES, "override policy")):
        number = sum(kinds.get(name, 0) for name in names)
        if number:
            pieces.append(counted(number, noun))
    if git:
        pieces.append(f"git {git}")
    return packed(pieces, page, head=_head("Inputs"), gap=" · ")


def fleet_lines(plan: Plan, page: Page) -> list[Line]:
    """The members, and which of them did not answer."""
    names = [member.name for member in plan.fleet]
    silent = [member for member in plan.fleet if member.is_reachable is False]
    state = "all reachable" if not silent else f"{len(names) - len(silent)} of {len(names)} reachable"
    if plan.is_offline:
        state = "not asked: from files alone"
    named = names if len(names) <= _MOST_LISTED or page.is_wide else [counted(len(names), "cluster")]
    lines = packed([*named, state], page, head=_head("Fleet"), gap="  ")
    for member in silent:
        text = f"{member.name}  {member.error_code}: {member.error}" if member.error else f"{member.name}  no answer"
        first, *rest = wrapped(text, page, indent=11)
        lines += [line("         ", Span("? ", Style.UNKNOWN), *first[1:]), *rest]
    return [*lines, *source_lines(plan, page)] if plan.is_offline else lines


def _unplaceable_lines(plan: Plan, page: Page) -> list[Line]:
    """Workloads that fit nowhere, each with what every cluster said; equal answers are shown once."""
    failed = [decision for decision in plan.decisions if decision.standing is Standing.UNPLACEABLE]
    if not failed:
        return []
    lines = [line(Span("Fits nowhere", Style.BAD))]
    for decision in failed:
        lines.append(line("  ", Span("× ", Style.CONFLICT), object_name(decision.ref)))
        error = decision.result.error if decision.result else None
        texts = [f"{error.reason.value}: {error.message}"] if error else [say(note) for note in decision.notes]
        lines += [part for text in texts for part in wrapped(text, page, indent=6)]
        lines += refusal_lines(decision, page)
    return lines


def refusal_lines(decision: Decision, page: Page) -> list[Line]:
    """What each cluster that was left out said; clusters that said the same share a line."""
    names_by_text: dict[str, list[str]] = {}
    verdicts = decision.result.verdicts if decision.result else ()
    for verdict in verdicts:
        if verdict.filters:
            text = "; ".join(say(reason) for reason in verdict.filters)
            names_by_text.setdefault(text, []).append(verdict.cluster)
    fleet = [verdict.cluster for verdict in verdicts]
    rows: list[list[Cell]] = [[cluster_list(names, fleet, page), text] for text, names in names_by_text.items()]
    return columns(rows, page, indent=6)


def _left_alone_lines(plan: Plan, page: Page) -> list[Line]:
    """What is in the members or in the files and is not touched: leftovers, and templates without a policy."""
    lines: list[Line] = []
    left = [(change_set.cluster, ref) for change_set in plan.change_sets for ref in change_set.leftovers]
    if left:
        text = f"{counted(len(left), 'object')} left the files or the policies; --prune removes them"
        lines += packed([text], page, head=line(Span("Leftovers", Style.STRONG), "  "))
        most = len(left) if page.is_wide or len(left) <= _MOST_LISTED else _MOST_LISTED
        rows: list[list[Cell]] = [[object_name(ref), cluster] for cluster, ref in left[:most]]
        lines += columns(rows, page, indent=4)
        if most < len(left):
            lines.append(line("    ", Span(f"and {len(left) - most} more; -o wide lists all", Style.DIM)))
    unmatched = [decision for decision in plan.decisions if decision.standing is Standing.UNMATCHED]
    for decision in unmatched:
        for note in decision.notes:
            lines += wrapped(f"{object_name(decision.ref)} placed nowhere: {say(note)}", page)
    unmatched = [decision for decision in unmatched if not decision.notes]
    if unmatched:
        names = [object_name(decision.ref) for decision in unmatched]
        shown = names if page.is_wide or len(names) <= _MOST_LISTED else [*names[:3], f"and {len(names) - 3} more"]
        text = f"{counted(len(names), 'template')} placed nowhere, no policy matches: {', '.join(shown)}"
        lines += wrapped(text, page)
    skipped = sum(decision.standing is Standing.SKIPPED for decision in plan.decisions)
    if skipped:
        lines.append(line(f"{counted(skipped, 'template')} in reserved namespaces, never looked at"))
    return lines


def unknown_lines(plan: Plan, page: Page) -> list[Line]:
    """What could not be read, member by member, with why; nothing where all could."""
    unknowns = [entry for change_set in plan.change_sets for entry in change_set.unknowns]
    if not unknowns:
        return []
    rows: list[list[Cell]] = [
        [
            line(Span("? ", Style.UNKNOWN), entry.cluster),
            entry.resource or "all of it",
            f"{entry.code}: {entry.message}",
        ]
        for entry in unknowns
    ]
    return [line(Span("Not known", Style.UNKNOWN)), *columns(rows, page, indent=2)]


def _impact_lines(impact: Impact, page: Page) -> list[Line]:
    if not impact.objects:
        return []
    pieces = [f"{counted(impact.objects, 'object')} in {counted(impact.clusters, 'cluster')}"]
    if impact.pods_restarted:
        pods = counted(impact.pods_restarted, "pod")
        pieces.append(f"{pods} restart{'s' if impact.pods_restarted == 1 else ''}")
    if impact.replicas_moved:
        verb = "moves" if impact.replicas_moved == 1 else "move"
        pieces.append(f"{counted(impact.replicas_moved, 'replica')} {verb}")
    if len(impact.moves) == 1:
        move = impact.moves[0]
        pieces.append(f"{object_name(move.resource)} leaves {' '.join(move.left)} for {' '.join(move.gained)}")
    elif impact.moves:
        pieces.append(f"{counted(len(impact.moves), 'workload')} leave a cluster")
    lines = packed(pieces, page, head=_head("Impact"), gap=" · ")
    drop = impact.largest_drop
    if drop is not None:
        text = f"largest drop: {drop.cluster} {object_name(drop.resource)}, {drop.before} → {drop.after}"
        lines.append(line("         ", text))
    return lines


_VERDICTS: Final = {
    Verdict.PASS: Span("✓", Style.GOOD),
    Verdict.ACKNOWLEDGED: Span("acknowledged", Style.UPDATE),
    Verdict.REFUSE: Span("✗", Style.BAD),
}


def guard_lines(guards: Sequence[Guard], page: Page) -> list[Line]:
    """Guards that passed on one line; each that refused on a line of its own, with the flag that consents."""
    if not guards:
        return []
    fine = [_guard_cell(guard) for guard in guards if guard.verdict is not Verdict.REFUSE]
    lines = packed(fine, page, head=_head("Guards")) if fine else [_head("Guards")]
    for guard in guards:
        if guard.verdict is Verdict.REFUSE:
            lines.append(line("  ", _guard_cell(guard)))
            if guard.detail:
                lines += wrapped(guard.detail, page, indent=6)
            if guard.flag:
                lines.append(line("      ", f"{guard.flag} consents"))
    return lines


def _guard_cell(guard: Guard) -> Line:
    where = f" {guard.cluster}" if guard.cluster else ""
    measured = "none" if guard.measured == "0" else guard.measured
    limit = f" (limit {guard.limit})" if guard.limit and guard.limit != "0" else ""
    return line(f"{guard.name}{where} {measured}{limit}".rstrip(), " ", _VERDICTS[guard.verdict])


def counts_text(plan: Plan) -> str:
    """`1 create, 4 update`; "no changes" where there are none."""
    numbers = [(action, sum(change.action is action for change in changes_of(plan))) for action in Action]
    return ", ".join(f"{number} {action.value}" for action, number in numbers if number) or "no changes"


def _summary_lines(plan: Plan, page: Page, saved_to: str) -> list[Line]:
    name = f"Plan {plan.id[:_ID_LENGTH]}: " if plan.id else "Plan: "
    unchanged = sum(change_set.unchanged for change_set in plan.change_sets)
    text = f"{counts_text(plan)}, {unchanged} unchanged" if unchanged else counts_text(plan)
    if not is_comparison(plan):
        text = f"{objects_text(plan)}, {NOT_COMPARED}"
    missing = "" if plan.is_complete else "; not everything could be read"
    saved = [f"saved to {saved_to}"] if saved_to else []
    return packed([Span(f"{name}{text}{missing}", Style.STRONG), *saved], page, head=(), gap="     ")


def render_warnings(plan: Plan, page: Page) -> list[Line]:
    """The plan's warnings, one a line, for stderr."""
    return [
        part
        for reason in plan.warnings
        for part in wrapped(f"warning {reason.code}: {say(reason)}", page, style=Style.UPDATE)
    ]
