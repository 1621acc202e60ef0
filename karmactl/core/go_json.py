"""JSON text as Go's encoding/json writes it: compact, with its escapes and its numbers; and its other numbers.

Where Karmada stores JSON inside a text (an annotation, a patched ConfigMap key) the text itself is compared, so it must
be the same to the byte. Keys keep their order; sort them before, where Go would.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Final

from karmactl.core.model.manifest import JSONValue

__all__ = ["WrittenNumber", "WrittenText", "go_float", "go_shortest", "json_text"]


class WrittenNumber(float):
    """A JSON number that remembers how it was written, since the patch library keeps what it does not touch."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> WrittenNumber:
        number = super().__new__(cls, text)
        number.text = text
        return number


class WrittenText(str):
    """A JSON text that remembers its literal, with the escapes that it was written with."""

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> WrittenText:
        text = super().__new__(cls, json.loads(literal))
        text.literal = literal
        return text

    def __deepcopy__(self, memo: object) -> WrittenText:
        return self


_HTML_ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_HTML: Final = re.compile("[<>&\u2028\u2029]")


def json_text(value: JSONValue) -> str:
    """The text of a value."""
    match value:
        case dict():
            return "{" + ",".join(f"{json_text(key)}:{json_text(entry)}" for key, entry in value.items()) + "}"
        case list():
            return "[" + ",".join(map(json_text, value)) + "]"
        case str():
            literal = value.literal if isinstance(value, WrittenText) else json.dumps(value, ensure_ascii=False)
            return _HTML.sub(lambda found: _HTML_ESCAPES[found.group()], literal)
        case WrittenNumber():
            return value.text
        case float():
            return go_float(value)
        case _:
            return json.dumps(value)


def go_float(value: float) -> str:
    """A number as Go's encoding/json writes it: 1.5, 3, 1e+21, 1e-7."""
    text = repr(value)
    size = abs(value)
    if size and not 1e-6 <= size < 1e21:
        digits, _, exponent = f"{value:e}".partition("e")
        shortest, found, _ = text.partition("e")
        mantissa = shortest if found else digits.rstrip("0").rstrip(".")
        return f"{mantissa.removesuffix('.0')}e{exponent[0]}{exponent[1:].lstrip('0')}"
    if "e" in text:
        text = f"{value:.20f}".rstrip("0") if size < 1 else f"{value:.0f}"
    return text.removesuffix(".0")


def go_shortest(number: float) -> str:
    """A number as Go's %g writes it: the fewest digits, with an exponent from 1e+06 and from 1e-05 on.

    For example 123456.5, 1.2345675e+06, +Inf.
    """
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    exact = Decimal(repr(float(number))).normalize()
    sign, digits, exponent = exact.as_tuple()
    power = len(digits) - 1 + int(exponent)
    if not number or -5 < power < 6:
        return f"{exact:f}"
    text = "".join(map(str, digits))
    mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
