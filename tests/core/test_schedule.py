"""Decisions explained, deliberate differences, and edges that Karmada's cases do not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from karmactl.core.model.binding import (
    Binding,
    Component,
    ReplicaRequirements,
    ScheduleErrorReason,
    ScheduleResult,
    TargetCluster,
    Trigger,
)
from karmactl.core.model.cluster import (
    AllocatableModeling,
    APIEnablement,
    APIResource,
    Cluster,
    ResourceModel,
    ResourceModelRange,
    ResourceSummary,
    Taint,
)
from karmactl.core.model.differences import KARMACTL
from karmactl.core.model.gates import FeatureGates
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.policy import (
    ClusterAffinity,
    ClusterAffinityTerm,
    ClusterPreferences,
    Placement,
    ReplicaSchedulingStrategy,
    SpreadConstraint,
    StaticClusterWeight,
)
from karmactl.core.model.selector import LabelSelector
from karmactl.core.schedule import ScheduleOptions, Scheduler, schedule
from karmactl.core.webster import divide
from karmactl.errors import PlacementError

WEB = ResourceRef(group="apps", version="v1", kind="Deployment", namespace="shop", name="web")
APPS = (APIEnablement(group_version="apps/v1", resources=(APIResource(name="deployments", kind="Deployment"),)),)
DYNAMIC = ReplicaSchedulingStrategy(
    replica_scheduling_type="Divided",
    replica_division_preference="Weighted",
    weight_preference=ClusterPreferences(dynamic_weight="AvailableReplicas"),
)
AGGREGATED = ReplicaSchedulingStrategy(replica_scheduling_type="Divided", replica_division_preference="Aggregated")


def cluster(name: str, cpu: int | None = 10, **facts: object) -> Cluster:
    summary = None if cpu is None else ResourceSummary(allocatable={"cpu": str(cpu), "pods": "100"})
    facts = {"api_enablements": APPS, "resource_summary": summary, **facts}
    return Cluster(name=name, **facts)  # type: ignore[arg-type]


def workload(placement: Placement, replicas: int = 6, *previous: tuple[str, int]) -> Binding:
    return Binding(
        resource=WEB,
        replicas=replicas,
        replica_requirements=ReplicaRequirements(resource_request={"cpu": "1"}),
        placement=placement,
        clusters=tuple(TargetCluster(name=name, replicas=number) for name, number in previous),
    )


def replicas_of(result: ScheduleResult) -> dict[str, int]:
    return {target.name: target.replicas for target in result.clusters}


def texts(result: ScheduleResult, name: str) -> list[str]:
    (verdict,) = (verdict for verdict in result.verdicts if verdict.cluster == name)
    return [reason.code for reason in verdict.filters]


def static(*weights: tuple[str, int]) -> Placement:
    rules = tuple(
        StaticClusterWeight(target_cluster=ClusterAffinity(cluster_names=(name,)), weight=weight)
        for name, weight in weights
    )
    preference = ClusterPreferences(static_weight_list=rules)
    return Placement(replica_scheduling=replace(DYNAMIC, weight_preference=preference))


@pytest.mark.parametrize(("total", "expected"), [(13, (7, 4, 2)), (14, (7, 5, 2))])
def test_static_weights(total: int, expected: tuple[int, int, int]) -> None:
    placement = static(("a", 3), ("b", 2), ("c", 1))
    result = schedule(workload(placement, total), [cluster("a"), cluster("b"), cluster("c")])
    assert tuple(replicas_of(result).values()) == expected


def test_ties_go_by_the_hash_of_the_uid() -> None:
    even, odd = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000000"
    assert divide(5, {"a": 1, "b": 1}) == {"a": 3, "b": 2}
    assert divide(5, {"a": 1, "b": 1}, uid=even) == {"a": 3, "b": 2}
    assert divide(5, {"a": 1, "b": 1}, uid=odd) == {"a": 2, "b": 3}
    assert divide(5, {"a": 0}) == {}


@pytest.mark.parametrize(
    ("strategy", "previous", "replicas", "capacity", "expected"),
    [
        (DYNAMIC, {"m1": 2, "m2": 4, "m3": 6}, 6, (10, 10, 10), {"m1": 1, "m2": 2, "m3": 3}),
        (DYNAMIC, {"m1": 2, "m2": 4, "m3": 6}, 24, (10, 10, 10), {"m1": 6, "m2": 8, "m3": 10}),
        (AGGREGATED, {"m1": 4, "m2": 8}, 8, (1, 1, 1), {"m2": 8}),
        (AGGREGATED, {"m1": 4, "m2": 8}, 24, (4, 6, 8), {"m1": 7, "m2": 12, "m3": 5}),
        (AGGREGATED, {"m1": 4, "m2": 8}, 24, (6, 6, 20), {"m1": 10, "m2": 14}),
        (DYNAMIC, {"m1": 2, "m2": 4}, 6, (0, 0, 0), {"m1": 2, "m2": 4}),
    ],
)
def test_steady_division(
    strategy: ReplicaSchedulingStrategy,
    previous: dict[str, int],
    replicas: int,
    capacity: Sequence[int],
    expected: dict[str, int],
) -> None:
    clusters = [cluster(f"m{number}", cpu) for number, cpu in enumerate(capacity, start=1)]
    binding = workload(Placement(replica_scheduling=strategy), replicas, *previous.items())
    assert replicas_of(schedule(binding, clusters)) == expected


def test_too_little_room_keeps_what_is_there() -> None:
    binding = workload(Placement(replica_scheduling=DYNAMIC), 24, ("m1", 2))
    result = schedule(binding, [cluster("m1", 1), cluster("m2", 1)])
    assert result.error is not None
    assert result.error.reason is ScheduleErrorReason.UNSCHEDULABLE
    assert "Clusters available replicas 2 are not enough to schedule." in result.error.message
    assert replicas_of(result) == {"m1": 2}


def test_every_filter_that_refuses_is_told() -> None:
    tainted = cluster("m1", api_enablements=(), taints=(Taint(key="k", value="v", effect="NoExecute"),))
    placement = Placement(
        cluster_affinity=ClusterAffinity(cluster_names=("m2",)),
        spread_constraints=(SpreadConstraint(spread_by_field="region", min_groups=1, max_groups=1),),
    )
    result = schedule(workload(placement), [tainted])
    assert result.error is not None
    assert result.error.reason is ScheduleErrorReason.NO_CLUSTER_FIT
    assert result.diagnosis["m1"] == {
        "APIEnablement": "cluster(s) did not have the API resource",
        "TaintToleration": "cluster(s) had untolerated taint {k=v:NoExecute}",
        "ClusterAffinity": "cluster(s) did not match the placement cluster affinity constraint",
        "SpreadConstraint": "cluster(s) did not have region property",
    }
    assert texts(result, "m1") == list(result.diagnosis["m1"])


def test_no_cluster_at_all() -> None:
    result = schedule(workload(Placement()), [])
    assert result.error is not None
    assert result.error.message == "0/0 clusters are available: no cluster exists."


def test_a_deleting_cluster_is_counted_but_not_diagnosed() -> None:
    result = schedule(workload(Placement()), [cluster("m1", is_deleting=True)])
    assert result.error is not None
    assert result.error.message == "0/1 clusters are available: no cluster exists."
    assert texts(result, "m1") == ["cluster-deleting"]


def test_what_a_placed_cluster_is_exempt_from_is_told() -> None:
    tainted = cluster("m1", taints=(Taint(key="k", effect="NoSchedule"),))
    result = schedule(workload(Placement(), 6, ("m1", 6)), [tainted, cluster("m2")])
    assert replicas_of(result) == {"m1": 6, "m2": 6}
    assert [reason.code for reason in result.verdicts[0].exempt_filters] == ["TaintToleration"]
    assert result.verdicts[0].filters == ()


def test_verdicts_carry_the_figures() -> None:
    binding = workload(Placement(replica_scheduling=DYNAMIC), 6, ("m1", 2))
    result = schedule(binding, [cluster("m1", 4), cluster("m2", 8), cluster("m3", 8, api_enablements=())])
    first, second, third = result.verdicts
    assert (first.score, first.available, first.weight, first.previous, first.replicas) == (100, 6, 4, 2, 3)
    assert (second.score, second.available, second.weight, second.previous, second.replicas) == (0, 8, 8, None, 3)
    assert (third.is_selected, third.available, third.weight, third.replicas) == (False, None, None, None)
    (step,) = result.steps
    assert step.code == "division"
    assert step.params == {
        "mode": "scale-up",
        "replicas": 4,
        "weightSum": 12,
        "weights": {"m1": 4, "m2": 8},
        "kept": {"m1": 2},
        "ties": "name-ascending",
        "turns": [
            {"cluster": "m2", "quotient": 8.0},
            {"cluster": "m1", "quotient": 4.0},
            {"cluster": "m2", "quotient": 8 / 3},
            {"cluster": "m2", "quotient": 8 / 5},
        ],
    }


def test_refusals_carry_the_values_that_were_compared() -> None:
    prod = LabelSelector(match_labels={"tier": "prod"})
    placement = Placement(
        cluster_affinity=ClusterAffinity(label_selector=prod, exclude=("m1",)),
        spread_constraints=(SpreadConstraint(spread_by_field="zone", min_groups=1, max_groups=1),),
    )
    taints = (Taint(key="a", effect="NoSchedule"), Taint(key="b", value="c", effect="NoExecute"))
    member = cluster("m1", labels={"tier": "dev"}, taints=taints, api_enablements=())
    params = {reason.code: reason.params for reason in schedule(workload(placement), [member]).verdicts[0].filters}
    assert params["APIEnablement"]["apiVersion"] == "apps/v1"
    assert params["TaintToleration"]["taints"] == ["a:NoSchedule", "b=c:NoExecute"]
    assert params["SpreadConstraint"]["property"] == "zones"
    assert params["ClusterAffinity"]["mismatches"] == [
        {"code": "cluster-excluded", "subject": "m1", "params": {"exclude": ["m1"]}},
        {"code": "label-mismatch", "subject": "tier", "params": {"has": "dev", "operator": "In", "values": ["prod"]}},
    ]


def test_regions_are_told_with_the_scores_that_chose() -> None:
    placement = Placement(
        replica_scheduling=DYNAMIC,
        spread_constraints=(
            SpreadConstraint(spread_by_field="region", min_groups=1, max_groups=1),
            SpreadConstraint(spread_by_field="cluster", min_groups=1, max_groups=2),
        ),
    )
    fleet = [cluster("m1", 4, region="eu"), cluster("m2", 8, region="us"), cluster("m3", 3, region="eu")]
    result = schedule(workload(placement, 6), fleet)
    assert replicas_of(result) == {"m1": 3, "m3": 3}
    regions = {step.subject: step.params for step in result.steps if step.code == "spread-region"}
    # 6 replicas fit either region, so both score the same; eu has more clusters.
    assert regions == {
        "eu": {"score": 6000, "clusters": ["m1", "m3"], "isChosen": True},
        "us": {"score": 6000, "clusters": ["m2"], "isChosen": False},
    }


def test_explaining_changes_no_decision() -> None:
    scheduler = Scheduler([cluster("m1", 4), cluster("m2", 8)])
    binding = workload(Placement(replica_scheduling=AGGREGATED), 7)
    full = scheduler.schedule(binding)
    assert scheduler.schedule(binding, explain=False) == replace(full, verdicts=(), steps=())


def test_affinity_terms_are_told_in_the_order_of_trial() -> None:
    terms = tuple(ClusterAffinityTerm(affinity_name=name, cluster_names=(name,)) for name in ("gone", "m1"))
    result = schedule(workload(Placement(cluster_affinities=terms)), [cluster("m1")])
    assert result.affinity == "m1"
    assert [(step.subject, step.params["outcome"]) for step in result.steps] == [
        ("gone", "NoClusterFit"),
        ("m1", "used"),
    ]


def test_unused_spread_constraints_are_told() -> None:
    constraints = (
        SpreadConstraint(spread_by_field="zone", min_groups=1, max_groups=1),
        SpreadConstraint(spread_by_field="cluster", min_groups=1, max_groups=1),
    )
    members = [cluster(name, zones=("z",)) for name in ("m1", "m2")]
    chosen = schedule(workload(Placement(spread_constraints=constraints)), members)
    assert [(step.code, step.subject) for step in chosen.steps[:2]] == [
        ("spread-constraint-unused", "zone"),
        ("spread-constraint-used", "cluster"),
    ]
    ignored = schedule(workload(replace(static(("m1", 1)), spread_constraints=constraints)), members)
    assert [step.params["why"] for step in ignored.steps[:2]] == ["static-weight", "static-weight"]


def test_without_placement_nothing_is_decided() -> None:
    result = schedule(replace(workload(Placement()), placement=None), [cluster("m1")])
    assert result.error is not None
    assert result.error.message == "failed to get placement from resourceBinding(shop/web)"


def test_trigger() -> None:
    placement = Placement(replica_scheduling=DYNAMIC)
    scheduler = Scheduler([cluster("m1"), cluster("m2", is_deleting=True)])
    placed = replace(workload(placement, 6, ("m1", 6)), applied_placement=placement)
    assert scheduler.schedule(workload(placement)).trigger is Trigger.PLACEMENT_CHANGED
    assert scheduler.schedule(placed).trigger is Trigger.NONE
    assert scheduler.schedule(replace(placed, replicas=7)).trigger is Trigger.REPLICAS_CHANGED
    asked = replace(
        placed, last_scheduled_time="2026-01-01T00:00:00Z", reschedule_triggered_at="2026-01-01T00:00:01.5+00:00"
    )
    assert scheduler.schedule(asked).trigger is Trigger.RESCHEDULE_TRIGGERED
    moving = replace(placed, clusters=(TargetCluster(name="m2", replicas=6),))
    assert scheduler.schedule(moving).trigger is Trigger.TARGET_CLUSTER_TERMINATING
    broken = replace(workload(placement, 6, ("m1", 6)), is_applied_placement_unreadable=True)
    assert scheduler.schedule(broken).trigger is Trigger.NONE


# --- Differences from Karmada ---------------------------------------------------------------------------------------

OURS = ScheduleOptions(differences=KARMACTL)


def test_unknown_apis_pass_unverified() -> None:
    members = [cluster("m1", api_enablements=None), cluster("m2", api_enablements=())]
    result = schedule(workload(Placement()), members, options=OURS)
    assert replicas_of(result) == {"m1": 6}
    assert result.verdicts[0].exempt_filters[0].params == {"isUnverified": True}
    assert schedule(workload(Placement()), members).error is not None


def test_unknown_capacity_is_an_error_only_where_it_is_asked_for() -> None:
    members = [cluster("m1", None), cluster("m2")]
    divided = Placement(replica_scheduling=DYNAMIC)
    with pytest.raises(PlacementError) as caught:
        schedule(workload(divided), members, options=OURS)
    assert caught.value.code == "capacity-unknown"
    assert caught.value.cluster == "m1"
    assert replicas_of(schedule(workload(divided, 6, ("m1", 6)), members, options=OURS)) == {"m1": 6}
    assert replicas_of(schedule(workload(Placement()), members, options=OURS)) == {"m1": 6, "m2": 6}
    assert replicas_of(schedule(workload(divided), members)) == {"m2": 6}


def test_a_member_that_does_not_answer_keeps_but_does_not_take() -> None:
    scheduler = Scheduler([cluster("m1"), cluster("m2")], options=OURS, unreachable=("m1",))
    fresh = scheduler.schedule(workload(Placement()))
    assert replicas_of(fresh) == {"m2": 6}
    assert texts(fresh, "m1") == ["member-unreachable"]
    assert replicas_of(scheduler.schedule(workload(Placement(), 6, ("m1", 6)))) == {"m1": 6, "m2": 6}


# --- Gates --------------------------------------------------------------------------------------------------------


def test_gates_by_name() -> None:
    assert FeatureGates.of({"WorkloadAffinity": True, "PropagationPolicyPreemption": True}) == FeatureGates(
        workload_affinity=True, policy_preemption=True
    )
    assert "MultiplePodTemplatesScheduling" in FeatureGates.names()
    with pytest.raises(KeyError):
        FeatureGates.of({"NoSuchGate": True})


def test_what_was_just_placed_takes_room() -> None:
    just_placed = {
        "m1": (Component(replicas=7, replica_requirements=ReplicaRequirements(resource_request={"cpu": "1"})),)
    }
    binding = workload(Placement(replica_scheduling=DYNAMIC), 6)
    for is_on, expected in ((True, {"m1": 1, "m2": 5}), (False, {"m1": 3, "m2": 3})):
        options = ScheduleOptions(gates=FeatureGates(scheduling_overcommit_protection=is_on))
        scheduler = Scheduler([cluster("m1"), cluster("m2")], options=options, assumed=just_placed)
        assert replicas_of(scheduler.schedule(binding)) == expected


def modelled(name: str, *counts: int) -> Cluster:
    models = tuple(
        ResourceModel(grade=grade, ranges=(ResourceModelRange(name="cpu", min=str(minimum), max=str(minimum * 2)),))
        for grade, minimum in enumerate((0, 2, 4))
    )
    summary = ResourceSummary(
        allocatable={"cpu": "1000", "pods": "500"},
        allocatable_modelings=tuple(
            AllocatableModeling(grade=grade, count=count) for grade, count in enumerate(counts)
        ),
    )
    return cluster(name, resource_models=models, resource_summary=summary)


def test_resource_models_count_what_nodes_can_hold() -> None:
    binding = replace(
        workload(Placement(replica_scheduling=DYNAMIC), 1),
        replica_requirements=ReplicaRequirements(resource_request={"cpu": "1500m"}),
    )
    # Nodes of grade 1 hold one replica, of grade 2 two, of grade 0 none.
    result = schedule(binding, [modelled("m1", 9, 3, 5)])
    assert result.verdicts[0].available == 13


def test_a_request_that_no_integer_holds_finds_no_room() -> None:
    """1E of cpu overflows in milli-units, and comes as 0."""
    binding = replace(
        workload(Placement(replica_scheduling=DYNAMIC), 1),
        replica_requirements=ReplicaRequirements(resource_request={"cpu": "1E"}),
    )
    result = schedule(binding, [cluster("m1")])
    assert result.error is not None
    assert result.error.reason is ScheduleErrorReason.UNSCHEDULABLE


def test_sets_of_components_fill_nodes_one_after_the_other() -> None:
    parts = (
        Component(name="big", replicas=1, replica_requirements=ReplicaRequirements(resource_request={"cpu": "3"})),
        Component(name="small", replicas=2, replica_requirements=ReplicaRequirements(resource_request={"cpu": "1"})),
    )
    constraint = SpreadConstraint(spread_by_field="cluster", min_groups=1, max_groups=1)
    binding = Binding(resource=WEB, components=parts, placement=Placement(spread_constraints=(constraint,)))
    options = ScheduleOptions(gates=FeatureGates(multiple_pod_templates_scheduling=True))
    # Two nodes of 2 and two of 4: the big ones take the latter, the small ones the former and then what is left.
    result = schedule(binding, [modelled("m1", 0, 2, 2)], options=options)
    assert result.verdicts[0].available == 2
    assert [(part.name, part.replicas) for part in result.clusters[0].components] == [("big", 1), ("small", 2)]
