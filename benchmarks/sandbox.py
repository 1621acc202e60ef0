"""The sandbox: how soon it is up, what it weighs, and how fast it writes, reads and watches.

    python -m benchmarks.sandbox [--rounds 5] [--requests 2000] [--objects 20000] [--connections 8]

Start-up is the whole command `karmactl sandbox up` with a new process behind it, until it ends; the clusters have
controllers and two nodes. Memory is the resident set of that process. The rest is what a client in this process gets
over TLS with that many connections from one cluster: ConfigMaps of 1 KiB and Deployments. Where KUBEBUILDER_ASSETS
names a kube-apiserver, it does the same beside it, and the ratio is the sandbox's figure by the real one's. To reach:
the first cluster in 0.4 s, 100 in 3 s, 3 MiB for each further idle cluster, 20,000 objects in one.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import ssl
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from karmactl.embedded.assets import AssetsError, find_assets

KARMACTL = Path(sysconfig.get_path("scripts")) / "karmactl"
FIRST_SECONDS, HUNDRED_SECONDS, EACH_MIB = 0.4, 3.0, 3.0
MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
APPLY = "application/apply-patch+yaml"


class Sandbox:
    """A sandbox in a folder of its own, by the command."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KARMACTL_")}
        # a package is installed with its bytecode; without it every start compiles
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._environment = {**environment, "KARMACTL_SANDBOX_DIR": str(folder)}
        started = time.perf_counter()
        self._run("up", *words)
        self.seconds = time.perf_counter() - started

    def _run(self, *words: str) -> None:
        command = (str(KARMACTL), "sandbox", *words)
        subprocess.run(command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)

    def mebibytes(self) -> float:
        """The resident set of the process; 0 where nobody tells."""
        pid = json.loads((self.folder / "state.json").read_text())["pid"]
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return 0.0
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def down(self) -> None:
        self._run("down")


