"""`karmactl render`: the final objects of every cluster, to stdout or into a folder that version control can hold.

Objects are as `apply` would send them, but for the label that makes them the set's own: whoever applies these does it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from karmactl.cli.exits import Exit
from karmactl.cli.offline import open_offline, refuse_broken_objects
from karmactl.cli.options import AskFlags, FleetFlags, InputFlags, PlanFlags, ShowFlags, bundled
from karmactl.cli.output import Printer
from karmactl.cli.runs import Request, open_run, run_async
from karmactl.cli.values import split_values
from karmactl.core.model.input import InputFile, InputSet
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.work import Work
from karmactl.core.pipeline import Decided
from karmactl.engine.faults import refuse_faults
from karmactl.engine.refuse import placement_errors
from karmactl.engine.session import look
from karmactl.errors import GuardError, UsageError
from karmactl.files.dump import dump_yaml
from karmactl.files.rendered import RenderedFile, write_rendered
from karmactl.render.manifest_files import file_paths, folder_name
from karmactl.render.names import counted
from karmactl.render.text import clean

__all__ = ["command"]

_SECRETS = ("refuse", "skip", "keep")


@bundled
def command(
    inputs: InputFlags,
    fleet: FleetFlags,
    plan: PlanFlags,
    ask: AskFlags,
    out_dir: Annotated[
        str, typer.Option("--out-dir", help="Write OUT/<member>/<namespace>/<kind>-<name>.yaml instead of stdout.")
    ] = "",
    secrets: Annotated[
        str, typer.Option("--secrets", help="refuse; skip them; keep them, in files that you alone can read.")
    ] = "refuse",
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where the folder differs.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and no list of files.")] = False,
) -> int:
    """Write the final objects of every cluster, after placement and overrides."""
    _check_usage(out_dir, secrets, is_check=check)
    if out_dir and plan.selector:
        raise UsageError(
            "bad-selector", "-l with --out-dir", hint="a folder is written whole, or what does not match would vanish"
        )
    printer = Printer(ShowFlags(quiet=quiet))
    request = Request(fleet=fleet, inputs=inputs, plan=plan, is_rendering=True)
    if ask.is_offline:
        offline = open_offline(request)
        printer.warn_of_inputs(offline.inputs.warnings)
        decided, inputs_read = offline.decided, offline.inputs
        refuse_broken_objects(request, decided)
    else:
        decided, inputs_read = run_async(lambda: _decide_live(request, printer))
    if out_dir:
        _refuse_inputs(Path(out_dir), inputs_read.files)
    if not plan.skip_unplaceable and (unplaceable := placement_errors(decided.decisions)):
        raise ExceptionGroup("unplaceable", unplaceable)
    chosen = split_values(fleet.cluster)
    clusters = [cluster.name for cluster in decided.clusters if not chosen or cluster.name in chosen]
    refuse_faults(decided, clusters)
    _refuse_secrets(decided, clusters, secrets)
    if not out_dir:
        _to_stdout(decided, clusters)
        return Exit.DONE
    changes = write_rendered(
        Path(out_dir),
        [file for cluster in clusters for file in _files(decided, cluster, has_secrets=secrets == "keep")],
        members={folder_name(cluster) for cluster in clusters} if chosen else None,
        is_check=check,
    )
    if not quiet:
        sys.stdout.write("".join(f"{change.sign} {change.path}\n" for change in changes))
        told = f"{'different' if check else 'changed'}: {counted(len(changes), 'file')}"
        printer.note_text(told if changes else "the folder is as it should be")
    return Exit.DIFFERENCES if check and changes else Exit.DONE


def _check_usage(out_dir: str, secrets: str, *, is_check: bool) -> None:
    if secrets not in _SECRETS:
        raise UsageError("bad-usage", f"--secrets {secrets}: no such choice", hint="say refuse, skip or keep")
    if secrets == "keep" and not out_dir:
        raise UsageError(
            "bad-usage",
            "--secrets keep writes files: values of Secrets never go to stdout",
            hint="say --out-dir, or --secrets skip",
        )
    if is_check and not out_dir:
        raise UsageError("bad-usage", "--check compares a folder", hint="say --out-dir")


def _refuse_inputs(folder: Path, files: Sequence[InputFile]) -> None:
    """Raise UsageError `render-into-inputs` where the next run would read what this one writes."""
    own = next((file.path for file in files if Path(file.path).resolve().is_relative_to(folder.resolve())), None)
    if own is not None:
        raise UsageError(
            "render-into-inputs",
            f"--out-dir {folder}: {own} is read from there",
            why="rendered objects would be templates of the next run",
            hint="choose a folder outside of the inputs",
        )


async def _decide_live(request: Request, printer: Printer) -> tuple[Decided, InputSet]:
    async with AsyncExitStack() as stack:
        with printer.progress() as reporter:
            running = await open_run(stack, request, reporter)
            printer.warn_of_inputs(running.inputs.warnings)
            decided, view = await look(running.session)
    if view.failures:
        # What is written must not depend on who happened to answer.
        raise ExceptionGroup("members", [failure for _, failure in sorted(view.failures.items())])
    return decided, running.inputs


def _is_secret(ref: ResourceRef) -> bool:
    return (ref.group, ref.kind) == ("", "Secret")


def _works(decided: Decided, cluster: str) -> Iterator[Work]:
    return (work for work in decided.works(cluster) if isinstance(work, Work))


def _refuse_secrets(decided: Decided, clusters: Sequence[str], secrets: str) -> None:
    """Raise GuardError `render-secrets` where Secrets would be written and nobody said what to do with them."""
    if secrets != "refuse":
        return
    chosen = set(clusters)
    found = [
        decision.ref
        for decision in decided.decisions
        if _is_secret(decision.ref) and chosen & {target.name for target in decision.targets}
    ]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        raise GuardError(
            "render-secrets",
            f"{found[0]}{more} would be written with its values",
            hint="--secrets skip leaves them out; --secrets keep writes them for you alone to read",
            resource=str(found[0]),
        )


def _to_stdout(decided: Decided, clusters: Sequence[str]) -> None:
    separator = ""
    for cluster in clusters:
        for work in _works(decided, cluster):
            if not _is_secret(work.resource):
                sys.stdout.write(f"{separator}# cluster: {clean(cluster)}\n{dump_yaml(work.manifest)}")
                separator = "---\n"


def _files(decided: Decided, cluster: str, *, has_secrets: bool) -> list[RenderedFile]:
    """The files of one cluster; contents are made when they are written."""
    works = [work for work in _works(decided, cluster) if has_secrets or not _is_secret(work.resource)]
    paths = file_paths(cluster, [work.resource for work in works])
    return [
        RenderedFile(path=path, text=partial(dump_yaml, work.manifest), is_private=_is_secret(work.resource))
        for path, work in zip(paths, works, strict=True)
    ]
