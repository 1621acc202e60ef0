"""Pages that list something list all of it: packages, dependencies, commands, faults, files that are there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from packaging.requirements import Requirement

from karmactl.cli.commands import COMMANDS
from karmactl.cli.exits import Exit
from karmactl.core.model.settings import ClusterSettings, GuardSettings, Settings
from karmactl.embedded import FAULT_KINDS
from karmactl.files.settings import SETTINGS_NAME
from tests.docs.story import ROOT

PACKAGE = ROOT / "karmactl"
DOCS = ROOT / "docs"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_map_names_every_package() -> None:
    page = _text(DOCS / "architecture.md")
    packages = {path.parent.relative_to(ROOT) for path in PACKAGE.rglob("__init__.py")} - {Path("karmactl")}
    missing = sorted(str(package) for package in packages if f"`{package}/" not in page)
    assert not missing, "docs/architecture.md does not say what is in these packages"


def test_files_that_pages_name_are_there() -> None:
    """Paths in backquotes: from the root of the repository, or, in the map, from the package."""
    gone = []
    for page in (ROOT / "CONTRIBUTING.md", ROOT / "README.md", *DOCS.glob("*.md")):
        for name in re.findall(r"`([\w./-]+/[\w./-]*|[\w/]+/\w+\.py)`", _text(page)):
            places = (ROOT / name, PACKAGE / name, page.parent / name)
            if name.startswith("/"):
                continue
            is_ours = name.split("/")[0] in {"karmactl", "tests", "docs", "policies", "tools", "benchmarks"} or (
                (PACKAGE / name.split("/")[0]).is_dir()
            )
            if is_ours and not any(place.exists() for place in places):
                gone.append(f"{page.relative_to(ROOT)}: {name}")
    assert not gone


def test_every_dependency_says_why() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    declared = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    headings = re.findall(r"^### (\S+)$", _text(DOCS / "dependencies.md"), re.M)
    assert not {Requirement(entry).name for entry in declared} - set(headings)
    assert len(headings) == len(set(headings))


def test_readme_leads_to_every_page() -> None:
    linked = {(ROOT / target).resolve() for target in re.findall(r"\]\(([\w./-]+\.md)\)", _text(ROOT / "README.md"))}
    assert not {*DOCS.glob("*.md")} - linked


def test_readme_lists_every_command() -> None:
    table, _, rest = _text(ROOT / "README.md").partition("## Commands")[2].partition("Not there yet")
    listed = set(
        re.findall(r"`(\w+)`", "\n".join(row.split("|")[1] for row in table.splitlines() if row.count("|") > 2))
    )
    assert listed == {command.name for command in COMMANDS}
    promised = set(re.findall(r"`(\w+)`", rest.partition("\n\n")[0]))
    assert not promised & listed, "no longer missing"


def test_readme_lists_every_exit_code() -> None:
    listed = re.findall(r"^\| (\d+) \|", _text(ROOT / "README.md").partition("## Exit codes")[2], re.M)
    assert listed == [str(status.value) for status in Exit]


def test_sandbox_page_lists_every_fault() -> None:
    listed = dict(re.findall(r"^\| `([\w-]+)` \| (.+) \|$", _text(DOCS / "sandbox.md"), re.M))
    assert set(FAULT_KINDS) <= set(listed)


def test_changelog_and_settings_speak_of_what_is_there() -> None:
    """Commands that pages show as `karmactl NAME` exist."""
    known = {command.name for command in COMMANDS} | {"COMMAND"}
    for page in (*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(ROOT / "policies").glob("*.md")):
        named = set(re.findall(r"(?:`|\$ )karmactl ([a-z]+)\b", _text(page)))
        assert not named - known, f"{page.name}: {named - known}"
    assert SETTINGS_NAME in _text(ROOT / "README.md")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def test_settings_page_lists_every_key_and_variable() -> None:
    page = _text(DOCS / "settings.md")
    keys = {_camel(entry.name) for kind in (Settings, ClusterSettings, GuardSettings) for entry in fields(kind)}
    assert not {key for key in keys if f"`{key}`" not in page}
    source = "".join(_text(path) for path in (PACKAGE / "cli").glob("*.py"))
    read = {f"KARMACTL_{name}" for name in re.findall(r'variable="(\w+)"', source)}
    read |= set(re.findall(r'environ\.get\("(KARMACTL_\w+)"', source))
    assert read == set(re.findall(r"^\| `(KARMACTL_\w+)`", page, re.M))


def test_names_in_recipes_are_in_the_code() -> None:
    sources = "".join(_text(path) for folder in ("karmactl", "tests") for path in (ROOT / folder).rglob("*.py"))
    names = set(re.findall(r"`(_?[A-Z][A-Z_]+|[A-Z][a-z]+[A-Z]\w+)`", _text(ROOT / "CONTRIBUTING.md")))
    assert names
    assert not {name for name in names if not re.search(rf"\b{name}\b", sources)}
