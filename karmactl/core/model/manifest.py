"""Manifests: any Kubernetes object as plain JSON data, and the few accessors that read it.

A manifest is treated as read-only everywhere: a function that changes one works on a copy. The accessors never raise
on a malformed manifest; shape errors are found when the file is read, or by the API server.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

__all__ = [
    "JSONValue",
    "Manifest",
    "ResourceRef",
    "annotations_of",
    "api_version_of",
    "as_list",
    "as_mapping",
    "as_str",
    "copy_manifest",
    "field",
    "group_of",
    "kind_of",
    "labels_of",
    "metadata_of",
    "name_of",
    "namespace_of",
    "ref_of",
    "uid_of",
]

# Lists and dicts stay the builtin types: they come from a parser and go to an encoder, millions of them.
JSONValue: TypeAlias = "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None"
Manifest: TypeAlias = "dict[str, JSONValue]"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ResourceRef:
    """Which object: API group ("" for core), version, kind, namespace ("" for cluster-scoped), name.

    Two refs that differ in the version alone name the same object: compare `identity`.
    """

    group: str
    kind: str
    namespace: str
    name: str
    version: str

    @property
    def api_version(self) -> str:
        """`group/version`, or the version alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """(group, kind, namespace, name): what makes the object itself, in any version."""
        return (self.group, self.kind, self.namespace, self.name)

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}"


def as_mapping(value: JSONValue) -> dict[str, JSONValue]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: JSONValue) -> list[JSONValue]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_str(value: JSONValue) -> str:
    """The value if it is a text, else the empty text."""
    return value if isinstance(value, str) else ""


def field(value: JSONValue, *path: str | int) -> JSONValue:
    """The value at a path of keys and indexes, or None where the path leads nowhere."""
    current = value
    for step in path:
        if isinstance(step, int):
            if not isinstance(current, list) or not -len(current) <= step < len(current):
                return None
            current = current[step]
        else:
            if not isinstance(current, dict) or step not in current:
                return None
            current = current[step]
    return current


def metadata_of(manifest: Manifest) -> dict[str, JSONValue]:
    """`metadata`, empty if absent."""
    return as_mapping(manifest.get("metadata"))


def api_version_of(manifest: Manifest) -> str:
    """`apiVersion`."""
    return as_str(manifest.get("apiVersion"))


def group_of(api_version: str) -> tuple[str, str]:
    """(group, version) of an apiVersion; the core group is ""."""
    group, slash, version = api_version.rpartition("/")
    return (group, version) if slash else ("", api_version)


def kind_of(manifest: Manifest) -> str:
    """`kind`."""
    return as_str(manifest.get("kind"))


def name_of(manifest: Manifest) -> str:
    """`metadata.name`."""
    return as_str(metadata_of(manifest).get("name"))


def namespace_of(manifest: Manifest) -> str:
    """`metadata.namespace`, "" where it has none."""
    return as_str(metadata_of(manifest).get("namespace"))


def uid_of(manifest: Manifest) -> str:
    """`metadata.uid`, "" where it has none."""
    return as_str(metadata_of(manifest).get("uid"))


def labels_of(manifest: Manifest) -> Mapping[str, str]:
    """`metadata.labels` as Kubernetes reads them, empty if absent."""
    return _texts(metadata_of(manifest).get("labels"))


def annotations_of(manifest: Manifest) -> Mapping[str, str]:
    """`metadata.annotations` as Kubernetes reads them, empty if absent."""
    return _texts(metadata_of(manifest).get("annotations"))


def _texts(value: JSONValue) -> Mapping[str, str]:
    """A map of texts: null is an empty text, and with anything else in it there is no map at all.

    Source: k8s.io/apimachinery pkg/apis/meta/v1/unstructured/helpers.go (NestedNullCoercingStringMap).
    """
    entries = as_mapping(value)
    if all(isinstance(entry, str) for entry in entries.values()):
        return cast("Mapping[str, str]", entries)
    if not all(entry is None or isinstance(entry, str) for entry in entries.values()):
        return {}
    return {key: as_str(entry) for key, entry in entries.items()}


def ref_of(manifest: Manifest) -> ResourceRef:
    """The reference to the object that a manifest describes."""
    group, version = group_of(api_version_of(manifest))
    return ResourceRef(
        group=group,
        version=version,
        kind=kind_of(manifest),
        namespace=namespace_of(manifest),
        name=name_of(manifest),
    )


def copy_manifest(manifest: Manifest) -> Manifest:
    """A deep copy that may be changed."""
    return copy.deepcopy(manifest)
