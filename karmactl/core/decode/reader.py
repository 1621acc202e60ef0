"""JSON to model values: a decoder made from each dataclass's own fields, and what goes wrong as data.

The key of a field is its name in camelCase, or `metadata={"key": ...}`; the type hint says what may stand there. The
rules are those of Go's JSON decoding, which Karmada's API server uses: null is absent, integers have a width, a bool
is no text, keys are told apart by case. Unknown keys are faults in strict mode alone. Files and lines are for `files`
to add: a Fault says only the path. Further field metadata: `bits` (width of an integer, default 64), `format`
("quantity" or "time": a text that must read as one), `unsigned`.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, TypeAlias, TypeVar, cast

from karmactl.core.model.manifest import JSONValue
from karmactl.core.quantity import try_parse_quantity

__all__ = ["Fault", "Path", "decode", "field_name"]

Path: TypeAlias = tuple[str | int, ...]
T = TypeVar("T")

# RFC 3339 as Go's time.Parse takes it: fractions of any length, "Z" or an offset.
_TIME: Final = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d+)?"
    r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in a manifest, at a path of keys and indexes.

    `code` is wrong-type, out-of-range, invalid-quantity, invalid-time or unknown-field; `expected` and `got` are in
    words ("a list", "a text"). Of an unknown field, `suggestion` is the nearest known key, "" without one, `expected`
    names all keys that are known there.
    """

    path: Path
    code: str
    message: str
    expected: str = ""
    got: str = ""
    suggestion: str = ""

    @property
    def hint(self) -> str:
        """What to write instead of an unknown field; "" for other faults."""
        if self.suggestion:
            return f"did you mean {self.suggestion!r}?"
        return f"known here: {self.expected}" if self.code == "unknown-field" and self.expected else ""


@dataclass(slots=True)
class _Findings:
    """Faults found so far, and whether unknown keys are faults."""

    is_strict: bool
    faults: list[Fault] = field(default_factory=list)

    def report(self, path: Path, code: str, value: JSONValue, expected: str) -> None:
        """Note that the value at a path is not what it should be."""
        got = _describe(value)
        where = _path_text(path) or "the document"
        self.faults.append(
            Fault(path=path, code=code, message=f"{where} must be {expected}, not {got}", expected=expected, got=got)
        )


# Reads one value: the value (never null), its path, where to put findings.
_Read: TypeAlias = Callable[[JSONValue, Path, _Findings], object]


@dataclass(frozen=True, slots=True)
class _Reader:
    """How to read one type: the reader, and what null or a fault leaves."""

    read: _Read
    zero: Callable[[], object]


def decode(cls: type[T], value: JSONValue, *, path: Path = (), strict: bool = False) -> tuple[T, tuple[Fault, ...]]:
    """The dataclass `cls` from a JSON mapping, with every fault on the way (a faulty part reads as absent)."""
    findings = _Findings(strict)
    reader = _reader_of_class(cls)
    decoded = reader.zero() if value is None else reader.read(value, path, findings)
    return cast("T", decoded), tuple(findings.faults)


# --- Readers, one a type -------------------------------------------------------------------------------------------


_READERS: Final[dict[type[object], _Reader]] = {}


def _reader_of_class(cls: type[object]) -> _Reader:
    """The reader of a dataclass; compiled once a class, so that 10,000 objects cost dictionary look-ups."""
    reader = _READERS.get(cls)
    if reader is None:
        reader = _READERS[cls] = _compile_class(cls)
    return reader


def _compile_class(cls: type[object]) -> _Reader:
    hints = typing.get_type_hints(cls)
    readers: dict[str, tuple[str, _Reader]] = {}
    zeros: dict[str, Callable[[], object]] = {}
    for entry in dataclasses.fields(cast("type[typing.Any]", cls)):
        reader = _reader_of_hint(hints[entry.name], entry.metadata)
        readers[field_name(entry)] = (entry.name, reader)
        if entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING:
            zeros[entry.name] = reader.zero

    def zero() -> object:
        return cls(**{name: make() for name, make in zeros.items()})

    def read(value: JSONValue, path: Path, findings: _Findings) -> object:
        if not isinstance(value, dict):
            findings.report(path, "wrong-type", value, "a mapping")
            return zero()
        values: dict[str, object] = {name: make() for name, make in zeros.items()} if zeros else {}
        for key, item in value.items():
            known = readers.get(key)
            if known is None:
                if findings.is_strict:
                    findings.faults.append(_unknown_field((*path, key), key, readers))
            elif item is not None:
                values[known[0]] = known[1].read(item, (*path, key), findings)
        return cls(**values)

    return _Reader(read, zero)


