"""`diff --against`: the files of a git revision, or of another folder, as the side that a diff starts from.

The former side is decided with its own settings, policies and fleet, from nothing; the present side starts from that
placement, as a run would after the former one was applied. So a change shows the moves that it causes, and no others.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from karmactl.cli.offline import Offline, decide_offline, open_offline, refuse_broken_objects
from karmactl.cli.runs import Request, fleet_options, read_run_inputs
from karmactl.cli.values import split_values
from karmactl.cli.wiring import Project, load_offline_members, load_project
from karmactl.core.model.plan import Plan
from karmactl.engine.offline import as_recorded, compare_offline
from karmactl.errors import GuardError, KarmactlError, UsageError
from karmactl.exec.git import Checkout, find_root, resolve_revision
from karmactl.files.settings import SETTINGS_NAME

__all__ = ["compare_against", "is_live"]

_GIT = "git:"


def is_live(against: str) -> bool:
    """Whether a diff is against the clusters. Raises UsageError `bad-against`."""
    if against == "last-applied":
        raise UsageError(
            "bad-against",
            "--against last-applied: the contents of former runs are not kept",
            hint="say live, git:REV or a folder",
        )
    return against in ("", "live")


def compare_against(request: Request, against: str) -> tuple[Plan, Offline]:
    """The changes from the former files to the present ones, and the present side.

    Raises UsageError `bad-against`, `against-not-in-git`, the codes of `exec.git`, and as reading and deciding do;
    errors in the former files name them as `git:REV:path`.
    """
    with _former_files(request, against) as former_files:
        former = _decide_former(former_files)
    offline = open_offline(request, record=as_recorded(former.decided))
    refuse_broken_objects(request, offline.decided)
    plan = compare_offline(
        former.decided,
        offline.decided,
        offline.fleet,
        against=against,
        set_name=offline.set_name,
        files=offline.inputs.files,
        only_clusters=frozenset(split_values(request.fleet.cluster)),
        options={"reschedule": True} if request.plan.reschedule else {},
    )
    return plan, offline


@dataclass(frozen=True, slots=True, kw_only=True)
class _FormerFiles:
    """The former side: what is read of it, its settings, where paths of flags start, and what errors call its files."""

    request: Request
    project: Project
    folder: Path
    label: str = ""


def _decide_former(files: _FormerFiles) -> Offline:
    with _labelled(files.label):
        # What was wrong then must not keep anybody from mending it.
        former = replace(files.request, inputs=replace(files.request.inputs, validate="ignore"))
        inputs = read_run_inputs(files.project, former, folder=files.folder, may_be_missing=True)
        options = fleet_options(files.request.fleet)
        try:
            members = load_offline_members(files.project, inputs, options)
        except GuardError:
            # The fleet itself is new in the files: templates and policies are compared on the present one.
            present = load_project()
            members = load_offline_members(present, read_run_inputs(present, files.request), options)
        return decide_offline(files.request, files.project, inputs, members)


@contextmanager
def _former_files(request: Request, against: str) -> Iterator[_FormerFiles]:
    if against.startswith(_GIT):
        with tempfile.TemporaryDirectory(prefix="karmactl-") as temporary:
            project, place = _from_git(request, against.removeprefix(_GIT), Path(temporary).resolve())
            yield _FormerFiles(request=request, project=project, folder=place, label=f"{against}:")
        return
    folder = Path(against)
    if not folder.is_dir():
        raise UsageError("bad-against", f"--against {against}: there is no such folder", hint="or say git:REV, or live")
    if (folder / SETTINGS_NAME).is_file():
        yield _FormerFiles(request=request, project=load_project(folder), folder=folder, label=f"{folder}/")
        return
    # A folder of manifests: all that is in it, under the present settings.
    whole = replace(request.inputs, filename=[against], kustomize=None, recursive=True)
    yield _FormerFiles(request=replace(request, inputs=whole), project=load_project(), folder=Path.cwd())


def _from_git(request: Request, revision: str, folder: Path) -> tuple[Project, Path]:
    here = Path.cwd().resolve()
    root = find_root(here).resolve()
    checkout = Checkout(root, resolve_revision(root, revision), folder)
    inside = here.relative_to(root)
    # So that karmactl.yaml is looked for up to here, as in the repository itself.
    (folder / ".git").mkdir()
    checkout.fetch([str(parent / SETTINGS_NAME) for parent in (inside, *inside.parents)])
    place = folder / inside
    place.mkdir(parents=True, exist_ok=True)
    project = load_project(place)
    if project.file is None:
        present = load_project()
        moved = folder / os.path.relpath(present.folder.resolve(), root)
        project = replace(present, folder=moved)
    flags = (*split_values(request.inputs.filename), *split_values(request.inputs.kustomize))
    if request.inputs.kustomize:
        # A kustomization may build on any other folder.
        checkout.fetch([""])
    elif flags:
        checkout.fetch(_tracked(flags, inside, root))
    else:
        base = Path(os.path.relpath(project.folder, folder))
        checkout.fetch(_tracked(project.settings.inputs, base, root))
    return project, place


def _tracked(paths: Sequence[str], base: Path, root: Path) -> list[str]:
    """The paths from the root; of a pattern the folder that it begins with. Raises UsageError `against-not-in-git`."""
    found = []
    for path in paths:
        if path == "-" or "://" in path:
            what = "the standard input" if path == "-" else path
            raise UsageError("against-not-in-git", f"{what} has no former version", hint="name files of the repository")
        if Path(path).is_absolute():
            raise UsageError(
                "against-not-in-git",
                f"-f {path}: say the path from the working folder",
                hint="relative paths are moved",
            )
        parts = Path(path).parts
        plain = next((number for number, part in enumerate(parts) if set(part) & set("*?[")), len(parts))
        inside = os.path.normpath(base / Path(*parts[:plain]))
        if inside.startswith(".."):
            raise UsageError(
                "against-not-in-git", f"{path} lies outside of {root}", hint="name files of the repository"
            )
        found.append("" if inside == "." else inside)
    return found


@contextmanager
def _labelled(label: str) -> Iterator[None]:
    """Errors of the former side name its files as such."""
    try:
        yield
    except KarmactlError as error:
        _relabel(error, label)
        raise
    except BaseExceptionGroup as group:
        for leaf in _leaves(group):
            _relabel(leaf, label)
        raise


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for part in group.exceptions:
        if isinstance(part, BaseExceptionGroup):
            yield from _leaves(part)
        else:
            yield part


def _relabel(leaf: BaseException, label: str) -> None:
    if isinstance(leaf, KarmactlError) and leaf.location is not None:
        leaf.location = replace(leaf.location, file=f"{label}{leaf.location.file}")
