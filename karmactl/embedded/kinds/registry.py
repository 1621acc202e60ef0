"""Which strategy belongs to which resource."""

from dataclasses import replace

from karmactl.embedded.kinds import (
    certificates,
    core,
    crd,
    pod_parts,
    pods,
    services,
    validate_autoscaling,
    validate_batch,
    validate_core,
    validate_definition,
    validate_events,
    validate_network,
    validate_pods,
    validate_policy,
    validate_quota,
    validate_services,
    validate_storage,
    validate_updates,
    validate_webhooks,
    validate_workloads,
    workloads,
)
from karmactl.embedded.kinds.strategy import PLAIN, Strategy, Validate, ValidateUpdate
from karmactl.embedded.refusals import FieldError
from karmactl.embedded.resource import Resource
from karmactl.embedded.values import Object

_GENERATION = Strategy(generation=True)
_GUARDED = Strategy(generation=True, unconditional_update=False)
_ANSWERS = Strategy(answers_deleted=True)
_PATH_NAME = Strategy(create_on_update=True, name="path-segment")


def _with(strategy: Strategy, validate: Validate, update: ValidateUpdate | None = None) -> Strategy:
    """A strategy with validation; without a rule for updates, the new object is looked at alone."""

    def alone(new: Object, old: Object) -> list[FieldError]:
        return validate(new)

    return replace(strategy, validate=validate, validate_update=update or alone)


