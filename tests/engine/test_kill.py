"""A run killed at any request leaves a state from which the next run comes to the same end (I7).

Exhaustive: each scenario is run once to count its writes, then once for each of them, with the process dying right
before the write or right after it (the answer never read), and then again. Two deaths in a row are tried, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from karmactl.kube.transport import Request
from tests.engine.direct import ProcessDeath, is_write
from tests.engine.manifests import config_map, deployment, documents, namespace, policy, secret
from tests.engine.test_moves import divided
from tests.engine.world import BOLD, World

NAMES = ("m1", "m2")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Files before, files of the run that is killed, and its flags."""

    before: str
    after: str
    wishes: Mapping[str, object]
    has_controllers: bool = False


SCENARIOS = {
    "create": Scenario(
        before="",
        after=documents(namespace(), config_map("a"), secret("s", key="hidden"), policy(["m1", "m2"])),
        wishes={},
    ),
    "change": Scenario(
        before=documents(namespace(), config_map("a"), config_map("b"), policy(["m1", "m2"])),
        after=documents(namespace(), config_map("a", color="red"), config_map("b"), config_map("c"), policy(NAMES)),
        wishes={},
    ),
    "move": Scenario(
        before=documents(namespace(), config_map("a"), config_map("b"), policy(["m1"])),
        after=documents(namespace(), config_map("a"), config_map("b"), policy(["m2"])),
        wishes={},
    ),
    "prune": Scenario(
        before=documents(namespace(), config_map("a"), config_map("b"), policy(["m1", "m2"])),
        after=documents(namespace(), config_map("a", color="red"), policy(["m1", "m2"])),
        wishes={"prune": True},
    ),
    "scale from here to there": Scenario(
        before=divided(1, 1, replicas=4), after=divided(1, 3, replicas=4), wishes={}, has_controllers=True
    ),
    "replace": Scenario(
        before=documents(namespace(), deployment(), policy(["m1"])),
        after=documents(namespace(), deployment().replace("app: web", "app: www"), policy(["m1"])),
        wishes={"limits": replace(BOLD, allow_replace=True), "is_waiting": False},
    ),
}


class Killer:
    """Counts writes and ends the process at the n-th: nothing after it happens, whoever tries."""

    def __init__(self, at: int = 0, *, is_done_first: bool = False) -> None:
        self.count = 0
        self._at = at
        self._is_done_first = is_done_first
        self.is_dead = False

    def before(self, cluster: str, request: Request) -> None:
        """Called before a request is served."""
        if self.is_dead:
            raise ProcessDeath
        if is_write(request):
            self.count += 1
            if self.count == self._at and not self._is_done_first:
                self.is_dead = True
                raise ProcessDeath

    def after(self, cluster: str, request: Request) -> None:
        """Called when it was served."""
        if is_write(request) and self.count >= self._at > 0 and self._is_done_first:
            self.is_dead = True
        if self.is_dead:
            raise ProcessDeath


async def _prepared(folder: Path, scenario: Scenario) -> World:
    world = World(folder, NAMES, controllers=scenario.has_controllers)
    if scenario.before:
        world.write(scenario.before)
        await world.apply(is_waiting=scenario.has_controllers)
    world.write(scenario.after)
    return world


async def _run(world: World, scenario: Scenario, killer: Killer | None = None) -> None:
    hooks = {"before": killer.before, "after": killer.after} if killer else {}
    await world.apply(**scenario.wishes, **hooks)


async def _killed(world: World, scenario: Scenario, killer: Killer) -> None:
    try:
        await _run(world, scenario, killer)
    except BaseException as death:
        assert killer.is_dead, death
    world.clock.seconds += 3600  # the dead run's Lease runs out


def _check(work: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await work()

    asyncio.run(run())


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("is_done_first", [False, True], ids=["before", "after"])
def test_i07_killed_at_every_write(name: str, is_done_first: bool, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]

    async def work() -> None:
        world = await _prepared(tmp_path / "whole", scenario)
        counter = Killer()
        await _run(world, scenario, counter)
        wanted = await world.end_state()
        assert counter.count > 8
        for at in range(1, counter.count + 1):
            world = await _prepared(tmp_path / f"{at}", scenario)
            await _killed(world, scenario, Killer(at, is_done_first=is_done_first))
            await _run(world, scenario)
            assert await world.end_state() == wanted, f"killed at write {at} of {counter.count}"
            again = await world.apply(**scenario.wishes)
            assert again.report is None, f"killed at write {at}: the run after next still finds work"

    _check(work)


@pytest.mark.parametrize("name", SCENARIOS)
def test_i07_killed_twice(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]

    async def work() -> None:
        world = await _prepared(tmp_path / "whole", scenario)
        counter = Killer()
        await _run(world, scenario, counter)
        wanted = await world.end_state()
        for at in range(2, counter.count + 1, 3):
            world = await _prepared(tmp_path / f"{at}", scenario)
            await _killed(world, scenario, Killer(at, is_done_first=True))
            await _killed(world, scenario, Killer(max(1, counter.count - at)))
            await _run(world, scenario)
            assert await world.end_state() == wanted, f"killed at write {at} of {counter.count}, and again"

    _check(work)
