"""Overrides that do not apply, or break what they apply to, as errors: they stop a run before its first write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from karmactl.core.conform import Definition, Fault, check_object, read_definitions
from karmactl.core.model.manifest import Manifest
from karmactl.core.model.work import FieldOrigin, Work, WorkFault
from karmactl.core.patch import format_pointer
from karmactl.core.pipeline import Decided
from karmactl.errors import PolicyError

__all__ = ["fault_error", "refuse_broken", "refuse_faults"]


def refuse_faults(decided: Decided, clusters: Sequence[str]) -> None:
    """Raise an ExceptionGroup of PolicyErrors where an override does not apply to an object of one of the clusters."""
    faults = [fault for cluster in clusters for fault in decided.works(cluster) if isinstance(fault, WorkFault)]
    if faults:
        raise ExceptionGroup("overrides", [fault_error(fault) for fault in faults])


def fault_error(fault: WorkFault) -> PolicyError:
    """The error of one object that could not be made for one cluster, at the place of the override rule."""
    override = fault.override
    policy = f"{override.kind} {override.name}, rule {override.rule_index + 1}" if override else ""
    return PolicyError(
        fault.code,
        fault.message,
        why=f"{policy}, on {fault.resource}" if policy else f"on {fault.resource}",
        hint="karmactl why shows which overrides an object gets",
        location=override.location if override else None,
        cluster=fault.cluster,
        resource=str(fault.resource),
    )


def refuse_broken(decided: Decided, clusters: Sequence[str]) -> None:
    """Raise an ExceptionGroup of PolicyErrors `override-breaks-object` where overrides made what no server would take.

    For runs that ask no server. What is wrong with a template itself is said when it is read, and not again.
    """
    if not decided.given.inputs.override_policies:
        return
    definitions = read_definitions(template.manifest for template in decided.given.inputs.templates)
    templates = {decision.ref.identity: decision.template.manifest for decision in decided.decisions}
    errors: dict[tuple[object, ...], PolicyError] = {}
    for work in (work for cluster in clusters for work in decided.works(cluster)):
        if not isinstance(work, Work) or not work.overrides:
            continue
        for fault in _made_by_overrides(work, templates[work.resource.identity], definitions):
            origin = _origin_of(fault, work)
            key = (work.resource, fault.path, fault.text, origin.source, origin.rule_index)
            if key in errors:
                errors[key].cluster = f"{errors[key].cluster}, {work.cluster}"
            else:
                errors[key] = _broken(work, fault, origin)
    if errors:
        raise ExceptionGroup("overrides", list(errors.values()))


def _made_by_overrides(
    work: Work, template: Manifest, definitions: Mapping[tuple[str, str], Definition]
) -> Iterator[Fault]:
    known = None
    for fault in check_object(work.manifest, definitions):
        known = check_object(template, definitions) if known is None else known
        if fault not in known:
            yield fault


def _origin_of(fault: Fault, work: Work) -> FieldOrigin:
    """The override that made the field, or something in it or around it; else the last one."""
    pointer = format_pointer(str(step) for step in fault.path) + "/"
    made = [origin for origin in work.origins if origin.type == "override"]
    near = [origin for origin in made if f"{origin.path}/".startswith(pointer) or pointer.startswith(f"{origin.path}/")]
    last = work.overrides[-1]
    return (near or made or [FieldOrigin(path="", type="override", source=last.title, rule_index=last.rule_index)])[-1]


def _broken(work: Work, fault: Fault, origin: FieldOrigin) -> PolicyError:
    rule = f", rule {origin.rule_index + 1}," if origin.rule_index is not None else ""
    return PolicyError(
        "override-breaks-object",
        fault.message,
        why=f"{origin.source}{rule} makes the object so; no API server would take it",
        hint=fault.hint or "mend the override; --validate=ignore leaves the check to the server",
        location=origin.location,
        cluster=work.cluster,
        resource=str(work.resource),
    )
