"""Does it match? Label selectors, resource selectors against templates, cluster affinities against clusters.

Every selector is compiled once to a function, because one policy is asked about thousands of objects; a malformed
selector matches nothing, as in Karmada (validation is the place where it is refused).
Source: Karmada pkg/util/selector.go (ResourceSelectorPriority, ClusterMatches); Kubernetes apimachinery
metav1.LabelSelectorAsSelector and labels.NewRequirement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Final, TypeAlias

from karmactl.core.model.cluster import Cluster, Taint
from karmactl.core.model.manifest import Manifest, api_version_of, kind_of, labels_of, name_of, namespace_of
from karmactl.core.model.policy import ClusterAffinity, ResourceSelector, Toleration
from karmactl.core.model.selector import LabelSelector, SelectorRequirement

__all__ = [
    "ClusterMatcher",
    "LabelMatcher",
    "Precision",
    "cluster_matcher",
    "is_label_key",
    "is_label_value",
    "label_matcher",
    "matches_cluster",
    "matches_labels",
    "parse_selector",
    "selector_precision",
    "selectors_precision",
    "tolerates",
]

LabelMatcher: TypeAlias = Callable[[Mapping[str, str]], bool]
ClusterMatcher: TypeAlias = Callable[[Cluster], bool]

_NAME: Final = re.compile(r"(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", re.ASCII)
_SUBDOMAIN: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NAME_LENGTH: Final = 63
_SUBDOMAIN_LENGTH: Final = 253
_ZONE: Final = "zone"


class Precision(IntEnum):
    """How precisely a selector matches an object: Karmada's implicit priority."""

    NONE = 0
    KIND = 1
    LABELS = 2
    NAME = 3


