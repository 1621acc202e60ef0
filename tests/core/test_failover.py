"""One step of failover after another: thresholds, tolerations, tasks, and what holds an eviction back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from karmactl.core.failover import Tick, tick
from karmactl.core.model.binding import TargetCluster
from karmactl.core.model.cluster import Cluster, Taint
from karmactl.core.model.failover import (
    FailoverSettings,
    FailoverState,
    Movable,
    Observations,
    ReadyStatus,
    Subject,
)
from karmactl.core.model.manifest import ResourceRef
from karmactl.core.model.policy import ClusterFailoverBehavior, FailoverBehavior, Placement, Toleration
from karmactl.core.model.state import Record, TemplateRecord

WEB = ResourceRef(group="apps", version="v1", kind="Deployment", namespace="shop", name="web")
START = datetime(2026, 1, 1, tzinfo=UTC)
FLEET = tuple(Cluster(name=name) for name in ("a", "b", "c"))
NOT_READY = "cluster.karmada.io/not-ready"


class Watched:
    """A fleet under failover, one look after the other."""

    def __init__(
        self, *, placement: Placement | None = None, movable: Movable | None = None, **settings: object
    ) -> None:
        targets = (TargetCluster(name="a", replicas=3), TargetCluster(name="b", replicas=2))
        self.record = Record(templates=(TemplateRecord(resource=WEB, placement=placement, clusters=targets),))
        self.state = FailoverState()
        self.fleet = FLEET
        self.movable = movable or Movable()
        self.settings = FailoverSettings(**settings)  # type: ignore[arg-type]
        self.told: list[tuple[int, Subject, str, str]] = []

    def look(self, second: int, down: str = "", *, has_majority: bool = True, healthy: bool = False) -> Tick:
        ready = {c.name: ReadyStatus.FALSE if c.name in down else ReadyStatus.TRUE for c in self.fleet}
        placed = frozenset((WEB, name) for name in "abc") if healthy else frozenset()
        step = tick(
            self.state,
            self.record,
            Observations(ready=ready, healthy=placed, has_majority=has_majority),
            START + timedelta(seconds=second),
            clusters=self.fleet,
            movable={WEB: self.movable},
            settings=self.settings,
        )
        self.state, self.record = step.state, step.record
        self.told += [(second, entry.subject, entry.cluster, entry.reason.code) for entry in step.decisions]
        return step

    def play(self, start: int, end: int, down: str = "", **options: bool) -> None:
        for second in range(start, end + 1, 10):
            self.look(second, down, **options)

    def when(self, subject: Subject) -> list[int]:
        return [second for second, told, _, _ in self.told if told is subject]

    def reasons(self, subject: Subject) -> set[str]:
        return {code for _, told, _, code in self.told if told is subject}

    @property
    def places(self) -> list[str]:
        return [target.name for target in self.record.templates[0].clusters]


def test_dead_after_the_threshold_and_left_after_the_toleration() -> None:
    fleet = Watched()
    fleet.play(0, 60)
    fleet.play(70, 500, "a")
    assert [(s, c) for s, told, n, c in fleet.told if told is Subject.READY and n == "a"] == [
        (0, "True"),
        (100, "False"),
    ]
    assert fleet.when(Subject.EVICTED) == [400]
    assert fleet.places == ["b"]
    (task,) = fleet.record.templates[0].eviction_tasks
    assert (task.from_cluster, task.replicas, task.purge_mode, task.reason) == (
        "a",
        3,
        "Gracefully",
        "TaintUntolerated",
    )
    assert task.clusters_before_failover == ("a", "b")


def test_a_flapping_cluster_is_never_dead() -> None:
    fleet = Watched(default_toleration_seconds=0)
    for second in range(0, 3000, 10):
        fleet.look(second, "a" if second % 30 else "")
    assert fleet.when(Subject.EVICTED) == []


@pytest.mark.parametrize(
    ("tolerations", "evicted"),
    [
        ((), [400]),
        ((Toleration(key=NOT_READY, operator="Exists", effect="NoExecute", toleration_seconds=60),), [160]),
        ((Toleration(key=NOT_READY, operator="Exists", effect="NoExecute", toleration_seconds=0),), [100]),
        ((Toleration(key=NOT_READY, operator="Exists", effect="NoExecute"),), []),
        ((Toleration(operator="Exists"),), []),
        ((Toleration(key="gpu", operator="Exists"),), [400]),
        # It speaks of not-ready, and does not match: nothing is added, so nothing tolerates.
        ((Toleration(key=NOT_READY, operator="Equal", value="x", effect="NoExecute"),), [100]),
    ],
)
def test_tolerations_of_the_applied_placement_decide(tolerations: tuple[Toleration, ...], evicted: list[int]) -> None:
    fleet = Watched(placement=Placement(cluster_tolerations=tolerations))
    fleet.play(0, 60)
    fleet.play(70, 900, "a")
    assert fleet.when(Subject.EVICTED) == evicted


def test_a_taint_of_somebody_evicts_what_does_not_tolerate_it() -> None:
    fleet = Watched()
    fleet.play(0, 60)
    fleet.fleet = (replace(FLEET[0], taints=(Taint(key="gpu", effect="NoExecute"),)), *FLEET[1:])
    fleet.look(70)
    assert fleet.when(Subject.EVICTED) == [70]


@pytest.mark.parametrize(
    ("movable", "settings", "options", "reason"),
    [
        (Movable(), {"is_paused": True}, {}, "paused"),
        (Movable(is_stateful=True), {}, {}, "stateful"),
        (Movable(), {}, {"has_majority": False}, "record-no-majority"),
    ],
)
def test_what_holds_back(movable: Movable, settings: dict[str, bool], options: dict[str, bool], reason: str) -> None:
    fleet = Watched(movable=movable, **settings)
    fleet.play(0, 60)
    fleet.play(70, 900, "a", **options)
    assert (fleet.when(Subject.EVICTED), fleet.reasons(Subject.HELD)) == ([], {reason})
    assert fleet.places == ["a", "b"]


def test_all_clusters_down_evicts_nothing() -> None:
    fleet = Watched(allow_minority=True)
    fleet.play(0, 60)
    fleet.play(70, 900, "abc", has_majority=False)
    assert (fleet.when(Subject.EVICTED), fleet.reasons(Subject.HELD)) == ([], {"all-clusters-down"})


def test_a_second_cluster_waits_its_turn() -> None:
    fleet = Watched()
    fleet.play(0, 60)
    fleet.play(70, 600, "ab")
    assert fleet.when(Subject.EVICTED) == [400, 410]
    assert fleet.reasons(Subject.HELD) == {"rate-limited"}


def test_a_disrupted_region_keeps_what_it_has() -> None:
    fleet = Watched()
    fleet.fleet = tuple(Cluster(name=name, region="eu") for name in "abcde")
    fleet.play(0, 60)
    fleet.play(70, 900, "acd")
    assert (fleet.when(Subject.EVICTED), fleet.reasons(Subject.HELD)) == ([], {"region-disrupted"})


@pytest.mark.parametrize("jump", [-86_400, 86_400])
def test_jumps_of_the_clock_evict_nothing_early_and_nothing_never(jump: int) -> None:
    """The toleration restarts or has passed; either way the cluster is seen dead for a threshold before it counts."""
    fleet = Watched()
    fleet.play(0, 60)
    fleet.play(70, 110, "a")
    fleet.play(120 + jump, 140 + jump, "a")
    assert fleet.when(Subject.EVICTED) == []
    fleet.play(150 + jump, 600 + jump, "a")
    assert len(fleet.when(Subject.EVICTED)) == 1


@pytest.mark.parametrize(
    ("purge_mode", "healthy", "ended"),
    [
        ("", True, {"healthy-elsewhere"}),
        ("Gracefully", False, {"timed-out"}),
        ("Directly", True, {"healthy-elsewhere"}),
        ("Never", True, set()),
    ],
)
def test_tasks_end_as_their_purge_mode_says(purge_mode: str, healthy: bool, ended: set[str]) -> None:
    behavior = FailoverBehavior(cluster=ClusterFailoverBehavior(purge_mode=purge_mode))
    fleet = Watched(movable=Movable(failover=behavior), default_toleration_seconds=0)
    fleet.play(0, 60)
    fleet.play(70, 100, "a")
    fleet.play(110, 800, "a", healthy=healthy)
    assert fleet.reasons(Subject.EVICTION_DONE) == ended
    assert bool(fleet.record.templates[0].eviction_tasks) == (purge_mode == "Never")


def test_nothing_counts_as_healthy_where_there_is_nothing() -> None:
    """Karmada gives the old copy up where the template is nowhere; here it stays until its time is over."""
    fleet = Watched(default_toleration_seconds=0)
    fleet.record = Record(templates=(TemplateRecord(resource=WEB, clusters=(TargetCluster(name="a", replicas=3),)),))
    fleet.play(0, 60)
    fleet.play(70, 300, "a", healthy=True)
    assert (fleet.places, fleet.when(Subject.EVICTION_DONE)) == ([], [])
