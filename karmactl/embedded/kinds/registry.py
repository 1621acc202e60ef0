"""Which strategy belongs to which resource."""

from karmactl.embedded.kinds import core, crd, pods, services, workloads
from karmactl.embedded.kinds.strategy import PLAIN, Strategy
from karmactl.embedded.resource import Resource

_GENERATION = Strategy(generation=True)

_STRATEGIES: dict[tuple[str, str], Strategy] = {
    ("", "configmaps"): PLAIN,
    ("", "endpoints"): Strategy(create_on_update=True),
    ("", "events"): Strategy(create_on_update=True),
    ("", "limitranges"): Strategy(create_on_update=True),
    ("", "pods"): pods.STRATEGY,
    ("", "podtemplates"): _GENERATION,
    ("", "replicationcontrollers"): workloads.REPLICATION_CONTROLLER,
    ("", "services"): services.STRATEGY,
    ("", "namespaces"): core.NAMESPACE,
    ("", "persistentvolumes"): core.PERSISTENT_VOLUME,
    ("", "persistentvolumeclaims"): core.CLAIM,
    ("apps", "daemonsets"): workloads.DAEMON_SET,
    ("apps", "deployments"): workloads.DEPLOYMENT,
    ("apps", "replicasets"): workloads.REPLICA_SET,
    ("apps", "statefulsets"): workloads.STATEFUL_SET,
    ("batch", "cronjobs"): workloads.CRON_JOB,
    ("batch", "jobs"): workloads.JOB,
    ("discovery.k8s.io", "endpointslices"): _GENERATION,
    ("networking.k8s.io", "ingresses"): _GENERATION,
    ("networking.k8s.io", "ingressclasses"): _GENERATION,
    ("networking.k8s.io", "networkpolicies"): _GENERATION,
    ("policy", "poddisruptionbudgets"): _GENERATION,
    ("scheduling.k8s.io", "priorityclasses"): _GENERATION,
    ("apiextensions.k8s.io", "customresourcedefinitions"): crd.STRATEGY,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _GENERATION,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _GENERATION,
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): _GENERATION,
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): _GENERATION,
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): _GENERATION,
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): _GENERATION,
    ("certificates.k8s.io", "certificatesigningrequests"): Strategy(main_resets=(("f:spec",), ("f:status",))),
    ("coordination.k8s.io", "leases"): Strategy(create_on_update=True, unconditional_update=False),
    ("node.k8s.io", "runtimeclasses"): Strategy(create_on_update=True),
    ("rbac.authorization.k8s.io", "roles"): Strategy(create_on_update=True, name="path-segment"),
    ("rbac.authorization.k8s.io", "rolebindings"): Strategy(create_on_update=True, name="path-segment"),
    ("rbac.authorization.k8s.io", "clusterroles"): Strategy(create_on_update=True, name="path-segment"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"): Strategy(create_on_update=True, name="path-segment"),
}


def strategy_of(resource: Resource) -> Strategy:
    """The strategy of a built-in resource; resources without rules of their own share a plain one."""
    return _STRATEGIES.get(resource.table, PLAIN)
