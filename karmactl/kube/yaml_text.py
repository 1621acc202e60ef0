"""YAML as kubeconfig needs it: texts, true, false and null; no dates, octals or numbers.

A context may be called `on` or `1e3`, and a token may be all digits: only null and the two booleans are more than
text here. The line of a field is looked for when something is wrong with it, and not before. No message from here
quotes the file: it holds keys.
"""

from __future__ import annotations

import re

import yaml

from karmactl.core.model.manifest import JSONValue

__all__ = ["BrokenYAML", "line_of", "parse_yaml"]

_Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc, valid-type]  # which of the two is known at run time only
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own way)


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class BrokenYAML(Exception):
    """A text that is not YAML: `problem` in words that quote nothing of it, `line` and `column` from 1 (0: unknown)."""

    def __init__(self, problem: str, line: int = 0, column: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


def parse_yaml(text: bytes) -> JSONValue:
    """The one document of a text. Raises BrokenYAML."""
    try:
        document: JSONValue = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problem = _QUOTED.sub("(…)", error.problem or "cannot be read")
        raise BrokenYAML(problem, mark.line + 1 if mark else 0, mark.column + 1 if mark else 0) from None
    except (yaml.YAMLError, UnicodeError, RecursionError, ValueError) as error:
        raise BrokenYAML(f"cannot be read ({type(error).__name__})") from None
    return document


def line_of(text: bytes, path: tuple[str | int, ...]) -> int:
    """The line, from 1, of the value at a path of keys and indexes, or of the nearest there is above it."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, UnicodeError, RecursionError):
        return 0
    line = 1
    for step in path:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                break
            line = found[0][0].start_mark.line + 1
            node = found[0][1]
        else:
            break
    return line
