"""The shapes of native kinds: which JSON type Kubernetes' Go types want at which field.

Karmada turns objects into typed structs before it interprets them or changes their images, and a field of the wrong
type (a label that is a number, a container that is a text) makes that fail. This module holds the types of the fields
that decisions read and answers whether an object could be converted; it never looks at fields it does not know, as
Kubernetes' converter drops them. Source: k8s.io/apimachinery/pkg/runtime/converter.go (fromUnstructured), k8s.io/api.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.core.quantity import QuantityError, parse_quantity

__all__ = [
    "CONDITIONS",
    "CRON_JOB",
    "DAEMON_SET",
    "DEPLOYMENT",
    "JOB",
    "LABEL_SELECTOR",
    "METADATA",
    "POD",
    "POD_SPEC",
    "POD_TEMPLATE",
    "POD_WORKLOADS",
    "REPLICA_SET",
    "STATEFUL_SET",
    "Leaf",
    "ListOf",
    "MapOf",
    "Shape",
    "find_misshapen",
    "find_misshapen_workload",
]


class Leaf(Enum):
    """A scalar's type; TIME is RFC 3339 text, INT_OR_STRING Kubernetes' own, BYTES base64 text."""

    STRING = "text"
    INT = "integer"
    BOOL = "boolean"
    QUANTITY = "quantity"
    INT_OR_STRING = "integer or text"
    TIME = "time"
    BYTES = "base64 text"
    ANY = "anything"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items all have one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping from free keys to values of one shape."""

    value: Shape


Shape: TypeAlias = "Leaf | ListOf | MapOf | Mapping[str, Shape]"

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d([.,]\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/\r\n]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?[\r\n]*", re.ASCII)


def find_misshapen(value: JSONValue, shape: Shape, path: str = "") -> str | None:
    """A sentence about the first field that has another type than the shape asks for, None where all fit.

    Null fits everywhere (it becomes the zero value), and so does a whole float where an integer is asked for.
    """
    if value is None:
        return None
    match shape:
        case Leaf():
            return None if _is_leaf(value, shape) else f"{path or '/'} is {_type_name(value)}, not {shape.value}"
        case ListOf(item=item):
            if not isinstance(value, list):
                return f"{path or '/'} is {_type_name(value)}, not a list"
            for index, entry in enumerate(value):
                if fault := find_misshapen(entry, item, f"{path}/{index}"):
                    return fault
            return None
        case MapOf(value=inner):
            if not isinstance(value, dict):
                return f"{path or '/'} is {_type_name(value)}, not a mapping"
            for key, entry in value.items():
                if fault := find_misshapen(entry, inner, f"{path}/{key}"):
                    return fault
            return None
    if not isinstance(value, dict):
        return f"{path or '/'} is {_type_name(value)}, not a mapping"
    for key, inner in shape.items():
        if key in value and (fault := find_misshapen(value[key], inner, f"{path}/{key}")):
            return fault
    return None


def _is_leaf(value: JSONValue, leaf: Leaf) -> bool:
    match leaf:
        case Leaf.ANY:
            return True
        case Leaf.STRING:
            return isinstance(value, str)
        case Leaf.BOOL:
            return isinstance(value, bool)
        case Leaf.INT:
            return _is_int(value) or (isinstance(value, float) and value.is_integer())
        case Leaf.INT_OR_STRING:
            return isinstance(value, str) or _is_int(value)
        case Leaf.QUANTITY:
            return _is_quantity(value)
        case Leaf.TIME:
            return isinstance(value, str) and (value == "" or _TIME.fullmatch(value) is not None)
        case Leaf.BYTES:
            return isinstance(value, str) and _BASE64.fullmatch(value) is not None


