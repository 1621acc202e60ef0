"""Reading objects with the strictness of a script: what is missing stops the rule where a script would stop.

Karmada's rules for third-party kinds are Lua. A field of nothing, a sum with a text, a comparison of a number with a
text are errors there, and so they are here. Source: Lua 5.1 Reference Manual, 2.5 and 2.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from karmactl.core.interpret.tables import failed
from karmactl.core.model.binding import AggregatedStatusItem
from karmactl.core.model.manifest import JSONValue, Manifest

__all__ = ["at", "concatenated", "is_less", "items_of", "number", "statuses_of", "to_number"]


def at(value: JSONValue, *path: str) -> JSONValue:
    """The value at a path, None where the last step leads nowhere; a step into nothing is an error."""
    current = value
    for step in path:
        if isinstance(current, dict):
            current = current.get(step)
        elif isinstance(current, list | str):
            current = None
        else:
            raise failed(f"attempt to index a non-table object with key {step!r}")
    return current


def items_of(value: JSONValue) -> list[JSONValue]:
    """The entries of a list; nothing at all is an error, an empty map has none."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return []
    raise failed("a list was expected")


def number(value: JSONValue) -> int | float:
    """The operand of an arithmetic operation: a number, or a text that reads as one."""
    found = to_number(value)
    if found is None:
        raise failed(f"cannot perform arithmetic on {value!r}")
    return found


def to_number(value: JSONValue) -> int | float | None:
    """The number that a value is or says, None where it says none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(value, str):
        return None
    try:
        parsed = float(value)
    except ValueError:
        return None
    return int(parsed) if parsed.is_integer() else parsed


def is_less(first: JSONValue, second: JSONValue) -> bool:
    """Whether the first is less: two numbers or two texts, nothing else can be compared."""
    if isinstance(first, str) and isinstance(second, str):
        return first < second
    for value in (first, second):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise failed(f"attempt to compare {first!r} with {second!r}")
    return number(first) < number(second)


def concatenated(parts: Iterable[JSONValue]) -> str:
    """Texts and numbers put together."""
    texts = []
    for part in parts:
        if isinstance(part, bool) or not isinstance(part, str | int | float):
            raise failed(f"cannot concatenate {part!r}")
        texts.append(str(part))
    return "".join(texts)


def statuses_of(items: Sequence[AggregatedStatusItem]) -> list[tuple[str, Manifest]]:
    """(cluster, status) of the items that have a status; an empty list is the same table as an empty mapping.

    Raises InputError where one is no mapping.
    """
    found: list[tuple[str, Manifest]] = []
    for item in items:
        status: JSONValue = item.status
        if status is None:
            continue
        if status == []:
            status = {}
        if not isinstance(status, dict):
            raise failed(f"the status of cluster {item.cluster_name} is no mapping")
        found.append((item.cluster_name, status))
    return found
