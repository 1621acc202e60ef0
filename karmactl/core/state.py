"""The codec of state: inventory and record to Secrets in a member, and back. No request is made here.

A member holds, in the inventory's namespace, one parent Secret `karmactl-<set>` (an ApplySet parent, KEP-3659) and
shards `karmactl-<set>-<n>`. The parent names the newest shards and is switched last, by compare-and-swap on its
resourceVersion: a run killed in between leaves the old state whole and some shards that nobody points to.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of

import orjson

from karmactl.core.decode import decode
from karmactl.core.digest import canonical
from karmactl.core.encode import encode
from karmactl.core.model.manifest import (
    JSONValue,
    Manifest,
    ResourceRef,
    annotations_of,
    as_list,
    as_mapping,
    as_str,
    field,
    labels_of,
    metadata_of,
    name_of,
)
from karmactl.core.model.state import Holders, Inventory, InventoryRow, Record
from karmactl.errors import StateError

__all__ = [
    "INVENTORY_NAMESPACE",
    "PART_OF_LABEL",
    "SET_LABEL",
    "MemberState",
    "StateWrite",
    "applyset_id",
    "decode_member_state",
    "encode_member_state",
    "parent_name",
]

INVENTORY_NAMESPACE = "karmactl-system"
SET_LABEL = "karmactl.io/set"
PART_OF_LABEL = "applyset.kubernetes.io/part-of"
SCHEMA_VERSION = 1
_SCHEMA_ANNOTATION = "karmactl.io/schema-version"
_ID_LABEL = "applyset.kubernetes.io/id"
_TOOLING_ANNOTATION = "applyset.kubernetes.io/tooling"
_GROUP_KINDS_ANNOTATION = "applyset.kubernetes.io/contains-group-kinds"
_NAMESPACES_ANNOTATION = "applyset.kubernetes.io/additional-namespaces"
# A Secret may hold 1 MiB; half of it leaves room for base64 and for a server that counts the whole request.
_SHARD_BYTES = 512 * 1024
# More than any honest shard unpacks to: a forged one must not fill the memory.
_UNPACKED_LIMIT = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberState:
    """What one member holds: its inventory, its copy of the record (None: it holds none), holders and the set's key.

    `resource_version` "" means that the parent does not exist yet. `shards` are the names of all shards seen, also
    those that nobody points to.
    """

    inventory: Inventory = field_of(default_factory=Inventory)
    record: Record | None = None
    record_generation: int = 0
    holders: Holders = field_of(default_factory=Holders)
    key: bytes = b""
    parent_uid: str = ""
    resource_version: str = ""
    next_shard: int = 1
    shards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWrite:
    """The objects that make a new state: create `shards`, then write `parent`, then delete `obsolete` (names)."""

    shards: tuple[Manifest, ...]
    parent: Manifest
    obsolete: tuple[str, ...]
    next_shard: int


def parent_name(set_name: str) -> str:
    """The name of the parent Secret."""
    return f"karmactl-{set_name}"


def applyset_id(set_name: str, namespace: str = INVENTORY_NAMESPACE) -> str:
    """The ApplySet id of a set: `applyset-<base64url(sha256(name.namespace.kind.group))>-v1` (KEP-3659)."""
    raw = hashlib.sha256(f"{parent_name(set_name)}.{namespace}.Secret.".encode()).digest()
    return f"applyset-{base64.urlsafe_b64encode(raw).decode().rstrip('=')}-v1"


def decode_member_state(objects: Sequence[Manifest], set_name: str, *, cluster: str) -> MemberState:
    """The state that a member's Secrets hold; the empty one where there is no parent.

    Raises StateError: `state-newer-schema`, `state-corrupt`, `state-foreign` (the parent's name is taken by
    something else).
    """
    parents = [item for item in objects if name_of(item) == parent_name(set_name)]
    shards = {name_of(item): item for item in objects if name_of(item) != parent_name(set_name)}
    if not parents:
        return MemberState(shards=tuple(sorted(shards)))
    parent = parents[0]
    _check_parent(parent, set_name, cluster)
    pointer = as_mapping(_loads(_secret_bytes(parent, "state", cluster), cluster))
    inventory_value = _read_shards(field(pointer, "inventory"), shards, cluster)
    record_pointer = field(pointer, "record")
    record_value = _read_shards(record_pointer, shards, cluster) if record_pointer else None
    return MemberState(
        inventory=_decode_inventory(inventory_value),
        record=_decode_record(record_value, cluster) if record_pointer else None,
        record_generation=_int(field(pointer, "record", "generation")),
        holders=_decode_holders(field(pointer, "holders")),
        key=_secret_bytes(parent, "key", cluster),
        parent_uid=as_str(metadata_of(parent).get("uid")),
        resource_version=as_str(metadata_of(parent).get("resourceVersion")),
        next_shard=_int(pointer.get("nextShard")) or 1,
        shards=tuple(sorted(shards)),
    )


def encode_member_state(
    state: MemberState, set_name: str, *, namespace: str = INVENTORY_NAMESPACE, tooling: str
) -> StateWrite:
    """The Secrets that hold `state`; the parent's resourceVersion is the precondition of the switch."""
    number = state.next_shard
    inventory_shards, inventory_digest = _pack(_encode_inventory(state.inventory))
    record_shards: list[bytes] = []
    record_digest = ""
    if state.record is not None:
        record_shards, record_digest = _pack(_encode_record(state.record))
    names = [f"{parent_name(set_name)}-{number + index}" for index in range(len(inventory_shards) + len(record_shards))]
    contents = inventory_shards + record_shards
    pointer: dict[str, JSONValue] = {
        "schema": SCHEMA_VERSION,
        "inventory": {"shards": list(names[: len(inventory_shards)]), "digest": inventory_digest},
        "holders": encode(state.holders),
        "nextShard": number + len(names),
    }
    if state.record is not None:
        pointer["record"] = {
            "shards": list(names[len(inventory_shards) :]),
            "digest": record_digest,
            "generation": state.record.generation,
        }
    return StateWrite(
        shards=tuple(
            _secret(name, namespace, set_name, {"content": content})
            for name, content in zip(names, contents, strict=True)
        ),
        parent=_parent(state, set_name, namespace, pointer, tooling),
        obsolete=state.shards,
        next_shard=number + len(names),
    )


