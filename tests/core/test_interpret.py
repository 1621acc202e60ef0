"""Interpretation: what a template asks for, what it needs, how members' statuses add up."""

from __future__ import annotations

import copy

import pytest

from karmactl.core.interpret import InterpreterChain, NativeInterpreter, ThirdPartyInterpreter
from karmactl.core.interpret.prune import prune
from karmactl.core.interpret.references import verify_dependencies
from karmactl.core.interpret.tables import settle_empty
from karmactl.core.interpret.thirdparty import Globals
from karmactl.core.model.binding import AggregatedStatusItem, DependentObjectReference
from karmactl.core.model.interpreter import Interpreter, Operation
from karmactl.core.model.manifest import JSONValue, Manifest
from karmactl.core.native_types import NATIVE_TYPES
from karmactl.core.shape import Struct, find_misshapen, normalize, shape_of
from karmactl.errors import InputError, InternalError

_NOW = "2030-01-02T03:04:05Z"
_CHAIN: Interpreter = InterpreterChain((ThirdPartyInterpreter(), NativeInterpreter()))


def _workload(kind: str = "Deployment", api_version: str = "apps/v1", **spec: JSONValue) -> Manifest:
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": dict(spec),
    }


def _template(**pod_spec: JSONValue) -> JSONValue:
    return {"spec": {"containers": [{"name": "c"}], **pod_spec}}


def _container(**resources: JSONValue) -> JSONValue:
    return {"name": "c", "resources": dict(resources)}


def test_requests_are_summed_limits_promoted_and_init_containers_taken_as_a_floor() -> None:
    template = _template(
        containers=[
            _container(requests={"cpu": "250m", "memory": "1Gi"}),
            _container(limits={"cpu": "1", "example.com/gpu": "2", "unknown": "3"}),
        ],
        initContainers=[_container(requests={"memory": "3Gi"})],
        overhead={"cpu": "50m"},
    )
    demand = _CHAIN.interpret_replica(_workload(replicas=4, template=template))
    assert demand.replicas == 4
    assert demand.requirements is not None
    assert demand.requirements.resource_request == {"cpu": "1300m", "memory": "3Gi", "example.com/gpu": "2"}
    assert demand.requirements.node_claim is None


@pytest.mark.parametrize(
    ("spec", "replicas"),
    [
        ({"parallelism": 5, "completions": 3}, 3),
        ({"parallelism": 2, "completions": 9}, 2),
        ({"parallelism": 2}, 2),
        ({"completions": 9}, 0),
    ],
)
def test_a_job_asks_for_no_more_than_its_completions(spec: dict[str, JSONValue], replicas: int) -> None:
    job = _workload("Job", "batch/v1", template=_template(), **spec)
    assert _CHAIN.interpret_replica(job).replicas == replicas


def test_revision_writes_only_what_is_there_and_leaves_its_input() -> None:
    manifest = _workload(replicas=4)
    before = copy.deepcopy(manifest)
    assert _CHAIN.revise_replica(manifest, 2)["spec"] == {"replicas": 2}
    assert manifest == before
    without = _workload()
    assert _CHAIN.revise_replica(without, 2) is without


def test_dependencies_of_a_stateful_set_leave_out_its_own_claims() -> None:
    volumes: JSONValue = [
        {"name": "a", "persistentVolumeClaim": {"claimName": "data"}},
        {"name": "b", "persistentVolumeClaim": {"claimName": "shared"}},
        {"name": "c", "projected": {"sources": [{"secret": {"name": "s"}}, {"configMap": {"name": "m"}}]}},
    ]
    template = _template(volumes=volumes, serviceAccountName="default", imagePullSecrets=[{"name": "pull"}])
    manifest = _workload("StatefulSet", template=template, volumeClaimTemplates=[{"metadata": {"name": "data"}}])
    found = [(ref.kind, ref.name) for ref in _CHAIN.interpret_dependency(manifest)]
    assert found == [("ConfigMap", "m"), ("PersistentVolumeClaim", "shared"), ("Secret", "pull"), ("Secret", "s")]


