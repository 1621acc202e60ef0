"""Cluster files alone: what `clusters` commands need of the inputs, without reading everything else in them.

A fleet of hundreds stands beside thousands of manifests; a file that does not name the group cannot hold a Cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from karmactl.core.model.cluster import Cluster
from karmactl.errors import InputError, Location
from karmactl.files.documents import read_documents
from karmactl.files.faults import fault_group
from karmactl.files.objects import InputObject, flatten, read_object
from karmactl.files.policies import declared_facts, read_cluster
from karmactl.files.sources import open_sources

__all__ = ["read_cluster_files"]

_GROUP = "cluster.karmada.io"


def read_cluster_files(
    paths: Sequence[str], *, base: Path, is_recursive: bool = False
) -> tuple[tuple[Cluster, ...], tuple[Mapping[str, Location], ...]]:
    """The clusters that the paths hold, sorted by place, and the facts that each declares (as in InputSet).

    The standard input and URLs are left out. What is wrong in other documents is not looked for. Raises an
    ExceptionGroup of InputError for what is wrong in a Cluster, or in the form of a file that has one.
    """
    faults: list[InputError] = []
    local = [path for path in paths if path != "-" and "://" not in path]
    sources = open_sources(local, base=base, is_recursive=is_recursive, stdin=None, faults=faults)
    found: list[tuple[InputObject, Cluster]] = []
    for source in sources:
        if _GROUP.encode() not in source.raw:
            continue
        for document in read_documents(source.raw, source.name, faults):
            for part in flatten(document):
                if not _is_cluster(part.value):
                    continue
                obj = read_object(part, faults)
                cluster = read_cluster(obj, faults) if obj is not None else None
                if obj is not None and cluster is not None:
                    found.append((obj, cluster))
    if faults:
        raise fault_group(faults)
    found.sort(key=lambda pair: pair[0].location)
    return tuple(cluster for _, cluster in found), tuple(declared_facts(obj) for obj, _ in found)


def _is_cluster(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.get("kind") == "Cluster"
        and str(value.get("apiVersion", "")).startswith(f"{_GROUP}/")
    )
