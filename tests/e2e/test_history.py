"""`history` and `unlock`: what runs did and took away, who holds the Lease, and what breaking it does."""

from __future__ import annotations

import signal
import subprocess
from typing import Any

from karmactl.core.model.manifest import as_mapping
from tests.e2e.fleet import CONFIG_MAP, MEMBERS, Fleet
from tests.e2e.test_processes import heal, holder, interrupted
from tests.engine.manifests import config_map, documents, namespace, policy
from tests.render.json_schema import faults


def apply(fleet: Fleet, text: str, *words: str) -> None:
    fleet.write("shop.yaml", text)
    fleet.apply(*words)


def test_every_deletion_is_remembered_with_when_why_and_by_whom(fleet: Fleet) -> None:
    fleet.write("shop.yaml", documents(namespace(), config_map("a"), config_map("b"), policy(MEMBERS)))
    fleet.settle("shop")
    (fleet.project / ".git").rmdir()
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words], cwd=fleet.project, check=True
        )
    fleet.apply()
    assert "nothing was ever deleted" in fleet.run("history", "--deletes").out
    apply(fleet, documents(namespace(), config_map("a"), config_map("b"), policy(MEMBERS[:2])), "--max-delete=100%")
    apply(
        fleet,
        documents(namespace(), config_map("b"), policy(MEMBERS[:2])),
        "--prune",
        "--max-delete=1",
        "--allow-delete=Namespace",
    )

    ran = fleet.run("history", "--deletes", "-o", "json")
    assert ran.status == 0
    assert faults(ran.document, "history.json") == []
    everything: Any = ran.document["deletions"]
    assert {entry["resource"]["name"] for entry in everything} == {"a", "b", "shop"}
    deletions = [entry for entry in everything if entry["resource"]["kind"] == "ConfigMap"]
    assert [
        (entry["cluster"], entry["resource"]["name"], entry["reason"], entry["revision"]) for entry in deletions
    ] == [
        ("member3", "a", "placement", 2),
        ("member3", "b", "placement", 2),
        ("member1", "a", "left-the-files", 3),
        ("member2", "a", "left-the-files", 3),
    ]
    assert all(entry["done"] and entry["uid"] and entry["deletedAt"] and entry["deletedBy"] for entry in deletions)
    assert all(entry["git"].endswith("+") for entry in deletions), "the files differ from the commit"
    revisions: Any = ran.document["revisions"]
    assert [(entry["revision"], entry["git"].endswith("+")) for entry in revisions] == [
        (1, False),
        (2, True),
        (3, True),
    ]
    human = fleet.run("history", "--deletes").out
    assert ["member2", "shop", "configmap/a"] in [row.split()[1:4] for row in human.splitlines()]
    assert "left the files" in human
    assert fleet.run("history").out.splitlines()[1].startswith("3 ")

    deleted = fleet.run("delete", "-y", "--allow-delete", "Namespace")
    assert deleted.status == 0, deleted.err
    names = fleet.run("history", "--deletes", "-o", "name").out.splitlines()
    assert "member1 shop ConfigMap/b" in [name.replace("configmap", "ConfigMap") for name in names]


def test_unlock_shows_who_holds_the_lease_and_breaks_it_when_told_to(fleet: Fleet) -> None:
    process = interrupted(fleet)
    process.send_signal(signal.SIGSTOP)
    try:
        heal(fleet)
        shown = fleet.run("unlock", "-o", "json")
        assert shown.status == 0
        assert faults(shown.document, "leases.json") == []
        leases: Any = shown.document["leases"]
        assert {entry["cluster"] for entry in leases if entry["holder"] == holder(fleet)} == set(MEMBERS)
        assert holder(fleet) != "", "showing breaks nothing"

        broken = fleet.run("unlock", "--yes")
        assert broken.status == 0
        assert holder(fleet) == ""
        resumed = fleet.run("apply", "--lock-timeout", "0s")
        assert resumed.status == 0, resumed.err
        before = fleet.objects("member1", CONFIG_MAP, "shop")
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
    # The run that was thought dead finds its Lease gone, and changes nothing any more.
    assert process.returncode == 3
    after = fleet.objects("member1", CONFIG_MAP, "shop")
    assert {name: as_mapping(item)["data"] for name, item in after.items()} == {
        name: as_mapping(item)["data"] for name, item in before.items()
    }
    assert "nobody holds it" in fleet.run("unlock").err
