"""What an expression gives for values: the part of CEL that rules of custom resources are mostly made of.

An expression with something else in it (quantities, optional values, addresses) raises Unknown, and its rule is
taken as kept.
"""

import datetime
import functools
import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

from karmactl.embedded.cel.syntax import Fault, Parser, Tree
from karmactl.embedded.schema.gopattern import to_python
from karmactl.embedded.values import equal, parse_time

Names = Mapping[str, Any]


class Unknown(Exception):
    """The expression has something in it that is not evaluated here."""


class Failure(Exception):
    """The evaluation fails; the message is cel-go's."""


@functools.lru_cache(maxsize=512)
def _parsed(text: str) -> Tree:
    return Parser(text).parse()


def evaluate(text: str, names: Names) -> Any:
    """The value of an expression; raises Failure, and Unknown."""
    try:
        return _value(_parsed(text), names)
    except (Fault, RecursionError, OverflowError) as exc:
        raise Unknown(str(exc)) from exc


def names_in(text: str) -> set[str]:
    """The names that an expression mentions."""
    try:
        waiting = [_parsed(text)]
    except (Fault, RecursionError):
        return set()
    out = set()
    while waiting:
        tree = waiting.pop()
        waiting += tree.parts
        if tree.kind == "name":
            out.add(tree.text)
    return out


def _value(tree: Tree, names: Names) -> Any:
    if tree.kind == "literal":
        return _literal(tree.text, tree.value)
    if tree.kind == "name":
        if tree.text not in names:
            raise Unknown(tree.text)
        return names[tree.text]
    if tree.kind == "select":
        return _selected(tree, names)
    if tree.kind == "list":
        return [_value(part, names) for part in tree.parts]
    if tree.kind == "map":
        keys = [_value(part, names) for part in tree.parts[::2]]
        if not all(isinstance(key, str) for key in keys):
            raise Unknown("map keys")
        return dict(zip(keys, (_value(part, names) for part in tree.parts[1::2]), strict=True))
    return _called(tree, names)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))", re.S)


def _literal(kind: str, text: str) -> Any:
    if kind in ("bool", "null_type"):
        return {"true": True, "false": False}.get(text)
    if kind in ("int", "uint"):
        return int(text.rstrip("uU"), 0 if text.startswith("0x") else 10)
    if kind == "double":
        return float(text)
    if kind == "bytes":
        raise Unknown("bytes")
    raw = text[0] in "rR"
    text = text[1:] if raw else text
    inner = text[3:-3] if text[:3] in ('"""', "'''") else text[1:-1]
    return inner if raw else _ESCAPE.sub(_unescaped, inner)


def _unescaped(match: re.Match[str]) -> str:
    short, middle, long, octal, char = match.groups()
    if octal:
        return chr(int(octal, 8))
    return chr(int(short or middle or long, 16)) if char is None else _ESCAPES.get(char, char)


def _selected(tree: Tree, names: Names) -> Any:
    if tree.is_method:
        raise Unknown("optional values")
    inside = _value(tree.parts[0], names)
    if not isinstance(inside, dict):
        raise Unknown(tree.text)
    if tree.text not in inside:
        raise Failure(f"no such key: {tree.text}")
    return inside[tree.text]


def _called(tree: Tree, names: Names) -> Any:
    special = _LAZY.get(tree.text)
    if special is not None:
        return special(tree, names)
    if tree.is_method and tree.text in _MACROS and len(tree.parts) == 3:
        return _macro(tree, names)
    function = _FUNCTIONS.get(tree.text)
    if function is None or any(p.is_method for p in tree.parts if p.kind == "select"):
        raise Unknown(tree.text)
    given = [_value(part, names) for part in tree.parts]
    try:
        return function(*given)
    except (TypeError, ValueError, AttributeError, re.error) as exc:
        raise Unknown(tree.text) from exc


# ---- what does not look at all its operands


def _has(tree: Tree, names: Names) -> bool:
    asked = tree.parts[0]
    inside = _value(asked.parts[0], names)
    return isinstance(inside, dict) and asked.text in inside


def _and(tree: Tree, names: Names, wanted: bool = False) -> bool:
    """Of two operands one may fail where the other one decides."""
    failed: Failure | None = None
    for part in tree.parts:
        try:
            found = _value(part, names)
        except Failure as exc:
            failed = exc
            continue
        if not isinstance(found, bool):
            raise Unknown(tree.text)
        if found is wanted:
            return wanted
    if failed is not None:
        raise failed
    return not wanted


def _or(tree: Tree, names: Names) -> bool:
    return _and(tree, names, wanted=True)


def _choice(tree: Tree, names: Names) -> Any:
    return _value(tree.parts[1 if _value(tree.parts[0], names) is True else 2], names)


_LAZY: dict[str, Callable[[Tree, Names], Any]] = {"has": _has, "_&&_": _and, "_||_": _or, "_?_:_": _choice}
_MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})


