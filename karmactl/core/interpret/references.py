"""Whether references to dependencies are sound: Karmada takes none of an object's where one is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from karmactl.core.interpret.form import interpret_failed
from karmactl.core.match import is_label_key, is_label_value
from karmactl.core.model.binding import DependentObjectReference
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, field
from karmactl.core.shape import Struct, find_misshapen

__all__ = ["verify_dependencies"]

# Operator to whether it takes values.
_SELECTOR_OPERATORS: Final[Mapping[str, bool]] = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}


def verify_dependencies(
    manifest: Manifest, references: tuple[DependentObjectReference, ...]
) -> tuple[DependentObjectReference, ...]:
    """The references, if each says a kind and a name or a sound label selector; else InputError `interpret-failed`.

    Source: Karmada pkg/util/interpreter/validation/validation.go, VerifyDependencies.
    """
    for index, reference in enumerate(references):
        if not reference.api_version or not reference.kind:
            raise interpret_failed(manifest, f"dependency {index} has no apiVersion or kind")
        if not reference.name and reference.label_selector is None:
            raise interpret_failed(manifest, f"dependency {index} has neither a name nor a label selector")
        if fault := _selector_fault(reference.label_selector):
            raise interpret_failed(manifest, f"the label selector of dependency {index} {fault}")
    return references


def _selector_fault(selector: JSONValue) -> str:
    """What is wrong with a label selector, "" where nothing is (ValidateLabelSelector of k8s.io/apimachinery)."""
    if fault := find_misshapen(selector, Struct("LabelSelector")):
        return f"is malformed: {fault}"
    for key, value in as_mapping(field(selector, "matchLabels")).items():
        if not is_label_key(key) or not is_label_value(as_str(value)):
            return f"cannot match {key!r}: {value!r}, which is no label"
    for requirement in as_list(field(selector, "matchExpressions")):
        key, operator = as_str(field(requirement, "key")), as_str(field(requirement, "operator"))
        values = [as_str(value) for value in as_list(field(requirement, "values"))]
        if operator not in _SELECTOR_OPERATORS:
            return f"has an unknown operator {operator!r}"
        if _SELECTOR_OPERATORS[operator] != bool(values):
            return f"has {operator} {'with' if values else 'without'} values"
        if not is_label_key(key) or not all(map(is_label_value, values)):
            return f"cannot match {key!r} {operator} {values!r}, which are no labels"
    return ""
