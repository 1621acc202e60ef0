"""Numbers, formats and dates as texts, the way scripts see them in Karmada: its Lua is written in Go.

Lua's own library would print 1e15 and 0.1 + 0.2 otherwise, refuse `%s` of a boolean, and know more of dates. Source:
gopher-lua (LNumber.String, strFormat, value.go), Go's fmt and strconv, Karmada pkg/util/lifted/lua/oslib_safe.go.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from karmactl.core.go_json import go_shortest

__all__ = ["Scalar", "change_case", "date_table", "date_text", "epoch_of", "format_text", "number_text"]

Scalar: TypeAlias = "str | bool | int | float | None"

_VERB: Final = re.compile(r"%([-+# 0]*)(\d*)(?:\.(\d*))?(.?)", re.DOTALL)
_WIDEST: Final = 1_000_000
_DATE_PARTS: Final[Mapping[str, str]] = {
    "a": "mon",
    "A": "%A",
    "b": "%b",
    "B": "%B",
    "c": "%d %b %y %H:%M UTC",
    "d": "%d",
    "F": "%Y-%m-%d",
    "H": "%H",
    "I": "%I",
    "m": "%m",
    "M": "%M",
    "p": "%p",
    "S": "%S",
    "w": "%w",
    "x": "%H/%M/%S",
    "X": "%H:%M:%S",
    "y": "%y",
    "Y": "%Y",
    "z": "+0000",
    "Z": "UTC",
}
# From 1 March of the year 0 on.
_DAYS_TO_EPOCH: Final = 719468
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_FIELDS: Final = (("year", -1), ("month", -1), ("day", -1), ("hour", 12), ("min", 0), ("sec", 0))


def number_text(number: float) -> str:
    """A number as Go prints it: whole ones in full, others with the fewest digits and an exponent from 1e6 or 1e-5 on.

    For example 1e15 is `1000000000000000` and 1234567.5 is `1.2345675e+06`.
    """
    if math.isfinite(number) and number == int(number) and -(2**63) <= number < 2**63:
        return str(int(number))
    return go_shortest(number)


def format_text(pattern: str, arguments: Sequence[Scalar]) -> str:
    """`string.format`. Raises ValueError for a width beyond a million."""
    # Go is given no more arguments than there are signs for them.
    rest = list(arguments[: pattern.count("%") - pattern.count("%%")])
    parts: list[str] = []
    end = 0
    for match in _VERB.finditer(pattern):
        parts.append(pattern[end : match.start()])
        end = match.end()
        parts.append(_formatted(match, rest))
    parts.append(pattern[end:])
    if rest:
        extra = ", ".join(f"{_go_type(value)}={_plain(value)}" for value in rest)
        parts.append(f"%!(EXTRA {extra})")
    return "".join(parts)


def _formatted(match: re.Match[str], rest: list[Scalar]) -> str:
    flags, width, precision, verb = match.groups()
    if not verb:
        return "%!(NOVERB)"
    if verb == "%":
        return "%"
    if not rest:
        return f"%!{verb}(MISSING)"
    if max(int(width or 0), int(precision or 0)) > _WIDEST:
        raise ValueError("the text would be too long")
    value = rest.pop(0)
    form = f"%{flags}{width}" + (f".{precision or 0}" if precision is not None else "")
    if isinstance(value, str):
        return _format_string(value, form, verb)
    if value is None or isinstance(value, bool):
        return _format_string(_plain(value), form, verb, go_type=_go_type(value))
    return _format_number(value, form, verb)


def _format_string(value: str, form: str, verb: str, *, go_type: str = "string") -> str:
    match verb:
        case "s" | "v":
            return _padded(value, form)
        case "q":
            return _padded(_quoted(value), form)
        case "x" | "X":
            digits = value.encode("utf-8", "surrogateescape").hex()
            return _padded(digits.upper() if verb == "X" else digits, form)
        case "d" | "i" if go_type == "string":
            return _padded(value, form) if _is_number(value) else (form + "d") % 0
        case "d" | "i" if go_type == "*lua.LNilType":
            return "&{}"
        case "t" if go_type == "lua.LBool":
            return _padded(value, form)
        case _:
            return f"%!{verb}({go_type}={value})"


def _format_number(value: float, form: str, verb: str) -> str:
    match verb:
        case "s" | "v":
            return (form + "s") % number_text(value)
        case "q":
            return (form + "s") % _quoted(number_text(value))
        case "d" | "i" | "o" | "x" | "X":
            return (form + verb) % _int64(value)
        case "c":
            return (form + "s") % chr(_int64(value))
        case "b":
            return (form + "s") % f"{_int64(value):b}"
        case "g" | "G" if "." not in form or not math.isfinite(value):
            return (form + "s") % (go_shortest(value).upper() if verb == "G" else go_shortest(value))
        case "e" | "E" | "f" | "F" | "g" | "G":
            return (form + verb) % value if math.isfinite(value) else (form + "s") % go_shortest(value)
        case _:
            go_type = "int64" if number_text(value).lstrip("-").isdigit() else "float64"
            return f"%!{verb}({go_type}={number_text(value)})"


def _int64(value: float) -> int:
    """The number without its fraction, as a processor converts it: what no 64-bit integer holds is the least one."""
    return int(value) if -(2.0**63) <= value < 2.0**63 else -(2**63)


def _padded(text: str, form: str) -> str:
    """As `%s` would write it, but that Go fills texts with zeros too where it is told to."""
    written = (form + "s") % text
    flags = form[: len(form) - len(form.lstrip("%-+# 0"))]
    if "0" not in flags or "-" in flags:
        return written
    return written.removesuffix(written.lstrip(" ")).replace(" ", "0") + written.lstrip(" ")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\\u00", "\\x")


def _is_number(text: str) -> bool:
    return (
        re.fullmatch(r"[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", text.strip(" \t\n"))
        is not None
    )


def _plain(value: Scalar) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else number_text(value)


def _go_type(value: Scalar) -> str:
    if value is None:
        return "*lua.LNilType"
    if isinstance(value, bool):
        return "lua.LBool"
    return "lua.LString" if isinstance(value, str) else "lua.LNumber"


def change_case(text: str, *, is_upper: bool) -> str:
    """Letter by letter, where the other case is one letter too."""
    changed = ((letter.upper() if is_upper else letter.lower()) for letter in text)
    return "".join(other if len(other) == 1 else letter for letter, other in zip(text, changed, strict=True))


def date_text(form: str, seconds: float) -> str:
    """`os.date`, in UTC as in Karmada's images: few signs are known, the others stay as they are."""
    moment = _EPOCH + timedelta(seconds=math.trunc(seconds))

    def part(match: re.Match[str]) -> str:
        sign = match.group(1)
        if sign == "%":
            return "%"
        if sign == "P":
            return moment.strftime("%p").lower()
        known = _DATE_PARTS.get(sign)
        return match.group(0) if known is None else moment.strftime(known)

    return re.sub(r"%(.)", part, form, flags=re.DOTALL)


def date_table(seconds: float) -> dict[str, int | bool]:
    """The fields of `os.date("*t")`; the day of the year is always 0 there."""
    moment = _EPOCH + timedelta(seconds=math.trunc(seconds))
    return {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "hour": moment.hour,
        "min": moment.minute,
        "sec": moment.second,
        "wday": moment.isoweekday() % 7 + 1,
        "yday": 0,
        "isdst": False,
    }


def epoch_of(fields: Mapping[str, object]) -> int:
    """`os.time` of a table, in UTC; months and days beyond their range carry over, fields that are none are -1."""
    given = {name: fields.get(name) for name, _ in _DATE_FIELDS}
    year, month, day, hour, minute, second = (
        int(value) if isinstance(value, int | float) and not isinstance(value, bool) else default
        for value, (_, default) in zip(given.values(), _DATE_FIELDS, strict=True)
    )
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    # Days since 1 March of the year 0, in which leap days come last.
    shifted = year - (month <= 2)
    days = shifted * 365 + shifted // 4 - shifted // 100 + shifted // 400 + (153 * ((month + 9) % 12) + 2) // 5
    return ((days - _DAYS_TO_EPOCH + day - 1) * 24 + hour) * 3600 + minute * 60 + second
