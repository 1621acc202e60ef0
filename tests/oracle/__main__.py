"""The command: answers of karmactl for a set of cases, or how many of them agree.

    python -m tests.oracle SET [FILE|-]            a line {"id", "got"} for each case
    python -m tests.oracle SET [FILE|-] --check    the first differences, and last `SET: agree N of M`
    python -m tests.oracle --all --check           all sets

Without FILE the cases of `../shared/oracle` are read. A case that crashes karmactl is shown as an error and agrees with
nothing; the exit status is 1 if any case differs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from tests.oracle.runner import SETS, Outcome, default_file, read_cases, run_cases


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    options = _parser().parse_args(arguments)
    if options.all == (options.set is not None):
        print("give one SET or --all", file=sys.stderr)
        return 2
    names = SETS if options.all else (options.set,)
    return max(_run(name, options.file, is_check=options.check, shown=options.show) for name in names)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle")
    parser.add_argument("set", nargs="?", choices=SETS)
    parser.add_argument("file", nargs="?", help="JSON lines; - for standard input")
    parser.add_argument("--all", action="store_true", help="every set, from its own file")
    parser.add_argument("--check", action="store_true", help="compare with `want`")
    parser.add_argument("--show", type=int, default=3, metavar="N", help="differences to print (default 3)")
    return parser


def _run(name: str, file: str | None, *, is_check: bool, shown: int) -> int:
    path = default_file(name) if file is None else Path(file)
    if file != "-" and not path.is_file():
        print(f"{name}: no cases at {path}")
        return 1
    with _opened(file, path) as lines:
        try:
            outcomes = run_cases(name, read_cases(lines))
            return _check(name, outcomes, shown) if is_check else _print(outcomes)
        except ModuleNotFoundError as exc:
            if exc.name != f"tests.oracle.{name}":
                raise
            print(f"{name}: not there")
            return 1


def _opened(file: str | None, path: Path) -> contextlib.AbstractContextManager[TextIO]:
    return contextlib.nullcontext(sys.stdin) if file == "-" else path.open(encoding="utf-8")


def _print(outcomes: Iterator[Outcome]) -> int:
    status = 0
    for outcome in outcomes:
        line = (
            {"id": outcome.id, "got": outcome.got} if not outcome.crash else {"id": outcome.id, "crash": outcome.crash}
        )
        print(json.dumps(line, ensure_ascii=False, sort_keys=True))
        status |= bool(outcome.crash)
    return status


def _check(name: str, outcomes: Iterable[Outcome], shown: int) -> int:
    agreed = total = 0
    for outcome in outcomes:
        total += 1
        agreed += outcome.agrees
        if not outcome.agrees and total - agreed <= shown:
            _print_difference(outcome)
    print(f"{name}: agree {agreed} of {total}")
    return 0 if agreed == total else 1


def _print_difference(outcome: Outcome) -> None:
    print(f"--- {outcome.id} {' '.join(outcome.tags)}")
    print(f"want {json.dumps(outcome.want, ensure_ascii=False, sort_keys=True)}")
    if outcome.crash:
        print(f"CRASH {outcome.crash}")
    else:
        print(f"got  {json.dumps(outcome.got, ensure_ascii=False, sort_keys=True)}")


if __name__ == "__main__":
    sys.exit(main())
