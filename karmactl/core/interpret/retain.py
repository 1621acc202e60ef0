"""What a member's own copy keeps when it is updated: fields that its cluster fills in or owns.

Generic metadata (versions, finalizers, foreign labels) is not here; the engine's way of updating keeps it. Source:
Karmada pkg/resourceinterpreter/default/native/retain.go, pkg/util/lifted/retain.go.
"""

from __future__ import annotations

from typing import Final

from karmactl.core.interpret.form import (
    interpret_failed,
    normalized,
    require_form,
    set_field,
    text_map_at,
    whole_number,
)
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, field, kind_of

__all__ = [
    "retain_claim",
    "retain_job",
    "retain_pod",
    "retain_replicas",
    "retain_secret",
    "retain_service",
    "retain_service_account",
    "retain_volume",
]

RETAIN_REPLICAS_LABEL: Final = "resourcetemplate.karmada.io/retain-replicas"
_TOKEN_TYPE: Final = "kubernetes.io/service-account-token"


def retain_replicas(desired: Manifest, observed: Manifest) -> Manifest:
    """The member's `spec.replicas`, where the desired object's label asks for it."""
    labels = text_map_at(desired, "metadata", "labels") or {}
    if labels.get(RETAIN_REPLICAS_LABEL) != "true":
        return desired
    replicas = whole_number(field(observed, "spec", "replicas"), "/spec/replicas")
    if replicas is None:
        raise interpret_failed(observed, "it has no /spec/replicas to retain")
    return set_field(desired, replicas, "spec", "replicas")


def retain_pod(desired: Manifest, observed: Manifest) -> Manifest:
    """The member's node, service account, volumes, and the mounts of containers with the same name.

    The result has made a round trip through its Go type, as in Karmada.
    """
    require_form(desired)
    require_form(observed)
    spec = dict(as_mapping(desired.get("spec")))
    theirs = as_mapping(observed.get("spec"))
    for key in ("nodeName", "serviceAccountName", "volumes"):
        spec[key] = theirs.get(key)
    for key in spec.keys() & {"containers", "initContainers"}:
        spec[key] = _retain_mounts(as_list(spec.get(key)), as_list(theirs.get(key)))
    return normalized(set_field(desired, spec, "spec"))


def _retain_mounts(containers: list[JSONValue], theirs: list[JSONValue]) -> list[JSONValue]:
    """Each of the member's containers gives its mounts to the first desired one of its name."""
    result = [dict(as_mapping(container)) for container in containers]
    for other in theirs:
        for container in result:
            if as_str(container.get("name")) == as_str(field(other, "name")):
                container["volumeMounts"] = field(other, "volumeMounts")
                break
    return list(result)


def retain_service(desired: Manifest, observed: Manifest) -> Manifest:
    """The allocated health check port and cluster IP."""
    result = desired
    port = whole_number(field(observed, "spec", "healthCheckNodePort"), "/spec/healthCheckNodePort")
    if port is not None and port > 0:
        result = set_field(result, port, "spec", "healthCheckNodePort")
    cluster_ip = _text(observed, "spec", "clusterIP")
    return set_field(result, cluster_ip, "spec", "clusterIP") if cluster_ip else result


def retain_service_account(desired: Manifest, observed: Manifest) -> Manifest:
    """Secrets and image pull secrets of both: the desired ones, then those that only the member has."""
    result = desired
    for key in ("secrets", "imagePullSecrets"):
        merged: list[JSONValue] = []
        names: set[str] = set()
        ours, theirs = _references(desired, key), _references(observed, key)
        for name, reference in ours:
            merged.append(reference)
            names.add(name)
        for name, reference in theirs:
            if name not in names:
                merged.append(reference)
                names.add(name)
        # Null, not an empty list, is what Karmada writes where neither has any.
        result = set_field(result, merged or None, key)
    return result


def _references(manifest: Manifest, key: str) -> list[tuple[str, JSONValue]]:
    value = manifest.get(key)
    if value is None and key not in manifest:
        return []
    if not isinstance(value, list):
        raise interpret_failed(manifest, f"/{key} is no list")
    references = []
    for reference in value:
        name = field(reference, "name")
        if not isinstance(name, str):
            raise interpret_failed(manifest, f"/{key} has an entry without a name")
        references.append((name, reference))
    return references


def retain_claim(desired: Manifest, observed: Manifest) -> Manifest:
    """The volume that a claim is bound to."""
    volume = _text(observed, "spec", "volumeName")
    return set_field(desired, volume, "spec", "volumeName") if volume else desired


def retain_volume(desired: Manifest, observed: Manifest) -> Manifest:
    """The claim that a volume is bound to."""
    spec = as_mapping(observed.get("spec"))
    return set_field(desired, spec["claimRef"], "spec", "claimRef") if "claimRef" in spec else desired


def retain_job(desired: Manifest, observed: Manifest) -> Manifest:
    """The generated selector and pod labels."""
    result = desired
    for path in (("spec", "selector", "matchLabels"), ("spec", "template", "metadata", "labels")):
        labels = text_map_at(observed, *path)
        if labels is not None:
            result = set_field(result, labels, *path)
    return result


def retain_secret(desired: Manifest, observed: Manifest) -> Manifest:
    """The token that the member's controller made, in a service account's Secret."""
    if desired.get("type") != _TOKEN_TYPE:
        return desired
    data = text_map_at(observed, "data")
    return desired if data is None else set_field(desired, data, "data")


def _text(manifest: Manifest, *path: str) -> str:
    value = field(manifest, *path)
    if value is not None and not isinstance(value, str):
        raise interpret_failed(manifest, f"/{'/'.join(path)} of the {kind_of(manifest)} is no text")
    return value or ""
