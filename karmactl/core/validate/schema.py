"""The constraints of the policies' CRD schemas: required fields, known words, bounds and lengths.

Types are not here; the decoder refuses those before the schema is asked. A path in the tables has `[]` for the items
of a list. Source: Karmada charts/karmada/_crds/bases/policy, v1.19.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from karmactl.core.model.manifest import JSONValue, Manifest, kind_of
from karmactl.core.validate.problem import Problem, Stage

__all__ = ["check_schema"]

_AFFINITIES: Final = (
    "spec.targetCluster",
    "spec.overrideRules[].targetCluster",
    "spec.placement.clusterAffinity",
    "spec.placement.clusterAffinities[]",
    "spec.placement.clusterAffinities[].overflowAffinities[]",
    "spec.placement.replicaScheduling.weightPreference.staticWeightList[].targetCluster",
)
_OVERRIDERS: Final = ("spec.overriders", "spec.overrideRules[].overriders")
_PATCH: Final = ("add", "remove", "replace")
_LIST: Final = ("add", "remove")

_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "": ("spec",),
    "spec.failover.application": ("decisionConditions",),
    "spec.failover.application.statePreservation": ("rules",),
    "spec.failover.application.statePreservation.rules[]": ("aliasLabelName", "jsonPath"),
    "spec.failover.cluster.statePreservation": ("rules",),
    "spec.failover.cluster.statePreservation.rules[]": ("aliasLabelName", "jsonPath"),
    "spec.placement.clusterAffinities[]": ("affinityName",),
    "spec.placement.clusterAffinities[].overflowAffinities[]": ("affinityName",),
    "spec.placement.replicaScheduling.weightPreference.staticWeightList[]": ("targetCluster", "weight"),
    "spec.placement.workloadAffinity.affinity": ("groupByLabelKey",),
    "spec.placement.workloadAffinity.antiAffinity": ("groupByLabelKey",),
    "spec.resourceSelectors[]": ("apiVersion", "kind"),
    "spec.resourceSelectors[].labelSelector.matchExpressions[]": ("key", "operator"),
    "spec.schedulePriority": ("priorityClassName", "priorityClassSource"),
    "spec.overrideRules[]": ("overriders",),
    **{f"{path}.labelSelector.matchExpressions[]": ("key", "operator") for path in _AFFINITIES},
    **{f"{path}.fieldSelector.matchExpressions[]": ("key", "operator") for path in _AFFINITIES},
    **{f"{path}.annotationsOverrider[]": ("operator", "value") for path in _OVERRIDERS},
    **{f"{path}.labelsOverrider[]": ("operator", "value") for path in _OVERRIDERS},
    **{f"{path}.argsOverrider[]": ("containerName", "operator") for path in _OVERRIDERS},
    **{f"{path}.commandOverrider[]": ("containerName", "operator") for path in _OVERRIDERS},
    **{f"{path}.fieldOverrider[]": ("fieldPath",) for path in _OVERRIDERS},
    **{f"{path}.fieldOverrider[].json[]": ("operator", "subPath") for path in _OVERRIDERS},
    **{f"{path}.fieldOverrider[].yaml[]": ("operator", "subPath") for path in _OVERRIDERS},
    **{f"{path}.imageOverrider[]": ("component", "operator") for path in _OVERRIDERS},
    **{f"{path}.imageOverrider[].predicate": ("path",) for path in _OVERRIDERS},
    **{f"{path}.plaintext[]": ("operator", "path") for path in _OVERRIDERS},
}

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "spec.activationPreference": ("Lazy",),
    "spec.conflictResolution": ("Abort", "Overwrite"),
    "spec.failover.application.purgeMode": ("Directly", "Gracefully", "Never"),
    "spec.failover.cluster.purgeMode": ("Directly", "Gracefully"),
    "spec.placement.replicaScheduling.replicaDivisionPreference": ("Aggregated", "Weighted"),
    "spec.placement.replicaScheduling.replicaSchedulingType": ("Duplicated", "Divided"),
    "spec.placement.replicaScheduling.weightPreference.dynamicWeight": ("AvailableReplicas",),
    "spec.placement.spreadConstraints[].spreadByField": ("cluster", "region", "zone", "provider"),
    "spec.preemption": ("Always", "Never"),
    "spec.schedulePriority.priorityClassSource": ("KubePriorityClass",),
    **{f"{path}.annotationsOverrider[].operator": _PATCH for path in _OVERRIDERS},
    **{f"{path}.labelsOverrider[].operator": _PATCH for path in _OVERRIDERS},
    **{f"{path}.argsOverrider[].operator": _LIST for path in _OVERRIDERS},
    **{f"{path}.commandOverrider[].operator": _LIST for path in _OVERRIDERS},
    **{f"{path}.fieldOverrider[].json[].operator": _PATCH for path in _OVERRIDERS},
    **{f"{path}.fieldOverrider[].yaml[].operator": _PATCH for path in _OVERRIDERS},
    **{f"{path}.imageOverrider[].component": ("Registry", "Repository", "Tag") for path in _OVERRIDERS},
    **{f"{path}.imageOverrider[].operator": _PATCH for path in _OVERRIDERS},
    **{f"{path}.plaintext[].operator": _PATCH for path in _OVERRIDERS},
}

_MINIMUM: Final = {"spec.placement.replicaScheduling.weightPreference.staticWeightList[].weight": 1}
_LENGTHS: Final = {
    "spec.placement.clusterAffinities[].affinityName": range(1, 33),
    "spec.placement.clusterAffinities[].overflowAffinities[].affinityName": range(1, 33),
}
_NOT_EMPTY: Final = "spec.resourceSelectors"
_PROPAGATION_KINDS: Final = ("PropagationPolicy", "ClusterPropagationPolicy")


def check_schema(manifest: Manifest) -> list[Problem]:
    """Everything that the schema refuses in a policy with its defaults filled in."""
    problems = list(_check(manifest, "", ""))
    if kind_of(manifest) in _PROPAGATION_KINDS:
        spec = manifest.get("spec")
        selectors = spec.get("resourceSelectors") if isinstance(spec, dict) else None
        if not selectors:
            rule = "Required value" if selectors is None else "should have at least 1 items"
            problems.append(_problem(_NOT_EMPTY, rule))
    return problems


def _check(value: JSONValue, pattern: str, path: str) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key in _REQUIRED.get(pattern, ()):
            if key not in value:
                yield _problem(_join(path, key), "Required value", type="FieldValueRequired")
        for key, entry in value.items():
            yield from _check(entry, _join(pattern, key), _join(path, key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _check(entry, f"{pattern}[]", f"{path}[{index}]")
    elif value is not None:
        yield from _check_scalar(value, pattern, path)


def _check_scalar(value: JSONValue, pattern: str, path: str) -> Iterator[Problem]:
    words = _WORDS.get(pattern)
    if words is not None and value not in words:
        known = ", ".join(f'"{word}"' for word in words)
        yield _problem(path, f"{value!r} is not one of {known}", type="FieldValueNotSupported")
    minimum = _MINIMUM.get(pattern)
    if minimum is not None and isinstance(value, int) and value < minimum:
        yield _problem(path, f"{value} should be greater than or equal to {minimum}")
    lengths = _LENGTHS.get(pattern)
    if lengths is not None and isinstance(value, str) and len(value) not in lengths:
        yield _problem(path, f"{value!r} should have {lengths.start} to {lengths.stop - 1} characters")


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _problem(path: str, detail: str, *, type: str = "FieldValueInvalid") -> Problem:
    return Problem(stage=Stage.SCHEMA, field=path, type=type, detail=detail)
