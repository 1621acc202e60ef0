"""The rules of the house that no linter knows: what start-up may load, where names live, what a file may say.

Import contracts are import-linter's (pyproject.toml); this is the rest of what CONTRIBUTING.md asks of a module.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "karmactl"
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("aiohttp", "cryptography", "kubernetes", "jsonpatch", "networkx", "orjson", "rich", "yaml")
TEXTS = (".py", ".md", ".yaml", ".yml", ".toml", ".json", ".txt", ".cfg", ".sh", "")
FOLDERS = ("karmactl", "tests", "docs", "policies", "tools", "benchmarks", ".ci")
# Modules that are data: written by a tool in tools/, which their first lines name.
TABLES = ("karmactl/core/native_types.py",)
MOST_LINES = 600
# Modules that still take a private name from a neighbour.
BORROWERS = ("karmactl.embedded.verbs.delete",)
# Where an import inside a function is meant: the command that was asked for, and what only some commands pay for.
LATE_IMPORTS = ("karmactl.cli.app", "karmactl.cli.wiring")


def _module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _ids(path: Path) -> str:
    return _module_name(path)


# ---- start-up


def _loaded_by(arguments: Sequence[str]) -> set[str]:
    """Names in sys.modules after one command line in a process of its own."""
    program = (
        "import sys\n"
        "from karmactl.cli.app import run\n"
        f"status = run({list(arguments)!r})\n"
        "sys.stderr.write(f'{status} ' + ' '.join(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    status, *names = done.stderr.split()
    assert status == "0", done.stdout
    return set(names)


@pytest.mark.parametrize(
    "arguments", [(), ("--help",), ("--version",)], ids=lambda arguments: " ".join(arguments) or "-"
)
def test_help_loads_nothing_heavy(arguments: Sequence[str]) -> None:
    loaded = _loaded_by(arguments)
    assert not loaded & {*HEAVY, "typer", "click", "asyncio", "ssl"}
    assert not {name for name in loaded if name.startswith(("karmactl.kube", "karmactl.engine", "karmactl.embedded"))}


def test_version_loads_nothing_heavy() -> None:
    loaded = _loaded_by(["version"])
    assert not loaded & {*HEAVY, "asyncio", "ssl"}


# ---- modules


@pytest.mark.parametrize("path", MODULES, ids=_ids)
def test_module_says_what_it_is(path: Path) -> None:
    text = ast.get_docstring(_tree(path))
    assert text, "no docstring"
    assert text.split("\n", 1)[0].endswith((".", ":", "?", "`", ")")), "the first line is a sentence"


@pytest.mark.parametrize("path", MODULES, ids=_ids)
def test_module_can_be_read_in_one_sitting(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    if str(path.relative_to(ROOT)) in TABLES:
        assert "Written by tools/" in (ast.get_docstring(_tree(path)) or "")
    else:
        assert lines <= MOST_LINES, f"{lines} lines: split it"


def test_no_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "common", "misc", "helpers"}
    assert not [path for path in MODULES if path.stem in drawers]


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in MODULES}
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]


def _bound(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that statements of a module bind, those under `if` and `try` too."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
            case ast.If(body=first, orelse=second) | ast.Try(body=first, orelse=second):
                yield from _bound(first)
                yield from _bound(second)


def _offered(path: Path) -> list[str] | None:
    """What `__all__` says, None where there is none."""
    for node in _tree(path).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__" and isinstance(node, ast.Assign | ast.AnnAssign):
            assert node.value is not None
            names = ast.literal_eval(node.value)
            assert isinstance(names, list)
            return names
    return None


@pytest.mark.parametrize("path", [path for path in MODULES if _offered(path) is not None], ids=_ids)
def test_all_offers_what_is_there(path: Path) -> None:
    offered = _offered(path) or []
    submodules = {entry.stem for entry in path.parent.iterdir()} if path.name == "__init__.py" else set()
    assert not [name for name in offered if name not in {*_bound(_tree(path).body), *submodules}]
    assert len(offered) == len(set(offered))
    assert not [name for name in offered if name.startswith("_") and not name.startswith("__")]


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py"], ids=_ids)
def test_package_lists_all_that_it_passes_on(path: Path) -> None:
    """A name that a package takes from a module of its own is there to be used, so `__all__` says it."""
    own = _module_name(path)
    passed_on = {
        alias.asname or alias.name
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and node.col_offset == 0 and (node.module or "").startswith(own + ".")
        for alias in node.names
    }
    assert not {name for name in passed_on if not name.startswith("_")} - set(_offered(path) or ())


@pytest.mark.parametrize("path", MODULES, ids=_ids)
def test_private_names_stay_at_home(path: Path) -> None:
    if _module_name(path) in BORROWERS:
        pytest.xfail("to be given a public name")
    taken = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("karmactl")
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert not taken


@pytest.mark.parametrize("path", [path for path in MODULES if "core" in path.parts], ids=_ids)
def test_core_ignores_no_type_fault(path: Path) -> None:
    assert "# type: ignore" not in path.read_text(encoding="utf-8")


# ---- what a file may say


def _files() -> list[Path]:
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return sorted(path for path in found if path.suffix in TEXTS and path != Path(__file__))


# What would tie the project to one machine, or to how it came about.
_FORBIDDEN = {
    "a path of one machine": re.compile(
        r"(?<![\w.{}$])/(?:work|root|Users|home/(?!me\b)\w+|opt/(?:pypi|wheels))(?:/|\b)"
    ),
    "a package index": re.compile(r"(?<!emit-)\b(?:index-url|find-links)\b\s*=?\s*(?:https?|file):"),
    "who wrote it": re.compile(
        r"\b(?:LLM|GPT-?\d|language model|AI[- ](?:generated|written|assistant)|as an AI)\b", re.I
    ),
    "a merge that was not finished": re.compile(r"^(?:<{7}|>{7}) ", re.M),
}


@pytest.mark.parametrize("what", _FORBIDDEN)
def test_files_speak_of_the_project_alone(what: str) -> None:
    found = []
    for path in _files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()!r}" for match in _FORBIDDEN[what].finditer(text)]
    assert not found


def test_todo_names_an_issue() -> None:
    loose = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\s*\(?#\d+)")
    found = [path for path in MODULES if loose.search(path.read_text(encoding="utf-8"))]
    assert not found


# ---- dependencies


def _project() -> dict[str, list[Requirement]]:
    """The requirements of the package and of development."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)
    return {
        "package": [Requirement(text) for text in settings["project"]["dependencies"]],
        "dev": [Requirement(text) for text in settings["dependency-groups"]["dev"]],
    }


def test_lock_pins_every_dependency_with_hashes() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==(\S+)[^\n]* \\\n    --hash=sha256:", text, re.M)
    assert len(pinned) == len(re.findall(r"^[\w.-]+==", text, re.M)), "a pin without a hash"
    pins = {canonicalize_name(name): version for name, version in pinned}
    for requirement in (entry for group in _project().values() for entry in group):
        version = pins.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in requirements.lock: make lock"
        assert requirement.specifier.contains(version), f"{requirement} does not allow the locked {version}"


def test_what_is_imported_is_declared() -> None:
    modules = {"pyyaml": ("yaml",), "kubernetes": ("kubernetes", "certifi")}
    declared = {name for entry in _project()["package"] for name in modules.get(entry.name, (entry.name,))}
    imported = set()
    for path in MODULES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add((node.module or "").partition(".")[0])
    assert not imported - set(sys.stdlib_module_names) - {"karmactl"} - declared