def _is_int(value: JSONValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_quantity(value: JSONValue) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    try:
        parse_quantity(str(value))
    except QuantityError:
        return False
    return True


def _type_name(value: JSONValue) -> str:
    match value:
        case bool():
            return "a boolean"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "a mapping"


_STR: Final = Leaf.STRING
_INT: Final = Leaf.INT
_BOOL: Final = Leaf.BOOL
_STRINGS: Final = ListOf(Leaf.STRING)
_STRING_MAP: Final = MapOf(Leaf.STRING)
_QUANTITIES: Final = MapOf(Leaf.QUANTITY)
_NAMED: Final[Shape] = {"name": _STR}
_KEY_OF: Final[Shape] = {"name": _STR, "key": _STR, "optional": _BOOL}
_KEYS_TO_PATHS: Final[Shape] = ListOf({"key": _STR, "path": _STR, "mode": _INT})

METADATA: Final[Shape] = {
    "name": _STR,
    "generateName": _STR,
    "namespace": _STR,
    "selfLink": _STR,
    "uid": _STR,
    "resourceVersion": _STR,
    "generation": _INT,
    "creationTimestamp": Leaf.TIME,
    "deletionTimestamp": Leaf.TIME,
    "deletionGracePeriodSeconds": _INT,
    "labels": _STRING_MAP,
    "annotations": _STRING_MAP,
    "finalizers": _STRINGS,
    "ownerReferences": ListOf(
        {
            "apiVersion": _STR,
            "kind": _STR,
            "name": _STR,
            "uid": _STR,
            "controller": _BOOL,
            "blockOwnerDeletion": _BOOL,
        }
    ),
}

LABEL_SELECTOR: Final[Shape] = {
    "matchLabels": _STRING_MAP,
    "matchExpressions": ListOf({"key": _STR, "operator": _STR, "values": _STRINGS}),
}

_PROBE: Final[Shape] = {
    "httpGet": {"path": _STR, "port": Leaf.INT_OR_STRING, "host": _STR, "scheme": _STR},
    "tcpSocket": {"port": Leaf.INT_OR_STRING, "host": _STR},
    "exec": {"command": _STRINGS},
    "initialDelaySeconds": _INT,
    "timeoutSeconds": _INT,
    "periodSeconds": _INT,
    "successThreshold": _INT,
    "failureThreshold": _INT,
}

_CONTAINER: Final[Shape] = {
    "name": _STR,
    "image": _STR,
    "command": _STRINGS,
    "args": _STRINGS,
    "workingDir": _STR,
    "ports": ListOf({"name": _STR, "hostPort": _INT, "containerPort": _INT, "protocol": _STR, "hostIP": _STR}),
    "envFrom": ListOf({"prefix": _STR, "configMapRef": _KEY_OF, "secretRef": _KEY_OF}),
    "env": ListOf(
        {
            "name": _STR,
            "value": _STR,
            "valueFrom": {
                "fieldRef": {"apiVersion": _STR, "fieldPath": _STR},
                "resourceFieldRef": {"containerName": _STR, "resource": _STR, "divisor": Leaf.QUANTITY},
                "configMapKeyRef": _KEY_OF,
                "secretKeyRef": _KEY_OF,
            },
        }
    ),
    "resources": {"limits": _QUANTITIES, "requests": _QUANTITIES, "claims": ListOf({"name": _STR, "request": _STR})},
    "restartPolicy": _STR,
    "volumeMounts": ListOf({"name": _STR, "readOnly": _BOOL, "mountPath": _STR, "subPath": _STR, "subPathExpr": _STR}),
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
    "startupProbe": _PROBE,
    "imagePullPolicy": _STR,
    "terminationMessagePath": _STR,
    "terminationMessagePolicy": _STR,
    "stdin": _BOOL,
    "tty": _BOOL,
}

_NODE_SELECTOR_TERM: Final[Shape] = {
    "matchExpressions": ListOf({"key": _STR, "operator": _STR, "values": _STRINGS}),
    "matchFields": ListOf({"key": _STR, "operator": _STR, "values": _STRINGS}),
}

_VOLUME: Final[Shape] = {
    "name": _STR,
    "configMap": {"name": _STR, "items": _KEYS_TO_PATHS, "defaultMode": _INT, "optional": _BOOL},
    "secret": {"secretName": _STR, "items": _KEYS_TO_PATHS, "defaultMode": _INT, "optional": _BOOL},
    "emptyDir": {"medium": _STR, "sizeLimit": Leaf.QUANTITY},
    "hostPath": {"path": _STR, "type": _STR},
    "persistentVolumeClaim": {"claimName": _STR, "readOnly": _BOOL},
    "projected": {
        "defaultMode": _INT,
        "sources": ListOf(
            {
                "configMap": {"name": _STR, "items": _KEYS_TO_PATHS, "optional": _BOOL},
                "secret": {"name": _STR, "items": _KEYS_TO_PATHS, "optional": _BOOL},
                "serviceAccountToken": {"audience": _STR, "expirationSeconds": _INT, "path": _STR},
            }
        ),
    },
    "csi": {"driver": _STR, "readOnly": _BOOL, "nodePublishSecretRef": _NAMED, "volumeAttributes": _STRING_MAP},
    "azureFile": {"secretName": _STR, "shareName": _STR, "readOnly": _BOOL},
    "cephfs": {"secretRef": _NAMED, "monitors": _STRINGS},
    "cinder": {"secretRef": _NAMED, "volumeID": _STR},
    "flexVolume": {"secretRef": _NAMED, "driver": _STR},
    "rbd": {"secretRef": _NAMED, "monitors": _STRINGS, "image": _STR},
    "scaleIO": {"secretRef": _NAMED},
    "iscsi": {"secretRef": _NAMED},
    "storageos": {"secretRef": _NAMED},
}

POD_SPEC: Final[Shape] = {
    "volumes": ListOf(_VOLUME),
    "initContainers": ListOf(_CONTAINER),
    "containers": ListOf(_CONTAINER),
    "ephemeralContainers": ListOf(_CONTAINER),
    "restartPolicy": _STR,
    "terminationGracePeriodSeconds": _INT,
    "activeDeadlineSeconds": _INT,
    "dnsPolicy": _STR,
    "nodeSelector": _STRING_MAP,
    "serviceAccountName": _STR,
    "serviceAccount": _STR,
    "automountServiceAccountToken": _BOOL,
    "nodeName": _STR,
    "hostNetwork": _BOOL,
    "hostPID": _BOOL,
    "hostIPC": _BOOL,
    "imagePullSecrets": ListOf(_NAMED),
    "hostname": _STR,
    "subdomain": _STR,
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": ListOf(_NODE_SELECTOR_TERM)},
            "preferredDuringSchedulingIgnoredDuringExecution": ListOf(
                {"weight": _INT, "preference": _NODE_SELECTOR_TERM}
            ),
        },
    },
    "schedulerName": _STR,
    "tolerations": ListOf({"key": _STR, "operator": _STR, "value": _STR, "effect": _STR, "tolerationSeconds": _INT}),
    "priorityClassName": _STR,
    "priority": _INT,
    "runtimeClassName": _STR,
    "enableServiceLinks": _BOOL,
    "preemptionPolicy": _STR,
    "overhead": _QUANTITIES,
}

