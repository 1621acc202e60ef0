"""The life of what people really deploy, from plain kubectl to delete, and nobody else's object touched on the way."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from karmactl.core.model.manifest import JSONValue, Manifest, annotations_of, as_list, as_mapping, field, labels_of
from karmactl.core.model.manifest import metadata_of as metadata
from karmactl.core.model.ports import APIKind
from karmactl.core.state import PART_OF_LABEL
from karmactl.kube.client import ClusterClient
from tests.e2e.fleet import CONFIG_MAP, DEPLOYMENT, MEMBERS, NAMESPACE, SECRET, SERVICE, Fleet

ACCOUNT = APIKind(group="", version="v1", kind="ServiceAccount", resource="serviceaccounts", is_namespaced=True)
ROLE = APIKind(
    group="rbac.authorization.k8s.io", version="v1", kind="ClusterRole", resource="clusterroles", is_namespaced=False
)
WATCHED = (NAMESPACE, CONFIG_MAP, SECRET, SERVICE, DEPLOYMENT, ACCOUNT, ROLE)
CLUSTER_WIDE = frozenset({"CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding"})


@dataclass(frozen=True, kw_only=True)
class Story:
    """One of the published inputs, and who plays which part in it."""

    file: str
    namespace: str
    changed: str
    moved: str
    gone: tuple[str, str]
    by_helm: str


STORIES = {
    "online-boutique": Story(
        file="kubernetes-manifests.yaml",
        namespace="whole-boutique",
        changed="frontend",
        moved="emailservice",
        gone=("Service", "adservice"),
        by_helm="paymentservice",
    ),
    "argo-cd": Story(
        file="install.yaml",
        namespace="whole-argocd",
        changed="argocd-server",
        moved="argocd-dex-server",
        gone=("ConfigMap", "argocd-gpg-keys-cm"),
        by_helm="argocd-redis",
    ),
}


class Life:
    """One story in one fleet."""

    def __init__(self, fleet: Fleet, story: Story, folder: Path) -> None:
        self.fleet = fleet
        self.story = story
        self.items: list[Any] = [item for item in yaml.safe_load_all((folder / story.file).read_text()) if item]
        if fleet.sandbox is None:
            # Real servers are shared with other tests, and with their cluster-wide objects.
            self.items = [item for item in self.items if item["kind"] not in CLUSTER_WIDE]
        self.theirs: dict[str, JSONValue] = {}

    def write(self, *, moved_to: str = "member1, member2") -> None:
        """The files as `items` are now."""
        for path in (self.fleet.project / "files").glob("*.yaml"):
            path.unlink()
        for number, item in enumerate(self.items):
            self.fleet.write(f"{number:03}.yaml", yaml.safe_dump(item))
        self.fleet.write("policies.yaml", policies(self.items, self.story, moved_to))

    def item(self, kind: str, name: str) -> Any:
        """One template."""
        return next(item for item in self.items if (item["kind"], item["metadata"]["name"]) == (kind, name))

    def kubectl(self, member: str, *words: str, **environment: str) -> str:
        """Plain kubectl, in the story's namespace."""
        binary = shutil.which("kubectl")
        assert binary is not None
        done = subprocess.run(
            [
                binary,
                f"--kubeconfig={self.fleet.kubeconfig}",
                f"--context={member}",
                "-n",
                self.story.namespace,
                *words,
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, **environment, "HOME": str(self.fleet.project)},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def live(self, member: str, kind: APIKind, name: str) -> Manifest:
        """One live object."""
        return self.fleet.objects(member, kind, self.story.namespace)[name]

    def changes(self) -> set[tuple[str, str, str]]:
        """(member, kind/name, action) of all that would be done now."""
        document = self.fleet.run("plan", "-o", "json").document
        return {
            (
                str(field(entry, "cluster")),
                f"{field(entry, 'resource', 'kind')}/{field(entry, 'resource', 'name')}",
                str(field(entry, "action")),
            )
            for entry in as_list(document["changes"])
        }

    def seal(self) -> None:
        """From now on nothing that is there in any member, and is not ours, may change."""
        self.theirs = self._foreign()

    def check_sealed(self) -> None:
        """Nobody else's object was touched, and nobody's that has no label of ours has our hand in it."""
        now = self._foreign()
        assert {name: now.get(name) for name in self.theirs} == self.theirs

    def _foreign(self) -> dict[str, JSONValue]:
        found: dict[str, JSONValue] = {}
        for member in MEMBERS:
            for kind in WATCHED:
                for item in self.fleet.ask(member, lambda client, kind=kind: client.list(kind)):  # type: ignore[misc]
                    meta = metadata(item)
                    is_state = meta.get("namespace") == "karmactl-system" or meta["name"] == "karmactl-system"
                    if PART_OF_LABEL in labels_of(item) or is_state:
                        continue
                    content = {key: value for key, value in item.items() if key not in ("status", "metadata")}
                    name = f"{member} {kind.kind} {meta.get('namespace', '')}/{meta['name']}"
                    found[name] = [meta["uid"], meta.get("labels"), meta.get("annotations"), content]
                    managers = [as_mapping(entry).get("manager") for entry in as_list(meta.get("managedFields"))]
                    assert "karmactl" not in managers, f"{name} is nobody's that we made"
        return found

    def apply(self, *words: str) -> None:
        """Apply; afterwards nothing differs, and what is not ours is as it was."""
        self.fleet.apply("-y", "--timeout", "60s", *words)
        diff = self.fleet.run("diff")
        assert (diff.status, diff.out) == (0, ""), diff.out + diff.err
        self.check_sealed()


def policies(items: list[Any], story: Story, moved_to: str) -> str:
    """Everything in two members, but for the one that moves."""

    def selectors(chosen: list[Any]) -> str:
        pairs = sorted({(item["apiVersion"], item["kind"]) for item in chosen})
        return ", ".join(f"{{apiVersion: {version}, kind: {kind}}}" for version, kind in pairs)

    namespaced = [item for item in items if item["kind"] not in CLUSTER_WIDE]
    wide = [item for item in items if item["kind"] in CLUSTER_WIDE]
    text = f"""apiVersion: v1
kind: Namespace
metadata: {{name: {story.namespace}}}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {{name: moved, namespace: {story.namespace}}}
spec:
  priority: 1
  resourceSelectors:
  - {{apiVersion: apps/v1, kind: Deployment, name: {story.moved}}}
  - {{apiVersion: v1, kind: ServiceAccount, name: {story.moved}}}
  placement: {{clusterAffinity: {{clusterNames: [{moved_to}]}}}}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {{name: rest, namespace: {story.namespace}}}
spec:
  resourceSelectors: [{selectors(namespaced)}]
  placement: {{clusterAffinity: {{clusterNames: [member1, member2]}}}}
"""
    if wide:
        text += f"""---
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterPropagationPolicy
metadata: {{name: whole-wide}}
spec:
  resourceSelectors: [{selectors(wide)}]
  placement: {{clusterAffinity: {{clusterNames: [member1, member2]}}}}
"""
    return text


async def bystand(client: ClusterClient, namespace: str) -> None:
    """Objects of others: beside ours in the same namespace, and in one of their own."""
    for name in (namespace, "bystanders"):
        if await client.get(NAMESPACE, "", name) is None:
            await client.create(NAMESPACE, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        body: Any = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": f"theirs-{namespace}", "namespace": name},
        }
        await client.create(CONFIG_MAP, {**body, "data": {"a": "b"}})
    role: Manifest = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": f"theirs-{namespace}"},
        "rules": [],
    }
    await client.create(ROLE, role)


