"""Which policy claims a template: Karmada's matching for templates that nothing claimed before.

A PropagationPolicy of the template's namespace beats every ClusterPropagationPolicy; among one kind the higher explicit
priority wins, then the more precise match, then the smaller name. Policies are indexed by the kinds that they select,
so the work for a template is that of the policies which speak of its kind. The losers are kept, each with its reason.
Source: Karmada pkg/detector/detector.go (EventFilter, LookForMatchedPolicy), compare.go; v1.19.

Differs from Karmada: claims are fresh in each run, so preemption has no effect here (design: claims are not sticky).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from karmactl.core.match import LabelMatcher, Precision, label_matcher
from karmactl.core.model.binding import PolicyCandidate, PolicyMatch
from karmactl.core.model.manifest import Manifest, api_version_of, kind_of, labels_of, name_of, namespace_of
from karmactl.core.model.policy import OverridePolicy, PropagationPolicy, ResourceSelector
from karmactl.core.model.reason import Reason

__all__ = ["is_reserved_namespace", "match_policies"]

_RESERVED_NAMESPACES: Final = frozenset({"karmada-system", "karmada-cluster"})
# The first holds Works; the second is the default of --skipped-propagating-namespaces.
_RESERVED_PREFIXES: Final = ("karmada-es-", "kube-")


def is_reserved_namespace(namespace: str) -> bool:
    """Whether Karmada never looks at templates of a namespace (`default` is not one of them)."""
    return namespace in _RESERVED_NAMESPACES or namespace.startswith(_RESERVED_PREFIXES)


def match_policies(
    templates: Sequence[Manifest],
    policies: Sequence[PropagationPolicy],
    *,
    override_policies: Sequence[OverridePolicy] | None = None,
) -> list[PolicyMatch]:
    """One match a template, in the order of the templates.

    With `override_policies` (None: not looked at) a winner whose `dependentOverrides` do not all exist is reported with
    the names of those missing; the next best policy does not take its place.
    """
    index = _PolicyIndex.of(policies)
    overrides = None
    if override_policies is not None:
        overrides = frozenset((policy.namespace, policy.name) for policy in override_policies)
    return [_match_template(template, index, overrides) for template in templates]


@dataclass(frozen=True, slots=True)
class _Selector:
    """One selector of a policy, compiled; what it speaks of (kind, name) is in the index."""

    policy_position: int
    namespace: str
    labels: LabelMatcher | None

    def precision(self, template_namespace: str, template_labels: Mapping[str, str]) -> Precision:
        if self.namespace and self.namespace != template_namespace:
            return Precision.NONE
        if self.labels is None:
            return Precision.KIND
        return Precision.LABELS if self.labels(template_labels) else Precision.NONE


@dataclass(slots=True)
class _KindEntry:
    """The selectors for one kind; those by name, and those that ask for a label, apart: there may be thousands."""

    by_name: dict[str, list[_Selector]] = field(default_factory=lambda: defaultdict(list))
    by_label: dict[tuple[str, str], list[_Selector]] = field(default_factory=lambda: defaultdict(list))
    general: list[_Selector] = field(default_factory=list)

    def add(self, position: int, selector: ResourceSelector) -> None:
        """File a selector of the policy at a position."""
        if selector.name:
            self.by_name[selector.name].append(_Selector(position, selector.namespace, None))
            return
        labels = selector.label_selector
        compiled = _Selector(position, selector.namespace, None if labels is None else label_matcher(labels))
        if labels is not None and labels.match_labels:
            # One pair has to be there in any case; the matcher looks at the rest.
            self.by_label[next(iter(labels.match_labels.items()))].append(compiled)
        else:
            self.general.append(compiled)

    def asking(self, labels: Mapping[str, str]) -> Iterator[_Selector]:
        """The selectors without a name that may match an object with these labels."""
        yield from self.general
        if self.by_label:
            for key, value in labels.items():
                # An object that no API server has seen may hold anything there.
                if isinstance(value, str):
                    yield from self.by_label.get((key, value), ())


@dataclass(frozen=True, slots=True)
class _PolicyIndex:
    """Policies by (policy namespace, apiVersion, kind) that they select; cluster-wide ones under namespace ""."""

    candidates: tuple[tuple[PolicyCandidate, PolicyCandidate, PolicyCandidate], ...]
    entries: dict[tuple[str, str, str], _KindEntry]

    @classmethod
    def of(cls, policies: Sequence[PropagationPolicy]) -> _PolicyIndex:
        entries: dict[tuple[str, str, str], _KindEntry] = defaultdict(_KindEntry)
        candidates = []
        for position, policy in enumerate(policies):
            candidates.append(_candidates_of(policy))
            if policy.is_deleting:
                continue
            for selector in policy.spec.resource_selectors:
                entry = entries[policy.namespace, selector.api_version, selector.kind]
                entry.add(position, selector)
        return cls(tuple(candidates), dict(entries))

    def find(self, scope: str, template: Manifest) -> list[PolicyCandidate]:
        """The policies of a scope that match a template, best first."""
        entry = self.entries.get((scope, api_version_of(template), kind_of(template)))
        if entry is None:
            return []
        namespace, labels = namespace_of(template), labels_of(template)
        best: dict[int, Precision] = {}
        for selector in entry.by_name.get(name_of(template), ()):
            if not selector.namespace or selector.namespace == namespace:
                best[selector.policy_position] = Precision.NAME
        for selector in entry.asking(labels):
            position = selector.policy_position
            precision = selector.precision(namespace, labels)
            if precision > best.get(position, Precision.NONE):
                best[position] = precision
        found = [self.candidates[position][precision - 1] for position, precision in best.items()]
        found.sort(key=_rank)
        return found


def _candidates_of(policy: PropagationPolicy) -> tuple[PolicyCandidate, PolicyCandidate, PolicyCandidate]:
    """The candidates that a policy can be, by precision; made once, shared by all templates."""
    by_kind, by_labels, by_name = (
        PolicyCandidate(policy=policy, priority=policy.spec.priority or 0, implicit_priority=int(precision))
        for precision in (Precision.KIND, Precision.LABELS, Precision.NAME)
    )
    return by_kind, by_labels, by_name


def _rank(candidate: PolicyCandidate) -> tuple[int, int, str]:
    return (-candidate.priority, -candidate.implicit_priority, candidate.policy.name)


def _match_template(
    template: Manifest, index: _PolicyIndex, overrides: frozenset[tuple[str, str]] | None
) -> PolicyMatch:
    namespace = namespace_of(template)
    if is_reserved_namespace(namespace):
        return PolicyMatch(template=template, is_skipped=True)
    namespaced = index.find(namespace, template) if namespace else []
    cluster_wide = index.find("", template)
    ranked = [*namespaced, *cluster_wide]
    if not ranked:
        return PolicyMatch(template=template)
    winner, *losers = ranked
    missing: tuple[str, ...] = ()
    if overrides is not None:
        policy = winner.policy
        missing = tuple(name for name in policy.spec.dependent_overrides if (policy.namespace, name) not in overrides)
    return PolicyMatch(
        template=template,
        winner=winner,
        losers=tuple((loser, _why_lost(winner, loser)) for loser in losers),
        missing_overrides=missing,
    )


def _why_lost(winner: PolicyCandidate, loser: PolicyCandidate) -> Reason:
    """The first rule by which the winner came before the loser, with the values that it compared."""
    if winner.policy.kind != loser.policy.kind:
        return Reason(code="namespaced-wins", subject=loser.policy.name, params={"winner": winner.policy.name})
    if winner.priority != loser.priority:
        return _lost_by("lower-priority", winner, loser, winner.priority, loser.priority)
    if winner.implicit_priority != loser.implicit_priority:
        return _lost_by("less-specific", winner, loser, winner.implicit_priority, loser.implicit_priority)
    return Reason(code="name-order", subject=loser.policy.name, params={"winner": winner.policy.name})


def _lost_by(code: str, winner: PolicyCandidate, loser: PolicyCandidate, more: int, less: int) -> Reason:
    return Reason(
        code=code,
        subject=loser.policy.name,
        params={"winner": winner.policy.name, "winnerValue": more, "value": less},
    )
