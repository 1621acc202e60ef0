"""The review comment: within its budget, and honest about what it leaves out."""

from __future__ import annotations

import re

import pytest

from karmactl.core.model.change import Action, ChangeSet
from karmactl.core.model.plan import Plan
from karmactl.render.markdown import LIMIT, plan_markdown
from tests.render.world import change, decision, fleet, image_field, ref, shop_plan


def _huge(updates: int, creates: int = 0) -> Plan:
    names = [f"app-{number:05d}" for number in range(updates)]
    made = [f"config-{number:05d}" for number in range(creates)]
    return Plan(
        id="9" * 64,
        set_name="huge",
        decisions=tuple(decision(ref("Deployment", name), {"eu-1": 3}, {"eu-1": 2}) for name in names),
        change_sets=(
            ChangeSet(
                cluster="eu-1",
                changes=(
                    *(
                        change(
                            "eu-1",
                            Action.UPDATE,
                            ref("Deployment", name),
                            fields=(image_field(f"registry.example/{name}:1", f"registry.example/{name}:2"),),
                        )
                        for name in names
                    ),
                    *(change("eu-1", Action.CREATE, ref("ConfigMap", name), code="new", wave=4) for name in made),
                ),
            ),
        ),
        fleet=fleet("eu-1"),
    )


def _left_out(text: str, noun: str) -> int:
    found = re.search(rf"(\d+) {noun}", text.partition("**Left out for length:**")[2])
    return int(found[1]) if found else 0


@pytest.mark.parametrize(("updates", "creates"), [(1000, 0), (0, 3000), (2000, 2000)])
def test_a_huge_plan_stays_within_its_budget_and_counts_what_is_missing(updates: int, creates: int) -> None:
    text = plan_markdown(_huge(updates, creates))
    assert 0.8 * LIMIT < len(text) <= LIMIT or not updates
    assert len(text) <= LIMIT
    folds = text.count("<details><summary>update")
    listed = len(re.findall(r"^shop configmap/", text, flags=re.MULTILINE))
    rows = text.count("| `shop deploy/")
    assert folds + listed + _left_out(text, "changed object") == updates + creates
    assert rows + _left_out(text, "placement") == updates
    assert "karmactl plan -o json" in text


def test_a_small_plan_leaves_nothing_out() -> None:
    assert "Left out" not in plan_markdown(shop_plan())


@pytest.mark.parametrize("limit", [2_000, 5_000, 20_000])
def test_any_budget_is_kept(limit: int) -> None:
    assert len(plan_markdown(_huge(300, 300), limit=limit)) <= limit
