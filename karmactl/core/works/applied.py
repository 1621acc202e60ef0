"""The overrides that shaped an object, as the text that Karmada keeps on the Work.

The text is compared as a whole, so the keys stand in the order of Karmada's Go types. Source: Karmada
pkg/util/overridemanager/shadow.go, pkg/apis/policy/v1alpha1/override_types.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from karmactl.core.go_json import json_text
from karmactl.core.model.manifest import JSONValue
from karmactl.core.model.policy import (
    CommandArgsOverrider,
    FieldOverrider,
    FieldPatchOperation,
    ImageOverrider,
    LabelAnnotationOverrider,
    Overriders,
    PlaintextOverrider,
)
from karmactl.core.model.work import AppliedOverride

__all__ = ["APPLIED_CLUSTER_OVERRIDES", "APPLIED_OVERRIDES", "applied_annotations"]

APPLIED_OVERRIDES: Final = "policy.karmada.io/applied-overrides"
APPLIED_CLUSTER_OVERRIDES: Final = "policy.karmada.io/applied-cluster-overrides"


def applied_annotations(applied: Sequence[AppliedOverride]) -> dict[str, str]:
    """The annotations for the rules that applied, each list by policy name; none where nothing applied."""
    annotations = {}
    for key, kind in ((APPLIED_CLUSTER_OVERRIDES, "ClusterOverridePolicy"), (APPLIED_OVERRIDES, "OverridePolicy")):
        rules = sorted((rule for rule in applied if rule.kind == kind), key=lambda rule: rule.name)
        if rules:
            items: list[JSONValue] = [
                {"policyName": rule.name, "overriders": _overriders(rule.overriders)} for rule in rules
            ]
            annotations[key] = json_text(items)
    return annotations


def _overriders(overriders: Overriders) -> JSONValue:
    lists: dict[str, list[JSONValue]] = {
        "plaintext": [_plaintext(overrider) for overrider in overriders.plaintext],
        "imageOverrider": [_image(overrider) for overrider in overriders.image_overrider],
        "commandOverrider": [_items(overrider) for overrider in overriders.command_overrider],
        "argsOverrider": [_items(overrider) for overrider in overriders.args_overrider],
        "labelsOverrider": [_texts(overrider) for overrider in overriders.labels_overrider],
        "annotationsOverrider": [_texts(overrider) for overrider in overriders.annotations_overrider],
        "fieldOverrider": [_field(overrider) for overrider in overriders.field_overrider],
    }
    return {key: entries for key, entries in lists.items() if entries}


def _plaintext(overrider: PlaintextOverrider) -> JSONValue:
    return {"path": overrider.path, "operator": overrider.operator, "value": overrider.value}


def _image(overrider: ImageOverrider) -> JSONValue:
    image: dict[str, JSONValue] = {}
    if overrider.predicate is not None:
        image["predicate"] = {"path": overrider.predicate.path}
    image |= {"component": overrider.component, "operator": overrider.operator}
    return image | ({"value": overrider.value} if overrider.value else {})


def _items(overrider: CommandArgsOverrider) -> JSONValue:
    items: dict[str, JSONValue] = {"containerName": overrider.container_name, "operator": overrider.operator}
    return items | ({"value": list(overrider.value)} if overrider.value else {})


def _texts(overrider: LabelAnnotationOverrider) -> JSONValue:
    value: dict[str, JSONValue] = dict(sorted(overrider.value.items()))
    return {"operator": overrider.operator, "value": value}


def _field(overrider: FieldOverrider) -> JSONValue:
    field: dict[str, JSONValue] = {"fieldPath": overrider.field_path}
    for key, operations in (("json", overrider.json), ("yaml", overrider.yaml)):
        if operations:
            field[key] = _operations(operations)
    return field


def _operations(operations: Iterable[FieldPatchOperation]) -> list[JSONValue]:
    return [{"subPath": entry.sub_path, "operator": entry.operator, "value": entry.value} for entry in operations]
