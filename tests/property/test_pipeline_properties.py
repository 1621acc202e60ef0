"""What must always hold for whole runs: the same answer in any order, nothing lost, and rest where nothing changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from karmactl.core.digest import canonical
from karmactl.core.model.manifest import Manifest
from karmactl.core.model.plan import Decision, Plan, Standing
from karmactl.core.model.state import Record, Revision
from karmactl.core.pipeline import Decided, PipelineInput, decide
from karmactl.core.plan_format import plan_canonical
from karmactl.files import read_inputs
from tests.property.worlds import World, cluster_documents, shuffled, worlds

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEWER = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DIVIDING = ("Aggregated", "DynamicWeight", "StaticWeight", "equal")
POLICIES = Path(__file__).parents[2] / "policies"
REVISION = Revision(generation=1, applied_at="2026-01-01T00:00:00Z", applied_by="test")


def by_object(decided: Decided) -> dict[str, Decision]:
    return {str(decision.ref): decision for decision in decided.decisions}


def places(decided: Decided) -> dict[str, dict[str, int]]:
    return {name: {t.name: t.replicas for t in decision.targets} for name, decision in by_object(decided).items()}


def works(decided: Decided) -> dict[str, list[object]]:
    found = {}
    for cluster in decided.clusters:
        found[cluster.name] = sorted(decided.works(cluster.name), key=lambda work: str(work.resource))
    return found


def recorded(decided: Decided) -> Record:
    return decided.next_record(now="2026-01-01T00:00:00Z", clusters=(), revision=REVISION)


def is_divided(decision: Decision) -> bool:
    return decision.result is not None and decision.result.strategy not in ("", "Duplicated")


# --- Order ----------------------------------------------------------------------------------------------------------


@QUICK
@given(st.data())
def test_the_order_of_inputs_does_not_matter(data: st.DataObject) -> None:
    world = data.draw(worlds())
    other = data.draw(shuffled(world))
    one, two = world.decide(), other.decide()
    assert by_object(one) == by_object(two)
    assert works(one) == works(two)
    assert recorded(one) == recorded(two)


@FEWER
@given(st.data())
def test_i09_the_order_of_files_does_not_change_a_byte_of_the_plan(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    world = data.draw(worlds())
    folder = tmp_path_factory.mktemp("world")
    documents = [*world.policies, *world.overrides, *world.templates]
    paths = [folder / f"{number}.json" for number in range(len(documents))]
    for path, document in zip(paths, documents, strict=True):
        path.write_text(json.dumps(document))
    turned = data.draw(st.permutations(paths))
    clusters = data.draw(st.permutations(world.clusters))
    one = plan_bytes(world, [str(path) for path in paths], folder)
    assert one == plan_bytes(replace(world, clusters=tuple(clusters)), [str(path) for path in turned], folder)


def plan_bytes(world: World, paths: list[str], folder: Path) -> bytes:
    inputs = read_inputs(paths, base=folder)
    decided = decide(replace(world.given(), inputs=inputs))
    plan = Plan(id="", set_name="shop", decisions=decided.decisions, files=inputs.files, warnings=decided.warnings)
    return canonical(plan_canonical(plan))


def test_i09_the_seed_of_hashes_does_not_change_a_byte_of_the_plan(tmp_path: Path) -> None:
    sample = POLICIES / "shop"
    members = [{"name": name, "region": name[:2], "labels": {"tier": name[-1:]}} for name in ("eu-1", "eu-2", "us-1")]
    (tmp_path / "karmactl.yaml").write_text(json.dumps({"set": "shop", "clusters": members}))
    command = [sys.executable, "-m", "karmactl", "plan", "--dry-run=client", "-o", "json"]
    for path in sorted(sample.glob("*.yaml")):
        if not path.name.endswith(".test.yaml"):
            command += ["-f", str(path)]
    documents = set()
    for seed in ("0", "1", "20260821"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        document = json.loads(run.stdout)
        assert document["placements"]
        documents.add(json.dumps({**document, "startedAt": "", "finishedAt": ""}))
    assert len(documents) == 1


# --- Sums and weights -----------------------------------------------------------------------------------------------


@QUICK
@given(worlds())
def test_i05_replicas_add_up(world: World) -> None:
    for decision in world.decide().decisions:
        if decision.standing is not Standing.PLACED or not decision.has_replicas:
            continue
        assert decision.binding is not None
        wanted, numbers = decision.binding.replicas, [target.replicas for target in decision.targets]
        if is_divided(decision):
            assert sum(numbers) == wanted
        else:
            assert set(numbers) == {wanted}


@QUICK
@given(worlds(("DynamicWeight", "StaticWeight")))
def test_who_weighs_more_gets_no_less(world: World) -> None:
    for decision in world.decide().decisions:
        if decision.standing is not Standing.PLACED or decision.result is None or not is_divided(decision):
            continue
        weighed = [verdict for verdict in decision.result.verdicts if verdict.weight is not None]
        for one in weighed:
            for other in weighed:
                assert (one.weight or 0) <= (other.weight or 0) or (one.replicas or 0) >= (other.replicas or 0)


@QUICK
@given(worlds())
def test_who_is_left_out_has_a_reason(world: World) -> None:
    for decision in world.decide().decisions:
        result = decision.result
        if result is None or result.error is not None or decision.required_by:
            continue
        places = {target.name for target in decision.targets}
        for verdict in result.verdicts:
            is_told = bool(verdict.filters) or not verdict.is_selected or decision.has_replicas
            assert (verdict.cluster in places) or is_told


# --- Nothing moves without a cause ----------------------------------------------------------------------------------


@QUICK
@given(worlds(), cluster_documents("irrelevant"))
def test_a_cluster_that_serves_nothing_changes_nothing(world: World, stranger: Manifest) -> None:
    idle = {
        **stranger,
        "status": {"apiEnablements": [], "resourceSummary": {"allocatable": {"cpu": "99", "pods": "9"}}},
    }
    assert places(replace(world, clusters=(*world.clusters, idle)).decide()) == places(world.decide())


@QUICK
@given(worlds())
def test_steady_stays_steady(world: World) -> None:
    first = world.decide()
    again = world.decide(recorded(first))
    assert places(again) == places(first)
    assert not again.is_record_new
    for decision in again.decisions:
        if is_divided(decision) and decision.targets:
            assert decision.standing is Standing.KEPT


@QUICK
@given(worlds(DIVIDING, is_spread=False), st.integers(1, 30))
def test_scaling_up_takes_from_nobody(world: World, more: int) -> None:
    first = world.decide()
    larger = replace(world, templates=tuple(scaled(manifest, more) for manifest in world.templates))
    after = places(larger.decide(recorded(first)))
    for name, before in places(first).items():
        assert all(after[name].get(cluster, 0) >= replicas for cluster, replicas in before.items())


def scaled(manifest: Manifest, more: int) -> Manifest:
    spec = manifest.get("spec")
    if not isinstance(spec, dict) or not isinstance(spec.get("replicas"), int):
        return manifest
    return {**manifest, "spec": {**spec, "replicas": spec["replicas"] + more}}  # type: ignore[operator]


@QUICK
@given(worlds(DIVIDING), st.data())
def test_a_member_that_falls_silent_moves_nothing(world: World, data: st.DataObject) -> None:
    first = world.decide()
    silent = data.draw(st.sampled_from(sorted(str(cluster["metadata"]["name"]) for cluster in world.clusters)))  # type: ignore[index,call-overload]
    quiet: PipelineInput = replace(world.given(recorded(first)), unreachable=frozenset({silent}))
    before, after = places(first), places(decide(quiet))
    assert after == before


@FEWER
@given(worlds())
def test_deciding_changes_none_of_its_inputs(world: World) -> None:
    documents = (world.templates, world.policies, world.overrides, world.clusters)
    before = json.dumps(documents)
    works(world.decide())
    assert json.dumps(documents) == before
