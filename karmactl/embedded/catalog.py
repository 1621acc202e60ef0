"""Which resources a cluster serves: the built-in ones, shared by all clusters, and those of its CRDs.

Routing, discovery and OpenAPI all read from here; `custom` is replaced as a whole when a CRD changes.
"""

import functools

from karmactl.embedded.resource import Resource, version_priority
from karmactl.embedded.resources import GROUPS, builtin_resources


@functools.cache
def _builtin() -> dict[tuple[str, str, str], Resource]:
    return {(r.group, r.version, r.plural): r for r in builtin_resources()}


@functools.cache
def _builtin_groups() -> dict[str, tuple[str, ...]]:
    return dict(GROUPS)


class Catalog:
    """The resources of one cluster."""

    def __init__(self) -> None:
        """A catalogue of the built-in resources alone."""
        self.custom: dict[tuple[str, str, str], Resource] = {}
        self.removed: set[tuple[str, str]] = set()  # group and version that a fault took away
        self.generation = 0

    def set_custom(self, resources: list[Resource]) -> None:
        """Replaces the custom resources."""
        self.custom = {(r.group, r.version, r.plural): r for r in resources}
        self.generation += 1

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """The resource behind a path, or None."""
        if (group, version) in self.removed:
            return None
        return _builtin().get((group, version, plural)) or self.custom.get((group, version, plural))

    def by_kind(self, group: str, version: str, kind: str) -> Resource | None:
        """The resource of a kind, or None."""
        for resource in self.resources(group, version):
            if resource.kind == kind:
                return resource
        return None

    def of_table(self, table: tuple[str, str]) -> Resource | None:
        """The resource whose version is the stored one, for a table of the store."""
        group, plural = table
        versions = ("v1",) if not group else _builtin_groups().get(group)
        if versions is not None:
            for version in versions:
                found = _builtin().get((group, version, plural))
                if found is not None and found.storage_version == version:
                    return found
        for resource in self.custom.values():
            if resource.table == table and resource.version == resource.storage_version:
                return resource
        return None

    def groups(self) -> list[tuple[str, tuple[str, ...]]]:
        """The named groups with their versions in order of preference: built-in first, then custom by name."""
        out = [(group, tuple(v for v in versions if (group, v) not in self.removed)) for group, versions in GROUPS]
        custom: dict[str, set[str]] = {}
        for group, version, _ in self.custom:
            custom.setdefault(group, set()).add(version)
        out += [(group, tuple(sorted(custom[group], key=version_priority))) for group in sorted(custom)]
        return [(group, versions) for group, versions in out if versions]

    def versions(self, group: str) -> tuple[str, ...]:
        """The served versions of a group; none for a group that is not served."""
        if not group:
            return ("v1",)
        return next((versions for name, versions in self.groups() if name == group), ())

    def is_custom(self, group: str) -> bool:
        """Whether a group exists by CustomResourceDefinitions alone."""
        return group not in _builtin_groups() and any(g == group for g, _, _ in self.custom)

    def resources(self, group: str, version: str) -> list[Resource]:
        """The resources of one group version, by name."""
        if (group, version) in self.removed:
            return []
        found = [r for (g, v, _), r in _builtin().items() if (g, v) == (group, version)]
        found += [r for (g, v, _), r in self.custom.items() if (g, v) == (group, version)]
        return sorted(found, key=lambda r: r.plural)

    def all_stored(self) -> list[Resource]:
        """One resource per table of the store."""
        seen: dict[tuple[str, str], Resource] = {}
        for resource in [*_builtin().values(), *self.custom.values()]:
            if resource.version == resource.storage_version and resource.group == resource.table[0]:
                seen.setdefault(resource.table, resource)
        return list(seen.values())
