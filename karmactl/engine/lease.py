"""The write Lease: coordination.k8s.io Leases named after the set, on the members that hold the record.

Taken in UID order, a majority needed, kept alive in the background and given back at the end. A Lease is no fence: it
keeps honest runs apart, while every write carries its own precondition. Who lost the majority sends nothing more.

The Leases also hand out generations: a run claims a number higher than any that a Lease of its majority has seen
(`leaseTransitions`). Two majorities share a member, so no two runs ever commit the same generation (I10).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from karmactl.core.model.events import LockWait, Reporter
from karmactl.core.model.manifest import Manifest, as_mapping, as_str
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.ports import Clock
from karmactl.core.model.state import Holders
from karmactl.engine.members import LEASE_KIND, MemberPorts, writer_of
from karmactl.errors import ClusterError, Conflict, GuardError

__all__ = ["Leases", "hold_leases", "is_live"]

_DURATION_SECONDS = 15
# Who holds it stops believing so before anybody else may take it.
_BELIEVED_SECONDS = 10.0
_RENEW_SECONDS = 3.0
_POLL_SECONDS = 1.0
# A Lease that cannot be given back quickly runs out by itself; who leaves at once does not wait for it.
_RELEASE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    """Who holds a Lease, as the object says it; identity "" means nobody."""

    identity: str
    acquired_at: str
    renewed_at: str
    version: str

    def is_live(self, now: datetime) -> bool:
        """Whether it was renewed within its duration, by this clock. What cannot be read counts as long ago."""
        try:
            renewed = datetime.fromisoformat(self.renewed_at)
        except ValueError:
            return False
        renewed = renewed if renewed.tzinfo else renewed.replace(tzinfo=UTC)
        return now < renewed + timedelta(seconds=_DURATION_SECONDS)


@dataclass(slots=True)
class Leases:
    """The Leases of one run. `quorums` are the groups of members of each of which a majority must be held.

    `generation` is the one that this run alone may commit.
    """

    name: str
    namespace: str
    identity: str
    clock: Clock
    quorums: tuple[Holders, ...]
    is_minority_allowed: bool = False
    generation: int = 0
    objects: dict[str, Manifest] = field(default_factory=dict)
    held_since: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    failures: dict[str, ClusterError] = field(default_factory=dict)
    is_lost: bool = False

    def has_majority(self, members: Sequence[str] | set[str]) -> bool:
        """Whether these members are enough."""
        counts = [sum(name in members for name in quorum.uid_by_cluster) for quorum in self.quorums]
        if self.is_minority_allowed:
            return any(counts)
        return all(count >= quorum.majority for count, quorum in zip(counts, self.quorums, strict=True))

    @property
    def is_held(self) -> bool:
        """Whether a majority was renewed lately enough, by both clocks: one stands still in a suspended machine.

        Once lost is lost: a run that slept past its Lease must not go on from what it believed before.
        """
        monotonic, now = self.clock.monotonic(), self.clock.now()
        limit = timedelta(seconds=_BELIEVED_SECONDS)
        fresh = {
            name
            for name, (ticks, moment) in self.held_since.items()
            if monotonic - ticks <= _BELIEVED_SECONDS and now - moment <= limit
        }
        self.is_lost = self.is_lost or not self.has_majority(fresh)
        return not self.is_lost

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
    quorums: Sequence[Holders],
    *,
    name: str,
    namespace: str,
    identity: str,
    generation: int,
    clock: Clock,
    timeout_seconds: float,
    reporter: Reporter,
    is_minority_allowed: bool = False,
) -> AsyncIterator[Leases]:
    """Hold the Lease on a majority of the record's holders while the body runs.

    `generation` is the record's as far as it is known. Raises GuardError `locked` when another run holds the Lease for
    longer than `timeout_seconds`, `lease-no-majority` where too few members let it be taken.
    """
    uids = {cluster: uid for quorum in quorums for cluster, uid in quorum.uid_by_cluster.items()}
    order = [cluster for cluster, _ in sorted(uids.items(), key=lambda item: (item[1], item[0]))]
    writers = {cluster: members[cluster] for cluster in order if cluster in members}
    leases = Leases(
        name=name,
        namespace=namespace,
        # Two steps of one CI job have the same name, and must not take each other's Lease for their own.
        identity=f"{identity}/{secrets.token_hex(4)}",
        clock=clock,
        quorums=tuple(quorums),
        is_minority_allowed=is_minority_allowed,
        generation=generation + 1,
    )
    deadline = clock.monotonic() + timeout_seconds
    renewing: asyncio.Task[None] | None = None
    try:
        while not await _acquire(leases, writers, reporter, deadline):
            await clock.sleep(_POLL_SECONDS)
        await _claim(leases, writers)
        renewing = asyncio.create_task(_renew(leases, writers))
        yield leases
    finally:
        if renewing is not None:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
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
        if leases.clock.monotonic() >= deadline:
            raise _locked(leases, cluster, holder)
        reporter.on_event(LockWait(holder=holder.identity, since=holder.acquired_at))
        return False
    if leases.has_majority(set(leases.objects)):
        return True
    if leases.clock.monotonic() >= deadline:
        why = "; ".join(f"{name}: {failure.message}" for name, failure in sorted(leases.failures.items()))
        wanted = {name for quorum in leases.quorums for name in quorum.uid_by_cluster}
        raise GuardError(
            "lease-no-majority",
            f"the Lease {leases.namespace}/{leases.name} could be taken on {len(leases.objects)} of {len(wanted)} "
            "members, which is no majority",
            why=why,
            hint="bring the silent members back, or act on what answers with --allow-minority",
        )
    return False


def _locked(leases: Leases, cluster: str, holder: _Holder) -> GuardError:
    return GuardError(
        "locked",
        f"another run holds the Lease {leases.namespace}/{leases.name}: {holder.identity}, since {holder.acquired_at}",
        hint="wait for it (--lock-timeout 5m). A run that was killed lets go by itself "
        f"{_DURATION_SECONDS} s after its last sign of life; `karmactl unlock` shows where, and breaks it",
        cluster=cluster,
    )


async def _try_take(leases: Leases, cluster: str, member: MemberPorts) -> _Holder | None:
    """Take the Lease in one member; the live holder where there is one. A silent member is passed over."""
    writer, reader = writer_of(member), member.reader
    leases.failures.pop(cluster, None)
    try:
        found = await reader.get(LEASE_KIND, leases.namespace, leases.name)
        holder = _holder_of(found)
        is_other = holder.identity not in ("", leases.identity)
        if is_other and holder.is_live(leases.clock.now()):
            return holder
        if is_other:
            # It looks dead by our clock. Clocks differ: who is alive shows it by the next renewal.
            await leases.clock.sleep(_RENEW_SECONDS * 2)
            again = await reader.get(LEASE_KIND, leases.namespace, leases.name)
            if again is not None and _holder_of(again).version != holder.version:
                return _holder_of(again)
            found = again
        started = leases.clock.monotonic(), leases.clock.now()
        leases.generation = max(leases.generation, _transitions(found) + 1)
        body = _body(leases, found)
        leases.objects[cluster] = await (
            writer.create(LEASE_KIND, body) if found is None else writer.replace(LEASE_KIND, body)
        )
        leases.held_since[cluster] = started
    except Conflict:
        return _Holder(identity="a run that was faster", acquired_at="just now", renewed_at="", version="")
    except ClusterError as error:
        leases.failures[cluster] = error
    return None


async def _claim(leases: Leases, members: Mapping[str, MemberPorts]) -> None:
    """Write the claimed generation into every Lease that was taken before it was known.

    Raises GuardError `lease-lost` where that fails in a majority.
    """
    behind = [cluster for cluster, lease in leases.objects.items() if _transitions(lease) != leases.generation]
    for cluster in behind:
        await _renew_one(leases, cluster, members[cluster])
    claimed = {cluster for cluster, lease in leases.objects.items() if _transitions(lease) == leases.generation}
    if not leases.has_majority(claimed):
        leases.held_since.clear()
    leases.require()


async def _renew(leases: Leases, members: Mapping[str, MemberPorts]) -> None:
    while leases.is_held:
        await leases.clock.sleep(_RENEW_SECONDS)
        # All at once: one slow member must not let the others run out.
        await asyncio.gather(*(_renew_one(leases, cluster, members[cluster]) for cluster in list(leases.objects)))


async def _renew_one(leases: Leases, cluster: str, member: MemberPorts) -> None:
    try:
        async with asyncio.timeout(_BELIEVED_SECONDS):
            try:
                await _write_renewal(leases, cluster, member)
            except Conflict:
                # An answer that was lost may have moved the version of what is still ours.
                if await _is_still_ours(leases, cluster, member):
                    await _write_renewal(leases, cluster, member)
    except (ClusterError, TimeoutError):
        return


async def _write_renewal(leases: Leases, cluster: str, member: MemberPorts) -> None:
    started = leases.clock.monotonic(), leases.clock.now()
    body = _body(leases, leases.objects[cluster], is_renewal=True)
    leases.objects[cluster] = await writer_of(member).replace(LEASE_KIND, body)
    leases.held_since[cluster] = started


async def _is_still_ours(leases: Leases, cluster: str, member: MemberPorts) -> bool:
    """Look at a Lease again; one that is another's is forgotten, and is not ours to give back."""
    found = await member.reader.get(LEASE_KIND, leases.namespace, leases.name)
    if found is not None and _holder_of(found).identity == leases.identity:
        leases.objects[cluster] = found
        return True
    leases.held_since.pop(cluster, None)
    leases.objects.pop(cluster, None)
    return False


