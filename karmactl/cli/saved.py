"""The options of a run that travel in its plan: written into it, and taken from it by `apply --plan`.

Only what changes the result is an option of a plan (what is read, what is decided, what is consented to); where
members are and how long to wait is said anew. What somebody says beside `--plan` stands, and where that makes another
plan of it the saved one is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from karmactl.cli.options import FleetFlags, GuardFlags, InputFlags, PlanFlags
from karmactl.core.model.manifest import JSONValue

__all__ = ["project_path", "saved_flags", "shown_options"]

_PATHS: Final = frozenset({"filename", "kustomize"})
# Of where members are nothing is pinned but who is touched: contexts have other names elsewhere.
_OF_FLEET: Final = frozenset({"cluster"})
_Bundle = TypeVar("_Bundle", InputFlags, FleetFlags, PlanFlags, GuardFlags)


def shown_options(
    bundles: tuple[InputFlags, FleetFlags, PlanFlags, GuardFlags], *, is_pruning: bool, folder: Path, base: Path
) -> dict[str, JSONValue]:
    """Every option that is not as it is by default, by its name in camel case; paths relative to the project.

    `base` is where paths of flags start, `folder` the project's.
    """
    shown: dict[str, JSONValue] = {"prune": True} if is_pruning else {}
    for bundle in bundles:
        for entry in _pinned(bundle):
            value = getattr(bundle, entry.name)
            if entry.name == "prune" or value == _default(entry):
                continue
            if entry.name in _PATHS:
                value = [project_path(path, base, folder) for path in value]
            shown[_camel(entry.name)] = value
    return shown


def saved_flags(bundle: _Bundle, options: Mapping[str, JSONValue]) -> _Bundle:
    """The bundle with what a plan says about options that were not given; its paths start at the project's folder."""
    found: dict[str, Any] = {}
    for entry in _pinned(bundle):
        value = options.get(_camel(entry.name))
        if getattr(bundle, entry.name) != _default(entry):
            continue
        if entry.name == "prune":
            found["prune"] = value is True
        elif value is not None and _is_of_sort(value, entry):
            found[entry.name] = value
    return replace(bundle, **found)


def project_path(path: str, base: Path, folder: Path) -> str:
    """A path of a flag relative to the project, so that it reads the same from any folder and machine."""
    if path == "-" or "://" in path:
        return path
    return os.path.relpath((base / path).resolve(), folder.resolve())


def _pinned(bundle: object) -> list[Field[Any]]:
    entries = fields(bundle)  # type: ignore[arg-type] # every bundle is a dataclass
    return [entry for entry in entries if not isinstance(bundle, FleetFlags) or entry.name in _OF_FLEET]


def _default(entry: Field[Any]) -> object:
    return None if entry.default is MISSING else entry.default


def _is_of_sort(value: JSONValue, entry: Field[Any]) -> bool:
    """Whether a value of a file can be that of an option: lists stand for those that may be repeated."""
    wanted: Callable[[], object] | type = type(entry.default) if entry.default is not None else list
    return isinstance(value, wanted)  # type: ignore[arg-type] # one of bool, str, list


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