def matches_labels(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether labels match; the empty selector matches everything, a malformed one nothing."""
    return label_matcher(selector)(labels)


def matches_cluster(affinity: ClusterAffinity, cluster: Cluster) -> bool:
    """Whether a cluster matches an affinity; the empty one matches every cluster."""
    return cluster_matcher(affinity)(cluster)


def selector_precision(selector: ResourceSelector, manifest: Manifest) -> Precision:
    """How precisely one selector matches an object. A name makes the label selector irrelevant."""
    if (
        api_version_of(manifest) != selector.api_version
        or kind_of(manifest) != selector.kind
        or (selector.namespace and namespace_of(manifest) != selector.namespace)
    ):
        return Precision.NONE
    if selector.name:
        return Precision.NAME if name_of(manifest) == selector.name else Precision.NONE
    if selector.label_selector is None:
        return Precision.KIND
    return Precision.LABELS if matches_labels(selector.label_selector, labels_of(manifest)) else Precision.NONE


def selectors_precision(selectors: Iterable[ResourceSelector], manifest: Manifest) -> Precision:
    """The best precision of several selectors; NONE without any."""
    return max((selector_precision(selector, manifest) for selector in selectors), default=Precision.NONE)


def parse_selector(text: str) -> LabelSelector | None:
    """A selector in kubectl's words (`a=b,c!=d,e in (x, y),f,!g`); None where it is none.

    Source: apimachinery pkg/labels/selector.go (Parse).
    """
    requirements = []
    for part in _PART.findall(text):
        match = _REQUIREMENT.fullmatch(part.strip())
        is_odd = match is not None and bool(match["not"]) and bool(match["sign"] or match["word"])
        if match is None or is_odd or not is_label_key(match["key"]):
            return None
        found = _requirement(match)
        if not all(is_label_value(value) for value in found.values):
            return None
        requirements.append(found)
    return LabelSelector(match_expressions=tuple(requirements))


_PART = re.compile(r"(?:[^,(]|\([^)]*\))+")
_REQUIREMENT = re.compile(
    r"(?P<not>!?)\s*(?P<key>[^\s!=(),]+)"
    r"(?:\s*(?P<sign>==|=|!=)\s*(?P<value>[^\s!=(),]*)|\s+(?P<word>in|notin)\s*\((?P<values>[^()]*)\))?"
)


def _requirement(match: re.Match[str]) -> SelectorRequirement:
    key = match["key"]
    if match["sign"]:
        operator = "NotIn" if match["sign"] == "!=" else "In"
        return SelectorRequirement(key=key, operator=operator, values=(match["value"],))
    if match["word"]:
        values = tuple(value.strip() for value in match["values"].split(","))
        return SelectorRequirement(key=key, operator="In" if match["word"] == "in" else "NotIn", values=values)
    return SelectorRequirement(key=key, operator="DoesNotExist" if match["not"] else "Exists")


def label_matcher(selector: LabelSelector) -> LabelMatcher:
    """A label selector as a function of labels."""
    requirements = [
        *(SelectorRequirement(key=key, operator="In", values=(value,)) for key, value in selector.match_labels.items()),
        *selector.match_expressions,
    ]
    return _all_requirements(requirements, _LABEL_OPERATORS)


def cluster_matcher(affinity: ClusterAffinity) -> ClusterMatcher:
    """A cluster affinity as a function of a cluster; all of its parts must hold."""
    checks: list[ClusterMatcher] = []
    if affinity.exclude:
        excluded = frozenset(affinity.exclude)
        checks.append(lambda cluster: cluster.name not in excluded)
    if affinity.cluster_names:
        named = frozenset(affinity.cluster_names)
        checks.append(lambda cluster: cluster.name in named)
    if affinity.label_selector is not None:
        match_labels = label_matcher(affinity.label_selector)
        checks.append(lambda cluster: match_labels(cluster.labels))
    if affinity.field_selector is not None:
        checks.extend(_field_checks(affinity.field_selector.match_expressions))
    if not checks:
        return _always
    if len(checks) == 1:
        return checks[0]
    return lambda cluster: all(check(cluster) for check in checks)


def is_label_key(text: str) -> bool:
    """Whether a text may be the key of a label: an optional DNS subdomain and a slash, then a name."""
    prefix, slash, name = text.rpartition("/")
    if slash and not (0 < len(prefix) <= _SUBDOMAIN_LENGTH and _SUBDOMAIN.fullmatch(prefix)):
        return False
    return len(name) <= _NAME_LENGTH and _NAME.fullmatch(name) is not None


def is_label_value(text: str) -> bool:
    """Whether a text may be the value of a label; the empty one may."""
    return not text or (len(text) <= _NAME_LENGTH and _NAME.fullmatch(text) is not None)


# --- Requirements --------------------------------------------------------------------------------------------------


def _in(key: str, values: tuple[str, ...]) -> LabelMatcher | None:
    if not values:
        return None
    if len(values) == 1:
        (value,) = values
        return lambda labels: labels.get(key) == value
    allowed = frozenset(values)
    return lambda labels: labels.get(key) in allowed


def _not_in(key: str, values: tuple[str, ...]) -> LabelMatcher | None:
    if not values:
        return None
    # A label that is missing is in no set.
    refused = frozenset(values)
    return lambda labels: labels.get(key) not in refused


def _exists(key: str, values: tuple[str, ...]) -> LabelMatcher | None:
    return None if values else lambda labels: key in labels


def _does_not_exist(key: str, values: tuple[str, ...]) -> LabelMatcher | None:
    return None if values else lambda labels: key not in labels


def _greater(key: str, values: tuple[str, ...]) -> LabelMatcher | None:
    return _compare(key, values, lambda label, bound: label > bound)


def _less(key: str, values: tuple[str, ...]) -> LabelMatcher | None:
    return _compare(key, values, lambda label, bound: label < bound)


def _compare(key: str, values: tuple[str, ...], holds: Callable[[int, int], bool]) -> LabelMatcher | None:
    if len(values) != 1 or not _INTEGER.fullmatch(values[0]):
        return None
    bound = int(values[0])

    def match(labels: Mapping[str, str]) -> bool:
        label = labels.get(key)
        return label is not None and _INTEGER.fullmatch(label) is not None and holds(int(label), bound)

    return match


_Operators: TypeAlias = Mapping[str, Callable[[str, tuple[str, ...]], LabelMatcher | None]]
_LABEL_OPERATORS: Final[_Operators] = {
    "In": _in,
    "NotIn": _not_in,
    "Exists": _exists,
    "DoesNotExist": _does_not_exist,
}
_NODE_OPERATORS: Final[_Operators] = {**_LABEL_OPERATORS, "Gt": _greater, "Lt": _less}


def _all_requirements(requirements: Iterable[SelectorRequirement], operators: _Operators) -> LabelMatcher:
    """All of the requirements; one that is malformed makes the whole match nothing."""
    matchers: list[LabelMatcher] = []
    for requirement in requirements:
        compile_operator = operators.get(requirement.operator)
        is_sound = is_label_key(requirement.key) and all(is_label_value(value) for value in requirement.values)
        matcher = compile_operator(requirement.key, requirement.values) if compile_operator and is_sound else None
        if matcher is None:
            return _never
        matchers.append(matcher)
    if len(matchers) == 1:
        return matchers[0]
    return lambda labels: all(matcher(labels) for matcher in matchers)


def _field_checks(expressions: Iterable[SelectorRequirement]) -> list[ClusterMatcher]:
    """Checks of a field selector: zones one by one, provider and region together as if they were labels."""
    checks: list[ClusterMatcher] = []
    others: list[SelectorRequirement] = []
    for expression in expressions:
        if expression.key == _ZONE:
            checks.append(_zone_check(expression))
        else:
            others.append(expression)
    if others:
        match_fields = _all_requirements(others, _NODE_OPERATORS)
        checks.append(lambda cluster: match_fields(_fields_of(cluster)))
    return checks


def _zone_check(expression: SelectorRequirement) -> ClusterMatcher:
    """A cluster may have several zones: In wants one of them, NotIn none of them."""
    zones = frozenset(expression.values)
    match expression.operator:
        case "In":
            return lambda cluster: not zones.isdisjoint(cluster.zones)
        case "NotIn":
            return lambda cluster: zones.isdisjoint(cluster.zones)
        case "Exists":
            return lambda cluster: bool(cluster.zones)
        case "DoesNotExist":
            return lambda cluster: not cluster.zones
        case _:
            return _never


def _fields_of(cluster: Cluster) -> Mapping[str, str]:
    """The fields that a field selector sees; an empty one is absent."""
    fields = {"provider": cluster.provider, "region": cluster.region}
    return {key: value for key, value in fields.items() if value}


def _always(_: object) -> bool:
    return True


def _never(_: object) -> bool:
    return False


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """core/v1 Toleration.ToleratesTaint; an empty effect or key is any, and no numeric comparison."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator in ("", "Equal"):
        return toleration.value == taint.value
    return toleration.operator == "Exists"
