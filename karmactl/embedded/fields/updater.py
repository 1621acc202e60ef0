"""What an update or an apply does to an object's values and to the ownership of its fields.

The rules are those of sigs.k8s.io/structured-merge-diff, merge: an update owns what it changed; an apply owns what
it says, conflicts with other owners of what it changes, and takes away what it said last time, no longer says, and
nobody else owns. Managers may have written in different versions of the kind; `Versions` converts between them.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol

from karmactl.embedded.fields import removal, typed
from karmactl.embedded.fields.paths import FieldSet, Path
from karmactl.embedded.schema.node import Node

Managers = dict[str, "Owned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """The fields of one manager, in the version of the API in which it wrote them."""

    fields: FieldSet
    version: str
    applied: bool


class Versions(Protocol):
    """The versions of one kind: their schemas and the way between them."""

    def node(self, version: str) -> Node | None:
        """The schema of an API version (`apps/v1`), or None where it is not served any more."""
        ...

    def convert(self, value: Any, to: str) -> Any:
        """The object in another API version."""
        ...

    def zero(self) -> Any:
        """The object of which nobody has set anything: a zero value of the kind."""
        ...

    def ignored(self, version: str) -> FieldSet:
        """Fields that the request's endpoint resets, and that it therefore never owns."""
        ...


class Conflicts(Exception):
    """Fields that an apply would change and other managers own: pairs of manager and path."""

    def __init__(self, found: list[tuple[str, Path]]) -> None:
        super().__init__(f"{len(found)} conflicts")
        self.found = found


def _at(versions: Versions, value: Any, version: str, of: str) -> tuple[Node, Any] | None:
    node = versions.node(version)
    if node is None:
        return None
    return node, value if version == of else versions.convert(value, version)


def _take_over(
    versions: Versions, live: Any, new: Any, version: str, managers: Managers, actor: str, force: bool
) -> tuple[Managers, typed.Comparison]:
    """Takes changed and removed fields from the other managers; raises Conflicts unless forced."""
    node = versions.node(version)
    assert node is not None
    compared = {version: _without(typed.compare(node, live, new), versions.ignored(version))}
    conflicts: list[tuple[str, FieldSet]] = []
    removed: dict[str, FieldSet] = {}
    managers = dict(managers)
    for manager, owned in list(managers.items()):
        if manager == actor:
            continue
        if owned.version not in compared:
            before = _at(versions, live, owned.version, version)
            after = _at(versions, new, owned.version, version)
            if before is None or after is None:
                del managers[manager]
                continue
            there = typed.compare(before[0], before[1], after[1])
            compared[owned.version] = _without(there, versions.ignored(owned.version))
        change = compared[owned.version]
        taken = owned.fields.intersection(change.modified.union(change.added))
        if not taken.empty():
            conflicts.append((manager, taken))
        if not change.removed.empty():
            removed[manager] = change.removed
    if conflicts and not force:
        raise Conflicts([(manager, path) for manager, taken in conflicts for path in taken.paths()])
    for manager, taken in conflicts:
        managers[manager] = replace(managers[manager], fields=managers[manager].fields.difference(taken))
    for manager, gone in removed.items():
        managers[manager] = replace(managers[manager], fields=managers[manager].fields.difference(gone))
    managers = {name: owned for name, owned in managers.items() if not owned.fields.empty()}
    return managers, compared[version]


def _without(change: typed.Comparison, ignored: FieldSet) -> typed.Comparison:
    if ignored.empty():
        return change
    return typed.Comparison(
        added=change.added.recursive_difference(ignored),
        removed=change.removed.recursive_difference(ignored),
        modified=change.modified.recursive_difference(ignored),
    )


def _reconciled(versions: Versions, managers: Managers) -> Managers:
    """Field sets brought up to date with schemas that changed since, dropping versions no longer served."""
    out: Managers = {}
    for manager, owned in managers.items():
        node = versions.node(owned.version)
        if node is not None:
            out[manager] = replace(owned, fields=typed.reconcile(owned.fields, node))
    return out


def update(versions: Versions, live: Any, new: Any, version: str, managers: Managers, actor: str) -> Managers:
    """Who owns what after `actor` replaced the live value by the new one."""
    managers, change = _take_over(versions, live, new, version, _reconciled(versions, managers), actor, force=True)
    before = managers[actor].fields if actor in managers else FieldSet()
    fields = before.difference(change.removed).union(change.modified).union(change.added)
    fields = fields.recursive_difference(versions.ignored(version))
    managers.pop(actor, None)
    if not fields.empty():
        managers[actor] = Owned(fields=fields, version=version, applied=False)
    return managers


def apply(
    versions: Versions, live: Any, config: Any, version: str, managers: Managers, actor: str, force: bool
) -> tuple[Any, Managers]:
    """The value after `actor` applied the config, and who owns what then; raises Conflicts unless forced."""
    managers = _reconciled(versions, managers)
    node = versions.node(version)
    assert node is not None
    merged = typed.merge(node, live, config)
    last = managers.get(actor)
    fields = typed.field_set(node, config).recursive_difference(versions.ignored(version))
    managers[actor] = Owned(fields=fields, version=version, applied=True)
    if last is not None and not last.fields.empty():
        merged = _prune(versions, merged, version, managers, last)
    managers, _ = _take_over(versions, live, merged, version, managers, actor, force)
    return merged, managers


def _prune(versions: Versions, merged: Any, version: str, managers: Managers, last: Owned) -> Any:
    """Takes away what was applied last time and is in nobody's set any more."""
    found = _at(versions, merged, last.version, version)
    if found is None:
        return merged
    node, value = found
    pruned = removal.remove(node, value, typed.with_named_parents(last.fields, node))
    pruned = _add_back_owned(versions, value, pruned, last.version, managers)
    pruned = _add_back_dangling(versions, value, pruned, last)
    return pruned if last.version == version else versions.convert(pruned, version)


def _add_back_owned(versions: Versions, merged: Any, pruned: Any, version: str, managers: Managers) -> Any:
    owned_at: dict[str, FieldSet] = {}
    for owned in managers.values():
        known = owned_at.get(owned.version)
        owned_at[owned.version] = owned.fields if known is None else known.union(owned.fields)
    # the pruned version first: fields that conversion needs may have been pruned
    order = [v for v in (version, *owned_at) if v in owned_at]
    at = version
    for other in dict.fromkeys(order):
        node = versions.node(other)
        if node is None:
            continue
        if other != at:
            merged, pruned = versions.convert(merged, other), versions.convert(pruned, other)
            at = other
        whole = typed.with_named_parents(typed.field_set(node, merged), node)
        kept = typed.with_named_parents(typed.field_set(node, pruned), node)
        keep = kept.union(typed.with_named_parents(owned_at[other], node))
        pruned = removal.remove(node, merged, whole.difference(keep))
    return pruned if at == version else versions.convert(pruned, version)


def _add_back_dangling(versions: Versions, merged: Any, pruned: Any, last: Owned) -> Any:
    node = versions.node(last.version)
    assert node is not None
    whole = typed.with_named_parents(typed.field_set(node, merged), node)
    kept = typed.with_named_parents(typed.field_set(node, pruned), node)
    applied = typed.with_named_parents(last.fields, node)
    return removal.remove(node, merged, whole.difference(kept).intersection(applied))
