"""Sets of field paths and their FieldsV1 form.

A path element is kept in the very text that FieldsV1 uses: `f:name` for a field, `k:{"name":"a"}` for a list
item found by its keys, `v:"x"` for an item of a set. A set has members (paths that end here) and children
(paths that go on); a path may be both. The rules are those of sigs.k8s.io/structured-merge-diff, fieldpath.
"""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

Element = str
Path = tuple[Element, ...]


def field(name: str) -> Element:
    """The element of a struct field or map key."""
    return "f:" + name


def keyed(keys: dict[str, Any]) -> Element:
    """The element of a list item that is found by the values of its keys."""
    return "k:" + json.dumps(dict(sorted(keys.items())), separators=(",", ":"), ensure_ascii=False)


def valued(value: Any) -> Element:
    """The element of an item of a set."""
    return "v:" + json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@functools.lru_cache(maxsize=4096)
def _canonical(key: Element) -> Element:
    """An element of FieldsV1 as this module writes it; the same few come with every write."""
    if key[:2] == "k:":
        return keyed(json.loads(key[2:]))
    return valued(json.loads(key[2:])) if key[:2] == "v:" else key


def show(path: Path) -> str:
    """A path as conflict messages print it: `.spec.containers[name="a"].image`."""
    out = []
    for element in path:
        prefix, text = element[0], element[2:]
        if prefix == "f":
            out.append("." + text)
        elif prefix == "k":
            pairs = json.loads(text)
            out.append("[" + ",".join(f"{k}={_show_value(v)}" for k, v in pairs.items()) + "]")
        elif prefix == "v":
            out.append(f"[={_show_value(json.loads(text))}]")
        else:
            out.append(f"[{text}]")
    return "".join(out)


def _show_value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class FieldSet:
    """A set of field paths; operations give new sets, which share with their operands what they leave as it is.

    So only a set that is being built may be changed.
    """

    __slots__ = ("_encoded", "children", "members")

    def __init__(self) -> None:
        """An empty set."""
        self.members: set[Element] = set()
        self.children: dict[Element, FieldSet] = {}
        self._encoded: dict[str, Any] | None = None

    @classmethod
    def of(cls, *paths: Path) -> "FieldSet":
        """The set of these paths."""
        out = cls()
        for path in paths:
            out.insert(path)
        return out

    @classmethod
    def decode(cls, fields: dict[str, Any]) -> "FieldSet":
        """The set that a FieldsV1 object describes; raises ValueError for an element of unknown form."""
        out = cls()
        for key, below in fields.items():
            if key == ".":
                continue
            if key[:2] not in ("f:", "k:", "v:", "i:") or not isinstance(below, dict):
                raise ValueError(f"unknown path element {key!r}")
            element = _canonical(key)
            if "." in below or not below:
                out.members.add(element)
            if any(k != "." for k in below):
                out.children[element] = cls.decode(below)
        return out

    @classmethod
    def decode_whole(cls, fields: dict[str, Any]) -> "FieldSet":
        """As `decode`, of a FieldsV1 object that nobody changes: the set gives that same object when encoded."""
        out = cls.decode(fields)
        out._encoded = fields
        return out

    def encode_whole(self) -> dict[str, Any]:
        """As `encode`, without doing it again for a set that came from an object and was left alone."""
        return self.encode() if self._encoded is None else self._encoded

    def encode(self) -> dict[str, Any]:
        """The FieldsV1 object of the set."""
        out: dict[str, Any] = {}
        for element in sorted(self.members | self.children.keys()):
            child = self.children.get(element)
            below = child.encode() if child is not None else {}
            if below and element in self.members:
                below = {".": {}, **below}
            out[element] = below
        return out

    def insert(self, path: Path) -> None:
        """Adds one path; the empty path adds nothing."""
        if not path:
            return
        node = self
        for element in path[:-1]:
            node = node.children.setdefault(element, FieldSet())
        node.members.add(path[-1])

    def empty(self) -> bool:
        """Whether no path is in the set."""
        return not self.members and all(c.empty() for c in self.children.values())

    def has(self, element: Element) -> bool:
        """Whether the path of this one element is a member."""
        return element in self.members

    def below(self, element: Element) -> "FieldSet":
        """The paths that go on after the element, without it."""
        return self.children.get(element) or FieldSet()

    def paths(self, prefix: Path = ()) -> Iterator[Path]:
        """All member paths, in upstream's order: on each level those that end there come first."""
        for element in sorted(self.members, key=_order):
            yield (*prefix, element)
        for element in sorted(self.children, key=_order):
            yield from self.children[element].paths((*prefix, element))

    def _keep(self, element: Element, child: "FieldSet") -> None:
        if not child.empty():
            self.children[element] = child

    def union(self, other: "FieldSet") -> "FieldSet":
        """Paths in either set."""
        out = FieldSet()
        out.members = self.members | other.members
        for element in self.children.keys() | other.children.keys():
            mine, theirs = self.children.get(element), other.children.get(element)
            if mine is None or theirs is None:
                out._keep(element, mine or theirs)  # type: ignore[arg-type]
            else:
                out._keep(element, mine.union(theirs))
        return out

    def intersection(self, other: "FieldSet") -> "FieldSet":
        """Paths in both sets."""
        out = FieldSet()
        out.members = self.members & other.members
        for element in self.children.keys() & other.children.keys():
            out._keep(element, self.children[element].intersection(other.children[element]))
        return out

    def difference(self, other: "FieldSet") -> "FieldSet":
        """Paths in this set that are not members of the other."""
        out = FieldSet()
        out.members = self.members - other.members
        for element, child in self.children.items():
            theirs = other.children.get(element)
            out._keep(element, child if theirs is None else child.difference(theirs))
        return out

    def recursive_difference(self, other: "FieldSet") -> "FieldSet":
        """Paths in this set that neither are members of the other nor lie below one."""
        out = FieldSet()
        out.members = self.members - other.members
        for element, child in self.children.items():
            if element in other.members:
                continue
            theirs = other.children.get(element)
            out._keep(element, child if theirs is None else child.recursive_difference(theirs))
        return out

    def filter(self, keep: Callable[[Element], bool]) -> "FieldSet":
        """The part of the set whose first element is kept."""
        out = FieldSet()
        out.members = {e for e in self.members if keep(e)}
        out.children = {e: c for e, c in self.children.items() if keep(e)}
        return out

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FieldSet) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]


def _order(element: Element) -> tuple[int, Any]:
    """Fields before keyed items before values, as upstream orders path elements."""
    return ("fkvi".index(element[0]), element[2:])
