"""The webhooks' checks of a propagation policy's spec.

They see the spec after defaults. Messages are Karmada's, so that its users find them. Source: Karmada
pkg/util/validation/validation.go (ValidatePropagationSpec and what it calls).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from karmactl.core.model.manifest import JSONValue, as_list, as_mapping, as_str
from karmactl.core.model.manifest import field as field_at
from karmactl.core.validate.labels import label_key_faults
from karmactl.core.validate.problem import Problem, Stage

__all__ = ["check_cluster_affinity", "check_propagation_spec", "check_selector_namespaces", "invalid"]

_Spec = Mapping[str, JSONValue]

_FIELD_KEYS: Final = ("provider", "region", "zone")
_FIELD_OPERATORS: Final = ("In", "NotIn")


def invalid(field: str, detail: str, *, type: str = "FieldValueInvalid") -> Problem:
    """A problem that the webhook reports."""
    return Problem(stage=Stage.WEBHOOK, field=field, type=type, detail=detail)


def check_propagation_spec(spec: _Spec, namespace: str) -> Iterator[Problem]:
    """Everything that is wrong; `namespace` is the policy's own, "" for a cluster-scoped one."""
    yield from _check_placement(as_mapping(spec.get("placement")), "spec.placement")
    failover = as_mapping(spec.get("failover"))
    if failover.get("application") is not None and spec.get("propagateDeps") is not True:
        yield invalid("spec.propagateDeps", "application failover is set, propagateDeps must be true")
    yield from _check_application_failover(failover.get("application"), "spec.failover.application")
    yield from _check_state_preservation(failover.get("cluster"), "spec.failover.cluster")
    yield from check_selector_namespaces(spec, namespace)
    if spec.get("preemption") == "Always":
        for index, selector in enumerate(as_list(spec.get("resourceSelectors"))):
            if not as_str(field_at(selector, "name")):
                yield invalid(
                    f"spec.resourceSelectors[{index}].name",
                    "name cannot be empty if preemption is Always, the empty name may cause unexpected resources"
                    " preemption",
                )
    suspension = spec.get("suspension")
    held_names = as_list(field_at(suspension, "dispatchingOnClusters", "clusterNames"))
    if field_at(suspension, "dispatching") is True and held_names:
        yield invalid(
            "spec.suspension.suspension",
            "suspension dispatching cannot co-exist with dispatchingOnClusters.clusterNames",
        )


def check_selector_namespaces(spec: _Spec, namespace: str) -> Iterator[Problem]:
    """A namespaced policy selects in its own namespace."""
    if not namespace:
        return
    for index, selector in enumerate(as_list(spec.get("resourceSelectors"))):
        if as_str(field_at(selector, "namespace")) != namespace:
            yield invalid(
                f"spec.resourceSelectors[{index}].namespace",
                "namespace of resource selector must be the same as the namespace of the policy",
            )


def check_cluster_affinity(affinity: JSONValue, path: str) -> Iterator[Problem]:
    """A field selector speaks of provider, region and zone, with In and NotIn; the first fault is told."""
    for expression in as_list(field_at(affinity, "fieldSelector", "matchExpressions")):
        key, operator = as_str(field_at(expression, "key")), as_str(field_at(expression, "operator"))
        if key not in _FIELD_KEYS:
            yield invalid(f"{path}.fieldSelector", f'unsupported key "{key}", must be provider, region, or zone')
            return
        if operator not in _FIELD_OPERATORS:
            yield invalid(f"{path}.fieldSelector", f'unsupported operator "{operator}", must be In or NotIn')
            return


def _check_placement(placement: _Spec, path: str) -> Iterator[Problem]:
    terms = placement.get("clusterAffinities")
    if placement.get("clusterAffinity") is not None and terms is not None:
        yield invalid(path, "clusterAffinities cannot co-exist with clusterAffinity")
    allows_overflow = _allows_overflow(as_mapping(placement.get("replicaScheduling")))
    for index, term in enumerate(as_list(terms)):
        if field_at(term, "overflowAffinities") is not None and not allows_overflow:
            yield invalid(
                f"{path}.clusterAffinities[{index}].overflowAffinities",
                "overflowAffinities can only be used together with dynamic weight or aggregated scheduling",
            )
    yield from check_cluster_affinity(placement.get("clusterAffinity"), f"{path}.clusterAffinity")
    yield from _check_cluster_affinities(as_list(terms), f"{path}.clusterAffinities")
    yield from _check_spread_constraints(as_list(placement.get("spreadConstraints")), f"{path}.spreadConstraints")
    yield from _check_workload_affinity(placement.get("workloadAffinity"), f"{path}.workloadAffinity")
    for index, toleration in enumerate(as_list(placement.get("clusterTolerations"))):
        operator = as_str(field_at(toleration, "operator"))
        if operator in ("Lt", "Gt"):
            yield invalid(
                f"{path}.clusterTolerations[{index}].operator",
                f'unsupported value "{operator}": supported values: "", "Equal", "Exists"',
                type="FieldValueNotSupported",
            )


