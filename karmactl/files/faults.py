"""All faults of a reading as one exception, in file and line order."""

from __future__ import annotations

from collections.abc import Sequence

from karmactl.errors import InputError, Location

__all__ = ["fault_group"]


def fault_group(faults: Sequence[InputError]) -> ExceptionGroup[InputError]:
    """The faults as a group to raise, sorted by file, line and column."""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    return ExceptionGroup(f"{count} in the inputs", sorted(faults, key=_place))


def _place(fault: InputError) -> tuple[Location, str, str]:
    return (fault.location or Location(file=""), fault.code, fault.message)
