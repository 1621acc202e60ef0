"""`karmactl render`: stdout, folders with stable names and bytes, Secrets only when told, `--check`."""

from __future__ import annotations

import stat
from base64 import b64encode
from pathlib import Path

import pytest

from karmactl.core.model.manifest import ResourceRef
from karmactl.files.documents import read_documents
from karmactl.files.rendered import MARK
from karmactl.render.manifest_files import file_paths, folder_name
from tests.cli.conftest import Karmactl
from tests.cli.shop import SECRET, SECRET_POLICY, WEB, write, write_shop

FILES = {
    "eu/_cluster/namespace-shop.yaml",
    "eu/shop/deployment-web.yaml",
    "eu/shop/service-web.yaml",
    "us/_cluster/namespace-shop.yaml",
    "us/shop/deployment-web.yaml",
    "us/shop/service-web.yaml",
}


@pytest.fixture
def render(karmactl: Karmactl) -> Karmactl:
    """`karmactl render --dry-run=client` in the shop."""
    write_shop(Path())
    return lambda *words: karmactl("render", "--dry-run=client", *words)


def files(folder: str = "out") -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()
    }


def test_stdout_names_the_cluster_of_every_object(render: Karmactl) -> None:
    ran = render()
    assert (ran.status, ran.err) == (0, "")
    documents = read_documents(ran.out.encode(), "stdout", faults := [])
    assert not faults
    assert len(documents) == ran.out.count("# cluster: ") == 6
    assert [text.split()[2] for text in ran.out.splitlines() if text.startswith("# cluster")] == ["eu"] * 3 + ["us"] * 3


def test_a_folder_has_a_file_an_object_with_stable_bytes(render: Karmactl) -> None:
    ran = render("--out-dir", "out")
    assert ran.status == 0
    assert ran.out == "".join(f"+ {path}\n" for path in sorted(FILES))
    first = files()
    assert set(first) == FILES
    assert b"replicas: 3" in first["eu/shop/deployment-web.yaml"]
    assert all(content.startswith(MARK.encode()) for content in first.values())
    times = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.yaml")}
    assert render("--out-dir", "out").out == ""
    assert {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.yaml")} == times


def test_only_what_changed_is_written_and_what_vanished_goes(render: Karmactl) -> None:
    render("--out-dir", "out")
    (Path("out/eu/shop") / "notes.yaml").write_text("mine: true\n")
    parts = WEB.split("---\n")
    write(Path(), manifests__web="---\n".join([parts[0].replace("replicas: 5", "replicas: 6"), parts[2]]))
    ran = render("--out-dir", "out", "--check")
    assert ran.status == 1
    assert ran.out == "~ eu/shop/deployment-web.yaml\n- eu/shop/service-web.yaml\n- us/shop/service-web.yaml\n"
    assert set(files()) == FILES | {"eu/shop/notes.yaml"}
    assert render("--out-dir", "out").out == ran.out
    assert render("--out-dir", "out", "--check").status == 0
    assert set(files()) == FILES - {"eu/shop/service-web.yaml", "us/shop/service-web.yaml"} | {"eu/shop/notes.yaml"}


def test_c_leaves_the_files_of_other_members_alone(render: Karmactl) -> None:
    render("--out-dir", "out")
    write(Path(), manifests__web=WEB.replace("web:1", "web:2"))
    assert render("--out-dir", "out", "-C", "us").out == "~ us/shop/deployment-web.yaml\n"
    assert len(files()) == 6


def test_files_of_others_are_never_written_over(render: Karmactl) -> None:
    target = Path("out/us/shop/service-web.yaml")
    target.parent.mkdir(parents=True)
    target.write_text("mine: true\n")
    ran = render("--out-dir", "out")
    assert ran.status == 4
    assert "render-not-ours" in ran.err
    assert files() == {"us/shop/service-web.yaml": b"mine: true\n"}


def test_secrets_are_refused_skipped_or_kept_for_oneself(render: Karmactl) -> None:
    write(Path(), manifests__s=SECRET, policies__s=SECRET_POLICY)
    for words in ((), ("--out-dir", "out")):
        ran = render(*words)
        assert (ran.status, ran.out) == (4, "")
        assert "render-secrets" in ran.err
    assert not Path("out").exists()
    assert "canary" not in render("--secrets", "skip").out
    assert render("--secrets", "keep").status == 2
    assert render("--secrets", "keep", "--out-dir", "out").status == 0
    kept = Path("out/eu/shop/secret-keys.yaml")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert b64encode(b"canary-4711").decode() in kept.read_text()
    kept.chmod(0o644)
    assert render("--secrets", "keep", "--out-dir", "out").out == "~ eu/shop/secret-keys.yaml\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert render("--secrets", "skip", "--out-dir", "out").out == "- eu/shop/secret-keys.yaml\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--check",), "bad-usage"),
        (("--secrets", "all"), "bad-usage"),
        (("--out-dir", "."), "render-into-inputs"),
        (("--out-dir", "manifests"), "render-into-inputs"),
    ],
)
def test_wrong_use_is_refused(render: Karmactl, words: tuple[str, ...], code: str) -> None:
    ran = render(*words)
    assert ran.status == 2
    assert code in ran.err
    assert not Path("eu").exists()


def test_objects_are_not_marked_as_the_sets_own(render: Karmactl) -> None:
    assert "applyset.kubernetes.io/part-of" not in render().out


def ref(kind: str, name: str, *, group: str = "", namespace: str = "a") -> ResourceRef:
    return ResourceRef(group=group, version="v1", kind=kind, namespace=namespace, name=name)


def test_paths_hold_whatever_names_hold() -> None:
    assert file_paths("eu", [ref("ClusterRole", "system:node", group="rbac", namespace="")]) == [
        "eu/_cluster/clusterrole-system%3Anode.yaml"
    ]
    assert file_paths("eu", [ref("Role", "Upper", namespace="a")]) == ["eu/a/role-%55pper.yaml"]
    for name in ("../../etc", "arn:aws:eks:eu:1:cluster/x", "..", ".", "a\nb"):
        assert "/" not in folder_name(name)
        assert folder_name(name) not in ("", ".", "..")
    [long] = file_paths("eu", [ref("ConfigMap", "x" * 253)])
    assert len(long.rpartition("/")[2]) <= 255


def test_kinds_of_one_name_in_two_groups_get_their_group() -> None:
    refs = [ref("Service", "web"), ref("Service", "web", group="serving.knative.dev"), ref("Service", "other")]
    assert file_paths("eu", refs) == [
        "eu/a/service-web.yaml",
        "eu/a/service.serving.knative.dev-web.yaml",
        "eu/a/service-other.yaml",
    ]
