"""A resource as the server routes to it: its names, its verbs, its subresources."""

import re
from dataclasses import dataclass, field

from karmactl.embedded.refusals import GroupResource
from karmactl.embedded.schema.node import Node
from karmactl.embedded.values import Object


@dataclass(frozen=True, slots=True, kw_only=True)
class Subresource:
    """A part of an object with an endpoint of its own; group and version differ from the parent's where named."""

    name: str
    kind: str
    group: str = ""
    version: str = ""
    verbs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource in one served version.

    `type_name` names the packed type of a built-in kind; `definition` is the CustomResourceDefinition of a custom
    one, and `schema` its compiled schema; `storage_schema` is that of the stored version. Objects of all versions lie
    in one table, `table`.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    list_kind: str
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    type_name: str = ""
    storage_group: str = ""
    storage_version: str = ""
    definition: Object | None = field(default=None, compare=False)
    schema: Node | None = field(default=None, compare=False)
    storage_schema: Node | None = field(default=None, compare=False)

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def storage_api_version(self) -> str:
        """The API version in which objects are kept."""
        group = self.storage_group if self.type_name else self.group
        return f"{group}/{self.storage_version}" if group else self.storage_version

    @property
    def group_resource(self) -> GroupResource:
        """The resource without version, for messages."""
        return GroupResource(group=self.group, resource=self.plural)

    @property
    def table(self) -> tuple[str, str]:
        """The table of the store in which the objects lie."""
        return (self.storage_group if self.type_name else self.group, self.plural)

    @property
    def is_custom(self) -> bool:
        """Whether a CustomResourceDefinition made it."""
        return self.definition is not None

    @property
    def deprecation(self) -> str:
        """The warning that comes with every answer of a deprecated version of a custom resource, "" without one."""
        if self.definition is None:
            return ""
        spec = self.definition["spec"]
        mine = next(v for v in spec["versions"] if v["name"] == self.version)
        if not mine.get("deprecated"):
            return ""
        if mine.get("deprecationWarning") is not None:
            return str(mine["deprecationWarning"])
        text = f"{self.api_version} {self.kind} is deprecated"
        served = (v["name"] for v in spec["versions"] if v.get("served") and not v.get("deprecated"))
        newer = [name for name in served if version_priority(name) < version_priority(self.version)]
        best = min(newer, key=version_priority, default="")
        return f"{text}; use {self.group}/{best} {self.kind}" if best else text

    def subresource(self, name: str) -> Subresource | None:
        """The subresource of that name."""
        return next((s for s in self.subresources if s.name == name), None)


def version_priority(version: str) -> tuple[int, int, int, str]:
    """Sort key: GA before beta before alpha, higher numbers first, other names last."""
    match = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if not match:
        return (3, 0, 0, version)
    major, stage, minor = match.groups()
    rank = {None: 0, "beta": 1, "alpha": 2}[stage]
    return (rank, -int(major), -int(minor or 0), version)
