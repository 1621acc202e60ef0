"""Changes: grouped by what is equal, joined where they are many, long values one below the other."""

from __future__ import annotations

from dataclasses import replace

from karmactl.core.model.change import Action, ChangeSet, RetainedField
from karmactl.core.model.plan import Plan
from karmactl.render.changes import field_variants, group_changes
from karmactl.render.diff import has_differences, render_diff
from karmactl.render.plan import render_plan
from karmactl.render.text import Page, plain
from tests.render.world import FRONTEND, change, fleet, image_field, ref, replicas_field, shop_plan


def _plan(*change_sets: ChangeSet) -> Plan:
    return Plan(
        id="1" * 64,
        set_name="shop",
        change_sets=change_sets,
        fleet=fleet(*(change_set.cluster for change_set in change_sets)),
    )


def _set(cluster: str, *fields: object) -> ChangeSet:
    return ChangeSet(cluster=cluster, changes=(change(cluster, Action.UPDATE, FRONTEND, fields=tuple(fields)),))  # type: ignore[arg-type]


def test_equal_values_in_several_clusters_are_one_variant() -> None:
    image = image_field("a:1", "a:2")
    plan = _plan(_set("a", image, replicas_field(1, 2)), _set("b", image, replicas_field(1, 2)), _set("c", image))
    (group,) = group_changes(change for change_set in plan.change_sets for change in change_set.changes)
    assert group.clusters == ("a", "b", "c")
    assert [[variant.clusters for variant in variants] for variants in field_variants(group)] == [
        [("a", "b", "c")],
        [("a", "b")],
    ]


def test_the_order_of_clusters_does_not_matter() -> None:
    plan = shop_plan()
    turned = replace(plan, change_sets=plan.change_sets[::-1])
    page = Page()
    assert plain(render_diff(plan, page), page) == plain(render_diff(turned, page), page)


def test_long_values_stand_one_below_the_other() -> None:
    before, after = (f"registry.example.com/a/rather/long/path/to/an/image/frontend:v{number}" for number in (1, 2))
    page = Page(width=80)
    lines = plain(render_plan(_plan(_set("a", image_field(before, after))), page), page).splitlines()
    where = lines.index(f"        {before}")
    assert lines[where + 1] == f"      → {after}"
    assert lines[where - 1].startswith("      spec.template.spec.containers[server].image")


def test_many_creates_are_joined_by_kind_unless_the_page_is_wide() -> None:
    creates = tuple(
        change("a", Action.CREATE, ref("ConfigMap", f"c{number:02d}"), code="new", wave=4) for number in range(40)
    )
    plan = _plan(ChangeSet(cluster="a", changes=creates))
    short = plain(render_plan(plan, Page()), Page())
    assert "+ shop 40 configmaps" in short
    assert "c07" not in short
    wide = Page(is_wide=True)
    assert plain(render_plan(plan, wide), wide).count("configmap/c") == 40


def test_names_of_a_diff_line_up() -> None:
    changes = tuple(
        change("a", Action.CREATE, ref("ConfigMap", name), code="new") for name in ("x", "a-name-that-is-rather-long")
    )
    lines = plain(render_diff(_plan(ChangeSet(cluster="a", changes=changes)), Page()), Page()).splitlines()
    assert len({text.rindex("  a") for text in lines[:2]}) == 1


def test_nothing_differs() -> None:
    plan = _plan(ChangeSet(cluster="a", unchanged=5))
    assert not has_differences(plan)
    assert render_diff(plan, Page()) == []


def test_what_is_unknown_is_no_difference() -> None:
    unknown = change("a", Action.UNKNOWN, FRONTEND, code="list-failed", params={"message": "refused"})
    plan = _plan(ChangeSet(cluster="a", changes=(unknown,)))
    assert not has_differences(plan)
    assert "0 equal · 1 unknown" in plain(render_diff(plan, Page()), Page())


def test_a_removal_names_the_places_that_it_waits_for() -> None:
    text = plain(render_plan(shop_plan(), Page()), Page())
    assert "< shop deploy/redis-cart     withdraw, after eu-1 ready" in text


def test_unverified_changes_are_counted_by_cause() -> None:
    changes = tuple(
        change("a", Action.CREATE, ref("ConfigMap", name), code="new", unverified="namespace-not-there-yet")
        for name in "xyz"
    )
    text = plain(render_plan(_plan(ChangeSet(cluster="a", changes=changes)), Page()), Page())
    assert "3 changes unverified: its namespace comes with this run" in text


def test_fields_that_stay_with_the_members_are_named_once_with_their_owner() -> None:
    kept = (
        RetainedField(
            path="/spec/replicas", keyed_path="spec.replicas", rule="autoscaler", by="hpa/frontend", resource=FRONTEND
        ),
        RetainedField(path="/data/a", keyed_path="data.a", rule="ignore", resource=ref("ConfigMap", "settings")),
    )
    plan = _plan(ChangeSet(cluster="a", retained=kept), ChangeSet(cluster="b", retained=kept[:1]))
    text = plain(render_plan(plan, Page(width=80)), Page(width=80))
    assert "Left to the members" in text
    where = text.index("Left to the members")
    assert [" ".join(row.split()) for row in text[where:].splitlines()[1:3]] == [
        "shop deploy/frontend spec.replicas owned by hpa/frontend a b",
        "shop configmap/settings data.a ignored by karmactl.yaml a",
    ]
