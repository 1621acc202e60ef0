"""Programs that karmactl runs: argument lists alone, nobody to ask, a time limit, and what they said in the error."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from karmactl.errors import InputError, UsageError
from karmactl.exec.git import Checkout, find_root, resolve_revision
from karmactl.exec.kustomize import build_kustomization
from karmactl.exec.program import run_program

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def python(script: str, *, timeout_seconds: float = 20, stdin: bytes = b"") -> tuple[int, bytes, str]:
    done = run_program([sys.executable, "-c", script], folder=Path("/"), timeout_seconds=timeout_seconds, stdin=stdin)
    return done.status, done.output, done.said


def test_output_errors_and_input_are_kept_apart() -> None:
    script = "import sys; sys.stderr.write('no'); sys.stdout.write(sys.stdin.read() + '!'); sys.exit(3)"
    assert python(script, stdin=b"in") == (3, b"in!", "no")


def test_a_program_that_asks_finds_nobody() -> None:
    status, _, said = python("input('name? ')")
    assert status == 1
    assert "EOFError" in said


def test_a_program_that_does_not_end_is_ended_with_its_children() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    started = time.monotonic()
    with pytest.raises(UsageError) as caught:
        python(script, timeout_seconds=0.5)
    assert caught.value.code == "program-failed"
    assert time.monotonic() - started < 10


def test_arguments_are_never_read_by_a_shell(tmp_path: Path) -> None:
    done = run_program(
        [sys.executable, "-c", "import sys; print(sys.argv[1])", "$(touch x); `touch x`"],
        folder=tmp_path,
        timeout_seconds=20,
    )
    assert done.output == b"$(touch x); `touch x`\n"
    assert list(tmp_path.iterdir()) == []


# ---- git


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def checkout(repository: Path, tmp_path: Path, *paths: str) -> dict[str, bytes]:
    """What a checkout of HEAD brings, by path."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    Checkout(repository, resolve_revision(repository, "HEAD"), folder).fetch(paths)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@needs_git
def test_files_come_as_they_were_stored(repository: Path, tmp_path: Path) -> None:
    """Attributes that make `git archive` leave out and rewrite files do nothing here."""
    (repository / ".gitattributes").write_text("hidden.yaml export-ignore\nfilled.yaml export-subst\n")
    contents = {"hidden.yaml": b"a: 1\n", "filled.yaml": b"$Format:%H$\n", "ü \n.yaml": b"\r\n\0", "empty.yaml": b""}
    for name, content in contents.items():
        (repository / name).write_bytes(content)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")
    (repository / "hidden.yaml").write_text("a: 2\n")
    found = checkout(repository, tmp_path, "")
    del found[".gitattributes"]
    assert found == contents


@needs_git
def test_only_what_is_asked_for_comes(repository: Path, tmp_path: Path) -> None:
    for name in ("a/x.yaml", "a/deep/y.yaml", "ab/z.yaml", "top.yaml"):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(name)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")
    assert set(checkout(repository, tmp_path, "a", "top.yaml", "missing")) == {"a/x.yaml", "a/deep/y.yaml", "top.yaml"}


@needs_git
def test_links_that_lead_out_are_left_out(repository: Path, tmp_path: Path) -> None:
    (repository / "real.yaml").write_text("a: 1\n")
    for name, target in {"in.yaml": "real.yaml", "out.yaml": "../secret", "root.yaml": "/etc/passwd"}.items():
        (repository / name).symlink_to(target)
    (tmp_path / "secret").write_text("s")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")
    assert checkout(repository, tmp_path, "") == {"real.yaml": b"a: 1\n", "in.yaml": b"a: 1\n"}


@needs_git
def test_many_files_come_in_their_order(repository: Path, tmp_path: Path) -> None:
    for number in range(1203):
        (repository / f"{number}.yaml").write_text(f"n: {number}\n" * (number % 5))
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")
    found = checkout(repository, tmp_path, "")
    assert len(found) == 1203
    assert all(content == f"n: {name[:-5]}\n".encode() * (int(name[:-5]) % 5) for name, content in found.items())


@needs_git
@pytest.mark.parametrize("revision", ["nope", "--help", "HEAD --all", "", "HEAD:x"])
def test_what_names_no_commit_is_an_error(repository: Path, revision: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_revision(repository, revision)
    assert caught.value.code == "revision-unknown"


@needs_git
def test_the_root_is_found_from_below_and_nowhere_else(repository: Path, tmp_path: Path) -> None:
    below = repository / "a" / "b"
    below.mkdir(parents=True)
    assert find_root(below).resolve() == repository.resolve()
    with pytest.raises(UsageError) as caught:
        find_root(tmp_path)
    assert caught.value.code == "not-a-repository"


# ---- kustomize


def fake_programs(folder: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Programs on a PATH that has no others."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for name, script in scripts.items():
        path = bin_folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_folder))


def test_kubectl_builds_what_apply_k_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_programs(tmp_path, monkeypatch, kubectl='echo "kubectl $*"', kustomize='echo "kustomize $*"')
    assert build_kustomization("over lay", base=tmp_path) == b"kubectl kustomize over lay\n"
    (tmp_path / "bin" / "kubectl").unlink()
    assert build_kustomization("-x", base=tmp_path) == b"kustomize build ./-x\n"


def test_without_either_there_is_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_programs(tmp_path, monkeypatch)
    with pytest.raises(UsageError) as caught:
        build_kustomization("overlay", base=tmp_path)
    assert caught.value.code == "kustomize-missing"
    assert "-f -" in caught.value.hint


def test_what_kustomize_says_is_in_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_programs(tmp_path, monkeypatch, kubectl="echo 'error: no such base' >&2; exit 1")
    with pytest.raises(InputError) as caught:
        build_kustomization("overlay", base=tmp_path)
    assert (caught.value.code, caught.value.why) == ("kustomize-failed", "no such base")
    assert str(caught.value.location) == "overlay"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_a_real_kustomization(tmp_path: Path) -> None:
    (tmp_path / "cm.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    (tmp_path / "kustomization.yaml").write_text("resources: [cm.yaml]\nnamePrefix: x-\n")
    assert b"name: x-a" in build_kustomization(".", base=tmp_path)
