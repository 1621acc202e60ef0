"""What the identity in use may not do stops a run before its first write, in every member that is concerned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from karmactl.embedded import ClusterSpec, background
from tests.cli.conftest import Karmactl
from tests.cli.shop import write_shop

_RULES = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: deployer}}
rules:
  - {{apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}}
  - {{apiGroups: [""], resources: [namespaces, services, secrets], verbs: [create, patch, update, delete]}}
  - {{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create, update]}}
  - {{apiGroups: [apps], resources: [deployments], verbs: [{verbs}]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: deployer}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: deployer}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: ci}}]
"""
_EVERYWHERE = """\
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterPropagationPolicy
metadata: {name: access}
spec:
  resourceSelectors:
    - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole}
    - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding}
  placement: {}
"""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of three emulated clusters."""
    folder = tmp_path_factory.mktemp("sandbox")
    background.up(folder, [ClusterSpec(name=name, region=name) for name in ("ap", "eu", "us")])
    yield folder / "kubeconfig"
    background.down(folder)


@pytest.fixture
def shop(karmactl: Karmactl, sandbox: Path, tmp_path: Path) -> Karmactl:
    """The shop; `KUBECONFIG` is the administrator's, `ci` beside it that of a user who may only what it is granted."""
    write_shop(Path())
    (tmp_path / "kubeconfig").write_bytes(sandbox.read_bytes())
    document = yaml.safe_load(sandbox.read_text())
    for entry in document["users"]:
        entry["user"]["as"] = "ci"
    (tmp_path / "ci").write_text(json.dumps(document))
    assert karmactl("clusters", "lock").status == 0
    return karmactl


def _grant(karmactl: Karmactl, verbs: str) -> None:
    folder = Path("access")
    folder.mkdir(exist_ok=True)
    (folder / "rules.yaml").write_text(_RULES.format(verbs=verbs) + "---\n" + _EVERYWHERE)
    ran = karmactl("apply", "--set", "access", "-f", "access", "-y")
    assert ran.status == 0, ran.err


def test_what_is_not_allowed_stops_the_run_before_its_first_write(shop: Karmactl, tmp_path: Path) -> None:
    ci = ("--kubeconfig", str(tmp_path / "ci"))
    _grant(shop, "patch")
    ran = shop("apply", "-y", *ci)
    assert ran.status == 2
    assert ran.err.count("access-missing") == 2
    assert "this run may not create deployments.apps in shop" in ran.err
    assert "ap" not in [line.split()[0] for line in ran.err.splitlines() if "access-missing" in line]
    # Nothing at all was written: not even the state.
    assert "0 equal" in shop("diff").out
    assert shop("status").out.count("web") == 0

    _grant(shop, "create, patch")
    assert shop("apply", "-y", *ci).status == 0

    # And taking away needs another permission than bringing.
    ran = shop("delete", "-y", "--allow-delete", "Namespace", *ci)
    assert ran.status == 2
    assert "this run may not delete deployments.apps in shop" in ran.err
    assert "5/5" in shop("status").out
    _grant(shop, "create, patch, delete")
    assert shop("delete", "-y", "--allow-delete", "Namespace", *ci).status == 0


def test_a_run_with_nothing_to_do_asks_nothing(shop: Karmactl, tmp_path: Path) -> None:
    _grant(shop, "patch")
    assert shop("apply", "-y").status == 0
    ran = shop("apply", "-y", "--kubeconfig", str(tmp_path / "ci"))
    assert ran.status == 0, ran.err
    assert shop("delete", "-y", "--allow-delete", "Namespace").status == 0
