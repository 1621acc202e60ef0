"""Patches inside text fields that hold JSON or YAML (the field overrider).

The text is read, patched and written back in the form that Karmada writes: JSON compact and with Go's escapes, YAML
as its library prints it (keys in natural order, no comments, lines folded at 80). PyYAML follows YAML 1.1 more closely
than the Go library does, so both directions get that library's own idea of what a plain word means.
Source: Karmada pkg/util/overridemanager/overridemanager.go (applyRawJSONPatch, applyRawYAMLPatch); go.yaml.in/yaml/v2.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Final, NoReturn

import yaml
from yaml.emitter import ScalarAnalysis

from karmactl.core.go_json import WrittenNumber, WrittenText, go_shortest, json_text
from karmactl.core.model.manifest import JSONValue
from karmactl.core.patch import PatchOperation, apply_patch
from karmactl.errors import PolicyError

__all__ = ["patch_json_text", "patch_yaml_text"]


def patch_json_text(text: str, operations: Sequence[PatchOperation]) -> str:
    """The text with the operations applied, as compact JSON in the old key order.

    An empty text stays empty, whatever the operations. Numbers and texts that no operation touches stay as they were
    written. Raises PolicyError `field-not-json`, and whatever `apply_patch` raises.

    Differs from Karmada: keys of untouched mappings are written in their shortest form, too, and each once.
    """
    if not text:
        return text
    try:
        document = _read_json(text)
    except ValueError as exc:
        raise PolicyError("field-not-json", f"the field holds no JSON: {exc}") from exc
    _require_container(document)
    return json_text(apply_patch(document, operations).document)


def _read_json(text: str) -> JSONValue:
    """The document, in which numbers and texts remember how they were written. Raises ValueError."""
    mark = _MARK
    while mark in text:
        mark += _MARK
    literals: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        if "\\" not in match[1]:
            return match[0]
        literals.append(match[1])
        return json.dumps(f"{mark}{len(literals) - 1}")

    def restored(value: JSONValue) -> JSONValue:
        match value:
            case dict():
                return {key: restored(entry) for key, entry in value.items()}
            case list():
                return [restored(entry) for entry in value]
            case str() if value.startswith(mark):
                return WrittenText(literals[int(value.removeprefix(mark))])
            case _:
                return value

    # Keys are matched as well, so that every quote is seen, but only values get a stand-in.
    marked = _JSON_TEXT.sub(lambda match: match[0] if match[2] else stand_in(match), text)
    return restored(json.loads(marked, parse_float=WrittenNumber, parse_constant=_refuse_constant))


def patch_yaml_text(text: str, operations: Sequence[PatchOperation]) -> str:
    """The text with the operations applied, as YAML with sorted keys.

    Raises PolicyError `field-not-yaml`, and whatever `apply_patch` raises.
    """
    try:
        # The first document alone, as the Go library does.
        document = _as_json(next(yaml.load_all(text, Loader=_Loader), None))
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        raise PolicyError("field-not-yaml", f"the field holds no YAML: {exc}") from exc
    _require_container(document)
    patched = _sorted(apply_patch(document, operations).document)
    written: str = yaml.dump(patched, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False)
    return written


def _require_container(document: JSONValue) -> None:
    if not isinstance(document, dict | list):
        raise PolicyError("field-not-structured", "the field holds a single value, not a mapping or a list")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_MARK: Final = "\ue000"
_JSON_TEXT: Final = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?', re.DOTALL)


class _Loader(yaml.SafeLoader):
    """SafeLoader with go-yaml v2's resolution of plain scalars."""


