"""The write Lease: coordination.k8s.io Leases named after the set, on the members that hold the record.

Taken in UID order, a majority needed, kept alive in the background and given back at the end. A Lease is no fence: it
keeps honest runs apart, while every write carries its own precondition. Who lost the majority sends nothing more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from karmactl.core.model.events import LockWait, Reporter
from karmactl.core.model.manifest import Manifest, as_mapping, as_str
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.ports import Clock, Reader, Writer
from karmactl.core.model.state import Holders
from karmactl.engine.members import LEASE_KIND, MemberPorts
from karmactl.errors import ClusterError, Conflict, GuardError

__all__ = ["LeaseHolder", "hold_leases"]

_DURATION_SECONDS = 15
_RENEW_SECONDS = 5.0
_POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseHolder:
    """Who holds a Lease, as the object says it."""

    identity: str
    acquired_at: str
    renewed_at: str
    duration_seconds: int

    def is_live(self, now: datetime) -> bool:
        """Whether it was renewed within its duration."""
        if not self.identity or not self.renewed_at:
            return False
        renewed = datetime.fromisoformat(self.renewed_at)
        return now < renewed + timedelta(seconds=self.duration_seconds)


@dataclass(slots=True)
class Leases:
    """The Leases of one run; `is_held` turns False as soon as the majority is lost."""

    name: str
    namespace: str
    identity: str
    clock: Clock
    objects: dict[str, Manifest] = field(default_factory=dict)
    majority: int = 1
    is_held: bool = False

    def require(self) -> None:
        """Raise GuardError `lease-lost` where the majority is gone: nothing more may be sent."""
        if not self.is_held:
            raise GuardError(
                "lease-lost",
                f"the Lease {self.namespace}/{self.name} was lost in the middle of the run; nothing more is sent",
                hint="run the command again: it goes on from what is there",
            )


@contextlib.asynccontextmanager
async def hold_leases(
    members: Mapping[str, MemberPorts],
    holders: Holders,
    *,
    name: str,
    namespace: str,
    identity: str,
    clock: Clock,
    timeout_seconds: float,
    reporter: Reporter,
    is_minority_allowed: bool = False,
) -> AsyncIterator[Leases]:
    """Hold the Lease on a majority of the record's holders while the body runs.

    Raises GuardError `locked` when another run holds it for longer than `timeout_seconds`.
    """
    order = [cluster for cluster, _ in sorted(holders.uid_by_cluster.items(), key=lambda item: (item[1], item[0]))]
    writers = {name_: members[name_] for name_ in order if name_ in members}
    majority = 1 if is_minority_allowed else holders.majority
    leases = Leases(name=name, namespace=namespace, identity=identity, clock=clock, majority=majority)
    deadline = clock.monotonic() + timeout_seconds
    while not await _acquire(leases, writers, reporter, deadline):
        await clock.sleep(_POLL_SECONDS)
    leases.is_held = True
    renewing = asyncio.create_task(_renew(leases, writers))
    try:
        yield leases
    finally:
        renewing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await renewing
        await _release(leases, writers)


async def _acquire(leases: Leases, members: Mapping[str, MemberPorts], reporter: Reporter, deadline: float) -> bool:
    for cluster, member in members.items():
        if cluster in leases.objects:
            continue
        holder = await _try_take(leases, cluster, member)
        if holder is None:
            continue
        # Another run is ahead of us in the common order: let go, so that the two cannot block each other for ever.
        await _release(leases, members)
        leases.objects.clear()
        if leases.clock.monotonic() >= deadline:
            raise GuardError(
                "locked",
                f"another run holds the Lease {leases.namespace}/{leases.name}: {holder.identity}, "
                f"since {holder.acquired_at}",
                hint="wait for it (--lock-timeout 5m). A run that was killed lets go by itself "
                f"{holder.duration_seconds} s after its last sign of life",
                cluster=cluster,
            )
        reporter.on_event(LockWait(holder=holder.identity, since=holder.acquired_at))
        return False
    if len(leases.objects) < leases.majority and leases.clock.monotonic() >= deadline:
        raise GuardError(
            "lease-no-majority",
            f"the Lease {leases.namespace}/{leases.name} could be taken on {len(leases.objects)} members, "
            f"{leases.majority} are needed",
            hint="bring the silent members back, or act on what answers with --allow-minority",
        )
    return len(leases.objects) >= leases.majority


async def _try_take(leases: Leases, cluster: str, member: MemberPorts) -> LeaseHolder | None:
    """Take the Lease in one member; the live holder where there is one. A silent member is passed over."""
    writer, reader = _writer_of(member), member.reader
    try:
        found = await reader.get(LEASE_KIND, leases.namespace, leases.name)
        now = leases.clock.now()
        if found is None:
            leases.objects[cluster] = await writer.create(LEASE_KIND, _body(leases, now, None))
            return None
        holder = _holder_of(found)
        if holder.identity != leases.identity and holder.is_live(now):
            return holder
        leases.objects[cluster] = await writer.replace(LEASE_KIND, _body(leases, now, found))
    except Conflict:
        return await _present_holder(leases, reader)
    except ClusterError:
        return None
    return None


async def _present_holder(leases: Leases, reader: Reader) -> LeaseHolder:
    found = await reader.get(LEASE_KIND, leases.namespace, leases.name)
    return _holder_of(found or {})


async def _renew(leases: Leases, members: Mapping[str, MemberPorts]) -> None:
    last_renewed = {cluster: leases.clock.monotonic() for cluster in leases.objects}
    while True:
        await leases.clock.sleep(_RENEW_SECONDS)
        for cluster in list(leases.objects):
            try:
                body = _body(leases, leases.clock.now(), leases.objects[cluster], is_renewal=True)
                leases.objects[cluster] = await _writer_of(members[cluster]).replace(LEASE_KIND, body)
                last_renewed[cluster] = leases.clock.monotonic()
            except Conflict:
                last_renewed[cluster] = float("-inf")
            except ClusterError:
                continue
        limit = leases.clock.monotonic() - _DURATION_SECONDS
        leases.is_held = sum(seen >= limit for seen in last_renewed.values()) >= leases.majority


async def _release(leases: Leases, members: Mapping[str, MemberPorts]) -> None:
    for cluster, held in leases.objects.items():
        body = _body(leases, leases.clock.now(), held)
        as_mapping(body["spec"]).update({"holderIdentity": "", "leaseDurationSeconds": 1})
        with contextlib.suppress(ClusterError):
            await _writer_of(members[cluster]).replace(LEASE_KIND, body)


def _writer_of(member: MemberPorts) -> Writer:
    if member.writer is None:
        raise AssertionError("a run that takes Leases is built with writers")
    return member.writer


def _holder_of(lease: Manifest) -> LeaseHolder:
    spec = as_mapping(lease.get("spec"))
    duration = spec.get("leaseDurationSeconds")
    return LeaseHolder(
        identity=as_str(spec.get("holderIdentity")),
        acquired_at=as_str(spec.get("acquireTime")),
        renewed_at=as_str(spec.get("renewTime")),
        duration_seconds=duration if isinstance(duration, int) else _DURATION_SECONDS,
    )


def _body(leases: Leases, now: datetime, found: Manifest | None, *, is_renewal: bool = False) -> Manifest:
    # Lease times need exactly six digits of a fraction.
    text = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    acquired = as_str(field_at(found, "spec", "acquireTime")) if is_renewal else text
    body: Manifest = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": leases.name, "namespace": leases.namespace},
        "spec": {
            "holderIdentity": leases.identity,
            "leaseDurationSeconds": _DURATION_SECONDS,
            "acquireTime": acquired,
            "renewTime": text,
        },
    }
    if found is not None:
        as_mapping(body["metadata"])["resourceVersion"] = as_str(field_at(found, "metadata", "resourceVersion"))
    return body
