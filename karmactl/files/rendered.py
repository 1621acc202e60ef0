"""Rendered folders: files that karmactl wrote and may write again, and the user's own, which it never touches.

Every file begins with a mark. Only files that differ are written, so that a folder in version control shows what
changed; files that nothing asks for any more go, if they carry the mark.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from karmactl.errors import GuardError, UsageError
from karmactl.files.write import PRIVATE, write_file

__all__ = ["MARK", "RenderedChange", "RenderedFile", "write_rendered"]

MARK: Final = "# Written by `karmactl render`; it will be written again, so change the inputs instead.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFile:
    """One file: its path from the folder (with `/`), what makes its content, and whether others may read it."""

    path: str
    text: Callable[[], str]
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RenderedChange:
    """What becomes of one file: `sign` is `+` new, `~` changed, `-` gone."""

    path: str
    sign: str


def write_rendered(
    folder: Path, files: Sequence[RenderedFile], *, members: Collection[str] | None, is_check: bool
) -> list[RenderedChange]:
    """Bring the folder to the files; what changed, sorted by path. With `is_check` nothing is written.

    `members` are the folders inside that are looked at for files to remove (None: all). Raises GuardError
    `render-not-ours` before anything is written where a file without the mark is in the way, UsageError
    `file-not-written`.
    """
    foreign = [file.path for file in files if not _is_ours(folder / file.path)]
    if foreign:
        raise GuardError(
            "render-not-ours",
            f"{folder / foreign[0]} was not written by karmactl render",
            why=f"{len(foreign)} such files are in the way" if len(foreign) > 1 else "",
            hint="choose another --out-dir, or remove the file",
        )
    changes = [change for file in files if (change := _write(folder, file, is_check=is_check)) is not None]
    wanted = {file.path for file in files}
    for path in _written(folder, members):
        if path not in wanted:
            changes.append(RenderedChange(path=path, sign="-"))
            if not is_check:
                _remove(folder, path)
    return sorted(changes)


def _write(folder: Path, file: RenderedFile, *, is_check: bool) -> RenderedChange | None:
    target, data = folder / file.path, (MARK + file.text()).encode()
    try:
        old = target.read_bytes()
        is_open = file.is_private and target.stat().st_mode & 0o777 != PRIVATE
    except FileNotFoundError:
        old, is_open = None, False
    except OSError as exc:
        raise UsageError("file-not-written", f"{target} cannot be read: {exc.strerror or exc}") from exc
    if old == data and not is_open:
        return None
    if not is_check:
        write_file(target, data, is_private=file.is_private, is_synced=False)
    return RenderedChange(path=file.path, sign="+" if old is None else "~")


def _is_ours(path: Path) -> bool:
    """Whether a path is free, or holds a file with the mark."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(MARK)) == MARK.encode()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def _written(folder: Path, members: Collection[str] | None) -> Iterator[str]:
    """The files with the mark, links left aside."""
    for member in _folders(folder):
        if members is not None and member not in members:
            continue
        for place, _, names in os.walk(folder / member):
            for name in sorted(names):
                path = Path(place) / name
                if name.endswith(".yaml") and not path.is_symlink() and _is_ours(path):
                    yield path.relative_to(folder).as_posix()


def _folders(folder: Path) -> Iterable[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return ()


def _remove(folder: Path, path: str) -> None:
    target = folder / path
    try:
        target.unlink(missing_ok=True)
        for parent in target.parents:
            if parent == folder or any(parent.iterdir()):
                break
            parent.rmdir()
    except OSError as exc:
        raise UsageError("file-not-written", f"{target} cannot be removed: {exc.strerror or exc}") from exc
