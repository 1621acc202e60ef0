"""Documents to objects: every document is a mapping with apiVersion, kind and a name; lists are taken apart.

What is wrong in any kind is found here: missing or misspelt head fields, `generateName`, labels that are no texts,
sizes that etcd refuses. What a kind means is left to `templates` and `policies`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from karmactl.core.conform import describe
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef, group_of
from karmactl.errors import InputError, Location
from karmactl.files.documents import Document
from karmactl.files.yaml import pointer_step

__all__ = ["InputObject", "flatten", "read_object"]

_MAX_LIST_DEPTH = 8
# Names become part of URLs: the API server refuses these for every kind (path.ValidatePathSegmentName).
_BAD_NAMES = frozenset({".", ".."})
_LABEL_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class InputObject:
    """One object as read: its manifest, its reference as written (no default namespace), and its places."""

    manifest: Manifest
    ref: ResourceRef
    document: Document

    @property
    def location(self) -> Location:
        return self.document.location

    def fault(
        self,
        code: str,
        message: str,
        pointer: str,
        *,
        hint: str = "",
        key: bool = False,
        error: type[InputError] = InputError,
    ) -> InputError:
        """An error at a field of this object."""
        where = self.document.locate(pointer, key=key)
        return error(code, message, hint=hint, location=where, resource=str(self.ref).strip())


def flatten(document: Document, depth: int = 0) -> Iterator[Document]:
    """The document itself, or the items of a List in its place, each with its own position.

    Source: k8s.io/apimachinery unstructured.go (detectList: `items` is a list) and unstructuredJSONScheme (items of a
    typed list such as ConfigMapList take kind and version from it).
    """
    value = document.value
    if not isinstance(value, dict) or not str(value.get("kind", "")).endswith("List") or depth > _MAX_LIST_DEPTH:
        yield document
        return
    items = value.get("items")
    if items is None and ("items" in value or value["kind"] == "List"):
        return
    if not isinstance(items, list):
        yield document
        return
    item_kind = str(value["kind"]).removesuffix("List")
    for index, item in enumerate(items):
        if item_kind and isinstance(item, dict) and not item.get("kind") and not item.get("apiVersion"):
            item["kind"], item["apiVersion"] = item_kind, value.get("apiVersion")
        yield from flatten(document.at(f"/items/{index}", item), depth + 1)


def read_object(document: Document, faults: list[InputError]) -> InputObject | None:
    """The object in a document, or None with what is wrong added to `faults`.

    Codes: `not-an-object`, `field-missing`, `wrong-type`, `generate-name`, `invalid-name`, `invalid-namespace`.
    """
    manifest = document.value
    if not isinstance(manifest, dict):
        what = "a list" if isinstance(manifest, list) else "a single value"
        hint = "an object is a mapping with apiVersion, kind and metadata"
        faults.append(InputError("not-an-object", f"the document is {what}", hint=hint, location=document.location))
        return None
    head = _read_head(manifest, document, faults)
    if head is None:
        return None
    api_version, kind = head
    count = len(faults)
    metadata = manifest.get("metadata")
    if metadata is None:
        metadata = {}
    elif not isinstance(metadata, dict):
        faults.append(_wrong_type(document, "/metadata", metadata, "a mapping"))
        return None
    name, namespace = _text(document, metadata, "name", faults), _text(document, metadata, "namespace", faults)
    group, version = group_of(api_version)
    ref = ResourceRef(group=group, version=version, kind=kind, namespace=namespace, name=name)
    obj = InputObject(manifest, ref, document)
    if len(faults) == count:
        _check_names(obj, metadata, faults)
    for key in ("labels", "annotations"):
        _check_texts(obj, metadata, key, faults)
    return obj if len(faults) == count else None


def _read_head(manifest: Manifest, document: Document, faults: list[InputError]) -> tuple[str, str] | None:
    missing = [key for key in ("apiVersion", "kind") if manifest.get(key) in (None, "")]
    if missing:
        # kubectl's words.
        message = ", ".join(f"{key} not set" for key in missing)
        near = next(
            (key for key in manifest if key.lower() in {"apiversion", "kind"} and key not in ("apiVersion", "kind")), ""
        )
        hint = f"{near!r} is written {'apiVersion' if near.lower() == 'apiversion' else 'kind'!r}" if near else ""
        if {"given", "expect"} & manifest.keys():
            hint = "this looks like a policy test: name it *.test.yaml and run it with `karmactl test`"
        where = document.locate(pointer_step(near), key=True) if near else document.location
        faults.append(InputError("field-missing", message, hint=hint, location=where))
        return None
    api_version, kind = manifest["apiVersion"], manifest["kind"]
    if isinstance(api_version, str) and isinstance(kind, str):
        if api_version.count("/") <= 1:
            return api_version, kind
        message = f"apiVersion {api_version!r} is not group/version"
        faults.append(InputError("wrong-type", message, location=document.locate("/apiVersion")))
        return None
    for key, value in (("apiVersion", api_version), ("kind", kind)):
        if not isinstance(value, str):
            faults.append(_wrong_type(document, f"/{key}", value, "a text"))
    return None


def _text(document: Document, metadata: dict[str, JSONValue], key: str, faults: list[InputError]) -> str:
    value = metadata.get(key)
    if isinstance(value, str):
        return value
    if value is not None:
        faults.append(_wrong_type(document, f"/metadata/{key}", value, "a text"))
    return ""


def _check_names(obj: InputObject, metadata: dict[str, JSONValue], faults: list[InputError]) -> None:
    name, namespace = obj.ref.name, obj.ref.namespace
    if not name:
        if metadata.get("generateName"):
            message = "an object with generateName would be another one in every run"
            faults.append(
                obj.fault("generate-name", message, "/metadata/generateName", hint="give it a name", key=True)
            )
        else:
            faults.append(obj.fault("field-missing", "metadata.name not set", "/metadata", key=True))
    elif name in _BAD_NAMES or "/" in name or "%" in name or len(name) > 253:
        faults.append(obj.fault("invalid-name", f"{name!r} cannot be the name of an object", "/metadata/name"))
    if namespace and not _LABEL_NAME.match(namespace):
        hint = "lower case letters, digits and -, at most 63"
        message = f"{namespace!r} cannot be the name of a namespace"
        faults.append(obj.fault("invalid-namespace", message, "/metadata/namespace", hint=hint))


def _check_texts(obj: InputObject, metadata: dict[str, JSONValue], key: str, faults: list[InputError]) -> None:
    values = metadata.get(key)
    if values is None:
        return
    pointer = f"/metadata/{key}"
    if not isinstance(values, dict):
        faults.append(_wrong_type(obj.document, pointer, values, "a mapping"))
        return
    for name, value in values.items():
        if value is None:
            # What an API server makes of null in a map of texts.
            values[name] = ""
        elif not isinstance(value, str):
            faults.append(_wrong_type(obj.document, pointer + pointer_step(name), value, "a text"))


def _wrong_type(document: Document, pointer: str, value: JSONValue, expected: str) -> InputError:
    hint = ""
    if expected == "a text" and not isinstance(value, dict | list):
        hint = "put it in quotes"
    path = pointer[1:].replace("/", ".").replace("~1", "/").replace("~0", "~")
    message = f"{path} must be {expected}, not {describe(value)}"
    return InputError("wrong-type", message, hint=hint, location=document.locate(pointer))
