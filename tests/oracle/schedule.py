"""schedule: which clusters get how many replicas."""

from __future__ import annotations

from karmactl.core.decode import decode_binding, decode_cluster
from karmactl.core.model.binding import Binding, ScheduleResult, TargetCluster
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.differences import NONE
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.manifest import JSONValue
from karmactl.core.schedule import ScheduleOptions, schedule
from tests.oracle.protocol import JSONObject, booleans, mapping, mappings


def answer(given: JSONObject) -> JSONValue:
    """The result of a forced pass, and what would have caused it."""
    binding, _ = decode_binding(mapping(given["binding"]))
    options = ScheduleOptions(
        gates=FeatureGates.of(booleans(given.get("featureGates"))),
        differences=NONE,
        enable_empty_workload_propagation=given.get("enableEmptyWorkloadPropagation") is True,
    )
    others = read_bindings(given.get("otherBindings"))
    result = schedule(binding, read_clusters(given["clusters"]), options=options, other_bindings=others)
    return _as_json(result)


def agrees(want: JSONValue, got: JSONValue) -> bool:
    """Everything counts; the message only where there is a single right one."""
    wanted, given = _comparable(want), _comparable(got)
    error = wanted.get("error")
    if isinstance(error, dict) and "message" not in error:
        mapping(given.get("error") or {}).pop("message", None)
    return wanted == given


def read_clusters(value: JSONValue) -> tuple[Cluster, ...]:
    """The clusters of an input."""
    return tuple(decode_cluster(item)[0] for item in mappings(value))


def read_bindings(value: JSONValue) -> tuple[Binding, ...]:
    """The bindings of an input."""
    return tuple(decode_binding(item)[0] for item in mappings(value))


def _as_json(result: ScheduleResult) -> JSONObject:
    output: JSONObject = {"trigger": result.trigger.value}
    if result.affinity:
        output["affinity"] = result.affinity
    targets: list[JSONValue] = [_target(target) for target in result.clusters]
    if result.error is None:
        return {**output, "clusters": targets}
    error: JSONObject = {"reason": result.error.reason.value, "message": result.error.message}
    if result.diagnosis:
        error["diagnosis"] = {cluster: {**texts} for cluster, texts in result.diagnosis.items()}
    return {**output, "error": error, "clustersAfter": targets}


def _target(target: TargetCluster) -> JSONObject:
    output: JSONObject = {"name": target.name, "replicas": target.replicas}
    if target.components:
        output["components"] = [{"name": part.name, "replicas": part.replicas} for part in target.components]
    return output


def _comparable(value: JSONValue) -> JSONObject:
    """A copy with what may be left out made explicit."""
    output = dict(mapping(value))
    for key in ("clusters", "clustersAfter"):
        if key in output:
            output[key] = [{**target, "replicas": target.get("replicas") or 0} for target in mappings(output[key])]
    if "error" in output:
        error = dict(mapping(output["error"]))
        output["error"] = {**error, "diagnosis": error.get("diagnosis") or {}}
        output.setdefault("clustersAfter", [])
    return output
