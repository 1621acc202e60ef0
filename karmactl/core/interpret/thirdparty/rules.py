"""Rules that many third-party kinds share: selected status fields, sums, generations, merged conditions, references.

A kind is a `KindRules`: for each operation the rule that answers it, or None. Rules get plain manifests and may return
empty tables and nulls; `ThirdPartyInterpreter` settles those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from karmactl.core.interpret.status import GENERATION_ANNOTATION
from karmactl.core.interpret.tables import encode_requirements, failed, template_dependencies, template_requirements
from karmactl.core.interpret.thirdparty.values import (
    at,
    concatenated,
    is_less,
    items_of,
    number,
    statuses_of,
    to_number,
)
from karmactl.core.model.binding import AggregatedStatusItem, DependentObjectReference
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, field

__all__ = [
    "Aggregate",
    "Globals",
    "KindRules",
    "ask_type",
    "begin_status",
    "condition_type",
    "count_up_to_date",
    "merge_conditions",
    "pod_references",
    "ready_health",
    "reference",
    "reflect_fields",
    "replicas_at",
    "retain_suspend",
    "revise_at",
    "rollout_health",
    "rollout_status",
    "template_references",
    "with_status",
]


@dataclass(slots=True)
class Globals:
    """Global variables that one script leaves behind for the next, where all share one Lua state, as in Karmada.

    Scripts of AdvancedCronJob and BroadcastJob overwrite the function `type`, so that every later script which asks
    for a type fails (`is_type_gone`); those of FlinkDeployment leave `observedGeneration`, which HelmChart's reads.
    Karmada's answers are only to be had with such a memory; karmactl itself has none.
    """

    is_type_gone: bool = False
    observed_generation: JSONValue = None


def ask_type(leaked: Globals | None) -> None:
    """Stands where a script asks for the type of a value. Raises InputError where that function is gone."""
    if leaked is not None and leaked.is_type_gone:
        raise failed("attempt to call a non-function object")


Aggregate: TypeAlias = "Callable[[Manifest, Sequence[AggregatedStatusItem], str], Manifest]"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRules:
    """The rules of one kind. `components` gives tables, `dependencies` tables or None (which is an error)."""

    replicas: Callable[[Manifest], tuple[JSONValue, JSONValue]] | None = None
    components: Callable[[Manifest], JSONValue] | None = None
    revise: Callable[[Manifest, int], Manifest] | None = None
    retain: Callable[[Manifest, Manifest], Manifest] | None = None
    aggregate: Aggregate | None = None
    dependencies: Callable[[Manifest], JSONValue] | None = None
    status: Callable[[Manifest], JSONValue] | None = None
    health: Callable[[Manifest], JSONValue] | None = None


# --- Replicas and references ---------------------------------------------------------------------------------------


def replicas_at(key: str, *, default: JSONValue = None) -> Callable[[Manifest], tuple[JSONValue, JSONValue]]:
    """Replicas at `spec.<key>`, requirements from `spec.template`."""

    def interpret(manifest: Manifest) -> tuple[JSONValue, JSONValue]:
        replicas = at(manifest, "spec", key)
        requirements = encode_requirements(template_requirements(at(manifest, "spec", "template")))
        return (default if replicas is None else replicas), requirements

    return interpret


def revise_at(key: str) -> Callable[[Manifest, int], Manifest]:
    """Replicas written to `spec.<key>`, whether it was there or not."""

    def revise(manifest: Manifest, replicas: int) -> Manifest:
        at(manifest, "spec", key)
        return {**manifest, "spec": {**as_mapping(manifest.get("spec")), key: replicas}}

    return revise


def reference(kind: str, name: JSONValue, manifest: Manifest) -> JSONValue:
    """A reference to a core object in the manifest's namespace."""
    return {"apiVersion": "v1", "kind": kind, "name": name, "namespace": at(manifest, "metadata", "namespace")}


def pod_references(template: JSONValue, manifest: Manifest) -> JSONValue:
    """The references of a pod template, None where there are none."""
    found = template_dependencies(template, at(manifest, "metadata", "namespace"))
    return None if found is None else [_encode(entry) for entry in found]


def _encode(entry: DependentObjectReference) -> JSONValue:
    return {"apiVersion": entry.api_version, "kind": entry.kind, "namespace": entry.namespace, "name": entry.name}


def template_references(manifest: Manifest) -> JSONValue:
    """The references of `spec.template`."""
    return pod_references(at(manifest, "spec", "template"), manifest)


def retain_suspend(desired: Manifest, observed: Manifest) -> Manifest:
    """The member's `spec.suspend`."""
    suspend = at(observed, "spec", "suspend")
    if suspend is None:
        return desired
    at(desired, "spec", "suspend")
    return {**desired, "spec": {**as_mapping(desired.get("spec")), "suspend": suspend}}


# --- Status --------------------------------------------------------------------------------------------------------


def reflect_fields(keys: Sequence[str], *, has_generations: bool = True) -> Callable[[Manifest], JSONValue]:
    """These fields of the status, with the generations that tell whether the member has seen the latest template."""

    def reflect(manifest: Manifest) -> JSONValue:
        status = manifest.get("status")
        if status is None:
            return {}
        result: dict[str, JSONValue] = {key: at(status, key) for key in keys}
        if has_generations:
            result["generation"] = field(manifest, "metadata", "generation")
            annotation = field(manifest, "metadata", "annotations", GENERATION_ANNOTATION)
            result["resourceTemplateGeneration"] = to_number(annotation)
        return result

    return reflect


