"""Bytes of one input to documents: decoding, splitting at `---`, JSON streams, and places of fields on demand.

A stream is split as kubectl splits it (k8s.io/apimachinery pkg/util/yaml decoder.go), so that a fault in one document
does not hide those in the next. JSON is tried first where the text begins with a brace, then YAML, as kubectl does.
What documents mean is left to `inputs` and `settings`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from karmactl.core.model.manifest import JSONValue
from karmactl.errors import InputError, Location
from karmactl.files.json import JSONFault, load_json
from karmactl.files.yaml import PositionIndex, YAMLFault, index_yaml, load_yaml, pointer_step

__all__ = ["Document", "FieldLocations", "decode_text", "read_documents"]


@dataclass(slots=True)
class _Text:
    """The text of one document and where it begins in its file; the index is made when it is first asked for."""

    file: str
    text: str
    first_line: int
    _index: PositionIndex | None = None
    _begin: Location | None = None

    def index(self) -> PositionIndex:
        if self._index is None:
            # JSON's surrogate pairs are all that YAML cannot read; only their width matters here.
            self._index = index_yaml(_SURROGATES.sub("x" * 12, self.text))
        return self._index

    def begin(self) -> Location:
        """Where the first value stands: found without parsing again, since every document is asked for it."""
        if self._begin is None:
            match = _LEADING.match(self.text)
            begin = match.end() if match else 0
            line = self.text.count("\n", 0, begin)
            self._begin = self.locate(line + 1, begin - self.text.rfind("\n", 0, begin))
        return self._begin

    def locate(self, line: int, column: int) -> Location:
        return Location(file=self.file, line=line + self.first_line, column=column)


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its value, and the places of its fields.

    `base` is the JSON pointer of the value inside the text: "" for a whole document, `/items/3` for an item of a List.
    """

    value: JSONValue
    source: _Text = field(repr=False)
    base: str = ""

    @property
    def location(self) -> Location:
        """Where the document begins (its first key, or the item of the List)."""
        if self.base:
            return self.locate("")
        return self.source.begin()

    def locate(self, pointer: str, *, key: bool = False) -> Location:
        """The place of the value at a JSON pointer, or of its key; where it is not there, of the nearest parent's key.

        A place inside what an alias or a merge brought is that of the alias.
        """
        index = self.source.index()
        wanted = self.base + pointer
        found = index.get(wanted)
        if found is not None:
            return self.source.locate(*(found[0] if key else found[1]))
        while wanted and found is None:
            wanted = wanted[: wanted.rfind("/")]
            found = index.get(wanted)
        return self.source.locate(*found[0]) if found else Location(file=self.source.file)

    def locate_text(self, pointer: str) -> Location | None:
        """Where the first line of a text stands; None for one that is not there.

        A block (`|`, `>`) begins on the line below its sign.
        """
        found = self.source.index().get(self.base + pointer)
        if found is None:
            return None
        line, column = found[1]
        written = self.source.text.split("\n", line)[line - 1][column - 1 :]
        return self.source.locate(line + 1, 1) if written[:1] in ("|", ">") else self.source.locate(line, column)

    def at(self, pointer: str, value: JSONValue) -> Document:
        """The same text, looked at from a place inside of it."""
        return Document(value, self.source, self.base + pointer)

    def comment_origin(self) -> str:
        """The template name in Helm's `# Source: chart/templates/x.yaml` line, "" without one."""
        match = _HELM_SOURCE.match(self.source.text)
        return match.group(1).strip() if match and not self.base else ""

    def all_places(self) -> dict[str, Location]:
        """JSON pointer to place for every field, containers included."""
        begin = len(self.base)
        return {
            pointer[begin:]: self.source.locate(*place)
            for pointer, (_, place) in self.source.index().items()
            if pointer.startswith(self.base)
        }

    def field_locations(self) -> FieldLocations:
        """The places of all scalar fields, made when first looked at."""
        return FieldLocations(self)


class FieldLocations(Mapping[str, Location]):
    """JSON pointer of a scalar field to its place. Lazy: ten thousand documents are read, few are asked."""

    __slots__ = ("_document", "_places")

    def __init__(self, document: Document) -> None:
        self._document = document
        self._places: dict[str, Location] | None = None

    def _load(self) -> dict[str, Location]:
        if self._places is None:
            source, base = self._document.source, self._document.base
            index = source.index()
            self._places = {
                pointer: source.locate(*index[base + pointer][1])
                for pointer in _scalar_pointers(self._document.value, "")
                if base + pointer in index
            }
        return self._places

    def __getitem__(self, pointer: str) -> Location:
        return self._load()[pointer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())


