"""Two to four runs at once, with different wishes: no mixture, and no generation committed twice (I10)."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from karmactl.core.model.manifest import Manifest
from karmactl.engine.carry import carry_out
from karmactl.engine.refuse import refusals, refuse_by_guards
from karmactl.engine.session import has_work, make_plan
from karmactl.errors import GuardError
from karmactl.kube.transport import Request
from tests.engine.manifests import config_map, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, STATE_NAMESPACE, World, changes_of, in_world, stamp

NAMES = ("m1", "m2", "m3")


def wish(color: str, *clusters: str) -> str:
    """Two ConfigMaps of one colour: a mixture would show."""
    return documents(namespace(), config_map("a", color=color), config_map("b", color=color), policy(clusters))


@pytest.mark.parametrize("seed", range(12))
def test_i10_runs_at_once_never_mix(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)

    async def run(world: World, color: str, committed: list[int]) -> str:
        world.write(wish(color, *NAMES))

        session, _ = world.session(lock_timeout_seconds=3600.0)
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        planned = await make_plan(session)
        refuse_by_guards(planned.plan)
        if not has_work(planned):
            return "nothing"
        try:
            planned, report = await carry_out(session, planned, identity=color, stamp=lambda made: stamp(made, session))
        except GuardError as error:
            return error.code
        if report.results:
            committed.append(report.generation)
        assert report.failed_clusters == {}
        return "done"

    async def work() -> None:
        world = World(tmp_path / "files", NAMES, controllers=False)
        world.write(wish("none", *NAMES))
        await world.apply()
        committed: list[int] = []
        colors = ["red", "green", "blue", "white"][: 2 + seed % 3]
        ends = await asyncio.gather(*(run(world, color, committed) for color in colors))
        assert set(ends) <= {"done", "nothing", "plan-moved"}
        assert "done" in ends
        assert len(committed) == len(set(committed)), "a generation was committed twice"
        seen = {
            item["data"]["color"]  # type: ignore[index,call-overload]
            for name in NAMES
            for key, item in (await world.objects(name, CONFIG_MAP)).items()
            if key in ("a", "b")
        }
        assert len(seen) == 1, f"a mixture of {seen}"
        view = await world.view()
        assert view.record.generation == max(committed)
        assert not view.is_stale_somewhere

    asyncio.run(work())


@in_world(names=NAMES)
async def test_i10_a_plan_made_while_another_run_creates_takes_its_objects_for_no_strangers(world: World) -> None:
    """The inventory is read before the other run's rows are there, the objects after they were created."""
    world.write(wish("red", *NAMES))
    await world.apply()
    hidden = hide_state(world)

    def show(cluster: str, request: Request) -> None:
        if request.verb == "LIST" and "/configmaps" in request.path and hidden.get(cluster):
            for key, secret in hidden.pop(cluster).items():
                world.clusters[cluster].store.put(("", "secrets"), key, secret)

    planned = await world.plan(before=show)
    assert not hidden
    assert refusals(planned.plan) == []
    assert changes_of(planned.plan) == {}


@in_world(names=NAMES)
async def test_i03_objects_whose_inventory_is_gone_stay_refused(world: World) -> None:
    world.write(wish("red", *NAMES))
    await world.apply()
    hide_state(world)
    planned = await world.plan()
    assert {error.code for error in refusals(planned.plan)} == {"inventory-lost"}


def hide_state(world: World) -> dict[str, dict[tuple[str, str], Manifest]]:
    """Take the set's Secrets out of every member; what was taken, by member and key."""
    taken: dict[str, dict[tuple[str, str], Manifest]] = {}
    for name, cluster in world.clusters.items():
        keys = [key for key in cluster.store.keys(("", "secrets")) if key[0] == STATE_NAMESPACE]
        taken[name] = {key: cluster.store.get(("", "secrets"), key) for key in keys}
        for key in keys:
            cluster.store.remove(("", "secrets"), key)
    return taken
