"""The main path on what people really deploy: applied, nothing to do, one image changed, one file gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from karmactl.core.model.manifest import as_mapping, field, labels_of
from karmactl.core.model.ports import APIKind
from karmactl.core.state import PART_OF_LABEL, applyset_id
from tests.e2e.fleet import DEPLOYMENT, MEMBERS, SERVICE, Fleet, writes_of

BOUTIQUE = """apiVersion: v1
kind: Namespace
metadata: {name: boutique}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: workloads, namespace: boutique}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment}]
  placement:
    clusterAffinity: {clusterNames: [member1, member2, member3]}
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: Weighted
      weightPreference:
        staticWeightList:
        - {targetCluster: {clusterNames: [member1]}, weight: 2}
        - {targetCluster: {clusterNames: [member2]}, weight: 1}
        - {targetCluster: {clusterNames: [member3]}, weight: 1}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: rest, namespace: boutique}
spec:
  resourceSelectors: [{apiVersion: v1, kind: Service}, {apiVersion: v1, kind: ServiceAccount}]
  placement: {clusterAffinity: {clusterNames: [member1, member2, member3]}}
"""


def split_documents(path: Path) -> list[str]:
    """The documents of a file that say something."""
    documents = path.read_text().split("\n---\n")
    return [text for text in documents if any(line and not line.startswith(("#", "---")) for line in text.splitlines())]


def test_online_boutique(any_fleet: Fleet, inputs: Path) -> None:
    fleet = any_fleet
    for number, text in enumerate(split_documents(inputs / "online-boutique" / "kubernetes-manifests.yaml")):
        if "kind: Deployment" in text:
            text = text.replace("  replicas: 1\n", "").replace("\nspec:\n", "\nspec:\n  replicas: 4\n", 1)
        fleet.write(f"{number:02}.yaml", text)
    fleet.write("policies.yaml", BOUTIQUE)
    fleet.settle("boutique", extra="namespace: boutique\n")

    fleet.apply()
    counts = fleet.replicas("boutique")
    assert len(counts) == 12
    for name, by_member in counts.items():
        assert by_member == {"member1": 2, "member2": 1, "member3": 1}, name
    assert len(fleet.objects("member2", SERVICE, "boutique")) >= 11

    again = fleet.apply()
    assert writes_of(again) == {}, "a second run sends no write and takes no Lease"
    assert all(set(verbs) <= {"DISCOVER", "GET", "LIST"} for verbs in again.requests().values())
    assert fleet.run("diff").status == 0

    _change_one_image(fleet)
    shown = fleet.run("diff", "-o", "json")
    assert shown.status == 1
    changes = shown.document["changes"]
    assert isinstance(changes, list)
    assert {(field(change, "resource", "name"), field(change, "action")) for change in changes} == {
        ("frontend", "update")
    }
    fields = [entry for change in changes for entry in as_mapping(change)["fields"]]  # type: ignore[union-attr]
    assert {field(entry, "path") for entry in fields} == {"/spec/template/spec/containers/0/image"}
    fleet.apply()
    assert fleet.run("diff").status == 0

    (gone,) = [path for path in (fleet.project / "files").iterdir() if _is(path.read_text(), "Deployment", "adservice")]
    gone.unlink()
    kept = fleet.apply()
    assert "adservice" in fleet.objects("member1", DEPLOYMENT, "boutique"), kept.out
    pruned = fleet.apply("--prune")
    assert set(fleet.replicas("boutique")) == set(counts) - {"adservice"}
    assert writes_of(pruned)["DELETE"] >= len(MEMBERS)
    assert "adservice" in fleet.objects("member1", SERVICE, "boutique")
    assert fleet.run("diff").status == 0


def _is(text: str, kind: str, name: str) -> bool:
    return f"kind: {kind}\n" in text and f"name: {name}\n" in text.partition("\nspec:")[0]


def _change_one_image(fleet: Fleet) -> None:
    for path in (fleet.project / "files").iterdir():
        text = path.read_text()
        if _is(text, "Deployment", "frontend"):
            start = text.index("image: ")
            image = text[start : text.index("\n", start)]
            path.write_text(text.replace(image, f"{image}-next", 1))


def test_karmada_nginx_unchanged(any_fleet: Fleet, inputs: Path) -> None:
    fleet = any_fleet
    folder = inputs / "karmada-nginx"
    fleet.settle("nginx", inputs=f"[{folder}]")
    fleet.apply()
    # Two replicas by weights 1:1, as Karmada divides them; labels to member2, an annotation to member1.
    assert {name: counts for name, counts in fleet.replicas("default").items() if name == "nginx"} == {
        "nginx": {"member1": 1, "member2": 1}
    }
    second = fleet.objects("member2", DEPLOYMENT, "default")["nginx"]
    assert (labels_of(second)["env"], labels_of(second)["env-stat"]) == ("skoala-dev", "skoala-stage")
    first = fleet.objects("member1", DEPLOYMENT, "default")["nginx"]
    assert field(first, "metadata", "annotations", "env") == "skoala-stage"
    assert "env" not in labels_of(first)
    assert labels_of(first)[PART_OF_LABEL] == applyset_id("nginx")
    assert writes_of(fleet.apply()) == {}


def test_karmada_guestbook_unchanged(any_fleet: Fleet, inputs: Path) -> None:
    fleet = any_fleet
    fleet.settle("guestbook", inputs=f"[{inputs / 'karmada-guestbook'}]")
    fleet.apply()
    kind = APIKind(group="webapp.my.domain", version="v1", kind="Guestbook", resource="guestbooks", is_namespaced=True)
    sample = fleet.objects("member1", kind, "default")["guestbook-sample"]
    assert field(sample, "spec", "size") == 4, "the override's, not the template's"
    assert field(sample, "metadata", "annotations", "OverridePolicy") == "test"
    assert writes_of(fleet.apply()) == {}


@pytest.mark.parametrize("name", ["argo-cd"])
def test_argo_cd_goes_everywhere_in_an_order_that_works(any_fleet: Fleet, inputs: Path, name: str) -> None:
    fleet = any_fleet
    fleet.write(
        "policies.yaml",
        """apiVersion: v1
kind: Namespace
metadata: {name: argocd}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: all, namespace: argocd}
spec:
  resourceSelectors:
  - {apiVersion: v1, kind: ServiceAccount}
  - {apiVersion: v1, kind: ConfigMap}
  - {apiVersion: v1, kind: Secret}
  - {apiVersion: v1, kind: Service}
  - {apiVersion: apps/v1, kind: Deployment}
  - {apiVersion: apps/v1, kind: StatefulSet}
  - {apiVersion: rbac.authorization.k8s.io/v1, kind: Role}
  - {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding}
  - {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy}
  placement: {clusterAffinity: {clusterNames: [member1, member2, member3]}}
---
apiVersion: policy.karmada.io/v1alpha1
kind: ClusterPropagationPolicy
metadata: {name: argocd}
spec:
  resourceSelectors:
  - {apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition}
  - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole}
  - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding}
  placement: {clusterAffinity: {clusterNames: [member1, member2, member3]}}
""",
    )
    fleet.settle(name, inputs=f"[files, {inputs / name}]", extra="namespace: argocd\n")
    applied = fleet.apply("-o", "json")
    changes = applied.document["changes"]
    assert isinstance(changes, list)
    assert len(changes) == 3 * 60
    again = fleet.apply()
    assert writes_of(again) == {}, again.out
