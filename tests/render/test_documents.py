"""JSON documents: as their published schemas say, plain ASCII, without a Secret value, and with an id that holds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from karmactl.core.digest import plan_digest
from karmactl.core.model.change import ApplyReport, ChangeSet, FieldHolder, Masked
from karmactl.core.model.plan import Plan
from karmactl.core.model.reason import Reason
from karmactl.core.plan_format import plan_body, plan_canonical
from karmactl.errors import InputError, KarmactlError, Location
from karmactl.render.documents import (
    Run,
    apply_document,
    diff_document,
    error_document,
    plan_document,
    status_document,
    to_json,
    why_document,
)
from tests.render.json_schema import faults
from tests.render.reports import done_report, large_status, partial_report, shop_status
from tests.render.world import drift_plan, hostile_plan, large_plan, shop_plan, unplaceable_plan

_ERROR = InputError(
    "policy-selector-empty",
    "no resourceSelectors",
    hint="name what it selects",
    location=Location(file="p.yaml", line=3, column=5),
)
_RUN = Run(
    command="plan",
    started_at="2026-03-01T10:00:00Z",
    finished_at="2026-03-01T10:00:02.5Z",
    exit_code=0,
    git="4f2c1aa",
    errors=(_ERROR,),
)
_PLANS = {
    "shop": shop_plan,
    "drift": drift_plan,
    "unplaceable": unplaceable_plan,
    "large": large_plan,
    "hostile": hostile_plan,
}


def _named(plan: Plan) -> Plan:
    """With the id that the plan's own form gives."""
    return replace(plan, id=plan_digest(plan_canonical(plan)))


@pytest.mark.parametrize("name", _PLANS)
def test_plan_is_as_its_schema_says(name: str) -> None:
    plan = replace(_named(_PLANS[name]()), warnings=(Reason(code="fleet-shrank", subject="us-9"),))
    document = json.loads(to_json(plan_document(plan, _RUN)))
    assert faults(document, "plan.json") == []
    assert document["warnings"][0]["message"].startswith("us-9 was in the fleet")


@pytest.mark.parametrize("name", _PLANS)
def test_diff_is_as_its_schema_says(name: str) -> None:
    plan = _PLANS[name]()
    document = json.loads(to_json(diff_document(plan, _RUN)))
    assert faults(document, "diff.json") == []
    assert document["changes"] == json.loads(to_json(plan_document(plan, _RUN)))["changes"]


@pytest.mark.parametrize("report", [done_report(shop_plan()), partial_report(), ApplyReport()])
def test_apply_result_is_as_its_schema_says(report: ApplyReport) -> None:
    document = json.loads(to_json(apply_document(report, _named(shop_plan()), _RUN)))
    assert faults(document, "apply-result.json") == []
    assert [entry["result"] for entry in document["changes"]] == [entry.outcome.value for entry in report.results]
    assert document["complete"] is (not report.failed_clusters)


def test_status_is_as_its_schema_says() -> None:
    for status in (shop_status(), large_status()):
        document = json.loads(to_json(status_document(status, _RUN)))
        assert faults(document, "status.json") == []
        assert document["complete"] is (not status.unknowns)
        assert document["summary"]["inSync"] is False


def test_placement_is_as_its_schema_says() -> None:
    for make in _PLANS.values():
        plan = make()
        document = json.loads(to_json(why_document(plan.decisions, _RUN, fleet=plan.fleet)))
        assert faults(document, "placement.json") == []


def test_the_checker_finds_faults() -> None:
    """A checker that finds nothing proves nothing."""
    document: Any = json.loads(to_json(plan_document(_named(shop_plan()), _RUN)))
    document["changes"][0]["action"] = "explode"
    document["changes"][1].pop("wave")
    document["changes"][2]["extra"] = 1
    document["startedAt"] = "yesterday"
    masked = next(field for change in document["changes"] for field in change["fields"] if field["sensitive"])
    masked["after"] = "hunter2"
    found = faults(document, "plan.json")
    assert len(found) == 5
    assert any("explode" in fault for fault in found)
    assert any("hunter2" in fault for fault in found)


def test_an_error_document_has_the_fields_of_an_error() -> None:
    document: Any = error_document("Plan", replace(_RUN, exit_code=2))
    assert document["complete"] is False
    assert document["errors"] == [
        {
            "code": "policy-selector-empty",
            "severity": "error",
            "message": "no resourceSelectors",
            "why": "",
            "hint": "name what it selects",
            "location": {"file": "p.yaml", "line": 3, "column": 5},
            "cluster": None,
            "resource": None,
        }
    ]


def test_a_silent_member_is_an_error_in_the_document() -> None:
    document: Any = plan_document(unplaceable_plan(), replace(_RUN, errors=()))
    assert [(entry["code"], entry["cluster"]) for entry in document["errors"]] == [("connection-refused", "us-1")]


def test_text_is_ascii_with_one_newline_at_the_end() -> None:
    value = {"a": "ü → 😀", "b": "\x1b[31m", "c": [1, None, True, 1.5]}
    text = to_json({**value})
    assert text.isascii()
    assert text.endswith("}\n")
    assert json.loads(text) == value


@pytest.mark.parametrize("value", ["\ud800", 2**70])
def test_values_that_the_fast_encoder_refuses(value: object) -> None:
    assert json.loads(to_json({"a": value}))["a"] == value  # type: ignore[dict-item]


