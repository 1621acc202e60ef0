"""One decision for people: which policy and why, what every cluster said, and how replicas were divided.

Karmada's own words are shown where its users know them; the rest is said by `render.words`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from karmactl.core.model.binding import ClusterVerdict, ScheduleResult
from karmactl.core.model.counterfactual import WhyNot
from karmactl.core.model.plan import Decision, Standing
from karmactl.core.model.reason import Reason
from karmactl.render.layout import Cell, columns, wrapped
from karmactl.render.names import cluster_list, counted, object_name
from karmactl.render.scores import render_scores
from karmactl.render.text import Line, Page, Span, Style, line
from karmactl.render.why_not import render_why_not
from karmactl.render.words import FILTER_COLUMNS, say, say_shortly

__all__ = ["render_why"]

# These columns are always there; the others only where a cluster has something to say.
_ALWAYS: Final = frozenset({"APIEnablement", "TaintToleration", "ClusterAffinity"})
_STRATEGIES: Final = {
    "Duplicated": "Duplicated: every chosen cluster gets all replicas",
    "Aggregated": "Divided, Aggregated: into as few clusters as have room",
    "DynamicWeight": "Divided, Weighted by the replicas that each cluster has room for",
    "StaticWeight": "Divided, Weighted by static weights",
}
_MOST_ROWS: Final = 40
_BY_ROOM: Final = frozenset({"Aggregated", "DynamicWeight"})


def render_why(
    decision: Decision, page: Page, *, cluster: str = "", why_not: WhyNot | None = None, has_scores: bool = False
) -> list[Line]:
    """The whole decision; with `cluster` only why that cluster got what it got, or did not.

    `why_not` says what would change that; `has_scores` adds the numbers.
    """
    lines = [_title(decision), *_policy_lines(decision, page)]
    result = decision.result
    lines += _result_lines(decision, page)
    shown: Sequence[ClusterVerdict] = result.verdicts if result is not None else ()
    if cluster:
        shown = [verdict for verdict in shown if verdict.cluster == cluster]
        lines += [(), *_one_cluster(cluster, shown, decision, page, why_not)]
    elif result is not None and shown:
        shown, rest = _chosen_rows(result, page)
        lines += [(), *_table(shown, result, page)]
        if rest:
            lines.append(
                line("  ", Span(f"and {counted(rest, 'more cluster')} left out; -o wide lists all", Style.DIM))
            )
        lines.append(())
        lines += _left_out_lines(decision, page)
        lines += _division_lines(result, page)
    if has_scores and result is not None and shown:
        lines += render_scores(result, shown, page)
    return lines


def _title(decision: Decision) -> Line:
    replicas = decision.binding.replicas if decision.binding is not None and decision.has_replicas else None
    tail = "" if replicas is None else f", {counted(replicas, 'replica')}"
    place = str(decision.template.location)
    return line(Span(str(decision.ref), Style.STRONG), tail, "   ", Span(place, Style.DIM))


def _label(name: str) -> Span:
    return Span(f"  {name:<10}", Style.STRONG)


def _policy_lines(decision: Decision, page: Page) -> list[Line]:
    match = decision.match
    if match.is_skipped:
        return [line(_label("policy"), "none: the namespace is reserved, Karmada never looks at it")]
    if match.winner is None:
        if decision.standing is Standing.ATTACHED:
            return []
        return [line(_label("policy"), "none: no policy matches it")]
    policy = match.winner.policy
    rows: list[list[Cell]] = [[policy.title, Span(str(policy.location or ""), Style.DIM)]]
    lines = [line(_label("policy"), *columns(rows, page)[0])]
    for candidate, reason in match.losers:
        place = f" ({candidate.policy.location})" if candidate.policy.location else ""
        lines += wrapped(f"over {candidate.policy.title}{place}: {say(reason)}", page, indent=12)
    if match.missing_overrides:
        names = ", ".join(match.missing_overrides)
        lines += wrapped(f"not applied: the override policies {names} do not exist", page, indent=12, style=Style.BAD)
    return lines


def _result_lines(decision: Decision, page: Page) -> list[Line]:
    lines: list[Line] = []
    result = decision.result
    if decision.standing is Standing.ATTACHED and decision.required_by:
        lines.append(line(_label("goes with"), ", ".join(object_name(ref) for ref in decision.required_by)))
    if result is not None:
        if result.strategy:
            lines.append(line(_label("division"), _STRATEGIES.get(result.strategy, result.strategy)))
        for step in result.steps:
            if step.code == "spread-region":
                continue
            if step.code.startswith("spread-"):
                lines += _labelled("spread", say(step), page)
            elif step.code == "affinity-term":
                lines += _labelled("term", say(step), page)
            elif step.code != "division":
                lines += _labelled("also", say(step), page)
        if result.error is not None:
            lines += _labelled("error", f"{result.error.reason.value}: {result.error.message}", page)
    for note in decision.notes:
        lines += _labelled("note", say(note), page)
    lines.append(line(_label("result"), _targets_text(decision)))
    return lines


def _labelled(name: str, text: str, page: Page) -> list[Line]:
    first, *rest = wrapped(text, page, indent=12)
    return [line(_label(name), *first[1:]), *rest]


def _targets_text(decision: Decision) -> str:
    before = {target.name: target.replicas for target in decision.previous}
    if not decision.targets:
        return "nowhere" if not before else f"nowhere; it was in {' '.join(sorted(before))}"
    if not decision.has_replicas:
        return " ".join(target.name for target in decision.targets)
    parts = []
    for target in decision.targets:
        was = before.get(target.name)
        is_new = bool(before) and was != target.replicas
        parts.append(f"{target.name} {f'{was or 0} → ' if is_new else ''}{target.replicas}")
    left = [f"{name} {count} → 0" for name, count in sorted(before.items()) if name not in _names(decision)]
    return "   ".join([*parts, *left])


def _names(decision: Decision) -> frozenset[str]:
    return frozenset(target.name for target in decision.targets)


def _chosen_rows(result: ScheduleResult, page: Page) -> tuple[list[ClusterVerdict], int]:
    """The verdicts to show, chosen ones first; how many others there are."""
    ordered = sorted(result.verdicts, key=lambda verdict: (not verdict.replicas, not verdict.is_selected))
    if page.is_wide or len(ordered) <= _MOST_ROWS:
        return ordered, 0
    chosen = sum(verdict.is_selected for verdict in ordered)
    most = max(chosen, _MOST_ROWS)
    return ordered[:most], len(ordered) - most


def _table(verdicts: Sequence[ClusterVerdict], result: ScheduleResult, page: Page) -> list[Line]:
    codes = {reason.code for verdict in result.verdicts for reason in (*verdict.filters, *verdict.exempt_filters)}
    filters = [(code, title) for code, title in FILTER_COLUMNS if code in _ALWAYS or code in codes]
    # Room is worked out for every decision; shown where it had a say, it is a reason, elsewhere a riddle.
    is_room_used = result.strategy in _BY_ROOM or any(step.code == "spread-constraint-used" for step in result.steps)
    figures = [
        (title, values)
        for title, values in (
            ("SCORE", [verdict.score for verdict in verdicts]),
            ("ROOM", [verdict.available if is_room_used else None for verdict in verdicts]),
            ("WEIGHT", [verdict.weight for verdict in verdicts]),
            ("REPLICAS", [verdict.replicas for verdict in verdicts]),
        )
        if any(value is not None for value in values)
    ]
    grid: list[list[Cell]] = [["CLUSTER", *(title for _, title in filters), *(title for title, _ in figures)]]
    for position, verdict in enumerate(verdicts):
        numbers = [_number(values[position]) for _, values in figures]
        grid.append([verdict.cluster, *(_filter_cell(verdict, code) for code, _ in filters), *numbers])
    first = 1 + len(filters)
    return columns(grid, page, indent=2, right=frozenset(range(first, first + len(figures))))


def _number(value: int | None) -> Span:
    return Span("–", Style.DIM) if value is None else Span(str(value))


def _filter_cell(verdict: ClusterVerdict, code: str) -> Span:
    refused = [reason for reason in verdict.filters if reason.code == code]
    if refused:
        return Span(f"✗ {say_shortly(refused[0])}", Style.BAD)
    exempt = [reason for reason in verdict.exempt_filters if reason.code == code]
    if exempt:
        is_unverified = bool(exempt[0].params.get("isUnverified"))
        return Span("? unverified" if is_unverified else "✓ kept", Style.UNKNOWN if is_unverified else Style.UPDATE)
    return Span("✓", Style.GOOD)


def _left_out_lines(decision: Decision, page: Page) -> list[Line]:
    """Each way of being left out, with the clusters it holds for."""
    result = decision.result
    verdicts = result.verdicts if result else ()
    names_by_text: dict[str, list[str]] = {}
    for verdict in verdicts:
        for text in _verdict_texts(verdict, decision):
            names_by_text.setdefault(text, []).append(verdict.cluster)
    fleet = [verdict.cluster for verdict in verdicts]
    rows: list[list[Cell]] = [[cluster_list(names, fleet, page), text] for text, names in names_by_text.items()]
    return columns(rows, page, indent=2)


def _verdict_texts(verdict: ClusterVerdict, decision: Decision) -> list[str]:
    """What stood in a cluster's way, or how it got past a filter."""
    texts = []
    if verdict.filters:
        texts.append(_obstacles(verdict.filters))
    texts += [_exemption(reason) for reason in verdict.exempt_filters]
    if not verdict.filters and not verdict.is_selected and decision.result and decision.result.error is None:
        texts.append("passed every filter, and others were chosen before it")
    if verdict.is_selected and verdict.replicas is None and decision.has_replicas and decision.targets:
        is_static = decision.result is not None and decision.result.strategy == "StaticWeight"
        texts.append(
            "chosen, but the static weights give it none"
            if is_static and not verdict.weight
            else "chosen, but no replica fell to it"
        )
    return texts


