"""The one writer of files: whole or not at all, also when the machine stops in between.

A file is written beside its place under a temporary name, synced, and renamed over the old one; then the folder is
synced. Readers therefore see the old content or the new one, never a part.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from karmactl.errors import UsageError

__all__ = ["write_file"]

PRIVATE = 0o600


def write_file(
    path: Path, content: str | bytes, *, is_private: bool = False, is_new: bool = False, is_synced: bool = True
) -> None:
    """Write a file whole; folders on the way are made.

    What is no file (a pipe, a terminal, `/dev/stdout`) is written to, never replaced. An existing file keeps its mode;
    a new one gets 0644 less the umask. `is_private` means 0600 in both cases. A link is followed. `is_new` refuses a
    file that exists (`file-exists`), also one that appears meanwhile. `is_synced` False leaves it to the system when it
    reaches the disk: for many files that a further run would write again.
    Raises UsageError `file-exists` or `file-not-written`.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if not is_new and _is_special(path):
            path.write_bytes(data)
            return
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                # mkstemp makes it 0600: secrets are never readable in between.
                os.fchmod(stream.fileno(), PRIVATE if is_private else _mode(target))
                stream.write(data)
                stream.flush()
                if is_synced:
                    os.fsync(stream.fileno())
            if is_new:
                os.link(temporary, target)
                Path(temporary).unlink()
            else:
                Path(temporary).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
        if is_synced:
            _sync_folder(target.parent)
    except FileExistsError as exc:
        raise UsageError("file-exists", f"{path} exists already", hint="remove it, or choose another folder") from exc
    except (OSError, ValueError) as exc:
        raise UsageError(
            "file-not-written", f"{path} cannot be written: {getattr(exc, 'strerror', None) or exc}"
        ) from exc


def _is_special(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _mode(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o644 & ~mask


def _sync_folder(folder: Path) -> None:
    """So that the rename itself survives a crash; file systems that cannot do it are left alone."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
