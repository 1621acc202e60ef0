"""Field paths for people: dots, and items of lists by their name (`spec.containers[web].image`)."""

from __future__ import annotations

from typing import Final

from karmactl.core.model.manifest import JSONValue, as_mapping

__all__ = ["dotted", "item_key", "item_name", "keyed_path"]

# The fields by which items of lists are told apart, in the order in which they are tried.
_ITEM_KEYS: Final = ("name", "key", "containerPort", "port", "mountPath", "devicePath", "ip", "type", "host", "path")


def dotted(keyed: str, key: str) -> str:
    """The path of a key below a path; keys that are no plain words stand in brackets."""
    plain = key if key.replace("-", "").replace("_", "").isalnum() else f'["{key}"]'
    if not keyed or plain.startswith("["):
        return f"{keyed}{plain}"
    return f"{keyed}.{plain}"


def keyed_path(pointer: str, value: JSONValue) -> str:
    """The path that a JSON pointer into `value` means; what is not there keeps its index or key."""
    keyed = ""
    for segment in pointer.split("/")[1:]:
        step = segment.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
            keyed = f"{keyed}[{_item_name(value) or step}]"
        else:
            keyed = dotted(keyed, step)
            value = value.get(step) if isinstance(value, dict) else None
    return keyed


def item_key(*sides: list[JSONValue]) -> str | None:
    """The field by which the items of lists can be told apart; None where there is none, or no item at all."""
    items = [item for side in sides for item in side]
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    for key in _ITEM_KEYS:
        if all(isinstance(as_mapping(item).get(key), str | int) for item in items) and all(
            len({item_name(item, key) for item in side}) == len(side) for side in sides
        ):
            return key
    return None


def item_name(item: JSONValue, key: str) -> str:
    """What an item is called by `key`."""
    return str(as_mapping(item).get(key))


def _item_name(item: JSONValue) -> str:
    if not isinstance(item, dict):
        return ""
    return next((str(item[key]) for key in _ITEM_KEYS if isinstance(item.get(key), str | int)), "")