def test_a_field_of_the_wrong_type_is_named() -> None:
    manifest = _workload(replicas="three")
    with pytest.raises(InputError) as refused:
        _CHAIN.interpret_replica(manifest)
    assert refused.value.code == "interpret-failed"
    assert "/spec/replicas" in refused.value.message


def test_who_answers() -> None:
    assert _CHAIN.is_enabled(Operation.INTERPRET_REPLICA, "apps.kruise.io/v1alpha1", "CloneSet")
    assert not _CHAIN.is_enabled(Operation.INTERPRET_REPLICA, "apps/v1", "DaemonSet")
    assert not _CHAIN.is_enabled(Operation.INTERPRET_REPLICA, "apps/v1beta1", "Deployment")
    assert _CHAIN.is_enabled(Operation.INTERPRET_STATUS, "example.com/v1", "Anything")
    with pytest.raises(InternalError):
        _CHAIN.interpret_replica(_workload("DaemonSet"))


def _item(cluster: str, **status: JSONValue) -> AggregatedStatusItem:
    return AggregatedStatusItem(cluster_name=cluster, status=dict(status) if status else None, applied=True)


def test_deployment_status_adds_up_and_is_observed_when_all_have_seen_it() -> None:
    manifest = _workload(replicas=4)
    manifest["metadata"] = {"name": "web", "namespace": "shop", "generation": 3}
    seen: dict[str, JSONValue] = {"generation": 7, "observedGeneration": 7, "resourceTemplateGeneration": 3}
    items = [_item("m1", replicas=1, readyReplicas=1, **seen), _item("m2", replicas=3, readyReplicas=2, **seen)]
    status = _CHAIN.aggregate_status(manifest, items, _NOW)["status"]
    assert status == {"observedGeneration": 3, "replicas": 4, "readyReplicas": 3}
    late = _CHAIN.aggregate_status(manifest, [*items, _item("m3")], _NOW)["status"]
    assert late == {"replicas": 4, "readyReplicas": 3}


def test_a_job_fails_with_its_members_and_then_stays() -> None:
    failed: JSONValue = [{"type": "Failed", "status": "True"}]
    job = _workload("Job", "batch/v1", template=_template())
    result = _CHAIN.aggregate_status(job, [_item("m1", conditions=failed, failed=1)], _NOW)
    status = result["status"]
    assert isinstance(status, dict) and isinstance(status["conditions"], list)
    (condition,) = status["conditions"]
    assert isinstance(condition, dict)
    assert (condition["type"], condition["lastTransitionTime"]) == ("Failed", _NOW)
    assert "m1" in str(condition["message"])
    assert _CHAIN.aggregate_status(result, [_item("m1", succeeded=1)], _NOW) is result


@pytest.mark.parametrize(
    ("phases", "worst"), [(["Running", "Failed"], "Failed"), (["Succeeded", None], "Pending"), (["Running"], "Running")]
)
def test_a_pod_is_as_bad_as_its_worst(phases: list[str | None], worst: str) -> None:
    items = [_item(f"m{index}", **({"phase": phase} if phase else {})) for index, phase in enumerate(phases)]
    pod = _workload("Pod", "v1", containers=[])
    status = _CHAIN.aggregate_status(pod, items, _NOW)["status"]
    assert isinstance(status, dict)
    assert status["phase"] == worst


def test_prune_takes_what_servers_set() -> None:
    service: Manifest = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "s", "uid": "u", "managedFields": [], "labels": {"a": "b"}},
        "spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "type": "ClusterIP"},
        "status": {},
    }
    before = copy.deepcopy(service)
    pruned = prune(service)
    assert pruned["metadata"] == {"name": "s", "labels": {"a": "b"}}
    assert pruned["spec"] == {"type": "ClusterIP"}
    assert "status" not in pruned
    assert service == before
    headless = prune({**service, "spec": {"clusterIP": "None"}})
    assert headless["spec"] == {"clusterIP": "None"}


