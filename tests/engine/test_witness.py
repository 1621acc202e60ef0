"""A witness: one more copy of the record and one more Lease, so that two members have a majority with one silent."""

from __future__ import annotations

import pytest

from karmactl.core.model.change import Outcome
from karmactl.engine.members import WITNESS, require_majority
from karmactl.errors import StateError
from tests.engine.manifests import config_map, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, LEASE, STATE_NAMESPACE, World, in_world

NAMES = ("m1", "m2", "ops")
ANYWHERE = policy(["m1", "m2"])


def shop(color: str) -> str:
    return documents(namespace(), config_map(color=color), ANYWHERE)


async def colors(world: World) -> list[object]:
    return [(await world.objects(name, CONFIG_MAP))["settings"]["data"]["color"] for name in ("m1", "m2")]  # type: ignore[index,call-overload]


@in_world(names=NAMES)
async def test_a_witness_holds_the_record_and_nothing_else(world: World) -> None:
    world.write(
        documents(namespace(), config_map(color="red"), ANYWHERE.partition("    clusterAffinity")[0] + "    {}\n")
    )
    await world.apply(witness="ops")
    view = await world.view(witness="ops")
    assert set(view.views) == {"m1", "m2"}
    assert view.witness is not None
    assert view.witness.state.record == view.record
    assert view.witness.state.inventory.rows == ()
    assert set(view.holders.uid_by_cluster) == {"m1", "m2", WITNESS}
    assert "settings" not in await world.objects("ops", CONFIG_MAP)
    assert await world.client("ops").get(LEASE, STATE_NAMESPACE, "shop") is not None
    assert (await world.apply(witness="ops")).report is None
    assert world.writes() == []


@in_world(names=NAMES)
async def test_i13_one_of_two_members_and_the_witness_are_a_majority(world: World) -> None:
    world.write(shop("red"))
    await world.apply(witness="ops")
    world.silent = {"m2"}
    world.write(shop("blue"))
    result = await world.apply(witness="ops")
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert await colors(world) == ["blue", "red"]
    world.silent = {"ops"}
    await world.apply(witness="ops")
    assert await colors(world) == ["blue", "blue"]
    # It missed a generation; the next run that meets it gives it the newest copy.
    world.silent = set()
    await world.apply(witness="ops")
    view = await world.view(witness="ops")
    assert view.witness is not None
    assert view.witness.state.record == view.record


@in_world(names=NAMES)
async def test_i13_a_member_alone_is_no_majority_with_or_without_a_witness(world: World) -> None:
    world.write(shop("red"))
    await world.apply(witness="ops")
    world.silent = {"m2", "ops"}
    with pytest.raises(StateError, match="no majority"):
        require_majority((await world.plan(witness="ops")).view, is_allowed_without=False)
    # A run that does not know of the witness still counts it among the holders.
    with pytest.raises(StateError, match="no majority"):
        require_majority((await world.plan(members=("m1", "m2"))).view, is_allowed_without=False)


@in_world(names=NAMES)
async def test_a_witness_that_is_a_member_is_refused(world: World) -> None:
    world.write(shop("red"))
    world.clusters["ops"] = world.clusters["m1"]
    with pytest.raises(ExceptionGroup) as caught:
        await world.apply(witness="ops")
    assert [error.code for error in caught.value.exceptions] == ["same-cluster-twice"]  # type: ignore[attr-defined]