def with_status(manifest: Manifest, status: Mapping[str, JSONValue]) -> Manifest:
    """The manifest with a status in the place of its own."""
    return {**manifest, "status": dict(status)}


def rollout_status(
    sums: Sequence[str],
    *,
    texts: Sequence[str] = (),
    unset: Mapping[str, JSONValue] | None = None,
    initial: JSONValue = "",
    has_conditions: bool = False,
) -> Aggregate:
    """A workload's status: these numbers added up, the last of these texts, and the observed generation.

    Without items the numbers become 0 and `unset` is added; `initial` is what a text is before any member says one.
    With `has_conditions` the last condition of each type is kept.
    """

    def aggregate(manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        del now
        manifest, status, generation = begin_status(manifest)
        if not items:
            zeros: dict[str, JSONValue] = dict.fromkeys(sums, 0)
            return with_status(manifest, {**status, "observedGeneration": generation, **zeros, **(unset or {})})
        totals: dict[str, JSONValue] = dict.fromkeys(sums, 0)
        last: dict[str, JSONValue] = dict.fromkeys(texts, initial)
        conditions: dict[str, JSONValue] = {}
        for _, member in statuses_of(items):
            for key in sums:
                if member.get(key) is not None:
                    totals[key] = number(totals[key]) + number(member[key])
            for key in texts:
                if member.get(key) not in (None, ""):
                    last[key] = member[key]
            if has_conditions and member.get("conditions") is not None:
                for condition in items_of(member["conditions"]):
                    conditions[condition_type(condition)] = condition
        # A UnitedDeployment does not count members that say nothing; the others take them for generation 0.
        counted = [item for item in items if item.status is not None] if has_conditions else items
        is_seen_by_all = count_up_to_date(counted, generation) == len(items)
        observed = generation if is_seen_by_all else status["observedGeneration"]
        result = {**status, "observedGeneration": observed, **totals, **last}
        if conditions:
            result["conditions"] = list(conditions.values())
        return with_status(manifest, result)

    return aggregate


def condition_type(condition: JSONValue) -> str:
    """The type under which a condition is kept. Raises InputError where it has none."""
    kind = at(condition, "type")
    if kind is None:
        raise failed("a condition has no type")
    return str(kind)


def begin_status(manifest: Manifest) -> tuple[Manifest, dict[str, JSONValue], JSONValue]:
    """The manifest with a generation, its status with an observed one, and that generation; 0 where there is none."""
    generation = at(manifest, "metadata", "generation")
    if generation is None:
        generation = 0
        manifest = {**manifest, "metadata": {**as_mapping(manifest.get("metadata")), "generation": 0}}
    status = dict(as_mapping(manifest.get("status")))
    if status.get("observedGeneration") is None:
        status["observedGeneration"] = 0
    return manifest, status, generation


def count_up_to_date(items: Sequence[AggregatedStatusItem], generation: JSONValue) -> int:
    """How many members have seen this generation of the template; one that says nothing has seen generation 0."""
    count = 0
    for item in items:
        status = as_mapping(item.status)
        seen, own, observed = (
            0 if status.get(key) is None else status[key]
            for key in ("resourceTemplateGeneration", "generation", "observedGeneration")
        )
        count += seen == generation and own == observed
    return count


def merge_conditions(items: Sequence[AggregatedStatusItem]) -> list[JSONValue]:
    """Conditions of all members; those with equal type, status and reason share one, with `cluster=message` texts."""
    merged: list[dict[str, JSONValue]] = []
    for cluster, status in statuses_of(items):
        if status.get("conditions") is None:
            continue
        for condition in items_of(status["conditions"]):
            message = concatenated((cluster, "=", at(condition, "message")))
            same = next((other for other in merged if _is_same_condition(other, condition)), None)
            if same is None:
                merged.append({**as_mapping(condition), "message": message})
            else:
                same["message"] = f"{same['message']}, {message}"
    return list(merged)


_CONDITION_KEY: Final = ("type", "status", "reason")


def _is_same_condition(first: JSONValue, second: JSONValue) -> bool:
    return all(field(first, key) == field(second, key) for key in _CONDITION_KEY)


# --- Health --------------------------------------------------------------------------------------------------------


def ready_health(reasons: Iterable[str]) -> Callable[[Manifest], JSONValue]:
    """Healthy with a condition Ready=True that has one of these reasons."""
    # A tuple, as all words that are sought in a status: what stands there may be anything, and a set takes no list.
    accepted = tuple(reasons)

    def is_healthy(manifest: Manifest) -> JSONValue:
        conditions = field(manifest, "status", "conditions")
        if conditions is None:
            return False
        return any(
            at(condition, "type") == "Ready"
            and at(condition, "status") == "True"
            and at(condition, "reason") in accepted
            for condition in items_of(conditions)
        )

    return is_healthy


def rollout_health(*, wanted: str | None, updated: str, available: str) -> Callable[[Manifest], JSONValue]:
    """Healthy when seen, `updated` reaches what is wanted, and `available` reaches `updated`.

    `wanted` is a field of the status; None means `spec.replicas`, where that is set.
    """

    def is_healthy(manifest: Manifest) -> JSONValue:
        if at(manifest, "status", "observedGeneration") != at(manifest, "metadata", "generation"):
            return False
        goal = at(manifest, "spec", "replicas") if wanted is None else at(manifest, "status", wanted)
        is_given = wanted is not None or goal is not None
        if is_given and is_less(at(manifest, "status", updated), goal):
            return False
        return not is_less(at(manifest, "status", available), at(manifest, "status", updated))

    return is_healthy
