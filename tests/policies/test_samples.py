"""Every sample is planned as its cases say, and every sample has a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.policies.cases import plan_case, read_case, seen_placements, seen_reasons, seen_works

SAMPLES = Path(__file__).parents[2] / "policies"
CASES = sorted(SAMPLES.glob("*/*.test.yaml"))


def _name(path: Path) -> str:
    return f"{path.parent.name}-{path.name.removesuffix('.test.yaml')}"


@pytest.mark.parametrize("path", CASES, ids=_name)
def test_sample_is_placed_as_its_case_says(path: Path) -> None:
    case = read_case(path)
    _, decided = plan_case(case, path.parent)
    assert seen_placements(decided) == case.expect.placements
    assert seen_works(decided, case.expect.works) == case.expect.works
    for name, reasons in case.expect.reasons.items():
        assert seen_reasons(decided, name) == reasons
    errors = {
        "/".join(part for part in (decision.ref.kind, decision.ref.namespace, decision.ref.name) if part): (
            decision.result.error.reason.value
        )
        for decision in decided.decisions
        if decision.result and decision.result.error
    }
    assert errors == case.expect.error


@pytest.mark.parametrize("path", CASES, ids=_name)
def test_order_of_files_and_clusters_changes_nothing(path: Path) -> None:
    case = read_case(path)
    given = case.given
    turned = type(given)(
        templates=given.policies[::-1] + given.templates[::-1], policies=(), clusters=given.clusters[::-1]
    )
    _, decided = plan_case(type(case)(description="turned", given=turned, expect=case.expect), path.parent)
    assert seen_placements(decided) == case.expect.placements


@pytest.mark.parametrize(
    "folder", sorted(path for path in SAMPLES.iterdir() if path.is_dir()), ids=lambda path: path.name
)
def test_every_file_of_a_sample_is_in_a_case_and_says_what_it_is(folder: Path) -> None:
    cases = [read_case(path) for path in folder.glob("*.test.yaml")]
    files = {path.name for path in folder.glob("*.yaml")} - {path.name for path in folder.glob("*.test.yaml")}
    assert files == {name for case in cases for name in (*case.given.templates, *case.given.policies)}
    for name in files:
        assert (folder / name).read_text(encoding="utf-8").startswith("# "), f"{name} does not say what it is"


def test_index_names_every_sample() -> None:
    index = (SAMPLES / "README.md").read_text(encoding="utf-8")
    for folder in SAMPLES.iterdir():
        if folder.is_dir():
            assert f"({folder.name}/)" in index, f"policies/README.md does not name {folder.name}"
