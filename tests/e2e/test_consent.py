"""Guards through the command line: each says what it measured and which flag consents, and the flag does just that."""

from __future__ import annotations

import pytest

from karmactl.core.model.manifest import Manifest
from karmactl.core.model.ports import APIKind
from tests.e2e.fleet import CONFIG_MAP, DEPLOYMENT, MEMBERS, NAMESPACE, Fleet, footprint
from tests.engine.manifests import config_map, deployment, documents, namespace, policy

CLAIM = APIKind(
    group="", version="v1", kind="PersistentVolumeClaim", resource="persistentvolumeclaims", is_namespaced=True
)
KINDS = ("v1/ConfigMap", "v1/PersistentVolumeClaim", "apps/v1/Deployment", "apps/v1/StatefulSet")
CLAIMED = """apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}
"""
STATEFUL = (
    deployment("db")
    .replace("kind: Deployment", "kind: StatefulSet")
    .replace("spec:\n", "spec:\n  serviceName: db\n", 1)
)
PROTECTED = config_map("safe", labels="{resourcetemplate.karmada.io/deletion-protected: Always}")


def many(count: int) -> list[str]:
    return [config_map(f"c{number}") for number in range(count)]


# What is there, what the files say then, the command, the guard's code, and the flags that consent ("" none does).
CASES: dict[str, tuple[list[str], list[str], list[str], str, str]] = {
    "a mass delete": (many(10), many(2), ["--prune"], "guard-delete", "--max-delete 8"),
    "all of it": (
        many(3),
        [],
        ["--prune", "--allow-empty"],
        "guard-delete",
        "--max-delete 100% --allow-delete Namespace",
    ),
    "no inputs": (many(1), [], ["--prune"], "", ""),
    "a claim": (
        [*many(9), CLAIMED],
        many(9),
        ["--prune"],
        "guard-delete-persistentvolumeclaim",
        "--allow-delete PersistentVolumeClaim",
    ),
    "a protected object": ([*many(9), PROTECTED], many(9), ["--prune"], "guard-deletion-protected", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_a_guard_refuses_names_its_flag_and_the_flag_consents(case: str, fleet: Fleet) -> None:
    before, after, words, code, consent = CASES[case]
    fleet.write("shop.yaml", documents(namespace(), *before, policy(["member1"], kinds=KINDS)))
    fleet.settle("shop")
    fleet.apply("--no-wait")
    keeps = [namespace(), policy(["member1"], kinds=KINDS)] if after else []
    fleet.write("shop.yaml", documents(*keeps, *after) if keeps else "# nothing\n")
    seen = footprint(fleet)
    refused = fleet.run("apply", "--no-wait", *words)
    if not code:
        assert (refused.status, "no-templates" in refused.err) == (4, True), refused.err
        assert footprint(fleet) == seen
        return
    assert refused.status == 4, refused.out + refused.err
    assert code in refused.err
    assert "the limit is" in refused.err
    assert footprint(fleet) == seen
    if consent:
        assert consent.split()[0] in refused.err
        done = fleet.run("apply", "--no-wait", *words, *consent.split())
        assert done.status == 0, done.out + done.err
        assert fleet.run("diff").status == 0


MOVES: dict[str, tuple[str, list[str], str]] = {
    "too many replicas": (deployment(), [], "--max-move"),
    "what holds data": (STATEFUL, ["--max-move=100%"], "--allow-stateful"),
    "what must not run twice": (
        deployment(extra="  strategy: {type: Recreate}"),
        ["--max-move=100%"],
        "--allow-stateful",
    ),
}


@pytest.mark.parametrize("case", MOVES)
def test_a_move_needs_consent(case: str, fleet: Fleet) -> None:
    workload, words, flag = MOVES[case]
    fleet.write("shop.yaml", documents(namespace(), workload, policy(["member1"], kinds=KINDS)))
    fleet.settle("shop")
    fleet.apply()
    fleet.write("shop.yaml", documents(namespace(), workload, policy(["member2"], kinds=KINDS)))
    seen = footprint(fleet)
    refused = fleet.run("apply", *words)
    assert refused.status == 4
    assert flag in refused.err
    assert footprint(fleet) == seen
    done = fleet.run("apply", *words, f"{flag}=100%" if flag == "--max-move" else flag)
    assert done.status == 0, done.out + done.err


def test_skip_refused_goes_on_without_what_is_refused(fleet: Fleet) -> None:
    theirs: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "default"},
        "data": {"color": "theirs"},
    }
    fleet.ask("member2", lambda client: client.create(CONFIG_MAP, theirs), manager="helm")
    text = documents(config_map(), config_map("other"), policy(MEMBERS)).replace(
        "namespace: shop", "namespace: default"
    )
    fleet.write("shop.yaml", text)
    fleet.settle("shop")
    assert fleet.run("apply").status == 4
    ran = fleet.run("apply", "--skip-refused")
    assert ran.status == 3, ran.err
    assert fleet.objects("member2", CONFIG_MAP, "default")["settings"]["data"] == {"color": "theirs"}
    for member in ("member1", "member3"):
        assert "settings" in fleet.objects(member, CONFIG_MAP, "default")
    assert "other" in fleet.objects("member2", CONFIG_MAP, "default")


def test_a_namespace_that_holds_what_others_made_stays_and_the_run_is_done_in_part(fleet: Fleet) -> None:
    fleet.write("shop.yaml", documents(namespace(), config_map(), policy(["member1"], kinds=KINDS)))
    fleet.settle("shop")
    fleet.apply("--no-wait")
    theirs: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "theirs", "namespace": "shop"},
    }
    fleet.ask("member1", lambda client: client.create(CONFIG_MAP, theirs), manager="helm")
    ran = fleet.run("delete", "-y", "--allow-delete", "Namespace")
    assert (ran.status, "1 pending" in ran.out) == (3, True), ran.out + ran.err
    assert "theirs" in fleet.objects("member1", CONFIG_MAP, "shop")


def test_delete_keeps_what_it_is_told_to_and_the_namespace_around_it(fleet: Fleet) -> None:
    fleet.write("shop.yaml", documents(namespace(), *many(2), CLAIMED, policy(["member1"], kinds=KINDS)))
    fleet.settle("shop")
    fleet.apply("--no-wait")
    ran = fleet.run("delete", "-y", "--keep", "PersistentVolumeClaim", "--allow-delete", "Namespace")
    assert ran.status == 0, ran.out + ran.err
    assert set(fleet.objects("member1", CLAIM, "shop")) == {"data"}
    assert "shop" in fleet.objects("member1", NAMESPACE)
    assert "c0" not in fleet.objects("member1", CONFIG_MAP, "shop")


def test_what_a_policy_preserves_keeps_its_namespace(fleet: Fleet) -> None:
    """Otherwise pruning the Namespace, in which nothing is placed any more, would take it along."""
    fleet.write("shop.yaml", documents(namespace(), deployment(), policy(["member1"], preserve=True)))
    fleet.settle("shop")
    fleet.apply()
    fleet.write("shop.yaml", documents(namespace(), deployment(), policy(["member2"], preserve=True)))
    ran = fleet.run("apply", "--prune", "--allow-delete", "Namespace", "--max-delete=100%", "--max-move=100%")
    assert ran.status == 0, ran.out + ran.err
    assert "web" in fleet.objects("member1", DEPLOYMENT, "shop")
    assert "web" in fleet.objects("member2", DEPLOYMENT, "shop")
