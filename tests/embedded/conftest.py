"""A sandbox in a thread for all tests of the package, and a plain HTTPS client for it."""

import base64
import json
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from karmactl.embedded import ClusterSpec, SandboxThread


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: Any
    headers: dict[str, str]
    warnings: tuple[str, ...] = ()


class Api:
    """A client of one cluster that knows nothing but HTTP and JSON."""

    def __init__(self, kubeconfig: Path, name: str) -> None:
        config = json.loads(kubeconfig.read_text())
        cluster = next(c["cluster"] for c in config["clusters"] if c["name"] == name)
        ca = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.url = cluster["server"]
        self._token = next(u["user"]["token"] for u in config["users"] if u["name"] == f"{name}-admin")
        self._context = ssl.create_default_context(cadata=ca)

    def __call__(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, timeout: float = 20, **headers: str
    ) -> Answer:
        data = None if body is None else json.dumps(body).encode() if not isinstance(body, bytes) else body
        request = urllib.request.Request(self.url + path, data, method=method)
        request.add_header("Authorization", f"Bearer {token or self._token}")
        request.add_header("User-Agent", "tests/1.0")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        for key, value in headers.items():
            request.add_header(key.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, context=self._context, timeout=timeout) as response:
                text = response.read()
                return Answer(response.status, _parse(text), dict(response.headers), _warnings(response.headers))
        except urllib.error.HTTPError as exc:
            with exc:
                return Answer(exc.code, _parse(exc.read()), dict(exc.headers), _warnings(exc.headers))

    def apply(self, path: str, body: Any, manager: str = "alpha", **query: str) -> Answer:
        """Server-side apply."""
        params = "&".join(f"{k}={v}" for k, v in {"fieldManager": manager, **query}.items())
        return self("PATCH", f"{path}?{params}", body, Content_Type="application/apply-patch+yaml")

    def merge(self, path: str, body: Any) -> Answer:
        """A merge patch."""
        return self("PATCH", path, body, Content_Type="application/merge-patch+json")


def _warnings(headers: Message) -> tuple[str, ...]:
    texts = (value.removeprefix('299 - "').removesuffix('"') for value in headers.get_all("Warning") or ())
    return tuple(text.replace('\\"', '"') for text in texts)


def _parse(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode(errors="replace")


@pytest.fixture(scope="session")
def bare() -> Iterator[SandboxThread]:
    """A cluster without controllers: nothing changes but by requests."""
    with SandboxThread([ClusterSpec(name="bare", controllers=False, nodes=0, users=(("visitor", ("team",)),))]) as it:
        yield it


@pytest.fixture(scope="session")
def live() -> Iterator[SandboxThread]:
    """Two clusters with controllers and nodes."""
    specs = [
        ClusterSpec(name="one", region="eu", zones=("eu-a", "eu-b"), provider="aws", nodes=2, ready_after=0.02),
        ClusterSpec(name="two", ready_after=0.02),
    ]
    with SandboxThread(specs) as it:
        yield it


@pytest.fixture
def api(bare: SandboxThread) -> Api:
    """A client of the bare cluster."""
    return Api(bare.kubeconfig_path, "bare")


@pytest.fixture
def one(live: SandboxThread) -> Api:
    """A client of the cluster with nodes in two zones."""
    return Api(live.kubeconfig_path, "one")


@pytest.fixture
def namespace(api: Api, request: pytest.FixtureRequest) -> str:
    """A fresh namespace of the bare cluster, with the service account that Pods need."""
    return _namespace(api)


def _namespace(api: Api) -> str:
    made = api("POST", "/api/v1/namespaces", {"metadata": {"generateName": "t-"}})
    name = str(made.body["metadata"]["name"])
    api("POST", f"/api/v1/namespaces/{name}/serviceaccounts", {"metadata": {"name": "default"}})
    return name


@pytest.fixture
def live_namespace(one: Api) -> str:
    """A fresh namespace of the cluster with controllers."""
    return str(one("POST", "/api/v1/namespaces", {"metadata": {"generateName": "t-"}}).body["metadata"]["name"])


Kubectl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def kubectl(live: SandboxThread) -> Kubectl:
    """Runs kubectl against cluster `one`; skips where there is no kubectl."""
    binary = shutil.which("kubectl")
    if binary is None:
        pytest.skip("kubectl is not on the PATH: the sandbox is not tried with it")

    def run(*args: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [binary, "--kubeconfig", str(live.kubeconfig_path), "--context", "one", *args],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run
