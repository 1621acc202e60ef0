"""Whole runs past fields that live in the member: an autoscaler's replicas, injected bundles, allocated addresses."""

from __future__ import annotations

from karmactl.core.model.change import Action, Outcome
from karmactl.core.model.manifest import Manifest, as_list, as_mapping, field
from karmactl.core.model.ports import APIKind, Preconditions
from karmactl.core.model.settings import IgnoreRule
from tests.engine.hands import autoscaler, retained_of, scale
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import CONFIG_MAP, DEPLOYMENT, World, changes_of, fields_of, in_world

NAMES = ("m1",)
WEB = "m1/Deployment.apps/shop/web"
KINDS = ("apps/v1/Deployment", "autoscaling/v2/HorizontalPodAutoscaler")
SERVICE = APIKind(group="", version="v1", kind="Service", resource="services", is_namespaced=True)
CLAIM = APIKind(
    group="", version="v1", kind="PersistentVolumeClaim", resource="persistentvolumeclaims", is_namespaced=True
)
HOOKS = APIKind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="ValidatingWebhookConfiguration",
    resource="validatingwebhookconfigurations",
    is_namespaced=False,
)


AUTOSCALER = APIKind(
    group="autoscaling",
    version="v2",
    kind="HorizontalPodAutoscaler",
    resource="horizontalpodautoscalers",
    is_namespaced=True,
)


def by_hand() -> Manifest:
    """An autoscaler that is in no file."""
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "theirs", "namespace": "shop"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "maxReplicas": 9},
    }


async def replicas(world: World) -> object:
    return field((await world.objects("m1", DEPLOYMENT))["web"], "spec", "replicas")


