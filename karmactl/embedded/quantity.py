"""Resource quantities: reading `1500m`, `2Gi` or `1e3`, adding, comparing, and the canonical form.

The canonical form is that of k8s.io/apimachinery/pkg/api/resource: no fraction digits, the largest suffix that
keeps the value whole, in the notation (decimal, binary or exponent) in which the quantity was written.
"""

import re
from decimal import ROUND_CEILING, Decimal

PATTERN = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
_FORM = re.compile(r"([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?")
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}


class QuantityError(ValueError):
    """The text is no quantity."""


def parse(text: str) -> tuple[Decimal, str]:
    """The value and the notation (`decimal`, `binary`, `exponent`); raises QuantityError."""
    match = _FORM.fullmatch(text)
    if not match:
        if re.fullmatch(PATTERN, text) and re.search(r"\d", text):
            raise QuantityError("unable to parse quantity's suffix")
        raise QuantityError(f"quantities must match the regular expression '{PATTERN}'")
    sign, digits, suffix = match.groups()
    number = Decimal(sign + digits)
    suffix = suffix or ""
    if suffix in _BINARY[1:]:
        return _round(number * (1024 ** _BINARY.index(suffix))), "binary"
    if suffix in _DECIMAL:
        return _round(number.scaleb(_DECIMAL[suffix])), "decimal"
    return _round(number.scaleb(int(suffix[1:]))), "exponent"


def _round(number: Decimal) -> Decimal:
    """Nothing below a nano is kept; it is rounded away from zero."""
    scaled = number.scaleb(9)
    whole = scaled.to_integral_value()
    if whole != scaled:
        whole = scaled.copy_abs().to_integral_value(ROUND_CEILING).copy_sign(scaled)
    return whole.scaleb(-9)


def show(number: Decimal, notation: str) -> str:
    """The canonical text of a value in a notation."""
    if number == 0:
        return "0"
    if notation == "binary":
        if abs(number) < 1024 or number != number.to_integral_value():
            notation = "decimal"
        else:
            whole, step = int(number), 0
            while whole % 1024 == 0 and step < len(_BINARY) - 1:
                whole //= 1024
                step += 1
            return f"{whole}{_BINARY[step]}"
    exponent = 18
    while exponent > -9 and number.scaleb(-exponent) != number.scaleb(-exponent).to_integral_value():
        exponent -= 3
    mantissa = int(number.scaleb(-exponent))
    if notation == "exponent":
        return f"{mantissa}e{exponent}" if exponent else str(mantissa)
    suffix = next(s for s, e in _DECIMAL.items() if e == exponent)
    return f"{mantissa}{suffix}"


def canonical(text: str) -> str:
    """The canonical text of a quantity; raises QuantityError."""
    return show(*parse(text))


def value(text: str | int | float | None) -> Decimal:
    """The value of a quantity as it stands in an object; nothing counts as zero, and so does nonsense."""
    if text is None:
        return Decimal(0)
    try:
        return parse(str(text))[0]
    except QuantityError:
        return Decimal(0)
