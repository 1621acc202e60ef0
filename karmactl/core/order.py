"""Order: which change waits for which, as a graph; waves are how it is shown.

Inside a cluster an object comes after what it cannot exist without (its Namespace, its CRD) and, softly, after the
kinds of earlier waves; deletes go backwards. Users refine this with `config.kubernetes.io/depends-on` and
`argocd.argoproj.io/sync-wave`. Across clusters an old place waits for the new one (make before break).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from karmactl.core.model.change import Action, Change
from karmactl.core.model.manifest import Manifest, ResourceRef, annotations_of
from karmactl.errors import InputError

__all__ = ["ActionGraph", "kind_wave", "order_actions", "wave_name"]

_DEPENDS_ON = "config.kubernetes.io/depends-on"
_SYNC_WAVE = "argocd.argoproj.io/sync-wave"
_WAVES: tuple[tuple[str, frozenset[str]], ...] = (
    ("definitions", frozenset({"CustomResourceDefinition", "Namespace"})),
    (
        "cluster policies",
        frozenset(
            {
                "ClusterRole",
                "ClusterRoleBinding",
                "Role",
                "RoleBinding",
                "ResourceQuota",
                "LimitRange",
                "PriorityClass",
                "RuntimeClass",
                "NetworkPolicy",
                "IngressClass",
                "PodSecurityPolicy",
            }
        ),
    ),
    ("accounts", frozenset({"ServiceAccount"})),
    ("configuration", frozenset({"ConfigMap", "Secret"})),
    ("storage", frozenset({"StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CSIDriver"})),
    ("services", frozenset({"Service", "Endpoints", "EndpointSlice"})),
    (
        "workloads",
        frozenset(
            {
                "Deployment",
                "StatefulSet",
                "DaemonSet",
                "ReplicaSet",
                "ReplicationController",
                "Pod",
                "Job",
                "CronJob",
                "PodDisruptionBudget",
            }
        ),
    ),
    ("scaling, routing and custom resources", frozenset()),
    (
        "webhooks and API services",
        frozenset(
            {
                "MutatingWebhookConfiguration",
                "ValidatingWebhookConfiguration",
                "ValidatingAdmissionPolicy",
                "ValidatingAdmissionPolicyBinding",
                "APIService",
            }
        ),
    ),
)
_OTHER = 8
_WAVE_BY_KIND = {kind: number for number, (_, kinds) in enumerate(_WAVES, start=1) for kind in kinds}
# A built-in kind's word may be taken by a CRD of another group: those come with the custom resources.
_BUILT_IN_SUFFIXES = (".k8s.io",)
_BUILT_IN_GROUPS = frozenset({"", "apps", "batch", "autoscaling", "policy"})
_SYNC_WAVE_LIMIT = 1000
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_FIRST_REMOVAL = 10 * (_SYNC_WAVE_LIMIT + 1)
_REMOVALS = frozenset({Action.WITHDRAW, Action.PRUNE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionGraph:
    """Changes with their waves; `requires` maps a change id to the ids that must have succeeded before it.

    In each cluster a wave is sent after the one before it is over, whether it succeeded or not. `awaits` maps a change
    id to (group, kind, namespace, name) of what its depends-on annotation names in the same cluster: that must be
    ready first, whether this run changes it or not.
    """

    changes: tuple[Change, ...]
    requires: Mapping[str, tuple[str, ...]]
    awaits: Mapping[str, tuple[tuple[str, str, str, str], ...]] = field(default_factory=dict)

    @property
    def waves(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """(wave number, ids) in order."""
        by_wave: dict[int, list[str]] = {}
        for change in self.changes:
            by_wave.setdefault(change.wave, []).append(change.id)
        return tuple((wave, tuple(ids)) for wave, ids in sorted(by_wave.items()))


def kind_wave(ref: ResourceRef) -> int:
    """The wave of a kind, 1 (definitions) to 9 (webhooks)."""
    is_built_in = ref.group in _BUILT_IN_GROUPS or ref.group.endswith(_BUILT_IN_SUFFIXES)
    return _WAVE_BY_KIND.get(ref.kind, _OTHER) if is_built_in else _OTHER


def wave_name(wave: int) -> str:
    """What a wave holds, in words; an Argo CD sync wave shifts a kind's wave by tens."""
    return "removals" if wave >= _FIRST_REMOVAL else _WAVES[wave % 10 - 1][0]


