"""Running clusters inside a process: for tests, in their own event loop or in a thread beside them."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from karmactl.embedded import kubeconfig
from karmactl.embedded.assets import Assets
from karmactl.embedded.certificates import make_authority
from karmactl.embedded.cluster import Cluster
from karmactl.embedded.journal import DamagedError
from karmactl.embedded.keep import Keep
from karmactl.embedded.listener import Listener
from karmactl.embedded.spec import ClusterSpec, Fault

if TYPE_CHECKING:
    from karmactl.embedded.real import RealSandbox

T = TypeVar("T")
REAL_START_SECONDS = 120.0  # programs of other people need longer, and a busy computer longer still


class Sandbox:
    """Running clusters, their kubeconfig, and what tests want to do to them."""

    def __init__(self, specs: Sequence[ClusterSpec], directory: Path, data: Path | None = None) -> None:
        """Clusters that have their state but do not listen yet; those that `data` keeps come back as they were.

        Raises ValueError for a name given twice, KeepError and DamagedError for a folder that cannot be used.
        """
        self._keep = Keep(data) if data is not None else None
        if self._keep is not None:
            specs = self._keep.specs(specs)
        names = [spec.name for spec in specs]
        if len(set(names)) != len(names):
            raise ValueError(f"cluster names are not unique: {', '.join(names)}")
        self.directory = directory
        self.authority = self._keep.authority() if self._keep is not None else make_authority()
        context = self.authority.server_context()
        try:
            self._listeners = {spec.name: self._listener(spec, context) for spec in specs}
        except DamagedError:
            assert self._keep is not None
            self._keep.close()
            raise

    def _listener(self, spec: ClusterSpec, context: ssl.SSLContext) -> Listener:
        keep, seed = self._keep, str(self.directory)
        if keep is None:
            return Listener(Cluster(spec, seed), context)
        cluster = Cluster(spec, seed, journal=keep.journal(spec.name), tokens=keep.tokens(spec.name))
        return Listener(cluster, context, keep.port(spec.name))

    @property
    def kubeconfig_path(self) -> Path:
        """The kubeconfig with a context for each cluster."""
        return self.directory / "kubeconfig"

    @property
    def names(self) -> tuple[str, ...]:
        """The clusters' names, in the order in which they were given."""
        return tuple(self._listeners)

    def cluster(self, name: str) -> Cluster:
        """The cluster of that name; raises KeyError."""
        return self._listeners[name].cluster

    def spec(self, name: str) -> ClusterSpec:
        """What a cluster is; raises KeyError."""
        return self._listeners[name].cluster.spec

    def url(self, name: str) -> str:
        """Where a cluster is reached; raises KeyError."""
        return self._listeners[name].url

    def token(self, name: str, user: str = "admin") -> str:
        """The bearer token of a cluster's user; raises KeyError."""
        return self._listeners[name].cluster.tokens[user]

    async def start(self) -> None:
        """Listens, and writes the kubeconfig."""
        for listener in self._listeners.values():
            await listener.start()
            listener.cluster.ca_text = self.authority.ca_pem.decode()
            listener.cluster.start()
        entries = [
            kubeconfig.Entry(name=name, url=listener.url, tokens=listener.cluster.tokens)
            for name, listener in self._listeners.items()
        ]
        kubeconfig.write(self.kubeconfig_path, kubeconfig.render(entries, self.authority.ca_pem))
        if self._keep is not None:
            known = {n: (x.cluster.spec, x.port, x.cluster.tokens) for n, x in self._listeners.items()}
            self._keep.save(self.authority, known)

    async def stop(self) -> None:
        """Ends all clusters."""
        for listener in self._listeners.values():
            await listener.stop()
        if self._keep is not None:
            self._keep.close()

    async def fail_async(self, name: str, fault: Fault | str) -> None:
        """Makes a cluster misbehave until it is healed; raises KeyError for an unknown cluster."""
        await self._listeners[name].fail(fault if isinstance(fault, Fault) else Fault(kind=fault))

    async def heal_async(self, name: str) -> None:
        """Ends a cluster's faults; raises KeyError for an unknown cluster."""
        await self._listeners[name].heal()

    def faults(self, name: str) -> tuple[Fault, ...]:
        """The faults in force in a cluster."""
        return tuple(self._listeners[name].cluster.faults.active.values())

    def request_counts(self, name: str) -> dict[str, int]:
        """How many requests a cluster got, by verb (get, list, watch, create, update, patch, delete...)."""
        return dict(self._listeners[name].cluster.requests)

    def reset_counts(self, name: str | None = None) -> None:
        """Starts counting anew, for one cluster or all."""
        for each in self._listeners if name is None else (name,):
            self._listeners[each].cluster.requests.clear()


