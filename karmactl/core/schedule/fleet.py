"""A fleet: the clusters in name order, with what all decisions ask of them.

Everything in the scheduler speaks of clusters by position in this order, so that "by name" is "by position" and sorts
need no texts. Facts that many templates ask for (who serves a kind) are worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from karmactl.core.model.binding import TargetCluster
from karmactl.core.model.cluster import Cluster

__all__ = ["Fleet"]


class Fleet:
    """Clusters sorted by name; `unreachable` names those that do not answer."""

    def __init__(self, clusters: Iterable[Cluster], *, unreachable: Iterable[str] = ()) -> None:
        self.clusters = tuple(sorted(clusters, key=lambda cluster: cluster.name))
        self.position_by_name = {cluster.name: position for position, cluster in enumerate(self.clusters)}
        self.unreachable = frozenset(unreachable)
        self.deleting = frozenset(position for position, cluster in enumerate(self.clusters) if cluster.is_deleting)
        self.regions = tuple(cluster.region for cluster in self.clusters)
        self._serving: dict[tuple[str, str], tuple[bool | None, ...]] = {}
        self._targets: list[dict[int, TargetCluster]] = [{} for _ in self.clusters]

    def __len__(self) -> int:
        return len(self.clusters)

    def __iter__(self) -> Iterator[Cluster]:
        return iter(self.clusters)

    def __contains__(self, name: object) -> bool:
        return name in self.position_by_name

    def name(self, position: int) -> str:
        """The name of the cluster at a position."""
        return self.clusters[position].name

    def serving(self, api_version: str, kind: str) -> tuple[bool | None, ...]:
        """For each cluster whether it serves a kind; None where its APIs are not known."""
        answer = self._serving.get((api_version, kind))
        if answer is None:
            answer = tuple(_serves(cluster, api_version, kind) for cluster in self.clusters)
            self._serving[api_version, kind] = answer
        return answer

    def targets(self, positions: Iterable[int], replicas: Mapping[int, int]) -> tuple[TargetCluster, ...]:
        """The clusters at some positions with their replicas (none is 0).

        A cluster with a number is one value for all results, as there may be ten million of them.
        """
        targets = []
        for position in positions:
            number = replicas.get(position, 0)
            known = self._targets[position]
            target = known.get(number)
            if target is None:
                target = known[number] = TargetCluster(name=self.clusters[position].name, replicas=number)
            targets.append(target)
        return tuple(targets)


def _serves(cluster: Cluster, api_version: str, kind: str) -> bool | None:
    if cluster.api_enablements is None:
        return None
    return any(
        resource.kind == kind
        for enablement in cluster.api_enablements
        if enablement.group_version == api_version
        for resource in enablement.resources
    )