def _check_parent(parent: Manifest, set_name: str, cluster: str) -> None:
    if labels_of(parent).get(SET_LABEL) != set_name:
        raise StateError(
            "state-foreign",
            f"Secret {parent_name(set_name)} is there, but karmactl did not make it",
            hint="choose another name for `set:`, or remove the Secret if nobody needs it",
            cluster=cluster,
        )
    version = annotations_of(parent).get(_SCHEMA_ANNOTATION, "")
    if version.isdigit() and int(version) > SCHEMA_VERSION:
        raise StateError(
            "state-newer-schema",
            f"the state of set {set_name} has schema version {version}; this karmactl knows {SCHEMA_VERSION}",
            hint="use the karmactl version that wrote it, or a newer one",
            cluster=cluster,
        )


def _corrupt(cluster: str, what: str) -> StateError:
    return StateError(
        "state-corrupt",
        f"the recorded state cannot be read: {what}",
        hint="look at the Secrets karmactl-* in the inventory's namespace; restore them, or remove the set's parent "
        "Secret to start from nothing (objects then count as foreign)",
        cluster=cluster,
    )


def _secret_bytes(secret: Manifest, key: str, cluster: str) -> bytes:
    text = as_str(field(secret, "data", key))
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise _corrupt(cluster, f"{name_of(secret)} data.{key} is not base64") from None


def _loads(data: bytes, cluster: str) -> JSONValue:
    try:
        value: JSONValue = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _corrupt(cluster, "it is not JSON") from None
    return value


def _read_shards(pointer: JSONValue, shards: dict[str, Manifest], cluster: str) -> JSONValue:
    names = [as_str(name) for name in as_list(field(pointer, "shards"))]
    missing = [name for name in names if name not in shards]
    if missing:
        raise _corrupt(cluster, f"shard {missing[0]} is missing")
    packed = b"".join(_secret_bytes(shards[name], "content", cluster) for name in names)
    if hashlib.sha256(packed).hexdigest() != field(pointer, "digest"):
        raise _corrupt(cluster, "its digest is not the one that was recorded")
    try:
        unpacker = zlib.decompressobj(wbits=31)
        data = unpacker.decompress(packed, _UNPACKED_LIMIT)
    except zlib.error:
        raise _corrupt(cluster, "it is not gzip") from None
    if unpacker.unconsumed_tail:
        raise _corrupt(cluster, "it unpacks to more than 256 MiB")
    return _loads(data, cluster)


def _pack(value: JSONValue) -> tuple[list[bytes], str]:
    packed = gzip.compress(canonical(value), mtime=0)
    parts = [packed[start : start + _SHARD_BYTES] for start in range(0, len(packed), _SHARD_BYTES)]
    return parts, hashlib.sha256(packed).hexdigest()