def _macro(tree: Tree, names: Names) -> Any:
    ranged, variable, body = tree.parts
    items = _value(ranged, names)
    if not isinstance(items, list | dict) or variable.kind != "name":
        raise Unknown(tree.text)
    failed: Failure | None = None
    found: list[Any] = []
    kept: list[Any] = []
    for item in items:
        try:
            found.append(_value(body, {**names, variable.text: item}))
            kept += [item] if found[-1] is True else []
        except Failure as exc:
            failed = exc
    if tree.text == "all" and False in found:
        return False
    if tree.text == "exists" and True in found:
        return True
    if failed is not None:
        raise failed
    if tree.text in ("map", "filter"):
        return found if tree.text == "map" else kept
    return tree.text == "all" if tree.text != "exists_one" else len(kept) == 1


# ---- functions of values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(a: Any, b: Any) -> bool:
    if _is_number(a) and _is_number(b):
        return bool(a == b)
    return equal(a, b) if type(a) is type(b) else False


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def of(a: Any, b: Any) -> bool:
        if type(a) is not type(b) and not (_is_number(a) and _is_number(b)):
            raise Failure("no such overload")
        return compare(a, b)

    return of


def _in(a: Any, container: Any) -> bool:
    return any(_same(a, b) for b in container)


def _bounded(value: Any) -> Any:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise Failure("integer overflow")
    return value


def _calculated(calculate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def of(a: Any, b: Any) -> Any:
        if isinstance(a, bool) or isinstance(b, bool):
            raise Failure("no such overload")
        return _bounded(calculate(a, b))

    return of


def _divided(a: Any, b: Any) -> Any:
    if isinstance(a, float):
        return a / b if b else float("nan")
    if b == 0:
        raise Failure("division by zero")
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _remainder(a: int, b: int) -> int:
    if b == 0:
        raise Failure("modulus by zero")
    return abs(a) % abs(b) * (-1 if a < 0 else 1)


def _indexed(inside: Any, key: Any) -> Any:
    if isinstance(inside, list) and isinstance(key, int) and not isinstance(key, bool):
        if not 0 <= key < len(inside):
            raise Failure(f"index out of bounds: {key}")
        return inside[key]
    if isinstance(inside, dict) and isinstance(key, str):
        if key not in inside:
            raise Failure(f"no such key: {key}")
        return inside[key]
    raise Unknown("index")


_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def duration(text: Any) -> datetime.timedelta:
    """A duration in Go's form; raises ValueError."""
    if not isinstance(text, str) or not re.fullmatch(r"[-+]?(?:[0-9.]+(?:h|ms|m|s|us|µs|ns))+|0", text):
        raise ValueError(text)
    parts = re.findall(r"([0-9.]+)(h|ms|m|s|us|µs|ns)", text)
    total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    return datetime.timedelta(seconds=-total if text.startswith("-") else total)


def timestamp(text: Any) -> datetime.datetime:
    """A moment in the form of RFC 3339; raises ValueError."""
    found = parse_time(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(text)
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise Unknown("string")


def _matches(text: str, pattern: str) -> bool:
    return re.search(to_python(pattern), text) is not None


def _sorted(items: list[Any]) -> bool:
    return all(a <= b for a, b in itertools.pairwise(items))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "_==_": _same,
    "_!=_": lambda a, b: not _same(a, b),
    "_<_": _ordered(lambda a, b: bool(a < b)),
    "_<=_": _ordered(lambda a, b: bool(a <= b)),
    "_>_": _ordered(lambda a, b: bool(a > b)),
    "_>=_": _ordered(lambda a, b: bool(a >= b)),
    "@in": _in,
    "_+_": _calculated(lambda a, b: a + b),
    "_-_": _calculated(lambda a, b: a - b),
    "_*_": _calculated(lambda a, b: a * b),
    "_/_": _calculated(_divided),
    "_%_": _calculated(_remainder),
    "!_": lambda a: not a,
    "-_": lambda a: _bounded(-a),
    "_[_]": _indexed,
    "size": len,
    "contains": lambda a, b: b in a,
    "startsWith": lambda a, b: a.startswith(b),
    "endsWith": lambda a, b: a.endswith(b),
    "matches": _matches,
    "lowerAscii": lambda a: a.lower(),
    "upperAscii": lambda a: a.upper(),
    "trim": lambda a: a.strip(),
    "split": lambda a, b: a.split(b) if b else list(a),
    "join": lambda a, b="": b.join(a),
    "replace": lambda a, b, c: a.replace(b, c),
    "substring": lambda a, b, c=None: a[b:c],
    "indexOf": lambda a, b: a.find(b) if isinstance(a, str) else next((i for i, x in enumerate(a) if _same(x, b)), -1),
    "lastIndexOf": lambda a, b: a.rfind(b),
    "int": lambda a: int(a) if isinstance(a, int | float | str) else None,
    "double": float,
    "string": _text,
    "duration": duration,
    "timestamp": timestamp,
    "min": min,
    "max": max,
    "sum": sum,
    "isSorted": _sorted,
}
