"""I6: replicas that move come first where they go to; what could not be finished is finished by the next run."""

from __future__ import annotations

from karmactl.core.model.change import Action, Outcome
from karmactl.core.model.manifest import field
from karmactl.kube.transport import Request
from karmactl.render.changes import change_lines, group_changes
from karmactl.render.text import Page, plain
from tests.engine.manifests import deployment, documents, namespace
from tests.engine.test_withdraw import make_ready
from tests.engine.world import DEPLOYMENT, World, changes_of, in_world

NAMES = ("m1", "m2")
IN_M1 = "m1/Deployment.apps/shop/web"
IN_M2 = "m2/Deployment.apps/shop/web"


def divided(m1: int, m2: int, *, replicas: int = 8, image: str = "example.com/web:1") -> str:
    """The Deployment over both members, by static weights."""
    return documents(
        namespace(),
        deployment(replicas=replicas, image=image),
        f"""apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {{name: all, namespace: shop}}
spec:
  resourceSelectors: [{{apiVersion: apps/v1, kind: Deployment}}]
  placement:
    clusterAffinity: {{clusterNames: [m1, m2]}}
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: Weighted
      weightPreference:
        staticWeightList:
        - {{targetCluster: {{clusterNames: [m1]}}, weight: {m1}}}
        - {{targetCluster: {{clusterNames: [m2]}}, weight: {m2}}}
""",
    )


async def replicas(world: World) -> list[object]:
    return [field((await world.objects(name, DEPLOYMENT))["web"], "spec", "replicas") for name in NAMES]


async def pending(world: World) -> list[tuple[str, str, str]]:
    return [(entry.cluster, entry.resource.name, entry.reason) for entry in (await world.view()).record.pending]


@in_world(names=NAMES)
async def test_i06_replicas_go_up_there_before_they_go_down_here(world: World) -> None:
    world.write(divided(1, 1))
    await world.apply()
    assert await replicas(world) == [4, 4]
    world.write(divided(1, 3))
    order: list[tuple[str, object]] = []

    def note(cluster: str, request: Request) -> None:
        if request.verb == "APPLY" and request.path.endswith("/deployments/web"):
            store = world.clusters["m2"].store
            ready = field(store.get(("apps", "deployments"), ("shop", "web")), "status", "readyReplicas")
            order.append((cluster, ready))

    result = await world.apply(before=note)
    assert [cluster for cluster, _ in order] == ["m2", "m1"]
    assert order[1] == ("m1", 6), "m1 goes down when all six are ready in m2"
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert await replicas(world) == [2, 6]
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_the_plan_says_which_place_waits_for_which(world: World) -> None:
    world.write(divided(1, 1))
    await world.apply()
    world.write(divided(1, 3))
    plan = (await world.plan()).plan
    groups = group_changes(change for change_set in plan.change_sets for change in change_set.changes)
    assert "m1 after m2 ready" in plain(change_lines(groups, list(NAMES), Page()), Page())


@in_world(names=NAMES, stalled=("m2",))
async def test_i06_a_scale_down_waits_as_long_as_the_new_replicas_are_not_ready(world: World) -> None:
    world.write(divided(1, 1))
    await world.apply(timeout_seconds=2.0)
    world.write(divided(1, 3, image="example.com/web:2"))
    result = await world.apply(timeout_seconds=2.0)
    assert result.outcomes() == {IN_M1: Outcome.PENDING, IN_M2: Outcome.DONE}
    assert result.report is not None
    assert {entry.change.id: entry.is_ready for entry in result.report.results}[IN_M2] is False
    assert await replicas(world) == [4, 6]
    assert await pending(world) == [("m1", "web", "scale-down")]

    # The record has the new placement now, and the next run must still not take it for a plain scale-down.
    again = await world.apply(timeout_seconds=2.0)
    assert changes_of(again.plan) == {IN_M1: Action.UPDATE}
    assert again.outcomes() == {IN_M1: Outcome.PENDING}
    assert again.report is not None
    assert [entry.is_ready for entry in again.report.results] == [False]
    assert await replicas(world) == [4, 6]

    await make_ready(world, "m2")
    done = await world.apply(timeout_seconds=2.0)
    assert done.outcomes() == {IN_M1: Outcome.DONE}
    assert (await replicas(world), await pending(world)) == ([2, 6], [])
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_i06_without_waiting_a_scale_down_is_left_to_the_next_run(world: World) -> None:
    world.write(divided(1, 1))
    await world.apply()
    world.write(divided(1, 3))
    result = await world.apply(is_waiting=False)
    assert result.outcomes() == {IN_M1: Outcome.PENDING, IN_M2: Outcome.DONE}
    assert await replicas(world) == [4, 6]
    await world.apply(is_waiting=False)
    assert await replicas(world) == [2, 6]


@in_world(names=NAMES)
async def test_i06_a_run_narrowed_to_the_old_place_does_not_scale_it_down(world: World) -> None:
    world.write(divided(1, 1))
    await world.apply()
    world.write(divided(1, 3))
    result = await world.apply(only_clusters=frozenset({"m1"}), timeout_seconds=2.0)
    assert result.outcomes() == {IN_M1: Outcome.PENDING}
    assert await replicas(world) == [4, 4]
    await world.apply()
    assert await replicas(world) == [2, 6]
    assert await pending(world) == []


@in_world(names=NAMES, stalled=("m2",))
async def test_i06_a_run_narrowed_to_the_new_place_leaves_the_rest_of_the_move_pending(world: World) -> None:
    """The record has the new placement then, and the next run must still know that it is in the middle of a move."""
    world.write(divided(1, 1))
    await world.apply(timeout_seconds=2.0)
    world.write(divided(1, 3))
    await world.apply(only_clusters=frozenset({"m2"}), timeout_seconds=2.0)
    assert (await replicas(world), await pending(world)) == ([4, 6], [("m1", "web", "scale-down")])
    result = await world.apply(timeout_seconds=2.0)
    assert result.outcomes() == {IN_M1: Outcome.PENDING}
    assert await replicas(world) == [4, 6]
    await make_ready(world, "m2")
    await world.apply(timeout_seconds=2.0)
    assert (await replicas(world), await pending(world)) == ([2, 6], [])


@in_world(names=NAMES, stalled=("m2",))
async def test_a_plain_scale_down_waits_for_nobody(world: World) -> None:
    world.write(divided(1, 1))
    await world.apply(timeout_seconds=2.0)
    world.write(divided(1, 1, replicas=4))
    result = await world.apply(timeout_seconds=2.0)
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert await replicas(world) == [2, 2]


@in_world(names=NAMES, stalled=("m2",))
async def test_a_move_that_is_taken_back_leaves_nothing_pending(world: World) -> None:
    world.write(divided(1, 1))
    await world.apply(timeout_seconds=2.0)
    world.write(divided(1, 3))
    await world.apply(timeout_seconds=2.0)
    assert await pending(world) == [("m1", "web", "scale-down")]
    world.write(divided(1, 1))
    await world.apply(timeout_seconds=2.0)
    assert (await replicas(world), await pending(world)) == ([4, 4], [])
