"""YAML text to plain JSON data by kubectl's rules, driven by libyaml's events.

One call reads one document. Positions are not kept: a document is read again, with positions, only when somebody asks
for one (`index_yaml`), which is rare and keeps the usual way fast. What kubectl takes in silence and gets wrong is
refused here: a key that is there twice, an integer that does not fit. In flow context libyaml differs from kubectl's
parser in two corners: it refuses `{a: b:,}`, and takes `[a?b]` and an empty tagged scalar before a comma.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

from yaml._yaml import CParser
from yaml.error import Mark, MarkedYAMLError, YAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from yaml.reader import ReaderError

from karmactl.core.model.manifest import JSONValue
from karmactl.files.scalars import ScalarError, key_text, resolve, resolve_tagged

__all__ = ["MAX_DEPTH", "PositionIndex", "YAMLFault", "index_yaml", "load_yaml", "pointer_step"]

# Deeper than any manifest that a server takes, and within what JSON encoders and copies can stand.
MAX_DEPTH = 200

Position: TypeAlias = tuple[int, int]
# JSON pointer to (place of the key, place of the value); for items of lists both are the value's.
PositionIndex: TypeAlias = "dict[str, tuple[Position, Position]]"

# What libyaml gives after the start of a document; it never gives None before the end of the stream.
_Event: TypeAlias = (
    ScalarEvent
    | AliasEvent
    | MappingStartEvent
    | MappingEndEvent
    | SequenceStartEvent
    | SequenceEndEvent
    | StreamStartEvent
    | StreamEndEvent
    | DocumentStartEvent
    | DocumentEndEvent
)
_MERGE_TAG = "tag:yaml.org,2002:merge"
# go.yaml.in/yaml/v2 decode.go, allowedAliasRatio: how much of a document may come from expanded aliases.
_ALIAS_RANGE = (400_000, 4_000_000)


class YAMLFault(Exception):
    """A document that cannot be read: `code`, `message`, and `line` and `column` from 1 inside the text."""

    def __init__(self, code: str, message: str, line: int, column: int, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint


def pointer_step(key: str | int) -> str:
    """One step of a JSON pointer, with its slash (RFC 6901)."""
    if isinstance(key, int):
        return f"/{key}"
    if "~" in key or "/" in key:
        key = key.replace("~", "~0").replace("/", "~1")
    return f"/{key}"


def load_yaml(text: str) -> JSONValue:
    """The value of the first document of a text, None where there is none.

    Raises YAMLFault: `yaml-syntax`, `yaml-tab`, `yaml-duplicate-key`, `yaml-key`, `yaml-tag`, `yaml-alias`,
    `yaml-aliases-explode`, `yaml-too-deep`, `yaml-second-document`, `number-too-large`, `number-not-json`.
    """
    return _Composer(text).document()


def index_yaml(text: str) -> PositionIndex:
    """Where each value of the first document stands, lines and columns from 1; what cannot be read ends the index."""
    index: PositionIndex = {}
    composer = _Composer(text, index)
    try:
        composer.document()
    except YAMLFault:
        return index
    return index


class _Composer:
    """Builds values from events; with an index it also notes where each of them begins."""

    def __init__(self, text: str, index: PositionIndex | None = None) -> None:
        self._text = text
        self._index = index
        self._parser = CParser(text)
        self._next = cast("Callable[[], _Event]", self._parser.get_event)
        self._anchors: dict[str, tuple[JSONValue, int]] = {}
        self._open_anchors: set[str] = set()
        self._nodes = 0
        self._alias_nodes = 0

    def document(self) -> JSONValue:
        try:
            return self._document()
        except YAMLError as exc:
            raise _hinted(_translate(exc, self._text), self._text) from exc
        except YAMLFault as fault:
            _hinted(fault, self._text)
            raise
        finally:
            self._parser.dispose()

    def _document(self) -> JSONValue:
        event = self._next()
        if isinstance(event, StreamStartEvent):
            event = self._next()
        if not isinstance(event, DocumentStartEvent):
            return None
        event = self._next()
        if self._index is not None:
            self._index[""] = (_place(event), _place(event))
        value = self._value(event, 1, "")
        event = self._next()
        if isinstance(event, DocumentEndEvent):
            event = self._next()
        if not isinstance(event, StreamEndEvent):
            raise _fault(
                event,
                "yaml-second-document",
                'text after the end of the document ("...")',
                hint='separate documents by a line "---": kubectl drops what follows "..."',
            )
        return value

    def _value(self, event: _Event, depth: int, pointer: str) -> JSONValue:
        self._nodes += 1
        if type(event) is ScalarEvent:
            value = _scalar(event)
            if event.anchor is not None:
                self._anchors[event.anchor] = (value, 1)
            return value
        if type(event) is AliasEvent:
            return self._alias(event)
        if depth > MAX_DEPTH:
            raise _fault(event, "yaml-too-deep", f"nested deeper than {MAX_DEPTH} levels")
        if type(event) is MappingStartEvent:
            anchor, build = event.anchor, self._mapping
        else:
            anchor, build = cast("SequenceStartEvent", event).anchor, self._sequence
        if anchor is None:
            return build(depth, pointer)
        before = self._nodes
        self._anchors.pop(anchor, None)
        self._open_anchors.add(anchor)
        value = build(depth, pointer)
        self._open_anchors.discard(anchor)
        self._anchors[anchor] = (value, self._nodes - before + 1)
        return value

    def _mapping(self, depth: int, pointer: str) -> JSONValue:
        following, index = self._next, self._index
        result: dict[str, JSONValue] = {}
        written: set[str] | None = None
        while True:
            event = following()
            if type(event) is not ScalarEvent:
                if type(event) is MappingEndEvent:
                    return cast("JSONValue", result)
                event = self._scalar_key(event)
            self._nodes += 1
            key = event.value
            if key == "<<" and _is_merge(event):
                # What the merge brings may be overwritten later and overwrites what came before (as in Go).
                written = set(result) if written is None else written
                self._merge(following(), result, depth, pointer)
                continue
            if event.anchor is not None or event.tag is not None:
                key = self._special_key(event)
            elif not event.style:
                key = _plain_key(event)
            if key in (result if written is None else written):
                raise _duplicate(event, key)
            if written is not None:
                written.add(key)
            value_event = following()
            step = pointer
            if index is not None:
                step = pointer + pointer_step(key)
                index[step] = (_place(event), _place(value_event))
            # Most values are scalars: the call is saved for them.
            if type(value_event) is ScalarEvent and value_event.anchor is None:
                self._nodes += 1
                result[key] = _scalar(value_event)
            else:
                result[key] = self._value(value_event, depth + 1, step)

    def _sequence(self, depth: int, pointer: str) -> JSONValue:
        following, index = self._next, self._index
        result: list[JSONValue] = []
        while True:
            event = following()
            if type(event) is SequenceEndEvent:
                return result
            step = pointer
            if index is not None:
                step = f"{pointer}/{len(result)}"
                index[step] = (_place(event), _place(event))
            result.append(self._value(event, depth + 1, step))

    def _alias(self, event: AliasEvent) -> JSONValue:
        name = event.anchor
        if name in self._open_anchors:
            raise _fault(event, "yaml-alias", f"the anchor {name!r} contains itself")
        if name not in self._anchors:
            raise _fault(event, "yaml-alias", f"the anchor {name!r} is not defined above")
        value, size = self._anchors[name]
        self._nodes += size
        self._alias_nodes += size
        low, high = _ALIAS_RANGE
        allowed = 0.99 - 0.89 * min(1.0, max(0.0, (self._nodes - low) / (high - low)))
        if self._alias_nodes > 100 and self._nodes > 1000 and self._alias_nodes / self._nodes > allowed:
            raise _fault(event, "yaml-aliases-explode", f"the alias {name!r} makes the document explode")
        # A copy, so that a change to one place can never show in the other.
        return _copy(value)

    def _merge(self, event: _Event, result: dict[str, JSONValue], depth: int, pointer: str) -> None:
        index, self._index = self._index, None
        value = self._value(event, depth + 1, pointer)
        self._index = index
        parts = value if type(event) is SequenceStartEvent and isinstance(value, list) else [value]
        for part in reversed(parts):
            if not isinstance(part, dict):
                raise _fault(event, "yaml-key", "the value of << is neither a mapping nor a list of mappings")
            result.update(part)

    def _scalar_key(self, event: _Event) -> ScalarEvent:
        """An alias as a key, as if what it stands for were written there."""
        if type(event) is AliasEvent:
            value = self._alias(event)
            marks = event.start_mark, event.end_mark
            if isinstance(value, str):
                return ScalarEvent(None, None, (False, True), value, *marks, style='"')
            if value is not None and not isinstance(value, dict | list):
                return ScalarEvent(None, None, (True, False), str(value), *marks)
        raise _fault(event, "yaml-key", "a key that is not a text")

    def _special_key(self, event: ScalarEvent) -> str:
        """A key with an anchor or a tag."""
        if event.anchor is not None:
            self._anchors[event.anchor] = (_scalar(event), 1)
        if event.tag is None:
            return str(event.value) if event.style else _plain_key(event)
        value = _scalar(event)
        return value if isinstance(value, str) else key_text("null" if value is None else str(value))


def _plain_key(event: ScalarEvent) -> str:
    try:
        return key_text(event.value)
    except ScalarError as exc:
        raise _fault(event, exc.code, str(exc), hint="put the key in quotes") from exc


def _duplicate(event: ScalarEvent, key: str) -> YAMLFault:
    hint = "remove one of them: kubectl would take the last in silence"
    if key in ("true", "false"):
        hint = f"y, yes and on without quotes are read as true, n, no and off as false; {hint}"
    return _fault(event, "yaml-duplicate-key", f"the key {key!r} is there twice in this mapping", hint=hint)


def _scalar(event: ScalarEvent) -> JSONValue:
    tag = event.tag
    try:
        if tag is None:
            return event.value if event.style else resolve(event.value)
        return resolve_tagged(tag, event.value)
    except ScalarError as exc:
        raise _fault(event, exc.code, str(exc), hint="put it in quotes if it is a text") from exc


def _is_merge(event: ScalarEvent) -> bool:
    return event.tag == _MERGE_TAG or (event.tag is None and not event.style)


def _copy(value: JSONValue) -> JSONValue:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def _place(event: _Event) -> Position:
    mark = cast("Mark", event.start_mark)
    return (mark.line + 1, mark.column + 1)


def _fault(event: _Event, code: str, message: str, *, hint: str = "") -> YAMLFault:
    line, column = _place(event)
    return YAMLFault(code, message, line, column, hint=hint)


# Words of libyaml's complaint, and what usually is behind it.
_HINTS: tuple[tuple[str, str], ...] = (
    ("mapping values are not allowed", 'a text with ": " in it needs quotes; or the indentation is wrong'),
    ("did not find expected key", "the indentation differs from that of the lines above, or a quote is missing"),
    ("did not find expected '-' indicator", "the indentation differs from that of the items above"),
    ("found character that cannot start any token", "a text that begins with this character needs quotes"),
    ("found undefined tag handle", "a text that begins with ! needs quotes"),
    ("found unexpected end of stream", "a quote or bracket is not closed"),
    ("did not find expected <document start>", 'separate documents by a line "---": kubectl drops what follows "..."'),
)


def _translate(exc: YAMLError, text: str) -> YAMLFault:
    """libyaml's complaint, at the place of the problem, with the usual causes said in words."""
    if isinstance(exc, ReaderError):
        before = text[: exc.position]
        return YAMLFault("yaml-syntax", exc.reason, before.count("\n") + 1, exc.position - before.rfind("\n"))
    if not isinstance(exc, MarkedYAMLError) or exc.problem_mark is None:
        return YAMLFault("yaml-syntax", str(exc), 1, 1)
    line, column = exc.problem_mark.line + 1, exc.problem_mark.column + 1
    problem = exc.problem or "not YAML"
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    if problem.startswith("found character that cannot start any token") and here[column - 1 : column] == "\t":
        return YAMLFault("yaml-tab", "a tab where YAML takes only spaces", line, column, hint="indent with spaces")
    hint = next((hint for words, hint in _HINTS if problem.startswith(words)), "")
    if exc.context and exc.context_mark is not None:
        problem = f"{problem} ({exc.context} in line {exc.context_mark.line + 1})"
    return YAMLFault("yaml-syntax", problem, line, column, hint=hint)


def _hinted(fault: YAMLFault, text: str) -> YAMLFault:
    """The fault with the way out of the commonest mistake of all."""
    line = text.split("\n")[fault.line - 1 : fault.line]
    if line and "{{" in line[0]:
        fault.hint = "this looks like a Helm template: `helm template ... | karmactl ... -f -` renders it first"
    return fault
