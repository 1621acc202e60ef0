"""Dividing a number over weights, as Karmada does it: Webster's method (Sainte-Laguë).

Seats go one after the other to the party with the highest votes / (2 x seats + 1), compared as float64. A tie goes to
the party with fewer seats, then by name: ascending, or descending where the 32-bit FNV-1a hash of a UID is odd. Here
most seats are given at once: all those above a quotient that gives nearly the right number; the rest one by one.
Source: Karmada pkg/util/helper/webstermethod.go (AllocateWebsterSeats), binding.go (tieBreakerByUID), v1.19.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["divide", "divide_in_name_order", "is_descending", "seats_in_turn"]

_FNV_OFFSET: Final = 0x811C9DC5
_FNV_PRIME: Final = 0x01000193


def divide(total: int, weight_by_name: Mapping[str, int], *, uid: str = "") -> dict[str, int]:
    """`total` over the names by weight, in name order, zeros included; empty where all weights are 0.

    For example 9 over {"a": 1, "b": 3} gives {"a": 2, "b": 7}.
    """
    names = sorted(weight_by_name)
    seats = divide_in_name_order(total, [weight_by_name[name] for name in names], is_name_descending=is_descending(uid))
    return dict(zip(names, seats, strict=False))


def is_descending(uid: str) -> bool:
    """Whether ties between names are broken in descending order for the object with this UID."""
    if not uid:
        return False
    digest = _FNV_OFFSET
    for byte in uid.encode():
        digest = (digest ^ byte) * _FNV_PRIME & 0xFFFFFFFF
    return digest & 1 == 1


def divide_in_name_order(total: int, weights: Sequence[int], *, is_name_descending: bool) -> list[int]:
    """`total` over weights that stand in ascending order of their names; empty where the weights add up to 0."""
    weight_sum = sum(weights)
    if weight_sum == 0:
        return []
    seats = [0] * len(weights)
    if total <= 0:
        return seats
    votes = [float(weight) for weight in weights]
    if min(weights) >= 0:
        # All seats whose quotient lies above this one; the right number of seats is near to it.
        seats = _seats_above(votes, weight_sum / (2 * total))
    surplus = sum(seats) - total
    if surplus > 0:
        _take_back(surplus, votes, seats, is_name_descending)
    else:
        _hand_out(-surplus, votes, seats, is_name_descending)
    return seats


def seats_in_turn(total: int, weights: Sequence[int], *, is_name_descending: bool) -> list[tuple[int, float]]:
    """The same division seat by seat: who gets each one (by position), and the quotient that won it.

    For showing a small division; `divide_in_name_order` is the fast way to the sums.
    """
    seats = [0] * len(weights)
    turns: list[tuple[int, float]] = []
    for _ in range(total if sum(weights) else 0):
        quotients = [float(weight) / (2 * count + 1) for weight, count in zip(weights, seats, strict=True)]
        winner = min(
            range(len(weights)),
            key=lambda i: (-quotients[i], seats[i], -i if is_name_descending else i),
        )
        turns.append((winner, quotients[winner]))
        seats[winner] += 1
    return turns


def _seats_above(votes: Sequence[float], quotient: float) -> list[int]:
    """For each party the seats that it wins with a quotient above the given one, by float64 comparison."""
    seats = []
    doubled = 2 * quotient
    for vote in votes:
        count = int(vote / doubled + 0.5)
        # The estimate may be off by one where rounding matters; the comparison itself decides.
        while vote / (2 * count + 1) > quotient:
            count += 1
        while count and not vote / (2 * count - 1) > quotient:
            count -= 1
        seats.append(count)
    return seats


def _hand_out(number: int, votes: Sequence[float], seats: list[int], is_name_descending: bool) -> None:
    """Give seats one by one to the party that is next."""
    if not number:
        return
    sign = -1 if is_name_descending else 1
    queue = [
        (-vote / (2 * count + 1), count, sign * position)
        for position, (vote, count) in enumerate(zip(votes, seats, strict=True))
    ]
    heapq.heapify(queue)
    for _ in range(number):
        _, count, signed = queue[0]
        position = sign * signed
        count += 1
        seats[position] = count
        heapq.heapreplace(queue, (-votes[position] / (2 * count + 1), count, signed))


def _take_back(number: int, votes: Sequence[float], seats: list[int], is_name_descending: bool) -> None:
    """Take the seats that were won last, in the reverse order of giving."""
    sign = -1 if is_name_descending else 1
    queue = [
        (vote / (2 * count - 1), 1 - count, -sign * position)
        for position, (vote, count) in enumerate(zip(votes, seats, strict=True))
        if count
    ]
    heapq.heapify(queue)
    for _ in range(number):
        _, _, signed = queue[0]
        position = -sign * signed
        seats[position] -= 1
        count = seats[position]
        if count:
            heapq.heapreplace(queue, (votes[position] / (2 * count - 1), 1 - count, signed))
        else:
            heapq.heappop(queue)
