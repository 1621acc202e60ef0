"""`--dry-run=client`: plan, diff, why and clusters list from files alone; nobody is asked and no kubeconfig is read."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Karmactl
from tests.cli.shop import BY_ROOM, SETTINGS, WEB, write, write_shop

# A cluster that `clusters snapshot` described: what it serves, and room for ten pods.
OBSERVED = """\
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata:
  name: {name}
  annotations: {{karmactl.io/observed-at: "2026-01-01T00:00:00Z"}}
spec: {{provider: aws, region: elsewhere}}
status:
  kubernetesVersion: v1.36.2
  apiEnablements: [{apis}]
  resourceSummary:
    allocatable: {{cpu: "10", memory: 10Gi, pods: "{pods}"}}
"""
APPS = "{groupVersion: apps/v1, resources: [{kind: Deployment, name: deployments}]}"
CORE = "{groupVersion: v1, resources: [{kind: Namespace, name: namespaces}, {kind: Service, name: services}]}"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection would be a fault of its own."""

    def refuse(*_: object) -> None:
        raise AssertionError("a cluster was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def squeezed(text: str) -> str:
    """With one space for many."""
    return " ".join(text.split())


def test_plan_places_everything_and_compares_nothing(karmactl: Karmactl) -> None:
    write_shop(Path())
    ran = karmactl("plan", "--dry-run=client")
    assert (ran.status, ran.err) == (0, "")
    assert "shop deploy/web – 3 2 5" in squeezed(ran.out)
    assert "eu us  3 objects  1 namespace, 1 service, 1 deploy" in ran.out
    assert "5 objects" not in ran.out
    assert "6 objects in 2 clusters, not compared: no cluster was asked" in ran.out
    assert "create" not in ran.out


def test_plan_as_json_says_that_nothing_was_verified(karmactl: Karmactl) -> None:
    write_shop(Path())
    document = json.loads(karmactl("plan", "--dry-run=client", "-o", "json").out)
    assert {member["reachable"] for member in document["fleet"]} == {None}
    assert {change["unverified"] for change in document["changes"]} == {"no-access"}
    assert document["options"] == {"dryRun": "client"}
    assert document["errors"] == []


def test_the_same_files_give_the_same_plan(karmactl: Karmactl) -> None:
    write_shop(Path())
    first, second = (json.loads(karmactl("plan", "--dry-run=client", "-o", "json").out)["id"] for _ in range(2))
    assert first == second


def test_c_narrows_the_objects_and_not_the_division(karmactl: Karmactl) -> None:
    write_shop(Path())
    document = json.loads(karmactl("plan", "--dry-run=client", "-C", "us", "-o", "json").out)
    assert {change["cluster"] for change in document["changes"]} == {"us"}
    placed = next(entry for entry in document["placements"] if entry["resource"]["kind"] == "Deployment")
    assert [(target["name"], target["replicas"]) for target in placed["clusters"]] == [("eu", 3), ("us", 2)]


def test_room_that_nobody_knows_is_an_error_with_a_way_out(karmactl: Karmactl) -> None:
    write(Path(), karmactl=SETTINGS, manifests__web=WEB, policies__web=BY_ROOM)
    ran = karmactl("plan", "--dry-run=client")
    assert ran.status == 2
    assert "capacity-unknown" in ran.err
    assert "clusters snapshot" in ran.err


def test_status_of_cluster_files_counts_here_with_its_age(karmactl: Karmactl) -> None:
    write(Path(), karmactl=SETTINGS, manifests__web=WEB, policies__web=BY_ROOM)
    for name, pods in (("ap", 10), ("eu", 30), ("us", 10)):
        write(Path("policies"), **{name: OBSERVED.format(name=name, pods=pods, apis=f"{APPS}, {CORE}")})
    ran = karmactl("plan", "--dry-run=client")
    assert ran.status == 0, ran.err
    assert "shop deploy/web 1 3 1 5 by free capacity" in squeezed(ran.out)
    assert "ap eu us: status from its Cluster file," in ran.out
    assert "d old" in ran.out


def test_what_a_snapshot_saw_gives_way_to_what_files_declare(karmactl: Karmactl) -> None:
    write_shop(Path())
    write(Path("policies"), eu=OBSERVED.format(name="eu", pods=1, apis=APPS))
    ran = karmactl("clusters", "list", "--dry-run=client")
    row = next(line.split() for line in ran.out.splitlines() if line.startswith("eu"))
    assert row[2] == "v1.36.2"
    assert "eu*" in row
    assert "elsewhere" not in ran.out
    assert "aws" in row


def test_apis_that_a_snapshot_knows_filter(karmactl: Karmactl) -> None:
    write_shop(Path())
    for name in ("ap", "eu", "us"):
        write(Path("policies"), **{name: OBSERVED.format(name=name, pods=9, apis=CORE)})
    ran = karmactl("plan", "--dry-run=client")
    assert ran.status == 2
    assert "NoClusterFit" in ran.err
    ran = karmactl("why", "deploy/web", "--dry-run=client", "-C", "eu")
    assert ran.status == 0
    assert "did not have the API resource" in ran.out


def test_why_marks_apis_that_nobody_knows(karmactl: Karmactl) -> None:
    write_shop(Path())
    ran = karmactl("why", "deploy/web", "--dry-run=client")
    assert ran.status == 0
    assert "? unverified" in ran.out
    assert "nobody knows its APIs" in ran.out


def test_a_diff_without_anything_to_differ_from_says_so(karmactl: Karmactl) -> None:
    write_shop(Path())
    ran = karmactl("diff", "--dry-run=client")
    assert ran.status == 0
    assert "--against git:REV" in ran.err
    assert "1 deploy" in ran.out


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("plan", "--dry-run=client", "--exit-code"), 2, "nothing-compared"),
        (("plan", "--dry-run=clint"), 2, "bad-dry-run"),
        (("plan", "--dry-run=client", "--context", "prod-*"), 2, "context-unknown"),
        (("plan", "--dry-run=client", "-C", "nowhere"), 2, "unknown-member"),
        (("clusters", "list", "--dry-run=client", "-C", "nowhere"), 2, "unknown-member"),
    ],
)
def test_wrong_use_is_refused(karmactl: Karmactl, words: tuple[str, ...], status: int, code: str) -> None:
    write_shop(Path())
    ran = karmactl(*words)
    assert (ran.status, ran.out) == (status, "")
    assert code in ran.err


