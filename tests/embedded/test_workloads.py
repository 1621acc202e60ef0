"""What the simulated controllers do: workloads come up, roll, hang and fail, as their objects tell."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from karmactl.embedded import Fault, SandboxThread
from karmactl.embedded.simulate.jobs import is_due
from tests.embedded.conftest import Answer, Api, Kubectl
from tests.embedded.test_apply import deployment
from tests.embedded.test_sandbox import eventually

PREFIX = "sandbox.karmactl.io/"


class World:
    """A namespace of a cluster with two nodes of 8 CPUs, in two zones."""

    def __init__(self, api: Api, namespace: str) -> None:
        self.api, self.namespace = api, namespace

    def path(self, kind: str, name: str = "") -> str:
        group = {"jobs": "batch/v1", "cronjobs": "batch/v1", "poddisruptionbudgets": "policy/v1"}
        group |= {"endpointslices": "discovery.k8s.io/v1"}
        group |= dict.fromkeys(("deployments", "replicasets", "statefulsets", "daemonsets"), "apps/v1")
        where = f"/apis/{group[kind]}" if kind in group else "/api/v1"
        return f"{where}/namespaces/{self.namespace}/{kind}" + (f"/{name}" if name else "")

    def make(self, kind: str, body: dict[str, Any]) -> Any:
        made = self.api("POST", self.path(kind), body)
        assert made.status == 201, made.body
        return made.body

    def get(self, kind: str, name: str) -> Any:
        return self.api("GET", self.path(kind, name)).body

    def list(self, kind: str) -> list[Any]:
        return list(self.api("GET", self.path(kind)).body["items"])

    def merge(self, kind: str, name: str, body: dict[str, Any]) -> Answer:
        return self.api.merge(self.path(kind, name), body)

    def status(self, kind: str, name: str = "web") -> Any:
        return self.get(kind, name).get("status") or {}

    def await_status(self, kind: str, name: str, check: Callable[[Any], Any]) -> Any:
        return eventually(lambda: check(self.status(kind, name)))

    def evict(self, name: str) -> int:
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}}
        return self.api("POST", self.path("pods", f"{name}/eviction"), body).status

    def events(self, reason: str) -> list[str]:
        return [e["message"] for e in self.list("events") if e["reason"] == reason]


@pytest.fixture
def world(one: Api, live_namespace: str) -> Iterator[World]:
    yield World(one, live_namespace)
    one("DELETE", f"/api/v1/namespaces/{live_namespace}")


def workload(kind: str, wishes: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """A Deployment or its like, whose Pods have these wishes of the sandbox."""
    body = deployment(**spec)
    body["kind"] = kind
    if wishes:
        body["spec"]["template"]["metadata"]["annotations"] = {PREFIX + k: v for k, v in wishes.items()}
    return body


def reason_of(status: Any, kind: str) -> str:
    return next((str(c.get("reason")) for c in status.get("conditions", ()) if c["type"] == kind), "")


def waiting(world: World) -> set[str]:
    pods = world.list("pods")
    states = [c["state"] for p in pods for c in p["status"].get("containerStatuses", ())]
    return {s["waiting"]["reason"] for s in states if "waiting" in s}


def names(world: World) -> list[str]:
    return sorted(p["metadata"]["name"] for p in world.list("pods"))


# ---- Deployments


@pytest.mark.parametrize(
    ("wish", "reason", "told"),
    [
        ({"image-missing": "true"}, "ImagePullBackOff", "Back-off pulling image"),
        ({"crash-loop": "true"}, "CrashLoopBackOff", "Back-off restarting failed container"),
        ({"not-live": "true"}, "CrashLoopBackOff", "Liveness probe failed"),
        ({"not-ready": "true"}, "", "Readiness probe failed"),
    ],
)
def test_a_rollout_that_cannot_end_fails_at_its_deadline(
    world: World, kubectl: Kubectl, wish: dict[str, str], reason: str, told: str
) -> None:
    world.make("deployments", workload("Deployment", replicas=4))
    world.await_status("deployments", "web", lambda s: s.get("readyReplicas") == 4)
    old = {p["metadata"]["name"] for p in world.list("pods")}
    template = {"metadata": {"annotations": {PREFIX + k: v for k, v in wish.items()}}}
    world.merge("deployments", "web", {"spec": {"progressDeadlineSeconds": 1, "template": template}})
    done = kubectl("-n", world.namespace, "rollout", "status", "deploy/web", "--timeout=20s", check=False)
    assert done.returncode == 1
    assert "exceeded its progress deadline" in done.stderr
    status = world.status("deployments")
    assert (status["availableReplicas"], status["updatedReplicas"]) == (3, 2)
    assert len(old & {p["metadata"]["name"] for p in world.list("pods")}) == 3
    eventually(lambda: waiting(world) == ({reason} if reason else set()))
    assert any(told in e["message"] for e in world.list("events"))
    kubectl("-n", world.namespace, "rollout", "undo", "deploy/web")
    kubectl("-n", world.namespace, "rollout", "status", "deploy/web", "--timeout=20s")
    assert world.status("deployments")["availableReplicas"] == 4


def test_a_rollout_that_hangs_is_waited_for(world: World, kubectl: Kubectl) -> None:
    world.make("deployments", workload("Deployment", {"not-ready": "true"}))
    done = kubectl("-n", world.namespace, "rollout", "status", "deploy/web", "--timeout=1s", check=False)
    assert done.returncode == 1
    assert "timed out waiting" in done.stderr
    assert "0 of 1 updated replicas are available" in done.stdout


def test_a_crash_loop_counts_its_restarts(world: World) -> None:
    world.make("deployments", workload("Deployment", {"crash-loop": "true"}))

    def restarts() -> int:
        return max(
            (c["restartCount"] for p in world.list("pods") for c in p["status"].get("containerStatuses", ())), default=0
        )

    eventually(lambda: restarts() >= 2)
    pod = world.list("pods")[0]["status"]
    assert pod["phase"] == "Running"
    assert pod["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 1


def test_pods_that_ask_for_more_than_there_is_wait_for_room(world: World) -> None:
    spec = {"requests": {"cpu": "6"}}
    body = workload("Deployment", replicas=3)
    body["spec"]["template"]["spec"]["containers"][0]["resources"] = spec
    world.make("deployments", body)
    world.await_status("deployments", "web", lambda s: s.get("readyReplicas") == 2)
    assert eventually(lambda: world.events("FailedScheduling")) == ["0/2 nodes are available: 2 Insufficient cpu."]
    running = [p["metadata"]["name"] for p in world.list("pods") if p["status"]["phase"] == "Running"]
    world.api("DELETE", world.path("pods", running[0]))
    world.merge("deployments", "web", {"spec": {"replicas": 2}})
    eventually(lambda: len(names(world)) == 2 and running[0] not in names(world))
    world.await_status("deployments", "web", lambda s: s.get("readyReplicas") == s.get("replicas") == 2)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"nodeSelector": {"disk": "fast"}}, "2 node(s) didn't match Pod's node affinity/selector"),
        (
            {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "none"}}]},
            'persistentvolumeclaim "none" not found',
        ),
    ],
)
def test_pods_that_fit_nowhere_say_why(world: World, change: dict[str, Any], why: str) -> None:
    body = workload("Deployment")
    body["spec"]["template"]["spec"].update(change)
    world.make("deployments", body)
    assert eventually(lambda: world.events("FailedScheduling")) == [f"0/2 nodes are available: {why}."]


def test_recreate_ends_the_old_before_the_new(world: World) -> None:
    world.make("deployments", workload("Deployment", replicas=2, strategy={"type": "Recreate"}))
    world.await_status("deployments", "web", lambda s: s.get("readyReplicas") == 2)
    labels = {"metadata": {"labels": {"v": "2"}}}
    world.merge("deployments", "web", {"spec": {"template": labels}})
    world.await_status("deployments", "web", lambda s: s.get("updatedReplicas") == 2 and s.get("readyReplicas") == 2)
    assert world.events("ScalingReplicaSet")[0].endswith("from 0 to 2")
    assert sum(told.endswith("from 2 to 0") for told in world.events("ScalingReplicaSet")) == 1


def test_old_replica_sets_go_beyond_the_history(world: World) -> None:
    world.make("deployments", workload("Deployment", revisionHistoryLimit=1))
    for number in range(4):
        label = {"metadata": {"labels": {"v": str(number)}}}
        generation = world.merge("deployments", "web", {"spec": {"template": label}}).body["metadata"]["generation"]
        world.await_status(
            "deployments",
            "web",
            lambda s, g=generation: (
                s.get("observedGeneration") == g
                and s.get("updatedReplicas") == s.get("replicas") == s.get("readyReplicas") == 1
            ),
        )
    eventually(lambda: len(world.list("replicasets")) == 2)


def test_a_paused_rollout_scales_but_does_not_roll(world: World) -> None:
    world.make("deployments", workload("Deployment"))
    world.await_status("deployments", "web", lambda s: s.get("readyReplicas") == 1)
    template = {"metadata": {"labels": {"v": "2"}}}
    world.merge("deployments", "web", {"spec": {"paused": True, "replicas": 3, "template": template}})
    world.await_status("deployments", "web", lambda s: s.get("replicas") == 3 or s.get("readyReplicas") == 3)
    assert len(world.list("replicasets")) == 1
    world.merge("deployments", "web", {"spec": {"paused": False}})
    world.await_status("deployments", "web", lambda s: s.get("updatedReplicas") == 3 and s.get("readyReplicas") == 3)


# ---- StatefulSets


def stateful(wishes: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    return workload("StatefulSet", wishes, serviceName="web", **spec)


def test_stateful_pods_come_in_order_and_go_in_reverse(world: World) -> None:
    world.make("statefulsets", stateful(replicas=3, ordinals={"start": 5}))
    world.await_status("statefulsets", "web", lambda s: s.get("readyReplicas") == 3)
    assert names(world) == ["web-5", "web-6", "web-7"]
    made = [told.split()[2] for told in world.events("SuccessfulCreate")]
    assert sorted(made) == ["web-5", "web-6", "web-7"]
    world.merge("statefulsets", "web", {"spec": {"replicas": 1}})
    eventually(lambda: names(world) == ["web-5"])
    told = [t for t in world.events("SuccessfulDelete") if "Pod" in t]
    assert told == [f"delete Pod web-{n} in StatefulSet web successful" for n in (7, 6)]


def test_a_stateful_rollout_stops_at_the_first_pod_that_fails(world: World, kubectl: Kubectl) -> None:
    world.make("statefulsets", stateful(replicas=3))
    world.await_status("statefulsets", "web", lambda s: s.get("readyReplicas") == 3)
    first = world.status("statefulsets")["currentRevision"]
    bad = {"metadata": {"annotations": {f"{PREFIX}crash-loop": "true"}}}
    world.merge("statefulsets", "web", {"spec": {"template": bad}})
    eventually(lambda: waiting(world) == {"CrashLoopBackOff"})
    done = kubectl("-n", world.namespace, "rollout", "status", "sts/web", "--timeout=1s", check=False)
    assert "timed out" in done.stderr
    status = world.status("statefulsets")
    assert status["currentRevision"] == first != status["updateRevision"]
    assert (status["readyReplicas"], status["updatedReplicas"], status["currentReplicas"]) == (2, 1, 2)
    good = {"metadata": {"annotations": {f"{PREFIX}crash-loop": None}}}
    world.merge("statefulsets", "web", {"spec": {"template": good}})
    # as upstream: the broken Pod has to be deleted by hand where it is of another revision and not ready
    world.api("DELETE", world.path("pods", "web-2"))
    world.await_status("statefulsets", "web", lambda s: s.get("readyReplicas") == 3 and s["currentRevision"] == first)


def test_a_partition_holds_back_the_lower_ordinals(world: World) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    world.make("statefulsets", stateful(replicas=3, updateStrategy=strategy))
    world.await_status("statefulsets", "web", lambda s: s.get("readyReplicas") == 3)
    world.merge("statefulsets", "web", {"spec": {"template": {"metadata": {"labels": {"v": "2"}}}}})
    world.await_status("statefulsets", "web", lambda s: s.get("updatedReplicas") == 1 and s.get("readyReplicas") == 3)
    found = {p["metadata"]["name"]: p["metadata"]["labels"].get("v") for p in world.list("pods")}
    assert found == {"web-0": None, "web-1": None, "web-2": "2"}


def test_parallel_stateful_pods_do_not_wait_for_each_other(world: World) -> None:
    world.make("statefulsets", stateful({"not-ready": "true"}, replicas=3, podManagementPolicy="Parallel"))
    eventually(lambda: names(world) == ["web-0", "web-1", "web-2"])


# ---- DaemonSets


def daemon(**spec: Any) -> dict[str, Any]:
    body = workload("DaemonSet", **spec)
    body["spec"].pop("replicas", None)
    return body


def test_a_daemon_runs_on_every_node_that_admits_it(world: World) -> None:
    world.make("daemonsets", daemon())
    world.await_status("daemonsets", "web", lambda s: s.get("numberReady") == 2)
    node = {"metadata": {"name": "extra"}, "spec": {"taints": [{"key": "k", "effect": "NoSchedule"}]}}
    try:
        world.api("POST", "/api/v1/nodes", node)
        world.api.merge("/api/v1/nodes/extra", {"spec": {"taints": None}})
        world.await_status("daemonsets", "web", lambda s: s.get("desiredNumberScheduled") == 3)
    finally:
        world.api("DELETE", "/api/v1/nodes/extra")
    world.await_status("daemonsets", "web", lambda s: s.get("desiredNumberScheduled") == 2)


# ---- Jobs


def job(wishes: dict[str, str] | None = None, policy: str = "Never", **spec: Any) -> dict[str, Any]:
    annotations = {PREFIX + k: v for k, v in (wishes or {}).items()}
    pod = {"restartPolicy": policy, "containers": [{"name": "a", "image": "a"}]}
    template = {"metadata": {"annotations": annotations}, "spec": pod}
    return {"metadata": {"name": "j"}, "spec": {"template": template, **spec}}


def test_a_job_runs_as_often_as_asked(world: World) -> None:
    world.make("jobs", job(completions=5, parallelism=2))
    world.await_status("jobs", "j", lambda s: s.get("succeeded") == 5 and "completionTime" in s)
    assert reason_of(world.status("jobs", "j"), "Complete") == "CompletionsReached"
    assert len(world.events("SuccessfulCreate")) == 5


@pytest.mark.parametrize("policy", ["Never", "OnFailure"])
def test_a_job_that_fails_too_often_fails(world: World, policy: str) -> None:
    world.make("jobs", job({"exit-code": "1"}, policy, backoffLimit=1))
    world.await_status("jobs", "j", lambda s: reason_of(s, "Failed") == "BackoffLimitExceeded")
    assert world.events("BackoffLimitExceeded") == ["Job has reached the specified backoff limit"]
    assert world.status("jobs", "j").get("succeeded") is None


def test_a_job_that_takes_too_long_fails(world: World) -> None:
    world.make("jobs", job({"run-for": "60"}, activeDeadlineSeconds=1))
    world.await_status("jobs", "j", lambda s: reason_of(s, "Failed") == "DeadlineExceeded")
    eventually(lambda: world.list("pods") == [])


def test_a_suspended_job_waits_and_an_ended_one_goes(world: World) -> None:
    world.make("jobs", job(suspend=True, ttlSecondsAfterFinished=1))
    world.await_status("jobs", "j", lambda s: reason_of(s, "Suspended") == "JobSuspended")
    assert world.list("pods") == []
    world.merge("jobs", "j", {"spec": {"suspend": False}})
    world.await_status("jobs", "j", lambda s: s.get("succeeded") == 1)
    eventually(lambda: world.api("GET", world.path("jobs", "j")).status == 404)


@pytest.mark.parametrize(
    ("schedule", "moment", "due"),
    [
        ("* * * * *", "2026-01-01T10:07", True),
        ("*/5 * * * *", "2026-01-01T10:07", False),
        ("*/5 * * * *", "2026-01-01T10:10", True),
        ("0 3 * * 1-5", "2026-01-03T03:00", False),  # a Saturday
        ("0 3 * * 1-5", "2026-01-05T03:00", True),
        ("0 0 13 * 5", "2026-02-13T00:00", True),
        ("0 0 13 * 5", "2026-02-20T00:00", True),  # either day will do where both are restricted
        ("@hourly", "2026-01-01T10:00", True),
        ("@hourly", "2026-01-01T10:01", False),
        ("0 0 * * 7", "2026-01-04T00:00", True),  # 7 is Sunday, too
        ("no schedule at all", "2026-01-01T10:00", False),
    ],
)
def test_schedules(schedule: str, moment: str, due: bool) -> None:
    assert is_due(schedule, datetime.datetime.fromisoformat(moment)) is due


def test_a_cron_job_makes_jobs_when_its_minute_begins(live: SandboxThread, world: World) -> None:
    # the cluster's clock is set to just before a minute, so that nobody waits for one
    left = 60 - datetime.datetime.now(datetime.UTC).timestamp() % 60
    live.fail("one", Fault(kind="clock-skew", seconds=left - 0.5))
    try:
        template = {"spec": job()["spec"]}
        world.make(
            "cronjobs", {"metadata": {"name": "often"}, "spec": {"schedule": "* * * * *", "jobTemplate": template}}
        )
        world.await_status("cronjobs", "often", lambda s: s.get("lastScheduleTime"))
    finally:
        live.heal("one")
    eventually(lambda: [j["status"].get("succeeded") for j in world.list("jobs")] == [1])
    assert world.list("jobs")[0]["metadata"]["ownerReferences"][0]["name"] == "often"


# ---- Services, claims, budgets


def test_a_service_has_endpoints_for_what_it_selects(world: World) -> None:
    body = workload("Deployment", replicas=2)
    body["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"name": "http", "containerPort": 8080}]
    world.make("deployments", body)
    port = {"name": "web", "port": 80, "targetPort": "http"}
    world.make("services", {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [port]}})

    def ready() -> list[str]:
        slices = world.list("endpointslices")
        found = [e["targetRef"]["name"] for s in slices for e in s["endpoints"] or () if e["conditions"]["ready"]]
        return sorted(found)

    eventually(lambda: len(ready()) == 2 and ready() == names(world))
    assert world.list("endpointslices")[0]["ports"] == [{"name": "web", "protocol": "TCP", "port": 8080}]
    world.merge("deployments", "web", {"spec": {"replicas": 0}})
    eventually(lambda: ready() == [])
    world.api("DELETE", world.path("services", "web"))
    eventually(lambda: world.list("endpointslices") == [])


def test_pods_that_are_not_ready_get_no_traffic(world: World) -> None:
    world.make("deployments", workload("Deployment", {"not-ready": "true"}))
    world.make("services", {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})

    def conditions() -> list[Any]:
        return [e["conditions"]["ready"] for s in world.list("endpointslices") for e in s["endpoints"] or ()]

    eventually(lambda: conditions() == [False])


def test_a_load_balancer_gets_an_address(world: World) -> None:
    spec = {"type": "LoadBalancer", "ports": [{"port": 80}]}
    world.make("services", {"metadata": {"name": "web"}, "spec": spec})
    world.await_status("services", "web", lambda s: s["loadBalancer"].get("ingress"))


def test_a_claim_is_bound_when_a_pod_uses_it_and_its_volume_goes_with_it(world: World) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    world.make("persistentvolumeclaims", {"metadata": {"name": "data"}, "spec": claim})
    eventually(lambda: world.events("WaitForFirstConsumer"))
    assert world.status("persistentvolumeclaims", "data")["phase"] == "Pending"
    volume = {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}
    body = workload("Deployment")
    body["spec"]["template"]["spec"]["volumes"] = [volume]
    world.make("deployments", body)
    world.await_status("persistentvolumeclaims", "data", lambda s: s.get("phase") == "Bound")
    name = world.get("persistentvolumeclaims", "data")["spec"]["volumeName"]
    world.api("DELETE", world.path("persistentvolumeclaims", "data"))
    assert world.get("persistentvolumeclaims", "data")["metadata"]["deletionTimestamp"]  # a Pod still uses it
    world.api("DELETE", world.path("deployments", "web"))
    eventually(lambda: world.api("GET", f"/api/v1/persistentvolumes/{name}").status == 404)


@pytest.mark.parametrize(
    ("spec", "allowed", "desired"),
    [
        ({"minAvailable": 2}, 2, 2),
        ({"minAvailable": "75%"}, 1, 3),
        ({"maxUnavailable": 1}, 1, 3),
        ({"maxUnavailable": "50%"}, 2, 2),
        ({"minAvailable": 9}, 0, 9),
    ],
)
def test_budgets_say_how_many_may_go(world: World, spec: dict[str, Any], allowed: int, desired: int) -> None:
    world.make("deployments", workload("Deployment", replicas=4))
    selector = {"matchLabels": {"app": "web"}}
    world.make("poddisruptionbudgets", {"metadata": {"name": "web"}, "spec": {**spec, "selector": selector}})
    status = world.await_status("poddisruptionbudgets", "web", lambda s: s.get("currentHealthy") == 4 and s)
    assert (status["disruptionsAllowed"], status["desiredHealthy"]) == (allowed, desired)
    # what is evicted comes back soon, and the budget with it: only the first answers are sure
    pods = names(world)[: allowed or 1]
    answers = [world.evict(name) for name in pods]
    assert answers == ([201] * allowed or [429])
