"""Regular expressions as Go's regexp reads them: what is wrong with a pattern, in its words.

Go has no look-around and no references back; Python has. Everything else that CRDs use means the same in both.
"""

import functools
import re

_LOOK_AROUND = re.compile(r"\(\?(?:=|!|<[=!])")
_BACK_REFERENCE = re.compile(r"\\([1-9])")
# what Python complains of, and Go's name for it
_NAMES = (
    ("missing ), unterminated", "missing closing )"),
    ("unterminated character set", "missing closing ]"),
    ("unbalanced parenthesis", "unexpected )"),
    ("nothing to repeat", "missing argument to repetition operator"),
    ("multiple repeat", "invalid nested repetition operator"),
    ("bad character range", "invalid character class range"),
    ("bad escape (end of pattern)", "trailing backslash at end of expression"),
    ("bad escape", "invalid escape sequence"),
    ("unknown extension", "invalid or unsupported Perl syntax"),
)


@functools.lru_cache(maxsize=1024)
def pattern_fault(pattern: str) -> str:
    """Why Go does not read a pattern, "" where it does."""
    found = _LOOK_AROUND.search(pattern)
    if found:
        return f"error parsing regexp: invalid or unsupported Perl syntax: `{found.group()[:3]}`"
    for match in _BACK_REFERENCE.finditer(pattern):
        before = pattern[: match.start()]
        if (len(before) - len(before.rstrip("\\"))) % 2 == 0:
            return f"error parsing regexp: invalid escape sequence: `{match.group()}`"
    try:
        re.compile(to_python(pattern))
    except re.error as exc:
        return f"error parsing regexp: {_named(exc, pattern)}"
    return ""


def _named(exc: re.error, pattern: str) -> str:
    at = exc.pos or 0
    name = next((go for python, go in _NAMES if exc.msg.startswith(python)), exc.msg)
    if name == "trailing backslash at end of expression":
        return f"{name}: ``"
    if name in ("missing closing )", "unexpected )"):
        return f"{name}: `{pattern}`"
    if name == "missing closing ]":
        return f"{name}: `{pattern[at:]}`"
    if name == "invalid character class range":
        return f"{name}: `{exc.msg.removeprefix('bad character range ')}`"
    if name == "invalid escape sequence":
        return f"{name}: `{pattern[at : at + 2]}`"
    if name == "invalid or unsupported Perl syntax":
        return f"{name}: `{pattern[at - 1 : at + 2]}`"
    if name == "invalid nested repetition operator":
        at -= 1
        return f"{name}: `{pattern[at : at + 2]}`"
    return f"{name}: `{pattern[at : at + 1]}`"


def to_python(pattern: str) -> str:
    r"""The same pattern for Python: `\z` is its `\Z`, POSIX classes are spelled out."""
    return functools.reduce(lambda text, pair: text.replace(*pair), _SPELLINGS, pattern)


_SPELLINGS = (
    ("\\z", "\\Z"),
    ("[:alnum:]", "0-9A-Za-z"),
    ("[:alpha:]", "A-Za-z"),
    ("[:digit:]", "0-9"),
    ("[:lower:]", "a-z"),
    ("[:upper:]", "A-Z"),
    ("[:space:]", "\\t\\n\\v\\f\\r "),
    ("[:word:]", "0-9A-Za-z_"),
    ("[:xdigit:]", "0-9A-Fa-f"),
)
