"""What goes where others go: dependencies (propagateDeps), and Namespaces of the folder that no policy claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from karmactl.core.depend import attach, attached_binding
from karmactl.core.model.binding import TargetCluster
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.plan import Decision, Standing
from karmactl.core.model.reason import Reason
from karmactl.core.model.state import Record
from karmactl.core.pipeline.given import PipelineInput, is_namespace
from karmactl.core.works.maker import target_clusters

__all__ = ["attach_dependencies", "attach_namespaces", "with_previous"]


def attach_dependencies(given: PipelineInput, decisions: Sequence[Decision]) -> list[Decision]:
    """Dependencies (propagateDeps) follow what needs them, wherever that goes."""
    scheduled = [
        (decision.template.manifest, replace(decision.binding, clusters=decision.targets))
        for decision in decisions
        if decision.binding is not None and decision.binding.propagate_deps and decision.targets
    ]
    if not scheduled:
        return list(decisions)
    attachments = attach(scheduled, [decision.template.manifest for decision in decisions], given.interpreter)
    if attachments.faults:
        raise ExceptionGroup("dependencies", list(attachments.faults.values()))
    attached = []
    for decision in decisions:
        needed_by = attachments.needed_by.get(decision.ref.identity, ())
        if not needed_by:
            attached.append(decision)
            continue
        own = replace(decision.binding, clusters=decision.targets) if decision.binding is not None else None
        binding = attached_binding(decision.template.manifest, own, needed_by)
        targets = _in_name_order(target_clusters(binding))
        scheduled_to = {target.name for target in decision.targets}
        attached.append(
            replace(
                decision,
                standing=decision.standing if own is not None else Standing.ATTACHED,
                binding=binding,
                targets=targets,
                required_by=tuple(other.resource for other in needed_by),
                attached=tuple(target.name for target in targets if target.name not in scheduled_to),
            )
        )
    return attached


def attach_namespaces(given: PipelineInput, decisions: Sequence[Decision]) -> list[Decision]:
    """A Namespace of the folder that no policy claims goes where something in it goes.

    Differs from Karmada: it copies every Namespace to every cluster (design 2.6).
    """
    first_by_namespace: dict[str, dict[str, ResourceRef]] = {
        decision.ref.name: {} for decision in decisions if _is_following_namespace(decision)
    }
    inside = [decision for decision in decisions if decision.ref.namespace in first_by_namespace]
    # By name, so that the order of files has no say in which object is named as the cause.
    for decision in sorted(inside, key=lambda decision: decision.ref.identity):
        first = first_by_namespace[decision.ref.namespace]
        if len(first) < len(given.clusters):
            for target in decision.targets:
                first.setdefault(target.name, decision.ref)
    attached = []
    for decision in decisions:
        first = first_by_namespace.get(decision.ref.name, {}) if _is_following_namespace(decision) else {}
        if not first:
            attached.append(decision)
            continue
        attached.append(
            replace(
                decision,
                standing=Standing.ATTACHED,
                targets=tuple(TargetCluster(name=name) for name in sorted(first)),
                required_by=tuple(sorted(set(first.values()))),
                attached=tuple(sorted(first)),
                notes=(Reason(code="namespace-follows"),),
            )
        )
    return attached


def with_previous(record: Record, decisions: Sequence[Decision]) -> list[Decision]:
    """What is attached has a recorded place, too."""
    recorded = {entry.resource.identity: entry.clusters for entry in record.templates}
    return [
        replace(decision, previous=recorded.get(decision.ref.identity, ()))
        if decision.standing is Standing.ATTACHED
        else decision
        for decision in decisions
    ]


def _in_name_order(targets: Iterable[TargetCluster]) -> tuple[TargetCluster, ...]:
    return tuple(sorted(targets, key=lambda target: target.name))


def _is_following_namespace(decision: Decision) -> bool:
    return is_namespace(decision.ref) and decision.standing is Standing.UNMATCHED
