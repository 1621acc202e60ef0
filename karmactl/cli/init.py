"""`karmactl init`: a commented karmactl.yaml to start from, with an example on request."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from karmactl.files.starter import Starter, write_starter
from karmactl.kube.config import kubeconfig_paths, list_contexts

__all__ = ["command"]


def command(
    directory: Annotated[Path, typer.Argument(help="Where to write.")] = Path(),
    example: Annotated[str, typer.Option("--example", help="nginx or shop: manifests and policies, too.")] = "",
    sandbox: Annotated[bool, typer.Option("--sandbox", help="The members are those of the sandbox.")] = False,
    from_kubeconfig: Annotated[
        bool, typer.Option("--from-kubeconfig", help="List the contexts of the kubeconfig as members.")
    ] = False,
    kubeconfig: Annotated[str, typer.Option("--kubeconfig", help="Instead of KUBECONFIG and ~/.kube/config.")] = "",
    set_name: Annotated[
        str, typer.Option("--set", help="The set's name; default: the folder's or the example's.")
    ] = "",
) -> int:
    """Write a commented karmactl.yaml to start from; nothing is overwritten."""
    contexts: dict[str, str] = {}
    if from_kubeconfig:
        found = list_contexts(kubeconfig_paths(kubeconfig or None, os.environ))
        contexts = {context.name: context.name for context in found}
    folder = directory.resolve()
    starter = Starter(
        set_name=set_name or example or _name_of(folder), contexts=contexts, is_sandbox=sandbox, example=example
    )
    for path in write_starter(directory, starter):
        sys.stdout.write(f"wrote {path}\n")
    if sandbox:
        sys.stderr.write("next  karmactl sandbox up, then karmactl plan\n")
    else:
        sys.stderr.write("next  name your members in karmactl.yaml, then karmactl plan\n")
    return 0


def _name_of(folder: Path) -> str:
    """The folder's name as a set's name: a DNS label."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in folder.name.lower()).strip("-")
    return plain or "default"
