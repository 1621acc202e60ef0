"""Rules for metadata and selectors: keys and values of labels, keys of annotations, finalizers; names by kind.

Every API server applies those of metadata to objects of any kind, custom ones included (BeforeCreate of the generic
registry).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from karmactl.core.conform.faults import Report, Trail, join
from karmactl.core.conform.nodes import Rule
from karmactl.core.conform.texts import CHECKS
from karmactl.core.match import matches_labels
from karmactl.core.model.manifest import JSONValue, as_list, as_mapping, as_str, field
from karmactl.core.model.selector import LabelSelector, SelectorRequirement

__all__ = ["METADATA_RULES", "check_labels", "check_name", "is_matched"]

_ANNOTATIONS_BYTES: Final = 256 * 1024
_FINALIZERS: Final = frozenset({"foregroundDeletion", "orphan", "kubernetes"})
_NONE: Final[Mapping[str, JSONValue]] = {}

# Kinds whose names obey another rule than that of a DNS subdomain.
_NAME_RULES: Final[Mapping[str, str]] = {
    "Namespace": "label",
    "Service": "label",
    **dict.fromkeys(
        ("CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"), "path-segment"
    ),
}
_FREELY_NAMED: Final = frozenset({"Event", "PodDisruptionBudget"})
# Names become part of others: a CronJob's of its Jobs'.
_NAME_LENGTHS: Final[Mapping[str, int]] = {"CronJob": 52, "Job": 63}


def check_name(kind: str, manifest: Mapping[str, JSONValue], report: Report) -> None:
    """The name of a built-in kind or of a custom resource (whose rule is that of most kinds)."""
    if kind in _FREELY_NAMED:
        return
    name = as_str(field(as_mapping(manifest.get("metadata")), "name"))
    trail: Trail = ((None, "metadata"), "name")
    text = CHECKS[_NAME_RULES.get(kind, "subdomain")](name)
    if text:
        report.add("invalid-name", trail, text)
    elif len(name) > _NAME_LENGTHS.get(kind, len(name)):
        report.add("invalid-name", trail, f"must be at most {_NAME_LENGTHS[kind]} characters, as the name of a {kind}")


def check_labels(labels: JSONValue, trail: Trail, report: Report) -> None:
    """Keys and values of a mapping of labels."""
    if not isinstance(labels, dict):
        return
    check_key, check_value = CHECKS["label-key"], CHECKS["label-value"]
    for key, value in labels.items():
        if text := check_key(key) if key else "must not be empty":
            report.add("invalid-value", (trail, key), f"is no key of a label: it {text}")
        if text := check_value(value):
            report.invalid((trail, key), text)


def _check_metadata(metadata: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    check_labels(metadata.get("labels"), (trail, "labels"), report)
    annotations = metadata.get("annotations")
    if annotations:
        _check_annotations(as_mapping(annotations), (trail, "annotations"), report)
    finalizers = as_list(metadata.get("finalizers"))
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        report.invalid((trail, "finalizers"), "must not hold both orphan and foregroundDeletion")
    for index, finalizer in enumerate(finalizers):
        name = as_str(finalizer)
        if text := CHECKS["label-key"](name):
            report.invalid(join(trail, "finalizers", index), text)
        elif "/" not in name and name not in _FINALIZERS:
            report.invalid(join(trail, "finalizers", index), "must be a name with a domain, such as example.com/name")


def _check_annotations(annotations: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    size = 0
    check_key = CHECKS["annotation-key"]
    for key, value in annotations.items():
        if text := check_key(key) if key else "must not be empty":
            report.add("invalid-value", (trail, key), f"is no key of an annotation: it {text}")
        size += len(key) + (len(value) if isinstance(value, str) else 0)
    if size > _ANNOTATIONS_BYTES:
        report.invalid(trail, f"must be at most {_ANNOTATIONS_BYTES} bytes together")


def _check_selector(selector: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    check_labels(selector.get("matchLabels"), (trail, "matchLabels"), report)


def _check_requirement(requirement: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    operator, has_values = requirement.get("operator"), bool(requirement.get("values"))
    if operator in ("In", "NotIn") and not has_values:
        report.missing((trail, "values"), f"{operator} is about values")
    elif operator in ("Exists", "DoesNotExist") and has_values:
        report.invalid((trail, "values"), f"must not be there with the operator {operator}")


def _check_node_requirement(requirement: Mapping[str, JSONValue], trail: Trail, report: Report) -> None:
    _check_requirement(requirement, trail, report)
    operator, values = requirement.get("operator"), as_list(requirement.get("values"))
    if operator in ("Gt", "Lt") and len(values) != 1:
        report.invalid((trail, "values"), f"must be one value with the operator {operator}")


def is_matched(selector: JSONValue, labels: Mapping[str, JSONValue]) -> bool:
    """Whether a label selector, which has been checked, matches labels."""
    parts = as_mapping(selector)
    read = LabelSelector(
        match_labels={key: as_str(value) for key, value in as_mapping(parts.get("matchLabels")).items()},
        match_expressions=tuple(_requirement(as_mapping(entry)) for entry in as_list(parts.get("matchExpressions"))),
    )
    return matches_labels(read, {key: as_str(value) for key, value in labels.items()})


def _requirement(entry: Mapping[str, JSONValue]) -> SelectorRequirement:
    return SelectorRequirement(
        key=as_str(entry.get("key")),
        operator=as_str(entry.get("operator")),
        values=tuple(as_str(value) for value in as_list(entry.get("values"))),
    )


METADATA_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "core/v1.NodeSelectorRequirement": (_check_node_requirement,),
    "meta/v1.LabelSelector": (_check_selector,),
    "meta/v1.LabelSelectorRequirement": (_check_requirement,),
    "meta/v1.ObjectMeta": (_check_metadata,),
}
