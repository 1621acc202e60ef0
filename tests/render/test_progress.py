"""Progress: what is told, when, and that a board leaves nothing behind."""

from __future__ import annotations

import io
import threading
import time

from karmactl.core.model.change import Action, Outcome
from karmactl.core.model.events import ChangeOver, Heartbeat, LockWait, Phase, WorkloadSeen
from karmactl.render.board import Board
from karmactl.render.progress import PlainReporter, Progress, board_lines
from karmactl.render.text import Page, plain
from tests.render.world import FRONTEND, change

_OVER = ChangeOver(change=change("eu-1", Action.UPDATE, FRONTEND), outcome=Outcome.DONE)


def _seen(cluster: str, ready: int, wanted: int, message: str = "") -> WorkloadSeen:
    return WorkloadSeen(
        cluster=cluster,
        resource=str(FRONTEND),
        state="ready" if ready == wanted else "progressing",
        message=message,
        ready=ready,
        wanted=wanted,
    )


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _reporter() -> tuple[PlainReporter, list[str], _Clock]:
    clock, written = _Clock(), list[str]()
    return PlainReporter(written.append, clock, Page()), written, clock


def test_a_line_for_each_phase_failure_and_workload_that_changes() -> None:
    reporter, written, _ = _reporter()
    failed = ChangeOver(change=_OVER.change, outcome=Outcome.FAILED, error="server said: no")
    for event in (Phase(name="send", total=2), _OVER, failed, Phase(name="wait", total=1), _seen("eu-1", 3, 4)):
        reporter.on_event(event)
    assert written == [
        "· sending: 2\n",
        "· eu-1 shop deploy/frontend update failed: server said: no\n",
        "· waiting for workloads: 1\n",
        "· eu-1 Deployment shop/frontend 3/4 progressing\n",
    ]


def test_a_heartbeat_every_twenty_seconds() -> None:
    reporter, written, clock = _reporter()
    reporter.on_event(Phase(name="wait", total=2))
    reporter.on_event(_seen("eu-2", 3, 4))
    reporter.on_event(_seen("us-1", 0, 1))
    written.clear()
    for second in range(1, 101):
        clock.now = float(second)
        reporter.on_event(Heartbeat(ready=0, total=2, seconds=clock.now))
    assert len(written) == 5
    assert written[-1] == "· still waiting: eu-2 Deployment shop/frontend 3/4 progressing and 1 more, 1m40s\n"


def test_a_lock_that_is_held_is_told_once() -> None:
    reporter, written, clock = _reporter()
    for second in range(10):
        clock.now = float(second)
        reporter.on_event(LockWait(holder="ci-7", since="10:00"))
    assert written == ["· another run holds the lock: ci-7 since 10:00\n"]


def test_long_work_tells_its_rate_and_the_time_left() -> None:
    progress = Progress()
    progress.take(Phase(name="send", total=100), 0.0)
    for _ in range(50):
        progress.take(_OVER, 5.0)
    assert progress.head(5.0) == "sending  50/100  5.0 s  10 a second, 5.0 s left"


def test_the_board_shows_what_is_open_first_and_fits_its_page() -> None:
    progress = Progress()
    progress.take(Phase(name="wait", total=60), 0.0)
    for number in range(60):
        is_open = number == 59
        progress.take(_seen(f"member-{number:02d}", 1 if is_open else 2, 2, "rolling " * 20), 1.0)
    progress.take(Heartbeat(ready=30, total=60, seconds=1.0), 1.0)
    page = Page(width=80)
    lines = plain(board_lines(progress, 2.0, page, height=12), page).splitlines()
    assert len(lines) == 12
    assert lines[0] == "· ready  ██████████░░░░░░░░░░  30/60  2.0 s"
    assert lines[1] == "·   member-59  0 sent  +1"
    assert lines[2] == "·   member-00  0 sent   1 workload ready ✓"
    assert lines[-1] == "·   and 50 more members"
    assert max(map(len, lines)) <= 80


def test_a_short_run_shows_no_board() -> None:
    stream = io.StringIO()
    with Board(stream, Page(width=80), time.monotonic) as board:
        board.on_event(Phase(name="send", total=1))
    assert stream.getvalue() == ""


def test_a_board_is_wiped_at_the_end() -> None:
    class Stream(io.StringIO):
        drawn = threading.Event()

        def write(self, text: str) -> int:
            if "cluster[a]" in text:
                self.drawn.set()
            return super().write(text)

    stream = Stream()
    over = ChangeOver(change=change("cluster[a]", Action.UPDATE, FRONTEND), outcome=Outcome.DONE)
    with Board(stream, Page(width=80), time.monotonic, delay_seconds=0.0) as board:
        board.on_event(Phase(name="send", total=1))
        board.on_event(over)
        assert stream.drawn.wait(5)
    # The last thing written erases the lines of the board.
    assert stream.getvalue().rstrip("\r\n").endswith("\x1b[2K")
