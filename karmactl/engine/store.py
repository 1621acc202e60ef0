"""One member's state written: new shards are created, the parent is switched by compare-and-swap, old shards go.

Killed at any instant it leaves either the old state or the new one, and at most some shards that nobody points to,
which the next write removes (I7). When to write what is `engine.keep`'s matter.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from karmactl import __version__
from karmactl.core.model.manifest import Manifest, as_str, metadata_of, name_of
from karmactl.core.model.ports import Preconditions, Writer
from karmactl.core.state import MemberState, StateWrite, encode_member_state, parent_name
from karmactl.engine.members import NAMESPACE_KIND, SECRET_KIND, MemberPorts, writer_of
from karmactl.errors import ClusterError, Conflict, Forbidden, StateError

__all__ = ["commit_state", "ensure_namespace", "new_key"]

_KEY_BYTES = 32
# Another set may be called as our shards are; so many taken names in a row are passed over.
_TAKEN_NAMES = 20


def new_key() -> bytes:
    """A fresh key for digests of secret values."""
    return secrets.token_bytes(_KEY_BYTES)


async def ensure_namespace(member: MemberPorts, namespace: str) -> None:
    """Create a namespace where it is missing; where it is there no right to create one is needed.

    Who may neither see nor create it is told by the next write into it whether it is there. Raises ClusterError.
    """
    may_look = True
    try:
        if await member.reader.get(NAMESPACE_KIND, "", namespace) is not None:
            return
    except Forbidden:
        may_look = False
    body: Manifest = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": namespace, "labels": {"app.kubernetes.io/managed-by": "karmactl"}},
    }
    try:
        await writer_of(member).create(NAMESPACE_KIND, body)
    except Conflict:
        return
    except Forbidden:
        if may_look:
            raise


async def commit_state(writer: Writer, state: MemberState, set_name: str, *, namespace: str) -> MemberState:
    """Write `state` to one member; the state as it then stands there.

    Raises StateError `state-moved` where another run switched the parent first, ClusterError otherwise.
    """
    write = await _create_shards(writer, state, set_name, namespace)
    try:
        if state.resource_version:
            parent = await writer.replace(SECRET_KIND, write.parent)
        else:
            parent = await writer.create(SECRET_KIND, write.parent)
    except Conflict as conflict:
        raise StateError(
            "state-moved",
            f"Secret {namespace}/{parent_name(set_name)} is not as it was: another run, or a set whose name collides, "
            "changed it in the meantime",
            hint="run the command again",
            cluster=writer.cluster,
        ) from conflict
    left = [name for name in write.obsolete if not await _is_removed(writer, namespace, name)]
    return replace(
        state,
        resource_version=as_str(metadata_of(parent).get("resourceVersion")),
        parent_uid=as_str(metadata_of(parent).get("uid")),
        next_shard=write.next_shard,
        shards=tuple(sorted({*write.inventory_part.shards, *write.record_part.shards, *left})),
        inventory_part=write.inventory_part,
        record_part=write.record_part,
        record_generation=state.record.generation if state.record is not None else 0,
    )


async def _create_shards(writer: Writer, state: MemberState, set_name: str, namespace: str) -> StateWrite:
    """Create the shards under names that are free: a taken one is never overwritten, whosever it is."""
    for attempt in range(_TAKEN_NAMES):
        write = encode_member_state(
            replace(state, next_shard=state.next_shard + attempt),
            set_name,
            namespace=namespace,
            tooling=f"karmactl/v{__version__}",
        )
        created: list[str] = []
        try:
            for shard in write.shards:
                await writer.create(SECRET_KIND, shard)
                created.append(name_of(shard))
        except Conflict:
            for name in created:
                await _is_removed(writer, namespace, name)
            continue
        return write
    raise StateError(
        "state-names-taken",
        f"{_TAKEN_NAMES} names after {parent_name(set_name)}-{state.next_shard} are taken in namespace {namespace}",
        hint="remove Secrets that nobody needs, or choose another name for `set:`",
        cluster=writer.cluster,
    )


async def _is_removed(writer: Writer, namespace: str, name: str) -> bool:
    """Remove a shard that nobody points to; one that stays does no harm, and the next write tries again."""
    try:
        await writer.delete(SECRET_KIND, namespace, name, preconditions=Preconditions())
    except ClusterError:
        return False
    return True