def order_actions(changes: Sequence[Change], manifests: Mapping[tuple[str, ResourceRef], Manifest]) -> ActionGraph:
    """The graph of all changes of a plan, with waves filled in and changes sorted by wave, cluster and resource.

    `manifests` holds, for (cluster, resource), the object to be sent where an annotation or a CRD matters.
    Raises InputError `dependency-cycle` where depends-on annotations form a circle.
    """
    sent = [change for change in changes if change.action not in _REMOVALS]
    by_target = {(change.cluster, change.resource.identity): change for change in sent}
    definitions = _definitions(sent)
    requires: dict[str, set[str]] = {change.id: set(change.after) for change in changes}
    awaits: dict[str, tuple[tuple[str, str, str, str], ...]] = {}
    for change in sent:
        named = tuple(_depends_on(manifests.get((change.cluster, change.resource)) or {}))
        if named:
            awaits[change.id] = named
        needed = [by_target.get((change.cluster, identity)) for identity in (_namespace_of(change.resource), *named)]
        needed += definitions.get((change.cluster, change.resource.group), [])
        requires[change.id].update(other.id for other in needed if other is not None and other.id != change.id)
    waves = {change.id: _wave_of(change, manifests.get((change.cluster, change.resource))) for change in changes}
    for name in _in_order(requires, {change.id: change for change in changes}):
        waves[name] = max([waves[name], *(waves[before] for before in requires[name])])
    ordered = sorted(
        (replace(change, wave=waves[change.id], after=tuple(sorted(requires[change.id]))) for change in changes),
        key=lambda change: (change.wave, change.cluster, change.resource),
    )
    return ActionGraph(
        changes=tuple(ordered),
        requires={name: tuple(sorted(before)) for name, before in requires.items()},
        awaits=awaits,
    )


def _wave_of(change: Change, manifest: Manifest | None) -> int:
    wave = kind_wave(change.resource)
    if change.action in _REMOVALS:
        # Behind everything that is sent, and in reverse among themselves.
        return _FIRST_REMOVAL + _OTHER + 1 - wave
    text = annotations_of(manifest).get(_SYNC_WAVE, "") if manifest is not None else ""
    sync_wave = int(text) if _INTEGER.fullmatch(text) else 0
    return wave + 10 * max(-_SYNC_WAVE_LIMIT, min(_SYNC_WAVE_LIMIT, sync_wave))


def _definitions(changes: Iterable[Change]) -> dict[tuple[str, str], list[Change]]:
    """CustomResourceDefinitions by (cluster, API group)."""
    found: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        if change.resource.kind == "CustomResourceDefinition":
            found.setdefault((change.cluster, change.resource.name.partition(".")[2]), []).append(change)
    return found


def _namespace_of(ref: ResourceRef) -> tuple[str, str, str, str]:
    return ("", "Namespace", "", ref.namespace)


def _depends_on(manifest: Manifest) -> Iterable[tuple[str, str, str, str]]:
    """(group, kind, namespace, name) of each entry of the depends-on annotation (cli-utils' form)."""
    for entry in annotations_of(manifest).get(_DEPENDS_ON, "").split(","):
        parts = entry.strip().split("/")
        if len(parts) == 5 and parts[1] == "namespaces":
            yield (parts[0], parts[3], parts[2], parts[4])
        elif len(parts) == 3:
            yield (parts[0], parts[1], "", parts[2])


def _in_order(requires: Mapping[str, set[str]], by_id: Mapping[str, Change]) -> list[str]:
    """All ids, each after those that it requires."""
    try:
        return list(TopologicalSorter({name: sorted(before) for name, before in requires.items()}).static_order())
    except CycleError as error:
        # A circle is named with its first member again at its end.
        names = [str(by_id[name].resource) for name in reversed(error.args[1])]
        raise InputError(
            "dependency-cycle",
            "depends-on annotations form a circle: " + " -> ".join(names),
            hint=f"remove one of the {_DEPENDS_ON} annotations",
        ) from None
