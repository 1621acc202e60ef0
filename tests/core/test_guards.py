"""Guards: what each measures, its limit, and the flag that consents."""

from __future__ import annotations

import pytest

from karmactl.core.guards import GuardLimits, Limit, check_guards, parse_limit
from karmactl.core.model.binding import Binding, PolicyMatch, TargetCluster
from karmactl.core.model.change import Action, Change, ChangeSet, Verdict
from karmactl.core.model.input import Template
from karmactl.core.model.manifest import JSONValue, Manifest, ResourceRef, ref_of
from karmactl.core.model.plan import Decision, Standing
from karmactl.core.model.reason import Reason
from karmactl.errors import Location


def removal(name: str, kind: str = "ConfigMap", *, action: Action = Action.PRUNE, **params: JSONValue) -> Change:
    ref = ResourceRef(group="", version="v1", kind=kind, namespace="shop", name=name)
    return Change(
        id=f"m1/{kind}/{name}", cluster="m1", action=action, resource=ref, reason=Reason(code="x", params=params)
    )


def removals(count: int) -> ChangeSet:
    return ChangeSet(cluster="m1", changes=tuple(removal(f"c{number}") for number in range(count)))


def verdicts(
    change_sets: list[ChangeSet], sizes: int = 100, decisions: tuple[Decision, ...] = (), **limits: object
) -> dict[str, Verdict]:
    guards = check_guards(decisions, change_sets, {"m1": sizes}, GuardLimits(**limits))  # type: ignore[arg-type]
    return {guard.name: guard.verdict for guard in guards}


@pytest.mark.parametrize(
    ("removed", "total", "limits", "verdict"),
    [
        (5, 10, {}, Verdict.PASS),  # few objects are never a mass delete
        (6, 10, {}, Verdict.REFUSE),
        (20, 100, {}, Verdict.PASS),
        (21, 100, {}, Verdict.REFUSE),
        (3, 3, {}, Verdict.REFUSE),  # everything, however few
        (1, 1, {}, Verdict.PASS),
        (21, 100, {"max_delete": Limit(count=21), "is_max_delete_given": True}, Verdict.ACKNOWLEDGED),
        (22, 100, {"max_delete": Limit(count=21), "is_max_delete_given": True}, Verdict.REFUSE),
        (3, 3, {"max_delete": Limit(percent=100), "is_max_delete_given": True}, Verdict.ACKNOWLEDGED),
    ],
)
def test_i03_mass_deletes(removed: int, total: int, limits: dict[str, object], verdict: Verdict) -> None:
    assert verdicts([removals(removed)], total, **limits)["delete"] is verdict


def test_protected_kinds_need_a_word_each_also_when_withdrawn() -> None:
    changes = [ChangeSet(cluster="m1", changes=(removal("shop", "Namespace", action=Action.WITHDRAW),))]
    assert verdicts(changes)["delete Namespace"] is Verdict.REFUSE
    assert verdicts(changes, allowed_kinds=frozenset({"Namespace"}))["delete Namespace"] is Verdict.ACKNOWLEDGED
    assert verdicts(changes, allowed_kinds=frozenset({"PersistentVolumeClaim"}))["delete Namespace"] is Verdict.REFUSE


def decision(manifest: Manifest, before: dict[str, int], after: dict[str, int]) -> Decision:
    def targets(counts: dict[str, int]) -> tuple[TargetCluster, ...]:
        return tuple(TargetCluster(name=name, replicas=count) for name, count in counts.items())

    template = Template(manifest=manifest, ref=ref_of(manifest), location=Location(file="x.yaml"))
    return Decision(
        template=template,
        standing=Standing.PLACED,
        match=PolicyMatch(template=manifest),
        binding=Binding(resource=ref_of(manifest), replicas=3),
        previous=targets(before),
        targets=targets(after),
    )


def workload(kind: str = "Deployment", **spec: JSONValue) -> Manifest:
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}


@pytest.mark.parametrize(
    ("manifest", "verdict"),
    [
        (workload("StatefulSet"), Verdict.REFUSE),
        (workload(strategy={"type": "Recreate"}), Verdict.REFUSE),
        ({**workload("PersistentVolumeClaim", accessModes=["ReadWriteOnce"]), "apiVersion": "v1"}, Verdict.REFUSE),
        ({**workload("PersistentVolumeClaim", accessModes=["ReadWriteMany"]), "apiVersion": "v1"}, None),
        (workload(), None),
    ],
)
def test_i06_what_must_not_run_twice_is_not_moved_unasked(manifest: Manifest, verdict: Verdict | None) -> None:
    moved = decision(manifest, {"m1": 3}, {"m2": 3})
    assert verdicts([], decisions=(moved,)).get("stateful") is verdict
    if verdict is not None:
        assert verdicts([], decisions=(moved,), allow_stateful=True)["stateful"] is Verdict.ACKNOWLEDGED
    stays = decision(manifest, {"m1": 3}, {"m1": 1, "m2": 2})
    assert "stateful" not in verdicts([], decisions=(stays,))


def test_deletion_protected_objects_are_refused_by_their_template_or_their_own_label() -> None:
    protected = workload()
    protected["metadata"] = {
        "name": "web",
        "namespace": "shop",
        "labels": {"resourcetemplate.karmada.io/deletion-protected": "Always"},
    }
    change = Change(id="x", cluster="m1", action=Action.WITHDRAW, resource=ref_of(protected), reason=Reason(code="x"))
    found = verdicts([ChangeSet(cluster="m1", changes=(change,))], decisions=(decision(protected, {}, {}),))
    assert found["deletion-protected"] is Verdict.REFUSE
    by_label = ChangeSet(cluster="m1", changes=(removal("a", deletionProtected=True),))
    assert verdicts([by_label])["deletion-protected"] is Verdict.REFUSE
    assert "deletion-protected" not in verdicts([removals(1)])


def test_delete_of_a_whole_set_is_no_mass_delete_but_keeps_the_other_guards() -> None:
    guards = check_guards(
        (),
        [ChangeSet(cluster="m1", changes=(removal("a"), removal("shop", "Namespace")))],
        {"m1": 2},
        GuardLimits(),
        is_everything_removed=True,
    )
    assert {guard.name for guard in guards} == {"conflicts", "delete Namespace"}


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("5", Limit(count=5)),
        ("20%", Limit(percent=20)),
        ("2.5 %", Limit(percent=2.5)),
        ("2.5", None),
        ("", None),
        ("%", None),
        ("²", None),
        ("-1", None),
        ("nan%", None),
    ],
)
def test_limits(text: str, limit: Limit | None) -> None:
    assert parse_limit(text) == limit
