"""The table of scopes agrees with what an API server says in its discovery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from karmactl.files.kinds import is_karmada_group, is_namespaced

CASES = Path(__file__).parents[3] / "shared" / "oracle" / "api" / "api.jsonl"


def _served(value: Any) -> Iterator[tuple[str, str, bool]]:
    """(group, kind, whether namespaced) of every resource in discovery documents, wherever they lie."""
    if isinstance(value, list):
        for item in value:
            yield from _served(item)
    if not isinstance(value, dict):
        return
    if value.get("kind") == "APIResourceList":
        group = value["groupVersion"].rpartition("/")[0]
        for resource in value.get("resources") or []:
            if "/" not in resource["name"]:
                yield resource.get("group", group), resource["kind"], resource["namespaced"]
    for group in value.get("items") or [] if value.get("kind") == "APIGroupDiscoveryList" else []:
        for version in group.get("versions") or []:
            for resource in version.get("resources") or []:
                name = resource["responseKind"].get("group") or group["metadata"].get("name", "")
                yield name, resource["responseKind"]["kind"], resource["scope"] == "Namespaced"
    for item in value.values():
        yield from _served(item)


@pytest.mark.skipif(not CASES.is_file(), reason="../shared/oracle is not here: scopes are not compared with a server's")
def test_scopes_are_those_of_an_api_server() -> None:
    served = set()
    for line in CASES.read_text(encoding="utf-8").splitlines():
        if "APIResourceList" in line or "APIGroupDiscoveryList" in line:
            served |= set(_served(json.loads(line)["want"]))
    built_in = {entry for entry in served if not entry[0].endswith(".test")}
    assert len(built_in) > 50
    assert {entry for entry in built_in if is_namespaced(*entry[:2]) is not entry[2]} == set()


@pytest.mark.parametrize(
    ("group", "expected"),
    [("policy.karmada.io", True), ("karmada.io", True), ("notkarmada.io", False), ("karmada.io.example.com", False)],
)
def test_groups_of_karmada(group: str, expected: bool) -> None:
    assert is_karmada_group(group) is expected


def test_other_kinds_have_no_known_scope() -> None:
    assert is_namespaced("example.com", "Wheel") is None
