"""Kubernetes quantities ("500m", "2Gi", "1e3"): read, added, rounded and written exactly as Kubernetes does.

A Quantity is an integer times a power of ten, with the format that it was written in. Kubernetes keeps it as a scaled
64-bit integer where that is enough and as a big decimal where not; the two differ at the edges (what rounds, what
overflows to 0), and capacity arithmetic can see it, so `is_big` says which one it would be.
Source: k8s.io/apimachinery/pkg/api/resource (quantity.go, suffix.go, amount.go, scale_int.go).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

__all__ = [
    "ZERO",
    "Quantity",
    "QuantityError",
    "QuantityFormat",
    "difference",
    "parse_quantity",
    "try_parse_quantity",
]

_INT64_MAX: Final = 2**63 - 1
_INT64_MIN: Final = -(2**63)
_NANO: Final = -9
_MILLI: Final = -3
# Decimal digits that always fit a 64-bit integer, and those that fit beside a binary suffix.
_DECIMAL_DIGITS: Final = 18
_BINARY_DIGITS: Final = 15
# Differs from Kubernetes: exponents beyond this are refused; there they may ask for gigabytes of digits.
_EXPONENT_LIMIT: Final = 10_000

_SYNTAX: Final = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)", re.ASCII)
_EXPONENT: Final = re.compile(r"[eE]([+-]?[0-9]+)", re.ASCII)
_DECIMAL_SUFFIXES: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIXES: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_NAMES: Final = {exponent: suffix for suffix, exponent in _DECIMAL_SUFFIXES.items()}
_BINARY_NAMES: Final = {exponent: suffix for suffix, exponent in _BINARY_SUFFIXES.items()}


class QuantityError(ValueError):
    """A text that is no quantity; the message says why, in Kubernetes' words."""


class QuantityFormat(Enum):
    """How a quantity is written: 12e6, 12Mi or 12M."""

    DECIMAL_EXPONENT = "DecimalExponent"
    BINARY_SI = "BinarySI"
    DECIMAL_SI = "DecimalSI"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """`unscaled` x 10^`exponent`; `text` is the original where it is written back as it came, else "".

    Equality is that of the fields; compare amounts with `compare`.
    """

    unscaled: int
    exponent: int = 0
    format: QuantityFormat = QuantityFormat.DECIMAL_SI
    text: str = ""
    is_big: bool = False

    @property
    def is_zero(self) -> bool:
        """Whether the amount is 0."""
        return self.unscaled == 0

    def value(self) -> int:
        """The amount in whole units, rounded away from zero; 0 where a 64-bit integer overflows."""
        return self.scaled_value(0)

    def milli_value(self) -> int:
        """The amount in thousandths, rounded away from zero; 0 where a 64-bit integer overflows."""
        return self.scaled_value(_MILLI)

    def scaled_value(self, exponent: int) -> int:
        """The amount in units of 10^`exponent`, rounded up as Go's Quantity.ScaledValue does."""
        shift = self.exponent - exponent
        if self.is_big:
            return _scaled_big(self.unscaled, shift)
        if shift < 0:
            return _divide_away_from_zero(self.unscaled, 10**-shift)
        result = self.unscaled * 10**shift
        return result if _INT64_MIN <= result <= _INT64_MAX else 0

    def compare(self, other: Quantity) -> int:
        """-1, 0 or 1: this amount is less than, equal to or more than the other."""
        mine, theirs, _ = _aligned(self, other)
        return (mine > theirs) - (mine < theirs)

    def __add__(self, other: Quantity) -> Quantity:
        if self.is_zero and not other.is_big and not self.is_big:
            return Quantity(unscaled=other.unscaled, exponent=other.exponent, format=other.format)
        mine, theirs, exponent = _aligned(self, other)
        total = mine + theirs
        return Quantity(
            unscaled=total,
            exponent=exponent,
            format=other.format if self.is_zero else self.format,
            is_big=self.is_big or other.is_big or not _all_fit_int64(mine, theirs, total),
        )

    def __neg__(self) -> Quantity:
        return Quantity(unscaled=-self.unscaled, exponent=self.exponent, format=self.format, is_big=self.is_big)

    def __sub__(self, other: Quantity) -> Quantity:
        return self + -other

    def times(self, factor: int) -> Quantity:
        """This amount `factor` times, in the same format."""
        product = self.unscaled * factor
        whole = product * 10**self.exponent if self.exponent > 0 else product
        return Quantity(
            unscaled=product,
            exponent=self.exponent,
            format=self.format,
            is_big=self.is_big or not _all_fit_int64(whole),
        )

    def __str__(self) -> str:
        """The canonical text: no fraction, the largest suffix that loses nothing (Quantity.CanonicalizeBytes)."""
        if self.text:
            return self.text
        if self.is_zero:
            return "0"
        if self.format is QuantityFormat.BINARY_SI:
            whole = _whole(self)
            # Small or fractional amounts are written in decimal, so that nothing is lost.
            if whole is not None and not -1024 < whole < 1024:
                amount, power = _without_factors(whole, 1024)
                return f"{amount}{_BINARY_NAMES.get(power * 10, '')}"
        amount, power = _without_factors(self.unscaled, 10)
        power += self.exponent
        surplus = power % 3
        amount, power = amount * 10**surplus, power - surplus
        if self.format is QuantityFormat.DECIMAL_EXPONENT:
            return f"{amount}e{power}" if power else str(amount)
        return f"{amount}{_DECIMAL_NAMES.get(power, '')}"


