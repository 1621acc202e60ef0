"""The Interpreter of third-party kinds: finds a kind's rules, and settles what they give as Karmada does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from karmactl.core.interpret.references import verify_dependencies
from karmactl.core.interpret.tables import (
    components_from,
    dependencies_from,
    failed,
    replicas_from,
    requirements_from,
    settle_empty,
)
from karmactl.core.interpret.thirdparty.flux import flux_rules
from karmactl.core.interpret.thirdparty.kruise import kruise_rules
from karmactl.core.interpret.thirdparty.kubeflow import kubeflow_rules
from karmactl.core.interpret.thirdparty.ray import RAY_RULES
from karmactl.core.interpret.thirdparty.rules import Globals, KindRules
from karmactl.core.interpret.thirdparty.streaming import streaming_rules
from karmactl.core.interpret.thirdparty.volcano import volcano_rules
from karmactl.core.model.binding import AggregatedStatusItem, Component, DependentObjectReference
from karmactl.core.model.interpreter import Operation, ReplicaDemand
from karmactl.core.model.manifest import JSONValue, Manifest, api_version_of, as_mapping, kind_of, ref_of
from karmactl.errors import InternalError

__all__ = ["ThirdPartyInterpreter"]

_Rule = TypeVar("_Rule")

_ATTRIBUTES: Mapping[Operation, str] = {
    Operation.INTERPRET_REPLICA: "replicas",
    Operation.INTERPRET_COMPONENT: "components",
    Operation.REVISE_REPLICA: "revise",
    Operation.RETAIN: "retain",
    Operation.AGGREGATE_STATUS: "aggregate",
    Operation.INTERPRET_DEPENDENCY: "dependencies",
    Operation.INTERPRET_STATUS: "status",
    Operation.INTERPRET_HEALTH: "health",
}


class ThirdPartyInterpreter:
    """The Interpreter of the third-party kinds that Karmada knows.

    `leaked` is the memory that Karmada's scripts share by accident (see `Globals`); None, the default, has none.
    """

    def __init__(self, leaked: Globals | None = None) -> None:
        self._rules: dict[tuple[str, str], KindRules] = {
            **kruise_rules(leaked),
            **flux_rules(leaked),
            **kubeflow_rules(leaked),
            **volcano_rules(leaked),
            **streaming_rules(leaked),
            **RAY_RULES,
        }

    def is_enabled(self, operation: Operation, api_version: str, kind: str) -> bool:
        rules = self._rules.get((api_version, kind))
        return rules is not None and getattr(rules, _ATTRIBUTES[operation]) is not None

    def interpret_replica(self, manifest: Manifest) -> ReplicaDemand:
        replicas, requirements = _require(self._of(manifest).replicas, manifest)(manifest)
        return ReplicaDemand(replicas=replicas_from(replicas), requirements=requirements_from(requirements))

    def interpret_component(self, manifest: Manifest) -> tuple[Component, ...]:
        return components_from(_require(self._of(manifest).components, manifest)(manifest))

    def revise_replica(self, manifest: Manifest, replicas: int) -> Manifest:
        return settle_empty(_require(self._of(manifest).revise, manifest)(manifest, replicas), (manifest,))

    def retain(self, desired: Manifest, observed: Manifest) -> Manifest:
        retained = _require(self._of(desired).retain, desired)(desired, observed)
        return settle_empty(retained, (desired, observed))

    def aggregate_status(self, manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        return settle_empty(_require(self._of(manifest).aggregate, manifest)(manifest, items, now))

    def interpret_dependency(self, manifest: Manifest) -> tuple[DependentObjectReference, ...]:
        references = dependencies_from(_require(self._of(manifest).dependencies, manifest)(manifest))
        return verify_dependencies(manifest, references)

    def interpret_status(self, manifest: Manifest) -> JSONValue:
        return settle_empty(as_mapping(_require(self._of(manifest).status, manifest)(manifest)))

    def interpret_health(self, manifest: Manifest) -> bool:
        is_healthy = _require(self._of(manifest).health, manifest)(manifest)
        if not isinstance(is_healthy, bool):
            raise failed(f"the health is {is_healthy!r}, not a boolean")
        return is_healthy

    def _of(self, manifest: Manifest) -> KindRules:
        return self._rules.get((api_version_of(manifest), kind_of(manifest)), KindRules())


def _require(rule: _Rule | None, manifest: Manifest) -> _Rule:
    if rule is None:
        raise InternalError("interpreter-missing", f"no third-party rule for {ref_of(manifest)}")
    return rule
