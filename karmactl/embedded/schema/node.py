"""The common form of a schema, for built-in and custom kinds alike.

A node says what a value is (its `kind`), what lies inside, and how parts are merged: which lists are maps and by
which keys, which are sets, what is atomic. Nodes are shared between all clusters of a process and never changed
once they are made.
"""

from dataclasses import dataclass
from typing import Any

SCALARS = frozenset(
    {"string", "integer", "number", "boolean", "int-or-string", "quantity", "time", "micro-time", "duration"}
)


@dataclass(slots=True, kw_only=True)
class Field:
    """A named member of an object: its node, and how Go would encode it."""

    node: "Node"
    omit: str = "empty"  # "empty": left out when zero (structs never are); "zero": also structs; "": always there
    pointer: bool = False
    go: str = ""
    struct: str = ""
    default: Any = None
    patch_strategy: str = ""
    patch_key: str = ""
    number: int = 0  # in the protobuf encoding; 0 where it has none
    wire: str = ""


@dataclass(slots=True, kw_only=True, eq=False)
class Node:
    """One place in a schema.

    `kind` is `object` (named fields), `map` (any keys, values alike), `list`, one of SCALARS, `raw` (anything,
    merged as one), `any` (anything, maps merged key by key) or `json` (as `any`, kept as it is).
    """

    kind: str
    name: str = ""  # Go name of a struct, for error texts
    ref: str = ""  # full name in the published OpenAPI documents
    fields: dict[str, Field] | None = None
    values: "Node | None" = None  # of a map, and of the unknown keys of an object that has a place for them
    items: "Node | None" = None
    list_type: str = "atomic"
    keys: tuple[str, ...] = ()
    atomic: bool = False
    format: str = ""
    scalar: str = "untyped"  # what server-side apply accepts for it: string, numeric, boolean, untyped
    nullable: bool = False
    required: tuple[str, ...] = ()
    rules: dict[str, Any] | None = None  # the JSON schema itself, of custom resources
    go: str = ""  # Go type of a scalar in a list or map
    inlined: dict[str, int] | None = None  # structs that protobuf nests and JSON does not: name to field number

    def child(self, key: str) -> "Node | None":
        """The node under a key, or None where the schema has none."""
        if self.fields is not None:
            found = self.fields.get(key)
            if found is not None:
                return found.node
        return self.values

    def is_named(self, key: str) -> bool:
        """Whether the key is a declared field (and no mere map key)."""
        return self.fields is not None and key in self.fields


RAW = Node(kind="raw", atomic=True)
RAW.values = RAW.items = RAW
ANY = Node(kind="any")
ANY.values = ANY
ANY.items = RAW


def shape(node: Node, value: Any) -> str:
    """How a value is walked under its node: `map`, `list` or `scalar`; null takes the node's first form."""
    kind = node.kind
    if kind in ("object", "map"):
        return "map"
    if kind == "list":
        return "list"
    if kind in SCALARS:
        return "scalar"
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict) or value is None:
        return "map"
    return "scalar"


def is_atomic_list(node: Node) -> bool:
    """Whether the list is replaced as a whole."""
    return node.kind != "list" or node.list_type == "atomic"
