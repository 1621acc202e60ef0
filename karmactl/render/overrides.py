"""What overrides do to an object, for people and for programs: each field, the rules that touch it, the last word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from karmactl.core.model.change import Masked
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.trace import OverriddenField, OverrideStep, OverrideTrace
from karmactl.core.model.work import WorkFault
from karmactl.core.plan_format import location_json, reason_json
from karmactl.render.layout import wrapped
from karmactl.render.names import cluster_list, value_text
from karmactl.render.text import Line, Page, Span, Style, line
from karmactl.render.words import say

__all__ = ["overrides_json", "render_overrides"]

# Two values of this many characters together fit on a line of 80.
_SHORT: Final = 66


def render_overrides(traces: Sequence[OverrideTrace], fleet: Collection[str], page: Page) -> list[Line]:
    """A part for each group of clusters with the same overrides; nothing where there are none."""
    lines: list[Line] = []
    for trace in traces:
        clusters = cluster_list(trace.clusters, fleet, page)
        lines += [(), line("  ", Span("Overrides in ", Style.STRONG), Span(clusters, Style.STRONG))]
        if trace.fault is not None:
            lines += _fault_lines(trace.fault, page)
        for field in trace.fields:
            lines += _field_lines(field, page)
    return lines


def _fault_lines(fault: WorkFault, page: Page) -> list[Line]:
    place = f" ({fault.override.location})" if fault.override and fault.override.location else ""
    return wrapped(f"{fault.code}: {fault.message}{place}. No override applies then.", page, indent=4, style=Style.BAD)


def _field_lines(field: OverriddenField, page: Page) -> list[Line]:
    lines = [line("    ", field.keyed_path or "the whole object")]
    for step in field.steps:
        place = Span(str(step.location or ""), Style.DIM)
        lines.append(line(f"      {step.source}, rule {step.rule_index + 1}  ", place))
        lines += _value_lines(step, Style.PLAIN if step.overruled is None else Style.DIM)
    for step in field.steps:
        if step.overruled is not None:
            lines += wrapped(f"contradiction: {say(step.overruled)}", page, indent=6, style=Style.UPDATE)
    return lines


def _value_lines(step: OverrideStep, style: Style) -> list[Line]:
    """What was there and what is there now: on one line where both are short."""
    before = "" if step.before is None else value_text(step.before)
    after = "" if step.after is None else value_text(step.after)
    if before and after and len(before) + len(after) <= _SHORT:
        return [line("        ", Span(f"{before} → {after}", style))]
    signed = [f"- {before}"] * bool(before) + [f"+ {after}"] * bool(after)
    return [line("        ", Span(text, style)) for text in signed]


def overrides_json(traces: Sequence[OverrideTrace]) -> list[JSONValue]:
    """The traces as docs/schemas/common.json has them (`overrides`)."""
    return [
        {
            "clusters": list(trace.clusters),
            "error": None if trace.fault is None else {"code": trace.fault.code, "message": trace.fault.message},
            "fields": [_field_json(field) for field in trace.fields],
        }
        for trace in traces
    ]


def _field_json(field: OverriddenField) -> JSONValue:
    return {
        "path": field.path,
        "contested": field.is_contested,
        "steps": [
            {
                "source": step.source,
                "rule": step.rule_index,
                "location": location_json(step.location),
                "before": _value_json(step.before),
                "after": _value_json(step.after),
                "overruled": None if step.overruled is None else reason_json(step.overruled),
            }
            for step in field.steps
        ],
    }


def _value_json(value: JSONValue | Masked) -> JSONValue:
    return {"masked": True} if isinstance(value, Masked) else value
