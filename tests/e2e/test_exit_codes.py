"""Exit codes of writing commands, each provoked; 2 and 4 have written no object."""

from __future__ import annotations

import json

from karmactl.core.model.manifest import Manifest
from tests.e2e.fleet import CONFIG_MAP, DEPLOYMENT, MEMBERS, Fleet
from tests.engine.manifests import config_map, deployment, documents, namespace, policy

SHOP = documents(namespace(), config_map(), deployment(), policy(MEMBERS))
WRITES = ("create", "update", "patch", "delete", "deletecollection")


def sent_writes(fleet: Fleet) -> int:
    """Writes that the members got since they were last counted; dry-runs are among them, so plans are none."""
    assert fleet.sandbox is not None
    counts = [fleet.sandbox.request_counts(name) for name in MEMBERS]
    return sum(by_verb.get(verb, 0) for by_verb in counts for verb in WRITES)


def start(fleet: Fleet, text: str = SHOP) -> None:
    fleet.write("shop.yaml", text)
    fleet.settle("shop")


def test_0_done_and_1_different(fleet: Fleet) -> None:
    start(fleet)
    assert fleet.run("plan", "--exit-code").status == 1
    assert fleet.run("apply").status == 0
    assert fleet.run("plan", "--exit-code").status == 0
    assert fleet.run("diff").status == 0
    fleet.write("shop.yaml", SHOP.replace("blue", "red"))
    assert fleet.run("diff").status == 1


def test_2_no_member_answers(fleet: Fleet) -> None:
    start(fleet)
    assert fleet.sandbox is not None
    for name in MEMBERS:
        fleet.sandbox.fail(name, "down")
    ran = fleet.run("apply", "--cluster-timeout", "2s")
    assert ran.status == 2
    assert "member1" in ran.err


def test_2_an_object_that_no_server_takes_is_said_before_the_first_write(fleet: Fleet) -> None:
    start(fleet)
    fleet.apply()
    fleet.write("bad.yaml", config_map("bad").replace("\ndata:", "\nbogus:"))
    ran = fleet.run("apply")
    assert ran.status == 2
    assert "bogus" in ran.err
    assert "bad" not in fleet.objects("member1", CONFIG_MAP, "shop")


def test_2_a_namespace_that_is_nowhere_is_one_fault_not_one_an_object(fleet: Fleet) -> None:
    start(fleet, documents(config_map(), config_map("more"), deployment(), policy(MEMBERS)))
    ran = fleet.run("apply")
    assert ran.status == 2
    assert ran.err.count("error:") == 1
    assert (
        "and 2 more: namespace 'shop' is neither in the files nor in the cluster (member1, member2, member3)" in ran.err
    )


def test_status_says_what_drifted_and_claims_nothing_about_what_it_was(fleet: Fleet) -> None:
    start(fleet)
    fleet.apply()
    body: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": {"color": "theirs"},
    }
    fleet.ask("member2", lambda client: client.apply(CONFIG_MAP, body, force=True), manager="hand")
    ran = fleet.run("status")
    assert "settings data.color  now theirs, hand" in ran.out
    (seen,) = fleet.run("status", "-o", "json").document["drift"]  # type: ignore[misc]
    assert seen["field"]["before"] == "theirs"  # type: ignore[index,call-overload]


def test_2_no_set(fleet: Fleet) -> None:
    start(fleet)
    settings = fleet.project / "karmactl.yaml"
    settings.write_text(settings.read_text().replace("set: shop\n", ""))
    ran = fleet.run("apply")
    assert ran.status == 2
    assert "no-set" in ran.err


def test_3_one_member_is_down_and_4_two_are(fleet: Fleet) -> None:
    start(fleet)
    fleet.apply()
    assert fleet.sandbox is not None
    fleet.sandbox.fail("member3", "down")
    fleet.write("shop.yaml", SHOP.replace("blue", "red"))
    ran = fleet.run("apply", "--cluster-timeout", "2s")
    assert ran.status == 3, ran.err
    assert fleet.objects("member1", CONFIG_MAP, "shop")["settings"]["data"] == {"color": "red"}
    fleet.sandbox.fail("member2", "down")
    fleet.write("shop.yaml", SHOP.replace("blue", "green"))
    fleet.sandbox.reset_counts()
    refused = fleet.run("apply", "--cluster-timeout", "2s")
    assert refused.status == 4
    assert "record-no-majority" in refused.err
    assert fleet.objects("member1", CONFIG_MAP, "shop")["settings"]["data"] == {"color": "red"}
    for name in ("member2", "member3"):
        fleet.sandbox.heal(name)
    assert fleet.run("apply").status == 0
    assert fleet.objects("member3", CONFIG_MAP, "shop")["settings"]["data"] == {"color": "green"}


