"""A small checker for the JSON Schemas in docs/schemas: the keywords that they use, and nothing undocumented.

Stricter than JSON Schema in one thing: an object with `properties` may hold no other key, so that a schema which
forgets one fails here. Readers of the documents still ignore keys that they do not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parent.parent.parent / "docs" / "schemas"
_KNOWN = {
    "$schema", "$id", "title", "description", "$defs", "$ref", "type", "required", "properties", "additionalProperties",
    "items", "enum", "const", "pattern", "format", "anyOf", "allOf", "if", "then",
}  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@cache
def load(name: str) -> dict[str, Any]:
    """A schema file."""
    schema: dict[str, Any] = json.loads((SCHEMAS / name).read_text())
    return schema


def faults(value: Any, schema_name: str) -> list[str]:
    """Everything in which a document is not as its schema says."""
    return list(_check(value, load(schema_name), "$"))


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        name, _, pointer = schema["$ref"].partition("#/$defs/")
        schema = load(name)["$defs"][pointer]
    return schema


def _check(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    schema = _resolve(schema)
    assert set(schema) <= _KNOWN, f"keywords that this checker does not know: {set(schema) - _KNOWN}"
    if "anyOf" in schema:
        found = [list(_check(value, part, path)) for part in schema["anyOf"]]
        if all(found):
            yield from min(found, key=len)
    if "const" in schema and value != schema["const"]:
        yield f"{path}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of {schema['enum']}"
    wanted = schema.get("type")
    if wanted and (not isinstance(value, _TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean")):
        yield f"{path}: {value!r} is no {wanted}"
        return
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{path}: {value!r} does not match {schema['pattern']}"
        if schema.get("format") == "date-time" and not _TIME.fullmatch(value):
            yield f"{path}: {value!r} is no RFC 3339 time"
    if isinstance(value, list) and "items" in schema:
        for position, item in enumerate(value):
            yield from _check(item, schema["items"], f"{path}[{position}]")
    if isinstance(value, dict):
        yield from _check_object(value, schema, path)


def _check_object(value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    properties = dict(_properties(schema))
    for name in _required(schema):
        if name not in value:
            yield f"{path}: {name} is missing"
    extra = schema.get("additionalProperties")
    for name, item in value.items():
        if name in properties:
            yield from _check(item, properties[name], f"{path}.{name}")
        elif isinstance(extra, dict):
            yield from _check(item, extra, f"{path}.{name}")
        elif properties:
            yield f"{path}: {name} is not documented"
    if "if" in schema and not list(_check(value, {**schema["if"], "additionalProperties": {}}, path)):
        yield from _check(value, {**schema["then"], "additionalProperties": {}}, path)


def _properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    schema = _resolve(schema)
    yield from schema.get("properties", {}).items()
    for part in schema.get("allOf", ()):
        yield from _properties(part)


def _required(schema: dict[str, Any]) -> Iterator[str]:
    schema = _resolve(schema)
    yield from schema.get("required", ())
    for part in schema.get("allOf", ()):
        yield from _required(part)
