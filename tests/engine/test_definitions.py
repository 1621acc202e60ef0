"""CustomResourceDefinitions and Namespaces: sent first, waited for, and never by guess."""

from __future__ import annotations

from karmactl.core.model.change import Outcome
from karmactl.core.model.manifest import Manifest, ResourceRef
from karmactl.core.model.ports import APIKind, Discovery, Preconditions
from karmactl.engine.kinds import wanted_kinds
from karmactl.kube.transport import Request
from tests.engine.manifests import config_map, documents, namespace, policy
from tests.engine.world import NAMESPACE, World, changes_of, in_world

CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: toys.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: toys, singular: toy, kind: Toy, listKind: ToyList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
TOY = "apiVersion: example.com/v1\nkind: Toy\nmetadata: {name: bear, namespace: shop}\nspec: {soft: true}\n"
ALL = """apiVersion: policy.karmada.io/v1alpha1
kind: ClusterPropagationPolicy
metadata: {name: all}
spec:
  resourceSelectors:
  - {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition}
  - {apiVersion: example.com/v1, kind: Toy}
  placement: {clusterAffinity: {clusterNames: [m1]}}
"""
TOYS = APIKind(group="example.com", version="v1", kind="Toy", resource="toys", is_namespaced=True)
FILES = documents(namespace(), CRD, TOY, ALL)


@in_world(names=("m1",))
async def test_a_definition_and_its_objects_go_in_one_run(world: World) -> None:
    world.write(FILES)
    result = await world.apply()
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert set(await world.objects("m1", TOYS)) == {"bear"}
    assert (await world.apply()).report is None
    world.write(FILES.replace("soft: true", "soft: false"))
    planned = await world.plan()
    assert set(changes_of(planned.plan)) == {"m1/Toy.example.com/shop/bear"}


@in_world(names=("m1",))
async def test_i03_a_definition_with_foreign_objects_stays(world: World) -> None:
    world.write(FILES)
    await world.apply()
    theirs: Manifest = {
        "apiVersion": "example.com/v1",
        "kind": "Toy",
        "metadata": {"name": "theirs", "namespace": "default"},
    }
    await world.client("m1").create(TOYS, theirs)
    result = await world.apply(is_removal=True)
    outcomes = result.outcomes()
    assert outcomes["m1/Toy.example.com/shop/bear"] is Outcome.DONE
    assert outcomes["m1/CustomResourceDefinition.apiextensions.k8s.io//toys.example.com"] is Outcome.PENDING
    assert set(await world.objects("m1", TOYS, "default")) == {"theirs"}
    await world.client("m1").delete(TOYS, "default", "theirs", preconditions=Preconditions())
    done = await world.apply(is_removal=True)
    assert set(done.outcomes().values()) == {Outcome.DONE}


@in_world(names=("m1",))
async def test_a_definition_that_never_is_served_holds_its_objects_back_but_not_the_rest(world: World) -> None:
    world.write(documents(FILES, config_map(), policy(["m1"])))

    def stall(cluster: str, request: Request) -> None:
        store = world.clusters["m1"].store
        table, key = ("apiextensions.k8s.io", "customresourcedefinitions"), ("", "toys.example.com")
        live = store.get(table, key)
        if live is not None and (live.get("status") or {}).get("conditions"):
            store.put(table, key, {**live, "status": {}})

    result = await world.apply(before=stall)
    outcomes = result.outcomes()
    assert outcomes["m1/CustomResourceDefinition.apiextensions.k8s.io//toys.example.com"] is Outcome.FAILED
    assert outcomes["m1/Toy.example.com/shop/bear"] is Outcome.SKIPPED
    assert outcomes["m1/ConfigMap./shop/settings"] is Outcome.DONE
    assert world.clock.seconds < 120, "half a minute once, not once an object"


@in_world(names=("m1",))
async def test_a_namespace_that_is_being_deleted_is_said_at_once(world: World) -> None:
    client = world.client("m1")
    world.write(documents(namespace(), config_map(), policy(["m1"])))
    await world.apply()
    store = world.clusters["m1"].store
    live = store.get(("", "namespaces"), ("", "shop"))
    assert live is not None
    terminating = {**live, "status": {"phase": "Terminating"}}
    store.put(("", "namespaces"), ("", "shop"), terminating)
    world.write(
        documents(namespace().replace("{name: shop}", "{name: shop, labels: {a: b}}"), config_map(), policy(["m1"]))
    )
    result = await world.apply()
    assert result.outcomes()["m1/Namespace.//shop"] is Outcome.FAILED
    assert result.report is not None
    assert any("being deleted" in entry.error for entry in result.report.results)
    assert await client.get(NAMESPACE, "", "shop") is not None


@in_world(names=("m1",))
async def test_a_namespace_that_is_nowhere_is_made_when_asked_for(world: World) -> None:
    world.write(documents(config_map("a"), config_map("b"), policy(["m1"])))
    result = await world.apply(create_namespaces=True)
    assert set(result.outcomes().values()) == {Outcome.DONE}
    made = [request.body for request in world.senders["m1"].log if request.verb == "CREATE"]
    assert sum(b'"name":"shop"' in (body or b"") and b"Namespace" in (body or b"") for body in made) == 1
    assert sum(b'"kind":"Namespace"' in (body or b"") for body in made) == 2, "the inventory's, and this one"


def ref(group: str, version: str, kind: str) -> ResourceRef:
    return ResourceRef(group=group, version=version, kind=kind, namespace="shop", name="x")


def test_kinds_are_served_new_unknown_or_absent() -> None:
    apps = APIKind(group="apps", version="v1", kind="Deployment", resource="deployments", is_namespaced=True)
    discovery = Discovery(kinds=(apps,), failed_groups=("metrics.example.com",))
    wanted = [
        ref("apps", "v1", "Deployment"),
        ref("apps", "v1beta1", "Deployment"),
        ref("metrics.example.com", "v1", "M"),
    ]
    table = wanted_kinds(wanted, [ref("apps", "v1beta2", "Deployment")], discovery, [])
    assert table.find(("apps/v1", "Deployment")) == apps
    assert table.find(("apps/v1beta1", "Deployment")) is None, "what is wanted has to be served as it is written"
    assert table.find(("apps/v1beta2", "Deployment")) == apps, "what was recorded is looked for in any version"
    assert table.unknown == {("metrics.example.com/v1", "M")}
