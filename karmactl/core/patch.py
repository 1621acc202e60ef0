"""JSON Patch in the dialect that Karmada speaks, and JSON pointers.

Karmada hands every override to the Go library evanphx/json-patch v5 with its default options. That dialect is wider
than RFC 6902 (negative indexes, leading zeros, `add` that overwrites) and has quirks of its own (the text before the
first slash is not looked at; an empty segment below the root leads into a copy that nobody reads again). It is written
out here rather than taken from a package because the packages refuse what Karmada accepts.

A patch never changes its input: what lies on the way to a change is copied once, the rest is shared. Where that
matters to the caller, every change is reported with its place and what was there before.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from karmactl.core.model.manifest import JSONValue
from karmactl.errors import PolicyError

__all__ = [
    "Change",
    "PatchOperation",
    "Patched",
    "apply_patch",
    "format_pointer",
    "parse_pointer",
    "unescape_segment",
]

_Container: TypeAlias = "dict[str, JSONValue] | list[JSONValue]"

# Go's strconv.Atoi: a sign and leading zeros are fine, spaces and underscores are not.
_INDEX = re.compile(r"[+-]?[0-9]+", re.ASCII)
_ESCAPE = re.compile(r"~[01]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchOperation:
    """One operation: `operator` is add, remove, replace or test; `value` None is JSON's null."""

    operator: str
    path: str
    value: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place that a patch changed: a JSON pointer with real indexes, what was there and what is there now.

    None means nothing, or null.
    """

    path: str
    before: JSONValue = None
    after: JSONValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched:
    """The document after all operations, and the places in the order of the operations."""

    document: JSONValue
    changes: tuple[Change, ...]


def unescape_segment(segment: str) -> str:
    """A pointer's segment with `~1` and `~0` decoded, in one pass from the left (`~01` is `~1`)."""
    if "~" not in segment:
        return segment
    return _ESCAPE.sub(lambda match: "/" if match.group() == "~1" else "~", segment)


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """The decoded segments of a JSON pointer; `""` is the whole document.

    Raises PolicyError `pointer-malformed` where the pointer is not empty and has no leading slash (RFC 6901, 3).
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise PolicyError("pointer-malformed", f"{pointer!r} is no JSON pointer: it must begin with '/'")
    return tuple(unescape_segment(segment) for segment in pointer[1:].split("/"))


def format_pointer(segments: Iterable[str]) -> str:
    """The JSON pointer for decoded segments."""
    return "".join("/" + segment.replace("~", "~0").replace("/", "~1") for segment in segments)


def apply_patch(document: JSONValue, operations: Sequence[PatchOperation]) -> Patched:
    """The document with the operations applied in order; all of them or, with an error, none.

    Raises PolicyError `patch-path-missing`, `patch-index-invalid`, `patch-value-mismatch` (test), or
    `patch-operator-unsupported`; the message names the operator and the path. Source: evanphx/json-patch v5.9.11,
    Patch.Apply, as Karmada calls it in pkg/util/overridemanager.
    """
    run = _Run(document)
    for operation in operations:
        run.apply(operation)
    return Patched(document=run.document, changes=tuple(run.changes))


class _Run:
    """The state of one patch: the document so far and which of its containers are ours to write to."""

    def __init__(self, document: JSONValue) -> None:
        self.document = document
        self.changes: list[Change] = []
        self._original = document
        self._shadow: dict[str, JSONValue] | None = None
        # Keyed by id; the values keep the containers alive, so that no id is used twice.
        self._owned: dict[int, _Container] = {}

    def apply(self, operation: PatchOperation) -> None:
        match operation.operator:
            case "add":
                self._add(operation)
            case "replace":
                self._replace(operation)
            case "remove":
                self._remove(operation)
            case "test":
                self._test(operation)
            case other:
                raise PolicyError(
                    "patch-operator-unsupported",
                    f"operator {other!r} at {operation.path!r} is not one of add, remove, replace",
                )

    def _add(self, operation: PatchOperation) -> None:
        if not operation.path:
            self._replace_document(operation)
            return
        container, key, place = self._resolve(operation)
        if isinstance(container, dict):
            self._note(place, key, container.get(key), operation.value)
            container[key] = operation.value
            return
        index = len(container) if key == "-" else _index(operation, key, limit=len(container) + 1)
        self._note(place, str(index), None, operation.value)
        container.insert(index, operation.value)

    def _replace(self, operation: PatchOperation) -> None:
        if not operation.path:
            self._replace_document(operation)
            return
        container, key, place = self._resolve(operation)
        if isinstance(container, dict):
            # The empty key is the library's name for the container itself, so it always exists.
            if key and key not in container:
                raise _missing(operation, "there is no such key")
            self._note(place, key, container.get(key), operation.value)
            container[key] = operation.value
            return
        index = _index(operation, key, limit=len(container))
        self._note(place, str(index), container[index], operation.value)
        container[index] = operation.value

    def _remove(self, operation: PatchOperation) -> None:
        container, key, place = self._resolve(operation)
        if isinstance(container, dict):
            if key not in container:
                raise _missing(operation, "there is no such key")
            self._note(place, key, container.pop(key), None)
            return
        index = _index(operation, key, limit=len(container))
        self._note(place, str(index), container.pop(index), None)

    def _test(self, operation: PatchOperation) -> None:
        if not operation.path:
            found: JSONValue = self.document
        else:
            container, key, _ = self._resolve(operation)
            if isinstance(container, dict):
                found = container.get(key)
            else:
                found = container[_index(operation, key, limit=len(container))]
        if found != operation.value:
            raise PolicyError("patch-value-mismatch", f"test of {operation.path!r} found {found!r}")

    def _replace_document(self, operation: PatchOperation) -> None:
        if not isinstance(operation.value, dict | list):
            raise PolicyError("patch-value-mismatch", "the whole document can only become a mapping or a list")
        self._note(None, None, self.document, operation.value)
        self.document = operation.value
        self._original = operation.value
        self._shadow = None

    def _resolve(self, operation: PatchOperation) -> tuple[_Container, str, list[str] | None]:
        """The container that holds the last segment, ready for writing, its key, and where it is (None: nowhere)."""
        first, slash, rest = operation.path.partition("/")
        if not slash:
            if first:
                raise _missing(operation, "a path begins with '/'")
            return self._writable_root(operation), "", []
        *parents, last = (unescape_segment(segment) for segment in rest.split("/"))
        place: list[str] | None = []
        container: _Container
        if parents and parents[0] == "":
            container, place, parents = self._shadow_root(operation), None, parents[1:]
        else:
            container = self._writable_root(operation)
        for segment in parents:
            container, key = self._descend(operation, container, segment)
            if place is not None:
                place.append(key)
        return container, last, place

    def _descend(self, operation: PatchOperation, container: _Container, segment: str) -> tuple[_Container, str]:
        child: JSONValue
        if isinstance(container, dict):
            child = container.get(segment) if segment else None
            if not isinstance(child, dict | list):
                raise _missing(operation, f"{segment!r} is no mapping or list")
            container[segment] = writable = self._writable(child)
            return writable, segment
        index = _index(operation, segment, limit=len(container))
        child = container[index]
        if not isinstance(child, dict | list):
            raise _missing(operation, f"item {index} is no mapping or list")
        container[index] = writable = self._writable(child)
        return writable, str(index)

    def _writable(self, container: _Container) -> _Container:
        if id(container) in self._owned:
            return container
        mine: _Container = dict(container) if isinstance(container, dict) else list(container)
        self._owned[id(mine)] = mine
        return mine

    def _writable_root(self, operation: PatchOperation) -> _Container:
        if not isinstance(self.document, dict | list):
            raise _missing(operation, "the document is no mapping or list")
        self.document = root = self._writable(self.document)
        return root

    def _shadow_root(self, operation: PatchOperation) -> _Container:
        """What `//x` writes to: the library parses the original text anew, and nothing of that reaches the result."""
        if self._shadow is None:
            if not isinstance(self._original, dict):
                raise _missing(operation, "an empty segment leads nowhere in a list")
            self._shadow = copy.deepcopy(self._original)
        return self._shadow

    def _note(self, place: list[str] | None, key: str | None, before: JSONValue, after: JSONValue) -> None:
        if key is None:
            self.changes.append(Change(path="", before=before, after=after))
        elif place is not None:
            self.changes.append(Change(path=format_pointer([*place, key]), before=before, after=after))


def _index(operation: PatchOperation, key: str, *, limit: int) -> int:
    """The index in [0, limit) that a segment names; negative ones count from the limit."""
    if not _INDEX.fullmatch(key):
        raise PolicyError("patch-index-invalid", f"{operation.operator} {operation.path!r}: {key!r} is no list index")
    index = int(key)
    if not -limit <= index < limit:
        raise PolicyError(
            "patch-index-invalid", f"{operation.operator} {operation.path!r}: index {index} is outside the list"
        )
    return index + limit if index < 0 else index


def _missing(operation: PatchOperation, why: str) -> PolicyError:
    return PolicyError("patch-path-missing", f"{operation.operator} {operation.path!r} does not apply: {why}", why=why)
