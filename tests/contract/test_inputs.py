"""What other projects publish, unchanged, by plain kubectl: it applies, stays as it is, comes up, and goes again.

The published manifests are no part of this project: without them the checks are skipped. Kinds of control planes that
nobody installed here (Karmada's policies, KubeFed's) get a CustomResourceDefinition first, as an administrator would
have installed it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.kubectl import Kubectl, kubectl_check

INPUTS = Path(__file__).parents[3] / "shared" / "inputs"
# as their owners name them; a plural cannot be guessed
PLURALS = {"PropagationPolicy": "propagationpolicies", "ClusterPropagationPolicy": "clusterpropagationpolicies"}
PLURALS |= {"OverridePolicy": "overridepolicies", "FederatedIngress": "federatedingresses"}
CLUSTER_SCOPED = {"ClusterPropagationPolicy", "FederatedClusterRole", "FederatedClusterRoleBinding"}


def folder_of(name: str) -> Path:
    if not INPUTS.is_dir():
        pytest.skip(f"the published manifests are not there: {INPUTS}")
    return INPUTS / name


def documents(folder: Path) -> list[dict[str, Any]]:
    return [d for path in sorted(folder.glob("*.yaml")) for d in yaml.safe_load_all(path.read_text()) if d]


def definition(api_version: str, kind: str) -> dict[str, Any]:
    """A CustomResourceDefinition that takes anything."""
    group, _, version = api_version.partition("/")
    plural = PLURALS.get(kind, kind.lower() + "s")
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        # the group is protected where it ends in k8s.io: the API asks for a reason
        "metadata": {
            "name": f"{plural}.{group}",
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"},
        },
        "spec": {
            "group": group,
            "scope": "Cluster" if kind in CLUSTER_SCOPED else "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [served],
        },
    }


def is_builtin(api_version: str) -> bool:
    group = api_version.rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def install_definitions(kubectl: Kubectl, found: list[dict[str, Any]]) -> list[str]:
    """The names of the CustomResourceDefinitions that the documents need and do not bring."""
    brought = {d["spec"]["names"]["kind"] for d in found if d["kind"] == "CustomResourceDefinition"}
    kinds = {
        (d["apiVersion"], d["kind"]) for d in found if not is_builtin(d["apiVersion"]) and d["kind"] not in brought
    }
    made = [definition(*kind) for kind in sorted(kinds)]
    for each in made:
        kubectl("apply", "-f", "-", stdin=json.dumps(each))
    names = [f"crd/{each['metadata']['name']}" for each in made]
    if names:
        kubectl("wait", "--for=condition=Established", "--timeout=20s", *names)
    return names


@kubectl_check("api")
def test_online_boutique(kubectl: Kubectl) -> None:
    folder = folder_of("online-boutique")
    count = len(documents(folder))
    said = kubectl("apply", "-f", str(folder))
    assert said.count(" created\n") == count
    assert kubectl("apply", "-f", str(folder)).count(" unchanged\n") == count
    assert kubectl("diff", "-f", str(folder)) == ""
    assert kubectl("apply", "--server-side", "-f", str(folder)).count(" serverside-applied\n") == count
    if "No resources found" not in kubectl("get", "nodes"):
        kubectl("wait", "--for=condition=Available", "deploy", "--all", "--timeout=60s", timeout=70)
    kubectl("delete", "-f", str(folder), "--wait=false")


@kubectl_check("api")
def test_argo_cd(kubectl: Kubectl) -> None:
    folder = folder_of("argo-cd")
    count = len(documents(folder))
    try:
        # its largest definition does not fit into the annotation of client-side apply, on any server
        said = kubectl("apply", "-f", str(folder), code=1, timeout=120)
        assert said.count(" created\n") == count - 1
        assert "metadata.annotations: Too long: may not be more than 262144 bytes" in said
        said = kubectl("apply", "--server-side", "--force-conflicts", "-f", str(folder), timeout=120)
        assert said.count(" serverside-applied\n") == count
        assert kubectl("diff", "--server-side", "--force-conflicts", "-f", str(folder), timeout=120) == ""
        assert "applicationsets" in kubectl("api-resources", "--api-group=argoproj.io")
        assert "generators" in kubectl("explain", "applicationset.spec")
        if "No resources found" not in kubectl("get", "nodes"):
            kubectl("rollout", "status", "deploy/argocd-server", "--timeout=60s", timeout=70)
            kubectl("rollout", "status", "sts/argocd-application-controller", "--timeout=60s", timeout=70)
    finally:
        kubectl("delete", "-f", str(folder), "--ignore-not-found", "--wait=false", timeout=120)


@pytest.mark.parametrize("name", ["karmada-guestbook", "karmada-nginx", "kubefed-sample1", "kubefed-scheduling"])
def test_what_needs_the_kinds_of_a_control_plane(name: str, server: Any, tmp_path: Path) -> None:
    folder = folder_of(name)

    @kubectl_check("api")
    def check(kubectl: Kubectl) -> None:
        found = documents(folder)
        made = install_definitions(kubectl, found)
        own = [d for d in found if d["kind"] in ("CustomResourceDefinition", "Namespace")]
        used = {d["metadata"]["namespace"] for d in found if "namespace" in d["metadata"]}
        used |= {d["metadata"]["name"] for d in found if d["kind"] == "Namespace"}
        try:
            for namespace in sorted(used - {"default"}):
                kubectl("create", "namespace", namespace)
            for each in own:
                kubectl("apply", "-f", "-", stdin=json.dumps(each))
            for each in own:
                if each["kind"] == "CustomResourceDefinition":
                    name = f"crd/{each['metadata']['name']}"
                    kubectl("wait", "--for=condition=Established", "--timeout=20s", name)
            said = kubectl("apply", "-f", str(folder))
            assert said.count(" created\n") == len(found) - len(own)
            assert " created\n" not in kubectl("apply", "-f", str(folder))
            assert kubectl("diff", "-f", str(folder)) == ""
        finally:
            kubectl("delete", "-f", str(folder), "--ignore-not-found", "--wait=false")
            for crd in made:
                kubectl("delete", crd)
            for namespace in sorted(used - {"default"}):
                wait = "--wait=true" if kubectl.server.has_controllers else "--wait=false"
                kubectl("delete", "namespace", namespace, "--ignore-not-found", wait)

    check(server, tmp_path)
