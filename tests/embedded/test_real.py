"""`sandbox up --real`: real API servers behind the sandbox's commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from karmactl import embedded
from karmactl.embedded import ClusterSpec, Fault
from karmactl.embedded.assets import AssetsError, find_assets
from karmactl.embedded.keepfile import KeepError
from tests.contract.servers import assets, real_sandbox
from tests.embedded.conftest import Api

MAPS = "/api/v1/namespaces/default/configmaps"


def test_the_programs_are_looked_for_where_the_variable_says(tmp_path: Path) -> None:
    (tmp_path / "etcd").touch()
    with pytest.raises(AssetsError, match=r"has no kube-apiserver$"):
        find_assets({"KUBEBUILDER_ASSETS": str(tmp_path)})
    (tmp_path / "kube-apiserver").touch()
    found = find_assets({"KUBEBUILDER_ASSETS": str(tmp_path)})
    assert (found.folder, found.has_controller_manager) == (tmp_path, False)


def test_a_program_that_ends_shows_its_last_words(tmp_path: Path) -> None:
    for name in ("etcd", "kube-apiserver"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho 'the port is on holiday'; exit 3\n")
        program.chmod(0o755)
    found = find_assets({"KUBEBUILDER_ASSETS": str(tmp_path)})
    with pytest.raises(embedded.SandboxError, match=r"(?s)kube-apiserver ended with status 3:.*on holiday"):
        embedded.up(tmp_path / "run", [ClusterSpec(name="a")], assets=found)
    assert not embedded.status(tmp_path / "run").running


@pytest.mark.real
def test_real_servers_come_up_fail_heal_and_come_back(tmp_path: Path) -> None:
    programs, data = assets(), tmp_path / "data"
    directory = tmp_path / "run"
    status = embedded.up(
        directory, [ClusterSpec(name="a", region="eu"), ClusterSpec(name="b")], data=data, assets=programs
    )
    try:
        assert [(c.name, c.region) for c in status.clusters] == [("a", "eu"), ("b", "")]
        api = Api(status.kubeconfig_path, "a")
        assert api("GET", "/version").body["gitVersion"].startswith("v1.")
        nodes = api("GET", "/api/v1/nodes").body["items"]
        assert nodes[0]["metadata"]["labels"]["topology.kubernetes.io/region"] == "eu"
        assert nodes[0]["status"]["allocatable"]["cpu"] == "8"
        api("POST", MAPS, {"metadata": {"name": "kept"}})
        assert Api(status.kubeconfig_path, "b")("GET", f"{MAPS}/kept").status == 404
        embedded.fail(directory, "a", Fault(kind="down"))
        with pytest.raises(OSError, match="refused"):
            api("GET", "/version")
        embedded.heal(directory, "a")
        embedded.fail(directory, "a", Fault(kind="hang"))
        with pytest.raises(OSError, match="timed out"):
            api("GET", "/version", timeout=0.3)
        embedded.heal(directory, "a")
        assert api("GET", "/version").status == 200
        with pytest.raises(embedded.SandboxError, match="real API servers do not know 'error'"):
            embedded.fail(directory, "a", Fault(kind="error"))
    finally:
        assert embedded.down(directory)
    with pytest.raises(KeepError, match="keeps real clusters"):
        embedded.SandboxThread([], tmp_path, data)
    with real_sandbox([], tmp_path, programs, data):
        assert api("GET", f"{MAPS}/kept").status == 200
