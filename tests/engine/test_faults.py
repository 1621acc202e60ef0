"""Faults of members: lost answers, silence in the middle, lists that fail or are refused (I4, I13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from karmactl.core.model.change import Action, Outcome
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import Manifest
from karmactl.core.model.ports import Discovery, Reader
from karmactl.core.model.reason import Reason
from karmactl.engine.session import make_plan
from karmactl.errors import Forbidden, GuardError, KarmactlError, Rejected, Unreachable
from karmactl.kube.transport import Request
from tests.engine.direct import lost_answer
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, NAMESPACE, STATE_NAMESPACE, World, changes_of, in_world

MANY = [config_map(f"c{number}") for number in range(6)]
SHOP = documents(namespace(), *MANY, policy(["m1", "m2"]))
IDS = [f"m1/ConfigMap./shop/c{number}" for number in range(6)]


class Once:
    """Raises for the first request that matches."""

    def __init__(self, matches: Callable[[str, Request], bool]) -> None:
        self.matches = matches
        self.hit = False

    def __call__(self, cluster: str, request: Request) -> None:
        """A hook."""
        if not self.hit and self.matches(cluster, request):
            self.hit = True
            raise lost_answer(cluster, request)


def applies(name: str) -> Callable[[str, Request], bool]:
    """Matches the apply of an object in m1."""
    return lambda cluster, request: cluster == "m1" and request.verb == "APPLY" and request.path.endswith(name)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_create_whose_answer_was_lost_is_looked_up(moment: str, tmp_path: Path) -> None:
    @in_world(names=("m1", "m2"))
    async def check(world: World) -> None:
        world.write(SHOP)
        fault = Once(applies("/c3"))
        result = await world.apply(**{moment: fault})
        assert fault.hit
        assert set(result.outcomes().values()) == {Outcome.DONE}
        assert (await world.apply()).report is None

    check(tmp_path)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_update_whose_answer_was_lost_is_looked_up(moment: str, tmp_path: Path) -> None:
    @in_world(names=("m1", "m2"))
    async def check(world: World) -> None:
        world.write(SHOP)
        await world.apply()
        world.write(documents(namespace(), *MANY[1:], config_map("c0", color="red"), policy(["m1", "m2"])))
        fault = Once(applies("/c0"))
        result = await world.apply(**{moment: fault})
        assert fault.hit
        assert set(result.outcomes().values()) == {Outcome.DONE}
        assert (await world.objects("m1", CONFIG_MAP))["c0"]["data"] == {"color": "red"}
        assert (await world.apply()).report is None

    check(tmp_path)


@in_world(names=("m1", "m2", "m3"))
async def test_i13_a_member_that_dies_in_the_middle_stops_no_other(world: World) -> None:
    world.write(SHOP)

    def die(cluster: str, request: Request) -> None:
        if applies("/c2")(cluster, request):
            world.silent.add("m1")
            raise lost_answer(cluster, request)

    result = await world.apply(before=die)
    outcomes = result.outcomes()
    assert all(outcome is Outcome.DONE for name, outcome in outcomes.items() if name.startswith("m2/"))
    assert outcomes["m1/ConfigMap./shop/c2"] is Outcome.UNKNOWN
    assert Outcome.SKIPPED in {outcomes[name] for name in IDS}
    assert result.report is not None
    assert set(result.report.failed_clusters) == {"m1"}

    world.silent.clear()
    world.clock.seconds += 60
    again = await world.apply()
    assert set(again.outcomes().values()) == {Outcome.DONE}
    assert set(await world.objects("m1", CONFIG_MAP)) >= {f"c{number}" for number in range(6)}
    assert (await world.apply()).report is None


@in_world(names=("m1", "m2", "m3"))
async def test_i13_a_member_whose_intents_cannot_be_written_gets_nothing(world: World) -> None:
    world.write(SHOP)

    def refuse(cluster: str, request: Request) -> None:
        if cluster == "m1" and request.verb == "CREATE" and request.path.endswith("/secrets"):
            raise Forbidden("forbidden", "m1: no Secrets for you", cluster=cluster)

    result = await world.apply(before=refuse)
    outcomes = result.outcomes()
    assert {outcome for name, outcome in outcomes.items() if name.startswith("m1/")} == {Outcome.SKIPPED}
    assert {outcome for name, outcome in outcomes.items() if name.startswith("m2/")} == {Outcome.DONE}
    assert world.senders["m1"].requests["APPLY"] == 0


@in_world(names=("m1", "m2"))
async def test_i04_prune_waits_while_any_list_fails(world: World) -> None:
    world.write(SHOP)
    await world.apply()
    world.write(documents(namespace(), *MANY[1:], policy(["m1", "m2"]), config_map("new")))

    def fail(cluster: str, request: Request) -> None:
        if cluster == "m1" and request.verb == "LIST" and request.path == "/api/v1/namespaces":
            raise Rejected("server-error", "m1 answered 500", cluster=cluster, status=500)

    result = await world.apply(prune=True, before=fail)
    outcomes = result.outcomes()
    assert outcomes["m1/ConfigMap./shop/c0"] is Outcome.PENDING
    assert outcomes["m2/ConfigMap./shop/c0"] is Outcome.DONE
    assert not any(request.verb == "DELETE" and "/configmaps/" in request.path for request in world.senders["m1"].log)
    assert "c0" in await world.objects("m1", CONFIG_MAP)
    assert not result.plan.is_complete

    await world.apply(prune=True)
    assert "c0" not in await world.objects("m1", CONFIG_MAP)


@in_world(names=("m1", "m2"))
async def test_i04_a_failed_list_of_the_kind_itself_makes_it_unknown(world: World) -> None:
    world.write(SHOP)
    await world.apply()
    world.write(documents(namespace(), *MANY[1:], policy(["m2"])))

    def fail(cluster: str, request: Request) -> None:
        if cluster == "m1" and request.verb == "LIST" and request.path.endswith("/configmaps"):
            raise Rejected("server-error", "m1 answered 500", cluster=cluster, status=500)

    planned = await world.plan(prune=True, before=fail)
    assert {name: action for name, action in changes_of(planned.plan).items() if name.startswith("m1/Config")} == {}
    assert not planned.plan.is_complete
    result = await world.apply(prune=True, before=fail)
    assert set(await world.objects("m1", CONFIG_MAP)) >= {f"c{number}" for number in range(6)}
    view = await world.view()
    assert len([row for row in view.views["m1"].state.inventory.rows if row.resource.kind == "ConfigMap"]) == 6
    assert result.report is not None


@in_world(names=("m1", "m2"))
async def test_prune_waits_where_something_failed(world: World) -> None:
    world.write(SHOP)
    await world.apply()
    world.write(
        documents(namespace(), *MANY[1:], config_map("c1", color="red"), policy(["m1", "m2"])).replace(
            MANY[1] + "\n---\n", ""
        )
    )

    def refuse(cluster: str, request: Request) -> None:
        if applies("/c1")(cluster, request):
            raise Rejected("invalid", "m1 answered 422", cluster=cluster, status=422)

    result = await world.apply(prune=True, before=refuse)
    outcomes = result.outcomes()
    assert outcomes["m1/ConfigMap./shop/c1"] is Outcome.FAILED
    assert outcomes["m1/ConfigMap./shop/c0"] is Outcome.PENDING
    assert outcomes["m2/ConfigMap./shop/c0"] is Outcome.DONE


@in_world(names=("m1",))
async def test_lists_go_by_namespace_where_the_whole_cluster_is_refused(world: World) -> None:
    world.write(SHOP)
    await world.apply()

    def refuse(cluster: str, request: Request) -> None:
        if request.verb == "LIST" and request.path == "/api/v1/configmaps":
            raise Forbidden("forbidden", "cannot list configmaps at the cluster scope", cluster=cluster, status=403)

    again = await world.apply(before=refuse)
    assert again.report is None
    assert any(
        request.path == "/api/v1/namespaces/shop/configmaps" and request.verb == "LIST"
        for request in world.senders["m1"].log
    )
    world.write(documents(namespace(), *MANY[1:], policy(["m1"])))
    result = await world.apply(before=refuse, prune=True)
    assert result.outcomes()["m1/ConfigMap./shop/c0"] is Outcome.DONE


@in_world(names=("m1",))
async def test_a_group_that_discovery_lost_is_unknown_not_unserved(world: World) -> None:
    world.write(documents(namespace(), config_map(), deployment(), policy(["m1"])))
    await world.apply()
    session, _ = world.session(prune=True)
    facts = session.facts

    async def without_apps(reader: Reader) -> tuple[Cluster, Discovery, tuple[Reason, ...]]:
        cluster, discovery, warnings = await facts(reader)
        kinds = tuple(kind for kind in discovery.kinds if kind.group != "apps")
        return cluster, replace(discovery, kinds=kinds, failed_groups=("apps",)), warnings

    planned = await make_plan(replace(session, facts=without_apps))
    assert changes_of(planned.plan) == {"m1/Deployment.apps/shop/web": Action.UNKNOWN}
    assert not planned.plan.is_complete
    assert not planned.cluster_plans["m1"].is_listed_completely


@in_world(names=("m1", "m2", "m3"))
async def test_a_member_lost_between_survey_and_plan_keeps_its_inventory(world: World) -> None:
    world.write(SHOP)
    await world.apply()
    before = (await world.view()).views["m1"].state.inventory
    world.write(documents(namespace(), *MANY, config_map("new"), policy(["m1", "m2"])))

    def lose(cluster: str, request: Request) -> None:
        if cluster == "m1" and request.verb == "DRY_RUN":
            raise Unreachable("member-unreachable", "m1: gone", cluster=cluster)

    result = await world.apply(before=lose)
    assert not result.plan.is_complete
    assert (await world.view()).views["m1"].state.inventory == before
    await world.apply()
    assert "new" in await world.objects("m1", CONFIG_MAP)


@in_world(names=("m1",))
async def test_what_may_not_be_written_is_said_before_the_first_write(world: World) -> None:
    world.write(SHOP)
    await world.client("m1").create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
    world.write(
        documents(
            config_map("c").replace("namespace: shop", "namespace: other"),
            policy(["m1"]).replace("namespace: shop", "namespace: other"),
        )
    )

    def refuse(cluster: str, request: Request) -> None:
        if request.verb == "DRY_RUN":
            raise Forbidden("forbidden", "m1 answered 403: cannot patch configmaps", cluster=cluster, status=403)

    with pytest.raises(ExceptionGroup) as caught:
        await world.apply(before=refuse)
    (error,) = caught.value.exceptions
    assert isinstance(error, KarmactlError)
    assert not isinstance(error, GuardError)
    assert (error.code, "cannot patch" in error.message) == ("forbidden", True)
    assert world.writes() == []


@in_world(names=("m1",))
async def test_the_inventorys_namespace_needs_no_right_to_create_where_it_is_there(world: World) -> None:
    body: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": STATE_NAMESPACE}}
    for name in (STATE_NAMESPACE, "shop"):
        await world.client("m1").create(NAMESPACE, {**body, "metadata": {"name": name}})
    world.write(documents(config_map("a"), policy(["m1"])))
    refused: list[str] = []

    def refuse(cluster: str, request: Request) -> None:
        is_of_namespaces = request.path in ("/api/v1/namespaces", f"/api/v1/namespaces/{STATE_NAMESPACE}")
        if request.verb == "CREATE" and is_of_namespaces:
            refused.append(request.path)
            raise Forbidden("forbidden", "no namespaces for you", cluster=cluster, status=403)

    result = await world.apply(before=refuse)
    assert result.outcomes() == {"m1/ConfigMap./shop/a": Outcome.DONE}
    assert refused == []


@pytest.mark.parametrize(
    ("may_look", "is_there", "is_refused"), [(True, True, False), (False, True, False), (False, False, True)]
)
def test_a_namespace_for_the_state_that_is_there_needs_no_right_to_create_one(
    may_look: bool, is_there: bool, is_refused: bool, tmp_path: Path
) -> None:
    """Who may not look, either, is told by the first write into it whether it is there."""

    @in_world(names=("m1",))
    async def check(world: World) -> None:
        body: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": STATE_NAMESPACE}}
        if is_there:
            await world.client("m1").create(NAMESPACE, body)
        world.write(documents(namespace(), config_map(), policy(["m1"])))

        def refuse(cluster: str, request: Request) -> None:
            is_create = request.verb == "CREATE" and request.path == "/api/v1/namespaces"
            is_look = request.verb == "GET" and request.path == f"/api/v1/namespaces/{STATE_NAMESPACE}"
            if is_create or (is_look and not may_look):
                raise Forbidden("forbidden", "m1: no", cluster=cluster)

        if is_refused:
            with pytest.raises(KarmactlError):
                await world.apply(before=refuse)
            assert "settings" not in await world.objects("m1", CONFIG_MAP)
        else:
            assert set((await world.apply(before=refuse)).outcomes().values()) == {Outcome.DONE}

    check(tmp_path)
