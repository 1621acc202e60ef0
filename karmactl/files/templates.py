"""Resource templates from objects: default namespace, scope, and what kubectl or the API server would surely refuse.

A template is any Kubernetes object. Here it gets the namespace that kubectl would give it; wrong types that surprise
people most (numbers in a ConfigMap, Secret data that is not base64) are found before a server is asked.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from karmactl.core.conform import LAST_RELEASE, Definition, check_object, describe
from karmactl.core.model.input import FieldValidation, InputWarning, Template
from karmactl.core.model.manifest import JSONValue, as_mapping, as_str, field
from karmactl.errors import InputError
from karmactl.files.kinds import is_namespaced
from karmactl.files.objects import InputObject
from karmactl.files.yaml import pointer_step

__all__ = ["InputRules", "crd_scopes", "read_template", "settle_namespace"]

_VALUE_PARTS: Mapping[str, tuple[str, str]] = {"ConfigMap": ("data", "binaryData"), "Secret": ("data", "stringData")}
_NEWER = f"if the servers are newer than Kubernetes {LAST_RELEASE} and know it, --validate=warn"
_APPLYSET_LABEL = "applyset.kubernetes.io/part-of"
# kube-apiserver counts the values of these kinds (ValidateConfigMap, ValidateSecret); etcd refuses larger requests.
_MAX_VALUES_BYTES = 1024 * 1024
_MAX_OBJECT_BYTES = 1536 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRules:
    """Which namespace templates get, and what they are held against.

    `default` goes to objects that name none; where `required` is set (`-n`), naming another one is an error.
    `inventory` is karmactl's own: nothing may be put there. `scopes` are those of CRDs among the inputs, `definitions`
    what these say of their kinds. `validation` is what becomes of faults that an API server would find, too.
    """

    default: str = "default"
    required: str = ""
    inventory: str = "karmactl-system"
    scopes: Mapping[tuple[str, str], bool]
    definitions: Mapping[tuple[str, str], Definition]
    validation: FieldValidation = FieldValidation.STRICT


def crd_scopes(objects: Iterable[InputObject]) -> dict[tuple[str, str], bool]:
    """(group, kind) of each CRD among the objects, to whether it is namespaced."""
    scopes = {}
    for obj in objects:
        if (obj.ref.group, obj.ref.kind) == ("apiextensions.k8s.io", "CustomResourceDefinition"):
            group, kind = field(obj.manifest, "spec", "group"), field(obj.manifest, "spec", "names", "kind")
            scopes[as_str(group), as_str(kind)] = field(obj.manifest, "spec", "scope") != "Cluster"
    return scopes


def read_template(
    obj: InputObject, rules: InputRules, size: int, faults: list[InputError], warnings: list[InputWarning]
) -> Template | None:
    """The template with its namespace, or None with its faults added.

    Codes: `namespace-clash`, `reserved-namespace`, `applyset-label`, `wrong-type`,
    `value-not-base64`, `object-too-large`, and those of `core.conform`; the warning `namespace-ignored`.
    """
    count = len(faults)
    namespace, is_scope_known = settle_namespace(obj, rules, faults, warnings)
    _check_ownership(obj, namespace, rules, faults)
    _check_values(obj, faults)
    _check_kind(obj, rules, faults, warnings)
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
    obj: InputObject, rules: InputRules, faults: list[InputError], warnings: list[InputWarning]
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


def _check_ownership(obj: InputObject, namespace: str, rules: InputRules, faults: list[InputError]) -> None:
    is_inventory = (obj.ref.group, obj.ref.kind, obj.ref.name) == ("", "Namespace", rules.inventory)
    if namespace == rules.inventory or is_inventory:
        pointer = "/metadata/name" if is_inventory else "/metadata/namespace"
        message = f"the namespace {rules.inventory!r} holds karmactl's own records"
        faults.append(obj.fault("reserved-namespace", message, pointer, hint="put the object into another namespace"))
    if _APPLYSET_LABEL in as_mapping(field(obj.manifest, "metadata", "labels")):
        message = "the label says that the object belongs to an ApplySet, which only the tool that applies it may say"
        pointer = "/metadata/labels" + pointer_step(_APPLYSET_LABEL)
        faults.append(obj.fault("applyset-label", message, pointer, hint="remove the label", key=True))


def _check_kind(obj: InputObject, rules: InputRules, faults: list[InputError], warnings: list[InputWarning]) -> None:
    """What an API server would say of the object's fields: faults, or warnings where the user asks for them."""
    if rules.validation is FieldValidation.IGNORE:
        return
    is_store = not obj.ref.group and obj.ref.kind in _VALUE_PARTS
    for fault in check_object(obj.manifest, rules.definitions):
        if is_store and fault.code == "wrong-type" and fault.path[0] in _VALUE_PARTS[obj.ref.kind]:
            # Found already, with words that never show the value of a Secret.
            continue
        pointer = "".join(pointer_step(step) for step in fault.path)
        is_key = fault.code in ("unknown-field", "field-missing")
        hint = fault.hint or (_NEWER if fault.code in ("unknown-field", "unknown-kind") else "")
        if rules.validation is FieldValidation.WARN:
            where = obj.document.locate(pointer, key=is_key)
            warnings.append(InputWarning(code=fault.code, message=fault.message, location=where, hint=hint))
        else:
            faults.append(obj.fault(fault.code, fault.message, pointer, hint=hint, key=is_key))


def _check_values(obj: InputObject, faults: list[InputError]) -> None:
    if obj.ref.group or obj.ref.kind not in _VALUE_PARTS:
        return
    is_secret = obj.ref.kind == "Secret"
    size = 0
    for part in _VALUE_PARTS[obj.ref.kind]:
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
