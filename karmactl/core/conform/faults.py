"""What is wrong with an object, as data: where, of which sort, and in words.

A path is kept as a linked list while an object is walked, since most objects have no fault: `((None, "spec"), "x")`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from karmactl.core.model.manifest import JSONValue

__all__ = ["Fault", "Report", "Trail", "describe", "dotted", "join"]

Trail: TypeAlias = "tuple[Trail, str | int] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of an object. `text` goes on from the path: "must be an integer, not a list".

    Codes: `unknown-field`, `wrong-type`, `field-missing`, `invalid-value`, `duplicate-item`, `unknown-kind`.
    """

    code: str
    path: tuple[str | int, ...]
    text: str
    hint: str = ""

    @property
    def message(self) -> str:
        """The whole sentence."""
        return f"{dotted(self.path)} {self.text}" if self.path else self.text


class Report:
    """Collects the faults of one object."""

    __slots__ = ("faults",)

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, code: str, trail: Trail, text: str, hint: str = "") -> None:
        """One more fault."""
        self.faults.append(Fault(code=code, path=_steps(trail), text=text, hint=hint))

    def has(self, since: int, field: str) -> bool:
        """Whether a fault of this field is among those from the index `since` on."""
        return any(fault.path[-1:] == (field,) for fault in self.faults[since:])

    def invalid(self, trail: Trail, text: str, hint: str = "") -> None:
        """A value that breaks a rule."""
        self.add("invalid-value", trail, text, hint)

    def missing(self, trail: Trail, why: str = "") -> None:
        """A field that must be there, or must not be empty."""
        self.add("field-missing", trail, f"is required{why and ': '}{why}")

    def wrong_type(self, trail: Trail, expected: str, value: JSONValue) -> None:
        """A value of another type than the field has."""
        is_scalar = not isinstance(value, str | dict | list)
        hint = "put it in quotes" if expected == "a text" and is_scalar else ""
        self.add("wrong-type", trail, f"must be {expected}, not {describe(value)}", hint)


def _steps(trail: Trail) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    while trail is not None:
        trail, step = trail
        steps.append(step)
    return tuple(reversed(steps))


def join(trail: Trail, *steps: str | int) -> Trail:
    """The trail, some steps further down."""
    for step in steps:
        trail = (trail, step)
    return trail


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as Kubernetes writes it: `spec.containers[0].image`, `metadata.labels[a.example.com/b]`."""
    text = ""
    for step in path:
        if isinstance(step, int) or not step.isidentifier():
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def describe(value: JSONValue) -> str:
    """A value of a wrong type in words, without its content where it is large."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value!r}" if len(value) <= 80 else "a text"
    if value is None:
        return "null"
    return "a list" if isinstance(value, list) else "a mapping"
