"""What people see, as files: one text for each renderer, at 80 columns and without a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from karmactl.render.apply import render_apply_report
from karmactl.render.diff import render_diff
from karmactl.render.listing import change_names, placement_names, status_names
from karmactl.render.markdown import plan_markdown
from karmactl.render.plan import render_plan
from karmactl.render.status import render_status
from karmactl.render.text import Line, Page, plain
from karmactl.render.why import render_why
from tests.render.golden import check_golden
from tests.render.reports import done_report, large_status, partial_report, shop_status
from tests.render.world import drift_plan, hostile_plan, large_plan, shop_plan, unplaceable_plan

_TERMINAL = Page(width=80, is_terminal=True, now=datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
_LOG = Page()
_WIDE = Page(is_wide=True)
_ASCII = Page(is_ascii=True)

Render = Callable[[Page], list[Line]]
_SCREENS: dict[str, Render] = {
    "plan-shop": lambda page: render_plan(shop_plan(), page, git="4f2c1aa", saved_to="plan.json"),
    "plan-drift": lambda page: render_plan(drift_plan(), page),
    "plan-unplaceable": lambda page: render_plan(unplaceable_plan(), page),
    "plan-large": lambda page: render_plan(large_plan(), page),
    "plan-hostile": lambda page: render_plan(hostile_plan(), page),
    "diff-shop": lambda page: render_diff(shop_plan(), page),
    "diff-drift": lambda page: render_diff(drift_plan(), page, context_lines=1),
    "why-weighted": lambda page: render_why(shop_plan().decisions[0], page),
    "why-not": lambda page: render_why(shop_plan().decisions[0], page, cluster="ap-1"),
    "why-duplicated": lambda page: render_why(shop_plan().decisions[1], page),
    "why-unplaceable": lambda page: render_why(unplaceable_plan().decisions[0], page),
    "why-unmatched": lambda page: render_why(shop_plan().decisions[4], page),
    "apply-done": lambda page: render_apply_report(done_report(shop_plan()), shop_plan(), page, elapsed_seconds=64),
    "apply-partial": lambda page: render_apply_report(partial_report(), shop_plan(), page, elapsed_seconds=64),
    "status-shop": lambda page: render_status(shop_status(), page),
    "status-large": lambda page: render_status(large_status(), page),
}


@pytest.mark.parametrize("name", _SCREENS)
def test_screen_on_a_terminal(name: str) -> None:
    text = plain(_SCREENS[name](_TERMINAL), _TERMINAL)
    check_golden(f"{name}.80.txt", text)


@pytest.mark.parametrize("name", _SCREENS)
def test_screen_without_a_terminal(name: str) -> None:
    check_golden(f"{name}.log.txt", plain(_SCREENS[name](_LOG), _LOG))


@pytest.mark.parametrize("name", ["plan-shop", "diff-drift", "status-shop", "why-weighted"])
def test_screen_in_ascii(name: str) -> None:
    check_golden(f"{name}.ascii.txt", plain(_SCREENS[name](_ASCII), _ASCII))


@pytest.mark.parametrize("name", ["plan-large", "status-large"])
def test_wide_screen_lists_every_cluster(name: str) -> None:
    text = plain(_SCREENS[name](_WIDE), _WIDE)
    assert all(f"member-{position:02d}" in text for position in range(1, 47))


@pytest.mark.parametrize("name", ["plan-shop", "plan-unplaceable", "plan-large"])
def test_markdown(name: str) -> None:
    plans = {"plan-shop": shop_plan, "plan-unplaceable": unplaceable_plan, "plan-large": large_plan}
    check_golden(f"{name}.md", plan_markdown(plans[name]()))


def test_names() -> None:
    plan = shop_plan()
    check_golden("names.txt", change_names(plan) + placement_names(plan.decisions) + status_names(shop_status()))


# The names and values of the hostile plan are longer than a line by themselves.
@pytest.mark.parametrize("name", [name for name in _SCREENS if name != "plan-hostile"])
def test_lines_fit_the_terminal(name: str) -> None:
    """Free text wraps; only what may not be broken (a name, a value) may be longer."""
    lines = plain(_SCREENS[name](_TERMINAL), _TERMINAL).splitlines()
    assert [text for text in lines if len(text) > 80] == []
