"""Several interpreters as one: the first that has an answer for an operation on a kind gives it.

Customizations come before Karmada's rules for third-party kinds, and those before the native ones. An error is an
answer too: it does not fall through. Source: Karmada pkg/resourceinterpreter/interpreter.go.
"""

from __future__ import annotations

from collections.abc import Sequence

from karmactl.core.model.binding import AggregatedStatusItem, Component, DependentObjectReference
from karmactl.core.model.interpreter import Interpreter, Operation, ReplicaDemand
from karmactl.core.model.manifest import JSONValue, Manifest, api_version_of, kind_of, ref_of
from karmactl.errors import InternalError

__all__ = ["InterpreterChain"]


class InterpreterChain:
    """An Interpreter that asks others, in order."""

    def __init__(self, interpreters: Sequence[Interpreter]) -> None:
        self._interpreters = tuple(interpreters)

    def is_enabled(self, operation: Operation, api_version: str, kind: str) -> bool:
        return any(interpreter.is_enabled(operation, api_version, kind) for interpreter in self._interpreters)

    def interpret_replica(self, manifest: Manifest) -> ReplicaDemand:
        return self._first(Operation.INTERPRET_REPLICA, manifest).interpret_replica(manifest)

    def interpret_component(self, manifest: Manifest) -> tuple[Component, ...]:
        return self._first(Operation.INTERPRET_COMPONENT, manifest).interpret_component(manifest)

    def revise_replica(self, manifest: Manifest, replicas: int) -> Manifest:
        return self._first(Operation.REVISE_REPLICA, manifest).revise_replica(manifest, replicas)

    def retain(self, desired: Manifest, observed: Manifest) -> Manifest:
        return self._first(Operation.RETAIN, desired).retain(desired, observed)

    def aggregate_status(self, manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        return self._first(Operation.AGGREGATE_STATUS, manifest).aggregate_status(manifest, items, now)

    def interpret_dependency(self, manifest: Manifest) -> tuple[DependentObjectReference, ...]:
        return self._first(Operation.INTERPRET_DEPENDENCY, manifest).interpret_dependency(manifest)

    def interpret_status(self, manifest: Manifest) -> JSONValue:
        return self._first(Operation.INTERPRET_STATUS, manifest).interpret_status(manifest)

    def interpret_health(self, manifest: Manifest) -> bool:
        return self._first(Operation.INTERPRET_HEALTH, manifest).interpret_health(manifest)

    def _first(self, operation: Operation, manifest: Manifest) -> Interpreter:
        for interpreter in self._interpreters:
            if interpreter.is_enabled(operation, api_version_of(manifest), kind_of(manifest)):
                return interpreter
        raise InternalError("interpreter-missing", f"nobody answers {operation.value} for {ref_of(manifest)}")
