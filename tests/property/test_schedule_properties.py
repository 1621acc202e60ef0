"""What must always hold for division and scheduling, whatever the inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from karmactl.core.model.binding import Binding, ReplicaRequirements, ScheduleResult, Trigger
from karmactl.core.model.cluster import APIEnablement, APIResource, Cluster, ResourceSummary, Taint
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.policy import (
    ClusterAffinity,
    ClusterPreferences,
    Placement,
    ReplicaSchedulingStrategy,
    SpreadConstraint,
    StaticClusterWeight,
)
from karmactl.core.model.selector import LabelSelector
from karmactl.core.schedule import Scheduler, schedule
from karmactl.core.schedule.spread import RegionGroup, best_region_set
from karmactl.core.webster import divide, divide_in_name_order, seats_in_turn

WEB = ResourceRef(group="apps", version="v1", kind="Deployment", namespace="shop", name="web")
APPS = (APIEnablement(group_version="apps/v1", resources=(APIResource(name="deployments", kind="Deployment"),)),)
QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)

weight_lists = st.lists(st.one_of(st.integers(0, 5), st.integers(0, 10**9)), min_size=1, max_size=12)


def one_seat_at_a_time(total: int, weights: Sequence[int], is_name_descending: bool) -> list[int]:
    """The definition of the method."""
    seats = [0] * len(weights)
    for _ in range(total if sum(weights) else 0):
        best = min(
            range(len(weights)),
            key=lambda i: (-(float(weights[i]) / (2 * seats[i] + 1)), seats[i], -i if is_name_descending else i),
        )
        seats[best] += 1
    return seats if sum(weights) else []


@given(st.integers(0, 80), weight_lists, st.booleans())
def test_division_is_websters_method(total: int, weights: list[int], is_name_descending: bool) -> None:
    expected = one_seat_at_a_time(total, weights, is_name_descending)
    assert divide_in_name_order(total, weights, is_name_descending=is_name_descending) == expected
    turns = seats_in_turn(total, weights, is_name_descending=is_name_descending)
    assert [sum(winner == i for winner, _ in turns) for i in range(len(expected))] == expected
    assert [quotient for _, quotient in turns] == sorted((quotient for _, quotient in turns), reverse=True)


@given(st.integers(0, 10**6), st.dictionaries(st.text("abc", max_size=4), st.integers(0, 10**6), min_size=1), st.text())
def test_division_conserves_and_keeps_the_order_of_weights(total: int, weights: dict[str, int], uid: str) -> None:
    assume(any(weights.values()))
    seats = divide(total, weights, uid=uid)
    assert sum(seats.values()) == total
    ranked = sorted(weights, key=weights.__getitem__)
    assert all(seats[one] <= seats[other] or weights[one] == weights[other] for one, other in pairwise(ranked))
    assert all(seats[name] == 0 for name, weight in weights.items() if weight == 0)


@given(st.integers(0, 10**4), weight_lists)
def test_one_more_takes_from_nobody(total: int, weights: list[int]) -> None:
    fewer = divide_in_name_order(total, weights, is_name_descending=False)
    more = divide_in_name_order(total + 1, weights, is_name_descending=False)
    assert all(one <= other for one, other in zip(fewer, more, strict=True))


def all_region_sets(
    groups: Sequence[RegionGroup], region: SpreadConstraint, cluster_minimum: int
) -> Iterator[tuple[RegionGroup, ...]]:
    """Every set that is just large enough, depth first from the smallest region on."""
    ordered = sorted(groups, key=lambda group: (len(group.positions), *group.rank))
    is_single_path = len(ordered) == region.min_groups

    def search(chosen: tuple[RegionGroup, ...], begin: int) -> Iterator[tuple[RegionGroup, ...]]:
        count = sum(len(group.positions) for group in chosen)
        if count >= cluster_minimum and region.min_groups <= len(chosen) <= region.max_groups:
            yield chosen
        elif len(chosen) < region.max_groups:
            for index in range(begin, min(begin + 1, len(ordered)) if is_single_path else len(ordered)):
                yield from search((*chosen, ordered[index]), index + 1)

    return search((), 0)


@st.composite
def region_groups(draw: st.DrawFn) -> list[RegionGroup]:
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=7))
    scores = st.one_of(st.sampled_from([0, 1000, 2000]), st.integers(0, 5000))
    return [
        RegionGroup(name=f"r{number}", positions=tuple(range(size)), score=draw(scores))
        for number, size in enumerate(sizes)
    ]


@given(region_groups(), st.integers(0, 7), st.integers(0, 8), st.integers(0, 14))
def test_the_best_regions_are_those_of_the_full_search(
    groups: list[RegionGroup], minimum: int, maximum: int, clusters: int
) -> None:
    constraint = SpreadConstraint(spread_by_field="region", min_groups=minimum, max_groups=maximum)
    found = [
        tuple(sorted(chosen, key=lambda group: group.rank)) for chosen in all_region_sets(groups, constraint, clusters)
    ]
    found.sort(key=lambda chosen: (-sum(g.score for g in chosen), -sum(len(g.positions) for g in chosen)))
    best = found[0] if found else ()
    for chosen in found[1:]:
        if len(chosen) < len(best) and best[: len(chosen)] == chosen:
            best = chosen
    assert best_region_set(groups, constraint, clusters) == best


def test_sixty_regions_are_no_matter() -> None:
    """All sets of 20 of 60 regions are more than can be listed; the best one is known here by how it is made up."""
    sizes, scores = [1 + number // 5 for number in range(60)], [number * 7919 % 60 * 10 for number in range(60)]
    groups = [
        RegionGroup(name=f"r{number:02}", positions=tuple(range(sizes[number])), score=scores[number])
        for number in range(60)
    ]
    constraint = SpreadConstraint(spread_by_field="region", min_groups=20, max_groups=20)
    best = best_region_set(groups, constraint, 20)
    assert sorted((group.score for group in best), reverse=True) == sorted(scores, reverse=True)[:20]
    # With many clusters wanted, score has to give way: nothing on the way there may have been enough.
    wide = SpreadConstraint(spread_by_field="region", min_groups=5, max_groups=20)
    chosen = best_region_set(groups, wide, 200)
    by_size = sorted(chosen, key=lambda group: (len(group.positions), *group.rank))
    assert sum(len(group.positions) for group in by_size) >= 200 > sum(len(group.positions) for group in by_size[:-1])


# --- Scheduling ---------------------------------------------------------------------------------------------------


@st.composite
def fleets(draw: st.DrawFn) -> list[Cluster]:
    names = draw(st.lists(st.text("abcm-", min_size=1, max_size=5), min_size=1, max_size=9, unique=True))
    return [draw(members(name)) for name in names]


@st.composite
def members(draw: st.DrawFn, name: str) -> Cluster:
    allocatable = {"cpu": str(draw(st.integers(0, 60))), "pods": str(draw(st.integers(0, 40)))}
    return Cluster(
        name=name,
        labels={"tier": draw(st.sampled_from(["gold", "silver"]))},
        region=draw(st.sampled_from(["eu", "us", "ap", ""])),
        taints=draw(st.sampled_from([(), (), (Taint(key="k", effect="NoSchedule"),)])),
        api_enablements=APPS,
        resource_summary=ResourceSummary(allocatable=allocatable),
    )


def divided(preference: str, weights: ClusterPreferences | None = None) -> ReplicaSchedulingStrategy:
    return ReplicaSchedulingStrategy(
        replica_scheduling_type="Divided", replica_division_preference=preference, weight_preference=weights
    )


GOLD = ClusterAffinity(label_selector=LabelSelector(match_labels={"tier": "gold"}))
DYNAMIC = divided("Weighted", ClusterPreferences(dynamic_weight="AvailableReplicas"))
AGGREGATED = divided("Aggregated")
EQUAL = divided("Weighted")
GOLDEN = divided(
    "Weighted", ClusterPreferences(static_weight_list=(StaticClusterWeight(target_cluster=GOLD, weight=3),))
)
DUPLICATED = ReplicaSchedulingStrategy(replica_scheduling_type="Duplicated")

affinities = st.sampled_from([None, GOLD, ClusterAffinity(exclude=("a", "m"))])
spreads = st.sampled_from(
    [
        (),
        (SpreadConstraint(spread_by_field="cluster", min_groups=1, max_groups=3),),
        (
            SpreadConstraint(spread_by_field="region", min_groups=1, max_groups=2),
            SpreadConstraint(spread_by_field="cluster", min_groups=2, max_groups=4),
        ),
    ]
)


@st.composite
def bindings(
    draw: st.DrawFn,
    schedulings: Sequence[ReplicaSchedulingStrategy] = (DYNAMIC, AGGREGATED, EQUAL, GOLDEN, DUPLICATED),
    is_spread: bool = True,
) -> Binding:
    placement = Placement(
        cluster_affinity=draw(affinities),
        replica_scheduling=draw(st.sampled_from(schedulings)),
        spread_constraints=draw(spreads) if is_spread else (),
    )
    return Binding(
        resource=WEB,
        resource_uid=draw(st.text("0123456789abcdef", max_size=6)),
        replicas=draw(st.integers(1, 60)),
        replica_requirements=ReplicaRequirements(resource_request={"cpu": draw(st.sampled_from(["1", "2", "500m"]))}),
        placement=placement,
    )


def placed(binding: Binding, result: ScheduleResult) -> Binding:
    """The binding as it is after a result was recorded."""
    return replace(binding, clusters=result.clusters, applied_placement=binding.placement)


def replicas_of(result: ScheduleResult) -> dict[str, int]:
    return {target.name: target.replicas for target in result.clusters}


@QUICK
@given(fleets(), bindings())
def test_replicas_are_conserved(fleet: list[Cluster], binding: Binding) -> None:
    result = schedule(binding, fleet)
    if result.error is None:
        replicas = replicas_of(result).values()
        if result.strategy == "Duplicated":
            assert set(replicas) == {binding.replicas}
        else:
            assert sum(replicas) == binding.replicas
            assert 0 not in replicas


@QUICK
@given(fleets(), bindings(), st.randoms(use_true_random=False))
def test_the_order_of_clusters_does_not_matter(fleet: list[Cluster], binding: Binding, chance: object) -> None:
    shuffled = sorted(fleet, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert schedule(binding, shuffled) == schedule(binding, fleet)


@QUICK
@given(fleets(), bindings())
def test_a_cluster_that_cannot_take_it_changes_nothing(fleet: list[Cluster], binding: Binding) -> None:
    stranger = Cluster(name="zz", labels={"tier": "gold"}, region="eu", api_enablements=())
    without, within = schedule(binding, fleet), schedule(binding, [*fleet, stranger])
    assert without.clusters == within.clusters
    assert (without.error is None) == (within.error is None)


@QUICK
@given(fleets(), bindings())
def test_equal_questions_have_equal_answers(fleet: list[Cluster], binding: Binding) -> None:
    scheduler = Scheduler(fleet)
    first = scheduler.schedule(binding, explain=False)
    assert scheduler.schedule(binding, explain=False) == first
    explained = scheduler.schedule(binding)
    assert replace(explained, verdicts=(), steps=()) == first
    assert [verdict.cluster for verdict in explained.verdicts] == sorted(cluster.name for cluster in fleet)


@QUICK
@given(fleets(), bindings())
def test_who_gets_nothing_was_refused_or_not_chosen_or_has_no_weight(fleet: list[Cluster], binding: Binding) -> None:
    result = schedule(binding, fleet)
    assume(result.error is None)
    for verdict in result.verdicts:
        assert bool(verdict.replicas) <= verdict.is_selected <= (not verdict.filters)


@QUICK
@given(fleets(), bindings(schedulings=(DYNAMIC, AGGREGATED, EQUAL, GOLDEN)))
def test_steady_stays_steady(fleet: list[Cluster], binding: Binding) -> None:
    result = schedule(binding, fleet)
    assume(result.error is None)
    again = schedule(placed(binding, result), fleet)
    assert again.trigger is Trigger.NONE
    assert binding.placement is not None
    if not binding.placement.spread_constraints:
        assert again.clusters == result.clusters


@QUICK
@given(fleets(), bindings(schedulings=(DYNAMIC, AGGREGATED, EQUAL, GOLDEN), is_spread=False), st.integers(1, 40))
def test_scaling_up_takes_from_nobody(fleet: list[Cluster], binding: Binding, more: int) -> None:
    result = schedule(binding, fleet)
    assume(result.error is None)
    larger = schedule(replace(placed(binding, result), replicas=binding.replicas + more), fleet)
    assume(larger.error is None)
    after = replicas_of(larger)
    assert all(after.get(name, 0) >= replicas for name, replicas in replicas_of(result).items())


@QUICK
@given(fleets(), bindings(schedulings=(DYNAMIC, AGGREGATED), is_spread=False), st.integers(1, 40))
def test_scaling_down_adds_to_nobody(fleet: list[Cluster], binding: Binding, fewer: int) -> None:
    result = schedule(binding, fleet)
    assume(result.error is None and binding.replicas > fewer)
    smaller = schedule(replace(placed(binding, result), replicas=binding.replicas - fewer), fleet)
    assert smaller.error is None
    before = replicas_of(result)
    assert all(replicas <= before[name] for name, replicas in replicas_of(smaller).items())


@QUICK
@given(fleets(), bindings(schedulings=(DYNAMIC, AGGREGATED)))
def test_nobody_gets_more_than_there_is_room_for(fleet: list[Cluster], binding: Binding) -> None:
    result = schedule(binding, fleet)
    for verdict in result.verdicts:
        assert (verdict.replicas or 0) <= (verdict.available or 0)
