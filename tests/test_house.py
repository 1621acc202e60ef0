"""The rules of the house that no linter knows: what start-up may load, where names live, what a file may say.

Import contracts are import-linter's (pyproject.toml); this is the rest of what CONTRIBUTING.md asks of a module.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
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
TABLES = ("karmactl/core/conform/api_types.py", "karmactl/core/native_types.py")
MOST_LINES = 600
# Where an import inside a function is meant: the command that was asked for, and what only some commands pay for.
LATE_IMPORTS = (
    "karmactl.cli.app",
    "karmactl.cli.wiring",
    "karmactl.cli.output",
    "karmactl.embedded",
    "karmactl.embedded.sandbox",
)
# To be mended: modules that take from a neighbour what it does not offer, or import late to get round a circle.
BORROWERS = (
    "karmactl.cli.clusters",
    "karmactl.cli.render",
    "karmactl.cli.runs",
    "karmactl.cli.sandbox",
    "karmactl.core.interpret.native",
    "karmactl.files.rendered",
    "karmactl.files.templates",
    "karmactl.embedded.simulate.daemonsets",
    *(f"karmactl.embedded.verbs.{name}" for name in ("create", "delete", "patch", "reviews", "scale", "subresources")),
    *(f"karmactl.embedded.verbs.{name}" for name in ("update", "watch")),
)
LATE_TO_BE_MENDED = (
    *(f"karmactl.embedded.{name}" for name in ("cluster", "encode", "objects", "schema.jsonschema")),
    *(f"karmactl.embedded.verbs.{name}" for name in ("delete", "patch", "reviews", "write")),
)


def _module_name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


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


def test_every_module_says_what_it_is() -> None:
    texts = {_module_name(path): (ast.get_docstring(_tree(path)) or "").partition("\n")[0] for path in MODULES}
    # The first line is a sentence, or begins one.
    assert not [name for name, first in texts.items() if not first.endswith((".", ":", "?", "`", ")"))]


def test_every_module_can_be_read_in_one_sitting() -> None:
    long = []
    for path in MODULES:
        lines = path.read_text(encoding="utf-8").count("\n")
        if str(path.relative_to(ROOT)) in TABLES:
            assert "Written by tools/" in (ast.get_docstring(_tree(path)) or "")
        elif lines > MOST_LINES:
            long.append(f"{_module_name(path)}: {lines} lines")
    assert not long


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


@cache
def _offered(path: Path) -> tuple[str, ...] | None:
    """What `__all__` says, None where there is none."""
    for node in _tree(path).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__" and isinstance(node, ast.Assign | ast.AnnAssign):
            assert node.value is not None
            return tuple(ast.literal_eval(node.value))
    return None


def test_all_offers_what_is_there() -> None:
    wrong = {}
    for path in MODULES:
        offered = _offered(path) or ()
        submodules = {entry.stem for entry in path.parent.iterdir()} if path.name == "__init__.py" else set()
        there = {*_bound(_tree(path).body), *submodules}
        faults = [name for name in offered if name not in there or name.startswith("_") or offered.count(name) > 1]
        if faults:
            wrong[_module_name(path)] = faults
    assert not wrong


def test_package_lists_all_that_it_passes_on() -> None:
    """A name that a package takes from a module of its own is there to be used, so `__all__` says it."""
    unlisted = {}
    for path in (path for path in MODULES if path.name == "__init__.py"):
        passed_on = {
            alias.asname or alias.name
            for node in _tree(path).body
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_module_name(path) + ".")
            for alias in node.names
        }
        if missing := {name for name in passed_on if not name.startswith("_")} - set(_offered(path) or ()):
            unlisted[_module_name(path)] = missing
    assert not unlisted


def _taken_though_not_offered(path: Path, offers: Mapping[str, tuple[str, ...] | None]) -> list[str]:
    """What a module takes from others of the package that is private there, or not in `__all__`."""
    taken = []
    for node in ast.walk(_tree(path)):
        if not isinstance(node, ast.ImportFrom) or node.module is None or node.module not in offers:
            continue
        offered = offers[node.module]
        for alias in node.names:
            is_private = alias.name.startswith("_") and alias.name != "__version__"
            is_module = f"{node.module}.{alias.name}" in offers
            if not is_module and (is_private or (offered is not None and alias.name not in offered)):
                taken.append(f"{node.module}.{alias.name}")
    return taken


def test_modules_take_what_others_offer() -> None:
    offers = {_module_name(path): _offered(path) for path in MODULES}
    taken = {_module_name(path): found for path in MODULES if (found := _taken_though_not_offered(path, offers))}
    assert not taken.keys() - set(BORROWERS)


def test_imports_stand_at_the_top() -> None:
    late = {
        _module_name(path)
        for path in MODULES
        for function in ast.walk(_tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert not late - {*LATE_IMPORTS, *LATE_TO_BE_MENDED}


def test_core_ignores_no_type_fault() -> None:
    core = [path for path in MODULES if "core" in path.parts]
    assert not [path for path in core if "# type: ignore" in path.read_text(encoding="utf-8")]


# ---- what a file may say


def _files() -> list[Path]:
    # A linked work tree has a file named .git, which is git's own.
    found = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"]
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


def test_every_folder_of_tests_is_a_package() -> None:
    """Two modules of one name in folders that are none are one module to pytest, which refuses to run either."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert not sorted(str(folder) for folder in folders if not (folder / "__init__.py").exists())