class Connection:
    """One connection to a cluster, which answers one request after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        self._reader, self._writer, self._head = reader, writer, head

    async def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> bytes:
        """The body of an answer; raises RuntimeError for a refusal."""
        await self._send(method, path, body, kind)
        status, headers = await self._read_head()
        if "chunked" in headers:
            parts = [part async for part in self._chunks()]
            answer = b"".join(parts)
        else:
            length = next(
                (line.split(":")[1] for line in headers.split("\n") if line.startswith("content-length")), "0"
            )
            answer = await self._reader.readexactly(int(length))
        if status >= 400:
            raise RuntimeError(f"{method} {path}: {status} {answer[:300]!r}")
        return answer

    async def watch(self, path: str) -> AsyncIterator[bytes]:
        """The lines of a stream, as they come."""
        await self._send("GET", path, b"", "application/json")
        await self._read_head()
        rest = b""
        async for chunk in self._chunks():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line

    async def _send(self, method: str, path: str, body: bytes, kind: str) -> None:
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        await self._writer.drain()

    async def _read_head(self) -> tuple[int, str]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().replace("\r", "")
        return int(head.split(" ", 2)[1]), head

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self._reader.readline(), 16):
            yield await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)


@asynccontextmanager
async def connections(config: dict[str, Any], count: int) -> AsyncIterator[list[Connection]]:
    """So many connections to the first cluster of a kubeconfig."""
    cluster, token = config["clusters"][0]["cluster"], config["users"][0]["user"]["token"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    place = urlsplit(cluster["server"])
    head = f"Host: {place.netloc}\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n"
    opened = []
    for _ in range(count):
        opened.append(await asyncio.open_connection(place.hostname, place.port, ssl=context, limit=1 << 26))
    try:
        yield [Connection(reader, writer, head) for reader, writer in opened]
    finally:
        for _, writer in opened:
            writer.transport.abort()


def config_map(name: str) -> bytes:
    return json.dumps({"metadata": {"name": name, "labels": {"bench": "yes"}}, "data": {"text": "x" * 1024}}).encode()


def deployment(name: str, image: str) -> bytes:
    labels = {"app": name}
    containers = [{"name": "app", "image": image, "resources": {"requests": {"cpu": "10m"}}}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    value = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels}, "spec": spec}
    return json.dumps(value).encode()


Send = Callable[[Connection, int], Awaitable[object]]


async def rate(them: list[Connection], count: int, send: Send) -> float:
    """Requests a second, over all connections."""
    numbers = iter(range(count))

    async def work(connection: Connection) -> None:
        for number in numbers:
            await send(connection, number)

    started = time.perf_counter()
    await asyncio.gather(*(work(each) for each in them))
    return count / (time.perf_counter() - started)


async def watched(them: list[Connection], count: int) -> float:
    """Events a second that reach two watches of one kind while others write, until the last has come."""
    version = json.loads(await them[0].ask("GET", f"{MAPS}?limit=1"))["metadata"]["resourceVersion"]
    path = f"{MAPS}?watch=true&resourceVersion={version}"

    async def look(connection: Connection) -> None:
        seen = 0
        async for _ in connection.watch(path):
            seen += 1
            if seen == count:
                return

    watching = [asyncio.create_task(look(each)) for each in them[:2]]
    started = time.perf_counter()
    await rate(them[2:], count, lambda c, n: c.ask("POST", MAPS, config_map(f"watched-{n}")))
    await asyncio.gather(*watching)
    return 2 * count / (time.perf_counter() - started)


async def speeds(kubeconfig: dict[str, Any], options: argparse.Namespace) -> dict[str, float]:
    """Figures a second, by what was done."""
    out: dict[str, float] = {}
    count = options.requests
    async with connections(kubeconfig, options.connections) as them:
        await rate(them, 50, lambda c, n: c.ask("POST", MAPS, config_map(f"warm-{n}")))
        out["creates of ConfigMaps"] = await rate(them, count, lambda c, n: c.ask("POST", MAPS, config_map(f"m-{n}")))
        out["gets"] = await rate(them, count, lambda c, n: c.ask("GET", f"{MAPS}/m-{n}"))
        out["merge patches"] = await rate(
            them,
            count,
            lambda c, n: c.ask("PATCH", f"{MAPS}/m-{n}", b'{"data":{"new":"value"}}', "application/merge-patch+json"),
        )
        out["lists of 500"] = await rate(them, count // 20, lambda c, n: c.ask("GET", f"{MAPS}?limit=500"))
        for told, image in (
            ("applies that create", "a:1"),
            ("applies that change", "a:2"),
            ("applies of the same", "a:2"),
        ):
            path = f"{DEPLOYMENTS}/d-{{}}?fieldManager=bench"
            out[f"{told} (Deployments)"] = await rate(
                them,
                count // 4,
                lambda c, n, path=path, image=image: c.ask(  # type: ignore[misc]
                    "PATCH", path.format(n), deployment(f"d-{n}", image), APPLY
                ),
            )
    async with connections(kubeconfig, options.connections + 2) as them:
        out["watch events"] = await watched(them, count)
    return out


async def fill(kubeconfig: dict[str, Any], options: argparse.Namespace) -> tuple[float, float]:
    """Seconds to create many objects, and then to list them all in pages of 500."""
    async with connections(kubeconfig, options.connections) as them:
        started = time.perf_counter()
        await rate(them, options.objects, lambda c, n: c.ask("POST", MAPS, config_map(f"many-{n}")))
        filled = time.perf_counter() - started
        started, token, found = time.perf_counter(), "", 0
        while True:
            page = json.loads(await them[0].ask("GET", f"{MAPS}?limit=500&continue={token}"))
            found += len(page["items"])
            token = page["metadata"].get("continue", "")
            if not token:
                break
        if found < options.objects:
            raise RuntimeError(f"{found} of {options.objects} objects were listed")
        return filled, time.perf_counter() - started


def start_up(root: Path, rounds: int) -> None:
    """Prints how soon 1 and 100 clusters are up, and what they weigh."""
    weights: dict[int, float] = {}
    for clusters, reach in ((1, FIRST_SECONDS), (100, HUNDRED_SECONDS)):
        seconds = []
        for number in range(rounds + 1):
            sandbox = Sandbox(root / f"start-{clusters}-{number}", "--clusters", str(clusters))
            seconds.append(sandbox.seconds)
            weights[clusters] = sandbox.mebibytes()
            sandbox.down()
        figure = statistics.median(seconds[1:])
        print(f"{clusters:3} clusters up {figure:21.2f} s   (to reach: {reach} s)")
    each = (weights[100] - weights[1]) / 99
    print(f"first cluster weighs {weights[1]:15.1f} MiB")
    print(f"each further idle cluster {each:10.2f} MiB (to reach: {EACH_MIB} MiB)")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--objects", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    if not KARMACTL.exists():
        print(f"skipped: karmactl is not installed beside {sys.executable}; run make setup", file=sys.stderr)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        start_up(root, options.rounds)
        emulated = measured(root / "emulated", options)
        try:
            find_assets(os.environ)
        except AssetsError as error:
            print(f"no kube-apiserver beside it: {error}", file=sys.stderr)
            for name, figure in emulated.items():
                print(f"{name:38} {figure:9.0f} /s")
            return 0
        real = measured(root / "real", options, "--real", "--nodes", "0")
        print(f"{'':38} {'sandbox':>12} {'real':>12} {'ratio':>6}")
        for name, figure in emulated.items():
            print(f"{name:38} {figure:10.0f} /s {real[name]:10.0f} /s {figure / real[name]:6.2f}")
    return 0


def measured(folder: Path, options: argparse.Namespace, *words: str) -> dict[str, float]:
    """The figures of one cluster; prints what many objects cost it."""
    sandbox = Sandbox(folder, "--clusters", "1", *words)
    try:
        kubeconfig = json.loads((folder / "kubeconfig").read_text())
        figures = asyncio.run(speeds(kubeconfig, options))
        before = sandbox.mebibytes()
        filled, listed = asyncio.run(fill(kubeconfig, options))
        weight = "" if words else f", {sandbox.mebibytes() - before:.0f} MiB more"
        told = "real: " if words else ""
        print(f"{told}{options.objects} objects more in {filled:.1f} s, listed in {listed:.2f} s{weight}")
        return figures
    finally:
        sandbox.down()


if __name__ == "__main__":
    sys.exit(main())