@in_world(names=NAMES)
async def test_replicas_of_an_autoscaler_of_the_files_stay(world: World) -> None:
    world.write(documents(namespace(), deployment(), autoscaler(), policy(["m1"], kinds=KINDS)))
    await world.apply()
    await scale(world, "m1", "web", 6)
    planned = await world.plan()
    assert changes_of(planned.plan) == {}
    assert retained_of(planned.plan) == [("m1", "spec.replicas", "autoscaler", "hpa/web")]
    await world.apply()
    assert await replicas(world) == 6

    # A new image goes out, and the replicas stay in the same run.
    world.write(
        documents(namespace(), deployment(image="example.com/web:2"), autoscaler(), policy(["m1"], kinds=KINDS))
    )
    result = await world.apply()
    assert {entry.path for entry in fields_of(result.plan)} == {"/spec/template/spec/containers/0/image"}
    assert await replicas(world) == 6
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_replicas_of_an_autoscaler_that_only_the_member_has_stay(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    await world.client("m1").create(AUTOSCALER, by_hand())
    await scale(world, "m1", "web", 5)
    planned = await world.plan()
    assert (changes_of(planned.plan), retained_of(planned.plan)) == (
        {},
        [("m1", "spec.replicas", "autoscaler", "hpa/theirs")],
    )
    await world.apply()
    assert await replicas(world) == 5


@in_world(names=NAMES)
async def test_replicas_are_ours_again_when_the_autoscaler_is_gone(world: World) -> None:
    world.write(documents(namespace(), deployment(), autoscaler(), policy(["m1"], kinds=KINDS)))
    await world.apply()
    await scale(world, "m1", "web", 6)
    await world.apply()
    world.write(documents(namespace(), deployment(), policy(["m1"], kinds=KINDS)))
    result = await world.apply(prune=True)
    assert changes_of(result.plan)[WEB] is Action.UPDATE
    assert await replicas(world) == 2
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_replicas_are_ours_again_when_their_autoscaler_is_deleted_by_hand(world: World) -> None:
    """Neither digest of the Deployment changes by that."""
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    await world.client("m1").create(AUTOSCALER, by_hand())
    await scale(world, "m1", "web", 5)
    await world.apply()
    assert (await world.apply()).report is None
    await world.client("m1").delete(AUTOSCALER, "shop", "theirs", preconditions=Preconditions())
    result = await world.apply()
    assert {entry.path for entry in fields_of(result.plan)} == {"/spec/replicas"}
    assert await replicas(world) == 2


@in_world(names=NAMES)
async def test_kubectl_scale_without_an_autoscaler_is_drift(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    await scale(world, "m1", "web", 7, manager="kubectl")
    planned = await world.plan()
    (entry,) = fields_of(planned.plan)
    assert (entry.path, entry.before, entry.after) == ("/spec/replicas", 7, 2)
    assert entry.drift is not None
    assert entry.drift.manager == "kubectl"
    await world.apply()
    assert await replicas(world) == 2


@in_world(names=NAMES)
async def test_an_autoscaler_that_comes_to_be_takes_the_replicas_over_without_a_jump(world: World) -> None:
    """Replicas leave the files in the run that brings the autoscaler: dropped, they would fall to their default, 1."""
    world.write(documents(namespace(), deployment(replicas=4), policy(["m1"], kinds=KINDS)))
    await world.apply()
    without = deployment().replace("  replicas: 2\n", "")
    world.write(documents(namespace(), without, autoscaler(), policy(["m1"], kinds=KINDS)))
    await world.apply()
    assert await replicas(world) == 4


@in_world(names=NAMES)
async def test_a_bundle_that_an_injector_fills_in_stays(world: World) -> None:
    hooks = """apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hooks, annotations: {cert-manager.io/inject-ca-from: shop/cert}}
webhooks:
- name: a.example.com
  clientConfig: {service: {name: a, namespace: shop}, caBundle: Cg==}
  sideEffects: None
  admissionReviewVersions: [v1]
  failurePolicy: FAIL
"""
    everywhere = policy(["m1"], kinds=["admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration"]).replace(
        "kind: PropagationPolicy\nmetadata: {name: all, namespace: shop}",
        "kind: ClusterPropagationPolicy\nmetadata: {name: all}",
    )
    world.write(documents(hooks.replace("FAIL", "Ignore"), everywhere))
    await world.apply()
    injector = world.client("m1", "cainjector")
    live = (await world.objects("m1", HOOKS))["hooks"]
    as_mapping(as_mapping(as_list(live["webhooks"])[0])["clientConfig"])["caBundle"] = "cmVhbA=="
    await injector.replace(HOOKS, live)
    planned = await world.plan()
    assert changes_of(planned.plan) == {}
    world.write(documents(hooks.replace("FAIL", "Fail"), everywhere))
    result = await world.apply()
    assert {entry.path for entry in fields_of(result.plan)} == {"/webhooks/0/failurePolicy"}
    live = (await world.objects("m1", HOOKS))["hooks"]
    assert field(as_list(live["webhooks"])[0], "clientConfig", "caBundle") == "cmVhbA=="
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_addresses_that_the_member_allocates_stay(world: World) -> None:
    service = """apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}%s]}
"""
    policies = policy(["m1"], kinds=["v1/Service"])
    world.write(documents(namespace(), service % "", policies))
    await world.apply()
    before = (await world.objects("m1", SERVICE))["web"]
    assert (await world.apply()).report is None
    world.write(documents(namespace(), service % ", {port: 81, name: b}".replace("{port: 80}", ""), policies))
    world.write(documents(namespace(), service.replace("selector: {app: web}", "selector: {app: www}") % "", policies))
    await world.apply()
    after = (await world.objects("m1", SERVICE))["web"]
    for path in (("clusterIP",), ("clusterIPs",), ("ports",)):
        assert field(after, "spec", *path) == field(before, "spec", *path)
    assert field(after, "spec", "selector") == {"app": "www"}
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_the_volume_of_a_claim_stays(world: World) -> None:
    claim = """apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop, annotations: {note: "%s"}}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}
"""
    policies = policy(["m1"], kinds=["v1/PersistentVolumeClaim"])
    world.write(documents(namespace(), claim % "a", policies))
    await world.apply(is_waiting=False)
    await world.client("m1", "binder").patch(CLAIM, "shop", "data", {"spec": {"volumeName": "pv-1"}})
    assert changes_of((await world.plan()).plan) == {}
    world.write(documents(namespace(), claim % "b", policies))
    result = await world.apply(is_waiting=False)
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert field((await world.objects("m1", CLAIM))["data"], "spec", "volumeName") == "pv-1"


@in_world(names=NAMES)
async def test_a_sidecar_that_a_mesh_adds_is_neither_shown_nor_removed(world: World) -> None:
    world.write(documents(namespace(), deployment(), policy(["m1"])))
    await world.apply()
    sidecar = {"name": "proxy", "image": "example.com/mesh:1"}
    live = (await world.objects("m1", DEPLOYMENT))["web"]
    as_list(field(live, "spec", "template", "spec", "containers")).append(sidecar)
    await world.client("m1", "mesh").replace(DEPLOYMENT, live)
    assert changes_of((await world.plan()).plan) == {}
    world.write(documents(namespace(), deployment(image="example.com/web:2"), policy(["m1"])))
    await world.apply()
    live = (await world.objects("m1", DEPLOYMENT))["web"]
    containers = as_list(field(live, "spec", "template", "spec", "containers"))
    assert [(field(entry, "name"), field(entry, "image")) for entry in containers] == [
        ("web", "example.com/web:2"),
        ("proxy", "example.com/mesh:1"),
    ]
    assert (await world.apply()).report is None


@in_world(names=NAMES)
async def test_drift_that_karmactl_yaml_ignores_is_left(world: World) -> None:
    ignore = (IgnoreRule(kind="ConfigMap", path="/data/color", manager="dashboard"),)
    world.write(documents(namespace(), config_map(color="blue", size="big"), policy(["m1"])))
    await world.apply(ignore=ignore)
    await world.client("m1", "dashboard").patch(CONFIG_MAP, "shop", "settings", {"data": {"color": "red"}})
    planned = await world.plan(ignore=ignore)
    assert changes_of(planned.plan) == {}
    assert retained_of(planned.plan) == [("m1", "data.color", "ignore", "dashboard")]
    await world.apply(ignore=ignore)

    # The same field in other hands is drift, and so is another field.
    await world.client("m1", "kubectl-edit").patch(
        CONFIG_MAP, "shop", "settings", {"data": {"color": "pink", "size": "s"}}
    )
    planned = await world.plan(ignore=ignore)
    assert changes_of(planned.plan) == {"m1/ConfigMap./shop/settings": Action.UPDATE}
    assert {entry.path for entry in fields_of(planned.plan)} == {"/data/color", "/data/size"}

    # Without the rule the field is ours again, though neither digest of the object tells.
    await world.client("m1", "dashboard").patch(
        CONFIG_MAP, "shop", "settings", {"data": {"color": "red", "size": "big"}}
    )
    await world.apply(ignore=ignore)
    assert changes_of((await world.plan(ignore=ignore)).plan) == {}
    assert {entry.path for entry in fields_of((await world.plan()).plan)} == {"/data/color"}
