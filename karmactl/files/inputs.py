"""Files, folders, URLs and the standard input to one `InputSet`, with every fault of every file found in one go.

The kind decides what a document is: Karmada's policies, clusters and customizations are read strictly, its other kinds
are refused by name, everything else is a template. The order of the files never matters.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import orjson

from karmactl.core.model.cluster import Cluster
from karmactl.core.model.input import InputFile, InputSet, InputWarning, Template
from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping
from karmactl.core.model.policy import OverridePolicy, PropagationPolicy
from karmactl.errors import InputError, Location
from karmactl.files.documents import read_documents
from karmactl.files.faults import fault_group
from karmactl.files.kinds import POLICY_GROUP, is_karmada_group
from karmactl.files.objects import InputObject, flatten, read_object
from karmactl.files.policies import declared_facts, read_cluster, read_override_policy, read_propagation_policy
from karmactl.files.sources import Source, open_sources
from karmactl.files.templates import NamespaceRules, crd_scopes, read_template, settle_namespace

__all__ = ["read_inputs"]

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(slots=True)
class _Findings:
    """What has been read so far, and what was wrong."""

    faults: list[InputError] = field(default_factory=list)
    warnings: list[InputWarning] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    propagation_policies: list[tuple[Location, PropagationPolicy]] = field(default_factory=list)
    override_policies: list[tuple[Location, OverridePolicy]] = field(default_factory=list)
    clusters: list[tuple[InputObject, Cluster]] = field(default_factory=list)
    interpreters: list[tuple[Location, Manifest]] = field(default_factory=list)
    places: dict[tuple[str, str, str, str], Location] = field(default_factory=dict)


def read_inputs(
    paths: Sequence[str],
    *,
    base: Path | None = None,
    is_recursive: bool = False,
    namespace: str = "",
    default_namespace: str = "default",
    inventory_namespace: str = "karmactl-system",
    skip_unsupported: bool = False,
    stdin: BinaryIO | None = None,
) -> InputSet:
    """Everything that the paths name, sorted by place.

    `base` is where relative paths start (default: the working folder). `namespace` is `-n`: for objects that name none,
    and an error for those that name another; `default_namespace` is only the former. With `skip_unsupported`, Karmada's
    other kinds and policies for other schedulers become warnings.

    Raises an ExceptionGroup of InputError, in file and line order, that holds every fault of every file.
    """
    found = _Findings()
    sources = open_sources(paths, base=base or Path.cwd(), is_recursive=is_recursive, stdin=stdin, faults=found.faults)
    objects: list[tuple[InputObject, int]] = []
    files = [_read_source(source, objects, found.faults) for source in sources]
    rules = NamespaceRules(
        default=default_namespace,
        required=namespace,
        inventory=inventory_namespace,
        scopes=crd_scopes(obj for obj, _ in objects),
    )
    for obj, size in objects:
        _route(obj, size, rules, found, skip_unsupported)
    if found.faults:
        raise fault_group(found.faults)
    return _input_set(found, files)


def _read_source(source: Source, objects: list[tuple[InputObject, int]], faults: list[InputError]) -> InputFile:
    digest = hashlib.sha256()
    kinds: Counter[str] = Counter()
    for document in read_documents(source.raw, source.name, faults):
        for part in flatten(document):
            obj = read_object(part, faults)
            if obj is None:
                continue
            kinds[obj.ref.kind] += 1
            digest.update(canonical := orjson.dumps(_blanked(obj), option=orjson.OPT_SORT_KEYS))
            digest.update(b"\n")
            objects.append((obj, len(canonical)))
    return InputFile(path=source.name, digest=digest.hexdigest(), kinds=dict(sorted(kinds.items())))


def _blanked(obj: InputObject) -> Manifest:
    """The manifest without values that nobody may guess from a digest: Secrets, and what kubectl recorded of them."""
    manifest = obj.manifest
    if (obj.ref.group, obj.ref.kind) == ("", "Secret"):
        blank: dict[str, JSONValue] = {
            part: dict.fromkeys(values, "") if isinstance(values := manifest[part], dict) else ""
            for part in ("data", "stringData")
            if part in manifest
        }
        manifest = {**manifest, **blank}
    metadata = as_mapping(manifest["metadata"]) if "metadata" in manifest else {}
    annotations = as_mapping(metadata.get("annotations"))
    if _LAST_APPLIED in annotations:
        manifest = {**manifest, "metadata": {**metadata, "annotations": {**annotations, _LAST_APPLIED: ""}}}
    return manifest


def _route(obj: InputObject, size: int, rules: NamespaceRules, found: _Findings, skip_unsupported: bool) -> None:
    group, kind = obj.ref.group, obj.ref.kind
    match (group, kind):
        case (str(), "PropagationPolicy" | "ClusterPropagationPolicy") if group == POLICY_GROUP:
            count = len(found.faults)
            settle_namespace(obj, rules, found.faults, found.warnings)
            propagation = read_propagation_policy(obj, found.faults)
            if skip_unsupported and _skip(found, count):
                return
            if propagation and _claim_place(obj, propagation.namespace, found):
                found.propagation_policies.append((obj.location, propagation))
        case (str(), "OverridePolicy" | "ClusterOverridePolicy") if group == POLICY_GROUP:
            settle_namespace(obj, rules, found.faults, found.warnings)
            override = read_override_policy(obj, found.faults)
            if override and _claim_place(obj, override.namespace, found):
                found.override_policies.append((obj.location, override))
        case ("cluster.karmada.io", "Cluster"):
            cluster = read_cluster(obj, found.faults)
            if cluster and _claim_place(obj, "", found):
                found.clusters.append((obj, cluster))
        case ("config.karmada.io", "ResourceInterpreterCustomization"):
            if _claim_place(obj, "", found):
                found.interpreters.append((obj.location, obj.manifest))
        case ("kustomize.config.k8s.io", _):
            message = f"a {kind} is built, not applied"
            found.faults.append(obj.fault("kustomization", message, "", key=True, hint="use -k with its folder"))
        case _ if is_karmada_group(group):
            count = len(found.faults)
            message = f"karmactl does not do what {kind} ({group}) asks for"
            hint = "--skip-unsupported goes on without it"
            found.faults.append(obj.fault("unsupported-kind", message, "/kind", hint=hint))
            if skip_unsupported:
                _skip(found, count)
        case _:
            template = read_template(obj, rules, size, found.faults, found.warnings)
            if template and _claim_place(obj, template.ref.namespace, found):
                found.templates.append(template)


def _skip(found: _Findings, count: int) -> bool:
    """Turn the faults after `count` into warnings if all of them say that something is not supported."""
    new = found.faults[count:]
    if not new or any(not fault.code.startswith("unsupported-") for fault in new):
        return False
    del found.faults[count:]
    found.warnings += [
        InputWarning(code=fault.code, message=fault.message, location=fault.location or Location(file=""))
        for fault in new
    ]
    return True


def _claim_place(obj: InputObject, namespace: str, found: _Findings) -> bool:
    """Whether this is the first object of its identity; a second one is a fault that names both places."""
    identity = (obj.ref.group, obj.ref.kind, namespace, obj.ref.name)
    first = found.places.setdefault(identity, obj.location)
    if first == obj.location:
        return True
    where = f"{namespace}/{obj.ref.name}" if namespace else obj.ref.name
    message = f"{obj.ref.kind} {where} is already in {first}"
    found.faults.append(obj.fault("duplicate-object", message, "", hint="remove one of them", key=True))
    return False


def _input_set(found: _Findings, files: list[InputFile]) -> InputSet:
    clusters = sorted(found.clusters, key=lambda pair: pair[0].location)
    return InputSet(
        templates=tuple(sorted(found.templates, key=lambda template: template.location)),
        propagation_policies=tuple(policy for _, policy in sorted(found.propagation_policies, key=_first)),
        override_policies=tuple(policy for _, policy in sorted(found.override_policies, key=_first)),
        clusters=tuple(cluster for _, cluster in clusters),
        cluster_facts=tuple(declared_facts(obj) for obj, _ in clusters),
        interpreters=tuple(manifest for _, manifest in sorted(found.interpreters, key=_first)),
        files=tuple(sorted(files, key=lambda file: file.path)),
        warnings=tuple(sorted(found.warnings, key=lambda warning: warning.location)),
    )


def _first(pair: tuple[Location, object]) -> Location:
    return pair[0]
