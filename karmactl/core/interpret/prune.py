"""Taking out of an object what only an API server or a controller sets, before it goes to a member.

By kind name alone, whatever the group, as in Karmada; with its edges (of two token secrets in a row the second stays).
Source: Karmada pkg/resourceinterpreter/default/native/prune/prune.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from karmactl.core.interpret.form import interpret_failed, require_form, set_field, text_map_at
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, field, kind_of, name_of

__all__ = ["prune"]

_SERVER_METADATA: Final = frozenset(
    {
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
        "ownerReferences",
        "finalizers",
    }
)
_REVISIONS: Final = ("deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history")
_CONTROLLER_UIDS: Final = frozenset({"controller-uid", "batch.kubernetes.io/controller-uid"})
_JOB_NAMES: Final = frozenset({"job-name", "batch.kubernetes.io/job-name"})
_TOKEN_TYPE: Final = "kubernetes.io/service-account-token"
_ACCOUNT_UID: Final = "kubernetes.io/service-account.uid"
_SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"


def prune(manifest: Manifest) -> Manifest:
    """A copy without what members must not get; the input stays as it is.

    Raises InputError `interpret-failed` for a Job whose fields are of the wrong type.
    """
    result = {key: value for key, value in manifest.items() if key != "status"}
    metadata = manifest.get("metadata")
    if isinstance(metadata, dict):
        result["metadata"] = {key: value for key, value in metadata.items() if key not in _SERVER_METADATA}
    rule = _BY_KIND.get(kind_of(manifest))
    return rule(result) if rule else result


def _prune_deployment(manifest: Manifest) -> Manifest:
    return _without_annotations(manifest, _REVISIONS)


def _prune_job(manifest: Manifest) -> Manifest:
    require_form(manifest)
    result = manifest
    if field(manifest, "spec", "manualSelector") is not True:
        for path, generated in (
            (("spec", "selector", "matchLabels"), _CONTROLLER_UIDS),
            (("spec", "template", "metadata", "labels"), _CONTROLLER_UIDS | _JOB_NAMES),
        ):
            labels = text_map_at(result, *path)
            if labels is not None:
                kept = {key: value for key, value in labels.items() if key not in generated}
                result = set_field(result, kept, *path)
    # A Job that its member removes would be made anew.
    return _without_spec_fields(result, ("ttlSecondsAfterFinished",))


def _prune_service_account(manifest: Manifest) -> Manifest:
    secrets = as_list(manifest.get("secrets"))
    if not secrets:
        return manifest
    prefix = f"{name_of(manifest)}-token-"
    kept: list[JSONValue] = []
    position = 0
    while position < len(secrets):
        name = field(secrets[position], "name")
        if not isinstance(name, str):
            raise interpret_failed(manifest, f"/secrets/{position} has no name")
        if name.startswith(prefix):
            # Karmada's loop steps over the entry after one that it takes out.
            position += 1
            kept.extend(secrets[position : position + 1])
        else:
            kept.append(secrets[position])
        position += 1
    return set_field(manifest, kept, "secrets")


def _prune_service(manifest: Manifest) -> Manifest:
    cluster_ip = field(manifest, "spec", "clusterIP")
    if not isinstance(cluster_ip, str) or cluster_ip == "None":
        return manifest
    return _without_spec_fields(manifest, ("clusterIP", "clusterIPs"))


def _prune_secret(manifest: Manifest) -> Manifest:
    if manifest.get("type") != _TOKEN_TYPE:
        return manifest
    return set_field(_without_annotations(manifest, (_ACCOUNT_UID,)), None, "data")


def _prune_claim(manifest: Manifest) -> Manifest:
    node = field(manifest, "metadata", "annotations", _SELECTED_NODE)
    return _without_annotations(manifest, (_SELECTED_NODE,)) if as_str(node) else manifest


_BY_KIND: Final[Mapping[str, Callable[[Manifest], Manifest]]] = {
    "Deployment": _prune_deployment,
    "Job": _prune_job,
    "Secret": _prune_secret,
    "ServiceAccount": _prune_service_account,
    "Service": _prune_service,
    "PersistentVolumeClaim": _prune_claim,
}


def _without_annotations(manifest: Manifest, names: Sequence[str]) -> Manifest:
    annotations = as_mapping(field(manifest, "metadata", "annotations"))
    if not any(name in annotations for name in names):
        return manifest
    kept = {name: value for name, value in annotations.items() if name not in names}
    return set_field(manifest, kept, "metadata", "annotations")


def _without_spec_fields(manifest: Manifest, keys: Sequence[str]) -> Manifest:
    spec = as_mapping(manifest.get("spec"))
    if not any(key in spec for key in keys):
        return manifest
    return {**manifest, "spec": {key: value for key, value in spec.items() if key not in keys}}
