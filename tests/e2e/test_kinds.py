"""Every kind, once applied, differs in nothing: on emulated and on real members, however awkwardly it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from karmactl.core.model.manifest import field
from tests.e2e.fleet import Fleet, writes_of

KINDS = Path(__file__).parent / "kinds"
# Kinds that nobody deploys from files, each with why.
NOT_DEPLOYED = {
    "Event": "written by controllers and gone after an hour; Karmada does not propagate it",
    "Node": "made by kubelets",
    "CSINode": "made by kubelets",
    "ResourceSlice": "made by drivers of devices",
    "VolumeAttachment": "made by the controller that attaches volumes",
    "CertificateSigningRequest": "holds a key's request, and is signed once",
    "APIService": "makes a server ask another one for a group, and with that discovery fail",
}


def documents() -> list[dict[str, Any]]:
    """All objects of the folder."""
    found = [
        document
        for path in sorted(KINDS.glob("*.yaml"))
        if path.name != "policies.yaml"
        for document in yaml.safe_load_all(path.read_text())
    ]
    assert all(found)
    return found


def policies() -> str:
    """A policy for all of them, in one member."""
    selectors = sorted({(item["apiVersion"], item["kind"]) for item in documents()} - {("v1", "Namespace")})
    text = ", ".join(f"{{apiVersion: {version}, kind: {kind}}}" for version, kind in selectors)
    return (KINDS / "policies.yaml").read_text().replace("SELECTORS", f"[{text}]")


def test_all_kinds_that_a_server_has_are_tried(fleet: Fleet) -> None:
    served = fleet.ask("member1", lambda client: client.discover()).kinds
    wanted = {entry.kind for entry in served if {"create", "patch", "get"} <= set(entry.verbs)} - set(NOT_DEPLOYED)
    assert wanted - {item["kind"] for item in documents()} == set()


def test_a_diff_after_an_apply_is_empty_for_every_kind(any_fleet: Fleet) -> None:
    for path in sorted(KINDS.glob("*.yaml")):
        if path.name != "policies.yaml":
            any_fleet.write(path.name, path.read_text())
    any_fleet.write("policies.yaml", policies())
    any_fleet.settle("kinds")
    first = any_fleet.run("apply", "--no-wait", "--verbose")
    assert first.status == 0, first.out + first.err
    placed = writes_of(first)["APPLY"]
    assert placed == len(documents())

    diff = any_fleet.run("diff")
    assert (diff.status, diff.out) == (0, ""), diff.out + diff.err
    again = any_fleet.run("apply", "--no-wait", "--verbose")
    assert again.status == 0, again.err
    assert writes_of(again) == {}
    # Nothing but LISTs: the digests say it, without a dry run.
    assert sum(counts.get("DRY_RUN", 0) for counts in again.requests().values()) == 0

    status = any_fleet.run("status", "-o", "json").document
    assert (status["drift"], status["orphans"]) == ([], [])
    plan = any_fleet.run("plan", "-o", "json").document
    assert field(plan, "summary", "changes") == {}
    deleted = any_fleet.run(
        "delete",
        "-y",
        "--no-wait",
        *(f"--allow-delete={kind}" for kind in ("CustomResourceDefinition", "Namespace", "PersistentVolumeClaim")),
    )
    assert deleted.status in (0, 3), deleted.out + deleted.err
