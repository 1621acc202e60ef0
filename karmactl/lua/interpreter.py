"""The Interpreter of customizations: scripts asked through the port that the core knows, results read as Karmada does.

Source: Karmada pkg/resourceinterpreter/customized/declarative/{configurable.go,luavm/lua.go}.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from karmactl.core.interpret.references import verify_dependencies
from karmactl.core.interpret.tables import (
    components_from,
    dependencies_from,
    failed,
    replicas_from,
    requirements_from,
    settle,
    settle_empty,
)
from karmactl.core.model.binding import AggregatedStatusItem, Component, DependentObjectReference
from karmactl.core.model.input import Customization
from karmactl.core.model.interpreter import Operation, ReplicaDemand
from karmactl.core.model.manifest import JSONValue, Manifest, api_version_of, as_mapping, kind_of, ref_of
from karmactl.errors import InputError, InternalError, Location
from karmactl.lua.customization import FUNCTIONS, Script, scripts_by_kind
from karmactl.lua.sandbox import Limits, LuaValue, Sandbox

__all__ = ["LuaInterpreter"]

_NO_TABLE = "expect the returned requires type is table but got"


class LuaInterpreter:
    """The Interpreter for the kinds that customizations name; `now` is the time that scripts see, in epoch seconds."""

    def __init__(
        self,
        customizations: Iterable[Customization],
        *,
        limits: Limits | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._scripts = scripts_by_kind(customizations)
        self._clock = now
        self._fixed_now: float | None = None
        self._sandbox = Sandbox(limits, now=self._time)

    def is_enabled(self, operation: Operation, api_version: str, kind: str) -> bool:
        return operation in self._scripts.get((api_version, kind), {})

    def interpret_replica(self, manifest: Manifest) -> ReplicaDemand:
        replicas, requirements = self._call(Operation.INTERPRET_REPLICA, manifest, (manifest,), count=2)
        if replicas.type != "number":
            raise failed(f"result type {replicas.type} is not number")
        if requirements.type not in ("table", "nil"):
            raise failed(f"{_NO_TABLE} {requirements.type}")
        return ReplicaDemand(replicas=replicas_from(replicas.value), requirements=requirements_from(requirements.value))

    def interpret_component(self, manifest: Manifest) -> tuple[Component, ...]:
        (result,) = self._call(Operation.INTERPRET_COMPONENT, manifest, (manifest,))
        if result.type not in ("table", "nil"):
            raise failed(f"expected result type 'table' or 'nil' from GetComponents, but got '{result.type}'")
        return components_from(result.value)

    def revise_replica(self, manifest: Manifest, replicas: int) -> Manifest:
        (result,) = self._call(Operation.REVISE_REPLICA, manifest, (manifest, replicas))
        return settle_empty(_object(result), (manifest,))

    def retain(self, desired: Manifest, observed: Manifest) -> Manifest:
        (result,) = self._call(Operation.RETAIN, desired, (desired, observed))
        return settle_empty(_object(result), (desired, observed))

    def aggregate_status(self, manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        self._fixed_now = datetime.fromisoformat(now).timestamp()
        try:
            # Scripts get nil instead of an empty list.
            statuses: JSONValue = [_item(item) for item in items] or None
            (result,) = self._call(Operation.AGGREGATE_STATUS, manifest, (manifest, statuses))
        finally:
            self._fixed_now = None
        return settle_empty(_object(result))

    def interpret_dependency(self, manifest: Manifest) -> tuple[DependentObjectReference, ...]:
        found: list[JSONValue] = []
        for script in self._scripts_for(Operation.INTERPRET_DEPENDENCY, manifest):
            (result,) = self._run(script, Operation.INTERPRET_DEPENDENCY, (manifest,), 1)
            if result.type != "table":
                raise failed(f"{_NO_TABLE} {result.type}")
            verify_dependencies(manifest, dependencies_from(result.value))
            found.extend(result.value if isinstance(result.value, list) else ())
        return dependencies_from(found)

    def interpret_status(self, manifest: Manifest) -> JSONValue:
        (result,) = self._call(Operation.INTERPRET_STATUS, manifest, (manifest,))
        if result.type != "table":
            raise failed(f"expect the returned replica type is table but got {result.type}")
        return settle(result.value or {})

    def interpret_health(self, manifest: Manifest) -> bool:
        (result,) = self._call(Operation.INTERPRET_HEALTH, manifest, (manifest,))
        if not isinstance(result.value, bool):
            raise failed(f"result type {result.type} is not bool")
        return result.value

    def _call(
        self, operation: Operation, manifest: Manifest, arguments: Sequence[JSONValue], count: int = 1
    ) -> list[LuaValue]:
        return self._run(self._scripts_for(operation, manifest)[0], operation, arguments, count)

    def _run(self, script: Script, operation: Operation, arguments: Sequence[JSONValue], count: int) -> list[LuaValue]:
        try:
            return self._sandbox.call(script.source, script.name, FUNCTIONS[operation], arguments, count)
        except InputError as error:
            raise InputError(error.code, error.message, location=_place(script, error.message)) from error

    def _scripts_for(self, operation: Operation, manifest: Manifest) -> tuple[Script, ...]:
        scripts = self._scripts.get((api_version_of(manifest), kind_of(manifest)), {}).get(operation)
        if not scripts:
            raise InternalError("interpreter-missing", f"no script for {operation.value} on {ref_of(manifest)}")
        return scripts

    def _time(self) -> float:
        return self._clock() if self._fixed_now is None else self._fixed_now


def _place(script: Script, message: str) -> Location | None:
    """The line of the file that a message speaks of (`script NAME:LINE: ...`); the script's first where it has none."""
    if script.begin is None:
        return None
    match = re.match(rf"script {re.escape(script.name)}:(\d+):", message)
    line = int(match.group(1)) if match else 1
    return replace(script.begin, line=(script.begin.line or 1) + line - 1)


def _object(result: LuaValue) -> Manifest:
    if result.type != "table":
        raise failed(f"{_NO_TABLE} {result.type}")
    manifest = as_mapping(result.value)
    if not isinstance(manifest.get("kind"), str) or not manifest["kind"]:
        raise failed("Object 'Kind' is missing in what the script returned")
    return manifest


def _item(item: AggregatedStatusItem) -> JSONValue:
    table: dict[str, JSONValue] = {"clusterName": item.cluster_name}
    if item.status is not None:
        table["status"] = item.status
    if item.applied:
        table["applied"] = True
    if item.applied_message:
        table["appliedMessage"] = item.applied_message
    if item.health:
        table["health"] = item.health
    return table
