"""The API kinds that a cluster's plan speaks of: served now, served as soon as a CRD of this run is there, unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from karmactl.core.model.manifest import Manifest, ResourceRef, as_list, as_str
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.ports import APIKind, Discovery

__all__ = ["KindTable", "wanted_kinds"]

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTable:
    """API kinds by (apiVersion, kind).

    `new` come only with this run; `unknown` belong to groups that the cluster could not tell about, so that nothing
    follows from their absence (I4).
    """

    kinds: Mapping[Key, APIKind] = field(default_factory=dict)
    new: frozenset[Key] = frozenset()
    unknown: frozenset[Key] = frozenset()

    def find(self, key: Key) -> APIKind | None:
        """The kind; None where the cluster does not serve it."""
        return self.kinds.get(key)


def wanted_kinds(
    wanted: Iterable[ResourceRef], recorded: Iterable[ResourceRef], discovery: Discovery, crds: Iterable[Manifest]
) -> KindTable:
    """The kinds of what is `wanted` and of what is only `recorded` in one cluster.

    `crds` are the CustomResourceDefinitions that the run puts there. What was recorded in a version that is no longer
    served is looked for in another one; what is wanted has to be served as it is written.
    """
    served = {(entry.api_version, entry.kind): entry for entry in discovery.kinds}
    others = {(entry.group, entry.kind): entry for entry in discovery.kinds}
    definitions = list(crds)
    kinds: dict[Key, APIKind] = {}
    asked: set[Key] = set()
    new: set[Key] = set()
    unknown: set[Key] = set()
    for ref, is_wanted in [*((ref, True) for ref in wanted), *((ref, False) for ref in recorded)]:
        key = (ref.api_version, ref.kind)
        if key in asked:
            continue
        asked.add(key)
        coming = next((kind for crd in definitions if (kind := _kind_of_crd(crd, ref))), None)
        if key in served:
            kinds[key] = served[key]
        elif coming is not None:
            kinds[key] = coming
            new.add(key)
        elif not is_wanted and (ref.group, ref.kind) in others:
            kinds[key] = others[(ref.group, ref.kind)]
        elif ref.group in discovery.failed_groups:
            unknown.add(key)
    return KindTable(kinds=kinds, new=frozenset(new), unknown=frozenset(unknown))


def _kind_of_crd(crd: Manifest, ref: ResourceRef) -> APIKind | None:
    """The kind of `ref` as a CustomResourceDefinition will serve it; None where it does not."""
    spec = field_at(crd, "spec")
    if (field_at(spec, "group"), field_at(spec, "names", "kind")) != (ref.group, ref.kind):
        return None
    served = {
        as_str(field_at(item, "name")) for item in as_list(field_at(spec, "versions")) if field_at(item, "served")
    }
    if ref.version not in served:
        return None
    return APIKind(
        group=ref.group,
        version=ref.version,
        kind=ref.kind,
        resource=as_str(field_at(spec, "names", "plural")),
        is_namespaced=field_at(spec, "scope") != "Cluster",
    )
