"""Waiting: pods' own words, members that fall silent, and dependencies that must be ready first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from karmactl.core.model.change import Outcome
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef
from karmactl.core.model.ports import Access, APIKind, Discovery
from karmactl.core.readiness import ReadyState
from karmactl.engine.stop import StopSign
from karmactl.engine.wait import Awaited, WaitEnd, Waiter
from karmactl.errors import Unreachable
from karmactl.kube.transport import Request
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.world import DEPLOYMENT, FastClock, Notebook, World, in_world

WEB = ResourceRef(group="apps", version="v1", kind="Deployment", namespace="shop", name="web")
TARGET = Awaited(cluster="m1", resource=WEB)


class FakeReader:
    """Deployments and pods as they are given; `looks` counts the lists of Deployments."""

    cluster = "m1"

    def __init__(
        self, deployments: Sequence[Manifest] = (), pods: Sequence[Manifest] = (), *, fails_at: int = 0
    ) -> None:
        self.deployments = list(deployments)
        self.pods = list(pods)
        self.looks = 0
        self._fails_at = fails_at

    async def list(
        self, kind: APIKind, *, namespace: str = "", label_selector: str = "", field_selector: str = ""
    ) -> Sequence[Manifest]:
        """What there is."""
        if kind.kind == "Pod":
            return self.pods
        self.looks += 1
        if self._fails_at and self.looks >= self._fails_at:
            raise Unreachable("member-unreachable", "m1: gone", cluster="m1")
        return self.deployments

    async def get(self, kind: APIKind, namespace: str, name: str) -> Manifest | None:
        """Nothing."""
        return None

    async def discover(self) -> Discovery:
        """Nothing."""
        return Discovery(kinds=())

    async def can_i(self, access: Access) -> bool:
        """Yes."""
        return True

    def watch(self, kind: APIKind, **_: object):  # type: ignore[no-untyped-def]
        """Never."""
        raise NotImplementedError


def web(**status: JSONValue) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "generation": 1},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}},
        "status": {"observedGeneration": 1, **status},
    }


def pod(reason: str, message: str, *, key: str = "containerStatuses") -> Manifest:
    waiting: JSONValue = {"reason": reason, "message": message}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop"},
        "status": {key: [{"state": {"waiting": waiting}}]},
    }


def wait(reader: FakeReader, *, timeout_seconds: float = 600.0, clock: FastClock | None = None) -> WaitEnd:
    async def run() -> WaitEnd:
        waiter = Waiter(
            readers={"m1": reader},  # type: ignore[dict-item]
            kind_of=lambda cluster, ref: DEPLOYMENT,
            set_id="x",
            clock=clock or FastClock(),
            reporter=Notebook(),
            stop=StopSign(),
        )
        return await waiter.wait([TARGET], timeout_seconds=timeout_seconds)

    return asyncio.run(run())


def test_a_rollout_that_stands_still_fails_with_the_pods_own_words() -> None:
    clock = FastClock()
    end = wait(FakeReader([web()], [pod("ImagePullBackOff", "not found: web:9")]), clock=clock)
    found = end.results[TARGET]
    assert found.readiness.state is ReadyState.FAILED
    assert "pod web-1: ImagePullBackOff: not found: web:9" in found.readiness.message
    assert 120 <= clock.seconds < 130, "two minutes without movement, not the whole time-out"


def test_an_init_container_has_a_say() -> None:
    end = wait(FakeReader([web()], [pod("CrashLoopBackOff", "back-off", key="initContainerStatuses")]))
    assert end.results[TARGET].readiness.state is ReadyState.FAILED


def test_what_time_may_cure_is_waited_for_until_the_end_and_then_told() -> None:
    clock = FastClock()
    unscheduled: Manifest = {
        "metadata": {"name": "web-1"},
        "status": {
            "conditions": [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": "0/1 nodes: no memory",
                }
            ]
        },
    }
    end = wait(FakeReader([web()], [unscheduled]), timeout_seconds=300.0, clock=clock)
    found = end.results[TARGET]
    assert found.readiness.state is ReadyState.PROGRESSING
    assert "Unschedulable: 0/1 nodes: no memory" in found.readiness.message
    assert clock.seconds >= 300


def test_a_missed_progress_deadline_fails_at_once() -> None:
    late: JSONValue = [
        {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "timed out progressing"}
    ]
    reader = FakeReader([web(conditions=late)], [pod("CreateContainerConfigError", "no ConfigMap")])
    end = wait(reader)
    assert reader.looks == 1
    assert end.results[TARGET].readiness.message == (
        "timed out progressing; pod web-1: CreateContainerConfigError: no ConfigMap"
    )


def test_a_member_that_stops_answering_is_given_up() -> None:
    clock = FastClock()
    end = wait(FakeReader([web()], fails_at=3), clock=clock)
    assert set(end.lost) == {"m1"}
    assert clock.seconds < 60
    assert "stopped answering" in end.results[TARGET].readiness.message


def test_a_time_out_of_zero_looks_once() -> None:
    reader = FakeReader([web()])
    assert not wait(reader, timeout_seconds=0.0).is_ready(TARGET)
    assert reader.looks == 1


DEPENDS = '{config.kubernetes.io/depends-on: "apps/namespaces/shop/Deployment/web"}'


@in_world(names=("m1",))
async def test_a_dependency_is_ready_before_its_dependent_is_sent(world: World) -> None:
    world.write(documents(namespace(), deployment(), config_map("after", annotations=DEPENDS), policy(["m1"])))
    order: list[str] = []

    def note(cluster: str, request: Request) -> None:
        if request.verb == "APPLY":
            order.append(request.path.rpartition("/")[2])
        elif request.verb == "LIST" and "/deployments" in request.path and order:
            order.append("look")

    result = await world.apply(before=note)
    assert set(result.outcomes().values()) == {Outcome.DONE}
    assert order.index("web") < order.index("look") < order.index("after")


@in_world(names=("m1",), stalled=("m1",))
async def test_a_dependency_that_is_not_ready_holds_its_dependent_back(world: World) -> None:
    world.write(documents(namespace(), deployment(), config_map("after", annotations=DEPENDS), policy(["m1"])))
    result = await world.apply(timeout_seconds=5.0)
    assert result.outcomes()["m1/ConfigMap./shop/after"] is Outcome.SKIPPED
    # The next run changes nothing of the dependency, and still does not take it for ready.
    again = await world.apply(timeout_seconds=5.0)
    assert again.outcomes() == {"m1/ConfigMap./shop/after": Outcome.SKIPPED}
