"""Facts of a cluster, from a reader that says what the test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from karmactl.core.model.cluster import AllocatableModeling, ResourceModel, ResourceModelRange
from karmactl.core.model.manifest import Manifest
from karmactl.core.model.ports import Access, APIKind, Discovery
from karmactl.core.model.reason import Reason
from karmactl.errors import Forbidden, Unreachable
from karmactl.kube.capacity import summarize
from karmactl.kube.facts import ObservedFacts, observe

POD_KIND = APIKind(group="", version="v1", kind="Pod", resource="pods", is_namespaced=True)


class FakeReader:
    """Objects by resource; what is in `forbidden` is refused, and `asked` has every request."""

    def __init__(
        self, objects: dict[str, list[Manifest]], *, forbidden: tuple[str, ...] = (), ready: bool = True
    ) -> None:
        self.cluster = "eu-1"
        self.asked: list[str] = []
        self._objects = objects
        self._forbidden = forbidden
        self._ready = ready

    async def discover(self) -> Discovery:
        """One kind and one group that failed."""
        self.asked.append("discovery")
        return Discovery(kinds=(POD_KIND,), version="v1.36.0", failed_groups=("metrics.k8s.io",))

    async def ready(self) -> bool:
        """What the test says."""
        return self._ready

    async def get(self, kind: APIKind, namespace: str, name: str) -> Manifest | None:
        """By name."""
        self.asked.append(f"{kind.resource}/{name}")
        if f"{kind.resource}/{name}" in self._forbidden:
            raise Forbidden("forbidden", "no", cluster=self.cluster)
        found = [each for each in self._objects.get(kind.resource, []) if each["metadata"]["name"] == name]  # type: ignore
        return found[0] if found else None

    async def list(
        self, kind: APIKind, *, namespace: str = "", label_selector: str = "", field_selector: str = ""
    ) -> Sequence[Manifest]:
        """All of a kind."""
        self.asked.append(kind.resource)
        if kind.resource in self._forbidden:
            raise Forbidden("forbidden", "no", cluster=self.cluster)
        if kind.resource not in self._objects:
            raise Unreachable("member-unreachable", "gone", cluster=self.cluster)
        return self._objects[kind.resource]

    def watch(
        self, kind: APIKind, *, namespace: str = "", label_selector: str = "", resource_version: str = ""
    ) -> AsyncIterator[tuple[str, Manifest]]:
        """Nothing here watches."""
        raise NotImplementedError

    async def can_i(self, access: Access) -> bool:
        """Nothing here asks."""
        raise NotImplementedError


def namespace(name: str, uid: str) -> Manifest:
    """A Namespace."""
    return {"metadata": {"name": name, "uid": uid}}


def node(name: str, *, region: str = "", zone: str = "", provider: str = "", **allocatable: str) -> Manifest:
    """A Node; `_` in resource names stands for `-`."""
    labels: Manifest = {}
    if region:
        labels["topology.kubernetes.io/region"] = region
    if zone:
        labels["topology.kubernetes.io/zone"] = zone
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {"providerID": provider},
        "status": {"allocatable": {key.replace("_", "-"): value for key, value in allocatable.items()}},
    }


def pod(on: str = "", phase: str = "Running", *, init: dict[str, str] | None = None, **requests: str) -> Manifest:
    """A Pod with one container, and one init container if asked for."""
    spec: Manifest = {"containers": [{"resources": {"requests": dict(requests)}}]}
    if init:
        spec["initContainers"] = [{"resources": {"requests": dict(init)}}]
    if on:
        spec["nodeName"] = on
    return {"metadata": {"name": "p"}, "spec": spec, "status": {"phase": phase}}


def facts(reader: FakeReader, *, nodes: bool = True, capacity: bool = False) -> ObservedFacts:
    """The facts of a reader."""
    return asyncio.run(observe(reader, need_nodes=nodes, need_capacity=capacity, need_ready=True))


def codes(found: ObservedFacts) -> list[str]:
    """The warnings' codes but for the failed group that every reader here has."""
    return [warning.code for warning in found.warnings if warning.code != "discovery-incomplete"]


BASE = {"namespaces": [namespace("kube-system", "u1"), namespace("karmactl-system", "u2")]}


def test_no_more_is_asked_than_needed() -> None:
    reader = FakeReader(BASE)
    found = facts(reader, nodes=False)
    assert sorted(reader.asked) == ["discovery", "namespaces/kube-system"]
    assert (found.cluster.name, found.cluster.uid, found.cluster.kubernetes_version) == ("eu-1", "u1", "v1.36.0")
    assert found.cluster.api_enablements is not None
    assert [each.group_version for each in found.cluster.api_enablements] == ["v1"]
    assert found.cluster.resource_summary is None
    reader = FakeReader({**BASE, "nodes": []})
    facts(reader)
    assert "nodes" in reader.asked
    assert "pods" not in reader.asked


def test_conditions_are_those_of_karmada() -> None:
    def conditions(ready: bool) -> list[tuple[str, str, str]]:
        found = facts(FakeReader(BASE, ready=ready), nodes=False)
        return [(each.type, each.status, each.reason) for each in found.cluster.conditions]

    assert conditions(True) == [("Ready", "True", "ClusterReady"), ("CompleteAPIEnablements", "False", "Partial")]
    assert conditions(False)[0] == ("Ready", "False", "ClusterNotReady")


