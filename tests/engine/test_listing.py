"""Listing what a set owns where a cluster does not let everything be listed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from karmactl.core.model.manifest import Manifest, ResourceRef
from karmactl.core.state import PART_OF_LABEL
from karmactl.engine.listing import list_owned
from karmactl.errors import Forbidden
from karmactl.kube.client import ClusterClient
from karmactl.kube.transport import Request
from tests.engine.direct import DirectSender
from tests.engine.world import CONFIG_MAP, NAMESPACE, SET_ID, World, in_world


def owned(name: str, namespace: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace, "labels": {PART_OF_LABEL: SET_ID}},
    }


def ref(name: str, namespace: str) -> ResourceRef:
    return ResourceRef(group="", version="v1", kind="ConfigMap", namespace=namespace, name=name)


async def furnish(world: World) -> None:
    client = world.client("m1")
    await client.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    await client.create(CONFIG_MAP, owned("a", "shop"))
    await client.create(CONFIG_MAP, owned("b", "default"))


@in_world(names=("m1",))
async def test_a_kind_that_cannot_be_listed_is_asked_object_by_object(world: World) -> None:
    await furnish(world)
    sender = DirectSender(world.clusters["m1"])
    refs = [ref("a", "shop"), ref("gone", "shop")]
    found = await list_owned(ClusterClient(sender), replace(CONFIG_MAP, verbs=("create", "get")), refs, SET_ID)
    assert [item["metadata"]["name"] for item in found] == ["a"]  # type: ignore[index,call-overload]
    assert set(sender.requests) == {"GET"}
    assert await list_owned(ClusterClient(sender), replace(CONFIG_MAP, verbs=("create",)), refs, SET_ID) == []


@in_world(names=("m1",))
async def test_i04_a_namespace_that_is_refused_too_makes_the_answer_an_error(world: World) -> None:
    await furnish(world)

    def refuse(cluster: str, request: Request) -> None:
        if request.verb == "LIST" and "/namespaces/default/" not in request.path:
            raise Forbidden("forbidden", "no", cluster=cluster, status=403)

    client = ClusterClient(DirectSender(world.clusters["m1"], before=refuse))
    found = await list_owned(client, CONFIG_MAP, [ref("b", "default")], SET_ID)
    assert len(found) == 1
    with pytest.raises(Forbidden):
        await list_owned(client, CONFIG_MAP, [ref("a", "shop"), ref("b", "default")], SET_ID)
