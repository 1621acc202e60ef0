"""Whole runs of the engine over a fleet in one process: what is sent, what is kept, and what a second run does."""

from __future__ import annotations

from karmactl.core.model.change import Action, Outcome
from karmactl.kube.transport import Request
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, DEPLOYMENT, World, changes_of, fields_of, in_world

SHOP = documents(namespace(), config_map(), deployment(), policy(["m1", "m2"]))


@in_world
async def test_a_first_run_creates_and_a_second_one_sends_nothing(world: World) -> None:
    world.write(SHOP)
    result = await world.apply()
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert set(await world.objects("m1", CONFIG_MAP)) >= {"settings"}
    assert "web" in await world.objects("m2", DEPLOYMENT)
    assert "web" not in await world.objects("m3", DEPLOYMENT)

    again = await world.apply()
    assert again.report is None
    assert again.planned.plan.change_sets[0].unchanged == 3
    verbs = {verb for sender in world.senders.values() for verb in sender.requests}
    assert verbs <= {"DISCOVER", "GET", "LIST"}


@in_world
async def test_one_changed_field_is_one_change(world: World) -> None:
    world.write(SHOP)
    await world.apply()
    world.write(documents(namespace(), config_map(), deployment(image="example.com/web:2"), policy(["m1", "m2"])))
    planned = await world.plan()
    fields = [
        field for change_set in planned.plan.change_sets for change in change_set.changes for field in change.fields
    ]
    assert {field.keyed_path for field in fields} == {"spec.template.spec.containers[web].image"}
    assert (fields[0].before, fields[0].after) == ("example.com/web:1", "example.com/web:2")
    await world.apply()
    assert changes_of((await world.plan()).plan) == {}


@in_world
async def test_an_object_moves_make_before_break(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), deployment(), policy(["m2"])))
    result = await world.apply()
    assert changes_of(result.plan)["m1/Deployment.apps/shop/web"] is Action.WITHDRAW
    assert "web" in await world.objects("m2", DEPLOYMENT)
    assert "web" not in await world.objects("m1", DEPLOYMENT)


def bump(world: World, name: str, **annotations: str) -> None:
    """A controller touches the Deployment: its version moves, and an annotation of its own with it."""
    store = world.clusters[name].store
    live = store.get(("apps", "deployments"), ("shop", "web"))
    assert live is not None
    metadata = {**live["metadata"], "annotations": {**live["metadata"]["annotations"], **annotations}}
    store.put(("apps", "deployments"), ("shop", "web"), {**live, "metadata": metadata})


@in_world(names=("m1",))
async def test_what_others_change_while_we_look_is_not_taken_for_ours(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), deployment(image="example.com/web:2"), policy(["m1"])))
    touched: list[str] = []

    def touch(cluster: str, request: Request) -> None:
        if request.verb == "DRY_RUN" and len(touched) < 2:
            touched.append(request.path)
            bump(world, "m1", **{"example.com/revision": str(len(touched))})

    planned = await world.plan(before=touch)
    assert len(touched) == 2
    assert {field.path for field in fields_of(planned.plan)} == {"/spec/template/spec/containers/0/image"}


@in_world(names=("m1",))
async def test_i02_an_object_whose_status_never_rests_is_still_changed(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), deployment(image="example.com/web:2"), policy(["m1"])))
    touched: list[str] = []

    def touch(cluster: str, request: Request) -> None:
        if request.verb == "APPLY" and len(touched) < 3:
            touched.append(request.path)
            bump(world, "m1", **{"example.com/revision": str(len(touched))})

    result = await world.apply(before=touch)
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert world.senders["m1"].requests["APPLY"] == 4
    assert (await world.apply()).report is None
