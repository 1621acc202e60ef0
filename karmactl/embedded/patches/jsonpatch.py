"""JSON patch (RFC 6902), with the liberties that the API server's library takes.

After evanphx/json-patch v4: negative indexes count from the end, `replace` of a missing map key adds it, `test` of a
missing key against null holds, and so a missing key is copied as null.
"""

from typing import Any

import orjson

from karmactl.embedded.values import copy, equal, too_deep

MAX_COPIED = 3 * 1024 * 1024


class PatchError(Exception):
    """An operation does not apply."""


def apply(document: Any, operations: list[Any]) -> Any:
    """The document after all operations; raises PatchError for the first that does not apply."""
    root = {"": copy(document)}
    copied = 0
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
            raise PatchError("operation without path")
        kind = operation.get("op")
        handler = _HANDLERS.get(kind) if isinstance(kind, str) else None
        if handler is None:
            raise PatchError(f"unexpected kind: {kind}")
        copied += handler(root, operation) or 0
        if copied > MAX_COPIED:
            raise PatchError(f"accumulated size of copies exceeds {MAX_COPIED}")
    if any(operation["op"] in ("copy", "move") for operation in operations) and too_deep(root[""]):
        raise PatchError("exceeded max depth")
    return root[""]


def shown(document: Any, operations: list[Any]) -> Any:
    """The patched document as the API server's library prints it: maps that lead to a changed place are sorted."""
    places = [operation[k] for operation in operations for k in ("path", "from") if k in operation]
    return _sorted_along(document, [_steps(p)[1:] for p in places if isinstance(p, str)])


def _sorted_along(node: Any, ways: list[list[str]]) -> Any:
    below: dict[str, list[list[str]]] = {}
    for way in ways:
        if way:
            below.setdefault(way[0], []).append(way[1:])
    if not below:
        return node
    if isinstance(node, dict):
        return {k: _sorted_along(node[k], below[k]) if k in below else node[k] for k in sorted(node)}
    if isinstance(node, list):
        return [_sorted_along(item, below.get(str(index), [])) for index, item in enumerate(node)]
    return node


def _steps(path: str) -> list[str]:
    """The way to a place, from the root; what stands before the first slash does not count."""
    return [""] + [p.replace("~1", "/").replace("~0", "~") for p in path.split("/")[1:]]


def _parent(root: Any, path: str) -> tuple[Any, str]:
    *way, last = _steps(path)
    if not way:
        raise PatchError("the document itself is in no container")
    node = root
    for step in way:
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list):
            node = node[_index(node, step, len(node) - 1)]
        else:
            raise PatchError(f"missing parent of {path!r}")
    if not isinstance(node, dict | list):
        raise PatchError(f"{path!r} is below a scalar")
    return node, last


def _index(items: list[Any], step: str, highest: int) -> int:
    try:
        at = int(step)
    except ValueError as exc:
        raise PatchError(f"{step!r} is no index") from exc
    if at < 0:
        at += highest + 1
    if not 0 <= at <= highest:
        raise PatchError(f"index {step} is out of bounds")
    return at


_MISSING = object()


def _get(parent: Any, last: str) -> Any:
    if isinstance(parent, dict):
        return parent.get(last, _MISSING)
    return parent[_index(parent, last, len(parent) - 1)]


def _put(parent: Any, last: str, value: Any) -> None:
    if isinstance(parent, dict):
        parent[last] = value
    elif last == "-":
        parent.append(value)
    else:
        parent.insert(_index(parent, last, len(parent)), value)


def _add(root: Any, operation: dict[str, Any]) -> None:
    parent, last = _parent(root, operation["path"])
    _put(parent, last, copy(operation.get("value")))


def _remove(root: Any, operation: dict[str, Any]) -> None:
    parent, last = _parent(root, operation["path"])
    _take(parent, last)


def _take(parent: Any, last: str) -> Any:
    if isinstance(parent, dict):
        if last not in parent:
            raise PatchError(f"unable to remove nonexistent key: {last}")
        return parent.pop(last)
    return parent.pop(_index(parent, last, len(parent) - 1))


def _replace(root: Any, operation: dict[str, Any]) -> None:
    if operation["path"] == "":
        if not isinstance(operation.get("value"), dict | list):
            raise PatchError("a document is replaced by an object or an array")
        root[""] = copy(operation["value"])
        return
    parent, last = _parent(root, operation["path"])
    value = copy(operation.get("value"))
    if isinstance(parent, dict):
        parent[last] = value
    else:
        parent[_index(parent, last, len(parent) - 1)] = value


def _move(root: Any, operation: dict[str, Any]) -> None:
    parent, last = _parent(root, _source(operation))
    value = _take(parent, last)
    parent, last = _parent(root, operation["path"])
    _put(parent, last, value)


def _copy(root: Any, operation: dict[str, Any]) -> int:
    """Gives the size of what it copies, which is bounded: copies of copies grow fast."""
    parent, last = _parent(root, _source(operation))
    value = _get(parent, last)
    try:
        size = 0 if value is _MISSING else len(orjson.dumps(value, default=float))
    except TypeError as exc:
        raise PatchError("exceeded max depth") from exc
    parent, last = _parent(root, operation["path"])
    _put(parent, last, None if value is _MISSING else copy(value))
    return size


def _source(operation: dict[str, Any]) -> str:
    source = operation.get("from")
    if not isinstance(source, str):
        raise PatchError("operation without from")
    return source


def _test(root: Any, operation: dict[str, Any]) -> None:
    if operation["path"] == "":
        parent, last = root, ""
    else:
        parent, last = _parent(root, operation["path"])
    value, wanted = _get(parent, last), operation.get("value")
    if value is _MISSING or value is None:
        if wanted is None:
            return
        raise PatchError(f"testing value {operation['path']} failed")
    if not equal(value, wanted):
        raise PatchError(f"testing value {operation['path']} failed")


_HANDLERS = {"add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test}
