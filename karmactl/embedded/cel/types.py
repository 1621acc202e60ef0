"""The types of expressions, and those that stand for the schema of a custom resource."""

from dataclasses import dataclass
from typing import Any

from karmactl.embedded.values import Object


@dataclass(frozen=True, slots=True)
class Type:
    """A type: its name, what is inside (list element; map key and value), and the fields of an object."""

    name: str
    inside: tuple["Type", ...] = ()
    fields: tuple[tuple[str, "Type"], ...] | None = None

    def __str__(self) -> str:
        """The name as complaints show it."""
        return f"{self.name}({', '.join(map(str, self.inside))})" if self.inside else self.name


BOOL, INT, UINT, DOUBLE, STRING, BYTES, NULL, DYN, TYPE, DURATION, TIMESTAMP = (
    Type(name)
    for name in (
        *("bool", "int", "uint", "double", "string", "bytes", "null_type", "dyn", "type"),
        *("google.protobuf.Duration", "google.protobuf.Timestamp"),
    )
)
NUMBERS = (INT, UINT, DOUBLE)
_FORMATS = {"byte": BYTES, "duration": DURATION, "date": TIMESTAMP, "date-time": TIMESTAMP}
_SIMPLE = {"boolean": BOOL, "number": DOUBLE, "integer": INT}
_META = ("name", "generateName")


def list_of(element: Type) -> Type:
    """The type of a list."""
    return Type("list", (element,))


def map_of(value: Type) -> Type:
    """The type of a map with texts for keys."""
    return Type("map", (STRING, value))


def of_schema(schema: Any, is_root: bool = False) -> Type:
    """What `self` is under a schema: `dyn` where the schema leaves it open."""
    if not isinstance(schema, dict) or schema.get("x-kubernetes-int-or-string"):
        return DYN
    kind = schema.get("type")
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind == "string":
        return _FORMATS.get(schema.get("format") or "", STRING)
    if kind == "array":
        return list_of(of_schema(schema.get("items")))
    if kind != "object":
        return DYN
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        return map_of(of_schema(extra))
    return _object(schema, is_root)


def _object(schema: Object, is_root: bool) -> Type:
    fields = {name: of_schema(inner) for name, inner in (schema.get("properties") or {}).items()}
    if is_root or schema.get("x-kubernetes-embedded-resource"):
        meta = Type("object", (), tuple((name, STRING) for name in _META))
        fields = {"kind": STRING, "apiVersion": STRING, **fields, "metadata": meta}
    elif not fields:
        return DYN
    return Type("object", (), tuple((escaped(name), inner) for name, inner in fields.items()))


def escaped(name: str) -> str:
    """How an expression names a property that has characters, or a name, which CEL keeps for itself."""
    out = name.replace("__", "__underscores__")
    for char, word in ((".", "__dot__"), ("-", "__dash__"), ("/", "__slash__")):
        out = out.replace(char, word)
    return f"__{out}__" if out in _KEPT else out


_KEPT = frozenset(
    (
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if"),
        *("import", "let", "loop", "package", "namespace", "return"),
    )
)
