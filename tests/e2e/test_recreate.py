"""A field that may not change, on emulated and on real members: named, refused, made anew with --replace."""

from __future__ import annotations

from karmactl.core.model.manifest import uid_of
from tests.e2e.fleet import DEPLOYMENT, Fleet

FILES = """\
apiVersion: v1
kind: Namespace
metadata: {name: recreate}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: recreate}
spec:
  replicas: 1
  selector: {matchLabels: {app: LABEL}}
  template:
    metadata: {labels: {app: LABEL}}
    spec: {containers: [{name: web, image: example.com/web}]}
---
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: all, namespace: recreate}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment}]
  placement: {clusterAffinity: {clusterNames: [member1]}}
"""


def test_an_immutable_field_is_named_and_replaced_with_consent(any_fleet: Fleet) -> None:
    any_fleet.write("all.yaml", FILES.replace("LABEL", "web"))
    any_fleet.settle("recreate")
    any_fleet.apply()
    before = uid_of(any_fleet.objects("member1", DEPLOYMENT, "recreate")["web"])
    any_fleet.write("all.yaml", FILES.replace("LABEL", "www"))

    refused = any_fleet.run("apply")
    assert refused.status == 4, refused.err
    assert "guard-replace" in refused.err
    assert "spec.selector" in refused.err
    assert uid_of(any_fleet.objects("member1", DEPLOYMENT, "recreate")["web"]) == before
    assert "replace: made anew, for these cannot be changed in place: spec.selector" in any_fleet.run("plan").out

    done = any_fleet.apply("--replace", "-y")
    assert "replaced" in done.out
    assert uid_of(any_fleet.objects("member1", DEPLOYMENT, "recreate")["web"]) != before
    assert any_fleet.run("diff").status == 0
