"""The codec of state: what goes out comes back, and what a hand did to it is an error, never a guess."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
from dataclasses import replace

import orjson
import pytest

from karmactl.core.digest import canonical
from karmactl.core.model.binding import TargetCluster
from karmactl.core.model.manifest import Manifest, ResourceRef, as_mapping, metadata_of, name_of
from karmactl.core.model.policy import ClusterAffinity, Placement
from karmactl.core.model.state import (
    ClusterRecord,
    Holders,
    Inventory,
    InventoryRow,
    PendingWithdrawal,
    Record,
    Revision,
    TemplateRecord,
)
from karmactl.core.state import MemberState, applyset_id, decode_member_state, encode_member_state
from karmactl.errors import StateError


def ref(name: str, kind: str = "ConfigMap") -> ResourceRef:
    return ResourceRef(group="", version="v1", kind=kind, namespace="shop", name=name)


def row(name: str, **fields: str) -> InventoryRow:
    return InventoryRow(
        resource=ref(name), **{"uid": f"uid-{name}", "sent": "s", "live": "l", "fields": "{}", **fields}
    )


PLACEMENT = Placement(cluster_affinity=ClusterAffinity(cluster_names=("m1", "m2")))
RECORD = Record(
    generation=4,
    templates=tuple(
        TemplateRecord(
            resource=ref(f"t{number}"),
            policy="PropagationPolicy/shop/all",
            placement=PLACEMENT,
            clusters=(TargetCluster(name="m1", replicas=number),),
            last_scheduled_time="2026-01-01T00:00:00Z",
        )
        for number in range(3)
    ),
    clusters=(ClusterRecord(name="m1", uid="u1", facts="{}", seen_at="2026-01-01T00:00:00Z"),),
    pending=(PendingWithdrawal(cluster="m2", resource=ref("t1"), uid="u"),),
    revisions=(Revision(generation=4, applied_at="2026-01-01T00:00:00Z", applied_by="me"),),
)
STATE = MemberState(
    inventory=Inventory(rows=(row("a"), row("b", uid=""))),
    record=RECORD,
    record_generation=4,
    holders=Holders(epoch=1, uid_by_cluster={"m1": "u1"}),
    key=b"k" * 32,
)


def written(state: MemberState, set_name: str = "shop") -> list[Manifest]:
    """The Secrets as a server would give them back."""
    write = encode_member_state(state, set_name, tooling="karmactl/v0")
    secrets = [*write.shards, write.parent]
    for number, secret in enumerate(secrets):
        metadata_of(secret).update({"uid": f"secret-{number}", "resourceVersion": str(number + 1)})
    return secrets


def decode(secrets: list[Manifest]) -> MemberState:
    return decode_member_state(secrets, "shop", cluster="m1")


def pointer_of(secret: Manifest) -> dict[str, object]:
    return orjson.loads(base64.b64decode(str(as_mapping(secret["data"])["state"])))


def with_pointer(secrets: list[Manifest], **changes: object) -> list[Manifest]:
    """The Secrets with another pointer in the parent, which vouches for itself; None takes a key away."""
    *shards, parent = secrets
    pointer = {key: value for key, value in {**pointer_of(parent), **changes}.items() if value is not None}
    del pointer["digest"]
    pointer["digest"] = hashlib.sha256(canonical(pointer)).hexdigest()  # type: ignore[arg-type]
    data = {**as_mapping(parent["data"]), "state": base64.b64encode(orjson.dumps(pointer)).decode()}
    return [*shards, {**parent, "data": data}]


def test_what_is_written_reads_back() -> None:
    state = decode(written(STATE))
    assert (state.inventory, state.record, state.holders, state.key) == (
        STATE.inventory,
        STATE.record,
        STATE.holders,
        STATE.key,
    )
    assert state.resource_version
    assert decode([]) == MemberState()


def test_equal_placements_are_stored_once() -> None:
    many = replace(RECORD, templates=tuple(replace(entry) for entry in RECORD.templates for _ in range(50)))
    (_, shard, _) = written(replace(STATE, record=many))
    content = gzip.decompress(base64.b64decode(str(as_mapping(shard["data"])["content"])))
    assert content.count(b"clusterNames") == 1


def test_a_part_that_did_not_change_stays_in_its_shards() -> None:
    state = decode(written(STATE))
    write = encode_member_state(replace(state, inventory=Inventory(rows=(row("c"),))), "shop", tooling="t")
    assert len(write.shards) == 1
    assert set(write.obsolete) == set(state.inventory_part.shards)
    assert write.record_part == state.record_part
    assert encode_member_state(state, "shop", tooling="t").shards == ()


def test_shards_are_at_most_512_kib_and_numbered_on() -> None:
    chance = random.Random(0)
    rows = tuple(row(f"r{number:06}", sent=chance.randbytes(60).hex()) for number in range(12_000))
    secrets = written(replace(STATE, inventory=Inventory(rows=rows), next_shard=7))
    sizes = [len(base64.b64decode(str(as_mapping(secret["data"])["content"]))) for secret in secrets[:-1]]
    assert len(sizes) >= 3
    assert max(sizes) <= 512 * 1024
    assert name_of(secrets[0]) == "karmactl-shop-7"
    assert decode(secrets).inventory.rows == rows


def test_another_sets_secrets_are_never_shards_of_ours() -> None:
    """The parent of set `shop-1` is called as the first shard of set `shop` would be."""
    other = written(STATE, "shop-1")
    stranger: Manifest = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "notes", "labels": {"karmactl.io/set": "shop"}},
        "data": {},
    }
    state = decode([*written(STATE), *other, stranger])
    assert set(state.shards) == {*state.inventory_part.shards, *state.record_part.shards}


def test_orphaned_shards_push_the_numbers_on_and_are_obsolete() -> None:
    orphan = written(replace(STATE, next_shard=40))[0]
    state = decode([*written(STATE), orphan])
    assert state.next_shard == 41
    assert name_of(orphan) in encode_member_state(state, "shop", tooling="t").obsolete


def test_the_parent_is_an_applyset() -> None:
    parent = written(STATE)[-1]
    metadata = metadata_of(parent)
    assert as_mapping(metadata["labels"])["applyset.kubernetes.io/id"] == applyset_id("shop")
    annotations = as_mapping(metadata["annotations"])
    assert annotations["applyset.kubernetes.io/contains-group-kinds"] == "ConfigMap"
    assert annotations["applyset.kubernetes.io/additional-namespaces"] == "shop"


def test_the_applyset_id_is_that_of_the_specification() -> None:
    # KEP-3659: base64url(sha256("<name>.<namespace>.<kind>.<group>")), here for Secret karmactl-shop in karmactl-system
    assert applyset_id("shop", "karmactl-system").startswith("applyset-")
    assert applyset_id("shop", "karmactl-system").endswith("-v1")
    assert applyset_id("shop", "a") != applyset_id("shop", "b")


def _edited(secret: Manifest, key: str, value: str | None) -> Manifest:
    data = {name: text for name, text in as_mapping(secret["data"]).items() if name != key}
    return {**secret, "data": {**data, **({key: value} if value is not None else {})}}


def _unvouched(parent: Manifest) -> Manifest:
    """A hand that made the run forget the record."""
    pointer = pointer_of(parent)
    del pointer["record"]
    return _edited(parent, "state", base64.b64encode(orjson.dumps(pointer)).decode())


def _relabelled(secret: Manifest) -> Manifest:
    return {**secret, "metadata": {**metadata_of(secret), "labels": {}}}


def _versioned(secret: Manifest, version: str) -> Manifest:
    annotations = {**as_mapping(metadata_of(secret)["annotations"]), "karmactl.io/schema-version": version}
    return {**secret, "metadata": {**metadata_of(secret), "annotations": annotations}}


def _shard(content: object) -> Manifest:
    """A shard with a content of its own, and a pointer that vouches for it, as a hostile hand would make them."""
    packed = gzip.compress(orjson.dumps(content))
    secret = written(STATE)[0]
    return _edited(secret, "content", base64.b64encode(packed).decode())


def _vouched(content: object) -> list[Manifest]:
    shard = _shard(content)
    packed = base64.b64decode(str(as_mapping(shard["data"])["content"]))
    part = {"shards": [name_of(shard)], "digest": hashlib.sha256(packed).hexdigest()}
    return with_pointer([shard, *written(STATE)[1:]], inventory=part)


@pytest.mark.parametrize(
    ("secrets", "code"),
    [
        (lambda: written(STATE)[1:], "state-corrupt"),
        (lambda: [_edited(written(STATE)[0], "content", "AAAA"), *written(STATE)[1:]], "state-corrupt"),
        (lambda: [_edited(written(STATE)[0], "content", "no base64!"), *written(STATE)[1:]], "state-corrupt"),
        (lambda: [_edited(written(STATE)[0], "content", None), *written(STATE)[1:]], "state-corrupt"),
        (lambda: [*written(STATE)[:-1], _edited(written(STATE)[-1], "state", None)], "state-corrupt"),
        (lambda: [*written(STATE)[:-1], _edited(written(STATE)[-1], "state", "bm90IGpzb24=")], "state-corrupt"),
        (lambda: with_pointer(written(STATE), inventory=None), "state-corrupt"),
        (lambda: with_pointer(written(STATE), holders=None), "state-corrupt"),
        (lambda: with_pointer(written(STATE), holders={"uidByCluster": []}), "state-corrupt"),
        (lambda: with_pointer(written(STATE), schema=2), "state-newer-schema"),
        (lambda: [*written(STATE)[:-1], _unvouched(written(STATE)[-1])], "state-corrupt"),
        (lambda: with_pointer(written(STATE), schema="one"), "state-corrupt"),
        (lambda: [*written(STATE)[:-1], _versioned(written(STATE)[-1], "2")], "state-newer-schema"),
        (lambda: [*written(STATE)[:-1], _versioned(written(STATE)[-1], "²")], "state-corrupt"),
        (lambda: [*written(STATE)[:-1], _relabelled(written(STATE)[-1])], "state-foreign"),
        (lambda: _vouched({"kinds": [], "fieldsets": [], "rows": [[0, "n"]]}), "state-corrupt"),
        (lambda: _vouched({"kinds": [], "fieldsets": [""], "rows": [[3, "n", "a", "", "", "", 0]]}), "state-corrupt"),
        (
            lambda: _vouched({"kinds": [["", "v1"]], "fieldsets": [""], "rows": [[0, "", "", "", "", "", 0]]}),
            "state-corrupt",
        ),
    ],
)
def test_i07_what_a_hand_did_to_the_state_is_an_error(secrets: object, code: str) -> None:
    with pytest.raises(StateError) as caught:
        decode(secrets())  # type: ignore[operator]
    assert caught.value.code == code
    assert caught.value.cluster == "m1"
    assert caught.value.hint


def test_fuzzed_secrets_are_read_whole_or_refused() -> None:
    chance = random.Random(1)
    whole = written(STATE)
    for _ in range(300):
        secrets = [dict(secret) for secret in whole]
        victim = chance.randrange(len(secrets))
        data = as_mapping(secrets[victim]["data"])
        key = chance.choice([name for name in data if name != "key"])
        raw = bytearray(base64.b64decode(str(data[key])))
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        secrets[victim] = _edited(secrets[victim], key, base64.b64encode(bytes(raw)).decode())
        try:
            state = decode(secrets)
        except StateError:
            continue
        assert state.inventory == STATE.inventory, "a flipped bit changed what counts as ours"
        assert state.record == STATE.record
