"""JSON text to plain data, as strict as the API server and stricter: no key twice, no number that loses digits.

The standard decoder is used since it can be told about pairs and numbers, which faster ones cannot. It does not say
where a key or a number stands; that is searched for with the YAML reader, since JSON is YAML.
"""

from __future__ import annotations

import json
from typing import NoReturn

import orjson

from karmactl.core.model.manifest import JSONValue
from karmactl.files.scalars import INT64_MAX, INT64_MIN, narrow_float
from karmactl.files.yaml import MAX_DEPTH, YAMLFault, load_yaml

__all__ = ["JSONFault", "load_json"]


class JSONFault(Exception):
    """A text that cannot be taken: `code`, `message`, and `line` and `column` from 1."""

    def __init__(self, code: str, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column


class _Refused(ValueError):
    """What the decoder's hooks refuse; where it stands is not known there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def load_json(text: str, begin: int) -> tuple[JSONValue, int]:
    """The JSON value that begins at a position of the text, and the position behind it.

    Raises JSONFault: `json-syntax`, `json-duplicate-key`, `json-too-deep`, `json-surrogate`, `number-too-large`,
    `number-not-json`.
    """
    try:
        value, end = _DECODER.raw_decode(text, begin)
        if text.count("[", begin, end) + text.count("{", begin, end) > MAX_DEPTH and _is_deeper(value, MAX_DEPTH):
            raise RecursionError
        if text.find("\\u", begin, end) >= 0:
            _check_surrogates(value)
        return value, end
    except json.JSONDecodeError as exc:
        raise JSONFault("json-syntax", exc.msg, exc.lineno, exc.colno) from exc
    except RecursionError as exc:
        fault = _Refused("json-too-deep", f"nested deeper than {MAX_DEPTH} levels")
        raise _located(fault, text, begin) from exc
    except _Refused as exc:
        raise _located(exc, text, begin) from exc


def _pairs(pairs: list[tuple[str, JSONValue]]) -> dict[str, JSONValue]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Refused("json-duplicate-key", f"the key {twice!r} is there twice in this object")
    return result


def _integer(text: str) -> int:
    # Python refuses to read thousands of digits.
    number = int(text) if len(text) <= 20 else INT64_MAX + 1
    if not INT64_MIN <= number <= INT64_MAX:
        raise _Refused("number-too-large", "an integer that does not fit in 64 bits")
    return number


def _float(text: str) -> int | float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _Refused("number-too-large", "a number that is too large")
    return narrow_float(number)


def _constant(text: str) -> NoReturn:
    raise _Refused("number-not-json", f"{text} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_integer, parse_float=_float, parse_constant=_constant, strict=True
)


def _is_deeper(value: JSONValue, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    items = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in items)


def _check_surrogates(value: JSONValue) -> None:
    """Python lets halves of surrogate pairs through, which cannot be written again."""
    try:
        orjson.dumps(value)
    except TypeError as exc:
        raise _Refused("json-surrogate", "a text with half of a surrogate pair") from exc


def _located(refused: _Refused, text: str, begin: int) -> JSONFault:
    """The fault at its place if the YAML reader finds the same one first, else where the value begins."""
    line = text.count("\n", 0, begin) + 1
    column = begin - text.rfind("\n", 0, begin)
    try:
        load_yaml(text[begin:])
    except YAMLFault as exc:
        if exc.code.partition("-")[2] == refused.code.partition("-")[2]:
            column = exc.column + (column - 1 if exc.line == 1 else 0)
            line += exc.line - 1
    return JSONFault(refused.code, str(refused), line, column)
