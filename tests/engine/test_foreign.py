"""Nothing is deleted or overwritten that this set did not create or was not told to adopt (I3); drift is put back."""

from __future__ import annotations

import pytest

from karmactl.core.model.change import Action, Outcome
from karmactl.core.model.manifest import Manifest, as_mapping, labels_of, metadata_of, uid_of
from karmactl.core.model.ports import Preconditions
from karmactl.core.state import PART_OF_LABEL
from karmactl.errors import GuardError
from karmactl.kube.transport import Request
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, DEPLOYMENT, NAMESPACE, SET_ID, World, changes_of, fields_of, in_world

NAMES = ("m1",)
SHOP = documents(namespace(), config_map(), policy(["m1"]))
SETTINGS = "m1/ConfigMap./shop/settings"


def foreign(**metadata: object) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop", **metadata},
        "data": {"color": "theirs"},
    }  # type: ignore[dict-item]


async def with_foreign(world: World, body: Manifest) -> None:
    client = world.client("m1", "helm")
    await client.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    await client.create(CONFIG_MAP, body)


async def refused(world: World, **wishes: object) -> list[str]:
    """The codes of the refusal of a run that must not have written anything."""
    with pytest.raises(ExceptionGroup) as caught:
        await world.apply(**wishes)
    assert world.writes() == []
    assert all(isinstance(error, GuardError) for error in caught.value.exceptions)
    return [error.code for error in caught.value.exceptions]  # type: ignore[attr-defined]


FILES = documents(config_map(), policy(["m1"]))


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({}, "foreign-object"),
        ({"labels": {PART_OF_LABEL: "applyset-another-v1"}}, "other-set"),
        ({"labels": {PART_OF_LABEL: SET_ID}}, "inventory-lost"),
        ({"annotations": {"work.karmada.io/name": "settings-abc"}}, "live-karmada"),
    ],
)
def test_i03_what_is_not_ours_is_refused(metadata: dict[str, object], code: str, tmp_path: object) -> None:
    @in_world(names=NAMES)
    async def check(world: World) -> None:
        await with_foreign(world, foreign(**metadata))
        world.write(FILES)
        assert await refused(world) == [code]
        assert as_mapping((await world.objects("m1", CONFIG_MAP))["settings"]["data"]) == {"color": "theirs"}

    check(tmp_path)


@in_world(names=NAMES)
async def test_i03_overwrite_adopts_a_hand_made_object_but_no_other_sets(world: World) -> None:
    await with_foreign(world, foreign())
    world.write(documents(config_map(), policy(["m1"], conflicts="Overwrite")))
    planned = await world.plan()
    assert changes_of(planned.plan) == {SETTINGS: Action.ADOPT}
    assert any((field.before, field.after) == ("theirs", "blue") for field in fields_of(planned.plan))
    await world.apply()
    live = (await world.objects("m1", CONFIG_MAP))["settings"]
    assert (live["data"], labels_of(live)[PART_OF_LABEL]) == ({"color": "blue"}, SET_ID)
    assert (await world.apply()).report is None

    await world.client("m1").apply(
        CONFIG_MAP,
        {**foreign(labels={PART_OF_LABEL: "applyset-another-v1"}), "data": {}},
        force=True,
    )
    assert await refused(world) == ["other-set"]


@in_world(names=NAMES)
async def test_i03_an_object_that_appears_after_the_plan_is_not_touched(world: World) -> None:
    world.write(SHOP)
    came: list[bool] = []

    def appear(name: str, request: Request) -> None:
        if request.verb == "APPLY" and request.path.endswith("/configmaps/settings") and not came:
            came.append(True)
            body = foreign(uid="11111111-2222-3333-4444-555555555555", creationTimestamp="2026-01-01T00:00:00Z")
            world.clusters["m1"].store.put(("", "configmaps"), ("shop", "settings"), body)

    result = await world.apply(before=appear)
    assert came
    assert result.outcomes()[SETTINGS] is Outcome.FAILED
    live = (await world.objects("m1", CONFIG_MAP))["settings"]
    assert (live["data"], labels_of(live)) == ({"color": "theirs"}, {})
    assert await refused(world) == ["foreign-object"]


@in_world(names=NAMES)
async def test_an_object_deleted_by_hand_is_made_again(world: World) -> None:
    world.write(SHOP)
    await world.apply()
    await world.client("m1").delete(CONFIG_MAP, "shop", "settings", preconditions=Preconditions())
    planned = await world.plan()
    (change,) = [change for change_set in planned.plan.change_sets for change in change_set.changes]
    assert (change.action, change.reason.code) == (Action.CREATE, "vanished")
    await world.apply()
    assert "settings" in await world.objects("m1", CONFIG_MAP)
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_a_label_taken_away_by_hand_is_put_back(world: World) -> None:
    world.write(SHOP)
    await world.apply()
    uid = uid_of((await world.objects("m1", CONFIG_MAP))["settings"])
    await world.client("m1", "kubectl-label").patch(
        CONFIG_MAP, "shop", "settings", {"metadata": {"labels": {PART_OF_LABEL: None}}}
    )
    planned = await world.plan()
    assert changes_of(planned.plan) == {SETTINGS: Action.UPDATE}
    await world.apply()
    live = (await world.objects("m1", CONFIG_MAP))["settings"]
    assert (uid_of(live), labels_of(live)[PART_OF_LABEL]) == (uid, SET_ID)
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_i03_prune_leaves_what_lost_our_label_or_was_made_anew(world: World) -> None:
    world.write(documents(namespace(), config_map("a"), config_map("b"), config_map("c"), policy(["m1"])))
    await world.apply()
    client = world.client("m1")
    await client.patch(CONFIG_MAP, "shop", "a", {"metadata": {"labels": {PART_OF_LABEL: None}}})
    await client.delete(CONFIG_MAP, "shop", "b", preconditions=Preconditions())
    body = foreign(labels={PART_OF_LABEL: SET_ID})
    metadata_of(body)["name"] = "b"
    await client.create(CONFIG_MAP, body)
    world.write(documents(namespace(), policy(["m1"])))
    result = await world.apply(prune=True)
    assert "m1/ConfigMap./shop/c" in changes_of(result.plan)
    assert {"a", "b"} <= set(await world.objects("m1", CONFIG_MAP))
    assert "c" not in await world.objects("m1", CONFIG_MAP)


