"""All clusters of one run: a transport for each, opened from kubeconfig contexts and closed together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from karmactl.core.model.ports import Clock
from karmactl.kube.client import FIELD_MANAGER, ClusterClient, DryRunClient, ReadClient
from karmactl.kube.config import Kubeconfig
from karmactl.kube.counts import RequestCounts
from karmactl.kube.credentials import PluginRuns
from karmactl.kube.transport import Limits, Transport

__all__ = ["Fleet"]


class Fleet:
    """Clients by cluster name; use it as an asynchronous context manager.

    `contexts` maps cluster names to contexts. Nothing is connected to before the first request. Raises UsageError as
    `Kubeconfig.connection` does.
    """

    def __init__(
        self,
        kubeconfig: Kubeconfig,
        contexts: Mapping[str, str],
        *,
        clock: Clock,
        is_terminal: bool,
        limits: Limits | None = None,
        field_manager: str = FIELD_MANAGER,
    ) -> None:
        plugins = PluginRuns(clock, is_terminal=is_terminal)
        self._field_manager = field_manager
        self._transports = {
            cluster: Transport(
                kubeconfig.connection(context), cluster=cluster, clock=clock, plugins=plugins, limits=limits
            )
            for cluster, context in contexts.items()
        }

    async def __aenter__(self) -> Fleet:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(transport.close() for transport in self._transports.values()))

    @property
    def clusters(self) -> tuple[str, ...]:
        """The names, in the order given."""
        return tuple(self._transports)

    def reader(self, cluster: str) -> ReadClient:
        """A client that reads."""
        return ReadClient(self._transports[cluster])

    def dry_runner(self, cluster: str) -> DryRunClient:
        """A client that reads and dry-runs."""
        return DryRunClient(self._transports[cluster], field_manager=self._field_manager)

    def writer(self, cluster: str) -> ClusterClient:
        """A client that reads and writes."""
        return ClusterClient(self._transports[cluster], field_manager=self._field_manager)

    def requests(self) -> dict[str, RequestCounts]:
        """How many requests of which sort went to each cluster."""
        return {cluster: transport.requests for cluster, transport in self._transports.items()}
