"""Invariants through the whole command line, each provoked by a hostile hand: I1, I5, I9, I11."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, field, metadata_of
from karmactl.core.model.ports import APIKind, Preconditions
from karmactl.embedded.cluster import Cluster
from karmactl.kube.client import ClusterClient
from tests.e2e.fleet import CONFIG_MAP, DEPLOYMENT, MEMBERS, NAMESPACE, SECRET, SERVICE, Fleet, footprint
from tests.engine.hands import autoscaler
from tests.engine.manifests import config_map, deployment, documents, namespace, policy, secret

LEASE = APIKind(group="coordination.k8s.io", version="v1", kind="Lease", resource="leases", is_namespaced=True)
SHOP = documents(namespace(), config_map(), config_map("more"), secret(token="one"), deployment(), policy(MEMBERS))
CHANGED = documents(
    namespace(), config_map(color="red"), secret(token="two"), deployment(image="example.com/web:2"), policy(MEMBERS)
)
READING = (
    ("plan",),
    ("plan", "--prune", "--reschedule", "--force-conflicts", "--out", "plan.json"),
    ("plan", "--dry-run=client"),
    ("diff",),
    ("why", "deploy/web", "-n", "shop"),
    ("why", "deploy/web", "-n", "shop", "-C", "member1", "--patch"),
    ("status",),
    ("render", "--out-dir", "out", "--secrets", "skip"),
    ("graph",),
    ("simulate", "--every-loss"),
    ("import", "--from", "live"),
    ("import", "--from", "karmada"),
    ("clusters", "list"),
    ("clusters", "check"),
    ("clusters", "lock"),
)


def everything(fleet: Fleet) -> dict[str, JSONValue]:
    """Every object of the kinds that a run could touch, with its version."""
    return {
        f"{member} {kind.kind} {metadata_of(item).get('namespace')}/{metadata_of(item)['name']}": metadata_of(item)[
            "resourceVersion"
        ]
        for member in MEMBERS
        for kind in (NAMESPACE, CONFIG_MAP, SECRET, SERVICE, DEPLOYMENT, LEASE)
        for item in fleet.ask(member, lambda client, kind=kind: client.list(kind))  # type: ignore[misc]
    }


def hostile(fleet: Fleet) -> None:
    """Drift, an object gone, one of a stranger where one shall come, a label taken away."""
    fleet.ask("member1", lambda client: client.patch(DEPLOYMENT, "shop", "web", {"spec": {"replicas": 9}}))
    fleet.ask("member2", lambda client: client.delete(CONFIG_MAP, "shop", "more", preconditions=Preconditions()))
    labels: Manifest = {"metadata": {"labels": {"applyset.kubernetes.io/part-of": None}}}
    fleet.ask("member3", lambda client: client.patch(CONFIG_MAP, "shop", "settings", labels))
    theirs: Manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new", "namespace": "shop"}}
    fleet.ask("member1", lambda client: client.create(CONFIG_MAP, theirs))
    fleet.write("new.yaml", config_map("new"))


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_i01_a_command_that_reads_changes_nothing(command: tuple[str, ...], stalled_fleet: Fleet) -> None:
    fleet = stalled_fleet
    fleet.write("shop.yaml", SHOP)
    fleet.settle("shop")
    fleet.run("apply", "--no-wait")
    fleet.write("shop.yaml", CHANGED)
    hostile(fleet)
    before = everything(fleet)
    ran = fleet.run(*command)
    assert ran.status in (0, 1, 3, 4), ran.err
    assert everything(fleet) == before
    assert "two" not in ran.out + ran.err


def _patch(member: str, **spec: JSONValue) -> Callable[[Fleet], object]:
    body: Manifest = {"spec": {**spec}}
    return lambda fleet: fleet.ask(member, lambda client: client.patch(DEPLOYMENT, "shop", "web", body))


DIVIDED = policy(MEMBERS, kinds=("apps/v1/Deployment", "autoscaling/v2/HorizontalPodAutoscaler")) + (
    "    replicaScheduling: {replicaSchedulingType: Divided, replicaDivisionPreference: Weighted}\n"
)
WISHES: dict[str, tuple[str, Callable[[Fleet], object]]] = {
    "nothing else": ("", lambda fleet: None),
    "a hand scales a member up": ("", _patch("member1", replicas=20)),
    "a hand scales a member to nothing": ("", _patch("member3", replicas=0)),
    "an object is deleted": (
        "",
        lambda fleet: fleet.ask(
            "member2", lambda client: client.delete(DEPLOYMENT, "shop", "web", preconditions=Preconditions())
        ),
    ),
    "an autoscaler scales a member": (autoscaler(), _patch("member2", replicas=7)),
}


@pytest.mark.parametrize("wish", WISHES)
def test_i05_replicas_add_up_in_the_end_state_but_for_those_named(wish: str, fleet: Fleet) -> None:
    more, meddle = WISHES[wish]
    texts = [text for text in (namespace(), deployment(replicas=7), more, DIVIDED) if text]
    fleet.write("shop.yaml", documents(*texts))
    fleet.settle("shop")
    fleet.apply()
    meddle(fleet)
    planned = fleet.run("plan", "-o", "json")
    assert planned.status == 0, planned.err
    left = {str(as_mapping(entry)["cluster"]) for entry in as_list(planned.document["retained"])}
    (placement,) = [
        as_mapping(entry)
        for entry in as_list(planned.document["placements"])
        if field(entry, "resource", "kind") == "Deployment"
    ]
    shares: Any = {str(field(entry, "name")): field(entry, "replicas") for entry in as_list(placement["clusters"])}
    assert sum(shares.values()) == 7
    fleet.apply()
    counts = fleet.replicas("shop")["web"]
    assert {name: count for name, count in counts.items() if name not in left} == {
        name: count for name, count in shares.items() if name not in left
    }
    assert left == ({"member2"} if more else set())


def test_i09_the_plan_is_that_of_the_world_however_often_it_is_looked_at(fleet: Fleet) -> None:
    fleet.write("shop.yaml", SHOP)
    fleet.settle("shop")
    fleet.apply()
    fleet.write("shop.yaml", CHANGED)
    hostile(fleet)
    first = fleet.run("plan", "-o", "json").document
    for number, member in enumerate(MEMBERS):
        # Versions, times and managers of what is not ours move; the plan does not.
        touched: Manifest = {"metadata": {"annotations": {"example.com/seen": str(number)}}}
        fleet.ask(member, lambda client, touched=touched: client.patch(DEPLOYMENT, "shop", "web", touched))  # type: ignore[misc]
        again = fleet.run("plan", "-o", "json").document
        assert again["id"] == first["id"]
        assert [field(entry, "id") for entry in as_list(again["changes"])] == [
            field(entry, "id") for entry in as_list(first["changes"])
        ]
    process = fleet.start("plan", "-o", "json")
    out, err = process.communicate(timeout=60)
    assert json.loads(out)["id"] == first["id"], err


async def _rebuild(client: ClusterClient) -> None:
    for name in ("shop", "karmactl-system"):
        await client.delete(NAMESPACE, "", name, preconditions=Preconditions())


async def _renamed(cluster: Cluster) -> None:
    """Give kube-system another UID, which no request can."""
    key = ("", "kube-system")
    system = cluster.store.get(("", "namespaces"), key)
    assert system is not None
    metadata = {**system["metadata"], "uid": "11111111-2222-3333-4444-555555555555"}
    cluster.store.put(("", "namespaces"), key, {**system, "metadata": metadata})


def test_i11_a_rebuilt_cluster_is_refused_until_its_new_identity_is_taken(fleet: Fleet) -> None:
    fleet.write("shop.yaml", documents(namespace(), config_map(), policy(MEMBERS)))
    fleet.settle("shop")
    fleet.apply()
    assert fleet.sandbox is not None
    fleet.ask("member2", _rebuild)
    fleet.sandbox.call(_renamed(fleet.sandbox.sandbox.cluster("member2")))
    before = footprint(fleet)
    for words in (("apply",), ("delete", "-y"), ("plan",), ("import", "--from", "live", "--adopt")):
        ran = fleet.run(*words)
        assert ran.status == 4, ran.out + ran.err
        assert "identity-changed" in ran.err
        assert "11111111-2222-3333-4444-555555555555" in ran.err
    assert footprint(fleet) == before

    assert fleet.run("clusters", "lock").status == 4
    assert fleet.run("clusters", "lock", "--relock", "member2").status == 0
    fleet.apply()
    assert fleet.objects("member2", CONFIG_MAP, "shop")["settings"]["data"] == {"color": "blue"}
    assert fleet.run("diff").status == 0
    # The record knows the new identity by now, also without the lock file.
    (fleet.project / "karmactl.lock").unlink()
    assert fleet.run("plan").status == 0


def test_i11_two_members_that_are_one_cluster_are_refused(fleet: Fleet) -> None:
    fleet.write("shop.yaml", documents(namespace(), config_map(), policy(MEMBERS)))
    fleet.settle("shop")
    (fleet.project / "karmactl.lock").unlink()
    document = yaml.safe_load(fleet.kubeconfig.read_text())
    first, second = document["clusters"][:2]
    second["cluster"] = first["cluster"]
    document["users"][1]["user"] = document["users"][0]["user"]
    path = fleet.project / "twice"
    path.write_text(yaml.safe_dump(document))
    settings = fleet.project / "karmactl.yaml"
    settings.write_text(settings.read_text().replace(str(fleet.kubeconfig), str(path)))
    ran = fleet.run("apply")
    assert ran.status == 2, ran.out
    assert "same-cluster-twice" in ran.err
    assert not any("karmactl" in str(entry) for entry in footprint(fleet).values())
