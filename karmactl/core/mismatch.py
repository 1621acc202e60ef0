"""What of a cluster affinity a cluster does not meet, part by part, with both sides' values.

`core.match` answers yes or no, fast; this is for people who want to know which label it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from karmactl.core.match import cluster_matcher
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.policy import ClusterAffinity, FieldSelector
from karmactl.core.model.reason import Reason
from karmactl.core.model.selector import LabelSelector, SelectorRequirement

__all__ = ["label_requirements", "mismatches"]


def mismatches(affinity: ClusterAffinity, cluster: Cluster) -> tuple[Reason, ...]:
    """Every part that keeps the cluster out; empty where it matches.

    Codes: `cluster-excluded`, `cluster-not-named` (params `clusterNames`), `label-mismatch` and `field-mismatch` (the
    subject is the key; params `has`, `operator`, `values`).
    """
    return tuple(_mismatches(affinity, cluster))


def label_requirements(selector: LabelSelector) -> tuple[SelectorRequirement, ...]:
    """All requirements of a label selector in one form; those of `matchLabels` are In with one value."""
    labels = (
        SelectorRequirement(key=key, operator="In", values=(value,))
        for key, value in sorted(selector.match_labels.items())
    )
    return (*labels, *selector.match_expressions)


def _mismatches(affinity: ClusterAffinity, cluster: Cluster) -> Iterator[Reason]:
    if cluster.name in affinity.exclude:
        yield Reason(code="cluster-excluded", subject=cluster.name, params={"exclude": list(affinity.exclude)})
    if affinity.cluster_names and cluster.name not in affinity.cluster_names:
        names: list[JSONValue] = list(affinity.cluster_names)
        yield Reason(code="cluster-not-named", subject=cluster.name, params={"clusterNames": names})
    if affinity.label_selector is not None:
        for requirement in label_requirements(affinity.label_selector):
            if not _meets(ClusterAffinity(label_selector=LabelSelector(match_expressions=(requirement,))), cluster):
                yield _mismatch("label-mismatch", requirement, cluster.labels.get(requirement.key))
    if affinity.field_selector is not None:
        for requirement in affinity.field_selector.match_expressions:
            if not _meets(ClusterAffinity(field_selector=FieldSelector(match_expressions=(requirement,))), cluster):
                yield _mismatch("field-mismatch", requirement, _field_value(cluster, requirement.key))


def _meets(affinity: ClusterAffinity, cluster: Cluster) -> bool:
    return cluster_matcher(affinity)(cluster)


def _mismatch(code: str, requirement: SelectorRequirement, has: JSONValue) -> Reason:
    params: dict[str, JSONValue] = {"has": has, "operator": requirement.operator, "values": list(requirement.values)}
    return Reason(code=code, subject=requirement.key, params=params)


def _field_value(cluster: Cluster, key: str) -> JSONValue:
    if key == "zone":
        return list(cluster.zones)
    return {"provider": cluster.provider, "region": cluster.region}.get(key) or None
