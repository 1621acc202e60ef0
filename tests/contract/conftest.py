"""The servers that the contract suite runs on, one after another, each started once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.sandbox import sandbox_server
from tests.contract.servers import Server, assets, real_server


@pytest.fixture(scope="session", params=[pytest.param("sandbox"), pytest.param("real", marks=pytest.mark.real)])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running API server of each sort."""
    folder = tmp_path_factory.mktemp(str(request.param))
    if request.param == "sandbox":
        with sandbox_server(folder) as running:
            yield running
        return
    binaries = assets()
    if binaries is None:
        pytest.skip("no real API server: KUBEBUILDER_ASSETS is not set")
    with real_server(folder, binaries) as running:
        yield running
