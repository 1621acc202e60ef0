"""Layout: columns line up, free text wraps at words, nothing is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from karmactl.render.layout import columns, packed, wrapped
from karmactl.render.names import age, cluster_list, counted, seconds_text, value_text, when
from karmactl.render.text import Page, line, plain

_WORDS = st.lists(st.text(alphabet="abcdefgh-/.", min_size=1, max_size=30), min_size=1, max_size=20)


def _text(rows: list[list[str]], page: Page, *, right: frozenset[int] = frozenset()) -> str:
    return plain(columns(rows, page, right=right), page)


def test_columns_line_up_two_spaces_apart() -> None:
    assert _text([["a", "1", "x"], ["bbb", "10", "y"]], Page(), right=frozenset({1})) == "a     1  x\nbbb  10  y\n"


def test_stand_ins_are_measured_before_columns_are_made() -> None:
    assert _text([["3 → 4", "x"], ["2", "y"]], Page(is_ascii=True)) == "3 -> 4  x\n2       y\n"


def test_only_the_last_column_wraps() -> None:
    rows = [["name-that-is-long", "why " * 20]]
    lines = _text(rows, Page(width=60)).splitlines()
    assert lines[0].startswith("name-that-is-long  why")
    assert all(text.startswith(" " * 19) for text in lines[1:])
    assert max(map(len, lines)) <= 60


@given(_WORDS, st.integers(min_value=1, max_value=100))
def test_nothing_is_lost_when_a_text_wraps(words: list[str], width: int) -> None:
    text = plain(wrapped(" ".join(words), Page(width=width)), Page())
    assert text.split() == words


@given(_WORDS, _WORDS, st.integers(min_value=1, max_value=100))
def test_nothing_is_lost_in_columns(names: list[str], words: list[str], width: int) -> None:
    rows = [[name, " ".join(words)] for name in names]
    text = plain(columns(rows, Page(width=width)), Page())
    assert sorted(text.split()) == sorted([*names, *words * len(names)])


@given(_WORDS, st.integers(min_value=30, max_value=100))
def test_packed_pieces_stay_whole(words: list[str], width: int) -> None:
    page = Page(width=width)
    lines = plain(packed(words, page, head=line("head  ")), page).splitlines()
    assert " ".join(lines).split() == ["head", *words]
    assert all(len(text) <= width or len(text.split()) <= 2 for text in lines)


def test_values() -> None:
    assert [value_text(value) for value in ("web:1", "", "true", "10", " x", "a\nb", None, 3, {"a": [1]}, "[x]")] == [
        "web:1",
        '""',
        '"true"',
        '"10"',
        '" x"',
        '"a\\nb"',
        "null",
        "3",
        '{"a": [1]}',
        '"[x]"',
    ]


def test_counts_and_times() -> None:
    assert [counted(number, "policy") for number in (0, 1, 2)] == ["0 policies", "1 policy", "2 policies"]
    assert counted(2, "ingress") == "2 ingresses"
    assert [seconds_text(value) for value in (0.42, 42, 64, 7500)] == ["0.4 s", "42 s", "1m04s", "2h05m"]
    assert [age(value) for value in (-5, 59, 60, 7300, 200000)] == ["0s", "59s", "1m", "2h", "2d"]


def test_a_time_that_is_none_stays_as_it_is() -> None:
    from datetime import UTC, datetime

    page = Page(now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert when("2026-03-01T11:57:00Z", page) == "3m ago"
    assert when("yesterday", page) == "yesterday"
    assert when("2026-03-01T11:57:00", page) == "2026-03-01T11:57:00"
    assert when("2026-03-01T11:57:00Z", Page()) == "2026-03-01T11:57:00Z"


def test_long_lists_of_clusters() -> None:
    fleet = [f"m{number}" for number in range(20)]
    assert cluster_list(fleet[:6], fleet, Page()) == "m0 m1 m2 m3 m4 m5"
    assert cluster_list(fleet, fleet, Page()) == "all 20 clusters"
    assert cluster_list(fleet[:18], fleet, Page()) == "all but m18 m19"
    assert cluster_list(fleet[:10], fleet, Page()) == "10 of 20 clusters"
    assert cluster_list(fleet, fleet, Page(is_wide=True)).split() == fleet
