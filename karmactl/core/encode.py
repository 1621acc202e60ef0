"""Values to JSON: the mirror of `core.decode`, for the record, plans and recorded annotations.

Attribute names become camelCase keys; an attribute that has its default value is left out, so that decoding gives the
same value back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache

from karmactl.core.model.cluster import OBSERVED_AT, Cluster
from karmactl.core.model.manifest import JSONValue, Manifest

__all__ = ["camel_case", "encode", "encode_cluster"]


def camel_case(name: str) -> str:
    """`replica_scheduling` as `replicaScheduling`."""
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


@cache
def _members_of(cls: type) -> tuple[tuple[str, str, object], ...]:
    """(attribute, key, default) of each field; MISSING where there is no default."""
    return tuple(
        (entry.name, str(entry.metadata.get("key", camel_case(entry.name))), _default_of(entry))
        for entry in fields(cls)
    )


def _default_of(entry: Field[object]) -> object:
    return entry.default_factory() if entry.default_factory is not MISSING else entry.default


def encode(value: object) -> JSONValue:
    """The value as JSON: dataclasses as maps without default members, enums as their values, tuples as lists.

    Raises TypeError for anything that has no JSON form.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Enum):
        return encode(value.value)
    if is_dataclass(value) and not isinstance(value, type):
        members = ((key, getattr(value, name), default) for name, key, default in _members_of(type(value)))
        return {key: encode(item) for key, item, default in members if item != default}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in sorted(value.items())}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    raise TypeError(f"no JSON form for {type(value).__name__}")


_IN_SPEC = ("syncMode", "provider", "region", "zones", "taints", "resourceModels")
_IN_STATUS = ("kubernetesVersion", "apiEnablements", "conditions", "resourceSummary")


def encode_cluster(cluster: Cluster) -> Manifest:
    """A cluster as a cluster.karmada.io/v1alpha1 Cluster with its status: what `decode_cluster` reads back."""
    facts = {key: encode(getattr(cluster, name)) for name, key, _ in _members_of(Cluster)}
    metadata: dict[str, JSONValue] = {"name": cluster.name}
    if cluster.labels:
        metadata["labels"] = facts["labels"]
    if cluster.observed_at:
        metadata["annotations"] = {OBSERVED_AT: cluster.observed_at}
    spec = {key: facts[key] for key in _IN_SPEC if facts[key]}
    if cluster.uid:
        spec["id"] = cluster.uid
    # An empty list of APIs says that the cluster serves nothing; none says that nobody knows.
    status = {key: facts[key] for key in _IN_STATUS if facts[key] or (key == "apiEnablements" and facts[key] == [])}
    return {
        "apiVersion": "cluster.karmada.io/v1alpha1",
        "kind": "Cluster",
        "metadata": metadata,
        "spec": spec,
        "status": status,
    }
