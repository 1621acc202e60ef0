"""The write Lease: one run at a time, a majority, and nothing sent once it is lost (I10)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from karmactl.core.model.change import Outcome
from karmactl.core.model.manifest import Manifest, as_mapping, metadata_of
from karmactl.core.model.state import Holders
from karmactl.engine.lease import Leases, hold_leases
from karmactl.engine.members import MemberPorts
from karmactl.errors import GuardError
from karmactl.kube.client import ClusterClient, DryRunClient
from karmactl.kube.transport import Request
from tests.engine.direct import DirectSender, lost_answer
from tests.engine.manifests import config_map, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, LEASE, NAMESPACE, Notebook, World, in_world

HOLDERS = Holders(epoch=1, uid_by_cluster={"m1": "a", "m2": "b", "m3": "c"})
SPACE = "karmactl-system"


async def prepared(world: World) -> None:
    for name in world.clusters:
        await world.client(name).create(
            NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}}
        )


@asynccontextmanager
async def held(
    world: World, *, who: str = "me", timeout_seconds: float = 0.0, generation: int = 0, minority: bool = False
) -> AsyncIterator[Leases]:
    members = {}
    for name, cluster in world.clusters.items():
        if name not in world.silent:
            sender = DirectSender(cluster, before=world._silencing(None))
            client = ClusterClient(sender)
            members[name] = MemberPorts(name=name, reader=client, dry_runner=DryRunClient(sender), writer=client)
    async with hold_leases(
        members,
        (HOLDERS,),
        name="shop",
        namespace=SPACE,
        identity=who,
        generation=generation,
        clock=world.clock,
        timeout_seconds=timeout_seconds,
        reporter=Notebook(),
        is_minority_allowed=minority,
    ) as leases:
        yield leases


async def lease(world: World, name: str) -> Manifest:
    found = await world.client(name).get(LEASE, SPACE, "shop")
    assert found is not None
    return found


async def take_by_hand(world: World, name: str, *, who: str = "another", age: float = 0.0) -> None:
    """Write the Lease as another run would."""
    found = await world.client(name).get(LEASE, SPACE, "shop")
    text = (world.clock.now() - timedelta(seconds=age)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body: Manifest = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": "shop", "namespace": SPACE},
        "spec": {
            "holderIdentity": who,
            "leaseDurationSeconds": 15,
            "leaseTransitions": 7,
            "acquireTime": text,
            "renewTime": text,
        },
    }
    if found is None:
        await world.client(name).create(LEASE, body)
    else:
        as_mapping(body["metadata"])["resourceVersion"] = metadata_of(found)["resourceVersion"]
        await world.client(name).replace(LEASE, body)


@in_world
async def test_i10_a_second_run_is_refused_and_told_who(world: World) -> None:
    await prepared(world)
    async with held(world, who="first"):
        with pytest.raises(GuardError) as caught:
            async with held(world, who="second"):
                pass
        assert caught.value.code == "locked"
        assert "first" in caught.value.message
    async with held(world, who="second") as leases:
        assert leases.is_held


@in_world
async def test_i10_two_steps_of_one_job_have_one_name_and_still_exclude_each_other(world: World) -> None:
    await prepared(world)
    async with held(world, who="ci/42"):
        with pytest.raises(GuardError) as caught:
            async with held(world, who="ci/42"):
                pass
        assert caught.value.code == "locked"


@in_world
async def test_i10_the_loser_waits_and_goes_on(world: World) -> None:
    await prepared(world)
    order: list[str] = []

    async def run(who: str) -> None:
        async with held(world, who=who, timeout_seconds=600.0) as leases:
            leases.require()
            order.append(f"{who} in")
            await asyncio.sleep(0.005)
            order.append(f"{who} out")

    await asyncio.gather(*(run(f"run{number}") for number in range(4)))
    assert len(order) == 8
    for enter, leave in zip(order[::2], order[1::2], strict=True):
        assert enter.split()[0] == leave.split()[0], "two runs at once"


@in_world
async def test_one_silent_holder_does_not_matter_and_two_do(world: World) -> None:
    await prepared(world)
    world.silent.add("m2")
    async with held(world) as leases:
        assert leases.is_held
    world.silent.add("m3")
    with pytest.raises(GuardError) as caught:
        async with held(world):
            pass
    assert caught.value.code == "lease-no-majority"
    assert as_mapping((await lease(world, "m1"))["spec"])["holderIdentity"] == "", "what was taken is given back"
    async with held(world, minority=True) as leases:
        assert leases.is_held


@in_world
async def test_a_dead_runs_lease_is_taken_over(world: World) -> None:
    await prepared(world)
    await take_by_hand(world, "m1", age=3600.0)
    async with held(world) as leases:
        assert "m1" in leases.objects


@in_world
async def test_i10_a_live_run_whose_clock_is_behind_is_not_taken_for_dead(world: World) -> None:
    await prepared(world)
    await take_by_hand(world, "m1", age=3600.0)
    sleep = world.clock.sleep

    async def sleep_and_renew(seconds: float) -> None:
        await sleep(seconds)
        if seconds > 2:
            await take_by_hand(world, "m1", age=3600.0)

    world.clock.sleep = sleep_and_renew  # type: ignore[method-assign]
    with pytest.raises(GuardError) as caught:
        async with held(world):
            pass
    assert caught.value.code == "locked"


@in_world
async def test_i10_a_run_that_was_paused_past_its_lease_sends_nothing_more(world: World) -> None:
    await prepared(world)
    async with held(world) as leases:
        leases.require()
        world.clock.seconds += 11
        with pytest.raises(GuardError) as caught:
            leases.require()
        assert caught.value.code == "lease-lost"


@in_world
async def test_i10_leases_that_another_run_took_are_lost(world: World) -> None:
    await prepared(world)
    async with held(world) as leases:
        for name in ("m1", "m2"):
            await take_by_hand(world, name)
        for _ in range(30):
            await asyncio.sleep(0.001)
            if not leases.is_held:
                break
        assert not leases.is_held
    assert as_mapping((await lease(world, "m1"))["spec"])["holderIdentity"] == "another", "not ours to give back"


@in_world
async def test_i10_generations_are_claimed_once(world: World) -> None:
    await prepared(world)
    claimed = []
    for silent in ("m1", "m2", "m3", "m1"):
        world.silent = {silent}
        async with held(world, generation=1) as leases:
            claimed.append(leases.generation)
    assert claimed == sorted(set(claimed))


@in_world
async def test_a_garbled_lease_is_taken_after_a_while(world: World) -> None:
    await prepared(world)
    await take_by_hand(world, "m1")
    found = await lease(world, "m1")
    spec = as_mapping(found["spec"])
    del spec["renewTime"]
    await world.client("m1").replace(LEASE, found)
    async with held(world) as leases:
        assert "m1" in leases.objects


@in_world
async def test_i10_a_run_that_loses_its_lease_in_the_middle_stops_and_says_so(world: World) -> None:
    world.write(documents(namespace(), *(config_map(f"c{number}") for number in range(8)), policy(["m1", "m2"])))
    sent: list[str] = []

    def pause(cluster: str, request: Request) -> None:
        if request.verb == "APPLY" and "/configmaps/" in request.path:
            sent.append(request.path)
            if len(sent) == 5:
                world.clock.seconds += 60

    result = await world.apply(before=pause)
    assert result.report is not None
    codes = {entry.error_code for entry in result.report.results}
    assert "lease-lost" in codes
    assert Outcome.SKIPPED in set(result.outcomes().values())
    assert result.report.failed_clusters, "the state could not be written, either"
    world.clock.seconds += 60
    again = await world.apply()
    assert set(again.outcomes().values()) == {Outcome.DONE}
    assert set(await world.objects("m1", CONFIG_MAP)) >= {f"c{number}" for number in range(8)}


@in_world
async def test_a_renewal_whose_answer_was_lost_is_found_again(world: World) -> None:
    await prepared(world)
    lost: list[bool] = []

    def lose(cluster: str, request: Request) -> None:
        if request.verb == "REPLACE" and cluster == "m1" and len(lost) < 2:
            lost.append(True)
            raise lost_answer(cluster, request)

    client = ClusterClient(DirectSender(world.clusters["m1"], after=lose))
    members = {
        "m1": MemberPorts(
            name="m1", reader=client, dry_runner=DryRunClient(DirectSender(world.clusters["m1"])), writer=client
        )
    }
    only = Holders(epoch=1, uid_by_cluster={"m1": "a"})
    async with hold_leases(
        members,
        (only,),
        name="shop",
        namespace=SPACE,
        identity="me",
        generation=0,
        clock=world.clock,
        timeout_seconds=0.0,
        reporter=Notebook(),
    ) as leases:
        for _ in range(12):
            await asyncio.sleep(0.002)
            assert leases.is_held
        assert lost
