"""Cases as one file each, run through the command line: `plan` and `render` from files alone.

`given` holds the documents themselves: `templates`, `policies` (override policies too), and `clusters` as Cluster
objects, or as entries of karmactl.yaml where no capacity is asked. `expect.placements` says where every object goes
(null for what has no replicas), `expect.reasons` which filters refused a cluster, `expect.works` fields of the finished
objects by JSON pointer (null: not there), `expect.error` why an object goes nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from karmactl.core.decode import decode
from karmactl.core.model.manifest import JSONValue, as_list, as_mapping, as_str
from karmactl.core.model.manifest import field as field_at
from karmactl.errors import InputError
from karmactl.files.documents import read_documents
from karmactl.files.dump import dump_yaml

__all__ = ["Case", "Expect", "Given", "plan_of", "read_case", "refusals_of", "rendered_fields", "write_case"]

Run = Callable[..., tuple[int, str]]
Documents = tuple[Mapping[str, JSONValue], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is there before the plan."""

    templates: Documents = ()
    policies: Documents = ()
    clusters: Documents = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What the plan has to say."""

    placements: Mapping[str, Mapping[str, JSONValue]] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    works: Mapping[str, Mapping[str, Mapping[str, JSONValue]]] = field(default_factory=dict)
    error: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One file."""

    description: str = ""
    given: Given = field(default_factory=Given)
    expect: Expect = field(default_factory=Expect)


def read_case(path: Path) -> Case:
    """The case of a file; an unknown key or a wrong type fails."""
    faults: list[InputError] = []
    documents = read_documents(path.read_bytes(), path.name, faults)
    assert not faults and len(documents) == 1, faults or "a case is one document"
    case, found = decode(Case, documents[0].value, strict=True)
    assert not found, [(fault.code, fault.path, fault.message) for fault in found]
    assert case.description and case.expect.placements, "a case says what it is about, and where things go"
    return case


def write_case(case: Case, folder: Path) -> None:
    """The case as a project: karmactl.yaml and the inputs that it names."""
    members: list[JSONValue] = [dict(entry) for entry in case.given.clusters if "kind" not in entry]
    objects = [entry for entry in case.given.clusters if "kind" in entry]
    parts = {"templates.yaml": case.given.templates, "policies.yaml": case.given.policies, "clusters.yaml": objects}
    settings: dict[str, JSONValue] = {"set": "case", "inputs": [name for name, documents in parts.items() if documents]}
    if members:
        settings["clusters"] = members
    (folder / "karmactl.yaml").write_text(dump_yaml(settings), encoding="utf-8")
    for name, documents in parts.items():
        if documents:
            text = "---\n".join(dump_yaml(dict(document)) for document in documents)
            (folder / name).write_text(text, encoding="utf-8")


def plan_of(run: Run, *flags: str) -> dict[str, dict[str, JSONValue]]:
    """What `karmactl plan -o json` says of each object, by kind/namespace/name."""
    status, out = run("plan", "-o", "json", *flags)
    document = json.loads(out)
    assert status in (0, 2), document["errors"]
    return {_name_of(placement["resource"]): placement for placement in document["placements"]}


def _name_of(resource: JSONValue) -> str:
    parts = as_mapping(resource)
    return "/".join(as_str(parts.get(key)) for key in ("kind", "namespace", "name") if parts.get(key))


def refusals_of(placement: Mapping[str, JSONValue]) -> dict[str, str]:
    """Cluster to the filters that refused it."""
    rows = [as_mapping(row) for row in as_list(field_at(dict(placement), "trace", "filters"))]
    return {
        as_str(row.get("cluster")): ", ".join(
            as_str(as_mapping(reason).get("code")) for reason in as_list(row.get("refused"))
        )
        for row in rows
    }


def rendered_fields(
    folder: Path, wanted: Mapping[str, Mapping[str, Mapping[str, JSONValue]]]
) -> dict[str, dict[str, dict[str, JSONValue]]]:
    """The fields that a case asks about, from a folder that `karmactl render` wrote."""
    objects: dict[tuple[str, str], JSONValue] = {}
    for path in sorted(folder.rglob("*.yaml")):
        faults: list[InputError] = []
        for document in read_documents(path.read_bytes(), path.name, faults):
            value = as_mapping(document.value)
            parts = {"kind": value.get("kind"), **as_mapping(value.get("metadata"))}
            objects[_name_of(parts), path.relative_to(folder).parts[0]] = value
        assert not faults
    return {
        name: {
            cluster: {pointer: _at(objects[name, cluster], pointer) for pointer in pointers}
            for cluster, pointers in by_cluster.items()
        }
        for name, by_cluster in wanted.items()
    }


def _at(value: JSONValue, pointer: str) -> JSONValue:
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.removeprefix("/").split("/")]
    return field_at(value, *(int(step) if step.isdigit() else step for step in steps))