def test_of_two_token_secrets_in_a_row_the_second_stays() -> None:
    account: Manifest = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "a"},
        "secrets": [{"name": "a-token-1"}, {"name": "a-token-2"}, {"name": "other"}],
    }
    assert prune(account)["secrets"] == [{"name": "a-token-2"}, {"name": "other"}]


def test_conditions_of_flux_are_merged_by_type_status_and_reason() -> None:
    manifest: Manifest = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "k", "namespace": "flux"},
        "spec": {},
    }
    ready: JSONValue = [{"type": "Ready", "status": "True", "reason": "ok", "message": "fine"}]
    status = _CHAIN.aggregate_status(manifest, [_item("m1", conditions=ready), _item("m2", conditions=ready)], _NOW)
    assert isinstance(status["status"], dict)
    assert status["status"]["conditions"] == [
        {"type": "Ready", "status": "True", "reason": "ok", "message": "m1=fine, m2=fine"}
    ]


def test_a_node_claim_is_that_of_the_typed_pod() -> None:
    affinity: JSONValue = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"extra": 1}}}
    demand = _CHAIN.interpret_replica(
        _workload(template=_template(affinity=affinity, tolerations=[{"key": "gpu", "extra": 1}]))
    )
    assert demand.requirements is not None and demand.requirements.node_claim is not None
    assert demand.requirements.node_claim.hard_node_affinity == {"nodeSelectorTerms": None}
    assert demand.requirements.node_claim.tolerations == ({"key": "gpu"},)


def test_a_pod_without_containers_keeps_none() -> None:
    pod: Manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"nodeName": "n"}}
    assert _CHAIN.retain(pod, pod)["spec"] == {"nodeName": "n", "containers": None}


def test_memory_of_ray_is_added_up_as_texts() -> None:
    """A sum that is no whole number of Ki has no binary text, and is decimal from there on."""
    manifest: Manifest = {"apiVersion": "ray.io/v1", "kind": "RayCluster", "metadata": {"name": "r"}}
    items = [_item(f"m{index}", desiredMemory=text) for index, text in enumerate(("3Mi", "1k", "2k"))]
    status = _CHAIN.aggregate_status(manifest, items, _NOW)["status"]
    assert isinstance(status, dict)
    assert status["desiredMemory"] == "3148728"


def test_what_a_rule_claims_of_nodes_goes_through_its_type() -> None:
    """Fields that it does not know are dropped, those that are never left out appear."""
    manifest: Manifest = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "w"},
        "spec": {
            "parallelism": 2,
            "tolerations": [{"key": "gpu", "operation": "Equal"}],
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [{"matchExpressions": [{"key": "gpu"}]}]
                    }
                }
            },
        },
    }
    requirements = _CHAIN.interpret_replica(manifest).requirements
    assert requirements is not None
    assert requirements.node_claim is not None
    assert requirements.node_claim.tolerations == ({"key": "gpu"},)


def test_no_cores_are_none_to_spark() -> None:
    manifest: Manifest = {
        "apiVersion": "sparkoperator.k8s.io/v1beta2",
        "kind": "SparkApplication",
        "metadata": {"name": "s"},
        "spec": {"type": "Scala", "driver": {"cores": 0}, "executor": {}},
    }
    driver, executor = _CHAIN.interpret_component(manifest)
    assert driver.replica_requirements is not None and executor.replica_requirements is not None
    assert driver.replica_requirements.resource_request["cpu"] == "0"
    assert executor.replica_requirements.resource_request["cpu"] == "1"


