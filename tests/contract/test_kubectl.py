"""What people do with kubectl, on every server: the client decides, the server must not surprise it.

Checks that need nothing but the API server; `test_kubectl_workloads` has those that need controllers.
"""

from __future__ import annotations

import json

from tests.contract.kubectl import Kubectl, await_text, kubectl_check

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: "example.com/web:1", ports: [{containerPort: 80}]}]
"""
CONFIG_MAPS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: first, labels: {part: one}}
data: {key: value}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: second, labels: {part: two}}
data: {key: value}
"""
WIDGETS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.kubectl.example.com}
spec:
  group: kubectl.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wdg]}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer, default: 3, minimum: 1}}}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
    subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
"""


@kubectl_check("api")
def test_client_side_apply_changes_and_forgets_fields(kubectl: Kubectl) -> None:
    file = kubectl.write("web.yaml", DEPLOYMENT)
    assert "deployment.apps/web created" in kubectl("apply", "-f", file)
    assert "deployment.apps/web unchanged" in kubectl("apply", "-f", file)
    kubectl.write("web.yaml", DEPLOYMENT.replace("replicas: 2", "replicas: 4").replace(", labels: {app: web}}", "}", 1))
    assert "configured" in kubectl("apply", "-f", file)
    assert kubectl.field("deploy web", ".spec.replicas") == "4"
    assert kubectl.field("deploy web", ".metadata.labels") == ""
    assert "example.com/web:1" in kubectl("apply", "view-last-applied", "deploy/web")


@kubectl_check("api")
def test_diff_tells_what_apply_would_change_and_writes_nothing(kubectl: Kubectl) -> None:
    file = kubectl.write("web.yaml", DEPLOYMENT)
    assert "+  name: web" in kubectl("diff", "-f", file, code=1)
    kubectl("apply", "-f", file)
    kubectl("diff", "-f", file)
    kubectl.write("web.yaml", DEPLOYMENT.replace("web:1", "web:2"))
    for way in ([], ["--server-side", "--force-conflicts"]):
        said = kubectl("diff", "-f", file, *way, code=1)
        assert "-      - image: example.com/web:1" in said
        assert "+      - image: example.com/web:2" in said
    assert kubectl.field("deploy web", ".metadata.generation") == "1"


@kubectl_check("api")
def test_server_side_apply_finds_conflicts_and_takes_over(kubectl: Kubectl) -> None:
    file = kubectl.write("web.yaml", DEPLOYMENT)
    assert "serverside-applied" in kubectl("apply", "--server-side", "-f", file)
    kubectl("scale", "deploy/web", "--replicas=7")
    said = kubectl("apply", "--server-side", "-f", file, "--field-manager=other", code=1)
    assert ".spec.replicas" in said
    assert "with subresource" in said
    kubectl("apply", "--server-side", "-f", file, "--field-manager=other", "--force-conflicts")
    assert kubectl.field("deploy web", ".spec.replicas") == "2"
    assert "serverside-applied (server dry run)" in kubectl(
        "apply", "--server-side", "-f", file, "--dry-run=server", "--force-conflicts"
    )


@kubectl_check("api")
def test_client_side_apply_goes_over_to_server_side(kubectl: Kubectl) -> None:
    file = kubectl.write("web.yaml", DEPLOYMENT)
    kubectl("apply", "-f", file)
    kubectl.write("web.yaml", DEPLOYMENT.replace("{app: web}}", "{new: web}}", 1))
    kubectl("apply", "--server-side", "-f", file)
    assert json.loads(kubectl.field("deploy web", ".metadata.labels")) == {"new": "web"}


@kubectl_check("api")
def test_get_in_every_form(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT + "---" + CONFIG_MAPS)
    assert kubectl("get", "cm", "-l", "part", "-o", "name").split() == ["configmap/first", "configmap/second"]
    wide = kubectl("get", "deploy", "-o", "wide").splitlines()
    assert wide[0].split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]
    assert wide[1].split()[-3:] == ["app", "example.com/web:1", "app=web"]
    assert "replicas: 2" in kubectl("get", "deploy", "web", "-o", "yaml")
    assert json.loads(kubectl("get", "deploy", "web", "-o", "json"))["kind"] == "Deployment"
    assert json.loads(kubectl("get", "cm", "-l", "part", "-o", "json"))["kind"] == "List"
    columns = kubectl("get", "cm", "-l", "part", "--sort-by=.metadata.name", "-o", "custom-columns=N:.metadata.name")
    assert columns.split() == ["N", "first", "second"]
    assert kubectl("get", "cm", "-o", "jsonpath={.items[?(@.data.key)].metadata.name}").startswith("first second")
    template = "{{range .items}}{{.metadata.name}};{{end}}"
    assert kubectl("get", "cm", "-l", "part", "-o", f"go-template={template}") == "first;second;"
    labelled = kubectl("get", "cm", "-L", "part", "--show-labels", "-l", "part=one")
    assert "PART" in labelled
    assert "part=one" in labelled
    assert "first" in kubectl("get", "cm", "--field-selector", "metadata.name=first", "-A")
    assert "No resources found" in kubectl("get", "cm", "-l", "part=three")
    assert 'configmaps "third" not found' in kubectl("get", "cm", "third", code=1)
    assert 'the server doesn\'t have a resource type "nothings"' in kubectl("get", "nothings", code=1)
    assert "first" in kubectl("get", "--raw", f"/api/v1/namespaces/{kubectl.namespace}/configmaps?limit=1")


@kubectl_check("api")
def test_describe_and_explain(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT + "---" + CONFIG_MAPS)
    said = kubectl("describe", "deploy", "web")
    assert "2 desired" in said
    assert "example.com/web:1" in said
    assert "value" in kubectl("describe", "cm", "first")
    kubectl("expose", "deploy", "web", "--port=80", "--target-port=8080")
    assert "8080/TCP" in kubectl("describe", "svc", "web")
    assert "rollingUpdate\t<RollingUpdateDeployment>" in kubectl("explain", "deployment.spec.strategy")
    assert "maxSurge\t<IntOrString>" in kubectl("explain", "deploy", "--recursive")
    assert 'field "nothing" does not exist' in kubectl("explain", "deploy.spec.nothing", code=1)
    assert "averageUtilization" in kubectl(
        "explain", "hpa.spec.metrics.resource.target", "--api-version=autoscaling/v2"
    )


@kubectl_check("api")
def test_labels_annotations_and_scale(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    kubectl("label", "deploy", "web", "tier=front")
    assert "already has a value" in kubectl("label", "deploy", "web", "tier=back", code=1)
    kubectl("label", "deploy", "web", "tier=back", "--overwrite")
    kubectl("annotate", "deploy", "--all", "note=it is late")
    assert kubectl.field("deploy web", ".metadata.labels.tier") == "back"
    assert kubectl.field("deploy web", ".metadata.annotations.note") == "it is late"
    kubectl("label", "deploy", "web", "tier-")
    assert kubectl.field("deploy web", ".metadata.labels.tier") == ""
    kubectl("scale", "deploy/web", "--current-replicas=2", "--replicas=5")
    assert "Expected replicas to be 2, was 5" in kubectl(
        "scale", "deploy/web", "--current-replicas=2", "--replicas=6", code=1
    )
    assert kubectl.field("deploy web", ".spec.replicas") == "5"


@kubectl_check("api")
def test_patches_of_three_kinds(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=DEPLOYMENT)
    strategic = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "example.com/side:1"}]}}}}
    kubectl("patch", "deploy", "web", "-p", json.dumps(strategic))
    assert kubectl.field("deploy web", ".spec.template.spec.containers[*].name") == "side app"
    kubectl("patch", "deploy", "web", "--type=merge", "-p", '{"metadata":{"labels":{"app":null,"x":"y"}}}')
    assert json.loads(kubectl.field("deploy web", ".metadata.labels")) == {"x": "y"}
    operations = '[{"op":"test","path":"/spec/replicas","value":2},{"op":"replace","path":"/spec/replicas","value":3}]'
    kubectl("patch", "deploy", "web", "--type=json", "-p", operations)
    assert kubectl.field("deploy web", ".spec.replicas") == "3"
    assert "the server rejected our request" in kubectl(
        "patch", "deploy", "web", "--type=json", "-p", operations, code=1
    )
    status = '{"status":{"replicas":9,"conditions":[]}}'
    kubectl("patch", "deploy", "web", "--subresource=status", "--type=merge", "-p", '{"status":{"collisionCount":4}}')
    assert kubectl.field("deploy web", ".status.collisionCount") == "4"
    kubectl("patch", "deploy", "web", "--type=merge", "-p", status, "--dry-run=server")
    assert "no change" in kubectl("patch", "deploy", "web", "--type=merge", "-p", '{"spec":{"replicas":3}}')


@kubectl_check("api")
def test_edit_replace_and_set(kubectl: Kubectl) -> None:
    file = kubectl.write("web.yaml", DEPLOYMENT)
    kubectl("create", "--save-config", "-f", file)
    editor = kubectl.folder / "editor.sh"
    editor.write_text("#!/bin/sh\nsed -i 's/replicas: 2/replicas: 6/' \"$1\"\n")
    editor.chmod(0o755)
    assert "edited" in kubectl("edit", "deploy", "web", EDITOR=str(editor))
    assert kubectl.field("deploy web", ".spec.replicas") == "6"
    assert "no changes" in kubectl("edit", "deploy", "web", EDITOR="true")
    editor.write_text("#!/bin/sh\nsed -i 's/replicas: 6/replicas: -6/' \"$1\"\n")
    assert 'deployments.apps "web" is invalid' in kubectl("edit", "deploy", "web", EDITOR=str(editor), code=1)
    kubectl("replace", "-f", file)
    assert kubectl.field("deploy web", ".spec.replicas") == "2"
    kubectl("set", "image", "deploy/web", "app=example.com/web:2")
    kubectl("set", "env", "deploy/web", "MODE=fast")
    kubectl("set", "resources", "deploy/web", "--requests=cpu=100m", "--limits=cpu=1000m")
    container = json.loads(kubectl.field("deploy web", ".spec.template.spec.containers[0]"))
    assert container["image"] == "example.com/web:2"
    assert container["env"] == [{"name": "MODE", "value": "fast"}]
    assert container["resources"] == {"limits": {"cpu": "1"}, "requests": {"cpu": "100m"}}


@kubectl_check("api")
def test_creates_of_many_kinds(kubectl: Kubectl) -> None:
    for line in (
        "deploy web --image=example.com/web:1 --replicas=2 --port=80",
        "configmap cm --from-literal=a=b",
        "secret generic s --from-literal=a=b",
        "secret docker-registry reg --docker-username=u --docker-password=p --docker-server=example.com",
        "serviceaccount bot",
        "role reader --verb=get,list --resource=pods,deployments.apps",
        "rolebinding reading --role=reader --serviceaccount={namespace}:bot",
        "quota q --hard=pods=100,requests.cpu=20",
        "job once --image=example.com/job:1 -- true",
        "cronjob often --image=example.com/job:1 --schedule=*/5.*.*.*.*",
        "ingress in --rule=shop.example.com/*=web:80",
        "poddisruptionbudget pdb --selector=app=web --min-available=1",
        "service clusterip plain --tcp=80:8080",
        "service nodeport outside --tcp=80:8080",
        "service externalname far --external-name=far.example.com",
    ):
        words = [w.format(namespace=kubectl.namespace).replace(".*", " *") for w in line.split(" ")]
        assert "created" in kubectl("create", *words)
    assert "already exists" in kubectl("create", "configmap", "cm", code=1)
    kubectl("expose", "deploy", "web", "--port=80")
    kubectl("autoscale", "deploy", "web", "--min=1", "--max=4", "--cpu-percent=60")
    shown = kubectl("get", "svc,ing,hpa,pdb,cronjob,quota,role,rolebinding,sa,secret")
    for name in (
        "service/web",
        "shop.example.com",
        "Deployment/web",
        "often",
        "reading",
        "kubernetes.io/dockerconfigjson",
    ):
        assert name in shown
    assert kubectl("create", "token", "bot").startswith("ey")


@kubectl_check("api")
def test_access_is_asked_and_enforced(kubectl: Kubectl) -> None:
    kubectl("create", "serviceaccount", "bot")
    kubectl("create", "role", "reader", "--verb=get,list", "--resource=configmaps")
    kubectl("create", "rolebinding", "reading", "--role=reader", f"--serviceaccount={kubectl.namespace}:bot")
    who = f"--as=system:serviceaccount:{kubectl.namespace}:bot"
    assert kubectl("auth", "can-i", "create", "deploy").strip() == "yes"
    assert kubectl("auth", "can-i", "list", "configmaps", who).strip() == "yes"
    assert kubectl("auth", "can-i", "delete", "configmaps", who, code=1).strip() == "no"
    assert "configmaps" in kubectl("auth", "can-i", "--list", who)
    kubectl("get", "configmaps", who)
    assert "Forbidden" in kubectl("get", "secrets", who, code=1)
    token = kubectl("create", "token", "bot").strip()
    assert f"system:serviceaccount:{kubectl.namespace}:bot" in kubectl("auth", "whoami", f"--token={token}")
    assert "Unauthorized" in kubectl("get", "cm", "--token=nonsense", code=1)


@kubectl_check("api")
def test_what_a_server_says_of_itself(kubectl: Kubectl) -> None:
    resources = kubectl("api-resources", "--verbs=list,patch", "--namespaced=true", "--api-group=apps", "-o", "wide")
    for word in ("deploy", "apps/v1", "StatefulSet", "create,delete,deletecollection"):
        assert word in resources
    assert {"apps/v1", "batch/v1", "v1"} <= set(kubectl("api-versions").split())
    assert "Kubernetes control plane" in kubectl("cluster-info")
    assert "gitVersion: v1." in kubectl("version", "-o", "yaml").split("serverVersion")[1]
    assert kubectl("get", "--raw", "/readyz") == "ok"


@kubectl_check("api")
def test_a_watch_shows_what_happens(kubectl: Kubectl) -> None:
    kubectl("create", "cm", "before")
    with kubectl.running("get", "cm", "-w", "--output-watch-events") as output:
        await_text(output, "before")
        kubectl("create", "cm", "watched")
        kubectl("label", "cm", "watched", "a=b")
        kubectl("delete", "cm", "watched")
        lines = await_text(output, "DELETED").splitlines()
    own = [line.split()[0] for line in lines if "watched" in line]
    assert own == ["ADDED", "MODIFIED", "DELETED"]


@kubectl_check("api")
def test_wait_for_fields_and_for_the_end(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=CONFIG_MAPS)
    assert "condition met" in kubectl("wait", "cm/first", "--for=jsonpath={.data.key}=value", "--timeout=5s")
    assert "timed out" in kubectl("wait", "cm/first", "--for=jsonpath={.data.key}=other", "--timeout=1s", code=1)
    with kubectl.running("wait", "cm/first", "--for=delete", "--timeout=20s", "-v=6") as output:
        await_text(output, "watch=true")
        kubectl("delete", "cm", "first")
        await_text(output, "condition met")


@kubectl_check("api")
def test_prune_by_apply_set(kubectl: Kubectl) -> None:
    file = kubectl.write("maps.yaml", CONFIG_MAPS)
    for name, kind in (("secrets/set", []), ("configmaps/other", ["--server-side"])):
        words = ("apply", "-n", kubectl.namespace, "-f", file, "--prune", f"--applyset={name}", *kind)
        kubectl.write("maps.yaml", CONFIG_MAPS.replace("name: ", f"name: {name.replace('/', '-')}-"))
        kubectl(*words, KUBECTL_APPLYSET="true")
        kubectl.write("maps.yaml", CONFIG_MAPS.split("---")[0].replace("name: ", f"name: {name.replace('/', '-')}-"))
        said = kubectl(*words, KUBECTL_APPLYSET="true")
        assert f"configmap/{name.replace('/', '-')}-second pruned" in said
    assert kubectl("get", "cm", "-l", "part", "-o", "name").split() == [
        "configmap/configmaps-other-first",
        "configmap/secrets-set-first",
    ]
    parent = kubectl("get", "secret", "set", "-o", "yaml")
    assert "applyset.kubernetes.io/contains-group-kinds: ConfigMap" in parent


@kubectl_check("api")
def test_prune_by_label(kubectl: Kubectl) -> None:
    words = ("apply", "--prune", "-l", "part", "--prune-allowlist=core/v1/ConfigMap", "-f", "-")
    kubectl(*words, stdin=CONFIG_MAPS)
    assert "configmap/second pruned" in kubectl(*words, stdin=CONFIG_MAPS.split("---")[0])


@kubectl_check("api")
def test_deletes_by_file_label_and_all(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=CONFIG_MAPS)
    assert 'configmap "first" deleted' in kubectl("delete", "cm", "-l", "part=one")
    assert "NotFound" in kubectl("delete", "cm", "first", code=1)
    kubectl("delete", "cm", "first", "--ignore-not-found")
    assert "(server dry run)" in kubectl("delete", "cm", "second", "--dry-run=server")
    kubectl("delete", "-f", "-", "--ignore-not-found", stdin=CONFIG_MAPS)
    kubectl("create", "cm", "held")
    kubectl("patch", "cm", "held", "--type=merge", "-p", '{"metadata":{"finalizers":["example.com/hold"]}}')
    kubectl("delete", "cm", "held", "--wait=false")
    assert kubectl.field("cm held", ".metadata.deletionTimestamp") != ""
    kubectl("patch", "cm", "held", "--type=json", "-p", '[{"op":"remove","path":"/metadata/finalizers"}]')
    assert "NotFound" in kubectl("get", "cm", "held", code=1)


@kubectl_check("api")
def test_custom_resources(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=WIDGETS)
    try:
        kubectl("wait", "--for=condition=Established", "crd/widgets.kubectl.example.com", "--timeout=10s")
        widget = "apiVersion: kubectl.example.com/v1\nkind: Widget\nmetadata: {name: one}\nspec: {}\n"
        kubectl("apply", "-f", "-", stdin=widget)
        assert kubectl("get", "wdg").split() == ["NAME", "SIZE", "one", "3"]
        assert "size\t<integer>" in kubectl("explain", "widget.spec")
        kubectl("scale", "widget/one", "--replicas=7")
        kubectl("patch", "wdg", "one", "--subresource=status", "--type=merge", "-p", '{"status":{"size":2}}')
        assert "Size:  7" in kubectl("describe", "widget", "one")
        assert "should be greater than or equal to 1" in kubectl(
            "patch", "wdg", "one", "--type=merge", "-p", '{"spec":{"size":0}}', code=1
        )
        assert 'unknown field "spec.sise"' in kubectl(
            "apply", "-f", "-", stdin=widget.replace("{}", "{sise: 1}"), code=1
        )
        kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=widget.replace("{}", "{size: 5}"))
        assert kubectl.field("widget one", ".spec.size") == "5"
    finally:
        kubectl("delete", "crd", "widgets.kubectl.example.com")


@kubectl_check("api")
def test_mistakes_are_told_as_people_know_them(kubectl: Kubectl) -> None:
    said = kubectl("apply", "-f", "-", stdin=DEPLOYMENT.replace("replicas: 2", "replicaz: 2"), code=1)
    assert 'unknown field "spec.replicaz"' in said
    kubectl("apply", "--validate=warn", "-f", "-", stdin=DEPLOYMENT.replace("replicas: 2", "replicaz: 2"))
    said = kubectl(
        "apply", "-f", "-", stdin=DEPLOYMENT.replace("{matchLabels: {app: web}}", "{matchLabels: {a: b}}"), code=1
    )
    assert "field is immutable" in said
    assert 'namespaces "nowhere" not found' in kubectl("create", "cm", "x", "-n", "nowhere", code=1)
    assert "Invalid value" in kubectl("create", "cm", "UPPER", code=1)
    assert "Metrics API not available" in kubectl("top", "pods", code=1)
    assert 'no matches for kind "Nothing"' in kubectl(
        "apply", "-f", "-", stdin="apiVersion: a.b/v1\nkind: Nothing\nmetadata: {name: x}\n", code=1
    )
