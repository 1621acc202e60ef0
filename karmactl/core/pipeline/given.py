"""What a decision is made from, and the names that the pipeline itself gives."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from karmactl.core.model.cluster import Cluster
from karmactl.core.model.differences import KARMACTL, Differences
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.input import InputSet
from karmactl.core.model.interpreter import Interpreter
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.policy import PropagationPolicy
from karmactl.core.model.selector import LabelSelector
from karmactl.core.model.state import Record

__all__ = ["PipelineInput", "is_namespace", "record_name", "stand_in_uid"]


def stand_in_uid(ref: ResourceRef) -> str:
    """The UID that breaks ties for a template that has none: stable, and different for different templates.

    Differs from Karmada: files have no UIDs, so one is made from the template's name (design 2.5).
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"karmada.io/{ref.group}/{ref.kind}/{ref.namespace}/{ref.name}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineInput:
    """What a decision is made from.

    `inputs` have their defaults filled in. `clusters` are all members with their facts, `unreachable` the names of
    those that did not answer. `reschedule` asks for fresh placements. `prune` removes what left the files.
    `kept_kinds` stay where the whole set is removed. `selector` narrows what is touched to templates that match it.
    `explain` None keeps every cluster's verdict as long as there are not too many of them.
    """

    inputs: InputSet
    clusters: tuple[Cluster, ...]
    interpreter: Interpreter
    record: Record = field(default_factory=Record)
    unreachable: frozenset[str] = frozenset()
    differences: Differences = KARMACTL
    gates: FeatureGates = field(default_factory=FeatureGates)
    reschedule: bool = False
    prune: bool = False
    explain: bool | None = None
    set_id: str = ""
    kept_kinds: frozenset[str] = frozenset()
    selector: LabelSelector | None = None


def is_namespace(ref: ResourceRef) -> bool:
    """Whether a reference is to a core/v1 Namespace."""
    return (ref.group, ref.kind) == ("", "Namespace")


def record_name(policy: PropagationPolicy) -> str:
    """What the record calls a policy: KIND/NAMESPACE/NAME."""
    return f"{policy.kind}/{policy.namespace}/{policy.name}"
