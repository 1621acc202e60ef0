"""Credentials: what a request carries to say who asks, and how to get a new one when that ran out.

A fixed identity (certificate, token) is answered from the kubeconfig; a token file is read again when the server
refuses it; a plug-in runs once for all clusters that share it and again when its credential ends. Only `auth-provider`
needs the `kubernetes` package, which is loaded when, and only when, such a user is met.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from karmactl.core.model.ports import Clock
from karmactl.errors import Unauthorized
from karmactl.kube.connection import Connection
from karmactl.kube.exec_plugin import ExecCredential, run_plugin

__all__ = ["Credential", "Credentials", "PluginRuns"]

# Asked for anew this long before the end, so that no request starts with a credential that ends under way.
_EARLY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What one request carries: a bearer token, a client certificate, both or neither (PEM)."""

    token: str = field(default="", repr=False)
    client_certificate: bytes = field(default=b"", repr=False)
    client_key: bytes = field(default=b"", repr=False)


class PluginRuns:
    """What exec plug-ins gave in this run, kept as long as it lasts; shared by all clusters.

    Kept in memory alone, as kubectl does: a token on disk would outlive the run that needed it.
    """

    def __init__(self, clock: Clock, *, is_terminal: bool) -> None:
        self._clock = clock
        self._terminal = asyncio.Lock() if is_terminal else None
        self._kept: dict[object, ExecCredential] = {}
        self._locks: dict[object, asyncio.Lock] = {}

    async def get(self, connection: Connection, *, cluster: str, refused: ExecCredential | None) -> ExecCredential:
        """The credential for a connection, from the plug-in unless one is kept that is good and was not `refused`."""
        plugin = connection.user.exec
        if plugin is None:
            return ExecCredential()
        # Clusters may share what a plug-in gives unless it is told which cluster it is for.
        key = (plugin.command, plugin.args, plugin.env, connection.server if plugin.provides_cluster_info else "")
        async with self._locks.setdefault(key, asyncio.Lock()):
            kept = self._kept.get(key)
            if kept is not None and kept is not refused and self._is_good(kept):
                return kept
            fresh = await run_plugin(connection, plugin, cluster=cluster, terminal=self._terminal)
            self._kept[key] = fresh
            return fresh

    def _is_good(self, credential: ExecCredential) -> bool:
        return credential.expires is None or self._clock.now() < credential.expires - _EARLY


class Credentials:
    """The identity of one cluster's requests."""

    def __init__(self, connection: Connection, *, cluster: str, plugins: PluginRuns) -> None:
        self._connection = connection
        self._cluster = cluster
        self._plugins = plugins
        self._lock = asyncio.Lock()
        self._current: Credential | None = None
        self._given: ExecCredential | None = None
        self._provider: Callable[[], str] | None = None

    async def current(self) -> Credential:
        """What to send now. Raises Unauthorized where it cannot be had."""
        if self._current is not None and self._given is None:
            return self._current
        async with self._lock:
            self._current = await self._fetch(refused=None)
            return self._current

    async def refresh(self, refused: Credential) -> bool:
        """Whether there is another credential to try after a 401; requests that were refused together share it."""
        async with self._lock:
            if self._current != refused:
                return True
            self._current = await self._fetch(refused=self._given)
            return self._current != refused

    async def _fetch(self, *, refused: ExecCredential | None) -> Credential:
        user = self._connection.user
        token, certificate, key = user.token, user.client_certificate, user.client_key
        if user.exec is not None:
            self._given = await self._plugins.get(self._connection, cluster=self._cluster, refused=refused)
            token = self._given.token or token
            certificate, key = self._given.client_certificate or certificate, self._given.client_key or key
        elif user.token_file:
            token = self._read_token()  # as client-go: the file beats the fixed token
        elif user.auth_provider is not None and not token:
            token = await self._ask_provider()
        return Credential(token=token, client_certificate=certificate, client_key=key)

    def _read_token(self) -> str:
        path = self._connection.user.token_file
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not a text"
            raise Unauthorized(
                "credentials-unreadable", f"cannot read the token file {path}: {why}", cluster=self._cluster
            ) from error

    async def _ask_provider(self) -> str:
        if self._provider is None:
            # Loaded here and by name: the package costs a third of a second, and few kubeconfigs need it.
            module = importlib.import_module("karmactl.kube.auth_provider")
            self._provider = module.token_source(self._connection, cluster=self._cluster)
        return await asyncio.to_thread(self._provider)