def begin_with_kubectl_and_helm(life: Life) -> None:
    """Part of it is there already in member1, as kubectl and Helm make it, one field more than the files have."""
    story = life.story
    deployment = life.item("Deployment", story.changed)
    first = [{**deployment, "spec": {**deployment["spec"], "minReadySeconds": 3}}, life.item("Service", story.changed)]
    path = life.fleet.project / "first.yaml"
    path.write_text(yaml.safe_dump_all(first))
    life.kubectl("member1", "apply", "-f", str(path))
    account = life.item("ServiceAccount", story.by_helm)
    meta = {
        **account["metadata"],
        "namespace": story.namespace,
        "annotations": {"meta.helm.sh/release-name": "whole", "meta.helm.sh/release-namespace": story.namespace},
        "labels": {**account["metadata"].get("labels", {}), "app.kubernetes.io/managed-by": "Helm"},
    }
    body = {**account, "metadata": meta}
    life.fleet.ask("member1", lambda client: client.create(ACCOUNT, body), manager="helm")


def adopt(life: Life) -> None:
    story = life.story
    refused = life.fleet.run("apply", "--no-wait")
    assert refused.status == 4, refused.out + refused.err
    assert "foreign-object" in refused.err
    held = {(member, what) for member, what, action in life.changes() if action == "conflict"}
    assert held == {
        ("member1", f"Deployment/{story.changed}"),
        ("member1", f"Service/{story.changed}"),
        ("member1", f"ServiceAccount/{story.by_helm}"),
        *((member, f"Namespace/{story.namespace}") for member in ("member1", "member2")),
    }
    assert "held by kubectl-client-side-apply" in life.fleet.run("diff").out
    life.check_sealed()
    ran = life.fleet.run("import", "--from", "live", "--adopt", "-y", *life.fleet.wait)
    assert ran.status == 0, ran.out + ran.err
    live = life.live("member1", DEPLOYMENT, story.changed)
    assert "kubectl.kubernetes.io/last-applied-configuration" not in annotations_of(live)
    assert not field(live, "spec", "minReadySeconds"), "it was kubectl's alone, and no file has it"
    assert "meta.helm.sh/release-name" not in annotations_of(life.live("member1", ACCOUNT, story.by_helm))
    assert life.fleet.run("diff").status == 0


