"""Files, folders, URLs and the standard input to one `InputSet`, with every fault of every file found in one go.

The kind decides what a document is: Karmada's policies, clusters and customizations are read strictly, its other kinds
are refused by name, everything else is a template. The order of the files never matters.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from karmactl.core.conform import read_definitions
from karmactl.core.digest import blank_secrets, canonical
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.input import (
    Customization,
    FieldValidation,
    InputFile,
    InputSet,
    InputWarning,
    Template,
)
from karmactl.core.model.manifest import as_mapping
from karmactl.core.model.manifest import field as field_at
from karmactl.core.model.policy import OverridePolicy, PropagationPolicy
from karmactl.errors import InputError, Location
from karmactl.files.documents import read_documents
from karmactl.files.faults import fault_group
from karmactl.files.kinds import KARMADA_VERSION, POLICY_GROUP, is_karmada_group
from karmactl.files.objects import InputObject, flatten, read_object
from karmactl.files.policies import declared_facts, read_cluster, read_override_policy, read_propagation_policy
from karmactl.files.sources import Source, open_sources
from karmactl.files.templates import InputRules, crd_scopes, read_template, settle_namespace
from karmactl.files.yaml import pointer_step

__all__ = ["ReadOptions", "read_inputs"]

_MISSING = frozenset({"input-not-found", "input-empty-folder"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """How a run reads.

    `is_recursive`: folders below folders, too. `namespace` is `-n`: for objects that name none, and an error for those
    that name another; `default_namespace` is only the former. With `skip_unsupported`, Karmada's other kinds and
    policies for other schedulers become warnings. `validation` says what becomes of faults that an API server would
    find in templates. With `may_be_missing`, paths that lead nowhere are left out.
    """

    is_recursive: bool = False
    namespace: str = ""
    default_namespace: str = "default"
    inventory_namespace: str = "karmactl-system"
    skip_unsupported: bool = False
    validation: FieldValidation = FieldValidation.STRICT
    may_be_missing: bool = False


_DEFAULTS: Final = ReadOptions()


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One run: its rules, what has been read so far, and what was wrong."""

    rules: InputRules
    skip_unsupported: bool
    faults: list[InputError]
    warnings: list[InputWarning] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    propagation_policies: list[PropagationPolicy] = field(default_factory=list)
    override_policies: list[OverridePolicy] = field(default_factory=list)
    clusters: list[tuple[InputObject, Cluster]] = field(default_factory=list)
    interpreters: list[Customization] = field(default_factory=list)
    places: dict[tuple[str, str, str, str], Location] = field(default_factory=dict)


def read_inputs(
    paths: Sequence[str],
    *,
    base: Path | None = None,
    options: ReadOptions = _DEFAULTS,
    stdin: BinaryIO | None = None,
    built: Sequence[Source] = (),
) -> InputSet:
    """Everything that the paths name, sorted by place.

    `base` is where relative paths start (default: the working folder). `built` are further sources, made by a program.

    Raises an ExceptionGroup of InputError, in file and line order, that holds every fault of every file.
    """
    faults: list[InputError] = []
    sources = open_sources(
        paths, base=base or Path.cwd(), is_recursive=options.is_recursive, stdin=stdin, faults=faults
    )
    if options.may_be_missing:
        faults[:] = [fault for fault in faults if fault.code not in _MISSING]
    objects: list[tuple[InputObject, int]] = []
    files = [_read_source(source, objects, faults) for source in (*sources, *built)]
    rules = InputRules(
        default=options.default_namespace,
        required=options.namespace,
        inventory=options.inventory_namespace,
        scopes=crd_scopes(obj for obj, _ in objects),
        definitions=read_definitions(obj.manifest for obj, _ in objects),
        validation=options.validation,
    )
    reading = _Reading(rules=rules, skip_unsupported=options.skip_unsupported, faults=faults)
    # In the order of places, so that the order of the paths never shows.
    for obj, size in sorted(objects, key=lambda pair: pair[0].location):
        _route(obj, size, reading)
    if faults:
        raise fault_group(faults)
    return InputSet(
        templates=tuple(reading.templates),
        propagation_policies=tuple(reading.propagation_policies),
        override_policies=tuple(reading.override_policies),
        clusters=tuple(cluster for _, cluster in reading.clusters),
        cluster_facts=tuple(declared_facts(obj) for obj, _ in reading.clusters),
        interpreters=tuple(reading.interpreters),
        files=tuple(sorted(files, key=lambda file: file.path)),
        warnings=tuple(sorted(reading.warnings, key=lambda warning: warning.location)),
    )


def _read_source(source: Source, objects: list[tuple[InputObject, int]], faults: list[InputError]) -> InputFile:
    digest = hashlib.sha256()
    kinds: Counter[str] = Counter()
    for document in read_documents(source.raw, source.name, faults):
        for part in flatten(document):
            obj = read_object(part, faults)
            if obj is None:
                continue
            kinds[obj.ref.kind] += 1
            content = canonical(blank_secrets(obj.manifest))
            digest.update(content)
            digest.update(b"\n")
            objects.append((obj, len(content)))
    return InputFile(path=source.name, digest=digest.hexdigest(), kinds=dict(sorted(kinds.items())))