@in_world(names=NAMES)
async def test_an_edit_by_hand_is_drift_and_is_put_back(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    await world.client("m1", "kubectl-edit").patch(
        DEPLOYMENT,
        "shop",
        "web",
        {"spec": {"minReadySeconds": 3, "replicas": 7}},
    )
    planned = await world.plan()
    (change,) = [change for change_set in planned.plan.change_sets for change in change_set.changes]
    assert (change.action, change.reason.code, change.is_forced) == (Action.UPDATE, "drift", True)
    (field,) = change.fields
    assert (field.path, field.before, field.after) == ("/spec/replicas", 7, 2)
    assert field.drift is not None
    assert field.drift.manager == "kubectl-edit"
    await world.apply()
    live = (await world.objects("m1", DEPLOYMENT))["web"]
    spec = as_mapping(live["spec"])
    assert (spec["replicas"], spec["minReadySeconds"]) == (2, 3), "what we never sent stays theirs"
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_a_field_that_we_newly_claim_and_another_holds_is_a_conflict(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    await world.client("m1", "rollout-bot").patch(DEPLOYMENT, "shop", "web", {"spec": {"minReadySeconds": 3}})
    world.write(documents(namespace(), deployment(extra="  minReadySeconds: 10"), policy(["m1"])))
    planned = await world.plan()
    (field,) = fields_of(planned.plan)
    assert field.conflict is not None
    assert (field.keyed_path, field.conflict.manager) == ("spec.minReadySeconds", "rollout-bot")
    assert (field.before, field.after) == (3, 10)
    assert await refused(world) == ["field-conflict"]
    await world.apply(force_conflicts=True)
    assert as_mapping((await world.objects("m1", DEPLOYMENT))["web"]["spec"])["minReadySeconds"] == 10
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_i03_a_namespace_with_foreign_objects_stays(world: World) -> None:
    world.write(SHOP)
    await world.apply()
    body = foreign()
    metadata_of(body)["name"] = "theirs"
    await world.client("m1").create(CONFIG_MAP, body)
    result = await world.apply(is_removal=True)
    outcomes = result.outcomes()
    assert outcomes[SETTINGS] is Outcome.DONE
    assert outcomes["m1/Namespace.//shop"] is Outcome.PENDING
    assert result.report is not None
    assert any("ConfigMap shop/theirs" in entry.error for entry in result.report.results)
    assert "theirs" in await world.objects("m1", CONFIG_MAP)
    assert "shop" in await world.objects("m1", NAMESPACE)

    await world.client("m1").delete(CONFIG_MAP, "shop", "theirs", preconditions=Preconditions())
    await world.apply(is_removal=True)
    assert "shop" not in await world.objects("m1", NAMESPACE)
    assert (await world.apply(is_removal=True)).report is None


@in_world(names=NAMES)
async def test_i03_an_object_that_changed_hands_since_the_plan_is_not_forced(world: World) -> None:
    """The drift that was shown is put back; what another manager takes after the plan is not."""
    world.write(documents(namespace(), config_map(color="blue", size="big"), policy(["m1"])))
    await world.apply()
    client = world.client("m1")
    await client.patch(CONFIG_MAP, "shop", "settings", {"data": {"color": "red"}})
    store = world.clusters["m1"].store
    done = []

    def meddle(name: str, request: Request) -> None:
        if request.verb == "APPLY" and request.path.endswith("/settings") and not done:
            done.append(True)
            live = store.get(("", "configmaps"), ("shop", "settings"))
            assert live is not None
            changed = {**live, "data": {**live["data"], "size": "small"}}
            metadata = {**live["metadata"], "managedFields": moved_field(live["metadata"]["managedFields"])}
            store.put(("", "configmaps"), ("shop", "settings"), {**changed, "metadata": metadata})

    result = await world.apply(before=meddle)
    assert done
    assert result.outcomes()[SETTINGS] is Outcome.FAILED
    assert result.report is not None
    assert result.report.results[0].error_code == "changed-since-plan"
    live = (await world.objects("m1", CONFIG_MAP))["settings"]
    assert live["data"] == {"color": "red", "size": "small"}
    await world.apply()
    assert (await world.objects("m1", CONFIG_MAP))["settings"]["data"] == {"color": "blue", "size": "big"}


def moved_field(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """managedFields with data.size moved from us to somebody else."""
    other = {
        "manager": "meddler",
        "operation": "Update",
        "apiVersion": "v1",
        "time": "2026-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:data": {"f:size": {}}},
    }
    moved = []
    for entry in entries:
        fields = dict(entry["fieldsV1"])  # type: ignore[call-overload]
        if entry["manager"] == "karmactl":
            fields["f:data"] = {key: value for key, value in fields["f:data"].items() if key != "f:size"}
        moved.append({**entry, "fieldsV1": fields})
    return [*moved, other]
