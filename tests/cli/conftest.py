"""The command line in this process, in a folder of its own, without anybody's kubeconfig or settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from karmactl.cli.app import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What one command did."""

    status: int
    out: str
    err: str


Karmactl = Callable[..., Ran]


@pytest.fixture
def karmactl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Karmactl:
    """Runs a command line in `tmp_path/project`, which is made."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    for name in list(os.environ):
        if name.startswith("KARMACTL_") or name in ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)

    def command(*words: str) -> Ran:
        capsys.readouterr()
        status = run(list(words))
        captured = capsys.readouterr()
        return Ran(status=status, out=captured.out, err=captured.err)

    return command
