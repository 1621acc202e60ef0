"""Cases in, outcomes out: reads JSON lines, asks the module of a set, compares."""

from __future__ import annotations

import importlib
import json
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from karmactl.core.model.manifest import JSONValue
from tests.oracle.protocol import JSONObject, OracleSet, mapping

SETS = ("schedule", "match", "override", "interpret", "validate", "works")

_REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = _REPOSITORY.parent / "shared" / "oracle"
OWN = _REPOSITORY / "tests" / "cases" / "oracle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One case and what came of it; `crash` is the end of a traceback."""

    id: str
    tags: tuple[str, ...]
    want: JSONValue
    got: JSONValue = None
    crash: str = ""
    agrees: bool = False


def default_file(name: str) -> Path:
    """Where the cases of a set lie beside the repository."""
    return SHARED / f"{name}.jsonl"


def read_cases(lines: Iterable[str]) -> Iterator[JSONObject]:
    """The cases of JSON lines; empty lines are skipped."""
    for line in lines:
        if line.strip():
            yield mapping(cast("JSONValue", json.loads(line)))


def run_cases(name: str, cases: Iterable[JSONObject]) -> Iterator[Outcome]:
    """An outcome for each case. Raises ModuleNotFoundError for a set that has no module yet."""
    module = cast("OracleSet", importlib.import_module(f"tests.oracle.{name}"))
    for case in cases:
        tags = case.get("tags")
        identity = str(case.get("id", ""))
        names = tuple(str(tag) for tag in tags) if isinstance(tags, list) else ()
        want = case.get("want")
        try:
            got = module.answer(mapping(case["input"]))
            agrees = "want" in case and module.agrees(want, got)
        except Exception:
            crash = " | ".join(traceback.format_exc().strip().splitlines()[-3:])
            yield Outcome(id=identity, tags=names, want=want, crash=crash)
            continue
        yield Outcome(id=identity, tags=names, want=want, got=got, agrees=agrees)
