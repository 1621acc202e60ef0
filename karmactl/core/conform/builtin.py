"""Tables to nodes: the type of a built-in kind with the rules for its fields, made when it is first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from karmactl.core.conform.api_types import KINDS
from karmactl.core.conform.definitions import DEFINITION_RULES
from karmactl.core.conform.metadata import METADATA_RULES
from karmactl.core.conform.nodes import (
    SCALARS,
    Entry,
    ListNode,
    MapNode,
    Node,
    Rule,
    StructNode,
    type_fields,
)
from karmactl.core.conform.others import OTHER_RULES
from karmactl.core.conform.pods import POD_RULES
from karmactl.core.conform.tables import FIELD_RULES, UNCHECKED
from karmactl.core.conform.texts import CHECKS, TextCheck
from karmactl.core.conform.workloads import WORKLOAD_RULES
from karmactl.core.model.manifest import JSONValue

__all__ = ["METADATA", "RULES", "builtin_kind", "field_check", "struct_node"]

METADATA: Final = "meta/v1.ObjectMeta"
RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    **DEFINITION_RULES,
    **METADATA_RULES,
    **POD_RULES,
    **WORKLOAD_RULES,
    **OTHER_RULES,
}
_NODES: dict[tuple[str, bool], StructNode] = {}


@cache
def builtin_kind(api_version: str, kind: str) -> StructNode | None:
    """The node of a built-in kind; None for other kinds, and for versions that no release has served."""
    name = KINDS.get(f"{api_version} {kind}")
    return None if name is None else struct_node(name)


def struct_node(name: str, *, is_checked: bool = True) -> StructNode:
    """The node of a type, by its name in the table; `is_checked`: with its rules, else types alone."""
    node = _NODES.get((name, is_checked))
    if node is not None:
        return node
    # Known before its fields are, since types nest in themselves.
    node = _NODES[name, is_checked] = StructNode()
    rules = FIELD_RULES.get(name, {}) if is_checked else {}
    is_kind = name in _KIND_TYPES
    for key, expression in type_fields(name).items():
        is_below_checked = is_checked and not (is_kind and key == "status") and f"{name}.{key}" not in UNCHECKED
        node.fields[key] = _entry(expression, rules.get(key, ""), is_checked=is_below_checked)
    node.required = tuple(key for key, rule in rules.items() if rule.startswith("!"))
    node.rules = RULES.get(name, ()) if is_checked else ()
    return node


_KIND_TYPES: Final = frozenset(KINDS.values())


def _entry(expression: str, rule: str, *, is_checked: bool) -> Entry:
    test = field_check(rule.removeprefix("!").strip())
    if expression.startswith("["):
        keys, _, item = expression[1:].partition("]")
        return _container(ListNode(_item(item, rule, is_checked=is_checked), keys))
    if expression.startswith("{}"):
        return _container(MapNode(_item(expression[2:], rule, is_checked=is_checked)))
    scalar = SCALARS.get(expression)
    if scalar is not None:
        return scalar.plain, test, scalar
    return None, None, struct_node(expression, is_checked=is_checked)


def _container(node: Node) -> Entry:
    return None, None, node


def _item(expression: str, rule: str, *, is_checked: bool) -> Entry:
    """An entry for items: the part of a field's rule that begins with `[]` is theirs."""
    _, mark, item_rule = rule.partition("[]")
    return _entry(expression, item_rule if mark else "", is_checked=is_checked)


@cache
def field_check(rule: str) -> TextCheck | None:
    """The check that a rule of the table names; None for no rule, and for one of items."""
    if not rule or rule.startswith("[]"):
        return None
    if rule.startswith("?"):
        check = CHECKS[rule[1:]]
        return lambda value: check(value) if value else ""
    if ".." in rule:
        low, _, high = rule.partition("..")
        return _range_check(int(low), int(high) if high else None)
    return CHECKS[rule] if rule in CHECKS else _choice_check(tuple(rule.split("|")))


def _range_check(low: int, high: int | None) -> TextCheck:
    def check(value: JSONValue) -> str:
        if not isinstance(value, int | float) or (low <= value and (high is None or value <= high)):
            return ""
        return f"must be {low} or more, not {value}" if high is None else f"must be {low} to {high}, not {value}"

    return check


def _choice_check(words: tuple[str, ...]) -> TextCheck:
    known = frozenset(words)
    listed = ", ".join(words[:-1]) + f" or {words[-1]}"

    def check(value: JSONValue) -> str:
        # An empty text is the same as none.
        if not value or not isinstance(value, str) or value in known:
            return ""
        return f"must be {listed}, not {value!r}"

    return check
