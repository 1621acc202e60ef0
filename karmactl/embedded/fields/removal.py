"""Taking fields out of a value: what an apply gives up, and nobody else holds.

After structured-merge-diff, typed/remove.go.
"""

from typing import Any

from karmactl.embedded.fields.paths import FieldSet
from karmactl.embedded.fields.paths import field as field_element
from karmactl.embedded.fields.typed import item_element
from karmactl.embedded.schema.node import Node, is_atomic_list, shape


def remove(node: Node, value: Any, fields: FieldSet) -> Any:
    """The value without the fields of the set.

    What loses all its members becomes null; what only lost something deeper inside stays as an empty map or list.
    """
    form = shape(node, value)
    if form == "scalar":
        return value
    if not value:
        return None
    if form == "list":
        if is_atomic_list(node):
            return None
        return _remove_items(node, value, fields)
    if node.atomic:
        return None
    out: dict[str, Any] = {}
    for key, item in value.items():
        element = field_element(key)
        if fields.has(element):
            continue
        child, below = node.child(key), fields.children.get(element)
        if child is not None and below is not None and not below.empty():
            item = _remove_inside(child, item, below)
        out[key] = item
    return out or None


def _remove_inside(node: Node, value: Any, fields: FieldSet) -> Any:
    left = remove(node, value, fields)
    if left is None and isinstance(value, dict | list):
        return type(value)()
    return left


def _remove_items(node: Node, value: list[Any], fields: FieldSet) -> Any:
    assert node.items is not None
    out: list[Any] = []
    for item in value:
        element = item_element(node, item)
        if fields.has(element):
            continue
        below = fields.children.get(element)
        if below is not None and not below.empty():
            item = _remove_inside(node.items, item, below)
        out.append(item)
    return out or None
