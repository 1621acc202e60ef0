"""Files as they were at a git revision: read from git's object store into a folder, without touching the work tree.

No `git worktree`, no checkout, no index: neither the user's files nor a run beside this one can notice. Blobs come as
they are stored (`ls-tree` and `cat-file`): `git archive` would leave out and rewrite files as attributes ask.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from karmactl.errors import UsageError
from karmactl.exec.program import Finished, find_program, run_program

__all__ = ["Checkout", "find_root", "head_commit", "resolve_revision"]

_TIMEOUT_SECONDS = 120.0
# Blobs asked for at a time: their contents are in memory together.
_BLOBS_AT_ONCE = 500
_LINK = "120000"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Blob:
    """One file of a tree: its mode, the id of its content, and its path from the root of the repository."""

    mode: str
    id: str
    path: str


def find_root(folder: Path) -> Path:
    """The root of the repository that a folder lies in. Raises UsageError `git-missing`, `not-a-repository`."""
    found = _git(folder, "rev-parse", "--show-toplevel")
    root = found.output.decode("utf-8", "surrogateescape").rstrip("\n")
    if found.status != 0 or not root:
        raise UsageError(
            "not-a-repository",
            f"{folder} is in no git repository that can be read",
            why=found.said,
            hint="say --against DIR to compare with another folder",
        )
    return Path(root)


def head_commit(folder: Path) -> str:
    """The short commit of HEAD, with `+` where tracked files below the folder differ from it.

    "" where the folder is in no repository, or git is not there: nothing that a run could depend on.
    """
    try:
        found = _git(folder, "rev-parse", "--short=7", "--verify", "--quiet", "HEAD^{commit}")
        commit = found.output.decode("ascii", "replace").strip()
        if found.status != 0 or not commit:
            return ""
        is_dirty = _git(folder, "diff-index", "--quiet", "HEAD", "--", ".").status != 0
    except UsageError:
        return ""
    return f"{commit}+" if is_dirty else commit


def resolve_revision(root: Path, revision: str) -> str:
    """The commit that a revision (a branch, tag, commit, `HEAD~1`, ...) names. Raises UsageError `revision-unknown`."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = found.output.decode("ascii", "replace").strip()
    if found.status != 0 or not commit:
        raise UsageError(
            "revision-unknown",
            f"git knows no commit {revision!r} here",
            why=found.said,
            hint="a clone may hold one commit alone: `git fetch --depth=1 origin BRANCH`, then git:FETCH_HEAD",
        )
    return commit


class Checkout:
    """A folder that gets the files of one commit, path by path, as they are asked for."""

    def __init__(self, root: Path, commit: str, folder: Path) -> None:
        self.folder = folder
        self._root = root
        self._commit = commit
        self._here: set[str] = set()

    def fetch(self, paths: Sequence[str]) -> None:
        """Bring files, and folders whole, by their paths from the root; "" is the whole tree.

        What the commit does not have is left out. Raises UsageError `git-failed`.
        """
        wanted = [blob for blob in self._list(paths) if blob.path not in self._here]
        for start in range(0, len(wanted), _BLOBS_AT_ONCE):
            some = wanted[start : start + _BLOBS_AT_ONCE]
            for blob, content in zip(some, self._read(some), strict=True):
                self._write(blob, content)
                self._here.add(blob.path)

    def _list(self, paths: Sequence[str]) -> list[_Blob]:
        # Paths are prefixes for ls-tree, never patterns.
        chosen = [] if "" in paths or "." in paths else ["--", *paths]
        found = self._run("ls-tree", "-r", "-z", "--full-tree", self._commit, *chosen)
        blobs = []
        for row in found.output.split(b"\0")[:-1]:
            head, _, name = row.partition(b"\t")
            mode, kind, object_id = head.decode("ascii").split()
            # A submodule is a commit: its files are in another repository.
            if kind == "blob":
                blobs.append(_Blob(mode=mode, id=object_id, path=name.decode("utf-8", "surrogateescape")))
        return blobs

    def _read(self, blobs: Sequence[_Blob]) -> Iterator[bytes]:
        asked = "".join(f"{blob.id}\n" for blob in blobs).encode()
        output = self._run("cat-file", "--batch", stdin=asked).output
        position = 0
        for blob in blobs:
            end = output.find(b"\n", position)
            head = output[position:end].split()
            if end < 0 or len(head) != 3 or head[0].decode("ascii", "replace") != blob.id:
                raise UsageError("git-failed", f"git has no content for {blob.path} at {self._commit[:12]}")
            size = int(head[2])
            yield output[end + 1 : end + 1 + size]
            position = end + size + 2

    def _write(self, blob: _Blob, content: bytes) -> None:
        parts = PurePosixPath(blob.path).parts
        if blob.path.startswith("/") or ".." in parts or ".git" in parts:
            return
        target = self.folder / blob.path
        target.parent.mkdir(parents=True, exist_ok=True)
        if blob.mode != _LINK:
            target.write_bytes(content)
            return
        # A link out of the tree is none: it would read files of this machine under the name of a revision.
        to = os.fsdecode(content)
        inside = os.path.normpath(target.parent / to)
        if not to.startswith("/") and Path(inside).is_relative_to(self.folder):
            target.symlink_to(to)

    def _run(self, *arguments: str, stdin: bytes = b"") -> Finished:
        found = _git(self._root, *arguments, stdin=stdin)
        if found.status != 0:
            raise UsageError("git-failed", f"git {arguments[0]} ended with status {found.status}", why=found.said)
        return found


def _git(folder: Path, *arguments: str, stdin: bytes = b"") -> Finished:
    program = find_program("git")
    if program is None:
        raise UsageError("git-missing", "git is not installed", hint="say --against DIR to compare with a folder")
    return run_program([program, *arguments], folder=folder, timeout_seconds=_TIMEOUT_SECONDS, stdin=stdin)
