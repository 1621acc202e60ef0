"""Overriders that look for containers: image, command and args, as JSON patches.

Karmada knows six kinds by their name alone (whatever their group) and looks at `containers` only; init containers,
CronJobs and all other kinds are passed over in silence, unless an image predicate names the very path.
Source: Karmada pkg/util/overridemanager/{imageoverride,commandargsoverride}.go.
"""

from __future__ import annotations

from typing import Final

from karmactl.core.model.manifest import JSONValue, Manifest, field, kind_of
from karmactl.core.model.policy import CommandArgsOverrider, ImageOverrider
from karmactl.core.override.image import override_image
from karmactl.core.patch import PatchOperation
from karmactl.core.shape import Struct, find_misshapen
from karmactl.errors import PolicyError

__all__ = ["container_operations", "image_operations"]

_TEMPLATE_PATH: Final = ("spec", "template", "spec", "containers")
_CONTAINER_PATHS: Final = {
    "Pod": ("spec", "containers"),
    "Deployment": _TEMPLATE_PATH,
    "ReplicaSet": _TEMPLATE_PATH,
    "StatefulSet": _TEMPLATE_PATH,
    "DaemonSet": _TEMPLATE_PATH,
    "Job": _TEMPLATE_PATH,
}


def image_operations(manifest: Manifest, overrider: ImageOverrider) -> list[PatchOperation]:
    """The replacements that one image overrider makes, one for each container or one for the predicate's path.

    Raises PolicyError `image-malformed`, `image-component-unsupported`, `image-path-missing` or `object-misshapen`.
    """
    if overrider.predicate is not None:
        path = overrider.predicate.path
        current = _image_at(manifest, path)
        if not path.startswith("/"):
            raise PolicyError("image-path-missing", f"image predicate {path!r} must begin with '/'")
        return [PatchOperation(operator="replace", path=path, value=override_image(current, overrider))]
    path_to_containers = _CONTAINER_PATHS.get(kind_of(manifest))
    if path_to_containers is None:
        return []
    if fault := find_misshapen(manifest, Struct(kind_of(manifest))):
        raise PolicyError("object-misshapen", f"the object is no {kind_of(manifest)}: {fault}", why=fault)
    containers = field(manifest, *path_to_containers)
    prefix = "/" + "/".join(path_to_containers)
    operations = []
    for index, container in enumerate(containers if isinstance(containers, list) else ()):
        image = field(container, "image")
        value = override_image(image if isinstance(image, str) else "", overrider)
        operations.append(PatchOperation(operator="replace", path=f"{prefix}/{index}/image", value=value))
    return operations


def container_operations(manifest: Manifest, key: str, overrider: CommandArgsOverrider) -> list[PatchOperation]:
    """What a command or args overrider (`key` says which) does to the containers of its name.

    Raises PolicyError `object-misshapen` where containers, or the list in one, are of another type.
    """
    path = _CONTAINER_PATHS.get(kind_of(manifest))
    if path is None:
        return []
    parent = field(manifest, *path[:-1])
    containers = field(parent, path[-1])
    if not isinstance(containers, list):
        if containers is None and not (isinstance(parent, dict) and path[-1] in parent):
            return []
        raise PolicyError("object-misshapen", f"/{'/'.join(path)} is no list")
    operations = []
    for index, container in enumerate(containers):
        if not isinstance(container, dict):
            raise PolicyError("object-misshapen", f"/{'/'.join(path)}/{index} is no mapping")
        if container.get("name") != overrider.container_name:
            continue
        current = container.get(key)
        place = f"/{'/'.join(path)}/{index}/{key}"
        if current is not None and not isinstance(current, list):
            raise PolicyError("object-misshapen", f"{place} is no list")
        operator = "add" if current is None else "replace"
        items = _override_items([_go_text(item) for item in current or ()], overrider)
        operations.append(PatchOperation(operator=operator, path=place, value=items))
    return operations


def _override_items(current: list[JSONValue], overrider: CommandArgsOverrider) -> list[JSONValue]:
    match overrider.operator:
        case "add":
            return [*current, *overrider.value]
        case "remove":
            return [item for item in current if item not in overrider.value]
        case _:
            return current


def _image_at(manifest: Manifest, path: str) -> str:
    """The text at a predicate's path, read as Karmada reads it: `~1` is not decoded, a list takes a decimal index."""
    segments = path.strip("/").split("/")
    current: JSONValue = manifest
    position = 0
    while position < len(segments) - 1:
        child = current.get(segments[position]) if isinstance(current, dict) else None
        if isinstance(child, list):
            position += 1
            child = _item_at(child, segments[position], path)
        if not isinstance(child, dict):
            raise PolicyError("image-path-missing", f"image predicate {path!r}: {segments[position]!r} leads nowhere")
        current = child
        position += 1
    # An index as the last segment leaves nothing to read.
    image = current.get(segments[-1]) if isinstance(current, dict) else None
    if not isinstance(image, str):
        raise PolicyError("image-path-missing", f"image predicate {path!r} leads to no text")
    return image


def _item_at(items: list[JSONValue], segment: str, path: str) -> JSONValue:
    digits = segment.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or int(digits) >= len(items):
        raise PolicyError("image-path-missing", f"image predicate {path!r}: {segment!r} is no index of the list")
    return items[int(digits)]


def _go_text(item: JSONValue) -> str:
    """An item as Go's `%s` prints it, which is what Karmada keeps of one that is no text."""
    match item:
        case str():
            return item
        case bool():
            return f"%!s(bool={'true' if item else 'false'})"
        case int():
            return f"%!s(int64={item})"
        case float():
            return f"%!s(float64={item:g})"
        case None:
            return "%!s(<nil>)"
        case _:
            raise PolicyError("object-misshapen", "an item of a command or args is no text")