def _obstacles(reasons: Sequence[Reason]) -> str:
    text = "; ".join(say(reason) for reason in reasons)
    if len(reasons) == 1:
        return f"{text}. It is the only obstacle."
    return f"{text}. {'Both' if len(reasons) == 2 else 'All'} would have to change."


def _exemption(reason: Reason) -> str:
    if reason.params.get("isUnverified"):
        return "nobody knows its APIs, so that filter passes unverified"
    return f"kept, would not be chosen anew: {say(reason)}"


def _one_cluster(
    cluster: str, verdicts: Sequence[ClusterVerdict], decision: Decision, page: Page, why_not: WhyNot | None
) -> list[Line]:
    result = decision.result
    lines: list[Line] = []
    if result is not None and verdicts:
        lines += [*_table(verdicts, result, page), ()]
    target = next((entry for entry in decision.targets if entry.name == cluster), None)
    if target is None and why_not is not None:
        return [*lines, *render_why_not(why_not, page, has_replicas=decision.has_replicas)]
    gets = f"gets {counted(target.replicas, 'replica')}" if target and decision.has_replicas else "gets it"
    lines += wrapped(f"{cluster} {gets if target else 'does not get it'}.", page, indent=2, style=Style.STRONG)
    for verdict in verdicts:
        for text in _verdict_texts(verdict, decision):
            lines += wrapped(text, page, indent=2)
        if verdict.is_selected and result is not None:
            lines += _division_lines(result, page)
    return lines


