"""Objects in the form in which a kube-apiserver validates them.

Some refusals quote a part of the object as the server's internal Go struct prints it: fields under their Go names, in
the order of the struct, with null for everything that is not set. The shapes are packed in `data/internal.json.gz`
and read when the first such refusal is made; values are found in the client's form by name, whatever its case.
"""

import difflib
import functools
import gzip
import json
from pathlib import Path
from typing import Any

import orjson

from karmactl.embedded.schema import builtin
from karmactl.embedded.schema.codec import ordered
from karmactl.embedded.values import Object

_DATA = Path(__file__).parent.parent / "data" / "internal.json.gz"
_ZERO = {"string": "", "bool": False, "int": 0, "quantity": "0", "intstr": 0, "time": None, "raw": None, "bytes": None}


@functools.cache
def _packed() -> dict[str, list[str]]:
    found: dict[str, list[str]] = orjson.loads(gzip.decompress(_DATA.read_bytes()))
    return found


def internal(name: str, value: Any) -> Object:
    """A value in its internal form; `name` is package and type (`core.PodSpec`), None is an empty struct."""
    given = {k.lower(): v for k, v in (value or {}).items()}
    if name == "core.PodSpec":
        _move_host_settings(given)
    out: Object = {}
    for described in _packed()[name]:
        field, _, kind = described.rpartition(" ")
        if not field:
            out |= _embedded(kind, given, value)
        else:
            out[field] = _member(kind, given.get(field.lower()))
    return out


def _move_host_settings(given: Object) -> None:
    """What clients set beside a Pod's security context lies inside it."""
    names = ("hostnetwork", "hostpid", "hostipc", "shareprocessnamespace", "hostusers")
    given["securitycontext"] = {
        **(given.get("securitycontext") or {}),
        **{n: given[n] for n in names if given.get(n) is not None},
    }


def _embedded(kind: str, given: Object, value: Any) -> Object:
    if kind.startswith("meta."):
        return ordered(builtin.node_of(builtin.META + kind[5:]), given.get("metadata") or {})  # type: ignore[no-any-return]
    return internal(kind, value)


def _member(kind: str, value: Any) -> Any:
    if kind[0] == "*":
        return None if value is None else _member(kind[1:], value)
    if kind[:2] == "[]":
        return None if value is None else [_member(kind[2:], v) for v in value]
    if kind[:2] == "{}":
        return None if value is None else {k: _member(kind[2:], value[k]) for k in sorted(value)}
    if kind.startswith("meta."):
        return ordered(builtin.node_of(builtin.META + kind[5:]), value or {})
    if "." in kind:
        return internal(kind, value)
    return _ZERO[kind] if value is None else value


def difference(name: str, old: Any, new: Any) -> str:
    """A unified difference between two values in their internal form (k8s.io/apimachinery/pkg/util/diff)."""
    before, after = (_lines(internal(name, value)) for value in (old, new))
    parts = difflib.unified_diff(before, after, n=3, lineterm="\n")
    return "".join(line for line in parts if not line.startswith(("---", "+++")))


def _lines(value: Object) -> list[str]:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    for char, escaped in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
        text = text.replace(char, escaped)
    lines = text.split("\n")
    return [line + "\n" for line in lines]
