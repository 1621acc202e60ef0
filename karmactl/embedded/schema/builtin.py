"""Nodes of the built-in kinds, from the packed structure in `data/schema.json.gz`.

The file is read once per process, on the first request that needs it, and types are compiled on demand: a
process with a hundred clusters holds one copy, and a cluster that only serves ConfigMaps never compiles a Pod.
"""

import functools
import gzip
from pathlib import Path
from typing import Any

import orjson

from karmactl.embedded.schema.node import ANY, RAW, Field, Node

_DATA = Path(__file__).parent.parent / "data" / "schema.json.gz"
META = "io.k8s.apimachinery.pkg.apis.meta.v1."


@functools.cache
def packed() -> dict[str, Any]:
    """The packed file: `types` by full name, `special` names whose JSON form differs from their struct."""
    found: dict[str, Any] = orjson.loads(gzip.decompress(_DATA.read_bytes()))
    return found


@functools.cache
def _names() -> dict[tuple[str, str, str], str]:
    out: dict[tuple[str, str, str], str] = {}
    for name, definition in packed()["types"].items():
        for group, version, kind in definition.get("gvks", ()):
            out.setdefault((group, version, kind), name)
    return out


def type_name(group: str, version: str, kind: str) -> str | None:
    """The full name of a built-in kind's type."""
    return _names().get((group, version, kind))


_compiled: dict[str, Node] = {}


def node_of(name: str) -> Node:
    """The node of a type by its full name; recursive types share it."""
    known = _compiled.get(name)
    if known is not None:
        return known
    definition = packed()["types"][name]
    node = Node(
        kind="object",
        name=name.rsplit(".", 1)[1],
        ref=name,
        fields={},
        atomic=definition.get("mapType") == "atomic",
        required=tuple(definition.get("required", ())),
        inlined=definition.get("inlined"),
    )
    _compiled[name] = node
    if not definition["fields"]:
        node.values = None
    assert node.fields is not None
    for key, described in definition["fields"].items():
        node.fields[key] = Field(
            node=_shape(described),
            omit=described.get("omit", "empty"),
            pointer=bool(described.get("ptr")),
            go=described.get("go", ""),
            struct=described.get("struct", ""),
            default=described.get("default"),
            patch_strategy=described.get("patchStrategy", ""),
            patch_key=described.get("patchKey", ""),
            number=described.get("pb", (0, ""))[0],
            wire=described.get("pb", (0, ""))[1],
        )
    return node


def _element_type(go: str) -> str:
    if go.startswith("map["):
        return go[go.index("]") + 1 :]
    return go[2:] if go.startswith("[]") else go


def _shape(described: dict[str, Any], go: str = "") -> Node:
    kind = described["type"]
    go = described.get("go", go)
    if kind in ("raw", "fields"):
        return RAW
    if kind == "json":
        return Node(kind="any", ref=described["ref"], values=ANY, items=RAW)
    if kind == "object" and "ref" in described:
        node = node_of(described["ref"])
        wanted = described.get("mapType")
        if wanted is not None and (wanted == "atomic") is not node.atomic:
            return Node(
                kind="object",
                name=node.name,
                ref=node.ref,
                fields=node.fields,
                atomic=wanted == "atomic",
                required=node.required,
                inlined=node.inlined,
            )
        return node
    if kind == "object":
        return Node(
            kind="map",
            values=_shape(described["values"], _element_type(go)),
            atomic=described.get("mapType") == "atomic",
        )
    if kind == "array":
        list_type, keys = _list_type(described)
        return Node(kind="list", items=_shape(described["items"], _element_type(go)), list_type=list_type, keys=keys)
    form = described.get("format", "")
    return Node(kind=kind, format=form, scalar=_scalar(kind, form), go=go.lstrip("*"))


def _scalar(kind: str, form: str) -> str:
    if kind in ("integer", "number"):
        return "numeric"
    if kind == "boolean":
        return "boolean"
    if kind == "string" and form in ("", "byte"):
        return "string"
    return "untyped"


def _list_type(described: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """List type and keys; without a list type, the patch strategy decides (kube-openapi, schemaconv)."""
    found = described.get("listType")
    if found:
        return found, tuple(described.get("keys", ()))
    if "merge" in described.get("patchStrategy", "").split(","):
        key = described.get("patchKey")
        return ("map", (key,)) if key else ("set", ())
    return "atomic", ()