def drift(life: Life) -> None:
    """Four of kubectl's ways to change what is ours, and what is not."""
    name = f"deployment/{life.story.changed}"
    life.kubectl("member1", "scale", name, "--replicas=7")
    life.kubectl("member1", "label", name, "example.com/theirs=yes")
    life.kubectl("member1", "annotate", name, "example.com/note=theirs")
    ours = next(iter(labels_of(life.item("Deployment", life.story.changed))), "")
    if ours:
        life.kubectl("member1", "label", name, f"{ours}=wrong", "--overwrite")
    life.kubectl("member2", "edit", name, KUBE_EDITOR="sed -i s/imagePullPolicy:.*/imagePullPolicy:\\ Never/")
    life.kubectl("member2", "set", "image", name, "*=example.com/other")
    shown = life.fleet.run("diff")
    assert shown.status == 1
    assert shown.out.startswith("! ")
    assert "spec.replicas" in shown.out
    assert "drift: kubectl" in shown.out
    assert "example.com/" not in shown.out.replace("example.com/other", "")
    assert {(member, what) for member, what, _ in life.changes()} == {
        ("member1", f"Deployment/{life.story.changed}"),
        ("member2", f"Deployment/{life.story.changed}"),
    }
    life.apply()
    live = life.live("member1", DEPLOYMENT, life.story.changed)
    assert labels_of(live)["example.com/theirs"] == "yes"
    assert annotations_of(live)["example.com/note"] == "theirs"
    assert labels_of(live).get(ours) == labels_of(life.item("Deployment", life.story.changed)).get(ours)


def conflict(life: Life) -> None:
    body: Manifest = {"spec": {"minReadySeconds": 5}}
    name, space = life.story.changed, life.story.namespace
    life.fleet.ask("member2", lambda client: client.patch(DEPLOYMENT, space, name, body), manager="rollout-bot")
    assert life.fleet.run("diff").status == 0, "nobody asked for that field yet"
    life.item("Deployment", name)["spec"]["minReadySeconds"] = 10
    life.write()
    refused = life.fleet.run("apply", *life.fleet.wait)
    assert refused.status == 4
    assert "spec.minReadySeconds (by rollout-bot since 20" in refused.err
    assert field(life.live("member1", DEPLOYMENT, name), "spec", "minReadySeconds") in (None, 0)
    life.check_sealed()
    life.apply("--force-conflicts")
    assert field(life.live("member2", DEPLOYMENT, name), "spec", "minReadySeconds") == 10


