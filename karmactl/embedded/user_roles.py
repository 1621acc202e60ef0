"""What `view`, `edit` and `admin` are made of: which verbs they allow on which resources of a namespace.

A line says groups (`core` for the one without a name) and resources; the facts are upstream's, the table is our own.
Which role counts towards which stands in the labels that `aggregation` looks for.
"""

from karmactl.embedded.values import Object

AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
READ = ["get", "list", "watch"]
WRITE = ["create", "update", "patch", "delete", "deletecollection"]

_VIEW = """
core pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints
core persistentvolumeclaims persistentvolumeclaims/status configmaps limitranges resourcequotas bindings pods/status
core resourcequotas/status namespaces/status replicationcontrollers/status pods/log namespaces
core,events.k8s.io events
discovery.k8s.io endpointslices
apps controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status
apps deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale
autoscaling horizontalpodautoscalers horizontalpodautoscalers/status
batch jobs jobs/status cronjobs cronjobs/status
policy poddisruptionbudgets poddisruptionbudgets/status
networking.k8s.io networkpolicies ingresses ingresses/status
resource.k8s.io resourceclaims resourceclaims/status resourceclaimtemplates
"""
_READ_SECRETS = "core pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy"
_EDIT = """
core pods pods/attach pods/proxy pods/exec pods/portforward replicationcontrollers replicationcontrollers/scale
core serviceaccounts services services/proxy persistentvolumeclaims configmaps secrets
core,events.k8s.io events
apps statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback
apps replicasets replicasets/scale
autoscaling horizontalpodautoscalers
batch jobs cronjobs
policy poddisruptionbudgets
networking.k8s.io networkpolicies ingresses
resource.k8s.io resourceclaims resourceclaimtemplates
"""


def _rules(verbs: list[str], lines: str) -> list[Object]:
    out: list[Object] = []
    for line in lines.strip().splitlines():
        groups, *resources = line.split()
        named = ["" if group == "core" else group for group in groups.split(",")]
        out.append({"verbs": verbs, "apiGroups": named, "resources": resources})
    return out


def _aggregated(name: str, counts_for: str = "") -> Object:
    labels = {"labels": {f"{AGGREGATE}{counts_for}": "true"}} if counts_for else {}
    selector = {"matchLabels": {f"{AGGREGATE}{name}": "true"}}
    return {"metadata": labels, "aggregationRule": {"clusterRoleSelectors": [selector]}, "rules": None}


def _part(name: str, rules: list[Object]) -> Object:
    return {"metadata": {"labels": {f"{AGGREGATE}{name}": "true"}}, "rules": rules}


USER_ROLES: dict[str, Object] = {
    "admin": _aggregated("admin"),
    "edit": _aggregated("edit", "admin"),
    "view": _aggregated("view", "edit"),
    "system:aggregate-to-admin": _part(
        "admin",
        _rules(["create"], "authorization.k8s.io localsubjectaccessreviews")
        + _rules([*READ, *WRITE], "rbac.authorization.k8s.io roles rolebindings"),
    ),
    "system:aggregate-to-edit": _part(
        "edit",
        _rules(READ, _READ_SECRETS)
        + _rules(["impersonate"], "core serviceaccounts")
        + _rules(WRITE, _EDIT)
        + _rules(["create"], "core pods/eviction serviceaccounts/token")
        + _rules([*READ, *WRITE], "coordination.k8s.io leases"),
    ),
    "system:aggregate-to-view": _part("view", _rules(READ, _VIEW)),
}
