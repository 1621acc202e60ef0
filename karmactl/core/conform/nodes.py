"""The types of the built-in kinds, made ready for walking: each type once, when the first object needs it.

A node checks a value of its type, and all that lies in it. Ten thousand objects are walked in a second, so a scalar
that has its plain Python type, and no rule, costs one comparison.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Final, Protocol, TypeAlias

from karmactl.core.conform.api_types import TYPES
from karmactl.core.conform.faults import Report, Trail
from karmactl.core.conform.texts import TextCheck, read_quantity
from karmactl.core.model.manifest import JSONValue

__all__ = ["SCALARS", "Entry", "ListNode", "MapNode", "Node", "Rule", "StructNode", "nearest", "type_fields"]


class Node(Protocol):
    """A type: finds what does not fit it."""

    def check(self, value: JSONValue, trail: Trail, report: Report) -> None:
        """Add the faults of a value that is not null to the report."""


Rule: TypeAlias = Callable[[Mapping[str, JSONValue], Trail, Report], None]
# The Python type of nearly all values, the rule for them, and the node for all others.
Entry: TypeAlias = "tuple[type | None, TextCheck | None, Node]"

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_MICRO_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_BASE64: Final = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", re.ASCII)


def _is_int(value: JSONValue, bits: int) -> bool:
    # kubectl writes 1.0 and 1e3 as 1 and 1000 before it sends them.
    is_whole = type(value) is int or (type(value) is float and value.is_integer())
    return is_whole and -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)


def _is_base64(value: JSONValue) -> bool:
    return isinstance(value, str) and _BASE64.fullmatch(value.replace("\n", "").replace("\r", "")) is not None


def _is_time(value: JSONValue) -> bool:
    return isinstance(value, str) and (not value or _TIME.fullmatch(value) is not None)


def _is_micro_time(value: JSONValue) -> bool:
    return isinstance(value, str) and (not value or _MICRO_TIME.fullmatch(value) is not None)


def _is_number(value: JSONValue) -> bool:
    return type(value) in (int, float)


def _is_quantity(value: JSONValue) -> bool:
    return not isinstance(value, bool) and read_quantity(value) is not None


class ScalarNode:
    """A scalar; `plain` is the Python type that always fits, where there is one."""

    __slots__ = ("_expected", "_fits", "plain")

    def __init__(self, plain: type | None, fits: Callable[[JSONValue], bool], expected: str) -> None:
        self.plain = plain
        self._fits = fits
        self._expected = expected

    def check(self, value: JSONValue, trail: Trail, report: Report) -> None:
        """A wrong type."""
        if not self._fits(value):
            report.wrong_type(trail, self._expected, value)


SCALARS: Final[Mapping[str, ScalarNode]] = {
    "string": ScalarNode(str, lambda value: isinstance(value, str), "a text"),
    "bool": ScalarNode(bool, lambda value: isinstance(value, bool), "true or false"),
    "int32": ScalarNode(None, lambda value: _is_int(value, 32), "an integer of 32 bits"),
    "int64": ScalarNode(None, lambda value: _is_int(value, 64), "an integer"),
    "number": ScalarNode(None, _is_number, "a number"),
    "quantity": ScalarNode(None, _is_quantity, "a quantity such as 500m or 2Gi"),
    "intOrString": ScalarNode(
        str, lambda value: isinstance(value, str) or _is_int(value, 32), "an integer of 32 bits or a text"
    ),
    "time": ScalarNode(None, _is_time, "a time as in 2026-01-31T12:00:00Z"),
    "microTime": ScalarNode(None, _is_micro_time, "a time as in 2026-01-31T12:00:00.000000Z"),
    "duration": ScalarNode(str, lambda value: isinstance(value, str), "a text"),
    "bytes": ScalarNode(None, _is_base64, "base64"),
    "any": ScalarNode(None, lambda _: True, ""),
}


class ListNode:
    """A list; `keys` are the fields by which a server tells its items apart, empty where it does not."""

    __slots__ = ("_is_set", "_item", "_keys", "_plain", "_test")

    def __init__(self, item: Entry, keys: str) -> None:
        self._plain, self._test, self._item = item
        self._is_set = keys == "set"
        self._keys = tuple(keys.split(",")) if keys and keys != "set" else ()

    def check(self, value: JSONValue, trail: Trail, report: Report) -> None:
        """Wrong types and items that are there twice."""
        if not isinstance(value, list):
            report.wrong_type(trail, "a list", value)
            return
        for index, item in enumerate(value):
            if item is None:
                # A server reads null as an item without fields.
                if isinstance(self._item, StructNode):
                    self._item.check({}, (trail, index), report)
            elif type(item) is not self._plain:
                self._item.check(item, (trail, index), report)
            if self._test is not None and (text := self._test(item)):
                report.invalid((trail, index), text)
        if len(value) > 1 and (self._is_set or self._keys):
            self._check_duplicates(value, trail, report)

    def _check_duplicates(self, items: list[JSONValue], trail: Trail, report: Report) -> None:
        """Server-side apply refuses a list whose items it cannot tell apart, though a create may pass."""
        seen: list[JSONValue] = []
        for index, item in enumerate(items):
            identity = item
            if self._keys:
                if not isinstance(item, dict):
                    continue
                identity = [item.get(key) or _KEY_DEFAULTS.get(key) for key in self._keys]
            if identity in seen:
                keys = " and ".join(self._keys)
                report.add("duplicate-item", (trail, index), f"is there twice{keys and ', by its '}{keys}")
            seen.append(identity)


_KEY_DEFAULTS: Final[Mapping[str, str]] = {"protocol": "TCP"}


class MapNode:
    """A mapping from free keys to values of one type."""

    __slots__ = ("_plain", "_test", "_value")

    def __init__(self, value: Entry) -> None:
        self._plain, self._test, self._value = value

    def check(self, value: JSONValue, trail: Trail, report: Report) -> None:
        """Wrong types."""
        if not isinstance(value, dict):
            report.wrong_type(trail, "a mapping", value)
            return
        for key, item in value.items():
            if type(item) is not self._plain and item is not None:
                self._value.check(item, (trail, key), report)
            if self._test is not None and (text := self._test(item)):
                report.invalid((trail, key), text)


class StructNode:
    """A mapping with known fields. Rules see a value only where the types below it fit."""

    __slots__ = ("fields", "required", "rules")

    def __init__(self) -> None:
        self.fields: dict[str, Entry] = {}
        self.required: tuple[str, ...] = ()
        self.rules: tuple[Rule, ...] = ()

    def check(self, value: JSONValue, trail: Trail, report: Report) -> None:
        """Unknown fields, wrong types, missing fields, and what the rules of the type find."""
        if not isinstance(value, dict):
            report.wrong_type(trail, "a mapping", value)
            return
        count = len(report.faults)
        fields = self.fields
        for key, item in value.items():
            entry = fields.get(key)
            if entry is None:
                self._report_unknown(key, trail, report)
                continue
            plain, test, node = entry
            if item is None:
                continue
            if type(item) is not plain:
                node.check(item, (trail, key), report)
            if test is not None and (text := test(item)):
                report.invalid((trail, key), text)
        for key in self.required:
            if not value.get(key) and not (len(report.faults) > count and report.has(count, key)):
                report.missing((trail, key))
        if self.rules and len(report.faults) == count:
            for rule in self.rules:
                rule(value, trail, report)

    def _report_unknown(self, key: str, trail: Trail, report: Report) -> None:
        near = nearest(key, self.fields)
        report.add("unknown-field", (trail, key), "is no field", f"did you mean {near!r}?" if near else "")


def nearest(word: str, known: Mapping[str, object]) -> str:
    """The known word that is most like another, in any case; "" where none is."""
    by_lower = {name.lower(): name for name in reversed(list(known))}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else ""


def type_fields(name: str) -> dict[str, str]:
    """Field to type expression, as the table has them."""
    pairs = (field.partition(":") for field in TYPES[name].split())
    return {key: expression for key, _, expression in pairs}
