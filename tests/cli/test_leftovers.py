"""What stays although nothing places it any more, and what may be pruned: whole runs on emulated clusters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from karmactl.cli.app import run
from karmactl.embedded import ClusterSpec, SandboxThread

_OBJECTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx
          envFrom: [{configMapRef: {name: web-settings}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web-settings, namespace: default}
data: {A: b}
"""
_POLICY = """\
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: web, namespace: default}
spec:
  propagateDeps: true
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment}]
  placement: {}
"""


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[Path]:
    """One emulated cluster."""
    with SandboxThread([ClusterSpec(name="m1", ready_after=0.0)]) as sandbox:
        yield sandbox.kubeconfig_path


@pytest.fixture
def project(tmp_path: Path, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A folder with a Deployment, the ConfigMap that follows it, and the policy; a set of its own."""
    name = request.node.name.replace("_", "-")[:30].strip("-")
    (tmp_path / "karmactl.yaml").write_text(
        f"set: {name}\nkubeconfig: {kubeconfig}\nsandbox: false\ninputs: [objects.yaml, policy.yaml]\n"
        "clusters: [{name: m1}]\n"
    )
    (tmp_path / "objects.yaml").write_text(_OBJECTS)
    (tmp_path / "policy.yaml").write_text(_POLICY)
    monkeypatch.chdir(tmp_path)
    assert run(["clusters", "lock"]) == 0
    return tmp_path


def _apply(*arguments: str) -> int:
    return run(["apply", "--no-wait", "-q", "-y", *arguments])


def test_a_dependency_stays_with_what_still_runs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _apply() == 0
    (project / "policy.yaml").write_text(_POLICY.replace("kind: Deployment", "kind: DaemonSet"))
    capsys.readouterr()
    assert _apply() == 0
    out = capsys.readouterr().out
    assert "withdraw" not in out
    assert run(["plan", "-q"]) == 0
    assert "2 objects left the files or the policies" in capsys.readouterr().out
    assert _apply("--prune", "--max-delete", "2") == 0
    assert run(["delete", "-q", "-y"]) == 0


def test_prune_with_other_inputs_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _apply() == 0
    (project / "other.yaml").write_text(_OBJECTS.partition("---")[2])
    assert _apply("--prune", "--max-delete", "9", "-f", "other.yaml", "-f", "policy.yaml") == 4
    assert "prune-other-inputs" in capsys.readouterr().err
    assert run(["delete", "-q", "-y"]) == 0


def test_settings_without_effect_are_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = project / "karmactl.yaml"
    settings.write_text(settings.read_text() + "sensitive: [/spec/password]\n")
    run(["plan", "-q"])
    assert "karmactl.yaml:6:12: warning: setting-without-effect: `sensitive`" in capsys.readouterr().err
