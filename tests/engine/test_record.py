"""The record under loss: majorities, old copies that come back, members that join and leave (I13)."""

from __future__ import annotations

import pytest

from karmactl.core.model.change import Outcome
from karmactl.core.model.ports import Preconditions
from karmactl.errors import StateError, Unreachable
from karmactl.kube.transport import Request
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, SECRET, STATE_NAMESPACE, World, in_world


def shop(color: str, *clusters: str) -> str:
    """A ConfigMap on some members."""
    return documents(namespace(), config_map(color=color), policy(clusters or ("m1", "m2", "m3")))


async def generations(world: World) -> dict[str, int]:
    """The generation of each member's copy."""
    view = await world.view()
    return {name: member.state.record_generation for name, member in view.views.items()}


@in_world
async def test_i13_with_one_of_three_down_the_others_go_on(world: World) -> None:
    world.write(shop("blue"))
    await world.apply()
    world.silent = {"m3"}
    world.write(shop("red"))
    result = await world.apply()
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert not result.plan.is_complete, "which is exit 3"
    assert await generations(world) == {"m1": 2, "m2": 2}


@in_world
async def test_i13_with_two_of_three_down_nothing_is_written(world: World) -> None:
    world.write(shop("blue"))
    await world.apply()
    world.silent = {"m2", "m3"}
    world.write(shop("red"))
    with pytest.raises(StateError) as caught:
        await world.apply()
    assert caught.value.code == "record-no-majority"
    assert world.writes() == []
    allowed = await world.apply(allow_minority=True)
    assert set(allowed.outcomes().values()) == {Outcome.DONE}


@in_world
async def test_an_old_copy_that_comes_back_does_not_count_and_is_mended(world: World) -> None:
    world.write(shop("blue", "m1", "m2"))
    await world.apply()
    world.silent = {"m3"}
    world.write(shop("blue", "m1"))
    await world.apply()
    world.silent = set()
    view = await world.view()
    assert view.is_stale_somewhere
    (placed,) = [entry for entry in view.record.templates if entry.resource.kind == "ConfigMap"]
    assert [target.name for target in placed.clusters] == ["m1"]

    mended = await world.apply()
    assert mended.report is not None
    assert mended.report.results == (), "the record is mended; no object changes"
    assert len(set((await generations(world)).values())) == 1
    assert (await world.apply()).report is None


@in_world
async def test_a_holder_that_lost_its_copy_is_no_witness_to_the_others(world: World) -> None:
    """Two answer, of which one has forgotten everything: the third may know more."""
    world.write(shop("blue"))
    await world.apply()
    client = world.client("m2")
    for name in await world.objects("m2", SECRET, STATE_NAMESPACE):
        await client.delete(SECRET, STATE_NAMESPACE, name, preconditions=Preconditions())
    world.silent = {"m3"}
    world.write(shop("blue", "m1"))
    with pytest.raises((StateError, ExceptionGroup)):
        await world.apply()
    assert world.writes() == []


@in_world
async def test_i13_removals_wait_until_a_majority_took_the_record(world: World) -> None:
    world.write(shop("blue", "m1", "m2"))
    await world.apply()
    world.write(shop("blue", "m2"))

    def refuse(cluster: str, request: Request) -> None:
        if cluster in ("m2", "m3") and request.verb == "CREATE" and request.path.endswith("/secrets"):
            raise Unreachable("member-unreachable", f"{cluster}: gone", cluster=cluster)

    result = await world.apply(before=refuse)
    assert result.outcomes()["m1/ConfigMap./shop/settings"] is Outcome.PENDING
    assert "settings" in await world.objects("m1", CONFIG_MAP)
    assert result.report is not None
    assert set(result.report.failed_clusters) == {"m2", "m3"}

    done = await world.apply()
    assert done.outcomes()["m1/ConfigMap./shop/settings"] is Outcome.DONE


@in_world(names=("m1", "m2", "m3", "m4"))
async def test_members_that_join_become_holders_and_those_that_leave_cease_to_be(world: World) -> None:
    world.write(shop("blue", "m1", "m2"))
    await world.apply(members=["m1"])
    assert set((await world.view()).holders.uid_by_cluster) == {"m1"}
    world.write(shop("red", "m1", "m2"))
    await world.apply(members=["m1", "m2", "m3"])
    holders = (await world.view()).holders
    assert set(holders.uid_by_cluster) == {"m1", "m2", "m3"}
    assert holders.majority == 2
    world.silent = {"m1"}
    world.write(shop("green", "m2"))
    result = await world.apply(members=["m1", "m2", "m3"])
    assert result.report is not None
    world.silent = set()
    world.write(shop("white", "m2"))
    await world.apply(members=["m2", "m3", "m4"])
    assert set((await world.view()).holders.uid_by_cluster) == {"m2", "m3", "m4"}


@in_world
async def test_pending_withdrawals_of_members_that_do_not_answer_are_kept(world: World) -> None:
    def files(*clusters: str) -> str:
        return documents(namespace(), deployment(), config_map(), policy(clusters))

    world.write(files("m1", "m2"))
    await world.apply()
    world.write(files("m2", "m3"))
    await world.apply(is_waiting=False)
    assert {entry.cluster for entry in (await world.view()).record.pending} == {"m1"}
    world.silent = {"m1"}
    world.write(documents(namespace(), deployment(), config_map(color="red"), policy(["m2", "m3"])))
    await world.apply()
    assert {entry.cluster for entry in (await world.view()).record.pending} == {"m1"}
    world.silent = set()
    await world.apply()
    assert (await world.view()).record.pending == ()
