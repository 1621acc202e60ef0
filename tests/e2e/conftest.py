"""Three members, as emulated clusters or as real kube-apiservers, and the command line over them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from karmactl.embedded import ClusterSpec, SandboxThread
from tests.contract.servers import assets, real_sandbox
from tests.e2e.fleet import MEMBERS, Fleet

_INPUTS = Path(__file__).parents[3] / "shared" / "inputs"


@pytest.fixture(scope="session")
def real_kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of three real kube-apiservers, started once a session."""
    specs = [ClusterSpec(name=name, nodes=0) for name in MEMBERS]
    with real_sandbox(specs, tmp_path_factory.mktemp("real"), assets()) as sandbox:
        yield sandbox.kubeconfig_path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder to work in, with nobody's settings around it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / ".git").mkdir()
    monkeypatch.chdir(folder)
    for name in list(os.environ):
        if name.startswith("KARMACTL_") or name in ("CI", "KUBECONFIG"):
            monkeypatch.delenv(name)
    return folder


@pytest.fixture
def fleet(project: Path, tmp_path: Path) -> Iterator[Fleet]:
    """Three emulated members that are new."""
    folder = tmp_path / "sandbox"
    folder.mkdir()
    specs = [ClusterSpec(name=name, ready_after=0.0) for name in MEMBERS]
    with SandboxThread(specs, folder) as sandbox:
        yield Fleet(project=project, kubeconfig=sandbox.kubeconfig_path, sandbox=sandbox)


@pytest.fixture
def stalled_fleet(project: Path, tmp_path: Path) -> Iterator[Fleet]:
    """Three emulated members in which nothing ever becomes ready."""
    folder = tmp_path / "sandbox"
    folder.mkdir()
    specs = [ClusterSpec(name=name, controllers=False) for name in MEMBERS]
    with SandboxThread(specs, folder) as sandbox:
        yield Fleet(project=project, kubeconfig=sandbox.kubeconfig_path, sandbox=sandbox)


@pytest.fixture(params=[pytest.param("sandbox"), pytest.param("real", marks=pytest.mark.real)])
def any_fleet(request: pytest.FixtureRequest, project: Path) -> Fleet:
    """Three members of either sort; real ones are shared, so that each test brings its own set and namespace."""
    if request.param == "sandbox":
        found: Fleet = request.getfixturevalue("fleet")
        return found
    return Fleet(project=project, kubeconfig=request.getfixturevalue("real_kubeconfig"))


@pytest.fixture(scope="session")
def inputs() -> Path:
    """Manifests that other projects publish; they are no part of this one."""
    if not _INPUTS.is_dir():
        pytest.skip(f"the published manifests are not there: {_INPUTS}")
    return _INPUTS
