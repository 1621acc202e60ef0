"""Every fault of the sandbox as who runs `apply` sees it: one member of three misbehaves while a value changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from karmactl.embedded import FAULT_KINDS, Fault
from tests.e2e.fleet import CONFIG_MAP, MEMBERS, Fleet
from tests.engine.manifests import config_map, deployment, documents, namespace, policy

SHOP = documents(namespace(), config_map(), deployment(), policy(MEMBERS))
ALL = ("member1", "member2", "member3")
OTHERS = ("member1", "member2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a fault does to a run: the status, the members that have the new value after it, and what was said."""

    fault: Fault
    status: int
    changed: Iterable[str]
    said: str = ""


CASES = (
    Seen(fault=Fault(kind="down"), status=3, changed=OTHERS, said="member3: 127.0.0.1:* connection refused"),
    Seen(fault=Fault(kind="hang"), status=3, changed=OTHERS, said="member-unreachable"),
    Seen(fault=Fault(kind="reset"), status=3, changed=OTHERS, said="member-unreachable"),
    Seen(fault=Fault(kind="slow", seconds=0.05), status=0, changed=ALL),
    Seen(fault=Fault(kind="slow", seconds=30), status=3, changed=OTHERS, said="member-unreachable"),
    Seen(fault=Fault(kind="error", status=500), status=3, changed=OTHERS, said="member3 answered 500"),
    Seen(fault=Fault(kind="error", status=503, rate=0.2), status=0, changed=ALL),
    Seen(fault=Fault(kind="error", status=429), status=3, changed=OTHERS, said="429"),
    Seen(fault=Fault(kind="expired-token"), status=3, changed=OTHERS, said="member3 answered 401 Unauthorized"),
    Seen(fault=Fault(kind="read-only"), status=2, changed=(), said="read-only by an injected fault"),
    Seen(fault=Fault(kind="watch-cut", seconds=0.05), status=0, changed=ALL),
    Seen(fault=Fault(kind="partial"), status=3, changed=OTHERS, said="member-unreachable"),
    Seen(fault=Fault(kind="clock-skew", seconds=7200), status=0, changed=ALL),
    Seen(fault=Fault(kind="clock-skew", seconds=-7200), status=0, changed=ALL),
    Seen(fault=Fault(kind="api-removed", api="apps/v1"), status=2, changed=(), said="does not serve apps/v1"),
)


def test_no_fault_is_left_out() -> None:
    assert {case.fault.kind for case in CASES} == set(FAULT_KINDS)


def having(fleet: Fleet, color: str) -> tuple[str, ...]:
    found = {name: fleet.objects(name, CONFIG_MAP, "shop")["settings"]["data"] for name in MEMBERS}
    return tuple(name for name, data in found.items() if data == {"color": color})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.fault.kind}-{case.status}")
def test_what_a_run_says_and_does_under_a_fault(fleet: Fleet, case: Seen) -> None:
    fleet.write("shop.yaml", SHOP)
    fleet.settle("shop")
    fleet.apply()
    fleet.write("shop.yaml", SHOP.replace("blue", "red"))
    assert fleet.sandbox is not None
    fleet.sandbox.fail("member3", case.fault)
    ran = fleet.run("apply", "--cluster-timeout", "1s")
    fleet.sandbox.heal("member3")
    assert ran.status == case.status, ran.out + ran.err
    assert having(fleet, "red") == tuple(case.changed)
    where = 0
    for part in case.said.split("*"):
        assert part in (ran.out + ran.err)[where:], ran.out + ran.err
        where = (ran.out + ran.err).index(part, where)
    assert fleet.run("apply").status == 0
    assert having(fleet, "red") == ALL
