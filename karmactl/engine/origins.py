"""Where changed fields were written: fields that no policy decided come from the template, at a line of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from karmactl.core.model.change import Change, FieldChange
from karmactl.core.model.work import FieldOrigin
from karmactl.core.pipeline import Decided
from karmactl.errors import Location

__all__ = ["with_template_origins"]


def with_template_origins(change: Change, decided: Decided) -> Change:
    """The change with the place of each field that has no origin yet and that its template writes.

    A template is read again for its places, so only those of changed objects are.
    """
    if all(entry.origin is not None for entry in change.fields):
        return change
    template = decided.template(change.resource)
    if template is None:
        return change
    return replace(change, fields=tuple(_with_origin(entry, template.field_locations) for entry in change.fields))


def _with_origin(entry: FieldChange, locations: Mapping[str, Location]) -> FieldChange:
    location = locations.get(entry.path)
    if entry.origin is not None or location is None:
        return entry
    return replace(entry, origin=FieldOrigin(path=entry.path, type="template", location=location))
