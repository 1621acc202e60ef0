"""The file that says which clusters a folder keeps, for those who only ask.

It loads nothing of the servers; `keep` does what there is to do.
"""

import json
from pathlib import Path
from typing import Any

FILE = "sandbox.json"


class KeepError(Exception):
    """The folder cannot be used; the message says why."""


def saved_names(path: Path) -> tuple[str, ...]:
    """The names of the clusters that a folder keeps, in their order; raises KeepError for a damaged one."""
    return tuple(read(path).get("clusters", {}))


def read(path: Path) -> dict[str, Any]:
    """What `sandbox.json` of a folder says, nothing where there is none; raises KeepError."""
    try:
        value = json.loads((path / FILE).read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise KeepError(f"{path / FILE} cannot be read: {exc}") from exc
    if not isinstance(value, dict) or not isinstance(value.get("clusters"), dict):
        raise KeepError(f"{path / FILE} is not what a sandbox wrote")
    return value
