"""Ports: what the engine needs of the outside, as small asynchronous Protocols.

`Reader` and `DryRunner` cannot change a cluster; commands that promise not to write get these two alone (I1). Every
method speaks of one cluster. Adapters translate all failures to `karmactl.errors.ClusterError` and its leaves.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from karmactl.core.model.cluster import APIEnablement, APIResource
from karmactl.core.model.manifest import Manifest

__all__ = [
    "APIKind",
    "Access",
    "Clock",
    "Discovery",
    "DryRunner",
    "Preconditions",
    "Reader",
    "Writer",
]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class APIKind:
    """One kind that a cluster serves: `resource` is the plural; `verbs` as discovery gives them."""

    group: str
    version: str
    kind: str
    resource: str
    is_namespaced: bool
    verbs: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """`group/version`, or the version alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What a cluster serves: `kinds` sorted, `version` of the server, `failed_groups` whose discovery failed.

    A group that failed is unknown, never empty (I4).
    """

    kinds: tuple[APIKind, ...]
    version: str = ""
    failed_groups: tuple[str, ...] = ()

    def find(self, group: str, version: str, kind: str) -> APIKind | None:
        """The entry for exactly this group, version and kind."""
        for entry in self.kinds:
            if (entry.group, entry.version, entry.kind) == (group, version, kind):
                return entry
        return None

    def api_enablements(self) -> tuple[APIEnablement, ...]:
        """The same in the form of Cluster.status.apiEnablements."""
        from_kinds: dict[str, list[APIKind]] = {}
        for entry in self.kinds:
            from_kinds.setdefault(entry.api_version, []).append(entry)
        return tuple(
            APIEnablement(
                group_version=group_version,
                resources=tuple(APIResource(name=entry.resource, kind=entry.kind) for entry in entries),
            )
            for group_version, entries in sorted(from_kinds.items())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preconditions:
    """What must hold in the server for a write to happen; "" asks for nothing."""

    uid: str = ""
    resource_version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One question to SelfSubjectAccessReview; `namespace` "" asks for all."""

    verb: str
    group: str
    resource: str
    namespace: str = ""
    name: str = ""


class Reader(Protocol):
    """Reads one cluster."""

    @property
    def cluster(self) -> str:
        """The cluster's name, as policies say it."""
        ...

    async def discover(self) -> Discovery:
        """What the cluster serves. Raises ClusterError."""
        ...

    async def get(self, kind: APIKind, namespace: str, name: str) -> Manifest | None:
        """The object, None where it does not exist (404 of the object alone). Raises ClusterError."""
        ...

    async def list(
        self, kind: APIKind, *, namespace: str = "", label_selector: str = "", field_selector: str = ""
    ) -> Sequence[Manifest]:
        """All objects of a kind, every page, each with apiVersion and kind filled in.

        Raises ClusterError if any page failed: a partial list is never returned (I4).
        """
        ...

    def watch(
        self, kind: APIKind, *, namespace: str = "", label_selector: str = "", resource_version: str = ""
    ) -> AsyncIterator[tuple[str, Manifest]]:
        """Events (type, object) from a version on, until the server ends the stream. Raises ClusterError."""
        ...

    async def can_i(self, access: Access) -> bool:
        """Whether the identity in use may do this. Raises ClusterError."""
        ...


class DryRunner(Protocol):
    """Asks one cluster what a write would give; dryRun=All is fixed inside."""

    async def apply(self, kind: APIKind, body: Manifest, *, force: bool = False) -> Manifest:
        """The object as server-side apply would leave it. Raises Conflict, Rejected, NotFound, ..."""
        ...

    async def create(self, kind: APIKind, body: Manifest) -> Manifest:
        """The object as create would leave it."""
        ...

    async def replace(self, kind: APIKind, body: Manifest) -> Manifest:
        """The object as PUT would leave it, with the body's resourceVersion as the precondition."""
        ...


class Writer(Protocol):
    """Changes one cluster. Field manager and field validation are fixed by the adapter."""

    @property
    def cluster(self) -> str:
        """The cluster's name, as policies say it."""
        ...

    async def create(self, kind: APIKind, body: Manifest) -> Manifest:
        """POST: the created object. Raises Conflict (AlreadyExists) where it exists."""
        ...

    async def apply(self, kind: APIKind, body: Manifest, *, force: bool = False) -> Manifest:
        """Server-side apply. Preconditions go in `metadata.uid` and `metadata.resourceVersion` of the body."""
        ...

    async def replace(self, kind: APIKind, body: Manifest) -> Manifest:
        """PUT with the body's resourceVersion as the precondition."""
        ...

    async def patch(self, kind: APIKind, namespace: str, name: str, merge: Manifest) -> Manifest:
        """JSON merge patch."""
        ...

    async def delete(
        self,
        kind: APIKind,
        namespace: str,
        name: str,
        *,
        preconditions: Preconditions,
        propagation: str = "Background",
        grace_period_seconds: int | None = None,
    ) -> bool:
        """Delete; False where it was gone already. Raises Conflict where the preconditions do not hold."""
        ...


class Clock(Protocol):
    """Time, so that nothing but an adapter reads it."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
