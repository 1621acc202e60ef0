"""Rules for workloads: a selector that matches the template, strategies, restart policies, Jobs.

Source: Kubernetes pkg/apis/apps/validation/validation.go, pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from karmactl.core.conform.faults import Report, Trail, join
from karmactl.core.conform.metadata import check_labels, is_matched
from karmactl.core.conform.nodes import Rule
from karmactl.core.conform.texts import is_percentage
from karmactl.core.model.manifest import JSONValue, as_mapping, field

__all__ = ["WORKLOAD_RULES"]


def _check_workload(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    """Deployments, ReplicaSets, DaemonSets and StatefulSets: their Pods live for ever and are theirs."""
    _check_template_labels(spec, spec.get("selector"), trail, report)
    pod = as_mapping(field(spec.get("template"), "spec"))
    if pod.get("restartPolicy") not in (None, "", "Always"):
        report.invalid(join(trail, "template", "spec", "restartPolicy"), "must be Always here")
    if pod.get("activeDeadlineSeconds") is not None:
        report.invalid(join(trail, "template", "spec", "activeDeadlineSeconds"), "must not be there")


def _check_template_labels(spec: Mapping[str, JSONValue], selector: JSONValue, trail: Trail, report: Report) -> None:
    metadata = as_mapping(field(spec.get("template"), "metadata"))
    labels = as_mapping(metadata.get("labels"))
    if not field(selector, "matchLabels") and not field(selector, "matchExpressions"):
        report.invalid((trail, "selector"), "must select something")
    elif not is_matched(selector, labels):
        report.invalid(join(trail, "template", "metadata", "labels"), "must match the selector")


def _check_deployment(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds") or 0
    if isinstance(deadline, int) and isinstance(ready, int) and deadline <= ready:
        report.invalid((trail, "progressDeadlineSeconds"), "must be greater than minReadySeconds")


def _check_deployment_strategy(strategy: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    rolling = strategy.get("rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling is not None:
        report.invalid((trail, "rollingUpdate"), "must not be there with the type Recreate")


def _check_rolling_update(rolling: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    if all(name in rolling and _is_none(rolling[name]) for name in ("maxUnavailable", "maxSurge")):
        report.invalid((trail, "maxUnavailable"), "must not be 0 where maxSurge is 0")
    most = rolling.get("maxUnavailable")
    if is_percentage(most) and int(str(most)[:-1]) > 100:
        report.invalid((trail, "maxUnavailable"), "must be at most 100%")


def _check_daemon_set_update(rolling: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    """On each node there is one Pod: either the old one goes first, or the new one comes first."""
    surge = rolling.get("maxSurge") or 0
    most = rolling.get("maxUnavailable", 1)
    if _is_none(surge) and _is_none(most):
        report.invalid((trail, "maxUnavailable"), "must not be 0 where maxSurge is 0")
    elif not _is_none(surge) and not _is_none(most):
        report.invalid((trail, "maxSurge"), "must be 0 where maxUnavailable is not 0")


def _is_none(amount: JSONValue) -> bool:
    return amount == 0 or (is_percentage(amount) and int(str(amount)[:-1]) == 0)


def _check_stateful_set(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    # The template is looked at only when Pods are made, but for its labels.
    metadata = as_mapping(field(spec.get("template"), "metadata"))
    check_labels(metadata.get("labels"), join(trail, "template", "metadata", "labels"), report)


def _check_stateful_set_strategy(strategy: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    if strategy.get("type") == "OnDelete" and strategy.get("rollingUpdate") is not None:
        report.invalid((trail, "rollingUpdate"), "must not be there with the type OnDelete")


def _check_controller(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    """ReplicationControllers: the selector is a plain mapping, by default the template's labels."""
    selector = as_mapping(spec.get("selector"))
    labels = as_mapping(field(spec.get("template"), "metadata", "labels"))
    check_labels(selector, (trail, "selector"), report)
    if not selector and not labels:
        report.missing((trail, "selector"))
    elif any(labels.get(key) != value for key, value in selector.items()):
        report.invalid(join(trail, "template", "metadata", "labels"), "must match the selector")


def _check_job(spec: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    policy = field(spec.get("template"), "spec", "restartPolicy")
    if policy not in ("OnFailure", "Never"):
        report.invalid(join(trail, "template", "spec", "restartPolicy"), "must be OnFailure or Never in a Job")
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is None:
        report.missing((trail, "completions"), "completionMode is Indexed")


_WORKLOAD: Final[tuple[Rule, ...]] = (_check_workload,)
WORKLOAD_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "apps/v1.DaemonSetSpec": _WORKLOAD,
    "apps/v1.DeploymentSpec": (*_WORKLOAD, _check_deployment),
    "apps/v1.DeploymentStrategy": (_check_deployment_strategy,),
    "apps/v1.ReplicaSetSpec": _WORKLOAD,
    "apps/v1.RollingUpdateDaemonSet": (_check_daemon_set_update,),
    "apps/v1.RollingUpdateDeployment": (_check_rolling_update,),
    "apps/v1.StatefulSetSpec": (*_WORKLOAD, _check_stateful_set),
    "apps/v1.StatefulSetUpdateStrategy": (_check_stateful_set_strategy,),
    "batch/v1.JobSpec": (_check_job,),
    "core/v1.ReplicationControllerSpec": (_check_controller,),
}
