"""The stages joined: match, bind, schedule, then what follows others; CRDs first."""

from __future__ import annotations

from collections.abc import Iterable

from karmactl.core.facts import add_apis
from karmactl.core.model.manifest import as_list, as_str
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.plan import Decision
from karmactl.core.pipeline.decided import Decided
from karmactl.core.pipeline.follow import attach_dependencies, attach_namespaces, with_previous
from karmactl.core.pipeline.given import PipelineInput
from karmactl.core.pipeline.stage import Stage
from karmactl.core.select import match_policies

__all__ = ["decide", "decide_removal"]

_CRD = "CustomResourceDefinition"


def decide(given: PipelineInput) -> Decided:
    """Every template's decision. CRDs go first: what they define is served wherever they are placed.

    Raises PlacementError `capacity-unknown` where capacity decides and nobody knows it.
    """
    matches = match_policies(
        [template.manifest for template in given.inputs.templates],
        given.inputs.propagation_policies,
        override_policies=given.inputs.override_policies,
    )
    pairs = list(zip(given.inputs.templates, matches, strict=True))
    definitions = [pair for pair in pairs if pair[0].ref.kind == _CRD]
    stage = Stage(given, given.clusters)
    decided = {template.ref.identity: stage.decide(template, match) for template, match in definitions}
    if definitions:
        stage = Stage(given, add_apis(given.clusters, _kinds_by_cluster(decided.values())))
    for template, match in pairs:
        if template.ref.identity not in decided:
            decided[template.ref.identity] = stage.decide(template, match)
    decisions = attach_dependencies(given, [decided[template.ref.identity] for template, _ in pairs])
    return Decided(given, with_previous(given.record, attach_namespaces(given, decisions)))


def decide_removal(given: PipelineInput) -> Decided:
    """The decision of `delete`: nothing is wanted any more, everything that the set holds goes."""
    return Decided(given, (), is_removal=True)


def _kinds_by_cluster(decisions: Iterable[Decision]) -> dict[str, list[tuple[str, str]]]:
    """(apiVersion, kind) pairs that the CRDs placed in each cluster will serve."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for decision in decisions:
        spec = field_at(decision.template.manifest, "spec")
        group, kind = as_str(field_at(spec, "group")), as_str(field_at(spec, "names", "kind"))
        served = [
            (f"{group}/{as_str(field_at(version, 'name'))}", kind)
            for version in as_list(field_at(spec, "versions"))
            if field_at(version, "served") is True
        ]
        for target in decision.targets:
            kinds.setdefault(target.name, []).extend(served)
    return kinds
