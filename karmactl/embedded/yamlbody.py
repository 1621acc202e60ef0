"""YAML bodies, read with the scalar rules of the API server's YAML 1.1 decoder.

Only the first document counts; keys become texts; dates stay texts; a key set twice is reported with its line.
`dump` writes YAML answers. This module loads PyYAML, so it is imported when the first YAML body comes in.
"""

import base64
import math
import re
from typing import Any

import yaml

from karmactl.embedded.body import TOO_DEEP, BodyError, Parsed
from karmactl.embedded.values import MAX_DEPTH, Float, parse_time

_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"})
_FALSE = frozenset({"n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INFINITE = {".inf": math.inf, ".Inf": math.inf, ".INF": math.inf, "+.inf": math.inf, "-.inf": -math.inf}
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[1-9][0-9_]*|0)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

_MAX_REPEATED = 100_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _integer(text: str) -> int | None:
    plain = text.replace("_", "")
    sign = -1 if plain.startswith("-") else 1
    digits = plain.lstrip("+-")
    try:
        if digits.startswith("0b"):
            return sign * int(digits[2:], 2)
        if digits.startswith("0x"):
            return sign * int(digits[2:], 16)
        if digits.startswith("0o"):
            return sign * int(digits[2:], 8)
        if digits.startswith("0") and len(digits) > 1:
            return sign * int(digits[1:], 8)
        return sign * int(digits)
    except ValueError:
        return None


def _plain(text: str) -> Any:
    """The value of an unquoted scalar."""
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _INTEGER.fullmatch(text):
        whole = _integer(text)
        if whole is not None:
            return whole if -(2**63) <= whole < 2**63 else Float(str(whole))
    if _FLOAT.fullmatch(text):
        value = float(text)
        return int(value) if value.is_integer() and abs(value) < 2**53 and not re.search(r"[.eE]", text) else value
    if text in _INFINITE:
        return _INFINITE[text]
    return text


def _scalar(node: yaml.ScalarNode, plain: bool) -> Any:
    tag = node.tag
    if tag == "tag:yaml.org,2002:binary":
        try:
            return base64.b64decode(node.value).decode("utf-8", "replace")
        except ValueError as exc:
            raise _fault("!!binary value contains invalid base64 data") from exc
    if tag == "tag:yaml.org,2002:str" and not plain:
        return node.value
    if node.style in ("'", '"', "|", ">"):
        return node.value
    return _plain(node.value)


def _key(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None:
        return "null"
    if isinstance(value, float):
        return repr(value)
    return str(value)


class _Construction:
    """One document on its way from nodes to values; aliases are written out, within bounds."""

    def __init__(self) -> None:
        self.twice: list[str] = []
        self._open: set[int] = set()
        self._seen: set[int] = set()
        self._repeated = 0

    def value(self, node: Any) -> Any:
        """The value of a node; raises BodyError."""
        self._repeated += id(node) in self._seen
        if self._repeated > _MAX_REPEATED:
            raise _fault("document contains excessive aliasing")
        self._seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node, node.style is None)
        if id(node) in self._open:
            raise _fault("anchor value contains itself")
        if len(self._open) >= MAX_DEPTH:
            raise _fault(TOO_DEEP)
        self._open.add(id(node))
        found = [self.value(n) for n in node.value] if isinstance(node, yaml.SequenceNode) else self._map(node)
        self._open.discard(id(node))
        return found

    def _map(self, node: Any) -> dict[str, Any]:
        out: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.value == "<<" and key_node.style is None:
                found = self.value(value_node)
                for part in found if isinstance(found, list) else [found]:
                    if not isinstance(part, dict):
                        raise _fault("map merge requires map or sequence of maps as the value")
                    merged = {**part, **merged}
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise BodyError("error converting YAML to JSON: unsupported map key")
            key = _key(self.value(key_node))
            if key in out:
                self.twice.append(f'line {key_node.start_mark.line + 1}: key "{key}" already set in map')
            out[key] = self.value(value_node)
        for key, value in merged.items():
            out.setdefault(key, value)
        return out


def _fault(text: str) -> BodyError:
    return BodyError(f"error converting YAML to JSON: yaml: {text}")


def _check_depth(data: bytes) -> None:
    """Raises BodyError for a text nested so deep that composing it, which recurses in C, would end the process."""
    longest = max(len(line) for line in data.split(b"\n"))
    if longest <= MAX_DEPTH and data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    depth, loader = 0, _LOADER(data)
    try:
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise _fault(TOO_DEEP)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    finally:
        loader.dispose()


def parse_yaml(data: bytes) -> Parsed:
    """The first document of a YAML text; raises BodyError."""
    try:
        _check_depth(data)
        loader = _LOADER(data)
        try:
            node = loader.get_single_node() if _single(data) else _first(loader)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as exc:
        raise BodyError(f"error converting YAML to JSON: yaml: {_place(exc)}{exc.problem}") from exc
    except yaml.YAMLError as exc:
        raise BodyError(f"error converting YAML to JSON: yaml: {exc}") from exc
    if node is None:
        return Parsed(None)
    construction = _Construction()
    value, twice = construction.value(node), construction.twice
    return Parsed(value, ["yaml: unmarshal errors:\n" + "\n".join("  " + t for t in twice)] if twice else [])


def _place(exc: yaml.MarkedYAMLError) -> str:
    """The line of a fault as go-yaml counts it: from zero in the parser, from one in the scanner, never the first."""
    problem = exc.problem_mark.line if exc.problem_mark is not None else 0
    context = exc.context_mark.line if exc.context_mark is not None else 0
    line = problem + isinstance(exc, yaml.scanner.ScannerError) if problem else context
    return f"line {line}: " if line else ""


def _single(data: bytes) -> bool:
    return b"\n---" not in data and not data.startswith(b"---")


def _first(loader: Any) -> Any:
    return loader.get_node() if loader.check_node() else None


class _Quoted(_DUMPER):  # type: ignore[misc]
    """Quotes texts that YAML 1.1 would read back as something else; writes everything out, however often it occurs."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always: upstream knows no anchors when it writes."""
        return True


def _represent_text(dumper: Any, value: str) -> Any:
    is_other = not isinstance(_plain(value), str) or value in ("=", "<<") or parse_time(value) is not None
    style = '"' if is_other else None
    if "\n" in value:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Quoted.add_representer(str, _represent_text)


def dump(value: Any) -> bytes:
    """The YAML text of a value, keys sorted."""
    text: str = yaml.dump(value, Dumper=_Quoted, default_flow_style=False, allow_unicode=True, sort_keys=True)
    return text.encode()
