"""An object against its kind: built in, defined by a CRD among the inputs, or known to nobody here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from karmactl.core.conform.api_types import KINDS
from karmactl.core.conform.builtin import METADATA, builtin_kind, struct_node
from karmactl.core.conform.definitions import Definition
from karmactl.core.conform.faults import Fault, Report
from karmactl.core.conform.metadata import check_name
from karmactl.core.conform.nodes import nearest
from karmactl.core.conform.structural import check_custom
from karmactl.core.model.manifest import Manifest, api_version_of, group_of, kind_of

__all__ = ["check_object"]


_NO_DEFINITIONS: Final[Mapping[tuple[str, str], Definition]] = {}


def check_object(
    manifest: Manifest, definitions: Mapping[tuple[str, str], Definition] = _NO_DEFINITIONS
) -> list[Fault]:
    """Everything that an API server would surely refuse in an object, in the order of its fields.

    Built-in kinds are checked whole, custom resources by the CRDs in `definitions` ((group, kind) to what it says); of
    other kinds only the metadata, whose type all kinds share. An unknown field is refused as kubectl's
    `--validate=strict` does, an item that is there twice as server-side apply does. What depends on a cluster (quotas,
    classes, admission webhooks) is the server's to say.
    """
    report = Report()
    api_version, kind = api_version_of(manifest), kind_of(manifest)
    node = builtin_kind(api_version, kind)
    if node is not None:
        node.check(manifest, None, report)
        check_name(kind, manifest, report)
        return report.faults
    metadata = manifest.get("metadata")
    if metadata is not None:
        struct_node(METADATA).check(metadata, (None, "metadata"), report)
    group, version = group_of(api_version)
    definition = definitions.get((group, kind))
    if definition is None:
        _check_kind(api_version, kind, report)
    else:
        check_name("", manifest, report)
        _check_custom(manifest, version, definition, report)
    return report.faults


def _check_custom(manifest: Manifest, version: str, definition: Definition, report: Report) -> None:
    schema = definition.schemas.get(version)
    if schema is None:
        served = ", ".join(definition.schemas) or "none"
        report.add("version-not-served", (None, "apiVersion"), f"must be a version that the CRD serves: {served}")
        return
    check_custom(manifest, schema, has_status=version in definition.with_status, report=report)


def _kinds_by_version() -> dict[str, dict[str, None]]:
    found: dict[str, dict[str, None]] = {}
    for key in KINDS:
        api_version, _, kind = key.partition(" ")
        found.setdefault(api_version, {})[kind] = None
    return found


_KINDS_BY_VERSION: Final[Mapping[str, Mapping[str, None]]] = _kinds_by_version()


def _check_kind(api_version: str, kind: str, report: Report) -> None:
    """A kind that no release has, in a group that nobody but Kubernetes can add to: one without a dot."""
    known = _KINDS_BY_VERSION.get(api_version)
    group = api_version.rpartition("/")[0]
    if known is None or "." in group or kind.endswith("List"):
        return
    near = nearest(kind, known)
    hint = f"did you mean {near!r}?" if near else ""
    report.add("unknown-kind", (None, "kind"), f"must be a kind of {api_version}, not {kind!r}", hint)
