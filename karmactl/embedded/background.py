"""A sandbox in a background process: start it, ask it, hurt and heal its clusters, end it.

Everything lies in one directory: the kubeconfig (0600), the state file with the process id and the control
endpoint's token (0600), the specs and a log. The user's own kubeconfig is never touched. A lock file keeps two
commands from starting the same sandbox at once; a state file whose process is gone is recognised and replaced.
"""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from karmactl.embedded import kubeconfig
from karmactl.embedded.assets import Assets
from karmactl.embedded.control_client import ControlError, ask
from karmactl.embedded.keepfile import KeepError, saved_names
from karmactl.embedded.spec import ClusterSpec, Fault, fault_from_json, to_json

START_SECONDS = 30.0
REAL_START_SECONDS = 180.0
STOP_SECONDS = 40.0
STATE, SPECS, LOG, LOCK = "state.json", "specs.json", "sandbox.log", "lock"


class SandboxError(Exception):
    """The sandbox cannot do what was asked; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterStatus:
    """One running cluster: where it is, what it is, what is wrong with it, and how often it was asked by verb."""

    name: str
    url: str
    region: str = ""
    zones: tuple[str, ...] = ()
    provider: str = ""
    nodes: int = 0
    faults: tuple[Fault, ...] = ()
    requests: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A sandbox as it is: running or not; `was_running` tells that `up` found it so."""

    running: bool
    directory: Path
    kubeconfig_path: Path
    pid: int = 0
    was_running: bool = False
    clusters: tuple[ClusterStatus, ...] = ()


def up(
    directory: Path, specs: Sequence[ClusterSpec], *, data: Path | None = None, assets: Assets | None = None
) -> Status:
    """Starts a sandbox and waits until all its clusters answer; finds one that runs already.

    `data` is a folder that keeps the clusters: those that it has come back, and of the specs those that are new.
    With `assets` the clusters are real API servers. Raises SandboxError where the process does not come up.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(directory):
        found = status(directory)
        if found.running:
            return _replace(found, was_running=True)
        _forget(directory)
        wanted = {
            "clusters": [to_json(s) for s in specs],
            "data": str(data.resolve()) if data is not None else "",
            "assets": str(assets.folder) if assets is not None else "",
        }
        kubeconfig.write(directory / SPECS, json.dumps(wanted).encode())
        process = _spawn(directory)
        _await_state(directory, process, START_SECONDS if assets is None else REAL_START_SECONDS)
        return status(directory)


def kept(data: Path) -> tuple[str, ...]:
    """The names of the clusters that a folder keeps; raises SandboxError for a damaged one."""
    try:
        return saved_names(data)
    except KeepError as exc:
        raise SandboxError(str(exc)) from exc


def status(directory: Path) -> Status:
    """What runs in the directory, if anything."""
    state = _read_state(directory)
    stopped = Status(running=False, directory=directory, kubeconfig_path=directory / "kubeconfig")
    if state is None or not _alive(state["pid"]):
        return stopped
    try:
        told = ask(state["port"], state["token"], "/status")
    except ControlError:
        return stopped
    return Status(
        running=True,
        directory=directory,
        kubeconfig_path=directory / "kubeconfig",
        pid=state["pid"],
        clusters=tuple(_cluster(c) for c in told["clusters"]),
    )


def fail(directory: Path, name: str, fault: Fault) -> None:
    """Makes a cluster misbehave until it is healed; raises SandboxError."""
    _ask(directory, "/fail", {"cluster": name, "fault": to_json(fault)})


def heal(directory: Path, name: str) -> None:
    """Ends a cluster's faults; raises SandboxError."""
    _ask(directory, "/heal", {"cluster": name})


def down(directory: Path) -> bool:
    """Ends the sandbox and takes its kubeconfig away; whether anything ran."""
    if not directory.exists():
        return False
    with _locked(directory):
        state = _read_state(directory)
        ran = False
        if state is not None and _alive(state["pid"]):
            with contextlib.suppress(ControlError):
                ask(state["port"], state["token"], "/stop")
                ran = True
            if ran:
                _await_end(state["pid"])
        _forget(directory)
        return ran


# ---- the process


def _spawn(directory: Path) -> subprocess.Popen[bytes]:
    descriptor = os.open(directory / LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    # the same package as here, wherever it was loaded from, and no module of the caller's folder in its place
    package_root = str(Path(__file__).parent.parent.parent)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (package_root, os.environ.get("PYTHONPATH")))),
    }
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "karmactl.embedded", str(directory.resolve())],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def _await_state(directory: Path, process: subprocess.Popen[bytes], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = _read_state(directory)
        if state is not None and state["pid"] == process.pid:
            process.returncode = 0  # it is on its own now: not ours to wait for
            return
        if process.poll() is not None:
            log = (directory / LOG).read_text(errors="replace")[-2000:].strip()
            raise SandboxError(f"the sandbox process ended with status {process.returncode}: {log}")
        time.sleep(0.005)
    process.kill()
    raise SandboxError(f"the sandbox did not come up within {seconds:.0f} seconds")


def _await_end(pid: int) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while _alive(pid):
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        time.sleep(0.005)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return True
    return fields[0] != "Z"


# ---- the directory


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read_state(directory: Path) -> dict[str, Any] | None:
    try:
        value = json.loads((directory / STATE).read_text())
    except (OSError, ValueError):
        return None
    known = isinstance(value, dict) and all(isinstance(value.get(k), int) for k in ("pid", "port"))
    return value if known and isinstance(value.get("token"), str) else None


def _forget(directory: Path) -> None:
    for name in (STATE, SPECS, "kubeconfig"):
        (directory / name).unlink(missing_ok=True)


def _ask(directory: Path, path: str, body: dict[str, Any]) -> None:
    state = _read_state(directory)
    if state is None or not _alive(state["pid"]):
        raise SandboxError(f"no sandbox runs in {directory}")
    try:
        ask(state["port"], state["token"], path, body)
    except ControlError as exc:
        raise SandboxError(str(exc)) from exc


def _cluster(told: dict[str, Any]) -> ClusterStatus:
    return ClusterStatus(
        name=told["name"],
        url=told["url"],
        region=told["region"],
        zones=tuple(told["zones"]),
        provider=told["provider"],
        nodes=told["nodes"],
        faults=tuple(fault_from_json(f) for f in told["faults"]),
        requests=tuple(sorted(told["requests"].items())),
    )


def _replace(found: Status, *, was_running: bool) -> Status:
    return Status(
        running=found.running,
        directory=found.directory,
        kubeconfig_path=found.kubeconfig_path,
        pid=found.pid,
        was_running=was_running,
        clusters=found.clusters,
    )
