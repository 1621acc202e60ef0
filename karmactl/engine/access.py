"""What a run needs to be allowed in a member, and whether it is (SelfSubjectAccessReview).

Asked before anything is written: a run that may create and not delete would stop half way. Where one question settles
many (everything is allowed; a kind in all namespaces) it is asked first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from karmactl.core.facts import FactsNeeded
from karmactl.core.model.change import Action, Change
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.ports import Access, APIKind, Discovery, Reader
from karmactl.engine.members import LEASE_KIND, NAMESPACE_KIND, SECRET_KIND
from karmactl.engine.run import REMOVALS, SENT
from karmactl.engine.session import Planned, Session
from karmactl.errors import ClusterError, Forbidden

__all__ = ["Need", "denied", "is_namespace_there", "needs_of", "require_access"]

_AT_ONCE: Final = 8
_EVERYTHING: Final = Access(verb="*", group="*", resource="*")
# Server-side apply is `patch`, and `create` too where the object is new.
_OBJECT_VERBS: Final = ("get", "list", "create", "patch", "delete")
_STATE_VERBS: Final = (
    (SECRET_KIND, ("get", "list", "create", "update", "delete")),
    (LEASE_KIND, ("get", "create", "update")),
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Need:
    """Verbs on one resource; `namespaces` empty where it has none, `purpose` is `objects`, `state` or `facts`."""

    purpose: str
    group: str
    resource: str
    verbs: tuple[str, ...]
    namespaces: tuple[str, ...] = ()


def needs_of(
    refs: Iterable[ResourceRef],
    discovery: Discovery,
    *,
    inventory_namespace: str,
    facts: FactsNeeded,
    is_namespace_there: bool = True,
) -> tuple[Need, ...]:
    """What a run that puts these objects into a member needs there, sorted; kinds that are not served are left out."""
    namespaces: dict[tuple[str, str, bool], set[str]] = {}
    for ref in refs:
        kind = discovery.find(ref.group, ref.version, ref.kind)
        if kind is not None:
            namespaces.setdefault((kind.group, kind.resource, kind.is_namespaced), set()).add(ref.namespace)
    needs = [
        Need(
            purpose="objects",
            group=group,
            resource=resource,
            verbs=_OBJECT_VERBS,
            namespaces=tuple(sorted(found)) if is_namespaced else (),
        )
        for (group, resource, is_namespaced), found in namespaces.items()
    ]
    needs += _state_needs(inventory_namespace, is_namespace_there=is_namespace_there)
    if facts.nodes or facts.capacity:
        needs.append(Need(purpose="facts", group="", resource="nodes", verbs=("list",)))
    if facts.capacity:
        # Of all namespaces: free capacity is what all pods leave.
        needs.append(Need(purpose="facts", group="", resource="pods", verbs=("list",)))
    return tuple(sorted(needs))


def _state_needs(namespace: str, *, is_namespace_there: bool) -> list[Need]:
    """Inventory, record and Leases, in their namespace."""
    own = ("get",) if is_namespace_there else ("get", "create")
    return [
        *(
            Need(purpose="state", group=kind.group, resource=kind.resource, verbs=verbs, namespaces=(namespace,))
            for kind, verbs in _STATE_VERBS
        ),
        Need(purpose="state", group="", resource=NAMESPACE_KIND.resource, verbs=own),
    ]


async def is_namespace_there(reader: Reader, namespace: str) -> bool:
    """Whether a namespace exists; taken as there where it may not be read. Raises ClusterError."""
    try:
        return await reader.get(NAMESPACE_KIND, "", namespace) is not None
    except Forbidden:
        return True


async def require_access(session: Session, planned: Planned) -> None:
    """Refuse a run that would stop half way because something is not allowed: asked before its first write.

    Asked are the members that get changes, for the verbs of these changes and of the state; a server without access
    reviews is not asked further. Raises an ExceptionGroup of Forbidden `access-missing`, one a member.
    """
    readers = {member.name: member.reader for member in session.members}
    names = [name for name, plan in sorted(planned.cluster_plans.items()) if _changes(plan.change_set.changes)]
    answers = await asyncio.gather(*(_missing(readers[name], session, planned, name) for name in names))
    faults = [
        Forbidden(
            "access-missing",
            f"this run may not {'; '.join(_texts(missing))}",
            why="it would stop half way, so nothing was sent",
            hint="grant it (`karmactl clusters check` lists all that a run needs), or leave the member out with -C",
            cluster=name,
        )
        for name, missing in zip(names, answers, strict=True)
        if missing
    ]
    if faults:
        raise ExceptionGroup("access", faults)


async def _missing(reader: Reader, session: Session, planned: Planned, name: str) -> tuple[Access, ...]:
    plan, view = planned.cluster_plans[name], planned.view.views[name]
    namespace = session.options.namespace
    try:
        is_there = bool(view.state.key) or await is_namespace_there(reader, namespace)
        needs = _needs_of_changes(_changes(plan.change_set.changes), plan.kinds, view.discovery)
        return await denied(reader, [*needs, *_state_needs(namespace, is_namespace_there=is_there)])
    except ClusterError:
        # A server without access reviews, or one that stopped answering: the run itself tells of it.
        return ()


def _changes(changes: Iterable[Change]) -> list[Change]:
    return [change for change in changes if change.action in SENT | REMOVALS]


def _needs_of_changes(
    changes: Iterable[Change], kinds: Mapping[tuple[str, str], APIKind], discovery: Discovery
) -> list[Need]:
    """The verbs that the changes take, by resource; kinds that only the run itself brings are left out."""
    found: dict[tuple[str, str, tuple[str, ...]], set[str]] = {}
    for change in changes:
        ref = change.resource
        kind = kinds.get((ref.api_version, ref.kind)) or discovery.find(ref.group, ref.version, ref.kind)
        if kind is not None:
            found.setdefault((kind.group, kind.resource, _verbs_of(change.action)), set()).add(ref.namespace)
    return [
        Need(
            purpose="objects",
            group=group,
            resource=resource,
            verbs=verbs,
            namespaces=tuple(sorted(namespaces)) if namespaces != {""} else (),
        )
        for (group, resource, verbs), namespaces in sorted(found.items())
    ]


def _verbs_of(action: Action) -> tuple[str, ...]:
    if action in REMOVALS:
        return ("delete",)
    # Server-side apply of what is not there is a create, too.
    return ("create", "patch") if action is Action.CREATE else ("patch",)


def _texts(missing: Iterable[Access]) -> list[str]:
    """`create, patch deployments.apps in shop`, one a resource and namespace."""
    verbs: dict[str, list[str]] = {}
    for access in missing:
        resource = f"{access.resource}.{access.group}" if access.group else access.resource
        verbs.setdefault(f"{resource} in {access.namespace}" if access.namespace else resource, []).append(access.verb)
    return [f"{', '.join(found)} {what}" for what, found in verbs.items()]


async def denied(reader: Reader, needs: Sequence[Need]) -> tuple[Access, ...]:
    """What of it the identity in use may not do, in the order of the needs. Raises ClusterError."""
    if not needs or await reader.can_i(_EVERYTHING):
        return ()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def ask(access: Access) -> bool:
        async with gate:
            return await reader.can_i(access)

    async def ask_verb(need: Need, verb: str) -> list[Access]:
        if await ask(Access(verb=verb, group=need.group, resource=need.resource)):
            return []
        if not need.namespaces:
            return [Access(verb=verb, group=need.group, resource=need.resource)]
        there = [
            Access(verb=verb, group=need.group, resource=need.resource, namespace=namespace)
            for namespace in need.namespaces
        ]
        answers = await asyncio.gather(*(ask(access) for access in there))
        return [access for access, is_allowed in zip(there, answers, strict=True) if not is_allowed]

    found = await asyncio.gather(*(ask_verb(need, verb) for need in needs for verb in need.verbs))
    return tuple(dict.fromkeys(access for accesses in found for access in accesses))
