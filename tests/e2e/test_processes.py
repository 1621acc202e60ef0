"""Runs as processes of their own: two at once, and what signals do to one."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from karmactl.core.model.manifest import as_mapping
from karmactl.core.model.ports import APIKind, Preconditions
from karmactl.embedded import Fault
from tests.e2e.fleet import CONFIG_MAP, MEMBERS, Fleet
from tests.engine.manifests import config_map, documents, namespace, policy

LEASE = APIKind(group="coordination.k8s.io", version="v1", kind="Lease", resource="leases", is_namespaced=True)


def files(color: str, count: int = 12) -> str:
    return documents(namespace(), *(config_map(f"c{number}", color=color) for number in range(count)), policy(MEMBERS))


def colors(fleet: Fleet) -> set[object]:
    return {
        as_mapping(item["data"])["color"]
        for member in MEMBERS
        for name, item in fleet.objects(member, CONFIG_MAP, "shop").items()
        if name.startswith("c")
    }


def wait_for(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def holder(fleet: Fleet) -> object:
    found = fleet.ask("member1", lambda client: client.get(LEASE, "karmactl-system", "shop"))
    return as_mapping(found["spec"])["holderIdentity"] if found else ""


def test_i10_two_processes_at_once_do_not_mix(fleet: Fleet) -> None:
    fleet.write("shop.yaml", files("none"))
    fleet.settle("shop")
    fleet.apply()
    (fleet.project / "red.yaml").write_text(files("red"))
    (fleet.project / "blue.yaml").write_text(files("blue"))
    runs = [fleet.start("apply", "-f", f"{color}.yaml", "--lock-timeout", "60s") for color in ("red", "blue")]
    ends = [(process.communicate(timeout=60), process.returncode) for process in runs]
    assert {status for _, status in ends} <= {0, 4}, ends
    assert 0 in {status for _, status in ends}
    assert colors(fleet) in ({"red"}, {"blue"})
    assert fleet.run("diff", "-f", f"{colors(fleet).pop()}.yaml").status == 0


def test_i10_the_loser_is_told_who_holds_the_lease(fleet: Fleet) -> None:
    """Whatever the winner has done so far: it is held still in the middle of its run while the loser looks."""
    process = interrupted(fleet)
    process.send_signal(signal.SIGSTOP)
    try:
        heal(fleet)
        ran = fleet.run("apply", "--lock-timeout", "0s")
        assert ran.status == 4
        assert "locked" in ran.err
        assert "inventory-lost" not in ran.err
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate(timeout=60)
    # A machine so slow that the Lease ran out meanwhile makes it stop (3); it never goes on without.
    assert process.returncode in (0, 3)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_softly_and_the_next_one_goes_on(fleet: Fleet, number: int, status: int) -> None:
    process = interrupted(fleet)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert "goes on from here" in err
    assert holder(fleet) == "", "the Lease is given back"
    done = len(fleet.objects("member1", CONFIG_MAP, "shop"))
    heal(fleet)
    resumed = fleet.run("apply", "--verbose")
    assert resumed.status == 0, resumed.err
    assert len(fleet.objects("member1", CONFIG_MAP, "shop")) >= max(done, 24)
    assert fleet.run("diff").status == 0


def interrupted(fleet: Fleet) -> subprocess.Popen[str]:
    """A run that is in the middle of sending many objects to slow members."""
    fleet.write("shop.yaml", files("blue", 24))
    fleet.settle("shop")
    assert fleet.sandbox is not None
    for member in MEMBERS:
        fleet.sandbox.fail(member, Fault(kind="slow", seconds=0.1))
    process = fleet.start("apply")
    wait_for(lambda: len(fleet.objects("member1", CONFIG_MAP, "shop")) >= 3)
    return process


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", ["apply", "plan"])
def test_a_signal_before_the_first_write_has_its_own_status(
    fleet: Fleet, command: str, number: int, status: int
) -> None:
    fleet.write("shop.yaml", files("blue"))
    fleet.settle("shop")
    assert fleet.sandbox is not None
    for member in MEMBERS:
        fleet.sandbox.fail(member, Fault(kind="hang"))
    process = fleet.start(command)
    wait_for(lambda: is_connected(process))
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == status


def is_connected(process: subprocess.Popen[str]) -> bool:
    """Whether the process has begun to talk to the members."""
    count = 0
    for entry in Path(f"/proc/{process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            count += str(entry.readlink()).startswith("socket:")
    return count >= len(MEMBERS)


def heal(fleet: Fleet) -> None:
    assert fleet.sandbox is not None
    for member in MEMBERS:
        fleet.sandbox.heal(member)


def test_i07_a_run_that_was_killed_is_finished_by_the_next(fleet: Fleet) -> None:
    process = interrupted(fleet)
    process.kill()
    process.communicate(timeout=60)
    heal(fleet)
    assert holder(fleet) != ""
    locked = fleet.run("apply", "--lock-timeout", "0s")
    assert locked.status == 4
    for member in MEMBERS:
        # Instead of waiting until it runs out.
        fleet.ask(member, lambda client: client.delete(LEASE, "karmactl-system", "shop", preconditions=Preconditions()))
    resumed = fleet.run("apply")
    assert resumed.status == 0, resumed.err
    assert fleet.run("diff").status == 0
    assert colors(fleet) == {"blue"}


def test_a_second_signal_leaves_at_once(fleet: Fleet) -> None:
    process = interrupted(fleet)
    assert fleet.sandbox is not None
    for member in MEMBERS:
        fleet.sandbox.fail(member, Fault(kind="hang"))
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None, "what is in flight is waited for"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