def test_without_a_fleet_there_is_nothing_to_plan(karmactl: Karmactl) -> None:
    write_shop(Path())
    write(Path(), karmactl="inputs: [manifests, policies]\n")
    ran = karmactl("plan", "--dry-run=client")
    assert ran.status == 4
    assert "no-fleet" in ran.err
    assert karmactl("plan", "--dry-run=client", "--context", "eu,us=prod-us").status == 0


def test_an_override_that_does_not_apply_is_an_error_at_its_rule(karmactl: Karmactl) -> None:
    write_shop(Path())
    override = """\
apiVersion: policy.karmada.io/v1alpha1
kind: OverridePolicy
metadata: {name: bad, namespace: shop}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment}]
  overrideRules:
    - overriders: {plaintext: [{path: /spec/nothing/here, operator: replace, value: 1}]}
"""
    write(Path(), policies__bad=override)
    ran = karmactl("plan", "--dry-run=client")
    assert ran.status == 2
    assert "policies/bad.yaml:7" in ran.err


_SLIPS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replica: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: main, image: "web:1", imagePullPolicy: always}]}
"""


def test_what_an_api_server_would_refuse_is_refused_without_one_at_its_line(karmactl: Karmactl) -> None:
    write_shop(Path())
    write(Path(), manifests__slips=_SLIPS)
    ran = karmactl("plan", "--dry-run=client")
    assert ran.status == 2
    assert "manifests/slips.yaml:5:3: error: unknown-field: spec.replica is no field" in ran.err
    assert "did you mean 'replicas'?" in ran.err
    assert "manifests/slips.yaml:9:71: error: invalid-value:" in ran.err
    # Labels are held against the selector where all types are right; the first faults hide nothing else.
    write(Path(), manifests__slips=_SLIPS.replace("replica:", "replicas:").replace("always", "Always"))
    ran = karmactl("plan", "--dry-run=client")
    assert ran.status == 2
    assert (
        "manifests/slips.yaml:8:24: error: invalid-value: spec.template.metadata.labels must match the selector"
        in ran.err
    )


def test_validate_says_what_becomes_of_such_faults(karmactl: Karmactl) -> None:
    write_shop(Path())
    write(Path(), manifests__slips=_SLIPS)
    warned = karmactl("plan", "--dry-run=client", "--validate=warn")
    assert warned.status == 0
    assert "manifests/slips.yaml:5:3: warning: unknown-field: spec.replica is no field" in warned.err
    ignored = karmactl("plan", "--dry-run=client", "--validate=ignore")
    assert (ignored.status, "unknown-field" in ignored.err) == (0, False)
    refused = karmactl("plan", "--dry-run=client", "--validate=sometimes")
    assert (refused.status, "bad-validate" in refused.err) == (2, True)


def test_custom_resources_are_held_against_the_crds_of_the_folder(karmactl: Karmactl) -> None:
    write_shop(Path())
    write(
        Path(),
        manifests__crd="""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: wheels.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Wheel, plural: wheels}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {size: {type: integer, maximum: 9}}}}
""",
    )
    write(Path(), manifests__wheel="apiVersion: example.com/v1\nkind: Wheel\nmetadata: {name: w}\nspec:\n  size: 10\n")
    ran = karmactl("plan", "--dry-run=client")
    assert ran.status == 2
    assert "manifests/wheel.yaml:5:9: error: invalid-value: spec.size must be at most 9" in ran.err


_BREAKING = """\
apiVersion: policy.karmada.io/v1alpha1
kind: OverridePolicy
metadata: {name: breaking, namespace: shop}
spec:
  resourceSelectors: [{apiVersion: apps/v1, kind: Deployment}]
  overrideRules:
    - overriders:
        plaintext:
          - {path: /spec/template/spec/containers/0/imagePullPolicy, operator: add, value: Always}
    - targetCluster: {clusterNames: [eu]}
      overriders:
        plaintext:
          - {path: /spec/template/metadata/labels/app, operator: replace, value: other}
"""


@pytest.mark.parametrize("command", ["plan", "diff", "render"])
def test_what_an_override_breaks_is_said_at_its_rule(command: str, karmactl: Karmactl) -> None:
    write_shop(Path())
    write(Path(), policies__breaking=_BREAKING)
    ran = karmactl(command, "--dry-run=client")
    assert ran.status == 2
    assert "policies/breaking.yaml:10:7: error: override-breaks-object:" in ran.err
    assert "spec.template.metadata.labels must match the selector (Deployment shop/web, eu)" in ran.err
    assert "OverridePolicy shop/breaking, rule 2, makes the object so" in ran.err
    assert karmactl(command, "--dry-run=client", "--validate=ignore").status == 0
    assert karmactl(command, "--dry-run=client", "-C", "us").status == 0, "the other member's object is right"
