"""I2: a plan is saved, the world moves, and `apply --plan` sends exactly what it says or refuses with what moved."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from karmactl.core.model.manifest import Manifest
from karmactl.core.model.ports import APIKind, Preconditions
from karmactl.kube.client import ClusterClient
from tests.e2e.fleet import CONFIG_MAP, DEPLOYMENT, MEMBERS, NAMESPACE, SECRET, Fleet, footprint
from tests.engine.manifests import config_map, deployment, documents, namespace, policy, secret

CRD = APIKind(
    group="apiextensions.k8s.io",
    version="v1",
    kind="CustomResourceDefinition",
    resource="customresourcedefinitions",
    is_namespaced=False,
)
POD = APIKind(group="", version="v1", kind="Pod", resource="pods", is_namespaced=True)
POLICY = policy(MEMBERS)
BEFORE = documents(namespace(), config_map(), config_map("old"), secret(token="one"), deployment(), POLICY)
AFTER = documents(
    namespace(), config_map(color="red"), secret(token="two"), deployment(image="example.com/web:2"), POLICY
)


def as_(member: str, question: Callable[[ClusterClient], Any], *, manager: str = "hand") -> Callable[[Fleet], None]:
    """A move of the world: somebody does something in a member."""
    return lambda fleet: fleet.ask(member, question, manager=manager)


def write(text: str, name: str = "shop.yaml") -> Callable[[Fleet], None]:
    return lambda fleet: fleet.write(name, text)


def settings(before: str, after: str) -> Callable[[Fleet], None]:
    """karmactl.yaml changes."""

    def move(fleet: Fleet) -> None:
        path = fleet.project / "karmactl.yaml"
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after))

    return move


def another_run(fleet: Fleet) -> None:
    fleet.write("shop.yaml", documents(BEFORE, config_map("more")))
    fleet.apply()
    fleet.write("shop.yaml", AFTER)


def fail(fleet: Fleet) -> None:
    assert fleet.sandbox is not None
    fleet.sandbox.fail("member3", "down")


def swap(fleet: Fleet) -> None:
    """Two contexts point at each other's clusters."""
    settings("context: member1}", "context: x}")(fleet)
    settings("context: member2}", "context: member1}")(fleet)
    settings("context: x}", "context: member2}")(fleet)


def crd() -> Manifest:
    schema: Any = {"openAPIV3Schema": {"type": "object"}}
    body: Any = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    found: Manifest = body
    return found


async def pod(client: ClusterClient) -> None:
    spec: Any = {"containers": [{"name": "c", "image": "example.com/c"}]}
    await client.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "theirs"}})
    body: Manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "theirs"}, "spec": spec}
    await client.create(POD, body)


REFUSED: dict[str, tuple[Callable[[Fleet], None], str]] = {
    "a template": (write(AFTER.replace("web:2", "web:3")), "input files/shop.yaml"),
    "the value of a Secret": (write(AFTER.replace("two", "six")), "Secret shop/token: it is not as it was"),
    "a policy": (write(AFTER.replace(", member3", "")), "placement of Deployment shop/web"),
    "a new file": (write(config_map("more"), "more.yaml"), "input files/more.yaml: new"),
    "drift in a field of ours": (
        as_("member1", lambda client: client.patch(DEPLOYMENT, "shop", "web", {"spec": {"replicas": 7}})),
        "member1 Deployment shop/web: it is not as it was",
    ),
    "an object of ours deleted": (
        as_("member2", lambda client: client.delete(CONFIG_MAP, "shop", "settings", preconditions=Preconditions())),
        "member2 ConfigMap shop/settings: it is not as it was",
    ),
    "what is to be pruned, gone": (
        as_("member2", lambda client: client.delete(CONFIG_MAP, "shop", "old", preconditions=Preconditions())),
        "member2 ConfigMap shop/old: prune is no longer due",
    ),
    "a member's API": (as_("member3", lambda client: client.create(CRD, crd())), "member3: the APIs that it serves"),
    "a member's label": (settings("context: member3}", "context: member3, labels: {tier: x}}"), "member3: its labels"),
    "a member's taint": (
        settings("context: member3}", "context: member3, taints: [{key: a, effect: NoSchedule}]}"),
        "member3: its taints",
    ),
    "a member that joins": (
        settings("- {name: member3", "- {name: other, context: member3}\n  - {name: member3"),
        "context-twice",
    ),
    "a member that leaves": (settings("  - {name: member3, context: member3}\n", ""), "member3: no longer in the"),
    "another run": (another_run, "another run was here: revision 1 then, 2 now"),
    "a member that falls silent": (fail, "member3: its version, whether it answers"),
    "a context that points elsewhere": (swap, "identity-changed"),
}
UNAFFECTED: dict[str, Callable[[Fleet], None]] = {
    "nothing": lambda fleet: None,
    "a comment": write(f"# by me\n{AFTER}"),
    "a status": as_(
        "member1",
        lambda client: client.patch(DEPLOYMENT, "shop", "web", {"metadata": {"annotations": {"example.com/a": "b"}}}),
    ),
    "a field that nobody asked for": as_(
        "member1", lambda client: client.patch(DEPLOYMENT, "shop", "web", {"spec": {"minReadySeconds": 1}})
    ),
    "pods of others": as_("member2", pod),
    "a file that is no input": lambda fleet: (fleet.project / "README.md").write_text("hello") and None,  # type: ignore[func-returns-value]
}


