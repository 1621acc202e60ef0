"""The table of commands: name, module, group and one line of help. Nothing else is loaded to print the help.

A command's module is imported only when it is asked for: `--help`, completion of names and `version` cost no more than
this table (a test looks at sys.modules).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["COMMANDS", "PEER_WORDS", "Command", "find_command", "top_help"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command; `module` has a function `command`, or a typer app `app` where there are subcommands."""

    name: str
    module: str
    group: str
    summary: str


def _command(group: str, name: str, summary: str, *, module: str = "") -> Command:
    return Command(name=name, module=f"karmactl.cli.{module or name}", group=group, summary=summary)


COMMANDS: Final = (
    _command("Deploy", "plan", "show every decision and change, and change nothing"),
    _command("Deploy", "diff", "show what differs between files and clusters, field by field"),
    _command("Deploy", "apply", "bring the clusters to the plan, in order, and wait"),
    _command("Deploy", "delete", "remove what a set owns, in reverse order"),
    _command("Understand", "status", "show where things run, their health, drift and leftovers"),
    _command("Understand", "why", "explain where an object goes, and why not elsewhere"),
    _command("Understand", "history", "show what was applied when, and what was deleted"),
    _command("Check", "simulate", "play through what happens when a cluster fails"),
    _command("Check", "interpret", "run one interpreter operation on one object (for customizations)"),
    _command("Check", "render", "write the final objects of every cluster, as files or YAML"),
    _command("Understand", "graph", "draw placement or the order of changes, as mermaid or DOT"),
    _command("Fleet", "clusters", "list, check and describe the members, and lock who they are"),
    _command("Fleet", "unlock", "show who holds the Lease of a set, and break it"),
    # A module called `import` could not be imported.
    _command("Fleet", "import", "take over objects that run already, with their fields", module="importing"),
    _command("Fleet", "sandbox", "run emulated clusters on this computer"),
    _command("Settings", "init", "write a commented karmactl.yaml to start from"),
    _command("Settings", "explain", "explain a field of a policy, or an error code"),
    _command("Settings", "completion", "print a completion script for a shell"),
    _command("Settings", "version", "print the version"),
)

# What people type who come from other tools.
PEER_WORDS: Final = {
    "deploy": "apply",
    "sync": "apply",
    "up": "apply",
    "preview": "plan",
    "template": "render",
    "explain-placement": "why",
    "promote": "import",
    "adopt": "import",
    "rm": "delete",
    "destroy": "delete",
    "list": "status",
    "get": "status",
}

_INTRODUCTION: Final = """\
karmactl places plain Kubernetes manifests on many clusters by Karmada policies,
with no control plane to install.

Usage: {program} COMMAND [OPTIONS]

Try it:
  {program} sandbox up                        three emulated clusters in seconds
  {program} init --example nginx --sandbox    a manifest, two policies, karmactl.yaml
  {program} plan                              what would go where, and why
"""
_EXIT_CODES: Final = """\
Exit codes:
  0 done or in sync       1 differences found (diff, --exit-code)
  2 error, nothing sent   3 done in part      4 a guard refused, nothing sent
  5 sent, not ready in time
"""


def find_command(name: str) -> Command | None:
    """The command of that name."""
    return next((command for command in COMMANDS if command.name == name), None)


def top_help(program: str) -> str:
    """The help of the whole program, plain text within 80 columns."""
    lines = [_INTRODUCTION.format(program=program)]
    for group in dict.fromkeys(command.group for command in COMMANDS):
        lines.append(f"{group}:")
        lines += [f"  {command.name:<11} {command.summary}" for command in COMMANDS if command.group == group]
        lines.append("")
    lines.append(_EXIT_CODES)
    lines.append(f"{program} COMMAND --help shows a command's options.")
    return "\n".join(lines)
