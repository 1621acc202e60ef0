"""What people do with kubectl and workloads, where controllers run: rollouts, deletes, Pods, nodes."""

from __future__ import annotations

import pytest

from tests.contract.kubectl import Kubectl, kubectl_check
from tests.contract.test_kubectl import DEPLOYMENT

DATABASE = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 2
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: "example.com/db:1", volumeMounts: [{name: data, mountPath: /data}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
AGENT = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: "example.com/agent:1"}]}
"""


def _needs_nodes(kubectl: Kubectl) -> None:
    if "No resources found" in kubectl("get", "nodes"):
        pytest.skip(f"{kubectl.server.name}: no nodes, so that no Pod ever runs")


@kubectl_check("controllers")
def test_a_rollout_is_watched_undone_and_restarted(kubectl: Kubectl) -> None:
    _needs_nodes(kubectl)
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    assert "successfully rolled out" in kubectl("rollout", "status", "deploy/web")
    assert "condition met" in kubectl("wait", "--for=condition=Available", "deploy/web")
    kubectl("set", "image", "deploy/web", "app=example.com/web:2")
    kubectl("annotate", "deploy/web", "kubernetes.io/change-cause=a new image")
    assert "successfully rolled out" in kubectl("rollout", "status", "deploy/web")
    history = kubectl("rollout", "history", "deploy/web")
    assert [line.split()[0] for line in history.splitlines()[2:4]] == ["1", "2"]
    assert "example.com/web:2" in kubectl("rollout", "history", "deploy/web", "--revision=2")
    kubectl("rollout", "undo", "deploy/web")
    kubectl("rollout", "status", "deploy/web")
    assert kubectl.field("deploy web", ".spec.template.spec.containers[0].image") == "example.com/web:1"
    assert kubectl.field("deploy web", r".metadata.annotations.deployment\.kubernetes\.io/revision") == "3"
    kubectl("rollout", "restart", "deploy/web")
    kubectl("rollout", "pause", "deploy/web")
    kubectl("rollout", "resume", "deploy/web")
    assert "successfully rolled out" in kubectl("rollout", "status", "deploy/web")
    shown = kubectl("describe", "deploy", "web")
    assert "NewReplicaSetAvailable" in shown
    assert "ScalingReplicaSet" in shown


@kubectl_check("controllers")
def test_stateful_and_daemon_sets_roll_and_keep_their_history(kubectl: Kubectl) -> None:
    _needs_nodes(kubectl)
    kubectl("apply", "-f", "-", stdin=DATABASE + "---" + AGENT)
    kubectl("rollout", "status", "sts/db")
    kubectl("rollout", "status", "ds/agent")
    assert kubectl("get", "pods", "-l", "app=db", "-o", "name").split() == ["pod/db-0", "pod/db-1"]
    assert kubectl("get", "pvc", "-o", "jsonpath={.items[*].status.phase}") == "Bound Bound"
    kubectl("set", "image", "sts/db", "db=example.com/db:2")
    kubectl("set", "image", "ds/agent", "agent=example.com/agent:2")
    kubectl("rollout", "status", "sts/db")
    kubectl("rollout", "status", "ds/agent")
    kubectl("rollout", "undo", "sts/db")
    kubectl("rollout", "undo", "ds/agent")
    kubectl("rollout", "status", "sts/db")
    assert kubectl.field("sts db", ".spec.template.spec.containers[0].image") == "example.com/db:1"
    assert kubectl.field("ds agent", ".spec.template.spec.containers[0].image") == "example.com/agent:1"
    for thing in ("sts/db", "ds/agent"):
        history = kubectl("rollout", "history", thing).split()
        assert history[-4::2] == ["2", "3"]
    kubectl("scale", "sts/db", "--replicas=1")
    kubectl("wait", "--for=delete", "pod/db-1", "--timeout=10s")
    kubectl("delete", "pod", "db-0")
    kubectl("wait", "--for=create", "pod/db-0", "--timeout=10s")
    assert "condition met" in kubectl("wait", "--for=condition=Ready", "pod/db-0", "--timeout=10s")


@kubectl_check("controllers")
def test_deletes_in_three_propagations(kubectl: Kubectl) -> None:
    for policy in ("background", "foreground", "orphan"):
        kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
        kubectl("wait", "--for=create", "rs", "-l", "app=web", "--timeout=10s")
        name = kubectl("get", "rs", "-l", "app=web", "-o", "name").strip()
        kubectl("delete", "deploy", "web", f"--cascade={policy}")
        if policy == "orphan":
            kubectl("wait", name, "--for=jsonpath={.metadata.ownerReferences}=", "--timeout=10s", code=1)
            assert kubectl.field(name.replace("/", " "), ".metadata.ownerReferences") == ""
        else:
            kubectl("wait", "--for=delete", name, "--timeout=10s")


@kubectl_check("controllers")
def test_jobs_and_cron_jobs(kubectl: Kubectl) -> None:
    _needs_nodes(kubectl)
    kubectl("create", "job", "once", "--image=example.com/job:1")
    assert "condition met" in kubectl("wait", "--for=condition=complete", "job/once", "--timeout=10s")
    assert "Completed" in kubectl("get", "pods", "-l", "job-name=once")
    kubectl("create", "cronjob", "often", "--image=example.com/job:1", "--schedule=0 0 1 1 *")
    kubectl("create", "job", "now", "--from=cronjob/often")
    kubectl("wait", "--for=condition=complete", "job/now", "--timeout=10s")


@kubectl_check("controllers")
def test_pods_tell_their_story(kubectl: Kubectl) -> None:
    _needs_nodes(kubectl)
    kubectl("run", "one", "--image=example.com/one:1", "--port=80", "--expose")
    kubectl("wait", "--for=condition=Ready", "pod/one", "--timeout=10s")
    assert "1/1" in kubectl("get", "pod", "one")
    said = kubectl("describe", "pod", "one")
    for reason in ("Scheduled", "Pulled", "Started"):
        assert reason in said
    assert "Started" in kubectl("events", "--for=pod/one")
    assert "Started" in kubectl("get", "events", "--field-selector=involvedObject.name=one,reason=Started")
    assert "10." in kubectl("get", "endpointslices", "-l", "kubernetes.io/service-name=one")
    kubectl("delete", "pod", "one", "--now")
    assert "NotFound" in kubectl("get", "pod", "one", code=1)


@kubectl_check("controllers")
def test_a_node_is_drained(kubectl: Kubectl) -> None:
    _needs_nodes(kubectl)
    kubectl("create", "deploy", "web", "--image=example.com/web:1", "--replicas=2")
    kubectl("create", "pdb", "web", "--selector=app=web", "--min-available=1")
    kubectl("rollout", "status", "deploy/web")
    node = kubectl.field("nodes", ".items[0].metadata.name")
    try:
        kubectl("drain", node, "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--timeout=20s")
        assert "SchedulingDisabled" in kubectl("get", "node", node)
        left = kubectl("get", "pods", "--field-selector", f"spec.nodeName={node}", "-o", "name")
        assert left == ""
    finally:
        kubectl("uncordon", node)
    assert "condition met" in kubectl("wait", "--for=condition=Available", "deploy/web", "--timeout=10s")