ZERO: Final = Quantity(unscaled=0)


def difference(amount: Quantity, *taken: Quantity) -> Quantity:
    """`amount` less each of the others in turn: the same as subtracting them, at the cost of one new value."""
    unscaled, exponent, form, is_big = amount.unscaled, amount.exponent, amount.format, amount.is_big
    for other in taken:
        shift = exponent - other.exponent
        mine = unscaled * 10**shift if shift > 0 else unscaled
        theirs = other.unscaled * 10**-shift if shift < 0 else other.unscaled
        if not unscaled:
            form = other.format
            if not is_big and not other.is_big:
                unscaled, exponent = -other.unscaled, other.exponent
                continue
        unscaled = mine - theirs
        exponent = min(exponent, other.exponent)
        is_big = is_big or other.is_big or not _all_fit_int64(mine, theirs, unscaled)
    return Quantity(unscaled=unscaled, exponent=exponent, format=form, is_big=is_big)


@lru_cache(maxsize=65536)
def parse_quantity(text: str) -> Quantity:
    """The quantity that a text says. Raises QuantityError for a text that is none (resource.ParseQuantity)."""
    if not text:
        raise QuantityError("quantities must not be empty")
    if text == "0":
        return Quantity(unscaled=0, text=text)
    match = _SYNTAX.fullmatch(text)
    if match is None:
        raise QuantityError(f"{text!r}: quantities must be a number with an optional suffix such as m, k, Mi or e3")
    sign, whole, fraction, suffix = match.groups()
    base, exponent, form = _read_suffix(suffix, text)
    # Kubernetes drops leading zeros before it counts digits, and keeps one for a number that is nothing but a fraction.
    digits, fraction = whole.lstrip("0") or "0", fraction or ""
    number = int(digits + fraction)
    small = _small_quantity(text, number, digits, fraction, base, exponent, form)
    if small is not None:
        amount, scale, keeps_text = small
        amount = -amount if sign == "-" else amount
        return Quantity(unscaled=amount, exponent=scale, format=form, text=text if keeps_text else "")
    return _big_quantity(-1 if sign == "-" else 1, number, len(fraction), base, exponent, form)


def try_parse_quantity(text: str) -> Quantity | None:
    """The quantity that a text says, None for a text that is none."""
    try:
        return parse_quantity(text)
    except QuantityError:
        return None


def _read_suffix(suffix: str, text: str) -> tuple[int, int, QuantityFormat]:
    """(base, exponent, format) that a suffix stands for."""
    if suffix in _DECIMAL_SUFFIXES:
        return 10, _DECIMAL_SUFFIXES[suffix], QuantityFormat.DECIMAL_SI
    if suffix in _BINARY_SUFFIXES:
        return 2, _BINARY_SUFFIXES[suffix], QuantityFormat.BINARY_SI
    match = _EXPONENT.fullmatch(suffix)
    if match is None:
        raise QuantityError(f"{text!r}: unable to parse quantity's suffix")
    exponent = int(match[1])
    if abs(exponent) > _EXPONENT_LIMIT:
        raise QuantityError(f"{text!r}: the exponent of a quantity must lie within ±{_EXPONENT_LIMIT}")
    return 10, exponent, QuantityFormat.DECIMAL_EXPONENT