def test_a_condition_of_volcano_without_a_phase_stops_the_rule() -> None:
    manifest: Manifest = {"apiVersion": "batch.volcano.sh/v1alpha1", "kind": "Job", "metadata": {"name": "j"}}
    with pytest.raises(InputError):
        _CHAIN.aggregate_status(manifest, [_item("m1", conditions=[{"lastTransitionTime": _NOW}]), _item("m2")], _NOW)


@pytest.mark.parametrize(
    ("api_version", "kind", "status"),
    [
        ("batch.volcano.sh/v1alpha1", "Job", {"state": {"phase": []}}),
        ("ray.io/v1", "RayCluster", {"conditions": [{"status": "True", "type": {}}]}),
        ("kyverno.io/v1", "Policy", {"conditions": [{"status": "True", "type": "Ready", "reason": []}]}),
    ],
)
def test_health_of_a_status_in_which_a_word_is_none(api_version: str, kind: str, status: JSONValue) -> None:
    manifest: Manifest = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, "status": status}
    assert _CHAIN.interpret_health(manifest) is False


def test_a_leaked_global_breaks_only_where_it_is_shared() -> None:
    manifest: Manifest = {
        "apiVersion": "kubeflow.org/v2beta1",
        "kind": "MPIJob",
        "metadata": {"name": "m", "namespace": "ml"},
        "status": {"startTime": _NOW},
    }
    assert ThirdPartyInterpreter().interpret_status(manifest) == {"startTime": _NOW}
    with pytest.raises(InputError):
        ThirdPartyInterpreter(Globals(is_type_gone=True)).interpret_status(manifest)


def test_empty_tables_settle_to_what_the_references_had() -> None:
    reference: Manifest = {"list": [], "map": {}, "items": [{"inner": {}}]}
    value: Manifest = {"list": [], "map": [], "new": {}, "none": None, "items": [{"inner": []}, {"x": 1.0}]}
    assert settle_empty(value, (reference,)) == {"list": [], "map": {}, "items": [{"inner": {}}, {"x": 1}]}


def test_every_type_of_the_table_can_be_read() -> None:
    for name, fields in NATIVE_TYPES.items():
        for expression in fields.values():
            shape_of(expression)
        assert find_misshapen({}, Struct(name)) is None


def test_a_round_trip_drops_the_unknown_and_writes_quantities_as_kubernetes_does() -> None:
    manifest = _workload(
        replicas=0,
        paused=False,
        template=_template(containers=[_container(requests={"cpu": "1000m", "memory": "0.5Gi"})]),
        unknown=1,
    )
    spec = normalize(manifest, Struct("Deployment"))
    assert isinstance(spec, dict)
    template: JSONValue = {
        "metadata": {},
        "spec": {"containers": [_container(requests={"cpu": "1", "memory": "512Mi"})]},
    }
    assert spec["spec"] == {"replicas": 0, "selector": None, "template": template, "strategy": {}}


@pytest.mark.parametrize(
    "selector",
    [
        {"matchLabels": {"bad key": "x"}},
        {"matchLabels": {"a": "-x"}},
        {"matchExpressions": [{"key": "a", "operator": "In"}]},
        {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]},
        {"matchExpressions": [{"key": "a", "operator": "Near"}]},
        {"matchExpressions": [{"operator": "Exists"}]},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b c"]}]},
        {"matchLabels": ["a"]},
    ],
)
def test_a_dependency_with_an_unsound_selector_is_refused(selector: JSONValue) -> None:
    reference = DependentObjectReference(api_version="v1", kind="Secret", namespace="n", label_selector=selector)
    with pytest.raises(InputError, match="label selector of dependency 0"):
        verify_dependencies({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}, (reference,))


def test_a_dependency_with_a_sound_selector_is_taken() -> None:
    selector: JSONValue = {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "x/y", "operator": "DoesNotExist"}]}
    reference = DependentObjectReference(api_version="v1", kind="Secret", namespace="n", label_selector=selector)
    assert verify_dependencies({}, (reference,)) == (reference,)
