"""Which override rules apply to an object on a cluster, and in which order.

Cluster override policies come first, then those of the object's namespace, matched against what the former made of it.
Inside each group the weaker match comes first and then the smaller name, so that the most specific has the last word;
within a policy every rule whose clusters match applies, in list order. What depends on the policies alone is prepared
once, what depends on the object once an object; per cluster there is a look-up and the patches.
Source: Karmada pkg/util/overridemanager/overridemanager.go (ApplyOverridePolicies, getOverridersFromOverridePolicies).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from karmactl.core.match import LabelMatcher, Precision, cluster_matcher, label_matcher
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import (
    Manifest,
    ResourceRef,
    api_version_of,
    kind_of,
    labels_of,
    metadata_of,
    name_of,
    namespace_of,
    ref_of,
)
from karmactl.core.model.policy import OverridePolicy, Overriders, OverrideRule, ResourceSelector
from karmactl.core.model.work import AppliedOverride, FieldOrigin, Overridden, WorkFault
from karmactl.core.override.rules import apply_overriders, plaintext_operations
from karmactl.core.patch import Change, PatchOperation
from karmactl.errors import PolicyError

__all__ = ["ObjectOverrides", "OverrideSet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A rule made ready: who applies it, its one plaintext patch, and the names of its clusters (None: all)."""

    applied: AppliedOverride
    overriders: Overriders
    plaintext: tuple[PatchOperation, ...]
    clusters: frozenset[str] | None

    def is_for(self, cluster: str) -> bool:
        return self.clusters is None or cluster in self.clusters


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selector:
    """A resource selector with its label selector compiled."""

    namespace: str
    name: str
    labels: LabelMatcher | None

    def precision(self, manifest: Manifest) -> Precision:
        if self.namespace and self.namespace != namespace_of(manifest):
            return Precision.NONE
        if self.name:
            return Precision.NAME if self.name == name_of(manifest) else Precision.NONE
        if self.labels is None:
            return Precision.KIND
        return Precision.LABELS if self.labels(_readable_labels(manifest)) else Precision.NONE


class _Group:
    """The policies of one scope, found by kind; those without selectors take every object as a match of the kind."""

    def __init__(self) -> None:
        self._for_all: list[tuple[str, tuple[_Rule, ...]]] = []
        self._by_kind: dict[tuple[str, str], list[tuple[str, tuple[_Rule, ...], list[_Selector]]]] = {}

    def add(self, policy: OverridePolicy, rules: tuple[_Rule, ...]) -> None:
        if not policy.spec.resource_selectors:
            self._for_all.append((policy.name, rules))
            return
        by_kind: dict[tuple[str, str], list[_Selector]] = {}
        for selector in policy.spec.resource_selectors:
            by_kind.setdefault((selector.api_version, selector.kind), []).append(_compile_selector(selector))
        for key, selectors in by_kind.items():
            self._by_kind.setdefault(key, []).append((policy.name, rules, selectors))

    def rules_for(self, manifest: Manifest) -> tuple[_Rule, ...]:
        """The rules of all policies that match, in the order of application."""
        matching = [(Precision.KIND, name, rules) for name, rules in self._for_all]
        for name, rules, selectors in self._by_kind.get((api_version_of(manifest), kind_of(manifest)), ()):
            precision = max(selector.precision(manifest) for selector in selectors)
            if precision is not Precision.NONE:
                matching.append((precision, name, rules))
        matching.sort(key=lambda match: match[:2])
        return tuple(rule for _, _, rules in matching for rule in rules)


class OverrideSet:
    """All override policies of a run, made ready for many objects on many clusters."""

    def __init__(self, policies: Iterable[OverridePolicy], clusters: Sequence[Cluster]) -> None:
        self._cluster_wide = _Group()
        self._by_namespace: dict[str, _Group] = {}
        for policy in policies:
            rules = _prepare_rules(policy, clusters)
            if policy.namespace:
                self._by_namespace.setdefault(policy.namespace, _Group()).add(policy, rules)
            else:
                self._cluster_wide.add(policy, rules)

    def match(self, template: Manifest) -> ObjectOverrides:
        """The overrides of one object, on whatever cluster; matching looks at its kind and metadata alone."""
        return ObjectOverrides(
            resource=ref_of(template),
            cluster_rules=self._cluster_wide.rules_for(template),
            namespace_rules=self.namespace_rules(template),
            overrides=self,
        )

    def namespace_rules(self, manifest: Manifest) -> tuple[_Rule, ...]:
        """The rules of the object's own namespace that match it as it is now."""
        group = self._by_namespace.get(namespace_of(manifest)) if namespace_of(manifest) else None
        return group.rules_for(manifest) if group else ()


