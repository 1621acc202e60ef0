"""The types of an expression's parts, and the complaints of cel-go's checker about those that do not fit.

Functions of the libraries are known by name; what they take and give is looked at where that is plain, and is `dyn`
elsewhere, so that nothing is refused that a server would take.
"""

from collections.abc import Mapping

from karmactl.embedded.cel.syntax import Fault, Parser, Tree
from karmactl.embedded.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NULL,
    NUMBERS,
    STRING,
    TIMESTAMP,
    TYPE,
    UINT,
    Type,
    list_of,
)

_LITERALS = {str(t): t for t in (BOOL, INT, UINT, DOUBLE, STRING, BYTES, NULL)}
_ORDERED = (BOOL, INT, UINT, DOUBLE, STRING, BYTES, DURATION, TIMESTAMP)
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "map", "filter", "transformList", "transformMap"})
_TYPE_NAMES = frozenset({"bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type"})
# functions whose result is plain; the others are known to be there
_RESULTS = {
    **dict.fromkeys(("size", "indexOf", "lastIndexOf", "getSeconds", "getHours", "getMinutes", "getFullYear"), INT),
    **dict.fromkeys(("contains", "startsWith", "endsWith", "matches", "isSorted", "isURL", "isQuantity", "isIP"), BOOL),
    **dict.fromkeys(("isCIDR", "isSemver", "hasValue", "isInteger", "isGreaterThan", "isLessThan"), BOOL),
    **dict.fromkeys(("lowerAscii", "upperAscii", "replace", "substring", "trim", "join", "charAt", "find"), STRING),
    "int": INT,
    "uint": UINT,
    "double": DOUBLE,
    "string": STRING,
    "bytes": BYTES,
    "bool": BOOL,
    "type": TYPE,
    "duration": DURATION,
    "timestamp": TIMESTAMP,
    "split": list_of(STRING),
    "findAll": list_of(STRING),
}
_KNOWN = frozenset(
    [
        "abs",
        "add",
        "allowed",
        "approximatelyEqual",
        "asApproximateFloat",
        "asInteger",
        "authorizer",
        "base64",
        "bind",
        "ceil",
        "check",
        "cidr",
        "compareTo",
        "containsCIDR",
        "containsIP",
        "dyn",
        "error",
        "errored",
        "family",
        "fieldSelector",
        "first",
        "flatten",
        "floor",
        "format",
        "get",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getEscapedPath",
        "getHost",
        "getHostname",
        "getMilliseconds",
        "getMonth",
        "getPort",
        "getQuery",
        "getScheme",
        "greatest",
        "group",
        "indexOf",
        "ip",
        "isBetween",
        "isCanonical",
        "isFinite",
        "isGlobalUnicast",
        "isInf",
        "isLinkLocalMulticast",
        "isLinkLocalUnicast",
        "isLoopback",
        "isNaN",
        "isUnspecified",
        "isUnmasked",
        "labelSelector",
        "last",
        "lastIndexOf",
        "least",
        "major",
        "masked",
        "max",
        "min",
        "minor",
        "name",
        "namespace",
        "none",
        "of",
        "optMap",
        "optFlatMap",
        "or",
        "orValue",
        "patch",
        "path",
        "prefixLength",
        "quantity",
        "quote",
        "range",
        "reason",
        "resource",
        "reverse",
        "round",
        "semver",
        "serviceAccount",
        "sets",
        "sign",
        "sort",
        "sortBy",
        "sub",
        "subresource",
        "sum",
        "trunc",
        "unwrap",
        "unwrapOpt",
        "url",
        "validate",
        "value",
        "distinct",
        "slice",
        "string",
        "has",
        "named",
    ]
)
_TEXT_METHODS = frozenset(
    {"startsWith", "endsWith", "contains", "matches", "lowerAscii", "upperAscii", "split", "trim"}
)


def fault_of(text: str, names: Mapping[str, Type], wanted: Type | None, mistyped: str) -> str:
    """Why a server refuses an expression, "" where it takes it; `mistyped` is what it says of another type."""
    try:
        found = output_type(text, names)
    except Fault as fault:
        return f"compilation failed: {_shown(text, fault)}"
    except RecursionError:
        return f"compilation failed: {_shown(text, Fault(0, 'expression recursion limit exceeded'))}"
    return "" if wanted is None or found in (wanted, DYN) else mistyped


