"""Comparison of two decisions about one cluster: what the files said before against what they say now.

Nothing live is looked at: both sides are Works, as `apply` would send them. So server-side defaults are on neither
side, and drift and conflicts are not to be seen; what a change of policies or templates does to every object is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from karmactl.core.diff import diff_objects
from karmactl.core.model.change import Action, Change, ChangeSet, FieldChange, Leaver
from karmactl.core.model.input import Template
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.reason import Reason
from karmactl.core.model.work import FieldOrigin, Work

__all__ = ["Identity", "change_id", "compare_works"]

Identity: TypeAlias = tuple[str, str, str, str]
# Lists of the keys that an object has: they say again what the changed keys themselves say.
_DERIVED: Final = "/metadata/annotations/resourcetemplate.karmada.io~1"
# Why an object is no longer wanted anywhere; whether it is removed then depends on a flag of `apply`.
_GONE: Final = frozenset({"left-the-files", "no-policy", "nothing-left-in-it"})


def change_id(cluster: str, ref: ResourceRef) -> str:
    """The id of a change: one object in one cluster."""
    return f"{cluster}/{ref.kind}.{ref.group}/{ref.namespace}/{ref.name}"


def compare_works(
    cluster: str,
    before: Iterable[Work],
    after: Iterable[Work],
    *,
    templates: Mapping[Identity, Template],
    former: Collection[Identity],
    leaver: Callable[[ResourceRef], Leaver],
) -> ChangeSet:
    """One cluster's changes from `before` to `after`, sorted by object.

    `templates` are those of the later side by identity, for the places of fields. `former` are the identities on the
    earlier side, to tell a new object from one that was elsewhere; `leaver` says what becomes of one that lost its
    place. What only `--prune` would remove is shown as pruned: the files no longer have it.
    """
    old = {work.resource.identity: work for work in before}
    changes: list[Change] = []
    unchanged = 0
    for work in after:
        ref = work.resource
        known = old.pop(ref.identity, None)
        if known is None:
            changes.append(_change(cluster, ref, Action.CREATE, "newly-placed" if ref.identity in former else "new"))
        elif fields := _field_changes(known, work, templates.get(ref.identity)):
            action, code = (Action.HELD, "suspended") if work.is_suspended else (Action.UPDATE, "changed")
            changes.append(_change(cluster, ref, action, code, fields))
        else:
            unchanged += 1
    leftovers: list[ResourceRef] = []
    for work in old.values():
        ref = work.resource
        left = leaver(ref)
        gone = Action.PRUNE if left.reason.code in _GONE else left.action
        if gone is None:
            leftovers.append(ref)
        else:
            changes.append(_change(cluster, ref, gone, left.reason.code))
    return ChangeSet(
        cluster=cluster,
        changes=tuple(sorted(changes, key=lambda change: change.resource)),
        unchanged=unchanged,
        leftovers=tuple(sorted(leftovers)),
    )


def _field_changes(before: Work, after: Work, template: Template | None) -> tuple[FieldChange, ...]:
    if before.manifest == after.manifest:
        return ()
    fields = diff_objects(before.manifest, after.manifest, after.resource, after.origins)
    return tuple(
        entry if entry.origin is not None else replace(entry, origin=_template_origin(entry.path, template))
        for entry in fields
        if not entry.path.startswith(_DERIVED)
    )


def _template_origin(path: str, template: Template | None) -> FieldOrigin | None:
    """What no placement and no override decided is the template's."""
    if template is None:
        return None
    return FieldOrigin(
        path=path,
        type="template",
        source=template.origin,
        location=template.field_locations.get(path, template.location),
    )


def _change(cluster: str, ref: ResourceRef, action: Action, code: str, fields: tuple[FieldChange, ...] = ()) -> Change:
    return Change(
        id=change_id(cluster, ref),
        cluster=cluster,
        action=action,
        resource=ref,
        reason=Reason(code=code),
        fields=fields,
    )