class ObjectOverrides:
    """The override rules of one object, for all clusters.

    Clusters with the same rules get the same object: what a selection of rules made of a manifest is remembered, for
    the last few.
    """

    def __init__(
        self,
        *,
        resource: ResourceRef,
        cluster_rules: tuple[_Rule, ...],
        namespace_rules: tuple[_Rule, ...],
        overrides: OverrideSet,
    ) -> None:
        self._resource = resource
        self._cluster_rules = cluster_rules
        self._namespace_rules = namespace_rules
        self._overrides = overrides
        self._made: dict[_Key, _Step] = {}

    def apply(self, manifest: Manifest, cluster: str) -> Overridden | WorkFault:
        """The object for one cluster after all rules, or why one of them does not apply (then none does).

        `manifest` is the matched template as it stands before overrides on that cluster; it is left as it is.
        """
        first = self._step(_Step(overridden=Overridden(manifest=manifest)), self._cluster_rules, cluster)
        if isinstance(first, WorkFault):
            return first
        namespace_rules = self._namespace_rules
        if _changes_identity(manifest, first.overridden.manifest):
            namespace_rules = self._overrides.namespace_rules(first.overridden.manifest)
        second = self._step(first, namespace_rules, cluster)
        return second if isinstance(second, WorkFault) else second.overridden

    def _step(self, before: _Step, rules: tuple[_Rule, ...], cluster: str) -> _Step | WorkFault:
        """The object after those of the rules that are for the cluster."""
        selected = tuple(rule for rule in rules if rule.is_for(cluster))
        if not selected:
            return before
        # The rules before count too: one that changes nothing leaves the very same manifest.
        rules_so_far = (*before.overridden.applied, *(rule.applied for rule in selected))
        key = (id(before.overridden.manifest), *map(id, rules_so_far))
        known = self._made.get(key)
        if known is not None:
            return known
        run = _Run(before.overridden, self._resource, cluster)
        for rule in selected:
            if fault := run.apply(rule):
                return fault
        if len(self._made) >= _REMEMBERED:
            self._made.clear()
        # The manifest that the key speaks of is kept with it, so that its id stays its own.
        made = _Step(overridden=run.overridden, source=before.overridden.manifest)
        self._made[key] = made
        return made


_Key: TypeAlias = "tuple[int, ...]"
_REMEMBERED: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What some rules made of `source`."""

    overridden: Overridden
    source: Manifest | None = None


class _Run:
    """One object on its way through the rules for one cluster."""

    def __init__(self, before: Overridden, resource: ResourceRef, cluster: str) -> None:
        self._manifest = before.manifest
        self._applied = list(before.applied)
        self._origins = list(before.origins)
        self._resource = resource
        self._cluster = cluster

    @property
    def overridden(self) -> Overridden:
        """The object so far."""
        return Overridden(manifest=self._manifest, applied=tuple(self._applied), origins=tuple(self._origins))

    def apply(self, rule: _Rule) -> WorkFault | None:
        applied = rule.applied
        try:
            self._manifest, changes = apply_overriders(self._manifest, rule.overriders, rule.plaintext)
        except PolicyError as exc:
            return WorkFault(
                cluster=self._cluster,
                resource=self._resource,
                code=exc.code,
                message=f"{applied.title}, rule {applied.rule_index + 1}, does not apply to {self._resource}"
                f" for cluster {self._cluster}: {exc.message}",
                override=applied,
            )
        self._applied.append(applied)
        self._origins.extend(_origin(applied, change) for change in changes)
        return None


def _changes_identity(before: Manifest, after: Manifest) -> bool:
    """Whether anything that selectors look at may have changed; a patch copies what it touches."""
    if after is before:
        return False
    return (
        api_version_of(after) != api_version_of(before)
        or kind_of(after) != kind_of(before)
        or metadata_of(after) is not metadata_of(before)
    )


def _prepare_rules(policy: OverridePolicy, clusters: Sequence[Cluster]) -> tuple[_Rule, ...]:
    spec = policy.spec
    # The deprecated pair counts as one rule, where there is no list.
    rules = spec.override_rules or (OverrideRule(target_cluster=spec.target_cluster, overriders=spec.overriders),)
    prepared = []
    for index, rule in enumerate(rules):
        location = policy.rule_locations[index] if index < len(policy.rule_locations) else None
        targets = None
        if rule.target_cluster is not None:
            is_target = cluster_matcher(rule.target_cluster)
            targets = frozenset(cluster.name for cluster in clusters if is_target(cluster))
        applied = AppliedOverride(
            kind=policy.kind,
            namespace=policy.namespace,
            name=policy.name,
            rule_index=index,
            overriders=rule.overriders,
            location=location or policy.location,
        )
        prepared.append(
            _Rule(
                applied=applied,
                overriders=rule.overriders,
                plaintext=plaintext_operations(rule.overriders),
                clusters=targets,
            )
        )
    return tuple(prepared)


def _compile_selector(selector: ResourceSelector) -> _Selector:
    labels = selector.label_selector
    return _Selector(
        namespace=selector.namespace,
        name=selector.name,
        labels=None if labels is None else label_matcher(labels),
    )


def _readable_labels(manifest: Manifest) -> dict[str, str]:
    """The labels; none at all where one of them is no text, which is how Kubernetes reads such an object."""
    labels = dict(labels_of(manifest))
    return labels if all(isinstance(value, str) for value in labels.values()) else {}


def _origin(applied: AppliedOverride, change: Change) -> FieldOrigin:
    return FieldOrigin(
        path=change.path,
        type="override",
        source=applied.title,
        rule_index=applied.rule_index,
        location=applied.location,
        before=change.before,
        after=change.after,
    )
