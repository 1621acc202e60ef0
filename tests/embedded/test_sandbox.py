"""Sandboxes as a whole: simulation, faults, the background process."""

import asyncio
import json
import multiprocessing
import os
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from karmactl import embedded
from karmactl.embedded import ClusterSpec, Fault, SandboxThread, run_clusters
from tests.embedded.conftest import Api, Kubectl
from tests.embedded.test_apply import deployment


def eventually(check: Callable[[], Any], seconds: float = 5) -> Any:
    """The first true result of a check."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def available(api: Api, path: str) -> Any:
    status = api("GET", path).body.get("status") or {}
    return any(c["type"] == "Available" and c["status"] == "True" for c in status.get("conditions", ())) and status


def test_deployments_become_ready_with_pods_on_nodes(one: Api, live_namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{live_namespace}/deployments"
    one("POST", path, deployment(replicas=3))
    status = eventually(lambda: available(one, path + "/web"))
    eventually(lambda: one("GET", path + "/web").body["status"].get("readyReplicas") == 3)
    assert status["observedGeneration"] == 1
    pods = one("GET", f"/api/v1/namespaces/{live_namespace}/pods").body["items"]
    assert {p["spec"]["nodeName"] for p in pods} == {"one-node-1", "one-node-2"}
    assert all(p["status"]["phase"] == "Running" for p in pods)


def test_a_missing_image_shows_in_the_pod_and_the_deployment_waits(one: Api, live_namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{live_namespace}/deployments"
    body = deployment(progressDeadlineSeconds=1)
    body["spec"]["template"]["metadata"]["annotations"] = {"sandbox.karmactl.io/image-missing": "true"}
    one("POST", path, body)

    def reason() -> bool:
        pods = one("GET", f"/api/v1/namespaces/{live_namespace}/pods").body["items"]
        return any(
            c.get("state", {}).get("waiting", {}).get("reason") == "ImagePullBackOff"
            for p in pods
            for c in p["status"].get("containerStatuses", ())
        )

    eventually(reason)

    def exceeded() -> bool:
        conditions = one("GET", path + "/web").body["status"].get("conditions", ())
        return any(c.get("reason") == "ProgressDeadlineExceeded" for c in conditions)

    eventually(exceeded)


def test_pods_that_fit_no_node_stay_pending_and_say_why(one: Api, live_namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{live_namespace}/deployments"
    body = deployment()
    body["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "64"}}
    one("POST", path, body)

    def message() -> str:
        for pod in one("GET", f"/api/v1/namespaces/{live_namespace}/pods").body["items"]:
            for condition in pod["status"].get("conditions", ()):
                if condition.get("reason") == "Unschedulable":
                    return str(condition["message"])
        return ""

    assert eventually(message) == "0/2 nodes are available: 2 Insufficient cpu."


def test_jobs_complete_and_stateful_sets_bind_claims(one: Api, live_namespace: str) -> None:
    template = {"spec": {"containers": [{"name": "a", "image": "a"}], "restartPolicy": "Never"}}
    jobs = f"/apis/batch/v1/namespaces/{live_namespace}/jobs"
    one("POST", jobs, {"metadata": {"name": "j"}, "spec": {"template": template}})
    stateful = deployment(
        replicas=2,
        serviceName="db",
        volumeClaimTemplates=[
            {
                "metadata": {"name": "data"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
            }
        ],
    )
    stateful["kind"] = "StatefulSet"
    sets = f"/apis/apps/v1/namespaces/{live_namespace}/statefulsets"
    assert one("POST", sets, stateful).status == 201
    eventually(lambda: one("GET", sets + "/web").body["status"].get("readyReplicas") == 2)
    eventually(lambda: one("GET", jobs + "/j").body["status"].get("succeeded") == 1)
    claims = one("GET", f"/api/v1/namespaces/{live_namespace}/persistentvolumeclaims").body["items"]
    assert {c["metadata"]["name"]: c["status"]["phase"] for c in claims} == {
        "data-web-0": "Bound",
        "data-web-1": "Bound",
    }


def test_a_deleted_namespace_takes_its_content_with_it(one: Api, live_namespace: str) -> None:
    one("POST", f"/apis/apps/v1/namespaces/{live_namespace}/deployments", deployment())
    assert one("DELETE", f"/api/v1/namespaces/{live_namespace}").body["status"]["phase"] == "Terminating"
    eventually(lambda: one("GET", f"/api/v1/namespaces/{live_namespace}").status == 404)
    assert one("GET", f"/api/v1/namespaces/{live_namespace}/pods").body["items"] == []


def test_dependents_follow_their_owner_or_are_orphaned(one: Api, live_namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{live_namespace}/deployments/web"
    pods = f"/api/v1/namespaces/{live_namespace}/pods"
    one("POST", path.rpartition("/")[0], deployment())
    eventually(lambda: available(one, path))
    one("DELETE", path, {"propagationPolicy": "Orphan"})
    eventually(lambda: one("GET", path).status == 404)
    sets = one("GET", f"/apis/apps/v1/namespaces/{live_namespace}/replicasets").body["items"]
    assert len(sets) == 1
    assert "ownerReferences" not in sets[0]["metadata"]
    one("DELETE", f"/apis/apps/v1/namespaces/{live_namespace}/replicasets/{sets[0]['metadata']['name']}")
    eventually(lambda: one("GET", pods).body["items"] == [])


def test_kube_system_has_a_uid_that_stays(live: SandboxThread, one: Api) -> None:
    first = one("GET", "/api/v1/namespaces/kube-system").body["metadata"]["uid"]
    assert Api(live.kubeconfig_path, "two")("GET", "/api/v1/namespaces/kube-system").body["metadata"]["uid"] != first
    live.fail("one", "down")
    live.heal("one")
    assert one("GET", "/api/v1/namespaces/kube-system").body["metadata"]["uid"] == first


def test_nodes_tell_region_zone_and_provider(one: Api) -> None:
    nodes = one("GET", "/api/v1/nodes").body["items"]
    labels = [n["metadata"]["labels"] for n in nodes]
    assert [label["topology.kubernetes.io/zone"] for label in labels] == ["eu-a", "eu-b"]
    assert {label["topology.kubernetes.io/region"] for label in labels} == {"eu"}
    assert all(n["spec"]["providerID"].startswith("aws://") for n in nodes)
    assert nodes[0]["status"]["allocatable"]["cpu"] == "8"


def test_requests_are_counted_by_verb(bare: SandboxThread, api: Api) -> None:
    bare.reset_counts("bare")
    api("GET", "/api/v1/namespaces")
    api("GET", "/api/v1/namespaces/default")
    assert bare.request_counts("bare") == {"list": 1, "get": 1}


def test_clusters_run_in_the_event_loop_of_a_test() -> None:
    async def run() -> list[str]:
        async with run_clusters([ClusterSpec(name="a"), ClusterSpec(name="b")]) as sandbox:
            config = json.loads(sandbox.kubeconfig_path.read_text())
            assert stat.S_IMODE(sandbox.kubeconfig_path.stat().st_mode) == 0o600
            return [c["name"] for c in config["contexts"]]

    assert asyncio.run(run()) == ["a", "b"]


# ---- the background process


def _up(directory: str) -> bool:
    return embedded.up(Path(directory), [ClusterSpec(name="a")]).was_running


def test_the_background_process_lives_through_its_commands(tmp_path: Path) -> None:
    directory = tmp_path / "sandbox"
    assert not embedded.status(directory).running
    status = embedded.up(directory, [ClusterSpec(name="a", region="eu"), ClusterSpec(name="b")])
    try:
        assert [(c.name, c.region) for c in status.clusters] == [("a", "eu"), ("b", "")]
        assert stat.S_IMODE(status.kubeconfig_path.stat().st_mode) == 0o600
        assert stat.S_IMODE((directory / "state.json").stat().st_mode) == 0o600
        again = embedded.up(directory, [])
        assert (again.was_running, again.pid) == (True, status.pid)
        embedded.fail(directory, "b", Fault(kind="down"))
        assert [f.kind for f in embedded.status(directory).clusters[1].faults] == ["down"]
        embedded.heal(directory, "b")
        assert embedded.status(directory).clusters[1].faults == ()
        with pytest.raises(embedded.SandboxError, match="no cluster"):
            embedded.fail(directory, "c", Fault())
    finally:
        assert embedded.down(directory)
    assert not embedded.down(directory)
    assert not status.kubeconfig_path.exists()


def test_a_stale_state_file_is_recognised(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / "state.json").write_text(json.dumps({"pid": ended.pid, "port": 1, "token": "x"}))
    assert not embedded.status(tmp_path).running
    (tmp_path / "state.json").write_text(json.dumps({"pid": os.getpid(), "port": 1, "token": "x"}))
    assert not embedded.status(tmp_path).running  # another process has the number now
    status = embedded.up(tmp_path, [ClusterSpec(name="a")])
    assert status.running
    assert not status.was_running
    embedded.down(tmp_path)


def test_two_commands_at_once_start_one_sandbox(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.map(_up, [str(tmp_path)] * 2)
    try:
        assert sorted(found) == [False, True]
    finally:
        assert embedded.down(tmp_path)


# ---- kubectl


def test_kubectl_applies_diffs_waits_and_deletes(kubectl: Kubectl, live_namespace: str) -> None:
    manifest = json.dumps(deployment(replicas=2))
    ns = ("-n", live_namespace)
    assert "created" in kubectl(*ns, "apply", "-f", "-", stdin=manifest).stdout
    assert "unchanged" in kubectl(*ns, "apply", "-f", "-", stdin=manifest).stdout
    assert kubectl(*ns, "diff", "-f", "-", stdin=manifest).returncode == 0
    changed = json.dumps(deployment(replicas=3))
    differs = kubectl(*ns, "diff", "-f", "-", stdin=changed, check=False)
    assert differs.returncode == 1
    assert "+  replicas: 3" in differs.stdout
    assert (
        "serverside-applied"
        in kubectl(*ns, "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=changed).stdout
    )
    kubectl(*ns, "rollout", "status", "deploy/web", "--timeout=10s")
    kubectl(*ns, "wait", "--for=condition=Available", "deploy/web", "--timeout=10s")
    assert "3/3" in kubectl(*ns, "get", "deploy", "web").stdout
    kubectl(*ns, "scale", "deploy/web", "--replicas=1")
    kubectl(*ns, "delete", "deploy", "web")
    assert "not found" in kubectl(*ns, "get", "deploy", "web", check=False).stderr


def test_kubectl_explains_lists_and_asks(kubectl: Kubectl) -> None:
    assert "replicas" in kubectl("explain", "deployment.spec").stdout
    assert "deployments" in kubectl("api-resources").stdout
    assert kubectl("auth", "can-i", "create", "pods").stdout.strip() == "yes"
    assert "one-node-1" in kubectl("get", "nodes", "-o", "wide").stdout
