"""What the inputs as a whole make suspicious: names in policies that are no member, members that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.reason import Reason
from karmactl.core.pipeline.given import PipelineInput

__all__ = ["input_warnings"]


def input_warnings(given: PipelineInput) -> tuple[Reason, ...]:
    """Names in policies that are no member: most often a slip of the pen."""
    known = {cluster.name for cluster in given.clusters}
    unknown: dict[str, str] = {}
    for policy in given.inputs.propagation_policies:
        for name in _names_in(policy):
            if name not in known:
                unknown.setdefault(name, f"{policy.kind}/{policy.name}")
    shrunk = {target.name for entry in given.record.templates for target in entry.clusters} - known
    warnings = [
        Reason(
            code="unknown-cluster",
            subject=name,
            params={"policy": policy, "nearest": next(iter(get_close_matches(name, sorted(known), n=1)), "")},
        )
        for name, policy in sorted(unknown.items())
    ]
    return (*warnings, *(Reason(code="fleet-shrank", subject=name) for name in sorted(shrunk)))


def _names_in(policy: PropagationPolicy) -> Iterator[str]:
    placement = policy.spec.placement
    if placement.cluster_affinity is not None:
        yield from placement.cluster_affinity.cluster_names
    for term in placement.cluster_affinities or ():
        yield from term.cluster_names
