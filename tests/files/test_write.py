"""Files that are written: whole or not at all; lock files, plan files, and what `init` writes."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from karmactl.core.model.fleet import FleetLock, LockedCluster
from karmactl.errors import InputError, UsageError
from karmactl.files import read_inputs
from karmactl.files.lock import read_lock, write_lock
from karmactl.files.plans import read_plan_file, write_plan_file
from karmactl.files.settings import read_settings
from karmactl.files.starter import EXAMPLES, Starter, example_files, settings_text, write_starter
from karmactl.files.write import write_file


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    read, write = os.pipe()
    write_file(Path(f"/dev/fd/{write}"), "plan")
    assert os.read(read, 10) == b"plan"
    os.close(read)
    os.close(write)
    (tmp_path / "null").symlink_to("/dev/null")
    write_file(tmp_path / "null", "x")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    mask = os.umask(0o022)
    try:
        write_file(path, "é\n")
        assert (path.read_bytes(), _mode(path)) == ("é\n".encode(), 0o644)
        path.chmod(0o640)
        write_file(path, b"new")
        assert (path.read_bytes(), _mode(path)) == (b"new", 0o640)
        write_file(path, "secret", is_private=True)
        assert _mode(path) == 0o600
    finally:
        os.umask(mask)
    assert [entry.name for entry in path.parent.iterdir()] == ["b.txt"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    write_file(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "new"


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_text("old", encoding="utf-8")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError) as caught:
        write_file(path, "new")
    assert (caught.value.code, caught.value.message) == (
        "file-not-written",
        f"{path} cannot be written: No space left on device",
    )
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    write_file(tmp_path / "a", "one", is_new=True)
    with pytest.raises(UsageError) as caught:
        write_file(tmp_path / "a", "two", is_new=True)
    assert caught.value.code == "file-exists"
    assert (tmp_path / "a").read_text(encoding="utf-8") == "one"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


LOCK = FleetLock(
    clusters={
        "us-1": LockedCluster(uid="2", server="https://us:6443"),
        "eu-1": LockedCluster(uid="1e3"),
    }
)


def test_a_lock_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "karmactl.lock"
    assert read_lock(path) is None
    write_lock(path, LOCK)
    assert read_lock(path) == LOCK
    assert path.read_text(encoding="utf-8").splitlines()[1:] == [
        "clusters:",
        "  eu-1:",
        '    server: ""',
        '    uid: "1e3"',
        "  us-1:",
        "    server: https://us:6443",
        '    uid: "2"',
        "version: 1",
    ]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("version: 2\nclusters: {}\n", "lock-too-new", "karmactl.lock:1:10"),
        ("clusters: {}\n", "lock-invalid", "karmactl.lock:1:1"),
        ("version: 1\nclusters: [a]\n", "lock-invalid", "karmactl.lock:1:1"),
        ("version: 1\nclusters:\n  a: {server: x}\n", "lock-invalid", "karmactl.lock:3:6"),
        ("", "lock-invalid", "karmactl.lock"),
        ("version: [\n", "yaml-syntax", "karmactl.lock:2:1"),
    ],
)
def test_broken_locks(text: str, code: str, place: str, tmp_path: Path) -> None:
    (tmp_path / "karmactl.lock").write_text(text, encoding="utf-8")
    with pytest.raises(ExceptionGroup) as caught:
        read_lock(tmp_path / "karmactl.lock", name="karmactl.lock")
    (fault,) = caught.value.exceptions
    assert isinstance(fault, InputError)
    assert (fault.code, str(fault.location)) == (code, place)


def test_a_plan_comes_back(tmp_path: Path) -> None:
    plan = {"kind": "Plan", "id": "é", "changes": [{"before": None, "after": [1, 1.5, True]}]}
    write_plan_file(tmp_path / "plan", plan)  # type: ignore[arg-type]
    assert read_plan_file(tmp_path / "plan") == plan


@pytest.mark.parametrize(
    ("text", "code"),
    [(None, "plan-unreadable"), ('{"kind": "Diff"}', "plan-invalid"), ("[1]", "plan-invalid"), ("{{", "plan-invalid")],
)
def test_files_that_are_no_plan(text: str | None, code: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "plan").write_text(text, encoding="utf-8")
    with pytest.raises(ExceptionGroup) as caught:
        read_plan_file(tmp_path / "plan")
    (fault,) = caught.value.exceptions
    assert isinstance(fault, InputError)
    assert fault.code == code


STARTERS = [
    Starter(set_name="shop", contexts={}, is_sandbox=True, example="shop"),
    Starter(set_name="web", contexts={"eu-1": "prod-eu", "on": "1e3"}, example="nginx"),
    Starter(set_name="web", contexts={"one": "kind-one"}, inputs=["deploy, all/"]),
    Starter(set_name="web", contexts={}),
]


@pytest.mark.parametrize("starter", STARTERS, ids=["sandbox", "contexts", "inputs", "bare"])
def test_what_init_writes_can_be_read(starter: Starter, tmp_path: Path) -> None:
    paths = write_starter(tmp_path, starter)
    file = read_settings(paths[0])
    assert file.settings.set == starter.set_name
    assert file.settings.sandbox is starter.is_sandbox
    assert {entry.name: entry.context for entry in file.settings.clusters} == starter.contexts
    if starter.example:
        inputs = read_inputs(file.settings.inputs, base=file.folder)
        assert inputs.templates
        assert inputs.propagation_policies
        placement = inputs.propagation_policies[0].spec.placement
        assert placement.cluster_affinity is not None
        assert placement.cluster_affinity.cluster_names == starter.members
    else:
        assert file.settings.inputs == tuple(starter.inputs)


@pytest.mark.parametrize("starter", STARTERS, ids=["sandbox", "contexts", "inputs", "bare"])
def test_what_is_commented_out_is_right_too(starter: Starter, tmp_path: Path) -> None:
    text = re.sub(r"^( *)# ((?:[ -]|[a-zA-Z]+:).*)$", r"\1\2", settings_text(starter), flags=re.MULTILINE)
    (tmp_path / "karmactl.yaml").write_text(text, encoding="utf-8")
    settings = read_settings(tmp_path / "karmactl.yaml").settings
    assert settings.witness is not None
    assert settings.guards.max_delete == "20%"
    assert settings.rollout is not None


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx" / "deployment.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        write_starter(tmp_path, Starter(set_name="web", contexts={}, example="nginx"))
    assert caught.value.code == "file-exists"
    assert not (tmp_path / "karmactl.yaml").exists()


def test_examples_are_known_by_name() -> None:
    assert all(example_files(example, ()) for example in EXAMPLES)
    with pytest.raises(UsageError) as caught:
        example_files("nothing", ())
    assert (caught.value.code, caught.value.hint) == ("unknown-example", "one of nginx, shop")
