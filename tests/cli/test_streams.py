"""Streams that are closed or full, and impossible names of sets: plain errors, honest statuses, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shop import write_shop

PLAN = f"{sys.executable} -m karmactl plan --dry-run=client"
FULL = "error: output-not-written: the output cannot be written: No space left on device\n"


def _shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("redirection", "status"),
    [(">&-", 0), ("2>&-", 0), ("<&-", 0), (">&- 2>&- <&-", 0), (">/dev/full", 3), ("-o json >/dev/full", 3)],
)
def test_streams_that_are_closed_or_full(redirection: str, status: int, tmp_path: Path) -> None:
    write_shop(tmp_path)
    ended = _shell(f"{PLAN} {redirection}", tmp_path)
    assert ended.returncode == status, ended.stderr
    assert ended.stderr.endswith(FULL) is (status == 3)
    assert "internal" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_standard_input_that_is_closed_is_empty(tmp_path: Path) -> None:
    write_shop(tmp_path)
    ended = _shell(f"{PLAN} -f - <&-", tmp_path)
    assert "internal" not in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", ["../x", "Shop", "a_b", "-a", "a" * 64, "a b"])
def test_names_that_no_set_can_have(name: str, tmp_path: Path) -> None:
    write_shop(tmp_path)
    ended = _shell(f"{PLAN} --set='{name}'", tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: bad-set: ")
