"""`karmactl clusters snapshot`: what every member says of itself, as Cluster files for previews without access."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from karmactl.cli.exits import Exit
from karmactl.cli.members import Seen, ask_members
from karmactl.cli.options import FleetFlags
from karmactl.cli.wiring import system_clock
from karmactl.core.encode import encode_cluster
from karmactl.core.facts import FactsNeeded
from karmactl.core.model.cluster import OBSERVED_AT, Cluster
from karmactl.errors import UsageError
from karmactl.files.dump import dump_documents, dump_yaml
from karmactl.files.write import write_file
from karmactl.render.manifest_files import folder_name
from karmactl.render.text import clean
from karmactl.render.words import say

__all__ = ["snapshot"]

_EVERYTHING = FactsNeeded(nodes=True, capacity=True, readiness=True)


async def snapshot(flags: FleetFlags, filenames: Sequence[str], out_dir: str) -> int:
    """Write a file for each member that answers, or all to stdout; 3 where some do not answer, 2 where none does."""
    _, seen = await ask_members(flags, filenames, _EVERYTHING)
    errors = [entry.error for entry in seen if entry.error is not None]
    if len(errors) == len(seen):
        raise ExceptionGroup("no member answers", errors)
    now = system_clock().now().strftime("%Y-%m-%dT%H:%M:%SZ")
    clusters = [replace(entry.facts, observed_at=now) for entry in seen if entry.facts is not None]
    if out_dir:
        _write(Path(out_dir), clusters)
    else:
        sys.stdout.write(dump_documents([encode_cluster(cluster) for cluster in clusters]))
    for entry in seen:
        _tell(entry)
    return Exit.PARTIAL if errors else Exit.DONE


def _write(folder: Path, clusters: Sequence[Cluster]) -> None:
    """A file each. Raises UsageError `file-exists` before anything is written where one is not a snapshot's."""
    targets = [(folder / f"{folder_name(cluster.name)}.yaml", cluster) for cluster in clusters]
    for path, _ in targets:
        if path.exists() and OBSERVED_AT not in path.read_text(encoding="utf-8", errors="replace"):
            raise UsageError(
                "file-exists",
                f"{path} exists already, and no snapshot wrote it",
                hint="declared facts and snapshots stand in files of their own: choose another --out-dir",
            )
    for path, cluster in targets:
        write_file(path, dump_yaml(encode_cluster(cluster)))
        sys.stdout.write(f"{path}\n")


def _tell(entry: Seen) -> None:
    name = clean(entry.member.name)
    if entry.error is not None:
        sys.stderr.write(f"not seen  {name}: {entry.error.code}: {clean(entry.error.message)}\n")
    for warning in entry.warnings:
        sys.stderr.write(f"warning   {name}: {clean(say(warning))}\n")
