"""What an API server would refuse, said without one: objects and their faults, and what a real server answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from karmactl.core.conform import check_object, read_definitions
from karmactl.core.model.manifest import Manifest

CASES = Path(__file__).parent / "cases" / "conform.txt"
RECORDED = Path(__file__).parents[3] / "shared" / "oracle" / "api" / "api.jsonl"

# A create or an update passes with these, with a warning; server-side apply, by which karmactl writes, refuses them
# (typed.FromValue: duplicate entries for key).
REFUSED_BY_APPLY = {"duplicate-item"}
# Of what the server refuses, so much is found without it. What is left are updates of what is there, other kinds under
# a URL than it is for, expressions of CEL, and what depends on the server's configuration.
LEAST_FOUND = 0.70


def _cases() -> list[tuple[str, list[Manifest], list[str]]]:
    cases = []
    for part in CASES.read_text(encoding="utf-8").split("\n### ")[1:]:
        title, _, rest = part.partition("\n")
        text, _, expected = rest.partition("\n===")
        cases.append((title, list(yaml.safe_load_all(text)), expected.strip().splitlines()))
    return cases


@pytest.mark.parametrize(("title", "objects", "expected"), _cases(), ids=[case[0] for case in _cases()])
def test_faults(title: str, objects: list[Manifest], expected: list[str]) -> None:
    """The first object against the CRDs after it; one line a fault: code and message, then the hint."""
    found = check_object(objects[0], read_definitions(objects[1:]))
    assert [
        f"{fault.code}: {fault.message}" + (f" ({fault.hint})" if fault.hint else "") for fault in found
    ] == expected


def _written() -> Iterator[tuple[str, dict[str, Any], list[Manifest], int, bool]]:
    """Every whole object that was sent: the case, the object, all CRDs of the case, the answer, and whether Strict."""
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        case = json.loads(line.replace("$NS", "nsabcdefghij"))
        bodies = [step.get("body") for step in case["steps"]]
        crds = [body for body in bodies if isinstance(body, dict) and body.get("kind") == "CustomResourceDefinition"]
        for step, want in zip(case["steps"], case["want"], strict=True):
            body = step.get("body")
            is_whole = isinstance(body, dict) and "kind" in body and isinstance(body.get("metadata"), dict)
            if step["method"] not in ("POST", "PUT") or not is_whole or step.get("as", "admin") != "admin":
                continue
            last = step["path"].rsplit("/", 1)[1]
            if last in ("status", "scale", "eviction", "binding", "token") or not body["metadata"].get("name"):
                continue
            is_strict = (step.get("query") or {}).get("fieldValidation") == "Strict"
            yield case["id"], body, crds, want["status"], is_strict


@pytest.mark.skipif(not RECORDED.is_file(), reason="../shared/oracle is not here: no recorded answers to compare with")
def test_what_a_server_takes_is_not_refused_and_most_of_what_it_refuses_is_found() -> None:
    refused, found, wrong = 0, 0, []
    for case, body, crds, status, is_strict in _written():
        faults = [
            fault
            for fault in check_object(body, read_definitions(crds))
            if is_strict or fault.code not in {"unknown-field", *REFUSED_BY_APPLY}
        ]
        if status in (200, 201) and faults:
            wrong.append((case, [fault.message for fault in faults]))
        if status in (400, 422):
            refused += 1
            found += bool(faults)
    assert wrong == []
    assert refused > 300
    assert found / refused >= LEAST_FOUND, f"{found} of {refused}"
