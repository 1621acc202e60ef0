"""How long a command takes before it does anything, beside kubectl on the same machine.

    python -m benchmarks.startup [--rounds 30]

Whole processes, from start to exit, output thrown away. The commands take turns, and the order turns round in every
round, so that a busy moment hits all alike; the ratio is the median of the rounds' own ratios, not of two separate
medians. karmactl is the script that pip installed beside this Python; kubectl the one on the PATH. To reach: --help
within 1.15 times kubectl's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path

REACH = 1.15
KARMACTL = Path(sysconfig.get_path("scripts")) / "karmactl"
COMMANDS = {
    "karmactl --help": ("--help",),
    "karmactl version": ("version",),
    "karmactl plan --help": ("plan", "--help"),
}


def seconds_of(command: Sequence[str], environment: dict[str, str]) -> float:
    """How long one process lives."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def measure(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every command in every round; the first round warms the caches and is thrown away."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KARMACTL_")}
    figures: dict[str, list[float]] = {name: [] for name in commands}
    order = list(commands)
    for number in range(rounds + 1):
        for name in order if number % 2 else reversed(order):
            figures[name].append(seconds_of(commands[name], environment))
    return {name: values[1:] for name, values in figures.items()}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup")
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    if not KARMACTL.exists():
        print(f"skipped: karmactl is not installed beside {sys.executable}; run make setup", file=sys.stderr)
        return 0
    commands: dict[str, Sequence[str]] = {name: (str(KARMACTL), *words) for name, words in COMMANDS.items()}
    commands["python -c pass"] = (sys.executable, "-c", "pass")
    kubectl = shutil.which("kubectl")
    if kubectl is not None:
        commands["kubectl --help"] = (kubectl, "--help")
    figures = measure(commands, options.rounds)
    for name, values in figures.items():
        print(f"{name:<22} {statistics.median(values) * 1000:7.1f} ms   min {min(values) * 1000:7.1f} ms")
    if kubectl is None:
        print("no ratio: there is no kubectl on the PATH")
        return 0
    pairs = zip(figures["karmactl --help"], figures["kubectl --help"], strict=True)
    ratio = statistics.median(own / theirs for own, theirs in pairs)
    print(f"karmactl --help / kubectl --help: {ratio:.2f} (to reach: {REACH})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
