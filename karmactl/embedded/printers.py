"""Rows of tables as kubectl shows them (pkg/printers/internalversion): which columns, and each object's cells."""

from typing import Any

from karmactl.embedded.cells import INVALID, age, age_of, human_duration, name_of, selector_text
from karmactl.embedded.columns import columns_of, has_own, printer_columns
from karmactl.embedded.encode import go_dumps
from karmactl.embedded.jsonpath import find
from karmactl.embedded.printers_core import PRINTERS as CORE
from karmactl.embedded.printers_other import PRINTERS as OTHER
from karmactl.embedded.printers_system import PRINTERS as SYSTEM
from karmactl.embedded.printers_workloads import PRINTERS as WORKLOADS
from karmactl.embedded.resource import Resource
from karmactl.embedded.values import Object, dig, parse_time

__all__ = ["age", "columns_of", "conditions_of", "human_duration", "row_of", "selector_text"]

_PRINTERS = {**CORE, **WORKLOADS, **OTHER, **SYSTEM}


def row_of(resource: Resource, obj: Object) -> list[Any]:
    """The cells of one object's row."""
    if resource.definition is not None:
        return [obj["metadata"].get("name"), *(_custom_cell(c, obj) for c in printer_columns(resource))]
    printer = _PRINTERS.get(resource.table)
    if printer is not None:
        return printer(obj)
    if has_own(resource):
        return [name_of(obj), obj["metadata"].get("creationTimestamp")]
    return [name_of(obj), age_of(obj)]


def conditions_of(resource: Resource, obj: Object) -> list[Object] | None:
    """Conditions of a row: a Pod that has run its course is completed."""
    phase = dig(obj, "status", "phase")
    if resource.table != ("", "pods") or phase not in ("Succeeded", "Failed"):
        return None
    text = "The pod has completed successfully." if phase == "Succeeded" else "The pod failed."
    return [{"type": "Completed", "status": "True", "reason": phase, "message": text}]


def _custom_cell(column: Object, obj: Object) -> Any:
    found = find(obj, column["jsonPath"])
    if not found:
        return None
    value, kind = found[0], column["type"]
    if kind == "string":
        return _text(value)
    if kind in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return value if kind == "number" else int(value) if abs(value) < 2**63 else -(2**63)
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    return age(value) if value in ("", "null") or parse_time(value) is not None else INVALID


def _text(value: Any) -> str:
    """A value as kubectl's JSONPath prints it."""
    if isinstance(value, dict | list):
        return go_dumps(value, sort=True)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(float(value)).removesuffix(".0")
    return "<no value>" if value is None else str(value)