def _allows_overflow(scheduling: _Spec) -> bool:
    if scheduling.get("replicaSchedulingType") != "Divided":
        return False
    match scheduling.get("replicaDivisionPreference"):
        case "Aggregated":
            return True
        case "Weighted":
            return bool(as_str(field_at(scheduling.get("weightPreference"), "dynamicWeight")))
        case _:
            return False


def _check_cluster_affinities(terms: list[JSONValue], path: str) -> Iterator[Problem]:
    names: set[str] = set()
    for index, term in enumerate(terms):
        name = as_str(field_at(term, "affinityName"))
        for fault in label_key_faults(name):
            yield invalid(f"{path}[{index}]", fault)
        if name in names:
            yield invalid(path, "each affinity term in a policy must have a unique name")
        names.add(name)
        yield from check_cluster_affinity(term, f"{path}[{index}]")
        yield from _check_overflow_affinities(as_mapping(term), name, f"{path}[{index}].overflowAffinities")


def _check_overflow_affinities(term: _Spec, term_name: str, path: str) -> Iterator[Problem]:
    if term.get("overflowAffinities") is None:
        return
    has_labels_or_fields = term.get("labelSelector") is not None or term.get("fieldSelector") is not None
    if not has_labels_or_fields and not term.get("clusterNames") and not term.get("exclude"):
        yield invalid(path, "overflowAffinities can only be used together with the inline ClusterAffinity")
    names = {term_name}
    for index, overflow in enumerate(as_list(term.get("overflowAffinities"))):
        name = as_str(field_at(overflow, "affinityName"))
        for fault in label_key_faults(name):
            yield invalid(f"{path}[{index}].affinityName", fault)
        if name in names:
            yield invalid(
                f"{path}[{index}].affinityName",
                "overflow affinity name must be unique and must not duplicate the primary group's affinityName",
            )
        names.add(name)
        yield from check_cluster_affinity(overflow, f"{path}[{index}]")


def _check_spread_constraints(constraints: list[JSONValue], path: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for index, constraint in enumerate(constraints):
        entry = as_mapping(constraint)
        by_field, by_label = as_str(entry.get("spreadByField")), as_str(entry.get("spreadByLabel"))
        least, most = _number(entry.get("minGroups")), _number(entry.get("maxGroups"))
        if by_field and by_label:
            yield invalid(f"{path}[{index}]", "spreadByLabel should not co-exist with spreadByField")
        if least < 0:
            yield invalid(f"{path}[{index}]", "minGroups lower than 0 is not allowed")
        if most < 0:
            yield invalid(f"{path}[{index}]", "maxGroups lower than 0 is not allowed")
        if 0 < most < least:
            yield invalid(f"{path}[{index}]", "maxGroups lower than minGroups is not allowed")
        if by_field:
            seen[by_field] = seen.get(by_field, 0) + 1
            # Told once a field, however often it comes.
            if seen[by_field] == 2:
                yield invalid(path, f"multiple {by_field} spread constraints are not allowed")
    if seen and "cluster" not in seen:
        yield invalid(
            path,
            "the cluster spread constraint must be enabled in one of the constraints in case of SpreadByField is"
            " enabled",
        )


def _check_workload_affinity(affinity: JSONValue, path: str) -> Iterator[Problem]:
    keys = {}
    for side in ("affinity", "antiAffinity"):
        term = field_at(affinity, side)
        if term is not None:
            keys[side] = as_str(field_at(term, "groupByLabelKey"))
            for fault in label_key_faults(keys[side]):
                yield invalid(f"{path}.{side}.groupByLabelKey", fault)
    if len(keys) == 2 and keys["affinity"] == keys["antiAffinity"]:
        yield invalid(path, "affinity and antiAffinity must not use the same groupByLabelKey")


def _check_application_failover(failover: JSONValue, path: str) -> Iterator[Problem]:
    if failover is None:
        return
    if _number(field_at(failover, "decisionConditions", "tolerationSeconds")) < 0:
        yield invalid(f"{path}.decisionConditions.tolerationSeconds", "must be greater than or equal to 0")
    grace = field_at(failover, "gracePeriodSeconds")
    is_graceful = field_at(failover, "purgeMode") == "Gracefully"
    if not is_graceful and grace is not None:
        yield invalid(f"{path}.gracePeriodSeconds", "only takes effect when purgeMode is gracefully")
    if is_graceful and grace is None:
        yield invalid(f"{path}.gracePeriodSeconds", "should not be empty when purgeMode is gracefully")
    if grace is not None and _number(grace) <= 0:
        yield invalid(f"{path}.gracePeriodSeconds", "must be greater than 0")
    yield from _check_state_preservation(failover, path)


def _check_state_preservation(failover: JSONValue, path: str) -> Iterator[Problem]:
    for index, rule in enumerate(as_list(field_at(failover, "statePreservation", "rules"))):
        for fault in label_key_faults(as_str(field_at(rule, "aliasLabelName"))):
            yield invalid(f"{path}.statePreservation.rules[{index}].aliasLabelName", fault)


def _number(value: JSONValue) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
