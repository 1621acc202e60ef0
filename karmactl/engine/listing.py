"""Listing what a set owns in a member: one LIST per kind, by namespace or by name where the cluster allows no more.

A partial answer is never given: whoever asks gets all of it, or the error (I4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from karmactl.core.model.manifest import Manifest, ResourceRef
from karmactl.core.model.ports import APIKind, Reader
from karmactl.core.state import PART_OF_LABEL
from karmactl.errors import Forbidden

__all__ = ["list_owned"]


async def list_owned(reader: Reader, kind: APIKind, refs: Iterable[ResourceRef], set_id: str) -> Sequence[Manifest]:
    """All objects of a kind that carry the set's label.

    `refs` are the objects of that kind that matter: their namespaces are asked one by one where a list of the whole
    cluster is refused, and they themselves where the kind cannot be listed. Raises ClusterError.
    """
    if kind.verbs and "list" not in kind.verbs:
        return await _get_each(reader, kind, refs)
    selector = f"{PART_OF_LABEL}={set_id}"
    try:
        return await reader.list(kind, label_selector=selector)
    except Forbidden:
        if not kind.is_namespaced:
            raise
    found: list[Manifest] = []
    for namespace in sorted({ref.namespace for ref in refs}):
        found.extend(await reader.list(kind, namespace=namespace, label_selector=selector))
    return found


async def _get_each(reader: Reader, kind: APIKind, refs: Iterable[ResourceRef]) -> list[Manifest]:
    if kind.verbs and "get" not in kind.verbs:
        return []
    found = [await reader.get(kind, ref.namespace, ref.name) for ref in sorted(set(refs))]
    return [item for item in found if item is not None]
