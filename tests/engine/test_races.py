"""Two to four runs at once, with different wishes: no mixture, and no generation committed twice (I10)."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from karmactl.engine.carry import carry_out
from karmactl.engine.refuse import refuse_by_guards
from karmactl.engine.session import has_work, make_plan
from karmactl.errors import GuardError
from tests.engine.manifests import config_map, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, World, stamp

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
