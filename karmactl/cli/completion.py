"""`karmactl completion`: a completion script for a shell, as kubectl prints one.

The scripts complete commands and their options; the words come from the tables of this version.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from karmactl.cli.commands import COMMANDS
from karmactl.errors import UsageError

__all__ = ["command"]

_BASH = """\
_karmactl() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{words}" -- "$word"))
  elif [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$(karmactl "${{COMP_WORDS[1]}}" --help 2>/dev/null | grep -o -- '--[a-z-]*')" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -o filenames -F _karmactl karmactl
"""
_ZSH = """\
#compdef karmactl
_karmactl() {{
  local -a commands
  commands=({described})
  if (( CURRENT == 2 )); then
    _describe 'command' commands
  elif [[ "$words[CURRENT]" == -* ]]; then
    compadd -- $(karmactl "$words[2]" --help 2>/dev/null | grep -o -- '--[a-z-]*')
  else
    _files
  fi
}}
compdef _karmactl karmactl
"""
_FISH = """\
complete -c karmactl -f -n '__fish_use_subcommand' -a '{words}'
complete -c karmactl -n 'not __fish_use_subcommand' -a '(karmactl (commandline -opc)[2] --help 2>/dev/null | \
string match -r -a -- "--[a-z-]+")'
"""


def command(shell: Annotated[str, typer.Argument(help="bash, zsh or fish.")]) -> int:
    """Print a completion script: `source <(karmactl completion bash)`."""
    scripts = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
    if shell not in scripts:
        raise UsageError("unknown-shell", f"there is no script for {shell!r}", hint=f"shells: {', '.join(scripts)}")
    words = " ".join(entry.name for entry in COMMANDS)
    described = " ".join(f"'{entry.name}:{entry.summary}'" for entry in COMMANDS)
    sys.stdout.write(scripts[shell].format(words=words, described=described))
    return 0
