"""Data is never markup: names and values come through every renderer as they are, and no control character does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karmactl.core.model.change import ApplyReport, ChangeResult, Outcome
from karmactl.core.model.events import ChangeOver, LockWait, Phase, Retrying, WorkloadSeen
from karmactl.core.model.plan import Plan
from karmactl.core.model.status import FleetStatus, Health, StatusCell, WorkloadStatus
from karmactl.errors import KarmactlError
from karmactl.render.apply import render_apply_report
from karmactl.render.board import to_rich
from karmactl.render.diff import render_diff
from karmactl.render.errors import render_errors
from karmactl.render.listing import change_names
from karmactl.render.markdown import plan_markdown
from karmactl.render.plan import render_plan
from karmactl.render.progress import PlainReporter, Progress, board_lines
from karmactl.render.status import render_status
from karmactl.render.text import Line, Page, cells, clean, line, plain, shown, to_ansi
from karmactl.render.why import render_why
from tests.render.world import HOSTILE, hostile_plan

_CLUSTER, _NAMESPACE, _EMOJI, _TAG, _BOLD, _TABLE = HOSTILE
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_TERMINAL = Page(width=80, is_terminal=True)


def _report(plan: Plan) -> ApplyReport:
    return ApplyReport(
        results=tuple(
            ChangeResult(change=change, outcome=Outcome.FAILED, error=_BOLD)
            for change_set in plan.change_sets
            for change in change_set.changes
        ),
        failed_clusters={_CLUSTER: _TABLE},
    )


def _status(plan: Plan) -> FleetStatus:
    resource = plan.decisions[0].ref
    cell = StatusCell(cluster=_CLUSTER, health=Health.FAILED, ready=0, wanted=1, message=_BOLD)
    return FleetStatus(
        set_name=_TABLE,
        generation=1,
        applied_by=_TAG,
        fleet=plan.fleet,
        workloads=(WorkloadStatus(resource=resource, cells=(cell,)),),
    )


def _progress(page: Page) -> list[Line]:
    progress = Progress()
    for change in hostile_plan().change_sets[0].changes:
        progress.take(ChangeOver(change=change, outcome=Outcome.FAILED, error=_BOLD), 1.0)
    progress.take(
        WorkloadSeen(cluster=_CLUSTER, resource=f"Deployment {_NAMESPACE}/{_EMOJI}", state="failed", message=_BOLD), 2.0
    )
    return board_lines(progress, 3.0, page)


_SCREENS: dict[str, tuple[Callable[[Page], list[Line]], tuple[str, ...]]] = {
    "plan": (lambda page: render_plan(hostile_plan(), page), (_CLUSTER, _NAMESPACE, _EMOJI, _TAG, _BOLD, _TABLE)),
    "diff": (lambda page: render_diff(hostile_plan(), page), (_CLUSTER, _NAMESPACE, _EMOJI, _TAG, _BOLD, _TABLE)),
    "why": (
        lambda page: render_why(hostile_plan().decisions[0], page),
        (_CLUSTER, _NAMESPACE, _EMOJI, _TAG, _BOLD, _TABLE),
    ),
    "why -C": (
        lambda page: render_why(hostile_plan().decisions[0], page, cluster=_BOLD),
        (_NAMESPACE, _EMOJI, _TAG, _BOLD),
    ),
    "apply": (
        lambda page: render_apply_report(_report(hostile_plan()), hostile_plan(), page),
        (_CLUSTER, _NAMESPACE, _EMOJI, _TAG, _BOLD, _TABLE),
    ),
    "status": (
        lambda page: render_status(_status(hostile_plan()), page),
        (_CLUSTER, _NAMESPACE, _EMOJI, _TAG, _BOLD, _TABLE),
    ),
    "errors": (
        lambda page: render_errors([KarmactlError(_TAG, _BOLD, hint=_TABLE, why=_EMOJI, cluster=_CLUSTER)], page),
        (_CLUSTER, _EMOJI, _TAG, _BOLD, _TABLE),
    ),
    "board": (_progress, (_CLUSTER, _EMOJI, _BOLD)),
}
_PAGES = {
    "log": Page(),
    "terminal": _TERMINAL,
    "narrow": Page(width=20),
    "ascii": Page(is_ascii=True),
    "wide": Page(is_wide=True),
}


# A narrow board shows what there is room for, and counts the rest.
@pytest.mark.parametrize(
    ("screen", "page"),
    [(screen, page) for screen in _SCREENS for page in _PAGES if (screen, page) != ("board", "narrow")],
)
def test_data_survives(screen: str, page: str) -> None:
    render, expected = _SCREENS[screen]
    where = _PAGES[page]
    lines = render(where)
    text = plain(lines, where)
    together = re.sub(r"\s+", " ", text)
    assert [item for item in expected if item not in together] == []
    assert "…" not in text
    assert "\x1b" not in text
    if where.is_ascii:
        assert text.isascii()
    # Colours change nothing but colours.
    assert _COLOUR.sub("", to_ansi(lines, where)) == text
    assert [part.rstrip() for part in to_rich(lines, where).plain.split("\n")] == text.split("\n")[:-1]


def test_data_survives_in_markdown() -> None:
    text = plan_markdown(hostile_plan())
    assert [item for item in (_CLUSTER, _NAMESPACE, _EMOJI, _TAG, _BOLD, _TABLE) if item not in text] == []
    outside = re.sub(r"```.*?```|``.*?``|`.*?`|<code>.*?</code>", "", text, flags=re.DOTALL)
    assert "[" not in outside
    assert ":smile:" not in outside
    assert "<b>" not in outside


def test_data_survives_in_names_and_progress() -> None:
    assert f"{_CLUSTER} {_NAMESPACE} deployment.apps/{_EMOJI}\n" in change_names(hostile_plan())
    written: list[str] = []
    reporter = PlainReporter(written.append, lambda: 0.0, Page())
    reporter.on_event(Phase(name=_BOLD))
    reporter.on_event(LockWait(holder=_CLUSTER, since=_TAG))
    reporter.on_event(Retrying(why=_EMOJI))
    text = "".join(written)
    assert all(item in text for item in (_BOLD, _CLUSTER, _TAG, _EMOJI))


def test_a_fence_holds_whatever_is_in_it() -> None:
    plan = hostile_plan()
    change = plan.change_sets[0].changes[0]
    fences = replace(change, fields=(replace(change.fields[0], after="```\n# a\n`````\n<!-- "),))
    text = plan_markdown(replace(plan, change_sets=(replace(plan.change_sets[0], changes=(fences,)),)))
    assert "``````diff\n" in text
    assert text.count("``````") == 2


@given(st.text())
def test_any_text_is_shown_without_controls(text: str) -> None:
    page = Page(is_ascii=True)
    assert shown(text, page).isascii()
    assert clean(text) == clean(clean(text))
    assert not re.search("[\x00-\x1f\x7f-\x9f]", clean(text))
    assert plain([line(text)], page).count("\n") == 1


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_is_shown_as_it_is(text: str) -> None:
    assert shown(text, Page(is_ascii=True)) == text
    assert cells(text) == len(text)


def test_wide_and_combining_characters_are_measured_as_terminals_do() -> None:
    assert cells("配置") == 4
    assert cells("e\u0301") == 1
    assert cells("ü") == 1
