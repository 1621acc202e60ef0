"""What the module of a set gives, and what it may rely on."""

from __future__ import annotations

from typing import Protocol, TypeAlias, cast

from karmactl.core.model.manifest import JSONValue

JSONObject: TypeAlias = "dict[str, JSONValue]"


class OracleSet(Protocol):
    """A module of `tests.oracle` that answers one set of cases."""

    def answer(self, given: JSONObject) -> JSONValue:
        """karmactl's answer to one input, in the form of `want`."""
        ...

    def agrees(self, want: JSONValue, got: JSONValue) -> bool:
        """Whether two answers are equal in the parts that count."""
        ...


def mapping(value: JSONValue) -> JSONObject:
    """The value as a mapping, which it must be."""
    if not isinstance(value, dict):
        raise TypeError(f"expected a mapping, got {value!r}")
    return value


def mappings(value: JSONValue) -> list[JSONObject]:
    """The value as a list of mappings; None is an empty one."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"expected a list, got {value!r}")
    return [mapping(item) for item in value]


def booleans(value: JSONValue) -> dict[str, bool]:
    """The value as a mapping to booleans; None is an empty one."""
    return cast("dict[str, bool]", value or {})
