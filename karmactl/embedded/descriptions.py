"""Descriptions of fields, in the words of the Kubernetes client that is installed beside karmactl.

A server describes the columns of its tables with the sentences of its API documentation. They are not kept here: the
official client carries the same sentences in its models, and they are read from its files, without importing it, when
a table is asked for. Without the client, or where it does not know a field, there is a name instead of a sentence.
"""

import ast
import functools
import importlib.util
import re
from pathlib import Path

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FIELD = re.compile(r"^    (\w+): .* = Field\((.*)\)$", re.MULTILINE)
_ALIAS = re.compile(r'serialization_alias="(\w+)"')
_TEXT = re.compile(r'description=("(?:[^"\\]|\\.)*")')


def describe(reference: str, has_paragraphs: bool = False) -> str:
    """The description of a field such as `core/v1.PodStatus.podIP`.

    The client writes a new paragraph as two spaces, which others put between sentences too: `has_paragraphs` says
    which it is here.
    """
    package, kind, name = reference.rsplit(".", 2)
    text = _fields(package, kind).get(name)
    if text is None:
        return f"{name} of {kind} ({package})"
    return text.replace(".  ", ".\n\n") if has_paragraphs else text


@functools.cache
def _fields(package: str, kind: str) -> dict[str, str]:
    """The fields of a type, by their JSON names."""
    source = _source(package, kind)
    if source is None:
        return {}
    out: dict[str, str] = {}
    for match in _FIELD.finditer(source.read_text(encoding="utf-8")):
        alias, text = _ALIAS.search(match[2]), _TEXT.search(match[2])
        if text is not None:
            out[alias[1] if alias else match[1]] = ast.literal_eval(text[1])
    return out


def _source(package: str, kind: str) -> Path | None:
    """The file of the client's model of a type; names that occur in several groups bear the group's."""
    models = _models()
    if models is None:
        return None
    group, _, version = package.partition("/")
    snake = _WORDS.sub("_", kind).lower()
    # what became stable is described in its first words, which the stable version has kept
    for number in dict.fromkeys((version, "v1")):
        for name in (f"{number}_{snake}.py", f"{group}_{number}_{snake}.py"):
            if (models / name).is_file():
                return models / name
    return None


@functools.cache
def _models() -> Path | None:
    spec = importlib.util.find_spec("kubernetes")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "client" / "models"
