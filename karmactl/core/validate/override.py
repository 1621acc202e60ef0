"""The webhooks' checks of an override policy's spec.

Only rules of `overrideRules` are looked into; the deprecated pair is not, and neither are plaintext paths. Source:
Karmada pkg/util/validation/validation.go (ValidateOverrideSpec and what it calls).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from karmactl.core.model.manifest import JSONValue, as_list, as_mapping, as_str
from karmactl.core.model.manifest import field as field_at
from karmactl.core.validate.labels import annotation_faults, label_faults
from karmactl.core.validate.problem import Problem
from karmactl.core.validate.propagation import check_cluster_affinity, check_selector_namespaces, invalid

__all__ = ["check_override_spec"]

# Field overriders are not among them; Karmada forgets those when it looks for the deprecated form.
_DEPRECATED_LISTS: Final = (
    "plaintext",
    "imageOverrider",
    "commandOverrider",
    "argsOverrider",
    "labelsOverrider",
    "annotationsOverrider",
)


def check_override_spec(spec: Mapping[str, JSONValue], namespace: str) -> Iterator[Problem]:
    """Everything that is wrong; `namespace` is the policy's own, "" for a cluster-scoped one."""
    rules, target = spec.get("overrideRules"), spec.get("targetCluster")
    yield from check_cluster_affinity(target, "spec.targetCluster")
    if rules is not None and target is not None:
        yield invalid("spec.targetCluster", "overrideRules and targetCluster can't co-exist")
    if rules is not None and any(field_at(spec.get("overriders"), key) for key in _DEPRECATED_LISTS):
        yield invalid("spec.overriders", "overrideRules and overriders can't co-exist")
    for index, rule in enumerate(as_list(rules)):
        yield from _check_rule(rule, f"spec.overrideRules[{index}]")
    yield from check_selector_namespaces(spec, namespace)


def _check_rule(rule: JSONValue, path: str) -> Iterator[Problem]:
    overriders = as_mapping(field_at(rule, "overriders"))
    for key, faults_of in (("annotationsOverrider", annotation_faults), ("labelsOverrider", label_faults)):
        for index, overrider in enumerate(as_list(overriders.get(key))):
            for fault in faults_of(as_mapping(field_at(overrider, "value"))):
                yield invalid(f"{path}.overriders.{key}[{index}].value", fault)
    for index, image in enumerate(as_list(overriders.get("imageOverrider"))):
        if not _is_pointer(field_at(image, "predicate", "path")):
            yield invalid(
                f"{path}.overriders.imageOverrider[{index}].predicate.path",
                'JSON pointer must be empty or start with a "/"',
            )
    for index, overrider in enumerate(as_list(overriders.get("fieldOverrider"))):
        yield from _check_field_overrider(as_mapping(overrider), f"{path}.overriders.fieldOverrider[{index}]")
    yield from check_cluster_affinity(field_at(rule, "targetCluster"), f"{path}.targetCluster")


def _check_field_overrider(overrider: Mapping[str, JSONValue], path: str) -> Iterator[Problem]:
    if overrider.get("yaml") and overrider.get("json"):
        yield invalid(path, "FieldOverrider has both YAML and JSON set. Only one is allowed")
    if not overrider.get("yaml") and not overrider.get("json"):
        yield invalid(path, "FieldOverrider must have either JSON or YAML set", type="FieldValueRequired")
    if not _is_pointer(overrider.get("fieldPath")):
        yield invalid(f"{path}.fieldPath", 'JSON pointer must be empty or start with a "/"')
    for key in ("json", "yaml"):
        for index, operation in enumerate(as_list(overrider.get(key))):
            yield from _check_operation(as_mapping(operation), f"{path}.{key}[{index}]")


def _check_operation(operation: Mapping[str, JSONValue], path: str) -> Iterator[Problem]:
    if not _is_pointer(operation.get("subPath")):
        yield invalid(f"{path}.subPath", 'JSON pointer must be empty or start with a "/"')
    match operation.get("operator"):
        case "add" | "replace" if operation.get("value") is None:
            yield invalid(f"{path}.value", "value is required for add or replace operation")
        case "remove" if operation.get("value") is not None:
            yield invalid(f"{path}.value", "value is not allowed for remove operation")


def _is_pointer(value: JSONValue) -> bool:
    text = as_str(value)
    return not text or text.startswith("/")
