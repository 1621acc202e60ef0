"""JSON values as the API server handles them: copying, comparing, reading along a path, times.

Objects are plain dictionaries and are never changed once they are in the store; whoever wants to change one
copies it first. Comparison follows Go: `1` and `true` differ, and so do `1` and `1.0` where a type says so.
"""

import datetime
import re
import time
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

Object = dict[str, Any]


_MAX_DIGITS = 20


class Float(float):
    """A float that remembers how it was written, because error texts quote it."""

    text: str

    def __new__(cls, text: str) -> "Float":
        """The number that the JSON text means."""
        self = super().__new__(cls, text)
        self.text = text
        return self


def number(text: str) -> int | Float:
    """A whole number as Go's decoders keep it: what does not fit 64 bits is a float."""
    if len(text) > _MAX_DIGITS:
        return Float(text)
    found = int(text)
    return found if -(2**63) <= found < 2**63 else Float(text)


MAX_DEPTH = 200  # what is nested deeper is refused: encoders and walks recurse


def too_deep(value: Any) -> bool:
    """Whether a JSON value is nested deeper than the sandbox takes."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        inside: list[Any] = []
        for each in level:
            inside += each.values() if isinstance(each, dict) else each
        level = [v for v in inside if isinstance(v, dict | list)]
        if not level:
            return False
    return True


def copy(value: Any) -> Any:
    """A deep copy of a JSON value."""
    # most values are scalars: looking at their type here is cheaper than a call each
    if isinstance(value, dict):
        return {k: copy(v) if type(v) is dict or type(v) is list else v for k, v in value.items()}
    if isinstance(value, list):
        return [copy(v) if type(v) is dict or type(v) is list else v for v in value]
    return value


def equal(a: Any, b: Any) -> bool:
    """Whether two JSON values are the same, telling booleans from numbers."""
    if a is b:
        return True
    if isinstance(a, dict):
        return isinstance(b, dict) and len(a) == len(b) and all(k in b and equal(v, b[k]) for k, v in a.items())
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b)


def dig(value: Any, *path: str | int) -> Any:
    """The value at the end of a path of keys and indexes, or None where something on the way is missing."""
    for step in path:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return None
            value = value[step]
        else:
            if not isinstance(value, dict):
                return None
            value = value.get(step)
    return value


def meta(obj: Object) -> Object:
    """The object's metadata, made where it is missing."""
    found = obj.get("metadata")
    if not isinstance(found, dict):
        found = obj["metadata"] = {}
    return found


# by how many seconds the clock of the cluster that is at work is off
SKEW: ContextVar[float] = ContextVar("skew", default=0.0)


def seconds_now() -> float:
    """What the cluster's clock says, in seconds since 1970."""
    return time.time() + SKEW.get()


def later(seconds: float) -> str:
    """The time so many seconds from now as a metav1.Time: UTC, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds_now() + seconds))


def now() -> str:
    """The current time as a metav1.Time: UTC, whole seconds."""
    return later(0)


def now_micro() -> str:
    """The current time as a metav1.MicroTime: UTC, six digits of a second."""
    return datetime.datetime.fromtimestamp(seconds_now(), datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def parse_time(text: str) -> datetime.datetime | None:
    """The instant that an RFC 3339 text means, or None."""
    match = _RFC3339.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        found = datetime.datetime(
            int(year),
            int(month),
            int(day),
            int(hour),
            int(minute),
            int(second),
            int((fraction or "0").ljust(9, "0")[:6]),
            tzinfo=datetime.UTC,
        )
    except ValueError:
        return None
    if zone != "Z":
        sign = 1 if zone[0] == "+" else -1
        found -= sign * datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return found


def walk(value: Any) -> Iterator[Any]:
    """Every value inside a JSON value, itself first."""
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from walk(child)


def go_quote(text: str) -> str:
    """The text as Go's %q prints it."""
    out = ['"']
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif not char.isprintable():
            code = ord(char)
            out.append(f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
        else:
            out.append(char)
    return "".join(out) + '"'


_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
