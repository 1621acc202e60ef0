"""References of pod specs as some rules look for them: every source of a volume counts, ephemeral containers do not.

Source: Karmada .../thirdparty/resourcecustomizations/ray.io (extractDependenciesFromPodSpec), argoproj.io Workflow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from karmactl.core.interpret.thirdparty.values import at, items_of
from karmactl.core.model.manifest import JSONValue, as_str

__all__ = ["environment_references", "volume_references"]

_SECRET_REFS: Final = ("cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos")


def volume_references(volumes: JSONValue, *, secret_key: str) -> Iterator[tuple[str, str]]:
    """(kind, name) of all that volumes name; `secret_key` is the key under `secret` that is read."""
    for volume in items_of(volumes or []):
        yield "ConfigMap", _name(volume, "configMap", "name")
        yield "Secret", _name(volume, "secret", secret_key)
        yield "Secret", _name(volume, "azureFile", "secretName")
        yield "PersistentVolumeClaim", _name(volume, "persistentVolumeClaim", "claimName")
        for source in _SECRET_REFS:
            yield "Secret", _name(volume, source, "secretRef", "name")
        yield "Secret", _name(volume, "csi", "nodePublishSecretRef", "name")
        projected = at(volume, "projected")
        for entry in items_of((None if projected is None else at(projected, "sources")) or []):
            yield "ConfigMap", _name(entry, "configMap", "name")
            yield "Secret", _name(entry, "secret", "name")


def environment_references(pod_spec: JSONValue) -> Iterator[tuple[str, str]]:
    """(kind, name) of all that the environment of containers and init containers names."""
    for key in ("containers", "initContainers"):
        for container in items_of(at(pod_spec, key) or []):
            for source in items_of(at(container, "envFrom") or []):
                yield "ConfigMap", _name(source, "configMapRef", "name")
                yield "Secret", _name(source, "secretRef", "name")
            for variable in items_of(at(container, "env") or []):
                yield "ConfigMap", _name(variable, "valueFrom", "configMapKeyRef", "name")
                yield "Secret", _name(variable, "valueFrom", "secretKeyRef", "name")


def _name(value: JSONValue, *path: str) -> str:
    """The text at a path, "" where it leads nowhere."""
    current = value
    for step in path:
        if current is None:
            return ""
        current = at(current, step)
    return as_str(current)
