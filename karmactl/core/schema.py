"""The fields of Karmada's kinds, from the types that manifests are read into: names, types, and what lies below."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from karmactl.core.decode import field_name
from karmactl.core.model.cluster import Taint
from karmactl.core.model.policy import OverrideSpec, PropagationSpec

__all__ = ["KINDS", "Kind", "SchemaField", "UnknownField", "find_field", "find_kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaField:
    """One field: its key in YAML, its type in words (`[]Toleration`), and the name of the type that has it.

    `below` are the fields of what lies in it (of one item, for a list); empty for scalars.
    """

    name: str
    type_text: str
    owner: str
    below: tuple[SchemaField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind that policies are written in; `root` is its spec."""

    name: str
    api_version: str
    root: SchemaField


class UnknownField(Exception):
    """A path that leads nowhere: `path` is as far as it goes, `known` are the fields there, `near` the likeliest."""

    def __init__(self, path: str, known: Sequence[str], near: str) -> None:
        super().__init__(path)
        self.path = path
        self.known = tuple(known)
        self.near = near


_SHORT: Final = {
    "pp": "propagationpolicy",
    "cpp": "clusterpropagationpolicy",
    "op": "overridepolicy",
    "cop": "clusteroverridepolicy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _ClusterSpec:
    """`spec` of a Cluster file, as far as placement reads it."""

    sync_mode: str = ""
    provider: str = ""
    region: str = ""
    zones: tuple[str, ...] = ()
    taints: tuple[Taint, ...] = ()


def _kinds() -> dict[str, Kind]:
    found = {}
    for group, roots in (
        ("policy.karmada.io/v1alpha1", {"PropagationPolicy": PropagationSpec, "OverridePolicy": OverrideSpec}),
        ("cluster.karmada.io/v1alpha1", {"Cluster": _ClusterSpec}),
    ):
        for name, spec in roots.items():
            names = [name] if name == "Cluster" else [name, f"Cluster{name}"]
            for kind in names:
                owner = spec.__name__.removeprefix("_")
                root = SchemaField(name="spec", type_text=owner, owner=kind, below=_fields_of(spec))
                found[kind.lower()] = Kind(name=kind, api_version=group, root=root)
    return found


def _fields_of(owner: type[Any]) -> tuple[SchemaField, ...]:
    hints = get_type_hints(owner)
    return tuple(
        _field(field_name(entry), hints[entry.name], owner.__name__.removeprefix("_")) for entry in fields(owner)
    )


def _field(name: str, hint: Any, owner: str) -> SchemaField:
    text, inner = _type_of(hint)
    below = _fields_of(inner) if inner is not None else ()
    return SchemaField(name=name, type_text=text, owner=owner, below=below)


_SCALARS: Final[Mapping[Any, str]] = {str: "string", int: "integer", bool: "boolean"}


def _type_of(hint: Any) -> tuple[str, type[Any] | None]:
    """A type in words, and the dataclass that it is or holds."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        chosen = [argument for argument in arguments if argument is not type(None)]
        return _type_of(chosen[0]) if len(chosen) == 1 else ("any", None)
    if origin is tuple:
        text, inner = _type_of(arguments[0])
        return f"[]{text}", inner
    if origin is not None and issubclass(origin, Mapping):
        return "map[string]string", None
    if is_dataclass(hint) and isinstance(hint, type):
        return hint.__name__, hint
    return _SCALARS.get(hint, "any"), None


KINDS: Final[Mapping[str, Kind]] = _kinds()


def find_kind(word: str) -> Kind | None:
    """The kind of a name in any case, of its plural, or of Karmada's short name (pp, cpp, op, cop)."""
    word = _SHORT.get(word.lower(), word.lower())
    plural = word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")
    return KINDS.get(word) or KINDS.get(plural)


def find_field(kind: Kind, path: Sequence[str]) -> SchemaField | None:
    """The field that a path below a kind leads to; None for the kind itself. Raises UnknownField."""
    if not path:
        return None
    found = SchemaField(name=kind.name, type_text="", owner="", below=(kind.root,))
    for depth, step in enumerate(path):
        by_name = {entry.name.lower(): entry for entry in found.below}
        chosen = by_name.get(step.removesuffix("[]").lower())
        if chosen is None:
            near = get_close_matches(step.lower(), by_name, n=1)
            known = [entry.name for entry in found.below]
            raise UnknownField(".".join([kind.name, *path[:depth]]), known, by_name[near[0]].name if near else "")
        found = chosen
    return found
