"""karmactl.yaml as values: attribute names are its keys in snake_case. What is absent is the zero value.

Where each key was written is no setting: `files` keeps that beside it. Precedence (flag, variable, file) is the CLI's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.cluster import Taint
from karmactl.core.model.manifest import JSONValue

__all__ = ["ClusterSettings", "GuardSettings", "IgnoreRule", "Settings", "WitnessSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """One member: the name that policies use, the kubeconfig context ("": the same), and facts that people declare.

    `sync_mode` is Push or Pull ("" for Push). `zone` is short for one of `zones`.
    """

    name: str = ""
    context: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    region: str = ""
    zone: str = ""
    zones: tuple[str, ...] = ()
    taints: tuple[Taint, ...] = ()
    sync_mode: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessSettings:
    """An API server that holds a copy of the record and is no member."""

    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    """Limits of one run, as "12" or "20%"; "" leaves the default. `protect` None: the default kinds."""

    max_delete: str = ""
    max_move: str = ""
    protect: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRule:
    """A field that others may change: on which objects ("" matches all), which JSON pointer, by which manager."""

    kind: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""
    manager: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What karmactl.yaml says. `inputs` start at its folder; `rollout` is kept as JSON."""

    set: str = ""
    inventory_namespace: str = ""
    namespace: str = ""
    inputs: tuple[str, ...] = ()
    clusters: tuple[ClusterSettings, ...] = ()
    kubeconfig: str = ""
    sandbox: bool = False
    witness: WitnessSettings | None = None
    feature_gates: Mapping[str, bool] = field(default_factory=dict)
    prune: bool = False
    guards: GuardSettings = field(default_factory=GuardSettings)
    ignore: tuple[IgnoreRule, ...] = ()
    sensitive: tuple[str, ...] = ()
    rollout: JSONValue = None