def test_4_i11_a_context_that_points_elsewhere(fleet: Fleet) -> None:
    start(fleet)
    lock = fleet.project / "karmactl.lock"
    uids = [line.split("uid:")[1].strip(" }\n") for line in lock.read_text().splitlines() if "uid:" in line]
    lock.write_text(lock.read_text().replace(uids[0], "00000000-0000-0000-0000-000000000000", 1))
    assert fleet.sandbox is not None
    fleet.sandbox.reset_counts()
    ran = fleet.run("apply")
    assert ran.status == 4
    assert "identity-changed" in ran.err
    assert sent_writes(fleet) == 0


def test_4_i11_first_contact_without_a_terminal(fleet: Fleet) -> None:
    start(fleet)
    (fleet.project / "karmactl.lock").unlink()
    ran = fleet.run("apply")
    assert ran.status == 4
    assert "identity-unknown" in ran.err
    assert "settings" not in fleet.objects("member1", CONFIG_MAP, "shop")


def test_4_a_foreign_object(fleet: Fleet) -> None:
    start(
        fleet,
        documents(
            config_map().replace("namespace: shop", "namespace: default"),
            policy(MEMBERS).replace("namespace: shop", "namespace: default"),
        ),
    )
    body: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "default"},
        "data": {"color": "theirs"},
    }
    fleet.ask("member2", lambda client: client.create(CONFIG_MAP, body), manager="helm")
    ran = fleet.run("apply")
    assert ran.status == 4
    assert "foreign-object" in ran.err
    assert "helm" in ran.err
    assert "settings" not in fleet.objects("member1", CONFIG_MAP, "default"), "nothing is written anywhere"


def test_5_not_ready_in_time_and_the_withdrawal_waits(stalled_fleet: Fleet) -> None:
    fleet = stalled_fleet
    start(fleet, documents(namespace(), deployment(), policy(["member1"])))
    assert fleet.run("apply", "--timeout", "1s").status == 5
    fleet.write("shop.yaml", documents(namespace(), deployment(), policy(["member2"])))
    ran = fleet.run("apply", "--timeout", "1s", "--max-move", "100%", "-o", "json")
    assert ran.status == 5, ran.err
    assert "web" in fleet.objects("member1", DEPLOYMENT, "shop")
    again = fleet.run("apply", "--timeout", "1s")
    assert again.status == 5, "the new place is unchanged, and still not ready"
    assert "web" in fleet.objects("member1", DEPLOYMENT, "shop")


def test_a_saved_plan_is_carried_out_or_refused(fleet: Fleet) -> None:
    """I2: exactly the plan, or nothing."""
    start(fleet)
    assert fleet.run("plan", "--out", "plan.json").status == 0
    saved = json.loads((fleet.project / "plan.json").read_text())
    assert fleet.run("apply", "--plan", "plan.json").status == 0
    ran = fleet.run("apply", "--plan", "plan.json")
    assert ran.status == 4
    assert "plan-stale" in ran.err
    fleet.write("shop.yaml", SHOP.replace("blue", "red"))
    fleet.run("plan", "--out", "next.json")
    assert json.loads((fleet.project / "next.json").read_text())["id"] != saved["id"]
    fleet.write("shop.yaml", SHOP.replace("blue", "green"))
    assert fleet.run("apply", "--plan", "next.json").status == 4
    assert fleet.objects("member1", CONFIG_MAP, "shop")["settings"]["data"] == {"color": "blue"}


def test_3_one_of_two_members_is_down_and_a_witness_makes_a_majority(fleet: Fleet) -> None:
    both = ("member1", "member2")
    start(fleet, documents(namespace(), config_map(), policy(both)))
    settings = fleet.project / "karmactl.yaml"
    text = settings.read_text().replace("  - {name: member3, context: member3}\n", "")
    settings.write_text(text + "witness: {context: member3}\n")
    fleet.apply()
    assert "settings" not in fleet.objects("member3", CONFIG_MAP, "shop")
    assert fleet.sandbox is not None
    fleet.sandbox.fail("member2", "down")
    fleet.write("shop.yaml", documents(namespace(), config_map(color="red"), policy(both)))
    ran = fleet.run("apply", "--cluster-timeout", "2s")
    assert ran.status == 3, ran.err
    assert "no effect" not in ran.err
    assert fleet.objects("member1", CONFIG_MAP, "shop")["settings"]["data"] == {"color": "red"}
