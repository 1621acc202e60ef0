"""The lines that errors speak of, to be shown below them; nothing of a document that may hold a secret.

The file is read again, so that nothing has to be kept for the case that goes well. What came from the standard input
or a URL has no lines any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from karmactl.errors import InputError, KarmactlError, Location
from karmactl.files.documents import decode_text

__all__ = ["read_excerpts"]

_SEPARATOR = re.compile(r"---(\s|\Z)")
_MAX_WIDTH = 200


def read_excerpts(errors: Iterable[KarmactlError], *, base: Path) -> dict[Location, str]:
    """Location to the text of its line; without those that cannot be read, are very long, or may be secret.

    A document that names the kind Secret anywhere, be it a Secret or an override for one, shows nothing (I8).
    """
    excerpts = {}
    lines_by_file: dict[str, list[str]] = {}
    for error in errors:
        where = error.location
        if where is None or not where.line:
            continue
        if where.file not in lines_by_file:
            lines_by_file[where.file] = _read_lines(base / where.file)
        lines = lines_by_file[where.file]
        if where.line <= len(lines) and not _may_be_secret(lines, where.line - 1):
            line = lines[where.line - 1].rstrip()
            if len(line) <= _MAX_WIDTH:
                excerpts[where] = "".join(char if char.isprintable() else " " for char in line)
    return excerpts


def _read_lines(path: Path) -> list[str]:
    try:
        return decode_text(path.read_bytes(), str(path)).split("\n") if path.is_file() else []
    except (OSError, InputError):
        return []


def _may_be_secret(lines: list[str], index: int) -> bool:
    """Whether the document around a line speaks of a Secret."""
    begin, end = index, index + 1
    while begin > 0 and not _SEPARATOR.match(lines[begin]):
        begin -= 1
    while end < len(lines) and not _SEPARATOR.match(lines[end]):
        end += 1
    return any("Secret" in line for line in lines[begin:end])
