"""Cases beside the samples: `*.test.yaml` with `description`, `given` and `expect`, planned with no server at all.

`given.templates` and `given.policies` are files beside the case; `given.clusters` are entries as in karmactl.yaml, or
Cluster objects where capacity matters. `expect.placements` says for each object where it goes (`{eu: 3}`, `{eu, us}`
for what has no replicas, `{}` for nowhere) and has to name every object of the files; `expect.works` says fields of
the finished objects by JSON pointer (null: not there); `expect.reasons` which filter kept a cluster out, and
`expect.error` why an object goes nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from karmactl.core.decode import decode, decode_cluster
from karmactl.core.defaults import default_template
from karmactl.core.interpret import NativeInterpreter
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.input import InputSet
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef
from karmactl.core.model.plan import Decision
from karmactl.core.model.settings import ClusterSettings
from karmactl.core.model.work import Work
from karmactl.core.pipeline import Decided, PipelineInput, decide
from karmactl.errors import InputError
from karmactl.files import read_inputs
from karmactl.files.documents import read_documents

__all__ = ["Case", "cluster_of", "plan_case", "read_case", "seen_placements", "seen_reasons", "seen_works"]

Placements = dict[str, dict[str, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is there before the plan."""

    templates: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    clusters: tuple[Mapping[str, JSONValue], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What the plan has to say."""

    placements: Mapping[str, Mapping[str, JSONValue]] = field(default_factory=dict)
    works: Mapping[str, Mapping[str, Mapping[str, JSONValue]]] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
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
    assert not found, [(entry.code, entry.path, entry.message) for entry in found]
    assert case.description and case.expect.placements, "a case says what it is about, and where things go"
    return case


def plan_case(case: Case, folder: Path) -> tuple[InputSet, Decided]:
    """The decisions about a case's files, from made-up clusters and no record."""
    inputs = read_inputs([*case.given.templates, *case.given.policies], base=folder)
    templates = tuple(replace(entry, manifest=default_template(entry.manifest)) for entry in inputs.templates)
    inputs = replace(inputs, templates=templates)
    clusters = tuple(cluster_of(entry) for entry in case.given.clusters)
    return inputs, decide(PipelineInput(inputs=inputs, clusters=clusters, interpreter=NativeInterpreter()))


def cluster_of(entry: Mapping[str, JSONValue]) -> Cluster:
    """A cluster of a case: a Cluster object, or an entry as in karmactl.yaml."""
    if entry.get("kind") == "Cluster":
        cluster, faults = decode_cluster(dict(entry))
        assert not faults, faults
        return cluster
    settings, found = decode(ClusterSettings, dict(entry), strict=True)
    assert not found, [fault.message for fault in found]
    return Cluster(
        name=settings.name,
        labels=settings.labels,
        provider=settings.provider,
        region=settings.region,
        zones=settings.zones or ((settings.zone,) if settings.zone else ()),
        taints=settings.taints,
    )


def _key(ref: ResourceRef) -> str:
    return "/".join(part for part in (ref.kind, ref.namespace, ref.name) if part)


def seen_placements(decided: Decided) -> Placements:
    """Every object of the files, to the clusters that it goes to; None for what has no replicas."""
    return {
        _key(decision.ref): {
            target.name: target.replicas if decision.has_replicas and target.replicas else None
            for target in decision.targets
        }
        for decision in decided.decisions
    }


def seen_works(decided: Decided, wanted: Mapping[str, Mapping[str, Mapping[str, JSONValue]]]) -> JSONValue:
    """The fields that a case asks about, as they are in the finished objects."""
    works = {
        (_key(work.resource), cluster.name): work.manifest
        for cluster in decided.clusters
        for work in decided.works(cluster.name)
        if isinstance(work, Work)
    }
    return {
        name: {
            cluster: {pointer: _at(works[name, cluster], pointer) for pointer in pointers}
            for cluster, pointers in by_cluster.items()
        }
        for name, by_cluster in wanted.items()
    }


def _at(manifest: Manifest, pointer: str) -> JSONValue:
    """The value at a JSON pointer, None where there is nothing."""
    value: JSONValue = manifest
    for step in pointer.removeprefix("/").split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def seen_reasons(decided: Decided, name: str) -> dict[str, str]:
    """Cluster to the filters that refused it, for one object."""
    decision = next(entry for entry in decided.decisions if _key(entry.ref) == name)
    return dict(_refusals(decision))


def _refusals(decision: Decision) -> Iterator[tuple[str, str]]:
    for verdict in decision.result.verdicts if decision.result else ():
        if verdict.filters:
            yield verdict.cluster, ", ".join(reason.code for reason in verdict.filters)
