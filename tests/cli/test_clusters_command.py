"""`karmactl clusters` on emulated members: list, check, lock, snapshot, and a fleet in which two are one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from karmactl.embedded import ClusterSpec, background
from tests.cli.conftest import Karmactl
from tests.cli.shop import BY_ROOM, SETTINGS, WEB, write, write_shop


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of three emulated clusters."""
    folder = tmp_path_factory.mktemp("sandbox")
    background.up(folder, [ClusterSpec(name=name, region=name) for name in ("ap", "eu", "us")])
    yield folder / "kubeconfig"
    background.down(folder)


@pytest.fixture
def shop(karmactl: Karmactl, sandbox: Path, tmp_path: Path) -> Karmactl:
    """The shop on these clusters."""
    write_shop(Path())
    (tmp_path / "kubeconfig").write_bytes(sandbox.read_bytes())
    return karmactl


def test_check_finds_nothing_wrong(shop: Karmactl) -> None:
    ran = shop("clusters", "check")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.count("✓") == 9
    assert ran.out.count("not locked") == 3


def test_check_names_kinds_that_are_not_served(shop: Karmactl) -> None:
    """What fits nowhere is looked at in every member."""
    write(Path(), manifests__odd="apiVersion: odd.example.com/v1\nkind: Odd\nmetadata: {name: o, namespace: shop}\n")
    write(
        Path(), policies__web=BY_ROOM.replace("apps/v1, kind: Deployment, name: web", "odd.example.com/v1, kind: Odd")
    )
    ran = shop("clusters", "check")
    assert ran.status == 1
    assert ran.out.count("does not serve odd.example.com/v1 Odd") == 3


def test_check_compares_with_the_lock(shop: Karmactl) -> None:
    assert shop("clusters", "lock").status == 0
    assert shop("clusters", "check").out.count(" locked") == 3
    lock = Path("karmactl.lock")
    lock.write_text(lock.read_text().replace("uid: ", "uid: x", 1))
    ran = shop("clusters", "check")
    assert ran.status == 4
    assert "identity-changed" in ran.err
    assert "--relock ap" in ran.err


def test_check_with_a_silent_member(shop: Karmactl, tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    document = yaml.safe_load(kubeconfig.read_text())
    next(entry for entry in document["clusters"] if entry["name"] == "us")["cluster"]["server"] = "https://127.0.0.1:1"
    kubeconfig.write_text(json.dumps(document))
    for words in (("clusters", "check"), ("clusters", "list"), ("clusters", "snapshot", "--out-dir", "seen")):
        ran = shop(*words)
        assert ran.status == 3, ran.err
        assert "member-unreachable" in ran.out + ran.err
    assert sorted(path.name for path in Path("seen").iterdir()) == ["ap.yaml", "eu.yaml"]


@pytest.mark.parametrize("command", [("plan",), ("diff",), ("apply", "-y"), ("clusters", "check")])
def test_two_members_with_one_uid_are_refused(shop: Karmactl, command: tuple[str, ...]) -> None:
    write(Path(), karmactl=SETTINGS.replace("{name: us,", "{name: us, context: eu-again,"))
    twin = Path("twin")
    twin.write_text(_twin())
    ran = shop(*command, "--kubeconfig", str(twin))
    assert ran.status == 2
    assert "same-cluster-twice" in ran.err
    assert "weights would count it twice" in ran.err


def _twin() -> str:
    """The kubeconfig with a second context for eu."""
    document = yaml.safe_load((Path.cwd().parent / "kubeconfig").read_text())
    known = next(entry for entry in document["contexts"] if entry["name"] == "eu")
    document["contexts"].append({"name": "eu-again", "context": known["context"]})
    return json.dumps(document)


def test_a_snapshot_makes_previews_without_access(shop: Karmactl, monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path(), policies__web=BY_ROOM)
    live = json.loads(shop("plan", "-o", "json").out)
    assert shop("clusters", "snapshot", "--out-dir", "seen").status == 0
    monkeypatch.setenv("KUBECONFIG", "/nonexistent")
    write(Path(), karmactl=SETTINGS.replace("[manifests, policies]", "[manifests, policies, seen]"))
    ran = shop("plan", "--dry-run=client", "-o", "json")
    assert ran.status == 0, ran.err
    offline = json.loads(ran.out)
    assert [entry["clusters"] for entry in offline["placements"]] == [entry["clusters"] for entry in live["placements"]]
    assert {member["uid"] for member in offline["fleet"]} == {member["uid"] for member in live["fleet"]}
    assert all(0 <= member["factsAgeSeconds"] < 600 for member in offline["fleet"])


def test_a_snapshot_among_the_inputs_changes_no_live_run(shop: Karmactl) -> None:
    before = json.loads(shop("plan", "-o", "json").out)
    shop("clusters", "snapshot", "--out-dir", "manifests")
    text = Path("manifests/eu.yaml").read_text()
    Path("manifests/eu.yaml").write_text(text.replace("region: eu", "region: moon"))
    after = json.loads(shop("plan", "-o", "json").out)
    assert [member["facts"] for member in after["fleet"]] == [member["facts"] for member in before["fleet"]]


def test_a_snapshot_never_writes_over_declared_clusters(shop: Karmactl) -> None:
    declared = "apiVersion: cluster.karmada.io/v1alpha1\nkind: Cluster\nmetadata: {name: eu, labels: {tier: prod}}\n"
    write(Path(), clusters__eu=declared)
    ran = shop("clusters", "snapshot", "--out-dir", "clusters")
    assert ran.status == 2
    assert "file-exists" in ran.err
    assert Path("clusters/eu.yaml").read_text() == declared


def test_members_of_cluster_files_are_listed(shop: Karmactl) -> None:
    declared = "apiVersion: cluster.karmada.io/v1alpha1\nkind: Cluster\nmetadata: {name: eu}\nspec: {provider: acme}\n"
    write(Path(), karmactl="inputs: [in]\n", in__eu=declared, in__web=WEB)
    for words in ((), ("--dry-run=client",)):
        ran = shop("clusters", "list", *words)
        assert ran.status == 0, ran.err
        assert "acme*" in ran.out
        assert "us" not in ran.out.split()


def test_render_asks_the_clusters_and_takes_no_partial_answer(shop: Karmactl, tmp_path: Path) -> None:
    assert shop("render", "-q", "--out-dir", "out").status == 0
    assert shop("render", "-q", "--out-dir", "out", "--check", "--dry-run=client").status == 0
    kubeconfig = tmp_path / "kubeconfig"
    document = yaml.safe_load(kubeconfig.read_text())
    next(entry for entry in document["clusters"] if entry["name"] == "us")["cluster"]["server"] = "https://127.0.0.1:1"
    kubeconfig.write_text(json.dumps(document))
    assert shop("render", "-q", "--out-dir", "out").status == 2
