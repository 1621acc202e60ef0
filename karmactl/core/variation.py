"""How one cluster's object varies from the template, as an RFC 6902 JSON Patch that people can read and apply.

For showing only: overrides are applied by `core.patch`, in Karmada's own dialect. Labels and annotations that karmactl
itself adds are left out, and values of Secrets are masked.
"""

from __future__ import annotations

from collections.abc import Iterable

import jsonpatch

from karmactl.core.diff import is_sensitive_resource
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping, as_str, copy_manifest, metadata_of
from karmactl.core.model.work import Work

__all__ = ["variation"]

_MASK = "(masked)"
_OWN_MARKS = ("karmada.io/", "applyset.kubernetes.io/")


def variation(template: Manifest, work: Work) -> list[JSONValue]:
    """The operations that turn the template into the Work's object, in an order in which they apply."""
    patch = jsonpatch.make_patch(_without_marks(template), _without_marks(work.manifest))
    operations: Iterable[dict[str, JSONValue]] = patch.patch
    if is_sensitive_resource(work.resource):
        return [_masked(operation) for operation in operations]
    return list(operations)


def _masked(operation: dict[str, JSONValue]) -> dict[str, JSONValue]:
    path = as_str(operation.get("path"))
    if "value" not in operation or not path.startswith(("/data", "/stringData")):
        return operation
    return {**operation, "value": _MASK}


def _without_marks(manifest: Manifest) -> Manifest:
    bare = copy_manifest(manifest)
    metadata = metadata_of(bare)
    for key in ("labels", "annotations"):
        kept = {name: text for name, text in as_mapping(metadata.get(key)).items() if not _is_mark(name)}
        if kept:
            metadata[key] = kept
        else:
            metadata.pop(key, None)
    return bare


def _is_mark(name: str) -> bool:
    return any(mark in name for mark in _OWN_MARKS)
