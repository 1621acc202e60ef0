"""What a check of the contract suite works with: clients, a namespace of its own, and a few manifests."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import pytest

from karmactl.core.model.manifest import Manifest, field
from karmactl.core.model.ports import APIKind
from karmactl.kube.client import ClusterClient, DryRunClient, ReadClient
from karmactl.kube.clock import SystemClock
from karmactl.kube.connection import Connection
from karmactl.kube.credentials import PluginRuns
from karmactl.kube.transport import Transport
from tests.contract.servers import Server

NAMESPACE = APIKind(group="", version="v1", kind="Namespace", resource="namespaces", is_namespaced=False)
CONFIG_MAP = APIKind(group="", version="v1", kind="ConfigMap", resource="configmaps", is_namespaced=True)
SECRET = APIKind(group="", version="v1", kind="Secret", resource="secrets", is_namespaced=True)
DEPLOYMENT = APIKind(group="apps", version="v1", kind="Deployment", resource="deployments", is_namespaced=True)
LEASE = APIKind(group="coordination.k8s.io", version="v1", kind="Lease", resource="leases", is_namespaced=True)

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Clients of one server: ours, one with another field manager, one that dry-runs, and one who may do nothing."""

    server: Server
    namespace: str
    client: ClusterClient
    other: ClusterClient
    dry: DryRunClient
    nobody: ReadClient | None

    def config_map(self, name: str, data: dict[str, str] | None = None, **metadata: str) -> Manifest:
        """A ConfigMap in the check's namespace."""
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": self.namespace, **metadata},
            "data": dict(data or {"key": "value"}),
        }

    def deployment(self, name: str, *, replicas: int | None = 2, image: str = "example.com/app:1") -> Manifest:
        """A Deployment in the check's namespace."""
        spec: Manifest = {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "app", "image": image}]},
            },
        }
        if replicas is not None:
            spec["replicas"] = replicas
        metadata: Manifest = {"name": name, "namespace": self.namespace}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def version_of(manifest: Manifest) -> str:
    """metadata.resourceVersion."""
    return str(field(manifest, "metadata", "resourceVersion"))


@asynccontextmanager
async def client_of(connection: Connection) -> AsyncIterator[Transport]:
    """A transport of its own for a connection."""
    clock = SystemClock()
    plugins = PluginRuns(clock, is_terminal=False)
    async with Transport(connection, cluster="member", clock=clock, plugins=plugins) as transport:
        yield transport


Check = Callable[[World], Awaitable[None]]


def contract(needs: Literal["api", "controllers"]) -> Callable[[Check], Callable[[Server], None]]:
    """A check as a test: it runs on every server that has what it needs."""

    def decorate(check: Check) -> Callable[[Server], None]:
        def test(server: Server) -> None:
            if needs == "controllers" and not server.has_controllers:
                pytest.skip(f"{server.name}: no controllers run beside this server")
            asyncio.run(_run(check, server))

        test.__name__ = check.__name__
        test.__doc__ = check.__doc__
        test.__module__ = check.__module__
        return test

    return decorate


async def _run(check: Check, server: Server) -> None:
    namespace = f"check-{next(_numbers)}"
    nobody = server.nobody or server.admin
    async with client_of(server.admin) as transport, client_of(nobody) as powerless:
        client = ClusterClient(transport)
        await client.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        await check(
            World(
                server=server,
                namespace=namespace,
                client=client,
                other=ClusterClient(transport, field_manager="somebody-else"),
                dry=DryRunClient(transport),
                nobody=ReadClient(powerless) if server.nobody else None,
            )
        )
