"""The JSONPath of printer columns (k8s.io/client-go/util/jsonpath), without loops and text around it.

Fields, indexes, slices, unions, wildcards, descent (`..`) and filters. Missing keys lead nowhere and are no fault.
"""

import functools
import operator
import re
from collections.abc import Callable
from typing import Any

Step = Callable[[Any], list[Any]]

_FIELD = re.compile(r"\.((?:[^.\[\]\\\s]|\\.)+)")
_SLICE = re.compile(r"(-?\d*)(?::(-?\d*))?(?::(-?\d*))?")
_FILTER = re.compile(r"\?\(\s*(@[^=!<>]*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.*?)\s*)?\)")
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PathError(Exception):
    """The text is no path."""


def find(value: Any, path: str) -> list[Any]:
    """The values that a path names, in order; raises PathError for a text that is no path."""
    found = [value]
    for step in parse(path):
        found = [child for item in found for child in step(item)]
    return found


@functools.lru_cache(maxsize=1024)
def parse(path: str) -> tuple[Step, ...]:
    """The steps of a path; raises PathError."""
    text = path.strip()
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1]
    if text.startswith(("$", "@")):
        text = text[1:]
    steps: list[Step] = []
    while text and text != ".":
        if text.startswith(".."):
            steps.append(_descend)
            text = text[1:] if len(text) > 2 and text[2] != "[" else text[2:]
        elif text[0].isspace():
            text = text.lstrip()
            if text and text[0] not in ".[":  # a word of its own, which names nothing
                steps.append(_nowhere)
                text = text.lstrip(_WORD)
        elif text.startswith("["):
            inner, text = _bracket(text)
            steps.append(_in_brackets(inner))
        else:
            match = _FIELD.match(text) or (_FIELD.match("." + text) if not steps else None)
            if match is None:
                raise PathError(path)
            steps.append(_field(re.sub(r"\\(.)", r"\1", match[1])))
            text = text[match.end() - (0 if text.startswith(".") else 1) :]
    return tuple(steps) or (_nowhere,)


def _bracket(text: str) -> tuple[str, str]:
    """What stands between the first brackets, and what follows them; brackets in quotes and inside count."""
    depth, quote = 0, ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "[]":
            depth += 1 if char == "[" else -1
            if depth == 0:
                return text[1:index], text[index + 1 :]
    raise PathError(text)


def _in_brackets(inner: str) -> Step:
    if inner == "*":
        return _children
    if inner.startswith("?"):
        return _filter(inner)
    parts = [part.strip() for part in inner.split(",")]
    steps = [_one(part) for part in parts]
    if parts[0].startswith('"'):  # double quotes are for filters
        raise PathError(inner)
    return lambda value: [found for step in steps for found in step(value)]


def _one(part: str) -> Step:
    if len(part) > 1 and part[0] in "'\"" and part[-1] == part[0]:
        return _path("." + part[1:-1])  # a quoted key is a path of its own: its dots count
    match = _SLICE.fullmatch(part)
    if match is None or not part:
        raise PathError(part)
    if ":" not in part:
        return _index(int(part))
    start, end, step = (int(group) if group else None for group in match.groups())
    if step == 0:
        return _nowhere
    return lambda value: value[start:end:step] if isinstance(value, list) else []


def _path(text: str) -> Step:
    return lambda value: find(value, text)


def _nowhere(value: Any) -> list[Any]:
    return []


def _field(name: str) -> Step:
    if name == "*":
        return _children
    return lambda value: [value[name]] if isinstance(value, dict) and name in value else []


def _index(number: int) -> Step:
    return lambda value: [value[number]] if isinstance(value, list) and -len(value) <= number < len(value) else []


def _children(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []


def _descend(value: Any) -> list[Any]:
    return [value, *(found for child in _children(value) for found in _descend(child))]


def _filter(inner: str) -> Step:
    match = _FILTER.fullmatch(inner)
    if match is None:
        raise PathError(inner)
    left, sign, right = match[1], match[2], match[3]
    if sign is None:
        return lambda value: [item for item in _children(value) if find(item, left)]
    literal = _literal(right)

    def keep(item: Any) -> bool:
        found = find(item, left)
        return bool(found) and _holds(sign, literal, found[0])

    return lambda value: [item for item in _children(value) if keep(item)]


def _literal(text: str) -> Any:
    if len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]:
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)
    except ValueError as exc:
        raise PathError(text) from exc


def _holds(sign: str, literal: Any, found: Any) -> bool:
    """A comparison of two values of one type; others never hold."""
    if isinstance(literal, float) and (isinstance(found, bool) or not isinstance(found, int | float)):
        return False
    if not isinstance(literal, float) and type(found) is not type(literal):
        return False
    return _SIGNS[sign](found, literal)
