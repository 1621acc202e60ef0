"""Fields that may not change in place: named, refused, and with consent the object is made anew, once and in order."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from karmactl.core.model.change import Action, Outcome, Verdict
from karmactl.core.model.manifest import field, uid_of
from karmactl.core.model.plan import Plan
from karmactl.errors import GuardError
from karmactl.kube.transport import Request
from tests.engine.direct import ProcessDeath, lost_answer
from tests.engine.hands import autoscaler, scale
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import BOLD, CONFIG_MAP, DEPLOYMENT, World, changes_of, fields_of, in_world

NAMES = ("m1",)
WEB = "m1/Deployment.apps/shop/web"
CONSENT = replace(BOLD, allow_replace=True)
KINDS = ("apps/v1/Deployment", "autoscaling/v2/HorizontalPodAutoscaler")


def relabelled(**wishes: object) -> str:
    """The Deployment with another selector."""
    return deployment(**wishes).replace("app: web", "app: www")  # type: ignore[arg-type]


def guards(plan: Plan) -> dict[str, Verdict]:
    return {guard.name: guard.verdict for guard in plan.guards}


@in_world(names=NAMES)
async def test_an_immutable_field_is_named_and_refused_without_consent(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), relabelled(), policy(["m1"])))
    planned = await world.plan()
    assert changes_of(planned.plan) == {WEB: Action.REPLACE}
    (change,) = planned.plan.change_sets[0].changes
    assert change.reason.params["fields"] == ["spec.selector"]
    assert {entry.path for entry in fields_of(planned.plan)} >= {"/spec/selector/matchLabels/app"}
    assert guards(planned.plan)["replace"] is Verdict.REFUSE
    with pytest.raises(ExceptionGroup) as caught:
        await world.apply()
    (error,) = caught.value.exceptions
    assert isinstance(error, GuardError)
    assert error.code == "guard-replace"
    assert "spec.selector" in error.why
    assert "--replace" in error.hint
    assert world.writes() == []


@in_world(names=NAMES)
async def test_with_consent_it_is_deleted_and_made_anew(world: World) -> None:
    world.write(documents(namespace(), deployment(), autoscaler(), policy(["m1"], kinds=KINDS)))
    await world.apply()
    before = uid_of((await world.objects("m1", DEPLOYMENT))["web"])
    await scale(world, "m1", "web", 5)
    await world.apply()
    world.write(documents(namespace(), relabelled(), autoscaler(), policy(["m1"], kinds=KINDS)))
    result = await world.apply(limits=CONSENT)
    assert result.outcomes()[WEB] is Outcome.DONE
    live = (await world.objects("m1", DEPLOYMENT))["web"]
    assert uid_of(live) != before
    assert field(live, "spec", "selector", "matchLabels", "app") == "www"
    assert field(live, "spec", "replicas") == 5, "an autoscaler's replicas are carried over"
    assert (await world.apply()).report is None


@pytest.mark.parametrize("moment", ["DELETE", "APPLY"])
def test_i07_a_replacement_that_was_killed_is_finished_by_the_next_run(moment: str, tmp_path: Path) -> None:
    """Killed after the old object went, and after the new one came, before anybody wrote that down."""

    def is_moment(request: Request) -> bool:
        return request.verb == moment and request.path.endswith("/deployments/web")

    async def die() -> World:
        world = World(tmp_path / "files", NAMES)
        world.write(documents(namespace(), deployment(), policy(["m1"])))
        await world.apply()
        world.write(documents(namespace(), relabelled(), policy(["m1"])))
        dead: list[bool] = []

        def kill(cluster: str, request: Request) -> None:
            if dead or is_moment(request):
                dead.append(True)
                raise ProcessDeath

        with contextlib.suppress(ProcessDeath, BaseExceptionGroup):
            await world.apply(limits=CONSENT, after=kill, before=lambda _, request: kill("", request) if dead else None)
        assert dead
        return world

    async def check() -> None:
        world = await die()
        world.clock.seconds += 60
        await world.apply(limits=CONSENT)
        live = (await world.objects("m1", DEPLOYMENT))["web"]
        assert field(live, "spec", "selector", "matchLabels", "app") == "www"
        assert (await world.apply()).report is None

    asyncio.run(check())


@in_world(names=NAMES)
async def test_an_object_that_changed_after_the_plan_is_not_deleted(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), relabelled(), policy(["m1"])))
    done: list[bool] = []

    def meddle(cluster: str, request: Request) -> None:
        if request.verb == "CREATE" and request.path.endswith("/secrets") and not done:
            done.append(True)
            store = world.clusters["m1"].store
            live = store.get(("apps", "deployments"), ("shop", "web"))
            assert live is not None
            store.put(("apps", "deployments"), ("shop", "web"), {**live, "spec": {**live["spec"], "replicas": 9}})

    result = await world.apply(limits=CONSENT, before=meddle)
    assert done
    assert result.outcomes()[WEB] is Outcome.FAILED
    assert not any(request.verb == "DELETE" and "/deployments/" in request.path for request in world.writes())


@in_world(names=NAMES)
async def test_a_lost_answer_to_the_second_half_is_looked_up(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), relabelled(), policy(["m1"])))
    lost: list[bool] = []

    def lose(cluster: str, request: Request) -> None:
        if request.verb == "APPLY" and request.path.endswith("/deployments/web") and not lost:
            lost.append(True)
            raise lost_answer(cluster, request)

    result = await world.apply(limits=CONSENT, after=lose)
    assert result.outcomes()[WEB] is Outcome.DONE
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_what_is_refused_for_another_reason_is_not_made_anew(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), deployment(extra="  minReadySeconds: 700"), policy(["m1"])))
    planned = await world.plan(limits=CONSENT)
    assert changes_of(planned.plan) == {WEB: Action.UNKNOWN}


@in_world(names=NAMES)
async def test_an_immutable_config_map_is_made_anew(world: World) -> None:
    world.write(documents(namespace(), config_map(color="blue") + "immutable: true\n", policy(["m1"])))
    await world.apply()
    world.write(documents(namespace(), config_map(color="red") + "immutable: true\n", policy(["m1"])))
    await world.apply(limits=CONSENT)
    assert (await world.objects("m1", CONFIG_MAP))["settings"]["data"] == {"color": "red"}
    assert (await world.apply()).report is None
