"""The contract of `Writer`: what a write changes, and above all when it must not."""

from __future__ import annotations

import asyncio
import base64

import pytest

from karmactl.core.model.manifest import Manifest, field, uid_of
from karmactl.core.model.ports import APIKind, Preconditions
from karmactl.errors import ClusterError, Conflict, NotFound, Rejected
from tests.contract.world import CONFIG_MAP, DEPLOYMENT, LEASE, NAMESPACE, SECRET, World, contract, version_of

REPLICA_SET = APIKind(group="apps", version="v1", kind="ReplicaSet", resource="replicasets", is_namespaced=True)
POD = APIKind(group="", version="v1", kind="Pod", resource="pods", is_namespaced=True)


def managers_of(manifest: Manifest) -> dict[str, str]:
    """Field managers and their operation."""
    entries = field(manifest, "metadata", "managedFields")
    assert isinstance(entries, list)
    return {str(field(entry, "manager")): str(field(entry, "operation")) for entry in entries}


@contract("api")
async def test_apply_creates_and_owns(world: World) -> None:
    applied = await world.client.apply(DEPLOYMENT, world.deployment("one"))
    assert field(applied, "spec", "replicas") == 2
    assert managers_of(applied) == {"karmactl": "Apply"}


@contract("api")
async def test_apply_of_the_same_changes_nothing(world: World) -> None:
    # Of a kind that no controller writes to: the version tells it all.
    first = await world.client.apply(CONFIG_MAP, world.config_map("one"))
    second = await world.client.apply(CONFIG_MAP, world.config_map("one"))
    assert version_of(second) == version_of(first)
    before = await world.client.apply(DEPLOYMENT, world.deployment("one"))
    after = await world.client.apply(DEPLOYMENT, world.deployment("one"))
    assert field(after, "metadata", "generation") == field(before, "metadata", "generation") == 1


@contract("api")
async def test_apply_removes_what_it_no_longer_has(world: World) -> None:
    await world.client.apply(CONFIG_MAP, world.config_map("one", {"a": "1", "b": "2"}))
    applied = await world.client.apply(CONFIG_MAP, world.config_map("one", {"a": "1"}))
    assert applied["data"] == {"a": "1"}


@contract("api")
async def test_i03_a_create_only_apply_refuses_what_exists(world: World) -> None:
    await world.other.create(CONFIG_MAP, world.config_map("foreign", {"whose": "theirs"}))
    for client in (world.client, world.dry):
        with pytest.raises(Conflict) as caught:  # even where nothing would change
            await client.apply(CONFIG_MAP, world.config_map("foreign", {"whose": "theirs"}, resourceVersion="1"))
        assert caught.value.code == "version-conflict"
        with pytest.raises(Conflict):  # a real server checks the owners of the fields first
            await client.apply(CONFIG_MAP, world.config_map("foreign", {"whose": "ours"}, resourceVersion="1"))
        with pytest.raises(Conflict):
            await client.apply(
                CONFIG_MAP, world.config_map("foreign", {"whose": "ours"}, resourceVersion="1"), force=True
            )
    found = await world.client.get(CONFIG_MAP, world.namespace, "foreign")
    assert found is not None
    assert found["data"] == {"whose": "theirs"}


@contract("api")
async def test_i03_a_create_only_apply_creates_what_does_not_exist(world: World) -> None:
    applied = await world.client.apply(CONFIG_MAP, world.config_map("fresh", resourceVersion="1"))
    assert applied["data"] == {"key": "value"}


@contract("api")
async def test_apply_with_a_stale_version_is_a_conflict(world: World) -> None:
    first = await world.client.apply(CONFIG_MAP, world.config_map("one", {"key": "1"}))
    await world.client.apply(CONFIG_MAP, world.config_map("one", {"key": "2"}))
    with pytest.raises(Conflict) as caught:
        await world.client.apply(CONFIG_MAP, world.config_map("one", {"key": "3"}, resourceVersion=version_of(first)))
    assert (caught.value.code, caught.value.status, caught.value.retryable) == ("version-conflict", 409, False)


@contract("api")
async def test_apply_with_the_current_version_succeeds(world: World) -> None:
    first = await world.client.apply(CONFIG_MAP, world.config_map("one", {"key": "1"}))
    body = world.config_map("one", {"key": "2"}, resourceVersion=version_of(first), uid=uid_of(first))
    applied = await world.client.apply(CONFIG_MAP, body)
    assert applied["data"] == {"key": "2"}


@contract("api")
async def test_i03_apply_with_the_uid_of_a_former_object_is_refused(world: World) -> None:
    first = await world.client.apply(CONFIG_MAP, world.config_map("one"))
    await world.client.delete(CONFIG_MAP, world.namespace, "one", preconditions=Preconditions())
    body = world.config_map("one", {"key": "ours"}, uid=uid_of(first))
    with pytest.raises(ClusterError) as gone:
        await world.client.apply(CONFIG_MAP, body)
    assert gone.value.status in (409, 422)
    await world.other.create(CONFIG_MAP, world.config_map("one", {"key": "theirs"}))
    with pytest.raises(ClusterError) as replaced:
        await world.client.apply(CONFIG_MAP, body, force=True)
    assert replaced.value.status in (409, 422)
    found = await world.client.get(CONFIG_MAP, world.namespace, "one")
    assert found is not None
    assert found["data"] == {"key": "theirs"}


