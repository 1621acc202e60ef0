"""Strategic merge patch: a merge patch that knows which lists are merged by a key.

After k8s.io/apimachinery/pkg/util/strategicpatch: directives `$patch: delete|replace|merge`, `$retainKeys`,
`$deleteFromPrimitiveList/f` and `$setElementOrder/f`. Which lists are merged, and by which key, stands in the schema.
"""

from typing import Any

from karmactl.embedded.schema.node import Field, Node
from karmactl.embedded.values import copy, equal

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


class StrategicError(Exception):
    """The patch cannot be applied; `code` is the HTTP status with which upstream refuses it."""

    def __init__(self, message: str, code: int = 500) -> None:
        super().__init__(message)
        self.code = code


def apply(document: dict[str, Any], patch: dict[str, Any], node: Node | None) -> dict[str, Any]:
    """The document with the patch laid over it; raises StrategicError."""
    return _merge_map(copy(document), copy(patch), node)


def go_show(value: Any) -> str:
    """A JSON value as Go's %v prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{go_show(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(go_show(v) for v in value) + "]"
    return str(value)


def shown(document: dict[str, Any], patch: dict[str, Any]) -> str:
    """The patch as refusals quote it: applying it took the nulls out of what is new in the document."""
    return go_show(_without_idle_nulls(document, patch))


def _without_idle_nulls(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    out = {}
    for key, value in patch.items():
        before = document.get(key)
        if key not in document:
            out[key] = _without_nulls(value)
        elif isinstance(value, dict) and isinstance(before, dict):
            out[key] = _without_idle_nulls(before, value)
        else:
            out[key] = value
    return out


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}
    return [_without_nulls(v) for v in value] if isinstance(value, list) else value


def _child(node: Node | None, key: str) -> tuple[Node | None, Field | None]:
    if node is None:
        return None, None
    declared = node.fields.get(key) if node.fields is not None else None
    return node.child(key), declared


def _strategies(declared: Field | None) -> set[str]:
    return set(declared.patch_strategy.split(",")) if declared is not None else set()


def _merge_map(original: dict[str, Any], patch: dict[str, Any], node: Node | None) -> dict[str, Any]:
    if _DIRECTIVE in patch:
        return _map_directive(original, patch)
    _retain_keys(original, patch)
    _merge_parallel_lists(original, patch, node)
    for key, value in patch.items():
        if key.startswith((_ORDER, _DELETE_PRIMITIVES)):
            continue
        if value is None:
            original.pop(key, None)
            continue
        child, declared = _child(node, key)
        if key not in original or original[key] is None:
            original[key] = _discard_directives(value, child, declared)
            continue
        before = original[key]
        if isinstance(value, dict) and isinstance(before, dict):
            if "replace" in _strategies(declared):
                original[key] = value
            else:
                original[key] = _merge_map(before, value, child)
        elif isinstance(value, list) and isinstance(before, list) and "merge" in _strategies(declared):
            original[key] = _merge_list(before, value, child, declared)
        else:
            original[key] = value
    return original


def _map_directive(original: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    directive = patch[_DIRECTIVE]
    if directive == "replace":
        return {k: v for k, v in patch.items() if k != _DIRECTIVE}
    if directive == "delete":
        return {}
    if directive == "merge":
        return original
    raise StrategicError(f"unknown patch type: {go_show(directive)} in map: {go_show(patch)}")


def _retain_keys(original: dict[str, Any], patch: dict[str, Any]) -> None:
    if _RETAIN not in patch:
        return
    keys = patch.pop(_RETAIN)
    if not isinstance(keys, list):
        raise StrategicError("invalid patch format of retainKeys", 400)
    for key in patch:
        if patch[key] is not None and key not in keys and not key.startswith((_ORDER, _DELETE_PRIMITIVES)):
            raise StrategicError("directives in retainKeys list are not valid", 400)
    for key in list(original):
        if key not in keys:
            del original[key]


def _discard_directives(value: Any, node: Node | None, declared: Field | None) -> Any:
    """A part of the patch that nothing is there to be merged with: what it says, without directives."""
    if isinstance(value, dict):
        if value.get(_DIRECTIVE) == "delete":
            return {}
        return _merge_map({}, value, node)
    if isinstance(value, list) and "merge" in _strategies(declared):
        return _merge_list([], value, node, declared)
    return value


def _merge_parallel_lists(original: dict[str, Any], patch: dict[str, Any], node: Node | None) -> None:
    """Handles `$deleteFromPrimitiveList/f` and `$setElementOrder/f`, together with the list `f` itself."""
    for key in [k for k in patch if k.startswith(_DELETE_PRIMITIVES)]:
        name = key[len(_DELETE_PRIMITIVES) :]
        gone = patch[key]
        if not isinstance(gone, list):
            raise StrategicError("invalid patch format of delete primitive list", 400)
        if isinstance(original.get(name), list):
            original[name] = [v for v in original[name] if not any(equal(v, g) for g in gone)]
            if not original[name] and name not in patch:
                original[name] = []
    for key in [k for k in patch if k.startswith(_ORDER)]:
        name = key[len(_ORDER) :]
        order = patch[key]
        if not isinstance(order, list):
            raise StrategicError("invalid patch format of setElementOrder list", 400)
        for side in (original, patch):
            if side.get(name) is not None and not isinstance(side[name], list):
                raise StrategicError(f"expected a []interface {{}}, but received a {_go_type(side[name])}")
        child, declared = _child(node, name)
        merge_key = declared.patch_key if declared is not None else ""
        changes = patch.get(name)
        if isinstance(changes, list):
            _check_order(changes, order, merge_key)
        before = original.get(name)
        if changes is None and name in patch:
            continue
        server = list(before) if isinstance(before, list) else []
        merged = _merge_list(list(server), changes or [], child, declared) if changes else list(server)
        if merged or name in original:
            original[name] = _ordered(merged, server, order, merge_key)
        patch.pop(name, None)


def _go_type(value: Any) -> str:
    if isinstance(value, dict):
        return "map[string]interface {}"
    return {bool: "bool", int: "int64", str: "string"}.get(type(value), "float64")


def _key_of(item: Any, merge_key: str) -> Any:
    return item.get(merge_key) if merge_key and isinstance(item, dict) else item


def _check_order(changes: list[Any], order: list[Any], merge_key: str) -> None:
    wanted = [_key_of(i, merge_key) for i in order]
    given = [
        _key_of(i, merge_key)
        for i in changes
        if not (isinstance(i, dict) and i.get(_DIRECTIVE) == "delete")
        and not (isinstance(i, dict) and set(i) == {_DIRECTIVE})
    ]
    at = 0
    for key in given:
        while at < len(wanted) and not equal(wanted[at], key):
            at += 1
        if at == len(wanted):
            shown = [i for i in changes if not (isinstance(i, dict) and i.get(_DIRECTIVE) == "delete")]
            raise StrategicError(
                f"The order in patch list:\n{go_show(shown)}\n doesn't match $setElementOrder list:\n{go_show(order)}\n"
            )
        at += 1


def _ordered(merged: list[Any], server: list[Any], order: list[Any], merge_key: str) -> list[Any]:
    """Items named in the order list in that order; the others keep their place as the server had it."""
    wanted = [_key_of(i, merge_key) for i in order]

    def rank(item: Any) -> int:
        key = _key_of(item, merge_key)
        return next((n for n, w in enumerate(wanted) if equal(w, key)), -1)

    def server_rank(item: Any) -> int:
        key = _key_of(item, merge_key)
        return next((n for n, s in enumerate(server) if equal(_key_of(s, merge_key), key)), -1)

    in_order = sorted((i for i in merged if rank(i) >= 0), key=rank)
    others = sorted((i for i in merged if rank(i) < 0), key=server_rank)
    out: list[Any] = []
    left, right = in_order, others
    at_left = at_right = 0
    while at_left < len(left) or at_right < len(right):
        if at_left >= len(left):
            out.append(right[at_right])
            at_right += 1
        elif at_right >= len(right):
            out.append(left[at_left])
            at_left += 1
        else:
            l_rank, r_rank = server_rank(left[at_left]), server_rank(right[at_right])
            if l_rank >= 0 and r_rank >= 0 and l_rank < r_rank:
                out.append(left[at_left])
                at_left += 1
            elif l_rank >= 0 and r_rank >= 0:
                out.append(right[at_right])
                at_right += 1
            else:
                out.append(left[at_left])
                at_left += 1
    return out


def _merge_list(original: list[Any], patch: list[Any], node: Node | None, declared: Field | None) -> list[Any]:
    merge_key = declared.patch_key if declared is not None else ""
    items = node.items if node is not None else None
    if not merge_key:
        return _merge_primitives(original, patch)
    additions: list[Any] = []
    replace = False
    for item in patch:
        if not isinstance(item, dict):
            raise StrategicError("patch merge key lists must hold maps")
        directive = item.get(_DIRECTIVE)
        if directive is None:
            additions.append(item)
        elif directive == "delete":
            if merge_key not in item:
                raise StrategicError(_no_key(item, merge_key))
            original = [o for o in original if not equal(_key_of(o, merge_key), item[merge_key])]
        elif directive == "replace":
            replace = True
        elif directive == "merge":
            raise StrategicError("merging to a list of maps is not supported")
        else:
            raise StrategicError(f"unknown patch type: {go_show(directive)} in map: {go_show(item)}")
    if replace:
        return [item for item in patch if item.get(_DIRECTIVE) is None]
    out = list(original)
    for item in additions:
        if merge_key not in item:
            raise StrategicError(_no_key(item, merge_key))
        at = next((n for n, o in enumerate(out) if equal(_key_of(o, merge_key), item[merge_key])), None)
        if at is None:
            out.append(_discard_directives(item, items, None))
        else:
            out[at] = _merge_map(out[at], item, items)
    return _ordered(out, original, [i for i in patch if i.get(_DIRECTIVE) is None], merge_key)


def _no_key(item: Any, merge_key: str) -> str:
    return f"map: {go_show(item)} does not contain declared merge key: {merge_key}"


def _merge_primitives(original: list[Any], patch: list[Any]) -> list[Any]:
    out = list(original)
    for item in patch:
        if not any(equal(item, o) for o in out):
            out.append(item)
    return _ordered(out, original, patch, "")