def output_type(text: str, names: Mapping[str, Type]) -> Type:
    """The type of an expression; raises Fault."""
    return _type(Parser(text).parse(), names)


def _shown(text: str, fault: Fault) -> str:
    before = text[: fault.at]
    line = before.count("\n")
    column = fault.at - (before.rfind("\n") + 1)
    shown = text.split("\n")[line].replace("\t", " ")
    return f"ERROR: <input>:{line + 1}:{column + 1}: {fault.message}\n | {shown}\n | {'.' * column}^"


def _type(tree: Tree, names: Mapping[str, Type]) -> Type:
    if tree.kind == "literal":
        return _LITERALS[tree.text]
    if tree.kind == "name":
        if tree.text in names:
            return names[tree.text]
        if tree.text in _TYPE_NAMES:
            return TYPE
        raise _undeclared(tree)
    if tree.kind == "select":
        return _selected(tree, names)
    if tree.kind == "list":
        return list_of(_joined([_type(part, names) for part in tree.parts]))
    if tree.kind == "map":
        found = [_type(part, names) for part in tree.parts]
        return Type("map", (_joined(found[::2]), _joined(found[1::2])))
    return _called(tree, names)


def _undeclared(tree: Tree) -> Fault:
    return Fault(tree.at, f"undeclared reference to '{tree.text}' (in container '')")


def _joined(found: list[Type]) -> Type:
    return found[0] if found and all(t == found[0] for t in found) else DYN


def _selected(tree: Tree, names: Mapping[str, Type]) -> Type:
    base = tree.parts[0]
    if base.kind == "name" and base.text not in names and base.text not in _TYPE_NAMES:
        raise _undeclared(base)
    inner = _type(base, names)
    if inner.fields is not None:
        found = dict(inner.fields).get(tree.text)
        if found is None:
            raise Fault(tree.at, f"undefined field '{tree.text}'")
        return DYN if tree.is_method else found
    if inner.name == "map" and not tree.is_method:
        return inner.inside[1]
    if inner == DYN or tree.is_method:
        return DYN
    raise Fault(tree.at, f"type '{inner}' does not support field selection")


def _called(tree: Tree, names: Mapping[str, Type]) -> Type:
    if tree.text == "has" and not tree.is_method:
        if len(tree.parts) != 1 or tree.parts[0].kind != "select":
            raise Fault(tree.parts[0].at if tree.parts else tree.at, "invalid argument to has() macro")
        _type(tree.parts[0], names)
        return BOOL
    if tree.is_method and tree.text in _MACROS and len(tree.parts) >= 3:
        return _macro(tree, names)
    if tree.is_method and _is_prefix(tree.parts[0], names):
        return DYN
    found = [_type(part, names) for part in tree.parts]
    if tree.text in _OPERATORS:
        return _operated(tree, found)
    if tree.text not in _KNOWN and tree.text not in _RESULTS:
        raise _undeclared(tree)
    if not found:
        return _RESULTS.get(tree.text, DYN)
    misfit = tree.text == "size" and found[-1] not in (DYN, STRING, BYTES) and found[-1].name not in ("list", "map")
    if tree.is_method and tree.text in _TEXT_METHODS and found[0] in (*NUMBERS, BOOL, NULL):
        misfit = True
    if misfit:
        raise _no_overload(tree, found)
    if tree.text == "contains" and found[0] != STRING:
        return BOOL
    return _RESULTS.get(tree.text, DYN)


_NAMESPACES = frozenset({"cel", "math", "sets", "optional", "base64", "format", "lists", "strings", "ip", "cidr"})


def _is_prefix(tree: Tree, names: Mapping[str, Type]) -> bool:
    """Whether a function's name begins here, as in cel.bind and math.greatest."""
    return tree.kind == "name" and tree.text not in names and tree.text in _NAMESPACES


