"""Which strategy belongs to which resource."""

from dataclasses import replace

from karmactl.embedded.kinds import (
    core,
    crd,
    pods,
    services,
    validate_core,
    validate_network,
    validate_pods,
    validate_policy,
    validate_workloads,
    workloads,
)
from karmactl.embedded.kinds.strategy import PLAIN, Strategy, Validate, ValidateUpdate
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.resource import Resource
from karmactl.embedded.values import Object

_GENERATION = Strategy(generation=True)
_PATH_NAME = Strategy(create_on_update=True, name="path-segment")


def _with(strategy: Strategy, validate: Validate, update: ValidateUpdate | None = None) -> Strategy:
    """A strategy with validation; without a rule for updates, the new object is looked at alone."""

    def alone(new: Object, old: Object) -> list[FieldError]:
        return validate(new)

    return replace(strategy, validate=validate, validate_update=update or alone)


_STRATEGIES: dict[tuple[str, str], Strategy] = {
    ("", "configmaps"): _with(PLAIN, validate_core.config_map, validate_core.config_map_update),
    ("", "endpoints"): Strategy(create_on_update=True),
    ("", "events"): _with(Strategy(create_on_update=True), validate_core.event),
    ("", "limitranges"): _with(Strategy(create_on_update=True), validate_core.limit_range),
    ("", "namespaces"): _with(core.NAMESPACE, validate_core.namespace),
    ("", "nodes"): Strategy(validate_update=validate_core.node_update),
    ("", "persistentvolumes"): _with(core.PERSISTENT_VOLUME, validate_core.volume),
    ("", "persistentvolumeclaims"): _with(core.CLAIM, validate_core.claim, validate_core.claim_update),
    ("", "pods"): _with(pods.STRATEGY, validate_pods.validate_pod, validate_pods.validate_pod_update),
    ("", "podtemplates"): _GENERATION,
    ("", "replicationcontrollers"): workloads.REPLICATION_CONTROLLER,
    ("", "secrets"): _with(PLAIN, validate_core.secret, validate_core.secret_update),
    ("", "services"): _with(services.STRATEGY, validate_network.service, validate_network.service_update),
    ("apps", "daemonsets"): _with(
        workloads.DAEMON_SET, validate_workloads.daemon_set, validate_workloads.daemon_set_update
    ),
    ("apps", "deployments"): replace(
        _with(workloads.DEPLOYMENT, validate_workloads.deployment, validate_workloads.deployment_update),
        validate_status=validate_workloads.replica_counts,
        status_resets=(("f:spec",), ("f:metadata", "f:labels")),
    ),
    ("apps", "replicasets"): _with(
        workloads.REPLICA_SET, validate_workloads.replica_set, validate_workloads.replica_set_update
    ),
    ("apps", "statefulsets"): _with(
        workloads.STATEFUL_SET, validate_workloads.stateful_set, validate_workloads.stateful_set_update
    ),
    ("autoscaling", "horizontalpodautoscalers"): _with(PLAIN, validate_policy.autoscaler),
    ("batch", "cronjobs"): _with(workloads.CRON_JOB, validate_workloads.cron_job),
    ("batch", "jobs"): _with(workloads.JOB, validate_workloads.job, validate_workloads.job_update),
    ("certificates.k8s.io", "certificatesigningrequests"): Strategy(main_resets=(("f:spec",), ("f:status",))),
    ("coordination.k8s.io", "leases"): _with(
        Strategy(create_on_update=True, unconditional_update=False), validate_core.lease
    ),
    ("discovery.k8s.io", "endpointslices"): _with(
        _GENERATION, validate_network.endpoint_slice, validate_network.endpoint_slice_update
    ),
    ("networking.k8s.io", "ingresses"): _with(_GENERATION, validate_network.ingress),
    ("networking.k8s.io", "ingressclasses"): _GENERATION,
    ("networking.k8s.io", "networkpolicies"): _with(_GENERATION, validate_network.network_policy),
    ("node.k8s.io", "runtimeclasses"): Strategy(create_on_update=True),
    ("policy", "poddisruptionbudgets"): _with(
        Strategy(generation=True, unconditional_update=False), validate_policy.disruption_budget
    ),
    ("rbac.authorization.k8s.io", "roles"): _with(_PATH_NAME, validate_policy.role),
    ("rbac.authorization.k8s.io", "clusterroles"): _with(_PATH_NAME, validate_policy.cluster_role),
    ("rbac.authorization.k8s.io", "rolebindings"): _with(
        _PATH_NAME, validate_policy.role_binding, validate_policy.role_binding_update
    ),
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _with(
        _PATH_NAME, validate_policy.cluster_role_binding, validate_policy.cluster_role_binding_update
    ),
    ("scheduling.k8s.io", "priorityclasses"): _with(
        _GENERATION, validate_policy.priority_class, validate_policy.priority_class_update
    ),
    ("storage.k8s.io", "storageclasses"): _with(PLAIN, validate_core.storage_class, validate_core.storage_class_update),
    ("storage.k8s.io", "csidrivers"): Strategy(unconditional_update=False),
    ("apiextensions.k8s.io", "customresourcedefinitions"): crd.STRATEGY,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): Strategy(
        generation=True, unconditional_update=False
    ),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): Strategy(
        generation=True, unconditional_update=False
    ),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): _GENERATION,
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): _GENERATION,
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): _GENERATION,
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): _GENERATION,
}


def strategy_of(resource: Resource) -> Strategy:
    """The strategy of a built-in resource; resources without rules of their own share a plain one."""
    return _STRATEGIES.get(resource.table, PLAIN)
