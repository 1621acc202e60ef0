"""The contract of `DryRunner`: the answer that a write would get, and no trace of it (I1)."""

from __future__ import annotations

import pytest

from karmactl.core.model.manifest import field, metadata_of
from karmactl.errors import Conflict, InternalError, NotFound
from karmactl.kube.client import DryRunClient, ReadClient
from karmactl.kube.transport import Request
from tests.contract.world import CONFIG_MAP, DEPLOYMENT, World, contract, version_of


@contract("api")
async def test_i01_dry_runs_leave_no_trace(world: World) -> None:
    before = version_of(await world.client.create(CONFIG_MAP, world.config_map("there")))
    applied = await world.dry.apply(DEPLOYMENT, world.deployment("one", replicas=3))
    assert field(applied, "spec", "replicas") == 3
    await world.dry.create(CONFIG_MAP, world.config_map("two"))
    await world.dry.apply(CONFIG_MAP, world.config_map("there", {"key": "changed"}), force=True)
    assert await world.client.get(DEPLOYMENT, world.namespace, "one") is None
    assert await world.client.get(CONFIG_MAP, world.namespace, "two") is None
    found = await world.client.get(CONFIG_MAP, world.namespace, "there")
    assert found is not None
    assert (version_of(found), found["data"]) == (before, {"key": "value"})


@contract("api")
async def test_a_dry_run_fills_in_defaults(world: World) -> None:
    applied = await world.dry.apply(DEPLOYMENT, world.deployment("one", replicas=None))
    assert field(applied, "spec", "replicas") == 1
    assert field(applied, "spec", "strategy", "type") == "RollingUpdate"


@contract("api")
async def test_a_dry_run_of_what_is_there_keeps_the_version(world: World) -> None:
    live = await world.client.apply(CONFIG_MAP, world.config_map("one"))
    dry = await world.dry.apply(CONFIG_MAP, world.config_map("one"))
    assert (version_of(dry), dry["data"]) == (version_of(live), live["data"])
    live = await world.client.apply(DEPLOYMENT, world.deployment("one"))
    dry = await world.dry.apply(DEPLOYMENT, world.deployment("one"))
    assert dry["spec"] == live["spec"]
    assert field(dry, "metadata", "generation") == field(live, "metadata", "generation")


@contract("api")
async def test_a_dry_run_meets_the_same_conflicts(world: World) -> None:
    await world.other.apply(DEPLOYMENT, world.deployment("one", replicas=2))
    with pytest.raises(Conflict) as caught:
        await world.dry.apply(DEPLOYMENT, world.deployment("one", replicas=5))
    assert [path for path, _ in caught.value.causes] == [".spec.replicas"]
    with pytest.raises(Conflict) as exists:
        await world.dry.create(DEPLOYMENT, world.deployment("one"))
    assert exists.value.code == "already-exists"


@contract("api")
async def test_a_dry_run_into_no_namespace_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.dry.apply(CONFIG_MAP, world.config_map("one", namespace="no-such-namespace"))


@contract("api")
async def test_a_dry_replace_says_what_a_put_would_leave(world: World) -> None:
    live = await world.client.create(CONFIG_MAP, world.config_map("one", {"a": "1"}))
    answer = await world.dry.replace(CONFIG_MAP, {**live, "data": {"b": "2"}})
    assert answer["data"] == {"b": "2"}
    assert await world.client.get(CONFIG_MAP, world.namespace, "one") == live
    with pytest.raises(Conflict):
        await world.dry.replace(CONFIG_MAP, {**live, "metadata": {**metadata_of(live), "resourceVersion": "1"}})


@contract("api")
async def test_i01_clients_that_must_not_write_cannot(world: World) -> None:
    assert not [name for name in ("delete", "patch") if hasattr(DryRunClient, name)]
    assert not [name for name in ("apply", "create", "replace", "delete", "patch") if hasattr(ReadClient, name)]
    path = f"/api/v1/namespaces/{world.namespace}/configmaps/one"
    with pytest.raises(InternalError):
        await world.dry._sender.send(Request(verb="DELETE", method="DELETE", path=path))
