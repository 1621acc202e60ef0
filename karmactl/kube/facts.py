"""Facts of a live cluster: who it is, what it runs on, what it serves, how much is free.

Gathered as Karmada's status controller does (pkg/controllers/status/cluster_status_controller.go), all requests side by
side, and no more than are asked for: nodes only for zones, region and provider, pods only for capacity. What the
identity in use may not read is left out and named in `warnings`: unknown, never empty (I4). What people declare beats
these facts; that merge is the caller's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from karmactl.core.model.cluster import Cluster, ClusterCondition, ResourceModel
from karmactl.core.model.manifest import JSONValue, Manifest, as_str, field, labels_of, uid_of
from karmactl.core.model.ports import APIKind, Discovery, Reader
from karmactl.core.model.reason import Reason
from karmactl.errors import Forbidden
from karmactl.kube.capacity import summarize
from karmactl.kube.tasks import first_of_group

__all__ = ["DEFAULT_INVENTORY_NAMESPACE", "FactsReader", "ObservedFacts", "identity", "observe"]

DEFAULT_INVENTORY_NAMESPACE = "karmactl-system"
_NAMESPACE = APIKind(group="", version="v1", kind="Namespace", resource="namespaces", is_namespaced=False)
_NODE = APIKind(group="", version="v1", kind="Node", resource="nodes", is_namespaced=False)
_POD = APIKind(group="", version="v1", kind="Pod", resource="pods", is_namespaced=True)
# The second names are those of nodes older than Kubernetes 1.17.
_REGION = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
_ZONE = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")


class FactsReader(Reader, Protocol):
    """A `Reader` that can also ask whether the server is ready."""

    async def ready(self) -> bool:
        """Whether the API server says that it is ready. Raises ClusterError where it does not answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFacts:
    """What a live cluster said: `cluster` has observed facts alone, `warnings` what is missing in it and why."""

    cluster: Cluster
    discovery: Discovery
    warnings: tuple[Reason, ...] = ()


async def observe(
    reader: FactsReader,
    *,
    need_nodes: bool,
    need_capacity: bool,
    need_ready: bool = False,
    resource_models: tuple[ResourceModel, ...] = (),
    inventory_namespace: str = DEFAULT_INVENTORY_NAMESPACE,
) -> ObservedFacts:
    """The facts of one cluster; region, zones and provider only with `need_nodes`, the summary with `need_capacity`,
    the Ready condition with `need_ready`.

    `resource_models` are the declared grades, for the counts of nodes by grade. Warnings: `identity-unknown`,
    `discovery-incomplete`, `nodes-unreadable`, `capacity-unreadable`, `region-ambiguous`, `provider-ambiguous`.
    Raises ClusterError where the cluster does not answer or refuses more than that.
    """
    with first_of_group():
        async with asyncio.TaskGroup() as tasks:
            asked_discovery = tasks.create_task(reader.discover())
            asked_ready = tasks.create_task(reader.ready()) if need_ready else None
            asked_uid = tasks.create_task(identity(reader, inventory_namespace=inventory_namespace))
            asked_nodes = tasks.create_task(_list(reader, _NODE, wanted=need_nodes or need_capacity))
            asked_pods = tasks.create_task(_list(reader, _POD, wanted=need_capacity))
    discovery, uid = asked_discovery.result(), asked_uid.result()
    nodes, pods = asked_nodes.result(), asked_pods.result()
    warnings: list[Reason] = []
    if not uid:
        warnings.append(_warning("identity-unknown", reader.cluster))
    if discovery.failed_groups:
        warnings.append(_warning("discovery-incomplete", reader.cluster, groups=list(discovery.failed_groups)))
    if nodes is None:
        warnings.append(_warning("nodes-unreadable", reader.cluster))
    if need_capacity and (nodes is None or pods is None):
        warnings.append(_warning("capacity-unreadable", reader.cluster))
    region, zones, provider = _places(reader.cluster, nodes or (), warnings)
    cluster = Cluster(
        name=reader.cluster,
        uid=uid,
        provider=provider,
        region=region,
        zones=zones,
        resource_models=resource_models,
        api_enablements=discovery.api_enablements(),
        conditions=(
            *((_ready_condition(asked_ready.result()),) if asked_ready is not None else ()),
            _discovery_condition(discovery),
        ),
        resource_summary=(
            summarize(nodes, pods, resource_models)
            if need_capacity and nodes is not None and pods is not None
            else None
        ),
        kubernetes_version=discovery.version,
    )
    return ObservedFacts(cluster=cluster, discovery=discovery, warnings=tuple(warnings))


async def identity(reader: Reader, *, inventory_namespace: str = DEFAULT_INVENTORY_NAMESPACE) -> str:
    """The UID that tells a cluster from all others (I11): kube-system's, else the inventory namespace's, else ""."""
    for name in ("kube-system", inventory_namespace):
        try:
            found = await reader.get(_NAMESPACE, "", name)
        except Forbidden:
            continue
        if found is not None and uid_of(found):
            return uid_of(found)
    return ""


async def _list(reader: Reader, kind: APIKind, *, wanted: bool) -> Sequence[Manifest] | None:
    """All objects of a kind, none if not wanted, None where reading them is forbidden."""
    if not wanted:
        return ()
    try:
        return await reader.list(kind)
    except Forbidden:
        return None


def _places(cluster: str, nodes: Sequence[Manifest], warnings: list[Reason]) -> tuple[str, tuple[str, ...], str]:
    """(region, zones, provider) by what the nodes say; a region or provider only if they agree on one."""
    regions = sorted({_label(node, _REGION) for node in nodes} - {""})
    zones = sorted({_label(node, _ZONE) for node in nodes} - {""})
    providers = sorted({as_str(field(node, "spec", "providerID")).partition("://")[0] for node in nodes} - {""})
    if len(regions) > 1:
        warnings.append(_warning("region-ambiguous", cluster, regions=list(regions)))
    if len(providers) > 1:
        warnings.append(_warning("provider-ambiguous", cluster, providers=list(providers)))
    return (
        regions[0] if len(regions) == 1 else "",
        tuple(zones),
        providers[0] if len(providers) == 1 else "",
    )


def _label(node: Manifest, names: tuple[str, ...]) -> str:
    labels = labels_of(node)
    return next((labels[name] for name in names if labels.get(name)), "")


def _ready_condition(is_ready: bool) -> ClusterCondition:
    if is_ready:
        message = "cluster is healthy and ready to accept workloads"
        return ClusterCondition(type="Ready", status="True", reason="ClusterReady", message=message)
    message = "cluster is reachable but health endpoint responded without ok"
    return ClusterCondition(type="Ready", status="False", reason="ClusterNotReady", message=message)


def _discovery_condition(discovery: Discovery) -> ClusterCondition:
    if not discovery.kinds:
        status, reason = "False", "Empty"
    elif discovery.failed_groups:
        status, reason = "False", "Partial"
    else:
        status, reason = "True", "Complete"
    return ClusterCondition(type="CompleteAPIEnablements", status=status, reason=reason)


def _warning(code: str, cluster: str, **params: JSONValue) -> Reason:
    return Reason(code=code, subject=cluster, params=params)
