"""kubectl against the servers of the contract suite: how it is called, and what a check gets to call it with.

Checks are whole stories, so that the suite stays quick: each kubectl is a process of a tenth of a second.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tests.contract.servers import Server

LEAST_MINOR = 32
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubectl:
    """kubectl on one server, in a namespace and a folder of its own."""

    binary: str
    kubeconfig: Path
    folder: Path
    namespace: str
    server: Server

    def __call__(
        self, *args: str, stdin: str | None = None, code: int = 0, timeout: float = 30, **environment: str
    ) -> str:
        """What a command says, on standard output and then on standard error; fails unless it ends with the code."""
        done = subprocess.run(
            [self.binary, *args],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=self.folder,
            env=self.environment(**environment),
            check=False,
        )
        assert done.returncode == code, f"kubectl {' '.join(args)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    @contextmanager
    def running(self, *args: str) -> Iterator[Path]:
        """A command that goes on until the block ends; gives the file that it writes to, errors and its log, too."""
        path = self.folder / f"output-{next(_numbers)}"
        with path.open("w") as file:
            process = subprocess.Popen(
                [self.binary, *args], stdout=file, stderr=subprocess.STDOUT, cwd=self.folder, env=self.environment()
            )
            try:
                yield path
            finally:
                process.kill()
                process.wait()

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a command: nothing of the user's own configuration."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "KUBECONFIG": str(self.kubeconfig), **more}

    def write(self, name: str, text: str) -> str:
        """The name of a file with that text in the folder of the check."""
        (self.folder / name).write_text(text)
        return name

    def field(self, thing: str, path: str) -> str:
        """One field of an object, by a JSON path."""
        return self("get", *thing.split(" "), "-o", f"jsonpath={{{path}}}")


def await_text(path: Path, text: str, seconds: float = 20) -> str:
    """What a file says once it says that."""
    deadline = time.monotonic() + seconds
    while text not in (said := path.read_text()):
        assert time.monotonic() < deadline, f"{text!r} did not come: {said}"
        time.sleep(0.02)
    return said


def find_kubectl() -> str:
    """The kubectl on the PATH, named `kubectl`; skips loudly where there is none, or one that is too old."""
    binary = shutil.which("kubectl")
    if binary is None:
        pytest.skip("kubectl is not on the PATH: what it does with the servers is not tried")
    said = subprocess.run([binary, "version", "--client", "-o", "json"], capture_output=True, text=True, check=True)
    version = json.loads(said.stdout)["clientVersion"]
    minor = int(re.sub(r"\D", "", version["minor"]))
    if minor < LEAST_MINOR:
        pytest.skip(f"kubectl {version['gitVersion']} is older than 1.{LEAST_MINOR}: it is not tried with the servers")
    return binary


def kubeconfig_of(server: Server, namespace: str) -> str:
    """A kubeconfig for a server's administrator, in JSON."""
    admin = server.admin
    cluster = {"server": admin.server, "certificate-authority-data": base64.b64encode(admin.ca).decode()}
    context = {"cluster": "one", "user": "admin", "namespace": namespace}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "one", "cluster": cluster}],
            "users": [{"name": "admin", "user": {"token": admin.user.token}}],
            "contexts": [{"name": "one", "context": context}],
            "current-context": "one",
        }
    )


Check = Callable[[Kubectl], None]


def kubectl_check(needs: Literal["api", "controllers"]) -> Callable[[Check], Callable[[Server, Path], None]]:
    """A check as a test, with a namespace of its own; it runs on every server that has what it needs."""

    def decorate(check: Check) -> Callable[[Server, Path], None]:
        def test(server: Server, tmp_path: Path) -> None:
            if needs == "controllers" and not server.has_controllers:
                pytest.skip(f"{server.name}: no controllers run beside this server")
            namespace = f"kubectl-{next(_numbers)}"
            kubeconfig = tmp_path / "kubeconfig"
            kubeconfig.touch(mode=0o600)
            kubeconfig.write_text(kubeconfig_of(server, namespace))
            kubectl = Kubectl(
                binary=find_kubectl(),
                kubeconfig=kubeconfig,
                folder=tmp_path,
                namespace=namespace,
                server=server,
            )
            kubectl("create", "namespace", namespace)
            try:
                check(kubectl)
            finally:
                kubectl("delete", "namespace", namespace, "--wait=false")

        test.__name__ = check.__name__
        test.__doc__ = check.__doc__
        test.__module__ = check.__module__
        return test

    return decorate
