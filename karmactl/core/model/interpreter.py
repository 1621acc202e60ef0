"""The port by which the core asks what an object means: its replicas, dependencies, status and health.

There are four sources for an answer (customizations in Lua, built-in rules for third-party kinds, rules for native
kinds); each is an Interpreter, and a chain of them is one again. All of them are pure. Source: Karmada
pkg/resourceinterpreter/interpreter.go (ResourceInterpreter), pkg/apis/config/v1alpha1 (InterpreterOperation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from karmactl.core.model.binding import (
    AggregatedStatusItem,
    Component,
    DependentObjectReference,
    ReplicaRequirements,
)
from karmactl.core.model.manifest import JSONValue, Manifest

__all__ = ["Interpreter", "Operation", "ReplicaDemand"]


class Operation(Enum):
    """What can be asked of an interpreter, in Karmada's words."""

    INTERPRET_REPLICA = "InterpretReplica"
    INTERPRET_COMPONENT = "InterpretComponent"
    REVISE_REPLICA = "ReviseReplica"
    RETAIN = "Retain"
    AGGREGATE_STATUS = "AggregateStatus"
    INTERPRET_DEPENDENCY = "InterpretDependency"
    INTERPRET_STATUS = "InterpretStatus"
    INTERPRET_HEALTH = "InterpretHealth"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicaDemand:
    """How many replicas a template asks for, and what one of them needs (None: nothing)."""

    replicas: int
    requirements: ReplicaRequirements | None = None


class Interpreter(Protocol):
    """Answers for the kinds that `is_enabled` names; asked for another, a method raises InternalError.

    Every method raises InputError `interpret-failed` where the object is not of its kind's form, or the script of a
    customization fails. No method changes what it is given.
    """

    def is_enabled(self, operation: Operation, api_version: str, kind: str) -> bool:
        """Whether there is an answer for this operation on exactly this group, version and kind."""
        ...

    def interpret_replica(self, manifest: Manifest) -> ReplicaDemand:
        """The replicas of a template, and what one of them needs."""
        ...

    def interpret_component(self, manifest: Manifest) -> tuple[Component, ...]:
        """The parts of a workload that has several pod templates."""
        ...

    def revise_replica(self, manifest: Manifest, replicas: int) -> Manifest:
        """The object with the replicas of one cluster."""
        ...

    def retain(self, desired: Manifest, observed: Manifest) -> Manifest:
        """The desired object with what the member's own copy keeps."""
        ...

    def aggregate_status(self, manifest: Manifest, items: Sequence[AggregatedStatusItem], now: str) -> Manifest:
        """The template with the status that its members' statuses add up to; `now` is RFC 3339 in UTC."""
        ...

    def interpret_dependency(self, manifest: Manifest) -> tuple[DependentObjectReference, ...]:
        """The objects that a template needs beside it, sorted."""
        ...

    def interpret_status(self, manifest: Manifest) -> JSONValue:
        """What of a member's status goes back to the template; None where there is nothing."""
        ...

    def interpret_health(self, manifest: Manifest) -> bool:
        """Whether a member's copy is healthy."""
        ...
