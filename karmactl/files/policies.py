"""Karmada's kinds from objects: strict decoding, with a file, line and column for every fault.

Decoding, defaults and the rules of Karmada's webhooks are the core's (`core.decode`, `core.validate`); this module
finds the place that a path means, and refuses what karmactl does not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from karmactl.core.decode import Fault, decode_cluster, decode_override_policy, decode_propagation_policy
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import JSONValue, field
from karmactl.core.model.policy import OverridePolicy, PropagationPolicy
from karmactl.errors import InputError, Location, PolicyError
from karmactl.files.objects import InputObject
from karmactl.files.yaml import pointer_step

__all__ = ["declared_facts", "read_cluster", "read_override_policy", "read_propagation_policy"]

_OWN_SCHEDULER = "default-scheduler"


def read_propagation_policy(obj: InputObject, faults: list[InputError]) -> PropagationPolicy | None:
    """The policy with its place, or None with its faults added (codes of core.decode, `unsupported-scheduler`)."""
    policy, found = decode_propagation_policy(obj.manifest, strict=True)
    count = len(faults)
    _report(obj, found, faults, PolicyError)
    scheduler = policy.spec.scheduler_name
    if scheduler not in ("", _OWN_SCHEDULER):
        message = f"the policy asks for the scheduler {scheduler!r}, which only a Karmada control plane can run"
        faults.append(obj.fault("unsupported-scheduler", message, "/spec/schedulerName", error=PolicyError))
    return replace(policy, location=obj.location) if len(faults) == count else None


def read_override_policy(obj: InputObject, faults: list[InputError]) -> OverridePolicy | None:
    """The policy with its place and those of its rules, or None with its faults added (codes of core.decode)."""
    policy, found = decode_override_policy(obj.manifest, strict=True)
    if found:
        _report(obj, found, faults, PolicyError)
        return None
    places = tuple(
        obj.document.locate(f"/spec/overrideRules/{index}") for index in range(len(policy.spec.override_rules))
    )
    return replace(policy, location=obj.location, rule_locations=places)


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
    """The facts that a Cluster file declares, each with its place: `region`, `provider`, `zones`, `taints`, ..."""
    facts: dict[str, Location] = {}
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
        hint = f"did you mean {fault.suggestion!r}?" if fault.suggestion else ""
        pointer = "".join(pointer_step(step) for step in fault.path)
        faults.append(obj.fault(fault.code, fault.message, pointer, hint=hint, key=is_unknown, error=error))


def pointer_of(path: str, value: JSONValue) -> str:
    """The JSON pointer that a field path of Karmada's webhooks (`spec.placement.clusterAffinities[0]`) means.

    Keys of maps may contain dots and stand in brackets: the longest key that is there wins.
    """
    pointer, current = "", value
    rest = path
    while rest:
        step, rest = _next_step(rest, current)
        pointer += pointer_step(step)
        current = field(current, step)
    return pointer


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