async def _release(leases: Leases, members: Mapping[str, MemberPorts]) -> None:
    async def release(cluster: str, held: Manifest) -> None:
        body = _body(leases, held)
        as_mapping(body["spec"]).update({"holderIdentity": "", "leaseDurationSeconds": 1})
        with contextlib.suppress(ClusterError, TimeoutError):
            async with asyncio.timeout(_RELEASE_SECONDS):
                await writer_of(members[cluster]).replace(LEASE_KIND, body)

    held = dict(leases.objects)
    leases.objects.clear()
    leases.held_since.clear()
    await asyncio.gather(*(release(cluster, lease) for cluster, lease in held.items()))


def _holder_of(lease: Manifest | None) -> _Holder:
    spec = as_mapping(field_at(lease, "spec"))
    return _Holder(
        identity=as_str(spec.get("holderIdentity")),
        acquired_at=as_str(spec.get("acquireTime")),
        renewed_at=as_str(spec.get("renewTime")),
        version=as_str(field_at(lease, "metadata", "resourceVersion")),
    )


def is_live(lease: Manifest, now: datetime) -> bool:
    """Whether somebody holds a Lease and renewed it within its duration."""
    holder = _holder_of(lease)
    return bool(holder.identity) and holder.is_live(now)


def _transitions(lease: Manifest | None) -> int:
    count = field_at(lease, "spec", "leaseTransitions")
    return count if isinstance(count, int) and not isinstance(count, bool) else 0


def _body(leases: Leases, found: Manifest | None, *, is_renewal: bool = False) -> Manifest:
    # Lease times need exactly six digits of a fraction.
    text = leases.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    acquired = as_str(field_at(found, "spec", "acquireTime")) if is_renewal else text
    body: Manifest = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": leases.name, "namespace": leases.namespace},
        "spec": {
            "holderIdentity": leases.identity,
            "leaseDurationSeconds": _DURATION_SECONDS,
            "leaseTransitions": leases.generation,
            "acquireTime": acquired,
            "renewTime": text,
        },
    }
    if found is not None:
        as_mapping(body["metadata"])["resourceVersion"] = as_str(field_at(found, "metadata", "resourceVersion"))
    return body
