"""What a run needs to be allowed in a member, and whether it is (SelfSubjectAccessReview).

Asked before anything is written: a run that may create and not delete would stop half way. Where one question settles
many (everything is allowed; a kind in all namespaces) it is asked first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from karmactl.core.facts import FactsNeeded
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.ports import Access, Discovery, Reader
from karmactl.engine.members import LEASE_KIND, NAMESPACE_KIND, SECRET_KIND

__all__ = ["Need", "denied", "needs_of"]

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
    needs += [
        Need(
            purpose="state",
            group=kind.group,
            resource=kind.resource,
            verbs=verbs,
            namespaces=(inventory_namespace,),
        )
        for kind, verbs in _STATE_VERBS
    ]
    own = ("get",) if is_namespace_there else ("get", "create")
    needs.append(Need(purpose="state", group="", resource=NAMESPACE_KIND.resource, verbs=own))
    if facts.nodes or facts.capacity:
        needs.append(Need(purpose="facts", group="", resource="nodes", verbs=("list",)))
    if facts.capacity:
        # Of all namespaces: free capacity is what all pods leave.
        needs.append(Need(purpose="facts", group="", resource="pods", verbs=("list",)))
    return tuple(sorted(needs))


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
