"""Progress of a run: what the events so far add up to, and how it is told where nobody watches.

`Progress` is the state of a run, filled by events; `PlainReporter` writes one line when something changes and says now
and then that the run lives. The board for terminals (`render.board`) draws the same state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from karmactl.core.model.change import Outcome
from karmactl.core.model.events import ChangeOver, Event, Heartbeat, LockWait, Phase, Retrying, WorkloadSeen
from karmactl.render.names import counted, object_name, seconds_text
from karmactl.render.text import Line, Page, Span, Style, line, line_cells, plain

__all__ = ["PlainReporter", "Progress", "board_lines"]

_PHASES: Final = {
    "survey": "looking at the members",
    "plan": "planning",
    "lock": "locking",
    "send": "sending",
    "wait": "waiting for workloads",
    "withdraw": "removing",
    "prune": "pruning",
    "record": "writing the record",
}
_HEARTBEAT_SECONDS: Final = 20.0
_RATE_AFTER_SECONDS: Final = 2.0
_BAR: Final = 20
_MOST_MEMBERS: Final = 30


@dataclass(slots=True)
class _Member:
    """One member in a run: changes over, and the workloads that are waited for."""

    done: int = 0
    failed: int = 0
    workloads: dict[str, WorkloadSeen] = field(default_factory=dict)

    @property
    def open_workloads(self) -> list[WorkloadSeen]:
        return [seen for seen in self.workloads.values() if seen.state != "ready"]


@dataclass(slots=True)
class Progress:
    """What is known of a run while it works; `since` is when the phase began, by the clock that is handed in."""

    phase: str = ""
    total: int = 0
    done: int = 0
    since: float = 0.0
    note: str = ""
    members: dict[str, _Member] = field(default_factory=dict)

    def take(self, event: Event, now: float) -> None:
        """Add one event."""
        match event:
            case Phase():
                self.phase, self.total, self.done, self.since = event.name, event.total, 0, now
                self.note = ""
            case ChangeOver():
                member = self._member(event.change.cluster)
                self.done += 1
                member.done += 1
                member.failed += event.outcome is Outcome.FAILED
            case WorkloadSeen():
                self._member(event.cluster).workloads[event.resource] = event
            case Heartbeat():
                self.done, self.total = event.ready, event.total
            case LockWait():
                since = f" since {event.since}" if event.since else ""
                self.note = f"another run holds the lock: {event.holder}{since}"
            case Retrying():
                self.note = f"planning again: {event.why}"

    def _member(self, name: str) -> _Member:
        return self.members.setdefault(name, _Member())

    def head(self, now: float) -> str:
        """The run in one line: phase, how far, how long, and on long work how fast and how long still."""
        seconds = max(0.0, now - self.since)
        text = _PHASES.get(self.phase, self.phase or "starting")
        if self.total and self.phase not in ("survey", "plan"):
            text = f"{text}  {self.done}/{self.total}"
        elif self.total:
            text = f"{text}  {counted(self.total, 'member')}"
        text = f"{text}  {seconds_text(seconds)}"
        if self.phase == "send" and self.done and seconds >= _RATE_AFTER_SECONDS and self.done < self.total:
            rate = self.done / seconds
            left = seconds_text((self.total - self.done) / rate)
            text = f"{text}  {rate:.{0 if rate >= 10 else 1}f} a second, {left} left"
        return text

    def waiting_for(self) -> list[str]:
        """What is not ready, each with its member and counts."""
        return [
            f"{name} {seen.resource} {_seen_text(seen)}"
            for name, member in sorted(self.members.items())
            for seen in member.open_workloads
        ]


def _seen_text(seen: WorkloadSeen) -> str:
    counts = "" if seen.ready is None or seen.wanted is None else f"{seen.ready}/{seen.wanted}"
    if seen.state == "ready":
        return f"{counts} ready".lstrip()
    if not seen.message:
        return f"{counts} {seen.state}".lstrip()
    return f"{counts}: {seen.message}" if counts else seen.message


def board_lines(progress: Progress, now: float, page: Page, *, height: int = _MOST_MEMBERS) -> list[Line]:
    """The board: a line for the run and one for each member, those with something open first; at most `height`."""
    lines = [line("· ", progress.head(now))]
    if progress.phase == "wait" and progress.total:
        filled = _BAR * progress.done // progress.total
        bar = Span("█" * filled + "░" * (_BAR - filled), Style.GOOD)
        lines = [line("· ready  ", bar, f"  {progress.done}/{progress.total}  {seconds_text(now - progress.since)}")]
    if progress.note:
        lines.append(line("·   ", Span(progress.note, Style.UPDATE)))
    members = sorted(
        progress.members.items(), key=lambda item: (not item[1].open_workloads and not item[1].failed, item[0])
    )
    room = max(1, min(_MOST_MEMBERS, height - len(lines) - 1))
    width = max((len(name) for name, _ in members[:room]), default=0)
    lines += [_member_line(name, member, width, page) for name, member in members[:room]]
    if len(members) > room:
        lines.append(line(f"·   and {counted(len(members) - room, 'more member')}"))
    return lines


def _member_line(name: str, member: _Member, width: int, page: Page) -> Line:
    head = line("·   ", f"{name:<{width}}  ", f"{member.done} sent")
    if member.failed:
        head = line(head, ", ", Span(f"{member.failed} failed", Style.BAD))
    shown = head
    open_workloads = member.open_workloads
    for position, seen in enumerate(open_workloads):
        style = Style.BAD if seen.state == "failed" else Style.PLAIN
        longer = line(shown, "   ", Span(f"{_short(seen.resource)} {_seen_text(seen)}", style))
        # Room is kept for the count of those that do not fit.
        if page.width is not None and line_cells(longer, page) > page.width - 6:
            return line(shown, f"  +{len(open_workloads) - position}")
        shown = longer
    if member.workloads and not open_workloads:
        return line(head, "   ", Span(f"{counted(len(member.workloads), 'workload')} ready ✓", Style.GOOD))
    return shown


def _short(resource: str) -> str:
    """The name alone of `Deployment shop/frontend`."""
    return resource.rpartition("/")[2].rpartition(" ")[2]


class PlainReporter:
    """Tells a run in plain lines: phases, failures, workloads that change, and a heartbeat every twenty seconds.

    `write` takes text with its newline; `monotonic` gives seconds that only go forward.
    """

    def __init__(self, write: Callable[[str], object], monotonic: Callable[[], float], page: Page) -> None:
        self._write = write
        self._monotonic = monotonic
        self._page = page
        self._progress = Progress(since=monotonic())
        self._told_at = monotonic()
        self._note = ""

    def on_event(self, event: Event) -> None:
        """Write a line where the event is worth one."""
        now = self._monotonic()
        self._progress.take(event, now)
        text = self._text_of(event)
        if text:
            self._tell(text, now)
        elif now - self._told_at >= _HEARTBEAT_SECONDS:
            self._tell(self._heartbeat(now), now)

    def _text_of(self, event: Event) -> str:
        match event:
            case Phase():
                counts = f": {event.total}" if event.total else ""
                return f"{_PHASES.get(event.name, event.name)}{counts}"
            case ChangeOver() if event.outcome is not Outcome.DONE:
                change = event.change
                what = f"{change.action.value} {event.outcome.value}"
                tail = f": {event.error}" if event.error else ""
                return f"{change.cluster} {object_name(change.resource)} {what}{tail}"
            case WorkloadSeen():
                return f"{event.cluster} {event.resource} {_seen_text(event)}"
            case LockWait() | Retrying() if self._progress.note != self._note:
                self._note = self._progress.note
                return self._note
            case _:
                return ""

    def _heartbeat(self, now: float) -> str:
        waiting = self._progress.waiting_for()
        if self._progress.phase == "wait" and waiting:
            more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
            return f"still waiting: {waiting[0]}{more}, {seconds_text(now - self._progress.since)}"
        return f"still {self._progress.head(now)}"

    def _tell(self, text: str, now: float) -> None:
        self._told_at = now
        self._write(plain([line("· ", text)], self._page))