_STRATEGIES: dict[tuple[str, str], Strategy] = {
    ("", "configmaps"): _with(PLAIN, validate_core.config_map, validate_core.config_map_update),
    ("", "endpoints"): _with(Strategy(create_on_update=True), validate_network.endpoints),
    ("", "events"): _with(_PATH_NAME, validate_events.old, validate_events.old_update),
    ("events.k8s.io", "events"): _with(
        Strategy(create_on_update=True), validate_events.new, validate_events.new_update
    ),
    ("", "limitranges"): _with(Strategy(create_on_update=True), validate_quota.limit_range),
    ("", "namespaces"): _with(core.NAMESPACE, validate_core.namespace),
    ("", "nodes"): _with(PLAIN, validate_core.node, validate_core.node_update),
    ("", "persistentvolumes"): _with(core.PERSISTENT_VOLUME, validate_storage.volume, validate_updates.volume_update),
    ("", "persistentvolumeclaims"): _with(core.CLAIM, validate_storage.claim, validate_updates.claim_update),
    ("", "pods"): replace(
        _with(pods.STRATEGY, validate_pods.validate_new_pod, validate_updates.pod_update), parts=pod_parts.PARTS
    ),
    ("", "podtemplates"): Strategy(generation=True, answers_deleted=True),
    ("", "replicationcontrollers"): replace(
        _with(workloads.REPLICATION_CONTROLLER, validate_workloads.replication_controller),
        validate_status=validate_workloads.replica_status,
    ),
    ("", "resourcequotas"): replace(
        _with(_ANSWERS, validate_quota.resource_quota, validate_quota.resource_quota_update),
        validate_status=validate_quota.resource_quota_status,
    ),
    ("", "secrets"): _with(PLAIN, validate_core.secret, validate_core.secret_update),
    ("", "serviceaccounts"): _ANSWERS,
    ("", "services"): replace(
        _with(services.STRATEGY, validate_services.service, validate_services.service_update),
        validate_status=validate_services.service_status,
    ),
    ("apps", "controllerrevisions"): _with(
        PLAIN, validate_workloads.controller_revision, validate_workloads.controller_revision_update
    ),
    ("apps", "daemonsets"): replace(
        _with(workloads.DAEMON_SET, validate_workloads.daemon_set, validate_workloads.daemon_set_update),
        validate_status=validate_workloads.daemon_status,
    ),
    ("apps", "deployments"): replace(
        _with(workloads.DEPLOYMENT, validate_workloads.deployment, validate_workloads.deployment_update),
        validate_status=validate_workloads.deployment_status,
        status_resets=(("f:spec",), ("f:metadata", "f:labels")),
    ),
    ("apps", "replicasets"): replace(
        _with(workloads.REPLICA_SET, validate_workloads.replica_set, validate_workloads.replica_set_update),
        validate_status=validate_workloads.replica_status,
    ),
    ("apps", "statefulsets"): replace(
        _with(workloads.STATEFUL_SET, validate_workloads.stateful_set, validate_workloads.stateful_set_update),
        validate_status=validate_workloads.stateful_status,
    ),
    ("autoscaling", "horizontalpodautoscalers"): replace(
        _with(PLAIN, validate_autoscaling.autoscaler), validate_status=validate_autoscaling.autoscaler_status
    ),
    ("batch", "cronjobs"): _with(workloads.CRON_JOB, validate_batch.cron_job, validate_batch.cron_job_update),
    ("batch", "jobs"): _with(workloads.JOB, validate_batch.job, validate_batch.job_update),
    ("certificates.k8s.io", "certificatesigningrequests"): certificates.STRATEGY,
    ("coordination.k8s.io", "leases"): _with(
        Strategy(create_on_update=True, unconditional_update=False), validate_core.lease
    ),
    ("discovery.k8s.io", "endpointslices"): _with(
        Strategy(generation=True, generation_with="labels"),
        validate_network.endpoint_slice,
        validate_network.endpoint_slice_update,
    ),
    ("networking.k8s.io", "ingresses"): replace(
        _GENERATION,
        validate=validate_network.new_ingress,
        validate_update=lambda new, old: validate_network.ingress(new),
        validate_status=validate_network.ingress_status,
    ),
    ("networking.k8s.io", "ingressclasses"): _with(
        _GENERATION, validate_network.ingress_class, validate_network.ingress_class_update
    ),
    ("networking.k8s.io", "networkpolicies"): _with(_GENERATION, validate_network.network_policy),
    ("node.k8s.io", "runtimeclasses"): _with(
        Strategy(create_on_update=True, unconditional_update=False),
        validate_policy.runtime_class,
        validate_policy.runtime_class_update,
    ),
    ("policy", "poddisruptionbudgets"): replace(
        _with(_GUARDED, validate_policy.disruption_budget),
        validate_status=validate_policy.disruption_budget_status,
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
        Strategy(generation=True, counts_generation=False),
        validate_policy.priority_class,
        validate_policy.priority_class_update,
    ),
    ("storage.k8s.io", "storageclasses"): _with(
        _ANSWERS, validate_storage.storage_class, validate_storage.storage_class_update
    ),
    ("storage.k8s.io", "csidrivers"): _with(
        Strategy(counts_generation=True, unconditional_update=False, answers_deleted=True),
        validate_storage.csi_driver,
        validate_storage.csi_driver_update,
    ),
    ("storage.k8s.io", "csinodes"): Strategy(unconditional_update=False, answers_deleted=True),
    ("storage.k8s.io", "csistoragecapacities"): Strategy(unconditional_update=False),
    ("storage.k8s.io", "volumeattachments"): Strategy(unconditional_update=False, answers_deleted=True),
    ("storage.k8s.io", "volumeattributesclasses"): _ANSWERS,
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): _GENERATION,
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"): _GENERATION,
    ("resource.k8s.io", "deviceclasses"): Strategy(generation=True, answers_deleted=True),
    ("resource.k8s.io", "resourceclaims"): _ANSWERS,
    ("resource.k8s.io", "resourceclaimtemplates"): _ANSWERS,
    ("resource.k8s.io", "resourceslices"): Strategy(generation=True, answers_deleted=True),
    ("apiregistration.k8s.io", "apiservices"): _with(Strategy(name="path-segment"), validate_webhooks.api_service),
    ("apiextensions.k8s.io", "customresourcedefinitions"): _with(
        crd.STRATEGY, validate_definition.definition, validate_definition.definition_update
    ),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _with(_GUARDED, validate_webhooks.webhooks),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _with(_GUARDED, validate_webhooks.webhooks),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"): _with(
        _GUARDED, validate_webhooks.admission_policy
    ),
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"): _with(
        _GUARDED, validate_webhooks.admission_binding
    ),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"): _GUARDED,
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"): _GUARDED,
}


def strategy_of(resource: Resource) -> Strategy:
    """The strategy of a built-in resource; resources without rules of their own share a plain one."""
    return _STRATEGIES.get((resource.group, resource.plural)) or _STRATEGIES.get(resource.table, PLAIN)
