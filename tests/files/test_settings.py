"""karmactl.yaml: which one counts, what it says, and where its faults are."""

from __future__ import annotations

from pathlib import Path

import pytest

from karmactl.core.model.cluster import Taint
from karmactl.core.model.settings import ClusterSettings, GuardSettings, IgnoreRule, Settings, WitnessSettings
from karmactl.errors import InputError, Location
from karmactl.files.settings import find_settings, read_settings

FULL = """\
set: shop
inventoryNamespace: records
namespace: web
witness: {context: ops}
featureGates: {WorkloadAffinity: true}
inputs: [shop/, policies/]
kubeconfig: ./config
sandbox: true
prune: true
clusters:
- {name: eu-1, context: prod-eu-1, region: eu, labels: {tier: prod}}
- name: us-1
  zones: [us-1a, us-1b]
  provider: acme
  syncMode: Pull
  taints: [{key: gpu, value: "yes", effect: NoSchedule}]
guards: {maxDelete: 20%, maxMove: 5, protect: [Namespace]}
ignore: [{kind: Deployment, path: /spec/replicas, manager: kube-controller-manager}]
sensitive: [/spec/password]
rollout: {stages: [[eu-1], [us-1]], onFailure: pause}
"""


def _read(folder: Path, text: str) -> Settings:
    path = folder / "karmactl.yaml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path, name="karmactl.yaml").settings


def test_every_key_is_read(tmp_path: Path) -> None:
    assert _read(tmp_path, FULL) == Settings(
        set="shop",
        inventory_namespace="records",
        namespace="web",
        witness=WitnessSettings(context="ops"),
        feature_gates={"WorkloadAffinity": True},
        inputs=("shop/", "policies/"),
        kubeconfig="./config",
        sandbox=True,
        prune=True,
        clusters=(
            ClusterSettings(name="eu-1", context="prod-eu-1", region="eu", labels={"tier": "prod"}),
            ClusterSettings(
                name="us-1",
                zones=("us-1a", "us-1b"),
                provider="acme",
                sync_mode="Pull",
                taints=(Taint(key="gpu", value="yes", effect="NoSchedule"),),
            ),
        ),
        guards=GuardSettings(max_delete="20%", max_move="5", protect=("Namespace",)),
        ignore=(IgnoreRule(kind="Deployment", path="/spec/replicas", manager="kube-controller-manager"),),
        sensitive=("/spec/password",),
        rollout={"stages": [["eu-1"], ["us-1"]], "onFailure": "pause"},
    )


def test_keys_have_places(tmp_path: Path) -> None:
    path = tmp_path / "karmactl.yaml"
    path.write_text(FULL, encoding="utf-8")
    file = read_settings(path, name="karmactl.yaml")
    assert file.folder == tmp_path
    assert str(file.place("/set")) == "karmactl.yaml:1:6"
    assert str(file.place("/clusters/0/region")) == "karmactl.yaml:11:44"
    assert file.place("/nowhere") == Location(file="karmactl.yaml")


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    assert _read(tmp_path, "# nothing yet\n") == Settings()


FAULTS = [
    ("sett: shop\n", ["1:1 unknown-field did you mean 'set'?"]),
    ("clusters: [{name: a, regon: eu}]\n", ["1:22 unknown-field did you mean 'region'?"]),
    ("prune: maybe\nsandbox: 1\n", ["1:8 wrong-type ", "2:10 wrong-type "]),
    ("set: Shop\n", ["1:6 settings-invalid lower case letters, digits and - only, at most 40"]),
    ("namespace: a.b\n", ["1:12 settings-invalid lower case letters, digits and - only"]),
    (
        "guards: {maxDelete: 120%, maxMove: -1}\n",
        ["1:21 settings-invalid 12 or 20%", "1:36 settings-invalid 12 or 20%"],
    ),
    ("featureGates: {Failovr: true}\n", ["1:16 settings-unknown-gate did you mean 'Failover'?"]),
    ("ignore: [{kind: Deployment, path: spec.replicas}]\n", ["1:35 settings-invalid /spec/replicas"]),
    ("witness: {}\n", ["1:1 settings-invalid "]),
    ('kubeconfig: "a\\0b"\n', ["1:13 settings-invalid "]),
    ('inputs: [a, "b\\0"]\n', ["1:13 settings-invalid "]),
    ("clusters:\n- {name: a}\n- {name: a}\n", ["3:10 settings-cluster-twice "]),
    ("clusters:\n- {context: a}\n", ["2:3 field-missing "]),
    ("clusters:\n- {name: a, zone: x, zones: [z]}\n", ["2:13 settings-invalid "]),
    ("clusters:\n- {name: a, syncMode: Poll}\n", ["2:23 settings-invalid one of Push, Pull"]),
    (
        "clusters:\n- {name: a, taints: [{effect: Never}, {key: b}]}\n",
        [
            "2:22 field-missing ",
            "2:31 settings-invalid one of NoSchedule, PreferNoSchedule, NoExecute",
            "2:39 settings-invalid one of NoSchedule, PreferNoSchedule, NoExecute",
        ],
    ),
    ("set: a\nset: b\n", ["2:1 yaml-duplicate-key remove one of them: kubectl would take the last in silence"]),
    ("set: a\n---\nset: b\n", ["3:1 settings-documents "]),
    ("- a\n", ["1:1 wrong-type "]),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS, ids=[row[0].strip() for row in FAULTS])
def test_faults(text: str, expected: list[str], tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        _read(tmp_path, text)
    faults = [fault for fault in caught.value.exceptions if isinstance(fault, InputError)]
    assert [
        str(fault.location).removeprefix("karmactl.yaml:") + f" {fault.code} {fault.hint}" for fault in faults
    ] == expected


def test_a_second_cluster_of_a_name_tells_the_first_place(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        _read(tmp_path, "clusters:\n- {name: a}\n- {name: a}\n")
    assert caught.value.exceptions[0].args == ("the cluster 'a' is already in karmactl.yaml:2:10",)


def test_the_nearest_file_up_to_the_git_root_counts(tmp_path: Path) -> None:
    deep = tmp_path / "repo" / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "karmactl.yaml").touch()
    (tmp_path / "repo" / ".git").mkdir()
    assert find_settings(deep) is None
    (tmp_path / "repo" / "karmactl.yaml").touch()
    assert find_settings(deep) == tmp_path / "repo" / "karmactl.yaml"
    (tmp_path / "repo" / "a" / "karmactl.yaml").touch()
    assert find_settings(deep) == tmp_path / "repo" / "a" / "karmactl.yaml"


def test_outside_of_a_repository_no_parent_counts(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "karmactl.yaml").touch()
    assert find_settings(tmp_path / "a") is None
    assert find_settings(tmp_path) == tmp_path / "karmactl.yaml"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        read_settings(tmp_path / "karmactl.yaml", name="karmactl.yaml")
    assert caught.value.exceptions[0].args == ("No such file or directory",)
