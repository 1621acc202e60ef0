"""The order in which Go's `sort.Sort` leaves entries of equal rank: pattern-defeating quicksort, step by step.

Go's sort is not stable, and Karmada cuts off the end of a list that it sorted. Where the cut falls between clusters of
equal rank, which of them stay depends on the way in which the sort went. Up to 12 entries it is an insertion sort, and
so stable. Source: Go, src/sort/zsortinterface.go (pdqsort), src/sort/sort.go (xorshift), unchanged since Go 1.19.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Final

__all__ = ["MOST_INSERTED", "sort_as_go"]

MOST_INSERTED: Final = 12
_NINTHER_FROM: Final = 50
_SHIFT_FROM: Final = 50
_MOST_SHIFTS: Final = 5
_MOST_SWAPS: Final = 12
_UINT64: Final = 2**64 - 1


class _Hint(Enum):
    """What the choice of a pivot says about the order of a range."""

    UNKNOWN = "unknown"
    INCREASING = "increasing"
    DECREASING = "decreasing"


def sort_as_go(ranks: Sequence[int]) -> list[int]:
    """The positions of the ranks in the order into which Go sorts them, lowest rank first."""
    sort = _Sort(ranks)
    sort.quicksort(0, len(ranks), len(ranks).bit_length())
    return sort.order


class _Sort:
    """One sort under way; ranges are [start, end) throughout."""

    def __init__(self, ranks: Sequence[int]) -> None:
        self.order = list(range(len(ranks)))
        self._ranks = list(ranks)

    def quicksort(self, start: int, end: int, limit: int) -> None:
        """Sort a range; after `limit` bad pivots by heap."""
        was_balanced = was_partitioned = True
        while end - start > MOST_INSERTED:
            if limit == 0:
                self._heapsort(start, end)
                return
            if not was_balanced:
                self._break_patterns(start, end)
                limit -= 1
            pivot, hint = self._choose_pivot(start, end)
            if hint is _Hint.DECREASING:
                self._reverse(start, end)
                pivot = (end - 1) - (pivot - start)
                hint = _Hint.INCREASING
            is_likely_sorted = was_balanced and was_partitioned and hint is _Hint.INCREASING
            if is_likely_sorted and self._insert_some(start, end):
                return
            # Nothing here is less than what stands before it: put what equals the pivot aside.
            if start > 0 and not self._ranks[start - 1] < self._ranks[pivot]:
                start = self._partition_equal(start, end, pivot)
                continue
            middle, was_partitioned = self._partition(start, end, pivot)
            left, right = middle - start, end - middle
            was_balanced = min(left, right) >= (end - start) // 8
            if left < right:
                self.quicksort(start, middle, limit)
                start = middle + 1
            else:
                self.quicksort(middle + 1, end, limit)
                end = middle
        self._insert_all(start, end)

    def _swap(self, one: int, other: int) -> None:
        ranks, order = self._ranks, self.order
        ranks[one], ranks[other] = ranks[other], ranks[one]
        order[one], order[other] = order[other], order[one]

    def _insert_all(self, start: int, end: int) -> None:
        for place in range(start + 1, end):
            while place > start and self._ranks[place] < self._ranks[place - 1]:
                self._swap(place, place - 1)
                place -= 1

    def _insert_some(self, start: int, end: int) -> bool:
        """Put a few entries in place; whether the range is sorted then."""
        place = start + 1
        ranks = self._ranks
        for _ in range(_MOST_SHIFTS):
            while place < end and not ranks[place] < ranks[place - 1]:
                place += 1
            if place == end:
                return True
            if end - start < _SHIFT_FROM:
                return False
            self._swap(place, place - 1)
            if place - start >= 2:
                # Go stops at the list's beginning here, not at the range's.
                self._shift(range(place - 1, 0, -1))
            if end - place >= 2:
                self._shift(range(place + 1, end))
        return False

    def _shift(self, places: range) -> None:
        for place in places:
            if not self._ranks[place] < self._ranks[place - 1]:
                return
            self._swap(place, place - 1)

    def _heapsort(self, start: int, end: int) -> None:
        size = end - start
        for root in range((size - 1) // 2, -1, -1):
            self._sift_down(root, size, start)
        for last in range(size - 1, -1, -1):
            self._swap(start, start + last)
            self._sift_down(0, last, start)

    def _sift_down(self, root: int, size: int, start: int) -> None:
        ranks = self._ranks
        while (child := 2 * root + 1) < size:
            if child + 1 < size and ranks[start + child] < ranks[start + child + 1]:
                child += 1
            if not ranks[start + root] < ranks[start + child]:
                return
            self._swap(start + root, start + child)
            root = child

    def _break_patterns(self, start: int, end: int) -> None:
        """Scatter three entries of the middle; "random" numbers follow from the length alone."""
        length = end - start
        state = length
        middle = start + length // 4 * 2
        for place in range(middle - 1, middle + 2):
            state ^= state << 13 & _UINT64
            state ^= state >> 7
            state ^= state << 17 & _UINT64
            other = state & ((1 << length.bit_length()) - 1)
            self._swap(place, start + (other - length if other >= length else other))

    def _choose_pivot(self, start: int, end: int) -> tuple[int, _Hint]:
        quarter = (end - start) // 4
        places = [start + quarter * times for times in (1, 2, 3)]
        swaps = 0
        if end - start >= _NINTHER_FROM:
            for index, place in enumerate(places):
                places[index], more = self._median(place - 1, place, place + 1)
                swaps += more
        pivot, more = self._median(*places)
        swaps += more
        if swaps == 0:
            return pivot, _Hint.INCREASING
        return pivot, _Hint.DECREASING if swaps == _MOST_SWAPS else _Hint.UNKNOWN

    def _median(self, one: int, two: int, three: int) -> tuple[int, int]:
        """The place of the middle of three entries, and how many pairs stood the wrong way round."""
        ranks = self._ranks
        swaps = 0
        if ranks[two] < ranks[one]:
            one, two, swaps = two, one, swaps + 1
        if ranks[three] < ranks[two]:
            two, swaps = three, swaps + 1
        if ranks[two] < ranks[one]:
            two, swaps = one, swaps + 1
        return two, swaps

    def _reverse(self, start: int, end: int) -> None:
        self._ranks[start:end] = self._ranks[start:end][::-1]
        self.order[start:end] = self.order[start:end][::-1]

    def _partition(self, start: int, end: int, pivot: int) -> tuple[int, bool]:
        """Lesser entries before the pivot, the rest behind it: its new place, and whether all stood so already."""
        self._swap(start, pivot)
        ranks, rank = self._ranks, self._ranks[start]
        low, high = start + 1, end - 1
        was_partitioned = True
        while True:
            while low <= high and ranks[low] < rank:
                low += 1
            while low <= high and not ranks[high] < rank:
                high -= 1
            if low > high:
                break
            was_partitioned = False
            self._swap(low, high)
            low, high = low + 1, high - 1
        self._swap(high, start)
        return high, was_partitioned

    def _partition_equal(self, start: int, end: int, pivot: int) -> int:
        """Entries equal to the pivot first, greater ones behind them: where the greater ones begin."""
        self._swap(start, pivot)
        ranks, rank = self._ranks, self._ranks[start]
        low, high = start + 1, end - 1
        while True:
            while low <= high and not rank < ranks[low]:
                low += 1
            while low <= high and rank < ranks[high]:
                high -= 1
            if low > high:
                return low
            self._swap(low, high)
            low, high = low + 1, high - 1