def _small_quantity(
    text: str, number: int, digits: str, fraction: str, base: int, exponent: int, form: QuantityFormat
) -> tuple[int, int, bool] | None:
    """(amount, exponent, whether the text is kept) where a scaled 64-bit integer holds the number, else None."""
    if base == 2:
        # float32 in Kubernetes; the products of these six exponents are the same in any width.
        room = _BINARY_DIGITS - len(digits) - int(exponent * 3 / 10) - 1
        amount = number << exponent
        if fraction or room < 0 or amount > _INT64_MAX:
            return None
        return amount, 0, number & 0x07 != 0
    scale = exponent - len(fraction)
    if len(digits) + len(fraction) > _DECIMAL_DIGITS or scale < _NANO:
        return None
    written = digits + fraction
    keeps_text = scale % 3 == 0 and not written.endswith("000") and written[0] != "0"
    return number, scale, keeps_text


def _big_quantity(
    sign: int, number: int, fraction_digits: int, base: int, exponent: int, form: QuantityFormat
) -> Quantity:
    """The quantity as a big decimal: no finer than nano, binary ones capped at 2^63 - 1."""
    if base == 10:
        amount, scale = number, exponent - fraction_digits
    else:
        amount, scale = number << exponent, -fraction_digits
    if amount:
        # Brought to nano whether finer or coarser: an amount that is not 0 never becomes 0.
        shift = scale - _NANO
        amount = amount * 10**shift if shift >= 0 else _divide_away_from_zero(amount, 10**-shift)
        scale = _NANO
    if form is QuantityFormat.BINARY_SI:
        one = 10**-scale if scale < 0 else 1
        if amount > _INT64_MAX * one:
            amount, scale = _INT64_MAX, 0
        elif 0 < amount < one:
            form = QuantityFormat.DECIMAL_SI
    return Quantity(unscaled=sign * amount, exponent=scale, format=form, is_big=True)


def _scaled_big(unscaled: int, shift: int) -> int:
    """scaledValue of a big decimal: wraps at 64 bits, and rounds small negative numbers towards +1 (scale_int.go)."""
    if shift >= 0:
        return _wrap_int64(unscaled * 10**shift)
    divisor = 10**-shift
    if unscaled < _INT64_MAX and -shift < 19:
        # A large negative number wraps before it is divided.
        number = _wrap_int64(unscaled)
        quotient = abs(number) // divisor * (1 if number >= 0 else -1)
        return _wrap_int64(quotient + (1 if number % divisor else 0))
    return _wrap_int64(-(-unscaled // divisor))


def _aligned(first: Quantity, second: Quantity) -> tuple[int, int, int]:
    """The two amounts as integers of one power of ten, and that power."""
    exponent = min(first.exponent, second.exponent)
    return (
        first.unscaled * 10 ** (first.exponent - exponent),
        second.unscaled * 10 ** (second.exponent - exponent),
        exponent,
    )


def _whole(quantity: Quantity) -> int | None:
    """The amount as an integer, None where it has a fraction."""
    if quantity.exponent >= 0:
        return int(quantity.unscaled * 10**quantity.exponent)
    whole, rest = divmod(quantity.unscaled, 10**-quantity.exponent)
    return None if rest else whole


def _without_factors(number: int, factor: int) -> tuple[int, int]:
    """(rest, times): the number is rest x factor^times, with as many times as go."""
    times = 0
    while number and number % factor == 0:
        number //= factor
        times += 1
    return number, times


def _divide_away_from_zero(number: int, divisor: int) -> int:
    quotient = -(-abs(number) // divisor)
    return quotient if number >= 0 else -quotient


def _all_fit_int64(*numbers: int) -> bool:
    return min(numbers) >= _INT64_MIN and max(numbers) <= _INT64_MAX


def _wrap_int64(number: int) -> int:
    return (number - _INT64_MIN) % 2**64 + _INT64_MIN
