"""Readiness, judged from the object alone."""

from __future__ import annotations

import pytest

from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.core.readiness import ReadyState, is_waited_for, readiness, replica_counts


def thing(
    api_version: str, kind: str, *, spec: JSONValue = None, status: JSONValue = None, **metadata: JSONValue
) -> Manifest:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "x", "generation": 2, **metadata},
        "spec": spec or {},
        "status": status or {},
    }


DONE: JSONValue = {
    "observedGeneration": 2,
    "replicas": 3,
    "updatedReplicas": 3,
    "readyReplicas": 3,
    "availableReplicas": 3,
}


def status(**changes: JSONValue) -> JSONValue:
    assert isinstance(DONE, dict)
    return {**DONE, **changes}


THREE: JSONValue = {"replicas": 3}
FAILED_CONDITION: JSONValue = [
    {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "it took too long"}
]


@pytest.mark.parametrize(
    ("manifest", "state", "word"),
    [
        (thing("apps/v1", "Deployment", spec=THREE, status=DONE), ReadyState.READY, ""),
        (thing("apps/v1", "Deployment", spec=THREE), ReadyState.PROGRESSING, "not yet observed"),
        (
            thing(
                "apps/v1",
                "Deployment",
                spec=THREE,
                status=status(
                    updatedReplicas=0,
                    conditions=[
                        {"type": "ReplicaFailure", "status": "True", "message": 'serviceaccount "a" not found'}
                    ],
                ),
            ),
            ReadyState.PROGRESSING,
            'pods cannot be created: serviceaccount "a" not found',
        ),
        (
            thing("apps/v1", "Deployment", spec=THREE, status=status(observedGeneration=1)),
            ReadyState.PROGRESSING,
            "not yet",
        ),
        (
            thing("apps/v1", "Deployment", spec=THREE, status=status(updatedReplicas=1)),
            ReadyState.PROGRESSING,
            "1 of 3",
        ),
        (thing("apps/v1", "Deployment", spec=THREE, status=status(replicas=4)), ReadyState.PROGRESSING, "1 old"),
        (
            thing("apps/v1", "Deployment", spec=THREE, status=status(availableReplicas=2)),
            ReadyState.PROGRESSING,
            "2 of 3",
        ),
        (
            thing("apps/v1", "Deployment", spec=THREE, status=status(updatedReplicas=1, conditions=FAILED_CONDITION)),
            ReadyState.FAILED,
            "too long",
        ),
        (
            thing("apps/v1", "Deployment", spec={"replicas": 3, "paused": True}, status=status(updatedReplicas=0)),
            ReadyState.READY,
            "paused",
        ),
        (thing("apps/v1", "Deployment", spec={"replicas": 0}, status={"observedGeneration": 2}), ReadyState.READY, ""),
        (
            thing("apps/v1", "Deployment", spec=THREE, status=DONE, deletionTimestamp="2026-01-01T00:00:00Z"),
            ReadyState.PROGRESSING,
            "deleted",
        ),
        (thing("apps/v1", "StatefulSet", spec=THREE, status=DONE), ReadyState.READY, ""),
        (thing("apps/v1", "StatefulSet", spec=THREE, status=status(readyReplicas=1)), ReadyState.PROGRESSING, "1 of 3"),
        (
            thing(
                "apps/v1",
                "StatefulSet",
                spec={"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}},
                status=status(updatedReplicas=1),
            ),
            ReadyState.READY,
            "",
        ),
        (thing("apps/v1", "DaemonSet", status={"observedGeneration": 2}), ReadyState.PROGRESSING, "not yet"),
        (
            thing(
                "apps/v1",
                "DaemonSet",
                status={
                    "observedGeneration": 2,
                    "desiredNumberScheduled": 2,
                    "numberAvailable": 2,
                    "updatedNumberScheduled": 2,
                },
            ),
            ReadyState.READY,
            "",
        ),
        (
            thing(
                "apps/v1",
                "DaemonSet",
                spec={"updateStrategy": {"type": "OnDelete"}},
                status={
                    "observedGeneration": 2,
                    "desiredNumberScheduled": 2,
                    "numberAvailable": 2,
                    "updatedNumberScheduled": 0,
                },
            ),
            ReadyState.READY,
            "",
        ),
        (thing("batch/v1", "Job", status={"active": 1}), ReadyState.READY, ""),
        (thing("batch/v1", "Job"), ReadyState.PROGRESSING, "not started"),
        (thing("batch/v1", "Job", spec={"suspend": True}), ReadyState.READY, ""),
        (
            thing("batch/v1", "Job", status={"conditions": [{"type": "Failed", "status": "True", "message": "boom"}]}),
            ReadyState.FAILED,
            "boom",
        ),
        (thing("v1", "Namespace", status={"phase": "Active"}), ReadyState.READY, ""),
        (thing("v1", "Namespace", status={"phase": "Terminating"}), ReadyState.PROGRESSING, "Terminating"),
        (
            thing(
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                status={"conditions": [{"type": "Established", "status": "True"}]},
            ),
            ReadyState.READY,
            "",
        ),
        (
            thing(
                "apiextensions.k8s.io/v1",
                "CustomResourceDefinition",
                status={"conditions": [{"type": "NamesAccepted", "status": "False", "message": "taken"}]},
            ),
            ReadyState.FAILED,
            "taken",
        ),
        (thing("v1", "ConfigMap"), ReadyState.READY, ""),
        (thing("example.com/v1", "Deployment", spec=THREE), ReadyState.READY, ""),
        (thing("apps/v1", "Deployment", spec="odd", status="odd"), ReadyState.PROGRESSING, ""),
    ],
)
def test_states(manifest: Manifest, state: ReadyState, word: str) -> None:
    found = readiness(manifest)
    assert found.state is state
    assert word in found.message


def test_workloads_are_waited_for_and_claims_are_not() -> None:
    assert is_waited_for("apps", "Deployment")
    assert is_waited_for("batch", "Job")
    assert not is_waited_for("", "PersistentVolumeClaim")
    assert not is_waited_for("", "Namespace")
    assert not is_waited_for("", "Service")


def test_counts() -> None:
    assert replica_counts(thing("apps/v1", "Deployment", spec=THREE, status=status(availableReplicas=2))) == (2, 3)
    assert replica_counts(thing("v1", "ConfigMap")) is None
