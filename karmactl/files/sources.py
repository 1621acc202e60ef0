"""Where inputs come from: files, folders, globs, the standard input and URLs, to (name, bytes) in a stable order.

A folder gives what kubectl would read there (`*.yaml`, `*.yml`, `*.json`), without what is known by name to be no
manifest: policy tests, karmactl's own files, kustomizations. A path that was named itself is always read. The name of
a source is the path as the user wrote it, so that an error can be clicked.
"""

from __future__ import annotations

import glob
import http.client
import os
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from karmactl.errors import InputError, Location

__all__ = ["STDIN_NAME", "Source", "open_sources"]

STDIN_NAME = "stdin"
_EXTENSIONS = (".yaml", ".yml", ".json")
_URL_TIMEOUT_SECONDS = 30.0
_URL_MAX_BYTES = 64 * 1024 * 1024
# More than any folder of manifests: a device that never ends must not take all memory first.
_FILE_MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One input that was read: its name as the user wrote it, and its bytes."""

    name: str
    raw: bytes


def open_sources(
    paths: Sequence[str],
    *,
    base: Path,
    is_recursive: bool,
    stdin: BinaryIO | None,
    faults: list[InputError],
) -> list[Source]:
    """Everything that the paths name, each file once, in the order of the paths and by name inside a folder.

    Relative paths start at `base`. `-` reads `stdin`. What cannot be read is added to `faults`: `input-not-found`,
    `input-unreadable`, `input-too-large`, `input-empty-folder`, `input-no-stdin`, `url-unreachable`, `url-refused`,
    `url-not-manifest`, `url-too-large`.
    """
    sources: list[Source] = []
    seen: set[tuple[int, int]] = set()
    is_stdin_read = False
    for path in _split(paths, base):
        try:
            if path == "-":
                if not is_stdin_read:
                    sources.append(_read_stdin(stdin))
                is_stdin_read = True
            elif path.startswith(("http://", "https://")):
                sources.append(_read_url(path))
            else:
                for name in _files(path, base, is_recursive):
                    # What is named itself may be a pipe (`-f <(helm template ...)`); one that lies about in a folder
                    # may have no writer, and opening it would wait for ever.
                    if name != str(Path(path)) and _is_special(base / name):
                        faults.append(
                            _fault("input-unreadable", "it is a pipe, a socket or a device, not a file", name)
                        )
                    else:
                        _read_file(name, base, sources, seen, faults)
        except InputError as exc:
            faults.append(exc)
        except (OSError, ValueError) as exc:
            # Names that no file can have: longer than the system takes, or with a NUL in them.
            faults.append(_fault("input-unreadable", getattr(exc, "strerror", None) or str(exc), path))
    return [source for source in sources if source.raw]


def _split(paths: Sequence[str], base: Path) -> Iterator[str]:
    """Commas separate paths, as in kubectl, unless a file is really called so."""
    for path in paths:
        if "," not in path or path.startswith(("http://", "https://")) or (base / path).exists():
            yield path
        else:
            yield from (part for part in path.split(",") if part)


def _files(path: str, base: Path, is_recursive: bool) -> Iterator[str]:
    """The names of the files that one path stands for. Raises InputError `input-not-found`, `input-empty-folder`."""
    place = base / path
    if not path:
        raise _fault("input-not-found", "an empty path", path)
    if place.is_dir():
        yield from _folder(path, base, is_recursive)
    elif place.exists():
        yield str(Path(path))
    elif glob.has_magic(path):
        matches = sorted(glob.glob(path, root_dir=base, recursive=True))  # noqa: PTH207 (keeps the path as it was written)
        if not matches:
            raise _fault("input-not-found", f"the pattern {path!r} matches no file", path)
        for match in matches:
            if (base / match).is_dir():
                yield from _folder(match, base, is_recursive)
            elif not _is_no_manifest(Path(match).name):
                yield str(Path(match))
    else:
        raise _fault("input-not-found", f'the path "{path}" does not exist', path)


def _folder(path: str, base: Path, is_recursive: bool) -> list[str]:
    folder = str(Path(path))
    prefix = "" if folder == "." else f"{folder.rstrip('/')}/"
    found = sorted(_walk(base / path, prefix, is_recursive))
    if not found:
        hint = "-R reads the folders below it too" if not is_recursive and any(_walk(base / path, "", True)) else ""
        raise _fault("input-empty-folder", "the folder has no manifest (*.yaml, *.yml, *.json)", path, hint)
    return found


def _walk(folder: Path, prefix: str, is_recursive: bool) -> Iterator[str]:
    """The names of a folder's manifests, each with the prefix that leads there."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                # As kubectl's walk: links to folders are not followed, so that a loop cannot be entered.
                if not _is_looping(entry) and entry.is_dir():
                    if is_recursive and not entry.is_symlink():
                        yield from _walk(folder / entry.name, f"{prefix}{entry.name}/", is_recursive)
                elif entry.name.endswith(_EXTENSIONS) and not _is_no_manifest(entry.name):
                    yield prefix + entry.name
    except OSError as exc:
        raise _fault("input-unreadable", exc.strerror or str(exc), prefix.rstrip("/") or str(folder)) from exc


