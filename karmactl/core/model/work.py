"""Works: the exact manifest that one cluster shall have, with what shaped it.

Source: Karmada pkg/apis/work/v1alpha1/work_types.go; a Work here holds one manifest, as Karmada itself writes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef
from karmactl.errors import Location

__all__ = ["AppliedOverride", "FieldOrigin", "Work", "WorkFault"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedOverride:
    """One override rule that applied to an object, in the order of application."""

    kind: str
    namespace: str
    name: str
    rule_index: int
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOrigin:
    """Who decided a field: `path` is a JSON pointer, `type` template, placement, override, metadata or prune.

    `before` is what the step found there (None where nothing was).
    """

    path: str
    type: str
    source: str = ""
    location: Location | None = None
    before: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One object for one cluster, ready to be sent."""

    cluster: str
    resource: ResourceRef
    manifest: Manifest
    replicas: int | None = None
    overrides: tuple[AppliedOverride, ...] = ()
    origins: tuple[FieldOrigin, ...] = ()
    conflict_resolution: str = "abort"
    is_suspended: bool = False
    preserve_resources_on_deletion: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFault:
    """Why the object for one cluster could not be made (an override that does not apply)."""

    cluster: str
    resource: ResourceRef
    code: str
    message: str
    override: AppliedOverride | None = None
