"""Label selectors as Kubernetes writes them (metav1.LabelSelector), and node affinity terms. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["LabelSelector", "SelectorRequirement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorRequirement:
    """One of `matchExpressions`: key, operator (In, NotIn, Exists, DoesNotExist, ...), values."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSelector:
    """metav1.LabelSelector; the empty one matches everything."""

    match_labels: Mapping[str, str] = field(default_factory=dict)
    match_expressions: tuple[SelectorRequirement, ...] = ()
