"""Would an API server take this object? What can be said of it without asking one.

Types, unknown fields, required fields, words, ranges and names, from tables: `api_types` (fields and their types, from
Kubernetes' OpenAPI documents), `tables` (rules for single fields), and functions for what needs more than one field.
Nothing that a server takes is refused here; the server has the last word on everything else.
"""

from __future__ import annotations

from karmactl.core.conform.api_types import LAST_RELEASE
from karmactl.core.conform.check import check_object
from karmactl.core.conform.definitions import Definition, read_definitions
from karmactl.core.conform.faults import Fault, describe, dotted

__all__ = ["LAST_RELEASE", "Definition", "Fault", "check_object", "describe", "dotted", "read_definitions"]
