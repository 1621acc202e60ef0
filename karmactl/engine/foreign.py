"""What else would go with a Namespace or a CustomResourceDefinition: objects in it that are not ours (I3).

Deleting either takes along everything in it. What Kubernetes itself puts into every Namespace, and what an owner
brings and takes away, does not count; a list that fails does (I4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from karmactl.core.model.manifest import Manifest, ResourceRef, labels_of, metadata_of, name_of, ref_of
from karmactl.core.model.ports import APIKind, Discovery, Reader
from karmactl.core.state import PART_OF_LABEL
from karmactl.errors import NotFound

__all__ = ["foreign_objects"]

_CONCURRENCY = 4
_MADE_BY_KUBERNETES = frozenset({("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")})
# Written by controllers, without an owner, for what lies in the Namespace.
_PASSING_RESOURCES = frozenset({"events", "endpoints", "endpointslices"})
_VIRTUAL_GROUPS = (".metrics.k8s.io", "metrics.k8s.io")
_CRD = "CustomResourceDefinition"


async def foreign_objects(reader: Reader, discovery: Discovery, ref: ResourceRef, set_id: str) -> list[str]:
    """Objects that would go with `ref` and are not the set's, in words; none for other kinds.

    Raises ClusterError where any kind could not be listed.
    """
    if (ref.group, ref.kind) == ("", "Namespace"):
        kinds, namespace = list(_kinds_in_namespaces(discovery)), ref.name
    elif ref.kind == _CRD:
        kinds, namespace = list(_kinds_defined(discovery, ref.name)), ""
    else:
        return []
    gate = asyncio.Semaphore(_CONCURRENCY)

    async def look(kind: APIKind) -> list[str]:
        async with gate:
            try:
                found = await reader.list(kind, namespace=namespace)
            except NotFound:
                return []  # a kind that went with its definition, a moment ago
        return [str(ref_of(item)) for item in found if _is_foreign(item, set_id)]

    answers = await asyncio.gather(*(look(kind) for kind in kinds))
    return sorted({name for names in answers for name in names})


def _kinds_in_namespaces(discovery: Discovery) -> Iterator[APIKind]:
    """Every namespaced kind that can be listed, in one version each."""
    seen: set[tuple[str, str]] = set()
    for kind in discovery.kinds:
        is_listed = not kind.verbs or "list" in kind.verbs
        is_meant = kind.resource not in _PASSING_RESOURCES and not kind.group.endswith(_VIRTUAL_GROUPS)
        if kind.is_namespaced and is_listed and is_meant and (kind.group, kind.resource) not in seen:
            seen.add((kind.group, kind.resource))
            yield kind


def _kinds_defined(discovery: Discovery, name: str) -> Iterator[APIKind]:
    """The kind that a CustomResourceDefinition (`<plural>.<group>`) defines, in one version."""
    plural, _, group = name.partition(".")
    yield from [kind for kind in discovery.kinds if (kind.resource, kind.group) == (plural, group)][:1]


def _is_foreign(item: Manifest, set_id: str) -> bool:
    if labels_of(item).get(PART_OF_LABEL) == set_id or metadata_of(item).get("ownerReferences"):
        return False
    if item.get("type") == "kubernetes.io/service-account-token":
        return False
    return (str(item.get("kind")), name_of(item)) not in _MADE_BY_KUBERNETES