def _is_looping(entry: os.DirEntry[str]) -> bool:
    """Whether it is a link that leads to itself: then reading it is the fault to report, not the folder's."""
    try:
        entry.is_dir()
    except OSError:
        return True
    return False


def _is_special(path: Path) -> bool:
    """Whether there is something that is neither a file nor a folder."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _printable(name: str) -> str:
    """The name as every output can show it: bytes that are no UTF-8 are escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _is_no_manifest(name: str) -> bool:
    stem = name.rsplit(".", 1)[0]
    return stem.endswith(".test") or stem in {"karmactl", "kustomization", "Kustomization"}


def _read_file(
    name: str, base: Path, sources: list[Source], seen: set[tuple[int, int]], faults: list[InputError]
) -> None:
    """Read a file, unless it has been read already by this or another name."""
    try:
        with (base / name).open("rb") as stream:
            status = os.fstat(stream.fileno())
            if (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                raw = stream.read(_FILE_MAX_BYTES + 1)
                if len(raw) > _FILE_MAX_BYTES:
                    faults.append(_too_large(name))
                    return
                sources.append(Source(name=_printable(name), raw=raw))
    except OSError as exc:
        faults.append(_fault("input-unreadable", exc.strerror or str(exc), name))


def _read_stdin(stdin: BinaryIO | None) -> Source:
    if stdin is None:
        raise InputError("input-no-stdin", "there is no standard input to read from", location=Location(file="-"))
    raw = stdin.read(_FILE_MAX_BYTES + 1)
    if len(raw) > _FILE_MAX_BYTES:
        raise _too_large(STDIN_NAME)
    return Source(name=STDIN_NAME, raw=raw)


def _read_url(url: str) -> Source:
    try:
        with urllib.request.urlopen(url, timeout=_URL_TIMEOUT_SECONDS) as response:
            kind = response.headers.get_content_type()
            raw = response.read(_URL_MAX_BYTES + 1)
    except urllib.error.HTTPError as exc:
        exc.close()
        raise _fault("url-refused", f"the server answered {exc.code} {exc.reason}", url) from exc
    except (OSError, http.client.HTTPException, ValueError) as exc:
        reason = exc.reason if isinstance(exc, urllib.error.URLError) else exc
        raise _fault("url-unreachable", f"no answer: {reason}", url) from exc
    if len(raw) > _URL_MAX_BYTES:
        raise _fault("url-too-large", f"the answer is larger than {_URL_MAX_BYTES // 1024 // 1024} MiB", url)
    if kind == "text/html":
        raise _fault("url-not-manifest", "the answer is a web page", url, "use the address of the raw file")
    return Source(name=url, raw=raw)


def _too_large(name: str) -> InputError:
    return _fault("input-too-large", f"it is larger than {_FILE_MAX_BYTES // 1024 // 1024} MiB", name)


def _fault(code: str, message: str, name: str, hint: str = "") -> InputError:
    return InputError(code, message, hint=hint, location=Location(file=_printable(name)))
