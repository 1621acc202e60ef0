"""The sandbox against the recorded answers of a real kube-apiserver, played by the recordings' own runners.

The recordings lie beside the repository, in ../shared/oracle/api. A sample of the API cases is played, and with
KARMACTL_WHOLE_ORACLE set all of them, and all of kubectl's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from karmactl.embedded import ClusterSpec, SandboxThread

RECORDED = Path(__file__).parents[3] / "shared" / "oracle" / "api"
WHOLE = bool(os.environ.get("KARMACTL_WHOLE_ORACLE"))
EVERY = {"api.jsonl": 6, "kubectl.jsonl": 8}  # one case in so many makes the sample
# an apply that changes nothing differs when it falls into a later second than the one before
FLAKES = 2
REQUIRED = (
    *("ssa", "patch", "crud", "watch", "delete", "selectors", "locking", "dry-run"),
    *("crd", "table", "partial", "status", "rbac", "auth", "defaulting"),
)
# upstream's descriptions of the columns of its tables are not ours to ship
DESCRIPTION = re.compile(r"\.columnDefinitions\[\d+\]\.description: want ")
# what CEL rules cost is not estimated
LEFT_OUT = ("crd/invalid-schema-cel-cost",)

pytestmark = [
    pytest.mark.skipif(
        not (RECORDED / "replay.py").is_file(),
        reason="NOT COMPARED WITH A REAL SERVER'S ANSWERS: no ../shared/oracle/api beside the repository",
    ),
    pytest.mark.skipif(
        importlib.util.find_spec("requests") is None,
        reason="NOT COMPARED WITH A REAL SERVER'S ANSWERS: the runners need the module requests",
    ),
]


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of a bare cluster `member1`."""
    spec = ClusterSpec(name="member1", controllers=False, nodes=0)
    with SandboxThread([spec], tmp_path_factory.mktemp("recorded")) as sandbox:
        yield sandbox.kubeconfig_path


def _cases(name: str, folder: Path) -> tuple[list[dict[str, Any]], Path]:
    """The cases to play, and a file with them."""
    lines = [line for line in (RECORDED / name).read_text(encoding="utf-8").splitlines() if line.strip()]
    lines = [line for line in lines if not json.loads(line)["id"].startswith(LEFT_OUT)]
    if not WHOLE:
        lines = lines[:: EVERY[name]]
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [json.loads(line) for line in lines], file


def _differing(runner: str, file: Path, kubeconfig: Path, *options: str) -> dict[str, list[str]]:
    """The cases that differ, each with its differences."""
    command = [sys.executable, str(RECORDED / runner), "--kubeconfig", str(kubeconfig), "--context", "member1"]
    done = subprocess.run([*command, "--file", str(file), *options], capture_output=True, text=True, timeout=900)
    assert re.search(r": agree \d+ of \d+$", done.stdout.strip()), done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith("DIFFERS "):
            found[line.removeprefix("DIFFERS ")] = []
        elif line.startswith("    ") and found:
            found[next(reversed(found))].append(line.strip())
    return found


def test_requests_are_answered_as_recorded(kubeconfig: Path, tmp_path: Path) -> None:
    cases, file = _cases("api.jsonl", tmp_path)
    found = _differing("replay.py", file, kubeconfig, "-vv")
    differ = {i for i, why in found.items() if not why or not all(DESCRIPTION.search(line) for line in why)}
    total = Counter(tag for case in cases for tag in case["tags"])
    missed = Counter(tag for case in cases if case["id"] in differ for tag in case["tags"])
    allowed = {tag: max(0.02 * total[tag], FLAKES) for tag in REQUIRED}
    assert not {tag: missed[tag] for tag in REQUIRED if missed[tag] > allowed[tag]}, sorted(differ)
    assert len(differ) <= 0.02 * len(cases) + FLAKES, sorted(differ)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the PATH")
def test_kubectl_prints_as_recorded(kubeconfig: Path, tmp_path: Path) -> None:
    cases, file = _cases("kubectl.jsonl", tmp_path)
    differ = _differing("replay_kubectl.py", file, kubeconfig)
    assert len(differ) <= 0.02 * len(cases) + FLAKES, sorted(differ)