def _read_template(obj: InputObject, size: int, reading: _Reading) -> None:
    template = read_template(obj, reading.rules, size, reading.faults, reading.warnings)
    if template and _is_first(obj, template.ref.namespace, reading):
        reading.templates.append(template)


def _read_propagation_policy(obj: InputObject, reading: _Reading) -> None:
    count = len(reading.faults)
    settle_namespace(obj, reading.rules, reading.faults, reading.warnings)
    policy = read_propagation_policy(obj, reading.faults)
    _skip_unsupported(reading, count)
    if policy and _is_first(obj, policy.namespace, reading):
        reading.propagation_policies.append(policy)


def _read_override_policy(obj: InputObject, reading: _Reading) -> None:
    settle_namespace(obj, reading.rules, reading.faults, reading.warnings)
    policy = read_override_policy(obj, reading.faults)
    if policy and _is_first(obj, policy.namespace, reading):
        reading.override_policies.append(policy)


def _read_cluster(obj: InputObject, reading: _Reading) -> None:
    cluster = read_cluster(obj, reading.faults)
    # What was observed of a cluster may stand beside what is declared of it, each once.
    kind = "Cluster" if cluster is None or not cluster.observed_at else "observed Cluster"
    if cluster and _is_first(obj, "", reading, kind=kind):
        reading.clusters.append((obj, cluster))


def _read_interpreter(obj: InputObject, reading: _Reading) -> None:
    if _is_first(obj, "", reading):
        rules = as_mapping(field_at(obj.manifest, "spec", "customizations"))
        pointers = [f"/spec/customizations{pointer_step(rule)}/luaScript" for rule in rules]
        places = {pointer: place for pointer in pointers if (place := obj.document.locate_text(pointer))}
        reading.interpreters.append(
            Customization(manifest=obj.manifest, location=obj.location, script_locations=places)
        )


_READERS: Mapping[tuple[str, str], Callable[[InputObject, _Reading], None]] = {
    (POLICY_GROUP, "PropagationPolicy"): _read_propagation_policy,
    (POLICY_GROUP, "ClusterPropagationPolicy"): _read_propagation_policy,
    (POLICY_GROUP, "OverridePolicy"): _read_override_policy,
    (POLICY_GROUP, "ClusterOverridePolicy"): _read_override_policy,
    ("cluster.karmada.io", "Cluster"): _read_cluster,
    ("config.karmada.io", "ResourceInterpreterCustomization"): _read_interpreter,
}


def _route(obj: InputObject, size: int, reading: _Reading) -> None:
    """The kind decides what an object is."""
    group, kind = obj.ref.group, obj.ref.kind
    read = _READERS.get((group, kind))
    if read is not None and obj.ref.version == KARMADA_VERSION:
        read(obj, reading)
    elif is_karmada_group(group):
        _refuse_unsupported(obj, reading, is_kind_known=read is not None)
    elif group == "kustomize.config.k8s.io":
        message = f"a {kind} is built, not applied"
        reading.faults.append(obj.fault("kustomization", message, "", key=True, hint="use -k with its folder"))
    else:
        _read_template(obj, size, reading)


def _refuse_unsupported(obj: InputObject, reading: _Reading, *, is_kind_known: bool) -> None:
    """A kind of Karmada that karmactl does not do, or one that it does in another version."""
    count = len(reading.faults)
    hint = "--skip-unsupported goes on without it"
    if is_kind_known:
        message = f"karmactl reads {obj.ref.kind} as {obj.ref.group}/{KARMADA_VERSION}, not {obj.ref.version}"
        reading.faults.append(obj.fault("unsupported-version", message, "/apiVersion", hint=hint))
    else:
        message = f"karmactl does not do what {obj.ref.kind} ({obj.ref.group}) asks for"
        reading.faults.append(obj.fault("unsupported-kind", message, "/kind", hint=hint))
    _skip_unsupported(reading, count)


def _skip_unsupported(reading: _Reading, count: int) -> None:
    """Where the user said so: make warnings of the faults after `count`, if that is all that is wrong."""
    new = reading.faults[count:]
    if not reading.skip_unsupported or any(not fault.code.startswith("unsupported-") for fault in new):
        return
    del reading.faults[count:]
    reading.warnings += [
        InputWarning(code=fault.code, message=fault.message, location=fault.location or Location(file=""))
        for fault in new
    ]


def _is_first(obj: InputObject, namespace: str, reading: _Reading, *, kind: str = "") -> bool:
    """Whether no object of its identity was there before; a second one is a fault that names both places."""
    identity = (obj.ref.group, kind or obj.ref.kind, namespace, obj.ref.name)
    first = reading.places.get(identity)
    if first is None:
        reading.places[identity] = obj.location
        return True
    where = f"{namespace}/{obj.ref.name}" if namespace else obj.ref.name
    message = f"{obj.ref.kind} {where} is already in {first}"
    reading.faults.append(obj.fault("duplicate-object", message, "", hint="remove one of them", key=True))
    return False
