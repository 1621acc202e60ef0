"""Works: the exact manifest that one cluster shall have, with what shaped it.

Source: Karmada pkg/apis/work/v1alpha1/work_types.go; a Work here holds one manifest, as Karmada itself writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef
from karmactl.core.model.policy import Overriders, policy_title
from karmactl.errors import Location

__all__ = [
    "AppliedOverride",
    "FieldOrigin",
    "Overridden",
    "Work",
    "WorkEnvelope",
    "WorkFault",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedOverride:
    """One override rule that applied to an object, in the order of application; `rule_index` counts from 0."""

    kind: str
    namespace: str
    name: str
    rule_index: int
    overriders: Overriders = field(default_factory=Overriders)
    location: Location | None = None

    @property
    def title(self) -> str:
        """`OverridePolicy shop/web`, as texts and origins name it."""
        return policy_title(self.kind, self.namespace, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOrigin:
    """Who decided a field: `path` is a JSON pointer, `type` template, placement, override, metadata or prune.

    `source` names the policy; `rule_index` the rule of an override policy, from 0. `before` is what the step found
    there (None where nothing was), `after` what it left there.
    """

    path: str
    type: str
    source: str = ""
    rule_index: int | None = None
    location: Location | None = None
    before: JSONValue = None
    after: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overridden:
    """An object after all overrides for one cluster: the rules that applied in order, and every field they changed."""

    manifest: Manifest
    applied: tuple[AppliedOverride, ...] = ()
    origins: tuple[FieldOrigin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEnvelope:
    """Metadata of a work.karmada.io/v1alpha1 Work, for a hub that holds such objects."""

    name: str
    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One object for one cluster, ready to be sent; `envelope` only where a hub shall hold it."""

    cluster: str
    resource: ResourceRef
    manifest: Manifest
    replicas: int | None = None
    overrides: tuple[AppliedOverride, ...] = ()
    origins: tuple[FieldOrigin, ...] = ()
    conflict_resolution: str = "abort"
    is_suspended: bool = False
    preserve_resources_on_deletion: bool = False
    envelope: WorkEnvelope | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFault:
    """Why the object for one cluster could not be made (an override that does not apply)."""

    cluster: str
    resource: ResourceRef
    code: str
    message: str
    override: AppliedOverride | None = None
