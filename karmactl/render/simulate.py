"""Simulated failovers for people: the timeline of each scenario, and what it does to each workload."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from karmactl.core.model.binding import TargetCluster
from karmactl.core.model.manifest import JSONValue, ResourceRef
from karmactl.core.model.simulation import Availability, Simulation, TimelineEvent
from karmactl.render.layout import Cell, columns
from karmactl.render.names import counted, object_name, seconds_text
from karmactl.render.text import Line, Page, Span, Style, line

__all__ = ["render_simulations", "simulation_json", "simulation_summary"]

# What is said of a failover decision, and of what keeps one from happening.
_EVENTS: Final = {
    "Down": "stops answering",
    "Up": "answers again",
    "Taint": "is tainted by hand",
    "Ready": "Ready is",
    "Tainted": "is tainted",
    "Untainted": "loses the taint",
    "Evicted": "evicted",
    "Held": "not evicted",
    "EvictionDone": "eviction done",
}
_HELD: Final = {
    "record-no-majority": "no majority of those who hold the record answers: name a witness, or --allow-minority",
    "stateful": "must not run twice or holds data: --allow-stateful",
    "all-clusters-down": "every cluster is down: rather the watcher is cut off",
    "region-disrupted": "too many clusters of the region are down at once",
    "rate-limited": "another cluster is being emptied",
    "paused": "failover is paused",
    "just-resumed": "the clusters have not been watched long enough",
    "NoClusterFit": "no other cluster fits",
    "Unschedulable": "the other clusters have no room",
    "SchedulerError": "the scheduler has no answer",
}
_DONE: Final = {
    "healthy-elsewhere": "healthy elsewhere",
    "timed-out": "the time for it is over",
    "suppression-ended": "released by hand",
}
_MOST_NAMED = 6


def render_simulations(simulations: Sequence[Simulation], page: Page) -> list[Line]:
    """Of one scenario the timeline and a table of its workloads; of several a table, then those that hurt in full."""
    if len(simulations) == 1:
        return [*_story(simulations[0], page), line(), *_verdict(simulations)]
    lines = _overview(simulations, page)
    for simulation in simulations:
        if simulation.below or page.is_wide:
            lines += [line(), *_story(simulation, page)]
    return [*lines, line(), *_verdict(simulations)]


def _overview(simulations: Sequence[Simulation], page: Page) -> list[Line]:
    rows: list[list[Cell]] = [_head("LOSS OF", "WORKLOADS", "BELOW MINIMUM", "LONGEST", "STILL BELOW")]
    for simulation in simulations:
        below = simulation.below
        longest = max((workload.below_seconds for workload in below), default=0)
        at_end = sum(workload.is_below_at_end for workload in below)
        style = Style.BAD if below else Style.GOOD
        rows.append(
            [
                line(Span("✗ " if below else "✓ ", style), simulation.scenario.name),
                str(len(simulation.workloads)),
                str(len(below)),
                seconds_text(longest) if below else "-",
                str(at_end) if below else "-",
            ]
        )
    return columns(rows, page, right=frozenset({1, 2, 3, 4}))


def _story(simulation: Simulation, page: Page) -> list[Line]:
    lines = [line(Span(f"Loss of {simulation.scenario.name}", Style.STRONG)), line()]
    rows: list[list[Cell]] = []
    for seconds, events in groupby(simulation.events, key=lambda event: event.seconds):
        for number, (cluster, text) in enumerate(_told([*events], page)):
            rows.append(["" if number else _clock(seconds), cluster, text])
    lines += columns(rows, page, indent=2) if rows else [line("  nothing happens")]
    if simulation.workloads:
        lines += [line(), *_workloads(simulation, page)]
    return lines


def _told(events: Sequence[TimelineEvent], page: Page) -> Iterator[tuple[str, Cell]]:
    """The events of one time, those that differ in the object alone told together."""
    by_sort: dict[tuple[str, str, str], list[TimelineEvent]] = {}
    for event in events:
        key = (event.kind, event.cluster, event.code)
        if event.kind == "Moved":
            key = (event.kind, "", f"{_placed(event.before)} → {_placed(event.after)}")
        by_sort.setdefault(key, []).append(event)
    for (kind, cluster, code), same in by_sort.items():
        names = _objects([event.resource for event in same if event.resource is not None], page)
        if kind == "Moved":
            yield "", f"{names}: {code}"
        elif kind == "Held":
            yield cluster, line(Span(f"{names} not evicted: {_HELD.get(code, code)}", Style.BAD))
        elif kind == "Evicted":
            yield cluster, line(Span(f"{names} evicted", Style.UPDATE), f" ({code})")
        elif kind == "EvictionDone":
            yield cluster, f"{names} given up there: {_DONE.get(code, code)}"
        else:
            style = Style.BAD if kind == "Down" else Style.GOOD if kind == "Up" else Style.PLAIN
            yield cluster, line(Span(f"{_EVENTS[kind]} {code}".rstrip(), style))


def _workloads(simulation: Simulation, page: Page) -> list[Line]:
    rows: list[list[Cell]] = [_head("  WORKLOAD", "REPLICAS", "MINIMUM", "LOWEST", "AT", "BELOW FOR", "AFTERWARDS")]
    for workload in simulation.workloads:
        is_below = workload.is_below
        rows.append(
            [
                line(
                    Span("✗ " if is_below else "✓ ", Style.BAD if is_below else Style.GOOD),
                    object_name(workload.resource),
                ),
                str(workload.replicas),
                str(workload.minimum),
                str(workload.lowest),
                _clock(workload.lowest_at_seconds),
                ("to the end" if workload.is_below_at_end else seconds_text(workload.below_seconds))
                if is_below
                else "-",
                _placed(workload.after),
            ]
        )
    return columns(rows, page, right=frozenset({1, 2, 3, 4}))


def _verdict(simulations: Sequence[Simulation]) -> list[Line]:
    hurt = [simulation for simulation in simulations if simulation.below]
    if not hurt:
        return [line(Span("no workload falls below its minimum", Style.GOOD))]
    if len(simulations) == 1:
        text = f"{counted(len(hurt[0].below), 'workload')} of {len(hurt[0].workloads)} below the minimum"
    else:
        text = f"{len(hurt)} of {counted(len(simulations), 'loss', 'losses')} take workloads below their minimum"
    return [line(Span(text, Style.BAD))]


def _objects(refs: Sequence[ResourceRef], page: Page) -> str:
    names = [object_name(ref) for ref in refs]
    if len(names) <= _MOST_NAMED or page.is_wide:
        return ", ".join(names)
    return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} more"


def _placed(targets: Sequence[TargetCluster]) -> str:
    if not targets:
        return "nowhere"
    if len(targets) > _MOST_NAMED:
        return f"{sum(target.replicas for target in targets) or 'a copy'} on {len(targets)} clusters"
    return " ".join(f"{target.name}={target.replicas}" if target.replicas else target.name for target in targets)


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, whole = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes}:{whole:02}"


def _head(*names: str) -> list[Cell]:
    return [line(Span(name, Style.STRONG)) for name in names]


def simulation_summary(simulations: Sequence[Simulation]) -> dict[str, JSONValue]:
    """How many scenarios there are, and how many of them take a workload below its minimum."""
    return {"scenarios": len(simulations), "below": sum(bool(simulation.below) for simulation in simulations)}


def simulation_json(simulation: Simulation) -> dict[str, JSONValue]:
    """One scenario: outages, timeline and workloads; times are seconds after the start."""
    scenario = simulation.scenario
    return {
        "name": scenario.name,
        "outages": [
            {
                "cluster": outage.cluster,
                "startSeconds": outage.start_seconds,
                "durationSeconds": outage.duration_seconds,
            }
            for outage in scenario.outages
        ],
        "horizonSeconds": simulation.horizon_seconds,
        "events": [_event_json(event) for event in simulation.events],
        "workloads": [_workload_json(workload) for workload in simulation.workloads],
    }


def _event_json(event: TimelineEvent) -> JSONValue:
    return {
        "seconds": event.seconds,
        "kind": event.kind,
        "cluster": event.cluster,
        "code": event.code,
        "resource": _ref_json(event.resource) if event.resource is not None else None,
        "before": _targets_json(event.before),
        "after": _targets_json(event.after),
    }


def _workload_json(workload: Availability) -> JSONValue:
    return {
        "resource": _ref_json(workload.resource),
        "replicas": workload.replicas,
        "minimum": workload.minimum,
        "lowest": workload.lowest,
        "lowestAtSeconds": workload.lowest_at_seconds,
        "belowSeconds": workload.below_seconds,
        "belowAtEnd": workload.is_below_at_end,
        "before": _targets_json(workload.before),
        "after": _targets_json(workload.after),
    }


def _targets_json(targets: Sequence[TargetCluster]) -> list[JSONValue]:
    return [{"cluster": target.name, "replicas": target.replicas} for target in targets]


def _ref_json(ref: ResourceRef) -> JSONValue:
    return {"apiVersion": ref.api_version, "kind": ref.kind, "namespace": ref.namespace, "name": ref.name}
