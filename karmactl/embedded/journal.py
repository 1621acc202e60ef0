"""What keeps a cluster over restarts: a file with one line for each write, appended before the write is answered.

A line is the CRC-32 of what follows in eight hex digits, a space, and a JSON list:

    ["begin", revision]                                          nothing before this version is known
    ["put", revision, group, plural, namespace, name, object]
    ["remove", revision, group, plural, namespace, name]
    ["token", token, {name, uid, groups}]                        a token that was issued to a user

A process that is killed in the middle of a line leaves half of one at the end, which nobody was told of: it is dropped.
Once the lines are many more than the objects, the file is written anew beside the old one and takes its place. The
operating system keeps what a killed process wrote; what a lost machine had not yet put on its disk is not waited for.
"""

import os
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from karmactl.embedded.authn import User
from karmactl.embedded.encode import dumps
from karmactl.embedded.store import Change, Store

LEAST_REWRITE = 8 * 1024 * 1024  # bytes appended before a rewrite is thought of


class DamagedError(Exception):
    """The file is no journal, or was changed by somebody else; the message says where."""


class Journal:
    """The file of one cluster."""

    def __init__(self, path: Path) -> None:
        """A journal that may exist already; nothing is read or written yet."""
        self.path = path
        self._store: Store | None = None
        self._tokens: dict[str, User] = {}
        self._file = -1
        self._size = self._since = self._base = 0

    def restore(self, store: Store) -> bool:
        """Fills an empty store with what the file has, and tells whether it has anything; raises DamagedError."""
        self._store = store
        found = False
        for record in self._records():
            kind, rest = record[0], record[1:]
            if kind == "token":
                self._tokens[rest[0]] = User(name=rest[1]["name"], uid=rest[1]["uid"], groups=tuple(rest[1]["groups"]))
            elif kind == "begin":
                store.begin(rest[0])
            else:
                found = True
                revision, group, plural, namespace, name = rest[:5]
                store.replay(revision, (group, plural), (namespace, name), rest[5] if kind == "put" else None)
        return found

    @property
    def tokens(self) -> dict[str, User]:
        """The tokens that were issued, with whom they stand for."""
        return dict(self._tokens)

    def follow(self) -> None:
        """Writes down the store as it is, where the file does not have it yet, and every change from now on."""
        assert self._store is not None
        if self._size == 0:
            self._rewrite()
        else:
            self._open()
        self._store.listeners.insert(0, self._note)

    def note_token(self, token: str, user: User) -> None:
        """Writes down a token."""
        self._tokens[token] = user
        self._append(_token_line(token, user))

    def close(self) -> None:
        """Ends the writing, with everything on the disk."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1

    # ---- reading

    def _records(self) -> Iterator[list[Any]]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        start = number = 0
        while start < len(content):
            number += 1
            end = content.find(b"\n", start)
            record = _read(content[start:end]) if end >= 0 else None
            if record is None:
                if end >= 0 and end + 1 < len(content):
                    raise DamagedError(f"{self.path}: line {number} is damaged")
                break
            yield record
            start = end + 1
        self._size = start
        if start < len(content):
            os.truncate(self.path, start)

    # ---- writing

    def _open(self) -> None:
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
        self._base = self._size

    def _note(self, change: Change) -> None:
        self._append(_change_line(change))
        if self._since > max(LEAST_REWRITE, 2 * self._base):
            self._rewrite()

    def _append(self, line: bytes) -> None:
        """Appends a line whole or not at all; raises OSError where the disk takes no more."""
        if self._file < 0:
            return
        try:
            written = os.write(self._file, line)
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(line)
        self._since += len(line)

    def _rewrite(self) -> None:
        """Writes the present state to a new file, which takes the old one's place at once."""
        assert self._store is not None
        temporary = self.path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(_state_lines(self._store, self._tokens))
            file.flush()
            os.fsync(file.fileno())
            self._size = file.tell()
        temporary.replace(self.path)
        if self._file >= 0:
            os.close(self._file)
        self._since = 0
        self._open()


def _state_lines(store: Store, tokens: dict[str, User]) -> Iterator[bytes]:
    yield _line(["begin", store.revision])
    for token, user in tokens.items():
        yield _token_line(token, user)
    for table in store.tables:
        for key in store.keys(table):
            obj = store.tables[table][key]
            yield _line(["put", int(obj["metadata"]["resourceVersion"]), *table, *key, obj])


def _change_line(change: Change) -> bytes:
    if change.new is None:
        return _line(["remove", change.revision, *change.table, *change.key])
    return _line(["put", change.revision, *change.table, *change.key, change.new])


def _token_line(token: str, user: User) -> bytes:
    known = asdict(user)
    return _line(["token", token, {key: known[key] for key in ("name", "uid", "groups")}])


def _line(record: list[Any]) -> bytes:
    text = dumps(record)
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _read(line: bytes) -> list[Any] | None:
    """The record of a line, None where it is not whole."""
    if len(line) < 10 or line[8:9] != b" ":
        return None
    text = line[9:]
    try:
        if int(line[:8], 16) != zlib.crc32(text):
            return None
        value = orjson.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, list) and value else None
