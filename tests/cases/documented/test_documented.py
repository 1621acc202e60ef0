"""What Karmada's public documentation teaches to write, placed through the command line as Karmada places it.

Ten policies of our own in the forms that the documentation introduces, and two samples that Karmada publishes, which
lie beside the repository and are looked at where they are there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from karmactl.cli.app import run as run_command
from karmactl.core.model.manifest import JSONValue, as_list, as_mapping
from karmactl.embedded import ClusterSpec, SandboxThread
from karmactl.files.dump import dump_yaml
from tests.cases.documented.runner import Run, plan_of, read_case, refusals_of, rendered_fields, write_case

CASES = sorted(Path(__file__).parent.glob("*.test.yaml"))
SHARED = Path(__file__).parents[4] / "shared" / "inputs"
SAMPLES = pytest.mark.skipif(
    not SHARED.is_dir(), reason="KARMADA'S SAMPLES ARE NOT TRIED: no ../shared/inputs beside the repository"
)
MEMBERS = ("member1", "member2", "member3")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line in an empty folder; gives its status and what it wrote to stdout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))

    def command(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        status = run_command(list(words))
        return status, capsys.readouterr().out

    return command


def places(placement: dict[str, JSONValue]) -> dict[str, JSONValue]:
    """Cluster to replicas; what has none has null."""
    entries = [as_mapping(entry) for entry in as_list(placement["clusters"])]
    return {str(entry["name"]): entry["replicas"] or None for entry in entries if entry["replicas"] is not None}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.removesuffix(".test.yaml"))
def test_documented_policy_is_planned_as_its_case_says(path: Path, run: Run, tmp_path: Path) -> None:
    case = read_case(path)
    write_case(case, tmp_path)
    seen = plan_of(run, "--dry-run=client")
    assert {name: places(placement) for name, placement in seen.items()} == case.expect.placements
    for name, reasons in case.expect.reasons.items():
        assert refusals_of(seen[name]) == reasons
    errors = {name: as_mapping(placement["error"])["reason"] for name, placement in seen.items() if placement["error"]}
    assert errors == case.expect.error
    if case.expect.works:
        assert run("render", "--dry-run=client", "--out-dir", "out")[0] == 0
        assert rendered_fields(tmp_path / "out", case.expect.works) == case.expect.works


def test_ten_policies_are_documented() -> None:
    assert len(CASES) >= 10


@SAMPLES
@pytest.mark.parametrize("name", ["karmada-nginx", "karmada-guestbook"])
def test_sample_of_karmada_is_planned_from_files_as_karmada_places_it(name: str, run: Run, tmp_path: Path) -> None:
    write_settings(tmp_path, name, {"clusters": [{"name": member} for member in MEMBERS]})
    seen = plan_of(run, "--dry-run=client")
    assert {key: places(placement) for key, placement in seen.items()} == SAMPLE_PLACEMENTS[name]
    assert run("render", "--dry-run=client", "--out-dir", "out")[0] == 0
    assert rendered_fields(tmp_path / "out", SAMPLE_WORKS[name]) == SAMPLE_WORKS[name]


@SAMPLES
@pytest.mark.parametrize("name", ["karmada-nginx", "karmada-guestbook"])
def test_sample_of_karmada_is_applied_to_emulated_clusters(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_settings(tmp_path, name, {"sandbox": True})
    directory = tmp_path / "sandbox"
    directory.mkdir()
    monkeypatch.setenv("KARMACTL_SANDBOX_DIR", str(directory))
    with SandboxThread([ClusterSpec(name=member, ready_after=0.05) for member in MEMBERS], directory):
        seen = plan_of(run)
        assert {key: places(placement) for key, placement in seen.items()} == SAMPLE_PLACEMENTS[name]
        assert run("apply")[0] == 0
        assert run("diff")[0] == 0


def write_settings(folder: Path, sample: str, settings: dict[str, JSONValue]) -> None:
    """karmactl.yaml for one of Karmada's samples; its objects name no namespace."""
    text = dump_yaml({"set": "sample", "inputs": [str(SHARED / sample)], "namespace": "default", **settings})
    (folder / "karmactl.yaml").write_text(text, encoding="utf-8")


CRD = "CustomResourceDefinition/guestbooks.webapp.my.domain"
SAMPLE_PLACEMENTS = {
    "karmada-nginx": {"Deployment/default/nginx": {"member1": 1, "member2": 1}},
    "karmada-guestbook": {CRD: {"member1": None}, "Guestbook/default/guestbook-sample": {"member1": None}},
}
SAMPLE_WORKS: dict[str, dict[str, dict[str, dict[str, JSONValue]]]] = {
    "karmada-nginx": {
        "Deployment/default/nginx": {
            "member1": {"/spec/replicas": 1, "/metadata/annotations/env": "skoala-stage", "/metadata/labels/env": None},
            "member2": {
                "/spec/replicas": 1,
                "/metadata/labels/env": "skoala-dev",
                "/metadata/labels/env-stat": "skoala-stage",
                "/metadata/labels/bar": None,
            },
        }
    },
    "karmada-guestbook": {
        "Guestbook/default/guestbook-sample": {
            "member1": {"/spec/size": 4, "/metadata/annotations/OverridePolicy": "test", "/spec/alias": "Name"}
        }
    },
}