def test_masked_values_say_whether_they_are_the_same() -> None:
    plan = shop_plan()
    body: Any = plan_body(plan)
    field = next(field for change in body["changes"] for field in change["fields"] if field["sensitive"])
    assert field["before"] == field["after"] == {"masked": True, "same": False}
    keys = plan.change_sets[2].changes[1]
    same = replace(keys, fields=(replace(keys.fields[0], before=Masked(mark=2), after=Masked(mark=2)),))
    again: Any = plan_body(replace(plan, change_sets=(ChangeSet(cluster="us-1", changes=(same,)),)))
    assert again["changes"][0]["fields"][0]["after"] == {"masked": True, "same": True}


def test_equal_changes_of_several_clusters_share_a_group() -> None:
    body: Any = plan_body(large_plan())
    groups = {(change["resource"]["kind"], change["group"]) for change in body["changes"]}
    assert len(groups) == 2
    shop: Any = plan_body(shop_plan())
    frontend = {change["group"] for change in shop["changes"] if change["resource"]["name"] == "frontend"}
    assert len(frontend) == 3, "their replicas differ"


def _moved(plan: Plan) -> list[Plan]:
    """The same world seen at another time, through another kubeconfig, with other load."""
    first = plan.change_sets[0]
    drifted = drift_plan().change_sets[0].changes[0]
    later = replace(
        drifted, fields=(replace(drifted.fields[0], drift=FieldHolder(manager="kubectl-edit", time="2027-01-01")),)
    )
    return [
        replace(plan, id="another"),
        replace(plan, fleet=tuple(replace(m, facts_age_seconds=99.0, context="x") for m in plan.fleet)),
        replace(
            plan,
            change_sets=(
                replace(first, changes=tuple(replace(c, live_resource_version="1") for c in first.changes)),
                *plan.change_sets[1:],
            ),
        ),
    ] + ([replace(plan, change_sets=(replace(first, changes=(later,)),))] if drifted in first.changes else [])


@pytest.mark.parametrize("name", ["shop", "drift"])
def test_i09_the_id_is_that_of_the_world_not_of_the_moment(name: str) -> None:
    plan = _PLANS[name]()
    if name == "drift":
        first = plan.change_sets[0]
        plan = replace(plan, change_sets=(replace(first, changes=first.changes[:1]),))
    for moved in _moved(plan):
        assert plan_digest(plan_canonical(moved)) == plan_digest(plan_canonical(plan))


def test_i02_the_id_changes_with_what_a_plan_pins() -> None:
    plan = shop_plan()
    first, decision = plan.change_sets[0], plan.decisions[0]
    member = plan.fleet[0]
    assert member.facts is not None
    others = [
        replace(plan, generation=plan.generation + 1),
        replace(plan, files=plan.files[1:]),
        replace(plan, options={}),
        replace(plan, decisions=(replace(decision, targets=decision.targets[1:]), *plan.decisions[1:])),
        replace(plan, change_sets=(replace(first, changes=first.changes[1:]), *plan.change_sets[1:])),
        replace(plan, change_sets=(replace(first, leftovers=(decision.ref,)), *plan.change_sets[1:])),
        replace(plan, fleet=(replace(member, uid="other"), *plan.fleet[1:])),
        replace(plan, fleet=(replace(member, is_reachable=False), *plan.fleet[1:])),
        replace(plan, fleet=(replace(member, facts=replace(member.facts, labels={"a": "b"})), *plan.fleet[1:])),
        replace(plan, fleet=(replace(member, facts=replace(member.facts, taints=())), plan.fleet[2])),
        replace(plan, fleet=(replace(member, facts=replace(member.facts, api_enablements=())), *plan.fleet[1:])),
    ]
    ids = [plan_digest(plan_canonical(other)) for other in [plan, *others]]
    assert len(set(ids)) == len(ids)


def test_a_users_field_may_have_any_name() -> None:
    """`time` is left out of the canonical form where it is ours, never inside a value of the user's."""
    plan = drift_plan()
    change = plan.change_sets[0].changes[0]

    def with_value(value: str) -> Plan:
        field = replace(change.fields[0], after={"time": value}, drift=None)
        return replace(plan, change_sets=(ChangeSet(cluster="eu-2", changes=(replace(change, fields=(field,)),)),))

    assert plan_canonical(with_value("a")) != plan_canonical(with_value("b"))


def test_error_fields_of_any_error_fit_the_schema() -> None:
    run = replace(_RUN, errors=(KarmactlError("a", "b", cluster="c", resource="Deployment d/e"),))
    assert faults(json.loads(to_json(diff_document(shop_plan(), run))), "diff.json") == []


def _canonical_of(document: dict[str, Any]) -> dict[str, Any]:
    """The rule of docs/schemas/README.md, by hand, on a written document."""
    own = ("set", "generation", "inputs", "options", "fleet", "placements", "changes", "waves", "guards", "leftovers")
    form = {key: document[key] for key in (*own, "unknowns")}
    for member in form["fleet"]:
        for key in ("context", "error", "capacity", "factsAgeSeconds"):
            del member[key]
    for placement in form["placements"]:
        del placement["trace"], placement["location"]
        (placement["policy"] or {}).pop("location", None)
    for change in form["changes"]:
        change["params"].pop("message", None)
        (change["live"] or {}).pop("resourceVersion", None)
        for field in change["fields"]:
            (field["origin"] or {}).pop("location", None)
            for key in ("drift", "conflict"):
                field.get(key, {}).pop("time", None)
    for unknown in form["unknowns"]:
        del unknown["message"]
    return form


@pytest.mark.parametrize("name", _PLANS)
def test_anyone_can_recompute_the_id_from_the_document(name: str) -> None:
    plan = _named(_PLANS[name]())
    document = json.loads(to_json(plan_document(plan, _RUN)))
    assert plan_digest(_canonical_of(document)) == document["id"]
