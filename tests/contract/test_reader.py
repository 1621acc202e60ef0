"""The contract of `Reader`, as any API server must keep it."""

from __future__ import annotations

import asyncio

import pytest

from karmactl.core.model.manifest import field, name_of, uid_of
from karmactl.core.model.ports import Access, APIKind, Preconditions
from karmactl.errors import Forbidden, NotFound, Rejected, Unauthorized
from karmactl.kube.client import ReadClient
from karmactl.kube.connection import Connection, User
from tests.contract.world import CONFIG_MAP, DEPLOYMENT, NAMESPACE, SECRET, World, client_of, contract, version_of


@contract("api")
async def test_discovery_has_builtin_kinds_in_every_version(world: World) -> None:
    found = await world.client.discover()
    assert found.failed_groups == ()
    assert found.version.startswith("v1.")
    for kind in (NAMESPACE, CONFIG_MAP, DEPLOYMENT):
        entry = found.find(kind.group, kind.version, kind.kind)
        assert entry is not None
        assert (entry.resource, entry.is_namespaced) == (kind.resource, kind.is_namespaced)
        assert {"create", "delete", "get", "list", "patch", "update", "watch"} <= set(entry.verbs)
    assert {entry.version for entry in found.kinds if entry.group == "autoscaling"} >= {"v1", "v2"}
    assert not [entry for entry in found.kinds if "/" in entry.resource]
    assert list(found.kinds) == sorted(found.kinds)


@contract("api")
async def test_discovery_costs_three_requests(world: World) -> None:
    before = world.client.requests["DISCOVER"]
    await world.client.discover()
    assert world.client.requests["DISCOVER"] - before == 3


@contract("api")
async def test_ready(world: World) -> None:
    assert await world.client.ready() is True


@contract("api")
async def test_get_gives_the_object(world: World) -> None:
    created = await world.client.create(CONFIG_MAP, world.config_map("one"))
    found = await world.client.get(CONFIG_MAP, world.namespace, "one")
    assert found is not None
    assert (found["apiVersion"], found["kind"], found["data"]) == ("v1", "ConfigMap", {"key": "value"})
    assert uid_of(found) == uid_of(created) != ""


@contract("api")
async def test_get_of_an_absent_object_is_none(world: World) -> None:
    assert await world.client.get(CONFIG_MAP, world.namespace, "absent") is None
    assert await world.client.get(CONFIG_MAP, "no-such-namespace", "absent") is None
    assert await world.client.get(NAMESPACE, "", "no-such-namespace") is None


@contract("api")
async def test_get_of_an_unknown_kind_is_an_error_not_none(world: World) -> None:
    for group in ("nowhere.example.com", "apps"):
        unknown = APIKind(group=group, version="v1", kind="Widget", resource="widgets", is_namespaced=True)
        with pytest.raises(NotFound) as caught:
            await world.client.get(unknown, world.namespace, "absent")
        assert caught.value.code == "resource-unknown"
        with pytest.raises(NotFound):
            await world.client.list(unknown)


@contract("api")
async def test_list_fills_in_api_version_and_kind(world: World) -> None:
    await world.client.create(DEPLOYMENT, world.deployment("one"))
    (only,) = await world.client.list(DEPLOYMENT, namespace=world.namespace)
    assert (only["apiVersion"], only["kind"], name_of(only)) == ("apps/v1", "Deployment", "one")


@contract("api")
async def test_list_of_nothing_is_empty(world: World) -> None:
    assert list(await world.client.list(DEPLOYMENT, namespace=world.namespace)) == []
    assert list(await world.client.list(DEPLOYMENT, namespace="no-such-namespace")) == []


@contract("api")
async def test_list_takes_every_page(world: World) -> None:
    names = [f"many-{number:04}" for number in range(1100)]
    await asyncio.gather(*(world.client.create(CONFIG_MAP, world.config_map(name)) for name in names))
    before = world.client.requests["LIST"]
    listed = await world.client.list(CONFIG_MAP, namespace=world.namespace, label_selector="!nothing")
    assert world.client.requests["LIST"] - before == 3
    found = [name_of(item) for item in listed if name_of(item).startswith("many-")]
    assert sorted(found) == names


