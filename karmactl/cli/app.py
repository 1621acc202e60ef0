"""The entry point: find the command, import it alone, run it, and turn whatever happens into text and a status.

This is the only place that catches everything. typer parses the options of the one command that was asked for; the
help of the whole program comes from the table and loads nothing.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from karmactl import __version__
from karmactl.cli.commands import COMMANDS, PEER_WORDS, Command, find_command, top_help
from karmactl.cli.exits import Exit, Stopped, exit_of_errors
from karmactl.errors import InternalError, KarmactlError, UsageError

if TYPE_CHECKING:
    import typer

__all__ = ["main", "run"]

# What writing the output answers where there is no room for it. Files and sockets have errors of their own.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_HELP_FLAGS = ("--help", "-h", "help")


def main() -> NoReturn:
    """Run with the process's arguments and leave with its status."""
    signal.signal(signal.SIGTERM, _on_terminate)
    _open_missing_streams()
    # Parsed documents are trees of plain values: looking for cycles in them costs a tenth of a run.
    gc.set_threshold(100_000, 50, 100)
    status = run(sys.argv[1:], program=_program_name(sys.argv[0]))
    sys.exit(_flush() or status)


def run(arguments: Sequence[str], *, program: str = "karmactl") -> int:
    """Run one command line; the exit status. Errors are printed to stderr, never raised."""
    try:
        return _dispatch(list(arguments), program)
    except KarmactlError as error:
        return _report([error], arguments)
    except BrokenPipeError:
        _leave_closed_pipe()
        return 128 + signal.SIGPIPE
    except OSError as error:
        return _report_full(error) if error.errno in _FULL else _report_internal([error], arguments)
    except (KeyboardInterrupt, Stopped) as stop:
        number = stop.number if isinstance(stop, Stopped) else signal.SIGINT
        sys.stderr.write("terminated\n" if number == signal.SIGTERM else "interrupted\n")
        return 128 + number
    except BaseExceptionGroup as group:
        leaves = list(_leaves(group))
        errors = [leaf for leaf in leaves if isinstance(leaf, KarmactlError)]
        return _report(errors, arguments) if len(errors) == len(leaves) else _report_internal(leaves, arguments)
    except Exception as error:
        return _report_internal([error], arguments)


def _dispatch(arguments: list[str], program: str) -> int:
    if not arguments or arguments[0] in _HELP_FLAGS:
        sys.stdout.write(top_help(program) + "\n")
        return Exit.DONE
    if arguments[0] in ("--version", "-V"):
        sys.stdout.write(f"karmactl {__version__}\n")
        return Exit.DONE
    command = find_command(arguments[0])
    if command is None:
        raise _unknown_command(arguments[0], program)
    return _invoke(command, _with_bare_flags(arguments[1:]), program)


def _invoke(command: Command, arguments: list[str], program: str) -> int:
    import typer

    module = import_module(command.module)
    app: typer.Typer
    if hasattr(module, "app"):
        app = module.app
    else:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(help=module.command.__doc__)(module.command)
    runner = typer.main.get_command(app)
    try:
        status = runner.main(args=arguments, prog_name=f"{program} {command.name}", standalone_mode=False)
    except typer.exceptions.TyperException as error:
        raise UsageError("bad-usage", error.format_message(), hint=f"see `{program} {command.name} --help`") from error
    except typer.Abort as abort:
        raise KeyboardInterrupt from abort
    except typer.Exit as leave:
        return leave.exit_code
    return status if isinstance(status, int) else Exit.DONE


def _with_bare_flags(arguments: list[str]) -> list[str]:
    """`--dry-run` without a value means `server`, as users of kubectl write it; typer wants a value."""
    return ["--dry-run=server" if argument == "--dry-run" else argument for argument in arguments]


def _unknown_command(name: str, program: str) -> UsageError:
    if name.startswith("-"):
        return UsageError("bad-usage", f"no such option: {name}", hint=f"see `{program} --help`")
    near = PEER_WORDS.get(name) or next(iter(get_close_matches(name, [entry.name for entry in COMMANDS], n=1)), "")
    hint = f"did you mean `{program} {near}`?" if near else f"see `{program} --help`"
    return UsageError("unknown-command", f"there is no command {name!r}", hint=hint)


def _report(errors: Sequence[KarmactlError], arguments: Sequence[str]) -> int:
    from karmactl.cli.output import print_errors

    status = exit_of_errors(errors)
    print_errors(errors)
    if _wants_json(arguments):
        from karmactl.cli.answers import error_text

        sys.stdout.write(error_text(arguments[0], status, errors))
    return status


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether stdout was promised to be JSON: then it is, also where a run ends before it has an answer."""
    text = " ".join(arguments)
    return (
        any(f"{flag}{gap}json" in text for flag in ("-o", "--output") for gap in (" ", "=", "")) and "json=" not in text
    )


def _report_full(error: OSError) -> int:
    """The output did not fit where it goes. What the run did is done: 3, since the answer is incomplete."""
    from karmactl.cli.output import print_errors

    _leave_closed_pipe()
    print_errors([UsageError("output-not-written", f"the output cannot be written: {error.strerror}")])
    return Exit.PARTIAL


def _report_internal(leaves: Sequence[BaseException], arguments: Sequence[str]) -> int:
    """A fault of our own says so; local variables are never shown, they hold tokens."""
    first = next(leaf for leaf in leaves if not isinstance(leaf, KarmactlError))
    if os.environ.get("KARMACTL_TRACE"):
        import traceback

        traceback.print_exception(first, file=sys.stderr)
    where = _where(first)
    return _report(
        [
            InternalError(
                "internal",
                f"a fault in karmactl itself: {type(first).__name__}: {first}",
                why=f"at {where}" if where else "",
                hint="please report it; KARMACTL_TRACE=1 shows the way there",
            )
        ],
        arguments,
    )


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    place = ""
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith("karmactl"):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error


def _program_name(path: str) -> str:
    return "kubectl karma" if os.path.basename(path).startswith("kubectl-karma") else "karmactl"  # noqa: PTH119


def _flush() -> int:
    """What is left of the output; the status where it found no room, else 0."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_closed_pipe()
    except OSError as error:
        return _report_full(error)
    return 0


def _open_missing_streams() -> None:
    """A stream that was closed (`>&-`) is none in Python, and the next file opened would take its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def _leave_closed_pipe() -> None:
    # The reader of our output left: nothing to say, and Python must not try to flush again at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _on_terminate(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)
