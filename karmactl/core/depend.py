"""Dependencies that follow their templates: which objects are needed where (propagateDeps).

Every scheduled binding of a namespaced template whose policy says `propagateDeps` lends its clusters to the objects
that the interpreter names and the files have; what the files have not is passed over. An object that no policy claims
gets an attached Binding, without a placement; one that a policy claims keeps its own and gets the further clusters.
Source: Karmada pkg/dependenciesdistributor/{dependencies_distributor,policy_utils}.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from karmactl.core.decode import decode
from karmactl.core.match import matches_labels
from karmactl.core.model.binding import Binding, BindingSnapshot, DependentObjectReference
from karmactl.core.model.interpreter import Interpreter, Operation
from karmactl.core.model.manifest import (
    Manifest,
    ResourceRef,
    api_version_of,
    group_of,
    kind_of,
    labels_of,
    ref_of,
    uid_of,
)
from karmactl.core.model.selector import LabelSelector
from karmactl.core.names import binding_name
from karmactl.errors import InputError

__all__ = ["Attachments", "attach", "attached_binding"]

Identity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """Who needs whom: for the identity of each needed template the bindings that need it, by namespace and name.

    `faults` has the templates whose dependencies could not be told; nothing follows those.
    """

    needed_by: Mapping[Identity, tuple[Binding, ...]]
    faults: Mapping[Identity, InputError]


def attach(
    scheduled: Iterable[tuple[Manifest, Binding]], templates: Iterable[Manifest], interpreter: Interpreter
) -> Attachments:
    """What the scheduled templates need, of all templates there are; `scheduled` has each with its placed binding."""
    index = _Index(templates)
    needed_by: dict[Identity, dict[tuple[str, str], Binding]] = {}
    faults: dict[Identity, InputError] = {}
    for template, binding in scheduled:
        resource = binding.resource
        try:
            references = _references(template, binding, interpreter)
        except InputError as exc:
            faults[resource.identity] = exc
            continue
        key = (resource.namespace, binding_name(resource.kind, resource.name))
        for reference in references:
            for identity in index.find(reference):
                needed_by.setdefault(identity, {})[key] = binding
    return Attachments(
        needed_by={
            identity: tuple(binding for _, binding in sorted(bindings.items(), key=lambda entry: entry[0]))
            for identity, bindings in needed_by.items()
        },
        faults=faults,
    )


def attached_binding(template: Manifest, own: Binding | None, needed_by: Sequence[Binding]) -> Binding:
    """The Binding of an object that others need; `own` is that of its own policy, if one claims it.

    Without one, conflicts are resolved as any of the others says Overwrite, and kept on deletion if any says so.
    """
    snapshots = tuple(_snapshot(binding) for binding in needed_by)
    if own is not None:
        return replace(own, required_by=snapshots)
    overwrites = any(binding.conflict_resolution == "Overwrite" for binding in needed_by)
    return Binding(
        resource=ref_of(template),
        resource_uid=uid_of(template),
        required_by=snapshots,
        conflict_resolution="Overwrite" if overwrites else "Abort",
        preserve_resources_on_deletion=any(binding.preserve_resources_on_deletion for binding in needed_by),
    )


def _references(template: Manifest, binding: Binding, interpreter: Interpreter) -> tuple[DependentObjectReference, ...]:
    # Karmada follows dependencies of namespaced templates only.
    if not binding.propagate_deps or not binding.resource.namespace:
        return ()
    if not interpreter.is_enabled(Operation.INTERPRET_DEPENDENCY, api_version_of(template), kind_of(template)):
        return ()
    return interpreter.interpret_dependency(template)


def _snapshot(binding: Binding) -> BindingSnapshot:
    resource = binding.resource
    return BindingSnapshot(
        namespace=resource.namespace, name=binding_name(resource.kind, resource.name), clusters=binding.clusters
    )


class _Index:
    """All templates by identity, and by kind and namespace for references by label."""

    def __init__(self, templates: Iterable[Manifest]) -> None:
        self._labels_by_identity: dict[Identity, Mapping[str, str]] = {}
        self._by_place: dict[tuple[str, str, str], list[Identity]] = {}
        for template in templates:
            ref: ResourceRef = ref_of(template)
            self._labels_by_identity[ref.identity] = labels_of(template)
            self._by_place.setdefault((ref.group, ref.kind, ref.namespace), []).append(ref.identity)

    def find(self, reference: DependentObjectReference) -> Iterable[Identity]:
        """The identities that a reference names; none where there is no such template."""
        group, _ = group_of(reference.api_version)
        if reference.name:
            identity = (group, reference.kind, reference.namespace, reference.name)
            return (identity,) if identity in self._labels_by_identity else ()
        selector, faults = decode(LabelSelector, reference.label_selector)
        if faults:
            return ()
        return [
            identity
            for identity in self._by_place.get((group, reference.kind, reference.namespace), ())
            if matches_labels(selector, self._labels_by_identity[identity])
        ]
