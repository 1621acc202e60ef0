"""`make demo`: a small shop on three emulated clusters, from the first plan to a lost cluster, in well under a minute.

Every step prints the command and its real output, and is checked twice: by exit status and words of the output, and by
looking into the clusters themselves. The demo ends with 0 only if every step did what it says it does. The sandbox,
the copy of the shop and kubectl's cache lie in a temporary folder and are gone afterwards, after Ctrl-C too; nothing
of the user's is read or written. Progress lines (`·`) are shown where they tell something.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from karmactl.embedded import background

SHOP = Path(__file__).parents[1] / "policies" / "shop"
SCRIPTS = Path(sysconfig.get_path("scripts"))
STYLES = re.compile(r"\x1b\[[0-9;]*m")
OLD, NEW = "shop/frontend:1.4.0", "shop/frontend:1.5.0"
SETTINGS = """\
set: shop        # the name of what these files own in every cluster
sandbox: true    # the members are those of the sandbox
inputs: [shop/]  # what is read when no -f is given
"""


class StepFailed(Exception):
    """A step did not do what it says; the message says what was expected."""


class Demo:
    """One run: a folder of its own, a sandbox of its own, and the steps so far."""

    def __init__(self, folder: Path) -> None:
        self.sandbox = folder / "sandbox"
        self.work = folder / "work"
        shutil.copytree(SHOP, self.work / "shop", ignore=shutil.ignore_patterns("*.test.yaml"))
        (self.work / "karmactl.yaml").write_text(SETTINGS, encoding="utf-8")
        self.is_terminal = sys.stdout.isatty()
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("KARMACTL_") and name != "KUBECONFIG"
        }
        self.environment |= {
            "KARMACTL_SANDBOX_DIR": str(self.sandbox),
            "KUBECACHEDIR": str(folder / "cache"),
            "PATH": os.pathsep.join((str(SCRIPTS), self.environment.get("PATH", os.defpath))),
            "PYTHONIOENCODING": "utf-8",
        }
        if self.is_terminal and not self.environment.get("NO_COLOR"):
            self.environment["FORCE_COLOR"] = "1"

    def tell(self, title: str, *lines: str) -> None:
        """A heading of the story, and what to look out for."""
        title = f"\x1b[1m{title}\x1b[0m" if self.is_terminal else title
        print("", title, *lines, sep="\n", flush=True)

    def run(self, command: str, *claims: str, status: int = 0, means: str = "", shows_progress: bool = False) -> None:
        """Run one command, print it with its output, and hold it to its status and to what its output has to say.

        A claim is a piece of a line, with any amount of white space between its words. Raises StepFailed.
        """
        print(f"\n$ {command}", flush=True)
        done = subprocess.run(
            shlex.split(command),
            cwd=self.work,
            env=self.environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        aside = [
            line for line in done.stderr.splitlines() if shows_progress or not STYLES.sub("", line).startswith("·")
        ]
        print("\n".join([*aside, done.stdout.rstrip()]).strip("\n"))
        if means:
            print(f"(exit {done.returncode}: {means})")
        sys.stdout.flush()
        if done.returncode != status:
            raise StepFailed(f"`{command}` ended with {done.returncode} instead of {status}\n{done.stderr}")
        said = [" ".join(STYLES.sub("", line).split()) for line in (done.stdout + done.stderr).splitlines()]
        for claim in claims:
            if not any(claim in line for line in said):
                raise StepFailed(f"`{command}` does not say {claim!r}")

    def change(self, old: str, new: str) -> None:
        """Change the copy of the shop, as a user would in an editor."""
        path = self.work / "shop" / "shop.yaml"
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise StepFailed(f"{old} is not in the sample once")
        path.write_text(text.replace(old, new), encoding="utf-8")
        print(f"\n(in shop/shop.yaml: {old} becomes {new})")

    def look(self, cluster: str, path: str, holds: Callable[[Any], bool], claim: str) -> None:
        """Ask a cluster's API itself whether it holds what a step claims. Raises StepFailed."""
        config = json.loads((self.sandbox / "kubeconfig").read_text(encoding="utf-8"))
        server = next(entry["cluster"] for entry in config["clusters"] if entry["name"] == cluster)
        context = next(entry["context"] for entry in config["contexts"] if entry["name"] == cluster)
        user = next(entry["user"] for entry in config["users"] if entry["name"] == context["user"])
        authority = base64.b64decode(server["certificate-authority-data"]).decode()
        request = urllib.request.Request(server["server"] + path, headers={"Authorization": f"Bearer {user['token']}"})
        # Straight to loopback, whatever proxy the environment names.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cadata=authority)),
        )
        with opener.open(request, timeout=10) as answer:
            found = json.load(answer)
        if not holds(found):
            raise StepFailed(f"{cluster} does not hold {claim}")

    def look_at_frontend(self, image_by_cluster: Mapping[str, tuple[int, str]]) -> None:
        """The replicas and the image of the frontend, cluster by cluster."""
        for cluster, (replicas, image) in image_by_cluster.items():

            def holds(found: Any, replicas: int = replicas, image: str = image) -> bool:
                pod = found["spec"]["template"]["spec"]
                ready = found.get("status", {}).get("readyReplicas")
                return (found["spec"]["replicas"], ready, pod["containers"][0]["image"]) == (replicas, replicas, image)

            path = "/apis/apps/v1/namespaces/shop/deployments/frontend"
            self.look(cluster, path, holds, f"{replicas} ready replicas of {image}")


