"""What overrides do to an object, told field by field: which rules touch it, and which of them has the last word.

Nothing is decided here: the origins that `ObjectOverrides.apply` left in the Works are put in order for people. Two
rules contradict each other where a later one leaves another value at a field that an earlier one set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from karmactl.core.digest import canonical
from karmactl.core.fieldpath import keyed_path
from karmactl.core.match import Precision, selectors_precision
from karmactl.core.model.change import Masked
from karmactl.core.model.manifest import JSONValue, Manifest, field
from karmactl.core.model.policy import OverridePolicy
from karmactl.core.model.reason import Reason
from karmactl.core.model.trace import OverriddenField, OverrideStep, OverrideTrace
from karmactl.core.model.work import FieldOrigin, Work, WorkFault
from karmactl.core.patch import parse_pointer

__all__ = ["trace_overrides"]

_SENSITIVE: Final = ("/data", "/stringData")
_PRECISION_WORDS: Final = {Precision.KIND: "kind", Precision.LABELS: "labels", Precision.NAME: "name"}


def trace_overrides(
    works: Iterable[Work | WorkFault], template: Manifest, policies: Sequence[OverridePolicy]
) -> tuple[OverrideTrace, ...]:
    """The overrides of one object in the clusters that it goes to; clusters where they do the same share a trace.

    `works` are those of this object alone, one a cluster; `policies` all override policies. Clusters without overrides
    have no trace. In the order of the first cluster of each; values of Secrets are masked.
    """
    traces: dict[bytes, tuple[list[str], Work | WorkFault]] = {}
    for work in works:
        key = _key(work)
        if key:
            traces.setdefault(key, ([], work))[0].append(work.cluster)
    by_name = {policy.title: policy for policy in policies}
    return tuple(_trace(tuple(clusters), work, template, by_name) for clusters, work in traces.values())


def _key(work: Work | WorkFault) -> bytes:
    """What makes two clusters alike; empty where nothing is overridden."""
    if isinstance(work, WorkFault):
        # The message names the cluster.
        override = work.override
        return f"{work.code} {override.name if override else ''} {override.rule_index if override else ''}".encode()
    origins = _override_origins(work)
    if not origins:
        return b""
    rows: list[JSONValue] = [
        [origin.path, origin.source, origin.rule_index, origin.before, origin.after] for origin in origins
    ]
    return canonical(rows)


def _override_origins(work: Work) -> list[FieldOrigin]:
    return [origin for origin in work.origins if origin.type == "override"]


def _trace(
    clusters: tuple[str, ...], work: Work | WorkFault, template: Manifest, policies: Mapping[str, OverridePolicy]
) -> OverrideTrace:
    if isinstance(work, WorkFault):
        return OverrideTrace(clusters=clusters, fault=work)
    origins = _override_origins(work)
    is_secret = (work.resource.group, work.resource.kind) == ("", "Secret")
    steps: dict[str, list[OverrideStep]] = {}
    for position, origin in enumerate(origins):
        masked = is_secret and origin.path.startswith(_SENSITIVE)
        step = OverrideStep(
            source=origin.source,
            rule_index=origin.rule_index or 0,
            location=origin.location,
            before=Masked() if masked and origin.before is not None else origin.before,
            after=Masked() if masked and origin.after is not None else origin.after,
            overruled=_overruled(origin, origins[position + 1 :], template, policies),
        )
        steps.setdefault(origin.path, []).append(step)
    fields = [
        OverriddenField(path=path, keyed_path=keyed_path(path, work.manifest), steps=tuple(entries))
        for path, entries in steps.items()
    ]
    return OverrideTrace(clusters=clusters, fields=tuple(fields))


def _overruled(
    origin: FieldOrigin, later: Sequence[FieldOrigin], template: Manifest, policies: Mapping[str, OverridePolicy]
) -> Reason | None:
    """Who has the last word instead, and by which of Karmada's rules of order; None where nobody contradicts."""
    for other in reversed(later):
        is_other_rule = (other.source, other.rule_index) != (origin.source, origin.rule_index)
        if is_other_rule and f"{origin.path}/".startswith(f"{other.path}/"):
            is_same = _value_below(other.after, origin.path[len(other.path) :]) == origin.after
            return None if is_same else _order(origin, other, template, policies)
    return None


def _value_below(value: JSONValue, pointer: str) -> JSONValue:
    """The value at a pointer inside of another, None where it leads nowhere."""
    for step in parse_pointer(pointer):
        value = field(value, int(step) if isinstance(value, list) and step.isdigit() else step)
    return value


def _order(
    origin: FieldOrigin, other: FieldOrigin, template: Manifest, policies: Mapping[str, OverridePolicy]
) -> Reason:
    """Why `other` comes after `origin`. Source: karmada-io/karmada pkg/util/overridemanager/overridemanager.go."""
    params: dict[str, JSONValue] = {"winner": other.source, "winnerRule": (other.rule_index or 0) + 1}
    if other.source == origin.source:
        return Reason(code="override-later-rule", subject=origin.source, params=params)
    one, two = policies.get(origin.source), policies.get(other.source)
    if one is None or two is None or one.kind != two.kind:
        return Reason(code="override-namespaced-last", subject=origin.source, params=params)
    mine, its = _precision(one, template), _precision(two, template)
    if mine != its:
        words: dict[str, JSONValue] = {"by": _PRECISION_WORDS[mine], "winnerBy": _PRECISION_WORDS[its]}
        return Reason(code="override-more-precise", subject=origin.source, params={**params, **words})
    return Reason(code="override-name-order", subject=origin.source, params=params)


def _precision(policy: OverridePolicy, template: Manifest) -> Precision:
    selectors = policy.spec.resource_selectors
    # A policy without selectors takes every object, as a match of its kind.
    return max(Precision.KIND, selectors_precision(selectors, template)) if selectors else Precision.KIND
