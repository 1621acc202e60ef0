"""`simulate`: what is told, what is exact about it, and the exit status that a pipeline goes by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Karmactl
from tests.cli.shop import POLICY, WEB, write, write_shop
from tests.render.json_schema import faults

BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: LEAST, selector: {matchLabels: {app: web}}}
"""


def scenario(karmactl: Karmactl, *arguments: str) -> dict[str, object]:
    ran = karmactl("simulate", "--dry-run=client", "-o", "json", *arguments)
    assert faults(json.loads(ran.out), "simulation.json") == []
    assert json.loads(ran.out)["exitCode"] == ran.status
    return json.loads(ran.out)["scenarios"][0]


def events(found: dict[str, object], kind: str) -> list[tuple[int, str, str]]:
    return [
        (event["seconds"], event["cluster"], event["code"])
        for event in found["events"]  # type: ignore[attr-defined]
        if event["kind"] == kind
    ]


def test_a_dead_cluster_is_left_after_threshold_and_toleration(karmactl: Karmactl) -> None:
    write_shop(Path())
    found = scenario(karmactl, "--down", "eu")
    assert events(found, "Ready") == [(30, "eu", "False")]
    assert events(found, "Evicted") == [(330, "eu", "TaintUntolerated")] * 2
    (web,) = found["workloads"]  # type: ignore[misc]
    assert web["before"] == [{"cluster": "eu", "replicas": 3}, {"cluster": "us", "replicas": 2}]
    assert web["after"] == [{"cluster": "us", "replicas": 5}]
    # 30 s until it counts as dead, 300 s of toleration, 30 s until the new copies are ready.
    assert (web["replicas"], web["minimum"], web["lowest"]) == (5, 4, 2)
    assert (web["lowestAtSeconds"], web["belowSeconds"], web["belowAtEnd"]) == (0, 360, False)


def test_toleration_and_start_time_are_settings(karmactl: Karmactl) -> None:
    write_shop(Path())
    found = scenario(karmactl, "--down", "eu", "--default-toleration", "60s", "--ready-after", "2m")
    assert {seconds for seconds, _, _ in events(found, "Evicted")} == {90}
    assert found["workloads"][0]["belowSeconds"] == 210  # type: ignore[index]


def test_a_short_outage_moves_nothing(karmactl: Karmactl) -> None:
    write_shop(Path())
    found = scenario(karmactl, "--down", "eu=20s")
    assert events(found, "Ready") == events(found, "Evicted") == events(found, "Moved") == []
    assert found["workloads"][0]["belowSeconds"] == 50  # type: ignore[index]


def test_what_returns_gets_nothing_back_by_itself(karmactl: Karmactl) -> None:
    write_shop(Path())
    found = scenario(karmactl, "--down", "eu=40m")
    assert events(found, "Up") == [(2400, "eu", "")]
    assert events(found, "Ready") == [(30, "eu", "False"), (2430, "eu", "True")]
    assert found["workloads"][0]["after"] == [{"cluster": "us", "replicas": 5}]  # type: ignore[index]


@pytest.mark.parametrize(("least", "minimum", "status"), [("2", 2, 0), ('"50%"', 3, 1), ("0", 0, 0)])
def test_the_budget_in_the_files_is_the_minimum(karmactl: Karmactl, least: str, minimum: int, status: int) -> None:
    write_shop(Path())
    write(Path(), manifests__budget=BUDGET.replace("LEAST", least))
    ran = karmactl("simulate", "--down", "eu", "--dry-run=client", "-o", "json")
    assert (ran.status, json.loads(ran.out)["scenarios"][0]["workloads"][0]["minimum"]) == (status, minimum)


def test_what_must_not_run_twice_stays(karmactl: Karmactl) -> None:
    write_shop(Path())
    write(Path(), manifests__web=WEB.replace("  replicas: 5\n", "  replicas: 5\n  strategy: {type: Recreate}\n"))
    found = scenario(karmactl, "--down", "eu")
    assert {code for _, _, code in events(found, "Held")} == {"stateful"}
    assert found["workloads"][0]["after"] == found["workloads"][0]["before"]  # type: ignore[index]
    assert {cluster for _, cluster, _ in events(scenario(karmactl, "--down", "eu", "--allow-stateful"), "Evicted")} == {
        "eu"
    }


def test_without_a_majority_nothing_moves(karmactl: Karmactl) -> None:
    write_shop(Path())
    lost = ("--down", "eu,ap")
    found = scenario(karmactl, *lost)
    assert events(found, "Evicted") == []
    assert {code for _, _, code in events(found, "Held")} == {"record-no-majority"}
    assert found["workloads"][0]["belowAtEnd"] is True  # type: ignore[index]
    assert events(scenario(karmactl, *lost, "--allow-minority"), "Evicted") != []


def test_where_nothing_fits_it_stays(karmactl: Karmactl) -> None:
    write_shop(Path())
    alone = POLICY.replace("clusterNames: [eu, us]", "clusterNames: [eu]")
    write(Path(), policies__web=alone)
    found = scenario(karmactl, "--down", "eu")
    assert events(found, "Evicted") == []
    assert "NoClusterFit" in {code for _, _, code in events(found, "Held")}


def test_every_loss_plays_clusters_and_regions(karmactl: Karmactl) -> None:
    write_shop(Path())
    settings = Path("karmactl.yaml")
    settings.write_text(settings.read_text().replace("{name: ap, region: ap}", "{name: ap, region: eu}"))
    ran = karmactl("simulate", "--every-loss", "--dry-run=client", "-o", "json", "--loss-duration", "10m")
    assert ran.status == 1
    names = [(entry["name"], len(entry["outages"])) for entry in json.loads(ran.out)["scenarios"]]
    assert names == [("ap", 1), ("eu", 1), ("us", 1), ("region eu", 2)]
    assert json.loads(ran.out)["summary"] == {"scenarios": 4, "below": 3}
    human = karmactl("simulate", "--every-loss", "--dry-run=client", "-q")
    assert "3 of 4 losses take workloads below their minimum" in human.out


def test_a_taint_of_somebody_moves_at_once_and_keeps_all_ready(karmactl: Karmactl) -> None:
    write_shop(Path())
    found = scenario(karmactl, "--taint", "eu=maintenance:NoExecute")
    assert {seconds for seconds, _, _ in events(found, "Evicted")} == {0}
    assert found["workloads"][0]["lowest"] == 5  # type: ignore[index]
    cordoned = scenario(karmactl, "--cordon", "eu")
    assert events(cordoned, "Evicted") == events(cordoned, "Moved") == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "nothing is to happen"),
        (("--every-loss", "--down", "eu"), "--every-loss goes with no other event"),
        (("--down", "mars"), "unknown-member"),
        (("--down", "eu=soon"), "bad-duration"),
        (("--taint", "eu=gpu"), "is no taint"),
        (("--taint", "eu=gpu:Sometimes"), "is no taint"),
        (("--down", "eu", "--loss-duration", "3m"), "goes with --every-loss"),
    ],
)
def test_what_cannot_be_played_is_refused(karmactl: Karmactl, arguments: tuple[str, ...], says: str) -> None:
    write_shop(Path())
    ran = karmactl("simulate", "--dry-run=client", *arguments)
    assert ran.status == 2
    assert says in ran.err
