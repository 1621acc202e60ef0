"""Field sets as server-side apply records them (FieldsV1), and an object seen through one.

Source: KEP-555 and metav1.FieldsV1: keys `f:name` (a map key), `k:{...}` (a list item by its keys), `v:value` (a set
item), `i:n` (an index), `.` (the thing itself). An object seen through the fields that we sent is what tells drift:
fields of others never show in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

from karmactl.core.model.change import FieldHolder
from karmactl.core.model.manifest import JSONValue, Manifest, as_list, as_mapping, as_str, metadata_of

__all__ = [
    "HeldFields",
    "applied_fields",
    "held_fields",
    "holder_at",
    "holders_of",
    "item_at",
    "project",
    "server_paths",
    "value_at",
]


# A step of a server path: `.name`, or what stands between brackets. Names with dots in them end at the first one.
_STEP = re.compile(r"\.([^.\[]+)|\[([^\]]*)\]")


def applied_fields(live: Manifest, manager: str) -> dict[str, JSONValue] | None:
    """The FieldsV1 that `manager` holds by apply on the object itself; None where it holds none."""
    for entry in as_list(metadata_of(live).get("managedFields")):
        record = as_mapping(entry)
        if (
            record.get("manager") == manager
            and record.get("operation") == "Apply"
            and not as_str(record.get("subresource"))
        ):
            return as_mapping(record.get("fieldsV1"))
    return None


def project(value: JSONValue, fields: JSONValue) -> JSONValue:
    """What of `value` the field set covers, as nested [key, projection] pairs in key order.

    A covered field that is missing shows as missing, so that its removal changes the projection.
    """
    children = [(key, child) for key, child in sorted(as_mapping(fields).items()) if key != "."]
    if not children:
        return value
    return [[key, _project_child(value, key, child)] for key, child in children]


def _project_child(value: JSONValue, key: str, child: JSONValue) -> JSONValue:
    found, item = _lookup(value, key)
    return project(item, child) if found else "\x00missing"


def item_at(value: JSONValue, key: str) -> JSONValue:
    """What one key of a field set names in `value`, None where it is not there."""
    return _lookup(value, key)[1]


def _lookup(value: JSONValue, key: str) -> tuple[bool, JSONValue]:
    kind, _, rest = key.partition(":")
    if kind == "f":
        mapping = as_mapping(value)
        return rest in mapping, mapping.get(rest)
    if kind == "i":
        items = as_list(value)
        index = int(rest)
        return index < len(items), items[index] if index < len(items) else None
    wanted = orjson.loads(rest)
    for item in as_list(value):
        if kind == "v" and item == wanted:
            return True, item
        # A key that a default filled in is in the object; one that is absent there is absent in the key, too.
        if kind == "k" and isinstance(item, dict) and all(item.get(name) == part for name, part in wanted.items()):
            return True, item
    return False, None


def server_paths(fields: JSONValue, prefix: str = "") -> Iterator[str]:
    """Every leaf of a field set in the form of the server's conflict messages: `.spec.ports[port=80,protocol="TCP"]`.

    Source: structured-merge-diff, fieldpath.PathElement.String.
    """
    mapping = as_mapping(fields)
    children = [(key, child) for key, child in sorted(mapping.items()) if key != "."]
    if "." in mapping or not children:
        yield prefix
    for key, child in children:
        yield from server_paths(child, prefix + _element(key))


def _element(key: str) -> str:
    kind, _, rest = key.partition(":")
    if kind == "f":
        return f".{rest}"
    if kind == "k":
        parts = orjson.loads(rest)
        return "[" + ",".join(f"{name}={json.dumps(part)}" for name, part in sorted(parts.items())) + "]"
    if kind == "v":
        return f"[={rest}]"
    return f"[{rest}]"


def value_at(value: JSONValue, path: str) -> JSONValue:
    """The value at a server path (`.spec.ports[port=80].nodePort`), None where it leads nowhere."""
    for name, keys in _STEP.findall(path):
        if name:
            value = as_mapping(value).get(name)
        else:
            value = _lookup(value, "k:" + _keys_as_json(keys))[1] if "=" in keys and not keys.startswith("=") else None
    return value


def _keys_as_json(keys: str) -> str:
    pairs = (part.partition("=") for part in keys.split(","))
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, _, text in pairs) + "}"


def holders_of(live: Manifest, path: str, *, besides: str) -> FieldHolder | None:
    """Who else than `besides` holds the field at a server path; the latest entry wins. None: nobody."""
    return _latest(
        live,
        besides,
        lambda fields: any(
            owned == path or owned.startswith((f"{path}.", f"{path}[")) for owned in server_paths(fields)
        ),
    )


def holder_at(live: Manifest, pointer: str, *, besides: str) -> FieldHolder | None:
    """Who else than `besides` holds the field at a JSON pointer into `live`, or something above or below it.

    Where nobody holds it (it was taken away), whoever touched the object last. None: nobody else ever did.
    """
    here = f"{pointer}/"
    return _latest(
        live,
        besides,
        lambda fields: any(
            here.startswith(f"{owned}/") or owned.startswith(here) for owned in _pointers(live, fields, "")
        ),
    ) or _latest(live, besides, lambda _: True)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFields:
    """One entry of managedFields: who holds which JSON pointers into the object it was read from."""

    manager: str
    operation: str
    subresource: str
    pointers: frozenset[str]

    def holds(self, pointer: str) -> bool:
        """Whether it holds the field, something in it, or what it lies in as a whole."""
        here = f"{pointer}/"
        return any(
            owned == pointer or owned.startswith(here) or here.startswith(f"{owned}/") for owned in self.pointers
        )


def held_fields(live: Manifest) -> tuple[HeldFields, ...]:
    """Who holds what of an object, entry by entry."""
    entries = [as_mapping(entry) for entry in as_list(metadata_of(live).get("managedFields"))]
    return tuple(
        HeldFields(
            manager=as_str(entry.get("manager")),
            operation=as_str(entry.get("operation")),
            subresource=as_str(entry.get("subresource")),
            pointers=frozenset(_pointers(live, entry.get("fieldsV1"), "")),
        )
        for entry in entries
    )


def _latest(live: Manifest, besides: str, is_meant: Callable[[JSONValue], bool]) -> FieldHolder | None:
    found: FieldHolder | None = None
    for entry in as_list(metadata_of(live).get("managedFields")):
        record = as_mapping(entry)
        manager = as_str(record.get("manager"))
        is_ours = manager == besides and record.get("operation") == "Apply"
        if is_ours or as_str(record.get("subresource")) == "status" or not is_meant(record.get("fieldsV1")):
            continue
        holder = FieldHolder(manager=manager, time=as_str(record.get("time")))
        if found is None or holder.time >= found.time:
            found = holder
    return found


def _pointers(value: JSONValue, fields: JSONValue, prefix: str) -> Iterator[str]:
    """The JSON pointers into `value` of every leaf of a field set; what is not there is left out."""
    children = [(key, child) for key, child in sorted(as_mapping(fields).items()) if key != "."]
    if not children:
        yield prefix
    for key, child in children:
        step, item = _step(value, key)
        if step is not None:
            yield from _pointers(item, child, f"{prefix}/{step}")


def _step(value: JSONValue, key: str) -> tuple[str | None, JSONValue]:
    """One step of a field set as a step of a JSON pointer, with what lies there."""
    found, item = _lookup(value, key)
    if not found:
        return None, None
    if key.startswith("f:"):
        return key[2:].replace("~", "~0").replace("/", "~1"), item
    return str(next(index for index, each in enumerate(as_list(value)) if each is item or each == item)), item
