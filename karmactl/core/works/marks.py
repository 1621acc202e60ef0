"""Labels and annotations that say whose an object is: as Karmada writes them, and as karmactl does.

Karmada's marks name its binding and its Work and carry ids that it draws at random; they come in as arguments.
karmactl has neither, so its marks keep what a user or a later run can do something with: the managed label, the
policy, the template's UID and generation, and the lists of managed keys. Keys that belong to a live Karmada
(work.karmada.io) it takes away. Source: Karmada pkg/controllers/binding/common.go (mergeLabel, mergeAnnotations,
mergeConflictResolution), pkg/controllers/ctrlutil/work.go, pkg/util/{label,annotation,work}.go, pkg/detector/claim.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from karmactl.core.model.binding import Binding
from karmactl.core.model.manifest import (
    JSONValue,
    Manifest,
    annotations_of,
    as_mapping,
    kind_of,
    labels_of,
    name_of,
    namespace_of,
    uid_of,
)
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.work import Overridden, WorkEnvelope
from karmactl.core.names import binding_name, execution_namespace, work_name
from karmactl.core.works.applied import applied_annotations

__all__ = [
    "MANAGED_LABEL",
    "KarmactlMarks",
    "KarmadaMarks",
    "Marks",
    "conflict_resolution",
    "record_managed_keys",
    "with_marks",
]

MANAGED_LABEL: Final = "karmada.io/managed"
CONFLICT_RESOLUTION: Final = "work.karmada.io/conflict-resolution"
_WORK_PREFIX: Final = "work.karmada.io/"
_GENERATION: Final = "resourcetemplate.karmada.io/generation"
_UID: Final = "resourcetemplate.karmada.io/uid"
_MANAGED_LABELS: Final = "resourcetemplate.karmada.io/managed-labels"
_MANAGED_ANNOTATIONS: Final = "resourcetemplate.karmada.io/managed-annotations"
_POLICY: Final = "propagationpolicy.karmada.io"
_CLUSTER_POLICY: Final = "clusterpropagationpolicy.karmada.io"


class Marks(Protocol):
    """How objects are marked, in two steps: with the policy that claims them before overrides, and with all else after.

    Afterwards the lists of managed keys are the same for all (`record_managed_keys`).
    """

    def claim(self, template: Manifest, policy: PropagationPolicy | None) -> Manifest:
        """The template as overrides shall find it."""
        ...

    def mark(
        self, overridden: Overridden, binding: Binding, policy: PropagationPolicy | None, cluster: str
    ) -> tuple[Manifest, WorkEnvelope | None]:
        """The object with its marks, and the envelope of its Work if a hub shall hold it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KarmadaMarks:
    """The marks of a Karmada control plane, with the ids that it would draw."""

    policy_id: str
    binding_id: str

    def claim(self, template: Manifest, policy: PropagationPolicy | None) -> Manifest:
        """The claim stands on the template itself, so that overrides may take it away."""
        if policy is None:
            return template
        labels = {f"{_policy_prefix(policy)}/permanent-id": self.policy_id}
        return with_marks(template, labels, _policy_annotations(policy))

    def mark(
        self, overridden: Overridden, binding: Binding, policy: PropagationPolicy | None, cluster: str
    ) -> tuple[Manifest, WorkEnvelope]:
        """All of Karmada's labels and annotations, but for the claim."""
        del policy
        manifest, resource = overridden.manifest, binding.resource
        name = binding_name(resource.kind, resource.name)
        if resource.namespace:
            prefix = "resourcebinding.karmada.io"
            owner = {f"{prefix}/namespace": resource.namespace, f"{prefix}/name": name}
        else:
            prefix = "clusterresourcebinding.karmada.io"
            owner = {f"{prefix}/name": name}
        work_labels = {f"{prefix}/permanent-id": self.binding_id}
        resolution = {CONFLICT_RESOLUTION: conflict_resolution(manifest, binding)}
        envelope = WorkEnvelope(
            name=work_name(kind_of(manifest), name_of(manifest), namespace_of(manifest)),
            namespace=execution_namespace(cluster),
            labels=work_labels,
            annotations={**owner, **resolution, **applied_annotations(overridden.applied)},
        )
        work = {f"{_WORK_PREFIX}name": envelope.name, f"{_WORK_PREFIX}namespace": envelope.namespace}
        annotations = {**_generation(manifest), **owner, _UID: uid_of(manifest), **work, **resolution}
        return with_marks(manifest, {**work_labels, MANAGED_LABEL: "true"}, annotations), envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class KarmactlMarks:
    """karmactl's marks: no ids, no binding, no Work; `labels` are further ones, such as the ApplySet's."""

    labels: Mapping[str, str] = field(default_factory=dict)

    def claim(self, template: Manifest, policy: PropagationPolicy | None) -> Manifest:
        """The template as it is: what says whose an object is, no override shall take away."""
        del policy
        return template

    def mark(
        self, overridden: Overridden, binding: Binding, policy: PropagationPolicy | None, cluster: str
    ) -> tuple[Manifest, None]:
        """The managed label, the policy, and the template's UID and generation."""
        del cluster
        manifest = _without_work_annotations(overridden.manifest)
        annotations = {**_generation(manifest), _UID: binding.resource_uid, **_policy_annotations(policy)}
        return with_marks(manifest, {**self.labels, MANAGED_LABEL: "true"}, annotations), None


