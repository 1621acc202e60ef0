"""The sandbox's API server, for the contract suite.

Known gaps of the sandbox are listed in SANDBOX_GAPS by the name of the check, with the reason, and skipped by it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.servers import Server

SANDBOX_GAPS: dict[str, str] = {}


@contextlib.contextmanager
def sandbox_server(folder: Path) -> Iterator[Server]:
    """One embedded API server on loopback."""
    pytest.skip("the sandbox cannot be started from a test yet")
    yield  # pragma: no cover
