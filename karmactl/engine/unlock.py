"""Who holds a set's Leases, and breaking them: for runs that were killed on a machine whose clock or network lies.

A Lease runs out by itself; breaking it is for who knows that its run is dead. The number of the generation stays in it,
so that no later run claims one that the broken run may have committed. A run that is alive after all notices at its
next renewal that the Lease is not its own, and sends nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from karmactl.core.model.manifest import Manifest, as_mapping, as_str, field
from karmactl.engine.lease import is_live
from karmactl.engine.members import LEASE_KIND, MemberPorts, writer_of
from karmactl.errors import ClusterError

__all__ = ["SeenLease", "break_lease", "read_leases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLease:
    """The set's Lease in one member: `holder` "" means that nobody holds it. Times are RFC 3339.

    `is_alive`: it was renewed within its duration, by this machine's clock.
    """

    cluster: str
    holder: str = ""
    since: str = ""
    renewed_at: str = ""
    is_alive: bool = False
    error: str = ""


async def read_leases(
    members: Sequence[MemberPorts], name: str, *, namespace: str, now: datetime
) -> tuple[SeenLease, ...]:
    """The Leases of a set in the members that have one, and what members said that could not be asked; by cluster."""

    async def look(member: MemberPorts) -> SeenLease | None:
        try:
            lease = await member.reader.get(LEASE_KIND, namespace, name)
        except ClusterError as error:
            return SeenLease(cluster=member.name, error=error.message)
        return None if lease is None else _seen(member.name, lease, now)

    found = await asyncio.gather(*(look(member) for member in members))
    return tuple(sorted((entry for entry in found if entry is not None), key=lambda entry: entry.cluster))


async def break_lease(member: MemberPorts, name: str, *, namespace: str, holder: str) -> bool:
    """Take the Lease from `holder` in one member; False where another has it by now, or nobody.

    Raises ClusterError; Conflict where it is renewed at this very moment.
    """
    lease = await member.reader.get(LEASE_KIND, namespace, name)
    if lease is None or as_str(field(lease, "spec", "holderIdentity")) != holder:
        return False
    spec: Mapping[str, object] = {**as_mapping(lease.get("spec")), "holderIdentity": "", "leaseDurationSeconds": 1}
    await writer_of(member).replace(LEASE_KIND, {**lease, "spec": spec})  # type: ignore[dict-item]
    return True


def _seen(cluster: str, lease: Manifest, now: datetime) -> SeenLease:
    spec = as_mapping(lease.get("spec"))
    return SeenLease(
        cluster=cluster,
        holder=as_str(spec.get("holderIdentity")),
        since=as_str(spec.get("acquireTime")),
        renewed_at=as_str(spec.get("renewTime")),
        is_alive=is_live(lease, now),
    )
