"""Clusters that misbehave on demand, as a plain client sees it; `tests/e2e/test_faults.py` has what users see."""

from __future__ import annotations

import datetime
import http.client
from collections.abc import Iterator

import pytest

from karmactl.embedded import Fault, SandboxThread
from tests.embedded.conftest import Api

NAMESPACES = "/api/v1/namespaces"
MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def two(live: SandboxThread) -> Iterator[Api]:
    """A client of a cluster that is well again afterwards."""
    yield Api(live.kubeconfig_path, "two")
    live.heal("two")


def test_a_cluster_that_is_down_refuses_and_comes_back_at_its_port(live: SandboxThread, two: Api) -> None:
    live.fail("two", "down")
    with pytest.raises(OSError, match="refused"):
        two("GET", "/version")
    live.heal("two")
    assert two("GET", "/version").status == 200
    assert two.url == live.url("two")


def test_a_cluster_that_hangs_reads_and_never_answers(live: SandboxThread, two: Api) -> None:
    live.fail("two", "hang")
    with pytest.raises(TimeoutError):
        two("GET", "/version", timeout=0.2)


@pytest.mark.parametrize("kind", ["reset", "partial"])
def test_answers_are_cut(live: SandboxThread, two: Api, kind: str) -> None:
    live.fail("two", kind)
    with pytest.raises((OSError, http.client.HTTPException)):
        two("GET", NAMESPACES)


def test_a_slow_cluster_answers_in_the_end(live: SandboxThread, two: Api) -> None:
    live.fail("two", Fault(kind="slow", seconds=0.3))
    with pytest.raises(TimeoutError):
        two("GET", "/version", timeout=0.1)
    assert two("GET", "/version").status == 200


def test_errors_come_at_their_rate(live: SandboxThread, two: Api) -> None:
    live.fail("two", Fault(kind="error", status=429))
    refused = two("GET", "/version")
    assert (refused.status, refused.headers["Retry-After"], refused.body["reason"]) == (429, "1", "TooManyRequests")
    live.heal("two")
    live.fail("two", Fault(kind="error", status=503, rate=0.5))
    found = [two("GET", "/version").status for _ in range(60)]
    assert 10 < found.count(503) < 50
    assert set(found) == {200, 503}


def test_no_token_is_known(live: SandboxThread, two: Api) -> None:
    live.fail("two", "expired-token")
    refused = two("GET", NAMESPACES)
    assert (refused.status, refused.body["reason"]) == (401, "Unauthorized")


def test_nothing_is_written(live: SandboxThread, two: Api) -> None:
    live.fail("two", "read-only")
    assert two("GET", NAMESPACES).status == 200
    assert two("POST", NAMESPACES, {"metadata": {"name": "no"}}).status == 403
    assert two("DELETE", f"{NAMESPACES}/default").status == 403
    assert two.merge(f"{NAMESPACES}/default", {"metadata": {"labels": {"a": "b"}}}).status == 403


def test_watches_end_without_warning(live: SandboxThread, two: Api) -> None:
    live.fail("two", Fault(kind="watch-cut", seconds=0.1))
    with pytest.raises((OSError, http.client.HTTPException)):
        two("GET", f"{MAPS}?watch=true")
    assert two("GET", MAPS).status == 200


@pytest.mark.parametrize("seconds", [7200.0, -7200.0])
def test_the_clock_of_one_cluster_is_off(live: SandboxThread, two: Api, one: Api, seconds: float) -> None:
    live.fail("two", Fault(kind="clock-skew", seconds=seconds))
    for api, offset in ((two, seconds), (one, 0.0)):
        made = api("POST", MAPS, {"metadata": {"generateName": "clock-"}}).body["metadata"]
        stamp = datetime.datetime.fromisoformat(made["creationTimestamp"])
        away = (stamp - datetime.datetime.now(datetime.UTC)).total_seconds()
        assert abs(away - offset) < 60
        assert made["managedFields"][0]["time"] == made["creationTimestamp"]


def test_an_api_is_no_longer_served(live: SandboxThread, two: Api) -> None:
    live.fail("two", Fault(kind="api-removed", api="batch/v1"))
    assert two("GET", "/apis/batch/v1/jobs").status == 404
    assert two("GET", "/apis/batch/v1").status == 404
    assert "batch" not in {g["name"] for g in two("GET", "/apis").body["groups"]}
    assert two("GET", "/apis/apps/v1/deployments").status == 200
    live.heal("two")
    assert two("GET", "/apis/batch/v1/jobs").status == 200


def test_faults_add_up_and_all_heal_at_once(live: SandboxThread, two: Api) -> None:
    live.fail("two", "read-only")
    live.fail("two", Fault(kind="api-removed", api="batch/v1"))
    assert {f.kind for f in live.sandbox.faults("two")} == {"read-only", "api-removed"}
    live.heal("two")
    assert live.sandbox.faults("two") == ()
    assert two("POST", MAPS, {"metadata": {"generateName": "well-"}}).status == 201


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "gremlins"}, "unknown fault"),
        ({"kind": "error", "rate": 2}, "between 0 and 1"),
        ({"kind": "error", "status": 200}, "is no error"),
        ({"kind": "slow", "seconds": -1}, "is negative"),
        ({"kind": "api-removed"}, "needs the api"),
    ],
)
def test_bad_faults_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(**wrong)  # type: ignore[arg-type]
