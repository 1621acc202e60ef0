"""Works: from a placed template to each cluster's object, and dependencies that follow."""

from __future__ import annotations

import copy
from dataclasses import replace

from karmactl.core.bind import bind
from karmactl.core.depend import attach, attached_binding
from karmactl.core.interpret import NativeInterpreter
from karmactl.core.model.binding import Binding, TargetCluster
from karmactl.core.model.cluster import Cluster
from karmactl.core.model.manifest import JSONValue, Manifest, annotations_of, field, labels_of
from karmactl.core.model.policy import (
    OverridePolicy,
    Overriders,
    OverrideRule,
    OverrideSpec,
    Placement,
    PlaintextOverrider,
    PropagationPolicy,
    PropagationSpec,
    ReplicaSchedulingStrategy,
    SuspendClusters,
    Suspension,
)
from karmactl.core.model.work import Work, WorkFault
from karmactl.core.names import work_name
from karmactl.core.override import OverrideSet
from karmactl.core.works import KarmactlMarks, KarmadaMarks, Marks, WorkMaker

_INTERPRETER = NativeInterpreter()
_DIVIDED = Placement(replica_scheduling=ReplicaSchedulingStrategy(replica_scheduling_type="Divided"))
_TARGETS = (TargetCluster(name="m1", replicas=2), TargetCluster(name="m2", replicas=1))


def _policy(**spec: object) -> PropagationPolicy:
    made = PropagationSpec(placement=_DIVIDED)
    return PropagationPolicy(name="p", namespace="shop", spec=replace(made, **spec))  # type: ignore[arg-type]


def _template(kind: str = "Deployment", api_version: str = "apps/v1", **spec: JSONValue) -> Manifest:
    pod_spec: JSONValue = {"containers": [], "volumes": [{"name": "v", "configMap": {"name": "settings"}}]}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop", "uid": "u1", "generation": 4, "labels": {"app": "web"}},
        "spec": {"template": {"spec": pod_spec}, **spec},
        "status": {"replicas": 9},
    }


def _works(
    template: Manifest,
    policy: PropagationPolicy,
    *overrides: OverridePolicy,
    marks: Marks | None = None,
) -> list[Work | WorkFault]:
    binding = replace(bind(template, policy, _INTERPRETER), clusters=_TARGETS)
    clusters = [Cluster(name=target.name) for target in _TARGETS]
    maker = WorkMaker(
        interpreter=_INTERPRETER, overrides=OverrideSet(overrides, clusters), marks=marks or KarmactlMarks()
    )
    return list(maker.prepare(template, binding, policy))


def _made(template: Manifest, policy: PropagationPolicy, *overrides: OverridePolicy) -> list[Work]:
    works = _works(template, policy, *overrides)
    assert all(isinstance(work, Work) for work in works)
    return [work for work in works if isinstance(work, Work)]


def _set(path: str, value: JSONValue) -> OverridePolicy:
    plaintext = PlaintextOverrider(path=path, operator="replace", value=value)
    rule = OverrideRule(overriders=Overriders(plaintext=(plaintext,)))
    return OverridePolicy(name="o", namespace="shop", spec=OverrideSpec(override_rules=(rule,)))


def test_each_cluster_gets_its_share_and_nothing_of_the_servers() -> None:
    template = _template(replicas=3)
    before = copy.deepcopy(template)
    first, second = _made(template, _policy())
    assert [field(work.manifest, "spec", "replicas") for work in (first, second)] == [2, 1]
    assert "status" not in first.manifest
    assert field(first.manifest, "metadata", "uid") is None
    assert template == before
    (origin,) = first.origins
    assert (origin.path, origin.type, origin.source, origin.before) == (
        "/spec/replicas",
        "placement",
        "PropagationPolicy p",
        3,
    )


def test_an_override_of_replicas_beats_the_scheduler() -> None:
    works = _made(_template(replicas=3), _policy(), _set("/spec/replicas", 7))
    assert [field(work.manifest, "spec", "replicas") for work in works] == [7, 7]
    assert [work.overrides[0].name for work in works] == ["o", "o"]


def test_completions_are_divided_by_parallelism() -> None:
    job = _template("Job", "batch/v1", parallelism=3, completions=9, ttlSecondsAfterFinished=5)
    specs = [work.manifest["spec"] for work in _made(job, _policy())]
    assert [(field(spec, "parallelism"), field(spec, "completions")) for spec in specs] == [(2, 6), (1, 3)]
    assert all(field(spec, "ttlSecondsAfterFinished") is None for spec in specs)


def test_a_fault_takes_the_place_of_a_work() -> None:
    works = _works(_template(replicas=3), _policy(), _set("/spec/absent", 1))
    assert [(work.cluster, work.code) for work in works if isinstance(work, WorkFault)] == [
        ("m1", "patch-path-missing"),
        ("m2", "patch-path-missing"),
    ]


