"""docs/errors.md has a paragraph for every code that an error can carry, and none for codes that are gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from karmactl import errors
from karmactl.core.model.binding import ScheduleErrorReason

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "karmactl"
PAGE = ROOT / "docs" / "errors.md"
CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)+|internal|unauthorized|forbidden|expired|invalid|rejected")
# What an error is made by: a class of the tree, or a helper beside the reader that makes one.
MAKERS = re.compile(r"(?:Error|[Ff]ault|_Refused|refuse|_unreachable|_warning|report)")
LEAVES = frozenset(errors.__all__)
# The kubeconfig reader's helper names the key that is broken, not a code.
NO_MAKERS = frozenset({"broken"})
# Codes that are put together, each by one paragraph: the start of the code to the heading.
BUILT = {"guard-delete-KIND": "guard-delete"}


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    """The package without the sandbox, whose refusals are a server's, and without suggestions, which are no errors."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if not {"embedded", "counterfactual"} & {*path.parts}:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _texts(node: ast.AST) -> Iterator[str]:
    """The codes in an expression; both branches of a condition."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
        yield node.value


def _codes_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if (
                name in LEAVES or MAKERS.search(name)
            ) and name not in NO_MAKERS:
                # A helper may have something before the code (what was asked, where), so two places are looked at.
                for argument in node.args[:2]:
                    yield from _texts(argument)
                for keyword in node.keywords:
                    if keyword.arg == "code":
                        yield from _texts(keyword.value)
            case ast.Return(value=ast.Tuple(elts=[ast.Name(id=name), code])) if name in LEAVES:
                yield from _texts(code)
            case ast.Assign(targets=[ast.Name(id="code")], value=value):
                yield from _texts(value)


def _raised() -> dict[str, Path]:
    """Code to a module that raises it."""
    found = {code: path for path, tree in _modules() for code in _codes_in(tree)}
    schema = (PACKAGE / "core" / "validate").rglob("*.py")
    words = re.findall(r'"(FieldValue\w+)"', "".join(path.read_text(encoding="utf-8") for path in schema))
    found |= dict.fromkeys(words, PACKAGE / "core" / "validate")
    return found | {reason.value: PACKAGE / "core" / "model" / "binding.py" for reason in ScheduleErrorReason}


def _guards() -> set[str]:
    """The codes of guards: their names, as the session makes codes of them."""
    tree = ast.parse((PACKAGE / "core" / "guards.py").read_text(encoding="utf-8"))
    names = {
        keyword.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Guard"
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }
    assert names, "no guards found: has the class another name?"
    # Conflicts have codes of their own: that of the conflict.
    return {f"guard-{name}" for name in names - {"conflicts"}} | {"guard-delete-KIND"}


def _headings() -> list[str]:
    return re.findall(r"^### (\S+)$", PAGE.read_text(encoding="utf-8"), re.M)


def test_every_code_has_a_paragraph() -> None:
    missing = {code: str(path.relative_to(ROOT)) for code, path in _raised().items() if code not in _headings()}
    assert not missing
    assert not _guards() - set(_headings())


def test_no_paragraph_is_left_over() -> None:
    literals = {
        node.value
        for _, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    } | set(_raised())
    assert not [code for code in _headings() if code not in literals and code not in _guards()]


def test_paragraphs_are_there_once_and_say_something() -> None:
    headings = _headings()
    assert len(headings) == len(set(headings))
    parts = re.split(r"^### \S+\n", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]
    for heading, part in zip(headings, parts, strict=True):
        paragraph = part.split("\n\n")[0].strip()
        assert len(paragraph) > 30, heading
        assert paragraph.endswith((".", "?")), heading
