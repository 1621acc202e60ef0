"""Go's sort: what it does with equals, as it did it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from karmactl.core.go_sort import MOST_INSERTED, _Sort, sort_as_go


@pytest.mark.parametrize(
    ("ranks", "order"),
    [
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]),
        ([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], [8, 10, 2, 14, 4, 12, 6, 0, 9, 7, 1, 11, 5, 13, 3, 15]),
        ([1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], [7, 13, 12, 11, 10, 9, 8, 3, 6, 5, 4, 0, 2, 1]),
        (
            [0, 5, 3, 1, 6, 4, 2, 0, 5, 3, 1, 6, 4, 2, 0, 5, 3, 1, 6, 4],
            [0, 7, 14, 17, 3, 10, 13, 6, 2, 16, 9, 5, 12, 19, 8, 15, 1, 11, 4, 18],
        ),
        (
            [0, 1, 4, 9, 5, 3, 3, 5, 9, 4, 1, 0, 1, 4, 9, 5, 3, 3, 5, 9, 4, 1, 0, 1, 4],
            [22, 0, 11, 10, 1, 23, 21, 12, 6, 5, 17, 16, 13, 9, 20, 2, 24, 15, 7, 18, 4, 14, 8, 19, 3],
        ),
        (
            [
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
                0,
                -1,
                -2,
                -3,
            ],
            [
                15,
                51,
                47,
                3,
                43,
                39,
                35,
                7,
                31,
                27,
                23,
                11,
                19,
                38,
                26,
                50,
                2,
                46,
                18,
                42,
                14,
                6,
                22,
                10,
                34,
                30,
                41,
                5,
                1,
                29,
                25,
                13,
                49,
                33,
                17,
                21,
                45,
                37,
                9,
                36,
                40,
                20,
                12,
                4,
                44,
                0,
                24,
                16,
                48,
                32,
                8,
                28,
            ],
        ),
    ],
)
def test_equals_stand_as_go_leaves_them(ranks: list[int], order: list[int]) -> None:
    assert sort_as_go(ranks) == order


@given(st.lists(st.integers(0, 5), max_size=200))
def test_it_is_a_sort(ranks: list[int]) -> None:
    order = sort_as_go(ranks)
    assert sorted(order) == list(range(len(ranks)))
    assert [ranks[position] for position in order] == sorted(ranks)


@given(st.lists(st.integers(0, 3), max_size=MOST_INSERTED))
def test_few_are_sorted_stably(ranks: list[int]) -> None:
    assert sort_as_go(ranks) == sorted(range(len(ranks)), key=ranks.__getitem__)


def test_bad_pivots_end_in_a_heap() -> None:
    ranks = [7 * number % 40 for number in range(40)]
    sort = _Sort(ranks)
    sort.quicksort(0, len(ranks), 0)
    assert [ranks[position] for position in sort.order] == sorted(ranks)
