"""State in a hostile world: deleted, edited, swapped, restored from a backup, forged. Never a wrong delete (I3).

Each seed applies a set beside objects of others, does some harm to the Secrets that hold the state, and runs again with
`prune` and one object less in the files. Whatever was done to the state:

- objects of others, and of another set, are as they were;
- what the files still place in a member is still there, the same object;
- a run that does not go through says so with errors that have codes, and has then deleted nothing.

A failing seed is run alone by its number.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from karmactl.core.model.manifest import Manifest, ResourceRef, as_mapping, labels_of, metadata_of, uid_of
from karmactl.core.model.ports import Preconditions
from karmactl.core.model.state import Inventory
from karmactl.core.state import PART_OF_LABEL, applyset_id, encode_member_state
from karmactl.errors import KarmactlError
from tests.engine.manifests import config_map, documents, namespace, policy, secret
from tests.engine.world import CONFIG_MAP, SECRET, SET, STATE_NAMESPACE, World

MEMBERS = ("m1", "m2", "m3")
SEEDS = 120
BEFORE = documents(
    namespace(), config_map("stays"), config_map("goes"), secret("token", key="hidden"), policy(["m1", "m2", "m3"])
)
AFTER = documents(namespace(), config_map("stays"), secret("token", key="hidden"), policy(["m1", "m2", "m3"]))
STRANGERS = ("hand-made", "of-another-set", "forged")

Harm = Callable[[World, random.Random, dict[str, list[Manifest]]], Awaitable[None]]


async def _state(world: World, member: str) -> list[Manifest]:
    found = await world.client(member).list(SECRET, namespace=STATE_NAMESPACE)
    return sorted(found, key=lambda item: str(metadata_of(item)["name"]))


async def _drop(world: World, member: str, secret_object: Manifest) -> None:
    metadata = metadata_of(secret_object)
    name, uid = str(metadata["name"]), str(metadata["uid"])
    await world.client(member).delete(SECRET, STATE_NAMESPACE, name, preconditions=Preconditions(uid=uid))


async def _put(world: World, member: str, secret_object: Manifest) -> None:
    """Make the Secret this, whatever is there."""
    name = str(metadata_of(secret_object)["name"])
    store = world.client(member, manager="intruder")
    present = {str(metadata_of(item)["name"]): item for item in await _state(world, member)}
    metadata = {
        key: value
        for key, value in metadata_of(secret_object).items()
        if key in ("name", "namespace", "labels", "annotations")
    }
    body: Manifest = {**secret_object, "metadata": metadata}
    if name in present:
        await _drop(world, member, present[name])
    await store.create(SECRET, body)


async def _delete_one(world: World, chance: random.Random, _: dict[str, list[Manifest]]) -> None:
    member = chance.choice(MEMBERS)
    secrets = await _state(world, member)
    if secrets:
        await _drop(world, member, chance.choice(secrets))


async def _delete_all(world: World, chance: random.Random, _: dict[str, list[Manifest]]) -> None:
    member = chance.choice(MEMBERS)
    for item in await _state(world, member):
        await _drop(world, member, item)


async def _swap_members(world: World, chance: random.Random, _: dict[str, list[Manifest]]) -> None:
    """One member's state in another: rows whose UIDs are of objects elsewhere."""
    one, other = chance.sample(MEMBERS, 2)
    for item in await _state(world, one):
        await _put(world, other, item)


async def _restore_backup(world: World, chance: random.Random, backup: dict[str, list[Manifest]]) -> None:
    member = chance.choice(MEMBERS)
    for item in await _state(world, member):
        await _drop(world, member, item)
    for item in backup[member]:
        await _put(world, member, item)


async def _garble(world: World, chance: random.Random, _: dict[str, list[Manifest]]) -> None:
    """Bytes of one value turned over, cut or emptied."""
    member = chance.choice(MEMBERS)
    secrets = [item for item in await _state(world, member) if item.get("data")]
    if not secrets:
        return
    item = chance.choice(secrets)
    data = dict(as_mapping(item["data"]))
    key = chance.choice(sorted(data))
    raw = bytearray(base64.b64decode(str(data[key])))
    how = chance.randrange(3)
    if how == 0 and raw:
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    elif how == 1:
        del raw[chance.randrange(len(raw) + 1) :]
    else:
        raw.clear()
    await _put(world, member, {**item, "data": {**data, key: base64.b64encode(bytes(raw)).decode()}})


