"""Reasons: why a decision was made, as data from the moment it is made.

A reason says nothing in words: `render` makes text from the code and the parameters at the very end, in one place.
Where Karmada or Kubernetes has a word (`NoClusterFit`, `TaintToleration`), that word is the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.manifest import JSONValue

__all__ = ["Reason"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason: `code`, the `subject` it is about (a cluster, policy or field), and the values that led to it."""

    code: str
    subject: str = ""
    params: Mapping[str, JSONValue] = field(default_factory=dict)
