"""Values seen through their schema: validating, listing fields, merging, comparing, taking fields away.

These are the five walks that server-side apply is made of, after sigs.k8s.io/structured-merge-diff, typed. A
value is a JSON value; where one side has nothing at all it is MISSING, which is not the same as null.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from karmactl.embedded.fields.paths import Element, FieldSet, Path, keyed, show, valued
from karmactl.embedded.fields.paths import field as field_element
from karmactl.embedded.schema.node import Node, is_atomic_list, shape
from karmactl.embedded.values import equal, go_quote


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


class TypedError(Exception):
    """A value does not fit its schema; the message lists every fault with its path."""


@dataclass(slots=True)
class Comparison:
    """What changed between two values, as sets of paths."""

    added: FieldSet = field(default_factory=FieldSet)
    removed: FieldSet = field(default_factory=FieldSet)
    modified: FieldSet = field(default_factory=FieldSet)


# ---- list items


def _go_value(value: Any) -> str:
    """A value as Go's %v prints an unstructured one."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return go_quote(value)
    if isinstance(value, list):
        return "[" + ",".join(_go_value(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ";".join(f"{k}={_go_value(v)}" for k, v in sorted(value.items())) + "}"
    return str(value)


def item_element(node: Node, item: Any) -> Element:
    """The path element of an item of an associative list; raises TypedError where it has none."""
    if not node.keys:
        if isinstance(item, dict):
            raise TypedError("associative list without keys has an element that's a map type")
        if isinstance(item, list):
            raise TypedError("not supported: associative list with lists as elements")
        if item is None:
            raise TypedError("associative list without keys has an element that's an explicit null")
        return valued(item)
    if item is None:
        raise TypedError("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise TypedError("associative list with keys may not have non-map elements")
    keys: dict[str, Any] = {}
    for key in node.keys:
        if key in item:
            keys[key] = item[key]
            continue
        fields = node.items.fields if node.items is not None else None
        declared = fields.get(key) if fields is not None else None
        if declared is not None and declared.default is not None:
            keys[key] = declared.default
    if not keys:
        names = " ".join(go_quote(k) for k in node.keys)
        raise TypedError(
            f"associative list with keys has an element that omits all key fields [{names}] "
            "(and doesn't have default values for any key fields)"
        )
    return keyed(keys)


# ---- validating


def validate(node: Node, value: Any, allow_duplicates: bool = False) -> None:
    """Raises TypedError with all faults, in the order of the walk; null fits everything."""
    faults: list[str] = []
    _validate(node, value, "", allow_duplicates, faults)
    if faults:
        raise TypedError(faults[0] if len(faults) == 1 else "errors:\n" + "".join(f"  {f}\n" for f in faults))


def _fault(path: str, text: str) -> str:
    return f"{path}: {text}" if path else text


def _validate(node: Node, value: Any, path: str, duplicates: bool, faults: list[str]) -> None:
    form = shape(node, value)
    if form == "scalar":
        _validate_scalar(node, value, path, faults)
    elif form == "list":
        _validate_list(node, value, path, duplicates, faults)
    elif value is not None:
        if not isinstance(value, dict):
            faults.append(_fault(path, f"expected map, got &{{{_go_struct(value)}}}"))
            return
        for key in sorted(value):
            child = node.child(key)
            if child is None:
                faults.append(_fault(f"{path}.{key}", "field not declared in schema"))
                return
            _validate(child, value[key], f"{path}.{key}", duplicates, faults)


def _go_struct(value: Any) -> str:
    """A value inside Go's valueUnstructured, as %v prints the pointer to it."""
    return _go_plain(value)


def _go_plain(value: Any) -> str:
    """A JSON value as Go's %v prints an interface{}."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + " ".join(_go_plain(v) for v in value) + "]"
    if isinstance(value, dict):
        return "map[" + " ".join(f"{k}:{_go_plain(v)}" for k, v in sorted(value.items())) + "]"
    return str(value)


def _validate_scalar(node: Node, value: Any, path: str, faults: list[str]) -> None:
    if value is None:
        return
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if node.scalar == "numeric" and not number:
        faults.append(_fault(path, f"expected numeric (int or float), got {_go_type(value)}"))
    elif node.scalar == "string" and not isinstance(value, str):
        faults.append(_fault(path, f"expected string, got &value.valueUnstructured{{Value:{_go_syntax(value)}}}"))
    elif node.scalar == "boolean" and not isinstance(value, bool):
        faults.append(_fault(path, f"expected boolean, got &{{{_go_plain(value)}}}"))
    elif node.scalar == "untyped" and isinstance(value, dict | list):
        faults.append(_fault(path, f"expected any scalar, got &{{{_go_plain(value)}}}"))


def _go_type(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    return "[]interface {}" if isinstance(value, list) else "map[string]interface {}"


def _go_syntax(value: Any) -> str:
    """A JSON value as Go's %#v prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return go_quote(value)
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(_go_syntax(v) for v in value) + "}"
    if isinstance(value, dict):
        pairs = ", ".join(f"{go_quote(k)}:{_go_syntax(v)}" for k, v in sorted(value.items()))
        return "map[string]interface {}{" + pairs + "}"
    return str(value)


def _validate_list(node: Node, value: Any, path: str, duplicates: bool, faults: list[str]) -> None:
    if value is None:
        return
    if not isinstance(value, list):
        faults.append(_fault(path, f"expected list, got &{{{_go_plain(value)}}}"))
        return
    seen: set[Element] = set()
    assert node.items is not None
    for index, item in enumerate(value):
        step = f"[{index}]"
        if not is_atomic_list(node):
            try:
                element = item_element(node, item)
            except TypedError as exc:
                faults.append(_fault(path, f"element {index}: {exc}"))
                return
            step = show((element,))
            if element in seen and not duplicates:
                faults.append(_fault(path, f"duplicate entries for key {step}"))
            seen.add(element)
        _validate(node.items, item, path + step, duplicates, faults)


# ---- listing fields


def field_set(node: Node, value: Any) -> FieldSet:
    """The paths of all fields that the value sets."""
    out = FieldSet()
    _field_set(node, value, out, None)
    return out


def _field_set(node: Node, value: Any, parent: FieldSet, element: Element | None) -> None:
    """Adds what `value`, found under `element` of `parent`, sets; the root has no element."""

    def own() -> None:
        if element is not None:
            parent.members.add(element)

    form = shape(node, value)
    if form == "scalar":
        own()
        return
    if form == "list":
        if is_atomic_list(node):
            own()
            return
    elif node.atomic:
        own()
        return
    if not value:
        return
    inside = FieldSet() if element is not None else parent
    if form == "list":
        _list_fields(node, value, inside)
    else:
        for key, item in value.items():
            child = node.child(key)
            if child is None:
                continue
            step = field_element(key)
            _field_set(child, item, inside, step)
            if item is None or item == {} or not node.is_named(key):
                inside.members.add(step)
    if element is not None and not inside.empty():
        known = parent.children.get(element)
        parent.children[element] = inside if known is None else known.union(inside)


def _list_fields(node: Node, value: list[Any], inside: FieldSet) -> None:
    assert node.items is not None
    elements = [item_element(node, item) for item in value]
    twice = {e for e in elements if elements.count(e) > 1} if len(set(elements)) < len(elements) else set()
    for element, item in zip(elements, value, strict=True):
        if element not in twice:
            _field_set(node.items, item, inside, element)
        inside.members.add(element)


# ---- merging


def merge(node: Node, live: Any, config: Any) -> Any:
    """The live value with the config laid over it; items keep the config's order among themselves."""
    form = shape(node, live if config is MISSING else config)
    if form == "scalar":
        return live if config is MISSING else config
    kind: type = list if form == "list" else dict
    left: Any = live if isinstance(live, kind) else None
    right: Any = config if isinstance(config, kind) else None
    leaf = is_atomic_list(node) if form == "list" else node.atomic
    if leaf or (not left and not right):
        return live if config is MISSING else config
    if form == "list":
        return _merge_list(node, left or [], right or [])
    out: dict[str, Any] = {}
    lefts, rights = left or {}, right or {}
    for key in [*lefts, *(k for k in rights if k not in lefts)]:
        child = node.child(key)
        l_value, r_value = lefts.get(key, MISSING), rights.get(key, MISSING)
        if child is None:  # kept although the schema does not know it, as in an object stored before
            merged = l_value if r_value is MISSING else r_value
        else:
            merged = merge(child, l_value, r_value)
        if merged is not MISSING:
            out[key] = merged
    return out or MISSING


def _index(node: Node, items: list[Any]) -> tuple[list[Element], dict[Element, Any]]:
    elements = [item_element(node, item) for item in items]
    observed: dict[Element, Any] = {}
    for element, item in zip(elements, items, strict=True):
        observed[element] = None if element in observed else item
    return elements, observed


def _merge_list(node: Node, left: list[Any], right: list[Any]) -> Any:
    """Items of both lists: the right's order wins for what it names, the rest keeps its place relative to it."""
    assert node.items is not None
    r_elements, r_items = _index(node, right)
    l_elements, l_items = _index(node, left)
    shared = [e for e in r_elements if e in l_items]
    next_shared = shared.pop(0) if shared else None
    out: list[Any] = []
    done: set[Element] = set()

    def take(element: Element, live: Any, config: Any) -> None:
        merged = merge(node.items, live, config)  # type: ignore[arg-type]
        if merged is not MISSING:
            out.append(merged)

    l_at = r_at = 0
    while l_at < len(l_elements) or r_at < len(r_elements):
        if l_at < len(l_elements) and r_at < len(r_elements):
            element = l_elements[l_at]
            if element == r_elements[r_at]:
                done.add(element)
                take(element, l_items[element], r_items[element])
                l_at += 1
                r_at += 1
                next_shared = shared.pop(0) if shared else None
                continue
            if element in r_items and next_shared is not None and next_shared != element:
                l_at += 1
                continue
        if l_at < len(l_elements):
            element = l_elements[l_at]
            if element not in r_items:
                take(element, left[l_at], MISSING)
                l_at += 1
                continue
            if element in done:
                l_at += 1
        if r_at < len(r_elements):
            element = r_elements[r_at]
            done.add(element)
            take(element, l_items.get(element, MISSING), r_items[element])
            r_at += 1
            if next_shared == element:
                next_shared = shared.pop(0) if shared else None
    return out or MISSING


# ---- comparing


def compare(node: Node, old: Any, new: Any) -> Comparison:
    """Which fields were added, removed and modified between two values of one schema."""
    out = Comparison()
    _compare(node, old, new, (), out)
    return out


def _compare(node: Node, old: Any, new: Any, path: Path, out: Comparison) -> None:
    known = old if new is MISSING else new
    form = shape(node, known)
    if form != "scalar" and known is None and old is not MISSING and new is not MISSING:
        form = shape(node, old)
    kind: type = list if form == "list" else dict
    left: Any = old if isinstance(old, kind) else None
    right: Any = new if isinstance(new, kind) else None
    leaf = form == "scalar" or (is_atomic_list(node) if form == "list" else node.atomic)
    if leaf or (not left and not right):
        if old is MISSING:
            out.added.insert(path)
        elif new is MISSING:
            out.removed.insert(path)
        elif not equal(old, new):
            out.modified.insert(path)
        return
    if form == "list":
        _compare_lists(node, left or [], right or [], path, out)
    else:
        lefts, rights = left or {}, right or {}
        for key in [*lefts, *(k for k in rights if k not in lefts)]:
            before, after = lefts.get(key, MISSING), rights.get(key, MISSING)
            # most of an object stays as it is, and looking at values is cheaper than walking along their schema
            child = None if equal(before, after) else node.child(key)
            if child is not None:
                _compare(child, before, after, (*path, field_element(key)), out)
    if old is MISSING:
        out.added.insert(path)
    elif new is MISSING:
        out.removed.insert(path)


def _compare_lists(node: Node, left: list[Any], right: list[Any], path: Path, out: Comparison) -> None:
    assert node.items is not None
    lefts: dict[Element, list[Any]] = {}
    rights: dict[Element, list[Any]] = {}
    for item in left:
        lefts.setdefault(item_element(node, item), []).append(item)
    for item in right:
        rights.setdefault(item_element(node, item), []).append(item)
    for element in [*lefts, *(e for e in rights if e not in lefts)]:
        before, after = lefts.get(element, []), rights.get(element, [])
        step = (*path, element)
        if len(before) <= 1 and len(after) <= 1:
            old = before[0] if before else MISSING
            _compare(node.items, old, after[0] if after else MISSING, step, out)
        elif len(before) >= 2 and len(after) >= 2:
            if not equal(before, after):
                out.modified.insert(step)
        elif len(before) >= 2:
            if after:
                _compare(node.items, MISSING, after[0], step, out)
            out.removed.insert(step)
        else:
            if before:
                _compare(node.items, before[0], MISSING, step, out)
            out.added.insert(step)


# ---- schema questions about sets


def with_named_parents(fields: FieldSet, node: Node | None) -> FieldSet:
    """The set with declared fields as members wherever something below them is."""
    out = FieldSet()
    out.members = set(fields.members)
    for element, below in fields.children.items():
        child: Node | None = None
        if node is not None:
            if element[0] == "f":
                child = node.child(element[2:])
                if node.is_named(element[2:]):
                    out.members.add(element)
            elif element[0] == "k":
                child = node.items
        out.children[element] = with_named_parents(below, child)
    return out


def reconcile(fields: FieldSet, node: Node) -> FieldSet:
    """The set after parts of the schema became atomic: paths below an atomic part become the part itself."""
    to_remove, to_add = FieldSet(), FieldSet()
    _reconcile(fields, node, (), False, to_remove, to_add)
    if to_add.empty():
        return fields
    return fields.recursive_difference(to_remove).union(to_add)


def _reconcile(
    fields: FieldSet | None, node: Node, path: Path, member: bool, to_remove: FieldSet, to_add: FieldSet
) -> None:
    if node.kind in ("any", "raw", "json") or fields is None or fields.empty():
        return
    leaf = is_atomic_list(node) if node.kind == "list" else node.atomic
    if leaf and path:
        to_remove.insert(path)
        to_add.insert(path)
        return
    for element, below in fields.children.items():
        child = node.items if node.kind == "list" else node.child(element[2:])
        if child is not None:
            _reconcile(below, child, (*path, element), element in fields.members, to_remove, to_add)