def conflict_resolution(manifest: Manifest, binding: Binding) -> str:
    """`overwrite` or `abort`: the object's own annotation if it says one of them, else the binding's."""
    own = annotations_of(manifest).get(CONFLICT_RESOLUTION)
    if own in ("overwrite", "abort"):
        return own
    return "overwrite" if binding.conflict_resolution == "Overwrite" else "abort"


def with_marks(manifest: Manifest, labels: Mapping[str, str], annotations: Mapping[str, str]) -> Manifest:
    """A copy with labels and annotations set over what is there.

    Labels or annotations that Kubernetes cannot read begin anew.
    """
    metadata = dict(as_mapping(manifest.get("metadata")))
    if labels:
        metadata["labels"] = {**labels_of(manifest), **labels}
    if annotations:
        metadata["annotations"] = {**annotations_of(manifest), **annotations}
    return {**manifest, "metadata": metadata}


def record_managed_keys(manifest: Manifest) -> Manifest:
    """A copy with the annotations that list all its label and annotation keys, themselves included, sorted."""
    labels, annotations = labels_of(manifest), annotations_of(manifest)
    managed = sorted({*annotations, _MANAGED_ANNOTATIONS, _MANAGED_LABELS})
    return with_marks(
        manifest, {}, {_MANAGED_ANNOTATIONS: ",".join(managed), _MANAGED_LABELS: ",".join(sorted(labels))}
    )


def _policy_prefix(policy: PropagationPolicy) -> str:
    return _POLICY if policy.namespace else _CLUSTER_POLICY


def _policy_annotations(policy: PropagationPolicy | None) -> dict[str, str]:
    if policy is None:
        return {}
    name = {f"{_policy_prefix(policy)}/name": policy.name}
    return {f"{_POLICY}/namespace": policy.namespace, **name} if policy.namespace else name


def _generation(manifest: Manifest) -> dict[str, str]:
    generation = field_at(manifest, "metadata", "generation")
    if isinstance(generation, bool) or not isinstance(generation, int) or generation <= 0:
        return {}
    return {_GENERATION: str(generation)}


def _without_work_annotations(manifest: Manifest) -> Manifest:
    """A copy without keys by which a live Karmada would be recognized; the user's wish was read before."""
    annotations = annotations_of(manifest)
    if not any(key.startswith(_WORK_PREFIX) for key in annotations):
        return manifest
    kept: JSONValue = {key: value for key, value in annotations.items() if not key.startswith(_WORK_PREFIX)}
    return {**manifest, "metadata": {**as_mapping(manifest.get("metadata")), "annotations": kept}}
