"""What an update would do to an object, asked of the server as a dry run, and whether anybody stands in its way.

The very request that `apply` sends, but for dryRun: same manager, same body, same uid. A field that we sent last time
is ours, so whoever changed it made drift, which is put back with force; a field that we newly claim and another
manager holds is a conflict, and only the user or the policy may take it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import orjson

from karmactl.core.adopt import moved_fields, without_moved
from karmactl.core.diff import FIELD_MANAGER, diff_objects, is_sensitive_resource, sent_digest
from karmactl.core.fieldset import applied_fields, held_fields, holder_at, holders_of, server_paths, value_at
from karmactl.core.model.change import FieldChange, FieldHolder, Masked, RetainedField
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef, as_str, metadata_of, uid_of
from karmactl.core.model.ports import APIKind, DryRunner
from karmactl.core.model.state import InventoryRow
from karmactl.core.model.work import FieldOrigin
from karmactl.core.retain import REPLICAS, Fitted, Retainer
from karmactl.engine.members import MemberPorts
from karmactl.errors import Conflict

__all__ = ["Contested", "Prediction", "Wish", "predict", "who_changed"]

_LOOKS = 5
_REPLICAS_PATH = ".spec.replicas"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An update that is wanted: `row` is what was sent last time (None: never), `takes_over` allows force.

    `body` is what is wanted; `retainer` and `autoscaler` say what of it is left to the member, and `fitted` is what
    is to be sent over the object as the plan saw it (None: a create), with the `rules` that made it so. `seen` is the
    live digest of that object. `adopts`: what former managers hold of it becomes ours.
    """

    ref: ResourceRef
    kind: APIKind
    body: Manifest
    row: InventoryRow | None
    key: bytes
    takes_over: bool = False
    seen: str = ""
    origins: tuple[FieldOrigin, ...] = ()
    retainer: Retainer = field(default_factory=Retainer)
    autoscaler: str = ""
    fitted: Manifest | None = None
    rules: str = ""
    adopts: bool = False

    def fit(self, live: Manifest) -> Fitted:
        """What to send over `live`. Raises InputError `interpret-failed`."""
        if self.adopts:
            live = {**live, "metadata": {**metadata_of(live), "managedFields": moved_fields(live)}}
        return self.retainer.fit(self.body, live, autoscaler=self.autoscaler)

    @property
    def is_as_sent(self) -> bool:
        """Whether the same was sent last time."""
        return self.row is not None and self.row.sent == sent_digest(self.body, self.ref, self.key)

    def sent_paths(self) -> frozenset[str]:
        """The fields that were sent last time, as server paths."""
        if self.row is None or not self.row.fields:
            return frozenset()
        return frozenset(server_paths(orjson.loads(self.row.fields)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What sending `body` would do to `live`, the object as the server compared it.

    `retained` are fields that keep the member's value, by `rules`. `taken` are the server paths that it takes from
    others (with force).
    """

    live: Manifest
    body: Manifest
    fields: tuple[FieldChange, ...]
    retained: tuple[RetainedField, ...] = ()
    rules: str = ""
    taken: tuple[str, ...] = ()
    moves_ownership: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether the object is as it should be."""
        return not self.fields and not self.moves_ownership

    def is_same_as(self, shown: Sequence[FieldChange], *, is_forced: bool) -> bool:
        """Whether it does what was shown: the same fields, to and from the same values."""
        mine = [(change.path, change.op, change.before, change.after) for change in self.fields]
        theirs = [(change.path, change.op, change.before, change.after) for change in shown]
        return mine == theirs and (is_forced or not self.taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """Others hold fields of `live` that we newly claim: the server's words, and `fields` with who holds them."""

    live: Manifest
    message: str
    fields: tuple[FieldChange, ...]


async def predict(member: MemberPorts, wish: Wish, live: Manifest) -> Prediction | Contested:
    """What `wish` would do to the object that was seen as `live`, whatever happens to it meanwhile.

    A dry run tells the version that it started from. Where that is another than ours, somebody changed the object in
    between, and the difference would be in part theirs: then both are looked at again. Raises ClusterErrors, but for
    field conflicts; Conflict `changed-while-looking` where the object went or never came to rest.
    """
    for _ in range(_LOOKS):
        found, version = await _ask(member.dry_runner, wish, live)
        if version in ("", _version_of(live)):
            return found
        again = await member.reader.get(wish.kind, wish.ref.namespace, wish.ref.name)
        if again is None or uid_of(again) != uid_of(live):
            break
        live = again
    raise Conflict(
        "changed-while-looking",
        f"{wish.ref} changed each time it was looked at",
        cluster=member.name,
        status=409,
        resource=str(wish.ref),
    )


async def _ask(dry_runner: DryRunner, wish: Wish, live: Manifest) -> tuple[Prediction | Contested, str]:
    """One dry run against `live`, and the version that the server compared ("" where it did not say)."""
    fitted = wish.fit(live)
    body: Manifest = {**fitted.body, "metadata": {**metadata_of(fitted.body), "uid": uid_of(live)}}
    taken: tuple[str, ...] = ()
    try:
        after = await dry_runner.apply(wish.kind, body)
    except Conflict as conflict:
        taken = tuple(path for path, _ in conflict.causes)
        if not taken:
            raise
        if not _may_take(wish, live, taken):
            return Contested(live=live, message=conflict.message, fields=_conflicts(wish, live, taken)), ""
        after = await dry_runner.apply(wish.kind, body, force=True)
    if wish.adopts:
        after = await _pruned(dry_runner, wish, live, after)
    fields = diff_objects(live, after, wish.ref, wish.origins)
    if wish.is_as_sent:
        fields = tuple(replace(change, drift=who_changed(live, change)) for change in fields)
    found = Prediction(
        live=live,
        body=fitted.body,
        fields=fields,
        retained=fitted.retained,
        rules=fitted.rules,
        taken=taken,
        moves_ownership=applied_fields(live, FIELD_MANAGER) != applied_fields(after, FIELD_MANAGER),
    )
    return found, _version_of(after)


async def _pruned(dry_runner: DryRunner, wish: Wish, live: Manifest, after: Manifest) -> Manifest:
    """`after` as it is once the fields of former managers that the files do not say are gone, by the server's word."""
    wanted = without_moved(after, moved_fields(live))
    return after if wanted is after else await dry_runner.replace(wish.kind, wanted)


def _version_of(manifest: Manifest) -> str:
    return as_str(metadata_of(manifest).get("resourceVersion"))


def who_changed(live: Manifest, change: FieldChange) -> FieldHolder:
    """Who else holds or took away the field of `live` that a change is about."""
    return holder_at(live, change.path, besides=FIELD_MANAGER) or FieldHolder(manager="unknown")


def _may_take(wish: Wish, live: Manifest, taken: Sequence[str]) -> bool:
    if wish.takes_over or wish.is_as_sent:
        return True
    ours = wish.sent_paths()
    return all(path in ours or _is_scaled_by_nobody(wish, live, path) for path in taken)


def _is_scaled_by_nobody(wish: Wish, live: Manifest, path: str) -> bool:
    """Whether these are replicas of an object of ours that an autoscaler had, which is gone: they are ours again."""
    if path != _REPLICAS_PATH or wish.row is None or not wish.row.uid:
        return False
    holders = [entry for entry in held_fields(live) if entry.holds(REPLICAS) and entry.manager != FIELD_MANAGER]
    return all(entry.subresource == "scale" for entry in holders)


def _conflicts(wish: Wish, live: Manifest, taken: Sequence[str]) -> tuple[FieldChange, ...]:
    """The contested fields that are not ours, with who holds them and what would become of them."""
    ours = wish.sent_paths()

    def shown(value: JSONValue) -> JSONValue | Masked:
        return Masked() if is_sensitive_resource(wish.ref) else value

    return tuple(
        FieldChange(
            path=path,
            keyed_path=path.lstrip("."),
            op="replace",
            before=shown(value_at(live, path)),
            after=shown(value_at(wish.body, path)),
            conflict=holders_of(live, path, besides=FIELD_MANAGER) or FieldHolder(manager="unknown"),
        )
        for path in taken
        if path not in ours
    )
