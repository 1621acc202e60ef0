"""One override rule applied to one object: all seven overriders, in Karmada's fixed order.

Each overrider becomes JSON patches, so that every change is known with its place and its former value. The order is
Karmada's (image, command, args, labels, annotations, field, plaintext), not that of the manifest; within one kind of
overrider each sees the result of the one before. Source: Karmada pkg/util/overridemanager/overridemanager.go
(applyPolicyOverriders), labelannotationoverrider.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from karmactl.core.model.manifest import JSONValue, Manifest, field
from karmactl.core.model.policy import FieldOverrider, FieldPatchOperation, LabelAnnotationOverrider, Overriders
from karmactl.core.override.containers import container_operations, image_operations
from karmactl.core.override.text import patch_json_text, patch_yaml_text
from karmactl.core.patch import Change, PatchOperation, apply_patch, parse_pointer
from karmactl.errors import PolicyError

__all__ = ["apply_overriders", "plaintext_operations"]


def plaintext_operations(overriders: Overriders) -> tuple[PatchOperation, ...]:
    """The one patch that all plaintext overriders of a rule make together."""
    return tuple(
        PatchOperation(operator=overrider.operator, path=overrider.path, value=overrider.value)
        for overrider in overriders.plaintext
    )


def apply_overriders(
    manifest: Manifest, overriders: Overriders, plaintext: Sequence[PatchOperation]
) -> tuple[Manifest, list[Change]]:
    """The object after one rule, and what changed where; the input stays as it is.

    `plaintext` is `plaintext_operations(overriders)`, made once for many objects. Raises PolicyError with the codes of
    `apply_patch`, of the images, of the text fields, or `object-without-kind`.
    """
    run = _Run(manifest)
    for image in overriders.image_overrider:
        run.patch(image_operations(run.manifest, image))
    for command in overriders.command_overrider:
        run.patch(container_operations(run.manifest, "command", command))
    for args in overriders.args_overrider:
        run.patch(container_operations(run.manifest, "args", args))
    for overrider in overriders.labels_overrider:
        run.patch(_metadata_operations(run.manifest, "labels", overrider))
    for overrider in overriders.annotations_overrider:
        run.patch(_metadata_operations(run.manifest, "annotations", overrider))
    for text in overriders.field_overrider:
        run.patch(_field_operations(run.manifest, text))
    run.patch(plaintext)
    return run.manifest, run.changes


class _Run:
    """The object so far and the changes so far."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.changes: list[Change] = []

    def patch(self, operations: Sequence[PatchOperation]) -> None:
        if not operations:
            return
        patched = apply_patch(self.manifest, operations)
        self.manifest = _require_kind(patched.document)
        self.changes.extend(patched.changes)


def _require_kind(document: JSONValue) -> Manifest:
    """The document, if it is still an object of the API (apimachinery's UnstructuredJSONScheme asks no more)."""
    if not isinstance(document, dict):
        raise PolicyError("object-without-kind", "the override leaves no object")
    kind, api_version = document.get("kind"), document.get("apiVersion")
    is_readable = not isinstance(api_version, str) or api_version.count("/") < 2
    if not isinstance(kind, str) or not kind or not is_readable:
        raise PolicyError("object-without-kind", f"the override leaves kind {kind!r} and apiVersion {api_version!r}")
    return document


def _metadata_operations(manifest: Manifest, key: str, overrider: LabelAnnotationOverrider) -> list[PatchOperation]:
    """Labels or annotations: replace and remove pass over keys that are not there, add makes the mapping."""
    if not overrider.value:
        return []
    metadata = field(manifest, "metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise PolicyError("object-misshapen", "/metadata is no mapping")
    current = _text_mapping(field(metadata, key))
    operations = []
    match overrider.operator:
        case "remove" | "replace":
            names = [name for name in sorted(overrider.value) if name in (current or {})]
        case "add":
            names = sorted(overrider.value)
            if metadata is None:
                operations.append(PatchOperation(operator="add", path="/metadata", value={}))
            # A mapping with a value that is no text is one that Karmada cannot read, and it begins anew.
            if current is None:
                operations.append(PatchOperation(operator="add", path=f"/metadata/{key}", value={}))
        case _:
            names = sorted(overrider.value)
    for name in names:
        # `~` is left as it is, as Karmada leaves it; no valid key has one.
        path = f"/metadata/{key}/{name.replace('/', '~1')}"
        operations.append(PatchOperation(operator=overrider.operator, path=path, value=overrider.value[name]))
    return operations


def _text_mapping(value: JSONValue) -> Mapping[str, JSONValue] | None:
    if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
        return None
    return value


def _field_operations(manifest: Manifest, overrider: FieldOverrider) -> list[PatchOperation]:
    segments = parse_pointer(overrider.field_path)
    value: JSONValue = manifest
    for segment in segments:
        if isinstance(value, dict) and segment in value:
            value = value[segment]
        elif isinstance(value, list) and segment.isascii() and segment.isdigit() and int(segment) < len(value):
            value = value[int(segment)]
        else:
            raise PolicyError("field-path-missing", f"fieldPath {overrider.field_path!r}: {segment!r} leads nowhere")
    if not isinstance(value, str) or not segments:
        raise PolicyError("field-not-text", f"fieldPath {overrider.field_path!r} leads to no text")
    if overrider.yaml:
        text = patch_yaml_text(value, _sub_operations(overrider.yaml))
    elif overrider.json:
        text = patch_json_text(value, _sub_operations(overrider.json))
    else:
        # Only a policy that no webhook saw gets here; Karmada empties the field.
        text = ""
    return [PatchOperation(operator="replace", path=overrider.field_path, value=text)]


def _sub_operations(operations: Sequence[FieldPatchOperation]) -> list[PatchOperation]:
    return [PatchOperation(operator=op.operator, path=op.sub_path, value=op.value) for op in operations]