def _macro(tree: Tree, names: Mapping[str, Type]) -> Type:
    ranged, *variables = tree.parts
    over = _type(ranged, names)
    if over != DYN and over.name not in ("list", "map"):
        text = f"expression of type '{over}' cannot be range of a comprehension (must be list, map, or dynamic)"
        raise Fault(ranged.at, text)
    element = over.inside[0] if over.inside else DYN
    bound = [v for v in variables[:-1] if v.kind == "name"]
    if len(variables) >= 2 and tree.text == "map" and len(variables) == 3:
        bound = bound[:1]
    if not bound or variables[0].kind != "name":
        raise Fault(variables[0].at, "argument must be a simple name")
    own: dict[str, Type] = {**names, bound[0].text: element if len(bound) == 1 else DYN}
    own |= {v.text: DYN for v in bound[1:]}
    body = _type(variables[-1], own)
    if tree.text in ("map", "transformList"):
        return list_of(body)
    if tree.text == "transformMap":
        return DYN
    if body not in (BOOL, DYN):
        raise Fault(variables[-1].at, f"found no matching overload for '_&&_' applied to '(bool, {body})'")
    return list_of(element) if tree.text == "filter" else BOOL


def _fits(a: Type, b: Type) -> bool:
    """Whether values of the two types may be compared, as far as the types say."""
    if DYN in (a, b) or NULL in (a, b) or a == b:
        return True
    if a.name == b.name and a.inside and b.inside:
        return all(_fits(x, y) for x, y in zip(a.inside, b.inside, strict=True))
    return False


_OPERATORS = frozenset(
    ("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@in", "_+_", "_-_", "_*_", "_/_", "_%_", "_&&_", "_||_")
) | {"!_", "-_", "_?_:_", "_[_]", "_[?_]"}
_SUMS = (INT, UINT, DOUBLE, STRING, BYTES)


def _operated(tree: Tree, found: list[Type]) -> Type:
    result = _result(tree.text, found)
    if result is None:
        raise _no_overload(tree, found)
    return result


def _no_overload(tree: Tree, found: list[Type]) -> Fault:
    shown = f"({', '.join(map(str, found))})"
    if tree.is_method:
        shown = f"{found[0]}.({', '.join(map(str, found[1:]))})"
    return Fault(tree.at, f"found no matching overload for '{tree.text}' applied to '{shown}'")


def _result(operator: str, found: list[Type]) -> Type | None:
    """What an operator gives for these types, None where it takes others."""
    a, b = found[0], found[-1]
    if operator in ("_&&_", "_||_", "!_"):
        return BOOL if all(t in (BOOL, DYN) for t in found) else None
    if operator in ("_==_", "_!=_"):
        return BOOL if _fits(a, b) else None
    if operator == "_?_:_":
        return None if a not in (BOOL, DYN) or not _fits(found[1], b) else _joined(found[1:])
    if operator in ("_<_", "_<=_", "_>_", "_>=_"):
        known = all(t == DYN or t in _ORDERED for t in found)
        return BOOL if known and (_fits(a, b) or (a in NUMBERS and b in NUMBERS)) else None
    if operator == "@in":
        container = b == DYN or (b.name in ("list", "map") and _fits(a, b.inside[0]))
        return BOOL if container else None
    if operator == "_[?_]":
        return DYN
    if operator == "_[_]":
        return _indexed(a, b)
    if operator == "-_":
        return a if a in (INT, DOUBLE, DYN) else None
    return _calculated(operator, a, b)


def _indexed(a: Type, b: Type) -> Type | None:
    if a == DYN:
        return DYN
    if a.name == "list":
        return a.inside[0] if b in (INT, DYN) else None
    if a.name == "map":
        return a.inside[1] if _fits(a.inside[0], b) else None
    return None


def _calculated(operator: str, a: Type, b: Type) -> Type | None:
    if DYN in (a, b):
        return DYN
    if {a, b} <= {DURATION, TIMESTAMP}:
        if operator == "_+_" and DURATION in (a, b):
            return TIMESTAMP if TIMESTAMP in (a, b) else DURATION
        if operator == "_-_":
            return a if b == DURATION else DURATION if a == b else None
        return None
    if operator == "_+_" and a.name == b.name == "list":
        return a if a == b else list_of(DYN)
    allowed = _SUMS if operator == "_+_" else NUMBERS[:2] if operator == "_%_" else NUMBERS
    return a if a == b and a in allowed else None
