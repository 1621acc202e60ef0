"""Why a cluster does not get an object, and the smallest changes after which it would."""

from __future__ import annotations

from dataclasses import dataclass

from karmactl.core.model.binding import TargetCluster
from karmactl.core.model.reason import Reason

__all__ = ["Remedy", "WhyNot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """Changes that do together what none of them does alone; `targets` is where the object is after them."""

    changes: tuple[Reason, ...]
    targets: tuple[TargetCluster, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """One cluster and one object.

    `obstacles` is everything that stands in the way now; empty where the cluster gets the object (`is_target`). What
    the decision would say next once these are gone is not among them; `remedies` know. Those are of one size, the
    smallest that helps, at most `size_tried`; empty where nothing of that size helps. `questions` is how often
    the pipeline was asked; `is_cut_short` says that it was not asked about everything.
    """

    cluster: str
    is_target: bool
    obstacles: tuple[Reason, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    size_tried: int = 0
    questions: int = 0
    is_cut_short: bool = False
