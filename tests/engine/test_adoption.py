"""Taking over what others made: only when told to, field by field as shown, and so that a later removal really goes."""

from __future__ import annotations

import json

import pytest

from karmactl.core.model.change import Action, Outcome
from karmactl.core.model.manifest import Manifest, annotations_of, as_mapping, field, labels_of, metadata_of
from karmactl.core.state import PART_OF_LABEL
from karmactl.errors import GuardError
from karmactl.kube.transport import Request
from tests.engine.direct import lost_answer
from tests.engine.hands import autoscaler, scale
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, DEPLOYMENT, NAMESPACE, SET_ID, World, changes_of, fields_of, in_world

NAMES = ("m1",)
SETTINGS = "m1/ConfigMap./shop/settings"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
LIVE = frozenset({"foreign-object", "inventory-lost"})
FORMER = {
    "kubectl": ("kubectl-client-side-apply", {LAST_APPLIED: "{}"}, {}),
    "helm": (
        "helm",
        {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "shop"},
        {"app.kubernetes.io/managed-by": "Helm"},
    ),
    "karmada": ("karmada-agent", {"work.karmada.io/name": "settings-abc"}, {"karmada.io/managed": "true"}),
}


def settings(annotations: dict[str, str], labels: dict[str, str], **data: str) -> Manifest:
    metadata = {"name": "settings", "namespace": "shop", "annotations": annotations, "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}  # type: ignore[dict-item]


async def made_by(world: World, manager: str, body: Manifest) -> None:
    client = world.client("m1", manager)
    if "shop" not in await world.objects("m1", NAMESPACE):
        await client.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    await client.create(CONFIG_MAP, body)


def managers(live: Manifest) -> set[tuple[object, object]]:
    entries = metadata_of(live).get("managedFields")
    assert isinstance(entries, list)
    return {(field(entry, "manager"), field(entry, "operation")) for entry in entries}


@pytest.mark.parametrize("former", FORMER)
def test_former_owners_are_taken_over_and_fields_that_leave_the_files_go(former: str, tmp_path: object) -> None:
    manager, annotations, labels = FORMER[former]
    adopts = LIVE | {"live-karmada"}

    @in_world(names=NAMES)
    async def check(world: World) -> None:
        await made_by(world, manager, settings(annotations, labels, color="blue", size="big", old="x"))
        await world.client("m1", "an-operator").patch(CONFIG_MAP, "shop", "settings", {"data": {"theirs": "stays"}})
        world.write(documents(config_map(color="red", size="big"), policy(["m1"])))
        planned = await world.plan(adopts=adopts)
        assert changes_of(planned.plan) == {SETTINGS: Action.ADOPT}
        shown = {(entry.path, entry.op) for entry in fields_of(planned.plan)}
        assert {("/data/color", "replace"), ("/data/old", "remove")} <= shown
        assert not any(path.startswith(("/data/size", "/data/theirs")) for path, _ in shown)

        await world.apply(adopts=adopts)
        live = (await world.objects("m1", CONFIG_MAP))["settings"]
        assert live["data"] == {"color": "red", "size": "big", "theirs": "stays"}
        assert not set(annotations) & set(annotations_of(live)), "their annotations went with them"
        assert managers(live) == {("karmactl", "Apply"), ("an-operator", "Update")}
        assert (await world.apply()).report is None

        # What a former manager had set with the same value leaves with the files, too.
        world.write(documents(config_map(color="red"), policy(["m1"])))
        await world.apply()
        live = (await world.objects("m1", CONFIG_MAP))["settings"]
        assert live["data"] == {"color": "red", "theirs": "stays"}

    check(tmp_path)


@in_world(names=NAMES)
async def test_what_is_refused_shows_each_field_that_differs_with_its_holder_and_since_when(world: World) -> None:
    await made_by(world, "helm", settings({}, {}, color="blue", size="big"))
    world.write(documents(config_map(color="red", size="big"), policy(["m1"])))
    planned = await world.plan()
    (entry,) = [entry for entry in fields_of(planned.plan) if entry.path == "/data/color"]
    assert entry.conflict is not None
    assert (entry.conflict.manager, entry.before, entry.after) == ("helm", "blue", "red")
    assert entry.conflict.time
    with pytest.raises(ExceptionGroup) as caught:
        await world.apply()
    (error,) = caught.value.exceptions
    assert isinstance(error, GuardError)
    assert f"data.color (by helm since {entry.conflict.time})" in error.why


@in_world(names=NAMES)
async def test_an_adoption_that_was_killed_between_its_two_writes_goes_on(world: World) -> None:
    await made_by(world, "kubectl-client-side-apply", settings({LAST_APPLIED: "{}"}, {}, color="blue", old="x"))
    world.write(documents(config_map(color="red"), policy(["m1"])))

    def die(cluster: str, request: Request) -> None:
        if request.verb == "APPLY" and request.path.endswith("/configmaps/settings"):
            raise lost_answer(cluster, request)

    result = await world.apply(adopts=LIVE, before=die)
    assert result.outcomes()[SETTINGS] is Outcome.UNKNOWN
    assert (await world.objects("m1", CONFIG_MAP))["settings"]["data"] == {"color": "blue", "old": "x"}
    with pytest.raises(ExceptionGroup):
        await world.apply()
    await world.apply(adopts=LIVE)
    live = (await world.objects("m1", CONFIG_MAP))["settings"]
    assert (live["data"], managers(live)) == ({"color": "red"}, {("karmactl", "Apply")})


@in_world(names=NAMES)
async def test_an_object_that_changes_after_the_plan_is_not_adopted_unseen(world: World) -> None:
    await made_by(world, "kubectl-client-side-apply", settings({}, {}, color="blue"))
    world.write(documents(config_map(color="red"), policy(["m1"])))
    done: list[bool] = []

    def meddle(cluster: str, request: Request) -> None:
        if request.verb in ("PATCH", "APPLY") and request.path.endswith("/configmaps/settings") and not done:
            done.append(True)
            store = world.clusters["m1"].store
            live = store.get(("", "configmaps"), ("shop", "settings"))
            assert live is not None
            store.put(("", "configmaps"), ("shop", "settings"), {**live, "data": {"color": "green"}})

    result = await world.apply(adopts=LIVE, before=meddle)
    assert result.outcomes()[SETTINGS] is Outcome.FAILED
    assert result.report is not None
    assert result.report.results[0].error_code == "changed-since-plan"
    assert (await world.objects("m1", CONFIG_MAP))["settings"]["data"] == {"color": "green"}


@in_world(names=NAMES)
async def test_replicas_that_kubectl_set_and_an_autoscaler_owns_survive_an_adoption(world: World) -> None:
    await made_by(world, "kubectl-client-side-apply", settings({}, {}, color="blue"))
    body: Manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "annotations": {LAST_APPLIED: "{}"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "example.com/web:1"}]},
            },
        },
    }
    await world.client("m1", "kubectl-client-side-apply").create(DEPLOYMENT, body)
    await scale(world, "m1", "web", 6, manager="kubectl")
    kinds = ("apps/v1/Deployment", "autoscaling/v2/HorizontalPodAutoscaler")
    world.write(documents(deployment(), autoscaler(), policy(["m1"], kinds=kinds)))
    await world.apply(adopts=LIVE)
    live = (await world.objects("m1", DEPLOYMENT))["web"]
    assert field(live, "spec", "replicas") == 6
    assert not any(str(manager).startswith("kubectl") for manager, _ in managers(live))
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_objects_whose_inventory_was_lost_are_taken_over_again_when_told_to(world: World) -> None:
    world.write(documents(namespace(), config_map(color="red"), policy(["m1"])))
    await world.apply()
    store = world.clusters["m1"].store
    for key in [key for key in store.keys(("", "secrets")) if key[0] == "karmactl-system"]:
        store.remove(("", "secrets"), key)
    with pytest.raises(ExceptionGroup):
        await world.apply()
    result = await world.apply(adopts=LIVE)
    assert set(changes_of(result.plan).values()) == {Action.ADOPT}
    live = (await world.objects("m1", CONFIG_MAP))["settings"]
    assert labels_of(live)[PART_OF_LABEL] == SET_ID
    assert as_mapping(live["data"]) == {"color": "red"}
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_i03_an_adoption_takes_no_object_of_another_set_or_a_live_karmada(world: World) -> None:
    await made_by(world, "kubectl", settings({}, {PART_OF_LABEL: "applyset-another-v1"}, color="blue"))
    world.write(documents(config_map(color="red"), policy(["m1"])))
    assert [change.reason.code for change in (await world.plan(adopts=LIVE)).plan.change_sets[0].changes] == [
        "other-set"
    ]
    await world.client("m1").patch(
        CONFIG_MAP,
        "shop",
        "settings",
        {"metadata": {"labels": {PART_OF_LABEL: None}, "annotations": {"work.karmada.io/name": "x"}}},
    )
    plan = (await world.plan(adopts=LIVE)).plan
    assert [change.reason.code for change in plan.change_sets[0].changes] == ["live-karmada"]
    assert json.loads(json.dumps((await world.objects("m1", CONFIG_MAP))["settings"]["data"])) == {"color": "blue"}