def change(life: Life) -> None:
    container = life.item("Deployment", life.story.changed)["spec"]["template"]["spec"]["containers"][0]
    container["image"] += "-next"
    life.write()
    assert {what for _, what, _ in life.changes()} == {f"Deployment/{life.story.changed}"}
    life.apply()
    spec = life.live("member2", DEPLOYMENT, life.story.changed)["spec"]
    assert str(field(as_list(field(spec, "template", "spec", "containers"))[0], "image")).endswith("-next")


def move(life: Life) -> None:
    if life.fleet.sandbox is None:
        return  # Nothing is ever ready there, so the old place rightly stays.
    life.write(moved_to="member3")
    moved = f"Deployment/{life.story.moved}"
    assert {(member, action) for member, what, action in life.changes() if what == moved} == {
        ("member3", "create"),
        ("member1", "withdraw"),
        ("member2", "withdraw"),
    }
    assert life.fleet.run("apply", "--max-move", "100%").status == 4, "the namespace in member3 is not ours"
    life.check_sealed()
    ran = life.fleet.run("import", "--from", "live", "--adopt", "-y", "--timeout", "60s", "--max-move", "100%")
    assert ran.status == 0, ran.out + ran.err
    life.apply()
    held = [name for name in MEMBERS if life.story.moved in life.fleet.objects(name, DEPLOYMENT, life.story.namespace)]
    assert held == ["member3"]


def prune(life: Life) -> None:
    kind, name = life.story.gone
    life.items.remove(life.item(kind, name))
    life.write(moved_to="member3" if life.fleet.sandbox is not None else "member1, member2")
    api = SERVICE if kind == "Service" else CONFIG_MAP
    life.apply()
    assert name in life.fleet.objects("member1", api, life.story.namespace), "it stays until it is pruned"
    assert {action for _, _, action in life.changes()} == set()
    life.apply("--prune")
    assert name not in life.fleet.objects("member1", api, life.story.namespace)


def delete(life: Life) -> None:
    ran = life.fleet.run(
        "delete",
        "-y",
        "--timeout",
        "20s",
        *life.fleet.wait,
        "--allow-delete=CustomResourceDefinition,Namespace,PersistentVolumeClaim",
    )
    # The namespace holds what is not ours, so it stays: done in part, or as far as it may.
    assert ran.status in (0, 3, 5), ran.out + ran.err
    life.check_sealed()
    for member in MEMBERS:
        for kind in WATCHED:
            found = life.fleet.ask(member, lambda client, kind=kind: client.list(kind))  # type: ignore[misc]
            ours = [metadata(item)["name"] for item in found if labels_of(item).get(PART_OF_LABEL) == _set_id(life)]
            assert ours in ([], [life.story.namespace]), f"{member} {kind.kind}"


def _set_id(life: Life) -> str:
    from karmactl.core.state import applyset_id

    return applyset_id(life.story.namespace)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on this machine: its hands are not tried")
@pytest.mark.parametrize("name", STORIES)
def test_from_plain_kubectl_to_delete(name: str, any_fleet: Fleet, inputs: Path) -> None:
    life = Life(any_fleet, STORIES[name], inputs / name)
    for member in MEMBERS:
        any_fleet.ask(member, lambda client: bystand(client, life.story.namespace))
    begin_with_kubectl_and_helm(life)
    life.write()
    any_fleet.settle(life.story.namespace, extra=f"namespace: {life.story.namespace}\n")
    life.seal()
    life.theirs = {name: seen for name, seen in life.theirs.items() if "theirs-" in name or "bystanders" in name}
    steps: tuple[Callable[[Life], None], ...] = (adopt, drift, conflict, change, move, prune, delete)
    for step in steps:
        step(life)
