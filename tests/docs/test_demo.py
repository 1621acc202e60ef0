"""`make demo` does what it shows, and leaves nothing behind when it is interrupted."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DEMO = Path(__file__).parents[2] / "tools" / "demo.py"


def _environment(folder: Path) -> dict[str, str]:
    """The user's own home and temporary files are somewhere else: nothing may be written there."""
    (folder / "home").mkdir()
    (folder / "temporary").mkdir()
    return {**os.environ, "HOME": str(folder / "home"), "TMPDIR": str(folder / "temporary")}


def _left_in(folder: Path) -> list[Path]:
    return [path for part in ("home", "temporary") for path in (folder / part).rglob("*") if path.is_file()]


def test_demo_tells_its_story(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, DEMO],
        env=_environment(tmp_path),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every step did what it showed" in done.stdout
    assert not done.stderr
    assert not _left_in(tmp_path)


@pytest.mark.skipif(shutil.which("ps") is None, reason="needs ps to see what is left running")
@pytest.mark.parametrize("moment", ["specs.json", "sandbox.log", "state.json"])
def test_interrupted_demo_takes_its_sandbox_down(moment: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, DEMO],
        env=_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        _await_file(tmp_path / "temporary", f"*/sandbox/{moment}")
        # As a terminal does it: everybody in the foreground gets the signal.
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "the sandbox is taken down" in said
    assert not _processes_in(tmp_path)
    assert not _left_in(tmp_path)


def _await_file(folder: Path, pattern: str) -> Path:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for path in folder.glob(pattern):
            return path
        time.sleep(0.005)
    raise AssertionError(f"there is no {pattern}")


def _processes_in(folder: Path) -> list[str]:
    """Sandboxes that live below a folder, by the command lines of all processes."""
    listed = subprocess.run(["ps", "-A", "-o", "stat=,args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(folder) in line and not line.startswith("Z")]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The demo as a module, with temporary files in a folder of its own."""
    spec = importlib.util.spec_from_file_location("demo", DEMO)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return module


@pytest.mark.parametrize(
    ("command", "claim", "says"),
    [("false", "", "ended with 1 instead of 0"), ("echo hello", "good bye", "does not say 'good bye'")],
)
def test_step_that_does_not_do_what_it_shows_fails(
    demo: ModuleType, tmp_path: Path, command: str, claim: str, says: str
) -> None:
    story = demo.Demo(tmp_path)
    story.run("echo one   two", "one two")
    with pytest.raises(demo.StepFailed, match=says):
        story.run(command, claim)


def test_failed_step_takes_the_sandbox_down_and_ends_with_1(
    demo: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def story(demo_run: Any) -> None:
        demo_run.run("karmactl sandbox up --clusters 1", "1 emulated clusters up")
        demo_run.run("karmactl sandbox status", "what it never says")

    monkeypatch.setattr(demo, "tell_story", story)
    # The demo sets handlers for the whole process, which is the test's here.
    monkeypatch.setattr(demo.signal, "signal", lambda *_: None)
    assert demo.main() == 1
    assert "does not say 'what it never says'" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]
    assert not _processes_in(tmp_path)
