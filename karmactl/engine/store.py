"""State in the members: reading is done by the survey; here a new state is written, and the Lease is held.

A commit creates the new shards, switches the parent by compare-and-swap, then removes the old shards. Killed at any
instant it leaves either the old state or the new one, and at most some shards that nobody points to (I7).
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from karmactl import __version__
from karmactl.core.model.manifest import Manifest, as_str, metadata_of, name_of
from karmactl.core.model.ports import Preconditions, Writer
from karmactl.core.state import MemberState, encode_member_state
from karmactl.engine.members import NAMESPACE_KIND, SECRET_KIND
from karmactl.errors import Conflict, StateError

__all__ = ["commit_state", "ensure_namespace", "new_key"]

_KEY_BYTES = 32


def new_key() -> bytes:
    """A fresh key for digests of secret values."""
    return secrets.token_bytes(_KEY_BYTES)


async def ensure_namespace(writer: Writer, namespace: str) -> None:
    """Create the inventory's namespace where it is missing. Raises ClusterError."""
    body: Manifest = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": namespace, "labels": {"app.kubernetes.io/managed-by": "karmactl"}},
    }
    try:
        await writer.create(NAMESPACE_KIND, body)
    except Conflict:
        return


async def commit_state(writer: Writer, state: MemberState, set_name: str, *, namespace: str) -> MemberState:
    """Write `state` to one member; the state as it then stands there.

    Raises StateError `state-moved` where another run switched the parent first, ClusterError otherwise.
    """
    write = encode_member_state(state, set_name, namespace=namespace, tooling=f"karmactl/v{__version__}")
    for shard in write.shards:
        await _create_shard(writer, shard)
    try:
        if state.resource_version:
            parent = await writer.replace(SECRET_KIND, write.parent)
        else:
            parent = await writer.create(SECRET_KIND, write.parent)
    except Conflict as conflict:
        raise StateError(
            "state-moved",
            f"another run changed the state of set {set_name} in the meantime",
            hint="run the command again",
            cluster=writer.cluster,
        ) from conflict
    for name in write.obsolete:
        await writer.delete(SECRET_KIND, namespace, name, preconditions=Preconditions())
    return replace(
        state,
        resource_version=as_str(metadata_of(parent).get("resourceVersion")),
        parent_uid=as_str(metadata_of(parent).get("uid")),
        next_shard=write.next_shard,
        shards=tuple(name_of(shard) for shard in write.shards),
    )


async def _create_shard(writer: Writer, shard: Manifest) -> None:
    try:
        await writer.create(SECRET_KIND, shard)
    except Conflict:
        # A killed run left a shard of this number that nobody points to.
        namespace = as_str(metadata_of(shard).get("namespace"))
        await writer.delete(SECRET_KIND, namespace, name_of(shard), preconditions=Preconditions())
        await writer.create(SECRET_KIND, shard)
