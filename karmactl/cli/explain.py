"""`karmactl explain`: fields of policies, and error codes, without any cluster."""

from __future__ import annotations

import re
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import typer

from karmactl.cli.options import ShowFlags, bundled
from karmactl.cli.output import Printer
from karmactl.core.schema import KINDS, UnknownField, find_field, find_kind
from karmactl.errors import InternalError, UsageError
from karmactl.render.explain import error_lines, explain_lines

__all__ = ["command", "error_texts"]

_PAGE: Final = "errors.md"


@bundled
def command(
    what: Annotated[str, typer.Argument(help="An error code, a kind, or a field: propagationpolicy.spec.placement.")],
    show: ShowFlags,
    recursive: Annotated[bool, typer.Option("--recursive", help="All fields below, without their texts.")] = False,
) -> int:
    """Explain a field of a policy or an error code."""
    printer = Printer(show)
    name, *path = what.split(".")
    kind = find_kind(name)
    if kind is not None:
        try:
            field = find_field(kind, path)
        except UnknownField as unknown:
            hint = f"did you mean {unknown.near!r}?" if unknown.near else f"known here: {', '.join(unknown.known)}"
            raise UsageError("unknown-field", f"{unknown.path} has no such field: {what}", hint=hint) from unknown
        printer.answer({"human": lambda page: explain_lines(kind, field, path, page, deep=recursive)})
        return 0
    texts = error_texts()
    if what not in texts:
        raise _unknown(what, texts)
    section, paragraphs = texts[what]
    printer.answer({"human": lambda page: error_lines(what, section, paragraphs, page)})
    return 0


def _unknown(what: str, texts: dict[str, tuple[str, tuple[str, ...]]]) -> UsageError:
    kinds = [kind.name.lower() for kind in KINDS.values()]
    word = what.partition(".")[0]
    near = get_close_matches(what, texts, n=1) or get_close_matches(word.lower(), kinds, n=1)
    hint = f"did you mean {near[0]}?" if near else f"kinds: {', '.join(kinds)}; codes are those that errors show"
    return UsageError("unknown-topic", f"nothing to explain under {what!r}", hint=hint)


def error_texts() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Every error code to its section and its paragraphs, from the page of error codes."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    section = ""
    for part in re.split(r"^(?=##)", _page(), flags=re.MULTILINE):
        head, _, body = part.partition("\n")
        if head.startswith("### "):
            paragraphs = [" ".join(text.split()) for text in body.strip().split("\n\n")]
            found[head.removeprefix("### ").strip()] = section, tuple(text for text in paragraphs if text)
        elif head.startswith("## "):
            section = head.removeprefix("## ").strip()
    return found


def _page() -> str:
    """The page lies in the installed package; in a clone it is that of docs/."""
    installed = files("karmactl") / _PAGE
    if installed.is_file():
        return installed.read_text(encoding="utf-8")
    page = Path(str(files("karmactl"))).parent / "docs" / _PAGE
    if page.is_file():
        return page.read_text(encoding="utf-8")
    raise InternalError("internal", f"{_PAGE} is not in the package")