@contract("api")
async def test_a_field_of_another_manager_is_a_conflict_that_names_both(world: World) -> None:
    await world.other.apply(DEPLOYMENT, world.deployment("one", replicas=2))
    with pytest.raises(Conflict) as caught:
        await world.client.apply(DEPLOYMENT, world.deployment("one", replicas=5))
    assert caught.value.code == "field-conflict"
    ((path, message),) = caught.value.causes
    assert path == ".spec.replicas"
    assert "somebody-else" in message


@contract("api")
async def test_force_takes_the_field(world: World) -> None:
    await world.other.apply(DEPLOYMENT, world.deployment("one", replicas=2))
    applied = await world.client.apply(DEPLOYMENT, world.deployment("one", replicas=5), force=True)
    assert field(applied, "spec", "replicas") == 5
    with pytest.raises(Conflict):
        await world.other.apply(DEPLOYMENT, world.deployment("one", replicas=2))


@contract("api")
async def test_equal_values_are_shared_without_conflict(world: World) -> None:
    await world.other.apply(DEPLOYMENT, world.deployment("one"))
    applied = await world.client.apply(DEPLOYMENT, world.deployment("one"))
    assert managers_of(applied).items() >= {("karmactl", "Apply"), ("somebody-else", "Apply")}


@contract("api")
async def test_an_unknown_field_is_refused(world: World) -> None:
    body = world.deployment("one")
    body["spec"] = {**_mapping(body["spec"]), "replicaz": 3}
    for attempt in (world.client.apply, world.client.create):
        with pytest.raises(Rejected) as caught:
            await attempt(DEPLOYMENT, body)
        assert "replicaz" in caught.value.message
    assert world.client.requests["APPLY"] == 1
    assert await world.client.get(DEPLOYMENT, world.namespace, "one") is None


@contract("api")
async def test_an_invalid_object_is_refused_with_its_fields(world: World) -> None:
    body = world.deployment("one")
    body["spec"] = {**_mapping(body["spec"]), "selector": {"matchLabels": {"app": "another"}}}
    with pytest.raises(Rejected) as caught:
        await world.client.apply(DEPLOYMENT, body)
    assert (caught.value.code, caught.value.reason) == ("invalid", "Invalid")
    assert [path for path, _ in caught.value.causes] == ["spec.template.metadata.labels"]


@contract("api")
async def test_i08_a_refused_secret_shows_no_value(world: World) -> None:
    value = "correct-horse-battery-staple"
    encoded = base64.b64encode(value.encode()).decode()
    metadata: Manifest = {"name": "one", "namespace": world.namespace}
    bodies: list[Manifest] = [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "type": "kubernetes.io/tls",
            "data": {"x": encoded},
        },
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {value: {"nested": value}}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"x": f"{value} is no base64"}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": [value]},
    ]
    for body in bodies:
        for attempt in (world.client.create, world.client.apply):
            with pytest.raises(ClusterError) as caught:
                await attempt(SECRET, body)
            shown = f"{caught.value} {caught.value.causes} {caught.value.why} {caught.value.hint}"
            assert value not in shown
            assert encoded not in shown


@contract("api")
async def test_create_of_what_exists_is_a_conflict(world: World) -> None:
    await world.client.create(CONFIG_MAP, world.config_map("one"))
    with pytest.raises(Conflict) as caught:
        await world.client.create(CONFIG_MAP, world.config_map("one"))
    assert (caught.value.code, caught.value.reason) == ("already-exists", "AlreadyExists")


@contract("api")
async def test_writing_into_no_namespace_is_not_found(world: World) -> None:
    body = world.config_map("one", namespace="no-such-namespace")
    for attempt in (world.client.create, world.client.apply):
        with pytest.raises(NotFound) as caught:
            await attempt(CONFIG_MAP, body)
        assert caught.value.code == "not-found"
        assert "no-such-namespace" in caught.value.message


@contract("api")
async def test_replace_with_a_stale_version_is_a_conflict(world: World) -> None:
    first = await world.client.create(CONFIG_MAP, world.config_map("one", {"key": "1"}))
    second = await world.client.replace(CONFIG_MAP, {**first, "data": {"key": "2"}})
    assert second["data"] == {"key": "2"}
    with pytest.raises(Conflict) as caught:
        await world.client.replace(CONFIG_MAP, {**first, "data": {"key": "3"}})
    assert caught.value.code == "version-conflict"


@contract("api")
async def test_merge_patch_removes_by_null(world: World) -> None:
    await world.client.create(CONFIG_MAP, world.config_map("one", {"a": "1", "b": "2"}))
    patched = await world.client.patch(CONFIG_MAP, world.namespace, "one", {"data": {"a": None, "c": "3"}})
    assert patched["data"] == {"b": "2", "c": "3"}