def _scalar_pointers(value: JSONValue, pointer: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _scalar_pointers(item, pointer + pointer_step(key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _scalar_pointers(item, f"{pointer}/{position}")
    else:
        yield pointer


# Helm prints the line right below the separator, which may be part of the text.
_HELM_SOURCE = re.compile(r"(?:---[^\n]*\n)?(?:[ \t]*\n)*# Source: ([^\n]+)")
# What stands before the first value: separator, comments, empty lines, spaces.
_LEADING = re.compile(r"(?:---[^\n]*\n|[ \t]*(?:#[^\n]*)?\n)*[ \t]*")
_SURROGATES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SEPARATOR = re.compile(r"^---([^\n]*)(?:\n|\Z)", re.MULTILINE)


def decode_text(raw: bytes, file: str) -> str:
    """The text of a file: UTF-8 or, by its byte order mark, UTF-16; every line ends with a line feed.

    Raises InputError `input-encoding`.
    """
    encoding = "utf-8"
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
    elif raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as exc:
        before = raw[: exc.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(encoding, "replace")) + 1
        byte = raw[exc.start]
        raise InputError(
            "input-encoding",
            f"byte 0x{byte:02x} is not valid {encoding.upper()}",
            hint="save the file as UTF-8",
            location=Location(file=file, line=line, column=column),
        ) from exc
    return text.replace("\r\n", "\n") if "\r" in text else text


def read_documents(raw: bytes, file: str, faults: list[InputError]) -> list[Document]:
    """All documents of one input that are not empty; what cannot be read is added to `faults`."""
    try:
        text = decode_text(raw, file)
    except InputError as exc:
        faults.append(exc)
        return []
    json_faults: list[InputError] = []
    if text.lstrip()[:1] == "{":
        documents = _read_json(text, file, json_faults)
        if documents is not None:
            faults += json_faults
            return documents
    documents = []
    yaml_faults: list[InputError] = []
    for chunk in _chunks(text, file, yaml_faults):
        try:
            value = load_yaml(chunk.text)
        except YAMLFault as exc:
            yaml_faults.append(_input_error(exc, chunk))
            continue
        if value is not None:
            documents.append(Document(value, chunk))
    # A .json file that is not YAML either was meant to be JSON.
    faults += json_faults if yaml_faults and file.endswith(".json") else yaml_faults
    return documents


def _chunks(text: str, file: str, faults: list[InputError]) -> Iterator[_Text]:
    begin = line = 0
    for match in _SEPARATOR.finditer(text):
        rest = match.group(1).strip()
        if match.start() > begin:
            yield _Text(file, text[begin : match.start()], line)
        line += text.count("\n", begin, match.start())
        # From here on the separator is part of the text, so that its line counts.
        begin = match.start()
        if rest and not rest.startswith("#"):
            faults.append(
                InputError(
                    "yaml-separator",
                    f"{rest!r} on the line of a document separator",
                    hint='"---" stands alone on its line',
                    location=Location(file=file, line=line + 1, column=match.group().index(rest) + 1),
                )
            )
            begin = match.end()
            line += 1
    if begin < len(text):
        yield _Text(file, text[begin:], line)


def _input_error(fault: YAMLFault, source: _Text) -> InputError:
    return InputError(fault.code, fault.message, hint=fault.hint, location=source.locate(fault.line, fault.column))


_SPACE = re.compile(r"[ \t\r\n]*")


def _read_json(text: str, file: str, faults: list[InputError]) -> list[Document] | None:
    """The objects of a JSON stream; None where it is rather YAML (flow style begins with a brace too)."""
    documents: list[Document] = []
    position = _skip_space(text, 0)
    while position < len(text):
        try:
            value, end = load_json(text, position)
        except JSONFault as exc:
            where = Location(file=file, line=exc.line, column=exc.column)
            faults.append(InputError(exc.code, exc.message, location=where))
            # As kubectl: one object or none so far may still be YAML.
            return None if exc.code == "json-syntax" and len(documents) <= 1 else documents
        column = position - (text.rfind("\n", 0, position) + 1)
        # Spaces keep the columns of a document that does not begin a line.
        chunk = _Text(file, " " * column + text[position:end], text.count("\n", 0, position))
        documents.append(Document(value, chunk))
        position = _skip_space(text, end)
    return documents


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
