"""Asked to stop: nothing new begins, what is under way is finished and recorded, and the next run goes on."""

from __future__ import annotations

from karmactl.core.model.change import Outcome
from karmactl.core.model.events import Phase
from karmactl.core.model.manifest import ResourceRef, as_mapping
from karmactl.engine.stop import StopSign
from karmactl.kube.transport import Request
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import DEPLOYMENT, LEASE, STATE_NAMESPACE, World, in_world

SHOP = documents(namespace(), *(config_map(f"c{number}") for number in range(8)), deployment(), policy(["m1", "m2"]))


async def assert_tidy(world: World) -> None:
    """Leases are given back, and what runs is in the inventories."""
    for name in world.clusters:
        lease = await world.client(name).get(LEASE, STATE_NAMESPACE, "shop")
        assert lease is None or as_mapping(lease["spec"])["holderIdentity"] == ""


def _id(cluster: str, ref: ResourceRef) -> str:
    return f"{cluster}/{ref.kind}.{ref.group}/{ref.namespace}/{ref.name}"


@in_world
async def test_a_run_that_is_asked_to_stop_finishes_what_is_in_flight(world: World) -> None:
    world.write(SHOP)
    stop = StopSign()

    def ask(cluster: str, request: Request) -> None:
        if request.verb == "APPLY" and request.path.endswith("/c2") and cluster == "m1":
            stop.put_up()

    result = await world.apply(before=ask, stop=stop)
    outcomes = result.outcomes()
    assert outcomes["m1/ConfigMap./shop/c2"] is Outcome.DONE, "it was in flight"
    assert outcomes["m1/Deployment.apps/shop/web"] is Outcome.SKIPPED
    assert result.report is not None
    assert result.report.is_interrupted
    await assert_tidy(world)
    view = await world.view()
    assert result.report is not None
    done = {entry.change.resource for entry in result.report.results if entry.outcome is Outcome.DONE}
    for name in ("m1", "m2"):
        recorded = {row.resource for row in view.views[name].state.inventory.rows if row.uid}
        assert recorded == {ref for ref in done if outcomes[_id(name, ref)] is Outcome.DONE}
    assert view.record.generation == 1

    again = await world.apply()
    assert set(again.outcomes().values()) == {Outcome.DONE}
    assert (await world.apply()).report is None


@in_world(stalled=("m2",))
async def test_a_stop_ends_waiting_and_leaves_the_old_place(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), deployment(), policy(["m2"])))
    stop = StopSign()

    def ask(cluster: str, request: Request) -> None:
        if cluster == "m2" and request.verb == "LIST" and "/deployments" in request.path and world.clock.seconds > 5:
            stop.put_up()

    started = world.clock.seconds
    world.clock.seconds = 0.0
    result = await world.apply(before=ask, stop=stop, timeout_seconds=100_000.0)
    assert world.clock.seconds < started + 1000
    assert result.outcomes()["m1/Deployment.apps/shop/web"] is Outcome.PENDING
    assert "web" in await world.objects("m1", DEPLOYMENT)
    assert [entry.cluster for entry in (await world.view()).record.pending] == ["m1"]
    assert any(isinstance(event, Phase) and event.name == "record" for event in result.events)
    await assert_tidy(world)


def test_a_stop_is_soft_only_while_a_run_writes() -> None:
    stop = StopSign()
    assert not stop.is_soft
    with stop.softly():
        assert stop.is_soft
    assert not stop.is_soft
