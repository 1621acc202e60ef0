"""Real API servers behind the sandbox's commands: one etcd, a kube-apiserver a cluster, and controllers where they are.

The programs come from `assets`. What they need lies in one folder: certificates, tokens, keys, etcd's data and a log
each; with `data` it is the folder that keeps them. There is a controller manager beside each server where its program
is there, but neither scheduler nor kubelets: Nodes are objects that nobody runs, and Pods stay Pending.
"""

import asyncio
import contextlib
import ctypes
import json
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from karmactl.embedded import bootstrap, kubeconfig
from karmactl.embedded.assets import API_SERVER, CONTROLLER_MANAGER, ETCD, Assets
from karmactl.embedded.certificates import account_key
from karmactl.embedded.keep import Keep
from karmactl.embedded.listener import LOOPBACK
from karmactl.embedded.proxy import Proxy
from karmactl.embedded.spec import ClusterSpec, Fault, StartError

START_SECONDS = 90.0
STOP_SECONDS = 15.0
# those that need nodes which somebody runs would do harm to ours
_NO_CONTROLLERS = ("node-lifecycle-controller", "node-ipam-controller", "taint-eviction-controller")
_LIBC = ctypes.CDLL(None)


class Program:
    """A process with a log; it ends with the process that started it."""

    def __init__(self, command: list[str], log: Path) -> None:
        """Starts it."""
        self.name = Path(command[0]).name
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent
            )

    def check(self) -> None:
        """Raises StartError where it has ended."""
        if self._process.poll() is not None:
            raise StartError(f"{self.name} ended with status {self._process.returncode}:\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-2000:].strip()

    def stop(self) -> None:
        """Ends it, at last by force."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _die_with_parent() -> None:
    """Asks the kernel, where it can be asked, to end this process with its parent, which may be killed.

    By force: a kube-apiserver that is asked to end waits for an etcd that is gone by then.
    """
    if sys.platform == "linux":
        parent_death_signal = 1
        _LIBC.prctl(parent_death_signal, signal.SIGKILL)


class RealCluster:
    """One kube-apiserver with its controllers, behind a proxy."""

    def __init__(self, spec: ClusterSpec, folder: Path, port: int, tokens: dict[str, str]) -> None:
        """A cluster that has not started; port and tokens are those of an earlier life."""
        self.spec = spec
        self.proxy = Proxy(port)
        self.folder = folder
        users = {"admin": ("system:masters",), **dict(spec.users)}
        self.tokens = {name: tokens.get(name) or secrets.token_urlsafe(24) for name in users}
        folder.mkdir(exist_ok=True, mode=0o700)
        rows = [f'{self.tokens[name]},{name},{name}-uid,"{",".join(users[name])}"\n' for name in users]
        kubeconfig.write(folder / "tokens.csv", "".join(rows).encode())
        self.port = 0
        self._programs: list[Program] = []

    def start_server(self, assets: Assets, etcd_port: int, certificates: Path) -> None:
        """Starts the API server, which is ready some seconds later."""
        self.port = _free_port()
        key = certificates / "accounts.key"
        runs_controllers = self.spec.controllers and assets.has_controller_manager
        # without a controller nobody makes the account that every Pod waits for
        without = [] if runs_controllers else ["--disable-admission-plugins=ServiceAccount"]
        command = [
            assets.program(API_SERVER),
            f"--etcd-servers=http://{LOOPBACK}:{etcd_port}",
            f"--etcd-prefix=/{self.spec.name}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={self.port}",
            f"--tls-cert-file={certificates / 'server.crt'}",
            f"--tls-private-key-file={certificates / 'server.key'}",
            f"--cert-dir={self.folder}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--allow-privileged=true",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--endpoint-reconciler-type=none",
            *without,
        ]
        self._programs.append(Program(command, self.folder / f"{API_SERVER}.log"))

    def start_controllers(self, assets: Assets, certificates: Path) -> None:
        """Starts the controller manager, where there is one and it is wanted."""
        if not (self.spec.controllers and assets.has_controller_manager):
            return
        path = self.folder / "controllers.kubeconfig"
        entry = kubeconfig.Entry(name="it", url=self._url, tokens={"admin": self.tokens["admin"]})
        kubeconfig.write(path, kubeconfig.render([entry], (certificates / "ca.crt").read_bytes()))
        command = [
            assets.program(CONTROLLER_MANAGER),
            f"--kubeconfig={path}",
            f"--controllers=*,{','.join('-' + name for name in _NO_CONTROLLERS)}",
            f"--service-account-private-key-file={certificates / 'accounts.key'}",
            f"--root-ca-file={certificates / 'ca.crt'}",
            "--leader-elect=false",
            "--secure-port=0",
        ]
        self._programs.append(Program(command, self.folder / f"{CONTROLLER_MANAGER}.log"))

    @property
    def _url(self) -> str:
        return f"https://{LOOPBACK}:{self.port}"

    def ask(self, context: ssl.SSLContext, method: str, path: str, body: Any = None) -> int:
        """The status that the server answers to a request of its administrator; raises OSError without an answer."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._url + path, data, method=method)
        request.add_header("Authorization", f"Bearer {self.tokens['admin']}")
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, context=context, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as exc:
            exc.close()
            return exc.code

    def await_ready(self, context: ssl.SSLContext, deadline: float) -> None:
        """Waits until the server is ready; raises StartError."""
        while time.monotonic() < deadline:
            self._programs[0].check()
            with contextlib.suppress(OSError):
                if self.ask(context, "GET", "/readyz") == 200:
                    return
            time.sleep(0.1)
        raise StartError(f"{API_SERVER} was not ready in time:\n{self._programs[0].last_words()}")

    def furnish(self, context: ssl.SSLContext, seed: str) -> None:
        """Puts in the nodes that the spec names."""
        for index in range(self.spec.nodes):
            node = bootstrap.node(self.spec, seed, index)
            if self.ask(context, "POST", "/api/v1/nodes", node) == 201:
                path = f"/api/v1/nodes/{node['metadata']['name']}/status"
                self.ask(context, "PATCH", path, {"status": node["status"]})

    def stop(self) -> None:
        """Ends the programs, controllers first."""
        for program in reversed(self._programs):
            program.stop()


class RealSandbox:
    """Running real clusters and their kubeconfig, as `Sandbox` has emulated ones."""

    def __init__(self, specs: Sequence[ClusterSpec], directory: Path, assets: Assets, data: Path | None = None) -> None:
        """Clusters that have not started; those that `data` keeps come back. Raises KeepError, and ValueError."""
        self.directory = directory
        self._folder = data or directory / "real"
        self._keep = Keep(self._folder, "real")
        specs = self._keep.specs(specs)
        if len({spec.name for spec in specs}) != len(specs):
            raise ValueError(f"cluster names are not unique: {', '.join(spec.name for spec in specs)}")
        self._assets = assets
        self.authority = self._keep.authority()
        self._clusters = {
            spec.name: RealCluster(
                spec, self._folder / spec.name, self._keep.port(spec.name), self._keep.tokens(spec.name)
            )
            for spec in specs
        }
        self._etcd: Program | None = None

    @property
    def kubeconfig_path(self) -> Path:
        """The kubeconfig with a context for each cluster."""
        return self.directory / "kubeconfig"

    @property
    def names(self) -> tuple[str, ...]:
        """The clusters' names."""
        return tuple(self._clusters)

    def spec(self, name: str) -> ClusterSpec:
        """What a cluster is; raises KeyError."""
        return self._clusters[name].spec

    def url(self, name: str) -> str:
        """Where a cluster is reached; raises KeyError."""
        return f"https://{LOOPBACK}:{self._clusters[name].proxy.port}"

    def token(self, name: str, user: str = "admin") -> str:
        """The bearer token of a cluster's user; raises KeyError."""
        return self._clusters[name].tokens[user]

    async def start(self) -> None:
        """Starts all programs, waits until all servers are ready, and writes the kubeconfig; raises StartError."""
        try:
            await asyncio.to_thread(self._start_programs)
        except BaseException:
            await self.stop()
            raise
        entries = []
        for name, cluster in self._clusters.items():
            await cluster.proxy.start(cluster.port)
            entries.append(kubeconfig.Entry(name=name, url=self.url(name), tokens=cluster.tokens))
        kubeconfig.write(self.kubeconfig_path, kubeconfig.render(entries, self.authority.ca_pem))
        known = {name: (c.spec, c.proxy.port, c.tokens) for name, c in self._clusters.items()}
        self._keep.save(self.authority, known)

    def _start_programs(self) -> None:
        self._write_certificates()
        etcd_port = self._start_etcd()
        for cluster in self._clusters.values():
            cluster.start_server(self._assets, etcd_port, self._folder)
        context = ssl.create_default_context(cadata=self.authority.ca_pem.decode())
        deadline = time.monotonic() + START_SECONDS
        for cluster in self._clusters.values():
            cluster.await_ready(context, deadline)
            cluster.start_controllers(self._assets, self._folder)
            cluster.furnish(context, str(self.directory))

    def _write_certificates(self) -> None:
        kubeconfig.write(self._folder / "ca.crt", self.authority.ca_pem)
        kubeconfig.write(self._folder / "server.crt", self.authority.certificate_pem)
        kubeconfig.write(self._folder / "server.key", self.authority.key_pem)
        if not (self._folder / "accounts.key").exists():
            kubeconfig.write(self._folder / "accounts.key", account_key())

    def _start_etcd(self) -> int:
        """The port on which etcd listens for clients."""
        port, peer_port = _free_port(), _free_port()
        peers = f"http://{LOOPBACK}:{peer_port}"
        command = [
            self._assets.program(ETCD),
            f"--data-dir={self._folder / 'etcd'}",
            f"--listen-client-urls=http://{LOOPBACK}:{port}",
            f"--advertise-client-urls=http://{LOOPBACK}:{port}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
            "--unsafe-no-fsync",
        ]
        self._etcd = Program(command, self._folder / "etcd.log")
        return port

    async def stop(self) -> None:
        """Ends all programs."""
        for cluster in self._clusters.values():
            await cluster.proxy.stop()
        await asyncio.gather(*(asyncio.to_thread(cluster.stop) for cluster in self._clusters.values()))
        if self._etcd is not None:
            await asyncio.to_thread(self._etcd.stop)
        self._keep.close()

    async def fail_async(self, name: str, fault: Fault | str) -> None:
        """Makes a cluster misbehave until it is healed; raises KeyError, and ValueError for what it cannot do."""
        await self._clusters[name].proxy.fail(fault if isinstance(fault, Fault) else Fault(kind=fault))

    async def heal_async(self, name: str) -> None:
        """Ends a cluster's faults; raises KeyError for an unknown cluster."""
        await self._clusters[name].proxy.heal()

    def faults(self, name: str) -> tuple[Fault, ...]:
        """The faults in force in a cluster."""
        return tuple(self._clusters[name].proxy.faults.values())

    def request_counts(self, name: str) -> dict[str, int]:
        """Nothing: real servers count for themselves."""
        return {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
