"""Requests side by side: where one fails the others are cancelled, and its error comes out as itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["first_of_group"]


@contextmanager
def first_of_group() -> Iterator[None]:
    """Raises the first error of a TaskGroup in place of the group: callers catch ClusterError, one a cluster."""
    try:
        yield
    except ExceptionGroup as group:
        raise group.exceptions[0] from group.exceptions[0].__cause__
