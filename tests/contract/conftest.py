"""The servers that the contract suite runs on, one after another, each started once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.sandbox import sandbox_server
from tests.contract.servers import Server, assets, real_server


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says which servers the suite ran on."""
    passed = [report.nodeid for report in terminalreporter.getreports("passed") if report.when == "call"]
    for name in ("sandbox", "real"):
        count = sum(1 for each in passed if f"[{name}" in each and "tests/contract/" in each)
        terminalreporter.write_line(
            f"contract suite on {_TOLD[name]}: {f'{count} checks passed' if count else 'not run'}"
        )


_TOLD = {"sandbox": "the sandbox", "real": "a real kube-apiserver"}


@pytest.fixture(scope="session", params=[pytest.param("sandbox"), pytest.param("real", marks=pytest.mark.real)])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running API server of each sort."""
    folder = tmp_path_factory.mktemp(str(request.param))
    if request.param == "sandbox":
        with sandbox_server(folder) as running:
            yield running
        return
    with real_server(folder, assets()) as running:
        yield running