POD_TEMPLATE: Final[Shape] = {"metadata": METADATA, "spec": POD_SPEC}

_CONDITION: Final[Shape] = {
    "type": _STR,
    "status": _STR,
    "reason": _STR,
    "message": _STR,
    "lastTransitionTime": Leaf.TIME,
    "lastProbeTime": Leaf.TIME,
    "lastUpdateTime": Leaf.TIME,
    "observedGeneration": _INT,
}

CONDITIONS: Final[Shape] = ListOf(_CONDITION)

_REPLICA_STATUS: Final[Shape] = {
    "observedGeneration": _INT,
    "replicas": _INT,
    "updatedReplicas": _INT,
    "readyReplicas": _INT,
    "availableReplicas": _INT,
    "unavailableReplicas": _INT,
    "fullyLabeledReplicas": _INT,
    "currentReplicas": _INT,
    "currentRevision": _STR,
    "updateRevision": _STR,
    "collisionCount": _INT,
    "conditions": CONDITIONS,
}


def _object(spec: Shape, status: Shape) -> Shape:
    return {"apiVersion": _STR, "kind": _STR, "metadata": METADATA, "spec": spec, "status": status}


DEPLOYMENT: Final = _object(
    {
        "replicas": _INT,
        "selector": LABEL_SELECTOR,
        "template": POD_TEMPLATE,
        "strategy": {
            "type": _STR,
            "rollingUpdate": {"maxUnavailable": Leaf.INT_OR_STRING, "maxSurge": Leaf.INT_OR_STRING},
        },
        "minReadySeconds": _INT,
        "revisionHistoryLimit": _INT,
        "paused": _BOOL,
        "progressDeadlineSeconds": _INT,
    },
    _REPLICA_STATUS,
)

REPLICA_SET: Final = _object(
    {"replicas": _INT, "minReadySeconds": _INT, "selector": LABEL_SELECTOR, "template": POD_TEMPLATE},
    _REPLICA_STATUS,
)

