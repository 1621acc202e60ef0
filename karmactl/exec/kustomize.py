"""Kustomizations: built by kubectl, which brings kustomize along, or by kustomize itself, whichever is installed.

karmactl does not build them itself: a second implementation would differ from what users see with `kubectl apply -k`.
"""

from __future__ import annotations

from pathlib import Path

from karmactl.errors import InputError, Location, UsageError
from karmactl.exec.program import find_program, run_program

__all__ = ["build_kustomization"]

_TIMEOUT_SECONDS = 120.0


def build_kustomization(target: str, *, base: Path) -> bytes:
    """What a kustomization (a folder, or a URL that kustomize knows) gives: YAML documents.

    Relative folders start at `base`. Raises UsageError `kustomize-missing` where no program can build it, InputError
    `kustomize-failed` with what the program said.
    """
    # A target that begins with a dash would be read as a flag.
    place = target if "://" in target or not target.startswith("-") else f"./{target}"
    program = find_program("kubectl", "kustomize")
    if program is None:
        raise UsageError(
            "kustomize-missing",
            f"-k {target}: neither kubectl nor kustomize is installed",
            hint="install one of them, or build elsewhere and pipe the result into -f -",
        )
    verb = "kustomize" if Path(program).stem == "kubectl" else "build"
    built = run_program([program, verb, place], folder=base, timeout_seconds=_TIMEOUT_SECONDS)
    if built.status != 0:
        raise InputError(
            "kustomize-failed",
            f"{Path(program).name} {verb} ended with status {built.status}",
            why=built.said.removeprefix("error: "),
            hint=f"`{Path(program).name} {verb} {target}` shows the same",
            location=Location(file=target),
        )
    return built.output
