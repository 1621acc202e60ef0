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
    "StoredPart",
    "applyset_id",
    "decode_member_state",
    "encode_member_state",
    "parent_name",
]

INVENTORY_NAMESPACE = "karmactl-system"
SET_LABEL = "karmactl.io/set"
PART_OF_LABEL = "applyset.kubernetes.io/part-of"
SCHEMA_VERSION = 1
_SECRET_TYPE = "karmactl.io/state"
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
class StoredPart:
    """Where the inventory or the record lies: its shards in order, and the SHA-256 of what they hold together."""

    shards: tuple[str, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberState:
    """What one member holds: its inventory, its copy of the record (None: it holds none), holders and the set's key.

    `resource_version` "" means that the parent does not exist yet. `shards` are the names of all shards seen, also
    those that nobody points to; `inventory_part` and `record_part` say which ones count.
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
    inventory_part: StoredPart = field_of(default_factory=StoredPart)
    record_part: StoredPart = field_of(default_factory=StoredPart)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWrite:
    """The objects that make a new state: create `shards`, then write `parent`, then delete `obsolete` (names).

    A part whose content did not change stays in the shards that it has. `inventory_part`, `record_part` and
    `next_shard` are what the member's state says afterwards.
    """

    shards: tuple[Manifest, ...]
    parent: Manifest
    obsolete: tuple[str, ...]
    next_shard: int
    inventory_part: StoredPart
    record_part: StoredPart


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
    something else). Whatever a hand did to the Secrets, nothing is guessed.
    """
    parents = [item for item in objects if name_of(item) == parent_name(set_name)]
    shards = {name_of(item): item for item in objects if _shard_number(item, set_name)}
    free = max((_shard_number(item, set_name) for item in shards.values()), default=0) + 1
    if not parents:
        return MemberState(shards=tuple(sorted(shards)), next_shard=free)
    parent = parents[0]
    _check_parent(parent, set_name, cluster)
    pointer = as_mapping(_loads(_secret_bytes(parent, "state", cluster), cluster))
    _check_schema(str(pointer.get("schema")), set_name, cluster)
    if pointer.get("digest") != _digest_of(pointer):
        raise _corrupt(cluster, f"{name_of(parent)} was changed by somebody else")
    record_pointer = field(pointer, "record")
    try:
        inventory = _decode_inventory(_read_shards(field(pointer, "inventory"), shards, cluster))
        record = _decode_record(_read_shards(record_pointer, shards, cluster), cluster) if record_pointer else None
    except (LookupError, ValueError, TypeError):
        raise _corrupt(cluster, "a row has another form than karmactl writes") from None
    holders = _decode_holders(field(pointer, "holders"))
    if not holders.uid_by_cluster:
        raise _corrupt(cluster, "it does not say who holds the record")
    return MemberState(
        inventory=inventory,
        record=record,
        record_generation=record.generation if record is not None else 0,
        holders=holders,
        key=_secret_bytes(parent, "key", cluster),
        parent_uid=as_str(metadata_of(parent).get("uid")),
        resource_version=as_str(metadata_of(parent).get("resourceVersion")),
        next_shard=max(_int(pointer.get("nextShard")), free),
        shards=tuple(sorted(shards)),
        inventory_part=_part_of(field(pointer, "inventory")),
        record_part=_part_of(record_pointer),
    )


def encode_member_state(
    state: MemberState, set_name: str, *, namespace: str = INVENTORY_NAMESPACE, tooling: str
) -> StateWrite:
    """The Secrets that hold `state`; the parent's resourceVersion is the precondition of the switch."""
    shards: dict[str, bytes] = {}
    inventory_part = _store(_encode_inventory(state.inventory), state.inventory_part, state, set_name, shards)
    record_part = StoredPart()
    pointer: dict[str, JSONValue] = {
        "schema": SCHEMA_VERSION,
        "inventory": encode(inventory_part),
        "holders": encode(state.holders),
    }
    if state.record is not None:
        record_part = _store(_encode_record(state.record), state.record_part, state, set_name, shards)
        pointer["record"] = {**as_mapping(encode(record_part)), "generation": state.record.generation}
    next_shard = state.next_shard + len(shards)
    pointer["nextShard"] = next_shard
    pointer["digest"] = _digest_of(pointer)
    kept = {*inventory_part.shards, *record_part.shards}
    return StateWrite(
        shards=tuple(_secret(name, namespace, set_name, {"content": content}) for name, content in shards.items()),
        parent=_parent(state, set_name, namespace, pointer, tooling),
        obsolete=tuple(name for name in state.shards if name not in kept),
        next_shard=next_shard,
        inventory_part=inventory_part,
        record_part=record_part,
    )


def _digest_of(pointer: dict[str, JSONValue]) -> str:
    """What vouches for the pointer, as its digests vouch for the shards: a hand's edit must not pass for a decision."""
    return hashlib.sha256(canonical({key: value for key, value in pointer.items() if key != "digest"})).hexdigest()


def _store(
    value: JSONValue, stored: StoredPart, state: MemberState, set_name: str, shards: dict[str, bytes]
) -> StoredPart:
    """Where a part lies from now on: where it is if it says the same, else in new shards (added to `shards`)."""
    packed = gzip.compress(canonical(value), mtime=0)
    digest = hashlib.sha256(packed).hexdigest()
    if digest == stored.digest and set(stored.shards) <= set(state.shards):
        return stored
    names = []
    for start in range(0, len(packed), _SHARD_BYTES):
        name = f"{parent_name(set_name)}-{state.next_shard + len(shards)}"
        shards[name] = packed[start : start + _SHARD_BYTES]
        names.append(name)
    return StoredPart(shards=tuple(names), digest=digest)


def _part_of(pointer: JSONValue) -> StoredPart:
    return StoredPart(
        shards=tuple(as_str(name) for name in as_list(field(pointer, "shards"))),
        digest=as_str(field(pointer, "digest")),
    )


def _shard_number(secret: Manifest, set_name: str) -> int:
    """The number of a shard of this set, 0 for anything else: another set may be called `<set>-1`."""
    number = name_of(secret).removeprefix(f"{parent_name(set_name)}-")
    is_shard = secret.get("type") == _SECRET_TYPE and labels_of(secret).get(SET_LABEL) == set_name
    return int(number) if is_shard and number.isascii() and number.isdigit() else 0


def _check_parent(parent: Manifest, set_name: str, cluster: str) -> None:
    if labels_of(parent).get(SET_LABEL) != set_name:
        raise StateError(
            "state-foreign",
            f"Secret {parent_name(set_name)} is there, but karmactl did not make it",
            hint="choose another name for `set:`, or remove the Secret if nobody needs it",
            cluster=cluster,
        )
    _check_schema(annotations_of(parent).get(_SCHEMA_ANNOTATION, ""), set_name, cluster)


def _check_schema(version: str, set_name: str, cluster: str) -> None:
    if not (version.isascii() and version.isdigit()):
        raise _corrupt(cluster, f"its schema version is {version!r}")
    if int(version) > SCHEMA_VERSION:
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
    if not unpacker.eof or unpacker.unused_data:
        raise _corrupt(cluster, "it is cut short")
    return _loads(data, cluster)


def _secret(name: str, namespace: str, set_name: str, data: dict[str, bytes]) -> Manifest:
    encoded: dict[str, JSONValue] = {key: base64.b64encode(value).decode() for key, value in data.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {SET_LABEL: set_name}},
        "type": _SECRET_TYPE,
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
        entry: list[JSONValue] = [
            index,
            ref.namespace,
            ref.name,
            row.uid,
            row.sent,
            row.live,
            fieldset_index[row.fields],
        ]
        rows.append([*entry, row.retained] if row.retained else entry)
    return {"kinds": [list(kind) for kind in kinds], "fieldsets": list(fieldsets), "rows": rows}


def _decode_inventory(value: JSONValue) -> Inventory:
    kinds = [[as_str(part) for part in as_list(kind)] for kind in as_list(field(value, "kinds"))]
    fieldsets = [as_str(fieldset) for fieldset in as_list(field(value, "fieldsets"))]
    rows = []
    for entry in as_list(field(value, "rows")):
        kind, namespace, name, uid, sent, live, fieldset, *retained = as_list(entry)
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
                retained=as_str(retained[0]) if retained else "",
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
