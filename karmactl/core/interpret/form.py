"""The form of native objects: refused where a typed reader would refuse it, read with zero values, copied on write."""

from __future__ import annotations

from karmactl.core.model.manifest import JSONValue, Manifest, field, kind_of, ref_of
from karmactl.core.shape import Struct, find_misshapen, normalize
from karmactl.errors import InputError

__all__ = ["interpret_failed", "normalized", "number_at", "require_form", "set_field", "text_map_at", "whole_number"]


def interpret_failed(manifest: Manifest, why: str) -> InputError:
    """The error for an object that cannot be interpreted."""
    ref = ref_of(manifest)
    return InputError("interpret-failed", f"{ref} cannot be interpreted: {why}", why=why, resource=str(ref))


def require_form(manifest: Manifest) -> None:
    """Raises InputError `interpret-failed` where a field that Kubernetes types has another type."""
    if fault := find_misshapen(manifest, Struct(kind_of(manifest))):
        raise interpret_failed(manifest, fault)


def normalized(manifest: Manifest) -> Manifest:
    """The object after a round trip through its Go type. Raises as `require_form`."""
    require_form(manifest)
    result = normalize(manifest, Struct(kind_of(manifest)))
    assert isinstance(result, dict)
    return result


def whole_number(value: JSONValue, where: str = "the value") -> int | None:
    """The integer, None for what is absent or null. Raises InputError `interpret-failed` for anything else."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError("interpret-failed", f"{where} is {value!r}, not an integer")
    return value


def number_at(value: JSONValue, *path: str) -> int:
    """The integer at a path, 0 where there is none."""
    found = field(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def text_map_at(manifest: Manifest, *path: str) -> dict[str, JSONValue] | None:
    """The mapping of texts at a path, None where there is none.

    Raises InputError `interpret-failed` where something else stands there (apimachinery's NestedStringMap).
    """
    current: JSONValue = manifest
    for step in path:
        if not isinstance(current, dict):
            raise interpret_failed(manifest, f"/{'/'.join(path)}: {step!r} lies in what is no mapping")
        if step not in current:
            return None
        current = current[step]
    if not isinstance(current, dict) or not all(isinstance(entry, str) for entry in current.values()):
        raise interpret_failed(manifest, f"/{'/'.join(path)} is no mapping of texts")
    return current


def set_field(manifest: Manifest, value: JSONValue, *path: str) -> Manifest:
    """A copy with the value at a path of keys; mappings on the way are made, and copied where they exist.

    Raises InputError `interpret-failed` where something else than a mapping is in the way.
    """
    root = dict(manifest)
    current = root
    for step in path[:-1]:
        child = current.get(step)
        if child is not None and not isinstance(child, dict):
            raise interpret_failed(manifest, f"/{'/'.join(path)}: {step!r} is no mapping")
        copied = dict(child or {})
        current[step] = copied
        current = copied
    current[path[-1]] = value
    return root
