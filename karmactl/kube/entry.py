"""One named entry of a kubeconfig, its fields read with their type checked, and faults told with file and line.

No fault quotes the value of a field that may be a key or token.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from karmactl.core.model.manifest import JSONValue
from karmactl.errors import Location, UsageError
from karmactl.kube.yaml_text import line_of

__all__ = ["Entry", "broken_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A cluster, user or context, and the file and list that it came from.

    All methods that read raise UsageError `kubeconfig-broken`.
    """

    name: str
    file: Path
    section: str
    index: int
    value: Mapping[str, JSONValue] = field(repr=False)

    def text(self, key: str) -> str:
        """The text of a field, "" where it is absent or null."""
        value = self.value.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.broken(key, f"{key} of {self.name!r} is not a text")
        return value

    def flag(self, key: str) -> bool:
        """Whether a field is true."""
        value = self.value.get(key)
        if value is not None and not isinstance(value, bool):
            self.broken(key, f"{key} of {self.name!r} is neither true nor false")
        return value is True

    def pem(self, key: str) -> bytes:
        """The bytes of `<key>-data`, else of the file that `<key>` names, else nothing (data wins, as in client-go)."""
        if data := self.text(f"{key}-data"):
            try:
                return base64.b64decode(data, validate=False)
            except (binascii.Error, ValueError):
                self.broken(f"{key}-data", f"{key}-data of {self.name!r} is not base64")
        name = self.text(key)
        if not name:
            return b""
        path = self.path(name)
        try:
            return path.read_bytes()
        except OSError as error:
            self.broken(key, f"{key} of {self.name!r}: cannot read {path}: {error.strerror}")

    def path(self, name: str) -> Path:
        """A path in the file, relative to the file's own folder."""
        return self.file.parent / name

    def broken(self, key: str, message: str, *, hint: str = "") -> NoReturn:
        """Raises the fault of a field."""
        broken_at(self.file, (self.section, self.index, self.section[:-1], key), message, hint=hint)


def broken_at(path: Path, where: tuple[str | int, ...], message: str, *, hint: str = "") -> NoReturn:
    """Raises UsageError `kubeconfig-broken` for a path of keys and indexes in a file."""
    # `from None`: a cause could quote the value, and values here are keys and tokens.
    raise UsageError(
        "kubeconfig-broken",
        message,
        hint=hint,
        location=Location(file=str(path), line=line_of(path.read_bytes(), where)),
    ) from None