@contract("api")
async def test_merge_patch_with_a_stale_version_is_a_conflict(world: World) -> None:
    first = await world.client.create(CONFIG_MAP, world.config_map("one"))
    await world.client.patch(CONFIG_MAP, world.namespace, "one", {"data": {"key": "2"}})
    stale: Manifest = {"metadata": {"resourceVersion": version_of(first)}, "data": {"key": "3"}}
    with pytest.raises(Conflict):
        await world.client.patch(CONFIG_MAP, world.namespace, "one", stale)


@contract("api")
async def test_delete_tells_what_was_there(world: World) -> None:
    created = await world.client.create(CONFIG_MAP, world.config_map("one"))
    by_uid = Preconditions(uid=uid_of(created))
    assert await world.client.delete(CONFIG_MAP, world.namespace, "one", preconditions=by_uid) is True
    assert await world.client.delete(CONFIG_MAP, world.namespace, "one", preconditions=by_uid) is False
    assert await world.client.get(CONFIG_MAP, world.namespace, "one") is None


@contract("api")
async def test_i03_delete_refuses_another_uid_or_version(world: World) -> None:
    first = await world.client.create(CONFIG_MAP, world.config_map("one"))
    await world.client.patch(CONFIG_MAP, world.namespace, "one", {"data": {"key": "2"}})
    for wrong in (
        Preconditions(uid="11111111-2222-3333-4444-555555555555"),
        Preconditions(resource_version=version_of(first)),
        Preconditions(uid=uid_of(first), resource_version=version_of(first)),
    ):
        with pytest.raises(Conflict):
            await world.client.delete(CONFIG_MAP, world.namespace, "one", preconditions=wrong)
    assert await world.client.get(CONFIG_MAP, world.namespace, "one") is not None


@contract("api")
async def test_delete_waits_for_finalizers(world: World) -> None:
    body = world.config_map("one")
    body["metadata"] = {"name": "one", "namespace": world.namespace, "finalizers": ["example.com/hold"]}
    created = await world.client.create(CONFIG_MAP, body)
    by_uid = Preconditions(uid=uid_of(created))
    assert await world.client.delete(CONFIG_MAP, world.namespace, "one", preconditions=by_uid) is True
    held = await world.client.get(CONFIG_MAP, world.namespace, "one")
    assert field(held, "metadata", "deletionTimestamp")
    await world.client.patch(CONFIG_MAP, world.namespace, "one", {"metadata": {"finalizers": None}})
    assert await world.client.get(CONFIG_MAP, world.namespace, "one") is None


@contract("api")
async def test_i10_of_racing_lease_updates_one_wins(world: World) -> None:
    body: Manifest = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "lock", "namespace": world.namespace},
        "spec": {"holderIdentity": "nobody", "leaseDurationSeconds": 15},
    }
    lease = await world.client.create(LEASE, body)
    spec = _mapping(lease["spec"])
    racers = [{**lease, "spec": {**spec, "holderIdentity": f"run-{number}"}} for number in range(8)]
    results = await asyncio.gather(*(world.client.replace(LEASE, racer) for racer in racers), return_exceptions=True)
    winners = [result for result in results if not isinstance(result, BaseException)]
    assert len(winners) == 1
    assert all(isinstance(result, Conflict) for result in results if isinstance(result, BaseException))
    found = await world.client.get(LEASE, world.namespace, "lock")
    assert field(found, "spec", "holderIdentity") == field(winners[0], "spec", "holderIdentity")


@contract("api")
async def test_i10_of_racing_creates_one_wins(world: World) -> None:
    bodies = [world.config_map("lock", {"holder": str(number)}) for number in range(8)]
    results = await asyncio.gather(*(world.client.create(CONFIG_MAP, body) for body in bodies), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Conflict"] * 7 + ["dict"]


@contract("controllers")
async def test_a_deleted_namespace_takes_its_content(world: World) -> None:
    await world.client.create(CONFIG_MAP, world.config_map("inside"))
    await world.client.delete(NAMESPACE, "", world.namespace, preconditions=Preconditions())
    async with asyncio.timeout(20):
        while await world.client.get(NAMESPACE, "", world.namespace) is not None:
            await asyncio.sleep(0.1)
    assert await world.client.get(CONFIG_MAP, world.namespace, "inside") is None


@contract("controllers")
async def test_a_deployment_gets_a_replica_set_and_pods_and_takes_them_along(world: World) -> None:
    created = await world.client.apply(DEPLOYMENT, world.deployment("one", replicas=3))

    async def until(kind: APIKind, count: int) -> list[Manifest]:
        async with asyncio.timeout(20):
            while len(found := await world.client.list(kind, namespace=world.namespace)) != count:
                await asyncio.sleep(0.1)
        return list(found)

    (replica_set,) = await until(REPLICA_SET, 1)
    assert field(replica_set, "metadata", "ownerReferences", 0, "uid") == uid_of(created)
    await until(POD, 3)
    await world.client.delete(DEPLOYMENT, world.namespace, "one", preconditions=Preconditions(uid=uid_of(created)))
    await until(POD, 0)
    await until(REPLICA_SET, 0)


def _mapping(value: object) -> Manifest:
    assert isinstance(value, dict)
    return value
