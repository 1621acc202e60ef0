"""Custom resources: their schema as nodes, and what it does to objects: pruning and defaults.

Only what the structural part of an openAPIV3Schema says is here (k8s.io/apiextensions-apiserver, schema); value
validation is `jsonschema`. CEL rules (`x-kubernetes-validations`) are the business of `embedded/cel`.
"""

from typing import Any

from karmactl.embedded.schema import builtin
from karmactl.embedded.schema.codec import decode
from karmactl.embedded.schema.node import ANY, RAW, Field, Node
from karmactl.embedded.schema.pruning import prune, with_embedded_meta, without_nulls
from karmactl.embedded.values import Float, Object, copy

_TEXT = Node(kind="string", scalar="string", go="string")
OBJECT_META = builtin.META + "ObjectMeta"


def compile_root(schema: Object | None) -> Node:
    """The node of a custom resource; without a schema, or with one that keeps unknown fields, everything goes."""
    root = _compile(schema or {"type": "object", "x-kubernetes-preserve-unknown-fields": True}, False)
    assert root.fields is not None
    _embed(root)
    return root


def _embed(node: Node) -> None:
    """Makes a node that of a whole Kubernetes object."""
    assert node.fields is not None
    node.fields["apiVersion"] = Field(node=_TEXT)
    node.fields["kind"] = Field(node=_TEXT)
    node.fields["metadata"] = Field(node=builtin.node_of(OBJECT_META))


def _compile(schema: Object, preserve: bool) -> Node:
    preserve = preserve or schema.get("x-kubernetes-preserve-unknown-fields") is True
    kind = schema.get("type") or ""
    nullable = schema.get("nullable") is True
    if schema.get("x-kubernetes-int-or-string") is True:
        return Node(kind="int-or-string", nullable=nullable, rules=schema)
    if kind == "array":
        items = schema.get("items")
        list_type = schema.get("x-kubernetes-list-type") or "atomic"
        return Node(
            kind="list",
            items=_compile(items, preserve) if isinstance(items, dict) else RAW,
            list_type=list_type,
            keys=tuple(schema.get("x-kubernetes-list-map-keys") or ()),
            nullable=nullable,
            rules=schema,
        )
    if kind in ("string", "integer", "number", "boolean"):
        form = schema.get("format") or ""
        scalar = {"integer": "numeric", "number": "numeric", "boolean": "boolean"}.get(kind)
        if scalar is None:
            scalar = "string" if form in ("", "byte") else "untyped"
        return Node(kind=kind, format=form, scalar=scalar, nullable=nullable, rules=schema)
    if kind == "object":
        return _compile_object(schema, preserve, nullable)
    return Node(kind="any", values=ANY, items=RAW, nullable=nullable, rules=schema)


def _compile_object(schema: Object, preserve: bool, nullable: bool) -> Node:
    properties = schema.get("properties") or {}
    fields = {
        name: Field(node=_compile(child, preserve), default=child.get("default")) for name, child in properties.items()
    }
    extra = schema.get("additionalProperties")
    values: Node | None
    if isinstance(extra, dict):
        values = _compile(extra, preserve)
    elif extra is True or preserve or (extra is None and not properties):
        values = ANY
    else:
        values = None
    node = Node(
        kind="object",
        fields=fields,
        values=values,
        atomic=schema.get("x-kubernetes-map-type") == "atomic",
        nullable=nullable,
        required=tuple(schema.get("required") or ()),
        rules=schema,
    )
    if schema.get("x-kubernetes-embedded-resource") is True:
        _embed(node)
    return node


def decode_custom(node: Node, value: Object) -> tuple[Object, list[str]]:
    """A custom resource with unknown fields gone (and named), metadata decoded, numbers in their plain form.

    Raises DecodeError for metadata of a wrong shape.
    """
    schema = node.rules or {}
    unknown: list[str] = []
    meta: Object = {}
    given = value.get("metadata")
    if isinstance(given, dict):
        meta, lost = decode(builtin.node_of(OBJECT_META), given)
        unknown += [f"metadata.{path}" for path in lost]
    out, lost = prune(schema, _numbers(value), is_root=True)
    unknown += lost
    out = with_embedded_meta(schema, without_nulls(schema, out), "", unknown, is_root=True)
    out["metadata"] = meta
    _fill(node, out)
    return out, unknown


def settle(node: Node, obj: Object) -> Object:
    """A stored custom resource as its schema is now: without what became unknown, with what became a default."""
    schema = node.rules or {}
    out: Object = copy(without_nulls(schema, prune(schema, obj, is_root=True)[0]))
    _fill(node, out)
    return out


def _numbers(value: Any) -> Any:
    """Numbers as Go's encoder writes them: whole floats without a point, integers past 64 bits as floats."""
    if isinstance(value, dict):
        return {k: _numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbers(v) for v in value]
    if isinstance(value, Float):
        plain = float(value)
        return int(plain) if plain.is_integer() and abs(plain) < 2**63 else value
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return Float(str(value))
    return value


def _fill(node: Node, value: Any) -> None:
    """Puts the schema's defaults in, and drops nulls that are not allowed where there is a default."""
    if isinstance(value, dict):
        for name, field in (node.fields or {}).items():
            if field.default is not None and (name not in value or (value[name] is None and not field.node.nullable)):
                value[name] = copy(field.default)
            if name in value and not field.node.ref:
                _fill(field.node, value[name])
        if node.values is not None and node.values is not ANY:
            for name, item in value.items():
                if name not in (node.fields or {}):
                    _fill(node.values, item)
    elif isinstance(value, list) and node.kind == "list" and node.items is not None:
        for item in value:
            _fill(node.items, item)