def test_marks_of_karmactl() -> None:
    template = _template(replicas=3)
    template["metadata"] = {
        "name": "web",
        "namespace": "shop",
        "uid": "u1",
        "generation": 4,
        "annotations": {"work.karmada.io/conflict-resolution": "overwrite", "mine": "x"},
    }
    (work, *_) = _made(template, _policy())
    assert work.envelope is None
    assert work.conflict_resolution == "overwrite"
    assert labels_of(work.manifest) == {"karmada.io/managed": "true"}
    assert annotations_of(work.manifest) == {
        "mine": "x",
        "propagationpolicy.karmada.io/name": "p",
        "propagationpolicy.karmada.io/namespace": "shop",
        "resourcetemplate.karmada.io/generation": "4",
        "resourcetemplate.karmada.io/uid": "u1",
        "resourcetemplate.karmada.io/managed-labels": "karmada.io/managed",
        "resourcetemplate.karmada.io/managed-annotations": ",".join(
            [
                "mine",
                "propagationpolicy.karmada.io/name",
                "propagationpolicy.karmada.io/namespace",
                "resourcetemplate.karmada.io/generation",
                "resourcetemplate.karmada.io/managed-annotations",
                "resourcetemplate.karmada.io/managed-labels",
                "resourcetemplate.karmada.io/uid",
            ]
        ),
    }


def test_marks_of_karmada_name_binding_and_work() -> None:
    marks = KarmadaMarks(policy_id="pid", binding_id="bid")
    (work, *_) = _works(_template(replicas=3), _policy(), marks=marks)
    assert isinstance(work, Work) and work.envelope is not None
    assert work.envelope.namespace == "karmada-es-m1"
    assert work.envelope.name == work_name("Deployment", "web", "shop")
    assert work.envelope.labels == {"resourcebinding.karmada.io/permanent-id": "bid"}
    assert labels_of(work.manifest)["propagationpolicy.karmada.io/permanent-id"] == "pid"
    assert annotations_of(work.manifest)["work.karmada.io/namespace"] == "karmada-es-m1"


def test_suspension_of_some_clusters() -> None:
    held = Suspension(dispatching_on_clusters=SuspendClusters(cluster_names=("m2",)))
    works = _made(_template(replicas=3), _policy(suspension=held))
    assert [work.is_suspended for work in works] == [False, True]


def test_clusters_with_the_same_share_get_the_same_object() -> None:
    template = _template(replicas=2)
    targets = tuple(TargetCluster(name=f"m{index}", replicas=2) for index in range(4))
    binding = replace(bind(template, _policy(), _INTERPRETER), clusters=targets)
    maker = WorkMaker(interpreter=_INTERPRETER, overrides=OverrideSet([], []), marks=KarmactlMarks())
    works = [work for work in maker.prepare(template, binding, _policy()) if isinstance(work, Work)]
    assert len({id(work.manifest) for work in works}) == 1
    assert [work.cluster for work in works] == ["m0", "m1", "m2", "m3"]


def _config_map(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}}


def test_dependencies_follow_their_templates() -> None:
    template, settings = _template(replicas=3), _config_map("settings")
    binding = replace(
        bind(template, _policy(propagate_deps=True, conflict_resolution="Overwrite"), _INTERPRETER), clusters=_TARGETS
    )
    attachments = attach([(template, binding)], [template, settings, _config_map("other")], _INTERPRETER)
    assert list(attachments.needed_by) == [("", "ConfigMap", "shop", "settings")]
    attached = attached_binding(settings, None, attachments.needed_by["", "ConfigMap", "shop", "settings"])
    assert attached.placement is None
    assert attached.conflict_resolution == "Overwrite"
    maker = WorkMaker(interpreter=_INTERPRETER, overrides=OverrideSet([], []), marks=KarmactlMarks())
    works = list(maker.prepare(settings, attached, None))
    assert [work.cluster for work in works] == ["m1", "m2"]
    own = Binding(resource=attached.resource, clusters=(TargetCluster(name="m2"), TargetCluster(name="m9")))
    both = attached_binding(settings, own, attachments.needed_by["", "ConfigMap", "shop", "settings"])
    assert [work.cluster for work in maker.prepare(settings, both, _policy())] == ["m2", "m9", "m1"]


def test_what_asks_for_no_dependencies_gets_none() -> None:
    template, settings = _template(replicas=3), _config_map("settings")
    binding = replace(bind(template, _policy(), _INTERPRETER), clusters=_TARGETS)
    assert attach([(template, binding)], [template, settings], _INTERPRETER).needed_by == {}


def test_a_template_that_cannot_be_read_is_told() -> None:
    template = _template(replicas=3)
    binding = replace(bind(template, _policy(propagate_deps=True), _INTERPRETER), clusters=_TARGETS)
    broken = _template(replicas="x")
    attachments = attach([(broken, binding)], [broken], _INTERPRETER)
    assert attachments.needed_by == {}
    assert [error.code for error in attachments.faults.values()] == ["interpret-failed"]