def test_i11_identity_falls_back_to_the_inventory_namespace() -> None:
    def uid(objects: dict[str, list[Manifest]], *forbidden: str) -> str:
        return facts(FakeReader(objects, forbidden=forbidden), nodes=False).cluster.uid

    assert uid(BASE, "namespaces/kube-system") == "u2"
    assert uid({"namespaces": [namespace("karmactl-system", "u2")]}) == "u2"
    nobody = facts(FakeReader({}), nodes=False)
    assert nobody.cluster.uid == ""
    assert codes(nobody) == ["identity-unknown"]


def test_region_zones_and_provider_come_from_the_nodes() -> None:
    nodes = [
        node("a", region="eu", zone="eu-b", provider="aws:///eu-b/i-1"),
        node("b", region="eu", zone="eu-a", provider="aws:///eu-a/i-2"),
        node("c"),
    ]
    found = facts(FakeReader({**BASE, "nodes": nodes}))
    assert (found.cluster.region, found.cluster.zones, found.cluster.provider) == ("eu", ("eu-a", "eu-b"), "aws")
    assert codes(found) == []


def test_two_regions_are_none_with_a_warning() -> None:
    nodes = [node("a", region="us", provider="gce://p/z/n"), node("b", region="eu", provider="kind://docker/k/n")]
    found = facts(FakeReader({**BASE, "nodes": nodes}))
    assert (found.cluster.region, found.cluster.provider) == ("", "")
    assert Reason(code="region-ambiguous", subject="eu-1", params={"regions": ["eu", "us"]}) in found.warnings
    assert codes(found) == ["region-ambiguous", "provider-ambiguous"]


def test_i04_what_may_not_be_read_is_unknown_not_empty() -> None:
    found = facts(FakeReader({**BASE, "pods": []}, forbidden=("nodes",)), capacity=True)
    assert found.cluster.resource_summary is None
    assert codes(found) == ["nodes-unreadable", "capacity-unreadable"]
    found = facts(FakeReader({**BASE, "nodes": []}, forbidden=("pods",)), capacity=True)
    assert found.cluster.resource_summary is None
    assert codes(found) == ["capacity-unreadable"]


def test_i04_a_list_that_fails_fails_the_whole() -> None:
    with pytest.raises(Unreachable):
        facts(FakeReader({**BASE, "nodes": []}), capacity=True)


def test_capacity_is_summed_as_karmada_does() -> None:
    nodes = [node("a", cpu="3920m", memory="8Gi", pods="110"), node("b", cpu="2", memory="4194304Ki", pods="110")]
    pods = [
        pod("a", cpu="250m", memory="64Mi"),
        pod("b", cpu="1500m"),
        pod("b", "Succeeded", cpu="9"),
        pod("", "Pending", cpu="100m", memory="1Gi"),
    ]
    summary = summarize(nodes, pods, ())
    assert summary.allocatable == {"cpu": "5920m", "memory": "12Gi", "pods": "220"}
    assert summary.allocated == {"cpu": "1750m", "memory": "64Mi", "pods": "2"}
    assert summary.allocating == {"cpu": "100m", "memory": "1Gi", "pods": "1"}
    assert summary.allocatable_modelings == ()


def test_an_init_container_is_compared_with_the_sum_so_far() -> None:
    pods = [pod("a", cpu="1"), pod("a", cpu="1", init={"cpu": "1500m"}), pod("a", cpu="1", init={"cpu": "5"})]
    assert summarize([], pods, ()).allocated == {"cpu": "5", "pods": "3"}


def test_only_scalar_resources_are_counted() -> None:
    one = pod("a")
    spec = {"requests": {"nvidia.com/gpu": "2", "hugepages-2Mi": "4Mi", "odd": "1", "requests.x/y": "1", "cpu": "0"}}
    one["spec"] = {"nodeName": "a", "containers": [{"resources": spec}], "overhead": {"memory": "10Mi"}}  # type: ignore
    assert summarize([], [one], ()).allocated == {
        "hugepages-2Mi": "4Mi",
        "memory": "10Mi",
        "nvidia.com/gpu": "2",
        "pods": "1",
    }


def models(*grades: tuple[str, str]) -> tuple[ResourceModel, ...]:
    """Grades by the least cpu and memory."""
    return tuple(
        ResourceModel(
            grade=grade,
            ranges=(ResourceModelRange(name="cpu", min=cpu), ResourceModelRange(name="memory", min=memory)),
        )
        for grade, (cpu, memory) in enumerate(grades)
    )


def test_nodes_are_counted_by_the_lowest_grade_of_their_resources() -> None:
    graded = models(("0", "0"), ("1", "4Gi"), ("2", "16Gi"))
    nodes = [
        node("a", cpu="4", memory="8Gi", pods="110"),
        node("b", cpu="4", memory="32Gi", pods="110"),
        node("c", cpu="1", memory="4Gi", pods="110"),
        node("d", cpu="8", memory="32Gi", pods="110"),
    ]
    counted = summarize(nodes, [pod("d", cpu="7500m")], graded).allocatable_modelings
    assert counted == tuple(AllocatableModeling(grade=grade, count=count) for grade, count in ((0, 1), (1, 2), (2, 1)))


def test_a_full_node_hides_those_after_it() -> None:
    nodes = [node(name, cpu="4", memory="8Gi", pods="1") for name in ("a", "b", "c")]
    counted = summarize(nodes, [pod("b")], models(("0", "0"))).allocatable_modelings
    assert counted == (AllocatableModeling(grade=0, count=1),)
