"""Every sample is applied to emulated clusters; then nothing differs, and nothing more is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from karmactl.cli.app import run
from karmactl.core.model.manifest import JSONValue
from karmactl.embedded import ClusterSpec, SandboxThread
from karmactl.files.dump import dump_yaml
from tests.policies.cases import Case, cluster_of, read_case
from tests.policies.test_samples import SAMPLES

# The first case of each sample has clusters on which everything fits.
CASES = {path.name: min(path.glob("*.test.yaml")) for path in sorted(SAMPLES.iterdir()) if path.is_dir()}
WRITES = ("create", "update", "patch", "delete", "deletecollection")


def _specs(case: Case) -> list[ClusterSpec]:
    clusters = [cluster_of(entry) for entry in case.given.clusters]
    return [
        ClusterSpec(name=entry.name, region=entry.region, provider=entry.provider, nodes=2, ready_after=0.05)
        for entry in clusters
    ]


def _write_settings(folder: Path, sample: Path, case: Case) -> None:
    """karmactl.yaml with what the case's clusters declare."""
    clusters: list[JSONValue] = [dict(entry) for entry in case.given.clusters if entry.get("kind") != "Cluster"]
    inputs: list[JSONValue] = [str(sample / name) for name in (*case.given.templates, *case.given.policies)]
    settings: dict[str, JSONValue] = {"set": "sample", "sandbox": True, "inputs": inputs}
    if clusters:
        settings["clusters"] = clusters
    (folder / "karmactl.yaml").write_text(dump_yaml(settings), encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_sample_can_be_applied(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = read_case(CASES[name])
    sandbox = tmp_path / "sandbox"
    sandbox.mkdir()
    _write_settings(tmp_path, CASES[name].parent, case)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KARMACTL_SANDBOX_DIR", str(sandbox))
    specs = _specs(case)
    with SandboxThread(specs, sandbox) as running:
        assert run(["apply"]) == 0, capsys.readouterr().err
        assert run(["diff"]) == 0, capsys.readouterr().out
        running.reset_counts()
        assert run(["apply"]) == 0
        sent = {spec.name: running.request_counts(spec.name) for spec in specs}
        assert not {cluster: counts for cluster, counts in sent.items() if counts.keys() & {*WRITES}}
        assert run(["status", "--exit-code"]) == 0, capsys.readouterr().out
        kinds = ("Namespace", "PersistentVolumeClaim")
        assert run(["delete", "--yes", *(f"--allow-delete={kind}" for kind in kinds)]) == 0, capsys.readouterr().err
