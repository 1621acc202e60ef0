"""`karmactl why` from the command line: what stands in a cluster's way, what would change it, and the numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from karmactl.cli.app import run
from tests.cases.documented.runner import read_case, write_case
from tests.render.json_schema import faults

DOCUMENTED = Path(__file__).parent / "documented"


def ask(
    case: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *flags: str
) -> str:
    write_case(read_case(DOCUMENTED / f"{case}.test.yaml"), folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    assert run(["why", "deploy/web", "--dry-run=client", *flags]) == 0
    return capsys.readouterr().out


def test_why_not_names_the_obstacle_and_the_change_that_was_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ask("tolerations", tmp_path, monkeypatch, capsys, "-C", "member2")
    taint = "example.com/dedicated=bank:NoSchedule"
    assert f"cluster(s) had untolerated taint {{{taint}}}" in text
    assert f"tolerate the taint {taint} in PropagationPolicy shop/web" in text
    assert "after: member1 1   member2 1   member4 1" in text


def test_why_not_is_data_of_a_published_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(ask("static-weights", tmp_path, monkeypatch, capsys, "-C", "member3,member1", "-o", "json"))
    assert faults(document, "placement.json") == []
    wanted, there = document["whyNot"]
    assert (there["cluster"], there["isTarget"], there["remedies"]) == ("member1", True, [])
    assert [reason["code"] for reason in wanted["obstacles"]] == ["no-weight"]
    assert wanted["remedies"][0]["changes"][0]["params"] == {"cluster": "member3", "from": 0, "to": 1}
    assert sum(target["replicas"] for target in wanted["remedies"][0]["after"]) == 9


def test_scores_show_who_won_each_replica(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ask("static-weights", tmp_path, monkeypatch, capsys, "--score")
    turns = [line.split() for line in text.splitlines() if " = " in line]
    assert turns[0] == ["1", "member2", "2", "/", "1", "=", "2"]
    assert [turn[1] for turn in turns].count("member1") == 3
    assert len(turns) == 9


def test_scores_show_the_regions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ask("two-regions", tmp_path, monkeypatch, capsys, "--score")
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    assert rows["eu"] == ["2000", "✓", "eu-1", "eu-2"]
    assert rows["us"] == ["1000", "–", "us-1"]