def tell_story(demo: Demo) -> None:
    """The steps in order. Raises StepFailed at the first one that does not do what it says."""
    demo.tell(
        "1. Three regions, three providers", "Emulated API servers on this computer; kubectl can talk to them, too."
    )
    demo.run(
        "karmactl sandbox up --names eu,us,ap --regions eu,us,ap --providers aws,gcp,azure",
        "3 emulated clusters up",
        "eu ready",
        "us ready",
        "ap ready",
        shows_progress=True,
    )

    demo.tell(
        "2. What would go where",
        "policies/shop: the frontend is divided 3 to 2 over eu and us, the cart stays in Asia with its volume, and",
        "image registry and storage class follow the provider.",
    )
    demo.run("karmactl plan", "shop deploy/frontend – 3 2 5", "shop deploy/cart 1 – – 1", "weights 3:2", "11 create")

    demo.tell("3. Do it", "Namespaces first, workloads last; the end is when they are ready.")
    demo.run("karmactl apply", "Applied 11 changes to 3 clusters", shows_progress=True)
    aws, gcp = "ecr.aws.example.com", "gar.gcp.example.com"
    demo.look_at_frontend({"eu": (3, f"{aws}/{OLD}"), "us": (2, f"{gcp}/{OLD}")})
    demo.look(
        "ap",
        "/api/v1/namespaces/shop/persistentvolumeclaims/cart-data",
        lambda found: found["spec"]["storageClassName"] == "managed-csi",
        "a claim with the storage class of its provider",
    )
    demo.run("karmactl status", "shop deploy/frontend – 3/3 ● 2/2 ● 5/5", "shop deploy/cart 1/1 ●", "3 of 3 reachable")

    demo.tell("4. Why there, and why not in Asia?")
    demo.run("karmactl why deploy/frontend", "PropagationPolicy shop/web", "✗ region", "5 by weights 3:2 is 3, 2")

    demo.tell("5. A new image: just that differs, in each region's own registry")
    demo.change(OLD, NEW)
    demo.run(
        "karmactl diff",
        f"- {aws}/{OLD}",
        f"+ {aws}/{NEW}",
        f"+ {gcp}/{NEW}",
        "1 object differs in 2 clusters",
        status=1,
        means="there are differences, as with kubectl diff",
    )
    demo.run("karmactl apply", "shop deploy/frontend eu us updated", "Applied 2 changes to 2 clusters")
    demo.look_at_frontend({"eu": (3, f"{aws}/{NEW}"), "us": (2, f"{gcp}/{NEW}")})

    demo.tell("6. Nothing but Kubernetes in the members")
    show_kubectl(demo)

    demo.tell(
        "7. A cluster is lost",
        "Silence is not a fact: what us holds is unknown, its share stays recorded, and nothing moves.",
    )
    demo.run("karmactl sandbox fail us", "connections are refused")
    demo.run(
        "karmactl plan",
        "2 of 3 reachable",
        "? us member-unreachable",
        "no changes",
        "not everything could be read",
        status=3,
        means="done in part, because one member did not answer",
    )
    demo.run("karmactl sandbox heal us", "us well")
    demo.run("karmactl plan --exit-code", "no changes, 11 unchanged", means="everything is in sync again")

    demo.tell("8. The end")
    demo.run("karmactl sandbox down", "sandbox down")


def show_kubectl(demo: Demo) -> None:
    """The same clusters through kubectl, where there is one."""
    if shutil.which("kubectl") is None:
        print("\n(skipped: there is no kubectl on the PATH)")
        return
    done = subprocess.run(
        ["karmactl", "sandbox", "env"], cwd=demo.work, env=demo.environment, capture_output=True, text=True, check=True
    )
    print('\n$ eval "$(karmactl sandbox env)"')
    for line in done.stdout.splitlines():
        name, _, value = shlex.split(line)[-1].partition("=")
        demo.environment[name] = value
    demo.run("kubectl get deploy -A --context eu", "shop frontend 3/3")
    demo.run("kubectl get deploy -A --context ap", "shop cart 1/1")


def take_down(folder: Path) -> None:
    """End the sandbox, one that is just coming up too: it says where it is only when it is there."""
    deadline = time.monotonic() + 5
    begun = (folder / background.SPECS, folder / background.LOG)
    while all(path.exists() for path in begun) and not (folder / background.STATE).exists():
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)
    background.down(folder)


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="karmactl-demo-") as name:
        demo = Demo(Path(name))
        try:
            tell_story(demo)
        except StepFailed as failure:
            print(f"\nthe demo failed: {failure}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\ninterrupted; the sandbox is taken down", file=sys.stderr)
            return 130
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            take_down(demo.sandbox)
    print(f"\nEvery step did what it showed, in {time.monotonic() - started:.0f} s.")
    print("Next: the first ten minutes with clusters of your own, in README.md.")
    return 0


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
