"""The live board on a terminal: what a run does, redrawn in place and wiped at the end.

It appears after 0.3 s, so that short runs show nothing, and is drawn at most ten times a second. This is the one module
that loads a terminal library; import it only where there is a terminal.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from karmactl.core.model.events import Event
from karmactl.render.progress import Progress, board_lines
from karmactl.render.text import Line, Page, Style, shown

__all__ = ["Board", "to_rich"]

_DELAY_SECONDS: Final = 0.3
_REDRAWS_A_SECOND: Final = 10
_STYLES: Final = {
    Style.PLAIN: "",
    Style.STRONG: "bold",
    Style.DIM: "dim",
    Style.CREATE: "green",
    Style.UPDATE: "yellow",
    Style.REPLACE: "magenta",
    Style.WITHDRAW: "cyan",
    Style.REMOVE: "red",
    Style.DRIFT: "bold yellow",
    Style.CONFLICT: "bold red",
    Style.UNKNOWN: "bold magenta",
    Style.GOOD: "green",
    Style.BAD: "bold red",
}


def to_rich(lines: Sequence[Line], page: Page) -> Text:
    """The lines as one text object: data is never read as markup."""
    text = Text(no_wrap=True, overflow="crop", end="")
    for number, spans in enumerate(lines):
        if number:
            text.append("\n")
        for span in spans:
            text.append(shown(span.text, page), style=_STYLES[span.style])
    return text


class Board:
    """A Reporter that draws a board on a terminal while its context is open.

    `monotonic` gives seconds that only go forward; `delay_seconds` is how long a run may last without a board.
    """

    def __init__(
        self,
        stream: TextIO,
        page: Page,
        monotonic: Callable[[], float],
        *,
        has_color: bool = True,
        delay_seconds: float = _DELAY_SECONDS,
    ) -> None:
        self._page = page
        self._monotonic = monotonic
        self._progress = Progress(since=monotonic())
        self._guard = threading.RLock()
        self._is_over = False
        self._console = Console(
            file=stream, force_terminal=True, no_color=not has_color, highlight=False, markup=False, emoji=False
        )
        self._live = Live(
            console=self._console,
            get_renderable=self._picture,
            refresh_per_second=_REDRAWS_A_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._timer = threading.Timer(delay_seconds, self._start)
        self._timer.daemon = True

    def __enter__(self) -> Board:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._guard:
            self._is_over = True
        if self._live.is_started:
            self._live.stop()

    def on_event(self, event: Event) -> None:
        """Note the event; the board shows it at its next redraw."""
        with self._guard:
            self._progress.take(event, self._monotonic())

    def _start(self) -> None:
        # Held while it starts: a run that ends now must find the board either whole or not at all.
        with self._guard:
            if not self._is_over:
                self._live.start(refresh=True)

    def _picture(self) -> Text:
        with self._guard:
            height = self._console.size.height - 1
            return to_rich(board_lines(self._progress, self._monotonic(), self._page, height=height), self._page)
