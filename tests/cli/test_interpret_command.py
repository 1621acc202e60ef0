"""`karmactl interpret`: one operation on one object, from files alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from karmactl.cli.app import run

_DATABASE = """\
apiVersion: db.example.io/v1
kind: Database
metadata: {name: orders, namespace: shop}
spec: {members: 3}
"""
_CUSTOMIZATION = """\
apiVersion: config.karmada.io/v1alpha1
kind: ResourceInterpreterCustomization
metadata: {name: databases}
spec:
  target: {apiVersion: db.example.io/v1, kind: Database}
  customizations:
    replicaResource:
      luaScript: |
        function GetReplicas(obj)
          return obj.spec.members, nil
        end
    replicaRevision:
      luaScript: |
        function ReviseReplica(obj, n)
          obj.spec.members = n
          return obj
        end
    healthInterpretation:
      luaScript: |
        function InterpretHealth(obj)
          while true do end
        end
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an object and a customization of its kind, as the working folder."""
    (tmp_path / "database.yaml").write_text(_DATABASE)
    (tmp_path / "rules.yaml").write_text(_CUSTOMIZATION)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _interpret(*arguments: str) -> int:
    return run(["interpret", "-f", "database.yaml", *arguments])


@pytest.mark.usefixtures("files")
def test_a_customization_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert _interpret("-f", "rules.yaml", "--operation", "InterpretReplica") == 0
    assert "replica: 3" in capsys.readouterr().out
    assert _interpret("-f", "rules.yaml", "--operation", "revisereplica", "--desired", "5") == 0
    assert "members: 5" in capsys.readouterr().out


@pytest.mark.usefixtures("files")
def test_no_answer_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert _interpret("--operation", "InterpretReplica") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nothing answers InterpretReplica for db.example.io/v1 Database" in captured.err


@pytest.mark.usefixtures("files")
def test_a_script_without_end_is_stopped_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert _interpret("-f", "rules.yaml", "--operation", "InterpretHealth") == 2
    # The place is that of the line in the file, the number behind the script's name that in the script.
    assert "rules.yaml:21:1: error: lua-stopped: script databases/healthInterpretation:2: " in capsys.readouterr().err


def test_files_can_be_named_without_a_flag(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        run(["interpret", str(files / "database.yaml"), str(files / "rules.yaml"), "--operation", "InterpretReplica"])
        == 0
    )
    assert "replica: 3" in capsys.readouterr().out


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--operation", "Guess"), "bad-usage"),
        (("-f", "rules.yaml", "-f", "missing.yaml", "--operation", "InterpretReplica"), "input-not-found"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _interpret(*arguments) == 2
    assert f"error: {code}:" in capsys.readouterr().err
