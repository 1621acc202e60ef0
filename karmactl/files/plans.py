"""Plan files: JSON on disk, written whole and read back as data. What a plan means is the core's."""

from __future__ import annotations

from pathlib import Path

import orjson

from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.errors import InputError, Location
from karmactl.files.faults import fault_group
from karmactl.files.write import write_file

__all__ = ["read_plan_file", "write_plan_file"]


def write_plan_file(path: Path, plan: Manifest) -> None:
    """Write a plan as indented JSON, keys in the order given. Raises UsageError `file-not-written`."""
    write_file(path, orjson.dumps(plan, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def read_plan_file(path: Path) -> Manifest:
    """The JSON of a plan file.

    Raises an ExceptionGroup of one InputError: `plan-unreadable` or `plan-invalid`.
    """
    where = Location(file=str(path))
    try:
        value: JSONValue = orjson.loads(path.read_bytes())
    except OSError as exc:
        raise fault_group([InputError("plan-unreadable", exc.strerror or str(exc), location=where)]) from exc
    except orjson.JSONDecodeError as exc:
        raise fault_group([_invalid(Location(file=str(path), line=exc.lineno, column=exc.colno))]) from exc
    if not isinstance(value, dict) or value.get("kind") != "Plan":
        raise fault_group([_invalid(where)])
    return value


def _invalid(where: Location) -> InputError:
    hint = "`karmactl plan --out FILE` writes one"
    return InputError("plan-invalid", "this is not a plan file", hint=hint, location=where)
