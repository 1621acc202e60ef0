"""Bytes to JSON values: request bodies in JSON or YAML, with what Go's decoders say about faults in them.

A well-formed body costs one pass of the standard decoder; only a broken one is scanned again, in order to name the
fault as Go does. Keys that occur twice are reported (the last one wins), since strict field validation needs them.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from karmactl.embedded.values import MAX_DEPTH, Float, go_quote, number, too_deep

TOO_DEEP = "exceeded max depth"


class BodyError(Exception):
    """The body cannot be read; the message is that of Go's decoder."""


@dataclass(slots=True)
class Parsed:
    """A body's value and the strict decoder's complaints about its form."""

    value: Any
    duplicates: list[str] = field(default_factory=list)


class _Twice(dict[str, Any]):
    """An object in which some keys occurred more than once."""

    twice: list[str]


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) == len(pairs):
        return out
    seen: set[str] = set()
    marked = _Twice(out)
    marked.twice = []
    for key, _ in pairs:
        if key in seen:
            marked.twice.append(key)
        seen.add(key)
    _marks.append(marked)
    # an object that comes a second time is laid over the first, as Go does
    for key, value in pairs:
        if isinstance(value, dict) and isinstance(marked.get(key), dict) and marked[key] is not value:
            marked[key] = {**value, **marked[key]}
    # values that were overwritten still count for what is twice inside them
    for key, value in pairs:
        if out[key] is not value and isinstance(value, _Twice):
            marked.twice[:0] = [f"{key}.{inner}" for inner in value.twice]
    return marked


_marks: list[_Twice] = []


def _collect(value: Any, path: str, out: list[str]) -> Any:
    """The value without marks; fills `out` with the paths of keys that occurred twice."""
    if isinstance(value, dict):
        plain = {k: _collect(v, f"{path}.{k}" if path else k, out) for k, v in value.items()}
        if isinstance(value, _Twice):
            out += [f"{path}.{k}" if path else k for k in value.twice]
        return plain
    if isinstance(value, list):
        return [_collect(v, f"{path}[{i}]", out) for i, v in enumerate(value)]
    return value


def _without_surrogates(value: Any) -> Any:
    """The value with a mark in place of each half of a character, as Go's decoder has it."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(v) for v in value]
    if not isinstance(value, dict):
        return value
    found = {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    if isinstance(value, _Twice):
        return value if found == value else found
    return found


def _constant(text: str) -> Any:
    raise ValueError(text)


_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=Float, parse_constant=_constant)
# a hook for whole numbers costs a call each, and hardly any text has such large ones
_wide_decoder = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=Float, parse_int=number, parse_constant=_constant
)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_WIDE = re.compile(rb"[0-9]{19}")


def parse_json(data: bytes) -> Parsed:
    """The value of a JSON text; raises BodyError in Go's words."""
    _marks.clear()
    try:
        text = data.decode("utf-8", "replace")
        decoder = _wide_decoder if _WIDE.search(data) else _decoder
        value, end = decoder.raw_decode(text, _skip_space(text, 0))
        if _skip_space(text, end) != len(text):
            raise ValueError("trailing")
    except RecursionError as exc:
        raise BodyError(TOO_DEEP) from exc
    except ValueError as exc:
        raise BodyError(json_fault(data)) from exc
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and too_deep(value):
        raise BodyError(TOO_DEEP)
    if _SURROGATE.search(data):
        value = _without_surrogates(value)
    if not _marks:
        return Parsed(value)
    duplicates: list[str] = []
    return Parsed(_collect(value, "", duplicates), duplicates)


_SPACE = re.compile(r"[ \t\r\n]*")


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


# ---- what Go's encoding/json says about a broken text

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")


class _Fault(Exception):
    pass


def json_fault(data: bytes) -> str:
    """The message with which Go's scanner, which looks at bytes and not at characters, refuses the text."""
    text = data.decode("latin-1")
    try:
        at = _scan_value(text, _skip_space(text, 0))
        at = _skip_space(text, at)
        if at < len(text):
            return f"invalid character {_char(text[at])} after top-level value"
    except _Fault as exc:
        return str(exc)
    except RecursionError:
        return TOO_DEEP
    return "unexpected end of JSON input"


def _char(char: str) -> str:
    if char == "'":
        return r"'\''"
    if char == '"':
        return "'\"'"
    return "'" + go_quote(char)[1:-1] + "'"


def _at(text: str, at: int) -> str:
    if at >= len(text):
        raise _Fault("unexpected end of JSON input")
    return text[at]


def _unexpected(text: str, at: int, where: str) -> _Fault:
    return _Fault(f"invalid character {_char(_at(text, at))} {where}")


def _scan_value(text: str, at: int) -> int:
    char = _at(text, at)
    if char == "{":
        return _scan_object(text, at + 1)
    if char == "[":
        return _scan_array(text, at + 1)
    if char == '"':
        return _scan_string(text, at + 1)
    for word in ("true", "false", "null"):
        if char == word[0]:
            return _scan_word(text, at, word)
    if char == "-" or char.isdigit():
        return _scan_number(text, at)
    raise _unexpected(text, at, "looking for beginning of value")


def _scan_word(text: str, at: int, word: str) -> int:
    for offset, want in enumerate(word):
        if _at(text, at + offset) != want:
            raise _unexpected(text, at + offset, f"in literal {word} (expecting {_char(want)})")
    return at + len(word)


def _scan_number(text: str, at: int) -> int:
    match = _NUMBER.match(text, at)
    if not match:
        raise _unexpected(text, at + 1, "in numeric literal")
    return match.end()


def _scan_string(text: str, at: int) -> int:
    while True:
        char = _at(text, at)
        if char == '"':
            return at + 1
        if char == "\\":
            if _at(text, at + 1) not in '"\\/bfnrtu':
                raise _unexpected(text, at + 1, "in string escape code")
            if text[at + 1] == "u":
                for offset in range(2, 6):
                    if _at(text, at + offset) not in "0123456789abcdefABCDEF":
                        raise _unexpected(text, at + offset, "in \\u hexadecimal character escape")
            at += 1
        elif ord(char) < 0x20:
            raise _unexpected(text, at, "in string literal")
        at += 1


def _scan_object(text: str, at: int) -> int:
    at = _skip_space(text, at)
    if _at(text, at) == "}":
        return at + 1
    while True:
        if _at(text, at) != '"':
            raise _unexpected(text, at, "looking for beginning of object key string")
        at = _skip_space(text, _scan_string(text, at + 1))
        if _at(text, at) != ":":
            raise _unexpected(text, at, "after object key")
        at = _skip_space(text, _scan_value(text, _skip_space(text, at + 1)))
        if _at(text, at) == "}":
            return at + 1
        if text[at] != ",":
            raise _unexpected(text, at, "after object key:value pair")
        at = _skip_space(text, at + 1)


def _scan_array(text: str, at: int) -> int:
    at = _skip_space(text, at)
    if _at(text, at) == "]":
        return at + 1
    while True:
        at = _skip_space(text, _scan_value(text, at))
        if _at(text, at) == "]":
            return at + 1
        if text[at] != ",":
            raise _unexpected(text, at, "after array element")
        at = _skip_space(text, at + 1)