@contract("api")
async def test_list_across_namespaces(world: World) -> None:
    await world.client.create(CONFIG_MAP, world.config_map("everywhere"))
    listed = await world.client.list(CONFIG_MAP, field_selector="metadata.name=everywhere")
    assert world.namespace in {field(item, "metadata", "namespace") for item in listed}


@contract("api")
async def test_list_by_labels(world: World) -> None:
    for name, tier in (("a", "web"), ("b", "web"), ("c", "db")):
        body = world.config_map(name)
        body["metadata"] = {"name": name, "namespace": world.namespace, "labels": {"tier": tier}}
        await world.client.create(CONFIG_MAP, body)

    async def names(selector: str) -> list[str]:
        listed = await world.client.list(CONFIG_MAP, namespace=world.namespace, label_selector=selector)
        return [name for name in map(name_of, listed) if len(name) == 1]

    assert await names("tier=web") == ["a", "b"]
    assert await names("tier in (db)") == ["c"]
    assert await names("tier,tier!=web") == ["c"]


@contract("api")
async def test_can_i(world: World) -> None:
    write = Access(verb="patch", group="apps", resource="deployments", namespace=world.namespace)
    assert await world.client.can_i(write) is True
    if world.nobody is not None:
        assert await world.nobody.can_i(write) is False


@contract("api")
async def test_reading_without_permission_is_forbidden_not_empty(world: World) -> None:
    if world.nobody is None:
        pytest.skip("this server has nobody without permissions")
    for read in (world.nobody.list(SECRET), world.nobody.get(SECRET, world.namespace, "absent")):
        with pytest.raises(Forbidden) as caught:
            await read
        assert caught.value.code == "forbidden"
        assert "secrets" in caught.value.message
        assert not caught.value.retryable


@contract("api")
async def test_a_wrong_token_is_unauthorized(world: World) -> None:
    admin = world.server.admin
    stranger = Connection(context="stranger", server=admin.server, ca=admin.ca, user=User(token="wrong"))
    async with client_of(stranger) as transport:
        with pytest.raises(Unauthorized) as caught:
            await ReadClient(transport).list(SECRET)
        assert (caught.value.code, caught.value.status) == ("unauthorized", 401)
        assert transport.requests["LIST"] == 1


@contract("api")
async def test_watch_from_a_version_gives_what_happens_after_it(world: World) -> None:
    before = await world.client.create(CONFIG_MAP, world.config_map("before"))
    first = await world.client.create(CONFIG_MAP, world.config_map("after"))
    await world.client.patch(CONFIG_MAP, world.namespace, "after", {"data": {"key": "other"}})
    await world.client.delete(CONFIG_MAP, world.namespace, "after", preconditions=Preconditions(uid=uid_of(first)))
    seen = []
    async for event, item in world.client.watch(
        CONFIG_MAP, namespace=world.namespace, resource_version=version_of(before)
    ):
        if name_of(item) == "after":
            seen.append(event)
        if event == "DELETED":
            break
    assert seen == ["ADDED", "MODIFIED", "DELETED"]


@contract("api")
async def test_watch_without_a_version_begins_with_what_there_is(world: World) -> None:
    await world.client.create(CONFIG_MAP, world.config_map("there"))
    try:
        async for event, item in world.client.watch(CONFIG_MAP, namespace=world.namespace):
            assert event == "ADDED"
            if name_of(item) == "there":
                break
    except Rejected as error:
        if "RequestWatchProgress" not in str(error):
            raise
        pytest.skip(f"{world.server.name}: its etcd is older than 3.5.8, so that no watch begins without a version")


@contract("api")
async def test_watch_sees_what_happens_while_it_runs(world: World) -> None:
    before = await world.client.create(CONFIG_MAP, world.config_map("before"))

    async def watch() -> str:
        async for event, item in world.client.watch(
            CONFIG_MAP, namespace=world.namespace, label_selector="seen=yes", resource_version=version_of(before)
        ):
            if event != "BOOKMARK":
                return f"{event} {name_of(item)}"
        return "the stream ended"

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.1)
    await world.client.create(CONFIG_MAP, world.config_map("unseen"))
    body = world.config_map("later")
    body["metadata"] = {"name": "later", "namespace": world.namespace, "labels": {"seen": "yes"}}
    await world.client.create(CONFIG_MAP, body)
    async with asyncio.timeout(10):
        assert await watching == "ADDED later"
