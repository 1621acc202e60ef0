"""What the documents show is what happens: their commands are run, and their links lead somewhere."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.story import ROOT, Reader, Step, blocks_of, missing_line, steps_of

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "policies").rglob("*.md")])
STORIES = [page for page in PAGES if steps_of(page)]
LANGUAGES = {"console", "sh", "yaml", "json", "text", "python", "mermaid", "markdown", "toml"}
# What a block that is shown and not run may begin with.
SHOWN = ("git clone", "cd ", "make ", "pip ", "pipx ", "python", ".venv/bin/", "karmactl ", "source ", "export ", "#")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.skipif(shutil.which("bash") is None, reason="the pages are written for bash")
@pytest.mark.parametrize("page", STORIES, ids=_name)
def test_commands_do_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    steps = steps_of(page)
    has_kubectl = shutil.which("kubectl") is not None
    with Reader(tmp_path) as reader:
        for step, after in zip(steps, [*steps[1:], Step(line=0)], strict=True):
            if step.command.startswith("kubectl ") and not has_kubectl:
                continue
            status, output = reader.do(step)
            where = f"{_name(page)}:{step.line}: $ {step.command}\n{output}"
            missing = missing_line(step.shows, output)
            assert missing is None, f"{where}\n(does not show, in this place: {missing!r})"
            assert status == 0 or after.command == "echo $?", f"{where}\n(ended with {status})"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_blocks_say_what_they_are(page: Path) -> None:
    for language, body in blocks_of(page):
        assert language in LANGUAGES, f"a block with the language {language!r}"
        if language == "sh":
            assert not [line for line in body.splitlines() if line and not line.startswith(SHOWN)]


def _anchors(page: Path) -> set[str]:
    """The anchors that a page has for links, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{target} leads nowhere"
        if anchor and linked.suffix == ".md":
            assert anchor in _anchors(linked), f"{target}: there is no such heading"