def _division_lines(result: ScheduleResult, page: Page) -> list[Line]:
    """The arithmetic in words, one line a division."""
    got = {verdict.cluster: verdict.replicas or 0 for verdict in result.verdicts}
    lines: list[Line] = []
    for step in result.steps:
        if step.code == "division":
            lines += wrapped(_division_text(step, got), page, indent=2)
    if result.strategy == "Duplicated" and result.clusters:
        lines += wrapped(f"{result.clusters[0].replicas} in each.", page, indent=2)
    if any(verdict.score for verdict in result.verdicts):
        unused = " (unused when static)" if result.strategy == "StaticWeight" else ""
        lines += wrapped(f"Score 100: it runs there already{unused}.", page, indent=2)
    return lines


_MODES: Final = {
    "static": "{replicas} by weights {weights} is {shares}.",
    "fresh": "{replicas} by room {weights} is {shares}.",
    "scale-up": "{replicas} more by room {weights}, on top of what is there: {shares}.",
    "scale-down": "{replicas} in all, by what is there ({weights}): {shares}.",
}
_MOST_WEIGHTS: Final = 12


def _division_text(step: Reason, got: dict[str, int]) -> str:
    weights = step.params.get("weights")
    mode = _MODES.get(str(step.params.get("mode")))
    if mode is None or not isinstance(weights, dict):
        return say(step)
    if len(weights) > _MOST_WEIGHTS:
        sum_text = f"{step.params.get('weightSum')} in all"
        return mode.format(replicas=step.params["replicas"], weights=sum_text, shares="in the table above")
    return mode.format(
        replicas=step.params["replicas"],
        weights=":".join(str(weight) for weight in weights.values()),
        shares=", ".join(str(got.get(name, 0)) for name in weights),
    )