STATEFUL_SET: Final = _object(
    {
        "replicas": _INT,
        "selector": LABEL_SELECTOR,
        "template": POD_TEMPLATE,
        "volumeClaimTemplates": ListOf(
            {
                "metadata": METADATA,
                "spec": {
                    "accessModes": _STRINGS,
                    "selector": LABEL_SELECTOR,
                    "resources": {"limits": _QUANTITIES, "requests": _QUANTITIES},
                    "volumeName": _STR,
                    "storageClassName": _STR,
                    "volumeMode": _STR,
                },
            }
        ),
        "serviceName": _STR,
        "podManagementPolicy": _STR,
        "updateStrategy": {
            "type": _STR,
            "rollingUpdate": {"partition": _INT, "maxUnavailable": Leaf.INT_OR_STRING},
        },
        "revisionHistoryLimit": _INT,
        "minReadySeconds": _INT,
    },
    _REPLICA_STATUS,
)

DAEMON_SET: Final = _object(
    {
        "selector": LABEL_SELECTOR,
        "template": POD_TEMPLATE,
        "updateStrategy": {
            "type": _STR,
            "rollingUpdate": {"maxUnavailable": Leaf.INT_OR_STRING, "maxSurge": Leaf.INT_OR_STRING},
        },
        "minReadySeconds": _INT,
        "revisionHistoryLimit": _INT,
    },
    {
        "currentNumberScheduled": _INT,
        "numberMisscheduled": _INT,
        "desiredNumberScheduled": _INT,
        "numberReady": _INT,
        "observedGeneration": _INT,
        "updatedNumberScheduled": _INT,
        "numberAvailable": _INT,
        "numberUnavailable": _INT,
        "collisionCount": _INT,
        "conditions": CONDITIONS,
    },
)

_JOB_SPEC: Final[Shape] = {
    "parallelism": _INT,
    "completions": _INT,
    "activeDeadlineSeconds": _INT,
    "backoffLimit": _INT,
    "selector": LABEL_SELECTOR,
    "manualSelector": _BOOL,
    "template": POD_TEMPLATE,
    "ttlSecondsAfterFinished": _INT,
    "completionMode": _STR,
    "suspend": _BOOL,
    "podReplacementPolicy": _STR,
    "managedBy": _STR,
    "maxFailedIndexes": _INT,
    "backoffLimitPerIndex": _INT,
}

JOB: Final = _object(
    _JOB_SPEC,
    {
        "conditions": CONDITIONS,
        "startTime": Leaf.TIME,
        "completionTime": Leaf.TIME,
        "active": _INT,
        "succeeded": _INT,
        "failed": _INT,
        "ready": _INT,
        "terminating": _INT,
        "completedIndexes": _STR,
        "failedIndexes": _STR,
    },
)

CRON_JOB: Final = _object(
    {
        "schedule": _STR,
        "timeZone": _STR,
        "startingDeadlineSeconds": _INT,
        "concurrencyPolicy": _STR,
        "suspend": _BOOL,
        "jobTemplate": {"metadata": METADATA, "spec": _JOB_SPEC},
        "successfulJobsHistoryLimit": _INT,
        "failedJobsHistoryLimit": _INT,
    },
    {
        "active": ListOf({"apiVersion": _STR, "kind": _STR, "name": _STR, "namespace": _STR, "uid": _STR}),
        "lastScheduleTime": Leaf.TIME,
        "lastSuccessfulTime": Leaf.TIME,
    },
)

POD: Final = _object(
    POD_SPEC,
    {
        "phase": _STR,
        "conditions": CONDITIONS,
        "message": _STR,
        "reason": _STR,
        "hostIP": _STR,
        "podIP": _STR,
        "startTime": Leaf.TIME,
        "containerStatuses": ListOf({"name": _STR, "ready": _BOOL, "restartCount": _INT, "image": _STR}),
    },
)

POD_WORKLOADS: Final[Mapping[str, Shape]] = {
    "Deployment": DEPLOYMENT,
    "ReplicaSet": REPLICA_SET,
    "StatefulSet": STATEFUL_SET,
    "DaemonSet": DAEMON_SET,
    "Job": JOB,
    "CronJob": CRON_JOB,
    "Pod": POD,
}


def find_misshapen_workload(manifest: Manifest, kind: str) -> str | None:
    """`find_misshapen` for a kind with pods, whatever its group; None for kinds that are not in the table."""
    shape = POD_WORKLOADS.get(kind)
    return None if shape is None else find_misshapen(manifest, shape)