def _secret(name: str, namespace: str, set_name: str, data: dict[str, bytes]) -> Manifest:
    encoded: dict[str, JSONValue] = {key: base64.b64encode(value).decode() for key, value in data.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {SET_LABEL: set_name}},
        "type": "karmactl.io/state",
        "data": encoded,
    }


def _parent(state: MemberState, set_name: str, namespace: str, pointer: dict[str, JSONValue], tooling: str) -> Manifest:
    parent = _secret(parent_name(set_name), namespace, set_name, {"state": canonical(pointer), "key": state.key})
    metadata = metadata_of(parent)
    as_mapping(metadata["labels"])[_ID_LABEL] = applyset_id(set_name, namespace)
    metadata["annotations"] = {
        _SCHEMA_ANNOTATION: str(SCHEMA_VERSION),
        _TOOLING_ANNOTATION: tooling,
        _GROUP_KINDS_ANNOTATION: ",".join(_group_kinds(row.resource for row in state.inventory.rows)),
        _NAMESPACES_ANNOTATION: ",".join(
            sorted({row.resource.namespace for row in state.inventory.rows} - {"", namespace})
        ),
    }
    if state.resource_version:
        metadata["resourceVersion"] = state.resource_version
    return parent


def _group_kinds(refs: Iterable[ResourceRef]) -> list[str]:
    return sorted({f"{ref.kind}.{ref.group}" if ref.group else ref.kind for ref in refs})


def _encode_inventory(inventory: Inventory) -> JSONValue:
    kinds = sorted({(row.resource.group, row.resource.version, row.resource.kind) for row in inventory.rows})
    fieldsets = sorted({row.fields for row in inventory.rows})
    kind_index = {kind: index for index, kind in enumerate(kinds)}
    fieldset_index = {fieldset: index for index, fieldset in enumerate(fieldsets)}
    rows: list[JSONValue] = []
    for row in sorted(inventory.rows, key=lambda entry: entry.resource):
        ref = row.resource
        index = kind_index[(ref.group, ref.version, ref.kind)]
        rows.append([index, ref.namespace, ref.name, row.uid, row.sent, row.live, fieldset_index[row.fields]])
    return {"kinds": [list(kind) for kind in kinds], "fieldsets": list(fieldsets), "rows": rows}


def _decode_inventory(value: JSONValue) -> Inventory:
    kinds = [[as_str(part) for part in as_list(kind)] for kind in as_list(field(value, "kinds"))]
    fieldsets = [as_str(fieldset) for fieldset in as_list(field(value, "fieldsets"))]
    rows = []
    for entry in as_list(field(value, "rows")):
        kind, namespace, name, uid, sent, live, fieldset = as_list(entry)
        group, version, kind_name = kinds[_int(kind)]
        rows.append(
            InventoryRow(
                resource=ResourceRef(
                    group=group, version=version, kind=kind_name, namespace=as_str(namespace), name=as_str(name)
                ),
                uid=as_str(uid),
                sent=as_str(sent),
                live=as_str(live),
                fields=fieldsets[_int(fieldset)],
            )
        )
    return Inventory(rows=tuple(rows))


def _encode_record(record: Record) -> JSONValue:
    """Equal placements are stored once: thousands of templates share a policy."""
    value = as_mapping(encode(record))
    placements: dict[bytes, int] = {}
    for entry in as_list(value.get("templates")):
        template = as_mapping(entry)
        if "placement" in template:
            text = canonical(template["placement"])
            template["placement"] = placements.setdefault(text, len(placements))
    value["placements"] = [orjson.loads(text) for text in placements]
    return value


def _decode_record(value: JSONValue, cluster: str) -> Record:
    mapping = dict(as_mapping(value))
    placements = as_list(mapping.pop("placements", None))
    templates: list[JSONValue] = []
    for entry in as_list(mapping.get("templates")):
        template = dict(as_mapping(entry))
        if "placement" in template:
            template["placement"] = placements[_int(template["placement"])]
        templates.append(template)
    mapping["templates"] = templates
    record, faults = decode(Record, mapping)
    if faults:
        raise _corrupt(cluster, f"{faults[0]}")
    return record


def _decode_holders(value: JSONValue) -> Holders:
    uids = as_mapping(field(value, "uidByCluster"))
    return Holders(
        epoch=_int(field(value, "epoch")), uid_by_cluster={name: as_str(uid) for name, uid in sorted(uids.items())}
    )


def _int(value: JSONValue) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
