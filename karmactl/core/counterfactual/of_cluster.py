"""What could be changed about a cluster so that it gets an object."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from karmactl.core.counterfactual.candidates import Candidate, Case, fixed
from karmactl.core.counterfactual.edits import edit_cluster, with_room
from karmactl.core.mismatch import mismatches
from karmactl.core.model.cluster import APIEnablement, APIResource, Cluster, Taint
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.reason import Reason
from karmactl.core.pipeline import PipelineInput

__all__ = ["cluster_candidates"]

_MOST_REGIONS = 12
_BY_ROOM = frozenset({"Aggregated", "DynamicWeight"})
# Properties of a cluster that spread constraints and field selectors go by; only regions are told apart when choosing.
_PROPERTIES = ("region", "provider", "zone")


def cluster_candidates(case: Case) -> Iterator[Candidate]:
    """Changes to the cluster, the most likely ones first."""
    verdict = case.verdict
    if verdict is None:
        return
    refused = {reason.code for reason in verdict.filters}
    if "cluster-deleting" in refused:
        yield _in_cluster(case, "deleting", Reason(code="keep-cluster", subject=case.cluster.name), _not_deleting)
    if "APIEnablement" in refused:
        yield _serving(case)
    if "TaintToleration" in refused:
        for taint in case.cluster.taints:
            if taint.effect in ("NoSchedule", "NoExecute"):
                yield _without_taint(case, taint)
    if "ClusterAffinity" in refused:
        yield from _matching(case)
    if "SpreadConstraint" in refused:
        yield from _placing(case)
    yield from _roomier(case)


def _in_cluster(case: Case, slot: str, reason: Reason, change: Callable[[Cluster], Cluster]) -> Candidate:
    return fixed(slot, reason, lambda given: edit_cluster(given, case.cluster.name, change))


def _not_deleting(cluster: Cluster) -> Cluster:
    return replace(cluster, is_deleting=False)


def _serving(case: Case) -> Candidate:
    ref = case.decision.ref
    added = APIEnablement(group_version=ref.api_version, resources=(APIResource(kind=ref.kind),))
    return _in_cluster(
        case,
        "api",
        Reason(code="serve-api", subject=case.cluster.name, params={"apiVersion": ref.api_version, "kind": ref.kind}),
        lambda cluster: replace(cluster, api_enablements=(*(cluster.api_enablements or ()), added)),
    )


def _without_taint(case: Case, taint: Taint) -> Candidate:
    text = f"{taint.key}={taint.value}:{taint.effect}" if taint.value else f"{taint.key}:{taint.effect}"
    return _in_cluster(
        case,
        f"taint {text}",
        Reason(code="remove-taint", subject=case.cluster.name, params={"taint": text}),
        lambda cluster: replace(cluster, taints=tuple(other for other in cluster.taints if other != taint)),
    )


# --- Labels and properties ------------------------------------------------------------------------------------------


def _matching(case: Case) -> Iterator[Candidate]:
    """Labels and properties as the affinity in use wants them."""
    _, affinity = case.affinity_in_use()
    for mismatch in mismatches(affinity, case.cluster) if affinity is not None else ():
        if mismatch.code == "label-mismatch":
            yield _labelled(case, mismatch)
        elif mismatch.code == "field-mismatch":
            yield from _with_field(case, mismatch)


def _wanted_value(mismatch: Reason) -> str | None:
    """A value that meets a requirement; None where the key has to go, or to differ."""
    values = mismatch.params.get("values")
    operator = mismatch.params.get("operator")
    if operator == "In" and isinstance(values, list) and values:
        return str(values[0])
    return "true" if operator == "Exists" else None


def _labelled(case: Case, mismatch: Reason) -> Candidate:
    key, value = mismatch.subject, _wanted_value(mismatch)
    params: dict[str, JSONValue] = {"label": key, "value": value, "has": mismatch.params.get("has")}
    code = "remove-label" if value is None else "set-label"

    def change(cluster: Cluster) -> Cluster:
        labels = {name: text for name, text in cluster.labels.items() if name != key}
        return replace(cluster, labels=labels if value is None else {**labels, key: value})

    return _in_cluster(case, f"label {key}", Reason(code=code, subject=case.cluster.name, params=params), change)


def _with_field(case: Case, mismatch: Reason) -> Iterator[Candidate]:
    value = _wanted_value(mismatch)
    if mismatch.subject in _PROPERTIES:
        yield _with_property(case, mismatch.subject, value or "")


def _placing(case: Case) -> Iterator[Candidate]:
    """The properties that spread constraints want and the cluster lacks; a region can be one of those in use."""
    policy = case.policy
    fields = {entry.spread_by_field for entry in policy.spec.placement.spread_constraints} if policy else set()
    cluster = case.cluster
    if "region" in fields and not cluster.region:
        regions = sorted({other.region for other in case.given.clusters if other.region})
        for region in regions[:_MOST_REGIONS]:
            yield _with_property(case, "region", region)
    if "provider" in fields and not cluster.provider:
        yield _with_property(case, "provider", "any")
    if "zone" in fields and not cluster.zones:
        yield _with_property(case, "zone", "any")


def _with_property(case: Case, name: str, value: str) -> Candidate:
    """A property set; with the value "" it is to be none of those that are refused."""
    has: JSONValue = ", ".join(case.cluster.zones) if name == "zone" else getattr(case.cluster, name)
    code = "set-property" if value else "change-property"
    reason = Reason(code=code, subject=case.cluster.name, params={"property": name, "value": value, "has": has or None})
    return _in_cluster(case, f"property {name}", reason, lambda cluster: _set_property(cluster, name, value))


def _set_property(cluster: Cluster, name: str, value: str) -> Cluster:
    if name == "zone":
        return replace(cluster, zones=(value,) if value else ())
    return replace(cluster, provider=value) if name == "provider" else replace(cluster, region=value)


# --- Room -----------------------------------------------------------------------------------------------------------


def _roomier(case: Case) -> Iterator[Candidate]:
    """More room, where it has a say: up to more than anybody has, or than is asked for."""
    policy, binding = case.policy, case.decision.binding
    if policy is None or binding is None or not case.decision.has_replicas:
        return
    if case.strategy not in _BY_ROOM and not policy.spec.placement.spread_constraints:
        return
    requirements = binding.replica_requirements
    requests = requirements.resource_request if requirements is not None else {}
    room = [verdict.available for verdict in case.verdicts if verdict.available is not None]
    known = case.verdict.available if case.verdict is not None else None
    now, name = known or 0, case.cluster.name

    def describe(amount: int) -> Reason:
        params: dict[str, JSONValue] = {"from": known, "to": amount, "requests": dict(requests)}
        return Reason(code="more-room", subject=name, params=params)

    def apply(given: PipelineInput, amount: int) -> PipelineInput:
        return edit_cluster(given, name, lambda cluster: with_room(cluster, requests, amount))

    most = max(*room, now, case.replicas, 0)
    yield Candidate(slot="room", describe=describe, apply=apply, amounts=range(now + 1, most + 2))