@asynccontextmanager
async def run_clusters(
    specs: Sequence[ClusterSpec], directory: Path | None = None, data: Path | None = None
) -> AsyncIterator[Sandbox]:
    """Runs clusters in the current event loop for the length of the block.

    Files (the kubeconfig) go to `directory`, which must exist, or to a temporary one; `data` keeps the clusters.
    """
    with TemporaryDirectory(prefix="karmactl-sandbox-") as temporary:
        sandbox = Sandbox(specs, directory or Path(temporary), data)
        await sandbox.start()
        try:
            yield sandbox
        finally:
            await sandbox.stop()


def make_clusters(
    specs: Sequence[ClusterSpec], directory: Path, data: Path | None, assets: Assets | None
) -> "Sandbox | RealSandbox":
    """Clusters that have not started: emulated, or real where there are programs for that; raises as these do."""
    if assets is None:
        return Sandbox(specs, directory, data)
    # emulated clusters start without what these need
    from karmactl.embedded.real import RealSandbox

    return RealSandbox(specs, directory, assets, data)


class SandboxThread:
    """A sandbox in a thread of its own, for tests that are not asynchronous; a context manager."""

    def __init__(
        self,
        specs: Sequence[ClusterSpec],
        directory: Path | None = None,
        data: Path | None = None,
        assets: Assets | None = None,
    ) -> None:
        """Prepares the clusters, which start with the block.

        `data` keeps them; with `assets` they are real API servers.
        """
        self._temporary = TemporaryDirectory(prefix="karmactl-sandbox-")
        try:
            self._clusters = make_clusters(specs, directory or Path(self._temporary.name), data, assets)
        except BaseException:
            self._temporary.cleanup()
            raise
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="karmactl-sandbox", daemon=True)

    @property
    def sandbox(self) -> Sandbox:
        """The emulated clusters themselves; raises TypeError for real ones."""
        if not isinstance(self._clusters, Sandbox):
            raise TypeError("these clusters are real")
        return self._clusters

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def __enter__(self) -> "SandboxThread":
        self._thread.start()
        self.call(self._clusters.start(), REAL_START_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call(self._clusters.stop(), REAL_START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._drain()
        self._loop.close()
        self._temporary.cleanup()

    def _drain(self) -> None:
        """Cancels what is left in the loop, so that nothing is destroyed while pending."""
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())

    def call(self, coroutine: Coroutine[Any, Any, T], seconds: float = 30) -> T:
        """Runs a coroutine in the sandbox's loop and waits for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(seconds)

    @property
    def kubeconfig_path(self) -> Path:
        """The kubeconfig with a context for each cluster."""
        return self._clusters.kubeconfig_path

    def url(self, name: str) -> str:
        """Where a cluster is reached."""
        return self._clusters.url(name)

    def token(self, name: str, user: str = "admin") -> str:
        """The bearer token of a cluster's user."""
        return self._clusters.token(name, user)

    def fail(self, name: str, fault: Fault | str) -> None:
        """Makes a cluster misbehave until it is healed."""
        self.call(self._clusters.fail_async(name, fault))

    def heal(self, name: str) -> None:
        """Ends a cluster's faults."""
        self.call(self._clusters.heal_async(name))

    def request_counts(self, name: str) -> dict[str, int]:
        """How many requests a cluster got, by verb."""
        return self.sandbox.request_counts(name)

    def reset_counts(self, name: str | None = None) -> None:
        """Starts counting anew."""
        self.sandbox.reset_counts(name)