class _Dumper(yaml.SafeDumper):
    """SafeDumper with go-yaml v2's resolution, and its choice of quotes."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def analyze_scalar(self, scalar: str) -> ScalarAnalysis:
        """What may be done with a text; one beyond the basic plane is written with escapes, as Go does."""
        analysis = super().analyze_scalar(scalar)
        if any(character > "\uffff" for character in scalar):
            analysis.allow_flow_plain = analysis.allow_block_plain = False
            analysis.allow_single_quoted = analysis.allow_block = False
        return analysis

    def check_simple_key(self) -> bool:
        """Whether a key goes before its colon; an empty one does in Go, which PyYAML denies it."""
        is_empty = isinstance(self.event, yaml.ScalarEvent) and not self.event.value
        return is_empty or bool(super().check_simple_key())


_BOOLS: Final = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NULLS: Final = r"~|null|Null|NULL|"
_INT: Final = re.compile(
    r"[-+]?(?:0[xX]_*[0-9a-fA-F][0-9a-fA-F_]*|0[bB]_*[01][01_]*|0[oO]_*[0-7][0-7_]*|0_*[0-7_]*|[1-9][0-9_]*)",
    re.ASCII,
)
_FLOAT: Final = re.compile(
    r"[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    re.ASCII,
)
_TIMESTAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
    r"| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?)?",
    re.ASCII,
)
_BASE60: Final = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?", re.ASCII)

_MERGE: Final = "tag:yaml.org,2002:merge"
# First letters by which a word may be more than a text; the order of the tags is that in which they are tried.
_RESOLVERS: Final = (
    ("tag:yaml.org,2002:bool", "|".join(_BOOLS), "yYnNtTfFoO"),
    ("tag:yaml.org,2002:null", _NULLS, "~nN"),
    ("tag:yaml.org,2002:int", _INT.pattern, "-+0123456789"),
    ("tag:yaml.org,2002:float", _FLOAT.pattern, "-+0123456789."),
    (_MERGE, "<<", "<"),
    ("tag:yaml.org,2002:timestamp", _TIMESTAMP.pattern, "0123456789"),
)


_PATTERNS: Final = tuple(re.compile(pattern, re.ASCII) for tag, pattern, _ in _RESOLVERS if tag != _MERGE)


def _install_resolvers() -> None:
    for kind in (_Loader, _Dumper):
        kind.yaml_implicit_resolvers = {}
        for tag, pattern, first in _RESOLVERS:
            if kind is _Dumper and tag == _MERGE:
                # Go writes such a text as it is.
                continue
            anchored = re.compile(rf"^(?:{pattern})$", re.ASCII)
            kind.add_implicit_resolver(tag, anchored, [*first, ""] if tag.endswith(":null") else [*first])


def _construct_bool(loader: _Loader, node: yaml.ScalarNode) -> bool | str:
    text = loader.construct_scalar(node)
    return _BOOLS.get(text, text)


def _construct_int(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    text = loader.construct_scalar(node).replace("_", "")
    digits = text.lstrip("+-")
    # Base 0 is Go's: 0x, 0b, 0o; a bare leading zero is octal, which Python's base 0 refuses.
    is_octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
    value = int(digits, 8 if is_octal else 0)
    signed = -value if text.startswith("-") else value
    return signed if -(2**63) <= signed < 2**64 else float(signed)


def _construct_float(loader: _Loader, node: yaml.ScalarNode) -> float | str:
    text = loader.construct_scalar(node).replace("_", "").lower()
    if text.endswith((".inf", ".nan")):
        raise ValueError(f"{text} is not JSON")
    number = float(text)
    # Beyond the range of a float a number is but a text to Go.
    return str(loader.construct_scalar(node)) if math.isinf(number) else number


def _construct_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    if "\n" in text:
        style: str | None = "|"
    elif _is_plain(text):
        style = None
    else:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _is_plain(text: str) -> bool:
    """Whether the bare text would be read as a text again, in YAML 1.1 too (base 60)."""
    return not any(pattern.fullmatch(text) for pattern in (*_PATTERNS, _BASE60))


def _represent_float(dumper: _Dumper, number: float) -> yaml.ScalarNode:
    # On its way through JSON a whole number loses its point, and is read as an integer where it fits one.
    if number == int(number) and -(2**63) <= number < 2**64:
        return dumper.represent_int(int(number))
    return dumper.represent_scalar("tag:yaml.org,2002:float", go_shortest(number))


_install_resolvers()
_Loader.add_constructor("tag:yaml.org,2002:bool", _construct_bool)
_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _construct_float)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _construct_text)
_Loader.add_constructor(_MERGE, _construct_text)
_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(float, _represent_float)


def _as_json(value: object) -> JSONValue:
    """What YAML read, as JSON: keys become texts, as in sigs.k8s.io/yaml."""
    match value:
        case dict():
            return {_key_text(key): _as_json(entry) for key, entry in value.items()}
        case list():
            return [_as_json(entry) for entry in value]
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return value.decode("utf-8", "replace")
        case _:
            raise ValueError(f"{value!r} has no form in JSON")


def _key_text(key: object) -> str:
    match key:
        case str():
            return key
        case bool():
            return "true" if key else "false"
        case int():
            return str(key)
        case float():
            return go_shortest(key)
        case _:
            raise ValueError(f"{key!r} cannot be a key in JSON")


def _sorted(value: JSONValue) -> JSONValue:
    match value:
        case dict():
            return {key: _sorted(value[key]) for key in sorted(value, key=cmp_to_key(_compare_keys))}
        case list():
            return [_sorted(entry) for entry in value]
        case float() if value.is_integer() and abs(value) < 2**63:
            return int(value)
        case _:
            return value


def _compare_keys(a: str, b: str) -> int:
    """go-yaml's natural order: other signs before letters, runs of digits by their number."""
    for index in range(min(len(a), len(b))):
        left, right = a[index], b[index]
        if left == right:
            continue
        if left.isalpha() or right.isalpha():
            if left.isalpha() and right.isalpha():
                return -1 if left < right else 1
            return -1 if right.isalpha() else 1
        a_number, a_end = _digits(a, b, index)
        b_number, b_end = _digits(b, a, index)
        if (a_number, a_end) != (b_number, b_end):
            return -1 if (a_number, a_end) < (b_number, b_end) else 1
        return -1 if left < right else 1
    return len(a) - len(b)


def _digits(text: str, other: str, index: int) -> tuple[int, int]:
    """The number that the digits from `index` make and where they end; a 1 goes in front inside a longer number."""
    number = 0
    if text[index] == "0" or other[index] == "0":
        before = index - 1
        while before >= 0 and text[before].isdigit():
            if text[before] != "0":
                number = 1
                break
            before -= 1
    end = index
    while end < len(text) and text[end].isdigit():
        number = number * 10 + int(text[end])
        end += 1
    return number, end
