"""Resource templates from objects: default namespace, scope, and what kubectl or the API server would surely refuse.

A template is any Kubernetes object. Here it gets the namespace that kubectl would give it; wrong types that surprise
people most (numbers in a ConfigMap, Secret data that is not base64) are found before a server is asked.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from karmactl.core.model.input import InputWarning, Template
from karmactl.core.model.manifest import JSONValue, as_mapping, as_str, field
from karmactl.errors import InputError
from karmactl.files.kinds import is_namespaced
from karmactl.files.objects import InputObject, describe
from karmactl.files.types import find_misfits
from karmactl.files.yaml import pointer_step

__all__ = ["NamespaceRules", "crd_scopes", "read_template", "settle_namespace"]

_APPLYSET_LABEL = "applyset.kubernetes.io/part-of"
# kube-apiserver counts the values of these kinds (ValidateConfigMap, ValidateSecret); etcd refuses larger requests.
_MAX_VALUES_BYTES = 1024 * 1024
_MAX_OBJECT_BYTES = 1536 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceRules:
    """Which namespace templates get.

    `default` goes to objects that name none; where `required` is set (`-n`), naming another one is an error.
    `inventory` is karmactl's own: nothing may be put there. `scopes` are those of CRDs among the inputs.
    """

    default: str = "default"
    required: str = ""
    inventory: str = "karmactl-system"
    scopes: Mapping[tuple[str, str], bool]


def crd_scopes(objects: Iterable[InputObject]) -> dict[tuple[str, str], bool]:
    """(group, kind) of each CRD among the objects, to whether it is namespaced."""
    scopes = {}
    for obj in objects:
        if (obj.ref.group, obj.ref.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition"):
            group, kind = field(obj.manifest, "spec", "group"), field(obj.manifest, "spec", "names", "kind")
            scopes[as_str(group), as_str(kind)] = field(obj.manifest, "spec", "scope") != "Cluster"
    return scopes


def read_template(
    obj: InputObject, rules: NamespaceRules, size: int, faults: list[InputError], warnings: list[InputWarning]
) -> Template | None:
    """The template with its namespace, or None with its faults added.

    Codes: `namespace-clash`, `reserved-namespace`, `applyset-label`, `wrong-type`,
    `value-not-base64`, `object-too-large`; warnings `namespace-ignored`, `unknown-field`.
    """
    count = len(faults)
    namespace, is_scope_known = settle_namespace(obj, rules, faults, warnings)
    _check_ownership(obj, namespace, rules, faults)
    _check_values(obj, faults)
    _check_types(obj, faults, warnings)
    if size > _MAX_OBJECT_BYTES:
        message = f"the object is {size} bytes as JSON: etcd takes at most {_MAX_OBJECT_BYTES}"
        faults.append(obj.fault("object-too-large", message, "", key=True))
    if len(faults) != count:
        return None
    return Template(
        manifest=obj.manifest,
        ref=replace(obj.ref, namespace=namespace),
        location=obj.location,
        origin=obj.document.comment_origin(),
        field_locations=obj.document.field_locations(),
        is_scope_known=is_scope_known,
    )


def settle_namespace(
    obj: InputObject, rules: NamespaceRules, faults: list[InputError], warnings: list[InputWarning]
) -> tuple[str, bool]:
    """The namespace that an object gets, also written into its manifest, and whether the scope of its kind is known.

    Adds the fault `namespace-clash`, the warning `namespace-ignored`.
    """
    group, kind, own = obj.ref.group, obj.ref.kind, obj.ref.namespace
    scope = is_namespaced(group, kind)
    if scope is None:
        scope = rules.scopes.get((group, kind))
    metadata = as_mapping(obj.manifest["metadata"])
    if scope is False:
        if own:
            where = obj.document.locate("/metadata/namespace")
            message = f"{kind} {obj.ref.name} has no namespace: {own!r} is left out"
            warnings.append(InputWarning(code="namespace-ignored", message=message, location=where))
        metadata.pop("namespace", None)
        return "", True
    if own and rules.required and own != rules.required:
        # kubectl's words (resource.Visitor, RequireNamespace).
        message = f'the namespace from the provided object "{own}" does not match the namespace "{rules.required}"'
        hint = f"use -n {own}, or take the namespace out of the file"
        faults.append(obj.fault("namespace-clash", message, "/metadata/namespace", hint=hint))
    namespace = own or rules.required or rules.default
    metadata["namespace"] = namespace
    return namespace, scope is not None


def _check_ownership(obj: InputObject, namespace: str, rules: NamespaceRules, faults: list[InputError]) -> None:
    is_inventory = (obj.ref.group, obj.ref.kind, obj.ref.name) == ("", "Namespace", rules.inventory)
    if namespace == rules.inventory or is_inventory:
        pointer = "/metadata/name" if is_inventory else "/metadata/namespace"
        message = f"the namespace {rules.inventory!r} holds karmactl's own records"
        faults.append(obj.fault("reserved-namespace", message, pointer, hint="put the object into another namespace"))
    if _APPLYSET_LABEL in as_mapping(field(obj.manifest, "metadata", "labels")):
        message = "the label says that the object belongs to an ApplySet, which only the tool that applies it may say"
        pointer = "/metadata/labels" + pointer_step(_APPLYSET_LABEL)
        faults.append(obj.fault("applyset-label", message, pointer, hint="remove the label", key=True))


def _check_types(obj: InputObject, faults: list[InputError], warnings: list[InputWarning]) -> None:
    for misfit in find_misfits(obj.manifest):
        if misfit.path[:1] == ("metadata",) and misfit.path[1:2] != ("ownerReferences",) and len(misfit.path) <= 3:
            # Names, labels and annotations have been looked at in every kind.
            continue
        pointer = "".join(pointer_step(step) for step in misfit.path)
        path = ".".join(str(step) for step in misfit.path)
        if misfit.is_unknown:
            hint = f"did you mean {misfit.suggestion!r}?" if misfit.suggestion else ""
            where = obj.document.locate(pointer, key=True)
            message = f"{obj.ref.kind} has no field {path}, as far as karmactl knows"
            warnings.append(InputWarning(code="unknown-field", message=message, location=where, hint=hint))
        else:
            hint = (
                "" if isinstance(misfit.value, str | dict | list) or misfit.expected != "a text" else "put it in quotes"
            )
            message = f"{path} must be {misfit.expected}, not {describe(misfit.value)}"
            faults.append(obj.fault("wrong-type", message, pointer, hint=hint))


def _check_values(obj: InputObject, faults: list[InputError]) -> None:
    if obj.ref.group or obj.ref.kind not in ("ConfigMap", "Secret"):
        return
    is_secret = obj.ref.kind == "Secret"
    size = 0
    for part in ("data", "stringData" if is_secret else "binaryData"):
        values = obj.manifest.get(part)
        if values is None:
            continue
        if not isinstance(values, dict):
            message = f"{part} must be a mapping, not {_describe(values, is_secret)}"
            faults.append(obj.fault("wrong-type", message, f"/{part}"))
            continue
        is_base64 = part == "binaryData" or (is_secret and part == "data")
        for key, value in values.items():
            size += len(value) if isinstance(value, str) else 0
            _check_value(obj, part, key, value, is_base64=is_base64, faults=faults)
    if size > _MAX_VALUES_BYTES * (4 / 3 if is_secret else 1):
        message = f"the values are larger than {_MAX_VALUES_BYTES} bytes"
        faults.append(obj.fault("object-too-large", message, "/data", key=True))


def _check_value(
    obj: InputObject, part: str, key: str, value: JSONValue, *, is_base64: bool, faults: list[InputError]
) -> None:
    pointer = f"/{part}" + pointer_step(key)
    if value is None:
        return
    if not isinstance(value, str):
        message = f"{part}.{key} must be a text, not {_describe(value, obj.ref.kind == 'Secret')}"
        hint = "" if isinstance(value, dict | list) else "put it in quotes"
        faults.append(obj.fault("wrong-type", message, pointer, hint=hint))
    elif is_base64 and not _is_base64(value):
        hint = "plain values go under stringData" if part == "data" else ""
        faults.append(obj.fault("value-not-base64", f"{part}.{key} is not base64", pointer, hint=hint))


def _describe(value: JSONValue, is_secret: bool) -> str:
    """Never the value of a Secret itself."""
    if not is_secret or isinstance(value, dict | list):
        return describe(value)
    return "true or false" if isinstance(value, bool) else "a number"


def _is_base64(text: str) -> bool:
    """As Go's base64.StdEncoding: line breaks are skipped, padding is needed."""
    try:
        base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
