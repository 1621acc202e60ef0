"""Withdrawals: the old place waits for the new one, also in the run after next, and whatever `-C` leaves out."""

from __future__ import annotations

from karmactl.core.model.change import Action, Outcome
from karmactl.core.model.ports import Preconditions
from karmactl.kube.transport import Request
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, DEPLOYMENT, World, changes_of, in_world

OLD = "m1/Deployment.apps/shop/web"
NEW = "m2/Deployment.apps/shop/web"


def at(*clusters: str) -> str:
    """The Deployment on some clusters."""
    return documents(namespace(), deployment(), policy(clusters))


@in_world
async def test_i06_the_old_place_goes_after_the_new_one_is_ready(world: World) -> None:
    world.write(at("m1"))
    await world.apply()
    world.write(at("m2"))
    order: list[str] = []

    def note(cluster: str, request: Request) -> None:
        if request.path.endswith("/deployments/web") and request.verb in ("APPLY", "DELETE"):
            order.append(f"{request.verb} {cluster}")

    result = await world.apply(before=note)
    assert order == ["APPLY m2", "DELETE m1"]
    assert {entry.change.id: entry.is_ready for entry in result.report.results if entry.change.id == NEW} == {NEW: True}  # type: ignore[union-attr]
    assert "web" not in await world.objects("m1", DEPLOYMENT)


@in_world(stalled=("m2",))
async def test_i06_a_new_place_that_never_is_ready_keeps_the_old_one(world: World) -> None:
    world.write(at("m1"))
    await world.apply()
    world.write(at("m2"))
    result = await world.apply(timeout_seconds=5.0)
    assert result.outcomes()[OLD] is Outcome.PENDING
    assert "web" in await world.objects("m1", DEPLOYMENT)
    view = await world.view()
    assert [(entry.cluster, entry.resource.name) for entry in view.record.pending] == [("m1", "web")]

    # The next run finds the new place unchanged, and must still not believe that it is ready.
    again = await world.apply(timeout_seconds=5.0)
    assert changes_of(again.plan) == {OLD: Action.WITHDRAW}
    assert again.outcomes()[OLD] is Outcome.PENDING
    assert again.report is not None
    assert [entry.is_ready for entry in again.report.results] == [False]
    assert "web" in await world.objects("m1", DEPLOYMENT)

    await make_ready(world, "m2")
    done = await world.apply(timeout_seconds=5.0)
    assert done.outcomes()[OLD] is Outcome.DONE
    assert (await world.view()).record.pending == ()
    assert (await world.apply()).report is None


async def make_ready(world: World, name: str) -> None:
    """Write a status as its controller would."""
    store = world.clusters[name].store
    live = store.get(("apps", "deployments"), ("shop", "web"))
    assert live is not None
    count = live["spec"]["replicas"]
    status = {
        "observedGeneration": live["metadata"]["generation"],
        "replicas": count,
        "updatedReplicas": count,
        "readyReplicas": count,
        "availableReplicas": count,
    }
    store.put(("apps", "deployments"), ("shop", "web"), {**live, "status": status})


@in_world
async def test_without_waiting_a_withdrawal_is_left_to_the_next_run(world: World) -> None:
    world.write(at("m1"))
    await world.apply()
    world.write(at("m2"))
    result = await world.apply(is_waiting=False)
    assert result.outcomes()[NEW] is Outcome.DONE
    assert result.outcomes()[OLD] is Outcome.PENDING
    assert "web" in await world.objects("m1", DEPLOYMENT)
    done = await world.apply(is_waiting=False)
    assert done.outcomes() == {OLD: Outcome.DONE}
    assert "web" not in await world.objects("m1", DEPLOYMENT)
    assert (await world.apply()).report is None


@in_world
async def test_i06_a_run_narrowed_to_the_old_place_does_not_take_it_away(world: World) -> None:
    world.write(at("m1"))
    await world.apply()
    world.write(at("m2"))
    result = await world.apply(only_clusters=frozenset({"m1"}), timeout_seconds=2.0)
    assert result.outcomes()[OLD] is Outcome.PENDING
    assert "web" in await world.objects("m1", DEPLOYMENT)
    assert "web" not in await world.objects("m2", DEPLOYMENT)
    whole = await world.apply()
    assert whole.outcomes()[OLD] is Outcome.DONE
    assert "web" in await world.objects("m2", DEPLOYMENT)


@in_world
async def test_a_run_narrowed_to_one_member_leaves_the_others_as_they_are(world: World) -> None:
    world.write(documents(namespace(), config_map("a"), config_map("b"), policy(["m1", "m2"])))
    await world.apply()
    before = (await world.view()).views["m2"].state
    world.write(documents(namespace(), config_map("a", color="red"), policy(["m1", "m2"])))
    result = await world.apply(only_clusters=frozenset({"m1"}), prune=True)
    assert {name.partition("/")[0] for name in changes_of(result.plan)} == {"m1"}
    assert set(await world.objects("m2", CONFIG_MAP)) >= {"a", "b"}
    assert (await world.objects("m2", CONFIG_MAP))["a"]["data"] == {"color": "blue"}
    after = (await world.view()).views["m2"].state
    assert after.inventory == before.inventory, "the inventory of a member outside -C stays whole"
    whole = await world.apply(prune=True)
    assert set(changes_of(whole.plan)) == {"m2/ConfigMap./shop/a", "m2/ConfigMap./shop/b"}


@in_world
async def test_a_new_place_that_vanished_is_not_taken_for_ready(world: World) -> None:
    world.write(at("m1"))
    await world.apply()
    world.write(at("m2"))
    await world.apply(is_waiting=False)
    await world.client("m2").delete(DEPLOYMENT, "shop", "web", preconditions=Preconditions())
    result = await world.apply(only_clusters=frozenset({"m1"}), timeout_seconds=1.0)
    assert result.outcomes()[OLD] is Outcome.PENDING
    assert "web" in await world.objects("m1", DEPLOYMENT)


@in_world
async def test_what_is_preserved_stays_and_is_shown(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"], preserve=True)))
    await world.apply()
    world.write(documents(namespace(), deployment(), policy(["m2"], preserve=True)))
    result = await world.apply()
    assert OLD not in changes_of(result.plan)
    (change_set,) = [item for item in result.plan.change_sets if item.cluster == "m1"]
    assert "web" in {ref.name for ref in change_set.leftovers}
    assert "web" in await world.objects("m1", DEPLOYMENT)


@in_world
async def test_a_delete_that_waits_for_a_finalizer_is_still_ours_in_the_next_run(world: World) -> None:
    world.write(documents(namespace(), config_map("a"), config_map("b"), policy(["m1"])))
    await world.apply()
    client = world.client("m1")
    await client.patch(CONFIG_MAP, "shop", "a", {"metadata": {"finalizers": ["example.com/hold"]}})
    world.write(documents(namespace(), config_map("b"), policy(["m1"])))
    result = await world.apply(prune=True, timeout_seconds=2.0)
    name = "m1/ConfigMap./shop/a"
    assert result.outcomes()[name] is Outcome.PENDING
    assert result.report is not None
    assert any("example.com/hold" in entry.error for entry in result.report.results)
    again = await world.apply(prune=True, timeout_seconds=2.0)
    assert again.outcomes()[name] is Outcome.PENDING

    await client.patch(CONFIG_MAP, "shop", "a", {"metadata": {"finalizers": None}})
    done = await world.apply(prune=True)
    assert "a" not in await world.objects("m1", CONFIG_MAP)
    assert done.report is not None
    assert (await world.apply(prune=True)).report is None
