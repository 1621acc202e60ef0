"""Obstacles and remedies, and the numbers, as people see them."""

from __future__ import annotations

from dataclasses import replace

from karmactl.core.model.binding import ClusterVerdict, ScheduleResult, TargetCluster
from karmactl.core.model.counterfactual import Remedy, WhyNot
from karmactl.core.model.reason import Reason
from karmactl.render.scores import render_scores
from karmactl.render.text import Page, plain
from karmactl.render.why import render_why
from karmactl.render.why_not import render_why_not
from tests.render.world import shop_plan

PAGE = Page(width=80)
TOLERATE = Reason(code="tolerate-taint", subject="PropagationPolicy shop/web", params={"taint": "gpu:NoSchedule"})
RAISE = Reason(
    code="raise-max-groups", subject="PropagationPolicy shop/web", params={"field": "cluster", "from": 1, "to": 3}
)
AFTER = (TargetCluster(name="eu", replicas=3), TargetCluster(name="us", replicas=1))
ANSWER = WhyNot(
    cluster="us",
    is_target=False,
    obstacles=(Reason(code="TaintToleration", subject="us", params={"text": "untolerated taint {gpu:NoSchedule}"}),),
    remedies=(Remedy(changes=(TOLERATE,), targets=AFTER), Remedy(changes=(RAISE,), targets=AFTER)),
    size_tried=1,
    questions=4,
)


def said(answer: WhyNot, *, has_replicas: bool = True) -> list[str]:
    return plain(render_why_not(answer, PAGE, has_replicas=has_replicas), PAGE).splitlines()


def test_every_obstacle_and_every_remedy_has_its_line() -> None:
    assert said(ANSWER) == [
        "  us does not get it.",
        "  · untolerated taint {gpu:NoSchedule}",
        "  Any one of these would do:",
        "  · tolerate the taint gpu:NoSchedule in PropagationPolicy shop/web",
        "      after: eu 3   us 1",
        "  · raise maxGroups by cluster from 1 to 3 in PropagationPolicy shop/web",
        "      after: eu 3   us 1",
    ]


def test_two_changes_are_said_to_be_needed_together() -> None:
    pair = replace(ANSWER, remedies=(Remedy(changes=(TOLERATE, RAISE), targets=AFTER),), size_tried=2)
    text = " ".join(" ".join(said(pair, has_replicas=False)).split())
    assert "It takes 2 changes: · tolerate the taint gpu:NoSchedule in PropagationPolicy shop/web, and raise" in text
    assert text.endswith("after: eu us")


def test_nothing_found_says_how_hard_it_was_looked_for() -> None:
    none = replace(ANSWER, remedies=(), size_tried=2, questions=31)
    assert said(none)[-1] == "  No one or two changes would do: 31 were tried."
    assert "not everything could be tried" in " ".join(said(replace(none, is_cut_short=True)))
    assert said(replace(none, questions=0))[-1] == "  Nothing about this decision could be changed for it."


def test_many_clusters_after_a_change_are_counted() -> None:
    many = tuple(TargetCluster(name=f"m{number}", replicas=2) for number in range(40))
    answer = replace(ANSWER, remedies=(Remedy(changes=(TOLERATE,), targets=many),))
    assert said(answer)[-1] == "      after: 40 clusters, 80 replicas"


def test_numbers_are_told_seat_by_seat() -> None:
    result = ScheduleResult(
        strategy="StaticWeight",
        verdicts=(
            ClusterVerdict(cluster="eu", is_selected=True, score=0, available=9, weight=2, replicas=2),
            ClusterVerdict(cluster="us", filters=ANSWER.obstacles),
        ),
        steps=(
            Reason(code="spread-region", subject="a", params={"score": 1000, "clusters": ["us"], "isChosen": False}),
            Reason(code="spread-region", subject="b", params={"score": 3000, "clusters": ["eu"], "isChosen": True}),
            Reason(
                code="division",
                params={
                    "replicas": 2,
                    "weightSum": 2,
                    "weights": {"eu": 2},
                    "ties": "name-ascending",
                    "turns": [{"cluster": "eu", "quotient": 2.0}, {"cluster": "eu", "quotient": 2 / 3}],
                },
            ),
        ),
    )
    wide = Page()
    assert plain(render_scores(result, result.verdicts, wide), wide).splitlines() == [
        "",
        "  Numbers",
        "  CLUSTER  SCORE  ROOM  BEFORE  WEIGHT  REPLICAS",
        "  eu           0     9       –       2         2",
        "  us           –     –       –       –         –",
        "",
        "  REGION  SCORE  CHOSEN  CLUSTERS",
        "  b        3000  ✓       eu",
        "  a        1000  –       us",
        "",
        "  2 replicas over weights of 2 in all, by weight / (2 × replicas so far + 1); ties: the smaller name first",
        "    1  eu  2 / 1 = 2",
        "    2  eu  2 / 3 = 0.666667",
    ]


def test_the_answer_for_one_cluster_stands_below_its_row() -> None:
    decision = shop_plan().decisions[0]
    answer = replace(ANSWER, cluster="ap-1")
    text = plain(render_why(decision, PAGE, cluster="ap-1", why_not=answer, has_scores=True), PAGE)
    assert text.index("ap-1     ✓") < text.index("ap-1 does not get it.") < text.index("Numbers")
    assert "us-2     ✓" not in text
