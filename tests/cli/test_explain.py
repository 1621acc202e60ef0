"""`karmactl explain`: fields of policies and error codes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from karmactl.cli.explain import error_texts
from karmactl.core.schema import KINDS, SchemaField
from karmactl.render.field_texts import FIELD_TEXTS
from tests.cli.conftest import Karmactl


def _all_fields(field: SchemaField) -> Iterator[tuple[str, str]]:
    yield field.owner, field.name
    for inner in field.below:
        yield from _all_fields(inner)


def test_every_field_has_a_text_and_every_text_a_field() -> None:
    fields = {found for kind in KINDS.values() for found in _all_fields(kind.root)}
    texts = {(owner, name) for owner, by_name in FIELD_TEXTS.items() for name in by_name}
    assert fields == texts


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        ("propagationpolicy", "  spec  <PropagationSpec>"),
        ("PropagationPolicies.spec.placement", "  clusterAffinities  <[]ClusterAffinityTerm>"),
        ("cpp.spec.placement.spreadConstraints", "  maxGroups  <integer>"),
        ("op.spec.overrideRules[].overriders.plaintext", "  value  <any>"),
        ("pp.spec.failover.application.statePreservation.rules", "  jsonPath  <string>"),
        ("pp.spec.priority", "The policy with the highest number claims"),
        ("cluster.spec.taints", "  timeAdded  <string>"),
        ("NoClusterFit", "No cluster fits the template"),
        ("identity-changed", "identity-changed"),
    ],
)
def test_fields_and_codes_are_explained(what: str, shown: str, karmactl: Karmactl) -> None:
    ran = karmactl("explain", what)
    assert (ran.status, ran.err) == (0, "")
    assert shown in ran.out


def test_all_that_lies_below_is_shown_when_asked_for(karmactl: Karmactl) -> None:
    ran = karmactl("explain", "propagationpolicy", "--recursive")
    assert "          matchExpressions  <[]SelectorRequirement>" in ran.out
    assert "            operator  <string>" in ran.out


@pytest.mark.parametrize(
    ("what", "code", "hint"),
    [
        ("pp.spec.placment", "unknown-field", "did you mean 'placement'?"),
        ("pp.spec.placement.zzz", "unknown-field", "known here: clusterAffinity, clusterAffinities"),
        ("pp.spec.priority.below", "unknown-field", ""),
        ("propagatonpolicy.spec", "unknown-topic", "did you mean propagationpolicy?"),
        ("NoClusterFits", "unknown-topic", "did you mean NoClusterFit?"),
        ("deployment.spec", "unknown-topic", "kinds: propagationpolicy"),
    ],
)
def test_what_there_is_not_names_what_there_is(what: str, code: str, hint: str, karmactl: Karmactl) -> None:
    ran = karmactl("explain", what)
    assert ran.status == 2
    assert f"error: {code}:" in ran.err
    assert hint in ran.err


def test_no_code_is_without_a_text() -> None:
    texts = error_texts()
    assert len(texts) > 100
    assert not [code for code, (section, paragraphs) in texts.items() if not section or not paragraphs]
