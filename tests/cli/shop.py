"""A small project for tests of the command line: two workloads, a Service, three members, in plain files."""

from __future__ import annotations

import subprocess
from pathlib import Path

SETTINGS = """\
set: shop
inputs: [manifests, policies]
clusters:
  - {name: ap, region: ap}
  - {name: eu, region: eu}
  - {name: us, region: us}
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 5
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: server, image: "web:1"}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
"""
POLICY = """\
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: web, namespace: shop}
spec:
  resourceSelectors:
    - {apiVersion: apps/v1, kind: Deployment, name: web}
    - {apiVersion: v1, kind: Service, name: web}
  placement:
    clusterAffinity: {clusterNames: [eu, us]}
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: Weighted
      weightPreference:
        staticWeightList:
          - {targetCluster: {clusterNames: [eu]}, weight: 3}
          - {targetCluster: {clusterNames: [us]}, weight: 2}
"""
BY_ROOM = """\
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: web, namespace: shop}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment, name: web}]
  placement:
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: Weighted
      weightPreference: {dynamicWeight: AvailableReplicas}
"""
SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: shop}
stringData: {token: canary-4711}
"""
SECRET_POLICY = """\
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: {name: keys, namespace: shop}
spec:
  resourceSelectors: [{apiVersion: v1, kind: Secret, name: keys}]
  placement: {clusterAffinity: {clusterNames: [eu]}}
"""


def write(folder: Path, **files: str) -> None:
    """Files by name: `manifests__web` is manifests/web.yaml."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def write_shop(folder: Path) -> None:
    """The whole project."""
    write(folder, karmactl=SETTINGS, manifests__web=WEB, policies__web=POLICY)


def commit(folder: Path, message: str = "change") -> None:
    """Everything as it is now, as a commit; the repository is made where there is none."""
    if not (folder / ".git").exists():
        _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty", "-m", message)


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True)