async def _forge(world: World, chance: random.Random, _: dict[str, list[Manifest]]) -> None:
    """A whole and well-formed inventory that claims objects of others, with their true UIDs or with none."""
    try:
        view = await world.view()
    except (KarmactlError, ExceptionGroup):
        return  # Other harm was done before, and said.
    member = chance.choice(sorted(view.views))
    state = view.views[member].state
    live = await world.objects(member, CONFIG_MAP)
    rows = list(state.inventory.rows)
    if not rows:
        return
    for name in chance.sample(STRANGERS, 2):
        ref = ResourceRef(group="", version="v1", kind="ConfigMap", namespace="shop", name=name)
        rows.append(replace(rows[0], resource=ref, uid=chance.choice(["", uid_of(live[name])])))
    forged = replace(state, inventory=Inventory(rows=tuple(sorted(rows, key=lambda row: row.resource))))
    written = encode_member_state(forged, SET, namespace=STATE_NAMESPACE, tooling="karmactl/0")
    for item in (*written.shards, written.parent):
        await _put(world, member, item)


async def _edit_metadata(world: World, chance: random.Random, _: dict[str, list[Manifest]]) -> None:
    member = chance.choice(MEMBERS)
    secrets = await _state(world, member)
    if not secrets:
        return
    item = chance.choice(secrets)
    metadata = dict(metadata_of(item))
    part = chance.choice(["labels", "annotations"])
    entries = dict(as_mapping(metadata.get(part)))
    if not entries:
        return
    key = chance.choice(sorted(entries))
    if chance.random() < 0.5:
        del entries[key]
    else:
        entries[key] = chance.choice(["", "0", "99", "another", str(entries[key])[:-1]])
    await _put(world, member, {**item, "metadata": {**metadata, part: entries}})


HARMS: tuple[Harm, ...] = (
    _delete_one,
    _delete_all,
    _swap_members,
    _restore_backup,
    _garble,
    _forge,
    _edit_metadata,
)


async def _strangers(world: World) -> None:
    for member in MEMBERS:
        for name in STRANGERS:
            labels: dict[str, Any] = {"of-another-set": {PART_OF_LABEL: applyset_id("other", STATE_NAMESPACE)}}
            body: Manifest = {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": name, "namespace": "shop", "labels": labels.get(name, {})},
                "data": {"color": "theirs"},
            }
            await world.client(member, manager="somebody").create(CONFIG_MAP, body)


async def _seen(world: World) -> dict[tuple[str, str], tuple[str, str]]:
    """(member, name) of every ConfigMap in the namespace to its UID and, for those of others, all that it holds."""
    found = {}
    for member in MEMBERS:
        for name, item in (await world.objects(member, CONFIG_MAP)).items():
            held = json.dumps([item.get("data"), labels_of(item)], sort_keys=True) if name in STRANGERS else ""
            found[member, name] = (uid_of(item), held)
    return found


async def _run_seed(world: World, seed: int) -> bool:
    """Whether the second run was refused."""
    chance = random.Random(seed)
    world.write(BEFORE)
    await world.apply()
    backup = {member: await _state(world, member) for member in MEMBERS}
    world.write(BEFORE.replace("blue", "green"))
    await world.apply()
    await _strangers(world)
    before = await _seen(world)
    for harm in chance.sample(HARMS, chance.randint(1, 3)):
        await harm(world, chance, backup)
    world.write(AFTER.replace("blue", "green"))
    is_refused = False
    try:
        await world.apply(prune=True)
    except (KarmactlError, ExceptionGroup) as error:
        faults = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
        assert all(isinstance(fault, KarmactlError) and fault.code and fault.hint for fault in faults), faults
        is_refused = True
    after = await _seen(world)
    for key, seen in before.items():
        if key[1] != "goes" or is_refused:
            assert after.get(key) == seen, f"seed {seed}: {key} was {seen}, is {after.get(key)}"
    return is_refused


@pytest.mark.parametrize("part", range(4))
def test_i03_whatever_is_done_to_the_state_nothing_else_is_deleted(part: int, tmp_path: Path) -> None:
    outcomes = set()
    for seed in range(part, SEEDS, 4):
        folder = tmp_path / str(seed)
        folder.mkdir()
        outcomes.add(asyncio.run(_run_seed(World(folder / "files", MEMBERS, controllers=False), seed)))
    assert outcomes == {True, False}, "some harm is met and refused, some does not matter"