def _reader_of_hint(hint: object, metadata: Mapping[str, object]) -> _Reader:
    """The reader for a type hint of the model."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint == JSONValue or isinstance(hint, typing.ForwardRef) or _is_json_union(arguments):
        return _Reader(_read_json, _none)
    if origin in (typing.Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _Reader(_reader_of_hint(inner, metadata).read, _none)
    if origin is tuple:
        return _list_reader(_reader_of_hint(arguments[0], metadata))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_reader(_reader_of_hint(arguments[1], metadata))
    if hint is str:
        return _text_reader(str(metadata.get("format", "")))
    if hint is bool:
        return _Reader(_read_bool, bool)
    if hint is int:
        return _int_reader(cast("int", metadata.get("bits", 64)), bool(metadata.get("unsigned")))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _reader_of_class(hint)
    raise TypeError(f"no reader for {hint!r}")


def _is_json_union(arguments: tuple[object, ...]) -> bool:
    """Whether these are the members of JSONValue, which Python resolves to a plain union."""
    return float in arguments


def _none() -> None:
    return None


def _read_json(value: JSONValue, path: Path, findings: _Findings) -> object:
    return value


def _read_bool(value: JSONValue, path: Path, findings: _Findings) -> object:
    if isinstance(value, bool):
        return value
    findings.report(path, "wrong-type", value, "true or false")
    return False


def _int_reader(bits: int, is_unsigned: bool) -> _Reader:
    low, high = (0, 2**bits - 1) if is_unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    def read(value: JSONValue, path: Path, findings: _Findings) -> object:
        # A whole number written as 3.0 is an integer once YAML has been made JSON.
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            findings.report(path, "wrong-type", value, "an integer")
            return 0
        if not low <= value <= high:
            findings.report(path, "out-of-range", value, f"an integer from {low} to {high}")
            return 0
        return value

    return _Reader(read, int)


def _text_reader(form: str) -> _Reader:
    if form == "quantity":
        return _Reader(_read_quantity, lambda: "0")

    def read(value: JSONValue, path: Path, findings: _Findings) -> object:
        if not isinstance(value, str):
            findings.report(path, "wrong-type", value, "a text")
            return ""
        if form == "time" and not _TIME.fullmatch(value):
            findings.report(path, "invalid-time", value, "a time as in 2026-01-31T12:00:00Z")
            return ""
        return value

    return _Reader(read, str)


def _read_quantity(value: JSONValue, path: Path, findings: _Findings) -> object:
    """Quantities may be bare numbers; they are kept as text."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        findings.report(path, "wrong-type", value, "a quantity such as 500m or 2Gi")
        return "0"
    text = value.strip() if isinstance(value, str) else repr(value)
    if try_parse_quantity(text) is None:
        findings.report(path, "invalid-quantity", value, "a quantity such as 500m or 2Gi")
        return "0"
    return text


def _list_reader(item: _Reader) -> _Reader:
    def read(value: JSONValue, path: Path, findings: _Findings) -> object:
        if not isinstance(value, list):
            findings.report(path, "wrong-type", value, "a list")
            return ()
        return tuple(
            item.zero() if entry is None else item.read(entry, (*path, index), findings)
            for index, entry in enumerate(value)
        )

    return _Reader(read, tuple)


def _mapping_reader(item: _Reader) -> _Reader:
    def read(value: JSONValue, path: Path, findings: _Findings) -> object:
        if not isinstance(value, dict):
            findings.report(path, "wrong-type", value, "a mapping")
            return {}
        return {
            key: item.zero() if entry is None else item.read(entry, (*path, key), findings)
            for key, entry in value.items()
        }

    return _Reader(read, dict)


def _unknown_field(path: Path, key: str, known: Mapping[str, object]) -> Fault:
    """The fault of a key that the type does not have."""
    by_folded_name = {name.lower(): name for name in known}
    near = get_close_matches(key.lower(), by_folded_name, n=1, cutoff=0.6)
    return Fault(
        path=path,
        code="unknown-field",
        message=f"unknown field {_path_text(path)}",
        expected=", ".join(known),
        got=key,
        suggestion=by_folded_name[near[0]] if near else "",
    )


def field_name(entry: dataclasses.Field[typing.Any]) -> str:
    """The key in YAML of a dataclass's field."""
    return str(entry.metadata.get("key") or _camel_case(entry.name))


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _path_text(path: Path) -> str:
    """A path as Kubernetes prints it: spec.rules[0].name."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _describe(value: JSONValue) -> str:
    """A value in words, short enough for a message."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    return json.dumps(value)
