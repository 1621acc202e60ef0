"""Words for kinds, as people type them: kubectl's short names, plurals, and the kinds that the files hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["kinds_of_word"]

_SHORT_NAMES: Final = {
    "cm": "ConfigMap",
    "crd": "CustomResourceDefinition",
    "crds": "CustomResourceDefinition",
    "cj": "CronJob",
    "deploy": "Deployment",
    "ds": "DaemonSet",
    "ep": "Endpoints",
    "hpa": "HorizontalPodAutoscaler",
    "ing": "Ingress",
    "limits": "LimitRange",
    "netpol": "NetworkPolicy",
    "ns": "Namespace",
    "pc": "PriorityClass",
    "pdb": "PodDisruptionBudget",
    "po": "Pod",
    "pv": "PersistentVolume",
    "pvc": "PersistentVolumeClaim",
    "quota": "ResourceQuota",
    "rc": "ReplicationController",
    "rs": "ReplicaSet",
    "sa": "ServiceAccount",
    "sc": "StorageClass",
    "sts": "StatefulSet",
    "svc": "Service",
}


def kinds_of_word(word: str, known: Iterable[str]) -> frozenset[str]:
    """The kinds, of those known, that a word names: `deploy`, `deployment`, `deployments`, `Deployment.apps`."""
    plain = word.split(".")[0].lower()
    short = _SHORT_NAMES.get(plain, "").lower()
    return frozenset(kind for kind in known if kind.lower() in {plain, short} or plain in _plurals(kind))


def _plurals(kind: str) -> tuple[str, ...]:
    lower = kind.lower()
    if lower.endswith("y"):
        return (lower + "s", lower[:-1] + "ies")
    return (lower + "s", lower + "es")
