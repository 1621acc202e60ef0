"""ResourceInterpreterCustomizations as values: which script answers which operation on which kind.

Several customizations of one kind are merged by name: the first that has a script for a rule gives it, but for
dependencies, where all scripts are asked. Source: Karmada pkg/apis/config/v1alpha1/
resourceinterpretercustomization_types.go, pkg/resourceinterpreter/customized/declarative/configmanager/accessor.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from karmactl.core.model.input import Customization
from karmactl.core.model.interpreter import Operation
from karmactl.core.model.manifest import as_mapping, as_str, field, kind_of, name_of
from karmactl.errors import Location

__all__ = ["FUNCTIONS", "KIND", "RULES", "Script", "scripts_by_kind"]

KIND: Final = "ResourceInterpreterCustomization"

RULES: Final[Mapping[Operation, str]] = {
    Operation.INTERPRET_REPLICA: "replicaResource",
    Operation.INTERPRET_COMPONENT: "componentResource",
    Operation.REVISE_REPLICA: "replicaRevision",
    Operation.RETAIN: "retention",
    Operation.AGGREGATE_STATUS: "statusAggregation",
    Operation.INTERPRET_DEPENDENCY: "dependencyInterpretation",
    Operation.INTERPRET_STATUS: "statusReflection",
    Operation.INTERPRET_HEALTH: "healthInterpretation",
}

FUNCTIONS: Final[Mapping[Operation, str]] = {
    Operation.INTERPRET_REPLICA: "GetReplicas",
    Operation.INTERPRET_COMPONENT: "GetComponents",
    Operation.REVISE_REPLICA: "ReviseReplica",
    Operation.RETAIN: "Retain",
    Operation.AGGREGATE_STATUS: "AggregateStatus",
    Operation.INTERPRET_DEPENDENCY: "GetDependencies",
    Operation.INTERPRET_STATUS: "ReflectStatus",
    Operation.INTERPRET_HEALTH: "InterpretHealth",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script and the name by which messages speak of it: `customization/rule`; `begin` is its first line."""

    name: str
    source: str
    begin: Location | None = None


def scripts_by_kind(
    customizations: Iterable[Customization],
) -> dict[tuple[str, str], dict[Operation, tuple[Script, ...]]]:
    """For each (apiVersion, kind) the scripts by operation: one, or several for dependencies."""
    found: dict[tuple[str, str], dict[Operation, tuple[Script, ...]]] = {}
    ordered = [entry for entry in customizations if kind_of(entry.manifest) == KIND]
    for entry in sorted(ordered, key=lambda entry: name_of(entry.manifest)):
        customization = entry.manifest
        target = field(customization, "spec", "target")
        scripts = found.setdefault((as_str(field(target, "apiVersion")), as_str(field(target, "kind"))), {})
        rules = as_mapping(field(customization, "spec", "customizations"))
        for operation, rule in RULES.items():
            source = as_str(field(rules, rule, "luaScript"))
            if not source:
                continue
            begin = entry.script_locations.get(f"/spec/customizations/{rule}/luaScript")
            script = Script(name=f"{name_of(customization)}/{rule}", source=source, begin=begin)
            if operation is Operation.INTERPRET_DEPENDENCY:
                scripts[operation] = (*scripts.get(operation, ()), script)
            else:
                scripts.setdefault(operation, (script,))
    return found