def saved(fleet: Fleet) -> None:
    """A plan in plan.json that changes objects and prunes some, and the world as it was when it was made."""
    fleet.write("shop.yaml", BEFORE)
    fleet.settle("shop")
    fleet.apply()
    fleet.write("shop.yaml", AFTER)
    ran = fleet.run("plan", "--prune", "--max-delete", "1", "--out", "plan.json")
    assert ran.status == 0, ran.out + ran.err


@pytest.mark.parametrize("move", REFUSED)
def test_i02_a_plan_whose_world_moved_is_refused_and_says_what(move: str, fleet: Fleet) -> None:
    saved(fleet)
    change, words = REFUSED[move]
    change(fleet)
    before = footprint(fleet)
    ran = fleet.run("apply", "--plan", "plan.json", "--cluster-timeout", "2s")
    assert ran.status == (2 if "twice" in words else 4), ran.out + ran.err
    assert words in ran.err, ran.err
    assert footprint(fleet) == before, "not a single object was written"
    assert "two" not in ran.err
    assert fleet.objects("member1", CONFIG_MAP, "shop")["settings"]["data"] == {"color": "blue"}


@pytest.mark.parametrize("move", UNAFFECTED)
def test_i02_a_plan_that_still_holds_is_carried_out_exactly(move: str, fleet: Fleet) -> None:
    saved(fleet)
    UNAFFECTED[move](fleet)
    planned = json.loads((fleet.project / "plan.json").read_text())
    ran = fleet.run("apply", "--plan", "plan.json", "-o", "json")
    assert ran.status == 0, ran.out + ran.err
    assert ran.document["id"] == planned["id"]
    done: Any = ran.document["changes"]
    assert _what(done) == _what(planned["changes"])
    for name in MEMBERS:
        assert set(fleet.objects(name, CONFIG_MAP, "shop")) - {"kube-root-ca.crt"} == {"settings"}
        assert fleet.objects(name, SECRET, "shop")["token"]["data"] == {"token": "dHdv"}
    assert fleet.run("diff").status == 0


def _what(changes: Any) -> dict[str, Any]:
    """What is done to which object, field by field."""
    return {
        entry["id"]: (entry["action"], [(each["path"], each["before"], each["after"]) for each in entry["fields"]])
        for entry in changes
    }


def test_i02_an_option_that_makes_another_plan_is_refused(fleet: Fleet) -> None:
    saved(fleet)
    before = footprint(fleet)
    ran = fleet.run("apply", "--plan", "plan.json", "--reschedule")
    assert ran.status == 4
    assert "option reschedule" in ran.err
    assert footprint(fleet) == before


def test_the_options_of_a_plan_travel_in_it(fleet: Fleet) -> None:
    """Among them the inputs, wherever the plan is carried out from."""
    fleet.write("shop.yaml", BEFORE)
    fleet.write("../other/more.yaml", config_map("more"))
    fleet.settle("shop", inputs="[other]")
    assert fleet.run("plan", "-f", "files", "--out", "plan.json").status == 0
    options: Any = json.loads((fleet.project / "plan.json").read_text())["options"]
    assert options == {"filename": ["files"]}
    ran = fleet.run("apply", "--plan", "plan.json")
    assert ran.status == 0, ran.err
    assert "web" in fleet.objects("member1", DEPLOYMENT, "shop")
