"""What files say, as one value: templates, policies and cluster facts, each with where it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import Manifest, ResourceRef
from karmactl.core.model.policy import OverridePolicy, PropagationPolicy
from karmactl.errors import Location

__all__ = ["Customization", "FieldValidation", "InputFile", "InputSet", "InputWarning", "Template"]


class FieldValidation(Enum):
    """What becomes of faults that an API server would find, too: kubectl's words for `--validate`."""

    STRICT = "strict"
    WARN = "warn"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A resource template: any Kubernetes object, exactly as kubectl would take it.

    `field_locations` maps JSON pointers of scalar fields to their places, where the reader kept them; `origin` is the
    name that a generator printed (Helm's `# Source:` line), else "". `is_scope_known`: the kind is built in or its CRD
    is among the inputs; otherwise it was taken as namespaced, and the API server has the last word.
    """

    manifest: Manifest
    ref: ResourceRef
    location: Location
    origin: str = ""
    field_locations: Mapping[str, Location] = field(default_factory=dict)
    is_scope_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Customization:
    """A ResourceInterpreterCustomization; `script_locations`: JSON pointer of a script to its first line."""

    manifest: Manifest
    location: Location | None = None
    script_locations: Mapping[str, Location] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputWarning:
    """Something in an input that was left out or changed, and that the user should know."""

    code: str
    message: str
    location: Location
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """One input: its path as the user named it, a digest of its content (sensitive values blanked), counts by kind."""

    path: str
    digest: str
    kinds: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSet:
    """Everything that was read, sorted by place; `interpreters` are customizations.

    `cluster_facts` go with `clusters`: the facts that the file declares (`region`, `labels/tier`, ...; see
    `core.model.fleet`), each with its place.
    """

    templates: tuple[Template, ...] = ()
    propagation_policies: tuple[PropagationPolicy, ...] = ()
    override_policies: tuple[OverridePolicy, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    cluster_facts: tuple[Mapping[str, Location], ...] = ()
    interpreters: tuple[Customization, ...] = ()
    files: tuple[InputFile, ...] = ()
    warnings: tuple[InputWarning, ...] = ()
