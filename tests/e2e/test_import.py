"""`karmactl import`: what kubectl made before becomes the set's, on emulated and on real members."""

from __future__ import annotations

from typing import Any

from karmactl.core.model.manifest import Manifest, metadata_of
from karmactl.kube.client import ClusterClient
from tests.e2e.fleet import CONFIG_MAP, NAMESPACE, Fleet

FILES = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: NS}
data: {color: red, size: big}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: all, namespace: NS}
spec:
  resourceSelectors: [{apiVersion: v1, kind: ConfigMap}]
  placement: {clusterAffinity: {clusterNames: [member1]}}
"""


def _by_kubectl(fleet: Fleet, namespace: str) -> None:
    annotations: Any = {"kubectl.kubernetes.io/last-applied-configuration": "{}\n"}
    body: Manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": namespace, "annotations": annotations},
        "data": {"color": "blue", "size": "big", "old": "x"},
    }

    async def make(client: ClusterClient) -> None:
        space: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        await client.create(NAMESPACE, space)
        await client.create(CONFIG_MAP, body)

    fleet.ask("member1", make, manager="kubectl-client-side-apply")


def test_what_kubectl_made_is_refused_shown_and_taken_over(any_fleet: Fleet) -> None:
    namespace = "import-live"
    any_fleet.write("all.yaml", FILES.replace("NS", namespace))
    any_fleet.settle("import-live")
    _by_kubectl(any_fleet, namespace)

    refused = any_fleet.run("apply")
    assert refused.status == 4
    assert "karmactl import --from live --adopt" in refused.err
    assert "data.color (by kubectl-client-side-apply since 20" in refused.err

    shown = any_fleet.run("import", "--from", "live")
    assert shown.status == 0, shown.err
    assert "data.old" in shown.out
    assert any_fleet.objects("member1", CONFIG_MAP, namespace)["settings"]["data"] == {
        "color": "blue",
        "size": "big",
        "old": "x",
    }

    adopted = any_fleet.run("import", "--from", "live", "--adopt", "-y")
    assert adopted.status == 0, adopted.err
    live = any_fleet.objects("member1", CONFIG_MAP, namespace)["settings"]
    assert live["data"] == {"color": "red", "size": "big"}
    assert "last-applied" not in str(metadata_of(live).get("annotations"))
    assert any_fleet.run("diff").status == 0

    any_fleet.write("all.yaml", FILES.replace("NS", namespace).replace(", size: big", ""))
    any_fleet.apply()
    assert any_fleet.objects("member1", CONFIG_MAP, namespace)["settings"]["data"] == {"color": "red"}
    assert any_fleet.run("diff").status == 0


def test_import_asks_where_from(fleet: Fleet) -> None:
    ran = fleet.run("import", "--from", "nowhere")
    assert ran.status == 2
    assert "bad-source" in ran.err
