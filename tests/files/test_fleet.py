"""Members out of karmactl.yaml, Cluster files and flags, merged fact by fact."""

from __future__ import annotations

from pathlib import Path

import pytest

from karmactl.core.model.cluster import Taint
from karmactl.core.model.fleet import Member
from karmactl.errors import InputError, UsageError
from karmactl.files import read_inputs
from karmactl.files.fleet import declare_fleet
from karmactl.files.settings import read_settings

CLUSTER = """\
apiVersion: cluster.karmada.io/v1alpha1
kind: Cluster
metadata:
  name: eu-1
  labels: {tier: prod, team: a}
spec:
  provider: acme
  zones: [b, a]
  resourceModels: [{grade: 0, ranges: [{name: cpu, min: "0", max: "1"}]}]
"""


def _fleet(
    folder: Path, settings: str = "", clusters: str = "", contexts: dict[str, str] | None = None
) -> tuple[Member, ...]:
    (folder / "karmactl.yaml").write_text(settings, encoding="utf-8")
    (folder / "clusters.yaml").write_text(clusters, encoding="utf-8")
    inputs = read_inputs(["clusters.yaml"], base=folder)
    file = read_settings(folder / "karmactl.yaml", name="karmactl.yaml") if settings else None
    return declare_fleet(file, inputs.clusters, inputs.cluster_facts, contexts)


def test_members_of_settings(tmp_path: Path) -> None:
    text = "clusters:\n- {name: us-1}\n"
    text += "- {name: eu-1, context: prod, region: eu, zone: z, taints: [{key: k, effect: NoExecute}]}\n"
    eu, us = _fleet(tmp_path, text)
    assert (eu.name, eu.context, us.name, us.context) == ("eu-1", "prod", "us-1", "us-1")
    assert (eu.cluster.region, eu.cluster.zones, eu.cluster.sync_mode) == ("eu", ("z",), "Push")
    assert eu.cluster.taints == (Taint(key="k", effect="NoExecute"),)
    assert {fact: str(place) for fact, place in eu.facts.items()} == {
        "region": "karmactl.yaml:3:39",
        "zones": "karmactl.yaml:3:49",
        "taints": "karmactl.yaml:3:60",
    }
    assert str(eu.location) == "karmactl.yaml:3:3"
    assert us.facts == {}


def test_members_of_cluster_files_are_reached_by_their_name(tmp_path: Path) -> None:
    (member,) = _fleet(tmp_path, clusters=CLUSTER)
    assert (member.name, member.context, member.cluster.provider) == ("eu-1", "eu-1", "acme")
    assert sorted(member.facts) == ["labels/team", "labels/tier", "provider", "zones"]
    assert str(member.facts["labels/team"]) == "clusters.yaml:5:30"


def test_facts_of_two_files_are_joined(tmp_path: Path) -> None:
    text = (
        "clusters: [{name: eu-1, context: prod, region: eu, zones: [a, b], labels: {tier: prod, x: z}, syncMode: Pull}]"
    )
    (member,) = _fleet(tmp_path, text, CLUSTER)
    cluster = member.cluster
    assert member.context == "prod"
    assert (cluster.region, cluster.provider, cluster.sync_mode) == ("eu", "acme", "Pull")
    assert cluster.labels == {"tier": "prod", "team": "a", "x": "z"}
    assert len(cluster.resource_models) == 1
    assert member.facts["zones"].file == "karmactl.yaml"
    assert member.facts["provider"].file == "clusters.yaml"


def test_a_fact_written_differently_names_both_places(tmp_path: Path) -> None:
    text = "clusters:\n- {name: eu-1, provider: other, zones: [a, c], labels: {tier: test}}\n"
    with pytest.raises(ExceptionGroup) as caught:
        _fleet(tmp_path, text, CLUSTER)
    faults = [fault for fault in caught.value.exceptions if isinstance(fault, InputError)]
    assert {fault.code for fault in faults} == {"cluster-fact-twice"}
    assert [f"{fault.location} {fault.message}" for fault in faults] == [
        "karmactl.yaml:2:26 provider of the cluster 'eu-1' is 'other' here, and 'acme' in clusters.yaml:7:13",
        "karmactl.yaml:2:40 zones of the cluster 'eu-1' is a, c here, and a, b in clusters.yaml:8:10",
        "karmactl.yaml:2:63 labels/tier of the cluster 'eu-1' is 'test' here, and 'prod' in clusters.yaml:5:18",
    ]


def test_contexts_are_the_fleet_where_no_file_is() -> None:
    members = declare_fleet(None, contexts={"b": "ctx-b", "a": "ctx-a"})
    assert [(member.name, member.context, member.location) for member in members] == [
        ("a", "ctx-a", None),
        ("b", "ctx-b", None),
    ]


def test_contexts_choose_among_members_of_files(tmp_path: Path) -> None:
    text = "clusters: [{name: a, context: one}, {name: b, context: two}, {name: c, context: three}]"
    chosen = _fleet(tmp_path, text, contexts={"two": "two", "a": "mine"})
    assert [(member.name, member.context) for member in chosen] == [("a", "mine"), ("b", "two")]


def test_a_context_that_is_no_member(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        _fleet(tmp_path, "clusters: [{name: a}, {name: b}]", contexts={"x": "y"})
    assert (caught.value.code, caught.value.hint) == ("context-not-in-fleet", "members: a, b")


def test_one_context_for_two_members(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        _fleet(tmp_path, "clusters: [{name: a, context: x}, {name: b, context: x}]")
    (fault,) = caught.value.exceptions
    assert isinstance(fault, InputError)
    assert (fault.code, str(fault.location)) == ("context-twice", "karmactl.yaml:1:35")


def test_no_members_at_all() -> None:
    assert declare_fleet(None) == ()
