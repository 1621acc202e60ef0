"""Karmada's kinds from objects: strict decoding, with a file, line and column for every fault.

Decoding, defaults and the rules of Karmada's webhooks are the core's (`core.decode`, `core.validate`); this module
finds the place that a path means, and refuses what karmactl does not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from karmactl.core.decode import Fault, decode_cluster, decode_override_policy, decode_propagation_policy
from karmactl.core.defaults import default_policy
from karmactl.core.model.cluster import OBSERVED_AT, Cluster
from karmactl.core.model.manifest import JSONValue, Manifest, annotations_of, field
from karmactl.core.model.policy import OverridePolicy, PropagationPolicy
from karmactl.core.validate import Stage, validate_policy
from karmactl.errors import InputError, Location, PolicyError
from karmactl.files.objects import InputObject
from karmactl.files.yaml import pointer_step

__all__ = ["declared_facts", "read_cluster", "read_override_policy", "read_propagation_policy"]

_OWN_SCHEDULER = "default-scheduler"


def read_propagation_policy(obj: InputObject, faults: list[InputError]) -> PropagationPolicy | None:
    """The policy with defaults and its place, or None with its faults added.

    Codes: those of core.decode, Kubernetes' words of core.validate (`FieldValueInvalid`), `unsupported-scheduler`.
    """
    written, found = decode_propagation_policy(obj.manifest, strict=True)
    scheduler = written.spec.scheduler_name
    if scheduler not in ("", _OWN_SCHEDULER):
        message = f"the policy asks for the scheduler {scheduler!r}, which only a Karmada control plane can run"
        faults.append(obj.fault("unsupported-scheduler", message, "/spec/schedulerName", error=PolicyError))
    if not _is_valid(obj, found, faults) or scheduler not in ("", _OWN_SCHEDULER):
        return None
    policy, _ = decode_propagation_policy(default_policy(obj.manifest))
    return replace(policy, location=obj.location)


def read_override_policy(obj: InputObject, faults: list[InputError]) -> OverridePolicy | None:
    """The policy with defaults, its place and those of its rules, or None with its faults added (codes as above)."""
    _, found = decode_override_policy(obj.manifest, strict=True)
    if not _is_valid(obj, found, faults):
        return None
    policy, _ = decode_override_policy(default_policy(obj.manifest))
    places = tuple(
        obj.document.locate(f"/spec/overrideRules/{index}") for index in range(len(policy.spec.override_rules))
    )
    return replace(policy, location=obj.location, rule_locations=places)


def _is_valid(obj: InputObject, found: tuple[Fault, ...], faults: list[InputError]) -> bool:
    """Whether Karmada would take the policy; adds what its decoder, schema and webhooks would say."""
    count = len(faults)
    _report(obj, found, faults, PolicyError)
    for problem in validate_policy(obj.manifest):
        # What does not fit its type has just been reported, with its place.
        if problem.stage is not Stage.DECODE:
            pointer, value = _find(problem.field, obj.manifest)
            is_container = isinstance(value, dict | list)
            faults.append(obj.fault(problem.type, str(problem), pointer, key=is_container, error=PolicyError))
    return len(faults) == count


def read_cluster(obj: InputObject, faults: list[InputError]) -> Cluster | None:
    """The cluster, or None with its faults added.

    What people declare is read strictly. `status` comes from a control plane, which may be newer, and counts only where
    nobody can be asked.
    """
    cluster, found = decode_cluster(obj.manifest, strict=True)
    count = len(faults)
    is_foreign = [fault.code == "unknown-field" and fault.path[0] == "status" for fault in found]
    _report(obj, tuple(fault for fault, skip in zip(found, is_foreign, strict=True) if not skip), faults, InputError)
    return cluster if len(faults) == count else None


def declared_facts(obj: InputObject) -> Mapping[str, Location]:
    """The facts that a Cluster file declares, each with its place: `region`, `provider`, `zones`, `taints`, ...

    A file that `clusters snapshot` wrote declares none: what it says was observed.
    """
    facts: dict[str, Location] = {}
    if OBSERVED_AT in annotations_of(obj.manifest):
        return facts
    labels = field(obj.manifest, "metadata", "labels")
    for key in labels if isinstance(labels, dict) else ():
        facts[f"labels/{key}"] = obj.document.locate("/metadata/labels" + pointer_step(key))
    for key in ("provider", "region", "zones", "zone", "taints", "syncMode"):
        if field(obj.manifest, "spec", key) not in (None, "", []):
            facts["zones" if key == "zone" else key] = obj.document.locate(f"/spec/{key}")
    return facts


def _report(obj: InputObject, found: tuple[Fault, ...], faults: list[InputError], error: type[InputError]) -> None:
    for fault in found:
        is_unknown = fault.code == "unknown-field"
        pointer = "".join(pointer_step(step) for step in fault.path)
        faults.append(obj.fault(fault.code, fault.message, pointer, hint=fault.hint, key=is_unknown, error=error))


def _find(path: str, manifest: Manifest) -> tuple[str, JSONValue]:
    """The JSON pointer that a field path (`spec.placement.clusterAffinities[0]`) means, and the value there.

    Keys of maps may contain dots and stand in brackets: the longest key that is there wins.
    """
    pointer = ""
    current: JSONValue = manifest
    while path:
        step, path = _next_step(path, current)
        pointer += pointer_step(step)
        current = field(current, step)
    return pointer, current


def _next_step(path: str, value: JSONValue) -> tuple[str | int, str]:
    if path.startswith("["):
        inside, _, rest = path[1:].partition("]")
        inside = inside.strip("\"'")
        return (int(inside) if inside.isdigit() and not isinstance(value, dict) else inside), rest.removeprefix(".")
    if isinstance(value, dict):
        for key in sorted(value, key=len, reverse=True):
            if path == key or path.startswith((f"{key}.", f"{key}[")):
                return key, path[len(key) :].removeprefix(".")
    end = min((at for at in (path.find("."), path.find("[")) if at >= 0), default=len(path))
    return path[:end], path[end:].removeprefix(".")
