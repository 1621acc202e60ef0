"""Plain JSON data to YAML that kubectl reads back as the same data.

Block style with sorted keys, as `kubectl get -o yaml` prints it. Quotes go by kubectl's own scalar rules, which no
ready-made dumper has: a text such as `1e3`, `0o17` or `y` would come back as something else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from karmactl.core.model.manifest import JSONValue
from karmactl.files.scalars import needs_quotes

__all__ = ["dump_documents", "dump_yaml"]

# What may begin a plain scalar without being an indicator; "-" and ":" only before something that is no space.
_PLAIN = re.compile(r"(?:[^\W]|[_./+$(~<=;\\^]|-(?=[^\s\-]))[^\n]*\Z")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
# Longer ones are no "simple keys" for YAML readers (the limit is 1024 characters).
_MAX_KEY = 500


def dump_yaml(value: JSONValue) -> str:
    """One document, with a line feed at the end. Raises ValueError for numbers that JSON does not have."""
    lines: list[str] = []
    if isinstance(value, dict | list) and value:
        _block(value, 0, lines)
    else:
        lines.append(_flow(value))
    return "\n".join(lines) + "\n"


def dump_documents(values: Iterable[JSONValue]) -> str:
    """Several documents, with a separator line between them."""
    return "---\n".join(dump_yaml(value) for value in values)


def _block(value: dict[str, JSONValue] | list[JSONValue], indent: int, lines: list[str]) -> None:
    """The lines of a mapping or list that is not empty."""
    pad = " " * indent
    if isinstance(value, dict):
        for key in sorted(value):
            text = _quoted(key) if _is_quoted(key) else key
            head = f"{pad}{text}:" if len(text) <= _MAX_KEY else f"{pad}? {text}\n{pad}:"
            _entry(head, value[key], indent, lines)
        return
    for item in value:
        if isinstance(item, dict | list) and item:
            begin = len(lines)
            _block(item, indent + 2, lines)
            lines[begin] = f"{pad}- {lines[begin][indent + 2 :]}"
        else:
            lines.append(f"{pad}- {_scalar(item, indent)}")


def _entry(head: str, item: JSONValue, indent: int, lines: list[str]) -> None:
    if isinstance(item, dict | list) and item:
        lines.append(head)
        # kubectl does not indent lists below their key.
        _block(item, indent if isinstance(item, list) else indent + 2, lines)
    else:
        lines.append(f"{head} {_scalar(item, indent)}")


def _scalar(value: JSONValue, indent: int) -> str:
    if isinstance(value, str) and "\n" in value and _is_literal(value):
        pad = "\n" + " " * (indent + 2)
        body = value.rstrip("\n")
        count = len(value) - len(body)
        style = ("|-", "|", "|+")[min(count, 2)]
        written = "".join(f"{pad}{line}" if line else "\n" for line in body.split("\n"))
        return style + written + "\n" * (count - 1)
    return _flow(value)


def _flow(value: JSONValue) -> str:
    if isinstance(value, str):
        return _quoted(value) if _is_quoted(value) else value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            raise ValueError(f"{value} has no form in JSON")
        return repr(value)
    if isinstance(value, dict):
        return "{}"
    return "[]" if isinstance(value, list) else str(value)


def _is_quoted(text: str) -> bool:
    if not text.isprintable() or not _PLAIN.match(text) or text[-1] in " :":
        return True
    return ": " in text or " #" in text or needs_quotes(text)


def _is_literal(text: str) -> bool:
    """Whether a text of several lines can stand as a literal block without losing anything."""
    if text[0] in " \t\n":
        return False
    return all(line.replace("\t", "").isprintable() for line in text.split("\n"))


def _quoted(text: str) -> str:
    return '"' + "".join(_escape(char) for char in text) + '"'


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
